//! What a model sees of a message: hashed features of the whole, of a clause, and of the words around a named thing.
//!
//! Each feature is a bucket of a table of weights. The buckets come in two ranges: the first for features made of classes
//! of words, which hold in every language, the second, larger one for features that name a word.

use super::clauses::{Clause, Message};
use super::tokens::{SEED, Script, Token, join};
use super::words::{AGAINST, ASK, CHILD, Classes, FOR, KIN, MINE, NOT, PAST, PEOPLE, POLAR, PURPOSE, THEIRS};

/// Buckets for features of classes.
pub(super) const CLASS_BUCKETS: u32 = 1 << 13;
/// Buckets for features that name words.
pub(super) const WORD_BUCKETS: u32 = 1 << 16;
/// Most features of one kind in one message: bounds the time of long ones.
const MAX_FEATURES: usize = 6_000;
/// How far before its cue a negation reaches, in words.
const REACH_BEFORE: usize = 4;
/// How far after it (German, French, Hindi and Korean put it there).
const REACH_AFTER: usize = 3;

/// Collects buckets.
#[derive(Debug, Default)]
pub(super) struct Features(pub Vec<u32>);

impl Features {
    fn class(&mut self, parts: &[u32]) {
        if self.0.len() < MAX_FEATURES {
            self.0.push(mix(parts) % CLASS_BUCKETS);
        }
    }

    fn word(&mut self, parts: &[u32]) {
        if self.0.len() < MAX_FEATURES {
            self.0.push(CLASS_BUCKETS + mix(parts) % WORD_BUCKETS);
        }
    }
}

fn mix(parts: &[u32]) -> u32 {
    let hash = parts.iter().fold(SEED, |hash, part| join(hash, *part));
    (hash ^ (hash >> 15)).wrapping_mul(0x85eb_ca6b) >> 7
}

/// A word that speaks for or against something, with what turns it around.
#[derive(Clone, Copy, Debug)]
struct Cue {
    at: usize,
    clause: usize,
    /// Classes and negations.
    sign: u32,
    /// 1 if it speaks for something once negation is counted in, 2 if against, 3 if neither.
    leans: u32,
    /// Who feels it: the nearest person before it in its clause.
    whose: u32,
    hash: u32,
}

fn cue(message: &Message, at: usize) -> Cue {
    let clause = message.clause_of[at];
    let range = message.clauses[clause].words.clone();
    let before = range.start.max(at.saturating_sub(REACH_BEFORE))..at;
    let after = at + 1..range.end.min(at + 1 + REACH_AFTER);
    let any = |range: std::ops::Range<usize>, class: Classes| {
        message.classes[range].iter().any(|classes| classes & class != 0)
    };
    let whose = message.classes[range.start..at].iter().rev().find(|classes| **classes & PEOPLE != 0);
    let negations = u32::from(any(before, NOT)) | u32::from(any(after, NOT)) << 1;
    let past = u32::from(any(range.start..at, PAST)) << 2;
    Cue {
        at,
        clause,
        sign: join(message.classes[at] & (POLAR | NOT), negations | past),
        leans: leans(message.classes[at], negations != 0),
        whose: whose.map_or(0, |classes| people(*classes)),
        hash: message.words[at].hash,
    }
}

fn leans(classes: Classes, negated: bool) -> u32 {
    match (classes & FOR != 0, classes & AGAINST != 0) {
        (true, false) => 1 + u32::from(negated),
        (false, true) => 2 - u32::from(negated),
        _ => 3,
    }
}

/// The nearest kind of person: relatives outweigh "my".
fn people(classes: Classes) -> u32 {
    [CHILD, KIN, THEIRS, MINE].iter().position(|class| classes & class != 0).map_or(0, |at| at as u32 + 1)
}

fn cues(message: &Message) -> Vec<Cue> {
    let polar = message.classes.iter().enumerate().filter(|(_, classes)| **classes & POLAR != 0);
    polar.map(|(at, _)| cue(message, at)).collect()
}

