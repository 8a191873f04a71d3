//! People: who there is, what they may, and another password for who has forgotten theirs.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use tallyman_floor::Language;

use super::answer::{NoPage, Shut, shut};
use super::fields::{self, Fields, line, new_password, told};
use super::frame::{self, HousePart};
use super::sign_in::first_card;
use super::words::ago;
use crate::Hub;
use crate::access::visitor::{self, Who, form_token};
use crate::access::{pin, sign_in};
use crate::ledger::audit;
use crate::ledger::people::{NewPerson, Person, PersonAnswer, PersonSetting, Role, SiteScope};
use crate::ledger::sessions::Which;
use crate::ledger::views::Site;

pub(super) async fn page(State(hub): State<Hub>) -> Result<Markup, NoPage> {
    if matches!(visitor::current().who, Who::Anybody) {
        let body = first_card(&hub, &Fields::none(), None);
        return Ok(frame::house(HousePart::People, "People", &body));
    }
    show(&hub, &Fields::none(), None).await
}

async fn show(hub: &Hub, typed: &Fields, mistake: Option<&str>) -> Result<Markup, NoPage> {
    let (people, known) = (hub.ledger().people().await?, hub.ledger().sites().await?);
    let body = html! {
        h1 { "People" }
        (table(hub, &people, &known))
        (add_form(hub, &known, typed, mistake))
    };
    Ok(frame::house(HousePart::People, "People", &body))
}

fn table(hub: &Hub, people: &[Person], known: &[Site]) -> Markup {
    html! {
        table {
            thead { tr {
                th { "Name" } th { "Role" } th.grow.wide { "Sites" } th.wide { "Badge" } th.wide { "Last signed in" } th { "State" }
            } }
            tbody {
                @for Person { setting, has_password, signed_in, .. } in people {
                    tr {
                        td {
                            a.strong href={ "/people/" (setting.login) } { (setting.name) }
                            div.by { (setting.login) }
                        }
                        td { (setting.role.title()) }
                        td.wide { (sites_shown(&setting.sites, known)) }
                        td.wide { span.code { (setting.badge) } }
                        td.wide { @if let Some(moment) = signed_in { (ago(*moment, hub.now())) } @else { span.by { "never" } } }
                        td { (state(setting, *has_password)) }
                    }
                }
            }
        }
    }
}

fn state(setting: &PersonSetting, has_password: bool) -> Markup {
    let (words, tone) = match (setting.disabled, has_password) {
        (true, _) => ("Disabled", "muted"),
        (false, true) => ("May sign in", "good"),
        (false, false) => ("Badge only", "plain"),
    };
    html! { span class={ "state " (tone) } { (words) } }
}

/// The sites of somebody, by name.
pub(super) fn sites_shown(scope: &SiteScope, known: &[Site]) -> String {
    match scope {
        SiteScope::All => "All".to_owned(),
        SiteScope::Listed(sites) if sites.is_empty() => "None".to_owned(),
        SiteScope::Listed(sites) => {
            let name = |site: &String| {
                let found = known.iter().find(|known| known.site == *site);
                found.map_or(site.clone(), |known| known.name.clone())
            };
            sites.iter().map(name).collect::<Vec<_>>().join(", ")
        }
    }
}

/// A role in a sentence.
pub(super) const fn what_a_role_may(role: Role) -> &'static str {
    match role {
        Role::Worker => "Works with a device. On these pages: the own account, nothing else.",
        Role::Supervisor => "Sees the sites, resolves exceptions, cancels tasks.",
        Role::Administrator => "Everything, in all sites: devices, people, imports, the audit trail.",
        Role::Integrator => "Connects programs: makes API keys, with which files are imported.",
    }
}

fn roles(chosen: Role) -> Markup {
    html! {
        fieldset.ticks {
            legend { "Role" }
            @for role in Role::ALL {
                label.tick {
                    input type="radio" name="role" value=(role.word()) checked[role == chosen];
                    span { (role.title()) small { (what_a_role_may(role)) } }
                }
            }
        }
    }
}

/// The language that devices speak with somebody.
fn language(chosen: &str) -> Markup {
    html! {
        label { "Language on devices"
            select name="language" {
                option value="" selected[chosen.is_empty()] { "Each device's own" }
                @for language in Language::ALL {
                    option value=(language.code()) selected[language.code() == chosen] { (language.code()) }
                }
            }
        }
    }
}

fn pin_form(address: &str, has_pin: bool) -> Markup {
    html! {
        section.card {
            h2 { "PIN on devices" }
            p { @if has_pin { "Devices ask for a PIN beside the badge." } @else { "The badge is enough." } }
            form.fields method="post" action=(address) {
                (form_token())
                label { "New PIN"
                    input type="password" name="pin" inputmode="numeric" autocomplete="off" maxlength="8";
                    small { "4 to 8 digits; empty to take it away. It opens no page." }
                }
                button type="submit" { "Set the PIN" }
            }
        }
    }
}

