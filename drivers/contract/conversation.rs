//! One question at a time to a device that may stay silent: ask, wait, ask again, give up.
//!
//! What is asked and what an answer means is the driver's. This is the part that is the same for all of them.

use tallyman_codes::Moment;

use super::output::{Output, Outputs};

/// A conversation with a device: at most one question is open.
#[derive(Debug)]
pub struct Conversation {
    answer_ms_max: u64,
    attempts_max: u32,
    asked: Option<Asked>,
}

#[derive(Debug)]
struct Asked {
    bytes: Vec<u8>,
    attempts: u32,
    sent_at: Moment,
}

/// What silence leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Silence {
    /// Nothing is due: there is no question, or its answer may still come.
    Waiting,
    /// The question was sent again.
    AskedAgain,
    /// The device has not answered the last attempt either; no question is open any more.
    GivenUp,
}

impl Conversation {
    /// A conversation in which an answer may take `answer_ms_max` milliseconds and a question is sent
    /// `attempts_max` times in all.
    pub const fn new(answer_ms_max: u64, attempts_max: u32) -> Self {
        Self {
            answer_ms_max,
            attempts_max,
            asked: None,
        }
    }

    /// Sends a question; one that was open is no longer waited for.
    pub fn ask(&mut self, bytes: Vec<u8>, at: Moment, out: &mut Outputs) {
        out.push(Output::Write(bytes.clone()));
        self.asked = Some(Asked {
            bytes,
            attempts: 1,
            sent_at: at,
        });
    }

    /// The answer came. Returns whether one was waited for.
    pub fn answered(&mut self) -> bool {
        self.asked.take().is_some()
    }

    /// When [`Conversation::idle`] has something to do.
    pub fn deadline(&self) -> Option<Moment> {
        self.asked
            .as_ref()
            .map(|asked| asked.sent_at.plus_ms(self.answer_ms_max))
    }

    /// Time passed: a question that is overdue is sent again, or given up.
    pub fn idle(&mut self, at: Moment, out: &mut Outputs) -> Silence {
        if self.deadline().is_none_or(|deadline| at < deadline) {
            return Silence::Waiting;
        }
        match &mut self.asked {
            Some(asked) if asked.attempts < self.attempts_max => {
                asked.attempts += 1;
                asked.sent_at = at;
                out.push(Output::Write(asked.bytes.clone()));
                Silence::AskedAgain
            }
            _ => {
                self.asked = None;
                Silence::GivenUp
            }
        }
    }

    /// The link is lost: nothing is waited for.
    pub fn reset(&mut self) {
        self.asked = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_repeated_and_then_given_up() {
        let mut out = Outputs::new();
        let mut conversation = Conversation::new(1_000, 3);
        let at = Moment::from_ms;
        assert_eq!(
            conversation.idle(at(9_000), &mut out),
            Silence::Waiting,
            "nothing was asked"
        );
        conversation.ask(b"?".to_vec(), at(0), &mut out);
        for (ms, expected) in [
            (999, Silence::Waiting),
            (1_000, Silence::AskedAgain),
            (1_999, Silence::Waiting),
            (2_000, Silence::AskedAgain),
            (3_000, Silence::GivenUp),
            (4_000, Silence::Waiting),
        ] {
            assert_eq!(conversation.idle(at(ms), &mut out), expected, "at {ms} ms");
        }
        let writes =
            std::iter::from_fn(|| out.take()).filter(|output| *output == Output::Write(b"?".to_vec()));
        assert_eq!((writes.count(), conversation.deadline()), (3, None));
    }

    #[test]
    fn an_answer_is_taken_once() {
        let mut out = Outputs::new();
        let mut conversation = Conversation::new(1_000, 3);
        assert!(!conversation.answered());
        conversation.ask(b"A".to_vec(), Moment::from_ms(0), &mut out);
        assert!(conversation.answered() && !conversation.answered());
        conversation.ask(b"B".to_vec(), Moment::from_ms(0), &mut out);
        conversation.reset();
        assert!(
            !conversation.answered(),
            "after a lost link nothing is waited for"
        );
    }
}
