//! People, as the ledger keeps them.

use std::collections::BTreeSet;

use jiff::Timestamp;
use tallyman_floor::Language;
use tallyman_floor::wire::v1::WorkerBody;

use super::audit::Outcome;

/// People that a hub keeps: a large house, several times over.
pub const PEOPLE_MAX: usize = 10_000;

/// Characters of a login name.
pub const LOGIN_CHARACTERS_MAX: usize = 40;

/// What a person may do. The table of [`crate::access`] says what that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Works with a device; on the pages, only the own account.
    Worker,
    /// Sees the sites in their charge, resolves exceptions, cancels tasks.
    Supervisor,
    /// Everything.
    Administrator,
    /// Connects programs: makes API keys.
    Integrator,
}

impl Role {
    /// All of them, as pages list them.
    pub const ALL: [Self; 4] = [
        Self::Worker,
        Self::Supervisor,
        Self::Administrator,
        Self::Integrator,
    ];

    /// Its word in the store and on the command line.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Worker => "worker",
            Self::Supervisor => "supervisor",
            Self::Administrator => "administrator",
            Self::Integrator => "integrator",
        }
    }

    /// The role of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }

    /// What people call it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Worker => "Worker",
            Self::Supervisor => "Supervisor",
            Self::Administrator => "Administrator",
            Self::Integrator => "Integrator",
        }
    }
}

/// The sites that somebody may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SiteScope {
    /// All, and those to come.
    All,
    /// These.
    Listed(BTreeSet<String>),
}

impl SiteScope {
    /// Whether a site is among them.
    pub fn contains(&self, site: &str) -> bool {
        match self {
            Self::All => true,
            Self::Listed(sites) => sites.contains(site),
        }
    }

    /// The sites that are in both.
    pub fn within(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::All, scope) | (scope, Self::All) => scope.clone(),
            (Self::Listed(one), Self::Listed(two)) => Self::Listed(one.intersection(two).cloned().collect()),
        }
    }

    /// As it is stored: `*`, or the sites with a space between them. No site's identity has a space.
    pub fn to_text(&self) -> String {
        match self {
            Self::All => "*".to_owned(),
            Self::Listed(sites) => sites.iter().map(String::as_str).collect::<Vec<_>>().join(" "),
        }
    }

    /// A stored scope.
    pub fn from_text(text: &str) -> Self {
        if text == "*" {
            return Self::All;
        }
        Self::Listed(text.split_whitespace().map(str::to_owned).collect())
    }
}

/// What an administrator says about a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonSetting {
    /// The name to sign in with. It is never given to somebody else.
    pub login: String,
    /// The name for people.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Where.
    pub sites: SiteScope,
    /// What their badge says; empty for none.
    pub badge: String,
    /// What they read on devices, by its code, as `de`; empty for each device's own language.
    pub language: String,
    /// Whether they may no longer sign in.
    pub disabled: bool,
}

/// Why a person cannot be so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PersonMistake {
    /// A login name that could be taken for another, or does not fit on a page.
    #[error(
        "A login name has 1 to {LOGIN_CHARACTERS_MAX} characters of a-z, 0-9, '.', '-', '_' and '@', and begins with a letter or digit."
    )]
    Login,
    /// No name, or a long one.
    #[error("A name has 1 to 60 characters.")]
    Name,
    /// A badge that no scanner would give.
    #[error("A badge has at most 40 characters, and no spaces.")]
    Badge,
    /// A language that devices do not speak.
    #[error(
        "Devices speak {}. Leave the language empty for each device's own.",
        languages()
    )]
    Language,
    /// No site at all.
    #[error("Choose at least one site, or all of them.")]
    Sites,
}

/// The codes of the languages that devices speak, for a sentence.
fn languages() -> String {
    let codes: Vec<&str> = Language::ALL.into_iter().map(Language::code).collect();
    codes.join(", ")
}

