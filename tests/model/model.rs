//! The rules of sync and of claims, checked over every order of events that a bounded world allows.
//!
//! The checker is exhaustive within its bounds: how many facts there are, and how often each thing goes wrong. Each rule
//! that safety rests on is also taken away, and the checker must find out. `TALLYMAN_MODEL=large` widens the bounds.

mod leases;
mod sync;

use std::fmt::Debug;
use std::hash::Hash;
use std::marker::Sync as Shared;

use leases::{Leases, Recognised};
use stateright::{Checker, HasDiscoveries, Model, Path};
use sync::{ARRIVES, Budget, DeltaMark, FORWARD, ONCE, Rules, SHOWN, Sync};

/// Nothing goes wrong, and three facts are made.
const CALM: Budget = Budget {
    facts: 3,
    losses: 0,
    restarts: 0,
    backups: 0,
    hub_restores: 0,
    store_restores: 0,
    weeks: 0,
    strangers: 0,
    old_copies: false,
};

/// A rule taken away: what that is, how, in which world, and which property does not hold then.
type Control = (&'static str, fn(&mut Rules), Budget, &'static str);

/// The steps of a path.
fn steps<S, A: Debug>(path: Path<S, A>) -> String {
    let steps = path.into_actions().into_iter();
    steps
        .map(|step| format!("{step:?}"))
        .collect::<Vec<_>>()
        .join(", ")
}

/// Checks everything there is, and answers how many states that were.
fn assert_holds<M>(what: &str, model: M, always: &[&'static str], sometimes: &[&'static str]) -> usize
where
    M: Model + Send + Shared + Debug + 'static,
    M::State: Debug + Hash + PartialEq + Clone + Send + Shared + 'static,
    M::Action: Debug + Clone + PartialEq + Send + Shared + 'static,
{
    let told = format!("{what}: {model:?}");
    let checker = model.checker().threads(threads()).spawn_bfs().join();
    for name in always {
        if let Some(path) = checker.discovery(name) {
            panic!("{told}: {name:?} does not hold after: {}", steps(path));
        }
    }
    for name in sometimes {
        assert!(
            checker.discovery(name).is_some(),
            "{told}: {name:?} never happens"
        );
    }
    println!("{what}: {} states", checker.unique_state_count());
    checker.unique_state_count()
}

