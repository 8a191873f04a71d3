//! Logs: to the journal under systemd, otherwise to standard error, never to standard output, which belongs
//! to the answers of commands.

use std::ffi::OsString;
use std::io;

use tracing::Subscriber;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer, Registry};

/// The variable that overrides the level of the configuration.
pub const LEVEL_VARIABLE: &str = "TALLYMAN_LOG";

/// What is logged, and how.
#[derive(Debug, Clone, Copy)]
pub struct LogOptions<'a> {
    /// The level of the configuration: `error`, `warn`, `info`, `debug`, `trace`, or a list with modules such
    /// as `info,tallyman_agent::sync=debug`.
    pub level: &'a str,
    /// The form.
    pub form: LogForm,
    /// The name in the journal.
    pub identifier: &'a str,
}

/// The form of the lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogForm {
    /// The journal's own under systemd, otherwise lines for people.
    #[default]
    Auto,
    /// Lines for people.
    Human,
    /// One JSON object a line, for log collectors.
    Json,
}

/// Where the lines went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogTarget {
    /// The journal, with fields.
    Journal,
    /// Standard error, for people.
    Human,
    /// Standard error, as JSON.
    Json,
}

/// Why logging could not be started.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The level cannot be understood.
    #[error(
        "the log level {level:?} ({origin}) cannot be understood: {reason}. Use error, warn, info, debug or trace, or a \
         list such as `info,tallyman_agent=debug`."
    )]
    Level {
        /// The text.
        level: String,
        /// Where it stood.
        origin: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// Somebody has started logging in this process before.
    #[error("logging was started twice in one process")]
    AlreadyStarted,
}

/// Starts logging for the whole process.
///
/// # Errors
///
/// [`LogError`]. A journal that does not answer is none: the lines then go to standard error, and the first
/// one says so.
pub fn start(options: &LogOptions<'_>) -> Result<LogTarget, LogError> {
    let filter = filter(std::env::var_os(LEVEL_VARIABLE), options.level)?;
    let under_systemd = std::env::var_os("JOURNAL_STREAM").is_some_and(|stream| is_stderr(&stream));
    let wanted = target(options.form, under_systemd);
    let journal = match wanted {
        LogTarget::Journal => Some(tracing_journald::layer()),
        LogTarget::Human | LogTarget::Json => None,
    };
    match journal {
        Some(Ok(journal)) => {
            let journal = journal.with_syslog_identifier(options.identifier.to_owned());
            install(Registry::default().with(filter).with(journal))?;
            Ok(LogTarget::Journal)
        }
        Some(Err(error)) => {
            install(
                Registry::default()
                    .with(filter)
                    .with(lines(LogTarget::Human, io::stderr)),
            )?;
            tracing::warn!(%error, "the journal does not answer; logging to standard error");
            Ok(LogTarget::Human)
        }
        None => {
            install(Registry::default().with(filter).with(lines(wanted, io::stderr)))?;
            Ok(wanted)
        }
    }
}

fn install(subscriber: impl Subscriber + Send + Sync + 'static) -> Result<(), LogError> {
    subscriber.try_init().map_err(|_| LogError::AlreadyStarted)
}

// Levels by module are all that is asked for; a filter that looks into spans and fields would bring an engine for regular
// expressions to every device.
fn filter(variable: Option<OsString>, configured: &str) -> Result<Targets, LogError> {
    let variable = variable
        .map(|text| text.to_string_lossy().into_owned())
        .filter(|text| !text.trim().is_empty());
    let (level, origin) = match variable {
        Some(level) => (level, "the environment variable TALLYMAN_LOG"),
        None => (configured.to_owned(), "the configuration"),
    };
    level
        .parse()
        .map_err(|error: tracing_subscriber::filter::ParseError| LogError::Level {
            level: level.clone(),
            origin,
            reason: error.to_string(),
        })
}

fn target(form: LogForm, under_systemd: bool) -> LogTarget {
    match form {
        LogForm::Auto if under_systemd => LogTarget::Journal,
        LogForm::Auto | LogForm::Human => LogTarget::Human,
        LogForm::Json => LogTarget::Json,
    }
}

/// systemd names the stream that leads to the journal by device and inode, so that a program whose standard
/// error was redirected can tell (systemd.exec(5), `$JOURNAL_STREAM`).
fn is_stderr(stream: &OsString) -> bool {
    let Ok(stderr) = rustix::fs::fstat(rustix::stdio::stderr()) else {
        return false;
    };
    is_stream(stream, stderr.st_dev, stderr.st_ino)
}

