//! What `decode` answers: one object a code, its members in a fixed order.

use jiff::civil::Date;
use serde::Serialize;
use tallyman_codes::date::Century;
use tallyman_codes::epc::Epc;
use tallyman_codes::gtin::{Gtin, Usage};
use tallyman_codes::{Confidence, Refusal, Rules, Scan, ScanKind, repair};

/// The answer to one code. `ok` says which of the other members are there.
#[derive(Debug, Serialize)]
pub(super) struct Answer {
    pub(super) ok: bool,
    #[serde(flatten)]
    pub(super) accepted: Option<Accepted>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<Error>,
    /// The fields found before the fault.
    #[serde(rename = "elements", skip_serializing_if = "Option::is_none")]
    pub(super) found: Option<Vec<Element>>,
    /// What a label that breaks the rules may mean, most likely first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) repair: Vec<RepairReading>,
}

/// One thing that a broken label may mean.
#[derive(Debug, Serialize)]
pub(super) struct RepairReading {
    pub(super) elements: Vec<Element>,
    pub(super) reason: String,
}

/// What an accepted code says.
#[derive(Debug, Serialize)]
pub(super) struct Accepted {
    pub(super) kind: &'static str,
    pub(super) symbology: Option<String>,
    pub(super) elements: Vec<Element>,
    gtin: Option<String>,
    sscc: Option<String>,
    lot: Option<String>,
    serial: Option<String>,
    pub(super) expiry: Option<Date>,
    pub(super) best_before: Option<Date>,
    pub(super) sell_by: Option<Date>,
    pub(super) warnings: Vec<Warning>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) add_on: Option<String>,
    /// What the item number's prefix reserves it for, where it is no global one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) usage: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) confidence: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) epc: Option<EpcAnswer>,
    /// The text of a code that is none of GS1's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) text: Option<String>,
}

/// One field.
#[derive(Debug, Serialize)]
pub(super) struct Element {
    pub(super) ai: String,
    pub(super) value: String,
}

/// A rule that the code breaks and real labels break.
#[derive(Debug, Serialize)]
pub(super) struct Warning {
    pub(super) code: &'static str,
    ai: Option<String>,
    pub(super) message: String,
}

/// Why a code is refused.
#[derive(Debug, Serialize)]
pub(super) struct Error {
    pub(super) code: &'static str,
    ai: Option<String>,
    pub(super) at: usize,
    pub(super) message: String,
}

/// What an RFID tag says beyond its fields.
#[derive(Debug, Serialize)]
pub(super) struct EpcAnswer {
    pub(super) scheme: Option<&'static str>,
    filter: Option<u8>,
    partition: Option<u8>,
    company_prefix: Option<String>,
    pub(super) uri: Option<String>,
    pub(super) tag_uri: Option<String>,
    digital_link: Option<String>,
    hostname: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    afi: Option<String>,
    /// The bits themselves, of a tag that no scheme explains.
    #[serde(skip_serializing_if = "Option::is_none")]
    raw_uri: Option<String>,
}

impl Answer {
    /// The answer to a bar code.
    pub(super) fn of(understood: Result<Scan, Refusal>, rules: &Rules) -> Self {
        match understood {
            Ok(scan) => Self::accepted(Accepted::of(scan, rules)),
            Err(refusal) => Self::refused(refusal),
        }
    }

    /// The answer to a tag. Faults of a tag count bits, the input has four of them in a character.
    pub(super) fn of_epc(decoded: Result<Epc, Refusal>, rules: &Rules) -> Self {
        match decoded {
            Ok(epc) => {
                let scan = Scan {
                    kind: ScanKind::Epc,
                    elements: epc.elements(),
                    ..Scan::default()
                };
                let warnings = epc.warnings().iter().map(Warning::of_epc).collect();
                let details = EpcAnswer::of(&epc);
                Self::accepted(Accepted {
                    warnings,
                    epc: Some(details),
                    ..Accepted::of(scan, rules)
                })
            }
            Err(refusal) => Self::refused(Refusal {
                at: refusal.at / 4,
                ..refusal
            }),
        }
    }

