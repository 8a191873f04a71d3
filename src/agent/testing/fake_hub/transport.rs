//! How the false hub answers requests.

use futures_util::future::BoxFuture;
use tallyman_floor::wire::chain::ChainHash;
use tallyman_floor::wire::v1::{
    Batch, Challenge, ChallengeRequest, ClaimRequest, Claims, Delta, DeviceCursor, EnrolRequest, Enrolled,
    EpochGranted, EpochMark, EpochRequest, GrantedBody, Mark, NeighbourAnswers, NeighbourQuestions,
    NeighbourReply, NeighbourRequest, Numbers, NumbersRequest, PortalWatch, Receipt, ReleaseRequest,
    StockAnswer, StockRowBody, TokenGranted, TokenRequest, TraceUpload,
};
use tallyman_floor::{Inquiry, PictureId};
use tallyman_platform::device_key::DeviceKey;

use super::{FakeHub, PictureMishap, unauthorised};
use crate::seams::{Credential, Fault, Transport};

impl Transport for FakeHub {
    fn enrol<'a>(
        &'a self,
        key: &'a DeviceKey,
        request: &'a EnrolRequest,
    ) -> BoxFuture<'a, Result<Enrolled, Fault>> {
        assert_eq!(key.public_hex(), request.public_key);
        let answer = self.answer("enrol", |inner| {
            if request.code != "K7" {
                let message = "The code is not known.".to_owned();
                return Err(Fault::Refused {
                    status: 404,
                    code: Some("code".to_owned()),
                    message,
                });
            }
            inner.epochs.entry(1).or_default();
            inner.key = Some(request.public_key.clone());
            Ok(Enrolled {
                device: "dev-7".to_owned(),
                site: "north".to_owned(),
                epoch: 1,
                generation: format!("g{}", inner.generation),
                profile: None,
            })
        });
        Box::pin(std::future::ready(answer))
    }

    fn challenge<'a>(&'a self, request: &'a ChallengeRequest) -> BoxFuture<'a, Result<Challenge, Fault>> {
        Box::pin(std::future::ready(Ok(Challenge {
            challenge: format!("sign this, {}", request.device),
            expires_seconds: 120,
        })))
    }

    fn token<'a>(
        &'a self,
        key: &'a DeviceKey,
        request: &'a TokenRequest,
    ) -> BoxFuture<'a, Result<TokenGranted, Fault>> {
        assert_eq!(request.challenge, format!("sign this, {}", request.device));
        let mut inner = self.lock();
        let known = inner.key.get_or_insert_with(|| key.public_hex());
        let answer = if *known == key.public_hex() {
            inner.tokens += 1;
            Ok(TokenGranted {
                token: format!("token {}", inner.tokens),
                expires_seconds: 3_600,
                generation: format!("g{}", inner.generation),
                server_time: "2026-11-24T08:00:00Z".parse().unwrap(),
            })
        } else {
            Err(unauthorised("key_unknown"))
        };
        Box::pin(std::future::ready(answer))
    }

    fn confirmations<'a>(
        &'a self,
        by: &'a Credential,
        batch: &'a Batch,
    ) -> BoxFuture<'a, Result<Receipt, Fault>> {
        assert_eq!(by.device, batch.device);
        if let Err(fault) = self.lock().check(by) {
            return Box::pin(std::future::ready(Err(fault)));
        }
        let name = format!("batch of {}", batch.records.len());
        if let Some(receipt) = self.lie() {
            return Box::pin(std::future::ready(Ok(receipt)));
        }
        Box::pin(std::future::ready(self.answer(
            &name,
            |inner| match inner.choke(batch) {
                Some(fault) => Err(fault),
                None => Ok(inner.take(batch)),
            },
        )))
    }

    fn tasks<'a>(
        &'a self,
        by: &'a Credential,
        cursor: Option<&'a str>,
        wait_ms: u64,
    ) -> BoxFuture<'a, Result<Delta, Fault>> {
        Box::pin(async move {
            self.lock().check(by)?;
            if self.lock().revoked {
                return Err(unauthorised("device_revoked"));
            }
            let wait = tokio::time::sleep(std::time::Duration::from_millis(wait_ms));
            tokio::pin!(wait);
            loop {
                let changed = self.changed.notified();
                let (next, generation) = {
                    let mut inner = self.lock();
                    (inner.deltas.pop_front(), format!("g{}", inner.generation))
                };
                if let Some(delta) = next {
                    return Ok(delta);
                }
                tokio::select! {
                    () = changed => {}
                    () = &mut wait => return Ok(Delta {
                        generation,
                        cursor: cursor.unwrap_or("start").to_owned(),
                        reset: false,
                        more: false,
                        applied: Mark::default(),
                        tasks: Vec::new(),
                        removed_tasks: Vec::new(),
                        items: Vec::new(),
                        locations: Vec::new(),
                        site_rules: None,
                        server_time: "2026-11-24T08:00:00Z".parse().unwrap(),
                        ..Delta::default()
                    }),
                }
            }
        })
    }

    fn cursor<'a>(&'a self, _: &'a Credential) -> BoxFuture<'a, Result<DeviceCursor, Fault>> {
        Box::pin(std::future::ready(Err(Fault::Timeout(1))))
    }

    fn epoch<'a>(
        &'a self,
        _: &'a Credential,
        request: &'a EpochRequest,
    ) -> BoxFuture<'a, Result<EpochGranted, Fault>> {
        let name = format!("epoch because {}", request.reason);
        let answer = self.answer(&name, |inner| {
            let newest = inner.epochs.keys().max().copied().unwrap_or(0);
            let epoch = newest.max(request.epoch) + 1;
            inner.epochs.entry(epoch).or_default();
            let applied = inner.epochs.get(&request.epoch).map_or(0, Vec::len);
            let marks = inner.epochs.iter().filter(|(known, _)| **known < epoch);
            let marks = marks.map(|(epoch, records)| EpochMark {
                epoch: *epoch,
                applied_seq: records.len() as u64,
                last_hash: records
                    .last()
                    .map_or(ChainHash::START, |(hash, _)| *hash)
                    .to_string(),
            });
            Ok(EpochGranted {
                epoch,
                applied_seq: Some(applied as u64),
                marks: marks.collect(),
                moved: inner.moved(),
            })
        });
        Box::pin(std::future::ready(answer))
    }

    fn traces<'a>(&'a self, _: &'a Credential, upload: &'a TraceUpload) -> BoxFuture<'a, Result<(), Fault>> {
        let answer = self.answer("traces", |inner| {
            inner.traces = upload.entries.last().map_or(inner.traces, |entry| entry.number);
            Ok(())
        });
        Box::pin(std::future::ready(answer))
    }

    fn claim<'a>(
        &'a self,
        _: &'a Credential,
        request: &'a ClaimRequest,
    ) -> BoxFuture<'a, Result<Claims, Fault>> {
        let answer = self.about_claims(|inner| {
            let worker = request.worker.as_deref().unwrap_or("nobody");
            let told = format!("claim {} by {worker}", request.tasks.join(" "));
            inner.claims.push(told);
            let granted = request.tasks.iter().map(|task| GrantedBody {
                task: task.clone(),
                fence: 1,
                lease_ms: 900_000,
            });
            Claims {
                generation: format!("g{}", inner.generation),
                granted: granted.collect(),
                refused: Vec::new(),
                server_time: "2026-11-24T08:00:00Z".parse().unwrap(),
            }
        });
        Box::pin(std::future::ready(answer))
    }

    fn neighbours<'a>(
        &'a self,
        by: &'a Credential,
        request: &'a NeighbourRequest,
    ) -> BoxFuture<'a, Result<NeighbourAnswers, Fault>> {
        Box::pin(async move {
            self.lock().check(by)?;
            self.portals.neighbours(request).await
        })
    }

    fn portal_questions<'a>(
        &'a self,
        by: &'a Credential,
        watch: &'a PortalWatch,
    ) -> BoxFuture<'a, Result<NeighbourQuestions, Fault>> {
        Box::pin(async move {
            self.lock().check(by)?;
            self.portals.questions(watch).await
        })
    }

    fn portal_answer<'a>(
        &'a self,
        by: &'a Credential,
        reply: &'a NeighbourReply,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            self.lock().check(by)?;
            self.portals.reply(reply)
        })
    }

    fn picture<'a>(
        &'a self,
        by: &'a Credential,
        picture: &'a PictureId,
    ) -> BoxFuture<'a, Result<Vec<u8>, Fault>> {
        let mut inner = self.lock();
        let answer = inner.check(by).and_then(|()| {
            inner.requests.push(format!("picture {picture}"));
            let missing = || Fault::Refused {
                status: 404,
                code: Some("unknown_picture".to_owned()),
                message: String::new(),
            };
            match inner.picture_mishaps.pop_front() {
                Some(PictureMishap::Refused(fault)) => Err(fault),
                Some(PictureMishap::Damaged) => Ok(b"something else".to_vec()),
                None => inner.pictures.get(picture.as_str()).cloned().ok_or_else(missing),
            }
        });
        drop(inner);
        self.changed.notify_waiters();
        Box::pin(std::future::ready(answer))
    }

    fn stock<'a>(
        &'a self,
        by: &'a Credential,
        inquiry: &'a Inquiry,
    ) -> BoxFuture<'a, Result<StockAnswer, Fault>> {
        if let Err(fault) = self.lock().check(by) {
            return Box::pin(std::future::ready(Err(fault)));
        }
        let name = inquiry.query().first().map_or("", |(_, name)| *name).to_owned();
        let answer = self.answer("stock", |_| {
            let row = StockRowBody {
                item: name,
                place: "A-01".to_owned(),
                lot: None,
                quantity_micro: Some(7_000_000),
                handling_unit: None,
                location: None,
                serial: None,
            };
            Ok(StockAnswer {
                rows: vec![row],
                stands_at: None,
                being_counted: false,
            })
        });
        Box::pin(std::future::ready(answer))
    }

    fn release<'a>(
        &'a self,
        _: &'a Credential,
        request: &'a ReleaseRequest,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        let answer = self.about_claims(|inner| {
            let records: usize = inner.epochs.values().map(Vec::len).sum();
            for lease in &request.leases {
                let told = format!("release {} {}, {records} records there", lease.task, lease.fence);
                inner.claims.push(told);
            }
        });
        Box::pin(std::future::ready(answer))
    }

    fn numbers<'a>(
        &'a self,
        _: &'a Credential,
        request: &'a NumbersRequest,
    ) -> BoxFuture<'a, Result<Numbers, Fault>> {
        let mut inner = self.lock();
        let fault = inner.number_faults.pop_front();
        let answer = match fault {
            Some(Some(fault)) => Err(fault),
            fault => {
                let numbers = inner.lease(request);
                if fault.is_some() {
                    Err(Fault::Timeout(30_000))
                } else {
                    Ok(numbers)
                }
            }
        };
        drop(inner);
        self.changed.notify_waiters();
        Box::pin(std::future::ready(answer))
    }
}
