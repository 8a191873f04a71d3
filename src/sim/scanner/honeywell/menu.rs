//! The menu: settings by tag, subtag and value, and the answers with a status byte before each mark.
//!
//! ```text
//! command = [ ":" name ":" ] tag subtag [ data ] { "," subtag [ data ] } { ";" tag subtag [ data ] } storage
//! storage = "!" until power-down | "." for good
//! data    = a value | "?" what is set | "^" the default | "*" what is allowed
//! ```
//!
//! Source: Honeywell user's guides, "Serial Programming Commands". A tag alone, without its subtag, means all of its
//! settings, as in `CBR?.`.

use std::collections::BTreeMap;

use super::settings::{FACTORY, Setting, setting};

const ACK: u8 = 0x06;
const ENQ: u8 = 0x05;
const NAK: u8 = 0x15;

/// What the scanner calls itself to a host that speaks to one of several.
const NAME: &str = "VIRTUAL";

/// Lines of the answer to REVINF.
const REVISION: [&str; 5] = [
    "Product Name: Virtual 2D scanner",
    "Boot Revision: 1",
    "Software Part Number: VIRTUAL-0001",
    "Software Revision: 1.0",
    "Serial Number: 00000001",
];

/// What a command comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The scanner answers.
    Answer(Vec<u8>),
    /// It was meant for another scanner.
    NotMine,
}

/// The settings of one scanner.
#[derive(Debug, Clone)]
pub struct Menu {
    now: BTreeMap<String, String>,
    kept: BTreeMap<String, String>,
    held: Vec<String>,
}

impl Default for Menu {
    fn default() -> Self {
        let factory: BTreeMap<String, String> = FACTORY
            .iter()
            .map(|setting| (setting.tag.to_owned(), setting.value.to_owned()))
            .collect();
        Self {
            now: factory.clone(),
            kept: factory,
            held: Vec::new(),
        }
    }
}

/// Tag with subtag, value and status.
type Told = (String, String, u8);

/// One setting of a command, and what stands before and after it.
struct Part<'a> {
    /// Tag and subtag in capitals.
    tag: String,
    data: &'a str,
    /// How it is repeated in the answer: the tag is left out after a comma.
    after_comma: bool,
    mark: char,
}

impl Menu {
    /// Whether a setting is 1.
    pub fn is_on(&self, tag: &str) -> bool {
        self.now.get(tag).is_some_and(|value| value == "1")
    }

    /// A setting as a number; 0 for one that is none.
    pub fn number(&self, tag: &str) -> u64 {
        self.now
            .get(tag)
            .and_then(|value| value.parse().ok())
            .unwrap_or(0)
    }

    /// What is sent after each code: two digits for the symbologies, then the bytes in hexadecimal.
    pub fn suffix(&self) -> Vec<u8> {
        let value = self.now.get("SUFBK2").map_or("", String::as_str);
        let digits = value.get(2..).unwrap_or_default().as_bytes();
        let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
        digits.chunks_exact(2).filter_map(byte).collect()
    }

    /// From now on it will not change this setting.
    pub fn hold_on_to(&mut self, tag: &str) {
        self.held.push(tag.to_owned());
    }

    /// It does not know this setting.
    pub fn forget(&mut self, tag: &str) {
        self.now.remove(tag);
        self.kept.remove(tag);
    }

    /// The power is gone.
    pub fn power_down(&mut self) {
        self.now.clone_from(&self.kept);
    }

    /// Does a command, which ends with its storage mark.
    pub fn command(&mut self, body: &[u8]) -> Outcome {
        self.each(body, |menu, part, for_good| match part.data {
            "?" => menu.told(&part.tag, |setting| menu.now[setting.tag].clone()),
            "^" => menu.told(&part.tag, |setting| setting.value.to_owned()),
            "*" => menu.told(&part.tag, Setting::range),
            value => vec![(
                part.tag.clone(),
                value.to_owned(),
                menu.write(&part.tag, value, for_good),
            )],
        })
    }

    /// Refuses a command: every value of it is bad.
    pub fn refuse(&mut self, body: &[u8]) -> Outcome {
        self.each(body, |_, part, _| {
            vec![(part.tag.clone(), part.data.to_owned(), NAK)]
        })
    }

