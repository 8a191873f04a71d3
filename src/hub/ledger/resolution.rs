//! What a supervisor can decide about an exception: few choices for each kind, the usual one first.

use super::exception::ExceptionKind;

/// What a supervisor decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Resolution {
    /// It was looked at; nothing is posted.
    Noted,
    /// The counted quantity becomes the book's: the difference is posted against the variance account.
    AcceptCount,
    /// A count stands, and what came in after it and was done before it is taken off the book again.
    CorrectCount,
    /// The location is to be counted, or counted again: a count task is made.
    CountAgain,
    /// What is missing is to be picked: a task is made, from where there is enough.
    PickElsewhere,
    /// The goods were put back to where they came from: the movement is posted back, as far as it was too much.
    PutBack,
    /// The goods have left the house.
    Shipped,
    /// What was held apart is taken into stock.
    AcceptExcess,
    /// What was held apart goes back to the supplier.
    ReturnToSupplier,
    /// What nobody knew is something known: the fact is posted anew with it.
    PostAs,
    /// Of two pieces with one serial number, the one that was there first is it.
    FirstIsRight,
    /// Of two pieces with one serial number, the one that came second is it.
    SecondIsRight,
    /// The records that were set aside are posted, in their order.
    Release,
    /// A code that a worker linked to an item means it no more.
    RemoveCode,
    /// The records that the line was left to have come. Nobody decides this; it happens.
    Arrived,
    /// The place was counted again by somebody else. Nobody decides this; it happens.
    Recounted,
}

impl Resolution {
    /// Every resolution, for tables and tests.
    pub const ALL: [Self; 16] = [
        Self::Noted,
        Self::AcceptCount,
        Self::CorrectCount,
        Self::CountAgain,
        Self::PickElsewhere,
        Self::PutBack,
        Self::Shipped,
        Self::AcceptExcess,
        Self::ReturnToSupplier,
        Self::PostAs,
        Self::FirstIsRight,
        Self::SecondIsRight,
        Self::Release,
        Self::RemoveCode,
        Self::Arrived,
        Self::Recounted,
    ];

    /// The word in the store and in forms.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Noted => "noted",
            Self::AcceptCount => "accept_count",
            Self::CorrectCount => "correct_count",
            Self::CountAgain => "count_again",
            Self::PickElsewhere => "pick_elsewhere",
            Self::PutBack => "put_back",
            Self::Shipped => "shipped",
            Self::AcceptExcess => "accept_excess",
            Self::ReturnToSupplier => "return_to_supplier",
            Self::PostAs => "post_as",
            Self::FirstIsRight => "first_is_right",
            Self::SecondIsRight => "second_is_right",
            Self::Release => "release",
            Self::RemoveCode => "remove_code",
            Self::Arrived => "arrived",
            Self::Recounted => "recounted",
        }
    }

    /// The resolution with this word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|resolution| resolution.word() == word)
    }

    /// What stands on the button, for an exception of this kind.
    pub const fn label(self, kind: ExceptionKind) -> &'static str {
        use ExceptionKind as Kind;
        match (self, kind) {
            (Self::Noted, Kind::CountVariance | Kind::CountOverlap | Kind::CountWaits) => "Leave the book",
            (Self::Noted, Kind::CountReopened) => "It was done after the count",
            (Self::Noted, Kind::Short) => "Leave it short",
            (Self::Noted, Kind::StaleTask | Kind::UnknownLine | Kind::UnplannedWork) => {
                "It is right as it is"
            }
            (
                Self::Noted,
                Kind::OverPick | Kind::DoublePick | Kind::TaskCancelled | Kind::TaskDone | Kind::LineClosed,
            ) => "It stays there",
            (Self::Noted, Kind::WaitsForDevice) => "It was done",
            (Self::Noted, Kind::CodeLinked) => "Keep the code",
            (Self::Noted, Kind::Revoked) => "Leave them out",
            (Self::Noted, _) => "Done",
            (Self::AcceptCount, Kind::CountWaits) => "Accept without waiting",
            (Self::AcceptCount, _) => "Accept the count",
            (Self::CorrectCount, _) => "Correct the book",
            (Self::CountAgain, Kind::NegativeBin | Kind::Short | Kind::PlaceNotReachable) => {
                "Have it counted"
            }
            (Self::CountAgain, _) => "Have it counted again",
            (Self::PickElsewhere, Kind::WaitsForDevice) => "Have it picked",
            (Self::PickElsewhere, _) => "Pick the rest elsewhere",
            (Self::PutBack, _) => "Put back: done",
            (Self::Shipped, _) => "It is already shipped",
            (Self::AcceptExcess, _) => "Take it into stock",
            (Self::ReturnToSupplier, _) => "Back to the supplier",
            (Self::PostAs, Kind::UnknownLocation) => "Post it at this location",
            (Self::PostAs, Kind::UnknownTask) => "Post it for this task",
            (Self::PostAs, _) => "Post it as this item",
            (Self::FirstIsRight, _) => "The first piece is it",
            (Self::SecondIsRight, _) => "The second piece is it",
            (Self::Release, _) => "Post them all",
            (Self::RemoveCode, _) => "Remove the code",
            (Self::Arrived, _) => "Its records came",
            (Self::Recounted, _) => "Counted again",
        }
    }

    /// How it is told afterwards.
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Noted => "Done",
            Self::AcceptCount => "Count accepted",
            Self::CorrectCount => "Book corrected",
            Self::CountAgain => "To be counted",
            Self::PickElsewhere => "To be picked",
            Self::PutBack => "Put back",
            Self::Shipped => "Shipped",
            Self::AcceptExcess => "Taken into stock",
            Self::ReturnToSupplier => "Back to the supplier",
            Self::PostAs => "Posted",
            Self::FirstIsRight => "First piece kept",
            Self::SecondIsRight => "Second piece kept",
            Self::Release => "Records posted",
            Self::RemoveCode => "Code removed",
            Self::Arrived => "Its records came",
            Self::Recounted => "Counted again by somebody else",
        }
    }

    /// Whether it wants a name of something known.
    pub const fn wants_name(self) -> bool {
        matches!(self, Self::PostAs)
    }
}

