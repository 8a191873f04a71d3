//! Finds the scanned-data report in a HID report descriptor.
//!
//! Source: USB Device Class Definition for HID 1.11, section 6.2.2 (items); HID Point of Sale Usage Tables 1.02,
//! section 4 (usages).

use super::layout::{Layout, REPORT_BYTES_MAX};

/// Generic desktop page, whose "byte count" says how long the text is.
const BYTE_COUNT: u32 = 0x0001_003B;
/// Usages of the bar code scanner page 8C.
const SYMBOLOGY_1: u32 = 0x008C_00FB;
const SYMBOLOGY_3: u32 = 0x008C_00FD;
const DECODED_TEXT: u32 = 0x008C_00FE;
const CONTINUED: u32 = 0x008C_00FF;
/// The scanner itself: the application collection of page 8C.
const SCANNER: u32 = 0x008C_0002;

/// Items of a descriptor looked at before it counts as endless.
const ITEMS_MAX: usize = 4_096;
/// Usages named before one main item.
const USAGES_MAX: usize = 256;

/// Whether a descriptor is that of a bar code scanner.
pub fn is_scanner(descriptor: &[u8]) -> bool {
    let mut state = Walk::default();
    Items(descriptor).take(ITEMS_MAX).any(|item| {
        state.global_or_local(&item);
        item.is_collection() && state.usages.contains(&SCANNER)
    })
}

/// Whether a descriptor is that of a keyboard (generic desktop page, usage 6).
pub fn is_keyboard(descriptor: &[u8]) -> bool {
    let mut state = Walk::default();
    Items(descriptor).take(ITEMS_MAX).any(|item| {
        state.global_or_local(&item);
        item.is_collection() && state.usages.contains(&0x0001_0006)
    })
}

/// The layout of the scanned-data report, if the descriptor has one.
pub fn layout(descriptor: &[u8]) -> Option<Layout> {
    let fields = fields(descriptor);
    let text = fields.iter().find(|field| field.has(DECODED_TEXT))?;
    let of_report = || fields.iter().filter(|field| field.report_id == text.report_id);
    let begin = usize::from(text.report_id.is_some());
    let at = |usage: u32| {
        let field = of_report().find(|field| field.has(usage))?;
        let place = field.usages.iter().position(|known| *known == usage)?;
        Some(begin + field.bit / 8 + place * field.size_bits / 8)
    };
    let symbology_at = at(SYMBOLOGY_1)?;
    let follows = at(SYMBOLOGY_3).is_none_or(|third| third == symbology_at + 2);
    let report_bits = of_report()
        .map(|field| field.bit + field.size_bits * field.count)
        .max()?;
    let layout = Layout {
        report_id: text.report_id,
        report_bytes: begin + report_bits.div_ceil(8),
        length_at: at(BYTE_COUNT),
        symbology_at,
        text_at: at(DECODED_TEXT)?,
        text_bytes: text.size_bits * text.count / 8,
        code_id_at: None,
        more_at: at(CONTINUED),
    };
    (follows && layout.report_bytes <= REPORT_BYTES_MAX && layout.text_bytes > 0).then_some(layout)
}

/// An input field.
#[derive(Debug)]
struct Field {
    report_id: Option<u8>,
    /// Where it begins in the report, in bits, the id not counted.
    bit: usize,
    size_bits: usize,
    count: usize,
    usages: Vec<u32>,
}

impl Field {
    fn has(&self, usage: u32) -> bool {
        self.usages.contains(&usage)
    }
}

fn fields(descriptor: &[u8]) -> Vec<Field> {
    let mut state = Walk::default();
    let mut fields: Vec<Field> = Vec::new();
    for item in Items(descriptor).take(ITEMS_MAX) {
        state.global_or_local(&item);
        if item.is_input() {
            let bit = fields
                .iter()
                .filter(|field| field.report_id == state.report_id)
                .map(|field| field.bit + field.size_bits * field.count)
                .max()
                .unwrap_or(0);
            fields.push(Field {
                report_id: state.report_id,
                bit,
                size_bits: state.size_bits.min(64),
                count: state.count.min(REPORT_BYTES_MAX * 8),
                usages: state.usages.clone(),
            });
        }
        if item.is_main() {
            state.usages.clear();
        }
    }
    fields
}

