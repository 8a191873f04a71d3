//! What is printed: a symbol and what it says.

use tallyman_codes::check_digit;

/// A printed code, as a scanner sees it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Label {
    /// The AIM identifier's code character and modifier (ISO/IEC 15424).
    pub aim: [u8; 2],
    /// What is encoded. GS stands for FNC1 as a separator; one in front is told by the identifier.
    pub data: Vec<u8>,
    /// The text that the label was made from, for a scanner that sends text.
    pub text: Vec<u8>,
}

impl Label {
    /// A label from text: an AIM identifier and the data. Without an identifier digits with a right check digit are
    /// printed as EAN, as a label shop would, and anything else as Code 128.
    pub fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let (aim, data) = match bytes {
            [b']', code, modifier, data @ ..]
                if code.is_ascii_alphabetic() && modifier.is_ascii_alphanumeric() && !data.is_empty() =>
            {
                ([*code, *modifier], data)
            }
            _ => (usual(bytes), bytes),
        };
        Self {
            aim,
            data: data.to_vec(),
            text: bytes.to_vec(),
        }
    }
}

/// The symbol in which such text is usually printed.
fn usual(text: &[u8]) -> [u8; 2] {
    let is_checked = text
        .split_last()
        .is_some_and(|(check, body)| check_digit::of(body) == Some(*check));
    match text.len() {
        8 if is_checked => *b"E4",
        13 if is_checked => *b"E0",
        _ => *b"C0",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_says_which_symbol_it_is_printed_in() {
        for (text, aim, data) in [
            ("]C0LOC-A-01", b"C0", "LOC-A-01"),
            ("]C10109521101530001", b"C1", "0109521101530001"),
            ("]E09521101530001", b"E0", "9521101530001"),
            ("9521101530001", b"E0", "9521101530001"),
            ("9521101530002", b"C0", "9521101530002"),
            ("96385074", b"E4", "96385074"),
            ("LOC-A-01", b"C0", "LOC-A-01"),
            ("]C0", b"C0", "]C0"),
            ("]", b"C0", "]"),
        ] {
            let label = Label::of(text);
            assert_eq!(
                (&label.aim, label.data.as_slice(), label.text.as_slice()),
                (aim, data.as_bytes(), text.as_bytes()),
                "{text}"
            );
        }
    }
}
