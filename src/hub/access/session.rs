//! Sessions: the cookie, when one ends, and the token of its forms.
//!
//! A session is a random number of 256 bits in the browser, and its hash in the store: any hub on the same store takes
//! it. It begins anew at each sign-in, and ends when it rests, when it is old, when its person signs out, and with a
//! change of their password, role, sites, or right to sign in.

use axum::http::{HeaderMap, header};
use jiff::{SignedDuration, Timestamp};

use super::source::Source;
use crate::Hub;
use crate::ledger::sessions::Session;

/// The cookie, over a connection that is not encrypted.
const COOKIE: &str = "tallyman_session";
/// The cookie, over TLS: with this prefix browsers take it from this host alone, and only encrypted.
const COOKIE_OVER_TLS: &str = "__Host-tallyman_session";

/// The field of a form that holds the session's form token.
pub(crate) const FORM_TOKEN: &str = "form_token";

/// A session's use is noted this often: each note is a write.
const NOTED_EVERY: SignedDuration = SignedDuration::from_secs(60);

/// A session's token, as the browser keeps it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Token(String);

impl Token {
    pub(crate) fn new(hub: &Hub) -> Self {
        Self(hex(&hub.random::<32>()))
    }

    /// The one that a request carries. Over TLS only the cookie for it counts.
    pub(crate) fn shown(headers: &HeaderMap, source: &Source) -> Option<Self> {
        let name = cookie_name(source.is_secure);
        let lines = headers
            .get_all(header::COOKIE)
            .into_iter()
            .filter_map(|line| line.to_str().ok());
        let value = lines
            .flat_map(|line| line.split(';'))
            .find_map(|cookie| cookie.trim().strip_prefix(name)?.strip_prefix('='))?;
        let is_token = value.len() == 64 && value.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_token.then(|| Self(value.to_owned()))
    }

    /// The hash under which it is kept.
    pub(crate) fn hash(&self) -> [u8; 32] {
        blake3::derive_key("tallyman page session v2", self.0.as_bytes())
    }

    /// The `Set-Cookie` that gives it to the browser.
    pub(crate) fn cookie(&self, hub: &Hub, source: &Source) -> String {
        let seconds = 3_600 * u64::from(hub.config().people.session_hours);
        written(&self.0, seconds, source)
    }

    /// What forms of the session carry; `mask` is chance.
    pub(crate) fn form_key(&self, mask: [u8; 32]) -> FormKey {
        FormKey {
            key: blake3::derive_key("tallyman form token v1", self.0.as_bytes()),
            mask,
        }
    }
}

/// The `Set-Cookie` that takes the session from the browser.
pub(crate) fn no_cookie(source: &Source) -> String {
    written("", 0, source)
}

fn written(value: &str, seconds: u64, source: &Source) -> String {
    let name = cookie_name(source.is_secure);
    let secure = if source.is_secure { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}")
}

const fn cookie_name(is_secure: bool) -> &'static str {
    if is_secure { COOKIE_OVER_TLS } else { COOKIE }
}

/// Whether a session has not ended by the clock.
pub(crate) fn lives(hub: &Hub, began: Timestamp, seen: Timestamp) -> bool {
    let settings = &hub.config().people;
    let now = hub.now();
    let idle = SignedDuration::from_mins(settings.session_idle_minutes.into());
    now.duration_since(seen) < idle && began > oldest(hub)
}

/// Sessions that began before this have ended.
pub(crate) fn oldest(hub: &Hub) -> Timestamp {
    let whole = SignedDuration::from_hours(hub.config().people.session_hours.into());
    hub.now().saturating_sub(whole).unwrap_or(Timestamp::MIN)
}

/// Whether its use is to be noted again.
pub(crate) fn is_to_be_noted(session: &Session, now: Timestamp) -> bool {
    now.duration_since(session.seen) >= NOTED_EVERY
}

/// What the forms of a session carry. It is shown behind a mask that is another one each time: a page that is
/// compressed together with what somebody else chose would otherwise tell it letter by letter.
#[derive(Clone)]
pub(crate) struct FormKey {
    key: [u8; 32],
    mask: [u8; 32],
}

impl std::fmt::Debug for FormKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("FormKey")
    }
}

impl FormKey {
    /// As a form carries it.
    pub(crate) fn shown(&self) -> String {
        hex(&self.mask) + &hex(&xor(self.key, self.mask))
    }

    /// Whether a form carries it. The comparison takes the same time wherever they differ.
    pub(crate) fn fits(&self, carried: &str) -> bool {
        let read = |text: Option<&str>| blake3::Hash::from_hex(text.unwrap_or_default()).ok();
        match (read(carried.get(..64)), read(carried.get(64..))) {
            (Some(mask), Some(masked)) => {
                blake3::Hash::from(xor(*mask.as_bytes(), *masked.as_bytes())) == blake3::Hash::from(self.key)
            }
            _ => false,
        }
    }
}

fn xor(one: [u8; 32], other: [u8; 32]) -> [u8; 32] {
    std::array::from_fn(|place| one[place] ^ other[place])
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(is_secure: bool) -> Source {
        Source {
            is_secure,
            ..Source::default()
        }
    }

    fn with_cookie(cookie: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, cookie.parse().unwrap());
        headers
    }

    #[test]
    fn a_cookie_for_tls_is_the_only_one_there() {
        let value = "ab".repeat(32);
        let plain = with_cookie(&format!("x=1; tallyman_session={value}"));
        let over_tls = with_cookie(&format!("__Host-tallyman_session={value}; x=1"));
        assert!(Token::shown(&plain, &source(false)).is_some());
        assert!(
            Token::shown(&plain, &source(true)).is_none(),
            "one that was planted without TLS"
        );
        assert!(Token::shown(&over_tls, &source(true)).is_some());
        let cookie = written(&value, 60, &source(true));
        for part in [
            "__Host-",
            "; Secure",
            "; HttpOnly",
            "; SameSite=Strict",
            "; Path=/",
        ] {
            assert!(cookie.contains(part), "{cookie}");
        }
        assert!(!cookie.contains("Domain"));
    }

    #[test]
    fn what_is_no_token_is_none() {
        for value in ["", "ab", &"g".repeat(64), &"a".repeat(63), &"a".repeat(65)] {
            let headers = with_cookie(&format!("tallyman_session={value}"));
            assert!(Token::shown(&headers, &source(false)).is_none(), "{value}");
        }
    }

    #[test]
    fn a_form_token_fits_its_session_behind_any_mask() {
        let token = Token("ab".repeat(32));
        let one = token.form_key([1; 32]);
        let two = token.form_key([2; 32]);
        assert_ne!(one.shown(), two.shown());
        assert!(one.fits(&two.shown()) && two.fits(&one.shown()));
        let other = Token("cd".repeat(32)).form_key([1; 32]);
        for carried in [
            other.shown(),
            String::new(),
            "0".repeat(128),
            one.shown()[1..].to_owned(),
            "ä".repeat(64),
        ] {
            assert!(!one.fits(&carried), "{carried}");
        }
    }
}