/// The state that items change.
#[derive(Debug, Default)]
struct Walk {
    page: u32,
    report_id: Option<u8>,
    size_bits: usize,
    count: usize,
    usages: Vec<u32>,
}

impl Walk {
    fn global_or_local(&mut self, item: &Item) {
        match item.tag {
            0x04 => self.page = item.value & 0xFFFF,
            0x74 => self.size_bits = item.value as usize,
            0x84 => self.report_id = u8::try_from(item.value).ok(),
            0x94 => self.count = item.value as usize,
            // A usage of four bytes brings its page along.
            0x08 if self.usages.len() < USAGES_MAX => {
                let usage = if item.value > 0xFFFF {
                    item.value
                } else {
                    self.page << 16 | item.value
                };
                self.usages.push(usage);
            }
            _ => {}
        }
    }
}

/// One short item: its tag with type, and its value.
#[derive(Debug)]
struct Item {
    tag: u8,
    value: u32,
}

impl Item {
    fn is_main(&self) -> bool {
        self.tag & 0x0C == 0
    }
    fn is_input(&self) -> bool {
        self.tag == 0x80
    }
    fn is_collection(&self) -> bool {
        self.tag == 0xA0
    }
}

struct Items<'a>(&'a [u8]);

impl Iterator for Items<'_> {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        let (&prefix, rest) = self.0.split_first()?;
        let length = match prefix & 3 {
            3 => 4,
            length => usize::from(length),
        };
        let value = rest.get(..length)?;
        self.0 = rest.get(length..)?;
        let value = value
            .iter()
            .rev()
            .fold(0, |value, byte| value << 8 | u32::from(*byte));
        Some(Item {
            tag: prefix & 0xFC,
            value,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::layout::KNOWN;
    use super::*;

    /// A scanner's descriptor after the example of the usage tables: byte count, three identifier bytes, 56 bytes
    /// of text, the continuation flag; then an output report for the trigger.
    const EXAMPLE: &[u8] = &[
        0x05, 0x8C, 0x09, 0x02, 0xA1, 0x01, 0x09, 0x12, 0xA1, 0x02, 0x85, 0x02, 0x15, 0x00, 0x26, 0xFF, 0x00,
        0x75, 0x08, 0x95, 0x01, 0x05, 0x01, 0x09, 0x3B, 0x81, 0x02, 0x05, 0x8C, 0x09, 0xFB, 0x81, 0x02, 0x09,
        0xFC, 0x81, 0x02, 0x09, 0xFD, 0x81, 0x02, 0x95, 0x38, 0x09, 0xFE, 0x82, 0x02, 0x01, 0x95, 0x01, 0x15,
        0x00, 0x25, 0x01, 0x09, 0xFF, 0x81, 0x02, 0xC0, 0x09, 0x14, 0xA1, 0x02, 0x85, 0x04, 0x15, 0x00, 0x25,
        0x01, 0x75, 0x01, 0x95, 0x08, 0x09, 0x00, 0x91, 0x02, 0xC0, 0xC0,
    ];

    #[test]
    fn the_layout_is_found() {
        let found = layout(EXAMPLE).unwrap();
        assert_eq!(found.report_bytes, 62);
        assert_eq!(
            (
                found.report_id,
                found.length_at,
                found.symbology_at,
                found.text_at,
                found.text_bytes,
                found.more_at
            ),
            (Some(2), Some(1), 2, 5, 56, Some(61))
        );
        assert!(is_scanner(EXAMPLE) && !is_keyboard(EXAMPLE));
        assert_eq!(KNOWN[0].text_at, found.text_at);
    }

    #[test]
    fn a_keyboard_is_no_scanner() {
        let keyboard = [
            0x05, 0x01, 0x09, 0x06, 0xA1, 0x01, 0x05, 0x07, 0x19, 0xE0, 0x29, 0xE7, 0xC0,
        ];
        assert!(is_keyboard(&keyboard) && !is_scanner(&keyboard) && layout(&keyboard).is_none());
    }

    #[test]
    fn any_cut_descriptor_is_borne() {
        for cut in 0..EXAMPLE.len() {
            let _found = (layout(&EXAMPLE[..cut]), is_scanner(&EXAMPLE[..cut]));
        }
    }
}
