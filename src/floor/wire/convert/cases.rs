//! Every core value survives the wire, and every wrong member is named.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::{Date, date};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use tallyman_codes::{SiteCode, SiteCodeKind, SiteRule};

use super::*;
use crate::confirmation::{
    Act, Draft, ExceptionCode, ExceptionReport, Goods, Observation, PassReference, Place, RawScan, Reverses,
    Source, StockStatus, Times, WorkReference,
};
use crate::ids::{LineNumber, LocationId, PictureId};
use crate::item::{Item, ItemCode, Tracking};
use crate::plan::{
    Against, Check, CountPlan, CountScope, Disposition, InspectPlan, LoadPlan, PackPlan, PickPlan,
    ReceivePlan, ReturnPlan,
};
use crate::progress::{LineProgress, Progress};
use crate::task::{Line, QuantityEntry, Task, TaskKind, TaskState};
use crate::wire::v1::{ConfirmationBody, ItemBody, SiteRuleBody, TaskBody};

fn word() -> impl Strategy<Value = String> {
    "[A-Za-z0-9 äß/_.-]{0,12}"
}

fn id<T: for<'a> From<&'a str> + std::fmt::Debug>() -> impl Strategy<Value = T> {
    "[A-Z0-9-]{1,8}".prop_map(|text| T::from(text.as_str()))
}

fn maybe<T: for<'a> From<&'a str> + std::fmt::Debug>() -> impl Strategy<Value = Option<T>> {
    option::of("[A-Z0-9-]{1,8}").prop_map(|text| text.map(|text| T::from(text.as_str())))
}

fn quantity() -> impl Strategy<Value = Quantity> {
    (1..=Quantity::MAX.micro()).prop_map(Quantity::from_micro)
}

fn day() -> impl Strategy<Value = Date> {
    (2000_i16..2100, 1_i8..=12, 1_i8..=28).prop_map(|(year, month, day)| date(year, month, day))
}

fn goods() -> impl Strategy<Value = Goods> {
    let what = (maybe(), word(), quantity(), word(), quantity());
    let which = (
        option::of(word()),
        vec(word(), 0..3),
        option::of(day()),
        option::of(quantity()),
    );
    let whose = (maybe(), prop::sample::select(StockStatus::ALL.to_vec()), maybe());
    (what, which, whose).prop_map(|(what, which, whose)| Goods {
        item: what.0,
        code: what.1,
        quantity: what.2,
        unit: what.3,
        pack: what.4,
        lot: which.0,
        serials: which.1,
        expiry: which.2,
        weight: which.3,
        handling_unit: whose.0,
        status: whose.1,
        owner: whose.2,
    })
}