    /// The answer to a line that asks nothing.
    pub(super) fn no_request(message: &str) -> Self {
        let error = Error {
            code: "input",
            ai: None,
            at: 0,
            message: message.to_owned(),
        };
        Self {
            ok: false,
            accepted: None,
            error: Some(error),
            found: None,
            repair: Vec::new(),
        }
    }

    /// The answer with what the label may mean, where it is refused or looks as if a separator was lost.
    pub(super) fn with_repairs(self, message: &str, rules: &Rules) -> Self {
        let century = Century::of(rules.today);
        let is_element_string = self
            .accepted
            .as_ref()
            .is_none_or(|accepted| accepted.kind == "element_string");
        if !is_element_string || (self.ok && !repair::is_suspicious(message, century)) {
            return self;
        }
        let readings = repair::readings(message, century).into_iter();
        let repair = readings
            .map(|reading| RepairReading {
                elements: Element::all(reading.elements),
                reason: reading.reason,
            })
            .collect();
        Self { repair, ..self }
    }

    fn accepted(accepted: Accepted) -> Self {
        Self {
            ok: true,
            accepted: Some(accepted),
            error: None,
            found: None,
            repair: Vec::new(),
        }
    }

    fn refused(
        Refusal {
            code,
            ai,
            at,
            message,
            elements,
        }: Refusal,
    ) -> Self {
        let error = Error {
            code,
            ai,
            at,
            message,
        };
        Self {
            ok: false,
            accepted: None,
            error: Some(error),
            found: Some(Element::all(elements)),
            repair: Vec::new(),
        }
    }
}

impl Accepted {
    fn of(scan: Scan, rules: &Rules) -> Self {
        let owned = |value: Option<&str>| value.map(str::to_owned);
        let usage = scan
            .gtin()
            .and_then(|digits| Gtin::new(digits.as_bytes()))
            .map(|gtin| gtin.usage());
        Self {
            kind: scan.kind.as_str(),
            symbology: scan.symbology.map(|id| id.to_string()),
            gtin: owned(scan.gtin()),
            sscc: owned(scan.sscc()),
            lot: owned(scan.lot()),
            serial: owned(scan.serial()),
            expiry: scan.expiry(rules.today),
            best_before: scan.best_before(rules.today),
            sell_by: scan.sell_by(rules.today),
            warnings: scan.warnings.iter().map(Warning::of).collect(),
            usage: usage.filter(|usage| *usage != Usage::Global).map(Usage::as_str),
            confidence: (scan.confidence != Confidence::Stated).then(|| scan.confidence.as_str()),
            epc: None,
            text: (scan.kind == ScanKind::Text).then_some(scan.text),
            add_on: scan.add_on,
            elements: Element::all(scan.elements),
        }
    }
}

impl Element {
    fn all(elements: Vec<tallyman_codes::Element>) -> Vec<Self> {
        elements
            .into_iter()
            .map(|tallyman_codes::Element { ai, value }| Self { ai, value })
            .collect()
    }
}

impl Warning {
    fn of(warning: &tallyman_codes::Warning) -> Self {
        Self {
            code: warning.code,
            ai: warning.ai.clone(),
            message: warning.message.clone(),
        }
    }

    fn of_epc(warning: &tallyman_codes::epc::Warning) -> Self {
        Self {
            code: warning.code(),
            ai: None,
            message: warning.to_string(),
        }
    }
}

impl EpcAnswer {
    fn of(epc: &Epc) -> Self {
        Self {
            scheme: epc.scheme(),
            filter: epc.filter(),
            partition: epc.partition(),
            company_prefix: epc.company_prefix(),
            uri: epc.uri(),
            tag_uri: epc.tag_uri(),
            digital_link: epc.digital_link(),
            hostname: epc.hostname().map(str::to_owned),
            afi: epc.afi().map(|afi| format!("{afi:02X}")),
            raw_uri: epc.scheme().is_none().then(|| epc.raw_uri()),
        }
    }
}
