//! What the room's tests share: a clock on the runtime's time, keys in memory, a set-up that is noted, and a hub that can be made to
//! fail.

mod fake_hub;
mod portal_desk;

use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};
use tallyman_floor::wire::set_up::SetUpCode;
use tallyman_floor::wire::v1::ProfileBody;
use tallyman_platform::clock::{Boottime, Clock};
use tallyman_platform::device_key::DeviceKey;
use tallyman_platform::entropy::SeededEntropy;
use tokio::time::Instant;

use crate::seams::{Credential, KeyError, Keys, SetUp, SetUpNews, SetUpRefusal, Token};

pub(crate) use fake_hub::{FakeHub, Mishap, PictureMishap, unauthorised};
pub(crate) use portal_desk::PortalDesk;

/// A clock that follows the runtime's, so that a paused runtime moves it.
pub(crate) struct RuntimeClock {
    start: Instant,
}

impl RuntimeClock {
    pub(crate) fn start() -> Arc<dyn Clock> {
        Arc::new(Self {
            start: Instant::now(),
        })
    }
}

impl Clock for RuntimeClock {
    fn now(&self) -> Boottime {
        Boottime {
            us: 1_000_000 + u64::try_from(self.start.elapsed().as_micros()).unwrap(),
        }
    }

    fn wall(&self) -> Timestamp {
        let start: Timestamp = "2026-11-24T08:00:00Z".parse().unwrap();
        start + SignedDuration::try_from(self.start.elapsed()).unwrap()
    }

    fn boot_id(&self) -> &str {
        "boot-1"
    }
}

/// What proves a device to a hub that believes everybody.
pub(crate) fn credential() -> Credential {
    Credential {
        device: "dev-7".to_owned(),
        token: Token::new("secret"),
        key: key(1),
    }
}

fn key(seed: u64) -> DeviceKey {
    DeviceKey::from_hex(&DeviceKey::draw(&mut SeededEntropy::new(seed))).unwrap()
}

/// Keys in memory: each is another one.
pub(crate) struct MemoryKeys {
    /// The number of the key that is enrolled; 0 for none.
    enrolled: Mutex<u64>,
}

impl MemoryKeys {
    pub(crate) fn new(has_key: bool) -> Self {
        Self {
            enrolled: Mutex::new(u64::from(has_key)),
        }
    }
}

impl Keys for MemoryKeys {
    fn enrolled(&self) -> Result<DeviceKey, KeyError> {
        match *self.enrolled.lock().unwrap() {
            0 => Err(KeyError::Missing("agent.db.key".to_owned())),
            number => Ok(key(number)),
        }
    }

    fn next(&self) -> Result<DeviceKey, KeyError> {
        Ok(key(*self.enrolled.lock().unwrap() + 1))
    }

    fn keep_next(&self) -> Result<(), KeyError> {
        *self.enrolled.lock().unwrap() += 1;
        Ok(())
    }
}

/// A set-up that is noted and refused or taken as told.
#[derive(Debug, Default)]
pub(crate) struct NotedSetUp {
    /// What was asked of it, in words.
    pub(crate) asked: Mutex<Vec<String>>,
    /// What it answers to a code.
    pub(crate) refusal: Mutex<Option<SetUpRefusal>>,
    /// What it has to tell.
    pub(crate) news: Mutex<Option<SetUpNews>>,
}

impl NotedSetUp {
    fn answer(&self, asked: String) -> Result<(), SetUpRefusal> {
        self.asked.lock().unwrap().push(asked);
        self.refusal.lock().unwrap().clone().map_or(Ok(()), Err)
    }
}

impl SetUp for NotedSetUp {
    fn take(&self, code: &SetUpCode) -> Result<(), SetUpRefusal> {
        self.answer(format!("take {} at {}", code.code, code.address))
    }

    fn take_one_time_code(&self, code: &str) -> Result<(), SetUpRefusal> {
        self.answer(format!("take {code}"))
    }

    fn keep(&self, site: &str, profile: Option<&ProfileBody>) -> Result<(), SetUpRefusal> {
        self.answer(format!(
            "keep {site} {}",
            profile.map_or("", |profile| &profile.name)
        ))
    }

    fn done(&self) {
        self.asked.lock().unwrap().push("done".to_owned());
    }

    fn take_news(&self) -> Option<SetUpNews> {
        self.news.lock().unwrap().take()
    }
}
