//! The scripted shift, through the program itself.

use std::process::{Child, Command, Stdio};

/// Figures that follow from the seed alone. Moments decide whether a scan was still answered before the battery was
/// out, so scans and answers may differ by as many as there were restarts.
const FOLLOW_FROM_THE_SEED: [&str; 9] = [
    "seed",
    "devices",
    "lines",
    "keys",
    "confirmations",
    "exceptions",
    "restarts",
    "network_cuts",
    "answers_swallowed",
];

/// Figures that must be zero.
const MUST_BE_ZERO: [&str; 6] = [
    "lost",
    "doubled",
    "out_of_order",
    "ledger_sum",
    "altered",
    "unbalanced",
];

fn shift(seed: u64) -> Child {
    Command::new(env!("CARGO_BIN_EXE_tallyman"))
        .args(["demo", "--shift", "--json", "--seed", &seed.to_string()])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts")
}

/// The last line of a shift that held.
fn result(shift: Child) -> serde_json::Value {
    let ended = shift.wait_with_output().expect("the program ends");
    let told = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{}: {told}", ended.status);
    let out = String::from_utf8(ended.stdout).expect("text");
    let last = out
        .lines()
        .last()
        .unwrap_or_else(|| panic!("nothing was printed: {told}"));
    serde_json::from_str(last).unwrap_or_else(|error| panic!("{last}: {error}"))
}

#[test]
fn a_shift_holds_and_its_seed_decides_what_happens() {
    // Both at once: neither may be in the other's way.
    let (first, second) = (shift(7), shift(7));
    let (first, second) = (result(first), result(second));
    for figure in MUST_BE_ZERO {
        assert_eq!(first[figure], 0, "{figure}: {first}");
        assert_eq!(second[figure], 0, "{figure}: {second}");
    }
    for figure in FOLLOW_FROM_THE_SEED {
        assert_eq!(
            first[figure], second[figure],
            "{figure} differs:\n{first}\n{second}"
        );
    }
    let at_least = [
        ("lines", 200),
        ("devices", 3),
        ("restarts", 1),
        ("sent_again", 1),
        ("network_cuts", 1),
        ("answers_swallowed", 1),
        ("exceptions", 1),
        ("rejected", 1),
        ("asked", 1),
    ];
    for (figure, least) in at_least {
        assert!(first[figure].as_u64() >= Some(least), "{figure}: {first}");
    }
    let answered: u64 = ["accepted", "rejected", "asked"]
        .iter()
        .filter_map(|figure| first[*figure].as_u64())
        .sum();
    assert_eq!(first["scans"].as_u64(), Some(answered), "{first}");
}
