//! The upload as it runs: does what [`super::upload`] wishes, one request at a time.

use std::sync::Arc;

use serde_json::value::RawValue;
use tallyman_codes::Moment;
use tallyman_floor::wire::chain::ChainHash;
use tallyman_floor::wire::v1::{
    Batch, EnrolRequest, Enrolled, EpochGranted, EpochRequest, Outcome, Record, SCREEN_BYTES_MAX,
    ScreenUpload, TraceEntry, TraceUpload,
};
use tallyman_platform::entropy::Entropy;

use crate::seams::{
    Fault, FromHub, HubMark, HubMoved, HubStory, Identity, OutboxSlice, Place, StoreError, SyncMarks,
};

use super::stand_in::StandIn;
use super::upload::{Outbox, Sent, TRACE_BYTES_MAX, TRACE_ENTRIES_MAX, Upload, Wish};
use super::{Surroundings, Woken};

/// A store that gives no answer is asked again after this long; a person has to act on it.
const STORE_FAULT_MS: u64 = 10_000;

pub(super) struct UploadLane {
    around: Surroundings,
    engine: Upload,
    entropy: Box<dyn Entropy>,
}

/// Why a wish was not fulfilled.
enum Unfulfilled {
    Hub(Fault),
    Store(StoreError),
}

impl From<Fault> for Unfulfilled {
    fn from(fault: Fault) -> Self {
        Self::Hub(fault)
    }
}

impl From<StoreError> for Unfulfilled {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl UploadLane {
    pub(super) fn new(around: Surroundings, entropy: Box<dyn Entropy>) -> Self {
        let engine = Upload::new(around.options.heartbeat_ms);
        Self {
            around,
            engine,
            entropy,
        }
    }

    pub(super) async fn run(mut self) {
        let cancel = self.around.cancel.clone();
        // What was under way when the program ends is unknown, and goes out again when it starts.
        tokio::select! {
            biased;
            () = cancel.cancelled() => {}
            () = self.go_on() => {}
        }
    }

    async fn go_on(&mut self) {
        loop {
            let has_code = self.around.options.enrolment_code.is_some();
            match self.engine.wish(self.around.now(), self.outbox(), has_code) {
                Wish::Idle => {
                    self.around.link.not_enrolled(self.around.now());
                    self.rest(None).await;
                }
                Wish::Wait(until) => self.rest(Some(until)).await,
                wish => self.fulfil(wish).await,
            }
        }
    }

    async fn rest(&mut self, until: Option<Moment>) {
        let committed = Arc::clone(&self.around.committed);
        let hub_seen = Arc::clone(&self.around.upload_wake);
        if let Woken::HubIsBack = self.around.rest(until, Some(&committed), &hub_seen).await {
            self.engine.hub_is_back(self.around.now());
        }
    }

    /// How the outbox stands; `None` before enrolment.
    fn outbox(&self) -> Option<Outbox> {
        self.around.identity.borrow().as_ref()?;
        let marks = self.around.store.marks();
        Some(Outbox {
            next: self.around.store.next_place(),
            applied: marks.applied,
            traces: self.around.store.figures().trace_last > marks.trace_sent,
        })
    }

    async fn fulfil(&mut self, wish: Wish) {
        let done = match &wish {
            Wish::Enrol => self.enrol().await,
            Wish::Batch { records_max } => self.send_batch(*records_max).await,
            Wish::StandIn => self.send_stand_in().await,
            Wish::Epoch { reason, after } => self.begin_epoch(reason, *after).await,
            Wish::Traces => self.send_traces().await,
            Wish::Wait(_) | Wish::Idle => return,
        };
        match done {
            Ok(()) => self.around.reached(),
            Err(Unfulfilled::Hub(fault)) => {
                let now = self.around.now();
                self.engine.failed(now, &wish, &fault, self.entropy.as_mut());
                if wish == Wish::Enrol && self.identity().is_none() {
                    let news = FromHub::NotEnrolled(fault.as_enrol_trouble());
                    let _ = self.around.floor.try_send(news);
                }
                self.around.link.lost(now, &fault);
            }
            Err(Unfulfilled::Store(error)) => {
                tracing::error!(%error, "the outbox cannot be sent");
                self.around.link.hindered(&error.to_string());
                self.engine.pause(self.around.now(), STORE_FAULT_MS);
            }
        }
    }

