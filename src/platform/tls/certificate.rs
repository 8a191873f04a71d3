//! What is read of a certificate (RFC 5280, 4.1) to pin it: its public key and how long it is valid. Everything else is
//! rustls' affair.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::device_key::{from_hex, to_hex};

/// Bytes of a pin.
const PIN_BYTES: usize = 32;

/// The SHA-256 of a certificate's public key (its SubjectPublicKeyInfo): whoever has another key is somebody else,
/// whatever their certificate says. The same as in `curl --pinnedpubkey sha256//…`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pin([u8; PIN_BYTES]);

/// A text that is no pin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no SHA-256 of a public key: 64 hexadecimal digits, or 44 characters of base64. `tallyman hub \
     --make-certificate` prints it"
)]
pub struct PinError(String);

impl Pin {
    /// The pin of a public key in DER.
    fn of(public_key: &[u8]) -> Self {
        let digest = ring::digest::digest(&ring::digest::SHA256, public_key);
        let mut bytes = [0; PIN_BYTES];
        bytes
            .iter_mut()
            .zip(digest.as_ref())
            .for_each(|(byte, of)| *byte = *of);
        Self(bytes)
    }

    /// From the bytes of the hash.
    pub const fn from_bytes(bytes: [u8; PIN_BYTES]) -> Self {
        Self(bytes)
    }

    /// The bytes of the hash.
    pub const fn as_bytes(&self) -> &[u8; PIN_BYTES] {
        &self.0
    }
}

impl fmt::Display for Pin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&to_hex(&self.0))
    }
}

impl FromStr for Pin {
    type Err = PinError;

    fn from_str(text: &str) -> Result<Self, PinError> {
        let plain = text.trim();
        let plain = plain.strip_prefix("sha256/").unwrap_or(plain);
        let plain = plain.strip_prefix('/').unwrap_or(plain);
        let digits: String = plain.chars().filter(|character| *character != ':').collect();
        from_hex(&digits.to_ascii_lowercase())
            .or_else(|| from_base64(plain))
            .map(Self)
            .ok_or_else(|| PinError(text.chars().take(100).collect()))
    }
}

/// 32 bytes of base64 (RFC 4648, 4), with its padding.
fn from_base64(text: &str) -> Option<[u8; PIN_BYTES]> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let characters = text.strip_suffix('=')?;
    let mut bytes = Vec::with_capacity(PIN_BYTES);
    let (mut held, mut bits) = (0_u32, 0);
    for character in characters.bytes() {
        let value = ALPHABET.iter().position(|known| *known == character)?;
        held = (held << 6 | u32::try_from(value).ok()?) & 0xFFF;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 0xFF).ok()?);
        }
    }
    // What is left of the last character are zeros.
    let rest_is_zero = held & ((1 << bits) - 1) == 0;
    bytes
        .try_into()
        .ok()
        .filter(|_| rest_is_zero && characters.len() == 43)
}

/// What was read of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Certificate {
    /// The pin of its public key.
    pub pin: Pin,
    /// From when it is valid.
    pub not_before: Timestamp,
    /// Until when.
    pub not_after: Timestamp,
}

impl Certificate {
    /// Reads a certificate in DER; `None` where it is none.
    pub fn read(der: &[u8]) -> Option<Self> {
        let (certificate, _) = element(der, SEQUENCE)?;
        let (mut rest, _) =
            element(certificate.content, SEQUENCE).map(|(signed, rest)| (signed.content, rest))?;
        // The version, where it is not the first.
        if let Some((_, after)) = element(rest, VERSION) {
            rest = after;
        }
        let (_serial, rest) = element(rest, INTEGER)?;
        let (_algorithm, rest) = element(rest, SEQUENCE)?;
        let (_issuer, rest) = element(rest, SEQUENCE)?;
        let (validity, rest) = element(rest, SEQUENCE)?;
        let (_subject, rest) = element(rest, SEQUENCE)?;
        let (public_key, _) = element(rest, SEQUENCE)?;
        let (not_before, after) = moment(validity.content)?;
        let (not_after, _) = moment(after)?;
        Some(Self {
            pin: Pin::of(public_key.whole),
            not_before,
            not_after,
        })
    }
}

const INTEGER: u8 = 0x02;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xA0;

/// An element of DER (X.690).
struct Element<'a> {
    whole: &'a [u8],
    content: &'a [u8],
}

/// The next element, which has this tag, and what comes after it.
fn element(bytes: &[u8], tag: u8) -> Option<(Element<'_>, &[u8])> {
    let (first, after_tag) = bytes.split_first()?;
    if *first != tag {
        return None;
    }
    let (length, header) = match after_tag.split_first()? {
        (short @ 0..=0x7F, _) => (usize::from(*short), 2),
        (long, digits) => {
            let count = usize::from(long & 0x7F);
            if !(1..=4).contains(&count) {
                return None;
            }
            let digits = digits.get(..count)?;
            let length = digits
                .iter()
                .fold(0, |length, digit| length << 8 | usize::from(*digit));
            (length, 2 + count)
        }
    };
    let end = header.checked_add(length)?;
    let element = Element {
        whole: bytes.get(..end)?,
        content: bytes.get(header..end)?,
    };
    Some((element, bytes.get(end..)?))
}

/// The next element as a moment: UTCTime with its two digits for the year (RFC 5280, 4.1.2.5.1), or GeneralizedTime.
fn moment(bytes: &[u8]) -> Option<(Timestamp, &[u8])> {
    let (text, century, rest) = match element(bytes, UTC_TIME) {
        Some((element, rest)) => (element.content, true, rest),
        None => element(bytes, GENERALIZED_TIME).map(|(element, rest)| (element.content, false, rest))?,
    };
    let digits = text.strip_suffix(b"Z")?;
    if !digits.iter().all(u8::is_ascii_digit) || digits.len() != if century { 12 } else { 14 } {
        return None;
    }
    let number = |from: usize, to: usize| -> Option<i16> {
        let part = digits.get(from..to)?;
        Some(
            part.iter()
                .fold(0, |number, digit| number * 10 + i16::from(digit - b'0')),
        )
    };
    let (year, at) = if century {
        let year = number(0, 2)?;
        (if year < 50 { 2_000 + year } else { 1_900 + year }, 2)
    } else {
        (number(0, 4)?, 4)
    };
    let part =
        |index: usize| number(at + 2 * index, at + 2 * index + 2).and_then(|part| i8::try_from(part).ok());
    let when = DateTime::new(year, part(0)?, part(1)?, part(2)?, part(3)?, part(4)?, 0).ok()?;
    // The last day of 9999 means "no end" (RFC 5280, 4.1.2.5), and is later than any timestamp.
    let when = when
        .to_zoned(TimeZone::UTC)
        .map_or(Timestamp::MAX, |when| when.timestamp());
    Some((when, rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn certificate(from: i32, to: i32) -> (Vec<u8>, Vec<u8>) {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(vec!["hub.example".to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(from, 2, 28);
        params.not_after = rcgen::date_time_ymd(to, 12, 31);
        let der = params.self_signed(&key).unwrap().der().to_vec();
        (der, rcgen::PublicKeyData::subject_public_key_info(&key))
    }

    #[test]
    fn the_key_and_the_dates_are_read() {
        // UTCTime ends with 2049.
        for (from, to) in [(1975, 2026), (2026, 2049), (2026, 2050), (2051, 9998)] {
            let (der, public_key) = certificate(from, to);
            let read = Certificate::read(&der).unwrap();
            assert_eq!(read.pin, Pin::of(&public_key));
            assert_eq!(read.not_before.to_string(), format!("{from}-02-28T00:00:00Z"));
            assert_eq!(read.not_after.to_string(), format!("{to}-12-31T00:00:00Z"));
        }
    }

    #[test]
    fn a_certificate_without_an_end_has_none() {
        let (der, _) = certificate(2026, 9999);
        assert_eq!(Certificate::read(&der).unwrap().not_after, Timestamp::MAX);
    }

    #[test]
    fn a_pin_is_written_in_hexadecimal_or_base64() {
        // SHA-256 of nothing, by RFC 6234's test and by `openssl dgst -sha256 -binary | base64`.
        let hex = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let base64 = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
        let pin = Pin::of(b"");
        assert_eq!(pin.to_string(), hex);
        let colons: String = hex
            .as_bytes()
            .chunks(2)
            .map(|pair| String::from_utf8_lossy(pair).into_owned())
            .collect::<Vec<_>>()
            .join(":");
        for text in [
            hex.to_owned(),
            hex.to_uppercase(),
            colons,
            base64.to_owned(),
            format!(" {base64}\n"),
            format!("sha256/{base64}"),
            format!("sha256//{base64}"),
        ] {
            assert_eq!(text.parse(), Ok(pin), "{text}");
        }
        for text in [
            "",
            "00",
            &hex[1..],
            &base64[1..],
            "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=",
        ] {
            assert!(
                text.parse::<Pin>().unwrap_err().to_string().contains("SHA-256"),
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in any::<Vec<u8>>(), place in any::<usize>(), bit in 0_u8..8) {
            let _ = Certificate::read(&bytes);
            let (mut der, _) = certificate(2026, 2046);
            let place = place % der.len();
            der[place] ^= 1 << bit;
            let _ = Certificate::read(&der);
            der.truncate(place);
            prop_assert_eq!(Certificate::read(&der), None);
        }
    }
}
