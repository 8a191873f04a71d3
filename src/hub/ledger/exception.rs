//! Exceptions: facts that do not fit the plan. They are posted all the same, and a supervisor decides about the rest.
//! What can be decided is in [`super::resolution`].

/// Why a fact waits for a supervisor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ExceptionKind {
    /// The item is in no list of the site.
    UnknownItem,
    /// A place is in no list of the site.
    UnknownLocation,
    /// The task was never given out here.
    UnknownTask,
    /// The task has no such line.
    UnknownLine,
    /// Work was confirmed that nobody planned.
    UnplannedWork,
    /// The task had been withdrawn.
    TaskCancelled,
    /// The task had been finished.
    TaskDone,
    /// The line had been ended.
    LineClosed,
    /// The task had been changed since the device saw it, and the confirmation does not fit it any more.
    StaleTask,
    /// More was picked than the line asks for.
    OverPick,
    /// Two devices picked the same line.
    DoublePick,
    /// The worker left the line to the records of the device that held the task before, and they have not come.
    WaitsForDevice,
    /// More came in than was expected and may be taken without asking.
    OverReceipt,
    /// Less was there than expected.
    Short,
    /// Goods nobody expected were found.
    FoundGoods,
    /// Goods were reported broken.
    Damaged,
    /// A place holds less than nothing by the book.
    NegativeBin,
    /// A count differs from the book.
    CountVariance,
    /// Goods moved at a location while it was counted.
    CountOverlap,
    /// A location was counted a second time within one task.
    CountedTwice,
    /// One serial number is in two places.
    SerialTwice,
    /// More serial numbers than pieces.
    SerialsExceedQuantity,
    /// A reversal names a confirmation that is not there, or was taken back before.
    NothingToReverse,
    /// A count was taken back after its difference had been posted.
    ReversedAfterAdjustment,
    /// A record could not be understood and is kept as it came.
    Quarantined,
    /// A device told two different stories under one number.
    Fork,
    /// Records of a device that is revoked are set aside.
    Revoked,
    /// More was moved or packed than the line asks for.
    MovedTooMuch,
    /// Other goods lie in a place than should.
    WrongGoods,
    /// Goods are too old.
    Expired,
    /// Goods on hold were met.
    Blocked,
    /// A place takes no more.
    LocationFull,
    /// A place is empty where goods should be.
    LocationEmpty,
    /// Another item was given.
    Substituted,
    /// A label cannot be read.
    UnreadableLabel,
    /// Nothing is known of what is in a handling unit that was loaded.
    UnknownUnit,
    /// Goods on hold were loaded.
    HeldGoodsLoaded,
    /// A code was linked on the floor.
    CodeLinked,
    /// A place was not counted, for it cannot be reached.
    PlaceNotReachable,
    /// A count differs from the book, and a device that may have worked there has not handed in what it did until then.
    CountWaits,
    /// A handling unit was seen in a place that is being counted, and the book has it elsewhere or not at all.
    UnitFound,
    /// Goods that a device had moved before a count came in when the count was settled.
    CountReopened,
    /// Goods were moved at a place between the cut-off of an inventory and its count, or told after it.
    CutOffCrossed,
    /// Goods that carry RFID tags were counted by their label.
    TagMissing,
    /// An RFID tag was heard in a count that may lie elsewhere, and nobody looked.
    UnsureTag,
}

impl ExceptionKind {
    /// Every kind, for tables and tests.
    pub const ALL: [Self; 45] = [
        Self::UnknownItem,
        Self::UnknownLocation,
        Self::UnknownTask,
        Self::UnknownLine,
        Self::UnplannedWork,
        Self::TaskCancelled,
        Self::TaskDone,
        Self::LineClosed,
        Self::StaleTask,
        Self::OverPick,
        Self::DoublePick,
        Self::WaitsForDevice,
        Self::OverReceipt,
        Self::Short,
        Self::FoundGoods,
        Self::Damaged,
        Self::NegativeBin,
        Self::CountVariance,
        Self::CountOverlap,
        Self::CountedTwice,
        Self::SerialTwice,
        Self::SerialsExceedQuantity,
        Self::NothingToReverse,
        Self::ReversedAfterAdjustment,
        Self::Quarantined,
        Self::Fork,
        Self::Revoked,
        Self::MovedTooMuch,
        Self::WrongGoods,
        Self::Expired,
        Self::Blocked,
        Self::LocationFull,
        Self::LocationEmpty,
        Self::Substituted,
        Self::UnreadableLabel,
        Self::UnknownUnit,
        Self::HeldGoodsLoaded,
        Self::CodeLinked,
        Self::PlaceNotReachable,
        Self::CountWaits,
        Self::UnitFound,
        Self::CountReopened,
        Self::CutOffCrossed,
        Self::TagMissing,
        Self::UnsureTag,
    ];

