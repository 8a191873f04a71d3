//! Dock portals: which antennas of which readers look where, what says that goods pass, and what shows what came of it.

use std::fmt;

use serde::Deserialize;
use tallyman_codes::{ANTENNAS_MAX, DeviceName};
use tallyman_drivers::Inventory;
use tallyman_floor::rfid::{EYES_MAX, GateTiming, Side, Sides};
use tallyman_floor::wire::v1::PORTAL_NAME_BYTES_MAX;
use tallyman_floor::{Light, LocationId};

use crate::rfid::{POWER_MAX_CENTI_DBM, SESSION_MAX};

/// The most portals of one device.
pub const PORTALS_MAX: usize = 8;

/// The most lamps that show one state.
const LAMPS_MAX: usize = 8;

/// The most neighbours of a portal.
const NEIGHBOURS_MAX: usize = 8;

/// The highest port and antenna number (LLRP counts them from 1 in 16 bits; no reader has more).
const PORT_MAX: u16 = 64;

/// A portal.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PortalConfig {
    /// Its name, as facts and pages tell it.
    pub name: String,
    /// The kinds of work that passes are recorded for; empty for a portal that only hears for its neighbours.
    pub kinds: Vec<String>,
    /// The dock whose receipts are worked here; empty for those of any.
    pub dock: String,
    /// The antennas that look away from the house.
    pub outside: Vec<Port>,
    /// The antennas that look across the door.
    pub door: Vec<Port>,
    /// The antennas that look into the house.
    pub inside: Vec<Port>,
    /// The inputs of photo eyes; empty where the first and the last tag make a pass.
    pub photo_eyes: Vec<Port>,
    /// Which level of the input means that an eye is interrupted.
    pub interrupted: Level,
    /// How long after the last eye was clear, or the last new tag was heard, a pass ends, in milliseconds.
    pub after_ms: u32,
    /// How long a pass lasts at most, in seconds.
    pub pass_s_max: u32,
    /// The Gen2 session while goods may pass.
    pub session: u8,
    /// The power while goods may pass, in hundredths of a dBm; 0 for what the reader was set up with.
    pub power_centi_dbm: u16,
    /// The outputs of the light stack.
    pub lamps: LampsConfig,
    /// For how long the lamps show what came of a pass, in seconds.
    pub lamps_s: u32,
    /// The portals of this device that may hear the same goods.
    pub neighbours: Vec<String>,
    /// The portals of other devices of the site that may hear the same goods.
    pub neighbours_elsewhere: Vec<String>,
    /// How long is waited for what neighbours heard, in milliseconds. What they may have heard is a barcode check then.
    pub settle_ms: u32,
}

impl Default for PortalConfig {
    fn default() -> Self {
        Self {
            name: String::new(),
            kinds: vec![RECEIVE.to_owned()],
            dock: String::new(),
            outside: Vec::new(),
            door: Vec::new(),
            inside: Vec::new(),
            photo_eyes: Vec::new(),
            interrupted: Level::High,
            after_ms: 2_000,
            pass_s_max: 60,
            session: 0,
            power_centi_dbm: 0,
            lamps: LampsConfig::default(),
            lamps_s: 10,
            neighbours: Vec::new(),
            neighbours_elsewhere: Vec::new(),
            settle_ms: 3_000,
        }
    }
}

/// The kind of work that passes are recorded for.
const RECEIVE: &str = "receive";

/// The level of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// High.
    High,
    /// Low.
    Low,
}

/// Which outputs are high for each state of the lights.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LampsConfig {
    /// Goods can come.
    pub ready: Vec<Port>,
    /// Goods pass.
    pub reading: Vec<Port>,
    /// All of the pass is recorded.
    pub good: Vec<Port>,
    /// Something is to be looked at.
    pub doubt: Vec<Port>,
    /// Nothing was recorded, or nothing can be.
    pub stop: Vec<Port>,
}

impl LampsConfig {
    /// What is high for a state.
    pub fn of(&self, light: Light) -> &[Port] {
        match light {
            Light::Off => &[],
            Light::Ready => &self.ready,
            Light::Reading => &self.reading,
            Light::Good => &self.good,
            Light::Doubt => &self.doubt,
            Light::Stop => &self.stop,
        }
    }

