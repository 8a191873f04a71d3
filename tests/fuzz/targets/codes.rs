//! The entries of the room `codes`.

use jiff::civil::date;
use tallyman_codes::date::Century;
use tallyman_codes::fault::FaultCode;
use tallyman_codes::fields::Fields;
use tallyman_codes::site::pattern::Pattern;
use tallyman_codes::{
    Barcode, Refusal, Rules, Scan, Seen, Settings, SiteCodeKind, SiteRule, SiteRules, SymbologyId, associations,
    bracketed as brackets, code_id::Vendor, digital_link as links, element_string as strings, epc as epcs, gs_alias,
    repair, understand, understand_bracketed, understand_element_string, understand_text, understand_uri,
};

fn rules() -> Rules {
    Rules::new(date(2026, 11, 23))
}

fn century() -> Century {
    Century::of(rules().today)
}

/// Bytes as text: one character each where they are no UTF-8.
fn text_of(input: &[u8]) -> String {
    Barcode::plain(input).text()
}

/// A refusal says what is wrong in a sentence, and where within the text.
fn hold(understood: Result<Scan, Refusal>, text: &str) -> Option<Scan> {
    match understood {
        Ok(scan) => Some(scan),
        Err(refusal) => {
            assert!(FaultCode::ALL.iter().any(|code| code.as_str() == refusal.code), "{refusal:?}");
            assert!(refusal.at <= text.chars().count(), "{refusal:?}");
            assert!(refusal.message.ends_with('.'), "{refusal:?}");
            None
        }
    }
}

/// What a scanner sent, under all settings. An accepted code is accepted again by its own fields.
pub fn scan_text(input: &[u8]) {
    let text = text_of(input);
    let open = Settings {
        digital_link_aliases: true,
        digital_link_short_gtin: true,
        bare_sscc: true,
        strict: false,
    };
    let strict = Settings { strict: true, ..Settings::default() };
    let _ = hold(understand_text(&text, &Rules { settings: open, ..rules() }), &text);
    let narrow = hold(understand_text(&text, &Rules { settings: strict, ..rules() }), &text);
    let wide = hold(understand_text(&text, &rules()), &text);
    assert!(narrow.is_none() || wide.is_some(), "strict reading accepts what plain reading refuses: {text:?}");
    if let Some(scan) = wide.filter(|scan| scan.warnings.is_empty() && !scan.elements.is_empty()) {
        let written = brackets::build(&scan.elements);
        let again = understand_bracketed(&written, &rules()).expect("fields of an accepted code are right");
        assert_eq!(again.elements, scan.elements);
    }
}

/// Raw bytes with any identifier, vendor ids and separator substitutes.
pub fn scan_bytes(input: &[u8]) {
    let [code, modifier, message @ ..] = input else { return };
    for symbology in [None, Some(SymbologyId::new(*code, *modifier)), Some(SymbologyId::new(b'Q', b'2'))] {
        let barcode = Barcode { symbology, ..Barcode::plain(message) };
        let text = barcode.text();
        let _ = hold(understand(&Seen::Barcode(barcode), &rules()), &text);
    }
    for vendor in [Vendor::Zebra, Vendor::Honeywell, Vendor::DatalogicUsa, Vendor::DatalogicEu] {
        if let Some((code_id, _, rest)) = vendor.split(message) {
            assert_eq!(code_id.len() + rest.len(), message.len());
        }
    }
    if let Ok(alias) = gs_alias::GsAlias::new(&text_of(&[*code, *modifier])) {
        let replaced = alias.apply(message);
        assert_eq!(alias.apply(&replaced), replaced, "a substitute is left");
    }
}