    /// The word in the store and on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            Self::UnknownItem => "unknown_item",
            Self::UnknownLocation => "unknown_location",
            Self::UnknownTask => "unknown_task",
            Self::UnknownLine => "unknown_line",
            Self::UnplannedWork => "unplanned_work",
            Self::TaskCancelled => "task_cancelled",
            Self::TaskDone => "task_done",
            Self::LineClosed => "line_closed",
            Self::StaleTask => "stale_task",
            Self::OverPick => "over_pick",
            Self::DoublePick => "double_pick",
            Self::WaitsForDevice => "waits_for_device",
            Self::OverReceipt => "over_receipt",
            Self::Short => "short",
            Self::FoundGoods => "found_goods",
            Self::Damaged => "damaged",
            Self::NegativeBin => "negative_bin",
            Self::CountVariance => "count_variance",
            Self::CountOverlap => "count_overlap",
            Self::CountedTwice => "counted_twice",
            Self::SerialTwice => "serial_twice",
            Self::SerialsExceedQuantity => "serials_exceed_quantity",
            Self::NothingToReverse => "nothing_to_reverse",
            Self::ReversedAfterAdjustment => "reversed_after_adjustment",
            Self::Quarantined => "quarantined",
            Self::Fork => "fork",
            Self::Revoked => "revoked",
            Self::MovedTooMuch => "moved_too_much",
            Self::WrongGoods => "wrong_goods",
            Self::Expired => "expired",
            Self::Blocked => "blocked",
            Self::LocationFull => "location_full",
            Self::LocationEmpty => "location_empty",
            Self::Substituted => "substituted",
            Self::UnreadableLabel => "unreadable_label",
            Self::UnknownUnit => "unknown_unit",
            Self::HeldGoodsLoaded => "held_goods_loaded",
            Self::CodeLinked => "code_linked",
            Self::PlaceNotReachable => "place_not_reachable",
            Self::CountWaits => "count_waits",
            Self::UnitFound => "unit_found",
            Self::CountReopened => "count_reopened",
            Self::CutOffCrossed => "cut_off_crossed",
            Self::TagMissing => "tag_missing",
            Self::UnsureTag => "unsure_tag",
        }
    }

    /// The kind with this word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// The heading on the page.
    pub const fn title(self) -> &'static str {
        match self {
            Self::UnknownItem => "Unknown item",
            Self::UnknownLocation => "Unknown location",
            Self::UnknownTask => "Unknown task",
            Self::UnknownLine => "Unknown line",
            Self::UnplannedWork => "Unplanned work",
            Self::TaskCancelled => "Task was cancelled",
            Self::TaskDone => "Task was finished",
            Self::LineClosed => "Line was closed",
            Self::StaleTask => "Task had changed",
            Self::OverPick => "Picked too much",
            Self::DoublePick => "Picked twice",
            Self::WaitsForDevice => "Waits for a device",
            Self::OverReceipt => "Received too much",
            Self::Short => "Short",
            Self::FoundGoods => "Goods found",
            Self::Damaged => "Damaged",
            Self::NegativeBin => "Negative stock",
            Self::CountVariance => "Count differs",
            Self::CountOverlap => "Counted while goods moved",
            Self::CountedTwice => "Counted twice",
            Self::SerialTwice => "Serial in two places",
            Self::SerialsExceedQuantity => "Too many serials",
            Self::NothingToReverse => "Nothing to undo",
            Self::ReversedAfterAdjustment => "Undone after adjustment",
            Self::Quarantined => "Record set aside",
            Self::Fork => "Two stories",
            Self::Revoked => "Records of a blocked device",
            Self::MovedTooMuch => "Moved too much",
            Self::WrongGoods => "Wrong goods in a place",
            Self::Expired => "Too old",
            Self::Blocked => "On hold",
            Self::LocationFull => "Place is full",
            Self::LocationEmpty => "Place is empty",
            Self::Substituted => "Substitute given",
            Self::UnreadableLabel => "Label unreadable",
            Self::UnknownUnit => "Unknown handling unit",
            Self::HeldGoodsLoaded => "Goods on hold were loaded",
            Self::CodeLinked => "Code linked on the floor",
            Self::PlaceNotReachable => "Place cannot be reached",
            Self::CountWaits => "Count differs, a device is missing",
            Self::UnitFound => "Handling unit found",
            Self::CountReopened => "Came in after the count",
            Self::CutOffCrossed => "Moved around the cut-off",
            Self::TagMissing => "RFID tag missing",
            Self::UnsureTag => "RFID tag not sure",
        }
    }

    /// What happened and what a supervisor does about it.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::UnknownItem => {
                "The item is not in the item list. The goods are in suspense; import the item and look at them."
            }
            Self::UnknownLocation => {
                "The location is not in the location list. The goods are in suspense; check the label and the list."
            }
            Self::UnknownTask => {
                "The hub has no such task. The goods are in suspense; find out what they were moved for."
            }
            Self::UnknownLine => {
                "The task has no such line. The movement is posted; check what it was done for."
            }
            Self::UnplannedWork => "The movement belongs to no task. It is posted; check why it was done.",
            Self::TaskCancelled => {
                "The task had been cancelled when this was done. The goods have moved; have them put back."
            }
            Self::TaskDone => {
                "The task had been finished when this was done. The goods have moved; check where they belong."
            }
            Self::LineClosed => {
                "The line had been closed when this was done. The goods have moved; check where they belong."
            }
            Self::StaleTask => {
                "The task was changed after the device had seen it. The movement is posted; check it against the new task."
            }
            Self::OverPick => "More was picked than the line asks for. Have the rest put back.",
            Self::DoublePick => {
                "Two devices picked the same line. Have the surplus in the second tote put back."
            }
            Self::WaitsForDevice => {
                "The worker left the line to the device that held the task before. Its records have not come; when they do, \
                 this ends by itself."
            }
            Self::OverReceipt => {
                "More came in than was ordered. What is too much is held apart; the buyer decides."
            }
            Self::Short => "Less was there than expected. Look for the goods, or count the location.",
            Self::FoundGoods => "Goods were found that nobody expected. Find out where they belong.",
            Self::Damaged => "Goods were reported broken. Decide what becomes of them.",
            Self::NegativeBin => "By the book this place holds less than nothing. Have it counted.",
            Self::CountVariance => {
                "The count differs from the book. Accept the count, or have it counted again."
            }
            Self::CountOverlap => {
                "Goods moved at the location while it was counted, so count and book cannot be compared. Have it counted again."
            }
            Self::CountedTwice => {
                "The location had been counted in this task already. This count changed nothing; have it counted again if in doubt."
            }
            Self::SerialTwice => {
                "A serial number would be in two places. The second piece is in suspense; look at both and say which is right."
            }
            Self::SerialsExceedQuantity => {
                "More serial numbers were read than pieces confirmed. The quantity is posted without them; look at the goods."
            }
            Self::NothingToReverse => {
                "An undo names something that is not there or was undone before. Nothing was posted; ask the worker."
            }
            Self::ReversedAfterAdjustment => {
                "It was undone after something had been posted because of it. Have the place counted again."
            }
            Self::Quarantined => {
                "The record could not be understood. It is kept as it came and nothing was posted; export it before the device is reset."
            }
            Self::Fork => {
                "The device sent two different records under one number: its store was copied or restored. The second record is kept; check what was done."
            }
            Self::Revoked => {
                "The device is blocked, or was when it sent these records. They are kept as they came and nothing of them is posted. Find out who had the device; then post them all, or leave them out for good."
            }
            Self::MovedTooMuch => {
                "More was moved or packed than the line asks for. Check where the rest belongs."
            }
            Self::WrongGoods => "Other goods lie in the place than should. Have it looked at and counted.",
            Self::Expired => {
                "Goods have expired, or expire sooner than the site wants. They are on hold; decide what becomes of them."
            }
            Self::Blocked => {
                "Goods that are on hold or recalled were met. Have them set aside, or release them."
            }
            Self::LocationFull => {
                "The worker says that the place takes no more. Check the space that is planned there."
            }
            Self::LocationEmpty => "The worker found nothing where goods should be. Have the place counted.",
            Self::Substituted => {
                "Another item was given in the place of the one that was wanted. Tell the customer, or have it changed back."
            }
            Self::UnreadableLabel => "A label could not be read and its text was typed. Have it replaced.",
            Self::UnknownUnit => {
                "The ledger has nothing in this handling unit. It was loaded all the same; find out what is in it."
            }
            Self::HeldGoodsLoaded => {
                "Goods that are on hold or damaged went onto a truck. Stop it, or tell the customer."
            }
            Self::CodeLinked => {
                "A worker linked a code to an item. It is used at this site already; approve it, or remove it."
            }
            Self::PlaceNotReachable => {
                "The worker could not get to the place, and it is not counted. Have the way cleared and the place counted."
            }
            Self::CountWaits => {
                "The count differs from the book. A device that may have worked there has not handed in everything that it did until then; when it has, this goes on by itself."
            }
            Self::UnitFound => {
                "A tote, carton or pallet stands in the place that was counted. Check that the book has it there."
            }
            Self::CountReopened => {
                "Goods were moved before the count and told after it was settled, so the book is off by them. Correct it, or have the place counted again."
            }
            Self::CutOffCrossed => {
                "Goods were moved between the cut-off of an inventory and its count, or told after it. The count is compared with the book of its own moment; add or take off what moved where the stock at the cut-off is wanted."
            }
            Self::TagMissing => {
                "Goods that are known to carry an RFID tag were counted by their label, for no tag was heard. Have them tagged anew."
            }
            Self::UnsureTag => {
                "A tag was heard in the count that may lie in the next bay, or that names no goods. It was not counted, and nobody looked at its label; have the serial numbers looked for where the count differs."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn words_are_distinct_and_found_again() {
        let words: HashSet<_> = ExceptionKind::ALL.iter().map(|kind| kind.word()).collect();
        assert_eq!(words.len(), ExceptionKind::ALL.len());
        for kind in ExceptionKind::ALL {
            assert_eq!(ExceptionKind::from_word(kind.word()), Some(kind));
            assert!(
                kind.sentence().ends_with('.') && kind.sentence().len() > 40,
                "{kind:?}"
            );
        }
    }
}
