//! What stands around every page: the head, the way from one to the other, the part that is fetched again.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{DOCTYPE, Markup, html};

use super::answer::NoPage;
use super::assets;
use crate::Hub;
use crate::access::table::Needs;
use crate::access::visitor::{self, Visitor, Who, form_token};
use crate::ledger::views::{EXCEPTIONS_SHOWN_MAX, ExceptionFilter, Site};

/// htmx without what a strict policy forbids: no style of its own, nothing evaluated.
const HTMX_SETTINGS: &str = r#"{"includeIndicatorStyles":false,"allowEval":false,"selfRequestsOnly":true}"#;

/// Where a person is: the site, and what stands in every page of it.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) site: Site,
    others: Vec<Site>,
    exceptions_open: usize,
    visitor: Arc<Visitor>,
    names: HashMap<String, String>,
}

/// The parts of a site's pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Overview,
    Tasks,
    Stock,
    Items,
    Holds,
    Counts,
    Devices,
    Exceptions,
    Import,
}

impl Part {
    const ALL: [(Self, &'static str, &'static str, Needs); 9] = [
        (Self::Overview, "Overview", "", Needs::See),
        (Self::Tasks, "Tasks", "/tasks", Needs::See),
        (Self::Stock, "Stock", "/stock", Needs::See),
        (Self::Items, "Items", "/items", Needs::See),
        (Self::Holds, "Holds", "/holds", Needs::See),
        (Self::Counts, "Counts", "/counts", Needs::See),
        (Self::Devices, "Devices", "/devices", Needs::See),
        (Self::Exceptions, "Exceptions", "/exceptions", Needs::See),
        (Self::Import, "Import", "/import", Needs::Import),
    ];
}

/// The pages that belong to no site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HousePart {
    Account,
    People,
    ApiKeys,
    Audit,
}

impl HousePart {
    const ALL: [(Self, &'static str, &'static str, Needs); 4] = [
        (Self::People, "People", "/people", Needs::People),
        (Self::ApiKeys, "API keys", "/api-keys", Needs::Keys),
        (Self::Audit, "Audit trail", "/audit", Needs::Audit),
        (Self::Account, "Your account", "/account", Needs::Account),
    ];
}

impl Place {
    pub(super) async fn find(hub: &Hub, site: &str) -> Result<Self, NoPage> {
        let visitor = visitor::current();
        let sites = hub.ledger().sites().await?.into_iter();
        let (mut here, others): (Vec<Site>, Vec<Site>) = sites
            .filter(|known| visitor.has_site(&known.site))
            .partition(|known| known.site == site);
        let site = here.pop().ok_or(NoPage::Missing)?;
        let open = ExceptionFilter {
            state: Some("open".to_owned()),
            kind: None,
        };
        let exceptions_open = hub.ledger().exceptions(site.site.clone(), open).await?.len();
        Ok(Self {
            site,
            others,
            exceptions_open,
            visitor,
            names: hub.ledger().badge_names().await?.into_iter().collect(),
        })
    }

    /// The address of something in this site.
    pub(super) fn at(&self, rest: &str) -> String {
        format!("/site/{}{rest}", self.site.site)
    }

    /// What the person with a badge is called; the badge where nobody has it.
    pub(super) fn name_of<'a>(&'a self, badge: &'a str) -> &'a str {
        self.names.get(badge).map_or(badge, String::as_str)
    }

    /// Whether the visitor may do something here.
    pub(super) fn may(&self, needs: Needs) -> bool {
        needs.is_met(&self.visitor, std::slice::from_ref(&self.site.site))
    }

    /// A whole page. `fixed` is what people type into; `live` is fetched again from `address` when the site changes.
    pub(super) fn page(&self, part: Part, title: &str, address: &Uri, fixed: Markup, live: Markup) -> Markup {
        let address = address.path_and_query().map_or("/", |address| address.as_str());
        let body = html! {
            (open_to_all(&self.visitor))
            (self.top(part))
            main hx-ext="sse" sse-connect=(self.at("/events")) {
                (fixed)
                div #live hx-get=(address) hx-trigger="sse:changed" hx-select="#live" hx-swap="outerHTML" { (live) }
            }
        };
        document(&format!("{title} · {}", self.site.name), &body)
    }