impl PersonSetting {
    /// Whether devices are told another thing than before.
    pub(crate) fn differs_for_devices(&self, before: &Self) -> bool {
        let told = |setting: &Self| {
            let Self {
                name,
                badge,
                language,
                sites,
                disabled,
                ..
            } = setting.clone();
            (name, badge, language, sites.to_text(), disabled)
        };
        let had_badge = !(self.badge.is_empty() && before.badge.is_empty());
        had_badge && told(self) != told(before)
    }

    /// The setting, with its texts trimmed and checked. Administrators see every site.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn checked(mut self) -> Result<Self, PersonMistake> {
        self.login = login_of(&self.login);
        self.name = self.name.trim().to_owned();
        self.badge = self.badge.trim().to_owned();
        self.language = self.language.trim().to_ascii_lowercase();
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let fits = self.login.len() <= LOGIN_CHARACTERS_MAX
            && self.login.bytes().next().is_some_and(plain)
            && self
                .login
                .bytes()
                .all(|byte| plain(byte) || b".-_@".contains(&byte));
        if !fits {
            return Err(PersonMistake::Login);
        }
        if !(1..=60).contains(&self.name.chars().count()) || self.name.chars().any(char::is_control) {
            return Err(PersonMistake::Name);
        }
        let odd = |character: char| character.is_whitespace() || character.is_control();
        if self.badge.chars().count() > 40 || self.badge.chars().any(odd) {
            return Err(PersonMistake::Badge);
        }
        if !self.language.is_empty() && Language::of_code(&self.language).is_none() {
            return Err(PersonMistake::Language);
        }
        if self.role == Role::Administrator {
            self.sites = SiteScope::All;
        }
        if self.sites == SiteScope::Listed(BTreeSet::new()) {
            return Err(PersonMistake::Sites);
        }
        Ok(self)
    }
}

/// A login name as it is kept, whatever way it was typed.
pub fn login_of(typed: &str) -> String {
    typed.trim().to_ascii_lowercase()
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// What an administrator said.
    pub setting: PersonSetting,
    /// Whether they have a password: without one nobody signs in, as a worker who only has a badge.
    pub has_password: bool,
    /// Whether devices ask for a PIN beside the badge.
    pub has_pin: bool,
    /// When they were added.
    pub added: Timestamp,
    /// When they last signed in.
    pub signed_in: Option<Timestamp>,
}

/// A person as signing in needs them.
#[derive(Debug, Clone)]
pub struct PersonAtDoor {
    /// Who.
    pub person: Person,
    /// The password's hash, as a PHC string; empty for none.
    pub password: String,
    /// The address of the last sign-in; empty before the first.
    pub signed_in_from: String,
}

/// Those whom devices are told of, from rows of badge, name, language, PIN and sites: whoever has a badge of the site.
pub(crate) fn workers_of(
    site: &str,
    rows: impl IntoIterator<Item = (WorkerBody, String)>,
) -> Vec<WorkerBody> {
    let of_site = rows
        .into_iter()
        .filter(|(_, sites)| SiteScope::from_text(sites).contains(site));
    of_site.map(|(worker, _)| worker).collect()
}

/// What became of a change of a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PersonAnswer {
    /// It was done.
    #[error("Done.")]
    Done,
    /// Nothing was different.
    #[error("Nothing was different.")]
    Unchanged,
    /// Nobody has this login name.
    #[error("Nobody has the login name {0}.")]
    Missing(String),
    /// Somebody has this login name.
    #[error("Somebody has the login name {0} already. It is never given to another.")]
    LoginTaken(String),
    /// Somebody has this badge.
    #[error("The badge {badge} belongs to {login} already.")]
    BadgeTaken {
        /// The badge.
        badge: String,
        /// Whose it is.
        login: String,
    },
    /// Nobody could let anybody in any more.
    #[error("This is the last administrator who can sign in. Make another one first.")]
    LastAdministrator,
    /// There are people, so the first administrator has been made.
    #[error("The first administrator was made already. Sign in, or ask an administrator.")]
    NotFirst,
    /// The hub is full.
    #[error("This hub keeps {PEOPLE_MAX} people already.")]
    Full,
}

