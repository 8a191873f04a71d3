//! What a store file is: SQLite's `application_id` tells an agent's store from a hub's, and both from
//! strangers.

/// One kind of store file. The application id stands at byte 68 of the file's header
/// (<https://www.sqlite.org/fileformat.html#application_id>), where the `file` command sees it too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileKind {
    /// The name in messages, such as "agent store".
    pub name: &'static str,
    /// The number in the file's header: four readable bytes, never 0 and never reused.
    pub application_id: i32,
}

impl FileKind {
    /// The store of a handheld or dock reader: journal, outbox, tasks.
    pub const AGENT_STORE: FileKind = FileKind {
        name: "agent store",
        application_id: i32::from_be_bytes(*b"TlyA"),
    };

    /// The store of the hub: journal, ledger, tasks, devices.
    pub const HUB_STORE: FileKind = FileKind {
        name: "hub store",
        application_id: i32::from_be_bytes(*b"TlyH"),
    };

    /// Every kind this house writes.
    pub const ALL: [FileKind; 2] = [FileKind::AGENT_STORE, FileKind::HUB_STORE];

    /// What a file with this application id is, in words that fit "it is …".
    pub(super) fn describe(application_id: i32) -> String {
        match FileKind::ALL
            .iter()
            .find(|kind| kind.application_id == application_id)
        {
            Some(kind) => format!("a Tallyman {}", kind.name),
            None => format!("a SQLite database of another program (application id {application_id:#010x})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn application_ids_are_distinct_and_never_zero() {
        for (index, kind) in FileKind::ALL.iter().enumerate() {
            assert_ne!(kind.application_id, 0);
            assert!(
                FileKind::ALL[index + 1..]
                    .iter()
                    .all(|other| other.application_id != kind.application_id)
            );
        }
    }
}