    /// Every output.
    pub fn all(&self) -> impl Iterator<Item = &Port> {
        Light::ALL.into_iter().flat_map(|light| self.of(light))
    }
}

/// An antenna, an input or an output of a reader: `reader:1`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Port {
    /// The reader, by its name in the configuration.
    pub reader: DeviceName,
    /// Its number, from 1.
    pub number: u16,
}

impl TryFrom<String> for Port {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let parts = text.rsplit_once(':').filter(|(reader, _)| !reader.is_empty());
        let number = parts.and_then(|(_, number)| number.parse().ok());
        match (parts, number) {
            (Some((reader, _)), Some(number @ 1..=PORT_MAX)) => Ok(Self {
                reader: DeviceName::new(reader),
                number,
            }),
            _ => Err(format!(
                "{text:?} is no port of a reader; write its name and the number, as \"dock:1\""
            )),
        }
    }
}

impl fmt::Display for Port {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.reader, self.number)
    }
}

impl PortalConfig {
    /// Its antennas, in the order in which its passes count them, and where each looks.
    pub fn antennas(&self) -> impl Iterator<Item = (&Port, Side)> {
        let outside = self.outside.iter().map(|port| (port, Side::Outside));
        let door = self.door.iter().map(|port| (port, Side::Door));
        let inside = self.inside.iter().map(|port| (port, Side::Inside));
        outside.chain(door).chain(inside)
    }

    /// Where each antenna looks, as passes count them.
    pub fn sides(&self) -> Sides {
        // What is no antenna of the portal looks where the first does: the portal tells directions where its own look to
        // several sides, and only then.
        let first = self.antennas().next().map(|(_, side)| side).unwrap_or_default();
        let mut sides = [first; ANTENNAS_MAX];
        for (kept, (_, side)) in sides.iter_mut().zip(self.antennas()) {
            *kept = side;
        }
        sides
    }

    /// When its passes begin and end.
    pub const fn timing(&self) -> GateTiming {
        GateTiming {
            by_eyes: !self.photo_eyes.is_empty(),
            after_ms: self.after_ms,
            pass_ms_max: self.pass_s_max.saturating_mul(1_000),
        }
    }

    /// Whether receipts of a dock are worked here.
    pub fn works_at(&self, dock: &LocationId) -> bool {
        let is_here = self.dock.is_empty() || self.dock == dock.as_str();
        is_here && self.kinds.iter().any(|kind| kind == RECEIVE)
    }

    /// The readers it takes part of.
    pub fn readers(&self) -> impl Iterator<Item = &DeviceName> {
        let eyes = self.photo_eyes.iter();
        self.antennas()
            .map(|(port, _)| port)
            .chain(eyes)
            .map(|port| &port.reader)
    }

    /// How one of its readers looks for tags while goods may pass.
    pub fn inventory(&self, reader: &DeviceName) -> Inventory {
        let own = self.antennas().filter(|(port, _)| port.reader == *reader);
        Inventory {
            power_centi_dbm: (self.power_centi_dbm > 0).then_some(self.power_centi_dbm),
            session: Some(self.session),
            antennas: own.fold(0, |antennas, (port, _)| {
                antennas | 1_u32.checked_shl(u32::from(port.number - 1)).unwrap_or(0)
            }),
            filter: None,
        }
    }

