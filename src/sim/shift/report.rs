//! What happened in a shift: a table for people, one object for programs.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::checker::Findings;
use crate::operator::{Mistake, Record};

/// Findings that people are shown; the figures count them all.
const FINDINGS_SHOWN_MAX: usize = 20;

/// What happened in a shift.
#[derive(Debug, Clone)]
pub struct ShiftReport {
    /// What it was made from.
    pub seed: u64,
    /// How long it took.
    pub seconds: f64,
    /// What happened at each device.
    pub desks: Vec<Desk>,
    /// What the independent check found.
    pub findings: Findings,
    /// Where the stores are kept, where something did not hold.
    pub kept: Option<PathBuf>,
}

/// What happened at one device.
#[derive(Debug, Clone)]
pub struct Desk {
    /// The device.
    pub name: String,
    /// The operator's own account.
    pub record: Record,
    /// How often the battery fell out.
    pub restarts: u64,
    /// How often its network was cut.
    pub network_cuts: u64,
    /// How many answers of the hub were swallowed.
    pub answers_swallowed: u64,
}

impl ShiftReport {
    fn sum(&self, figure: impl Fn(&Desk) -> u64) -> u64 {
        self.desks.iter().map(figure).sum()
    }

    fn count(&self, figure: impl Fn(&Record) -> usize) -> usize {
        self.desks.iter().map(|desk| figure(&desk.record)).sum()
    }

    fn mistakes(&self) -> BTreeMap<Mistake, usize> {
        let mut all = BTreeMap::new();
        for (mistake, count) in self.desks.iter().flat_map(|desk| &desk.record.mistakes) {
            *all.entry(*mistake).or_default() += count;
        }
        all
    }

    /// The last line of `demo --shift --json`.
    pub fn to_json(&self) -> Value {
        let found = &self.findings;
        json!({
            "seed": self.seed,
            "seconds": (self.seconds * 10.0).round() / 10.0,
            "devices": self.desks.len(),
            "scans": self.count(Record::scans),
            "accepted": self.count(|record| record.accepted),
            "rejected": self.count(|record| record.rejected),
            "asked": self.count(|record| record.asked),
            "confirmations": found.confirmations,
            "exceptions": found.exceptions,
            "restarts": self.sum(|desk| desk.restarts),
            "network_cuts": self.sum(|desk| desk.network_cuts),
            "lost": found.lost,
            "doubled": found.doubled,
            "out_of_order": found.out_of_order,
            "ledger_sum": found.ledger_sum,
            "altered": found.altered,
            "unbalanced": found.unbalanced,
            "answers_swallowed": self.sum(|desk| desk.answers_swallowed),
            "lines": self.count(|record| record.lines),
            "repeated": self.count(|record| record.repeated),
            "sent_again": self.count(|record| record.repeated_by_scanner),
            "unanswered": self.count(|record| record.unanswered),
            "keys": self.count(|record| record.keys),
            "passes": self.count(|record| record.passes),
            "sweeps": self.count(|record| record.sweeps),
            "tags": self.count(|record| record.pieces.len()),
            "sure": self.count(|record| record.sure),
            "maybe": self.count(|record| record.maybe),
        })
    }

    fn rows(&self) -> Vec<(&'static str, Vec<u64>)> {
        let row =
            |title, figure: &dyn Fn(&Desk) -> u64| (title, self.desks.iter().map(figure).collect::<Vec<_>>());
        let of = |figure: fn(&Record) -> usize| move |desk: &Desk| figure(&desk.record) as u64;
        vec![
            row("lines worked", &of(|record| record.lines)),
            row("scans", &of(Record::scans)),
            row("  accepted", &of(|record| record.accepted)),
            row("  rejected", &of(|record| record.rejected)),
            row("  asked back", &of(|record| record.asked)),
            row("repetitions dropped", &of(|record| record.repeated)),
            row("sent again by scanners", &of(|record| record.repeated_by_scanner)),
            row("passes and sweeps", &of(|record| record.passes + record.sweeps)),
            row("tagged pieces recorded", &of(|record| record.pieces.len())),
            row("  by their tags", &of(|record| record.sure)),
            row("  asked about", &of(|record| record.maybe)),
            row("confirmations", &of(|record| record.facts)),
            row("battery pulled", &|desk| desk.restarts),
            row("network cut", &|desk| desk.network_cuts),
            row("hub's answers swallowed", &|desk| desk.answers_swallowed),
        ]
    }
}

impl fmt::Display for ShiftReport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            formatter,
            "A shift with seed {}, played in {:.1} s.\n",
            self.seed, self.seconds
        )?;
        write!(formatter, "{:<26}", "")?;
        for desk in &self.desks {
            write!(formatter, "{:>12}", desk.name)?;
        }
        writeln!(formatter, "{:>12}", "all")?;
        for (title, figures) in self.rows() {
            write!(formatter, "{title:<26}")?;
            for figure in &figures {
                write!(formatter, "{figure:>12}")?;
            }
            writeln!(formatter, "{:>12}", figures.iter().sum::<u64>())?;
        }
        let mistakes: Vec<String> = self
            .mistakes()
            .iter()
            .map(|(mistake, count)| format!("{} {count}", mistake.title()))
            .collect();
        writeln!(formatter, "\nMade on purpose: {}.", mistakes.join(", "))?;
        write_findings(formatter, self)
    }
}

fn write_findings(formatter: &mut fmt::Formatter<'_>, report: &ShiftReport) -> fmt::Result {
    let found = &report.findings;
    writeln!(
        formatter,
        "At the hub: {} confirmations, {} exceptions for a supervisor.\n",
        found.confirmations, found.exceptions
    )?;
    writeln!(
        formatter,
        "Checked in every device's journal and the hub's ledger, against what was heard and done:\n  lost {}, doubled {}, \
         out of order {}, altered {}, unbalanced {}, ledger sum {}",
        found.lost, found.doubled, found.out_of_order, found.altered, found.unbalanced, found.ledger_sum
    )?;
    for finding in found.findings.iter().take(FINDINGS_SHOWN_MAX) {
        writeln!(formatter, "  {finding}")?;
    }
    if let Some(more) = found
        .findings
        .len()
        .checked_sub(FINDINGS_SHOWN_MAX)
        .filter(|more| *more > 0)
    {
        writeln!(formatter, "  and {more} more")?;
    }
    if let Some(kept) = &report.kept {
        writeln!(formatter, "The stores and logs are kept in {}.", kept.display())?;
    }
    let verdict = match report.holds() {
        true => "Every promise held.",
        false => "A promise was broken.",
    };
    writeln!(formatter, "\n{verdict}")
}
