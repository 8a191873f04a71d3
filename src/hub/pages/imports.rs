//! Import: a file, what it holds, and what became of it.

use axum::extract::{Multipart, OriginalUri, Path, State};
use axum::http::Uri;
use maud::{Markup, html};

use super::answer::NoPage;
use super::frame::{Part, Place};
use crate::Hub;
use crate::access::visitor::form_token;
use crate::import::{ImportError, ImportFile, ImportKind};
use crate::ledger::audit::Outcome;
use crate::ledger::{Imported, audit};

pub(super) async fn page(
    State(hub): State<Hub>,
    Path(site): Path<String>,
    OriginalUri(address): OriginalUri,
) -> Result<Markup, NoPage> {
    let place = Place::find(&hub, &site).await?;
    Ok(whole(&place, &address, None))
}

pub(super) async fn take(
    State(hub): State<Hub>,
    Path(site): Path<String>,
    OriginalUri(address): OriginalUri,
    upload: Multipart,
) -> Result<Markup, NoPage> {
    let place = Place::find(&hub, &site).await?;
    let answer = match read(upload).await {
        Ok(Upload { kind, name, content }) => {
            audit::amend(|note| {
                note.subject = kind.word().to_owned();
                note.detail.clone_from(&name);
            });
            match hub.import(&site, kind, &ImportFile::named(&name, &content)).await {
                Ok(imported) => done(kind, &name, imported),
                Err(error) => {
                    audit::amend(|note| note.outcome = Outcome::Refused);
                    refused(&error)
                }
            }
        }
        Err(sentence) => {
            audit::amend(|note| note.outcome = Outcome::Refused);
            html! { section.card.refused role="alert" { h2 { "Nothing was imported" } p { (sentence) } } }
        }
    };
    Ok(place.page(
        Part::Import,
        "Import",
        &address,
        form(&place, Some(answer)),
        formats(),
    ))
}

/// Nothing here changes with the site, and what a person unfolds stays unfolded.
fn whole(place: &Place, address: &Uri, answer: Option<Markup>) -> Markup {
    let fixed = html! { (form(place, answer)) (formats()) };
    place.page(Part::Import, "Import", address, fixed, html! {})
}

struct Upload {
    kind: ImportKind,
    name: String,
    content: Vec<u8>,
}

async fn read(mut upload: Multipart) -> Result<Upload, String> {
    let (mut kind, mut file) = (None, None);
    while let Some(field) = upload.next_field().await.map_err(|error| error.body_text())? {
        match field.name() {
            Some("kind") => {
                let word = field.text().await.map_err(|error| error.body_text())?;
                kind = ImportKind::from_word(&word);
            }
            Some("file") => {
                let name = field.file_name().unwrap_or_default().to_owned();
                let content = field.bytes().await.map_err(|error| error.body_text())?;
                file = Some((name, content.to_vec()));
            }
            _ => {}
        }
    }
    match (kind, file) {
        (Some(kind), Some((name, content))) if !name.is_empty() => Ok(Upload { kind, name, content }),
        _ => Err("Choose what the file holds, and the file.".to_owned()),
    }
}

fn form(place: &Place, answer: Option<Markup>) -> Markup {
    html! {
        h1 { "Import" }
        @if let Some(answer) = answer { (answer) }
        form.filters method="post" action=(place.at("/import")) enctype="multipart/form-data" {
            (form_token())
            select name="kind" aria-label="what the file holds" {
                @for kind in ImportKind::ALL { option value=(kind.word()) { (title(kind)) } }
            }
            input type="file" name="file" accept=".csv,.json" required aria-label="File";
            button type="submit" { "Import" }
        }
    }
}

fn title(kind: ImportKind) -> &'static str {
    match kind {
        ImportKind::Items => "Items",
        ImportKind::Locations => "Locations",
        ImportKind::Tasks => "Tasks",
        ImportKind::Stock => "Opening stock",
        ImportKind::Holds => "Holds, the whole list",
        ImportKind::Reasons => "Reasons for exceptions, the whole list",
    }
}

fn done(kind: ImportKind, name: &str, imported: Imported) -> Markup {
    html! {
        section.card.done role="status" {
            h2 { (title(kind)) " imported" }
            p { (name) ": " (imported.added) " added, " (imported.changed) " changed, " (imported.unchanged) " as before."
                @if imported.removed > 0 { " " (imported.removed) " were not in the file and are removed." }
            }
        }
    }
}

fn refused(error: &ImportError) -> Markup {
    html! {
        section.card.refused role="alert" {
            h2 { "Nothing was imported" }
            @match error {
                ImportError::Mistakes { mistakes, more, .. } => {
                    p { "Correct the file and import it again. A file is taken whole or not at all." }
                    ul { @for mistake in mistakes { li { (mistake.to_string()) } } }
                    @if *more > 0 { p { "And " (more) " more." } }
                }
                ImportError::Ledger(error) => p { (error.to_string()) },
            }
        }
    }
}

fn formats() -> Markup {
    html! {
        section.card {
            h2 { "What the files look like" }
            p { "CSV in UTF-8 with a header line, commas or semicolons; or a JSON array of objects with the same names. A file is taken whole or not at all. What is there already is updated by its number." }
            @for kind in ImportKind::ALL {
                details {
                    summary { (title(kind)) }
                    table.columns-of {
                        @for column in kind.columns() {
                            tr {
                                td { code { (column.name) } @if column.needed { " " span.badge { "needed" } } }
                                td { (column.about) }
                            }
                        }
                    }
                }
            }
        }
    }
}