    /// Checks what the text's form does not; `is_reader` says whether a device can look for tags.
    ///
    /// # Errors
    /// A sentence that names the key.
    fn check(&self, is_device: &dyn Fn(&str) -> bool) -> Result<(), String> {
        let name = &self.name;
        let wrong = |what: String| Err(format!("portal `{name}`: {what}"));
        if name.trim().is_empty() {
            return Err("a portal has an empty `name`; give it one of its own".to_owned());
        }
        if let Some(kind) = self.kinds.iter().find(|kind| *kind != RECEIVE) {
            return wrong(format!(
                "`kinds` names {kind:?}; passes are recorded for {RECEIVE:?} only"
            ));
        }
        let antennas = self.antennas().count();
        if antennas == 0 || antennas > ANTENNAS_MAX {
            return wrong(format!(
                "it has {antennas} antennas in `outside`, `door` and `inside`; it must be from 1 to {ANTENNAS_MAX}"
            ));
        }
        let all = self.antennas().map(|(port, _)| port);
        let all = all.chain(&self.photo_eyes).chain(self.lamps.all());
        if let Some(port) = all.into_iter().find(|port| !is_device(port.reader.as_str())) {
            return wrong(format!("\"{port}\" names a device that is not configured"));
        }
        for (key, count, most) in [
            ("photo_eyes", self.photo_eyes.len(), EYES_MAX),
            ("lamps", self.lamps.all().count(), LAMPS_MAX * 5),
            ("neighbours", self.neighbours.len(), NEIGHBOURS_MAX),
            (
                "neighbours_elsewhere",
                self.neighbours_elsewhere.len(),
                NEIGHBOURS_MAX,
            ),
        ] {
            if count > most {
                return wrong(format!("`{key}` has {count} entries; it can have up to {most}"));
            }
        }
        // What the hub passes on has names of a bounded length.
        if !self.neighbours_elsewhere.is_empty() && name.len() > PORTAL_NAME_BYTES_MAX {
            return wrong(format!("its name is longer than {PORTAL_NAME_BYTES_MAX} bytes"));
        }
        for (key, value, range) in [
            ("after_ms", self.after_ms, 250..=30_000),
            ("pass_s_max", self.pass_s_max, 5..=600),
            ("lamps_s", self.lamps_s, 1..=600),
            ("settle_ms", self.settle_ms, 250..=30_000),
            ("session", u32::from(self.session), 0..=u32::from(SESSION_MAX)),
            (
                "power_centi_dbm",
                u32::from(self.power_centi_dbm),
                0..=u32::from(POWER_MAX_CENTI_DBM),
            ),
        ] {
            if !range.contains(&value) {
                return wrong(format!(
                    "`{key}` is {value}; it must be from {} to {}",
                    range.start(),
                    range.end()
                ));
            }
        }
        Ok(())
    }
}