/// What can be decided about an exception of a kind, the usual decision first. Where the exception names no location,
/// nothing that needs one can be decided.
pub fn choices(kind: ExceptionKind, has_location: bool) -> Vec<Resolution> {
    use ExceptionKind as Kind;
    use Resolution::{
        AcceptCount, AcceptExcess, CorrectCount, CountAgain, FirstIsRight, Noted, PickElsewhere, PostAs,
        PutBack, Release, RemoveCode, ReturnToSupplier, SecondIsRight, Shipped,
    };
    let all: &[Resolution] = match kind {
        Kind::UnknownItem | Kind::UnknownLocation | Kind::UnknownTask => &[PostAs, Noted],
        Kind::UnknownLine | Kind::UnplannedWork | Kind::StaleTask => &[Noted, PutBack],
        Kind::TaskCancelled => &[PutBack, Shipped, Noted],
        Kind::TaskDone | Kind::LineClosed | Kind::OverPick | Kind::DoublePick => &[PutBack, Noted],
        Kind::OverReceipt => &[AcceptExcess, ReturnToSupplier],
        Kind::Short => &[PickElsewhere, CountAgain, Noted],
        Kind::WaitsForDevice => &[PickElsewhere, Noted],
        Kind::NegativeBin | Kind::ReversedAfterAdjustment => &[CountAgain, Noted],
        Kind::CountVariance => &[AcceptCount, CountAgain, Noted],
        Kind::CountOverlap | Kind::CountWaits => &[CountAgain, AcceptCount, Noted],
        Kind::CutOffCrossed => &[Noted, CountAgain],
        Kind::CountReopened => &[CorrectCount, CountAgain, Noted],
        Kind::PlaceNotReachable => &[CountAgain, Noted],
        Kind::CountedTwice => &[Noted, CountAgain],
        Kind::SerialTwice => &[FirstIsRight, SecondIsRight, Noted],
        Kind::Revoked => &[Release, Noted],
        Kind::CodeLinked => &[Noted, RemoveCode],
        Kind::MovedTooMuch => &[PutBack, Noted],
        Kind::WrongGoods | Kind::LocationEmpty => &[CountAgain, Noted],
        Kind::UnsureTag => &[Noted, CountAgain],
        Kind::FoundGoods
        | Kind::Expired
        | Kind::Blocked
        | Kind::LocationFull
        | Kind::Substituted
        | Kind::UnreadableLabel
        | Kind::TagMissing
        | Kind::UnknownUnit
        | Kind::HeldGoodsLoaded
        | Kind::UnitFound
        | Kind::Damaged
        | Kind::SerialsExceedQuantity
        | Kind::NothingToReverse
        | Kind::Quarantined
        | Kind::Fork => &[Noted],
    };
    let needs_location = |resolution: &&Resolution| matches!(resolution, CountAgain | PickElsewhere);
    let possible = all
        .iter()
        .filter(|resolution| has_location || !needs_location(resolution));
    possible.copied().collect()
}

/// A decision as it comes from a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What was decided.
    pub resolution: Resolution,
    /// What to put in place of what nobody knew; empty where the decision wants none.
    pub name: String,
    /// Who decided, as far as the page knows.
    pub by: String,
}

impl Decision {
    /// Without a name, by nobody that is known.
    pub fn plain(resolution: Resolution) -> Self {
        Self {
            resolution,
            name: String::new(),
            by: String::new(),
        }
    }
}

/// What became of a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decided {
    /// It is done, in one transaction.
    Done,
    /// The exception was ended before, or is another one's.
    Ended,
    /// It cannot be done, and why; nothing is posted.
    Refused(String),
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_kind_has_few_choices_each_once_and_with_words() {
        let words: HashSet<_> = Resolution::ALL.iter().map(|each| each.word()).collect();
        assert_eq!(words.len(), Resolution::ALL.len());
        for each in Resolution::ALL {
            assert_eq!(Resolution::from_word(each.word()), Some(each));
        }
        for kind in ExceptionKind::ALL {
            for has_location in [false, true] {
                let choices = choices(kind, has_location);
                assert!((1..=3).contains(&choices.len()), "{kind:?}");
                assert!(!choices.contains(&Resolution::Arrived), "nobody decides that");
                assert!(!choices.contains(&Resolution::Recounted), "nobody decides that");
                let labels: HashSet<_> = choices.iter().map(|each| each.label(kind)).collect();
                assert_eq!(labels.len(), choices.len(), "{kind:?}");
            }
        }
    }
}
