//! Workers of a world: they go through their tasks, make mistakes, and go on whatever the device does. And what happens to
//! their devices meanwhile.

use std::time::Duration;

use jiff::SignedDuration;
use tallyman_floor::Key;

use crate::warehouse::{CountSheet, Order, Receipt, Warehouse};

use super::device::{Deed, Device};
use super::disk::Loss;

/// Seconds between two deeds of a worker, in milliseconds.
const PAUSE_MS: (u64, u64) = (400, 9_000);

/// Tries at one step before a worker gives it up.
const TRIES: usize = 3;

/// A well-formed number that no article here has.
const UNKNOWN: &str = "]E04006381333931";

/// Something that befalls a device, in thousandths of deeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    PowerCut,
    PowerCutAtAnOperation,
    OperationFails,
    DiskFull,
    ClockJumps,
    Outage,
    Restart,
    CopyStore,
    PutStoreBack,
    SetStoreAside,
    Break,
}

const TROUBLES: [(u64, Trouble); 11] = [
    (8, Trouble::PowerCut),
    (25, Trouble::PowerCutAtAnOperation),
    (12, Trouble::OperationFails),
    (8, Trouble::DiskFull),
    (15, Trouble::ClockJumps),
    (20, Trouble::Outage),
    (8, Trouble::Restart),
    (10, Trouble::CopyStore),
    (12, Trouble::PutStoreBack),
    (2, Trouble::SetStoreAside),
    (15, Trouble::Break),
];

/// What a worker has to do.
#[derive(Debug, Clone)]
pub enum Job {
    /// A receipt.
    Receive(Receipt),
    /// An order.
    Pick(Order),
    /// A count.
    Count(CountSheet),
}

impl Job {
    fn reference(&self) -> &str {
        match self {
            Self::Receive(receipt) => &receipt.reference,
            Self::Pick(order) => &order.reference,
            Self::Count(sheet) => &sheet.reference,
        }
    }
}

/// The time for work is over.
struct Over;

impl Device {
    /// Works until the time for it is over.
    pub async fn work(&mut self, warehouse: &Warehouse, jobs: &[Job]) {
        self.ensure_it_is_enrolled().await;
        // In a sweep, where there is one device.
        self.world.arm();
        let mut jobs = jobs.to_vec();
        while !self.world.is_calm() {
            self.chance.shuffle(&mut jobs);
            for job in &jobs {
                if self.job(warehouse, job).await.is_err() {
                    return;
                }
            }
            self.rest(5).await;
        }
    }

    async fn job(&mut self, warehouse: &Warehouse, job: &Job) -> Result<(), Over> {
        if !self.open(job).await? {
            return Ok(());
        }
        match job {
            Job::Receive(receipt) => self.receive(warehouse, job, receipt).await?,
            Job::Pick(order) => self.pick(warehouse, job, order).await?,
            Job::Count(sheet) => self.count(warehouse, job, sheet).await?,
        }
        if self.chance.permille(300) {
            // Left open, for somebody else.
            self.key(Key::Escape).await?;
            return Ok(());
        }
        self.key(Key::Done).await?;
        self.key(Key::Enter).await?;
        Ok(())
    }

    /// Logs in where nobody is, and opens the task of the job. False where the device does not know it.
    async fn open(&mut self, job: &Job) -> Result<bool, Over> {
        for _ in 0..TRIES {
            if self.is_open(job) {
                return Ok(true);
            }
            self.ensure_it_is_enrolled().await;
            let badge = format!("]C0BADGE-W{}", self.node);
            if self.chance.permille(200) {
                self.key(Key::Escape).await?;
            }
            self.scan(&badge).await?;
            let reference = Deed::Scan(format!("]C0{}", job.reference()));
            if self.deed(&reference).await? == Some("ask") {
                // Another device holds the task, or what was left open is to be left.
                self.key(Key::Enter).await?;
            }
        }
        Ok(self.is_open(job))
    }

