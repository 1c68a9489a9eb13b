//! What was computed for the latest tokens, for when they turn up again: few pieces make up most of what people write.

use std::sync::{Arc, Mutex, PoisonError};

/// Numbers computed for one token; shared, since another thread may drop it from the cache meanwhile.
pub(crate) type Computed = Arc<[f32]>;

/// A piece can only be in the set of its number; of each set the four latest stay (set-associative, as in processors).
const WAYS: usize = 4;
/// Tokens computed at once.
const BATCH: usize = 48;

/// The latest tokens' numbers. What is in it depends on what was said, no result does.
pub(crate) struct Cache {
    sets: Vec<Mutex<Set>>,
}

/// The latest first.
type Set = [Option<(u32, Computed)>; WAYS];

impl Cache {
    /// Room for `tokens` tokens.
    pub fn new(tokens: usize) -> Self {
        Self { sets: (0..tokens.div_ceil(WAYS).max(1)).map(|_| Mutex::default()).collect() }
    }

    /// The numbers of each of `ids`, in order. Those that aren't kept are asked of `compute`, each once, and kept.
    pub fn all(
        &self,
        ids: impl Iterator<Item = u32>,
        mut compute: impl FnMut(&[u32]) -> Vec<Computed>,
    ) -> Vec<Computed> {
        let nothing = Computed::from([].as_slice());
        let (mut found, mut missing) = (Vec::new(), Vec::new());
        for id in ids {
            let kept = self.get(id);
            if kept.is_none() {
                missing.push((id, found.len()));
            }
            found.push(kept.unwrap_or_else(|| Arc::clone(&nothing)));
        }
        missing.sort_unstable();
        let places: Vec<&[(u32, usize)]> = missing.chunk_by(|a, b| a.0 == b.0).collect();
        for batch in places.chunks(BATCH) {
            let ids: Vec<u32> = batch.iter().map(|places| places[0].0).collect();
            for (places, computed) in batch.iter().zip(compute(&ids)) {
                for &(_, at) in *places {
                    found[at] = Arc::clone(&computed);
                }
                self.put(places[0].0, computed);
            }
        }
        found
    }

    /// What is kept of one.
    pub fn get(&self, id: u32) -> Option<Computed> {
        let mut set = self.set(id).lock().unwrap_or_else(PoisonError::into_inner);
        let way = set.iter().position(|kept| kept.as_ref().is_some_and(|(of, _)| *of == id))?;
        set[..=way].rotate_right(1);
        set[0].as_ref().map(|(_, computed)| Arc::clone(computed))
    }

    /// Keeps `computed`, in place of what was not asked for the longest.
    fn put(&self, id: u32, computed: Computed) {
        let mut set = self.set(id).lock().unwrap_or_else(PoisonError::into_inner);
        // Another thread may have computed the same.
        let way =
            set.iter().position(|kept| kept.as_ref().is_none_or(|(of, _)| *of == id)).unwrap_or(WAYS - 1);
        set[way] = Some((id, computed));
        set[..=way].rotate_right(1);
    }

    fn set(&self, id: u32) -> &Mutex<Set> {
        // Frequent pieces have neighbouring numbers, which lie in different sets.
        &self.sets[id as usize % self.sets.len()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETS: usize = 512;

    fn computed(id: u32) -> Computed {
        Arc::from([id as f32].as_slice())
    }

    #[test]
    fn the_least_recently_used_makes_room() {
        let cache = Cache::new(SETS * WAYS);
        let of_one_set = |k: usize| (7 + k * SETS) as u32;
        for k in 0..WAYS {
            cache.put(of_one_set(k), computed(of_one_set(k)));
        }
        assert_eq!(cache.get(of_one_set(0)), Some(computed(7)));
        cache.put(of_one_set(WAYS), computed(0));
        assert_eq!(cache.get(of_one_set(1)), None);
        for k in [0, 2, 3, WAYS] {
            assert!(cache.get(of_one_set(k)).is_some(), "{k}");
        }
    }

    #[test]
    fn what_is_asked_for_is_computed_once_and_answered_in_order() {
        let cache = Cache::new(64);
        let mut asked = Vec::new();
        let mut all = |ids: &[u32]| {
            cache.all(ids.iter().copied(), |missing| {
                asked.extend_from_slice(missing);
                missing.iter().map(|&id| computed(id)).collect()
            })
        };
        assert_eq!(all(&[3, 1, 3, 2]), [3, 1, 3, 2].map(computed));
        assert_eq!(all(&[2, 9]), [2, 9].map(computed));
        assert_eq!(asked, [1, 2, 3, 9]);
    }

    #[test]
    fn what_is_put_twice_takes_one_place() {
        let cache = Cache::new(SETS * WAYS);
        (0..WAYS).for_each(|k| cache.put((k * SETS) as u32, computed(1)));
        (0..9).for_each(|_| cache.put(0, computed(2)));
        assert!((0..WAYS).all(|k| cache.get((k * SETS) as u32).is_some()));
    }
}
