//! The door of this crate: one call a text, or a batch.

use std::path::Path;

use rapport_core::topic::{Categories, Category};
use rapport_core::understanding::{PiiSpan, Understanding};

use crate::encoder::{SentenceEncoder, WIDTH};
use crate::error::ModelError;
use crate::files::ModelFiles;
use crate::heads::{Heads, select_topics};
use crate::lexicon::Lexicon;
use crate::rules::Phrases;
use crate::pii::{self, Tagger};
use crate::{language, windows};

/// Languages that the encoder learnt, and Hindi, which it reads through a word list.
const KNOWN_LANGUAGES: [&str; 17] =
    ["ar", "zh", "en", "fr", "de", "it", "ja", "ko", "nl", "pl", "pt", "es", "th", "tr", "ru", "hi", "und"];
/// Share of a Hindi text's words that the word list must know for its judgement to count.
const ENOUGH_HINDI: f32 = 0.4;
/// Longest text, in scalar values, that the lexicon and the rules read; a longer one is marked `low_confidence`.
const MAX_SCANNED: usize = 65_536;
/// A topic that is itself sensitive marks its category from this probability on.
const SENSITIVE_TOPIC: f32 = 0.5;
/// Score that a detector needs in a text with a known look-alike ("Union Jack"), whatever its own threshold.
const EXPLAINED_AWAY: f32 = 0.6;

/// Everything needed to understand texts: about 80 MB of weights, immutable, cheap to share in an `Arc`.
pub struct Understander {
    encoder: SentenceEncoder,
    heads: Heads,
    pii: Tagger,
    lexicon: Lexicon,
    version: String,
}

/// What one text contributes to a batch of windows.
struct Plan<'a> {
    text: &'a str,
    windows: std::ops::Range<usize>,
    whole: bool,
}

impl Understander {
    /// Loads the models compiled into this program. Cost: about 0.3 s.
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
            encoder: SentenceEncoder::load(files)?,
            heads: Heads::load(&files.heads)?,
            pii: Tagger::load(&files.pii)?,
            lexicon: Lexicon::parse(&files.lexicon)?,
            version: files.version.clone(),
        })
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
        let mut parts = Vec::new();
        let plans: Vec<Plan<'_>> = texts
            .iter()
            .map(|text| {
                let (mut windows, whole) = windows::split(text);
                windows.retain(|part| part.contains(char::is_alphanumeric));
                let from = parts.len();
                parts.append(&mut windows);
                Plan { text, windows: from..parts.len(), whole }
            })
            .collect();
        let vectors = self.encoder.encode(&parts);
        plans.iter().map(|plan| self.judge(plan, &vectors[plan.windows.clone()])).collect()
    }

    /// The encoder's vector of `text` (the mean over its windows), of unit length; `None` if there is nothing to read.
    pub fn encode(&self, text: &str) -> Option<[f32; WIDTH]> {
        let (mut parts, _) = windows::split(text);
        parts.retain(|part| part.contains(char::is_alphanumeric));
        mean(&self.encoder.encode(&parts))
    }

    /// Personal data in the first 65,536 scalar values of `text`: what [`understand`](Self::understand) finds, without
    /// the encoder. Offsets count scalar values.
    pub fn personal_data(&self, text: &str) -> Vec<PiiSpan> {
        pii::find(text, &self.pii)
    }

    /// How many pieces the tokenizer cuts `text` into: the floor of any understanding, for benchmarks.
    pub fn tokenize_len(&self, text: &str) -> usize {
        self.encoder.tokenize(text).len()
    }

    /// Short hash over all model files.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The lexicon's verdict alone, for evaluation.
    pub(crate) fn lexicon_flags(&self, text: &str) -> Categories {
        self.lexicon.scan(text, language::detect(text))
    }

    fn judge(&self, plan: &Plan<'_>, vectors: &[[f32; WIDTH]]) -> Understanding {
        let (scanned, all_scanned) = head(plan.text, MAX_SCANNED);
        let language = language::detect(scanned);
        let mut found = nothing(language);
        found.pii = pii::find(scanned, &self.pii);
        let phrases = Phrases::of(scanned, language);
        found.subject = phrases.subject();
        found.about_child = phrases.about_child();
        found.stance = phrases.stance();
        found.intent = phrases.intent();
        found.sensitive = self.lexicon.scan(scanned, language);
        if let Some(vector) = mean(vectors) {
            let look_alike = vectors.len() == 1 && self.lexicon.names_a_look_alike(scanned);
            self.read_vectors(vectors, &vector, look_alike, &mut found);
            found.low_confidence = !(plan.whole && all_scanned && self.reads(scanned, language));
        }
        found
    }

    /// Each window votes for itself, and the strongest vote counts: one sensitive sentence makes a page sensitive.
    fn read_vectors(
        &self,
        windows: &[[f32; WIDTH]],
        whole: &[f32; WIDTH],
        look_alike: bool,
        found: &mut Understanding,
    ) {
        let mut topics = self.heads.topic_scores(&windows[0]);
        let mut scores = self.heads.sensitive_scores(&windows[0]);
        for window in &windows[1..] {
            raise(&mut topics, &self.heads.topic_scores(window));
            raise(&mut scores, &self.heads.sensitive_scores(window));
        }
        found.topics = select_topics(&topics);
        found.topics.iter_mut().for_each(|topic| topic.stance = found.stance);
        let floor = if look_alike { EXPLAINED_AWAY } else { 0.0 };
        found.sensitive = found.sensitive | self.heads.flagged(&scores, floor);
        for topic in found.topics.iter().filter(|topic| topic.score >= SENSITIVE_TOPIC) {
            found.sensitive = found.sensitive | topic.topic.sensitive();
        }
        found.sensitive_scores = scores;
        found.vector = self.heads.shorten(whole);
    }

    /// Whether the models can read this language well enough for their silence to mean something.
    fn reads(&self, text: &str, language: &str) -> bool {
        KNOWN_LANGUAGES.contains(&language)
            && self.encoder.hindi_share(text).is_none_or(|share| share >= ENOUGH_HINDI)
    }
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
