//! API keys: what programs show instead of a password. A key is shown once, and can be ended at any time.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};

use super::answer::{NoPage, Shut, shut};
use super::fields::{self, Fields, line, told};
use super::frame::{self, HousePart};
use super::people::sites_shown;
use super::words::ago;
use crate::Hub;
use crate::access::API_KEY_MARK;
use crate::access::visitor::{self, form_token};
use crate::hub::hash_of_api_key;
use crate::ledger::audit;
use crate::ledger::people::{PersonSetting, Role, SiteScope};
use crate::ledger::sessions::{API_KEYS_MAX, ApiKey, NewApiKey};
use crate::ledger::views::Site;

/// Characters of a key's public part: enough that no two are alike.
const PUBLIC_CHARACTERS: usize = 10;

/// Characters of a key's secret part: 260 bits.
const SECRET_CHARACTERS: usize = 52;

/// The person who looks after keys, and whose keys they see: an administrator all.
fn keeper() -> Option<(PersonSetting, Option<String>)> {
    let visitor = visitor::current();
    let setting = visitor.person()?.setting.clone();
    let only = (setting.role != Role::Administrator).then(|| setting.login.clone());
    Some((setting, only))
}

pub(super) async fn page(State(hub): State<Hub>) -> Result<Markup, NoPage> {
    let Some((keeper, only)) = keeper() else {
        let body = html! {
            h1 { "API keys" }
            section.empty {
                p { "A key belongs to somebody, and there is nobody yet." }
                p { a.button href="/people" { "Make the first administrator" } }
            }
        };
        return Ok(frame::house(HousePart::ApiKeys, "API keys", &body));
    };
    show(&hub, &keeper, only, None, None).await
}

async fn show(
    hub: &Hub,
    keeper: &PersonSetting,
    only: Option<String>,
    made: Option<&str>,
    mistake: Option<&str>,
) -> Result<Markup, NoPage> {
    let keys = hub.ledger().api_keys(only).await?;
    let known = hub.ledger().sites().await?;
    let theirs: Vec<Site> = known
        .iter()
        .filter(|site| keeper.sites.contains(&site.site))
        .cloned()
        .collect();
    let may_be_all = keeper.sites == SiteScope::All;
    let chosen = if may_be_all {
        SiteScope::All
    } else {
        keeper.sites.clone()
    };
    let body = html! {
        h1 { "API keys" }
        @if let Some(key) = made { (shown_once(key)) }
        p.by {
            "With a key a program imports files: " code { "Authorization: Bearer " (API_KEY_MARK) "…" }
            ". Give each program its own, so that one can be ended without the others."
        }
        (told(mistake))
        section.card {
            h2 { "Make a key" }
            form.fields method="post" action="/api-keys" {
                (form_token())
                (line("What for", "name", "", "As ERP, night import."))
                (fields::sites(&theirs, &chosen, may_be_all))
                button type="submit" { "Make a key" }
            }
        }
        @if keys.is_empty() {
            section.empty { p { "There are no keys yet." } }
        } @else {
            (table(hub, &keys, &known))
        }
    };
    Ok(frame::house(HousePart::ApiKeys, "API keys", &body))
}

fn shown_once(key: &str) -> Markup {
    html! {
        section.card.code-card role="status" {
            h2 { "The new key" }
            p.secret { (key) }
            p.by { "Copy it now: it is not shown again, and the hub keeps only its hash." }
        }
    }
}

fn table(hub: &Hub, keys: &[ApiKey], known: &[Site]) -> Markup {
    html! {
        table {
            thead { tr {
                th { "Key" } th.wide { "Whose" } th.grow.wide { "Sites" } th.wide { "Made" } th { "Last used" } th {}
            } }
            tbody {
                @for key in keys {
                    tr {
                        td { span.strong { (key.name) } div.by.code { (API_KEY_MARK) (key.key) "_…" } }
                        td.wide { (key.owner) }
                        td.wide { (sites_shown(&key.sites, known)) }
                        td.wide { (ago(key.made, hub.now())) }
                        td {
                            @if let Some((moment, source)) = &key.used {
                                (ago(*moment, hub.now()))
                                @if !source.is_empty() { div.by { "from " (source) } }
                            } @else { span.by { "never" } }
                        }
                        td.right {
                            @if let Some(ended) = key.ended {
                                span.state.muted { "Ended" } div.by { (ago(ended, hub.now())) }
                            } @else {
                                form method="post" action={ "/api-keys/" (key.key) "/end" } {
                                    (form_token())
                                    button.quiet type="submit" { "End" }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

pub(super) async fn make(State(hub): State<Hub>, typed: Fields) -> Result<Response, NoPage> {
    let Some((keeper, only)) = keeper() else {
        return Ok(shut(Shut::NotTheirs));
    };
    let name = typed.get("name").trim();
    // A form can be changed: what is not the keeper's is left out.
    let sites = typed.scope().within(&keeper.sites);
    let mistake = if name.is_empty() {
        Some("Say what the key is for.")
    } else if sites == SiteScope::Listed(Default::default()) {
        Some("Choose at least one site.")
    } else {
        None
    };
    if let Some(mistake) = mistake {
        let page = show(&hub, &keeper, only, None, Some(mistake)).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    let (key, secret) = (
        hub.random_text(PUBLIC_CHARACTERS),
        hub.random_text(SECRET_CHARACTERS),
    );
    let shown = format!("{API_KEY_MARK}{key}_{secret}");
    audit::amend(|note| {
        note.subject.clone_from(&key);
        note.detail = format!("{name}; sites {}", sites.to_text());
    });
    let new = NewApiKey {
        key,
        secret_hash: hash_of_api_key(&secret),
        name: name.to_owned(),
        owner: keeper.login.clone(),
        sites,
        now: hub.now(),
    };
    if hub.ledger().make_api_key(new).await? {
        return Ok(show(&hub, &keeper, only, Some(&shown), None)
            .await?
            .into_response());
    }
    let mistake = format!("You have {API_KEYS_MAX} keys already. End those that are not used.");
    let page = show(&hub, &keeper, only, None, Some(&mistake)).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

pub(super) async fn end(State(hub): State<Hub>, Path(key): Path<String>) -> Result<Redirect, NoPage> {
    let Some((_, only)) = keeper() else {
        return Err(NoPage::Missing);
    };
    hub.ledger().end_api_key(key, only, hub.now()).await?;
    Ok(Redirect::to("/api-keys"))
}
