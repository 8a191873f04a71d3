//! Passwords: how they are hashed, checked, and what a good one is.
//!
//! Argon2id with 19 MiB, two passes and one lane: what OWASP's Password Storage Cheat Sheet asks for at least. The
//! hash is kept as a PHC string, which carries its parameters; a password whose hash has other ones is hashed
//! again when it is next found right.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};
use tokio::sync::{Semaphore, TryAcquireError};

use super::pin;

/// Memory of one hash, in KiB.
const MEMORY_KIB: u32 = 19 * 1_024;
/// Passes over it.
const PASSES: u32 = 2;
/// Lanes of it.
const LANES: u32 = 1;

/// Bytes of salt: what RFC 9106 recommends.
pub(crate) const SALT_BYTES: usize = 16;

/// Hashes that are computed at the same time: together they take no more than 38 MiB and two cores.
const RUNNING_MAX: usize = 2;

/// Requests that wait for their turn; more are told to come back.
const WAITING_MAX: usize = 32;

/// Characters of a password at most: longer ones are no safer, and cost.
const CHARACTERS_MAX: usize = 200;

/// Why a password is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PasswordMistake {
    /// It could be tried out.
    #[error("A password has at least {0} characters. Several words are easy to remember and hard to guess.")]
    Short(usize),
    /// It is longer than anybody types.
    #[error("A password has at most {CHARACTERS_MAX} characters.")]
    Long,
    /// The name is the first thing that is tried.
    #[error("The password must not hold the login name.")]
    HoldsName,
    /// One character again and again.
    #[error("The password repeats too few characters.")]
    Monotonous,
}

/// Whether a password may be somebody's.
///
/// # Errors
/// What is wrong with it.
pub fn check(password: &str, login: &str, characters_min: usize) -> Result<(), PasswordMistake> {
    let characters = password.chars().count();
    if characters < characters_min {
        return Err(PasswordMistake::Short(characters_min));
    }
    if characters > CHARACTERS_MAX {
        return Err(PasswordMistake::Long);
    }
    // A very short name is in many a good sentence.
    let lower = password.to_lowercase();
    if login.len() >= 3 && lower.contains(login) {
        return Err(PasswordMistake::HoldsName);
    }
    let different: std::collections::HashSet<char> = lower.chars().collect();
    if different.len() < 5 {
        return Err(PasswordMistake::Monotonous);
    }
    Ok(())
}

fn argon2() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).unwrap_or(Params::DEFAULT);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// The hash of a password as a PHC string. It takes tens of milliseconds.
///
/// # Errors
/// What the library says; it says nothing for a salt of this length.
pub fn hash(password: &str, salt: &[u8; SALT_BYTES]) -> Result<String, String> {
    argon2()
        .hash_password_with_salt(password.as_bytes(), salt)
        .map(|hash| hash.to_string())
        .map_err(|error| error.to_string())
}

/// Something to compare with where there is no password, so that it takes as long: a hash of today's parameters that no
/// password is known for.
const NOBODYS: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5J3Mgc2FsdCEhIQ$MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";

/// What a look at a password came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found {
    /// It is the one.
    Right {
        /// Whether its hash has other parameters than new ones have.
        outdated: bool,
    },
    /// It is not, or there is none.
    Wrong,
}

/// Compares a password with a hash; an empty hash is nobody's, and takes as long.
fn verify(password: &str, stored: &str) -> Found {
    let is_somebodys = !stored.is_empty();
    let compared = if is_somebodys { stored } else { NOBODYS };
    let Ok(parsed) = PasswordHash::new(compared) else {
        tracing::error!("a stored password cannot be read");
        return Found::Wrong;
    };
    let cut: String = password.chars().take(CHARACTERS_MAX + 1).collect();
    let right = argon2().verify_password(cut.as_bytes(), &parsed).is_ok();
    if !(right && is_somebodys) {
        return Found::Wrong;
    }
    let today = Params::new(MEMORY_KIB, PASSES, LANES, None).unwrap_or(Params::DEFAULT);
    let outdated = Params::try_from(&parsed).is_ok_and(|params| {
        (params.m_cost(), params.t_cost(), params.p_cost())
            != (today.m_cost(), today.t_cost(), today.p_cost())
    });
    Found::Right { outdated }
}

/// Where passwords are hashed: beside the threads that serve requests, a few at a time.
#[derive(Debug, Clone)]
pub(crate) struct Hashing {
    running: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

/// Too many wait for their turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Busy;

impl Hashing {
    pub(crate) fn new() -> Self {
        Self {
            running: Arc::new(Semaphore::new(RUNNING_MAX)),
            waiting: Arc::new(Semaphore::new(WAITING_MAX)),
        }
    }

