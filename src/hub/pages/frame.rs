//! What stands around every page: the head, the way from one to the other, the part that is fetched again.

use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{DOCTYPE, Markup, html};

use super::answer::NoPage;
use super::{access, assets};
use crate::Hub;
use crate::ledger::views::{EXCEPTIONS_SHOWN_MAX, ExceptionFilter, Site};

/// htmx without what a strict policy forbids: no style of its own, nothing evaluated.
const HTMX_SETTINGS: &str = r#"{"includeIndicatorStyles":false,"allowEval":false,"selfRequestsOnly":true}"#;

/// Where a person is: the site, and what stands in every page of it.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) site: Site,
    others: Vec<Site>,
    exceptions_open: usize,
    signed_in: bool,
}

/// The parts of a site's pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Overview,
    Tasks,
    Stock,
    Devices,
    Exceptions,
    Import,
}

impl Part {
    const ALL: [(Self, &'static str, &'static str); 6] = [
        (Self::Overview, "Overview", ""),
        (Self::Tasks, "Tasks", "/tasks"),
        (Self::Stock, "Stock", "/stock"),
        (Self::Devices, "Devices", "/devices"),
        (Self::Exceptions, "Exceptions", "/exceptions"),
        (Self::Import, "Import", "/import"),
    ];
}

impl Place {
    pub(super) async fn find(hub: &Hub, site: &str) -> Result<Self, NoPage> {
        let sites = hub.ledger().sites().await?;
        let (mut here, others): (Vec<Site>, Vec<Site>) =
            sites.into_iter().partition(|known| known.site == site);
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
            signed_in: access::is_needed(hub),
        })
    }

    /// The address of something in this site.
    pub(super) fn at(&self, rest: &str) -> String {
        format!("/site/{}{rest}", self.site.site)
    }

    /// A whole page. `fixed` is what people type into; `live` is fetched again from `address` when the site changes.
    pub(super) fn page(&self, part: Part, title: &str, address: &Uri, fixed: Markup, live: Markup) -> Markup {
        let address = address.path_and_query().map_or("/", |address| address.as_str());
        let body = html! {
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
                a.brand href=(self.at("")) {
                    img src=(assets::address("tallyman.svg")) alt="" width="28" height="28";
                    span { "Tallyman" }
                }
                nav aria-label="Pages" {
                    @for (each, name, rest) in Part::ALL {
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
                (self.sites())
                @if self.signed_in {
                    form method="post" action="/sign-out" { button.quiet type="submit" { "Sign out" } }
                }
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

/// A page outside of any site.
pub(super) fn bare(title: &str, body: &Markup) -> Markup {
    let whole = html! {
        header.top {
            a.brand href="/" {
                img src=(assets::address("tallyman.svg")) alt="" width="28" height="28";
                span { "Tallyman" }
            }
        }
        main { (body) }
    };
    document(&format!("{title} · Tallyman"), &whole)
}

/// The first site: where whoever names none is taken.
pub(super) async fn first_site(State(hub): State<Hub>) -> Result<Redirect, NoPage> {
    let configured = hub.config().sites.first().map(|site| site.id.clone());
    let site = configured.ok_or(NoPage::Missing)?;
    Ok(Redirect::to(&format!("/site/{site}")))
}

pub(super) async fn not_found() -> Response {
    (StatusCode::NOT_FOUND, NoPage::Missing).into_response()
}
