//! A memo of decisions: bounded, without locks, and never wrong.
//!
//! One entry is one 64-bit word, so a reader sees a whole entry or none:
//!
//! ```text
//! bit  63 … 55   54       53     52 …………………………… 0
//!      rule      allowed  taken  the packed key
//! ```
//!
//! The packed key is the whole key, not a hash of it: equal words mean equal questions.

use std::sync::atomic::{AtomicU64, Ordering};

use rapport_core::gate::{Decision, GateKey, RuleId};

/// Rules that an entry can name.
pub(crate) const MAX_RULES: usize = 1 << 9;

const KEY_BITS: u32 = 53;
const KEY: u64 = (1 << KEY_BITS) - 1;
const TAKEN: u64 = 1 << 53;
const ALLOWED: u64 = 1 << 54;
const RULE_SHIFT: u32 = 55;

/// Sets of four entries: 4096 × 4 × 8 bytes = 128 KiB a policy version. A world has far fewer distinct questions.
const SET_BITS: u32 = 12;
const WAYS: usize = 4;

/// Decisions of one policy version; forgets at random when a set is full.
#[derive(Debug)]
pub(crate) struct Memo {
    sets: Box<[[AtomicU64; WAYS]]>,
}

impl Memo {
    pub(crate) fn new() -> Self {
        let set = || std::array::from_fn(|_| AtomicU64::new(0));
        Self { sets: (0..1 << SET_BITS).map(|_| set()).collect() }
    }

    /// The decision about `key`, made by `decide` if it isn't known.
    pub(crate) fn get(&self, key: &GateKey, decide: impl FnOnce() -> Decision) -> Decision {
        let packed = pack(key);
        let hash = packed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let Some(set) = self.sets.get((hash >> (64 - SET_BITS)) as usize) else { return decide() };
        for entry in set {
            // Relaxed is enough: the word is the whole entry, and nothing else hangs on it.
            let entry = entry.load(Ordering::Relaxed);
            if entry & (KEY | TAKEN) == packed | TAKEN {
                return unpack(entry);
            }
        }
        let decision = decide();
        let free = set.iter().find(|entry| entry.load(Ordering::Relaxed) == 0);
        if let Some(entry) = free.or_else(|| set.get((hash >> 20) as usize % WAYS)) {
            entry.store(entry_of(packed, decision), Ordering::Relaxed);
        }
        decision
    }

    pub(crate) fn len(&self) -> usize {
        self.sets.iter().flatten().filter(|entry| entry.load(Ordering::Relaxed) != 0).count()
    }
}

fn entry_of(packed: u64, decision: Decision) -> u64 {
    let allowed = if decision.allowed { ALLOWED } else { 0 };
    packed | TAKEN | allowed | (u64::from(decision.rule.0) << RULE_SHIFT)
}

fn unpack(entry: u64) -> Decision {
    Decision { allowed: entry & ALLOWED != 0, rule: RuleId((entry >> RULE_SHIFT) as u16) }
}

