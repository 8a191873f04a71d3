//! Figures in Prometheus' text format (version 0.0.4), as agent and hub give them.

use std::fmt::{Display, Write as _};

/// The media type of the format.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What a figure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It goes up and down.
    Gauge,
    /// It only grows, until the program starts anew.
    Counter,
}

/// Figures, written one family after the other.
#[derive(Debug, Default)]
pub struct Exposition {
    text: String,
}

impl Exposition {
    /// Writes a family: its name, what it is in one sentence, and a figure for each set of labels. One without figures is
    /// left out.
    pub fn family<'a, V: Display>(
        &mut self,
        name: &str,
        kind: Kind,
        help: &str,
        figures: impl IntoIterator<Item = (&'a [(&'a str, &'a str)], V)>,
    ) {
        let mut figures = figures.into_iter().peekable();
        if figures.peek().is_none() {
            return;
        }
        let word = match kind {
            Kind::Gauge => "gauge",
            Kind::Counter => "counter",
        };
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "# HELP {name} {help}\n# TYPE {name} {word}");
        for (labels, value) in figures {
            let _ = writeln!(self.text, "{name}{} {value}", written(labels));
        }
    }

    /// Writes a family with one figure and no label.
    pub fn figure(&mut self, name: &str, kind: Kind, help: &str, value: impl Display) {
        self.family(name, kind, help, [(&[][..], value)]);
    }

    /// The text.
    pub fn into_text(self) -> String {
        self.text
    }
}

/// `{name="value",…}`, with what would end a value escaped.
fn written(labels: &[(&str, &str)]) -> String {
    if labels.is_empty() {
        return String::new();
    }
    let pairs: Vec<String> = labels
        .iter()
        .map(|(name, value)| {
            let value = value
                .replace('\\', "\\\\")
                .replace('"', "\\\"")
                .replace('\n', "\\n");
            format!("{name}=\"{value}\"")
        })
        .collect();
    format!("{{{}}}", pairs.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_written_as_prometheus_reads_them() {
        let mut exposition = Exposition::default();
        exposition.figure("up", Kind::Gauge, "Whether it runs.", 1);
        exposition.family(
            "reads_total",
            Kind::Counter,
            "Codes.",
            [
                (&[("scanner", "a \"b\"\\\n")][..], 3),
                (&[("scanner", "c")][..], 0),
            ],
        );
        exposition.family("none", Kind::Gauge, "Nothing.", [(&[][..], 0); 0]);
        assert_eq!(
            exposition.into_text(),
            "# HELP up Whether it runs.\n# TYPE up gauge\nup 1\n# HELP reads_total Codes.\n# TYPE reads_total counter\n\
             reads_total{scanner=\"a \\\"b\\\"\\\\\\n\"} 3\nreads_total{scanner=\"c\"} 0\n"
        );
    }
}