    fn top(&self, part: Part) -> Markup {
        html! {
            header.top {
                (brand(&self.at("")))
                nav aria-label="Pages" {
                    @for (each, name, rest, needs) in Part::ALL {
                        @if self.may(needs) {
                            a href=(self.at(rest)) aria-current=[(each == part).then_some("page")] {
                                (name)
                                @if each == Part::Exceptions && self.exceptions_open > 0 {
                                    span.badge {
                                        (self.exceptions_open) @if self.exceptions_open >= EXCEPTIONS_SHOWN_MAX { "+" }
                                    }
                                }
                            }
                        }
                    }
                }
                (self.sites())
                (account(&self.visitor))
            }
        }
    }

    fn sites(&self) -> Markup {
        html! {
            @if self.others.is_empty() {
                span.site { (self.site.name) }
            } @else {
                details.site {
                    summary { (self.site.name) }
                    ul {
                        @for other in &self.others {
                            li { a href={ "/site/" (other.site) } { (other.name) } }
                        }
                    }
                }
            }
        }
    }
}

fn brand(address: &str) -> Markup {
    html! {
        a.brand href=(address) {
            img src=(assets::address("tallyman.svg")) alt="" width="28" height="28";
            span { "Tallyman" }
        }
    }
}

/// Who is signed in, and the pages that belong to no site.
fn account(visitor: &Visitor) -> Markup {
    let pages = || {
        HousePart::ALL
            .into_iter()
            .filter(|(.., needs)| visitor.may(*needs))
    };
    html! {
        @if let Some(person) = visitor.person() {
            details.site.person {
                summary { (person.setting.name) }
                ul {
                    @for (_, name, address, _) in pages() { li { a href=(address) { (name) } } }
                    li { form method="post" action="/sign-out" { (form_token()) button.plain type="submit" { "Sign out" } } }
                }
            }
        }
    }
}

/// Says on every page that everybody may do everything, while that is so.
fn open_to_all(visitor: &Visitor) -> Markup {
    html! {
        @if matches!(visitor.who, Who::Anybody) {
            p.open-to-all {
                "Open to everybody on this machine: nobody is asked who they are. "
                a href="/people" { "Make the first administrator" }
            }
        }
    }
}

fn document(title: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="htmx-config" content=(HTMX_SETTINGS);
                title { (title) }
                link rel="icon" href=(assets::address("tallyman.svg"));
                link rel="stylesheet" href=(assets::address("tallyman.css"));
                script src=(assets::address("htmx.min.js")) defer {}
                script src=(assets::address("htmx-sse.min.js")) defer {}
            }
            body { (body) }
        }
    }
}

/// A page for somebody who is not signed in, or that only says something.
pub(super) fn bare(title: &str, body: &Markup) -> Markup {
    let whole = html! {
        header.top { (brand("/")) }
        main { (body) }
    };
    document(&format!("{title} · Tallyman"), &whole)
}

/// A page that belongs to no site.
pub(super) fn house(part: HousePart, title: &str, body: &Markup) -> Markup {
    let visitor = visitor::current();
    let whole = html! {
        (open_to_all(&visitor))
        header.top {
            (brand("/"))
            nav aria-label="Pages" {
                @if visitor.may(Needs::See) { a href="/" { "← Sites" } }
                @for (each, name, address, needs) in HousePart::ALL {
                    @if visitor.may(needs) {
                        a href=(address) aria-current=[(each == part).then_some("page")] { (name) }
                    }
                }
            }
            (account(&visitor))
        }
        main { (body) }
    };
    document(&format!("{title} · Tallyman"), &whole)
}

/// Where whoever names no page is taken: the first site that is theirs, else what else they may.
pub(super) async fn start(State(hub): State<Hub>) -> Result<Redirect, NoPage> {
    let visitor = visitor::current();
    if matches!(visitor.who, Who::Nobody) {
        return Ok(Redirect::to("/sign-in"));
    }
    if visitor.may(Needs::See) {
        let configured = hub.config().sites.iter().map(|site| site.id.clone());
        let kept = hub.ledger().sites().await?.into_iter().map(|site| site.site);
        let first = configured.chain(kept).find(|site| visitor.has_site(site));
        if let Some(site) = first {
            return Ok(Redirect::to(&format!("/site/{site}")));
        }
    }
    let elsewhere = if visitor.may(Needs::Keys) {
        "/api-keys"
    } else {
        "/account"
    };
    Ok(Redirect::to(elsewhere))
}

pub(super) async fn not_found() -> Response {
    (StatusCode::NOT_FOUND, NoPage::Missing).into_response()
}
