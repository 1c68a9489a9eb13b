//! The door of this crate: one call a text, or a batch.

use std::borrow::Cow;
use std::path::Path;

use rapport_core::topic::{Categories, Category, TopicId};
use rapport_core::understanding::{PiiSpan, ScoredTopic, Understanding};

use crate::calibrate::Thresholds;
use crate::cues::{ClauseStance, CueModel, Cues};
use crate::encoder::WIDTH;
use crate::error::ModelError;
use crate::files::ModelFiles;
use crate::fold::{self, Keys};
use crate::heads::{Answer, MAX_TOPICS, select_topics};
use crate::lexicon::Lexicon;
use crate::pii::{self, Tagger};
use crate::reader::{Part, Path as By, Reader};
use crate::{language, windows};

/// Languages that the encoder learnt, Hindi among them (`training/hindi.py`).
const KNOWN_LANGUAGES: [&str; 17] =
    ["ar", "zh", "en", "fr", "de", "it", "ja", "ko", "nl", "pl", "pt", "es", "th", "tr", "ru", "hi", "und"];
/// Longest text, in scalar values, that the lexicon and the rules read; a longer one is marked `low_confidence`.
const MAX_SCANNED: usize = 65_536;
/// A topic that is itself sensitive marks its category from this probability on.
const SENSITIVE_TOPIC: f32 = 0.5;
/// Score that a detector needs in a text with a known look-alike ("Union Jack"), whatever its own threshold.
const EXPLAINED_AWAY: f32 = 0.6;

/// Everything needed to understand texts: about 40 MB of weights, more as pieces turn up, immutable, cheap to share in an `Arc`.
pub struct Understander {
    reader: Reader,
    pii: Tagger,
    cues: CueModel,
    lexicon: Lexicon,
    version: String,
}

/// What one text contributes to a batch of windows.
struct Plan<'a> {
    /// With disguises undone.
    text: &'a str,
    cues: Cues<'a>,
    windows: std::ops::Range<usize>,
    /// The parts that like one thing and dislike another; they are encoded behind the windows.
    sides: Vec<ClauseStance>,
    whole: bool,
}

impl Understander {
    /// Loads the models compiled into this program. Cost: about 50 ms.
    ///
    /// # Errors
    /// If the files that were compiled in are of another version than the code.
    #[cfg(feature = "embedded")]
    pub fn embedded() -> Result<Self, ModelError> {
        Self::load(&ModelFiles::embedded())
    }

    /// Loads the models of the folder `dir` after checking every file against its `MANIFEST`.
    ///
    /// # Errors
    /// If a file is missing, is not the one that the manifest promises, or is of another version; each error says what
    /// to do.
    pub fn from_dir(dir: &Path) -> Result<Self, ModelError> {
        Self::load(&ModelFiles::read(dir)?)
    }

    fn load(files: &ModelFiles) -> Result<Self, ModelError> {
        Ok(Self {
            reader: Reader::load(files)?,
            pii: Tagger::load(&files.pii)?,
            cues: CueModel::load(&files.cues, &files.cue_words)?,
            lexicon: Lexicon::parse(&files.lexicon)?,
            version: files.version.clone(),
        })
    }

    /// The same models with thresholds of `rapport calibrate`.
    pub fn with_thresholds(mut self, thresholds: Thresholds) -> Self {
        self.reader.heads.thresholds = thresholds;
        self
    }

    /// The thresholds in force and what they promise.
    pub fn thresholds(&self) -> &Thresholds {
        &self.reader.heads.thresholds
    }

    /// What `text` means. Takes any text; never fails. The encoder judges the first 16 windows of 320 scalar values,
    /// lexicon, rules and PII patterns the first 65,536; a longer text is marked `low_confidence`.
    pub fn understand(&self, text: &str) -> Understanding {
        let mut results = self.understand_batch(&[text]);
        // A batch has one result a text.
        results.pop().unwrap_or_else(|| nothing("und"))
    }

    /// [`understand`](Self::understand) for each of `texts`, in order, faster than one at a time.
    pub fn understand_batch(&self, texts: &[&str]) -> Vec<Understanding> {
        self.understand_batch_by(By::Cascade, texts)
    }

