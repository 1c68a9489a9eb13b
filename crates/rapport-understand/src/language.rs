//! Which language a text is in: by script, then by its small words, then by letter statistics if it is long enough.

use std::collections::HashMap;
use std::sync::LazyLock;

use whatlang::{Detector, Lang};

/// Letters that letter statistics need before they are believed.
const ENOUGH_LETTERS: usize = 24;
/// Confidence that they need, 0..=1.
const ENOUGH_CONFIDENCE: f64 = 0.5;

/// Small words that tell Latin-script languages apart; those shared by two are left out or counted for both.
const SMALL_WORDS: [(&str, &str); 9] = [
    (
        "en",
        "a play book add rate give explain write listen call send change switch convert set turn recommend compare hate love running every your from at as but has been more some or just going tomorrow today what's whats don't can't it's the and is are to of i i'm im you my for with what how can where which when that this do does want need help me in on it be have find get tell show please should play set not would could there about any an was were will who why best near out up next new",
    ),
    (
        "es",
        "a compárame explica vuelos son muy pero otra esto esta ese hace años día tiempo dos tres para recomienda pon qué sin el la los las de que y en un una por para con mi me es está quiero cómo como qué dónde cuál cuándo del al se no lo le su más busca busco tengo hay ser puedo sobre yo esta este mis nos soy recuérdame ponme dime necesito hoy mañana",
    ),
    (
        "de",
        "wer erkläre ganz einfach hat vorn zwei drei ohne über unter dass kein keine mehr sehr einen suche zeig spiel stell der die das und ist ich nicht ein eine einen einem zu mit für auf mein meine meinen wie was wo welche welcher wann mir mich im am den dem des es sie wir bin habe kann gibt soll zum zur von bei nach noch auch oder möchte bitte heute morgen",
    ),
    (
        "fr",
        "à a faut lequel explique recommande deux trois sans très plus été avez fait mets joue l'on n'est qu'est d'une le la les des et est je un une pour avec mon ma mes que qui dans sur pas ne ce cette au aux du de en il elle nous vous suis ai j'ai c'est quel quelle où comment peux moi plus chez d'un d'une l'heure puis voudrais demain aujourd'hui",
    ),
    (
        "pt",
        "explique compare toque dois três sem muito mais isto essa esse esta são tudo coloque recomende lugar o a os as e de que um uma para com meu minha não em do da dos das no na nos nas eu é está como qual onde quando quero por mais me se sou tenho meus minhas pode você ele ela foi ao lembre toque amanhã hoje sobre isso preciso",
    ),
    (
        "it",
        "il lo la gli le di che è un una per con mio mia non sono come cosa dove quando del della nel nella mi ti si ho voglio questo questa più domani",
    ),
    (
        "nl",
        "de het een en is ik niet van voor met mijn op wat hoe waar welke wanneer dat dit zijn er naar aan wil kan moet ook",
    ),
    ("pl", "i w na jest nie się z do to że jak co gdzie mój moja mnie dla czy po od jestem chcę"),
    ("tr", "ve bir bu için ne nasıl nerede ben benim ile mi da de çok var yok istiyorum"),
];

/// In which languages, by their place in `SMALL_WORDS`, a word is a small one.
static LANGUAGES_OF: LazyLock<HashMap<&'static str, Vec<u8>>> = LazyLock::new(|| {
    let mut languages: HashMap<&'static str, Vec<u8>> = HashMap::new();
    for (language, (_, words)) in (0..).zip(SMALL_WORDS) {
        for word in words.split(' ') {
            let known = languages.entry(word).or_default();
            if !known.contains(&language) {
                known.push(language);
            }
        }
    }
    languages
});