fn place() -> impl Strategy<Value = Place> {
    prop_oneof![
        id().prop_map(Place::Location),
        id().prop_map(Place::HandlingUnit),
        word().prop_map(Place::Vehicle),
        Just(Place::Supplier),
        Just(Place::Customer),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    prop::sample::select(Act::ALL.to_vec())
}

fn exception() -> impl Strategy<Value = ExceptionReport> {
    let code = prop::sample::select(ExceptionCode::ALL.to_vec());
    (code, option::of(word()), option::of(quantity())).prop_map(|(code, reason, quantity)| ExceptionReport {
        code,
        reason,
        quantity,
    })
}

fn raw() -> impl Strategy<Value = RawScan> {
    let source = prop::sample::select(Source::ALL.to_vec());
    let text = "[\u{1d} -~ä]{0,20}";
    (word(), text, option::of(word()), source).prop_map(|(scanner, text, symbology, source)| RawScan {
        scanner,
        text,
        symbology,
        source,
    })
}

fn times() -> impl Strategy<Value = Times> {
    (word(), any::<u64>(), 0..4_000_000_000_000_000_i64).prop_map(|(boot, boottime_us, wall)| Times {
        boot,
        boottime_us,
        wall: Timestamp::from_microsecond(wall).unwrap(),
    })
}

fn work() -> impl Strategy<Value = WorkReference> {
    let parts = (id(), any::<u32>(), option::of(1..9_u32), option::of(1..9_u64));
    parts.prop_map(|(task, revision, line, fence)| WorkReference {
        task,
        revision,
        line: line.map(LineNumber),
        fence,
    })
}

fn draft() -> impl Strategy<Value = Draft> {
    let who = (id(), maybe(), option::of(work()));
    let what = (act(), goods(), option::of(place()), option::of(place()));
    let told = (observation(), task());
    let more = (
        option::of(exception()),
        any::<u32>(),
        any::<u64>(),
        act(),
        option::of(raw()),
        option::of((word(), any::<u64>()).prop_map(|(portal, number)| PassReference { portal, number })),
    );
    let parts = (who, what, any::<bool>(), more, told, times());
    parts.prop_map(|(who, what, goods_anyway, more, told, times)| {
        let reverses = (what.0 == Act::Reversed).then_some(Reverses {
            epoch: more.1,
            seq: more.2,
            act: more.3,
        });
        let act = reverses.map_or(what.0, |reverses| reverses.act);
        Draft {
            site: who.0,
            worker: who.1,
            work: who.2,
            act: what.0,
            goods: (goods_anyway || what.0.moves_goods()).then_some(what.1),
            from: what.2,
            to: what.3,
            observed: (act == Act::Observed).then_some(told.0),
            started: (act == Act::TaskStarted).then(|| Arc::new(told.1)),
            exception: more.0,
            reverses,
            raw: more.4,
            pass: more.5,
            times,
        }
    })
}

fn line(number: u32) -> impl Strategy<Value = Line> {
    let what = (maybe(), option::of(quantity()), maybe());
    let which = (option::of(word()), option::of(day()), maybe(), option::of(word()));
    let where_to = (maybe(), option::of(word()), maybe(), maybe());
    (what, which, where_to).prop_map(move |(what, which, where_to)| Line {
        number: LineNumber(number),
        item: what.0,
        expected: what.1,
        location: what.2,
        to: where_to.0,
        why: where_to.1,
        handling_unit: where_to.2,
        into: where_to.3,
        lot: which.0,
        expiry_min: which.1,
        owner: which.2,
        serial: which.3,
    })
}

fn checks() -> impl Strategy<Value = Vec<Check>> {
    vec(prop::sample::select(Check::ALL.to_vec()), 0..3)
}

fn receive_plan() -> impl Strategy<Value = ReceivePlan> {
    let against = prop::sample::select(Against::ALL.to_vec());
    (id(), against, 0..100_u32, 0..100_u32, checks()).prop_map(|(dock, against, over, under, checks)| {
        ReceivePlan {
            dock,
            against,
            over_tolerance_percent: over,
            under_tolerance_percent: under,
            checks,
        }
    })
}

fn count_plan() -> impl Strategy<Value = CountPlan> {
    let scope = prop::sample::select(CountScope::ALL.to_vec());
    (scope, maybe(), vec(id(), 0..3)).prop_map(|(scope, recount_of, not_by)| CountPlan {
        scope,
        recount_of,
        not_by,
    })
}

fn return_plan() -> impl Strategy<Value = ReturnPlan> {
    let status = prop::sample::select(StockStatus::ALL.to_vec());
    let disposition = (word(), status, id()).prop_map(|(condition, status, to)| Disposition {
        condition,
        status,
        to,
    });
    (id(), vec(disposition, 0..3)).prop_map(|(dock, dispositions)| ReturnPlan { dock, dispositions })
}

fn observation() -> impl Strategy<Value = Observation> {
    let check = prop::sample::select(Check::ALL.to_vec());
    (check, word()).prop_map(|(check, value)| Observation { check, value })
}

fn task() -> impl Strategy<Value = Task> {
    let kind = prop_oneof![
        receive_plan().prop_map(TaskKind::Receive),
        Just(TaskKind::Putaway),
        Just(TaskKind::Replenish),
        Just(TaskKind::Move),
        (maybe(), maybe()).prop_map(|(into, hand_over)| TaskKind::Pick(PickPlan { into, hand_over })),
        (maybe(), any::<bool>()).prop_map(|(from, weigh)| TaskKind::Pack(PackPlan { from, weigh })),
        (id(), word(), checks()).prop_map(|(door, vehicle, checks)| {
            TaskKind::Load(LoadPlan {
                door,
                vehicle,
                checks,
            })
        }),
        count_plan().prop_map(TaskKind::Count),
        return_plan().prop_map(TaskKind::Return),
        prop::sample::select(StockStatus::ALL.to_vec())
            .prop_map(|status| TaskKind::Inspect(InspectPlan { status })),
    ];
    let head = (
        id(),
        id(),
        kind,
        any::<u32>(),
        prop::sample::select(TaskState::ALL.to_vec()),
    );
    let how = prop::sample::select(QuantityEntry::ALL.to_vec());
    let lines = (line(1), line(2), line(7));
    (head, word(), any::<i32>(), maybe(), how, lines).prop_map(
        |(head, reference, priority, assigned_to, quantity_entry, lines)| Task {
            id: head.0,
            site: head.1,
            kind: head.2,
            revision: head.3,
            state: head.4,
            reference,
            priority,
            assigned_to,
            quantity_entry,
            lines: vec![lines.0, lines.1, lines.2],
        },
    )
}

fn item() -> impl Strategy<Value = Item> {
    let code = (word(), word(), quantity()).prop_map(|(code, unit, pack)| ItemCode { code, unit, pack });
    let tracking =
        any::<(bool, bool, bool, bool, bool)>().prop_map(|(lot, serial, expiry, weight, tag)| Tracking {
            lot,
            serial,
            expiry,
            weight,
            tag,
        });
    let rules = (option::of(0..999_u32), vec(id(), 0..3));
    let owner = (maybe(), option::of(any::<[u8; 16]>()));
    (id(), word(), word(), vec(code, 0..4), tracking, rules, owner).prop_map(
        |(id, name, unit, codes, tracking, rules, (owner, picture))| Item {
            id,
            name,
            unit,
            codes,
            tracking,
            shelf_life_min_days: rules.0,
            substitutes: rules.1,
            owner,
            picture: picture.map(PictureId::new),
        },
    )
}

/// Through the bytes that travel, not only through the forms.
fn through_json<T: serde::Serialize + serde::de::DeserializeOwned>(body: &T) -> T {
    serde_json::from_str(&serde_json::to_string(body).unwrap()).unwrap()
}

/// What devices send is a promise: the page about the protocol names each act.
#[test]
fn every_act_is_in_the_protocol() {
    let page = include_str!("../../../../docs/protocol.md");
    let row = page.lines().find(|line| line.starts_with("| `act` |")).unwrap();
    for act in Act::ALL {
        assert!(row.contains(&format!("`{}`", act.word())), "{act:?}: {row}");
    }
}

/// A kind that nobody plays here is played nowhere: the compiler does not ask for it.
#[test]
fn every_kind_of_work_is_played() {
    let mut runner = TestRunner::deterministic();
    let played = (0..400).map(|_| task().new_tree(&mut runner).unwrap().current().kind);
    let played: BTreeSet<_> = played.map(|kind| kind.word()).collect();
    assert_eq!(played, TaskKind::WORDS.into());
}

proptest! {
    #[test]
    fn every_fact_survives_the_wire(draft in draft()) {
        let body = ConfirmationBody::from(&draft);
        prop_assert_eq!(Draft::try_from(through_json(&body)), Ok(draft));
    }

    #[test]
    fn every_task_survives_the_wire_with_its_progress(
        task in task(), confirmed in 0..1_000_000_i64, closed in any::<bool>(),
    ) {
        let line = LineProgress { quantity: Quantity::from_micro(confirmed), closed };
        let figures = [1, 2, 7].map(|number| (LineNumber(number), line));
        let progress = Progress::from_lines(figures);
        let body = through_json(&TaskBody::new(&task, &progress));
        prop_assert_eq!(body.progress(), progress);
        prop_assert_eq!(Task::try_from(body), Ok(task));
    }

    #[test]
    fn every_item_survives_the_wire(item in item()) {
        prop_assert_eq!(Item::try_from(through_json(&ItemBody::from(&item))), Ok(item));
    }
}

const FACT: &str = r#"{"v":1,"site":"north","task":"T1","revision":3,"line":2,"act":"picked","goods":{"item":"A",
    "code":"04006381333931","quantity_micro":2000000,"unit":"each","pack_micro":1000000,"status":"available"},
    "from":{"location":"A-01-02"},"to":{"handling_unit":"TOTE-1"},"raw":{"scanner":"s","text":"4006381333931",
    "source":"scan"},"boot":"b","boottime_us":5,"wall":"2026-11-23T09:00:00Z"}"#;