/// Checks the portals of a device.
///
/// # Errors
/// A sentence that names the portal and the key.
pub fn check(portals: &[PortalConfig], is_device: &dyn Fn(&str) -> bool) -> Result<(), String> {
    if portals.len() > PORTALS_MAX {
        return Err(format!(
            "there are {} portals; a device can have up to {PORTALS_MAX}",
            portals.len()
        ));
    }
    for (place, portal) in portals.iter().enumerate() {
        portal.check(is_device)?;
        let (before, _) = portals.split_at(place);
        if before.iter().any(|other| other.name == portal.name) {
            return Err(format!(
                "two portals are called `{}`; give each a name of its own",
                portal.name
            ));
        }
        let is_portal = |name: &&String| {
            portals
                .iter()
                .any(|other| other.name == **name && **name != portal.name)
        };
        if let Some(name) = portal.neighbours.iter().find(|name| !is_portal(name)) {
            return Err(format!(
                "portal `{}`: `neighbours` names {name:?}, which is no other portal of this device",
                portal.name
            ));
        }
        let is_no_other = |name: &&String| {
            portals.iter().any(|own| own.name == **name)
                || !(1..=PORTAL_NAME_BYTES_MAX).contains(&name.trim().len())
        };
        if let Some(name) = portal.neighbours_elsewhere.iter().find(is_no_other) {
            return Err(format!(
                "portal `{}`: `neighbours_elsewhere` names {name:?}, which cannot be a portal of another device; those of this \
                 device go to `neighbours`",
                portal.name
            ));
        }
        let taken = |port: &Port| {
            before
                .iter()
                .flat_map(PortalConfig::antennas)
                .any(|(other, _)| other == port)
        };
        if let Some((port, _)) = portal.antennas().find(|(port, _)| taken(port)) {
            return Err(format!(
                "portal `{}`: \"{port}\" is an antenna of another portal",
                portal.name
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn portal(more: &str) -> Result<PortalConfig, String> {
        let text = format!("name = \"door-1\"\n{more}");
        toml::from_str(&text).map_err(|error| error.to_string())
    }

    fn checked(more: &str) -> Result<(), String> {
        check(&[portal(more)?], &|name| name == "dock" || name == "dock:b")
    }

    #[test]
    fn antennas_are_counted_over_readers_and_look_where_it_is_said() {
        let portal = portal(
            "outside = [\"dock:3\"]\ninside = [\"dock:b:1\", \"dock:2\"]\nsession = 1\npower_centi_dbm = 2700",
        )
        .unwrap();
        assert_eq!(
            check(std::slice::from_ref(&portal), &|name| name.starts_with("dock")),
            Ok(())
        );
        let sides = portal.sides();
        assert_eq!(
            sides.first_chunk::<4>().unwrap(),
            &[Side::Outside, Side::Inside, Side::Inside, Side::Outside]
        );
        let antennas = portal.inventory(&DeviceName::new("dock")).antennas;
        assert_eq!(antennas, 0b110);
        assert_eq!(portal.inventory(&DeviceName::new("dock:b")).antennas, 0b1);
        assert_eq!(
            portal.inventory(&DeviceName::new("dock")).power_centi_dbm,
            Some(2_700)
        );
        assert!(portal.works_at(&"DOCK-1".into()) && !portal.timing().by_eyes);
    }

    #[test]
    fn what_cannot_be_is_named() {
        for (more, told) in [
            ("", "it has 0 antennas"),
            ("door = [\"dock\"]", "is no port of a reader"),
            ("door = [\"dock:0\"]", "is no port of a reader"),
            ("door = [\"dock:65\"]", "is no port of a reader"),
            (
                "door = [\"gate:1\"]",
                "\"gate:1\" names a device that is not configured",
            ),
            (
                "door = [\"dock:1\"]\nphoto_eyes = [\"gate:1\"]",
                "\"gate:1\" names a device",
            ),
            (
                "door = [\"dock:1\"]\nlamps = { good = [\"gate:1\"] }",
                "\"gate:1\" names a device",
            ),
            (
                "door = [\"dock:1\"]\nkinds = [\"load\"]",
                "`kinds` names \"load\"",
            ),
            (
                "door = [\"dock:1\"]\nafter_ms = 10",
                "`after_ms` is 10; it must be from 250 to 30000",
            ),
            ("door = [\"dock:1\"]\nsession = 4", "`session` is 4"),
            ("door = [\"dock:1\"]\ncolour = 4", "unknown field"),
        ] {
            let error = checked(more).unwrap_err();
            assert!(error.contains(told), "{more:?}: {error}");
        }
        assert_eq!(checked("door = [\"dock:1\"]\nkinds = []"), Ok(()));
    }

    #[test]
    fn portals_share_readers_and_no_antenna() {
        let one = portal("door = [\"dock:1\"]").unwrap();
        let mut two = PortalConfig {
            name: "door-2".to_owned(),
            ..portal("door = [\"dock:2\"]").unwrap()
        };
        let is_device = |_: &str| true;
        assert_eq!(check(&[one.clone(), two.clone()], &is_device), Ok(()));
        two.door.clone_from(&one.door);
        assert!(
            check(&[one.clone(), two], &is_device)
                .unwrap_err()
                .contains("antenna of another portal")
        );
        let mut alone = one.clone();
        alone.neighbours = vec!["door-9".to_owned()];
        let error = check(&[alone], &is_device).unwrap_err();
        assert!(error.contains("no other portal of this device"), "{error}");
        for name in ["door-1", "", " ", &"x".repeat(65)] {
            let mut alone = one.clone();
            alone.neighbours_elsewhere = vec![name.to_owned()];
            let error = check(&[alone], &is_device).unwrap_err();
            assert!(
                error.contains("cannot be a portal of another device"),
                "{name:?}: {error}"
            );
        }
        let mut alone = one.clone();
        alone.neighbours_elsewhere = vec!["door-9".to_owned()];
        assert_eq!(check(std::slice::from_ref(&alone), &is_device), Ok(()));
        alone.name = "x".repeat(65);
        assert!(
            check(&[alone], &is_device)
                .unwrap_err()
                .contains("is longer than")
        );
        assert!(
            check(&[one.clone(), one], &is_device)
                .unwrap_err()
                .contains("two portals")
        );
    }
}