/// Features of the thing named at `words` (a range of tokens), and of what is said around it.
pub(super) fn of_target(message: &Message, words: std::ops::Range<usize>, tail: u32, out: &mut Features) {
    let cues: Vec<Cue> = cues(message).into_iter().filter(|cue| !words.contains(&cue.at)).collect();
    let home = message.clause_of.get(words.start).copied().unwrap_or(0);
    around(message, &cues, &words, home, out);
    for cue in &cues {
        let apart = (cue.clause as i32 - home as i32).clamp(-2, 2) as u32;
        let side = u32::from(cue.at > words.start);
        out.class(&[10, cue.sign, apart, side]);
        out.class(&[11, cue.sign, cue.whose, apart]);
        if apart == 0 {
            out.word(&[12, cue.hash, side]);
        }
    }
    leanings(message, &cues, home, out);
    context(message, &words, tail, out);
    spread(message, &words, home, out);
    whole(message, cues.len(), home, 30, out);
}

/// How the clause, its neighbours and the whole lean: the least that any language shares.
fn leanings(message: &Message, cues: &[Cue], home: usize, out: &mut Features) {
    let count = |which: &dyn Fn(&Cue) -> bool| {
        let mut found = [0u32; 4];
        cues.iter().filter(|cue| which(cue)).for_each(|cue| found[cue.leans as usize & 3] += 1);
        found.map(|count| count.min(2))
    };
    let here = count(&|cue| cue.clause == home);
    // What a clause without a word for or against goes on with: the nearest one that has some.
    let earlier = cues.iter().rev().map(|cue| cue.clause).find(|clause| *clause < home);
    let later = cues.iter().map(|cue| cue.clause).find(|clause| *clause > home);
    let before = count(&|cue| Some(cue.clause) == earlier);
    let after = count(&|cue| Some(cue.clause) == later);
    let back = earlier.map_or(0, |clause| message.between(clause, home));
    let ahead = later.map_or(0, |clause| message.between(home, clause));
    let all = count(&|_| true);
    let opens = message.clauses.get(home).map_or(0, |clause| clause.opens as u32);
    out.class(&[80, here[1], here[2]]);
    out.class(&[81, here[1], here[2], here[3]]);
    out.class(&[82, all[1].min(1), all[2].min(1), all[3].min(1)]);
    if here[1] + here[2] == 0 {
        out.class(&[83, before[1].min(1), before[2].min(1), before[3].min(1), back / 4]);
        out.class(&[89, before[1].min(1), before[2].min(1), back]);
        out.class(&[84, after[1].min(1), after[2].min(1), ahead]);
        out.class(&[85, all[1].min(1), all[2].min(1)]);
    }
    out.class(&[86, here[1].min(1), here[2].min(1), before[1].min(1), before[2].min(1), opens, back / 4]);
    for cue in cues.iter().filter(|cue| cue.clause == home) {
        out.class(&[87, cue.leans, cue.whose]);
    }
}

/// The nearest cues on either side, by rank, distance and what lies between.
fn around(message: &Message, cues: &[Cue], words: &std::ops::Range<usize>, home: usize, out: &mut Features) {
    let left = cues.iter().rev().filter(|cue| cue.at < words.start);
    let right = cues.iter().filter(|cue| cue.at >= words.end);
    let sides: [(u32, Vec<&Cue>); 2] = [(1, left.take(2).collect()), (2, right.take(2).collect())];
    for (side, cues) in &sides {
        if cues.is_empty() {
            out.class(&[1, *side]);
        }
        for (rank, cue) in cues.iter().enumerate() {
            let between = message.between(cue.clause, home);
            let far = if cue.at < words.start { words.start - cue.at } else { cue.at + 1 - words.end };
            let (rank, far) = (rank as u32, distance(far));
            out.class(&[2, *side, rank, cue.sign, between]);
            out.class(&[9, *side, rank, cue.leans, between]);
            out.class(&[3, *side, rank, cue.sign, far, u32::from(between == 0)]);
            out.class(&[4, *side, rank, cue.sign, cue.whose, u32::from(between == 0)]);
            out.word(&[5, *side, cue.hash, cue.sign, between]);
            out.word(&[6, *side, rank, cue.hash]);
        }
    }
    if let (Some(left), Some(right)) = (sides[0].1.first(), sides[1].1.first()) {
        let here = |cue: &Cue| u32::from(cue.clause == home);
        out.class(&[7, left.sign, right.sign, here(left), here(right)]);
        out.class(&[88, left.leans, right.leans, here(left), here(right)]);
    }
    if let [near, next] = sides[0].1[..] {
        out.class(&[8, near.sign, next.sign]);
    }
}

fn distance(words: usize) -> u32 {
    match words {
        0..=3 => words as u32,
        4..=6 => 4,
        _ => 5,
    }
}