/// ISO 639-1 code, or `"und"` if the text does not tell. `by_pieces` is asked for a text in Latin letters whose small words
/// don't tell; letter statistics, which cost most, come last.
pub(crate) fn detect(text: &str, by_pieces: impl FnOnce() -> Option<&'static str>) -> &'static str {
    let head: String = text.chars().take(600).collect();
    by_script(&head)
        .or_else(|| by_words(&head))
        .or_else(by_pieces)
        .or_else(|| by_letters(&head))
        .unwrap_or("und")
}

/// The language, where its script leaves no doubt.
fn by_script(text: &str) -> Option<&'static str> {
    let (mut letters, mut latin) = (0usize, 0usize);
    let mut counts = [
        ("ko", 0usize),
        ("hi", 0),
        ("ja", 0),
        ("zh", 0),
        ("ar", 0),
        ("ru", 0),
        ("th", 0),
        ("he", 0),
        ("el", 0),
    ];
    for c in text.chars().filter(|c| c.is_alphabetic()) {
        letters += 1;
        let language = match c {
            '\u{AC00}'..='\u{D7AF}' | '\u{1100}'..='\u{11FF}' | '\u{3130}'..='\u{318F}' => 0,
            '\u{0900}'..='\u{097F}' => 1,
            '\u{3040}'..='\u{30FF}' => 2,
            '\u{4E00}'..='\u{9FFF}' => 3,
            '\u{0600}'..='\u{06FF}' => 4,
            '\u{0400}'..='\u{04FF}' => 5,
            '\u{0E00}'..='\u{0E7F}' => 6,
            '\u{0590}'..='\u{05FF}' => 7,
            '\u{0370}'..='\u{03FF}' => 8,
            _ => {
                latin += 1;
                continue;
            }
        };
        counts[language].1 += 1;
    }
    // Japanese mixes kana with Han characters; Han alone is Chinese.
    if counts[2].1 > 0 {
        counts[2].1 += counts[3].1;
    }
    // A few words in Latin letters (a brand, a title) don't change the language of a text in another script.
    let &(language, count) = counts.iter().max_by_key(|(_, count)| *count)?;
    if count == 0 || (latin > 3 * count && letters > 0) {
        return None;
    }
    // Arabic and Cyrillic letters serve several languages: let statistics decide where there is enough.
    match language {
        "ar" | "ru" => by_letters(text).or(Some(language)),
        _ => Some(language),
    }
}

/// The language with most small words, if it leads.
fn by_words(text: &str) -> Option<&'static str> {
    let lower = text.to_lowercase();
    let mut votes = SMALL_WORDS.map(|(language, _)| (0, language));
    let words = lower.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|word| !word.is_empty());
    for language in words.take(80).filter_map(|word| LANGUAGES_OF.get(word)).flatten() {
        votes[usize::from(*language)].0 += 2;
    }
    if !lower.is_ascii() {
        votes.iter_mut().for_each(|(count, language)| *count += letters_of(language, &lower));
    }
    votes.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    let (best, second) = (votes[0], votes[1]);
    (best.0 >= 2 && best.0 > second.0).then_some(best.1)
}

/// One vote for letters that hardly any other of these languages writes.
fn letters_of(language: &str, text: &str) -> usize {
    let own: &[char] = match language {
        "es" => &['ñ', '¿', '¡'],
        "de" => &['ß', 'ä'],
        "fr" => &['œ', 'è', 'ù', 'î'],
        "pt" => &['ã', 'õ'],
        "pl" => &['ł', 'ż', 'ś', 'ą', 'ę'],
        "tr" => &['ğ', 'ı', 'ş'],
        _ => return 0,
    };
    usize::from(text.contains(own))
}

fn by_letters(text: &str) -> Option<&'static str> {
    if text.chars().filter(|c| c.is_alphabetic()).count() < ENOUGH_LETTERS {
        return None;
    }
    let found = Detector::new().detect(text).filter(|found| found.confidence() >= ENOUGH_CONFIDENCE)?;
    code(found.lang())
}

fn code(language: Lang) -> Option<&'static str> {
    Some(match language {
        Lang::Eng => "en",
        Lang::Spa => "es",
        Lang::Deu => "de",
        Lang::Fra => "fr",
        Lang::Por => "pt",
        Lang::Hin => "hi",
        Lang::Kor => "ko",
        Lang::Ita => "it",
        Lang::Nld => "nl",
        Lang::Pol => "pl",
        Lang::Tur => "tr",
        Lang::Rus => "ru",
        Lang::Ukr => "uk",
        Lang::Ara => "ar",
        Lang::Urd => "ur",
        Lang::Pes => "fa",
        Lang::Swe => "sv",
        Lang::Dan => "da",
        Lang::Nob => "no",
        Lang::Fin => "fi",
        Lang::Ces => "cs",
        Lang::Ron => "ro",
        Lang::Hun => "hu",
        Lang::Ind => "id",
        Lang::Vie => "vi",
        Lang::Cat => "ca",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seven_languages_are_told_apart_by_everyday_requests() {
        for (language, text) in [
            ("en", "I want to go hiking next weekend"),
            ("es", "Quiero ir de excursión el próximo fin de semana"),
            ("de", "Ich möchte nächstes Wochenende wandern gehen"),
            ("fr", "Je voudrais faire de la randonnée le week-end prochain"),
            ("pt", "Quero fazer uma caminhada no próximo fim de semana"),
            ("hi", "मैं अगले सप्ताहांत पैदल यात्रा पर जाना चाहता हूँ"),
            ("ko", "다음 주말에 등산 가고 싶어요"),
        ] {
            assert_eq!(detect(text, || None), language, "{text}");
        }
    }

    #[test]
    fn too_little_text_is_undetermined() {
        for text in ["", "ok", "42", "🥾", "Zelda"] {
            assert_eq!(detect(text, || None), "und", "{text}");
        }
    }
}
