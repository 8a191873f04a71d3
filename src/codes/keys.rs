//! GS1 keys that hold two things: a number with its check digit, and a serial behind it.

/// The key proper and the serial behind it, of a document (AI 253), a coupon (255) or a returnable asset (8003);
/// `None` for other AIs, or a value too short to hold the key. A returnable asset's leading zero, which fills it
/// up to 14 digits, is left out (GS1 General Specifications, section 3.9.3).
pub fn key_and_serial<'a>(ai: &str, value: &'a str) -> Option<(&'a str, Option<&'a str>)> {
    let value = match ai {
        "253" | "255" => value,
        "8003" => value.strip_prefix('0')?,
        _ => return None,
    };
    const KEY_DIGITS: usize = 13;
    let (key, serial) = value.split_at_checked(KEY_DIGITS)?;
    Some((key, Some(serial).filter(|serial| !serial.is_empty())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_serial_stands_behind_the_key() {
        assert_eq!(
            key_and_serial("8003", "09521234543213A-7"),
            Some(("9521234543213", Some("A-7")))
        );
        assert_eq!(
            key_and_serial("8003", "09521234543213"),
            Some(("9521234543213", None))
        );
        assert_eq!(
            key_and_serial("253", "9521234543213X"),
            Some(("9521234543213", Some("X")))
        );
        assert_eq!(key_and_serial("8003", "19521234543213"), None);
        assert_eq!(key_and_serial("253", "952"), None);
        assert_eq!(key_and_serial("01", "09521234543213"), None);
    }
}
