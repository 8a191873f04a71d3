//! The file `programming.toml`, of a driver or of a site: every key may be missing, because a site's file holds only
//! what differs.

use serde::Deserialize;

use super::{Certainty, ProgrammingSymbology, Stage};

/// What a file says.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) title: Option<String>,
    pub(super) devices: Option<String>,
    pub(super) usb_vendors: Option<Vec<String>>,
    pub(super) guide: Option<String>,
    pub(super) why: Option<String>,
    /// A site's notes stand before the driver's.
    #[serde(default)]
    pub(super) notes: Vec<String>,
    pub(super) encoding: Option<EncodingPart>,
    #[serde(default)]
    pub(super) host: Vec<HostPart>,
    #[serde(default)]
    pub(super) step: Vec<StepPart>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EncodingPart {
    pub(super) symbology: Option<ProgrammingSymbology>,
    pub(super) certainty: Option<Certainty>,
    pub(super) source: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HostPart {
    pub(super) word: String,
    pub(super) name: Option<String>,
    pub(super) configuration: Option<String>,
    pub(super) then: Option<String>,
    pub(super) record: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StepPart {
    pub(super) key: String,
    pub(super) stage: Option<Stage>,
    pub(super) title: Option<String>,
    pub(super) does: Option<String>,
    pub(super) why: Option<String>,
    /// Empty takes the condition away.
    pub(super) only_if: Option<String>,
    pub(super) hosts: Option<Vec<String>>,
    pub(super) setting: Option<String>,
    pub(super) chapter: Option<String>,
    /// Empty takes the bars away.
    pub(super) command: Option<String>,
    pub(super) certainty: Option<Certainty>,
    pub(super) source: Option<String>,
    /// Takes the step off the sheet.
    #[serde(default)]
    pub(super) remove: bool,
    /// Whether a site's file changed it; not a key of the file.
    #[serde(skip)]
    pub(super) from_site: bool,
}

/// Puts `value` in the place of `old`, if there is one.
fn replace<T>(old: &mut Option<T>, value: Option<T>) {
    if value.is_some() {
        *old = value;
    }
}

impl File {
    /// Lays a site's file over this one: what it says replaces, what is new is added.
    pub(super) fn lay_over(&mut self, site: Self) {
        replace(&mut self.title, site.title);
        replace(&mut self.devices, site.devices);
        replace(&mut self.usb_vendors, site.usb_vendors);
        replace(&mut self.guide, site.guide);
        replace(&mut self.why, site.why);
        self.notes.splice(0..0, site.notes);
        if let Some(part) = site.encoding {
            let encoding = self.encoding.get_or_insert_default();
            replace(&mut encoding.symbology, part.symbology);
            replace(&mut encoding.certainty, part.certainty);
            replace(&mut encoding.source, part.source);
        }
        for part in site.host {
            match self.host.iter_mut().find(|host| host.word == part.word) {
                Some(host) => host.lay_over(part),
                None => self.host.push(part),
            }
        }
        for mut part in site.step {
            part.from_site = true;
            match self.step.iter_mut().find(|step| step.key == part.key) {
                Some(step) => step.lay_over(part),
                None => self.step.push(part),
            }
        }
        self.step.retain(|step| !step.remove);
        // Stable: what has the same stage keeps its order, and a site's new steps come last in theirs.
        self.step.sort_by_key(|step| step.stage);
    }
}

impl HostPart {
    fn lay_over(&mut self, site: Self) {
        replace(&mut self.name, site.name);
        replace(&mut self.configuration, site.configuration);
        replace(&mut self.then, site.then);
        replace(&mut self.record, site.record);
    }
}

impl StepPart {
    fn lay_over(&mut self, site: Self) {
        replace(&mut self.stage, site.stage);
        replace(&mut self.title, site.title);
        replace(&mut self.does, site.does);
        replace(&mut self.why, site.why);
        replace(&mut self.only_if, site.only_if);
        replace(&mut self.hosts, site.hosts);
        replace(&mut self.setting, site.setting);
        replace(&mut self.chapter, site.chapter);
        replace(&mut self.command, site.command);
        replace(&mut self.certainty, site.certainty);
        replace(&mut self.source, site.source);
        self.remove = site.remove;
        self.from_site = true;
    }
}
