//! The scripted shift, through the program itself.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use rusqlite::Connection;
use tallyman_sim::checker::Piece;
use tallyman_sim::shift::{self, Played, ShiftOptions};

/// Figures that follow from the seed alone. Moments decide whether a scan was still answered before the battery was
/// out, so scans and answers may differ by as many as there were restarts.
const FOLLOW_FROM_THE_SEED: [&str; 14] = [
    "seed",
    "devices",
    "lines",
    "keys",
    "confirmations",
    "exceptions",
    "restarts",
    "network_cuts",
    "answers_swallowed",
    "passes",
    "sweeps",
    "tags",
    "sure",
    "maybe",
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

fn program(seed: u64) -> Child {
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

#[tokio::test]
async fn a_shift_holds_its_seed_decides_what_happens_and_a_tagged_piece_that_is_lost_is_found() {
    // Both at once, one in a process of its own: neither may be in the other's way.
    let first = program(7);
    let options = ShiftOptions {
        program: PathBuf::from(env!("CARGO_BIN_EXE_tallyman")),
        seed: 7,
    };
    let second = shift::play_unchecked(options).await.expect("it is played");
    let first = result(first);
    control(&second);
    let second = second.report().expect("it is checked").to_json();
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
        ("passes", 3),
        ("sweeps", 2),
        ("sure", 1),
        ("maybe", 1),
    ];
    for (figure, least) in at_least {
        assert!(first[figure].as_u64() >= Some(least), "{figure}: {first}");
    }
    let answered: u64 = ["accepted", "rejected", "asked"]
        .iter()
        .filter_map(|figure| first[*figure].as_u64())
        .sum();
    assert_eq!(first["scans"].as_u64(), Some(answered), "{first}");
    assert!(first["tags"].as_u64() > first["sure"].as_u64(), "{first}");
}

/// The check is held against hubs that lost, doubled or made up a piece whose tag had told it, in ways that leave every pair balanced and
/// every sum right.
fn control(played: &Played) {
    let of = |act: &str| -> Vec<&Piece> { played.pieces().filter(|piece| piece.act == act).collect() };
    let (received, counted) = (of("received"), of("counted"));
    let [one, other, ..] = received.as_slice() else {
        panic!("pieces came through the door: {received:?}");
    };
    let [swept, ..] = counted.as_slice() else {
        panic!("pieces were swept: {counted:?}");
    };
    // A jacket that nobody was told of: it is staged beside the door.
    let staged = "600001";
    let becomes = |piece: &Piece, serial: &str| {
        format!(
            "UPDATE entry SET serial = '{serial}' WHERE serial = '{}'",
            piece.serial
        )
    };
    let cases = [
        ("nothing", String::new(), (0, 0)),
        (
            "one takes the place of another",
            becomes(one, &other.serial),
            (1, 1),
        ),
        (
            "a staged one takes the place of one",
            becomes(one, staged),
            (1, 1),
        ),
        (
            "one that was swept is another",
            becomes(swept, &one.serial),
            (1, 1),
        ),
        (
            "one lies at another door",
            format!(
                "UPDATE entry SET place = 'DOCK-2' WHERE place = 'DOCK-1' AND serial = '{}'",
                one.serial
            ),
            (1, 1),
        ),
    ];
    let folder = tempfile::tempdir().expect("a folder");
    for (what, sql, wanted) in cases {
        let copy = tampered(&played.hub_store(), folder.path(), &sql);
        let found = played.check(&copy).expect("checked");
        assert_eq!(
            (found.lost, found.doubled),
            wanted,
            "{what}: {:?}",
            found.findings
        );
        assert_eq!(found.hold(), wanted == (0, 0), "{what}");
    }
}

/// A copy of a hub's store to which something was done.
fn tampered(store: &Path, folder: &Path, sql: &str) -> PathBuf {
    let copy = folder.join("hub.db");
    let original = Connection::open(store).expect("the store");
    let _ = std::fs::remove_file(&copy);
    original
        .execute("VACUUM INTO ?1", [copy.to_string_lossy()])
        .expect("a copy");
    let connection = Connection::open(&copy).expect("the copy");
    connection.execute_batch(sql).expect("tampered with");
    copy
}
