//! Where a line of text may end: at spaces. Chinese has none, so there a line may end behind every character, but for
//! signs that belong to what stands before or behind them (Unicode line breaking, UAX 14, rules for ideographs and
//! punctuation).

/// What stays on one line, each with whether a space stands before it.
pub(super) fn pieces(paragraph: &str) -> impl Iterator<Item = (bool, &str)> {
    let words = paragraph
        .split([' ', '\t'])
        .filter(|word| !word.is_empty())
        .enumerate();
    words.flat_map(|(nth, word)| {
        let mut rest = word;
        let mut is_spaced = nth > 0;
        std::iter::from_fn(move || {
            let end = first_break(rest)?;
            let (piece, tail) = rest.split_at(end);
            rest = tail;
            Some((std::mem::take(&mut is_spaced), piece))
        })
    })
}

/// Where the first place in a word is that a line may end at, its end at the latest; `None` where it is empty.
fn first_break(word: &str) -> Option<usize> {
    let mut places = word.char_indices();
    let (_, mut before) = places.next()?;
    for (at, character) in places {
        if may_break(before, character) {
            return Some(at);
        }
        before = character;
    }
    Some(word.len())
}

fn may_break(before: char, after: char) -> bool {
    (is_wide(before) || is_wide(after)) && !is_opening(before) && !is_closing(after)
}

/// Whether a character is an ideograph or a sign of full width.
pub(super) const fn is_wide(character: char) -> bool {
    matches!(character, '\u{2E80}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{FE30}'..='\u{FE4F}'
        | '\u{FF01}'..='\u{FF60}' | '\u{20000}'..='\u{3FFFF}')
}

/// Whether a character must not end a line.
const fn is_opening(character: char) -> bool {
    matches!(
        character,
        '（' | '「'
            | '『'
            | '【'
            | '《'
            | '〈'
            | '〔'
            | '〖'
            | '［'
            | '｛'
            | '“'
            | '‘'
            | '('
            | '['
            | '#'
            | '￥'
    )
}

/// Whether a character must not begin a line.
const fn is_closing(character: char) -> bool {
    matches!(
        character,
        '，' | '。'
            | '、'
            | '：'
            | '；'
            | '？'
            | '！'
            | '）'
            | '」'
            | '』'
            | '】'
            | '》'
            | '〉'
            | '〕'
            | '〗'
            | '］'
            | '｝'
            | '”'
            | '’'
            | '％'
            | '…'
            | '—'
            | '·'
            | ')'
            | ']'
            | ','
            | '.'
            | ':'
            | ';'
            | '?'
            | '!'
            | '%'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_breaks_between_characters_and_keeps_signs_with_what_they_belong_to() {
        let table: [(&str, &[&str]); 6] = [
            ("扫描商品", &["扫", "描", "商", "品"]),
            ("请放回，再扫描。", &["请", "放", "回，", "再", "扫", "描。"]),
            ("“螺栓”（M8）", &["“螺", "栓”", "（M8）"]),
            ("去A-01-02 取12件", &["去", "A-01-02", "取", "12", "件"]),
            ("Scan the item", &["Scan", "the", "item"]),
            ("", &[]),
        ];
        for (text, wanted) in table {
            let found: Vec<_> = pieces(text).map(|(_, piece)| piece).collect();
            assert_eq!(found, wanted, "{text}");
        }
    }
}
