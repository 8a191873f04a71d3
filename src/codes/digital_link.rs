//! GS1 Digital Links: fields in the path and query of a web address.
//!
//! `https://example.com/01/09521234543213/10/LOT?17=271231`: a primary key and its qualifiers in the path, in
//! order, further fields in the query (GS1 Digital Link Standard: URI Syntax). Any host serves, and what stands in
//! the path before the key is the host's own.

mod build;

pub use build::build;

use crate::ai::{self, Entry, NONE};
use crate::date::Century;
use crate::fault::{Fault, FaultCode};
use crate::fields::Fields;
use crate::pieces::{self, Piece};
use crate::refusal::Refusal;
use crate::rules::Settings;
use crate::scan::Element;

/// The address that canonical links begin with.
pub const CANONICAL_STEM: &str = "https://id.gs1.org";

/// The longest address that is read: what browsers and QR Codes carry in practice, with room.
pub const URI_BYTES_MAX: usize = 4_096;

/// The names that version 1.0 of the standard had for keys and qualifiers.
const ALIASES: [(&str, &str); 24] = [
    ("gtin", "01"),
    ("itip", "8006"),
    ("cpid", "8010"),
    ("gln", "414"),
    ("party", "417"),
    ("partygln", "417"),
    ("payto", "415"),
    ("gsrnp", "8017"),
    ("gsrn", "8018"),
    ("gcn", "255"),
    ("sscc", "00"),
    ("gdti", "253"),
    ("ginc", "401"),
    ("gsin", "402"),
    ("grai", "8003"),
    ("giai", "8004"),
    ("gmn", "8013"),
    ("cpv", "22"),
    ("lot", "10"),
    ("ser", "21"),
    ("tpx", "235"),
    ("glnx", "254"),
    ("cpsn", "8011"),
    ("srin", "8019"),
];

/// A link taken apart, its values not yet checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Link<'a> {
    /// Key and qualifiers in path order, then the query.
    pub(crate) pieces: Vec<Piece<'a>>,
    /// All-digit names of the query that are no AI.
    pub(crate) unknown: Vec<&'a str>,
}

/// Takes a link apart; its faults count bytes of the text.
pub(crate) fn split<'a>(text: &'a str, settings: &Settings) -> Result<Link<'a>, Fault> {
    if text.is_empty() {
        return Err(Fault::new(FaultCode::Empty, 0));
    }
    let no_link = |at| Fault::new(FaultCode::DigitalLink, at);
    if text.len() > URI_BYTES_MAX {
        return Err(no_link(URI_BYTES_MAX));
    }
    let host_at = scheme_length(text).ok_or(no_link(0))?;
    if let Some(at) = text.bytes().position(|byte| !is_uri_byte(byte)) {
        return Err(Fault::new(FaultCode::Charset, at));
    }
    let address = text.split_once('#').map_or(text, |(address, _)| address);
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let behind_host = path.get(host_at..).unwrap_or_default();
    let (host, segments) = behind_host.split_once('/').ok_or(no_link(path.len()))?;
    if !is_host(host) {
        return Err(no_link(host_at));
    }
    let mut link = Link {
        pieces: Vec::new(),
        unknown: Vec::new(),
    };
    let key = split_path(segments, host_at + host.len() + 1, settings, &mut link)?;
    split_query(query, path.len() + 1, key, &mut link)?;
    Ok(link)
}

/// Whether a text begins as a web address does.
pub(crate) fn is_web_address(text: &str) -> bool {
    scheme_length(text).is_some()
}

fn scheme_length(text: &str) -> Option<usize> {
    let starts = |scheme: &&str| {
        text.get(..scheme.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(scheme))
    };
    ["https://", "http://"]
        .iter()
        .find(|scheme| starts(scheme))
        .map(|scheme| scheme.len())
}

/// RFC 3986, section 2: reserved, unreserved, and the percent sign.
fn is_uri_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte)
}

fn is_host(host: &str) -> bool {
    !host.is_empty() && !host.bytes().any(|byte| b"_~?#@!$&'()*+,;=%".contains(&byte))
}

/// Walks the path from its end, pair by pair, to the primary key; the pairs are kept in path order.
fn split_path<'a>(
    segments: &'a str,
    start: usize,
    settings: &Settings,
    link: &mut Link<'a>,
) -> Result<&'static Entry, Fault> {
    let no_link = Fault::new(FaultCode::DigitalLink, start);
    let mut end = segments.len();
    loop {
        let (head, value) = split_last(segments, end).ok_or(no_link)?;
        let (rest, name) = split_last(segments, head.ok_or(no_link)?).ok_or(no_link)?;
        let ai = number_of(name, settings).ok_or(no_link)?;
        let entry = ai::find(ai.as_bytes()).ok_or(no_link)?;
        let value_at = start + end - value.len();
        let mut decoded = decode(value, value_at, false).map_err(|fault| Fault {
            ai: ai::Ai::new(ai.as_bytes()),
            ..fault
        })?;
        if ai == "01" && settings.digital_link_short_gtin && matches!(decoded.len(), 8 | 12 | 13) {
            decoded.splice(0..0, std::iter::repeat_n(b'0', 14 - decoded.len()));
        }
        let ai_at = value_at - 1 - name.len();
        link.pieces.insert(
            0,
            Piece {
                ai: ai.as_bytes(),
                value: decoded,
                ai_at,
                at: value_at,
            },
        );
        if entry.is_key {
            check_qualifiers(entry, link)?;
            return Ok(entry);
        }
        end = rest.ok_or(no_link)?;
    }
}

