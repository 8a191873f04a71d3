//! Items as the item list has them, and one item with its picture: given in, replaced and removed there.

use axum::extract::{Multipart, OriginalUri, Path, Query, State};
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;
use tallyman_floor::Quantity;
use tallyman_floor::wire::v1::{ItemBody, ItemCodeBody};

use super::answer::NoPage;
use super::fields::told;
use super::frame::{Part, Place};
use super::tasks::in_address;
use crate::Hub;
use crate::access::table::Needs;
use crate::access::visitor::form_token;
use crate::ledger::audit::Outcome;
use crate::ledger::views::{ITEMS_SHOWN_MAX, ItemPage, ItemRow};
use crate::ledger::{LedgerError, audit};
use crate::pictures::PictureRefused;

/// Characters of a text that is looked for.
const TEXT_CHARACTERS_MAX: usize = 200;

/// A year, in this browser alone: another picture has another address.
const FOR_GOOD: &str = "private, max-age=31536000, immutable";

#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    text: Option<String>,
}

/// The list.
pub(super) async fn list(
    State(hub): State<Hub>,
    Path(site): Path<String>,
    Query(asked): Query<Asked>,
    OriginalUri(address): OriginalUri,
) -> Result<Markup, NoPage> {
    let place = Place::find(&hub, &site).await?;
    let text = asked.text.unwrap_or_default();
    let text: String = text.trim().chars().take(TEXT_CHARACTERS_MAX).collect();
    let items = hub.ledger().items(site, text.replace('\0', "")).await?;
    let fixed = html! { h1 { "Items" } (filters(&place, &text)) };
    let live = html! {
        @if items.rows.is_empty() { (nothing(&place, !text.is_empty())) } @else { (table(&place, &items)) }
        @if items.more { p.foot { "The first " (ITEMS_SHOWN_MAX) " items are shown. Search for the others." } }
    };
    Ok(place.page(Part::Items, "Items", &address, fixed, live))
}

fn filters(place: &Place, text: &str) -> Markup {
    html! {
        form.filters method="get" action=(place.at("/items")) {
            input type="search" name="text" placeholder="Item number or name" aria-label="Item number or name" value=(text);
            button type="submit" { "Show" }
        }
    }
}

fn nothing(place: &Place, asked_for: bool) -> Markup {
    html! {
        section.empty {
            @if asked_for {
                p { "No item is called so. " a href=(place.at("/items")) { "Show all items" } "." }
            } @else {
                p { "There are no items yet. They come from a file." }
                @if place.may(Needs::Import) { p { a.button href=(place.at("/import")) { "Import items" } } }
            }
        }
    }
}

fn table(place: &Place, items: &ItemPage) -> Markup {
    let row = |row: &ItemRow| {
        html! {
            tr {
                td.thumb { @if !row.picture.is_empty() { (picture(place, &row.picture, "")) } }
                td { a.strong href=(address_of(place, &row.item)) { (row.name) } div.by { (row.item) } }
                td { (row.unit) }
            }
        }
    };
    html! {
        table {
            thead { tr { th { "Picture" } th.grow { "Item" } th { "Unit" } } }
            tbody { @for item in &items.rows { (row(item)) } }
        }
    }
}

/// The address of an item with this number.
pub(super) fn address_of(place: &Place, item: &str) -> String {
    place.at(&format!("/items/{}", in_address(item)))
}

fn picture(place: &Place, picture: &str, what: &str) -> Markup {
    html! { img src=(place.at(&format!("/pictures/{picture}"))) alt=(what); }
}

/// One item.
pub(super) async fn one(
    State(hub): State<Hub>,
    Path((site, item)): Path<(String, String)>,
    OriginalUri(address): OriginalUri,
) -> Result<Markup, NoPage> {
    let place = Place::find(&hub, &site).await?;
    show(&hub, &place, &item, &address, None).await
}

async fn show(
    hub: &Hub,
    place: &Place,
    item: &str,
    address: &Uri,
    mistake: Option<&str>,
) -> Result<Markup, NoPage> {
    let item = find(hub, place, item).await?;
    let fixed = html! {
        h1 { (item.name) }
        @if place.may(Needs::Pictures) { (forms(place, &item, mistake)) }
    };
    let live = html! {
        @if let Some(digest) = &item.picture {
            section.card { (picture(place, digest, &item.name)) p.by { "So devices show it, as far as they have room." } }
        }
        (facts(&item))
    };
    Ok(place.page(Part::Items, &item.name, address, fixed, live))
}

async fn find(hub: &Hub, place: &Place, item: &str) -> Result<ItemBody, NoPage> {
    if item.contains('\0') {
        return Err(NoPage::Missing);
    }
    let found = hub.ledger().item(place.site.site.clone(), item.to_owned());
    found.await?.ok_or(NoPage::Missing)
}

