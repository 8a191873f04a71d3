//! The pattern language of site rules: literals, classes, counts. Small enough that two patterns can be compared.
//!
//! A pattern is a row of steps; each step takes one character of a class. A count makes steps optional or lets
//! one repeat. So a pattern is a finite automaton without branches, and whether two patterns claim a common code
//! is answered by walking both at once.

use std::collections::{HashMap, VecDeque};

/// The longest code a rule can claim: beyond it a linear code cannot be read by a hand.
pub const CODE_CHARS_MAX: usize = 128;

/// The most steps of one pattern: enough for every count up to [`CODE_CHARS_MAX`].
pub const STEPS_MAX: usize = 256;

/// A set of printable ASCII characters, one bit each.
type Class = u128;

/// All printable characters, space included.
const PRINTABLE: Class = ((1 << 127) - 1) & !((1 << 32) - 1);

/// A character that every class of a pattern's example prefers, so that examples read well.
const PREFERRED: [std::ops::RangeInclusive<u8>; 3] = [b'A'..=b'Z', b'0'..=b'9', b'a'..=b'z'];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Step {
    class: Class,
    /// The step may be left out.
    optional: bool,
    /// The step may be taken again.
    repeats: bool,
}

/// A pattern, read and ready to match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    steps: Vec<Step>,
    /// The steps whose characters are the identity.
    kept: std::ops::Range<usize>,
}

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

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// A [`PatternError`] that names the place.
    pub fn new(written: &str) -> Result<Self, PatternError> {
        Reader {
            characters: written.chars().collect(),
            at: 0,
            steps: Vec::new(),
            open: None,
            kept: None,
        }
        .read()
    }

    /// The identity in a code that matches whole; `None` for one that does not.
    ///
    /// Where a code can be split in more than one way, earlier steps take as much as they can.
    pub fn identity<'a>(&self, code: &'a str) -> Option<&'a str> {
        let bytes = code.as_bytes();
        if bytes.len() > CODE_CHARS_MAX || !bytes.is_ascii() {
            return None;
        }
        let reach = self.reach(bytes)?;
        let width = bytes.len() + 1;
        let can = |step: usize, at: usize| reach.get(step * width + at).copied().unwrap_or(false);
        let (mut step, mut at, mut from, mut to) = (0, 0, None, None);
        loop {
            if step == self.kept.start && from.is_none() {
                from = Some(at);
            }
            if step == self.kept.end && to.is_none() {
                to = Some(at);
            }
            let Some(now) = self.steps.get(step) else { break };
            let takes = bytes.get(at).is_some_and(|&byte| has(now.class, byte));
            if takes && now.repeats && can(step, at + 1) {
                at += 1;
            } else if takes && can(step + 1, at + 1) {
                (step, at) = (step + 1, at + 1);
            } else {
                step += 1;
            }
        }
        code.get(from?..to?)
    }

    /// For each step and place of the code, whether the rest of both fit together; `None` if the whole does not.
    /// A repeating step may take any number of characters, none included: one that must take some stands behind
    /// a step of the same class.
    fn reach(&self, bytes: &[u8]) -> Option<Vec<bool>> {
        let width = bytes.len() + 1;
        let mut reach = vec![false; (self.steps.len() + 1) * width];
        *reach.last_mut()? = true;
        for (place, step) in self.steps.iter().enumerate().rev() {
            for at in (0..width).rev() {
                let next = |step: usize, at: usize| reach.get(step * width + at).copied().unwrap_or(false);
                let takes = bytes.get(at).is_some_and(|&byte| has(step.class, byte));
                let fits = (step.optional && next(place + 1, at))
                    || (takes && next(place + 1, at + 1))
                    || (takes && step.repeats && next(place, at + 1));
                if let Some(slot) = reach.get_mut(place * width + at) {
                    *slot = fits;
                }
            }
        }
        reach.first().copied().unwrap_or(false).then_some(reach)
    }

    /// A code that both patterns claim, the shortest there is; `None` where no code is claimed by both, or only
    /// codes longer than any that is claimed.
    pub fn common_code(&self, other: &Pattern) -> Option<String> {
        let mut came = Trail::from([((0, 0), None)]);
        let mut queue = VecDeque::from([(0, 0)]);
        while let Some(place) = queue.pop_front() {
            if self.ends(place.0) && other.ends(place.1) {
                return Some(spell(&came, place)).filter(|code| code.len() <= CODE_CHARS_MAX);
            }
            for (left, left_class) in self.moves(place.0) {
                for (right, right_class) in other.moves(place.1) {
                    let Some(character) = example(left_class & right_class) else {
                        continue;
                    };
                    came.entry((left, right)).or_insert_with(|| {
                        queue.push_back((left, right));
                        Some((place, character))
                    });
                }
            }
        }
        None
    }

    /// Whether a code may end before step `at`.
    fn ends(&self, at: usize) -> bool {
        self.steps.iter().skip(at).all(|step| step.optional)
    }

    /// The places that one character leads to from before step `at`, each with the characters that do.
    fn moves(&self, at: usize) -> Vec<(usize, Class)> {
        let mut moves = Vec::new();
        for (place, step) in self.steps.iter().enumerate().skip(at) {
            moves.push((if step.repeats { place } else { place + 1 }, step.class));
            if !step.optional {
                break;
            }
        }
        moves
    }
}

