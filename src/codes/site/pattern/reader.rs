//! Reading a pattern as an administrator writes it.

use super::{CODE_CHARS_MAX, Class, PRINTABLE, Pattern, STEPS_MAX, Step};

/// What is wrong with a pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// The pattern claims nothing.
    #[error("the pattern is empty: write the characters of the code")]
    Empty,
    /// A character that has a meaning elsewhere.
    #[error(
        "at character {at}, {character:?} stands for nothing here: write \\{character} for the character itself"
    )]
    Reserved {
        /// The character.
        character: char,
        /// Its place in the pattern, from 0.
        at: usize,
    },
    /// A character that no code has.
    #[error("at character {at}, {character:?} is no printable ASCII character, and codes have no others")]
    NotAscii {
        /// The character.
        character: char,
        /// Its place in the pattern, from 0.
        at: usize,
    },
    /// A bracket, brace or angle without its other half.
    #[error("at character {at}, {opener:?} is not closed")]
    Unclosed {
        /// The opening character.
        opener: char,
        /// Its place in the pattern, from 0.
        at: usize,
    },
    /// A class that has no character, or a range that runs backwards.
    #[error("at character {at}, the class takes no character: write ranges upwards, as [0-9A-F]")]
    EmptyClass {
        /// Its place in the pattern, from 0.
        at: usize,
    },
    /// A count that is no number, or too large.
    #[error(
        "at character {at}, the count cannot be read: write {{3}} or {{1,20}}, with at most {CODE_CHARS_MAX}"
    )]
    Count {
        /// Its place in the pattern, from 0.
        at: usize,
    },
    /// A second part to keep, or one within another.
    #[error("at character {at}, a second part is kept: a code has one identity")]
    KeptTwice {
        /// Its place in the pattern, from 0.
        at: usize,
    },
    /// A code could match without an identity.
    #[error("the identity may be empty: let at least one character stand in it, as <.+>")]
    EmptyIdentity,
    /// More steps than a pattern may have.
    #[error("the pattern is too long: it may have {STEPS_MAX} characters, counts included")]
    TooLong,
}

/// Reads a whole pattern.
pub(super) fn read(written: &str) -> Result<Pattern, PatternError> {
    let characters = written.chars().collect();
    Reader {
        characters,
        at: 0,
        steps: Vec::new(),
        open: None,
        kept: None,
    }
    .read()
}

/// Reads a pattern from left to right.
struct Reader {
    characters: Vec<char>,
    at: usize,
    steps: Vec<Step>,
    /// The step and place where the part to keep began.
    open: Option<(usize, usize)>,
    kept: Option<std::ops::Range<usize>>,
}

impl Reader {
    fn read(mut self) -> Result<Pattern, PatternError> {
        while let Some(character) = self.next() {
            let at = self.at - 1;
            match character {
                '<' if self.open.is_none() && self.kept.is_none() => self.open = Some((self.steps.len(), at)),
                '<' => return Err(PatternError::KeptTwice { at }),
                '>' => {
                    let (start, _) = self.open.take().ok_or(PatternError::Reserved { character, at })?;
                    self.kept = Some(start..self.steps.len());
                }
                _ => {
                    let class = self.class(character, at)?;
                    self.counted(class)?;
                }
            }
            if self.steps.len() > STEPS_MAX {
                return Err(PatternError::TooLong);
            }
        }
        if let Some((_, at)) = self.open {
            return Err(PatternError::Unclosed { opener: '<', at });
        }
        if self.steps.is_empty() {
            return Err(PatternError::Empty);
        }
        let kept = self.kept.unwrap_or(0..self.steps.len());
        if self
            .steps
            .get(kept.clone())
            .is_none_or(|steps| steps.iter().all(|step| step.optional))
        {
            return Err(PatternError::EmptyIdentity);
        }
        Ok(Pattern {
            steps: self.steps,
            kept,
        })
    }

    fn next(&mut self) -> Option<char> {
        let character = self.characters.get(self.at).copied();
        self.at += usize::from(character.is_some());
        character
    }

