//! The settings of a text scanner, and what they make of a line.

use tallyman_codes::code_id::Vendor;
use tallyman_codes::{Barcode, SymbologyId};

use super::ending::Ending;
use crate::contract::{Output, SettingForm, SettingSpec, Settings};

/// Longest prefix, alias or fixed text in a setting. Scanners offer ten or twenty characters.
const SETTING_TEXT_BYTES_MAX: usize = 64;

/// GS, the separator of GS1 element strings (GS1 General Specifications 7.8.3).
const GS: u8 = 0x1D;

/// The settings every scanner that sends text has.
pub const SETTINGS: &[SettingSpec] = &[
    PREFIX, SUFFIX, IDLE_MS, SETTLE_MS, MULTI_LINE, CODE_ID, GS_ALIAS, NO_READ, HEARTBEAT, TRIGGER, SEPARATOR,
];

/// `prefix`
pub const PREFIX: SettingSpec = SettingSpec {
    key: "prefix",
    form: SettingForm::Text {
        bytes_max: SETTING_TEXT_BYTES_MAX,
    },
    default: "",
    about: "What the scanner sends before each code. A line without it is garbage.",
};

/// `suffix`
pub const SUFFIX: SettingSpec = SettingSpec {
    key: "suffix",
    form: SettingForm::OneOf(Ending::WORDS),
    default: "auto",
    about: "What the scanner sends after each code. `auto` takes CR, LF and CR LF.",
};

/// `idle_ms`
pub const IDLE_MS: SettingSpec = SettingSpec {
    key: "idle_ms",
    form: SettingForm::Number { min: 0, max: 10_000 },
    default: "80",
    about: "Silence that ends a code without its suffix, in milliseconds; 0 waits for the suffix for ever.",
};

/// `settle_ms`
pub const SETTLE_MS: SettingSpec = SettingSpec {
    key: "settle_ms",
    form: SettingForm::Number { min: 1, max: 10_000 },
    default: "30",
    about: "Silence after a suffix that ends a 2D code which may hold line ends itself, in milliseconds.",
};

/// `multi_line`
pub const MULTI_LINE: SettingSpec = SettingSpec {
    key: "multi_line",
    form: SettingForm::OneOf(&["auto", "off"]),
    default: "auto",
    about: "`auto` lets 2D codes that carry an AIM identifier hold line ends; `off` ends every code at a suffix.",
};

/// `code_id`
pub const CODE_ID: SettingSpec = SettingSpec {
    key: "code_id",
    form: SettingForm::OneOf(&["aim", "zebra", "honeywell", "datalogic", "datalogic_eu", "none"]),
    default: "aim",
    about: "What identifier stands before the code: `]cm` where it is sent (`aim`), or a vendor's own characters.",
};

/// `gs_alias`
pub const GS_ALIAS: SettingSpec = SettingSpec {
    key: "gs_alias",
    form: SettingForm::Text {
        bytes_max: SETTING_TEXT_BYTES_MAX,
    },
    default: "",
    about: "What the scanner sends instead of GS (1D), the separator of GS1 codes.",
};

/// `no_read`
pub const NO_READ: SettingSpec = SettingSpec {
    key: "no_read",
    form: SettingForm::Text {
        bytes_max: SETTING_TEXT_BYTES_MAX,
    },
    default: "",
    about: "What the scanner sends when a trigger found no code; it becomes the notice `no_read`.",
};

/// `heartbeat`
pub const HEARTBEAT: SettingSpec = SettingSpec {
    key: "heartbeat",
    form: SettingForm::Text {
        bytes_max: SETTING_TEXT_BYTES_MAX,
    },
    default: "",
    about: "What the scanner sends to show that it lives; it becomes the notice `heartbeat`.",
};

/// `trigger`
pub const TRIGGER: SettingSpec = SettingSpec {
    key: "trigger",
    form: SettingForm::OneOf(&["none", "line"]),
    default: "none",
    about: "`line`: each line is the result of one trigger (a photo eye): equal lines are pieces, none is a repetition. Network links set it.",
};

/// `separator`
pub const SEPARATOR: SettingSpec = SettingSpec {
    key: "separator",
    form: SettingForm::Text {
        bytes_max: SETTING_TEXT_BYTES_MAX,
    },
    default: "",
    about: "What the scanner sends between several codes of one trigger; they are handed on as one event.",
};

