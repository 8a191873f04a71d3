//! The dock's door: a portal with a virtual LLRP reader, photo eyes and a light stack, and a pallet that is driven through when
//! somebody clicks.

use std::sync::Arc;

use crate::doorway::{Doorway, EYES, INSIDE, OUTSIDE};
use crate::house::HouseError;
use crate::reader::llrp::{LlrpPlan, ReaderState};
use crate::warehouse::TaggedDelivery;

/// The reader's name in the configuration.
const READER: &str = "gate";
/// The portal's power, in hundredths of a dBm.
const POWER_CENTI_DBM: u16 = 2_900;
/// The lamps by their outputs, output 1 first: what the configuration calls them, and what people read.
const LAMPS: [(&str, &str); 5] = [
    ("ready", "ready: goods can come"),
    ("reading", "reading: goods pass"),
    ("good", "green: all of the pass is recorded"),
    ("doubt", "amber: labels are to be scanned"),
    ("stop", "red: nothing was recorded"),
];

/// Hangs the portal into the door.
pub(super) async fn open(delivery: &TaggedDelivery) -> Result<Arc<Doorway>, HouseError> {
    let plan = LlrpPlan {
        outputs: LAMPS.len() as u16,
        ..LlrpPlan::default()
    };
    let doorway = Doorway::listen(plan, vec![delivery.scene()]).await;
    doorway.map(Arc::new).map_err(|cause| HouseError::System {
        what: "a port on loopback",
        cause,
    })
}

/// What the dock's configuration says of it.
pub(super) fn config(doorway: &Doorway, dock: &str) -> String {
    let address = doorway.address().map(|address| address.to_string());
    let ports = |numbers: &[u16]| {
        let ports = numbers.iter().map(|number| format!("\"{READER}:{number}\""));
        ports.collect::<Vec<_>>().join(", ")
    };
    let lamps = (1..)
        .zip(LAMPS)
        .map(|(output, (name, _)): (u16, _)| format!("{name} = [{}]", ports(&[output])));
    format!(
        "[[device]]\nname = \"{READER}\"\ndriver = \"llrp\"\n\
         link = {{ tcp_client = {{ address = \"{address}\" }} }}\n\
         [[portal]]\nname = \"door-1\"\ndock = \"{dock}\"\noutside = [{outside}]\ninside = [{inside}]\n\
         photo_eyes = [{eyes}]\npower_centi_dbm = {POWER_CENTI_DBM}\nlamps = {{ {lamps} }}\n",
        address = address.unwrap_or_default(),
        outside = ports(&OUTSIDE),
        inside = ports(&INSIDE),
        eyes = ports(&EYES),
        lamps = lamps.collect::<Vec<_>>().join(", "),
    )
}

/// What the light stack shows, in a sentence's part; dark where no receipt is open.
pub(super) fn light(reader: &ReaderState) -> &'static str {
    let burning = reader.outputs.iter().zip(LAMPS).find(|(high, _)| **high);
    burning.map_or("dark: no delivery is open here", |(_, (_, says))| says)
}

#[cfg(test)]
mod tests {
    use tallyman_agent::config::AgentConfig;

    use super::*;
    use crate::warehouse::TaggedZone;

    #[tokio::test]
    async fn the_configuration_is_one_and_names_every_part_of_the_portal() {
        let zone = TaggedZone::new(7, 1);
        let doorway = open(&zone.delivery).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("agent.toml");
        std::fs::write(&file, config(&doorway, &zone.delivery.dock)).unwrap();
        let config = AgentConfig::load(Some(&file), &|_| None).unwrap();
        config.check().unwrap();
        let portal = &config.portals[0];
        assert_eq!(portal.antennas().count(), 4);
        assert_eq!(portal.photo_eyes.len(), 2);
        assert_eq!(portal.lamps.all().count(), LAMPS.len());
    }

    #[test]
    fn the_light_is_told_by_its_lamp() {
        let burning = |lamp: usize| ReaderState {
            outputs: (0..LAMPS.len()).map(|output| output == lamp).collect(),
            ..ReaderState::default()
        };
        assert!(light(&burning(2)).starts_with("green"));
        assert!(light(&burning(99)).starts_with("dark"));
    }
}
