//! The site's own codes: what a warehouse prints for its bins, people, totes and commands.
//!
//! The rules that recognise them are configuration, handed to every device by the hub. A rule is a
//! [`pattern`](pattern::Pattern) and what a code of that form is; two rules that claim a common code are found
//! when the rules are loaded, not when a worker stands before the shelf.

pub mod pattern;

use pattern::{Pattern, PatternError};

/// What one of the site's own rules says a code is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum SiteCode {
    /// A location: bin, dock door, staging lane. The address as the hub knows it.
    Location(String),
    /// A worker's badge. The worker's identity.
    Badge(String),
    /// A handling unit of the site's own numbering: tote, cart position, pallet (LPN).
    HandlingUnit(String),
    /// A command printed on a card or label, as `undo` or `done`.
    Command(String),
}

/// The kinds of code a site rule can claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SiteCodeKind {
    /// See [`SiteCode::Location`].
    Location,
    /// See [`SiteCode::Badge`].
    Badge,
    /// See [`SiteCode::HandlingUnit`].
    HandlingUnit,
    /// See [`SiteCode::Command`].
    Command,
}

impl SiteCodeKind {
    fn code(self, identity: &str) -> SiteCode {
        let identity = identity.to_owned();
        match self {
            SiteCodeKind::Location => SiteCode::Location(identity),
            SiteCodeKind::Badge => SiteCode::Badge(identity),
            SiteCodeKind::HandlingUnit => SiteCode::HandlingUnit(identity),
            SiteCodeKind::Command => SiteCode::Command(identity),
        }
    }
}

/// One rule as an administrator writes it: a pattern, and what a code of that form is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteRule {
    /// The pattern, as `LOC-<[A-Z]{2}[0-9]{3}>`: characters stand for themselves, `[…]` for one of a class, `.`
    /// for any; `{3}`, `{1,20}`, `?`, `*` and `+` count; `\` takes a meaning away. The part in `<…>` is the
    /// identity that is kept, the whole code where there is none.
    pub pattern: String,
    /// What a code that matches is.
    pub kind: SiteCodeKind,
}

/// The most rules a site may have: each scan is compared with all of them.
pub const RULES_MAX: usize = 256;

/// The site's rules, checked and ready to use.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SiteRules {
    rules: Vec<SiteRule>,
    patterns: Vec<Pattern>,
}

/// Why a site's rules are not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SiteRulesError {
    /// A pattern cannot be read.
    #[error("site code pattern {pattern:?}: {reason}")]
    Pattern {
        /// The pattern as it was written.
        pattern: String,
        /// What is wrong with it.
        reason: PatternError,
    },
    /// Two rules claim one code, so that it would mean two things.
    #[error("site code patterns {first:?} and {second:?} both claim {code:?}: make one of them narrower")]
    Overlap {
        /// The pattern of the earlier rule.
        first: String,
        /// The pattern of the later rule.
        second: String,
        /// A code that both claim, the shortest there is.
        code: String,
    },
    /// More rules than a site may have.
    #[error("there are {count} site code rules, and at most {RULES_MAX} are allowed: join some by classes")]
    TooMany {
        /// How many there are.
        count: usize,
    },
}

impl SiteRules {
    /// Checks the rules.
    ///
    /// # Errors
    /// A [`SiteRulesError`] naming the rule that cannot be read, or the two rules that claim one code, with that
    /// code.
    pub fn new(rules: Vec<SiteRule>) -> Result<Self, SiteRulesError> {
        if rules.len() > RULES_MAX {
            return Err(SiteRulesError::TooMany { count: rules.len() });
        }
        let mut patterns: Vec<Pattern> = Vec::with_capacity(rules.len());
        for rule in &rules {
            let pattern = Pattern::new(&rule.pattern).map_err(|reason| SiteRulesError::Pattern {
                pattern: rule.pattern.clone(),
                reason,
            })?;
            for (earlier, known) in rules.iter().zip(&patterns) {
                if let Some(code) = known.common_code(&pattern) {
                    let (first, second) = (earlier.pattern.clone(), rule.pattern.clone());
                    return Err(SiteRulesError::Overlap { first, second, code });
                }
            }
            patterns.push(pattern);
        }
        Ok(Self { rules, patterns })
    }

    /// What the rules say a code is; `None` when no rule claims it.
    pub fn claim(&self, text: &str) -> Option<SiteCode> {
        self.rules
            .iter()
            .zip(&self.patterns)
            .find_map(|(rule, pattern)| pattern.identity(text).map(|identity| rule.kind.code(identity)))
    }

    /// The rules as they were written.
    pub fn rules(&self) -> &[SiteRule] {
        &self.rules
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(rules: &[(&str, SiteCodeKind)]) -> Result<SiteRules, SiteRulesError> {
        SiteRules::new(
            rules
                .iter()
                .map(|&(pattern, kind)| SiteRule {
                    pattern: pattern.to_owned(),
                    kind,
                })
                .collect(),
        )
    }

    #[test]
    fn each_kind_keeps_its_identity() {
        let site = rules(&[
            ("LOC-<.+>", SiteCodeKind::Location),
            ("B<[0-9]{4}>", SiteCodeKind::Badge),
            ("T[0-9]{6}", SiteCodeKind::HandlingUnit),
            ("%<[a-z]+>", SiteCodeKind::Command),
        ])
        .unwrap();
        assert_eq!(site.claim("LOC-A1"), Some(SiteCode::Location("A1".to_owned())));
        assert_eq!(site.claim("B0042"), Some(SiteCode::Badge("0042".to_owned())));
        assert_eq!(
            site.claim("T000123"),
            Some(SiteCode::HandlingUnit("T000123".to_owned()))
        );
        assert_eq!(site.claim("%undo"), Some(SiteCode::Command("undo".to_owned())));
        assert_eq!(site.claim("B42"), None);
        assert_eq!(site.rules().len(), 4);
    }

    #[test]
    fn two_rules_that_claim_one_code_are_told_with_the_code() {
        let error = rules(&[
            ("B[0-9]+", SiteCodeKind::Badge),
            ("[A-Z]<[0-9]{3}>", SiteCodeKind::Location),
        ])
        .unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains("B[0-9]+") && text.contains("[A-Z]<[0-9]{3}>") && text.contains("\"B000\""),
            "{text}"
        );
        let error = rules(&[("LOC-[", SiteCodeKind::Location)]).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("site code pattern \"LOC-[\": at character 4"),
            "{error}"
        );
        let many = vec![("A", SiteCodeKind::Badge); RULES_MAX + 1];
        assert_eq!(
            rules(&many),
            Err(SiteRulesError::TooMany { count: RULES_MAX + 1 })
        );
    }
}
