//! A fact as the journal and the wire have it.

use std::sync::Arc;

use super::{ConvertError, positive, text};
use crate::confirmation::{
    Act, Draft, ExceptionCode, ExceptionReport, Goods, Observation, PassReference, Place, RawScan, Reverses,
    Source, StockStatus, Times, WorkReference,
};
use crate::ids::{HandlingUnitId, ItemId, LineNumber, LocationId, OwnerId, SiteId, TaskId, WorkerId};
use crate::plan::Check;
use crate::progress::Progress;
use crate::quantity::Quantity;
use crate::task::Task;
use crate::wire::v1::{
    ConfirmationBody, ExceptionBody, GoodsBody, ObservationBody, PassBody, PlaceBody, RawScanBody,
    ReversesBody, TaskBody,
};

/// The version of [`ConfirmationBody`] that this program writes and knows.
const VERSION: u32 = 1;

impl From<&Draft> for ConfirmationBody {
    fn from(draft: &Draft) -> Self {
        let work = draft.work.as_ref();
        Self {
            first: None,
            v: VERSION,
            site: draft.site.to_string(),
            worker: text(draft.worker.as_ref()),
            task: work.map(|work| work.task.to_string()),
            revision: work.map_or(0, |work| work.revision),
            line: work.and_then(|work| work.line).map(|line| line.0),
            fence: work.and_then(|work| work.fence),
            act: draft.act.word().to_owned(),
            goods: draft.goods.as_ref().map(GoodsBody::from),
            from: draft.from.as_ref().map(PlaceBody::from),
            to: draft.to.as_ref().map(PlaceBody::from),
            observed: draft.observed.as_ref().map(ObservationBody::from),
            started: draft
                .started
                .as_ref()
                .map(|task| Box::new(TaskBody::new(task, &Progress::default()))),
            exception: draft.exception.as_ref().map(ExceptionBody::from),
            reverses: draft.reverses.map(ReversesBody::from),
            raw: draft.raw.as_ref().map(RawScanBody::from),
            pass: draft.pass.as_ref().map(|pass| PassBody {
                portal: pass.portal.clone(),
                number: pass.number,
            }),
            boot: draft.times.boot.clone(),
            boottime_us: draft.times.boottime_us,
            wall: draft.times.wall,
        }
    }
}

impl TryFrom<ConfirmationBody> for Draft {
    type Error = ConvertError;

    fn try_from(body: ConfirmationBody) -> Result<Self, ConvertError> {
        if body.v != VERSION {
            return Err(ConvertError::Version {
                found: body.v,
                known: VERSION,
            });
        }
        let work = body.task.map(|task| WorkReference {
            task: TaskId::new(task),
            revision: body.revision,
            line: body.line.map(LineNumber),
            fence: body.fence,
        });
        let draft = Self {
            site: SiteId::new(body.site),
            worker: body.worker.map(WorkerId::new),
            work,
            act: act("act", &body.act)?,
            goods: body.goods.map(Goods::try_from).transpose()?,
            from: body.from.map(Place::from),
            to: body.to.map(Place::from),
            observed: body.observed.map(Observation::try_from).transpose()?,
            started: body
                .started
                .map(|task| Task::try_from(*task).map(Arc::new))
                .transpose()?,
            exception: body.exception.map(ExceptionReport::try_from).transpose()?,
            reverses: body.reverses.map(Reverses::try_from).transpose()?,
            raw: body.raw.map(RawScan::try_from).transpose()?,
            pass: body.pass.map(|pass| PassReference {
                portal: pass.portal,
                number: pass.number,
            }),
            times: Times {
                boot: body.boot,
                boottime_us: body.boottime_us,
                wall: body.wall,
            },
        };
        check_members(draft)
    }
}

/// What an act cannot be understood without.
fn check_members(draft: Draft) -> Result<Draft, ConvertError> {
    let act = draft.act.word();
    if (draft.act == Act::Reversed) != draft.reverses.is_some() {
        let member = "reverses";
        return Err(ConvertError::Unfitting { member, act });
    }
    if draft.act.moves_goods() && draft.goods.is_none() {
        let member = "goods";
        return Err(ConvertError::Unfitting { member, act });
    }
    if (draft.progress_act().0 == Act::TaskStarted) != draft.started.is_some() {
        let member = "started";
        return Err(ConvertError::Unfitting { member, act });
    }
    // What comes back is looked at, and the condition stands beside the goods.
    let is_observed = match draft.progress_act().0 {
        Act::Observed => draft.observed.is_some(),
        Act::Returned => true,
        _ => draft.observed.is_none(),
    };
    if !is_observed {
        let member = "observed";
        return Err(ConvertError::Unfitting { member, act });
    }
    Ok(draft)
}

fn act(member: &'static str, word: &str) -> Result<Act, ConvertError> {
    Act::of_word(word).ok_or_else(|| ConvertError::word(member, word))
}

