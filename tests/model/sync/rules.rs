//! The rules of agent and hub that safety rests on, each of which can be taken away.

/// Which mark a delta carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeltaMark {
    /// The one of the epoch that the hub expects.
    OfEpochExpected,
    /// The one of the newest epoch that has facts.
    OfNewestFact,
}

/// How agent and hub behave.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The hub knows only so many records back whether it has them; `None` knows all.
    pub hub_remembers: Option<usize>,
    /// The device forgets what is applied, and does not wait until it is in a backup.
    pub forgets_at_applied: bool,
    /// A mark at the beginning of an epoch makes nothing stable.
    pub only_facts_are_stable: bool,
    /// The hub compares hashes, and does not take a number alone for the record.
    pub hub_compares: bool,
    /// Which mark a delta carries.
    pub delta_mark: DeltaMark,
    /// An answer that says that the stories differ, and not where, is nobody's: the batch goes out again.
    pub nameless_fork_is_nonsense: bool,
    /// A grant closes the epoch that was asked from, and those before it.
    pub grant_closes: bool,
    /// It closes every epoch there was: who asks may be a copy from before the newest.
    pub grant_closes_all: bool,
    /// A grant tells how far the hub is in every epoch, and with which hash.
    pub grant_tells_all: bool,
    /// A grant tells which records that moved it has under later places.
    pub grant_tells_moves: bool,
    /// After a restore of the hub a device with facts of earlier epochs begins another one, with all that the hub lacks.
    pub restore_renews: bool,
    /// A hub that starts from a backup takes a name that no life had before. Otherwise each start from the same backup
    /// is called the same.
    pub fresh_generation: bool,
}

impl Rules {
    /// As the code has them.
    pub const TODAY: Self = Self {
        hub_remembers: None,
        forgets_at_applied: false,
        only_facts_are_stable: true,
        hub_compares: true,
        delta_mark: DeltaMark::OfNewestFact,
        nameless_fork_is_nonsense: true,
        grant_closes: true,
        grant_closes_all: true,
        grant_tells_all: true,
        grant_tells_moves: true,
        restore_renews: true,
        fresh_generation: true,
    };
}