    fn peek(&self) -> Option<char> {
        self.characters.get(self.at).copied()
    }

    /// One class: a character itself, an escaped one, any, or a bracketed set.
    fn class(&mut self, character: char, at: usize) -> Result<Class, PatternError> {
        match character {
            '\\' => {
                let escaped = self.next().ok_or(PatternError::Unclosed { opener: '\\', at })?;
                single(escaped, at + 1)
            }
            '.' => Ok(PRINTABLE),
            '[' => self.bracketed(at),
            ']' | '{' | '}' | '(' | ')' | '|' | '^' | '$' | '?' | '*' | '+' => {
                Err(PatternError::Reserved { character, at })
            }
            _ => single(character, at),
        }
    }

    fn bracketed(&mut self, at: usize) -> Result<Class, PatternError> {
        let unclosed = PatternError::Unclosed { opener: '[', at };
        let mut class = 0;
        loop {
            let low = match self.next().ok_or(unclosed.clone())? {
                ']' if class == 0 => return Err(PatternError::EmptyClass { at }),
                ']' => return Ok(class),
                '\\' => self.next().ok_or(unclosed.clone())?,
                '^' if class == 0 => {
                    return Err(PatternError::Reserved {
                        character: '^',
                        at: self.at - 1,
                    });
                }
                low => low,
            };
            let low = code_of(low, self.at - 1)?;
            let is_range = self.peek() == Some('-') && self.characters.get(self.at + 1) != Some(&']');
            let mut high = low;
            if is_range {
                self.at += 1;
                let mut end = self.next().ok_or(unclosed.clone())?;
                if end == '\\' {
                    end = self.next().ok_or(unclosed.clone())?;
                }
                high = code_of(end, self.at - 1)?;
            }
            if low > high {
                return Err(PatternError::EmptyClass { at });
            }
            class |= (low..=high).fold(0, |class, byte| class | 1 << byte);
        }
    }

    /// Adds the steps of a class with the count behind it.
    fn counted(&mut self, class: Class) -> Result<(), PatternError> {
        let at = self.at;
        let (min, max) = match self.peek() {
            Some('?') => (0, Some(1)),
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('{') => {
                self.at += 1;
                self.count(at)?
            }
            _ => {
                self.steps.push(Step {
                    class,
                    optional: false,
                    repeats: false,
                });
                return Ok(());
            }
        };
        self.at += usize::from(self.characters.get(at) != Some(&'{'));
        let once = Step {
            class,
            optional: false,
            repeats: false,
        };
        self.steps.extend(std::iter::repeat_n(once, min));
        match max {
            Some(max) => {
                let maybe = Step {
                    class,
                    optional: true,
                    repeats: false,
                };
                self.steps.extend(std::iter::repeat_n(maybe, max - min));
            }
            None => self.steps.push(Step {
                class,
                optional: true,
                repeats: true,
            }),
        }
        Ok(())
    }

    /// The inside of `{3}` or `{1,20}`, and the closing brace.
    fn count(&mut self, at: usize) -> Result<(usize, Option<usize>), PatternError> {
        let mut written = String::new();
        loop {
            match self.next().ok_or(PatternError::Unclosed { opener: '{', at })? {
                '}' => break,
                character => written.push(character),
            }
        }
        let number = |text: &str| {
            let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse()
                .ok()
                .filter(|&number: &usize| plain && number <= CODE_CHARS_MAX)
        };
        let (min, max) = written.split_once(',').unwrap_or((&written, &written));
        match (number(min), number(max)) {
            (Some(min), Some(max)) if min <= max && max > 0 => Ok((min, Some(max))),
            _ => Err(PatternError::Count { at }),
        }
    }
}

fn code_of(character: char, at: usize) -> Result<u8, PatternError> {
    u8::try_from(character)
        .ok()
        .filter(|byte| (32..127).contains(byte))
        .ok_or(PatternError::NotAscii { character, at })
}

fn single(character: char, at: usize) -> Result<Class, PatternError> {
    code_of(character, at).map(|byte| 1 << byte)
}