/// How far two patterns have been walked at once.
type Places = (usize, usize);

/// From where, and by which character, each pair of places was reached first.
type Trail = HashMap<Places, Option<(Places, u8)>>;

/// Follows a found place back to the start.
fn spell(came: &Trail, end: Places) -> String {
    let (mut code, mut place) = (Vec::new(), end);
    while let Some(Some((before, character))) = came.get(&place) {
        code.push(char::from(*character));
        place = *before;
    }
    code.iter().rev().collect()
}

fn has(class: Class, byte: u8) -> bool {
    byte < 128 && class & (1 << byte) != 0
}

/// A character of the class, one that reads well if there is one.
fn example(class: Class) -> Option<u8> {
    let preferred = PREFERRED.into_iter().flatten().find(|&byte| has(class, byte));
    preferred.or_else(|| (32..127).find(|&byte| has(class, byte)))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(written: &str) -> Pattern {
        Pattern::new(written).unwrap_or_else(|error| panic!("{written}: {error}"))
    }

    #[test]
    fn the_part_in_angles_is_the_identity() {
        let cases = [
            ("LOC-<.+>", "LOC-A1", Some("A1")),
            ("LOC-<.+>", "LOC-", None),
            ("LOC-<.+>", "XLOC-A1", None),
            ("<[A-Z]{2}[0-9]{3}>-[0-9]", "AB123-7", Some("AB123")),
            ("<[A-Z]{2}[0-9]{3}>-[0-9]", "AB12-7", None),
            ("[A-Z]*<[A-Z]{2}>", "ABCD", Some("CD")),
            ("<[A-Z]+>[A-Z]*", "ABCD", Some("ABCD")),
            ("A?<A{1,3}>A?", "AA", Some("A")),
            ("\\<<x>\\>", "<x>", Some("x")),
            ("[]\\]-]<.>", "", None),
            ("[0-9-]{2,4}", "1-2", Some("1-2")),
            ("[\\]a]<b>", "]b", Some("b")),
            ("a b<c>", "a bc", Some("c")),
        ];
        for (written, code, identity) in cases {
            let Ok(pattern) = Pattern::new(written) else {
                assert_eq!(identity, None, "{written}");
                continue;
            };
            assert_eq!(pattern.identity(code), identity, "{written} {code}");
        }
        assert_eq!(pattern(".+").identity("\u{e9}"), None);
        assert_eq!(pattern(".*x").identity(&"x".repeat(CODE_CHARS_MAX + 1)), None);
    }

    #[test]
    fn patterns_that_cannot_be_read_say_where() {
        let error = |written: &str| Pattern::new(written).unwrap_err();
        assert_eq!(error(""), PatternError::Empty);
        assert_eq!(
            error("a(b)"),
            PatternError::Reserved {
                character: '(',
                at: 1
            }
        );
        assert_eq!(
            error("a|b"),
            PatternError::Reserved {
                character: '|',
                at: 1
            }
        );
        assert_eq!(
            error("+a"),
            PatternError::Reserved {
                character: '+',
                at: 0
            }
        );
        assert_eq!(
            error("a>"),
            PatternError::Reserved {
                character: '>',
                at: 1
            }
        );
        assert_eq!(
            error("[^a]"),
            PatternError::Reserved {
                character: '^',
                at: 1
            }
        );
        assert_eq!(
            error("B\u{fc}"),
            PatternError::NotAscii {
                character: '\u{fc}',
                at: 1
            }
        );
        assert_eq!(error("a[b"), PatternError::Unclosed { opener: '[', at: 1 });
        assert_eq!(error("a<b"), PatternError::Unclosed { opener: '<', at: 1 });
        assert_eq!(error("a{2"), PatternError::Unclosed { opener: '{', at: 1 });
        assert_eq!(error("a\\"), PatternError::Unclosed { opener: '\\', at: 1 });
        assert_eq!(error("[]"), PatternError::EmptyClass { at: 0 });
        assert_eq!(error("[z-a]"), PatternError::EmptyClass { at: 0 });
        for count in ["a{}", "a{x}", "a{3,2}", "a{0}", "a{1,999}", "a{+1}", "a{1,2,3}"] {
            assert_eq!(error(count), PatternError::Count { at: 1 }, "{count}");
        }
        assert_eq!(error("<a><b>"), PatternError::KeptTwice { at: 3 });
        assert_eq!(error("<a<b>>"), PatternError::KeptTwice { at: 2 });
        assert_eq!(error("x<a*>"), PatternError::EmptyIdentity);
        assert_eq!(error("a{128}b{128}c"), PatternError::TooLong);
    }

    #[test]
    fn a_common_code_is_the_shortest_that_both_claim() {
        let common = |one: &str, other: &str| pattern(one).common_code(&pattern(other));
        assert_eq!(common("LOC-.+", "LOC-[0-9]{3}").as_deref(), Some("LOC-000"));
        assert_eq!(common("[A-Z]{2}[0-9]*", "[A-M]+7").as_deref(), Some("AA7"));
        assert_eq!(common("LOC-.+", "BIN-.+"), None);
        assert_eq!(common("[0-9]{4}", "[0-9]{5,8}"), None);
        assert_eq!(common("A*B", "A{3}.").as_deref(), Some("AAAB"));
        assert_eq!(
            common("(a".replace('(', "\\(").as_str(), ".a").as_deref(),
            Some("(a")
        );
    }

    #[test]
    fn a_common_code_is_found_exactly_where_one_is() {
        // All patterns of two steps over a small alphabet, compared with all codes of up to four characters.
        let steps = ["a", "b", "[ab]", "a?", "b*", "[ab]+", "a{2}"];
        let patterns: Vec<Pattern> = steps
            .iter()
            .flat_map(|one| steps.iter().map(move |other| format!("{one}{other}")))
            .filter_map(|written| Pattern::new(&written).ok())
            .collect();
        let mut codes = vec![String::new()];
        for place in 0..30 {
            codes.extend(["a", "b"].map(|last| format!("{}{last}", codes[place])));
        }
        for one in &patterns {
            for other in &patterns {
                let claimed = codes
                    .iter()
                    .find(|code| one.identity(code).is_some() && other.identity(code).is_some());
                let common = one.common_code(other);
                assert_eq!(
                    common.as_ref().map(String::len),
                    claimed.map(String::len),
                    "{one:?} {other:?}"
                );
                assert!(
                    common
                        .is_none_or(|code| one.identity(&code).is_some() && other.identity(&code).is_some())
                );
            }
        }
    }
}
