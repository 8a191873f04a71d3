//! What lies over a view where fingers are all there is: every key, a keypad for numbers, letters for codes.
//!
//! The sheet is the only thing that a touch changes by itself; whoever reads touches keeps it, asks
//! [`Painting::touch_at`](super::Painting::touch_at) what lies under a finger, and paints anew.

use tallyman_floor::View;
use tallyman_floor::event::Key;

/// Which sheet lies over the view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Sheet {
    /// None: the view itself.
    #[default]
    Plain,
    /// Every key that means something now.
    Keys,
    /// A keypad for numbers.
    Digits,
    /// Letters and signs, page by page where not all fit.
    Letters {
        /// The page, from 0; beyond the last one it begins anew.
        page: u8,
    },
}

/// What a field stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Touch {
    /// A key, as if it were pressed.
    Key(Key),
    /// Another sheet.
    Sheet(Sheet),
}

impl Sheet {
    /// The sheet that can lie over a view: none where there is nothing to type, or no more keys than are shown.
    pub fn over(self, view: &View) -> Self {
        let types = view
            .question
            .as_ref()
            .is_some_and(|question| question.typed.is_some());
        match self {
            Self::Digits | Self::Letters { .. } if !types => Self::Plain,
            Self::Keys if view.keys.is_empty() => Self::Plain,
            sheet => sheet,
        }
    }

    /// The sheet after a touch: a key of the list closes it, and so do the keys that end typing.
    pub fn after(self, touch: Touch) -> Self {
        match (self, touch) {
            (_, Touch::Sheet(sheet)) => sheet,
            (Self::Keys, Touch::Key(_)) | (_, Touch::Key(Key::Enter | Key::Escape)) => Self::Plain,
            (sheet, Touch::Key(_)) => sheet,
        }
    }
}

#[cfg(test)]
mod tests {
    use tallyman_floor::QuestionView;

    use super::*;

    #[test]
    fn typing_goes_on_until_it_ends_and_the_list_of_keys_closes_with_one() {
        let (digits, keys) = (Sheet::Digits, Sheet::Keys);
        let letters = Sheet::Letters { page: 0 };
        for (sheet, touch, after) in [
            (Sheet::Plain, Touch::Sheet(digits), digits),
            (digits, Touch::Key(Key::Digit(4)), digits),
            (digits, Touch::Key(Key::Backspace), digits),
            (digits, Touch::Sheet(letters), letters),
            (letters, Touch::Key(Key::Character('A')), letters),
            (letters, Touch::Key(Key::Enter), Sheet::Plain),
            (digits, Touch::Key(Key::Escape), Sheet::Plain),
            (Sheet::Plain, Touch::Key(Key::Short), Sheet::Plain),
            (keys, Touch::Key(Key::Undo), Sheet::Plain),
            (keys, Touch::Sheet(Sheet::Plain), Sheet::Plain),
        ] {
            assert_eq!(sheet.after(touch), after, "{sheet:?} {touch:?}");
        }
    }

    #[test]
    fn a_keypad_lies_only_over_something_to_type() {
        let asking = |typed| View {
            question: Some(QuestionView {
                prompt: "How many?".to_owned(),
                typed,
                choices: Vec::new(),
            }),
            ..View::default()
        };
        assert_eq!(Sheet::Digits.over(&asking(Some(String::new()))), Sheet::Digits);
        assert_eq!(Sheet::Digits.over(&asking(None)), Sheet::Plain);
        assert_eq!(Sheet::Letters { page: 1 }.over(&View::default()), Sheet::Plain);
        assert_eq!(Sheet::Keys.over(&View::default()), Sheet::Plain);
    }
}
