//! Whether the quotation marks of a CSV file are in order (RFC 4180, section 2, rules 5 to 7).
//!
//! The reader forgives what is not: a mark that is never closed takes the rest of the file into one cell, and a file
//! that was cut off there would be imported as if it were whole.

const NEVER_CLOSED: &str = "A quotation mark is opened and never closed. Close it, or write it twice where it belongs to \
    the text; a file that was cut off ends like this too.";
const INSIDE: &str =
    "A quotation mark stands inside a quoted cell. Write it twice where it belongs to the text.";

/// Where in a cell the walk is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Within {
    /// Before its first character.
    Start,
    /// In a cell without marks; there they are text.
    Plain,
    /// In a cell that was opened on this line.
    Quoted { opened: u64 },
    /// Behind a mark that closes the cell, or is the first of two.
    Mark { opened: u64 },
}

/// The first mark that is not in order, with its line.
pub(super) fn mistake(text: &str, delimiter: u8) -> Option<(u64, &'static str)> {
    let (mut line, mut within) = (1, Within::Start);
    for byte in text.bytes() {
        let ends_cell = byte == delimiter || byte == b'\n' || byte == b'\r';
        within = match (within, byte) {
            (Within::Start, b'"') => Within::Quoted { opened: line },
            (Within::Start | Within::Plain, _) if ends_cell => Within::Start,
            (Within::Start | Within::Plain, _) => Within::Plain,
            (Within::Quoted { opened }, b'"') => Within::Mark { opened },
            (Within::Quoted { .. }, _) => within,
            (Within::Mark { opened }, b'"') => Within::Quoted { opened },
            (Within::Mark { .. }, _) if ends_cell => Within::Start,
            // Space behind a closed cell is left out by everybody who reads.
            (Within::Mark { .. }, b' ' | b'\t') => within,
            (Within::Mark { .. }, _) => return Some((line, INSIDE)),
        };
        line += u64::from(byte == b'\n');
    }
    match within {
        Within::Quoted { opened } => Some((opened, NEVER_CLOSED)),
        Within::Start | Within::Plain | Within::Mark { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_in_order_are_no_mistake() {
        for text in [
            "",
            "a,b\n1,2\n",
            "\"a\",\"b\"\r\n\"\",\"x \"\"y\"\"\"\r\n",
            "a,\"two\nlines\"",
            "a,3\" pipe\n",
            "a,\"b\" \n",
        ] {
            assert_eq!(mistake(text, b','), None, "{text:?}");
        }
        assert_eq!(mistake("\"a;\";b", b';'), None);
    }

    #[test]
    fn a_mark_out_of_order_is_told_with_its_line() {
        assert_eq!(mistake("a\nb,\"c\nd\n", b','), Some((2, NEVER_CLOSED)));
        assert_eq!(mistake("\"a\nb\"\n\"c\"d\n", b','), Some((3, INSIDE)));
        assert_eq!(mistake("a,\"b\"\"", b','), Some((1, NEVER_CLOSED)));
    }
}
