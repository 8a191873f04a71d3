//! The pattern language of site rules: literals, classes, counts. Small enough that two patterns can be compared.
//!
//! A pattern is a row of steps; each step takes one character of a class. A count makes steps optional or lets
//! one repeat. So a pattern is a finite automaton without branches, and whether two patterns claim a common code
//! is answered by walking both at once.

mod reader;

pub use reader::PatternError;

use std::collections::HashMap;
use std::collections::hash_map::Entry;

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

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// A [`PatternError`] that names the place.
    pub fn new(written: &str) -> Result<Self, PatternError> {
        reader::read(written)
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
        let mut reached = vec![(0, 0)];
        for _ in 0..=CODE_CHARS_MAX {
            let mut place = 0;
            while let Some(&(left, right)) = reached.get(place) {
                place += 1;
                let (step, other_step) = (self.steps.get(left), other.steps.get(right));
                if step.is_none() && other_step.is_none() {
                    return Some(spell(&came, (left, right)));
                }
                let left_out = |step: Option<&Step>| step.is_some_and(|step| step.optional);
                let skips = [
                    (left_out(step), (left + 1, right)),
                    (left_out(other_step), (left, right + 1)),
                ];
                for (_, to) in skips.into_iter().filter(|(may, _)| *may) {
                    enter(&mut came, to, ((left, right), None), &mut reached);
                }
            }
            let mut next = Vec::new();
            for &(left, right) in &reached {
                let (Some(step), Some(other_step)) = (self.steps.get(left), other.steps.get(right)) else {
                    continue;
                };
                let to = (
                    left + usize::from(!step.repeats),
                    right + usize::from(!other_step.repeats),
                );
                if let Some(character) = example(step.class & other_step.class) {
                    enter(&mut came, to, ((left, right), Some(character)), &mut next);
                }
            }
            reached = next;
        }
        None
    }
}

/// How far two patterns have been walked at once.
type Places = (usize, usize);

/// From where each pair of places was reached first, and by which character; by none where a step was left out.
type Trail = HashMap<Places, Option<(Places, Option<u8>)>>;

/// Notes a pair of places that was not reached before.
fn enter(came: &mut Trail, to: Places, from: (Places, Option<u8>), reached: &mut Vec<Places>) {
    if let Entry::Vacant(vacant) = came.entry(to) {
        vacant.insert(Some(from));
        reached.push(to);
    }
}

/// Follows a found place back to the start.
fn spell(came: &Trail, end: Places) -> String {
    let (mut code, mut place) = (Vec::new(), end);
    while let Some(Some((before, character))) = came.get(&place) {
        code.extend(character.map(char::from));
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
    fn long_optional_patterns_are_compared_in_time_linear_in_their_places() {
        let many: Vec<Pattern> = (0..5)
            .map(|last| pattern(&format!(".{{1,120}}{}", char::from(b'a' + last))))
            .collect();
        for (place, one) in many.iter().enumerate() {
            assert!(
                many.iter()
                    .skip(place + 1)
                    .all(|other| one.common_code(other).is_none())
            );
        }
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
