//! The warehouse as files in the hub's import formats.

use std::collections::BTreeSet;

use super::Warehouse;

/// Files for the hub's imports, as CSV, in the order in which they are imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files {
    /// Items and their codes.
    pub items: String,
    /// Locations.
    pub locations: String,
    /// Opening stock.
    pub stock: String,
    /// Receipts, orders and counts with their lines.
    pub tasks: String,
    /// Tasks of the other kinds of work, where there are some.
    pub rounds: Option<String>,
}

impl Warehouse {
    /// The warehouse as files.
    pub fn files(&self) -> Files {
        Files {
            items: self.items_csv(),
            locations: self.locations_csv(),
            stock: self.stock_csv(),
            tasks: self.tasks_csv(),
            rounds: self.rounds_csv(),
        }
    }

    fn items_csv(&self) -> String {
        let mut csv = String::from("item,name,unit,code,code_unit,pack,lot,expiry\n");
        for article in &self.articles {
            let yes = |wanted: bool| if wanted { "yes" } else { "" };
            csv.push_str(&format!(
                "{},\"{}\",each,{},each,1,{},{}\n",
                article.number,
                article.name,
                article.gtin,
                yes(article.lot),
                yes(article.expiry)
            ));
            if let Some(case) = &article.case {
                csv.push_str(&format!(
                    "{},,,{},case,{},,\n",
                    article.number, case.gtin, case.pieces
                ));
            }
        }
        csv
    }

    fn locations_csv(&self) -> String {
        let mut csv = String::from("location,zone\n");
        let docks: BTreeSet<_> = self
            .receipts
            .iter()
            .map(|receipt| receipt.dock.as_str())
            .collect();
        for dock in docks {
            csv.push_str(&format!("{dock},Dock\n"));
        }
        for bin in &self.bins {
            let aisle = bin.location.chars().next().unwrap_or('A');
            csv.push_str(&format!("{},Aisle {aisle}\n", bin.location));
        }
        csv
    }

    fn stock_csv(&self) -> String {
        let mut csv = String::from("location,item,quantity,lot,expiry\n");
        for bin in self.bins.iter().filter(|bin| bin.quantity > 0) {
            csv.push_str(&format!(
                "{},{},{},{},{}\n",
                bin.location,
                self.articles[bin.article].number,
                bin.quantity,
                bin.lot.as_deref().unwrap_or_default(),
                bin.expiry.map(|expiry| expiry.to_string()).unwrap_or_default()
            ));
        }
        csv
    }

    fn tasks_csv(&self) -> String {
        let mut csv = String::from("task,kind,reference,dock,line,item,quantity,location\n");
        for receipt in &self.receipts {
            for (number, line) in (1..).zip(&receipt.lines) {
                let article = &self.articles[line.article];
                csv.push_str(&format!(
                    "{},receive,{},{},{number},{},{},\n",
                    receipt.task,
                    receipt.reference,
                    receipt.dock,
                    article.number,
                    line.packs * article.pack_pieces()
                ));
            }
        }
        for order in &self.orders {
            for (number, line) in (1..).zip(&order.lines) {
                csv.push_str(&format!(
                    "{},pick,{},,{number},{},{},{}\n",
                    order.task,
                    order.reference,
                    self.article_in(line.bin).number,
                    line.pieces,
                    self.bins[line.bin].location
                ));
            }
        }
        for sheet in &self.counts {
            for (number, place) in (1..).zip(&sheet.places) {
                csv.push_str(&format!(
                    "{},count,{},,{number},,,{}\n",
                    sheet.task, sheet.reference, self.bins[place.bin].location
                ));
            }
        }
        csv
    }
}

#[cfg(test)]
mod tests {
    use crate::warehouse::{FIRST_LOOK, Warehouse};

    #[test]
    fn the_files_say_what_the_plans_say() {
        let warehouse = Warehouse::new(7, FIRST_LOOK);
        let files = warehouse.files();
        assert_eq!(files.tasks.lines().count(), 1 + warehouse.lines());
        assert_eq!(files.stock.lines().count(), 1 + warehouse.bins.len());
        let first = &warehouse.receipts[0];
        let article = &warehouse.articles[first.lines[0].article];
        let expected = first.lines[0].packs * article.pack_pieces();
        let row = format!("R-1001,receive,PO-4711,DOCK-1,1,{},{expected},", article.number);
        assert!(files.tasks.contains(&row), "{}", files.tasks);
    }
}
