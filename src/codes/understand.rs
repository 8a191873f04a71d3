//! From a read to a scan: the entries that agent, hub and command line use.

use crate::associations;
use crate::bracketed;
use crate::check_digit;
use crate::date::Century;
use crate::digital_link;
use crate::ean;
use crate::element_string::{self, GS};
use crate::epc;
use crate::fault::{Fault, FaultCode};
use crate::fields::Fields;
use crate::gtin::Gtin;
use crate::read::Seen;
use crate::repair::Reading;
use crate::scan::{Confidence, Element, Scan, ScanKind, Warning};
use crate::symbology::SymbologyId;
use crate::tag::Tag;

pub use crate::refusal::Refusal;
pub use crate::rules::{Rules, Settings};

/// What joins a linear symbol's message and that of its composite component, as scanners and GS1's own tools do.
const COMPOSITE: &str = "|]e0";

/// Says what a read means.
///
/// # Errors
/// A [`Refusal`] when the code claims a GS1 form and breaks its rules. Text of no known form is no fault: it is
/// a scan of kind [`ScanKind::Text`].
pub fn understand(seen: &Seen, rules: &Rules) -> Result<Scan, Refusal> {
    match seen {
        Seen::Barcode(barcode) => {
            let text = barcode.text();
            Message {
                whole: &text,
                start: 0,
                symbology: barcode.symbology,
                rules,
            }
            .understand()
        }
        Seen::Tag(tag) => understand_tag(tag),
    }
}

/// A tag's text is its EPC memory in hexadecimal digits; its fields are those its scheme encodes.
fn understand_tag(tag: &Tag) -> Result<Scan, Refusal> {
    let epc = epc::decode(&tag.epc, tag.epc_bits.map(usize::from), tag.pc)?;
    Ok(Scan {
        text: tag.epc.to_string(),
        kind: ScanKind::Epc,
        elements: epc.elements(),
        epc_uri: epc.uri().or_else(|| epc.digital_link()),
        warnings: epc.warnings().iter().map(of_tag).collect(),
        ..Scan::default()
    })
}

fn of_tag(warning: &epc::Warning) -> Warning {
    Warning {
        code: warning.code(),
        ai: None,
        message: warning.to_string(),
    }
}

/// Says what a text means that may begin with a symbology identifier, as scanners send it.
///
/// # Errors
/// As [`understand()`].
pub fn understand_text(text: &str, rules: &Rules) -> Result<Scan, Refusal> {
    let split = SymbologyId::split(text.as_bytes());
    let (start, symbology) = split.map_or((0, None), |(id, rest)| (text.len() - rest.len(), Some(id)));
    Message {
        whole: text,
        start,
        symbology,
        rules,
    }
    .understand()
}

/// Says what a GS1 element string without identifier means.
///
/// # Errors
/// A [`Refusal`] where it is none.
pub fn understand_element_string(text: &str, rules: &Rules) -> Result<Scan, Refusal> {
    Message {
        whole: text,
        start: 0,
        symbology: None,
        rules,
    }
    .element_string()
}

/// Says what bracketed text means, as `(01)09521234543213(10)AB`.
///
/// # Errors
/// A [`Refusal`] where it is none.
pub fn understand_bracketed(text: &str, rules: &Rules) -> Result<Scan, Refusal> {
    let mut fields = Fields::new();
    let pieces = bracketed::split(text).map_err(|fault| Refusal::of(&fault, text))?;
    bracketed::check(&pieces, text, Century::of(rules.today), &mut fields)
        .map_err(|fault| Refusal::after(&fault, text, &fields))?;
    let message = Message {
        whole: text,
        start: 0,
        symbology: None,
        rules,
    };
    message.scan_of(ScanKind::ElementString, &fields, Vec::new())
}

/// Says what a GS1 Digital Link means.
///
/// # Errors
/// A [`Refusal`] where the address is none, or breaks its rules.
pub fn understand_uri(text: &str, rules: &Rules) -> Result<Scan, Refusal> {
    Message {
        whole: text,
        start: 0,
        symbology: None,
        rules,
    }
    .digital_link()
}

/// A message on its way to a scan: a text, of which an identifier may have been taken off.
struct Message<'t> {
    whole: &'t str,
    start: usize,
    symbology: Option<SymbologyId>,
    rules: &'t Rules,
}

