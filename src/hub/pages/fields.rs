//! The fields of a form, by name; and forms that several pages have.

use axum::extract::{Form, FromRequest, Request};
use maud::{Markup, html};

use super::answer::NoPage;
use crate::ledger::people::{PersonMistake, PersonSetting, Role, SiteScope};
use crate::ledger::views::Site;

/// What was typed into a form. A field that is not there is empty.
pub(super) struct Fields(Vec<(String, String)>);

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = NoPage;

    async fn from_request(request: Request, state: &S) -> Result<Self, NoPage> {
        let read = Form::<Vec<(String, String)>>::from_request(request, state).await;
        read.map(|Form(fields)| Self(fields)).map_err(|_| NoPage::Missing)
    }
}

impl Fields {
    /// A form that nobody has typed into.
    pub(super) const fn none() -> Self {
        Self(Vec::new())
    }

    /// A field.
    pub(super) fn get(&self, name: &'static str) -> &str {
        self.all(name).next().unwrap_or_default()
    }

    /// All fields of a name.
    fn all(&self, name: &'static str) -> impl Iterator<Item = &str> {
        let named = self.0.iter().filter(move |(found, _)| found == name);
        named.map(|(_, value)| value.as_str())
    }

    /// Whether a box is ticked.
    pub(super) fn has(&self, name: &'static str) -> bool {
        self.all(name).next().is_some()
    }

    /// The sites that are ticked.
    pub(super) fn scope(&self) -> SiteScope {
        if self.has("all_sites") {
            return SiteScope::All;
        }
        SiteScope::Listed(self.all("site").map(str::to_owned).collect())
    }

    /// What a form says about a person.
    pub(super) fn person(&self, login: &str) -> Result<PersonSetting, PersonMistake> {
        PersonSetting {
            login: login.to_owned(),
            name: self.get("name").to_owned(),
            role: Role::from_word(self.get("role")).unwrap_or(Role::Worker),
            sites: self.scope(),
            badge: self.get("badge").to_owned(),
            language: self.get("language").to_owned(),
            disabled: self.has("disabled"),
        }
        .checked()
    }

    /// What a form says about the first administrator.
    pub(super) fn first_administrator(&self) -> Result<PersonSetting, PersonMistake> {
        PersonSetting {
            login: self.get("login").to_owned(),
            name: self.get("name").to_owned(),
            role: Role::Administrator,
            sites: SiteScope::All,
            badge: String::new(),
            language: String::new(),
            disabled: false,
        }
        .checked()
    }

    /// The new password, where it was typed twice alike.
    pub(super) fn new_password(&self) -> Result<&str, &'static str> {
        let password = self.get("new_password");
        if password == self.get("repeated") {
            Ok(password)
        } else {
            Err("The two passwords are not the same.")
        }
    }
}

/// A labelled field of one line.
pub(super) fn line(label: &str, name: &str, value: &str, hint: &str) -> Markup {
    html! {
        label { (label)
            input type="text" name=(name) value=(value) autocomplete="off" maxlength="80";
            @if !hint.is_empty() { small { (hint) } }
        }
    }
}

/// A password that is typed twice.
pub(super) fn new_password(hint: &str) -> Markup {
    html! {
        label { "New password"
            input type="password" name="new_password" autocomplete="new-password" maxlength="200";
            @if !hint.is_empty() { small { (hint) } }
        }
        label { "New password again" input type="password" name="repeated" autocomplete="new-password" maxlength="200"; }
    }
}

/// The sites to tick.
pub(super) fn sites(known: &[Site], chosen: &SiteScope, may_be_all: bool) -> Markup {
    html! {
        fieldset.ticks {
            legend { "Sites" }
            @if may_be_all {
                label.tick {
                    input type="checkbox" name="all_sites" checked[*chosen == SiteScope::All];
                    "All, and those to come"
                }
            }
            @for site in known {
                label.tick {
                    input type="checkbox" name="site" value=(site.site)
                        checked[*chosen != SiteScope::All && chosen.contains(&site.site)];
                    (site.name)
                }
            }
        }
    }
}

/// What a form says where it was not taken, or what was done.
pub(super) fn told(mistake: Option<&str>) -> Markup {
    html! { @if let Some(mistake) = mistake { p.mistake role="alert" { (mistake) } } }
}
