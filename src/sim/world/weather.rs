//! What the network does to one message, drawn from a seed.

use super::chance::Chance;

/// How bad a network is, in thousandths of messages that something happens to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weather {
    /// Messages in a thousand that something happens to.
    pub permille: u64,
}

/// What happens to one request and its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It arrives, and so does the answer.
    Plain,
    /// Nobody takes the connection.
    Refused,
    /// The connection breaks before the request has arrived.
    Lost,
    /// Nothing is heard of it any more, not even that.
    Silent,
    /// It is done, and the answer is lost.
    Swallowed,
    /// It takes so many milliseconds, maybe longer than its sender waits.
    Late(u64),
    /// The answer takes so many milliseconds.
    AnswerLate(u64),
    /// It is delivered twice, the second time so many milliseconds later.
    Doubled(u64),
    /// Its end does not arrive.
    HalfClosed,
    /// Its end does not arrive, and nobody says so.
    CutShort,
    /// The end of the answer does not arrive.
    AnswerCutShort,
    /// A proxy answers in the hub's place.
    Proxy(u16),
}

impl Fate {
    /// What it is counted as.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Plain => "network: plain",
            Self::Refused => "network: refused",
            Self::Lost => "network: request lost",
            Self::Silent => "network: silent",
            Self::Swallowed => "network: answer swallowed",
            Self::Late(_) => "network: request late",
            Self::AnswerLate(_) => "network: answer late",
            Self::Doubled(_) => "network: request doubled",
            Self::HalfClosed => "network: half closed",
            Self::CutShort => "network: request cut short",
            Self::AnswerCutShort => "network: answer cut short",
            Self::Proxy(413) => "proxy: 413",
            Self::Proxy(415) => "proxy: 415",
            Self::Proxy(429) => "proxy: 429",
            Self::Proxy(502) => "proxy: 502",
            Self::Proxy(_) => "proxy: 503",
        }
    }
}

/// Milliseconds of a slow link at most: twice what an agent waits for an answer.
const LATE_MS_MAX: u64 = 60_000;

/// Milliseconds after which the second of two deliveries comes at most.
const DOUBLED_MS_MAX: u64 = 300_000;

impl Weather {
    /// Nothing happens.
    pub const CALM: Self = Self { permille: 0 };

    /// What happens to the next message.
    pub fn draw(self, chance: &mut Chance) -> Fate {
        if !chance.permille(self.permille) {
            return Fate::Plain;
        }
        let late_ms = chance.between(1_000, LATE_MS_MAX);
        let doubled_ms = chance.between(1, DOUBLED_MS_MAX);
        let fates = [
            (10, Fate::Refused),
            (15, Fate::Lost),
            (5, Fate::Silent),
            (25, Fate::Swallowed),
            (12, Fate::Late(late_ms)),
            (8, Fate::AnswerLate(late_ms)),
            (15, Fate::Doubled(doubled_ms)),
            (8, Fate::HalfClosed),
            (5, Fate::CutShort),
            (6, Fate::AnswerCutShort),
            (4, Fate::Proxy(503)),
            (4, Fate::Proxy(429)),
            (3, Fate::Proxy(413)),
            (3, Fate::Proxy(415)),
            (3, Fate::Proxy(502)),
        ];
        chance.weighed(&fates).unwrap_or(Fate::Plain)
    }
}