/// The checker finds that this does not hold, and how.
fn assert_found<M>(what: &str, model: M, name: &'static str)
where
    M: Model + Send + Shared + 'static,
    M::State: Debug + Hash + PartialEq + Clone + Send + Shared + 'static,
    M::Action: Debug + Clone + PartialEq + Send + Shared + 'static,
{
    let first = HasDiscoveries::AllOf([name].into());
    let checker = model.checker().finish_when(first).threads(1).spawn_bfs().join();
    let path = checker.discovery(name);
    let path = path.unwrap_or_else(|| panic!("{what}: nothing shows that {name:?} does not hold"));
    println!("{what}: {name:?} does not hold after: {}", steps(path));
}

fn is_large() -> bool {
    std::env::var("TALLYMAN_MODEL").is_ok_and(|size| size == "large")
}

fn threads() -> usize {
    if is_large() {
        std::thread::available_parallelism().map_or(1, usize::from)
    } else {
        1
    }
}

#[test]
fn every_fact_arrives_once_whatever_is_lost_delayed_pulled_or_put_back() {
    let more = u8::from(is_large());
    let worlds = [
        (
            "messages and batteries",
            Budget {
                losses: 2,
                restarts: 2,
                ..CALM
            },
        ),
        (
            "a copy of the device's store",
            Budget {
                losses: 1,
                restarts: 1,
                store_restores: 1,
                weeks: more,
                strangers: more,
                ..CALM
            },
        ),
        (
            "a restored hub, and what was forgotten",
            Budget {
                losses: more,
                restarts: more,
                backups: 2,
                hub_restores: 2,
                weeks: 1,
                ..CALM
            },
        ),
        (
            "a restored hub and a copy of the device's store",
            Budget {
                losses: more,
                restarts: 1,
                backups: 1,
                hub_restores: 1,
                store_restores: 1,
                weeks: more,
                ..CALM
            },
        ),
        (
            "somebody else in the hub's place",
            Budget {
                losses: 1 + more,
                restarts: 1,
                strangers: 1,
                backups: more,
                weeks: more,
                ..CALM
            },
        ),
    ];
    let mut states = 0;
    for (what, budget) in worlds {
        let rules = Rules::TODAY;
        states += assert_holds(
            what,
            Sync { rules, budget },
            &[ONCE, ARRIVES, FORWARD, SHOWN],
            &[],
        );
    }
    println!("together: {states} states");
    assert!(
        states > 100_000,
        "{states} states are not what this was meant to try"
    );
}

#[test]
fn a_restored_hub_is_refilled_and_epochs_begin() {
    let budget = Budget {
        facts: 2,
        restarts: 1,
        backups: 1,
        hub_restores: 1,
        store_restores: 1,
        ..CALM
    };
    let rules = Rules::TODAY;
    let wanted = ["an epoch begins", "a restored hub has everything again"];
    assert_holds("what a day has", Sync { rules, budget }, &[], &wanted);
}

#[test]
fn without_any_of_its_rules_something_is_lost_doubled_or_hidden() {
    let today = Rules::TODAY;
    let messages = Budget {
        losses: 1,
        restarts: 1,
        ..CALM
    };
    let copied = Budget {
        losses: 1,
        store_restores: 1,
        ..CALM
    };
    let restored = Budget {
        facts: 2,
        restarts: 1,
        backups: 1,
        hub_restores: 1,
        store_restores: 1,
        ..CALM
    };
    let forgotten = Budget {
        backups: 1,
        hub_restores: 1,
        weeks: 1,
        ..CALM
    };
    let twice = Budget {
        backups: 1,
        hub_restores: 2,
        ..CALM
    };
    let stranger = Budget {
        store_restores: 1,
        strangers: 1,
        ..CALM
    };
    let begun = Budget { weeks: 1, ..restored };
    let with = |change: fn(&mut Rules)| {
        let mut rules = today.clone();
        change(&mut rules);
        rules
    };
    let controls: [Control; 9] = [
        (
            "the hub remembers one record",
            |rules| rules.hub_remembers = Some(1),
            messages,
            ONCE,
        ),
        (
            "the hub takes a number for the record",
            |rules| rules.hub_compares = false,
            copied,
            ARRIVES,
        ),
        (
            "the device forgets what is applied",
            |rules| rules.forgets_at_applied = true,
            forgotten,
            ARRIVES,
        ),
        (
            "the beginning of an epoch is stable",
            |rules| rules.only_facts_are_stable = false,
            begun,
            ARRIVES,
        ),
        (
            "a delta stands in an epoch granted",
            |rules| rules.delta_mark = DeltaMark::OfEpochExpected,
            copied,
            SHOWN,
        ),
        (
            "a fork without a name is believed",
            |rules| rules.nameless_fork_is_nonsense = false,
            stranger,
            ONCE,
        ),
        (
            "a grant tells of one epoch",
            |rules| rules.grant_tells_all = false,
            restored,
            ARRIVES,
        ),
        (
            "a restored hub renews nothing",
            |rules| rules.restore_renews = false,
            restored,
            ARRIVES,
        ),
        (
            "a backup names its next life",
            |rules| rules.fresh_generation = false,
            twice,
            FORWARD,
        ),
    ];
    for (what, change, budget, name) in controls {
        let rules = with(change);
        assert_found(what, Sync { rules, budget }, name);
    }
    if is_large() {
        // No smaller world has it.
        let late = Budget {
            losses: 1,
            restarts: 1,
            backups: 2,
            hub_restores: 2,
            weeks: 1,
            ..CALM
        };
        let rules = with(|rules| rules.grant_closes = false);
        let model = Sync { rules, budget: late };
        assert_found("a granted epoch leaves the one before it open", model, ONCE);
    }
}

#[test]
fn a_copy_from_before_an_epoch_sends_no_fact_again() {
    let more = u8::from(is_large());
    let budget = Budget {
        facts: 2 + more,
        restarts: more,
        losses: more,
        backups: 2,
        hub_restores: 1,
        store_restores: 1,
        weeks: 1,
        old_copies: true,
        ..CALM
    };
    let model = |rules| Sync { rules, budget };
    assert_holds(
        "a copy from before an epoch",
        model(Rules::TODAY),
        // What a delta shows is of a later epoch than the copy's, until that has begun one of its own.
        &[ONCE, ARRIVES, FORWARD],
        &[],
    );
    let rules = Rules {
        grant_tells_moves: false,
        ..Rules::TODAY
    };
    assert_found("a grant without what moved", model(rules), ONCE);
    if is_large() {
        // A batch of the newest epoch is on its way while the copy asks from an earlier one.
        let rules = Rules {
            grant_closes_all: false,
            ..Rules::TODAY
        };
        assert_found("a grant leaves the newest epoch open", model(rules), ONCE);
    }
}

#[test]
fn late_picks_are_posted_and_told_apart_by_the_number_of_their_lease() {
    let leases = |recognised| Leases {
        recognised,
        leases_max: if is_large() { 5 } else { 3 },
        losses: 1,
    };
    let always = [leases::POSTED, leases::TOLD, leases::FAIR];
    let sometimes = ["a late confirmation is posted"];
    assert_holds("leases", leases(Recognised::ByNumber), &always, &sometimes);
    assert_found("leases by device", leases(Recognised::ByDevice), leases::FAIR);
}