fn forms(place: &Place, item: &ItemBody, mistake: Option<&str>) -> Markup {
    let at = address_of(place, &item.id);
    let has_one = item.picture.is_some();
    html! {
        (told(mistake))
        form.filters method="post" action={ (at) "/picture" } enctype="multipart/form-data" {
            (form_token())
            input type="file" name="file" accept=".png,image/png" required aria-label="Picture, a PNG of 1 MiB at most";
            button type="submit" { @if has_one { "Replace the picture" } @else { "Give it this picture" } }
        }
        @if has_one {
            form method="post" action={ (at) "/picture/remove" } {
                (form_token())
                button.quiet type="submit" { "Remove the picture" }
            }
        }
    }
}

/// What is known of it.
fn facts(item: &ItemBody) -> Markup {
    let recorded = [
        (item.lot, "lot"),
        (item.serial, "serial number"),
        (item.expiry, "expiry date"),
        (item.weight, "weight"),
        (item.tag, "RFID tag of each piece"),
    ];
    let recorded: Vec<&str> = recorded
        .iter()
        .filter(|(is, _)| *is)
        .map(|(_, what)| *what)
        .collect();
    let code = |code: &ItemCodeBody| {
        let pack = Quantity::from_micro(code.pack_micro);
        html! { tr { td { span.code { (code.code) } } td { (code.unit) } td.right { (pack) " " (item.unit) } } }
    };
    html! {
        section.card {
            p { "Number " span.code { (item.id) } ", base unit " (item.unit)
                @if let Some(owner) = &item.owner { ", of " (owner) } "." }
            p { "Recorded: " @if recorded.is_empty() { "the quantity alone" } @else { (recorded.join(", ")) } "." }
        }
        @if !item.codes.is_empty() {
            table {
                thead { tr { th.grow { "Code" } th { "Packaging" } th.right { "Holds" } } }
                tbody { @for one in &item.codes { (code(one)) } }
            }
        }
    }
}

/// A picture itself.
pub(super) async fn png(
    State(hub): State<Hub>,
    Path((site, picture)): Path<(String, String)>,
) -> Result<Response, NoPage> {
    Place::find(&hub, &site).await?;
    let png = hub.picture(&site, &picture).await?.ok_or(NoPage::Missing)?;
    let headers = [
        (header::CONTENT_TYPE, "image/png"),
        (header::CACHE_CONTROL, FOR_GOOD),
    ];
    Ok((headers, png).into_response())
}

/// A file for an item's picture.
pub(super) async fn put(
    State(hub): State<Hub>,
    Path((site, item)): Path<(String, String)>,
    OriginalUri(address): OriginalUri,
    upload: Multipart,
) -> Result<Response, NoPage> {
    let place = Place::find(&hub, &site).await?;
    audit::amend(|note| note.subject.clone_from(&item));
    find(&hub, &place, &item).await?;
    let taken = match file_of(upload).await {
        Ok(file) => hub.set_picture(&site, &item, file).await,
        Err(sentence) => Err(PictureRefused::Upload(sentence)),
    };
    let refusal = match taken {
        Ok(_) => return Ok(Redirect::to(&address_of(&place, &item)).into_response()),
        Err(PictureRefused::Ledger(LedgerError::UnknownItem(_))) => return Err(NoPage::Missing),
        Err(PictureRefused::Ledger(full @ LedgerError::TooManyPictures)) => full.to_string(),
        Err(PictureRefused::Ledger(error)) => return Err(error.into()),
        Err(refused @ (PictureRefused::Picture(_) | PictureRefused::Upload(_))) => refused.to_string(),
    };
    audit::amend(|note| {
        note.outcome = Outcome::Refused;
        note.detail.clone_from(&refusal);
    });
    let sentence = format!("Nothing was stored: {refusal}");
    let page = show(&hub, &place, &item, &address, Some(&sentence)).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

async fn file_of(mut upload: Multipart) -> Result<Vec<u8>, String> {
    while let Some(field) = upload.next_field().await.map_err(|error| error.body_text())? {
        if field.name() == Some("file") {
            let file = field.bytes().await.map_err(|error| error.body_text())?;
            return Ok(file.to_vec());
        }
    }
    Err("Choose a file.".to_owned())
}

pub(super) async fn remove(
    State(hub): State<Hub>,
    Path((site, item)): Path<(String, String)>,
) -> Result<Redirect, NoPage> {
    let place = Place::find(&hub, &site).await?;
    audit::amend(|note| note.subject.clone_from(&item));
    find(&hub, &place, &item).await?;
    // One that somebody else removed meanwhile is simply gone.
    hub.ledger().remove_picture(site.clone(), item.clone()).await?;
    hub.changed(&site);
    Ok(Redirect::to(&address_of(&place, &item)))
}