    /// [`understand_batch`](Self::understand_batch) by a path of choice, for evaluation.
    pub fn understand_batch_by(&self, path: By, texts: &[&str]) -> Vec<Understanding> {
        let mut parts = Vec::new();
        let revealed: Vec<Cow<'_, str>> = texts.iter().map(|text| fold::reveal(text)).collect();
        let plans: Vec<Plan<'_>> = revealed.iter().map(|text| self.plan(text, &mut parts)).collect();
        let (answers, pieces) = self.reader.read(path, &parts);
        let judged = texts.iter().zip(&plans).map(|(text, plan)| {
            let end = plan.windows.end;
            let mut found = self.judge(plan, &answers[plan.windows.clone()], &pieces[plan.windows.clone()]);
            // Where personal data stands is told in places of the text as it was given.
            found.pii = self.personal_data(text);
            self.feel(&plan.sides, &answers[end..end + plan.sides.len()], &mut found);
            found
        });
        judged.collect()
    }

    /// The share of `texts` that the fast path leaves to the encoder, 0 to 1.
    pub fn slow_share(&self, texts: &[&str]) -> f64 {
        let mut parts = Vec::new();
        let revealed: Vec<Cow<'_, str>> = texts.iter().map(|text| fold::reveal(text)).collect();
        for text in &revealed {
            self.plan(text, &mut parts);
        }
        self.reader.slow_share(&parts)
    }

    fn plan<'a>(&'a self, text: &'a str, parts: &mut Vec<Part<'a>>) -> Plan<'a> {
        let (windows, whole) = readable(text);
        let (from, of_many) = (parts.len(), windows.len() > 1);
        parts.extend(windows.into_iter().map(|text| Part { text, of_many }));
        let windows = from..parts.len();
        let cues = self.cues(text);
        let mut sides = cues.sides();
        sides.retain(|side| text[side.bytes.clone()].contains(char::is_alphanumeric));
        let of_side = |side: &ClauseStance| windows::first(&text[side.bytes.clone()]);
        parts.extend(sides.iter().map(|side| Part { text: of_side(side), of_many: false }));
        Plan { text, cues, windows, sides, whole }
    }

    /// The encoder's vector of `text` (the mean over its windows), of unit length; `None` if there is nothing to read.
    pub fn encode(&self, text: &str) -> Option<[f32; WIDTH]> {
        let (parts, _) = readable(text);
        mean(&self.reader.encoder.encode(&parts))
    }

    /// Personal data in the first 65,536 scalar values of `text`: what [`understand`](Self::understand) finds, without
    /// the encoder. Offsets count scalar values.
    pub fn personal_data(&self, text: &str) -> Vec<PiiSpan> {
        pii::find(text, &self.pii)
    }

    /// Whose interest `text` speaks of, what for, and how it feels about what it names. Cost: a few microseconds.
    pub fn cues(&self, text: &str) -> Cues<'_> {
        self.cues.read(text)
    }

    /// How many pieces the tokenizer cuts `text` into: the floor of any understanding, for benchmarks.
    pub fn tokenize_len(&self, text: &str) -> usize {
        self.reader.encoder.tokenize(text).len()
    }

    /// Short hash over all model files.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The least score that flags anything in `text`, whatever the thresholds: what a look-alike asks of the detectors.
    pub(crate) fn least_score(&self, text: &str) -> f32 {
        let (scanned, _) = head(text, MAX_SCANNED);
        match readable(text).0.len() {
            1 if self.lexicon.names_a_look_alike(&Keys::of(scanned)) => EXPLAINED_AWAY,
            _ => 0.0,
        }
    }

    /// The lexicon's verdict alone, for evaluation.
    pub(crate) fn lexicon_flags(&self, text: &str) -> Categories {
        self.lexicon.scan(&Keys::of(text), language::detect(text, || self.reader.language(text)))
    }

    fn judge(&self, plan: &Plan<'_>, answers: &[Answer], pieces: &[Vec<u32>]) -> Understanding {
        let (scanned, all_scanned) = head(plan.text, MAX_SCANNED);
        let by_pieces = || self.reader.heads.language(pieces.first()?);
        let language = language::detect(scanned, by_pieces);
        let mut found = nothing(language);
        found.subject = plan.cues.subject();
        found.about_child = plan.cues.about_child();
        found.stance = plan.cues.stance();
        found.intent = plan.cues.intent();
        let keys = Keys::of(scanned);
        found.sensitive = self.lexicon.scan(&keys, language);
        if let Some((first, rest)) = answers.split_first() {
            let look_alike = rest.is_empty() && self.lexicon.names_a_look_alike(&keys);
            self.take(first, rest, look_alike, &mut found);
            found.low_confidence = !(plan.whole && all_scanned && KNOWN_LANGUAGES.contains(&language));
        }
        found
    }

    /// Each window votes for itself, and the strongest vote counts: one sensitive sentence makes a page sensitive.
    fn take(&self, first: &Answer, rest: &[Answer], look_alike: bool, found: &mut Understanding) {
        let (mut topics, mut scores) = (first.topics.clone(), first.scores());
        for window in rest {
            raise(&mut topics, &window.topics);
            raise(&mut scores, &window.scores());
        }
        found.topics = select_topics(&topics);
        let floor = if look_alike { EXPLAINED_AWAY } else { 0.0 };
        found.sensitive = found.sensitive | self.reader.heads.flagged(&scores, floor);
        for topic in found.topics.iter().filter(|topic| topic.score >= SENSITIVE_TOPIC) {
            found.sensitive = found.sensitive | topic.topic.sensitive();
        }
        found.sensitive_scores = scores;
        let vectors: Vec<[f32; WIDTH]> =
            [first].into_iter().chain(rest).map(|window| window.vector).collect();
        found.vector = mean(&vectors).and_then(|whole| self.reader.heads.shorten(&whole));
    }

    /// Ties each topic to the side of a two-sided message that it stands on: "tired of horror, more comedies". Topics that
    /// only a side shows are added; one that only the whole shows keeps the whole's stance.
    fn feel(&self, sides: &[ClauseStance], answers: &[Answer], found: &mut Understanding) {
        found.topics.iter_mut().for_each(|topic| topic.stance = found.stance);
        let mut nearest: Vec<(ScoredTopic, f32)> = found.topics.iter().map(|topic| (*topic, 0.0)).collect();
        for (side, answer) in sides.iter().zip(answers) {
            for topic in select_topics(&answer.topics) {
                let here = ScoredTopic { stance: side.stance, ..topic };
                match nearest.iter_mut().find(|(known, _)| known.topic == topic.topic) {
                    Some((known, best)) if topic.score > *best => {
                        *known = ScoredTopic { score: known.score.max(topic.score), ..here };
                        *best = topic.score;
                    }
                    Some(_) => {}
                    None => nearest.push((here, topic.score)),
                }
            }
        }
        found.topics = nearest.into_iter().map(|(topic, _)| topic).collect();
        // Feeling something about films and the opposite about one kind of them is told by the kinds alone.
        let covered: Vec<TopicId> = found.topics.iter().flat_map(|t| t.topic.lineage().skip(1)).collect();
        found.topics.retain(|topic| !covered.contains(&topic.topic));
        found.topics.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.topic.cmp(&b.topic)));
        found.topics.truncate(MAX_TOPICS);
        let likely = found.topics.iter().filter(|topic| topic.score >= SENSITIVE_TOPIC);
        found.sensitive = likely.fold(found.sensitive, |all, topic| all | topic.topic.sensitive());
    }
}

