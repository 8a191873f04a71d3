//! The table: each route, what it needs, and what the audit trail calls it. docs/people.md shows it to people.

use super::visitor::{Visitor, Who};
use crate::ledger::people::Role;

/// What a request needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Needs {
    /// Nothing: anybody may ask.
    Nothing,
    /// A device's token. The handler asks for it, for it has to know which device.
    DeviceToken,
    /// Somebody who is signed in, whoever it is.
    Account,
    /// To see a site.
    See,
    /// To resolve exceptions of a site.
    Resolve,
    /// To cancel tasks of a site, and to free them.
    CancelTasks,
    /// To put goods of a site on hold, and to release them.
    Hold,
    /// To give items of a site their pictures.
    Pictures,
    /// To have locations of a site counted.
    Count,
    /// To add devices to a site, to block them, and to let them work again.
    Devices,
    /// To import into a site on its page.
    Import,
    /// To import into a site as a program.
    Integrate,
    /// To make and end API keys.
    Keys,
    /// To add people and change them.
    People,
    /// To read the audit trail.
    Audit,
    /// To read the hub's figures: those of their sites for a program, all for an administrator.
    Metrics,
}

impl Needs {
    /// Whether a person of a role has it, in a site that is theirs.
    pub(crate) const fn is_met_by(self, role: Role) -> bool {
        match self {
            Self::Nothing | Self::Account => true,
            // These are for devices and programs, not for people.
            Self::DeviceToken | Self::Integrate => false,
            Self::See | Self::Resolve | Self::CancelTasks | Self::Hold | Self::Pictures | Self::Count => {
                matches!(role, Role::Supervisor | Role::Administrator)
            }
            Self::Keys => matches!(role, Role::Integrator | Role::Administrator),
            Self::Devices | Self::Import | Self::People | Self::Audit | Self::Metrics => {
                matches!(role, Role::Administrator)
            }
        }
    }

    /// Whether a visitor has it, in these sites.
    pub(crate) fn is_met(self, visitor: &Visitor, sites: &[String]) -> bool {
        match (&visitor.who, self) {
            (_, Self::Nothing | Self::DeviceToken) => true,
            (Who::Nobody, _) => false,
            // Nobody has an account here, so nobody has one to look at.
            (Who::Anybody, needs) => needs != Self::Account,
            (Who::AccessKey, needs) => needs == Self::Integrate,
            // The handler tells of their sites alone.
            (Who::Program { .. }, Self::Metrics) => true,
            (Who::Program { sites: theirs, .. }, needs) => {
                needs == Self::Integrate && sites.iter().all(|site| theirs.contains(site))
            }
            (Who::Person(person), needs) => {
                let setting = &person.setting;
                needs.is_met_by(setting.role) && sites.iter().all(|site| setting.sites.contains(site))
            }
        }
    }
}

/// A route, and what it needs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    pub(crate) method: &'static str,
    /// As the router writes it.
    pub(crate) path: &'static str,
    pub(crate) needs: Needs,
    /// What the audit trail calls it; empty for what changes nothing, or is kept in a device's journal.
    pub(crate) action: &'static str,
}

impl Row {
    const fn get(path: &'static str, needs: Needs) -> Self {
        Self {
            method: "GET",
            path,
            needs,
            action: "",
        }
    }

    const fn post(path: &'static str, needs: Needs, action: &'static str) -> Self {
        Self {
            method: "POST",
            path,
            needs,
            action,
        }
    }

    /// Whether it is a file that every page is made with: nobody is looked for to serve one.
    pub(crate) fn is_asset(&self) -> bool {
        self.path.starts_with("/assets/")
    }

    /// Whether programs ask it, and get JSON.
    pub(crate) fn is_for_programs(&self) -> bool {
        self.path.starts_with("/v1/") || matches!(self.path, "/healthz" | "/metrics")
    }
}

