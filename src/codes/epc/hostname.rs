//! The host name that a tag of a `++` scheme carries, so that its Digital Link leads to the brand's own pages
//! (EPC Tag Data Standard 2.3).
//!
//! One bit tells the way, six bits the number of units, then come the units: characters of URN Code 40, or codes
//! of seven bits of which some stand for whole parts as `.com`.

use super::bits::{BitReader, BitWriter};
use super::encoding::{code40_of, is_plain, read_code40, write_code40};
use super::fault::{Fault, Reason};
use super::hostname_table::{LISTS, PARTS};

/// The most units the six bits count.
const UNITS_MAX: usize = 63;

/// Reads a host name.
pub(super) fn read(bits: &mut BitReader<'_>) -> Result<String, Fault> {
    let at = bits.at();
    let coded = bits.read(1)? == 1;
    let units = bits.read(6)? as usize;
    let mut name = String::new();
    if coded {
        read_coded(bits, units, &mut name)?;
    } else {
        read_code40(bits, units, &mut name)?;
        name.make_ascii_lowercase();
    }
    if name.is_empty() {
        Err(Fault::at(at, Reason::NoText("host name")))
    } else {
        Ok(name)
    }
}

fn read_coded(bits: &mut BitReader<'_>, units: usize, name: &mut String) -> Result<(), Fault> {
    let mut left = units;
    while left > 0 {
        let fault = Fault::at(bits.at(), Reason::Host);
        let code = bits.read(7)? as u8;
        left -= 1;
        if let Some(list) = LISTS.get(usize::from(code)) {
            left = left.checked_sub(1).ok_or(fault)?;
            name.push_str(list.get(bits.read(7)? as usize).ok_or(fault)?);
        } else if let Some((_, part)) = PARTS.iter().find(|(other, _)| *other == code) {
            name.push_str(part);
        } else if is_plain(code) {
            name.push(char::from(code));
        } else {
            return Err(fault);
        }
    }
    Ok(())
}

/// Writes a host name in the way that takes fewer bits. Letters are written small, as host names have no case.
pub(super) fn write(name: &str, bits: &mut BitWriter) -> Result<(), Reason> {
    let name = name.to_ascii_lowercase();
    if name.is_empty()
        || !name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-.:".contains(&byte))
    {
        return Err(Reason::Host);
    }
    let upper = name.to_ascii_uppercase();
    let codes = shortest_codes(&name);
    let code40 = name.len() <= UNITS_MAX && upper.bytes().all(|byte| code40_of(byte).is_some());
    if code40 && 16 * name.len().div_ceil(3) <= 7 * codes.len() {
        bits.write(0, 1);
        bits.write(name.len() as u64, 6);
        write_code40(&upper, bits);
        return Ok(());
    }
    if codes.len() > UNITS_MAX {
        return Err(Reason::Host);
    }
    bits.write(1, 1);
    bits.write(codes.len() as u64, 6);
    codes.iter().for_each(|&code| bits.write(u64::from(code), 7));
    Ok(())
}

/// The fewest codes that spell a name, found from its end: what is shortest behind each place is known before.
fn shortest_codes(name: &str) -> Vec<u8> {
    let mut behind: Vec<Vec<u8>> = vec![Vec::new(); name.len() + 1];
    for place in (0..name.len()).rev() {
        let rest = name.get(place..).unwrap_or_default();
        let spelled = |codes: &[u8], length: usize| {
            let mut all = codes.to_vec();
            all.extend_from_slice(behind.get(place + length).map_or(&[], Vec::as_slice));
            all
        };
        let character = rest.bytes().next().map(|byte| spelled(&[byte], 1));
        let parts = PARTS.iter().filter(|(_, part)| rest.starts_with(part));
        let parts = parts.map(|(code, part)| spelled(&[*code], part.len()));
        let listed = LISTS.iter().zip(0u8..).flat_map(|(list, code)| {
            list.iter()
                .zip(0u8..)
                .filter(|(part, _)| rest.starts_with(**part))
                .map(move |(part, place)| (code, place, part))
        });
        let listed = listed.map(|(code, place, part)| spelled(&[code, place], part.len()));
        let best = character
            .into_iter()
            .chain(parts)
            .chain(listed)
            .min_by_key(Vec::len);
        if let (Some(slot), Some(best)) = (behind.get_mut(place), best) {
            *slot = best;
        }
    }
    behind.swap_remove(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(name: &str) -> Result<(usize, Vec<u8>), Reason> {
        let mut writer = BitWriter::default();
        write(name, &mut writer)?;
        Ok((writer.bits(), writer.into_bytes()))
    }

    fn back(bits: usize, bytes: &[u8]) -> String {
        let mut reader = BitReader::new(bytes, bits);
        let name = read(&mut reader).unwrap();
        assert_eq!(reader.left(), 0);
        name
    }

    #[test]
    fn parts_of_names_take_one_or_two_codes() {
        // id. example .com is nine codes; Code 40 would take five times sixteen bits.
        let (bits, bytes) = written("ID.example.com").unwrap();
        assert_eq!(bits, 7 + 9 * 7);
        assert_eq!(back(bits, &bytes), "id.example.com");
        let (bits, _) = written("a.co.uk").unwrap();
        assert_eq!(bits, 7 + 3 * 7);
        // Code 40 is shorter for names without known parts.
        let (bits, bytes) = written("warehouse.example").unwrap();
        assert_eq!(bits, 7 + 6 * 16);
        assert_eq!(back(bits, &bytes), "warehouse.example");
    }

    #[test]
    fn names_that_cannot_be_written_are_refused() {
        assert_eq!(written(""), Err(Reason::Host));
        assert_eq!(written("a b"), Err(Reason::Host));
        assert_eq!(written("ä.example"), Err(Reason::Host));
        assert_eq!(written(&"x".repeat(64)), Err(Reason::Host));
    }

    #[test]
    fn codes_without_a_meaning_are_refused() {
        let read_codes = |codes: &[u8]| {
            let mut writer = BitWriter::default();
            writer.write(1, 1);
            writer.write(codes.len() as u64, 6);
            codes.iter().for_each(|&code| writer.write(u64::from(code), 7));
            let (bits, bytes) = (writer.bits(), writer.into_bytes());
            read(&mut BitReader::new(&bytes, bits)).map_err(|fault| fault.reason)
        };
        assert_eq!(read_codes(b"a"), Ok("a".to_owned()));
        assert_eq!(read_codes(&[b'a', 3, 0]), Ok("a.tech".to_owned()));
        assert_eq!(read_codes(&[3, 1]), Err(Reason::Host));
        assert_eq!(read_codes(&[b'a', 3]), Err(Reason::Host));
        assert_eq!(read_codes(&[4]), Err(Reason::Host));
        assert_eq!(read_codes(&[]), Err(Reason::NoText("host name")));
    }

    proptest! {
        #[test]
        fn host_names_come_back(name in "[a-z0-9-]{1,12}(\\.[a-z0-9-]{1,9}){0,3}(\\.com|\\.co\\.uk|\\.tech|\\.de)?") {
            let (bits, bytes) = written(&name).unwrap();
            prop_assert_eq!(back(bits, &bytes), name);
        }
    }
}
