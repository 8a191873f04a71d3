//! The screens of the loop itself: what a worker reads when there is nothing a session could say.

use tallyman_floor::{Message, Tone, View};

use crate::seams::StoreError;

/// The program starts.
pub(super) fn starting() -> View {
    View {
        title: "Tallyman".to_owned(),
        instruction: "Starting".to_owned(),
        ..View::default()
    }
}

/// The device has no identity.
pub(super) fn not_enrolled() -> View {
    notice(
        "Not enrolled",
        "This device is not known to a hub yet",
        Tone::Calm,
        [
            "Nothing can be scanned before that.",
            "Ask the administrator for an enrolment code.",
        ],
    )
}

/// Nothing was stored.
pub(super) fn store(error: &StoreError) -> View {
    let sentences = match error {
        StoreError::Full(_) => [
            "The storage of this device is full: the last scan was not counted.",
            "Everything before it is safe. Bring the device to your supervisor.",
        ],
        StoreError::Dead(_) => [
            "The storage of this device has failed: the last scan may not have been counted.",
            "Stop working with it and bring it to your supervisor.",
        ],
        StoreError::Unreadable(_) => [
            "This device cannot read what it stored: the last scan was not counted.",
            "Bring the device to your supervisor.",
        ],
        StoreError::Busy(_) | StoreError::Elsewhere(_) => [
            "The storage of this device was busy: the last scan was not counted.",
            "Scan it again.",
        ],
        StoreError::NotEnrolled => return not_enrolled(),
    };
    notice("Not counted", "Nothing was stored", Tone::Bad, sentences)
}

/// A step panicked.
pub(super) fn mistake() -> View {
    notice(
        "Not counted",
        "The program made a mistake",
        Tone::Bad,
        [
            "The last scan was not counted.",
            "Try again; if it comes back, tell your supervisor.",
        ],
    )
}

/// The answer that stays on the screen when a mechanical repetition was dropped.
pub(super) fn with_repetition(view: &View) -> View {
    const SENTENCE: &str = "The same code came twice at once: counted once.";
    let mut view = view.clone();
    let message = view.message.get_or_insert_with(|| Message {
        tone: Tone::Calm,
        sentences: Vec::new(),
    });
    if !message.sentences.iter().any(|sentence| sentence == SENTENCE) {
        message.sentences.truncate(2);
        message.sentences.push(SENTENCE.to_owned());
    }
    view
}

fn notice(title: &str, instruction: &str, tone: Tone, sentences: [&str; 2]) -> View {
    View {
        title: title.to_owned(),
        instruction: instruction.to_owned(),
        message: Some(Message {
            tone,
            sentences: sentences.map(str::to_owned).to_vec(),
        }),
        ..View::default()
    }
}
