//! The audit trail: what was done, by whom, and the same as a file.

use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use maud::{Markup, html};
use serde::Deserialize;

use super::answer::NoPage;
use super::frame::{self, HousePart};
use crate::Hub;
use crate::access::table::TABLE;
use crate::ledger::LedgerError;
use crate::ledger::audit::{
    AUDIT_ROWS_EXPORTED_MAX, AUDIT_ROWS_READ_MAX, AUDIT_ROWS_SHOWN_MAX, AuditFilter, AuditRow,
};

#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    actor: Option<String>,
    action: Option<String>,
    from: Option<String>,
    until: Option<String>,
    before: Option<i64>,
}

impl Asked {
    /// Days are whole days of UTC, as the times on the page are.
    fn filter(&self, rows_max: usize) -> AuditFilter {
        let given = |text: &Option<String>| {
            let text = text.as_deref().map(str::trim).filter(|text| !text.is_empty());
            text.map(str::to_owned)
        };
        let day = |text: &Option<String>| given(text).and_then(|day| day.parse::<Date>().ok());
        let begin = |day: Date| day.to_zoned(TimeZone::UTC).ok().map(|start| start.timestamp());
        AuditFilter {
            actor: given(&self.actor),
            action: given(&self.action),
            from: day(&self.from).and_then(begin),
            until: day(&self.until)
                .and_then(|day| day.tomorrow().ok())
                .and_then(begin),
            before: self.before,
            rows_max,
        }
    }

    /// The same question as an address, from the row before which to go on.
    fn address(&self, page: &str, before: Option<i64>) -> String {
        let before = before.map(|number| number.to_string());
        let asked = [
            ("actor", &self.actor),
            ("action", &self.action),
            ("from", &self.from),
            ("until", &self.until),
            ("before", &before),
        ];
        let given = asked.into_iter().filter_map(|(name, value)| {
            let value = value.as_deref().filter(|value| !value.is_empty())?;
            Some(format!("{name}={}", in_address(value)))
        });
        format!("{page}?{}", given.collect::<Vec<_>>().join("&"))
    }
}

/// A text as an address takes it.
fn in_address(text: &str) -> String {
    let mut written = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            written.push(char::from(byte));
        } else {
            written.push_str(&format!("%{byte:02X}"));
        }
    }
    written
}

pub(super) async fn page(State(hub): State<Hub>, Query(asked): Query<Asked>) -> Result<Markup, NoPage> {
    let rows = hub.ledger().audit(asked.filter(AUDIT_ROWS_SHOWN_MAX)).await?;
    let older = rows.last().filter(|_| rows.len() == AUDIT_ROWS_SHOWN_MAX);
    let body = html! {
        h1 { "Audit trail" }
        (filters(&asked))
        @if rows.is_empty() {
            section.empty { p { "Nothing fits. " a href="/audit" { "Show everything" } "." } }
        } @else {
            (table(&rows))
        }
        p.foot {
            @if let Some(last) = older {
                a.button href=(asked.address("/audit", Some(last.number))) { "Older" } " "
            }
            a href=(asked.address("/audit.csv", None)) { "Save as CSV" }
            " · times are UTC · rows are only ever added; " code { "tallyman verify" } " checks that none was changed or removed"
        }
    };
    Ok(frame::house(HousePart::Audit, "Audit trail", &body))
}

/// What there is to choose from: every action of the table, the groups of those first.
fn actions() -> Vec<&'static str> {
    let mut actions: Vec<&str> = TABLE
        .iter()
        .map(|row| row.action)
        .filter(|action| !action.is_empty())
        .collect();
    actions.extend(["page.open", "api.call"]);
    let groups: Vec<&str> = actions
        .iter()
        .filter_map(|action| action.split_once('.').map(|(group, _)| group))
        .collect();
    actions.extend(groups);
    actions.sort_unstable();
    actions.dedup();
    actions
}

fn filters(asked: &Asked) -> Markup {
    let chosen = asked.action.as_deref().unwrap_or_default();
    html! {
        form.filters method="get" action="/audit" {
            input type="search" name="actor" placeholder="Who: a login name" aria-label="Who"
                value=(asked.actor.as_deref().unwrap_or_default());
            select name="action" aria-label="What" {
                option value="" { "Everything" }
                @for action in actions() { option value=(action) selected[action == chosen] { (in_words(action)) } }
            }
            label.day { "from" input type="date" name="from" value=(asked.from.as_deref().unwrap_or_default()); }
            label.day { "to" input type="date" name="until" value=(asked.until.as_deref().unwrap_or_default()); }
            button type="submit" { "Show" }
        }
    }
}

/// An action as people say it. One that is not known here, of a newer hub, is shown as it is.
fn in_words(action: &str) -> &str {
    match action {
        "account" => "Own account: all",
        "account.password" => "Own password changed",
        "account.sign-out" => "Own sessions ended",
        "api" => "Programs: all",
        "api.call" => "Program turned away",
        "api-key" => "API keys: all",
        "api-key.make" => "API key made",
        "api-key.end" => "API key ended",
        "device" => "Devices: all",
        "device.code" => "Device code made",
        "device.approve" => "Device let in",
        "device.refuse" => "Device refused",
        "device.code-end" => "Device code ended",
        "device.code-group" => "Group code made",
        "device.screen" => "Screen asked for",
        "device.screen-look" => "Screen looked at",
        "device.block" => "Device blocked",
        "device.readmit" => "Device works again",
        "device.enrol-again" => "Device code, again",
        "device.enrol" => "Device enrolled",
        "exception" => "Exceptions: all",
        "exception.resolve" => "Exception resolved",
        "count" => "Counts: all",
        "count.make" => "Count made",
        "hold" => "Holds: all",
        "hold.release" => "Hold released",
        "hold.set" => "Put on hold",
        "import" => "Import",
        "page" => "Pages: all",
        "page.open" => "Page not allowed",
        "person" => "People: all",
        "person.add" => "Person added",
        "person.change" => "Person changed",
        "person.first" => "First administrator",
        "person.password" => "Password set",
        "person.pin" => "PIN set",
        "person.sign-out" => "Person signed out",
        "picture" => "Pictures: all",
        "picture.remove" => "Picture removed",
        "picture.set" => "Picture given",
        "sign-in" => "Sign in",
        "sign-out" => "Sign out",
        "task" => "Tasks: all",
        "task.cancel" => "Task cancelled",
        "task.free" => "Task freed",
        other => other,
    }
}

