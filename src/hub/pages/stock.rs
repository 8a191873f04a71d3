//! Stock: what lies where by the book.

use axum::extract::{OriginalUri, Path, Query, State};
use maud::{Markup, html};
use serde::Deserialize;
use tallyman_floor::Quantity;

use super::answer::NoPage;
use super::frame::{Part, Place};
use super::items;
use super::words::amount;
use crate::Hub;
use crate::access::table::Needs;
use crate::ledger::views::{STOCK_SHOWN_MAX, StockPage, StockQuery, StockRow};

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    by: Option<String>,
    text: Option<String>,
}

pub(super) async fn page(
    State(hub): State<Hub>,
    Path(site): Path<String>,
    Query(asked): Query<Asked>,
    OriginalUri(address): OriginalUri,
) -> Result<Markup, NoPage> {
    let place = Place::find(&hub, &site).await?;
    let by_item = asked.by.as_deref() == Some("item");
    let text = asked.text.clone().filter(|text| !text.trim().is_empty());
    let stock = hub
        .ledger()
        .stock(
            site,
            StockQuery {
                by_item,
                text: text.clone(),
            },
        )
        .await?;
    let fixed = html! { h1 { "Stock" } (filters(&place, by_item, text.as_deref().unwrap_or_default())) };
    let live = html! {
        @if stock.rows.is_empty() { (nothing(&place, text.is_some())) } @else { (table(&stock, by_item, place.may(Needs::Count), &|item| items::address_of(&place, item))) }
        @if stock.more { p.foot { "The first " (STOCK_SHOWN_MAX) " rows are shown. Search for the others." } }
    };
    Ok(place.page(Part::Stock, "Stock", &address, fixed, live))
}

fn filters(place: &Place, by_item: bool, text: &str) -> Markup {
    html! {
        form.filters method="get" action=(place.at("/stock")) {
            input type="search" name="text" placeholder="Place, item number or name" aria-label="Place, item number or name"
                value=(text);
            select name="by" aria-label="grouped by" {
                option value="place" selected[!by_item] { "By place" }
                option value="item" selected[by_item] { "By item" }
            }
            button type="submit" { "Show" }
        }
    }
}

fn nothing(place: &Place, asked_for: bool) -> Markup {
    html! {
        section.empty {
            @if asked_for {
                p { "Nothing of that is in stock. " a href=(place.at("/stock")) { "Show all stock" } "." }
            } @else {
                p { "The ledger is empty. Stock appears with the first receipt, or with opening stock from a file." }
                @if place.may(Needs::Import) { p { a.button href=(place.at("/import")) { "Import opening stock" } } }
            }
        }
    }
}

/// The address of an item's page.
type Address<'a> = &'a dyn Fn(&str) -> String;

fn table(stock: &StockPage, by_item: bool, is_lead: bool, address: Address<'_>) -> Markup {
    let group = |row: &StockRow| {
        if by_item {
            row.item.clone()
        } else {
            format!("{} {}", row.account, row.place)
        }
    };
    let starts = |place: usize, row: &StockRow| {
        let before = place.checked_sub(1).and_then(|before| stock.rows.get(before));
        before.is_none_or(|before| group(before) != group(row))
    };
    html! {
        table {
            thead { tr {
                @if by_item { th.grow { "Item" } th { "Place" } } @else { th { "Place" } th.grow { "Item" } }
                th.wide { "Lot" } th.wide { "Serial" } th.wide { "Status" } th.right { "Quantity" }
            } }
            tbody {
                @for (number, row) in stock.rows.iter().enumerate() {
                    tr.starts[starts(number, row)] {
                        @if by_item {
                            td { @if starts(number, row) { (item(row, address)) } }
                            td { (place_of(row)) }
                        } @else {
                            td { @if starts(number, row) { (place_of(row)) } }
                            td { (item(row, address)) }
                        }
                        td.wide { (row.lot) }
                        td.wide { (row.serial) }
                        td.wide { @if row.status != "available" { span.state.warn { (row.status) } } @else { span.by { "available" } } }
                        (quantity(row, stock.is_counted(row), is_lead))
                    }
                }
            }
        }
    }
}

/// How much. Counts are blind: while a location is counted, only who decides about counts sees it.
fn quantity(row: &StockRow, is_counted: bool, is_lead: bool) -> Markup {
    let is_shown = is_lead || !is_counted;
    html! {
        td.right.negative[is_shown && row.quantity < Quantity::ZERO] {
            @if is_shown { (amount(row.quantity, &row.unit)) }
            @if is_counted { div.by { "being counted" } }
        }
    }
}

fn item(row: &StockRow, address: Address<'_>) -> Markup {
    html! {
        @if row.item_name.is_empty() { span.strong { (row.item) } div.by { "not in the item list" } }
        @else { a.strong href=(address(&row.item)) { (row.item_name) } div.by { (row.item) @if !row.owner.is_empty() { " · of " (row.owner) } } }
    }
}

fn place_of(row: &StockRow) -> Markup {
    html! {
        span.code { (if row.place.is_empty() { "–" } else { row.place.as_str() }) }
        @match row.account.as_str() {
            "handling_unit" => div.by { "handling unit" @if !row.stands_at.is_empty() { " · in " (row.stands_at) } },
            "suspense" => div.by { span.state.warn { "suspense" } },
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_in_a_location_under_count_is_for_those_alone_who_decide_about_counts() {
        let row = |account: &str, place: &str, pieces: i64| StockRow {
            account: account.to_owned(),
            place: place.to_owned(),
            item: "MILK".to_owned(),
            item_name: String::new(),
            unit: "each".to_owned(),
            lot: String::new(),
            serial: String::new(),
            status: "available".to_owned(),
            owner: String::new(),
            quantity: Quantity::whole(pieces).unwrap(),
            stands_at: String::new(),
        };
        let stock = StockPage {
            rows: vec![
                row("location", "A-01", -731),
                row("location", "A-02", 552),
                row("handling_unit", "A-01", 443),
                StockRow {
                    stands_at: "A-01".to_owned(),
                    ..row("handling_unit", "T-1", 865)
                },
            ],
            more: false,
            counted: ["A-01".to_owned()].into(),
        };
        for by_item in [false, true] {
            for (is_lead, hidden) in [(false, true), (true, false)] {
                let page = table(&stock, by_item, is_lead, &str::to_owned).into_string();
                assert_eq!(!page.contains("731"), hidden, "{page}");
                assert_eq!(!page.contains("865"), hidden, "{page}");
                assert_eq!(!page.contains("negative"), hidden, "{page}");
                assert!(page.contains("552") && page.contains("443"), "{page}");
                assert_eq!(page.matches("being counted").count(), 2, "{page}");
            }
        }
    }
}
