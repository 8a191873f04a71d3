//! From what the files say to a sheet that is complete: every key there, every reference known, every command drawn.

use std::collections::BTreeSet;

use tallyman_codes::Bars;
use tallyman_codes::bars::code_128::{self, Code128Error};

use super::file::{EncodingPart, File, HostPart, StepPart};
use super::{Code, Encoding, Host, MODULES_MAX, ProgrammingSymbology, Sheet, Stage, Step};
use crate::contract::Driver;

/// A file of programming codes that makes no sheet. `file` is the one to mend.
#[derive(Debug, thiserror::Error)]
pub enum SheetError {
    /// It is no such file.
    #[error("{file} is no list of programming codes: {cause}")]
    Form {
        /// The file.
        file: String,
        /// What the reader found.
        cause: Box<toml::de::Error>,
    },
    /// A key is missing or empty.
    #[error("{file}: {place} has no `{key}`; write `{key} = \"…\"` there")]
    Missing {
        /// The file.
        file: String,
        /// Which part, as `step beep`.
        place: String,
        /// The key.
        key: &'static str,
    },
    /// Two parts have the same word.
    #[error("{file}: {place} is there twice; join the two, or give one another word")]
    Twice {
        /// The file.
        file: String,
        /// Which part.
        place: String,
    },
    /// A step is for a host that is not there.
    #[error("{file}: step {step} is for the host `{host}`, which is not there; there are {known}")]
    Host {
        /// The file.
        file: String,
        /// The step's key.
        step: String,
        /// The word as written.
        host: String,
        /// The words there are.
        known: String,
    },
    /// Steps of a driver's file that are not in the order in which they are scanned.
    #[error("{file}: step {step} stands behind one of a later stage; move it up")]
    Order {
        /// The file.
        file: String,
        /// The step's key.
        step: String,
    },
    /// A command, and nobody knows how this maker's codes are drawn.
    #[error(
        "{file}: step {step} has a command, and it is not known how this maker draws commands as bars; say it in \
         [encoding], or leave `command` out and give the page of the guide in `chapter`"
    )]
    NoEncoding {
        /// The file.
        file: String,
        /// The step's key.
        step: String,
    },
    /// A command that cannot be drawn.
    #[error("{file}: the command of step {step} cannot be drawn: {cause}")]
    Command {
        /// The file.
        file: String,
        /// The step's key.
        step: String,
        /// Why.
        cause: Code128Error,
    },
    /// A code that is wider than the page.
    #[error(
        "{file}: the code of step {step} is {modules} modules wide, and a page holds {MODULES_MAX}; divide the \
         command into two steps"
    )]
    TooWide {
        /// The file.
        file: String,
        /// The step's key.
        step: String,
        /// Its width.
        modules: u32,
    },
}

/// Reads a file. `name` is for messages.
pub(super) fn read(text: &str, name: &str) -> Result<File, SheetError> {
    toml::from_str(text).map_err(|cause| SheetError::Form {
        file: name.to_owned(),
        cause: Box::new(cause),
    })
}

/// Makes a sheet. `name` is the file to blame for what is wrong.
pub(super) fn sheet(driver: &Driver, file: File, name: &str) -> Result<Sheet, SheetError> {
    let checker = Checker { name };
    let encoding = file.encoding.map(|part| checker.encoding(part)).transpose()?;
    let hosts = checker.hosts(file.host)?;
    let steps = checker.steps(file.step, encoding.as_ref(), &hosts)?;
    Ok(Sheet {
        driver: driver.name,
        title: checker.text(file.title, "the sheet", "title")?,
        devices: checker.text(file.devices, "the sheet", "devices")?,
        usb_vendors: file.usb_vendors.unwrap_or_default(),
        guide: checker.text(file.guide, "the sheet", "guide")?,
        why: checker.text(file.why, "the sheet", "why")?,
        notes: file.notes,
        encoding,
        hosts,
        steps,
        site_file: None,
    })
}

struct Checker<'a> {
    name: &'a str,
}

