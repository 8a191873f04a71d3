//! What a printer says of itself (ZPL II Programming Guide, `~HS`, "Host Status Return"): three texts between STX and ETX, each
//! with fields between commas.

use crate::seams::PrinterState;

/// The question.
pub(super) const QUESTION: &[u8] = b"~HS\r\n";

/// Bytes of an answer at most; the three texts have about 80 together.
pub(super) const ANSWER_BYTES_MAX: usize = 1_024;

const STX: u8 = 0x02;
const ETX: u8 = 0x03;

/// Whether all three texts have come.
pub(super) fn is_whole(answer: &[u8]) -> bool {
    answer.iter().filter(|byte| **byte == ETX).count() >= 3
}

/// The state; `None` for an answer that is none.
pub(super) fn state_of(answer: &[u8]) -> Option<PrinterState> {
    let texts = texts(answer);
    let field = |text: usize, field: usize| texts.get(text)?.split(',').nth(field).map(str::trim);
    // Every printer that answers says whether it has paper.
    let paper_out = field(0, 1)?;
    let is_set = |value: Option<&str>| value == Some("1");
    Some(if is_set(field(1, 2)) {
        PrinterState::HeadOpen
    } else if paper_out == "1" {
        PrinterState::PaperOut
    } else if is_set(field(1, 3)) {
        PrinterState::RibbonOut
    } else if is_set(field(0, 2)) {
        PrinterState::Paused
    } else {
        PrinterState::Ready
    })
}

fn texts(answer: &[u8]) -> Vec<&str> {
    let mut texts = Vec::new();
    let mut rest = answer;
    while let Some(begin) = rest.iter().position(|byte| *byte == STX) {
        let behind = &rest[begin + 1..];
        let Some(end) = behind.iter().position(|byte| *byte == ETX) else {
            break;
        };
        texts.push(std::str::from_utf8(&behind[..end]).unwrap_or_default());
        rest = &behind[end + 1..];
    }
    texts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn answer(paper: u8, pause: u8, head: u8, ribbon: u8) -> Vec<u8> {
        format!(
            "\x02030,{paper},{pause},1245,000,0,0,0,000,0,0,0\x03\r\n\x02001,0,{head},{ribbon},1,2,6,0,00000000,1,000\x03\r\n\x021234,0\x03\r\n"
        )
        .into_bytes()
    }

    #[test]
    fn what_is_wrong_is_told_in_the_order_it_has_to_be_helped() {
        for (flags, wanted) in [
            ([0, 0, 0, 0], PrinterState::Ready),
            ([1, 1, 0, 0], PrinterState::PaperOut),
            ([1, 1, 1, 0], PrinterState::HeadOpen),
            ([0, 1, 0, 1], PrinterState::RibbonOut),
            ([0, 1, 0, 0], PrinterState::Paused),
        ] {
            let [paper, pause, head, ribbon] = flags;
            let answer = answer(paper, pause, head, ribbon);
            assert!(is_whole(&answer));
            assert_eq!(state_of(&answer), Some(wanted), "{flags:?}");
        }
    }

    #[test]
    fn what_is_no_answer_says_nothing() {
        for answer in [
            &b""[..],
            b"HTTP/1.1 400 Bad Request",
            b"\x02\x03",
            b"\x02030",
            b"\x03\x02",
            b"\x02\xff\x03",
        ] {
            assert_eq!(state_of(answer), None, "{answer:?}");
        }
    }

    proptest! {
        #[test]
        fn no_answer_panics(bytes in proptest::collection::vec(prop_oneof![Just(2u8), Just(3), Just(b','), any::<u8>()], 0..60)) {
            let _ = (state_of(&bytes), is_whole(&bytes));
        }
    }
}