impl PersonAnswer {
    /// What the audit trail calls it.
    pub const fn outcome(&self) -> Outcome {
        match self {
            Self::Done => Outcome::Done,
            Self::Unchanged => Outcome::Unchanged,
            _ => Outcome::Refused,
        }
    }
}

/// A person to add.
#[derive(Debug, Clone)]
pub struct NewPerson {
    /// Who.
    pub setting: PersonSetting,
    /// The password's hash; empty for none.
    pub password: String,
    /// Whether this has to be the first person: then there may be no other.
    pub only_as_first: bool,
    /// Now.
    pub now: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting(login: &str, name: &str, badge: &str, sites: &str) -> PersonSetting {
        PersonSetting {
            login: login.to_owned(),
            name: name.to_owned(),
            role: Role::Supervisor,
            sites: SiteScope::from_text(sites),
            badge: badge.to_owned(),
            language: String::new(),
            disabled: false,
        }
    }

    #[test]
    fn settings_are_trimmed_and_checked() {
        let good = setting(" Anna.K ", " Anna ", " A1 ", "main").checked().unwrap();
        assert_eq!(
            (good.login.as_str(), good.name.as_str(), good.badge.as_str()),
            ("anna.k", "Anna", "A1")
        );
        for (made, mistake) in [
            (setting("", "A", "", "*"), PersonMistake::Login),
            (setting("-a", "A", "", "*"), PersonMistake::Login),
            (setting("key:1", "A", "", "*"), PersonMistake::Login),
            (setting("änna", "A", "", "*"), PersonMistake::Login),
            (setting(&"a".repeat(41), "A", "", "*"), PersonMistake::Login),
            (setting("a", " ", "", "*"), PersonMistake::Name),
            (setting("a", "A\u{0}", "", "*"), PersonMistake::Name),
            (setting("a", "A", "b c", "*"), PersonMistake::Badge),
            (setting("a", "A", "", ""), PersonMistake::Sites),
        ] {
            assert_eq!(made.clone().checked(), Err(mistake), "{made:?}");
        }
    }

    #[test]
    fn a_language_is_one_that_devices_speak() {
        let with = |language: &str| {
            let mut setting = setting("a", "A", "", "*");
            setting.language = language.to_owned();
            setting.checked().map(|setting| setting.language)
        };
        assert_eq!(with(" DE "), Ok("de".to_owned()));
        assert_eq!(with(""), Ok(String::new()));
        assert_eq!(with("tlh"), Err(PersonMistake::Language));
    }

    #[test]
    fn devices_are_told_of_what_concerns_them() {
        let before = setting("a", "A", "B1", "main");
        let mut after = before.clone();
        after.role = Role::Worker;
        assert!(!after.differs_for_devices(&before), "a role is the hub's");
        after.language = "de".to_owned();
        assert!(after.differs_for_devices(&before));
        after.badge.clear();
        assert!(after.differs_for_devices(&before), "a badge that is gone");
        let unknown = setting("a", "Other", "", "main");
        assert!(!unknown.differs_for_devices(&setting("a", "A", "", "main")));
    }

    #[test]
    fn scopes_are_stored_and_met() {
        let two = SiteScope::from_text("main north");
        assert_eq!(SiteScope::from_text(&two.to_text()), two);
        assert_eq!(SiteScope::from_text("*"), SiteScope::All);
        assert!(two.contains("north") && !two.contains("nor"));
        assert_eq!(two.within(&SiteScope::All), two);
        assert_eq!(
            two.within(&SiteScope::from_text("north south")).to_text(),
            "north"
        );
    }
}