/// Every route of the hub.
pub(crate) const TABLE: &[Row] = &[
    // It leads on to where somebody may be.
    Row::get("/", Needs::Nothing),
    Row::get("/site/{site}", Needs::See),
    Row::get("/site/{site}/tasks", Needs::See),
    Row::get("/site/{site}/tasks/{task}", Needs::See),
    Row::post(
        "/site/{site}/tasks/{task}/cancel",
        Needs::CancelTasks,
        "task.cancel",
    ),
    Row::post("/site/{site}/tasks/{task}/free", Needs::CancelTasks, "task.free"),
    Row::get("/site/{site}/stock", Needs::See),
    Row::get("/site/{site}/items", Needs::See),
    Row::get("/site/{site}/items/{item}", Needs::See),
    Row::post(
        "/site/{site}/items/{item}/picture",
        Needs::Pictures,
        "picture.set",
    ),
    Row::post(
        "/site/{site}/items/{item}/picture/remove",
        Needs::Pictures,
        "picture.remove",
    ),
    Row::get("/site/{site}/pictures/{picture}", Needs::See),
    Row::get("/site/{site}/holds", Needs::See),
    Row::post("/site/{site}/holds", Needs::Hold, "hold.set"),
    Row::post("/site/{site}/holds/release", Needs::Hold, "hold.release"),
    Row::get("/site/{site}/counts", Needs::See),
    Row::post("/site/{site}/counts", Needs::Count, "count.make"),
    Row::get("/site/{site}/counts/{count}", Needs::See),
    Row::get("/site/{site}/devices", Needs::See),
    Row::post("/site/{site}/devices", Needs::Devices, "device.code"),
    Row::post(
        "/site/{site}/devices/{device}/enrol-again",
        Needs::Devices,
        "device.enrol-again",
    ),
    Row::post(
        "/site/{site}/devices/{device}/revoke",
        Needs::Devices,
        "device.block",
    ),
    Row::post(
        "/site/{site}/devices/{device}/readmit",
        Needs::Devices,
        "device.readmit",
    ),
    Row::post(
        "/site/{site}/devices/{device}/approve",
        Needs::Devices,
        "device.approve",
    ),
    Row::post(
        "/site/{site}/devices/{device}/refuse",
        Needs::Devices,
        "device.refuse",
    ),
    Row::post(
        "/site/{site}/devices/{device}/screen",
        Needs::Devices,
        "device.screen",
    ),
    Row::post(
        "/site/{site}/devices/{device}/screen/look",
        Needs::Devices,
        "device.screen-look",
    ),
    Row::post("/site/{site}/set-up-codes", Needs::Devices, "device.code-group"),
    Row::post(
        "/site/{site}/set-up-codes/{code}/end",
        Needs::Devices,
        "device.code-end",
    ),
    Row::get(
        "/site/{site}/devices/{device}/confirmations/{epoch}/{seq}",
        Needs::See,
    ),
    Row::get("/site/{site}/exceptions", Needs::See),
    Row::get("/site/{site}/exceptions/{exception}/why", Needs::See),
    Row::post(
        "/site/{site}/exceptions/{exception}",
        Needs::Resolve,
        "exception.resolve",
    ),
    Row::get("/site/{site}/import", Needs::Import),
    Row::post("/site/{site}/import", Needs::Import, "import"),
    Row::get("/site/{site}/events", Needs::See),
    Row::get("/people", Needs::People),
    Row::post("/people", Needs::People, "person.add"),
    Row::get("/people/{login}", Needs::People),
    Row::post("/people/{login}", Needs::People, "person.change"),
    Row::post("/people/{login}/password", Needs::People, "person.password"),
    Row::post("/people/{login}/pin", Needs::People, "person.pin"),
    Row::post("/people/{login}/sign-out", Needs::People, "person.sign-out"),
    Row::get("/api-keys", Needs::Keys),
    Row::post("/api-keys", Needs::Keys, "api-key.make"),
    Row::post("/api-keys/{key}/end", Needs::Keys, "api-key.end"),
    Row::get("/audit", Needs::Audit),
    Row::get("/audit.csv", Needs::Audit),
    Row::get("/account", Needs::Account),
    Row::post("/account/password", Needs::Account, "account.password"),
    Row::post("/account/sessions", Needs::Account, "account.sign-out"),
    Row::post("/sign-out", Needs::Account, "sign-out"),
    Row::get("/sign-in", Needs::Nothing),
    Row::post("/sign-in", Needs::Nothing, "sign-in"),
    Row::post("/first-administrator", Needs::Nothing, "person.first"),
    Row::get("/assets/{name}", Needs::Nothing),
    Row::post("/v1/import/{kind}", Needs::Integrate, "import"),
    Row::get("/v1/meta", Needs::Nothing),
    Row::get("/healthz", Needs::Nothing),
    Row::get("/metrics", Needs::Metrics),
    Row::post("/v1/enrol", Needs::Nothing, "device.enrol"),
    // What a device signs to get a token; its handlers look at the signature.
    Row::post("/v1/device/challenge", Needs::Nothing, ""),
    Row::post("/v1/device/token", Needs::Nothing, ""),
    Row::post("/v1/confirmations", Needs::DeviceToken, ""),
    Row::post("/v1/claims", Needs::DeviceToken, ""),
    Row::post("/v1/claims/release", Needs::DeviceToken, ""),
    Row::post("/v1/numbers", Needs::DeviceToken, ""),
    Row::post("/v1/portals/neighbours", Needs::DeviceToken, ""),
    Row::post("/v1/portals/questions", Needs::DeviceToken, ""),
    Row::post("/v1/portals/answers", Needs::DeviceToken, ""),
    Row::get("/v1/tasks", Needs::DeviceToken),
    Row::get("/v1/stock", Needs::DeviceToken),
    Row::get("/v1/pictures/{picture}", Needs::DeviceToken),
    Row::get("/v1/device/cursor", Needs::DeviceToken),
    Row::post("/v1/device/epoch", Needs::DeviceToken, ""),
    Row::post("/v1/traces", Needs::DeviceToken, ""),
    Row::post("/v1/screen", Needs::DeviceToken, ""),
];

/// What the table says of a request.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Found {
    /// This row.
    Row(&'static Row),
    /// The path is there, and not with this method.
    OtherMethod,
    /// Nothing: the route is shut.
    Nothing,
}

pub(crate) fn find(method: &str, path: &str) -> Found {
    // The router answers HEAD as it answers GET.
    let method = if method == "HEAD" { "GET" } else { method };
    let mut of_path = TABLE.iter().filter(|row| row.path == path).peekable();
    if of_path.peek().is_none() {
        return Found::Nothing;
    }
    of_path
        .find(|row| row.method == method)
        .map_or(Found::OtherMethod, Found::Row)
}