fn is_stream(stream: &OsString, device: u64, inode: u64) -> bool {
    let numbers = stream.to_str().and_then(|text| text.split_once(':'));
    numbers.is_some_and(|(first, second)| first.parse() == Ok(device) && second.parse() == Ok(inode))
}

fn lines<S, W>(target: LogTarget, writer: W) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'a> tracing_subscriber::registry::LookupSpan<'a> + Send + Sync,
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let layer = tracing_subscriber::fmt::layer().with_writer(writer);
    match target {
        LogTarget::Json => layer.json().flatten_event(true).boxed(),
        // Colours only where somebody looks.
        LogTarget::Human | LogTarget::Journal => layer
            .with_ansi(io::IsTerminal::is_terminal(&io::stderr()))
            .compact()
            .boxed(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Sink(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(target: LogTarget, variable: Option<&str>, configured: &str) -> Vec<String> {
        let sink = Sink::default();
        let writer = sink.clone();
        let filter = filter(variable.map(OsString::from), configured).unwrap();
        let subscriber = Registry::default()
            .with(filter)
            .with(lines(target, move || writer.clone()));
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(device = "ring-7", "opened");
            tracing::debug!("bytes");
        });
        let bytes = sink.0.lock().unwrap().clone();
        String::from_utf8(bytes)
            .unwrap()
            .lines()
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn the_variable_beats_the_configuration_and_an_empty_one_is_none() {
        assert_eq!(logged(LogTarget::Human, None, "info").len(), 1);
        assert_eq!(logged(LogTarget::Human, Some("debug"), "error").len(), 2);
        assert_eq!(logged(LogTarget::Human, Some(" "), "error").len(), 0);
        assert_eq!(
            logged(LogTarget::Human, Some("warn,tallyman_platform=debug"), "error").len(),
            2
        );
    }

    #[test]
    fn json_is_one_object_a_line() {
        let lines = logged(LogTarget::Json, None, "debug");
        assert_eq!(lines.len(), 2);
        assert!(lines[0].starts_with('{') && lines[0].ends_with('}'), "{lines:?}");
        assert!(
            lines[0].contains(r#""device":"ring-7""#) && lines[0].contains(r#""message":"opened""#),
            "{lines:?}"
        );
    }

    #[test]
    fn a_level_that_means_nothing_is_told_with_its_origin() {
        for (variable, origin) in [
            (Some("tallyman=lots"), "TALLYMAN_LOG"),
            (None, "the configuration"),
        ] {
            let text = filter(variable.map(OsString::from), "tallyman=lots")
                .unwrap_err()
                .to_string();
            assert!(
                text.contains(origin) && text.contains("error, warn, info"),
                "{text}"
            );
        }
    }

    #[test]
    fn lines_go_to_standard_error_and_starting_twice_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let child = crate::child::in_child(
            concat!(
                module_path!(),
                "::lines_go_to_standard_error_and_starting_twice_is_refused"
            ),
            folder.path(),
            |_| {
                let options = LogOptions {
                    level: "info",
                    form: LogForm::Json,
                    identifier: "tallyman-test",
                };
                assert_eq!(start(&options).unwrap(), LogTarget::Json);
                assert!(matches!(start(&options), Err(LogError::AlreadyStarted)));
                tracing::info!("a line of the log");
            },
        );
        let Some(child) = child else {
            return;
        };
        let shows = |bytes: &[u8]| String::from_utf8_lossy(bytes).contains("a line of the log");
        assert!(shows(&child.stderr) && !shows(&child.stdout), "{child:?}");
    }

    #[test]
    fn the_journal_is_used_only_for_its_own_stream() {
        for (stream, expected) in [
            ("8:17", true),
            ("8:18", false),
            ("8", false),
            ("", false),
            ("a:b", false),
        ] {
            assert_eq!(is_stream(&stream.into(), 8, 17), expected, "{stream}");
        }
        assert_eq!(target(LogForm::Auto, true), LogTarget::Journal);
        assert_eq!(target(LogForm::Auto, false), LogTarget::Human);
        assert_eq!(target(LogForm::Json, true), LogTarget::Json);
        assert_eq!(target(LogForm::Human, true), LogTarget::Human);
    }
}
