//! Texts that devices say about themselves, as stores keep them: short, and in one line.

/// Characters of such a text; longer ones are cut.
const TEXT_CHARACTERS_MAX: usize = 120;

/// Scanners of a device that are shown.
const SCANNERS_MAX: usize = 16;

/// The text, cut. What is no character to show becomes a space: not every database takes each of them.
pub(crate) fn cut(text: &str) -> String {
    text.chars()
        .take(TEXT_CHARACTERS_MAX)
        .map(|character| if character.is_control() { ' ' } else { character })
        .collect()
}

/// The lines about scanners.
pub(crate) fn scanners(lines: &[String]) -> Vec<String> {
    lines.iter().take(SCANNERS_MAX).map(|line| cut(line)).collect()
}

/// What a person searches for, without what no stored text can hold.
pub(crate) fn sought(text: Option<&String>) -> Option<String> {
    text.map(|text| text.replace('\0', ""))
}

/// The stem of a device's identity that people recognise: its name in letters, digits and dashes.
pub(crate) fn stem(name: &str) -> String {
    let plain = |character: char| {
        if character.is_ascii_alphanumeric() {
            character.to_ascii_lowercase()
        } else {
            '-'
        }
    };
    let stem: String = name.chars().map(plain).take(24).collect();
    let stem = stem.trim_matches('-');
    if stem.is_empty() { "device" } else { stem }.to_owned()
}

/// An identity of a device: a stem and a number.
pub(crate) fn identity(stem: &str, number: u32) -> String {
    format!("{stem}-{number:08x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_to_one_short_line() {
        assert_eq!(cut("left\nhand\u{0}: ready"), "left hand : ready");
        assert_eq!(cut(&"ä".repeat(500)).chars().count(), TEXT_CHARACTERS_MAX);
        assert_eq!(scanners(&vec!["x".to_owned(); 40]).len(), SCANNERS_MAX);
    }

    #[test]
    fn identities_are_recognised_by_people() {
        assert_eq!(identity(&stem("Dock 1, left"), 26), "dock-1--left-0000001a");
        assert_eq!(stem("***"), "device");
    }
}
