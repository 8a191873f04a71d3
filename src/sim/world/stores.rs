//! What people do to a device's store: they keep a copy, put it back, or set the store aside.

use super::device::Device;
use super::trace;
use super::witness::{Journal, at_hub};

impl Device {
    /// Somebody keeps a copy of the store, with the program ended.
    pub async fn copy_store(&mut self) {
        self.ensure_it_runs().await;
        self.end().await;
        if self.world.disk.is_cut(self.node) {
            return;
        }
        let copy = self.folder.join("copy.db");
        let _ = std::fs::remove_file(self.folder.join("copy.db-shm"));
        let _ = std::fs::remove_file(self.folder.join("copy.db-wal"));
        let copied = std::fs::copy(self.store(), &copy).is_ok();
        let log = self.folder.join("agent.db-wal");
        let is_whole = !log.exists() || std::fs::copy(log, self.folder.join("copy.db-wal")).is_ok();
        self.copy = (copied && is_whole).then_some(copy);
        self.world.trace.happened(&self.name, "store: copied");
    }

    /// Somebody puts the copy back, whatever has happened since it was made. It is kept, and may come back again: by then
    /// the device has a later epoch.
    pub async fn put_store_back(&mut self) {
        let Some(copy) = self.copy.clone() else { return };
        self.ensure_it_runs().await;
        let epoch = self.agent.as_ref().map_or(0, |agent| agent.status().epoch);
        self.end().await;
        let now = self.journal();
        self.account().look(&now);
        let Ok(old) = Journal::of_device(&copy) else {
            return;
        };
        if self.world.disk.is_cut(self.node) || old.is_empty() {
            return;
        }
        if old.epoch() < epoch {
            self.world
                .trace
                .count("store: a copy of an earlier epoch put back");
        }
        self.world.disk.mend(self.node);
        for suffix in ["-wal", "-shm"] {
            let _ = std::fs::remove_file(self.folder.join(format!("agent.db{suffix}")));
        }
        let log = self.folder.join("copy.db-wal");
        let is_back = std::fs::copy(&copy, self.store()).is_ok()
            && (!log.exists() || std::fs::copy(&log, self.folder.join("agent.db-wal")).is_ok());
        self.world.disk.settle(self.node);
        if is_back {
            self.replaced(Some(&old));
            self.world
                .trace
                .happened(&self.name, "store: an older copy put back");
        }
    }

    /// Somebody sets the store aside: an empty one takes its place, and the device is enrolled anew.
    pub async fn set_store_aside(&mut self) {
        self.ensure_it_runs().await;
        self.end().await;
        if self.world.disk.is_cut(self.node) {
            return;
        }
        let journal = self.journal();
        self.account().look(&journal);
        match tallyman_agent::store::set_aside(&self.store(), self.world.true_time()) {
            Ok(_) => {
                self.copy = None;
                self.replaced(None);
                self.world.trace.happened(&self.name, "store: set aside");
            }
            Err(error) => {
                let why = trace::of_every_run(&error.to_string(), &self.folder);
                self.world
                    .trace
                    .note(&self.name, format_args!("not set aside: {why}"));
            }
        }
    }

    fn replaced(&mut self, journal: Option<&Journal>) {
        let at_hub = at_hub(&self.world.hub.store()).unwrap_or_default();
        self.account().store_replaced(journal, &at_hub);
    }
}
