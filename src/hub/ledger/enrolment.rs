//! Who a one-time code is for: decided here, apart from any database.

use super::{LedgerError, NewDevice};

/// A one-time code that has not expired, with what became of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct CodeRow {
    /// The site.
    pub(crate) site: String,
    /// What the device will be called; empty to take the name it gives itself.
    pub(crate) name: String,
    /// The device that it enrols again; empty for a new one.
    pub(crate) device: String,
    /// The device that used it; empty for none.
    pub(crate) used_by: String,
    /// The key of the device that used it.
    pub(crate) used_key: Vec<u8>,
}

/// What a code does for who shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Enrolment {
    /// A new device.
    New,
    /// A device that is there gets another key, and may work again.
    Again(String),
    /// This very key was enrolled with this code before, and the answer was lost.
    Repeated(String),
}

/// Says what a code does, or why it does nothing. It is not used up then.
pub(crate) fn decide(code: &CodeRow, request: &NewDevice) -> Result<Enrolment, LedgerError> {
    let known = request.device.as_deref();
    if !code.used_by.is_empty() {
        let is_same = code.used_key == request.public_key && known.is_none_or(|known| known == code.used_by);
        return if is_same {
            Ok(Enrolment::Repeated(code.used_by.clone()))
        } else {
            Err(LedgerError::CodeRefused)
        };
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
        // For whom the code is, who used it, who shows it (0 is the key that used it): what becomes of it.
        for (bound, used_by, known, key, wanted) in [
            ("", "", None, 0, "new"),
            ("", "", Some("dev-7"), 0, "for a new device"),
            ("dev-7", "", Some("dev-7"), 0, "again dev-7"),
            ("dev-7", "", Some("dev-8"), 0, "for another device"),
            ("dev-7", "", None, 0, "for another device"),
            ("", "dev-7", None, 0, "repeated dev-7"),
            ("", "dev-7", Some("dev-7"), 0, "repeated dev-7"),
            ("", "dev-7", None, 1, "refused"),
            ("", "dev-7", Some("dev-8"), 0, "refused"),
            ("dev-7", "dev-7", Some("dev-7"), 0, "repeated dev-7"),
            ("dev-7", "dev-7", Some("dev-7"), 1, "refused"),
        ] {
            let code = CodeRow {
                device: bound.to_owned(),
                used_by: used_by.to_owned(),
                used_key: vec![0; 32],
                ..CodeRow::default()
            };
            let request = NewDevice {
                code_hash: [0; 32],
                name: String::new(),
                version: String::new(),
                public_key: [key; 32],
                device: known.map(str::to_owned),
                salt: 0,
                now: Timestamp::UNIX_EPOCH,
            };
            let found = match decide(&code, &request) {
                Ok(Enrolment::New) => "new".to_owned(),
                Ok(Enrolment::Again(device)) => format!("again {device}"),
                Ok(Enrolment::Repeated(device)) => format!("repeated {device}"),
                Err(LedgerError::CodeForNewDevice(_)) => "for a new device".to_owned(),
                Err(LedgerError::CodeForOtherDevice) => "for another device".to_owned(),
                Err(_) => "refused".to_owned(),
            };
            assert_eq!(found, wanted, "{code:?} shown by {known:?}");
        }
    }
}