fn add_form(hub: &Hub, known: &[Site], typed: &Fields, mistake: Option<&str>) -> Markup {
    let role = Role::from_word(typed.get("role")).unwrap_or(Role::Supervisor);
    let characters = hub.config().people.password_characters_min;
    html! {
        details.card open[mistake.is_some()] {
            summary.strong { "Add a person" }
            (told(mistake))
            form.fields.two method="post" action="/people" {
                (form_token())
                div {
                    (line("Name", "name", typed.get("name"), "As others know them."))
                    (line("Login name", "login", typed.get("login"), "It is never given to somebody else."))
                    (line("Badge", "badge", typed.get("badge"), "What a scan of their badge says, so that pages and devices show their name."))
                    (language(typed.get("language")))
                    (new_password(&format!("At least {characters} characters. A worker who only has a badge needs none.")))
                }
                div { (roles(role)) (fields::sites(known, &typed.scope(), true)) }
                button type="submit" { "Add" }
            }
        }
    }
}

pub(super) async fn add(State(hub): State<Hub>, typed: Fields) -> Result<Response, NoPage> {
    if matches!(visitor::current().who, Who::Anybody) {
        return Ok(shut(Shut::NotTheirs));
    }
    let refuse = async |sentence: &str| {
        let page = show(&hub, &typed, Some(sentence)).await?;
        Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
    };
    let setting = match typed.person(typed.get("login")) {
        Ok(setting) => setting,
        Err(mistake) => return refuse(&mistake.to_string()).await,
    };
    let password = match hashed(&hub, &typed, &setting).await {
        Ok(password) => password,
        Err(NotHashed::Mistake(mistake)) => return refuse(&mistake).await,
        Err(NotHashed::Busy) => return Ok(shut(Shut::Busy)),
    };
    audit::amend(|note| {
        note.subject.clone_from(&setting.login);
        note.detail = in_words(&setting);
    });
    let person = NewPerson {
        setting,
        password,
        only_as_first: false,
        now: hub.now(),
    };
    match hub.ledger().add_person(person).await? {
        PersonAnswer::Done => {
            hub.people_changed().await?;
            Ok(Redirect::to("/people").into_response())
        }
        answer => refuse(&answer.to_string()).await,
    }
}

enum NotHashed {
    Mistake(String),
    Busy,
}

/// The hash of the new password; of none for a worker without one.
async fn hashed(hub: &Hub, typed: &Fields, setting: &PersonSetting) -> Result<String, NotHashed> {
    let password = typed
        .new_password()
        .map_err(|mistake| NotHashed::Mistake(mistake.to_owned()))?;
    if password.is_empty() && setting.role == Role::Worker {
        return Ok(String::new());
    }
    sign_in::check_password(hub, password, &setting.login)
        .map_err(|mistake| NotHashed::Mistake(mistake.to_string()))?;
    sign_in::hash(hub, password.to_owned())
        .await
        .map_err(|_| NotHashed::Busy)
}

/// What a change came to, for the audit trail: only what is different.
fn difference(before: &PersonSetting, after: &PersonSetting) -> String {
    let sites = |setting: &PersonSetting| match setting.sites.to_text().as_str() {
        "*" => "all".to_owned(),
        listed => listed.to_owned(),
    };
    let access = |setting: &PersonSetting| if setting.disabled { "disabled" } else { "enabled" }.to_owned();
    let role = |setting: &PersonSetting| setting.role.word().to_owned();
    let parts = [
        ("name", before.name.clone(), after.name.clone()),
        ("role", role(before), role(after)),
        ("sites", sites(before), sites(after)),
        ("badge", before.badge.clone(), after.badge.clone()),
        ("language", before.language.clone(), after.language.clone()),
        ("access", access(before), access(after)),
    ];
    let different = parts.into_iter().filter(|(_, before, after)| before != after);
    let shown = |text: String| if text.is_empty() { "none".to_owned() } else { text };
    different
        .map(|(what, before, after)| format!("{what} {} → {}", shown(before), shown(after)))
        .collect::<Vec<_>>()
        .join("; ")
}

/// A new person, for the audit trail.
fn in_words(setting: &PersonSetting) -> String {
    let mut words = format!(
        "{}, {}, sites {}",
        setting.name,
        setting.role.word(),
        setting.sites.to_text()
    );
    if !setting.badge.is_empty() {
        words.push_str(&format!(", badge {}", setting.badge));
    }
    words
}

pub(super) async fn one(State(hub): State<Hub>, Path(login): Path<String>) -> Result<Markup, NoPage> {
    show_one(&hub, &login, None).await
}

async fn find(hub: &Hub, login: &str) -> Result<Person, NoPage> {
    let found = hub.ledger().person_at_door(login.to_owned()).await?;
    found.map(|found| found.person).ok_or(NoPage::Missing)
}

