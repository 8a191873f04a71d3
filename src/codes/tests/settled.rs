//! The settled cases: what users and other programs may rely on, one line each.

use jiff::civil::date;

use crate::site::{SiteCodeKind, SiteRule, SiteRules};
use crate::{
    Confidence, Refusal, Rules, Scan, ScanKind, Settings, SiteCode, bracketed, understand_bracketed,
    understand_element_string, understand_text, understand_uri,
};

fn rules() -> Rules {
    Rules::new(date(2026, 11, 23))
}

fn strict() -> Rules {
    Rules {
        settings: Settings {
            strict: true,
            ..Settings::default()
        },
        ..rules()
    }
}

/// Kind and fields of a scan, or code and position of its refusal.
fn told(understood: Result<Scan, Refusal>) -> String {
    match understood {
        Ok(scan) => {
            let add_on = scan
                .add_on
                .map(|digits| format!(" +{digits}"))
                .unwrap_or_default();
            let fields = bracketed::build(&scan.elements);
            let warnings: String = scan
                .warnings
                .iter()
                .map(|warning| format!(" !{}", warning.code))
                .collect();
            format!("{} {fields}{add_on}{warnings}", scan.kind.as_str())
                .trim_end()
                .to_owned()
        }
        Err(refusal) => format!("{} at {}", refusal.code, refusal.at),
    }
}

fn scanned(text: &str) -> String {
    told(understand_text(text, &rules()))
}

#[test]
fn element_strings() {
    let cases = [
        ("]C10109521234543213", "element_string (01)09521234543213"),
        (
            "]d2010952123454321310AB\u{1d}17271231",
            "element_string (01)09521234543213(10)AB(17)271231",
        ),
        (
            "]Q30109521234543213\u{1d}10AB\u{1d}",
            "element_string (01)09521234543213(10)AB",
        ),
        ("]e00109521234543213", "element_string (01)09521234543213"),
        ("]J10109521234543213", "element_string (01)09521234543213"),
        (
            "]C1010952123454321310AB\u{1d}10AB",
            "element_string (01)09521234543213(10)AB",
        ),
        ("]C1010952123454321310AB\u{1d}10AC", "repeated at 26"),
        ("]C110AB", "element_string (10)AB !requires"),
        (
            "]C10109521234543213371",
            "element_string (01)09521234543213(37)1 !excludes !requires !requires",
        ),
        ("]C10109521234543213431", "unknown_ai at 19"),
        ("]C1010952123454321305A", "unknown_ai at 19"),
        ("]C10109521234543213709912", "unknown_ai at 19"),
        (
            "]C101095212345432133109001250",
            "element_string (01)09521234543213(3109)001250 !unknown_ai",
        ),
        ("]C1\u{1d}0109521234543213", "separator at 3"),
        ("]C110AB\u{1d}\u{1d}0109521234543213", "separator at 8"),
        ("]C1010952123454321", "too_short at 5"),
        ("]C1010952123454\u{1d}321310AB", "too_short at 5"),
        ("]C10109521234543213422", "too_short at 22"),
        ("]C1010952123454321342227\u{1d}10A", "too_short at 22"),
        ("]C10109521234543213422276310300125010A", "too_long at 22"),
        ("]C10109521234543214", "check_digit at 5"),
        ("]C1010952123454321317271331", "date at 21"),
        ("]C1010952123454321310A\u{e9}B", "charset at 22"),
        ("]C100359012340000000421432427123199990", "too_long at 27"),
        (
            "]C10035901234000000042143242712319999",
            "element_string (00)359012340000000421(4324)2712319999 !time",
        ),
        ("]C1", "empty at 3"),
        ("", "empty at 0"),
    ];
    for (text, expected) in cases {
        assert_eq!(scanned(text), expected, "{text:?}");
    }
    assert_eq!(
        told(understand_element_string("0109521234543214", &rules())),
        "check_digit at 2"
    );
    assert_eq!(told(understand_element_string("", &rules())), "empty at 0");
    assert_eq!(
        told(understand_bracketed("(01)09521234543214", &rules())),
        "check_digit at 4"
    );
}

#[test]
fn item_numbers() {
    let cases = [
        ("]E04006381333931", "gtin (01)04006381333931"),
        ("]E0042100005264", "gtin (01)00042100005264"),
        ("]E004252614", "gtin (01)00042100005264"),
        ("]X004252614", "gtin (01)00042100005264"),
        ("]E0425261", "gtin (01)00042100005264"),
        ("]E04252614", "gtin (01)00042100005264"),
        ("]E00425261", "gtin (01)00042100005264 !ambiguous"),
        ("]E496385074", "gtin (01)00000096385074"),
        ("]E096385074", "gtin (01)00000096385074"),
        ("]E496385075", "check_digit at 3"),
        ("]E04006381333932", "check_digit at 3"),
        ("]E040063813339x1", "charset at 14"),
        ("]E040063", "too_short at 3"),
        ("]E34006381333931052", "too_long at 3"),
        ("]E3400638133393105", "gtin (01)04006381333931 +05"),
        ("]E3400638133393151995", "gtin (01)04006381333931 +51995"),
        ("]E04006381333931]E105", "gtin (01)04006381333931 +05"),
        ("]E105", "text  +05"),
        ("]I114006381333938", "gtin (01)14006381333938"),
        ("]I114006381333939", "check_digit at 3"),
        ("]I31400638133393", "gtin (01)14006381333938"),
        ("]I014006381333939", "text"),
        ("]I0123456", "text"),
        ("4006381333931", "gtin (01)04006381333931"),
        ("4006381333932", "text"),
    ];
    for (text, expected) in cases {
        assert_eq!(scanned(text), expected, "{text:?}");
    }
}