    /// Gets an identity, or for the one that is here another key.
    async fn enrol(&mut self) -> Result<(), Unfulfilled> {
        let known = self.identity();
        let key = self.around.access.keys().next().map_err(Fault::from)?;
        let request = EnrolRequest {
            code: self.around.options.enrolment_code.clone().unwrap_or_default(),
            name: self.around.options.name.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            public_key: key.public_hex(),
            device: known.as_ref().map(|known| known.device.clone()),
        };
        let enrolled = self.around.transport.enrol(&key, &request).await?;
        match known {
            Some(known) => check_same(&known, &enrolled)?,
            None => {
                // Before the identity: where the program ends between the two, it asks again and is told the same.
                let kept = self.around.set_up.keep(&enrolled.site, enrolled.profile.as_ref());
                kept.map_err(|refusal| StoreError::Busy(refusal.to_string()))?;
                self.begin_as(&enrolled).await?;
            }
        }
        // Last: where the program ends before, it enrols the same key with the same code again.
        self.around.access.keys().keep_next().map_err(Fault::from)?;
        self.around.access.forget().await;
        tracing::info!(
            device = enrolled.device,
            site = enrolled.site,
            "enrolled at the hub"
        );
        self.engine.enrolled(self.around.now());
        self.around.set_up.done();
        Ok(())
    }

    /// Takes a new identity.
    async fn begin_as(&mut self, enrolled: &Enrolled) -> Result<(), Unfulfilled> {
        let identity = Identity {
            device: enrolled.device.clone(),
            site: enrolled.site.clone(),
            epoch: enrolled.epoch,
        };
        self.around
            .through_floor(|done| FromHub::Enrolled(identity, done))
            .await?;
        let mut marks = self.around.store.marks();
        marks.generation = Some(enrolled.generation.clone());
        self.around.store.note(marks);
        Ok(())
    }

    async fn send_batch(&mut self, records_max: usize) -> Result<(), Unfulfilled> {
        let Some(identity) = self.identity() else {
            return Ok(());
        };
        let marks = self.around.store.marks();
        let slice = self.around.store.outbox(marks.applied.seq, records_max).await?;
        if slice.records.is_empty() && slice.missing {
            return self.pass_over_missing(&identity, marks).await;
        }
        if !slice.damaged.is_empty() {
            tracing::error!(seqs = ?slice.damaged, "damaged records go to the hub to be kept aside");
        }
        self.send(&identity, &marks, slice).await
    }

    /// A record that is refused as it is goes out as a text, under its own hash: the hub sees that the two differ, keeps it
    /// aside for people, and takes the records behind it.
    async fn send_stand_in(&mut self) -> Result<(), Unfulfilled> {
        let Some(identity) = self.identity() else {
            return Ok(());
        };
        let mut marks = self.around.store.marks();
        let mut slice = self.around.store.outbox(marks.applied.seq, 1).await?;
        if let Some(record) = slice.records.first_mut() {
            let place = Place {
                seq: record.seq,
                ..marks.applied
            };
            let stand_in = StandIn::of(&record.body);
            tracing::error!(
                seq = record.seq,
                bytes = record.body.len(),
                "the hub refuses this record as it is; it is told of it in a text and keeps that aside"
            );
            record.body = stand_in.body;
            if !stand_in.is_whole && marks.withheld.is_none() {
                // The hub will not have all of it: it stays here for good.
                marks.withheld = Some(place);
                self.around.store.note(marks.clone());
                self.around.store.flush().await?;
            }
        }
        self.send(&identity, &marks, slice).await
    }