async fn show_one(hub: &Hub, login: &str, mistake: Option<&str>) -> Result<Markup, NoPage> {
    let Person {
        setting,
        has_password,
        has_pin,
        ..
    } = find(hub, login).await?;
    let known = hub.ledger().sites().await?;
    let sessions = hub.ledger().sessions(setting.login.clone()).await?.len() as u64;
    let at = |rest: &str| format!("/people/{}{rest}", setting.login);
    let characters = hub.config().people.password_characters_min;
    let body = html! {
        p.back { a href="/people" { "← People" } }
        h1 { (setting.name) " " (state(&setting, has_password)) }
        (told(mistake))
        section.card {
            form.fields.two method="post" action=(at("")) {
                (form_token())
                div {
                    (line("Name", "name", &setting.name, ""))
                    p.by { "Login name " span.code { (setting.login) } }
                    (line("Badge", "badge", &setting.badge, "What a scan of their badge says."))
                    (language(&setting.language))
                    fieldset.ticks {
                        legend { "Access" }
                        label.tick {
                            input type="checkbox" name="disabled" checked[setting.disabled];
                            span { "Disabled" small { "Cannot sign in any more. Who leaves is disabled, never removed: the audit trail names them." } }
                        }
                    }
                }
                div { (roles(setting.role)) (fields::sites(&known, &setting.sites, true)) }
                button type="submit" { "Save" }
            }
            p.by { "Another role, other sites, or disabling ends their sessions at once." }
        }
        div.columns.even {
            section.card {
                h2 { "Another password" }
                form.fields method="post" action=(at("/password")) {
                    (form_token())
                    (new_password(&format!("At least {characters} characters. Their sessions end.")))
                    button type="submit" { "Set the password" }
                }
            }
            (pin_form(&at("/pin"), has_pin))
            section.card {
                h2 { "Sessions" }
                p { (super::words::count(sessions, "session", "sessions")) " that have not been signed out." }
                form method="post" action=(at("/sign-out")) {
                    (form_token())
                    button.quiet type="submit" { "Sign them out everywhere" }
                }
                p.by { a href={ "/audit?actor=" (setting.login) } { "What they did: the audit trail" } }
            }
        }
    };
    Ok(frame::house(HousePart::People, &setting.name, &body))
}

async fn refuse_one(hub: &Hub, login: &str, sentence: &str) -> Result<Response, NoPage> {
    let page = show_one(hub, login, Some(sentence)).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

pub(super) async fn change(
    State(hub): State<Hub>,
    Path(login): Path<String>,
    typed: Fields,
) -> Result<Response, NoPage> {
    let before = find(&hub, &login).await?.setting;
    let setting = match typed.person(&login) {
        Ok(setting) => setting,
        Err(mistake) => return refuse_one(&hub, &login, &mistake.to_string()).await,
    };
    audit::amend(|note| note.detail = difference(&before, &setting));
    match hub.ledger().change_person(setting).await? {
        PersonAnswer::Done | PersonAnswer::Unchanged => {
            hub.people_changed().await?;
            Ok(Redirect::to("/people").into_response())
        }
        answer => refuse_one(&hub, &login, &answer.to_string()).await,
    }
}

pub(super) async fn set_password(
    State(hub): State<Hub>,
    Path(login): Path<String>,
    typed: Fields,
) -> Result<Response, NoPage> {
    let mut setting = find(&hub, &login).await?.setting;
    // A password can be reset, never taken away.
    setting.role = Role::Administrator;
    let password = match hashed(&hub, &typed, &setting).await {
        Ok(password) => password,
        Err(NotHashed::Mistake(mistake)) => return refuse_one(&hub, &login, &mistake).await,
        Err(NotHashed::Busy) => return Ok(shut(Shut::Busy)),
    };
    match hub.ledger().set_password(setting.login, password, None).await? {
        PersonAnswer::Done => Ok(Redirect::to("/people").into_response()),
        answer => refuse_one(&hub, &login, &answer.to_string()).await,
    }
}

pub(super) async fn set_pin(
    State(hub): State<Hub>,
    Path(login): Path<String>,
    typed: Fields,
) -> Result<Response, NoPage> {
    let login = find(&hub, &login).await?.setting.login;
    let typed = typed.get("pin");
    let stored = if typed.is_empty() {
        audit::amend(|note| note.detail = "none".to_owned());
        String::new()
    } else {
        if let Err(mistake) = pin::check(typed) {
            return refuse_one(&hub, &login, &mistake.to_string()).await;
        }
        match sign_in::hash_pin(&hub, typed.to_owned()).await {
            Ok(stored) => stored,
            Err(_) => return Ok(shut(Shut::Busy)),
        }
    };
    match hub.ledger().set_pin(login.clone(), stored).await? {
        PersonAnswer::Done => {
            hub.people_changed().await?;
            Ok(Redirect::to(&format!("/people/{login}")).into_response())
        }
        answer => refuse_one(&hub, &login, &answer.to_string()).await,
    }
}

pub(super) async fn sign_out(State(hub): State<Hub>, Path(login): Path<String>) -> Result<Redirect, NoPage> {
    let person = find(&hub, &login).await?;
    hub.ledger()
        .end_sessions(person.setting.login, Which::All)
        .await?;
    Ok(Redirect::to(&format!("/people/{login}")))
}
