//! What is signed: the same as others read in the protocol's page, and no changed batch is taken.

use axum::body::Body;
use axum::http::Request;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tallyman_floor::wire::proof::{self, Proved, SIGNATURE_HEADER, Span};
use tallyman_platform::device_key::DeviceKey;

use super::bench::{Bench, Handheld, Store, config, received};

/// The page by which others write clients.
const PROTOCOL: &str = include_str!("../../../docs/protocol.md");

/// A request of which the page says the span.
struct Said<const PURPOSE: usize>(Span);

macro_rules! said {
    ($($number:literal = $word:literal),*) => {
        $(impl Proved for Said<$number> {
            const PURPOSE: &'static str = $word;
            fn span(&self) -> Span { self.0 }
        })*
        /// What is signed for a purpose.
        fn what_is_signed(purpose: &str, device: &str, span: Span, body: &[u8]) -> Vec<u8> {
            match purpose {
                $($word => proof::message(&Said::<$number>(span), device, body),)*
                other => panic!("{other}"),
            }
        }
    };
}
said!(
    0 = "enrol",
    1 = "token",
    2 = "confirmations",
    3 = "epoch",
    4 = "traces"
);

#[test]
fn the_requests_of_the_protocol_page_have_the_signatures_it_says() {
    let seed: String = (0_u8..32).map(|byte| format!("{byte:02x}")).collect();
    let key = DeviceKey::from_hex(&seed).unwrap();
    assert!(PROTOCOL.contains(&key.public_hex()));
    let mut purposes = Vec::new();
    for line in PROTOCOL.lines() {
        let cells: Vec<&str> = line
            .trim_matches('|')
            .split(" | ")
            .map(|cell| cell.trim().trim_matches('`'))
            .collect();
        let [purpose, device, epoch, first, last, body, signature] = cells.as_slice() else {
            continue;
        };
        let Ok(epoch) = epoch.parse() else { continue };
        let span = Span {
            epoch,
            first: first.parse().unwrap(),
            last: last.parse().unwrap(),
        };
        let signed = what_is_signed(purpose, device, span, body.as_bytes());
        assert_eq!(key.sign(&signed), *signature, "{purpose}");
        purposes.push(*purpose);
    }
    assert_eq!(purposes, ["enrol", "token", "confirmations", "epoch", "traces"]);
}

/// What is changed of a request.
#[derive(Debug, Clone)]
enum Change {
    Body(usize, u8),
    Signature(usize, u8),
    Token(usize, u8),
    Cut(usize),
    Longer(u8),
}

fn change() -> impl Strategy<Value = Change> {
    let bit = (0_u8..8).prop_map(|bit| 1 << bit);
    prop_oneof![
        6 => (any::<usize>(), bit.clone()).prop_map(|(place, bit)| Change::Body(place, bit)),
        2 => (any::<usize>(), bit.clone()).prop_map(|(place, bit)| Change::Signature(place, bit)),
        2 => (any::<usize>(), bit).prop_map(|(place, bit)| Change::Token(place, bit)),
        1 => any::<usize>().prop_map(Change::Cut),
        1 => any::<u8>().prop_map(Change::Longer),
    ]
}

fn changed(device: &Handheld, body: &str, change: &Change) -> Option<Request<Body>> {
    let path = "/v1/confirmations";
    let mut body = body.as_bytes().to_vec();
    let mut signature = device
        .signer
        .signature(path, &String::from_utf8_lossy(&body))?
        .into_bytes();
    let mut token = device.signer.token.clone().into_bytes();
    let flip = |bytes: &mut Vec<u8>, place: usize, bit: u8| {
        let place = place % bytes.len();
        bytes[place] ^= bit;
    };
    match change {
        Change::Body(place, bit) => flip(&mut body, *place, *bit),
        Change::Signature(place, bit) => flip(&mut signature, *place, *bit),
        Change::Token(place, bit) => flip(&mut token, *place, *bit),
        Change::Cut(length) => body.truncate(length % body.len()),
        Change::Longer(byte) => body.push(*byte),
    }
    // What is no header at all never comes as far as here.
    let bearer = [b"Bearer ".as_slice(), &token].concat();
    Request::post(path)
        .header("host", "127.0.0.1:7070")
        .header("authorization", bearer)
        .header(SIGNATURE_HEADER, signature)
        .body(Body::from(body))
        .ok()
}

#[test]
fn no_changed_batch_is_taken() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let (bench, device) = runtime.block_on(async {
        let mut settings = config();
        settings.limits.device_requests_per_minute = 1_000_000;
        let bench = Bench::filled(Store::File, settings).await;
        let mut device = bench.device("main", "Handheld 1").await;
        device.confirm(received("R-1", 1, "MILK", 1));
        device.confirm(received("R-1", 1, "MILK", 2));
        (bench, device)
    });
    let body = serde_json::to_string(&device.batch(1, 2)).unwrap();
    let mut runner = TestRunner::new(Config::with_cases(1_500));
    let tried = runner.run(&change(), |change| {
        let Some(request) = changed(&device, &body, &change) else {
            return Ok(());
        };
        let status = runtime.block_on(bench.ask(request)).status();
        prop_assert!(
            matches!(status.as_u16(), 401 | 403 | 422),
            "{change:?} gave {status}"
        );
        Ok(())
    });
    tried.unwrap();
    runtime.block_on(async {
        let snapshot = bench.hub.ledger_snapshot().await.unwrap();
        assert_eq!(snapshot.records, 0);
        // And unchanged it is.
        assert_eq!(device.send_all(&bench).await.applied_seq, 2);
    });
}
