//! Who may see the pages: whoever knows the access key, or anyone on loopback where none is set.
//!
//! A browser that has shown the key gets a cookie with an end and a code over it that only this key makes: the hub keeps
//! no sessions, and another key ends them all.

use axum::http::{HeaderMap, header};
use jiff::{SignedDuration, Timestamp};

use crate::Hub;

/// The cookie.
const COOKIE: &str = "tallyman_pages";

/// How long a browser stays signed in: a long shift.
const SIGNED_IN_HOURS: i64 = 14;

/// Whether a key is asked for.
pub(crate) fn is_needed(hub: &Hub) -> bool {
    !hub.config().access_key.is_empty()
}

/// Whether this is the key. The comparison takes the same time wherever they differ.
pub(crate) fn is_key(hub: &Hub, shown: &str) -> bool {
    let digest =
        |text: &str| blake3::Hash::from(blake3::derive_key("tallyman access key v1", text.as_bytes()));
    is_needed(hub) && digest(shown) == digest(hub.config().access_key.expose())
}

/// The cookie for a browser that has shown the key.
pub(super) fn cookie(hub: &Hub, is_secure: bool) -> String {
    let end = hub
        .now()
        .saturating_add(SignedDuration::from_hours(SIGNED_IN_HOURS))
        .unwrap_or(Timestamp::MAX);
    let end = end.as_second().to_string();
    let code = code_over(hub, &end).to_hex();
    let secure = if is_secure { "; Secure" } else { "" };
    format!(
        "{COOKIE}={end}.{code}; Path=/; HttpOnly; SameSite=Strict; Max-Age={}{secure}",
        SIGNED_IN_HOURS * 3_600
    )
}

/// The cookie that ends being signed in.
pub(super) fn no_cookie() -> String {
    format!("{COOKIE}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0")
}

/// Whether a request may see the pages.
pub(super) fn may_see(hub: &Hub, headers: &HeaderMap) -> bool {
    !is_needed(hub) || shown_cookie(headers).is_some_and(|value| is_valid(hub, value))
}

fn shown_cookie(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers
        .get_all(header::COOKIE)
        .into_iter()
        .filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|cookies| cookies.split(';'))
        .find_map(|cookie| cookie.trim().strip_prefix(COOKIE)?.strip_prefix('='))
}

fn is_valid(hub: &Hub, value: &str) -> bool {
    let Some((end, code)) = value.split_once('.') else {
        return false;
    };
    let Ok(code) = blake3::Hash::from_hex(code) else {
        return false;
    };
    let in_time = end.parse::<i64>().is_ok_and(|end| end > hub.now().as_second());
    in_time && code == code_over(hub, end)
}

fn code_over(hub: &Hub, end: &str) -> blake3::Hash {
    let key = blake3::derive_key(
        "tallyman page session v1",
        hub.config().access_key.expose().as_bytes(),
    );
    blake3::keyed_hash(&key, end.as_bytes())
}
