//! What devices sign to get a token: a text that any hub process on one store knows again, and that the hub's clock alone
//! ends. A device needs no clock for it, and the hub keeps nothing.

use jiff::{SignedDuration, Timestamp};
use tallyman_platform::device_key::{from_hex, to_hex};

/// Seconds for which a challenge works: enough for the slowest link.
pub(crate) const CHALLENGE_SECONDS: u32 = 120;

const EXPIRY_BYTES: usize = 8;
const NONCE_BYTES: usize = 16;
const MARK_BYTES: usize = 32;
const BYTES: usize = EXPIRY_BYTES + NONCE_BYTES + MARK_BYTES;

/// Makes one for a device.
pub(crate) fn make(key: &[u8; 32], device: &str, nonce: [u8; NONCE_BYTES], now: Timestamp) -> String {
    let valid = SignedDuration::from_secs(CHALLENGE_SECONDS.into());
    let expires = now.saturating_add(valid).unwrap_or(Timestamp::MAX);
    let mut bytes = Vec::with_capacity(BYTES);
    bytes.extend_from_slice(&expires.as_microsecond().to_be_bytes());
    bytes.extend_from_slice(&nonce);
    let mark = mark(key, device, &bytes);
    bytes.extend_from_slice(mark.as_bytes());
    to_hex(&bytes)
}

/// Whether it was made for this device, and still works.
pub(crate) fn holds(key: &[u8; 32], device: &str, challenge: &str, now: Timestamp) -> bool {
    let Some(bytes) = from_hex::<BYTES>(challenge) else {
        return false;
    };
    let (said, stated) = bytes.split_at(EXPIRY_BYTES + NONCE_BYTES);
    let Ok(stated) = <[u8; MARK_BYTES]>::try_from(stated) else {
        return false;
    };
    let expires_us = said
        .first_chunk()
        .map_or(i64::MIN, |bytes| i64::from_be_bytes(*bytes));
    // blake3::Hash compares in constant time.
    mark(key, device, said) == blake3::Hash::from(stated) && now.as_microsecond() < expires_us
}

fn mark(key: &[u8; 32], device: &str, said: &[u8]) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new_keyed(key);
    hasher.update(said);
    hasher.update(device.as_bytes());
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_is_for_one_device_and_two_minutes() {
        let now: Timestamp = "2026-11-29T08:00:00Z".parse().unwrap();
        let after = |seconds| now + SignedDuration::from_secs(seconds);
        let key = [7; 32];
        let challenge = make(&key, "dev-7", [1; 16], now);
        assert!(holds(&key, "dev-7", &challenge, now));
        assert!(holds(&key, "dev-7", &challenge, after(119)));
        assert!(!holds(&key, "dev-7", &challenge, after(120)));
        assert!(!holds(&key, "dev-8", &challenge, now));
        assert!(!holds(&[8; 32], "dev-7", &challenge, now));
        assert_ne!(challenge, make(&key, "dev-7", [2; 16], now));
        for place in 0..challenge.len() {
            let mut changed = challenge.clone().into_bytes();
            changed[place] = if changed[place] == b'0' { b'1' } else { b'0' };
            let changed = String::from_utf8(changed).unwrap();
            assert!(!holds(&key, "dev-7", &changed, now), "{place}");
        }
        for odd in ["", "00", &challenge[2..], &format!("{challenge}00")] {
            assert!(!holds(&key, "dev-7", odd, now));
        }
    }
}