    async fn send(
        &mut self,
        identity: &Identity,
        marks: &SyncMarks,
        slice: OutboxSlice,
    ) -> Result<(), Unfulfilled> {
        let records = slice.records.len();
        let batch = self.batch(identity, slice)?;
        let begun = self.around.now();
        let receipt = match self.around.access.confirmations(&identity.device, &batch).await {
            Ok(receipt) => receipt,
            Err(fault) => {
                if let (true, [record]) = (fault.is_about_the_content(), batch.records.as_slice()) {
                    self.engine.refused_alone(Place {
                        epoch: batch.epoch,
                        seq: record.seq,
                    });
                }
                return Err(fault.into());
            }
        };
        if receipt.epoch != batch.epoch {
            // The hub answers about the journal it was sent. Whose answer this is nobody knows, so the batch goes out again.
            let what = format!(
                "it is about epoch {}, and epoch {} was sent",
                receipt.epoch, batch.epoch
            );
            return Err(Fault::Nonsense(what).into());
        }
        if receipt.fork && receipt.expected_seq.is_none() && records > 0 {
            // A hub names the first record that differs. Without that nobody knows what it has, and writing again what
            // it has would double it.
            let what = "it says that the journals differ, and not where".to_owned();
            return Err(Fault::Nonsense(what).into());
        }
        let now = self.around.now();
        let Some(outbox) = self.outbox() else {
            return Ok(());
        };
        let another_life = marks
            .generation
            .as_ref()
            .is_some_and(|known| *known != receipt.generation);
        let sent = Sent {
            marks,
            records,
            outbox,
            took_us: now.since_us(begun),
            earlier_epochs: another_life && self.around.store.has_earlier_epochs().await?,
        };
        let learned = self.engine.answered(now, &sent, &receipt, self.entropy.as_mut());
        if learned.hub_restored {
            tracing::warn!(
                generation = receipt.generation,
                "the hub was restored; what it lacks is sent again"
            );
            self.around.download_wake.notify_one();
        }
        self.tell_outcomes(&learned.outcomes);
        if let Some(marks) = learned.marks {
            self.around.store.note(marks);
            self.around.pictures_wake.notify_one();
        }
        // The floor loop ends last; where it has ended, so will this.
        let _ = self.around.floor.try_send(FromHub::Time(receipt.server_time));
        if receipt.screen_wanted {
            self.send_screen(identity).await?;
        }
        Ok(())
    }

    /// What the screen shows, once it says that somebody looks at it. A hub that does not take it, as one that has forgotten
    /// that it asked, changes nothing.
    async fn send_screen(&mut self, identity: &Identity) -> Result<(), Unfulfilled> {
        self.around.through_floor(FromHub::LookedAt).await?;
        let picture = self.around.reporter.screen();
        if picture.is_empty() || picture.len() > SCREEN_BYTES_MAX {
            tracing::warn!(bytes = picture.len(), "the screen cannot be shown to the hub");
            return Ok(());
        }
        tracing::info!("an administrator looks at the screen");
        let upload = ScreenUpload {
            device: identity.device.clone(),
            png_hex: picture.iter().map(|byte| format!("{byte:02x}")).collect(),
        };
        match self.around.access.screen(&identity.device, &upload).await {
            Err(Fault::Refused { message, .. }) => {
                tracing::warn!(message, "the hub does not take the screen")
            }
            sent => sent?,
        }
        Ok(())
    }

    /// The record after the mark is not here. Our mark may be older than the hub's (it is written late, and a damaged
    /// one starts at nothing), so the hub is asked first: what it has must not be written again. Only where the hub
    /// lacks the record too (it was restored from a backup older than those it vouched for) a new epoch begins.
    async fn pass_over_missing(
        &mut self,
        identity: &Identity,
        mut marks: SyncMarks,
    ) -> Result<(), Unfulfilled> {
        let question = self.batch(identity, OutboxSlice::empty())?;
        let receipt = self
            .around
            .access
            .confirmations(&identity.device, &question)
            .await?;
        self.engine.heard(&receipt.generation);
        let last = self.around.store.next_place().seq.saturating_sub(1);
        let has = receipt.applied_seq.min(last);
        if receipt.epoch == marks.applied.epoch && !receipt.fork && has > marks.applied.seq {
            marks.applied.seq = has;
            self.around.store.note(marks);
        } else {
            self.engine.broken("store_restored", marks.applied);
        }
        Ok(())
    }

    fn batch(&self, identity: &Identity, slice: OutboxSlice) -> Result<Batch, Unfulfilled> {
        let outbox = self.outbox();
        let records = slice.records.into_iter().map(|record| {
            let body = RawValue::from_string(record.body)
                .map_err(|error| StoreError::Unreadable(format!("record {}: {error}", record.seq)))?;
            Ok(Record {
                seq: record.seq,
                hash: record.hash.to_string(),
                body,
            })
        });
        Ok(Batch {
            device: identity.device.clone(),
            epoch: self.around.store.marks().applied.epoch,
            previous_hash: slice.previous.to_string(),
            records: records.collect::<Result<_, StoreError>>()?,
            clock: self.around.clock_reading(),
            heartbeat: self
                .around
                .reporter
                .heartbeat(outbox.map_or(0, |outbox| outbox.waiting())),
        })
    }

