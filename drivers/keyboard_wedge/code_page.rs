//! Alt codes: with a leading zero by Windows-1252, without by code page 437, as keyboards have it since DOS.
//!
//! Source: Microsoft code page tables 437 and 1252. Below 128 both are ASCII.

/// Code page 437 from 128 on.
const CP437: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{A0}";

/// Windows-1252 from 128 to 159; from 160 on it is ISO/IEC 8859-1.
const CP1252: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8D}Ž\u{8F}\u{90}‘’“”•–—˜™š›œ\u{9D}žŸ";

/// The character of an Alt code; `None` for numbers that have none.
pub fn character(number: u32, leading_zero: bool) -> Option<char> {
    let upper = number
        .checked_sub(128)
        .and_then(|place| usize::try_from(place).ok());
    match (upper, leading_zero) {
        (None, _) => char::from_u32(number),
        (Some(place), false) => CP437.chars().nth(place),
        (Some(place @ 0..32), true) => CP1252.chars().nth(place),
        (Some(32..128), true) => char::from_u32(number),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_have_their_length_and_known_places() {
        assert_eq!((CP437.chars().count(), CP1252.chars().count()), (128, 32));
        for (number, leading_zero, expected) in [
            (29, true, Some('\u{1D}')),
            (29, false, Some('\u{1D}')),
            (65, false, Some('A')),
            (130, false, Some('é')),
            (233, true, Some('é')),
            (128, true, Some('€')),
            (225, false, Some('ß')),
            (256, true, None),
        ] {
            assert_eq!(character(number, leading_zero), expected, "Alt {number}");
        }
    }
}
