//! Who a one-time code is for: decided here, apart from any database.

use super::text::cut;
use super::{LedgerError, NewDevice};

/// A code that was shown, with what became of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct CodeRow {
    /// The site.
    pub(crate) site: String,
    /// What the device will be called; empty to take the name it gives itself.
    pub(crate) name: String,
    /// Which device of a group the next one is; `None` for a code for one device.
    pub(crate) number: Option<u32>,
    /// The device that it enrols again; empty for a new one.
    pub(crate) device: String,
    /// The profile that goes with it.
    pub(crate) profile: String,
    /// Whether an administrator has to say yes to each device.
    pub(crate) approval: bool,
    /// Whether another device may still enrol with it: it has not expired, was not ended and is not used up.
    pub(crate) works: bool,
    /// The device that enrolled with it and has the very key that is shown.
    pub(crate) holder: Option<Holder>,
}

impl CodeRow {
    /// What a new device is called: devices of a group are told apart by a number.
    pub(crate) fn name_for(&self, request: &NewDevice) -> String {
        match (self.name.as_str(), self.number) {
            ("", _) => cut(&request.name),
            (name, None) => name.to_owned(),
            (name, Some(number)) => format!("{name} {number}"),
        }
    }
}

/// A device that shows again what it enrolled with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Holder {
    /// The device.
    pub(crate) device: String,
    /// Whether it still waits for approval.
    pub(crate) awaits: bool,
    /// Whether it was turned away instead.
    pub(crate) refused: bool,
}

/// The device that has the key of one which enrols as a new one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Owner {
    /// The device.
    pub(crate) device: String,
    /// Whether it was turned away, at the site of the code: then it is that very device, with another code that was
    /// given to it since.
    pub(crate) turned_away: bool,
}

/// What a code does for who shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Enrolment {
    /// A new device.
    New,
    /// A device that is there gets another key, and may work again.
    Again(String),
    /// This very key was enrolled with this code before: the answer was lost, or the device waits for approval. That the
    /// code has ended since is no reason to leave it alone.
    Repeated(Holder),
}

/// Says what a code does, or why it does nothing. It is not used up then.
pub(crate) fn decide(code: &CodeRow, request: &NewDevice) -> Result<Enrolment, LedgerError> {
    let known = request.device.as_deref();
    if let Some(holder) = &code.holder {
        let is_same = known.is_none_or(|known| known == holder.device);
        return if is_same && !holder.refused {
            Ok(Enrolment::Repeated(holder.clone()))
        } else {
            Err(LedgerError::CodeRefused)
        };
    }
    if !code.works {
        return Err(LedgerError::CodeRefused);
    }
    match (code.device.as_str(), known) {
        ("", None) => Ok(Enrolment::New),
        ("", Some(known)) => Err(LedgerError::CodeForNewDevice(known.to_owned())),
        (bound, Some(known)) if bound == known => Ok(Enrolment::Again(known.to_owned())),
        _ => Err(LedgerError::CodeForOtherDevice),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn a_code_is_for_one_device_and_one_key() {
        // For whom the code is, whether it works, who has the key that is shown, who says to show it: what becomes of it.
        for (bound, works, holder, known, wanted) in [
            ("", true, "", None, "new"),
            ("", true, "", Some("dev-7"), "for a new device"),
            ("dev-7", true, "", Some("dev-7"), "again dev-7"),
            ("dev-7", true, "", Some("dev-8"), "for another device"),
            ("dev-7", true, "", None, "for another device"),
            ("", false, "dev-7", None, "repeated dev-7"),
            ("", false, "dev-7", Some("dev-7"), "repeated dev-7"),
            ("", false, "", None, "refused"),
            ("", false, "dev-7", Some("dev-8"), "refused"),
            ("dev-7", false, "dev-7", Some("dev-7"), "repeated dev-7"),
            ("dev-7", false, "", Some("dev-7"), "refused"),
            // One of a group.
            ("", true, "dev-7", None, "repeated dev-7"),
            // One of a group that was turned away, though the code is for others still.
            ("", true, "refused dev-7", None, "refused"),
        ] {
            let code = CodeRow {
                device: bound.to_owned(),
                works,
                holder: (!holder.is_empty()).then(|| Holder {
                    device: holder.trim_start_matches("refused ").to_owned(),
                    awaits: holder.starts_with("refused "),
                    refused: holder.starts_with("refused "),
                }),
                ..CodeRow::default()
            };
            let request = NewDevice {
                code_hash: [0; 32],
                name: String::new(),
                version: String::new(),
                public_key: [0; 32],
                device: known.map(str::to_owned),
                salt: 0,
                now: Timestamp::UNIX_EPOCH,
            };
            let found = match decide(&code, &request) {
                Ok(Enrolment::New) => "new".to_owned(),
                Ok(Enrolment::Again(device)) => format!("again {device}"),
                Ok(Enrolment::Repeated(holder)) => format!("repeated {}", holder.device),
                Err(LedgerError::CodeForNewDevice(_)) => "for a new device".to_owned(),
                Err(LedgerError::CodeForOtherDevice) => "for another device".to_owned(),
                Err(_) => "refused".to_owned(),
            };
            assert_eq!(found, wanted, "{code:?} shown by {known:?}");
        }
    }
}
