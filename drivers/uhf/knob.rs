//! One value of a reader that can be set: what it had, what it has, and what it would not take.

/// A value of a reader, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Knob<T> {
    /// What the reader had when it was asked first: what it goes back to.
    own: Option<T>,
    /// What it has now.
    has: Option<T>,
    /// What it refused last.
    refused: Option<T>,
    asked: bool,
}

impl<T> Default for Knob<T> {
    fn default() -> Self {
        Self {
            own: None,
            has: None,
            refused: None,
            asked: false,
        }
    }
}

impl<T: Copy + PartialEq> Knob<T> {
    /// Whether the reader was asked what it has, and answered or would not.
    pub const fn is_asked(&self) -> bool {
        self.asked
    }

    /// What the reader has now, where that is known.
    pub const fn has(&self) -> Option<T> {
        self.has
    }

    /// What the reader had when it was asked first.
    pub const fn own(&self) -> Option<T> {
        self.own
    }

    /// What must be set so that the reader has what is wanted, or its own value where nothing is.
    pub fn lacks(&self, wanted: Option<T>) -> Option<T> {
        let goal = wanted.or(self.own)?;
        (self.has != Some(goal) && self.refused != Some(goal)).then_some(goal)
    }

    /// Whether the reader refused this value.
    pub fn has_refused(&self, value: T) -> bool {
        self.refused == Some(value)
    }

    /// The reader says what it has.
    pub fn told(&mut self, value: T) {
        self.asked = true;
        self.own.get_or_insert(value);
        self.has = Some(value);
    }

    /// The reader does not say what it has.
    pub const fn untold(&mut self) {
        self.asked = true;
    }

    /// The reader took the value.
    pub const fn took(&mut self, value: T) {
        self.has = Some(value);
    }

    /// The reader refused the value and keeps what it has.
    pub const fn refused(&mut self, value: T) {
        self.refused = Some(value);
    }

    /// A value was sent and nobody waited for the answer: the reader may have either.
    pub const fn unsure(&mut self) {
        self.has = None;
    }

    /// The reader may have been switched off: it is asked anew, and its own value stays what it was.
    pub const fn forget(&mut self) {
        self.has = None;
        self.refused = None;
        self.asked = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lacking_follows_what_the_reader_said() {
        let mut power = Knob::default();
        assert_eq!(power.lacks(None), None, "nothing is wanted and nothing known");
        assert_eq!(power.lacks(Some(20)), Some(20));
        power.told(26);
        assert_eq!((power.lacks(None), power.lacks(Some(26))), (None, None));
        power.took(20);
        assert_eq!(power.lacks(Some(20)), None);
        assert_eq!(
            power.lacks(None),
            Some(26),
            "afterwards its own value holds again"
        );
        power.refused(26);
        assert_eq!(power.lacks(None), None, "what was refused is not tried again");
        power.forget();
        power.told(15);
        assert_eq!(
            power.lacks(None),
            Some(26),
            "a restart changes nothing about whose value it is"
        );
        power.took(26);
        power.unsure();
        assert_eq!(power.lacks(None), Some(26));
    }
}
