//! Tags for tables: what a sweep of the place in hand heard.
//!
//! ```text
//! sweep sure COAT 1 2 3       -> three tags of COAT more, and they are sure
//! sweep maybe COAT 7          -> one that is not
//! sweep sure unit 095212345678912347
//! sweep sure asset 1          -> a returnable crate
//! sweep done                  -> the growth curve says that nothing new comes
//! ```

use std::collections::BTreeMap;

use tallyman_codes::Element;
use tallyman_codes::epc::Identity;

use super::{Floor, label};
use crate::catalogue::Catalogue;
use crate::event::Event;
use crate::rfid::Class;
use crate::swept::{SweepFigures, Swept, SweptTag};

/// The tag that carries these elements, of a company prefix with 7 digits.
pub(crate) fn tag(elements: &[(&str, &str)], scheme: &str, class: Class) -> SweptTag {
    let element = |(ai, value): &(&str, &str)| Element {
        ai: (*ai).to_owned(),
        value: (*value).to_owned(),
    };
    let elements: Vec<_> = elements.iter().map(element).collect();
    let identity = Identity::from_elements(&elements, 7).unwrap();
    // Filter 0, all others: the one value that every scheme has.
    let epc = identity.encode(scheme, 0).unwrap();
    SweptTag {
        epc: tallyman_codes::EpcBytes::new(epc.bytes()).unwrap(),
        epc_bits: u16::try_from(epc.bit_length()).ok().filter(|bits| bits % 8 != 0),
        pc: None,
        class,
    }
}

/// The tag of a piece: with a serial of figures as most tags have it, else in the longer form.
pub(crate) fn piece(word: &str, serial: &str, class: Class) -> SweptTag {
    let gtin = format!("{:0>14}", label(word));
    let is_number = !serial.starts_with('0') && serial.bytes().all(|byte| byte.is_ascii_digit());
    let scheme = if is_number { "sgtin-96" } else { "sgtin-198" };
    tag(&[("01", &gtin), ("21", serial)], scheme, class)
}

impl Floor {
    /// What the right side of a row with `sweep` says.
    pub(super) fn sweep(&mut self, told: &str) -> Event {
        let task = self.session.task().cloned().unwrap();
        let location = self.session.stage.location.clone().unwrap();
        let known = self.catalogue.swept_tags(&task, &location);
        let mut tags: BTreeMap<_, SweptTag> = known.iter().map(|tag| (tag.epc, *tag)).collect();
        let before = self.catalogue.sweep(&task, &location).unwrap_or_default();
        let mut is_done = before.is_done;
        match told.split(' ').collect::<Vec<_>>().as_slice() {
            [""] => {}
            ["done"] => is_done = true,
            [class_word, what, serials @ ..] => {
                let class = [Class::Sure, Class::Maybe, Class::Stray];
                let class = class
                    .into_iter()
                    .find(|known| known.as_str() == *class_word)
                    .unwrap();
                for serial in serials {
                    let tag = match *what {
                        "unit" => tag(&[("00", serial)], "sscc-96", class),
                        "asset" => tag(&[("8003", &format!("04006381333931{serial}"))], "grai-96", class),
                        "shelf" => tag(&[("414", "4006381333931")], "sgln-96", class),
                        word => piece(word, serial, class),
                    };
                    tags.insert(tag.epc, tag);
                }
            }
            other => panic!("no such sweep: {other:?}"),
        }
        self.put_tags(tags.into_values().collect(), is_done);
        Event::Refresh
    }

    /// What was heard in the place in hand, whole.
    pub fn put_tags(&mut self, tags: Vec<SweptTag>, is_done: bool) {
        let task = self.session.task().cloned().unwrap();
        let location = self.session.stage.location.clone().unwrap();
        let count = |class| {
            let of_class = tags.iter().filter(|tag| tag.class == class);
            u32::try_from(of_class.count()).unwrap()
        };
        let figures = SweepFigures {
            sure: count(Class::Sure),
            maybe: count(Class::Maybe),
            stray: count(Class::Stray),
            kept: u32::try_from(tags.len()).unwrap(),
            is_done,
        };
        let tags = tags.into();
        self.catalogue.put_sweep(task, location, Swept { figures, tags });
    }
}