impl From<&Goods> for GoodsBody {
    fn from(goods: &Goods) -> Self {
        Self {
            item: text(goods.item.as_ref()),
            code: goods.code.clone(),
            quantity_micro: goods.quantity.micro(),
            unit: goods.unit.clone(),
            pack_micro: goods.pack.micro(),
            lot: goods.lot.clone(),
            serials: goods.serials.clone(),
            expiry: goods.expiry,
            weight_micro_kg: goods.weight.map(Quantity::micro),
            handling_unit: text(goods.handling_unit.as_ref()),
            status: goods.status.word().to_owned(),
            owner: text(goods.owner.as_ref()),
        }
    }
}

impl TryFrom<GoodsBody> for Goods {
    type Error = ConvertError;

    fn try_from(body: GoodsBody) -> Result<Self, ConvertError> {
        Ok(Self {
            item: body.item.map(ItemId::new),
            code: body.code,
            quantity: positive("goods.quantity_micro", body.quantity_micro)?,
            unit: body.unit,
            pack: positive("goods.pack_micro", body.pack_micro)?,
            lot: body.lot,
            serials: body.serials,
            expiry: body.expiry,
            weight: body
                .weight_micro_kg
                .map(|micro| positive("goods.weight_micro_kg", micro))
                .transpose()?,
            handling_unit: body.handling_unit.map(HandlingUnitId::new),
            status: StockStatus::of_word(&body.status)
                .ok_or_else(|| ConvertError::word("goods.status", &body.status))?,
            owner: body.owner.map(OwnerId::new),
        })
    }
}

impl From<&Place> for PlaceBody {
    fn from(place: &Place) -> Self {
        match place {
            Place::Location(location) => Self::Location(location.to_string()),
            Place::HandlingUnit(unit) => Self::HandlingUnit(unit.to_string()),
            Place::Vehicle(vehicle) => Self::Vehicle(vehicle.clone()),
            Place::Supplier => Self::Supplier,
            Place::Customer => Self::Customer,
        }
    }
}

impl From<PlaceBody> for Place {
    fn from(body: PlaceBody) -> Self {
        match body {
            PlaceBody::Location(location) => Self::Location(LocationId::new(location)),
            PlaceBody::HandlingUnit(unit) => Self::HandlingUnit(HandlingUnitId::new(unit)),
            PlaceBody::Vehicle(vehicle) => Self::Vehicle(vehicle),
            PlaceBody::Supplier => Self::Supplier,
            PlaceBody::Customer => Self::Customer,
        }
    }
}

impl From<&Observation> for ObservationBody {
    fn from(observation: &Observation) -> Self {
        Self {
            check: observation.check.word().to_owned(),
            value: observation.value.clone(),
        }
    }
}

impl TryFrom<ObservationBody> for Observation {
    type Error = ConvertError;

    fn try_from(body: ObservationBody) -> Result<Self, ConvertError> {
        Ok(Self {
            check: Check::of_word(&body.check)
                .ok_or_else(|| ConvertError::word("observed.check", &body.check))?,
            value: body.value,
        })
    }
}

impl From<&ExceptionReport> for ExceptionBody {
    fn from(report: &ExceptionReport) -> Self {
        Self {
            code: report.code.word().to_owned(),
            reason: report.reason.clone(),
            quantity_micro: report.quantity.map(Quantity::micro),
        }
    }
}

impl TryFrom<ExceptionBody> for ExceptionReport {
    type Error = ConvertError;

    fn try_from(body: ExceptionBody) -> Result<Self, ConvertError> {
        let quantity = body
            .quantity_micro
            .map(|micro| positive("exception.quantity_micro", micro))
            .transpose()?;
        Ok(Self {
            code: ExceptionCode::of_word(&body.code)
                .ok_or_else(|| ConvertError::word("exception.code", &body.code))?,
            reason: body.reason,
            quantity,
        })
    }
}

impl From<Reverses> for ReversesBody {
    fn from(reverses: Reverses) -> Self {
        Self {
            epoch: reverses.epoch,
            seq: reverses.seq,
            act: reverses.act.word().to_owned(),
        }
    }
}

impl TryFrom<ReversesBody> for Reverses {
    type Error = ConvertError;

    fn try_from(body: ReversesBody) -> Result<Self, ConvertError> {
        Ok(Self {
            epoch: body.epoch,
            seq: body.seq,
            act: act("reverses.act", &body.act)?,
        })
    }
}

impl From<&RawScan> for RawScanBody {
    fn from(raw: &RawScan) -> Self {
        Self {
            scanner: raw.scanner.clone(),
            text: raw.text.clone(),
            symbology: raw.symbology.clone(),
            source: raw.source.word().to_owned(),
        }
    }
}

impl TryFrom<RawScanBody> for RawScan {
    type Error = ConvertError;

    fn try_from(body: RawScanBody) -> Result<Self, ConvertError> {
        Ok(Self {
            source: Source::of_word(&body.source)
                .ok_or_else(|| ConvertError::word("raw.source", &body.source))?,
            scanner: body.scanner,
            text: body.text,
            symbology: body.symbology,
        })
    }
}