#[test]
fn composites_are_one_element_string() {
    let joined = "element_string (01)04006381333931(10)LOT(17)271231";
    assert_eq!(scanned("]E04006381333931|]e010LOT\u{1d}17271231"), joined);
    assert_eq!(scanned("4006381333931|]e010LOT\u{1d}17271231"), joined);
    assert_eq!(scanned("]C10104006381333931|]e010LOT\u{1d}17271231"), joined);
    assert_eq!(scanned("]E04006381333932|]e010LOT"), "check_digit at 3");
    assert_eq!(scanned("]E04006381333931|]e01799"), "too_short at 22");
    assert_eq!(scanned("]E04006381333931|]e0"), "empty at 20");
}

#[test]
fn codes_without_identifier_are_told_by_their_form() {
    let cases = [
        ("00359012340000000421", "element_string (00)359012340000000421"),
        ("010952123454321310AB", "element_string (01)09521234543213(10)AB"),
        ("10AB\u{1d}21C", "element_string (10)AB(21)C !requires !requires"),
        ("10-04-03", "text"),
        ("2012", "text"),
        ("359012340000000421", "text"),
        ("LOC-A-01", "text"),
        (
            "https://id.gs1.org/01/09521234543213",
            "digital_link (01)09521234543213",
        ),
        ("https://example.com/2024/01/12", "text"),
        ("https://example.com/", "text"),
        ("https://id.gs1.org/01/09521234543214", "check_digit at 22"),
        ("]Q1https://id.gs1.org/01/09521234543214", "check_digit at 25"),
        (
            "]Q1HTTPS://ID.GS1.ORG/01/09521234543213?17=271231",
            "digital_link (01)09521234543213(17)271231",
        ),
        (
            "]d1https://a.example/01/09521234543213?1234=x",
            "digital_link (01)09521234543213 !unknown_ai",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(scanned(text), expected, "{text:?}");
    }
    let settings = Settings {
        bare_sscc: true,
        ..Settings::default()
    };
    let scan = understand_text("359012340000000421", &Rules { settings, ..rules() }).unwrap();
    assert_eq!(
        (scan.sscc(), scan.confidence),
        (Some("359012340000000421"), Confidence::Inferred)
    );
    assert_eq!(
        understand_text("4006381333931", &rules()).unwrap().confidence,
        Confidence::Inferred
    );
    assert_eq!(
        told(understand_uri("https://id.gs1.org/gtin/09521234543213", &rules())),
        "digital_link at 19"
    );
}

#[test]
fn strict_reading_refuses_what_warns() {
    let refused = |text: &str| told(understand_text(text, &strict()));
    assert_eq!(
        refused("]C1010952123454321310AB"),
        "element_string (01)09521234543213(10)AB"
    );
    assert_eq!(refused("]C110AB"), "requires at 5");
    assert_eq!(refused("]C10109521234543213371"), "excludes at 5");
    assert_eq!(refused("]C101095212345432133109001250"), "unknown_ai at 23");
    assert_eq!(refused("]E00425261"), "ambiguous at 3");
    assert_eq!(
        refused("https://a.example/01/09521234543213?1234=x"),
        "unknown_ai at 0"
    );
    let refusal = understand_text("]C110AB", &strict()).unwrap_err();
    assert!(
        refusal.message.contains("needs (01) or (02)"),
        "{}",
        refusal.message
    );
}

#[test]
fn a_site_rule_comes_before_inference_and_beside_an_identifier() {
    let rule = SiteRule {
        pattern: "10-<[0-9]{2}-[0-9]{2}>".to_owned(),
        kind: SiteCodeKind::Location,
    };
    let rules = Rules {
        site: SiteRules::new(vec![rule]).unwrap(),
        ..rules()
    };
    for text in ["10-04-03", "]C010-04-03", "]Q110-04-03"] {
        let scan = understand_text(text, &rules).unwrap();
        assert_eq!(
            scan.site_code,
            Some(SiteCode::Location("04-03".to_owned())),
            "{text}"
        );
        assert_eq!(scan.kind, ScanKind::Text);
    }
}

#[test]
fn a_repair_rule_settles_a_suppliers_labels() {
    let rules = Rules {
        repairs: vec!["9521234: 01 10 17".parse().unwrap()],
        ..rules()
    };
    let glued = "]C1010952123454321310LOT717271231";
    let scan = understand_text(glued, &rules).unwrap();
    assert_eq!(
        (scan.lot(), scan.confidence),
        (Some("LOT7"), Confidence::Repaired)
    );
    assert_eq!(
        scan.warnings.first().map(|warning| warning.code),
        Some("repaired")
    );
    let right = understand_text("]C1010952123454321310LOT7\u{1d}17271231", &rules).unwrap();
    assert_eq!(
        (right.lot(), right.confidence),
        (Some("LOT7"), Confidence::Stated)
    );
    assert_eq!(
        understand_text(glued, &self::rules()).unwrap().lot(),
        Some("LOT717271231")
    );
}
