//! What an EPC names, apart from how a tag writes it: the pure identity.
//!
//! Two tags name the same object when their pure identity URIs are the same; the filter value and the length of
//! the encoding do not count (EPC Tag Data Standard, section 6). So [`Identity`] compares by text: the serial 7
//! of an SGTIN-96 and the serial "7" of an SGTIN-198 are one.

use std::fmt;
use std::hash::{Hash, Hasher};

use super::text::ShortText;

/// The name of one object (or class of objects), as a pure identity URI has it.
///
/// ```
/// use tallyman_codes::epc::Identity;
///
/// let identity: Identity = "urn:epc:id:sgtin:0614141.812345.6789".parse().unwrap();
/// assert_eq!(identity.elements()[0].value, "80614141123458");
/// assert_eq!(identity.company_prefix().as_deref(), Some("0614141"));
/// ```
#[derive(Clone, Copy)]
pub struct Identity {
    pub(super) kind: Kind,
    /// Company prefix, manager number, CAGE code, or the whole of a name without parts.
    pub(super) issuer: Part,
    /// What the issuer numbered, where the kind has it.
    pub(super) reference: Option<Part>,
    /// Piece and total of an ITIP.
    pub(super) pieces: Option<(u8, u8)>,
    /// Serial, extension, lot.
    pub(super) serial: Option<Part>,
}

/// The digits a company prefix can have in an EPC.
pub(super) const PREFIX_DIGITS_MIN: u8 = 6;
pub(super) const PREFIX_DIGITS_MAX: u8 = 12;

/// One part of an identity.
#[derive(Debug, Clone, Copy)]
pub(super) enum Part {
    /// A number without leading zeros.
    Integer(u64),
    /// A number of exactly so many digits; none at all is an empty text.
    Digits { value: u64, width: u8 },
    /// Characters.
    Text(ShortText),
}

/// What kinds of identity there are: those that tags carry, then those with a URI alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// Serialised trade item.
    Sgtin,
    /// Logistic unit.
    Sscc,
    /// Location with or without extension.
    Sgln,
    /// Returnable asset.
    Grai,
    /// Individual asset.
    Giai,
    /// Service relation, recipient.
    Gsrn,
    /// Service relation, provider.
    Gsrnp,
    /// Document.
    Gdti,
    /// Coupon.
    Sgcn,
    /// Piece of a trade item.
    Itip,
    /// Component or part.
    Cpi,
    /// General identifier, outside GS1 keys.
    Gid,
    /// Supplies of the United States Department of Defense.
    Usdod,
    /// Aerospace and defence.
    Adi,
    /// Consignment.
    Ginc,
    /// Shipment.
    Gsin,
    /// Party.
    Pgln,
    /// Trade item with a serial of a third party.
    Upui,
    /// Lot of a trade item.
    Lgtin,
    /// All instances of a trade item.
    AnySgtin,
    /// Vessel of the International Maritime Organization.
    Imovn,
    /// Intermodal container.
    Bic,
}

impl Kind {
    /// What its URIs start with, up to the colon before the parts.
    pub(super) fn uri_start(self) -> &'static str {
        match self {
            Self::Sgtin => "urn:epc:id:sgtin",
            Self::Sscc => "urn:epc:id:sscc",
            Self::Sgln => "urn:epc:id:sgln",
            Self::Grai => "urn:epc:id:grai",
            Self::Giai => "urn:epc:id:giai",
            Self::Gsrn => "urn:epc:id:gsrn",
            Self::Gsrnp => "urn:epc:id:gsrnp",
            Self::Gdti => "urn:epc:id:gdti",
            Self::Sgcn => "urn:epc:id:sgcn",
            Self::Itip => "urn:epc:id:itip",
            Self::Cpi => "urn:epc:id:cpi",
            Self::Gid => "urn:epc:id:gid",
            Self::Usdod => "urn:epc:id:usdod",
            Self::Adi => "urn:epc:id:adi",
            Self::Ginc => "urn:epc:id:ginc",
            Self::Gsin => "urn:epc:id:gsin",
            Self::Pgln => "urn:epc:id:pgln",
            Self::Upui => "urn:epc:id:upui",
            Self::Lgtin => "urn:epc:class:lgtin",
            Self::AnySgtin => "urn:epc:idpat:sgtin",
            Self::Imovn => "urn:epc:id:imovn",
            Self::Bic => "urn:epc:id:bic",
        }
    }

    /// Every kind, for looking up URIs.
    pub(super) const ALL: [Self; 22] = [
        Self::Sgtin,
        Self::Sscc,
        Self::Sgln,
        Self::Grai,
        Self::Giai,
        Self::Gsrn,
        Self::Gsrnp,
        Self::Gdti,
        Self::Sgcn,
        Self::Itip,
        Self::Cpi,
        Self::Gid,
        Self::Usdod,
        Self::Adi,
        Self::Ginc,
        Self::Gsin,
        Self::Pgln,
        Self::Upui,
        Self::Lgtin,
        Self::AnySgtin,
        Self::Imovn,
        Self::Bic,
    ];

    /// How many digits company prefix and reference have together; `None` where the sum is free or there is no
    /// prefix.
    pub(super) fn key_digits(self) -> Option<u8> {
        match self {
            Self::Sgtin | Self::Itip | Self::Upui | Self::Lgtin | Self::AnySgtin => Some(13),
            Self::Sscc | Self::Gsrn | Self::Gsrnp => Some(17),
            Self::Gsin => Some(16),
            Self::Sgln | Self::Grai | Self::Gdti | Self::Sgcn | Self::Pgln => Some(12),
            Self::Giai | Self::Cpi | Self::Ginc => None,
            Self::Gid | Self::Usdod | Self::Adi | Self::Imovn | Self::Bic => None,
        }
    }

    /// Whether the first part is a GS1 Company Prefix.
    pub(super) fn has_company_prefix(self) -> bool {
        self.key_digits().is_some() || matches!(self, Self::Giai | Self::Cpi | Self::Ginc)
    }
}

impl Part {
    /// The part as it stands in a key, without escapes.
    pub(super) fn text(&self) -> ShortText {
        match *self {
            Self::Integer(value) => ShortText::decimal(value, 1),
            Self::Digits { value, width } => ShortText::decimal(value, width),
            Self::Text(text) => text,
        }
    }
}

impl Identity {
    /// The GS1 Company Prefix; `None` for kinds outside GS1 keys.
    pub fn company_prefix(&self) -> Option<String> {
        self.kind
            .has_company_prefix()
            .then(|| self.issuer.text().as_str().to_owned())
    }

    /// Whether it names one object, not a lot, or all instances of a trade item.
    pub fn is_one_object(&self) -> bool {
        !matches!(self.kind, Kind::Lgtin | Kind::AnySgtin)
    }

    /// The parts as texts, which is what two identities are compared by.
    fn texts(&self) -> [Option<ShortText>; 3] {
        [
            Some(self.issuer.text()),
            self.reference.map(|part| part.text()),
            self.serial.map(|part| part.text()),
        ]
    }
}

impl PartialEq for Identity {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind && self.pieces == other.pieces && self.texts() == other.texts()
    }
}

impl Eq for Identity {}

impl Hash for Identity {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.kind, self.pieces, self.texts()).hash(state);
    }
}

/// The pure identity URI.
impl fmt::Debug for Identity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}