/// An element string: what is accepted and known is written and read back the same.
pub fn element_string(input: &[u8]) {
    let text = text_of(input);
    let mut fields = Fields::new();
    let parsed = strings::parse(text.as_bytes(), century(), &mut fields);
    let findings = associations::findings(&fields).count();
    assert_eq!(associations::are_kept(&fields), findings == 0, "{text:?}");
    let scan = hold(understand_element_string(&text, &rules()), &text);
    assert!(scan.is_none() || parsed.is_ok() || text.contains("|]e0"), "{text:?}");
    if parsed.is_ok() && fields.iter().all(|field| field.entry().is_some()) {
        let written = strings::build(&fields.to_elements(), century()).expect("accepted fields can be written");
        let mut again = Fields::new();
        strings::parse(written.as_bytes(), century(), &mut again).expect("what is written can be read");
        let sorted = |fields: &Fields<'_>| {
            let mut elements = fields.to_elements();
            elements.sort_by(|a, b| a.ai.cmp(&b.ai));
            elements
        };
        assert_eq!(sorted(&again), sorted(&fields));
    }
}

/// Bracketed text: what is accepted is written and read back the same.
pub fn bracketed(input: &[u8]) {
    let text = text_of(input);
    if let Some(scan) = hold(understand_bracketed(&text, &rules()), &text) {
        let again = understand_bracketed(&brackets::build(&scan.elements), &rules()).expect("what is written is read");
        assert_eq!(again.elements, scan.elements);
    }
}

/// A Digital Link: what is accepted is written and read back the same.
pub fn digital_link(input: &[u8]) {
    let text = text_of(input);
    for text in [text.clone(), format!("https://a.example/{text}")] {
        if let Some(scan) = hold(understand_uri(&text, &rules()), &text) {
            let written = links::build(&scan.elements, links::CANONICAL_STEM).expect("accepted fields can be written");
            let again = understand_uri(&written, &rules()).expect("what is written can be read");
            let sorted = |scan: &Scan| {
                let mut elements = scan.elements.clone();
                elements.sort_by(|a, b| a.ai.cmp(&b.ai));
                elements
            };
            assert_eq!(sorted(&again), sorted(&scan));
        }
    }
}

/// A tag's EPC memory, with and without length and PC word.
pub fn epc(input: &[u8]) {
    let pc = input.first_chunk().map(|word| u16::from_be_bytes(*word));
    let bits = input.len() * 8;
    for (bits, pc) in [(None, None), (None, pc), (Some(bits.saturating_sub(3)), None)] {
        match epcs::decode(input, bits, pc) {
            Ok(epc) => {
                let _ = (epc.uri(), epc.tag_uri(), epc.elements(), epc.company_prefix(), epc.filter());
            }
            Err(refusal) => assert!(refusal.message.ends_with('.') && refusal.at <= input.len() * 8, "{refusal:?}"),
        }
    }
}

/// Label repair: readings pass all checks, and are none of them the plain reading.
pub fn label_repair(input: &[u8]) {
    let text = text_of(input);
    let readings = repair::readings(&text, century());
    assert!(readings.len() <= repair::READINGS_MAX);
    for reading in readings {
        strings::build(&reading.elements, century()).expect("a reading passes all checks");
        assert!(reading.reason.ends_with('.'));
    }
    let _ = repair::is_suspicious(&text, century());
    if let Some((rule, message)) = text.split_once('\n')
        && let Ok(rule) = rule.parse::<repair::RepairRule>()
    {
        assert_eq!(rule.to_string().parse(), Ok(rule.clone()));
        let _ = rule.read(message, century());
    }
}

/// Site patterns, two by two: a common code is claimed by both.
pub fn site_pattern(input: &[u8]) {
    let text = text_of(input);
    let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
    let (second, code) = rest.split_once('\n').unwrap_or((rest, ""));
    let (Ok(one), Ok(other)) = (Pattern::new(first), Pattern::new(second)) else { return };
    match one.common_code(&other) {
        Some(code) => {
            assert!(one.identity(&code).is_some() && other.identity(&code).is_some(), "{first:?} {second:?} {code:?}");
        }
        None => assert!(one.identity(code).is_none() || other.identity(code).is_none(), "{first:?} {second:?} {code:?}"),
    }
    let rule = |pattern: &str| SiteRule { pattern: pattern.to_owned(), kind: SiteCodeKind::Location };
    let _ = SiteRules::new(vec![rule(first), rule(second)]).map(|rules| rules.claim(code));
}
