//! The GS1 Digital Link of a tag: path and query for the host that the reader of the link chooses.

use std::fmt::Write;

use crate::ai::{self, Ai};
use crate::scan::Element;

/// The Digital Link without host, as `/01/80614141123458/21/6789`; `None` where no element is a key.
///
/// The first element that is a key leads the path, its qualifiers follow in their order, and the rest goes into
/// the query. An identifier that may stand in neither is left out.
pub(super) fn digital_link(elements: &[Element]) -> Option<String> {
    let key = elements
        .iter()
        .find(|element| entry(element).is_some_and(|entry| entry.is_key))?;
    let mut link = String::new();
    write_pair(&mut link, '/', '/', key);
    let qualifiers = qualifiers(key, elements);
    for qualifier in &qualifiers {
        write_pair(&mut link, '/', '/', qualifier);
    }
    let mut mark = '?';
    for element in elements {
        let in_path = element == key || qualifiers.contains(&element);
        if !in_path && entry(element).is_some_and(|entry| entry.in_query) {
            write_pair(&mut link, mark, '=', element);
            mark = '&';
        }
    }
    Some(link)
}

/// The elements that qualify the key, in path order: of the list of qualifiers that has most of them.
fn qualifiers<'e>(key: &Element, elements: &'e [Element]) -> Vec<&'e Element> {
    let lists = entry(key).map(|entry| entry.qualifiers).unwrap_or_default();
    let found = lists.iter().map(|list| {
        let found = list.iter().filter_map(|row| {
            elements
                .iter()
                .find(|element| *row != ai::NONE && ai::row_of(element.ai.as_bytes()) == *row)
        });
        found.collect::<Vec<_>>()
    });
    // `max_by_key` would take the last of equals.
    found.rev().max_by_key(Vec::len).unwrap_or_default()
}

fn entry(element: &Element) -> Option<&'static ai::Entry> {
    ai::find(Ai::new(element.ai.as_bytes())?.as_bytes())
}

fn write_pair(link: &mut String, before: char, between: char, element: &Element) {
    link.push(before);
    link.push_str(&element.ai);
    link.push(between);
    for byte in element.value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            link.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(link, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::keys::element;
    use super::*;

    #[test]
    fn qualifiers_stand_in_the_path_and_the_rest_in_the_query() {
        let elements = [
            element("17", "291231"),
            element("01", "15901234234570"),
            element("21", "A/B"),
            element("10", "LOT7"),
            element("3103", "001250"),
        ];
        let link = "/01/15901234234570/10/LOT7/21/A%2FB?17=291231&3103=001250";
        assert_eq!(digital_link(&elements).as_deref(), Some(link));
        assert_eq!(digital_link(&[element("10", "LOT7")]), None);
        let upui = [element("01", "15901234234570"), element("235", "T1")];
        assert_eq!(digital_link(&upui).as_deref(), Some("/01/15901234234570/235/T1"));
        let location = [element("414", "5901234000048"), element("254", "B7")];
        assert_eq!(
            digital_link(&location).as_deref(),
            Some("/414/5901234000048/254/B7")
        );
    }
}
