//! What a reader says it can do, as far as the driver needs it.

use super::numbers::parameter as p;
use super::tree::{Message, Parameter, Value};

/// Entries of a table that are kept. Readers have up to a hundred steps of power and some fifty channels.
const ENTRIES_MAX: usize = 1_024;
/// Characters of the firmware's name that are kept.
const FIRMWARE_MAX: usize = 200;

/// A reader's capabilities.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Capabilities {
    /// The maker, an IANA private enterprise number.
    pub manufacturer: u32,
    /// The maker's own number of the model.
    pub model: u32,
    /// The firmware's version, as the reader calls it.
    pub firmware: String,
    /// How many antennas it has; 0 where it did not say.
    pub antennas: u16,
    /// General-purpose inputs.
    pub inputs: u16,
    /// General-purpose outputs; `None` where it did not say.
    pub outputs: Option<u16>,
    /// Steps of transmit power: the index, and hundredths of a dBm.
    pub powers: Vec<(u16, i32)>,
    /// Whether it hops between channels.
    pub hops: bool,
    /// The first table of channels it hops over.
    pub hop_table: Option<u16>,
    /// How many select filters it takes; `None` where it did not say.
    pub filters_max: Option<u16>,
    /// Modes of the radio link, by their identifiers.
    pub modes: Vec<u32>,
}

impl Capabilities {
    /// What stands in a GET_READER_CAPABILITIES_RESPONSE.
    pub fn of(message: &Message) -> Self {
        let mut found = Self::default();
        if let Some(general) = message.child(p::GENERAL_DEVICE_CAPABILITIES) {
            found.general(general);
        }
        if let Some(band) = message
            .child(p::REGULATORY_CAPABILITIES)
            .and_then(|regulatory| regulatory.child(p::UHF_BAND_CAPABILITIES))
        {
            found.band(band);
        }
        found.filters_max = message
            .child(p::C1G2_LLRP_CAPABILITIES)
            .and_then(|gen2| number(gen2, "MaxNumSelectFiltersPerQuery"));
        found
    }

    fn general(&mut self, general: &Parameter) {
        self.manufacturer = number(general, "DeviceManufacturerName").unwrap_or_default();
        self.model = number(general, "ModelName").unwrap_or_default();
        let firmware = general.text("ReaderFirmwareVersion").unwrap_or_default();
        self.firmware = firmware.chars().take(FIRMWARE_MAX).collect();
        self.antennas = number(general, "MaxNumberOfAntennaSupported").unwrap_or_default();
        if let Some(ports) = general.child(p::GPIO_CAPABILITIES) {
            self.inputs = number(ports, "NumGPIs").unwrap_or_default();
            self.outputs = number(ports, "NumGPOs");
        }
    }

    fn band(&mut self, band: &Parameter) {
        self.powers = band
            .children(p::TRANSMIT_POWER_LEVEL_TABLE_ENTRY)
            .filter_map(|entry| Some((number(entry, "Index")?, number(entry, "TransmitPowerValue")?)))
            .take(ENTRIES_MAX)
            .collect();
        if let Some(frequencies) = band.child(p::FREQUENCY_INFORMATION) {
            self.hops = frequencies.number("Hopping") == Some(1);
            self.hop_table = frequencies
                .child(p::FREQUENCY_HOP_TABLE)
                .and_then(|table| number(table, "HopTableID"));
        }
        self.modes = band
            .children(p::C1G2_UHF_RF_MODE_TABLE)
            .flat_map(|table| table.children(p::C1G2_UHF_RF_MODE_TABLE_ENTRY))
            .filter_map(|entry| number(entry, "ModeIdentifier"))
            .take(ENTRIES_MAX)
            .collect();
    }

    /// The step of power nearest to this that is not above it, or the lowest there is: its index, and hundredths of a dBm.
    pub fn power(&self, wanted_centi_dbm: u16) -> Option<(u16, i32)> {
        let wanted = i32::from(wanted_centi_dbm);
        let below = self.powers.iter().filter(|(_, power)| *power <= wanted);
        below
            .max_by_key(|(_, power)| *power)
            .or_else(|| self.powers.iter().min_by_key(|(_, power)| *power))
            .copied()
    }
}

fn number<T: TryFrom<i64>>(parameter: &Parameter, name: &str) -> Option<T> {
    parameter
        .field(name)
        .and_then(Value::number)
        .and_then(|number| T::try_from(number).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_power_is_the_nearest_that_is_not_above() {
        let reader = Capabilities {
            powers: vec![(1, 1_000), (2, 1_500), (3, 3_000), (4, 2_025)],
            ..Capabilities::default()
        };
        for (wanted, index) in [
            (3_000, 3),
            (2_999, 4),
            (2_025, 4),
            (1_999, 2),
            (1_000, 1),
            (500, 1),
        ] {
            assert_eq!(reader.power(wanted).unwrap().0, index, "{wanted}");
        }
        assert_eq!(Capabilities::default().power(3_000), None);
    }
}