#[test]
fn a_fact_as_an_older_device_wrote_it_is_understood() {
    let draft = Draft::try_from(serde_json::from_str::<ConfirmationBody>(FACT).unwrap()).unwrap();
    assert_eq!(draft.act, Act::Picked);
    assert_eq!(draft.from, Some(Place::Location(LocationId::from("A-01-02"))));
    assert_eq!(draft.goods.unwrap().quantity, Quantity::whole(2).unwrap());
}

#[test]
fn the_wrong_member_of_a_fact_is_named() {
    let cases = [
        (r#""v":1"#, r#""v":2"#, "`v` is 2"),
        (r#""act":"picked""#, r#""act":"stolen""#, "`act` is \"stolen\""),
        (r#""status":"available""#, r#""status":"good""#, "`goods.status`"),
        ("2000000", "0", "`goods.quantity_micro` is 0"),
        (
            r#""pack_micro":1000000"#,
            r#""pack_micro":-1"#,
            "`goods.pack_micro` is -1",
        ),
        (r#""source":"scan""#, r#""source":"guess""#, "`raw.source`"),
        (
            r#""act":"picked""#,
            r#""act":"reversed""#,
            "`reverses` does not go with",
        ),
        (
            r#""boot""#,
            r#""reverses":{"epoch":1,"seq":1,"act":"picked"},"boot""#,
            "`reverses` does not go with the act `picked`",
        ),
        (
            r#""boot""#,
            r#""exception":{"code":"lost"},"boot""#,
            "`exception.code`",
        ),
        (
            r#""boot""#,
            r#""exception":{"code":"short","quantity_micro":0},"boot""#,
            "`exception.quantity_micro`",
        ),
    ];
    for (right, wrong, named) in cases {
        let text = FACT.replacen(right, wrong, 1);
        let body: ConfirmationBody = serde_json::from_str(&text).unwrap();
        let error = Draft::try_from(body).expect_err(wrong).to_string();
        assert!(error.contains(named), "{wrong}: {error}");
    }
}

#[test]
fn the_wrong_member_of_a_task_or_item_is_named() {
    const TASK: &str = r#"{"id":"T1","site":"n","kind":{"count":{}},"revision":1,"state":"open","reference":"C-1",
        "quantity_entry":"each_scan","lines":[{"number":1},{"number":2,"expected_micro":5}]}"#;
    let cases = [
        ("open", "ajar", "`state` is \"ajar\""),
        ("each_scan", "weigh", "`quantity_entry`"),
        (r#""number":2"#, r#""number":1"#, "`lines.number` is 1"),
        (r#""number":1"#, r#""number":0"#, "`lines.number` is 0"),
        (":5", ":-5", "`lines.expected_micro` is -5"),
    ];
    let task = |text: &str| Task::try_from(serde_json::from_str::<TaskBody>(text).unwrap());
    assert!(task(TASK).is_ok());
    for (right, wrong, named) in cases {
        let error = task(&TASK.replacen(right, wrong, 1))
            .expect_err(wrong)
            .to_string();
        assert!(error.contains(named), "{wrong}: {error}");
    }
    let body = r#"{"id":"A","name":"a","unit":"each","codes":[{"code":"1","unit":"each","pack_micro":0}]}"#;
    let error = Item::try_from(serde_json::from_str::<ItemBody>(body).unwrap()).expect_err("no pack");
    assert!(error.to_string().contains("`codes.pack_micro`"), "{error}");
}

#[test]
fn site_rules_come_ready_to_use_or_say_what_is_wrong() {
    let body = |pattern: &str, kind: &str| SiteRuleBody {
        pattern: pattern.to_owned(),
        kind: kind.to_owned(),
    };
    let rules = site_rules([
        body("LOC-<[A-Z][0-9]{2}>", "location"),
        body("CMD-<[a-z]+>", "command"),
    ]);
    let rules = rules.unwrap();
    assert_eq!(rules.claim("LOC-A01"), Some(SiteCode::Location("A01".to_owned())));
    let error = site_rules([body("X", "shelf")]).expect_err("no such kind");
    assert!(
        error.to_string().contains("`site_rules.kind` is \"shelf\""),
        "{error}"
    );
    assert!(site_rules([body("[0-9]{2}", "badge"), body("[1-5]{2}", "location")]).is_err());
    for kind in [
        SiteCodeKind::Location,
        SiteCodeKind::Badge,
        SiteCodeKind::HandlingUnit,
        SiteCodeKind::Command,
    ] {
        let rule = SiteRule {
            pattern: "X".to_owned(),
            kind,
        };
        assert_eq!(SiteRule::try_from(SiteRuleBody::from(&rule)), Ok(rule));
    }
}