    fn each(&mut self, body: &[u8], mut act: impl FnMut(&mut Self, &Part<'_>, bool) -> Vec<Told>) -> Outcome {
        let text: String = body.iter().map(|byte| char::from(*byte)).collect();
        let mut rest = text.as_str();
        let mut answer = String::new();
        if let Some(named) = rest.strip_prefix(':') {
            let Some((name, after)) = named.split_once(':') else {
                return Outcome::NotMine;
            };
            if name != "*" && !name.eq_ignore_ascii_case(NAME) {
                return Outcome::NotMine;
            }
            answer.push_str(&rest[..rest.len() - after.len()]);
            rest = after;
        }
        let for_good = rest.ends_with('.');
        let mut answer: Vec<u8> = answer.into_bytes();
        let mut tag_before = String::new();
        let mut after_comma = false;
        for piece in rest.split_inclusive([',', ';', '.', '!']) {
            let part = part(piece, &tag_before, after_comma);
            tag_before = part.tag.chars().take(3).collect();
            after_comma = part.mark == ',';
            write_part(&part, &act(self, &part, for_good), &mut answer);
        }
        Outcome::Answer(answer)
    }

    /// What a question about a setting, or about all settings of a tag, is answered.
    fn told(&self, tag: &str, value: impl Fn(&Setting) -> String) -> Vec<Told> {
        let is_asked = |known: &str| known == tag || (tag.len() == 3 && known.starts_with(tag));
        let mut told: Vec<Told> = FACTORY
            .iter()
            .filter(|setting| is_asked(setting.tag) && self.now.contains_key(setting.tag))
            .map(|setting| (setting.tag.to_owned(), value(setting), ACK))
            .collect();
        if tag.len() == 3 && !told.is_empty() {
            // The tag's defaults are set by a command without a value.
            told.push((format!("{tag}DFT"), String::new(), ACK));
        }
        if told.is_empty() {
            told.push((tag.to_owned(), String::new(), ENQ));
        }
        told
    }

    /// Sets a value, or does what a tag without one means. The status that it is answered with.
    fn write(&mut self, tag: &str, value: &str, for_good: bool) -> u8 {
        match (tag, value) {
            ("REVINF", "") => return ACK,
            ("DEFALT", "") => {
                let held = std::mem::take(&mut self.held);
                *self = Self {
                    held,
                    ..Self::default()
                };
                return ACK;
            }
            ("SUFCA2", "") => return self.write("SUFBK2", "", for_good),
            _ => {}
        }
        if let (Some(group), "") = (tag.strip_suffix("DFT"), value) {
            let of_group: Vec<&Setting> = FACTORY
                .iter()
                .filter(|setting| setting.tag.starts_with(group))
                .collect();
            for setting in &of_group {
                self.write(setting.tag, setting.value, for_good);
            }
            return if of_group.is_empty() { ENQ } else { ACK };
        }
        let Some(setting) = setting(tag).filter(|setting| self.now.contains_key(setting.tag)) else {
            return ENQ;
        };
        if !setting.allows(value) || self.held.iter().any(|held| held == tag) {
            return NAK;
        }
        self.now.insert(tag.to_owned(), value.to_owned());
        if for_good {
            self.kept.insert(tag.to_owned(), value.to_owned());
        }
        ACK
    }
}

/// Takes one piece of a command apart. After a comma it has a subtag alone, of the tag before.
fn part<'a>(piece: &'a str, tag_before: &str, after_comma: bool) -> Part<'a> {
    let mark = piece.chars().next_back().filter(|mark| ",;.!".contains(*mark));
    let text = mark.and_then(|mark| piece.strip_suffix(mark)).unwrap_or(piece);
    let is_query = |rest: &str| matches!(rest, "?" | "^" | "*");
    let length = match text.get(3..) {
        Some(rest) if !after_comma && !is_query(rest) => 6,
        _ => 3,
    };
    let (name, data) = text.split_at_checked(length).unwrap_or((text, ""));
    let tag = match after_comma {
        true => format!("{tag_before}{name}"),
        false => name.to_owned(),
    };
    Part {
        tag: tag.to_ascii_uppercase(),
        data,
        after_comma,
        mark: mark.unwrap_or('.'),
    }
}