    /// Compares a password with a stored hash; an empty one is nobody's.
    pub(crate) async fn verify(&self, password: String, stored: String) -> Result<Found, Busy> {
        self.run(move || verify(&password, &stored)).await
    }

    /// Hashes a password.
    pub(crate) async fn hash(&self, password: String, salt: [u8; SALT_BYTES]) -> Result<String, Busy> {
        self.run(move || hash(&password, &salt)).await?.map_err(|error| {
            tracing::error!(error, "a password could not be hashed");
            Busy
        })
    }

    /// Hashes a PIN.
    pub(crate) async fn hash_pin(&self, pin: String, salt: [u8; SALT_BYTES]) -> Result<String, Busy> {
        self.run(move || pin::hash(&pin, &salt)).await?.map_err(|error| {
            tracing::error!(error, "a PIN could not be hashed");
            Busy
        })
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Busy> {
        let _place = match self.waiting.try_acquire() {
            Ok(place) => place,
            Err(TryAcquireError::NoPermits | TryAcquireError::Closed) => return Err(Busy),
        };
        let turn = Arc::clone(&self.running)
            .acquire_owned()
            .await
            .map_err(|_| Busy)?;
        // The turn ends with the work, also where whoever asked has gone.
        tokio::task::spawn_blocking(move || {
            let done = work();
            drop(turn);
            done
        })
        .await
        .map_err(|_| Busy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_a_phc_string_with_the_parameters_that_owasp_asks_for() {
        let stored = hash("correct horse", &[1; SALT_BYTES]).unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert_eq!(verify("correct horse", &stored), Found::Right { outdated: false });
        assert_eq!(verify("correct horsf", &stored), Found::Wrong);
        assert_ne!(hash("correct horse", &[2; SALT_BYTES]).unwrap(), stored);
    }

    #[test]
    fn nobodys_password_is_never_right() {
        let of_today = hash("x", &[1; SALT_BYTES]).unwrap();
        let parameters = |hash: &str| hash.split('$').take(4).collect::<Vec<_>>().join("$");
        assert_eq!(parameters(NOBODYS), parameters(&of_today), "it takes as long");
        assert!(PasswordHash::new(NOBODYS).is_ok());
        assert_eq!(verify("x", ""), Found::Wrong);
        assert_eq!(verify("", ""), Found::Wrong);
        assert_eq!(verify("x", "not a hash"), Found::Wrong);
    }

    #[test]
    fn a_hash_with_less_is_right_and_outdated() {
        let weak = Argon2::new(
            Algorithm::Argon2id,
            Version::V0x13,
            Params::new(1_024, 1, 1, None).unwrap(),
        );
        let stored = weak
            .hash_password_with_salt(b"correct horse", &[1; SALT_BYTES])
            .unwrap()
            .to_string();
        assert_eq!(verify("correct horse", &stored), Found::Right { outdated: true });
    }

    #[test]
    fn passwords_are_checked() {
        for (password, wanted) in [
            ("correct horse battery", Ok(())),
            ("eleven char", Err(PasswordMistake::Short(12))),
            ("my name is ANNA.K!", Err(PasswordMistake::HoldsName)),
            ("aaaaaaaaaaaaaaaa", Err(PasswordMistake::Monotonous)),
            (&"correct horse ".repeat(20), Err(PasswordMistake::Long)),
            // Twelve characters, not bytes.
            ("äöüäöüxyzäöü", Ok(())),
        ] {
            assert_eq!(check(password, "anna.k", 12), wanted, "{password}");
        }
    }

    #[tokio::test]
    async fn more_than_wait_are_told_so() {
        let hashing = Hashing::new();
        let (let_go, held) = std::sync::mpsc::channel::<()>();
        let held = Arc::new(std::sync::Mutex::new(held));
        let work = |held: Arc<std::sync::Mutex<std::sync::mpsc::Receiver<()>>>| {
            move || held.lock().unwrap().recv().is_ok()
        };
        let waiting: Vec<_> = (0..WAITING_MAX)
            .map(|_| {
                let (hashing, work) = (hashing.clone(), work(Arc::clone(&held)));
                tokio::spawn(async move { hashing.run(work).await })
            })
            .collect();
        while hashing.waiting.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(hashing.run(|| true).await, Err(Busy));
        for _ in 0..WAITING_MAX {
            let_go.send(()).unwrap();
        }
        for each in waiting {
            assert_eq!(each.await.unwrap(), Ok(true));
        }
        assert_eq!(hashing.run(|| true).await, Ok(true));
    }
}
