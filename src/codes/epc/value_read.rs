//! Reading the value of one application identifier in the forms of the second generation.

use super::bits::BitReader;
use super::decimal::{read_digits, read_digits_of};
use super::encoding::Encoding;
use super::fault::{Fault, Reason};
use super::value::{DATE, END, TEXT_FOLLOWS, check, time_widths};
use super::value_table::{Form, forms};
use crate::ai::Ai;
use crate::fault::FaultCode;

/// Reads the value of an identifier and checks it by the identifier's own rules.
pub(super) fn read(ai: Ai, bits: &mut BitReader<'_>) -> Result<String, Fault> {
    let at = bits.at();
    let forms = forms(ai).ok_or(Fault::at(at, Reason::UnknownAi).of(ai))?;
    let mut value = String::new();
    for form in forms {
        form.read(bits, &mut value).map_err(|fault| fault.of(ai))?;
    }
    match check(ai, &value) {
        // Tags whose pieces are out of order are read, and told with a warning.
        Ok(()) | Err(Reason::Field(FaultCode::PieceOfTotal)) => Ok(value),
        Err(reason) => Err(Fault::at(at, reason).of(ai)),
    }
}

/// Reads a single date of an identifier and checks it: the date field of DSGTIN schemes.
pub(super) fn read_date(ai: Ai, bits: &mut BitReader<'_>) -> Result<String, Fault> {
    let at = bits.at();
    let mut value = String::new();
    read_pairs(bits, &DATE, &mut value).map_err(|fault| fault.of(ai))?;
    check(ai, &value).map_err(|reason| Fault::at(at, reason).of(ai))?;
    Ok(value)
}

impl Form {
    /// Reads this part of a value and appends it to `out`.
    fn read(self, bits: &mut BitReader<'_>, out: &mut String) -> Result<(), Fault> {
        match self {
            Self::Bcd(digits) => (0..digits).try_for_each(|_| read_nibble(bits, out)),
            Self::Number { digits, bits: width } => {
                read_digits_of(bits, usize::from(digits), usize::from(width), out)
            }
            Self::Text {
                count_bits,
                chars_max,
            } => read_text(bits, count_bits, usize::from(chars_max), out),
            Self::Counted {
                count_bits,
                digits_max,
            } => {
                let digits = read_count(bits, count_bits, usize::from(digits_max))?;
                read_digits(bits, digits, out)
            }
            Self::Delimited {
                count_bits,
                chars_max,
            } => read_delimited(bits, count_bits, usize::from(chars_max), out),
            Self::Date => read_pairs(bits, &DATE, out),
            Self::DateTime => {
                read_pairs(bits, &DATE, out)?;
                read_pairs(bits, &[5, 6], out)
            }
            Self::DateRange => {
                let dates = bits.read(1)? + 1;
                (0..dates).try_for_each(|_| read_pairs(bits, &DATE, out))
            }
            Self::DateAndTime => {
                let extent = bits.read(2)? as usize;
                read_pairs(bits, &DATE, out)?;
                read_pairs(bits, time_widths(extent), out)
            }
            Self::Letters => (0..2).try_for_each(|_| {
                let fault = Fault::at(bits.at(), Reason::Charset("country"));
                let code = bits.read(6)? as u8;
                out.push(char::from(if code < 26 {
                    b'A' + code
                } else {
                    return Err(fault);
                }));
                Ok(())
            }),
            Self::Flag => read_digits_of(bits, 1, 1, out),
            Self::Minus => {
                if bits.read(1)? == 1 {
                    out.push('-');
                }
                Ok(())
            }
            Self::Sequence => {
                read_nibble(bits, out)?;
                out.push('/');
                read_nibble(bits, out)
            }
        }
    }
}

fn read_nibble(bits: &mut BitReader<'_>, out: &mut String) -> Result<(), Fault> {
    let at = bits.at();
    let digit = bits.read(4)? as u8;
    if digit > 9 {
        return Err(Fault::at(at, Reason::Digit));
    }
    out.push(char::from(b'0' + digit));
    Ok(())
}

fn read_count(bits: &mut BitReader<'_>, width: u8, max: usize) -> Result<usize, Fault> {
    let at = bits.at();
    let count = bits.read(usize::from(width))? as usize;
    if count > max {
        Err(Fault::at(at, Reason::TextTooLong("value")))
    } else {
        Ok(count)
    }
}

fn read_text(bits: &mut BitReader<'_>, count_bits: u8, max: usize, out: &mut String) -> Result<(), Fault> {
    let at = bits.at();
    let indicator = bits.read(3)?;
    let encoding =
        Encoding::of_indicator(indicator).ok_or(Fault::at(at, Reason::Indicator(indicator as u8)))?;
    let count = read_count(bits, count_bits, max)?;
    encoding.read(bits, count, out)
}

fn read_delimited(
    bits: &mut BitReader<'_>,
    count_bits: u8,
    max: usize,
    out: &mut String,
) -> Result<(), Fault> {
    let mut digits = 0;
    loop {
        let at = bits.at();
        match bits.read(4)? {
            END => return Ok(()),
            TEXT_FOLLOWS => return read_text(bits, count_bits, max - digits, out),
            digit if digit > 9 => return Err(Fault::at(at, Reason::Digit)),
            _ if digits == max => return Err(Fault::at(at, Reason::TextTooLong("value"))),
            digit => out.push(char::from(b'0' + digit as u8)),
        }
        digits += 1;
    }
}

/// Numbers of two digits, one of each width.
fn read_pairs(bits: &mut BitReader<'_>, widths: &[usize], out: &mut String) -> Result<(), Fault> {
    widths.iter().try_for_each(|&width| {
        let at = bits.at();
        read_digits_of(bits, 2, width, out).map_err(|fault| match fault.reason {
            Reason::Range(_) => Fault::at(at, Reason::Date),
            _ => fault,
        })
    })
}
