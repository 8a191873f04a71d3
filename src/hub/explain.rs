//! Why something was accepted: a confirmation, or a scan, and the step behind it, judged again from the trace.

use std::path::{Path, PathBuf};

use tallyman_floor::trace::{Traced, trace_of_record};

use crate::OpenHubError;
use crate::config::HubConfig;
use crate::ledger::postgres::PostgresLedger;
use crate::ledger::sqlite::SqliteLedger;
use crate::ledger::{DeviceIdentity, Ledger, LedgerError};

/// Explains a confirmation; `None` where the journal has none there.
pub(crate) async fn confirmation(
    ledger: &dyn Ledger,
    device: DeviceIdentity,
    epoch: u32,
    seq: u64,
) -> Result<Option<Traced>, LedgerError> {
    let Some((_, record)) = ledger.record(device.clone(), Some(epoch), seq).await? else {
        return Ok(None);
    };
    let entries = ledger.traces(device).await?;
    Ok(Some(trace_of_record(&entries, &record, epoch, seq)))
}

/// The traces of a hub, for a command. Nothing is changed, and the hub may be running.
pub struct TraceDesk {
    store: Store,
}

enum Store {
    File(PathBuf),
    Database(Box<PostgresLedger>),
}

impl std::fmt::Debug for TraceDesk {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("TraceDesk").finish_non_exhaustive()
    }
}

impl TraceDesk {
    /// Looks into the store or database of a configuration.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub async fn open(config: &HubConfig, store: &Path) -> Result<Self, OpenHubError> {
        let store = if config.database.url.is_empty() {
            Store::File(store.to_path_buf())
        } else {
            Store::Database(Box::new(PostgresLedger::open_to_read(&config.database).await?))
        };
        Ok(Self { store })
    }

    /// The devices that have this identity or this name.
    ///
    /// # Errors
    /// Why they cannot be read.
    pub async fn devices(&self, named: &str) -> Result<Vec<DeviceIdentity>, OpenHubError> {
        Ok(match &self.store {
            Store::File(path) => SqliteLedger::devices_of_file(path, named)?,
            Store::Database(ledger) => ledger.devices_named(named).await?,
        })
    }

    /// The trace entries of a device, by their numbers.
    ///
    /// # Errors
    /// Why they cannot be read.
    pub async fn traces(&self, device: &DeviceIdentity) -> Result<Vec<(u64, String)>, OpenHubError> {
        Ok(match &self.store {
            Store::File(path) => SqliteLedger::traces_of_file(path, device)?,
            Store::Database(ledger) => ledger.traces(device.clone()).await?,
        })
    }

    /// The epoch and the body of a record of a device's journal, of its newest epoch that has one where none is given.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub async fn record(
        &self,
        device: &DeviceIdentity,
        epoch: Option<u32>,
        seq: u64,
    ) -> Result<Option<(u32, Vec<u8>)>, OpenHubError> {
        Ok(match &self.store {
            Store::File(path) => SqliteLedger::record_of_file(path, device, epoch, seq)?,
            Store::Database(ledger) => ledger.record(device.clone(), epoch, seq).await?,
        })
    }
}