impl Checker<'_> {
    fn file(&self) -> String {
        self.name.to_owned()
    }

    fn missing(&self, place: &str, key: &'static str) -> SheetError {
        SheetError::Missing {
            file: self.file(),
            place: place.to_owned(),
            key,
        }
    }

    fn text(&self, text: Option<String>, place: &str, key: &'static str) -> Result<String, SheetError> {
        text.map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty())
            .ok_or_else(|| self.missing(place, key))
    }

    fn encoding(&self, part: EncodingPart) -> Result<Encoding, SheetError> {
        let place = "[encoding]";
        Ok(Encoding {
            symbology: part.symbology.ok_or_else(|| self.missing(place, "symbology"))?,
            certainty: part.certainty.ok_or_else(|| self.missing(place, "certainty"))?,
            source: self.text(part.source, place, "source")?,
        })
    }

    fn hosts(&self, parts: Vec<HostPart>) -> Result<Vec<Host>, SheetError> {
        let mut words = BTreeSet::new();
        if parts.is_empty() {
            return Err(self.missing("the sheet", "host"));
        }
        parts
            .into_iter()
            .map(|part| {
                let place = format!("host {}", part.word);
                if !words.insert(part.word.clone()) {
                    return Err(SheetError::Twice {
                        file: self.file(),
                        place,
                    });
                }
                Ok(Host {
                    name: self.text(part.name, &place, "name")?,
                    configuration: self.text(part.configuration, &place, "configuration")?,
                    then: self.text(part.then, &place, "then")?,
                    record: self.text(part.record, &place, "record")?,
                    word: part.word,
                })
            })
            .collect()
    }

    fn steps(
        &self,
        parts: Vec<StepPart>,
        encoding: Option<&Encoding>,
        hosts: &[Host],
    ) -> Result<Vec<Step>, SheetError> {
        let mut keys = BTreeSet::new();
        let mut reached = Stage::Enter;
        let mut steps = Vec::with_capacity(parts.len());
        for part in parts {
            let step = self.step(part, encoding, hosts)?;
            if !keys.insert(step.key.clone()) {
                return Err(SheetError::Twice {
                    file: self.file(),
                    place: format!("step {}", step.key),
                });
            }
            if step.stage < reached {
                return Err(SheetError::Order {
                    file: self.file(),
                    step: step.key,
                });
            }
            reached = step.stage;
            steps.push(step);
        }
        if steps.is_empty() {
            return Err(self.missing("the sheet", "step"));
        }
        Ok(steps)
    }

    fn step(&self, part: StepPart, encoding: Option<&Encoding>, hosts: &[Host]) -> Result<Step, SheetError> {
        let place = format!("step {}", part.key);
        let words = part.hosts.unwrap_or_default();
        if let Some(host) = words
            .iter()
            .find(|word| hosts.iter().all(|host| host.word != **word))
        {
            let known: Vec<&str> = hosts.iter().map(|host| host.word.as_str()).collect();
            return Err(SheetError::Host {
                file: self.file(),
                step: part.key,
                host: host.clone(),
                known: known.join(", "),
            });
        }
        let command = part.command.filter(|command| !command.is_empty());
        Ok(Step {
            stage: part.stage.ok_or_else(|| self.missing(&place, "stage"))?,
            title: self.text(part.title, &place, "title")?,
            does: self.text(part.does, &place, "does")?,
            why: self.text(part.why, &place, "why")?,
            only_if: part.only_if.filter(|condition| !condition.is_empty()),
            hosts: words,
            setting: self.text(part.setting, &place, "setting")?,
            chapter: self.text(part.chapter, &place, "chapter")?,
            code: command
                .map(|command| self.code(command, &part.key, encoding))
                .transpose()?,
            certainty: part.certainty.ok_or_else(|| self.missing(&place, "certainty"))?,
            source: self.text(part.source, &place, "source")?,
            from_site: part.from_site,
            key: part.key,
        })
    }

    fn code(&self, command: String, step: &str, encoding: Option<&Encoding>) -> Result<Code, SheetError> {
        let (file, step) = (self.file(), step.to_owned());
        let Some(encoding) = encoding else {
            return Err(SheetError::NoEncoding { file, step });
        };
        match draw(encoding.symbology, &command) {
            Err(cause) => Err(SheetError::Command { file, step, cause }),
            Ok(bars) if bars.modules() > MODULES_MAX => Err(SheetError::TooWide {
                file,
                step,
                modules: bars.modules(),
            }),
            Ok(bars) => Ok(Code { command, bars }),
        }
    }
}

fn draw(symbology: ProgrammingSymbology, command: &str) -> Result<Bars, Code128Error> {
    match symbology {
        ProgrammingSymbology::Code128 => code_128::plain(command),
        ProgrammingSymbology::Code128Fnc3 => code_128::programming(command),
    }
}
