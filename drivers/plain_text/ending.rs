//! What ends a line, and which symbols may hold line ends of their own.

use tallyman_codes::SymbologyId;

/// The suffix a scanner is set to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// CR, LF or CR LF: whatever comes.
    Auto,
    /// CR; a LF right after it belongs to it, for scanners that are set to CR LF.
    Cr,
    /// LF; a CR right before it belongs to it.
    Lf,
    /// CR LF only. A single CR or LF is part of the code.
    CrLf,
    /// TAB.
    Tab,
    /// Nothing: silence ends a code.
    None,
}

impl Ending {
    /// The words of the `suffix` setting.
    pub const WORDS: &'static [&'static str] = &["auto", "cr", "lf", "crlf", "tab", "none"];

    /// The ending of a word of [`Self::WORDS`].
    pub fn of_word(word: &str) -> Self {
        match word {
            "cr" => Self::Cr,
            "lf" => Self::Lf,
            "crlf" => Self::CrLf,
            "tab" => Self::Tab,
            "none" => Self::None,
            _ => Self::Auto,
        }
    }

    /// Whether the suffix is complete with this byte.
    pub(super) fn is_complete(self, previous: u8, byte: u8) -> bool {
        match self {
            Self::Auto => byte == b'\r' || byte == b'\n',
            Self::Cr => byte == b'\r',
            Self::Lf => byte == b'\n',
            Self::CrLf => previous == b'\r' && byte == b'\n',
            Self::Tab => byte == b'\t',
            Self::None => false,
        }
    }

    /// Whether a LF after the CR that ended a line belongs to the ending.
    pub(super) fn merges_crlf(self) -> bool {
        matches!(self, Self::Auto | Self::Cr)
    }

    /// Takes the suffix off a line that just got complete.
    pub(super) fn strip(self, line: &[u8]) -> &[u8] {
        match self {
            Self::None => line,
            Self::CrLf => line.strip_suffix(b"\r\n").unwrap_or(line),
            Self::Lf => {
                let line = line.strip_suffix(b"\n").unwrap_or(line);
                line.strip_suffix(b"\r").unwrap_or(line)
            }
            Self::Auto | Self::Cr | Self::Tab => line.split_last().map_or(line, |(_, rest)| rest),
        }
    }
}

/// Whether a symbol may hold CR or LF in its message: two-dimensional symbols do, unless their message is a GS1
/// element string, whose character set has neither (GS1 General Specifications, figure 7.11-1).
pub(super) fn starts_multi_line(symbology: SymbologyId) -> bool {
    match symbology.code {
        b'd' => !matches!(symbology.modifier, b'2' | b'5'),
        b'Q' => !matches!(symbology.modifier, b'3' | b'4'),
        b'J' => !matches!(symbology.modifier, b'1' | b'5'),
        b'z' => !matches!(symbology.modifier, b'1' | b'4'),
        b'L' | b'U' | b'g' | b'h' => true,
        _ => false,
    }
}