/// The last segment before `end`, and where the one before it ends, if there is one.
fn split_last(segments: &str, end: usize) -> Option<(Option<usize>, &str)> {
    let head = segments.get(..end)?;
    match head.rfind('/') {
        Some(slash) => Some((Some(slash), head.get(slash + 1..)?)),
        None => Some((None, head)),
    }
}

/// The AI that a segment names: digits, or a name of version 1.0 where those are accepted.
fn number_of<'a>(name: &'a str, settings: &Settings) -> Option<&'a str> {
    if name.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(name);
    }
    let alias = ALIASES.iter().find(|(alias, _)| alias.eq_ignore_ascii_case(name));
    alias.filter(|_| settings.digital_link_aliases).map(|(_, ai)| *ai)
}

/// The pairs behind the key must be qualifiers of it, in the order of one of its lists.
fn check_qualifiers(key: &Entry, link: &Link<'_>) -> Result<(), Fault> {
    let behind = || link.pieces.iter().skip(1);
    let follows = |list: &[u8; 3]| {
        let mut allowed = list.iter();
        behind().find(|piece| !allowed.any(|&row| row != NONE && row == ai::row_of(piece.ai)))
    };
    let mut wrong = key.qualifiers.iter().map(follows);
    if wrong.clone().any(|piece| piece.is_none()) {
        return Ok(());
    }
    match wrong.next().flatten() {
        Some(piece) => Err(Fault::of(FaultCode::Qualifier, piece.ai, piece.ai_at)),
        None => Ok(()),
    }
}

fn split_query<'a>(query: &'a str, start: usize, key: &Entry, link: &mut Link<'a>) -> Result<(), Fault> {
    let mut at = start;
    for parameter in query.split('&') {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let name_at = at;
        at += parameter.len() + 1;
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_digit()) {
            continue;
        }
        let Some(entry) = ai::find(name.as_bytes()) else {
            link.unknown.push(name);
            continue;
        };
        let row = ai::row_of(name.as_bytes());
        if !entry.in_query || key.qualifiers.iter().flatten().any(|&qualifier| qualifier == row) {
            return Err(Fault::of(FaultCode::Place, name.as_bytes(), name_at));
        }
        let value_at = name_at + name.len() + 1;
        let decoded = decode(value, value_at, true).map_err(|fault| Fault {
            ai: ai::Ai::new(name.as_bytes()),
            ..fault
        })?;
        link.pieces.push(Piece {
            ai: name.as_bytes(),
            value: decoded,
            ai_at: name_at,
            at: value_at,
        });
    }
    Ok(())
}

/// Resolves `%HH`, and `+` in a query.
fn decode(value: &str, at: usize, in_query: bool) -> Result<Vec<u8>, Fault> {
    let (bytes, mut decoded, mut place) = (value.as_bytes(), Vec::with_capacity(value.len()), 0);
    while let Some(&byte) = bytes.get(place) {
        let broken = Fault::new(FaultCode::PercentEncoding, at + place);
        let byte = match byte {
            b'%' => {
                let hex = value
                    .get(place + 1..place + 3)
                    .filter(|hex| hex.bytes().all(|digit| digit.is_ascii_hexdigit()));
                let byte = hex
                    .and_then(|hex| u8::from_str_radix(hex, 16).ok())
                    .ok_or(broken)?;
                if byte == 0 {
                    return Err(broken);
                }
                byte
            }
            b'+' if in_query => b' ',
            byte => byte,
        };
        decoded.push(byte);
        place += width(bytes.get(place..).unwrap_or_default());
    }
    Ok(decoded)
}

/// `%HH` takes three bytes.
fn width(text: &[u8]) -> usize {
    if text.first() == Some(&b'%') { 3 } else { 1 }
}

/// Splits and checks a Digital Link: key and qualifiers, then the query.
///
/// # Errors
/// A [`Refusal`] whose position counts characters of the text.
pub fn parse(text: &str, century: Century, settings: &Settings) -> Result<Vec<Element>, Refusal> {
    let mut fields = Fields::new();
    let link = split(text, settings).map_err(|fault| Refusal::of(&fault, text))?;
    match check(&link, text, century, &mut fields) {
        Ok(()) => Ok(fields.to_elements()),
        Err(fault) => Err(Refusal::after(&fault, text, &fields)),
    }
}