/// The words next to the thing, in their places.
fn context(message: &Message, words: &std::ops::Range<usize>, tail: u32, out: &mut Features) {
    let edge = |offset: isize| -> (u32, u32) {
        let at = if offset < 0 {
            words.start.checked_sub(offset.unsigned_abs())
        } else {
            Some(words.end + offset as usize - 1)
        };
        at.filter(|at| *at < message.words.len()).map_or((0, 0), |at| {
            let pause = if offset > 0 { message.words[at].gap as u32 } else { 0 };
            (join(message.words[at].hash, pause), message.classes[at])
        })
    };
    let [b3, b2, b1] = [edge(-3), edge(-2), edge(-1)];
    let [a1, a2, a3] = [edge(1), edge(2), edge(3)];
    for (place, near) in [(1, b1), (2, b2), (3, b3), (4, a1), (5, a2), (6, a3)] {
        out.word(&[13, place, near.0]);
        out.class(&[14, place, near.1]);
    }
    out.word(&[15, b2.0, b1.0]);
    out.word(&[16, a1.0, a2.0]);
    out.word(&[17, b1.0, a1.0]);
    out.word(&[18, b3.0, b2.0, b1.0]);
    out.word(&[19, a1.0, a2.0, a3.0]);
    out.class(&[20, b2.1, b1.1]);
    out.class(&[21, a1.1, a2.1]);
    out.class(&[22, b3.1, b2.1, b1.1]);
    // A particle that clings to the name: Korean "보다" sets it back, "만" singles it out.
    out.word(&[23, tail]);
    out.word(&[24, tail, a1.0]);
}

/// The other words of its clause, by side.
fn spread(message: &Message, words: &std::ops::Range<usize>, home: usize, out: &mut Features) {
    let Some(clause) = message.clauses.get(home) else { return };
    for at in clause.words.clone() {
        let token = &message.words[at];
        if words.contains(&at) {
            out.word(&[25, token.hash]);
            out.class(&[26, message.classes[at] & POLAR]);
            continue;
        }
        let side = u32::from(at >= words.end);
        out.word(&[27, side, token.hash]);
        pieces(token, &[28, side], out);
        if at + 1 < clause.words.end && !words.contains(&(at + 1)) {
            out.word(&[29, side, token.hash, message.words[at + 1].hash]);
        }
    }
}

/// What is true of the whole message or of how a clause begins.
fn whole(message: &Message, cues: usize, home: usize, kind: u32, out: &mut Features) {
    let first = message.words.first().map_or(0, |word| word.hash);
    let classes = message.classes.first().map_or(0, |classes| *classes);
    let opens = message.clauses.get(home).map_or(0, |clause| clause.opens as u32);
    let asks = u32::from(message.asks) | u32::from(message.classes.iter().any(|c| c & ASK != 0)) << 1;
    out.class(&[kind]);
    out.class(&[kind + 1, asks, cues.min(2) as u32]);
    out.class(&[kind + 2, opens, home.min(3) as u32]);
    out.class(&[kind + 3, classes]);
    out.word(&[kind + 4, first]);
    out.class(&[kind + 5, message.clauses.len().min(4) as u32]);
}

/// Beginnings and endings of a word, which carry the grammar where words are long.
fn pieces(token: &Token, kind: &[u32; 2], out: &mut Features) {
    let [kind, side] = *kind;
    if token.script == Script::Spaced {
        if token.letters >= 5 {
            out.word(&[kind, side, 1, token.prefix(4)]);
        }
        if token.letters >= 7 {
            out.word(&[kind, side, 2, token.prefix(6)]);
        }
        return;
    }
    for letters in [2, 3] {
        if token.letters > letters {
            out.word(&[kind, side, letters as u32, token.prefix(letters)]);
            out.word(&[kind, side, letters as u32 + 8, token.suffix(letters)]);
        }
    }
}

/// Features of a clause as a whole: how it feels, whatever it names.
pub(super) fn of_clause(message: &Message, index: usize, out: &mut Features) {
    let Some(clause) = message.clauses.get(index) else { return };
    let cues: Vec<Cue> = cues(message);
    let mut last = 0;
    for cue in &cues {
        let apart = (cue.clause as i32 - index as i32).clamp(-2, 2) as u32;
        out.class(&[40, cue.sign, apart, clause.opens as u32]);
        out.class(&[41, cue.sign, cue.whose, apart]);
        if apart == 0 {
            out.word(&[42, cue.hash, cue.sign]);
            out.class(&[43, last, cue.sign]);
            last = cue.sign;
        }
    }
    if last == 0 {
        out.class(&[44, clause.opens as u32, index.min(2) as u32]);
    }
    leanings(message, &cues, index, out);
    clause_words(message, clause, out);
    whole(message, cues.len(), index, 50, out);
}

