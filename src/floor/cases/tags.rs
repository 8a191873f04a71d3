//! Tags for tables: what a sweep of the place in hand heard.
//!
//! ```text
//! sweep sure COAT 1 2 3       -> three tags of COAT more, and they are sure
//! sweep maybe COAT 7          -> one that is not
//! sweep sure unit 095212345678912347
//! sweep sure asset 1          -> a returnable crate
//! sweep done                  -> the growth curve says that nothing new comes
//! portal                      -> the device has a portal at the dock of the receipt
//! hear sure COAT 1 2          -> tags that go through the portal, as `sweep` tells them
//! pass 1 in                   -> the pass is over, and the goods came in; or out, or nobody knows which way
//! pass 2 in part              -> there were more tags than a pass keeps
//! ```

use std::collections::BTreeMap;
use std::sync::Arc;

use tallyman_codes::Element;
use tallyman_codes::epc::Identity;

use super::{Floor, label};
use crate::catalogue::Catalogue;
use crate::confirmation::PassReference;
use crate::event::Event;
use crate::ids::LocationId;
use crate::passed::Passed;
use crate::rfid::{Class, Direction};
use crate::swept::{SweepFigures, Swept, SweptTag};
use crate::task::TaskKind;

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
        let location = self.session.stage.location.clone().unwrap();
        self.tell_tags(&location, told);
        Event::Refresh
    }

    /// What the right side of a row with `hear` says.
    pub(super) fn hear(&mut self, told: &str) -> Event {
        let dock = self.dock();
        self.put_done(&dock, false);
        self.tell_tags(&dock, told);
        Event::Refresh
    }

    /// The pass that was heard is over.
    pub(super) fn passed(&mut self, told: &str) -> Event {
        let mut words = told.split(' ');
        let number = words.next().unwrap().parse().unwrap();
        let way = words.next().and_then(Direction::of_word);
        let is_whole = words.next().is_none();
        let dock = self.dock();
        self.put_done(&dock, true);
        let portal = "door-1".to_owned();
        Event::Passed(Passed {
            pass: PassReference { portal, number },
            way,
            is_whole,
        })
    }

    /// Between two passes nothing of a pass is there.
    pub(super) fn portal(&mut self) -> Event {
        let (task, dock) = (self.session.task().cloned().unwrap(), self.dock());
        let swept = Swept {
            figures: SweepFigures {
                is_done: true,
                ..SweepFigures::default()
            },
            tags: Arc::default(),
        };
        self.catalogue.put_sweep(task, dock, swept);
        Event::Refresh
    }

    fn dock(&self) -> LocationId {
        let task = self.session.task().and_then(|task| self.catalogue.task(task));
        match task.map(|task| task.kind.clone()) {
            Some(TaskKind::Receive(plan)) => plan.dock,
            other => panic!("no receipt: {other:?}"),
        }
    }

    fn put_done(&mut self, dock: &LocationId, is_done: bool) {
        let task = self.session.task().cloned().unwrap();
        let tags = self.catalogue.swept_tags(&task, dock);
        let figures = self.catalogue.sweep(&task, dock).unwrap_or_default();
        let figures = SweepFigures { is_done, ..figures };
        self.catalogue
            .put_sweep(task, dock.clone(), Swept { figures, tags });
    }

    fn tell_tags(&mut self, location: &LocationId, told: &str) {
        let task = self.session.task().cloned().unwrap();
        let known = self.catalogue.swept_tags(&task, location);
        let mut tags: BTreeMap<_, SweptTag> = known.iter().map(|tag| (tag.epc, *tag)).collect();
        let before = self.catalogue.sweep(&task, location).unwrap_or_default();
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
        self.put_tags_at(location, tags.into_values().collect(), is_done);
    }

    /// What was heard in the place in hand, whole.
    pub fn put_tags(&mut self, tags: Vec<SweptTag>, is_done: bool) {
        let location = self.session.stage.location.clone().unwrap();
        self.put_tags_at(&location, tags, is_done);
    }

    fn put_tags_at(&mut self, location: &LocationId, tags: Vec<SweptTag>, is_done: bool) {
        let task = self.session.task().cloned().unwrap();
        let location = location.clone();
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
