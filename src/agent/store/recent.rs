//! The values that were used last, up to a weight.

use std::collections::HashMap;
use std::hash::Hash;

/// A bounded map that forgets what was not used for longest. Forgetting takes a pass over the map, and makes room for
/// a while, so that it is seldom done.
#[derive(Debug)]
pub(super) struct Recent<K, V> {
    values: HashMap<K, Slot<V>>,
    weight: usize,
    weight_max: usize,
    uses: u64,
}

#[derive(Debug)]
struct Slot<V> {
    value: V,
    weight: usize,
    used: u64,
}

impl<K: Eq + Hash + Clone, V> Recent<K, V> {
    /// An empty map that holds up to this weight.
    pub(super) fn new(weight_max: usize) -> Self {
        Self {
            values: HashMap::new(),
            weight: 0,
            weight_max,
            uses: 0,
        }
    }

    /// The value, which counts as used now.
    pub(super) fn get(&mut self, key: &K) -> Option<&V> {
        self.get_mut(key).map(|value| &*value)
    }

    /// The value, which counts as used now, to be changed in place.
    pub(super) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.uses += 1;
        let slot = self.values.get_mut(key)?;
        slot.used = self.uses;
        Some(&mut slot.value)
    }

    /// Adds a value. One that is heavier than everything allowed is kept alone: it is what the work goes on with.
    pub(super) fn put(&mut self, key: K, value: V, weight: usize) {
        self.remove(&key);
        if self.weight + weight > self.weight_max {
            self.forget_down_to(self.weight_max.saturating_sub(weight).min(self.weight_max / 2));
        }
        self.uses += 1;
        self.weight += weight;
        self.values.insert(
            key,
            Slot {
                value,
                weight,
                used: self.uses,
            },
        );
    }

    /// Takes a value out.
    pub(super) fn remove(&mut self, key: &K) -> Option<V> {
        let slot = self.values.remove(key)?;
        self.weight -= slot.weight;
        Some(slot.value)
    }

    /// Takes everything out.
    pub(super) fn clear(&mut self) {
        self.values.clear();
        self.weight = 0;
    }

    fn forget_down_to(&mut self, weight: usize) {
        let mut by_use: Vec<(u64, K)> = self
            .values
            .iter()
            .map(|(key, slot)| (slot.used, key.clone()))
            .collect();
        by_use.sort_unstable_by_key(|(used, _)| *used);
        for (_, key) in by_use {
            if self.weight <= weight {
                return;
            }
            self.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_used_last_stays() {
        let mut recent = Recent::new(4);
        for key in 1..=4 {
            recent.put(key, key * 10, 1);
        }
        assert_eq!(recent.get(&1), Some(&10));
        recent.put(5, 50, 1);
        assert_eq!(recent.get(&1), Some(&10), "it was used just before");
        assert_eq!(recent.get(&5), Some(&50));
        assert_eq!(recent.get(&2), None);
        assert_eq!(recent.get(&3), None);
    }

    #[test]
    fn a_value_heavier_than_the_whole_is_kept_alone_until_another_one_comes() {
        let mut recent = Recent::new(4);
        recent.put(1, 10, 4);
        recent.put(2, 20, 5);
        assert_eq!(recent.get(&2), Some(&20));
        assert_eq!(recent.get(&1), None);
        recent.put(3, 30, 1);
        assert_eq!(recent.get(&2), None);
        assert_eq!(recent.get(&3), Some(&30));
    }

    #[test]
    fn the_weight_follows_every_change() {
        let mut recent = Recent::new(10);
        recent.put(1, 10, 6);
        recent.put(1, 11, 3);
        recent.put(2, 20, 7);
        assert_eq!(recent.get(&1), Some(&11));
        assert_eq!(recent.get(&2), Some(&20));
        recent.remove(&2);
        recent.clear();
        recent.put(3, 30, 10);
        assert_eq!(recent.get(&3), Some(&30));
    }
}