fn clause_words(message: &Message, clause: &Clause, out: &mut Features) {
    for at in clause.words.clone() {
        let token = &message.words[at];
        out.word(&[45, token.hash]);
        pieces(token, &[46, 0], out);
        if at + 1 < clause.words.end {
            out.word(&[47, token.hash, message.words[at + 1].hash]);
            out.class(&[48, message.classes[at], message.classes[at + 1]]);
        }
    }
}

/// Features of the message for whose interest it is, what it is for and whether it is about a child.
pub(super) fn of_message(message: &Message, out: &mut Features) {
    let mut seen = 0;
    let (mut before, mut earlier) = ((1, 1), (1, 1));
    let mut named = 0;
    for (at, token) in message.words.iter().enumerate() {
        let class = message.classes[at] & (PURPOSE | ASK);
        // A word of a class is seen as the class, so that "for my aunt" teaches what "for my nephew" is.
        let kind = message.classes[at] & PEOPLE;
        let meant = if kind != 0 { kind } else { token.hash };
        out.word(&[60, token.hash]);
        out.word(&[61, before.1, meant]);
        out.word(&[62, earlier.1, before.1, meant]);
        out.word(&[63, before.0, token.hash]);
        if class != 0 {
            out.class(&[64, class]);
            out.class(&[65, named, class]);
            out.class(&[66, message.classes[at], message.classes.get(at + 1).copied().unwrap_or(0)]);
            named = class;
        }
        pieces(token, &[67, 0], out);
        if at < 3 {
            out.word(&[68, at as u32, meant]);
            out.class(&[69, at as u32, class]);
        }
        seen |= class;
        earlier = before;
        before = (token.hash, meant);
    }
    persons(message, out);
    summary(message, seen, before.1, out);
}

/// Words for less words against in a clause, -1, 0 or 1.
pub(super) fn balance(message: &Message, clause: usize) -> f32 {
    let here = cues(message).into_iter().filter(|cue| cue.clause == clause);
    let sum: i32 = here.map(|cue| [0, 1, -1, 0][cue.leans as usize & 3]).sum();
    sum.signum() as f32
}

/// Who is named, in order: "my wife and I" is not "my wife".
fn persons(message: &Message, out: &mut Features) {
    let who: Vec<(usize, u32)> = (message.classes.iter().enumerate())
        .filter(|(_, classes)| **classes & PEOPLE != 0)
        .map(|(at, classes)| (at, people(*classes)))
        .take(6)
        .collect();
    let order = who.iter().fold(SEED, |hash, (_, who)| join(hash, *who));
    out.class(&[90, order]);
    out.class(&[91, who.iter().take(2).fold(SEED, |hash, (_, who)| join(hash, *who))]);
    out.class(&[92, who.first().map_or(0, |first| first.1), who.last().map_or(0, |last| last.1)]);
    for (at, kind) in who {
        let next = message.classes.get(at + 1).map_or(9, |classes| people(*classes));
        let before = at.checked_sub(1).map_or(9, |at| people(message.classes[at]));
        out.class(&[93, kind, next]);
        out.class(&[94, before, kind, next]);
        out.class(&[95, kind, message.classes.get(at + 1).map_or(0, |classes| classes & POLAR)]);
        let place = if at + 1 == message.words.len() { 4 } else { at.min(3) as u32 };
        out.class(&[96, kind, place]);
    }
}

fn summary(message: &Message, seen: Classes, last: u32, out: &mut Features) {
    let asks = u32::from(message.asks);
    let people = seen & PEOPLE;
    out.class(&[70, people]);
    out.class(&[71, people, asks]);
    out.class(&[72, message.words.len().min(8) as u32, u32::from(people != 0)]);
    out.class(&[73, seen & PURPOSE]);
    out.word(&[74, last]);
    let opening = message.classes.iter().take(2).fold(0, |all, classes| all | classes) & (PURPOSE | ASK);
    out.class(&[75, opening, people]);
    for bit in 0..23 {
        if seen & (1 << bit) != 0 {
            out.class(&[76, bit, people]);
        }
    }
}