/// The key in 53 bits, one to one.
fn pack(key: &GateKey) -> u64 {
    // Taken apart by name: a field added to the key does not compile until it is packed.
    let GateKey {
        purpose,
        source,
        modality,
        marks,
        country_then,
        country_now,
        region_then,
        region_now,
        same_product,
        linked,
        after_notice,
        after_effective,
        effective_now,
        objected,
        consented,
        gpc,
        age,
        sensitive_asked,
    } = *key;
    let mut bits = u64::from(marks.sensitive.bits());
    for flag in [marks.about_other, marks.about_child, marks.low_confidence, region_then, region_now] {
        bits = bits << 1 | u64::from(flag);
    }
    for flag in [same_product, linked, after_notice, after_effective, effective_now] {
        bits = bits << 1 | u64::from(flag);
    }
    for flag in [objected, consented, gpc, sensitive_asked] {
        bits = bits << 1 | u64::from(flag);
    }
    bits = bits << 10 | u64::from(country_then.bits());
    bits = bits << 10 | u64::from(country_now.bits());
    bits = bits << 4 | purpose as u64;
    bits = bits << 3 | source as u64;
    bits = bits << 3 | modality as u64;
    bits << 2 | age as u64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rapport_core::country::Country;
    use rapport_core::event::Modality;
    use rapport_core::gate::{Age, Purpose};
    use rapport_core::signal::{Marks, Source};
    use rapport_core::topic::Categories;

    use super::*;

    fn modality(i: usize) -> Modality {
        [Modality::None, Modality::Text, Modality::Voice, Modality::Image, Modality::Video][i]
    }

    fn any_key() -> impl Strategy<Value = GateKey> {
        let codes = || "[A-Z]{2}".prop_map(|code| Country::from_code(&code));
        let words = (0..11usize, 0..5usize, 0..5usize, 0..3usize, 0..128u8);
        (words, codes(), codes(), any::<[bool; 14]>()).prop_map(|(words, country_then, country_now, f)| {
            GateKey {
                purpose: Purpose::ALL[words.0],
                source: Source::ALL[words.1],
                modality: modality(words.2),
                marks: Marks {
                    sensitive: Categories::from_bits(words.4),
                    about_other: f[0],
                    about_child: f[1],
                    low_confidence: f[2],
                },
                country_then,
                country_now,
                region_then: f[3],
                region_now: f[4],
                same_product: f[5],
                linked: f[6],
                after_notice: f[7],
                after_effective: f[8],
                effective_now: f[9],
                objected: f[10],
                consented: f[11],
                gpc: f[12],
                age: [Age::Adult, Age::Minor, Age::Unknown][words.3],
                sensitive_asked: f[13],
            }
        })
    }

    /// The key that was packed: shows that nothing of it is lost.
    fn unpack_key(mut bits: u64) -> GateKey {
        let mut take = |count: u32| {
            let taken = bits & ((1 << count) - 1);
            bits >>= count;
            taken as usize
        };
        let age = [Age::Adult, Age::Minor, Age::Unknown][take(2)];
        let modality = modality(take(3));
        let source = Source::ALL[take(3)];
        let purpose = Purpose::ALL[take(4)];
        let mut country = || {
            let letters = [take(5), take(5)].map(|letter| char::from(b'@' + letter as u8));
            Country::from_code(&letters.iter().rev().collect::<String>())
        };
        let (country_now, country_then) = (country(), country());
        let mut flags: [bool; 14] = std::array::from_fn(|_| take(1) == 1);
        let sensitive = Categories::from_bits(take(7) as u8);
        flags.reverse();
        let [about_other, about_child, low_confidence, region_then, region_now, same_product, linked, ..] =
            flags;
        let [.., after_notice, after_effective, effective_now, objected, consented, gpc, sensitive_asked] =
            flags;
        GateKey {
            purpose,
            source,
            modality,
            marks: Marks { sensitive, about_other, about_child, low_confidence },
            country_then,
            country_now,
            region_then,
            region_now,
            same_product,
            linked,
            after_notice,
            after_effective,
            effective_now,
            objected,
            consented,
            gpc,
            age,
            sensitive_asked,
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn packing_loses_nothing(key in any_key()) {
            let packed = pack(&key);
            prop_assert_eq!(packed & !KEY, 0, "the key keeps to its bits");
            prop_assert_eq!(unpack_key(packed), key);
        }

        #[test]
        fn an_entry_keeps_its_decision(key in any_key(), allowed: bool, rule in 0..MAX_RULES as u16) {
            let decision = Decision { allowed, rule: RuleId(rule) };
            prop_assert_eq!(unpack(entry_of(pack(&key), decision)), decision);
        }
    }

    #[test]
    fn a_question_is_decided_once() {
        let memo = Memo::new();
        let key = unpack_key(0);
        let refused = Decision { allowed: false, rule: RuleId(3) };
        assert_eq!(memo.get(&key, || refused), refused);
        assert_eq!(memo.get(&key, || Decision { allowed: true, rule: RuleId(0) }), refused);
        assert_eq!(memo.len(), 1);
    }
}
