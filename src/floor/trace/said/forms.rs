//! Answers of a catalogue as the trace has them, and back.

use std::collections::HashSet;

use tallyman_codes::in_house::{InHouseRule, Measured};
use tallyman_codes::{EpcBytes, Rules, Settings};

use crate::claim::{Claim, Doubt, Holder, Lease};
use crate::ids::{ItemId, LineNumber, TaskId, WorkerId};
use crate::progress::{LineProgress, Progress};
use crate::quantity::Quantity;
use crate::rfid::Class;
use crate::site::{Holds, Worker};
use crate::swept::{SweepFigures, SweptTag};
use crate::task::Task;
use crate::trace::event::bytes_of;
use crate::wire::convert;
use crate::wire::trace::{
    HeldBody, PersonBody, ProgressBody, RulesBody, SaidHoldsBody, SweepBody, SweptTagBody, TermBody,
};
use crate::wire::v1::{HoldBody, HoldsBody, SiteRuleBody, TaskBody};
use crate::words::Language;

const MEASURED: [(Measured, &str); 3] = [
    (Measured::Price, "price"),
    (Measured::Kilograms, "kilograms"),
    (Measured::Pieces, "pieces"),
];

/// A task without its lines.
pub(super) fn head(task: &Task) -> TaskBody {
    let head = Task {
        lines: Vec::new(),
        ..task.clone()
    };
    TaskBody::new(&head, &Progress::default())
}

pub(super) fn rules_body(rules: &Rules) -> RulesBody {
    let Settings {
        strict,
        digital_link_aliases,
        digital_link_short_gtin,
        bare_sscc,
    } = rules.settings;
    let settings = [strict, digital_link_aliases, digital_link_short_gtin, bare_sscc];
    let on = SETTINGS.iter().zip(settings).filter(|(_, is_on)| *is_on);
    let in_house = |rule: &InHouseRule| {
        let measured = MEASURED.iter().find(|(known, _)| *known == rule.measured);
        let word = measured.map_or("", |(_, word)| *word).to_owned();
        (rule.template.clone(), word, rule.decimals)
    };
    RulesBody {
        today: rules.today,
        site: rules.site.rules().iter().map(SiteRuleBody::from).collect(),
        settings: on.map(|(name, _)| (*name).to_owned()).collect(),
        in_house: rules.in_house.iter().map(in_house).collect(),
        repairs: rules.repairs.iter().map(ToString::to_string).collect(),
    }
}

const SETTINGS: [&str; 4] = [
    "strict",
    "digital_link_aliases",
    "digital_link_short_gtin",
    "bare_sscc",
];

/// What codes mean, or what of it cannot be understood.
pub(in crate::trace) fn rules_of(body: RulesBody) -> Result<Rules, String> {
    if let Some(unknown) = body
        .settings
        .iter()
        .find(|name| !SETTINGS.contains(&name.as_str()))
    {
        return Err(format!("{unknown:?} is no setting of codes"));
    }
    let is_on = |name: &str| body.settings.iter().any(|known| known == name);
    let in_house = |(template, word, decimals): (String, String, u8)| {
        let measured = MEASURED.iter().find(|(_, known)| *known == word);
        let (measured, _) = measured.ok_or_else(|| format!("{word:?} is nothing that is measured"))?;
        Ok::<_, String>(InHouseRule {
            template,
            measured: *measured,
            decimals,
        })
    };
    let repair = |rule: &String| rule.parse().map_err(|error| format!("{error}"));
    Ok(Rules {
        today: body.today,
        settings: Settings {
            strict: is_on("strict"),
            digital_link_aliases: is_on("digital_link_aliases"),
            digital_link_short_gtin: is_on("digital_link_short_gtin"),
            bare_sscc: is_on("bare_sscc"),
        },
        repairs: body.repairs.iter().map(repair).collect::<Result<_, _>>()?,
        in_house: body
            .in_house
            .into_iter()
            .map(in_house)
            .collect::<Result<_, _>>()?,
        site: convert::site_rules(body.site).map_err(|error| error.to_string())?,
    })
}

/// What is confirmed now and was not before, and the reverse.
pub(super) fn progress_body(task: &TaskId, before: &Progress, now: &Progress) -> ProgressBody {
    let numbers: HashSet<LineNumber> = before
        .lines()
        .chain(now.lines())
        .map(|(number, _)| number)
        .collect();
    let mut lines: Vec<_> = numbers
        .into_iter()
        .filter(|number| before.line(*number) != now.line(*number))
        .map(|number| {
            let line = now.line(number);
            (number.0, line.quantity.micro(), u8::from(line.closed))
        })
        .collect();
    lines.sort_unstable();
    let only_in = |one: &Progress, other: &Progress| {
        let mut only: Vec<_> = one
            .serials()
            .filter(|(item, serial)| !other.has_serial(item, serial))
            .map(|(item, serial)| (item.to_string(), serial.clone()))
            .collect();
        only.sort_unstable();
        only
    };
    ProgressBody {
        task: task.to_string(),
        lines,
        serials: only_in(now, before),
        no_serials: only_in(before, now),
        closed: now.task_closed(),
    }
}

