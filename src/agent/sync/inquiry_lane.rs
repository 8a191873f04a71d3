//! Questions about stock as they run: asks the hub what the worker looks up, and gives the answer to the floor loop. The
//! newest question alone counts: one that is asked while another is under way takes its place.

use std::time::Duration;

use tallyman_floor::wire::v1::StockAnswer;
use tallyman_floor::{Inquiry, InquiryAnswer, ItemId, Quantity, StockRow};
use tokio::sync::watch;

use super::Surroundings;
use crate::seams::{Fault, FromHub};

/// How long somebody looks at a screen that says that the hub is being asked.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) struct InquiryLane {
    around: Surroundings,
    inquiries: watch::Receiver<Option<Inquiry>>,
}

impl InquiryLane {
    pub(super) fn new(around: Surroundings) -> Self {
        Self {
            inquiries: around.inquiries.clone(),
            around,
        }
    }

    pub(super) async fn run(mut self) {
        let cancel = self.around.cancel.clone();
        tokio::select! {
            biased;
            () = cancel.cancelled() => {}
            () = self.go_on() => {}
        }
    }

    async fn go_on(&mut self) {
        loop {
            if self.inquiries.changed().await.is_err() {
                return std::future::pending().await;
            }
            self.answer_newest().await;
        }
    }

    /// Asks what is wanted now, and what is wanted instead where that changes meanwhile.
    async fn answer_newest(&mut self) {
        loop {
            let wanted = self.inquiries.borrow_and_update().clone();
            let Some(inquiry) = wanted else { return };
            let mut newer = self.inquiries.clone();
            let told = tokio::select! {
                biased;
                Ok(()) = newer.changed() => continue,
                told = self.ask(&inquiry) => told,
            };
            let is_being_counted = told.as_ref().is_some_and(|told| told.being_counted);
            let rows = told.map(rows_of);
            let answer = InquiryAnswer {
                inquiry,
                rows,
                is_being_counted,
            };
            // The floor loop ends last; where it has ended, so will this.
            let _ = self.around.floor.send(FromHub::Stock(answer)).await;
            return;
        }
    }

    /// What the hub says; `None` where it says nothing in time.
    async fn ask(&self, inquiry: &Inquiry) -> Option<StockAnswer> {
        let device = self.around.identity.borrow().as_ref()?.device.clone();
        let asked = self.around.access.stock(&device, inquiry);
        let answer = match tokio::time::timeout(PATIENCE, asked).await {
            Ok(answer) => answer,
            Err(_) => Err(Fault::Timeout(
                u64::try_from(PATIENCE.as_millis()).unwrap_or(u64::MAX),
            )),
        };
        match answer {
            Ok(answer) => {
                self.around.reached();
                Some(answer)
            }
            Err(fault) => {
                tracing::info!(%fault, "the hub says nothing about stock");
                None
            }
        }
    }
}

fn rows_of(answer: StockAnswer) -> Vec<StockRow> {
    let rows = answer.rows.into_iter().map(|row| StockRow {
        item: ItemId::new(row.item),
        place: row.place,
        lot: row.lot,
        quantity: row.quantity_micro.map(Quantity::from_micro),
        handling_unit: row.handling_unit,
        location: row.location,
        serial: row.serial,
    });
    rows.collect()
}
