//! Who asks, for as long as the request is served.

use std::sync::Arc;

use maud::{Markup, html};

use super::session::{FORM_TOKEN, FormKey};
use super::source::Source;
use super::table::Needs;
use crate::ledger::people::{Person, SiteScope};

/// Who asks.
#[derive(Debug, Clone)]
pub(crate) enum Who {
    /// Somebody who has not said who they are.
    Nobody,
    /// Whoever reaches a hub on loopback that has neither people nor a key.
    Anybody,
    /// Somebody who is signed in.
    Person(Box<Person>),
    /// A program, by its API key.
    Program {
        /// The public part of the key.
        key: String,
        /// The sites it is for.
        sites: SiteScope,
    },
    /// Whoever has the access key, while there are no people.
    AccessKey,
}

/// Who asks, from where, and in which session.
#[derive(Debug, Clone)]
pub(crate) struct Visitor {
    pub(crate) who: Who,
    pub(crate) source: Source,
    /// The hash of the session's token, where there is a session.
    pub(crate) session: Option<[u8; 32]>,
    /// What forms of the session carry.
    pub(crate) form_key: Option<FormKey>,
}

impl Visitor {
    pub(crate) fn new(who: Who, source: Source) -> Self {
        Self {
            who,
            source,
            session: None,
            form_key: None,
        }
    }

    /// The person, where one is signed in.
    pub(crate) fn person(&self) -> Option<&Person> {
        match &self.who {
            Who::Person(person) => Some(person),
            _ => None,
        }
    }

    /// Whether they may do something that belongs to no site, or to one that is theirs.
    pub(crate) fn may(&self, needs: Needs) -> bool {
        needs.is_met(self, &[])
    }

    /// Whether they may see a site at all.
    pub(crate) fn has_site(&self, site: &str) -> bool {
        match &self.who {
            Who::Person(person) => person.setting.sites.contains(site),
            Who::Program { sites, .. } => sites.contains(site),
            Who::Anybody | Who::AccessKey => true,
            Who::Nobody => false,
        }
    }

    /// What the audit trail calls them.
    pub(crate) fn actor(&self) -> String {
        match &self.who {
            Who::Nobody => "nobody".to_owned(),
            Who::Anybody => "anybody".to_owned(),
            Who::AccessKey => "access-key".to_owned(),
            Who::Person(person) => person.setting.login.clone(),
            Who::Program { key, .. } => format!("key:{key}"),
        }
    }
}

tokio::task_local! {
    static VISITOR: Arc<Visitor>;
}

/// Serves a request of this visitor.
pub(super) async fn serving<T>(visitor: Arc<Visitor>, serving: impl Future<Output = T>) -> T {
    VISITOR.scope(visitor, serving).await
}

/// Who asks for what is being served. Outside of a request it is nobody.
pub(crate) fn current() -> Arc<Visitor> {
    VISITOR
        .try_with(Arc::clone)
        .unwrap_or_else(|_| Arc::new(Visitor::new(Who::Nobody, Source::default())))
}

/// What every form that changes something has in it, so that no other page can send one like it.
pub(crate) fn form_token() -> Markup {
    let visitor = current();
    html! {
        @if let Some(key) = &visitor.form_key {
            input type="hidden" name=(FORM_TOKEN) value=(key.shown());
        }
    }
}
