//! Sorted numbers with a directory: a set or map that is small, merges in one pass and answers in two looks.

/// Numbers to a bucket of the directory, on average.
const BUCKET: usize = 8;

/// A multimap from well-mixed numbers to rows, sorted. 12 bytes an entry and half a byte for the directory.
#[derive(Clone, Debug, Default)]
pub(super) struct SortedMap {
    keys: Vec<u64>,
    rows: Vec<u32>,
    directory: Directory,
}

impl SortedMap {
    /// Sorts and dedups `entries`.
    pub fn new(mut entries: Vec<(u64, u32)>) -> Self {
        entries.sort_unstable();
        entries.dedup();
        let directory = Directory::new(entries.iter().map(|(key, _)| *key), entries.len());
        let (keys, rows) = entries.into_iter().unzip();
        Self { keys, rows, directory }
    }

    /// The rows of `key`, in order.
    #[inline]
    pub fn get(&self, key: u64) -> &[u32] {
        let bucket = self.directory.bucket(key, self.keys.len());
        let keys = &self.keys[bucket.clone()];
        let from = keys.iter().take_while(|known| **known < key).count();
        let count = keys[from..].iter().take_while(|known| **known == key).count();
        &self.rows[bucket.start + from..bucket.start + from + count]
    }

    pub fn entries(&self) -> impl Iterator<Item = (u64, u32)> + '_ {
        self.keys.iter().copied().zip(self.rows.iter().copied())
    }

    pub fn bytes(&self) -> usize {
        self.keys.len() * 12 + self.directory.bytes()
    }
}

/// A set of well-mixed numbers, sorted. 4 bytes an entry.
#[derive(Clone, Debug, Default)]
pub(super) struct SortedSet {
    values: Vec<u32>,
    directory: Directory,
}

impl SortedSet {
    /// Sorts and dedups `values`.
    pub fn new(mut values: Vec<u32>) -> Self {
        values.sort_unstable();
        values.dedup();
        values.shrink_to_fit();
        let directory = Directory::new(values.iter().map(|v| u64::from(*v) << 32), values.len());
        Self { values, directory }
    }

    #[inline]
    pub fn contains(&self, value: u32) -> bool {
        let bucket = self.directory.bucket(u64::from(value) << 32, self.values.len());
        self.values[bucket].contains(&value)
    }

    pub fn values(&self) -> &[u32] {
        &self.values
    }

    pub fn bytes(&self) -> usize {
        self.values.len() * 4 + self.directory.bytes()
    }
}

/// Where the numbers begin whose upper bits are the same.
#[derive(Clone, Debug, Default)]
struct Directory {
    starts: Vec<u32>,
    shift: u32,
}

impl Directory {
    fn new(sorted: impl Iterator<Item = u64>, len: usize) -> Self {
        let bits = (len / BUCKET).next_power_of_two().trailing_zeros().max(1);
        let shift = 64 - bits;
        let mut starts = Vec::with_capacity((1 << bits) + 1);
        for (at, key) in sorted.enumerate() {
            let bucket = (key >> shift) as usize;
            starts.resize(starts.len().max(bucket + 1), at as u32);
        }
        starts.resize((1 << bits) + 1, len as u32);
        Self { starts, shift }
    }

    #[inline]
    fn bucket(&self, key: u64, len: usize) -> std::ops::Range<usize> {
        if len == 0 {
            return 0..0;
        }
        let bucket = (key >> self.shift) as usize;
        self.starts[bucket] as usize..self.starts[bucket + 1] as usize
    }

    fn bytes(&self) -> usize {
        self.starts.len() * 4
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mixed(n: u64) -> u64 {
        (n + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29).wrapping_mul(0xbf58_476d_1ce4_e5b9)
    }

    #[test]
    fn what_was_put_in_is_found_and_nothing_else() {
        for len in [0u64, 1, 7, 1_000, 40_000] {
            let map = SortedMap::new((0..len).flat_map(|n| [(mixed(n), n as u32), (mixed(n), 7)]).collect());
            let set = SortedSet::new((0..len).map(|n| mixed(n) as u32).collect());
            for n in 0..len {
                assert!(map.get(mixed(n)).contains(&(n as u32)) && map.get(mixed(n)).contains(&7));
                assert!(set.contains(mixed(n) as u32));
            }
            assert!((len..len + 1_000).all(|n| map.get(mixed(n)).is_empty()));
        }
    }
}
