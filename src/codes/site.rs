//! The site's own codes: what a warehouse prints for its bins, people, totes and commands.
//!
//! The rules that recognise them are configuration, handed to every device by the hub; here is what they yield.

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

/// One rule as an administrator writes it: a pattern, and what a code of that form is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteRule {
    /// The pattern. Literal characters stand for themselves; the part in `<…>` is the identity that is kept.
    pub pattern: String,
    /// What a code that matches is.
    pub kind: SiteCodeKind,
}

/// The site's rules, checked and ready to use.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SiteRules {
    rules: Vec<SiteRule>,
}

impl SiteRules {
    /// Checks the rules.
    ///
    /// # Errors
    /// A sentence naming the rule that cannot be read, or the two rules that claim one code, with that code.
    pub fn new(rules: Vec<SiteRule>) -> Result<Self, String> {
        Ok(Self { rules })
    }

    /// What the rules say a code is; `None` when no rule claims it.
    pub fn claim(&self, _text: &str) -> Option<SiteCode> {
        None
    }

    /// The rules as they were written.
    pub fn rules(&self) -> &[SiteRule] {
        &self.rules
    }
}
