//! How a device's configuration names its virtual RFID readers: a UHF module at a port, and a portal with an LLRP reader,
//! photo eyes and a light stack.

use std::net::SocketAddr;
use std::path::Path;

use tallyman_floor::Light;

use crate::doorway::{EYES, INSIDE, OUTSIDE};
use crate::reader::llrp::{LlrpPlan, ReaderState};

/// The name of a UHF module, and of its port in the device's folder.
pub const MODULE: &str = "sled";
/// The name of a portal's reader.
pub const GATE: &str = "gate";

/// The power of a sweep, in hundredths of a dBm: enough for two metres, not for a hall.
const SWEEP_CENTI_DBM: u16 = 2_000;
/// The portal's power, in hundredths of a dBm.
const PORTAL_CENTI_DBM: u16 = 2_900;

/// The lamps of a light stack by their outputs, output 1 first.
pub const LAMPS: [Light; 5] = [
    Light::Ready,
    Light::Reading,
    Light::Good,
    Light::Doubt,
    Light::Stop,
];

/// How long a portal waits and shows; in its configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PortalPace {
    /// After the last eye was clear a pass goes on for so long, in milliseconds.
    pub after_ms: u32,
    /// The lamps show what came of a pass for so long, in seconds.
    pub lamps_s: u32,
}

/// A UHF module in the device's folder.
pub fn module(folder: &Path) -> String {
    let port = serde_json::json!(folder.join(MODULE).to_string_lossy());
    format!(
        "[rfid]\nsweep_power_centi_dbm = {SWEEP_CENTI_DBM}\n\
         [[device]]\nname = \"{MODULE}\"\ndriver = \"uhf_m100\"\nlink = {{ serial = {{ path = {port} }} }}\n"
    )
}

/// A portal at a dock, whose reader listens at an address.
pub fn portal(address: Option<SocketAddr>, dock: &str, pace: PortalPace) -> String {
    let address = address.map(|address| address.to_string());
    let ports = |numbers: &[u16]| {
        let ports = numbers.iter().map(|number| format!("\"{GATE}:{number}\""));
        ports.collect::<Vec<_>>().join(", ")
    };
    let lamps = (1..)
        .zip(LAMPS)
        .map(|(output, light): (u16, _)| format!("{} = [{}]", light.word(), ports(&[output])));
    format!(
        "[[device]]\nname = \"{GATE}\"\ndriver = \"llrp\"\n\
         link = {{ tcp_client = {{ address = \"{address}\" }} }}\n\
         [[portal]]\nname = \"door-1\"\ndock = \"{dock}\"\noutside = [{outside}]\ninside = [{inside}]\n\
         photo_eyes = [{eyes}]\npower_centi_dbm = {PORTAL_CENTI_DBM}\nafter_ms = {after_ms}\nlamps_s = {lamps_s}\n\
         lamps = {{ {lamps} }}\n",
        address = address.unwrap_or_default(),
        outside = ports(&OUTSIDE),
        inside = ports(&INSIDE),
        eyes = ports(&EYES),
        after_ms = pace.after_ms,
        lamps_s = pace.lamps_s,
        lamps = lamps.collect::<Vec<_>>().join(", "),
    )
}

/// The reader of such a portal.
pub fn portal_reader() -> LlrpPlan {
    LlrpPlan {
        outputs: LAMPS.len() as u16,
        ..LlrpPlan::default()
    }
}

/// What the light stack shows; `None` while it is dark, or one lamp takes over from another.
pub fn light(reader: &ReaderState) -> Option<Light> {
    let mut burning = reader.outputs.iter().zip(LAMPS).filter(|(high, _)| **high);
    let (_, light) = burning.next()?;
    burning.next().is_none().then_some(light)
}

#[cfg(test)]
mod tests {
    use tallyman_agent::config::AgentConfig;

    use super::*;

    #[test]
    fn the_configuration_is_one_and_names_every_part_of_the_portal_and_the_module() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("agent.toml");
        let pace = PortalPace {
            after_ms: 300,
            lamps_s: 7,
        };
        let address = "127.0.0.1:5084".parse().ok();
        let text = portal(address, "DOCK-1", pace) + &module(folder.path());
        std::fs::write(&file, text).unwrap();
        let config = AgentConfig::load(Some(&file), &|_| None).unwrap();
        config.check().unwrap();
        let portal = &config.portals[0];
        assert_eq!(portal.antennas().count(), OUTSIDE.len() + INSIDE.len());
        assert_eq!(portal.photo_eyes.len(), EYES.len());
        assert_eq!((portal.after_ms, portal.lamps_s), (300, 7));
        for (output, light) in (1..).zip(LAMPS) {
            let ports = portal.lamps.of(light).iter();
            assert_eq!(ports.map(|port| port.number).collect::<Vec<_>>(), [output]);
        }
        assert_eq!(portal.lamps.all().count(), LAMPS.len());
        assert_eq!(config.devices.len(), 2);
    }

    #[test]
    fn one_lamp_that_burns_is_what_is_shown() {
        let burning = |lamps: &[usize]| ReaderState {
            outputs: (0..LAMPS.len()).map(|output| lamps.contains(&output)).collect(),
            ..ReaderState::default()
        };
        assert_eq!(light(&burning(&[2])), Some(Light::Good));
        assert_eq!(light(&burning(&[])), None);
        assert_eq!(light(&burning(&[1, 2])), None, "one takes over from the other");
    }
}