/// The windows of `text` in which there is something to read, and whether they hold all of it.
fn readable(text: &str) -> (Vec<&str>, bool) {
    let (mut windows, whole) = windows::split(text);
    windows.retain(|part| part.contains(char::is_alphanumeric));
    (windows, whole)
}

fn nothing(language: &'static str) -> Understanding {
    Understanding {
        language,
        topics: Vec::new(),
        sensitive_scores: [0.0; Category::ALL.len()],
        sensitive: Categories::NONE,
        subject: rapport_core::understanding::Subject::None,
        about_child: false,
        stance: 0.0,
        intent: None,
        pii: Vec::new(),
        low_confidence: true,
        vector: None,
    }
}

fn head(text: &str, limit: usize) -> (&str, bool) {
    match text.char_indices().nth(limit) {
        Some((end, _)) => (&text[..end], false),
        None => (text, true),
    }
}

fn raise(to: &mut [f32], from: &[f32]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = to.max(*from);
    }
}

fn mean(vectors: &[[f32; WIDTH]]) -> Option<[f32; WIDTH]> {
    let (first, rest) = vectors.split_first()?;
    let mut sum = *first;
    for vector in rest {
        sum.iter_mut().zip(vector).for_each(|(to, from)| *to += from);
    }
    let norm = sum.iter().map(|value| value * value).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
    Some(sum.map(|value| value / norm))
}
