//! `GET /metrics`: the hub's figures for Prometheus. docs/metrics.md lists them. Labels name sites and kinds, never a person
//! or what stands for one.

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use jiff::{SignedDuration, Timestamp};
use tallyman_platform::metrics::{self, Exposition, Kind};

use super::problem::ApiProblem;
use crate::Hub;
use crate::access::visitor;
use crate::ledger::views::{Device, Overview};

/// A device that was not heard for so long counts as silent: ten of its usual signs of life.
const SILENT_AFTER: SignedDuration = SignedDuration::from_mins(10);

/// What is told of one site.
struct SiteFigures {
    site: String,
    overview: Overview,
    devices: Vec<Device>,
}

pub(super) async fn metrics(State(hub): State<Hub>) -> Result<impl IntoResponse, ApiProblem> {
    let visitor = visitor::current();
    let mut sites = Vec::new();
    for site in hub.ledger().sites().await? {
        if visitor.has_site(&site.site) {
            sites.push(SiteFigures {
                overview: hub.ledger().overview(site.site.clone()).await?,
                devices: hub.ledger().devices(site.site.clone()).await?,
                site: site.site,
            });
        }
    }
    let mut text = Exposition::default();
    of_the_hub(&mut text, &hub);
    of_work(&mut text, &sites);
    of_devices(&mut text, &sites, hub.now());
    Ok(([(CONTENT_TYPE, metrics::CONTENT_TYPE)], text.into_text()))
}

fn of_the_hub(text: &mut Exposition, hub: &Hub) {
    let version = [("version", env!("CARGO_PKG_VERSION"))];
    text.family(
        "tallyman_hub_info",
        Kind::Gauge,
        "The version, as a label; always 1.",
        [(&version[..], 1)],
    );
    text.figure(
        "tallyman_hub_store_writable",
        Kind::Gauge,
        "1 while the store takes writes; 0 after its disk has failed, until the hub is started again.",
        u8::from(hub.ledger().check_writing().is_ok()),
    );
    if let Some(ends) = hub.certificate_ends() {
        text.figure(
            "tallyman_hub_certificate_expiry_timestamp_seconds",
            Kind::Gauge,
            "When the certificate that the hub shows ends, as a Unix time.",
            ends.as_second(),
        );
    }
}

fn of_work(text: &mut Exposition, sites: &[SiteFigures]) {
    of_sites(
        text,
        sites,
        ("tallyman_hub_confirmations_total", Kind::Counter),
        "Confirmations in the journal.",
        |site| Some(site.overview.confirmations),
    );
    of_sites(
        text,
        sites,
        ("tallyman_hub_backup_timestamp_seconds", Kind::Gauge),
        "When the last checked backup was made, as a Unix time; left out where there is none.",
        |site| site.overview.backup.map(Timestamp::as_second),
    );
    let kinds: Vec<_> = sites
        .iter()
        .flat_map(|site| site.overview.work.iter().map(move |work| (site, work)))
        .map(|(site, work)| ([("site", site.site.as_str()), ("kind", work.kind.as_str())], work))
        .collect();
    text.family(
        "tallyman_hub_tasks_open",
        Kind::Gauge,
        "Open tasks, by kind of work.",
        kinds.iter().map(|(labels, work)| (&labels[..], work.tasks_open)),
    );
    text.family(
        "tallyman_hub_lines_left",
        Kind::Gauge,
        "Lines of tasks that are not finished, by kind of work.",
        kinds
            .iter()
            .map(|(labels, work)| (&labels[..], work.lines.saturating_sub(work.lines_done))),
    );
    let exceptions: Vec<_> = sites
        .iter()
        .flat_map(|site| site.overview.exceptions.iter().map(move |of| (site, of)))
        .map(|(site, (kind, open))| ([("site", site.site.as_str()), ("kind", kind.as_str())], *open))
        .collect();
    text.family(
        "tallyman_hub_exceptions_open",
        Kind::Gauge,
        "Exceptions that wait for a supervisor, by kind.",
        exceptions.iter().map(|(labels, open)| (&labels[..], *open)),
    );
}

fn of_devices(text: &mut Exposition, sites: &[SiteFigures], now: Timestamp) {
    let is_silent = |device: &&Device| now.duration_since(device.contact) > SILENT_AFTER;
    let works = |device: &&Device| device.revoked.is_none();
    of_sites(
        text,
        sites,
        ("tallyman_hub_devices", Kind::Gauge),
        "Devices that are enrolled and not blocked.",
        |site| Some(site.devices.iter().filter(works).count()),
    );
    of_sites(
        text,
        sites,
        ("tallyman_hub_devices_blocked", Kind::Gauge),
        "Devices that are blocked.",
        |site| {
            // Those that were refused never belonged to the site.
            let is_blocked = |device: &&Device| device.revoked.is_some() && device.awaits.is_none();
            Some(site.devices.iter().filter(is_blocked).count())
        },
    );
    of_sites(
        text,
        sites,
        ("tallyman_hub_devices_silent", Kind::Gauge),
        "Devices, not blocked, that were not heard for ten minutes.",
        |site| Some(site.devices.iter().filter(works).filter(is_silent).count()),
    );
    of_sites(
        text,
        sites,
        ("tallyman_hub_devices_forked", Kind::Gauge),
        "Devices whose journal and the hub's story of it have parted.",
        |site| Some(site.devices.iter().filter(|device| device.forked).count()),
    );
    of_sites(
        text,
        sites,
        ("tallyman_hub_device_confirmations_waiting", Kind::Gauge),
        "Confirmations that wait on devices, as they last said.",
        |site| Some(site.overview.waiting),
    );
}

/// A family with a figure for each site that has one.
fn of_sites<V: std::fmt::Display>(
    text: &mut Exposition,
    sites: &[SiteFigures],
    (name, kind): (&str, Kind),
    help: &str,
    figure: impl Fn(&SiteFigures) -> Option<V>,
) {
    let figures: Vec<_> = sites
        .iter()
        .filter_map(|site| Some(([("site", site.site.as_str())], figure(site)?)))
        .collect();
    text.family(
        name,
        kind,
        help,
        figures.iter().map(|(labels, value)| (&labels[..], value)),
    );
}
