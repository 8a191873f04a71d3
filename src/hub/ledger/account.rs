//! The accounts of the stock ledger, and the pairs of entries that move goods between them.

use tallyman_floor::Quantity;
use tallyman_floor::wire::v1::PlaceBody;

/// What an account stands for. Two kinds are memos of counting and hold no stock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AccountKind {
    /// Outside, before goods came in.
    Supplier,
    /// Outside, after goods went out.
    Customer,
    /// A place with an address.
    Location,
    /// A tote, carton or pallet.
    HandlingUnit,
    /// A truck, trailer or container at a door: what is on it has left the house when it drives off.
    Vehicle,
    /// Where goods pass through when they are given another stock status; nothing stays there.
    StatusChange,
    /// Goods whose item, place or task is not known; the place is what the confirmation said.
    Suspense,
    /// At a dock, what came in beyond what may be taken without asking: held apart until the buyer decides.
    OverReceipt,
    /// Where opening stock comes from.
    Opening,
    /// What counts found too much or too little.
    Variance,
    /// Memo: the other side of everything counted.
    CountControl,
    /// Memo: what was counted so far; the place names the task and the location.
    Counted,
}

impl AccountKind {
    /// Every kind, for tables and tests.
    pub const ALL: [Self; 12] = [
        Self::Supplier,
        Self::Customer,
        Self::Location,
        Self::HandlingUnit,
        Self::Vehicle,
        Self::StatusChange,
        Self::Suspense,
        Self::OverReceipt,
        Self::Opening,
        Self::Variance,
        Self::CountControl,
        Self::Counted,
    ];

    /// The word in the store.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Supplier => "supplier",
            Self::Customer => "customer",
            Self::Location => "location",
            Self::HandlingUnit => "handling_unit",
            Self::Vehicle => "vehicle",
            Self::StatusChange => "status_change",
            Self::Suspense => "suspense",
            Self::OverReceipt => "over_receipt",
            Self::Opening => "opening",
            Self::Variance => "variance",
            Self::CountControl => "count_control",
            Self::Counted => "counted",
        }
    }

    /// The kind with this word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// One account: a kind, and which one of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Account {
    /// The kind.
    pub kind: AccountKind,
    /// Which one: an address, a handling unit's number; empty where there is only one.
    pub place: String,
}

impl Account {
    /// The account of a kind at a place.
    pub fn new(kind: AccountKind, place: impl Into<String>) -> Self {
        Self {
            kind,
            place: place.into(),
        }
    }

    /// The memo of what one task counted at one location.
    pub fn counted(task: &str, location: &str) -> Self {
        Self::new(AccountKind::Counted, format!("{location}#{task}"))
    }

    /// The account that a place of the floor is.
    pub fn of_place(place: &PlaceBody) -> Self {
        match place {
            PlaceBody::Location(address) => Self::new(AccountKind::Location, address.as_str()),
            PlaceBody::HandlingUnit(number) => Self::new(AccountKind::HandlingUnit, number.as_str()),
            PlaceBody::Vehicle(vehicle) => Self::new(AccountKind::Vehicle, vehicle.as_str()),
            PlaceBody::Supplier => Self::new(AccountKind::Supplier, ""),
            PlaceBody::Customer => Self::new(AccountKind::Customer, ""),
        }
    }

    /// The suspense account in place of this one, for goods that are inside the house. Outside stays outside.
    #[must_use]
    pub fn suspended(self) -> Self {
        match self.kind {
            AccountKind::Location | AccountKind::HandlingUnit => Self {
                kind: AccountKind::Suspense,
                ..self
            },
            _ => self,
        }
    }
}

/// What an entry moves, apart from how much of it. Empty text is "not recorded".
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Stock {
    /// The item; where no item is known, `?` and the code that was scanned.
    pub item: String,
    /// The lot.
    pub lot: String,
    /// The serial number.
    pub serial: String,
    /// The expiry date, a remark.
    pub expiry: String,
    /// The handling unit the goods lie in, a remark.
    pub handling_unit: String,
    /// The stock status.
    pub status: String,
    /// The owner.
    pub owner: String,
}

/// Two entries that balance: goods leave one account and reach another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// Where they leave.
    pub from: Account,
    /// Where they arrive.
    pub to: Account,
    /// What moves.
    pub stock: Stock,
    /// How much; more than none.
    pub quantity: Quantity,
}

impl Pair {
    /// The pair that undoes this one.
    #[must_use]
    pub fn reversed(self) -> Self {
        Self {
            from: self.to,
            to: self.from,
            ..self
        }
    }
}
