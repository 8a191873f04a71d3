//! A device's key and token, for tests that talk to the hub as a device does: what to send, and how it is signed. It
//! carries nothing itself, so that each test may use its own way.

use serde_json::{Value, json};
use tallyman_floor::wire::proof::{self, Proved, Span};
use tallyman_floor::wire::v1::{Challenge, TokenGranted};
use tallyman_platform::device_key::DeviceKey;
use tallyman_platform::entropy::SeededEntropy;

/// What proves a device. Clones are copies of the device.
#[derive(Debug, Clone)]
pub struct Signer {
    /// Its key.
    pub key: DeviceKey,
    /// Its identity; empty before enrolment.
    pub device: String,
    /// Its token; empty before it has one.
    pub token: String,
}

/// Requests in the order in which a device proves itself, each with its path.
pub const CHALLENGE: &str = "/v1/device/challenge";
/// See [`CHALLENGE`].
pub const TOKEN: &str = "/v1/device/token";

impl Signer {
    /// A device that has a key and no identity yet. The same seed gives the same key.
    pub fn new(seed: u64) -> Self {
        let seed = DeviceKey::draw(&mut SeededEntropy::new(seed));
        Self {
            key: DeviceKey::from_hex(&seed).expect("a key"),
            device: String::new(),
            token: String::new(),
        }
    }

    /// What asks for an identity, or with one for a new binding of it.
    pub fn enrol_body(&self, code: &str, name: &str) -> Value {
        let mut body =
            json!({ "code": code, "name": name, "version": "0.1.0", "public_key": self.key.public_hex() });
        if !self.device.is_empty() {
            body["device"] = json!(self.device);
        }
        body
    }

    /// What asks for something to sign.
    pub fn challenge_body(&self) -> Value {
        json!({ "device": self.device })
    }

    /// What asks for a token.
    pub fn token_body(&self, challenge: &str) -> Value {
        let challenge: Challenge = serde_json::from_str(challenge).expect("a challenge");
        json!({ "device": self.device, "challenge": challenge.challenge })
    }

    /// Keeps the token of an answer.
    pub fn take_token(&mut self, granted: &str) {
        let granted: TokenGranted = serde_json::from_str(granted).expect("a token");
        self.token = granted.token;
    }

    /// The signature of a request with this body; `None` for requests that are not signed.
    pub fn signature(&self, path: &str, body: &str) -> Option<String> {
        let read: Value = serde_json::from_str(body).unwrap_or_default();
        let number = |value: Option<&Value>| value.and_then(Value::as_u64).unwrap_or(0);
        let ends = |list: &str, name: &str| {
            let list = read[list].as_array();
            let at = |row: Option<&Value>| number(row.and_then(|row| row.get(name)));
            (
                at(list.and_then(|list| list.first())),
                at(list.and_then(|list| list.last())),
            )
        };
        let epoch = u32::try_from(number(read.get("epoch"))).unwrap_or(0);
        let (first, last) = match path {
            "/v1/confirmations" => ends("records", "seq"),
            "/v1/traces" => ends("entries", "number"),
            "/v1/device/epoch" | "/v1/numbers" => (0, number(read.get("last_seq"))),
            _ => (0, 0),
        };
        let span = Span { epoch, first, last };
        let message = match path {
            "/v1/enrol" => signed::<Enrol>(Span::default(), &self.device, body),
            TOKEN => signed::<Token>(Span::default(), &self.device, body),
            "/v1/confirmations" => signed::<Confirmations>(span, &self.device, body),
            "/v1/device/epoch" => signed::<Epoch>(span, &self.device, body),
            "/v1/traces" => signed::<Traces>(span, &self.device, body),
            "/v1/screen" => signed::<Screen>(span, &self.device, body),
            "/v1/claims" => signed::<Claims>(span, &self.device, body),
            "/v1/claims/release" => signed::<Release>(span, &self.device, body),
            "/v1/numbers" => signed::<Numbers>(span, &self.device, body),
            "/v1/portals/neighbours" => signed::<Neighbours>(span, &self.device, body),
            "/v1/portals/questions" => signed::<Questions>(span, &self.device, body),
            "/v1/portals/answers" => signed::<Answers>(span, &self.device, body),
            _ => return None,
        };
        Some(self.key.sign(&message))
    }
}

/// A request of which only the span is known: so bodies that are no message can be signed as well.
struct Known<P>(Span, std::marker::PhantomData<P>);

fn signed<P>(span: Span, device: &str, body: &str) -> Vec<u8>
where
    Known<P>: Proved,
{
    proof::message(
        &Known::<P>(span, std::marker::PhantomData),
        device,
        body.as_bytes(),
    )
}

macro_rules! purposes {
    ($($name:ident = $word:literal),*) => {
        $(
            struct $name;
            impl Proved for Known<$name> {
                const PURPOSE: &'static str = $word;
                fn span(&self) -> Span {
                    self.0
                }
            }
        )*
    };
}
purposes!(
    Enrol = "enrol",
    Token = "token",
    Confirmations = "confirmations",
    Neighbours = "neighbours",
    Questions = "questions",
    Answers = "answers",
    Epoch = "epoch",
    Traces = "traces",
    Screen = "screen",
    Numbers = "numbers",
    Claims = "claims",
    Release = "release"
);
