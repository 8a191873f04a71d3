//! PINs that devices ask for beside a badge: how they are hashed, and what a good one is.
//!
//! A device checks a PIN without the hub, so it has the hash and its salt. Argon2id with 4 MiB, three passes and one lane: a
//! third of the work of a password's hash, which the slow core of a handheld does in a fraction of 200 ms. No parameters make
//! four digits safe from somebody who has taken the hash off a device; docs/security.md says what that means.

use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, Version};

use super::password::SALT_BYTES;

/// Memory of one hash, in KiB.
const MEMORY_KIB: u32 = 4 * 1_024;
/// Passes over it.
const PASSES: u32 = 3;
/// Lanes of it.
const LANES: u32 = 1;

/// Why a PIN is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PinMistake {
    /// Devices have digit keys.
    #[error("A PIN has 4 to 8 digits, and nothing else.")]
    Form,
    /// What everybody tries first.
    #[error("A PIN is not one digit again and again, and not digits in their order.")]
    Plain,
}

/// Whether a PIN may be somebody's.
///
/// # Errors
/// What is wrong with it.
pub fn check(pin: &str) -> Result<(), PinMistake> {
    if !(4..=8).contains(&pin.len()) || !pin.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(PinMistake::Form);
    }
    let steps = pin
        .bytes()
        .zip(pin.bytes().skip(1))
        .map(|(one, next)| i16::from(next) - i16::from(one));
    let is_plain = [-1, 0, 1]
        .iter()
        .any(|step| steps.clone().all(|each| each == *step));
    if is_plain { Err(PinMistake::Plain) } else { Ok(()) }
}

/// The hash of a PIN as a PHC string.
///
/// # Errors
/// What the library says; it says nothing for a salt of this length.
pub fn hash(pin: &str, salt: &[u8; SALT_BYTES]) -> Result<String, String> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|error| error.to_string())?;
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_with_salt(pin.as_bytes(), salt)
        .map(|hash| hash.to_string())
        .map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use argon2::PasswordVerifier as _;
    use argon2::password_hash::phc::PasswordHash;

    use super::*;

    #[test]
    fn pins_are_checked() {
        for (pin, wanted) in [
            ("4711", Ok(())),
            ("12343210", Ok(())),
            ("1123", Ok(())),
            ("471", Err(PinMistake::Form)),
            ("471147114", Err(PinMistake::Form)),
            ("47 11", Err(PinMistake::Form)),
            ("٤٧١١", Err(PinMistake::Form)),
            ("", Err(PinMistake::Form)),
            ("0000", Err(PinMistake::Plain)),
            ("123456", Err(PinMistake::Plain)),
            ("9876", Err(PinMistake::Plain)),
        ] {
            assert_eq!(check(pin), wanted, "{pin}");
        }
    }

    #[test]
    fn a_hash_says_by_which_parameters_a_device_checks_it() {
        let stored = hash("4711", &[1; SALT_BYTES]).unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=4096,t=3,p=1$"), "{stored}");
        let parsed = PasswordHash::new(&stored).unwrap();
        let verify = |pin: &str| Argon2::default().verify_password(pin.as_bytes(), &parsed).is_ok();
        assert!(verify("4711") && !verify("4712"));
        assert_ne!(
            hash("4711", &[2; SALT_BYTES]).unwrap(),
            stored,
            "each has a salt of its own"
        );
    }
}
