//! The way along the racks, and the bundles of locations that people count in one go.

use std::cmp::Ordering;

use super::CountPlace;

/// Locations in the bundles that people count in one go.
pub(super) fn bundles(mut places: Vec<CountPlace>, max: usize) -> Vec<Vec<CountPlace>> {
    places.sort_by(along);
    let mut bundles: Vec<Vec<CountPlace>> = Vec::new();
    for aisle in places.chunk_by(|one, other| one.zone == other.zone && aisle(one) == aisle(other)) {
        let fits = bundles.last().is_some_and(|bundle: &Vec<CountPlace>| {
            let is_same_zone = bundle.last().map(|last| &last.zone) == aisle.first().map(|first| &first.zone);
            is_same_zone && bundle.len() + aisle.len() <= max
        });
        match bundles.last_mut() {
            Some(bundle) if fits => bundle.extend_from_slice(aisle),
            _ => {
                // Parts of one aisle, as even as can be.
                let parts = aisle.len().div_ceil(max).max(1);
                let even = aisle.len().div_ceil(parts).max(1);
                bundles.extend(aisle.chunks(even).map(<[CountPlace]>::to_vec));
            }
        }
    }
    bundles
}

/// What stands before the first sign that is neither letter nor digit; where there is none, the letters it begins with.
fn aisle(place: &CountPlace) -> &str {
    let address = place.location.as_str();
    let end = address
        .find(|sign: char| !sign.is_alphanumeric())
        .or_else(|| address.find(|sign: char| !sign.is_alphabetic()));
    address.get(..end.unwrap_or(address.len())).unwrap_or(address)
}

/// The way along the racks: zone by zone, and addresses with their figures read as numbers.
pub(crate) fn along(one: &CountPlace, other: &CountPlace) -> Ordering {
    let zones = by_figures(&one.zone, &other.zone);
    zones.then_with(|| by_figures(&one.location, &other.location))
}

fn by_figures(one: &str, other: &str) -> Ordering {
    let (mut rest, mut other_rest) = (one, other);
    loop {
        let (Some(first), Some(other_first)) = (rest.chars().next(), other_rest.chars().next()) else {
            // Addresses that read alike are told apart by their bytes.
            return rest.len().cmp(&other_rest.len()).then_with(|| one.cmp(other));
        };
        if first.is_ascii_digit() && other_first.is_ascii_digit() {
            let (figures, behind) = leading_figures(rest);
            let (other_figures, other_behind) = leading_figures(other_rest);
            let by_value = figures
                .len()
                .cmp(&other_figures.len())
                .then_with(|| figures.cmp(other_figures));
            if by_value != Ordering::Equal {
                return by_value;
            }
            (rest, other_rest) = (behind, other_behind);
        } else if first == other_first {
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
            other_rest = other_rest.get(first.len_utf8()..).unwrap_or_default();
        } else {
            return first.cmp(&other_first);
        }
    }
}

/// The figures a text begins with, without leading zeros, and what is behind them.
fn leading_figures(text: &str) -> (&str, &str) {
    let end = text
        .find(|sign: char| !sign.is_ascii_digit())
        .unwrap_or(text.len());
    let (figures, behind) = text.split_at(end);
    (figures.trim_start_matches('0'), behind)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(location: &str, zone: &str) -> CountPlace {
        CountPlace {
            location: location.to_owned(),
            zone: zone.to_owned(),
        }
    }

    #[test]
    fn small_aisles_of_a_zone_share_a_task() {
        let places = ["A-1", "A-2", "B-1", "C-1", "C-2"].map(|location| place(location, ""));
        let sizes: Vec<usize> = bundles(places.to_vec(), 4).iter().map(Vec::len).collect();
        assert_eq!(sizes, [3, 2]);
    }

    #[test]
    fn addresses_are_read_by_their_figures() {
        for (one, other, expected) in [
            ("A-2", "A-10", Ordering::Less),
            ("A-02", "A-10", Ordering::Less),
            ("A-02-1", "A-2-1", Ordering::Less),
            ("A", "A-1", Ordering::Less),
            ("B-1", "A-9", Ordering::Greater),
            ("A-1", "A-1", Ordering::Equal),
        ] {
            assert_eq!(by_figures(one, other), expected, "{one} and {other}");
        }
        for (address, expected) in [
            ("A-01-3", "A"),
            ("AB12", "AB"),
            ("12.3", "12"),
            ("Dock", "Dock"),
            ("", ""),
        ] {
            assert_eq!(aisle(&place(address, "")), expected);
        }
    }
}
