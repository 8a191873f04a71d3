//! One message on its way from a device to the hub, and the answer on its way back, through whatever the network does.

use std::io::Read as _;
use std::sync::Arc;
use std::time::Duration;

use flate2::read::GzDecoder;
use tallyman_floor::wire::v1::Receipt;
use tokio::sync::oneshot;

use super::hub::{Answer, Call, Delivery};
use super::weather::Fate;
use super::wire::{ANSWER_MS, Heard, LANES, Wire};
use super::{Sabotage, World};

/// One message on its way.
pub(super) struct Courier {
    pub(super) wire: Arc<Wire>,
    pub(super) lane: u8,
    pub(super) number: u64,
    /// Milliseconds that it travels when nothing happens to it, there and back.
    pub(super) travel_ms: [u64; 2],
}

impl Courier {
    /// Carries a request to the hub and tells the answer.
    pub(super) async fn carry(self, call: Call, fate: Fate, tell: oneshot::Sender<Heard>) {
        if fate == Fate::Silent {
            // The sender waits until its patience ends.
            return tokio::time::sleep(Duration::from_millis(2 * ANSWER_MS + 60_000)).await;
        }
        if fate == Fate::Refused {
            self.travel(0, 2).await;
            let _ = tell.send(Heard::Broken("connection refused"));
            return;
        }
        let [there_ms, back_ms] = self.travel_ms;
        let there_ms = match fate {
            Fate::Late(ms) => ms,
            _ => there_ms,
        };
        self.travel(0, there_ms).await;
        let heard = match fate {
            Fate::Lost => Heard::Broken("the connection was reset"),
            Fate::Proxy(415) if !call.is_compressed => self.deliver(call, Delivery::Whole).await,
            Fate::Proxy(status) => Heard::Answer(proxy(status)),
            Fate::HalfClosed => self.deliver(call, Delivery::HalfClosed).await,
            Fate::CutShort => self.deliver(call, Delivery::CutShort).await,
            Fate::Doubled(later_ms) => {
                tokio::spawn(self.again().deliver_again(call.clone(), later_ms));
                self.deliver(call, Delivery::Whole).await
            }
            _ => self.deliver(call, Delivery::Whole).await,
        };
        let back_ms = match fate {
            Fate::AnswerLate(ms) => ms,
            _ => back_ms,
        };
        // Answers that are given at one moment are told in their order, not in that in which a runtime woke their tasks.
        self.travel(1, back_ms).await;
        if let Heard::Answer(answer) = &heard {
            let told = format_args!(
                "answers {}.{} with {}",
                self.wire.name, self.number, answer.status
            );
            self.wire.world.trace.note("hub", told);
        }
        let heard = match (heard, fate) {
            (Heard::Answer(_), Fate::Swallowed) => {
                Heard::Broken("the connection was reset before an answer came")
            }
            (Heard::Answer(mut answer), Fate::AnswerCutShort) => {
                answer.body.truncate(answer.body.len() / 2);
                Heard::Answer(answer)
            }
            (heard, _) => heard,
        };
        // Who has gone does not mind.
        let _ = tell.send(heard);
    }

    /// Hands the request to the hub, if it is there.
    async fn deliver(&self, mut call: Call, delivery: Delivery) -> Heard {
        let world = &self.wire.world;
        world.spoil(&self.wire.name, &mut call);
        match world.hub.take(&call, delivery).await {
            None => Heard::Broken("the hub is gone"),
            Some(mut answer) => {
                world.spoil_answer(&self.wire.name, &call, &mut answer);
                if call.path == "/v1/confirmations" && answer.status == 200 {
                    world.marks(&device_of(&call), &answer.body);
                }
                Heard::Answer(answer)
            }
        }
    }

    fn again(&self) -> Self {
        Self {
            wire: Arc::clone(&self.wire),
            lane: self.lane + LANES,
            number: self.number,
            travel_ms: self.travel_ms,
        }
    }

    /// The second delivery; nobody waits for its answer.
    async fn deliver_again(self, call: Call, later_ms: u64) {
        self.travel(0, self.travel_ms[0] + later_ms).await;
        if self.wire.world.is_calm() {
            return;
        }
        let heard = self.deliver(call, Delivery::Whole).await;
        if matches!(heard, Heard::Answer(_)) {
            self.wire.world.trace.count("network: second delivery arrived");
        }
    }

    /// A leg of the way: there, or back.
    async fn travel(&self, leg: u8, ms: u64) {
        let key = (self.wire.node, self.lane * 2 + leg, self.number);
        self.wire.world.post.travel(key, ms).await;
    }
}

/// The identity that a batch names, which is another one after a store was set aside.
fn device_of(call: &Call) -> String {
    let mut text = Vec::new();
    if call.is_compressed {
        // What cannot be unpacked has no name.
        let _ = GzDecoder::new(&call.body[..]).read_to_end(&mut text);
    } else {
        text.clone_from(&call.body);
    }
    let batch = serde_json::from_slice::<serde_json::Value>(&text).unwrap_or_default();
    batch["device"].as_str().unwrap_or_default().to_owned()
}

/// What a proxy says of its own.
fn proxy(status: u16) -> Answer {
    Answer {
        status,
        retry_after_ms: matches!(status, 429 | 503).then_some(7_000),
        body: b"<html><title>Proxy</title></html>".to_vec(),
    }
}

impl World {
    /// What a sabotaged network does to a request: see [`Sabotage`].
    fn spoil(&self, name: &str, call: &mut Call) {
        if self.sabotage != Some(Sabotage::ChangedRecord)
            || call.path != "/v1/confirmations"
            || call.is_compressed
        {
            return;
        }
        let Ok(text) = String::from_utf8(call.body.clone()) else {
            return;
        };
        let changed = text.replacen("\"quantity_micro\":1000000", "\"quantity_micro\":9000000", 1);
        if changed != text {
            self.trace.note(name, "the network changes a record");
            call.body = changed.into_bytes();
        }
    }

    /// What a sabotaged network does to an answer.
    fn spoil_answer(&self, name: &str, call: &Call, answer: &mut Answer) {
        match self.sabotage {
            Some(Sabotage::MarkGoesBack) if call.path == "/v1/confirmations" && answer.status == 200 => {
                let Ok(mut receipt) = serde_json::from_slice::<Receipt>(&answer.body) else {
                    return;
                };
                if receipt.applied_seq >= 5 && receipt.applied_seq % 5 == 0 {
                    receipt.applied_seq -= 3;
                    answer.body = serde_json::to_vec(&receipt).unwrap_or_default();
                }
            }
            Some(Sabotage::NeverAnswered) if name == "dev-1" && call.path == "/v1/confirmations" => {
                *answer = proxy(503);
            }
            _ => {}
        }
    }
}