    async fn begin_epoch(&mut self, reason: &'static str, after: Place) -> Result<(), Unfulfilled> {
        let Some(identity) = self.identity() else {
            return Ok(());
        };
        let next = self.around.store.next_place();
        let request = EpochRequest {
            epoch: next.epoch,
            last_seq: next.seq.saturating_sub(1),
            reason: reason.to_owned(),
        };
        let granted = self.around.access.epoch(&identity.device, &request).await?;
        let epoch = granted.epoch;
        // What the hub says now outweighs what an earlier answer, maybe not the hub's own, made us believe it has.
        let story = hub_story(&granted)?;
        let after = Place {
            seq: after.seq.min(granted.applied_seq.unwrap_or(after.seq)),
            ..after
        };
        self.around
            .through_floor(|done| FromHub::Epoch {
                epoch,
                after,
                story,
                done,
            })
            .await?;
        if let Some(life) = self.engine.life() {
            let mut marks = self.around.store.marks();
            marks.generation = Some(life.to_owned());
            self.around.store.note(marks);
        }
        self.around.link.epoch_begun();
        self.engine.epoch_begun(self.around.now());
        Ok(())
    }

    async fn send_traces(&mut self) -> Result<(), Unfulfilled> {
        let Some(identity) = self.identity() else {
            return Ok(());
        };
        let mut marks = self.around.store.marks();
        let mut rows = self
            .around
            .store
            .traces(marks.trace_sent, TRACE_ENTRIES_MAX)
            .await?;
        let mut bytes = 0;
        let fits = rows.iter().take_while(|row| {
            bytes += row.input.len();
            bytes <= TRACE_BYTES_MAX
        });
        rows.truncate(fits.count().max(1));
        let last = rows
            .last()
            .map_or(self.around.store.figures().trace_last, |row| row.number);
        let entries = rows.into_iter().filter_map(|row| {
            let input = RawValue::from_string(row.input).ok()?;
            Some(TraceEntry {
                number: row.number,
                input,
            })
        });
        let upload = TraceUpload {
            device: identity.device.clone(),
            entries: entries.collect(),
        };
        if !upload.entries.is_empty() {
            self.around.access.traces(&identity.device, &upload).await?;
        }
        marks.trace_sent = last;
        self.around.store.note(marks);
        self.engine.traces_taken(self.around.now());
        Ok(())
    }

    fn identity(&self) -> Option<Identity> {
        self.around.identity.borrow().clone()
    }

    fn tell_outcomes(&self, outcomes: &[Outcome]) {
        let quarantined = outcomes
            .iter()
            .filter(|outcome| outcome.kind == "quarantined")
            .count() as u64;
        self.around
            .link
            .outcomes(outcomes.len() as u64 - quarantined, quarantined);
        for outcome in outcomes {
            tracing::info!(
                seq = outcome.seq,
                code = outcome.code,
                "{}: {}",
                outcome.kind,
                outcome.message
            );
        }
    }
}

/// That the hub bound the key to the identity that is here, and to no other.
fn check_same(known: &Identity, enrolled: &Enrolled) -> Result<(), Fault> {
    if (&known.device, &known.site) == (&enrolled.device, &enrolled.site) {
        return Ok(());
    }
    Err(Fault::Nonsense(format!(
        "it is for {} in {}, and this is {} in {}",
        enrolled.device, enrolled.site, known.device, known.site
    )))
}

/// What the hub says it has of each epoch.
fn hub_story(granted: &EpochGranted) -> Result<HubStory, Fault> {
    let hash =
        |text: &str| ChainHash::from_hex(text).ok_or_else(|| Fault::Nonsense(format!("{text:?} is no hash")));
    let marks = granted.marks.iter().map(|mark| {
        Ok(HubMark {
            place: Place {
                epoch: mark.epoch,
                seq: mark.applied_seq,
            },
            last_hash: hash(&mark.last_hash)?,
        })
    });
    let moved = granted.moved.iter().map(|moved| {
        Ok(HubMoved {
            first: hash(&moved.first)?,
            place: Place {
                epoch: moved.epoch,
                seq: moved.seq,
            },
        })
    });
    Ok(HubStory {
        marks: marks.collect::<Result<_, Fault>>()?,
        moved: moved.collect::<Result<_, Fault>>()?,
    })
}