fn table(rows: &[AuditRow]) -> Markup {
    let tone = |row: &AuditRow| match row.outcome.as_str() {
        "done" => "good",
        "refused" | "failed" => "warn",
        _ => "muted",
    };
    html! {
        table.trail {
            thead { tr {
                th { "When" } th { "Who" } th { "What" } th.grow.wide { "To what" } th.wide { "From" } th { "Outcome" }
            } }
            tbody {
                @for row in rows {
                    tr {
                        td { span.number { (row.at.strftime("%Y-%m-%d %H:%M:%S").to_string()) } div.by { (row.number) } }
                        td { span.strong { (row.actor) } }
                        td {
                            (in_words(&row.action))
                            @if !row.site.is_empty() { div.by { (row.site) } }
                            div.by.narrow { span.code { (row.subject) } @if !row.detail.is_empty() { " " (row.detail) } }
                        }
                        td.wide { span.code { (row.subject) } @if !row.detail.is_empty() { div.by { (row.detail) } } }
                        td.wide { (row.source) }
                        td {
                            span class={ "state " (tone(row)) } { (row.outcome) }
                            @if row.times > 1 { div.by { (row.times) " times" } }
                        }
                    }
                }
            }
        }
    }
}

const COLUMNS: [&str; 10] = [
    "number", "at", "actor", "source", "action", "site", "subject", "outcome", "times", "detail",
];

/// How far an export is.
struct Export {
    hub: Hub,
    filter: AuditFilter,
    rows: usize,
    begun: bool,
    ended: bool,
}

pub(super) async fn export(State(hub): State<Hub>, Query(asked): Query<Asked>) -> Response {
    let export = Export {
        hub,
        filter: asked.filter(AUDIT_ROWS_READ_MAX),
        rows: 0,
        begun: false,
        ended: false,
    };
    let pieces = stream::unfold(export, |mut export| async move {
        let piece = export.next().await.transpose()?;
        Some((piece, export))
    });
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"audit-trail.csv\"",
        ),
    ];
    (headers, Body::from_stream(pieces)).into_response()
}

impl Export {
    /// The next rows as text; `None` at the end.
    async fn next(&mut self) -> Result<Option<Vec<u8>>, LedgerError> {
        if self.ended {
            return Ok(None);
        }
        let rows = self.hub.ledger().audit(self.filter.clone()).await?;
        self.rows += rows.len();
        self.filter.before = rows.last().map(|row| row.number);
        self.ended = rows.len() < self.filter.rows_max || self.rows >= AUDIT_ROWS_EXPORTED_MAX;
        let with_names = !std::mem::replace(&mut self.begun, true);
        written(&rows, with_names).map(Some)
    }
}

fn written(rows: &[AuditRow], with_names: bool) -> Result<Vec<u8>, LedgerError> {
    let failed =
        |error: &dyn std::fmt::Display| LedgerError::Broken(format!("the rows cannot be written: {error}"));
    let mut file = csv::Writer::from_writer(Vec::new());
    if with_names {
        file.write_record(COLUMNS).map_err(|error| failed(&error))?;
    }
    for row in rows {
        let AuditRow {
            number, at, times, ..
        } = row;
        let (number, at, times) = (number.to_string(), Timestamp::to_string(at), times.to_string());
        let texts = [
            &number,
            &at,
            &row.actor,
            &row.source,
            &row.action,
            &row.site,
            &row.subject,
            &row.outcome,
            &times,
            &row.detail,
        ];
        file.write_record(texts.map(|text| no_formula(text)))
            .map_err(|error| failed(&error))?;
    }
    file.into_inner().map_err(|error| failed(&error))
}

/// A text that no spreadsheet takes for a formula.
fn no_formula(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_whole_and_what_is_no_day_is_left_out() {
        let asked = Asked {
            from: Some("2026-11-23".to_owned()),
            until: Some("2026-11-23".to_owned()),
            actor: Some(" ".to_owned()),
            ..Asked::default()
        };
        let filter = asked.filter(10);
        assert_eq!(filter.from, Some("2026-11-23T00:00:00Z".parse().unwrap()));
        assert_eq!(filter.until, Some("2026-11-24T00:00:00Z".parse().unwrap()));
        assert_eq!(filter.actor, None);
        let nonsense = Asked {
            from: Some("yesterday".to_owned()),
            ..Asked::default()
        };
        assert_eq!(nonsense.filter(10).from, None);
    }

    #[test]
    fn a_spreadsheet_finds_no_formula() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
            assert!(no_formula(text).starts_with('\''), "{text}");
        }
        assert_eq!(no_formula("anna"), "anna");
    }

    #[test]
    fn every_action_has_words() {
        for action in actions() {
            assert!(
                action == in_words("import") || in_words(action) != action,
                "{action} has no words for people"
            );
        }
    }
}