pub(crate) fn check<'p>(
    link: &'p Link<'p>,
    text: &str,
    century: Century,
    fields: &mut Fields<'p>,
) -> Result<(), Fault> {
    pieces::check(&link.pieces, text, width, century, fields)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn parsed(text: &str, settings: &Settings) -> Result<Vec<(String, String)>, Refusal> {
        let elements = parse(text, Century::of(date(2026, 11, 23)), settings)?;
        Ok(elements
            .into_iter()
            .map(|element| (element.ai, element.value))
            .collect())
    }

    fn fields(text: &str) -> String {
        let found = parsed(text, &Settings::default());
        let found = found.unwrap_or_else(|refusal| panic!("{text}: {refusal:?}"));
        found.iter().map(|(ai, value)| format!("({ai}){value}")).collect()
    }

    fn refused(text: &str) -> (&'static str, usize) {
        let refusal = parsed(text, &Settings::default()).unwrap_err();
        (refusal.code, refusal.at)
    }

    #[test]
    fn key_qualifiers_and_query() {
        let whole = "(01)15901234234570(10)LOT7(21)AB12CD(17)291231";
        assert_eq!(
            fields("https://shop.example/p/01/15901234234570/10/LOT7/21/AB12CD?17=291231"),
            whole
        );
        assert_eq!(
            fields("HTTPS://SHOP.EXAMPLE/01/15901234234570"),
            "(01)15901234234570"
        );
        assert_eq!(
            fields("hTtP://a.example:8080/00/359012340000000421?linkType=all#x"),
            "(00)359012340000000421"
        );
        assert_eq!(
            fields("https://a.example/01/01/15901234234570?&3103=001250&"),
            "(01)15901234234570(3103)001250"
        );
        assert_eq!(
            fields("https://a.example/01/15901234234570/10/A%2FB%25?90=a%2Bb"),
            "(01)15901234234570(10)A/B%(90)a+b"
        );
        assert_eq!(
            fields("https://a.example/01/15901234234570?4321=1&9999=1&2024=x"),
            "(01)15901234234570(4321)1"
        );
        assert_eq!(
            fields("https://a.example/414/9521234543213/254/A?90=1"),
            "(414)9521234543213(254)A(90)1"
        );
    }

    #[test]
    fn what_is_no_link_and_what_is_a_broken_one() {
        let cases = [
            ("", "empty", 0),
            ("ftp://a.example/01/15901234234570", "digital_link", 0),
            ("https://a.example", "digital_link", 17),
            ("https://a.example/", "digital_link", 18),
            ("https://a_b.example/01/15901234234570", "digital_link", 8),
            ("https://a.example/01/15901234234570/", "digital_link", 18),
            ("https://a.example/gtin/15901234234570", "digital_link", 18),
            ("https://a.example/01/15901234234571", "check_digit", 21),
            ("https://a.example/01/5901234123457", "too_short", 21),
            ("https://a.example/01/15901234234570/21/A/10/B", "qualifier", 41),
            ("https://a.example/01/15901234234570/10/A/235/B", "qualifier", 41),
            (
                "https://a.example/01/15901234234570/10/A%2",
                "percent_encoding",
                40,
            ),
            (
                "https://a.example/01/15901234234570/10/A%00",
                "percent_encoding",
                40,
            ),
            ("https://a.example/01/15901234234570/10/A%20B", "charset", 40),
            ("https://a.example/01/15901234234570/10/%41%20B", "charset", 42),
            ("https://a.example/01/15901234234570?21=A", "place", 36),
            ("https://a.example/00/359012340000000421?8019=1", "place", 40),
            ("https://a.example/01/15901234234570?17=991331", "date", 39),
            ("https://a.example/01/15901234234570?90=a+b", "charset", 40),
            ("https://a.example/01/15901234234570?90=a&90=b", "repeated", 44),
            ("https://a.example/01/159012342345 0", "charset", 33),
        ];
        for (text, code, at) in cases {
            assert_eq!(refused(text), (code, at), "{text}");
        }
    }

    #[test]
    fn older_links_are_read_where_settings_say_so() {
        let settings = Settings {
            digital_link_aliases: true,
            digital_link_short_gtin: true,
            ..Settings::default()
        };
        let found = parsed("https://a.example/gtin/5901234123457/lot/A", &settings).unwrap();
        assert_eq!(
            found,
            [
                ("01".to_owned(), "05901234123457".to_owned()),
                ("10".to_owned(), "A".to_owned())
            ]
        );
        assert!(parsed("https://a.example/gtin/15901234234570", &settings).is_ok());
    }

    #[test]
    fn links_are_built_in_the_order_of_the_standard() {
        let elements = |text: &str| crate::bracketed::parse(text, Century::of(date(2026, 11, 23))).unwrap();
        let built =
            |text: &str| build(&elements(text), "https://shop.example/p/").map_err(|refusal| refusal.code);
        assert_eq!(
            built("(10)LOT7(90)a/b(17)291231(21)AB12CD(01)15901234234570").as_deref(),
            Ok("https://shop.example/p/01/15901234234570/10/LOT7/21/AB12CD?17=291231&90=a%2Fb")
        );
        assert_eq!(
            built("(01)15901234234570(235)T").as_deref(),
            Ok("https://shop.example/p/01/15901234234570/235/T")
        );
        assert_eq!(built("(10)A"), Err("digital_link"));
        assert_eq!(built("(01)15901234234570(254)A"), Err("place"));
        assert_eq!(built("(01)15901234234570(10)A(235)T"), Err("place"));
    }
}
