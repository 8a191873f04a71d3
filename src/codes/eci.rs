//! Character sets that a symbol names within its message: extended channel interpretations (AIM ITS/04-001).
//!
//! A scanner that hands them on says so by the symbology identifier, sends `\` and six digits for a change of
//! character set, and doubles every other `\`.

/// UTF-8.
const UTF_8: u32 = 26;

/// The message as text: Latin-1 until it names another set, UTF-8 where it names that. Sets that no table has
/// here are read as Latin-1, so that no character is lost.
pub(crate) fn text(message: &[u8]) -> String {
    let (mut text, mut segment, mut set, mut rest) = (String::new(), Vec::new(), 3, message);
    while let Some((&byte, behind)) = rest.split_first() {
        rest = behind;
        if byte != b'\\' {
            segment.push(byte);
        } else if let Some(doubled) = behind.strip_prefix(b"\\") {
            segment.push(byte);
            rest = doubled;
        } else if let Some((number, behind)) = designator(behind) {
            push(&mut text, &segment, set);
            segment.clear();
            (set, rest) = (number, behind);
        } else {
            segment.push(byte);
        }
    }
    push(&mut text, &segment, set);
    text
}

/// The number of an interpretation, and what follows it.
fn designator(message: &[u8]) -> Option<(u32, &[u8])> {
    let (digits, behind) = message.split_at_checked(6)?;
    let number = digits.iter().try_fold(0, |number, digit| {
        digit
            .is_ascii_digit()
            .then(|| number * 10 + u32::from(digit - b'0'))
    });
    Some((number?, behind))
}

fn push(text: &mut String, segment: &[u8], set: u32) {
    match std::str::from_utf8(segment) {
        Ok(segment) if set == UTF_8 => text.push_str(segment),
        _ => text.extend(segment.iter().map(|&byte| char::from(byte))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn designators_change_the_character_set() {
        assert_eq!(text(b"\xE9"), "\u{e9}");
        assert_eq!(text("\\000026\u{e9}".as_bytes()), "\u{e9}");
        assert_eq!(text(b"a\\\\b"), "a\\b");
        assert_eq!(text(b"\xE9\\000026\xC3\xA9\\000003\xE9"), "\u{e9}\u{e9}\u{e9}");
        assert_eq!(text(b"\\000026\xE9"), "\u{e9}");
        assert_eq!(text(b"\\00002"), "\\00002");
        assert_eq!(text(b"\\"), "\\");
        assert_eq!(text(b""), "");
    }
}
