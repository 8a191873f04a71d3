//! Any text is read or refused, what is written is read again, and no damage is believed.

use proptest::option;
use proptest::prelude::*;

use super::*;

fn sample() -> SetUpCode {
    SetUpCode {
        address: "https://192.168.1.10:7070".to_owned(),
        pin: Some([0xA5; PIN_BYTES]),
        code: "K7QM2XRPABCDEFGH".to_owned(),
        site: "main".to_owned(),
        profile: "dock".to_owned(),
        wifi: Some(Wifi {
            name: "Halle 3".to_owned(),
            password: "nur für Gäste".replace('ü', "u").replace('ä', "a"),
        }),
    }
}

/// A body of fields with a right check, as no program of ours writes it.
fn sealed(told: &[u8]) -> String {
    let mut bytes = told.to_vec();
    bytes.extend_from_slice(&check_of(told));
    format!("{PREFIX}{}", base32::write(&bytes))
}

fn name() -> impl Strategy<Value = String> {
    "[ -~äöü]{0,20}"
}

fn address() -> impl Strategy<Value = String> {
    prop_oneof![
        "https?://[a-z0-9.-]{1,40}(:[0-9]{1,5})?",
        (any::<[u8; 4]>(), any::<u16>(), any::<bool>()).prop_map(|([a, b, c, d], port, tls)| {
            format!("http{}://{a}.{b}.{c}.{d}:{port}", if tls { "s" } else { "" })
        }),
    ]
}

fn set_up_code() -> impl Strategy<Value = SetUpCode> {
    let wifi = (
        "[a-zA-Z0-9 äöü]{1,12}",
        prop_oneof![Just(String::new()), "[ -~]{8,63}"],
    );
    let wifi = wifi.prop_map(|(name, password)| Wifi { name, password });
    let code = prop_oneof!["[2-9A-HJ-NP-Z]{16}", "[0-9A-Z]{1,40}"];
    let head = (address(), option::of(any::<[u8; PIN_BYTES]>()), code);
    (head, name(), name(), option::of(wifi)).prop_map(|((address, pin, code), site, profile, wifi)| {
        SetUpCode {
            address,
            pin,
            code,
            site,
            profile,
            wifi,
        }
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(code in set_up_code()) {
        let text = code.to_text().unwrap();
        prop_assert!(text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()));
        prop_assert_eq!(SetUpCode::read(&text), Ok(code.clone()));
        // As somebody types it.
        prop_assert_eq!(SetUpCode::read(&in_groups(&text).to_lowercase()), Ok(code.clone()));
        let typed = SetUpCode::read(&code.to_typed().unwrap()).unwrap();
        prop_assert_eq!((typed.address, typed.pin, typed.code), (code.address, code.pin, code.code));
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,60}", body in "[2-9A-HJ-NP-Z]{0,200}") {
        let _ = SetUpCode::read(&text);
        prop_assert!(SetUpCode::read(&format!("{PREFIX}{body}")).is_err(), "a check was guessed");
    }

    #[test]
    fn any_fields_are_read_or_refused(fields in proptest::collection::vec(any::<u8>(), 0..80)) {
        let mut told = vec![VERSION];
        told.extend_from_slice(&fields);
        if let Ok(code) = SetUpCode::read(&sealed(&told)) {
            prop_assert!(code.check().is_ok());
        }
    }
}

#[test]
fn no_damage_of_one_character_is_believed() {
    let text = sample().to_text().unwrap();
    for place in 0..text.len() {
        for other in ALPHABET
            .iter()
            .map(|byte| char::from(*byte))
            .chain(['0', 'O', '!', 'ß'])
        {
            let mut damaged: Vec<char> = text.chars().collect();
            if damaged[place] == other {
                continue;
            }
            damaged[place] = other;
            let damaged: String = damaged.into_iter().collect();
            assert!(
                SetUpCode::read(&damaged).is_err(),
                "{other} at {place} was believed"
            );
        }
        assert!(SetUpCode::read(&text[..place]).is_err(), "cut at {place}");
        // A keyboard of another layout exchanges letters everywhere.
        let exchanged = text.replace('Y', "y").replace('Z', "Y").replace('y', "Z");
        assert!(exchanged == text || SetUpCode::read(&exchanged).is_err());
    }
}

#[test]
fn a_refusal_says_what_is_the_matter() {
    let text = sample().to_text().unwrap();
    let of = |tag: u8, value: &[u8]| {
        let mut told = vec![VERSION];
        put(&mut told, tag, value);
        sealed(&told)
    };
    for (text, wanted) in [
        (String::new(), SetUpFault::Other),
        ("LOC-A1".to_owned(), SetUpFault::Other),
        (PREFIX.to_owned(), SetUpFault::Damaged),
        (text.repeat(9), SetUpFault::Damaged),
        (sealed(&[2, 1, 2]), SetUpFault::Newer(2)),
        (
            sealed(&[VERSION, SITE, 1, b'm', SITE, 1, b'm']),
            SetUpFault::Damaged,
        ),
        (sealed(&[VERSION, SITE, 9, b'm']), SetUpFault::Damaged),
        (of(PIN, &[1; 31]), SetUpFault::Damaged),
        (
            of(ADDRESS, b"ftp://hub"),
            SetUpFault::Field("its address is none: it has to be https:// or http:// and a host"),
        ),
        (
            of(ADDRESS, b"https://hub"),
            SetUpFault::Field("its one-time code is none"),
        ),
    ] {
        assert_eq!(SetUpCode::read(&text), Err(wanted), "{text}");
    }
}

#[test]
fn what_a_later_program_adds_is_passed_over() {
    let mut told = vec![VERSION];
    put(&mut told, ADDRESS, b"https://hub");
    put(&mut told, CODE, b"K7");
    put(&mut told, 200, b"news");
    let read = SetUpCode::read(&sealed(&told)).unwrap();
    assert_eq!((read.address.as_str(), read.code.as_str()), ("https://hub", "K7"));
}

/// A printed code outlives a program: these characters stay readable.
#[test]
fn the_text_is_a_promise() {
    let short = SetUpCode {
        pin: None,
        ..sample()
    };
    let typed = short.to_typed().unwrap();
    assert_eq!(typed, "TALLYSETUP2632G2G2P22JN8WY2J7ALVBJGVUN6P7Q8R9XUEW6NA");
}

#[test]
fn nothing_secret_is_shown_by_mistake() {
    let shown = format!("{:?}", sample());
    assert!(!shown.contains("K7QM") && !shown.contains("Gaste"), "{shown}");
}