impl<'t> Message<'t> {
    fn text(&self) -> &'t str {
        self.whole.get(self.start..).unwrap_or_default()
    }

    fn understand(&self) -> Result<Scan, Refusal> {
        let text = self.text();
        if text.is_empty() {
            return Err(self.refuse(&Fault::new(FaultCode::Empty, self.start)));
        }
        let site_code = self.rules.site.claim(text);
        let scan = if text.contains(COMPOSITE) {
            self.element_string()?
        } else if let Some(id) = self.symbology {
            self.by_identifier(id)?
        } else if site_code.is_some() {
            self.plain()
        } else {
            self.by_form()?
        };
        Ok(Scan { site_code, ..scan })
    }

    /// The identifier says what the message is.
    fn by_identifier(&self, id: SymbologyId) -> Result<Scan, Refusal> {
        let text = self.text();
        if id.carries_element_string() {
            return self.element_string();
        }
        match ean::read(id, text.as_bytes()) {
            Some(Ok(item)) => return self.item(item),
            Some(Err((code, at))) => return Err(self.refuse(&Fault::of(code, b"01", self.start + at))),
            None => {}
        }
        if id.may_carry_element_string() {
            return Ok(self.element_string().unwrap_or_else(|_| self.plain()));
        }
        self.link_or_plain()
    }

    /// No identifier: the form itself must say what the message is, and all checks must pass.
    fn by_form(&self) -> Result<Scan, Refusal> {
        let text = self.text();
        let inferred = |scan: Scan| match scan.confidence {
            Confidence::Repaired => scan,
            _ => Scan {
                confidence: Confidence::Inferred,
                ..scan
            },
        };
        if digital_link::is_web_address(text) {
            return self.link_or_plain();
        }
        if text.as_bytes().contains(&GS) {
            return self.element_string();
        }
        if let Some(gtin) = Gtin::new(text.as_bytes()) {
            return self.item(gtin.into()).map(inferred);
        }
        if self.rules.settings.bare_sscc && text.len() == 18 && check_digit::is_valid(text.as_bytes()) {
            let elements = vec![Element {
                ai: "00".to_owned(),
                value: text.to_owned(),
            }];
            return Ok(inferred(Scan {
                kind: ScanKind::ElementString,
                elements,
                ..self.plain()
            }));
        }
        match self.element_string() {
            Ok(scan) if is_evident(&scan) => Ok(inferred(scan)),
            _ => Ok(self.plain()),
        }
    }

    fn refuse(&self, fault: &Fault) -> Refusal {
        Refusal::of(fault, self.whole)
    }

    fn plain(&self) -> Scan {
        Scan {
            text: self.text().to_owned(),
            symbology: self.symbology,
            ..Scan::default()
        }
    }

    fn item(&self, ean::Item { gtin, add_on, other }: ean::Item) -> Result<Scan, Refusal> {
        let Some(gtin) = gtin else {
            return Ok(Scan {
                add_on,
                ..self.plain()
            });
        };
        let elements = vec![Element {
            ai: "01".to_owned(),
            value: gtin.as_str().to_owned(),
        }];
        let in_house = self.rules.in_house.iter().find_map(|rule| rule.read(gtin));
        let mut warnings = Vec::new();
        if other.is_some() {
            let fault = Fault::of(FaultCode::Ambiguous, b"01", self.start);
            if self.rules.settings.strict {
                return Err(self.refuse(&fault));
            }
            let (code, message) = (fault.code.as_str(), fault.sentence());
            warnings.push(Warning {
                code,
                ai: Some("01".to_owned()),
                message,
            });
        }
        Ok(Scan {
            kind: ScanKind::Gtin,
            elements,
            add_on,
            in_house,
            warnings,
            ..self.plain()
        })
    }

    /// An element string, as a site's rule reads it where one settles what it means.
    fn element_string(&self) -> Result<Scan, Refusal> {
        let century = Century::of(self.rules.today);
        let plain = self.fields_of();
        let reading = self
            .rules
            .repairs
            .iter()
            .find_map(|rule| rule.read(self.text(), century));
        match (reading, &plain) {
            (Some(reading), Ok(scan)) if reading.elements == scan.elements => plain,
            (Some(Reading { elements, reason }), _) => {
                let warnings = vec![Warning {
                    code: "repaired",
                    ai: None,
                    message: reason,
                }];
                let (kind, confidence) = (ScanKind::ElementString, Confidence::Repaired);
                Ok(Scan {
                    kind,
                    elements,
                    confidence,
                    warnings,
                    ..self.plain()
                })
            }
            (None, _) => plain,
        }
    }

    /// An element string, or the linear part of a composite with its component.
    fn fields_of(&self) -> Result<Scan, Refusal> {
        let century = Century::of(self.rules.today);
        let text = self.text();
        let (linear, component) = text
            .split_once(COMPOSITE)
            .map_or((text, None), |(a, b)| (a, Some(b)));
        let item = component.and_then(|_| ean::read(self.symbology.unwrap_or(ean::ANY), linear.as_bytes()));
        let mut fields = Fields::new();
        let gtin = match &item {
            Some(Ok(item)) => item.gtin,
            Some(Err((code, at))) => return Err(self.refuse(&Fault::of(*code, b"01", self.start + at))),
            None => None,
        };
        let parsed = match &gtin {
            Some(gtin) => fields.push_gtin(gtin.as_bytes(), self.start),
            None => element_string::parse_onto(linear.as_bytes(), self.start, century, &mut fields),
        };
        let parsed = parsed.and_then(|()| match component {
            Some(component) => {
                let at = self.whole.len() - component.len();
                element_string::parse_onto(component.as_bytes(), at, century, &mut fields)
            }
            None => Ok(()),
        });
        parsed.map_err(|fault| Refusal::after(&fault, self.whole, &fields))?;
        let scan = self.scan_of(ScanKind::ElementString, &fields, Vec::new())?;
        let add_on = item.and_then(|item| item.ok()).and_then(|item| item.add_on);
        Ok(Scan { add_on, ..scan })
    }

    /// A web address is a Digital Link where it names a key with a value of its form, and plain text elsewhere.
    fn link_or_plain(&self) -> Result<Scan, Refusal> {
        if !digital_link::is_web_address(self.text()) {
            return Ok(self.plain());
        }
        match self.digital_link() {
            Err(refusal) if refusal.elements.is_empty() && refusal.code != FaultCode::CheckDigit.as_str() => {
                Ok(self.plain())
            }
            scan_or_refusal => scan_or_refusal,
        }
    }

    fn digital_link(&self) -> Result<Scan, Refusal> {
        let text = self.text();
        let shifted = |fault: Fault| Fault {
            at: fault.at + self.start,
            ..fault
        };
        let link =
            digital_link::split(text, &self.rules.settings).map_err(|fault| self.refuse(&shifted(fault)))?;
        let mut fields = Fields::new();
        digital_link::check(&link, text, Century::of(self.rules.today), &mut fields)
            .map_err(|fault| Refusal::after(&shifted(fault), self.whole, &fields))?;
        let unknown = link.unknown.iter().map(|name| Warning {
            code: FaultCode::UnknownAi.as_str(),
            ai: Some((*name).to_owned()),
            message: format!("No table knows the application identifier {name}: the parameter is left out."),
        });
        self.scan_of(ScanKind::DigitalLink, &fields, unknown.collect())
    }

    /// The scan of these fields: what they break together warns, or refuses where that is asked for.
    fn scan_of(
        &self,
        kind: ScanKind,
        fields: &Fields<'_>,
        mut warnings: Vec<Warning>,
    ) -> Result<Scan, Refusal> {
        for finding in associations::findings(fields) {
            if self.rules.settings.strict {
                let fault = finding.fault();
                let message = finding.sentence();
                return Err(Refusal {
                    message,
                    ..Refusal::after(&fault, self.whole, fields)
                });
            }
            warnings.push(Warning {
                code: finding.code.as_str(),
                ai: Some(String::from_utf8_lossy(finding.ai).into_owned()),
                message: finding.sentence(),
            });
        }
        if let Some(warning) = warnings.first().filter(|_| self.rules.settings.strict) {
            return Err(Refusal {
                code: warning.code,
                ai: warning.ai.clone(),
                at: 0,
                message: warning.message.clone(),
                elements: fields.to_elements(),
            });
        }
        Ok(Scan {
            kind,
            elements: fields.to_elements(),
            warnings,
            ..self.plain()
        })
    }
}

/// Whether an element string that came without identifier is one beyond doubt: it begins with a field that has a
/// check digit. Codes like `10-04` would otherwise be lots.
fn is_evident(scan: &Scan) -> bool {
    scan.elements.first().is_some_and(|first| {
        matches!(
            first.ai.as_str(),
            "00" | "01" | "02" | "03" | "253" | "255" | "402" | "8003" | "8006" | "8017" | "8018" | "8026"
        ) || (first.ai.starts_with("41") && first.ai.len() == 3)
    })
}