/// Repeats a part with what came of it, a status byte before each mark. Several settings of one tag are apart by commas.
fn write_part(part: &Part<'_>, told: &[Told], answer: &mut Vec<u8>) {
    if part.tag == "REVINF" && part.data.is_empty() {
        for line in REVISION {
            answer.extend(line.bytes().chain(*b"\r\n"));
        }
    }
    for (place, (tag, value, status)) in told.iter().enumerate() {
        let shown = match part.after_comma || place > 0 {
            true => tag.get(3..).unwrap_or(tag),
            false => tag,
        };
        answer.extend(shown.bytes().chain(value.bytes()));
        answer.push(*status);
        answer.push(match place + 1 < told.len() {
            true => b',',
            false => u8::try_from(part.mark).unwrap_or(b'.'),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(menu: &mut Menu, command: &str) -> String {
        match menu.command(command.as_bytes()) {
            Outcome::Answer(answer) => answer
                .iter()
                .map(|byte| match *byte {
                    ACK => "<ACK>".to_owned(),
                    ENQ => "<ENQ>".to_owned(),
                    NAK => "<NAK>".to_owned(),
                    byte => char::from(byte).to_string(),
                })
                .collect(),
            Outcome::NotMine => "not mine".to_owned(),
        }
    }

    #[test]
    fn commands_are_answered_with_a_status_before_each_mark() {
        let mut menu = Menu::default();
        for (command, answer) in [
            ("BEPBEP?;DECHDR?.", "BEPBEP1<ACK>;DECHDR0<ACK>."),
            ("BEPBEP0;DECHDR1!", "BEPBEP0<ACK>;DECHDR1<ACK>!"),
            ("bepbep?;dechdr^.", "BEPBEP0<ACK>;DECHDR0<ACK>."),
            ("BEPBEP*.", "BEPBEP0-1<ACK>."),
            ("BEPBEP7.", "BEPBEP7<NAK>."),
            ("BEPLOUD1.", "BEPLOUD1<ENQ>."),
            ("XYZABC?.", "XYZABC<ENQ>."),
            (
                "CBR?.",
                "CBRENA1<ACK>,SSX0<ACK>,CK20<ACK>,CCT1<ACK>,MIN4<ACK>,MAX60<ACK>,DFT<ACK>.",
            ),
            (
                "CBRENA0,SSX1,MIN1;SCNLED0!",
                "CBRENA0<ACK>,SSX1<ACK>,MIN1<NAK>;SCNLED0<ACK>!",
            ),
            ("CBRDFT!", "CBRDFT<ACK>!"),
            ("CBRENA?,SSX?.", "CBRENA1<ACK>,SSX0<ACK>."),
            (":*:BEPBEP?.", ":*:BEPBEP0<ACK>."),
            (":OTHER:BEPBEP1.", "not mine"),
            ("SUFCA2!", "SUFCA2<ACK>!"),
            ("SUFBK2?.", "SUFBK2<ACK>."),
            ("SUFBK2990D0A!", "SUFBK2990D0A<ACK>!"),
            ("SUFBK2CR!", "SUFBK2CR<NAK>!"),
        ] {
            assert_eq!(told(&mut menu, command), answer, "{command}");
        }
        assert_eq!(menu.suffix(), b"\r\n");
        let revision = told(&mut menu, "REVINF.");
        assert!(revision.starts_with("Product Name: ") && revision.ends_with("\r\nREVINF<ACK>."));
    }

    #[test]
    fn an_exclamation_mark_is_until_power_down_and_a_full_stop_for_good() {
        let mut menu = Menu::default();
        told(&mut menu, "DECHDR1!");
        told(&mut menu, "BEPBEP0.");
        menu.power_down();
        assert_eq!((menu.is_on("DECHDR"), menu.is_on("BEPBEP")), (false, false));
        told(&mut menu, "DEFALT.");
        assert!(menu.is_on("BEPBEP"));
    }

    #[test]
    fn what_it_holds_on_to_or_does_not_know_is_answered_so() {
        let mut menu = Menu::default();
        menu.hold_on_to("BEPBEP");
        menu.forget("DECHDR");
        assert_eq!(told(&mut menu, "BEPBEP0;DECHDR1!"), "BEPBEP0<NAK>;DECHDR1<ENQ>!");
        assert_eq!(told(&mut menu, "BEPBEP?;DECHDR?."), "BEPBEP1<ACK>;DECHDR<ENQ>.");
    }
}
