//! What kinds of work need beside their lines.

use super::{ConvertError, text};
use crate::confirmation::StockStatus;
use crate::ids::{HandlingUnitId, LocationId, TaskId, WorkerId};
use crate::plan::{
    Against, Check, CountPlan, CountScope, Disposition, InspectPlan, LoadPlan, PackPlan, PickPlan,
    ReceivePlan, ReturnPlan,
};
use crate::task::TaskKind;
use crate::wire::v1::{
    CountBody, DispositionBody, InspectBody, LoadBody, PackBody, PickBody, ReceiveBody, ReturnBody,
    TaskKindBody,
};

impl From<&TaskKind> for TaskKindBody {
    fn from(kind: &TaskKind) -> Self {
        match kind {
            TaskKind::Receive(plan) => Self::Receive(ReceiveBody {
                dock: plan.dock.to_string(),
                against: plan.against.word().to_owned(),
                over_tolerance_percent: plan.over_tolerance_percent,
                under_tolerance_percent: plan.under_tolerance_percent,
                checks: check_words(&plan.checks),
            }),
            TaskKind::Putaway => Self::Putaway {},
            TaskKind::Replenish => Self::Replenish {},
            TaskKind::Move => Self::Move {},
            TaskKind::Pick(plan) => Self::Pick(PickBody {
                into: text(plan.into.as_ref()),
                hand_over: text(plan.hand_over.as_ref()),
            }),
            TaskKind::Pack(plan) => Self::Pack(PackBody {
                from: text(plan.from.as_ref()),
                weigh: plan.weigh,
            }),
            TaskKind::Load(plan) => Self::Load(LoadBody {
                door: plan.door.to_string(),
                vehicle: plan.vehicle.clone(),
                checks: check_words(&plan.checks),
            }),
            TaskKind::Count(plan) => Self::Count(CountBody {
                scope: plan.scope.word().to_owned(),
                recount_of: text(plan.recount_of.as_ref()),
                not_by: plan.not_by.iter().map(ToString::to_string).collect(),
            }),
            TaskKind::Return(plan) => Self::Return(ReturnBody {
                dock: plan.dock.to_string(),
                dispositions: plan.dispositions.iter().map(DispositionBody::from).collect(),
            }),
            TaskKind::Inspect(plan) => Self::Inspect(InspectBody {
                status: plan.status.word().to_owned(),
            }),
        }
    }
}

impl TryFrom<TaskKindBody> for TaskKind {
    type Error = ConvertError;

    fn try_from(body: TaskKindBody) -> Result<Self, ConvertError> {
        Ok(match body {
            TaskKindBody::Receive(body) => Self::Receive(ReceivePlan {
                dock: LocationId::new(body.dock),
                against: word_or_first("kind.receive.against", &body.against, Against::of_word)?,
                over_tolerance_percent: body.over_tolerance_percent,
                under_tolerance_percent: body.under_tolerance_percent,
                checks: checks(&body.checks)?,
            }),
            TaskKindBody::Putaway {} => Self::Putaway,
            TaskKindBody::Replenish {} => Self::Replenish,
            TaskKindBody::Move {} => Self::Move,
            TaskKindBody::Pick(body) => Self::Pick(PickPlan {
                into: body.into.map(HandlingUnitId::new),
                hand_over: body.hand_over.map(LocationId::new),
            }),
            TaskKindBody::Pack(body) => Self::Pack(PackPlan {
                from: body.from.map(HandlingUnitId::new),
                weigh: body.weigh,
            }),
            TaskKindBody::Load(body) => Self::Load(LoadPlan {
                door: LocationId::new(body.door),
                vehicle: body.vehicle,
                checks: checks(&body.checks)?,
            }),
            TaskKindBody::Count(body) => Self::Count(CountPlan {
                scope: word_or_first("kind.count.scope", &body.scope, CountScope::of_word)?,
                recount_of: body.recount_of.map(TaskId::new),
                not_by: body.not_by.into_iter().map(WorkerId::new).collect(),
            }),
            TaskKindBody::Return(body) => {
                let dispositions: Result<_, _> =
                    body.dispositions.into_iter().map(Disposition::try_from).collect();
                Self::Return(ReturnPlan {
                    dock: LocationId::new(body.dock),
                    dispositions: dispositions?,
                })
            }
            TaskKindBody::Inspect(body) => Self::Inspect(InspectPlan {
                status: word_or_first("kind.inspect.status", &body.status, StockStatus::of_word)?,
            }),
        })
    }
}

impl From<&Disposition> for DispositionBody {
    fn from(disposition: &Disposition) -> Self {
        Self {
            condition: disposition.condition.clone(),
            status: disposition.status.word().to_owned(),
            to: disposition.to.to_string(),
        }
    }
}

impl TryFrom<DispositionBody> for Disposition {
    type Error = ConvertError;

    fn try_from(body: DispositionBody) -> Result<Self, ConvertError> {
        Ok(Self {
            status: StockStatus::of_word(&body.status)
                .ok_or_else(|| ConvertError::word("dispositions.status", &body.status))?,
            condition: body.condition,
            to: LocationId::new(body.to),
        })
    }
}

fn check_words(checks: &[Check]) -> Vec<String> {
    checks.iter().map(|check| check.word().to_owned()).collect()
}

fn checks(words: &[String]) -> Result<Vec<Check>, ConvertError> {
    let check = |word: &String| Check::of_word(word).ok_or_else(|| ConvertError::word("kind.checks", word));
    words.iter().map(check).collect()
}

/// What a word means; the first of its kind where it is left out.
fn word_or_first<T: Default>(
    member: &'static str,
    word: &str,
    of_word: impl Fn(&str) -> Option<T>,
) -> Result<T, ConvertError> {
    match word {
        "" => Ok(T::default()),
        word => of_word(word).ok_or_else(|| ConvertError::word(member, word)),
    }
}
