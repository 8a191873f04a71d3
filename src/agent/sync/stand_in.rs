//! What goes to the hub in place of a record that is refused as it is.

use serde_json::Value;

/// A body up to this size goes whole. What refuses a request of this size refuses every request.
const WHOLE_BYTES_MAX: usize = 4 << 10;

/// A body as one JSON text, which nothing trips over.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct StandIn {
    /// A JSON text.
    pub(super) body: String,
    /// Whether all of the record is in it.
    pub(super) is_whole: bool,
}

impl StandIn {
    /// The record's body where it is small, else its beginning and its size. The hash beside it proves the whole.
    pub(super) fn of(body: &str) -> Self {
        if body.len() <= WHOLE_BYTES_MAX {
            return Self {
                body: Value::from(body).to_string(),
                is_whole: true,
            };
        }
        let mut end = WHOLE_BYTES_MAX;
        while !body.is_char_boundary(end) {
            end -= 1;
        }
        let head = &body[..end];
        let told = format!("{head} … ({} bytes; the device keeps all of it)", body.len());
        Self {
            body: Value::from(told).to_string(),
            is_whole: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_record_goes_whole_and_a_large_one_by_its_beginning() {
        let small = "{\"v\":1}";
        let stand_in = StandIn::of(small);
        assert!(stand_in.is_whole);
        assert_eq!(serde_json::from_str::<String>(&stand_in.body).unwrap(), small);

        // A character of three bytes lies across the limit.
        let large = format!("{}{}", "x".repeat(WHOLE_BYTES_MAX - 1), "€".repeat(9));
        let stand_in = StandIn::of(&large);
        assert!(!stand_in.is_whole && stand_in.body.len() < WHOLE_BYTES_MAX + 200);
        let told: String = serde_json::from_str(&stand_in.body).unwrap();
        assert!(told.contains(&format!("{} bytes", large.len())), "{told}");
    }
}