/// How a scanner's text is read.
#[derive(Debug, Clone)]
pub struct TextRules {
    /// Before each code.
    pub prefix: Vec<u8>,
    /// After each code.
    pub ending: Ending,
    /// Silence that ends a code without suffix; 0 is never.
    pub idle_ms: u64,
    /// Silence that ends a 2D code after a suffix.
    pub settle_ms: u64,
    /// 2D codes may hold line ends.
    pub multi_line: bool,
    /// What identifier stands before the code.
    pub code_id: CodeId,
    /// What stands for GS; empty is off.
    pub gs_alias: Vec<u8>,
    /// The no-read text; empty is off.
    pub no_read: Vec<u8>,
    /// The heartbeat text; empty is off.
    pub heartbeat: Vec<u8>,
    /// Each line is the result of one trigger.
    pub line_is_trigger: bool,
    /// Between several codes of one trigger; empty is off.
    pub separator: Vec<u8>,
}

/// What identifier a scanner sends before a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeId {
    /// The AIM identifier of ISO/IEC 15424.
    Aim,
    /// A vendor's own characters.
    Vendor(Vendor),
    /// None: every byte is the code's.
    None,
}

impl CodeId {
    fn of_word(word: &str) -> Self {
        match word {
            "aim" => Self::Aim,
            "zebra" => Self::Vendor(Vendor::Zebra),
            "honeywell" => Self::Vendor(Vendor::Honeywell),
            "datalogic" => Self::Vendor(Vendor::DatalogicUsa),
            "datalogic_eu" => Self::Vendor(Vendor::DatalogicEu),
            _ => Self::None,
        }
    }

    /// Splits the identifier off a code: what the vendor called it, what it means, and the message.
    fn split(self, text: &[u8]) -> (Option<&'static str>, Option<SymbologyId>, &[u8]) {
        match self {
            Self::Aim => {
                SymbologyId::split(text).map_or((None, None, text), |(id, rest)| (None, Some(id), rest))
            }
            Self::Vendor(vendor) => vendor
                .split(text)
                .map_or((None, None, text), |(code_id, symbology, rest)| {
                    (Some(code_id), symbology, rest)
                }),
            Self::None => (None, None, text),
        }
    }
}

impl TextRules {
    /// The rules of checked settings. They must hold all of [`SETTINGS`].
    pub fn of(settings: &Settings) -> Self {
        Self {
            prefix: settings.bytes("prefix").to_vec(),
            ending: Ending::of_word(settings.word("suffix")),
            idle_ms: settings.number("idle_ms"),
            settle_ms: settings.number("settle_ms"),
            multi_line: settings.word("multi_line") == "auto",
            code_id: CodeId::of_word(settings.word("code_id")),
            gs_alias: settings.bytes("gs_alias").to_vec(),
            no_read: settings.bytes("no_read").to_vec(),
            heartbeat: settings.bytes("heartbeat").to_vec(),
            line_is_trigger: settings.word("trigger") == "line",
            separator: settings.bytes("separator").to_vec(),
        }
    }

    /// The texts of a line that may hold several codes of one trigger. Empty ones between separators are none.
    pub fn codes<'a>(&self, text: &'a [u8]) -> Vec<&'a [u8]> {
        if self.separator.is_empty() {
            return vec![text];
        }
        let mut codes = Vec::new();
        let mut rest = text;
        loop {
            let end = rest
                .windows(self.separator.len())
                .position(|window| window == self.separator)
                .unwrap_or(rest.len());
            let (code, after) = rest.split_at(end);
            if !code.is_empty() {
                codes.push(code);
            }
            match after.get(self.separator.len()..) {
                Some(next) => rest = next,
                None => return codes,
            }
        }
    }

    /// The notice a line is, if it is one.
    pub fn notice(&self, text: &[u8]) -> Option<Output> {
        if !self.no_read.is_empty() && text == self.no_read {
            return Some(Output::notice(
                "no_read",
                "The scanner was triggered and found no code.",
            ));
        }
        if !self.heartbeat.is_empty() && text == self.heartbeat {
            return Some(Output::notice("heartbeat", "The scanner is alive."));
        }
        None
    }

    /// The code in a line without prefix and suffix; `None` if an identifier is all there is.
    pub fn barcode(&self, text: &[u8]) -> Option<Barcode> {
        let (code_id, symbology, message) = self.code_id.split(text);
        if message.is_empty() {
            return None;
        }
        Some(Barcode {
            bytes: restore_gs(message, &self.gs_alias),
            symbology,
            code_id: code_id.map(str::to_owned),
        })
    }
}

/// Puts GS back where the scanner sends a substitute.
pub fn restore_gs(message: &[u8], alias: &[u8]) -> Vec<u8> {
    if alias.is_empty() {
        return message.to_vec();
    }
    let mut bytes = Vec::with_capacity(message.len());
    let mut rest = message;
    while let Some((&first, after)) = rest.split_first() {
        if let Some(behind) = rest.strip_prefix(alias) {
            bytes.push(GS);
            rest = behind;
        } else {
            bytes.push(first);
            rest = after;
        }
    }
    bytes
}