pub(super) fn patch(progress: &mut Progress, body: ProgressBody) {
    for (number, micro, closed) in body.lines {
        let line = LineProgress {
            quantity: Quantity::from_micro(micro),
            closed: closed != 0,
        };
        progress.set(LineNumber(number), line);
    }
    for (serials, forward) in [(body.serials, true), (body.no_serials, false)] {
        for (item, serial) in serials {
            progress.count_serial(&ItemId::new(item), &serial, forward);
        }
    }
    progress.set_task_closed(body.closed);
}

pub(super) fn held_body(claim: &Claim) -> HeldBody {
    let doubt = |doubt: &Doubt| {
        let lines = doubt.lines.iter().map(|line| line.0).collect();
        (doubt.name.clone(), lines)
    };
    let holder = |holder: &Holder| (holder.name.clone(), holder.heard, term_body(holder.lease));
    HeldBody {
        own: claim.own.map(term_body),
        holder: claim.holder.as_ref().map(holder),
        doubts: claim.doubts.iter().map(doubt).collect(),
    }
}

pub(super) fn claim_of(body: HeldBody) -> Claim {
    let doubt = |(name, lines): (String, Vec<u32>)| Doubt {
        name,
        lines: lines.into_iter().map(LineNumber).collect(),
    };
    Claim {
        own: body.own.map(lease_of),
        holder: body.holder.map(|(name, heard, term)| Holder {
            name,
            heard,
            lease: lease_of(term),
        }),
        doubts: body.doubts.into_iter().map(doubt).collect(),
    }
}

const fn term_body(lease: Lease) -> TermBody {
    TermBody {
        fence: lease.fence,
        until: lease.until,
        renewed_ms: lease.renewed_ms,
    }
}

const fn lease_of(body: TermBody) -> Lease {
    Lease {
        fence: body.fence,
        until: body.until,
        renewed_ms: body.renewed_ms,
    }
}

pub(super) fn person_body(worker: &Worker) -> PersonBody {
    PersonBody {
        name: worker.name.clone(),
        language: worker.language.map(|language| language.code().to_owned()),
        has_pin: worker.has_pin,
    }
}

pub(super) fn worker_of(id: &WorkerId, body: PersonBody) -> Worker {
    Worker {
        id: id.clone(),
        name: body.name,
        language: body.language.as_deref().and_then(Language::of_code),
        has_pin: body.has_pin,
    }
}

/// What may not be used. The list itself changes seldom, and when it was heard of with each contact.
pub(super) fn holds_body(before: Option<&Holds>, now: Option<&Holds>) -> SaidHoldsBody {
    let Some(now) = now else {
        return SaidHoldsBody {
            never: true,
            ..SaidHoldsBody::default()
        };
    };
    let same = before.is_some_and(|before| before.version == now.version && before.entries == now.entries);
    let list = || HoldsBody {
        version: now.version,
        entries: now.entries.iter().map(HoldBody::from).collect(),
    };
    SaidHoldsBody {
        never: false,
        list: (!same).then(list),
        heard: now.heard,
    }
}

pub(super) fn holds_of(before: Option<&Holds>, body: SaidHoldsBody) -> Option<Holds> {
    if body.never {
        return None;
    }
    match body.list {
        Some(list) => Some(list.into_holds(body.heard)),
        None => before.map(|before| Holds {
            heard: body.heard,
            ..before.clone()
        }),
    }
}

pub(super) const fn figures_body(figures: SweepFigures) -> SweepBody {
    let SweepFigures {
        sure,
        maybe,
        stray,
        kept,
        is_done,
    } = figures;
    (sure, maybe, stray, kept, is_done)
}

pub(super) const fn figures_of((sure, maybe, stray, kept, is_done): SweepBody) -> SweepFigures {
    SweepFigures {
        sure,
        maybe,
        stray,
        kept,
        is_done,
    }
}

pub(super) fn tag_body(tag: &SweptTag) -> SweptTagBody {
    (
        tag.epc.to_string(),
        tag.epc_bits,
        tag.pc,
        tag.class.as_str().to_owned(),
    )
}

pub(super) fn tag_of((epc, epc_bits, pc, class): SweptTagBody) -> Result<SweptTag, String> {
    let bytes = bytes_of(&epc);
    Ok(SweptTag {
        epc: EpcBytes::new(&bytes).ok_or_else(|| format!("{epc:?} is longer than an EPC"))?,
        epc_bits,
        pc,
        class: class_of(&class)?,
    })
}

pub(super) fn class_of(word: &str) -> Result<Class, String> {
    let known = [Class::Sure, Class::Maybe, Class::Stray];
    let known = known.into_iter().find(|class| class.as_str() == word);
    known.ok_or_else(|| format!("{word:?} says nothing about a tag"))
}
