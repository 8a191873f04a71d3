//! How RFID readers work here: settings that follow the work, and the rules by which tags are judged.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use tallyman_drivers::Inventory;
use tallyman_floor::rfid::Rules;
use tokio::sync::watch;

use crate::floor_loop::Readers;
use crate::seams::{ReaderWish, SweepStore};

/// The highest Gen2 session (EPC UHF Gen2 Air Interface, section 6.3.2.2).
pub(crate) const SESSION_MAX: u8 = 3;

/// The highest power that is asked for, in hundredths of a dBm; readers take the nearest they have below.
pub(crate) const POWER_MAX_CENTI_DBM: u16 = 4_000;

/// RFID readers at work.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RfidConfig {
    /// Whether they start in every place of a count.
    pub start_at_place: bool,
    /// The Gen2 session while a place is swept.
    pub sweep_session: u8,
    /// The power while a place is swept, in hundredths of a dBm; 0 for what the reader was set up with.
    pub sweep_power_centi_dbm: u16,
    /// The Gen2 session while one piece is looked for.
    pub find_session: u8,
    /// The power while one piece is looked for; the same.
    pub find_power_centi_dbm: u16,
    /// Rules by which tags are judged that are others than the usual ones.
    pub rules: BTreeMap<String, i32>,
}

impl Default for RfidConfig {
    fn default() -> Self {
        Self {
            start_at_place: false,
            sweep_session: 1,
            sweep_power_centi_dbm: 0,
            find_session: 0,
            find_power_centi_dbm: 0,
            rules: BTreeMap::new(),
        }
    }
}

impl RfidConfig {
    /// Checks what the text's form does not.
    ///
    /// # Errors
    /// A sentence that names the key.
    pub fn check(&self) -> Result<(), String> {
        for (key, session) in [
            ("rfid.sweep_session", self.sweep_session),
            ("rfid.find_session", self.find_session),
        ] {
            if session > SESSION_MAX {
                return Err(format!(
                    "`{key}` is {session}; it must be from 0 to {SESSION_MAX}"
                ));
            }
        }
        for (key, power) in [
            ("rfid.sweep_power_centi_dbm", self.sweep_power_centi_dbm),
            ("rfid.find_power_centi_dbm", self.find_power_centi_dbm),
        ] {
            if power > POWER_MAX_CENTI_DBM {
                return Err(format!(
                    "`{key}` is {power}; it must be from 0 to {POWER_MAX_CENTI_DBM}"
                ));
            }
        }
        self.judging().map(drop)
    }

    /// The rules by which tags are judged.
    fn judging(&self) -> Result<Rules, String> {
        let mut rules = Rules::default();
        for (name, value) in &self.rules {
            rules
                .set(name, *value)
                .map_err(|fault| format!("`rfid.rules`: {fault}"))?;
        }
        Ok(rules)
    }

    /// The rules by which tags are judged, of a configuration that was checked.
    pub(crate) fn judging_rules(&self) -> Rules {
        self.judging().unwrap_or_default()
    }

    /// What the floor loop needs of it.
    pub(crate) fn readers(&self, store: Arc<dyn SweepStore>, wish: watch::Sender<ReaderWish>) -> Readers {
        Readers {
            store,
            wish,
            rules: self.judging_rules(),
            sweep: inventory(self.sweep_session, self.sweep_power_centi_dbm),
            find: inventory(self.find_session, self.find_power_centi_dbm),
            start_at_place: self.start_at_place,
        }
    }
}

fn inventory(session: u8, power_centi_dbm: u16) -> Inventory {
    Inventory {
        power_centi_dbm: (power_centi_dbm > 0).then_some(power_centi_dbm),
        session: Some(session),
        ..Inventory::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_reader_can_do_is_named() {
        assert_eq!(RfidConfig::default().check(), Ok(()));
        let wrong = |change: fn(&mut RfidConfig)| {
            let mut config = RfidConfig::default();
            change(&mut config);
            config.check().unwrap_err()
        };
        let told = [
            wrong(|config| config.sweep_session = 4),
            wrong(|config| config.find_power_centi_dbm = 4_001),
            wrong(|config| {
                config.rules.insert("near_gap".to_owned(), 1);
            }),
        ];
        assert_eq!(
            told,
            [
                "`rfid.sweep_session` is 4; it must be from 0 to 3",
                "`rfid.find_power_centi_dbm` is 4001; it must be from 0 to 4000",
                "`rfid.rules`: near_gap is 1: it can be from 100 to 4000 dB/100",
            ]
        );
        let mut config = RfidConfig::default();
        config.rules.insert("near_gap".to_owned(), 900);
        assert_eq!(config.judging().unwrap().near_gap, 900);
    }
}