    fn is_open(&self, job: &Job) -> bool {
        self.agent()
            .is_some_and(|agent| agent.view().title.ends_with(job.reference()))
    }

    async fn receive(&mut self, warehouse: &Warehouse, job: &Job, receipt: &Receipt) -> Result<(), Over> {
        for line in &receipt.lines {
            let article = &warehouse.articles[line.article];
            let label = article.pack_label(line.lot.as_deref(), line.expiry);
            self.mistake(warehouse).await?;
            for _ in 0..line.packs {
                self.piece(job, &label).await?;
            }
        }
        Ok(())
    }

    async fn pick(&mut self, warehouse: &Warehouse, job: &Job, order: &Order) -> Result<(), Over> {
        self.scan(&format!("]C0{}", order.tote)).await?;
        // The screen says where to go: other devices may have been there already.
        for _ in 0..2 * order.lines.len() {
            let Some(line) = order
                .lines
                .iter()
                .find(|line| self.is_named(&warehouse.bins[line.bin].location))
            else {
                break;
            };
            let bin = &warehouse.bins[line.bin];
            let label = warehouse
                .article_in(line.bin)
                .piece_label(bin.lot.as_deref(), bin.expiry);
            self.scan(&format!("]C0LOC-{}", bin.location)).await?;
            self.mistake(warehouse).await?;
            if self.chance.permille(60) {
                self.key(Key::Short).await?;
                self.key(Key::Digit(1)).await?;
                continue;
            }
            for _ in 0..line.pieces {
                if !self.piece(job, &label).await? {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Whether the screen shows this in large letters or in one of its lines.
    fn is_named(&self, what: &str) -> bool {
        self.agent().is_some_and(|agent| {
            let view = agent.view();
            let big = view.big.as_ref().map(|big| big.text.as_str());
            big.into_iter()
                .chain(view.lines.iter().map(|line| line.text.as_str()))
                .any(|text| text == what)
        })
    }

    async fn count(&mut self, warehouse: &Warehouse, job: &Job, sheet: &CountSheet) -> Result<(), Over> {
        for place in &sheet.places {
            let bin = &warehouse.bins[place.bin];
            let label = warehouse
                .article_in(place.bin)
                .piece_label(bin.lot.as_deref(), bin.expiry);
            self.scan(&format!("]C0LOC-{}", bin.location)).await?;
            self.mistake(warehouse).await?;
            for _ in 0..place.pieces {
                self.piece(job, &label).await?;
            }
            self.key(Key::Done).await?;
            self.key(Key::Enter).await?;
        }
        Ok(())
    }

    /// Scans a piece until the device has counted it, or the worker gives up. False where it was not counted.
    async fn piece(&mut self, job: &Job, label: &str) -> Result<bool, Over> {
        let mut is_counted = false;
        for _ in 0..TRIES {
            match self.deed(&Deed::Scan(label.to_owned())).await? {
                Some("accept") => is_counted = true,
                Some("ask") => {
                    let key = if self.chance.permille(700) {
                        Key::Enter
                    } else {
                        Key::Escape
                    };
                    self.key(key).await?;
                }
                // The device was without power, or its disk was: it shows where it is.
                None | Some("failed") => {
                    self.open(job).await?;
                    continue;
                }
                _ => {}
            }
            break;
        }
        if self.chance.permille(60) {
            self.key(Key::Undo).await?;
        }
        Ok(is_counted)
    }

    /// A worker errs at times.
    async fn mistake(&mut self, warehouse: &Warehouse) -> Result<(), Over> {
        if !self.chance.permille(150) {
            return Ok(());
        }
        match self.chance.below(4) {
            0 => self.scan(UNKNOWN).await,
            1 => {
                let article = self.chance.pick(&warehouse.articles).cloned();
                let label = article.map_or_else(|| UNKNOWN.to_owned(), |article| article.ean());
                self.scan(&label).await?;
                self.key(Key::Escape).await
            }
            2 => {
                let bin = self.chance.pick(&warehouse.bins).cloned();
                let location = bin.map_or_else(|| "A-99-99".to_owned(), |bin| bin.location);
                self.scan(&format!("]C0LOC-{location}")).await
            }
            _ => self.key(Key::Undo).await,
        }
    }

    async fn scan(&mut self, code: &str) -> Result<(), Over> {
        if self.deed(&Deed::Scan(code.to_owned())).await? == Some("ask") {
            self.key(Key::Escape).await?;
        }
        Ok(())
    }

    async fn key(&mut self, key: Key) -> Result<(), Over> {
        self.deed(&Deed::Press(key)).await.map(drop)
    }

    /// One deed, with whatever befalls the device around it. Answers the verdict.
    async fn deed(&mut self, deed: &Deed) -> Result<Option<&'static str>, Over> {
        let pause_ms = self.chance.between(PAUSE_MS.0, PAUSE_MS.1);
        tokio::time::sleep(Duration::from_millis(pause_ms)).await;
        if self.world.is_calm() {
            return Err(Over);
        }
        self.maybe_trouble().await;
        if self.world.is_calm() {
            return Err(Over);
        }
        let sounded = self.act(deed).await;
        Ok(sounded.map(|sounded| sounded.verdict))
    }

    async fn maybe_trouble(&mut self) {
        let in_all: u64 = TROUBLES.iter().map(|(weight, _)| weight).sum();
        let happens = self.chance.permille(in_all);
        let drawn = self.chance.weighed(&TROUBLES);
        if let Some(trouble) = drawn.filter(|_| happens && self.world.has_troubles()) {
            self.befall(trouble).await;
        }
    }

    async fn befall(&mut self, trouble: Trouble) {
        let (world, node) = (std::sync::Arc::clone(&self.world), self.node);
        let loss = *self.chance.pick(&Loss::ALL).unwrap_or(&Loss::All);
        let operations = self.chance.below(30);
        let seconds = self.chance.between(20, 900);
        match trouble {
            Trouble::PowerCut => self.lose_power(loss).await,
            Trouble::PowerCutAtAnOperation => {
                world.trace.note(
                    &self.name,
                    format_args!("the power will go after {operations} operations"),
                );
                world.disk.cut_after(node, operations, loss);
            }
            Trouble::OperationFails => {
                world.trace.note(
                    &self.name,
                    format_args!("the disk will fail after {operations} operations"),
                );
                world.disk.fail_after(node, operations);
            }
            Trouble::DiskFull => {
                world.trace.happened(&self.name, "disk: full");
                world.disk.fill(node, true);
                let again = std::sync::Arc::clone(&world);
                tokio::spawn(async move {
                    tokio::time::sleep(Duration::from_secs(seconds.min(90))).await;
                    again.disk.fill(node, false);
                });
            }
            Trouble::ClockJumps => {
                let jumps = [3_600, -3_600, 10 * 365 * 86_400, 0, 0, -86_400];
                let jump = *self.chance.pick(&jumps).unwrap_or(&0);
                world.trace.happened(&self.name, "clock: jumped");
                world
                    .trace
                    .note(&self.name, format_args!("the clock is {jump} s wrong"));
                self.set_clock_error(SignedDuration::from_secs(jump));
            }
            Trouble::Outage => {
                world.trace.happened(&self.name, "network: outage");
                self.wire.out(true);
                let wire = std::sync::Arc::clone(&self.wire);
                tokio::spawn(async move {
                    tokio::time::sleep(Duration::from_secs(seconds)).await;
                    wire.out(false);
                });
            }
            Trouble::Restart => {
                world.trace.happened(&self.name, "device: restarted");
                self.ensure_it_runs().await;
                self.end().await;
            }
            Trouble::CopyStore => self.copy_store().await,
            Trouble::PutStoreBack => self.put_store_back().await,
            Trouble::SetStoreAside => {
                self.set_store_aside().await;
                self.ensure_it_is_enrolled().await;
            }
            Trouble::Break => self.rest(seconds).await,
        }
    }
}
