"""The training texts that were written for this project: training/texts/*.tsv.

    topics_<language>.tsv      topic ids, separated by `+`<TAB>phrases separated by `;`
    sensitive_<language>.tsv   categories separated by `+` (or `-` for an everyday look-alike)<TAB>one text
    gate_<language>[_part].tsv the same, a third column being an English translation (Hindi); some calibrate thresholds
    pairs_hi.tsv               a Hindi word or expression<TAB>English
    messages_<language>.tsv    topic ids separated by `+` (or `-` for none)<TAB>one text[<TAB>English translation]
"""

import random

import environment
from rows import CATEGORIES, Row, Taxonomy

TEXTS = environment.ROOT / "training" / "texts"

# A phrase is seen bare and in some of its language's frames, so that the heads learn the topic and not the frame.
FRAMES = {
    "en": [
        "I want to know more about {}", "recommend me something about {}", "I love {}", "{} for beginners", "best {}",
        "can you help me with {}", "I'm looking for {}", "what do you think about {}?", "my friend is really into {}",
        "tips for {}", "planning {} next weekend", "which {} should I buy?", "where can I find {} near me",
        "tell me about {}", "I've been thinking about {} lately", "remind me about {} tomorrow", "I don't like {}",
        "how do I get started with {}", "is {} worth it?", "we talked about {} yesterday", "any news on {}",
    ],
    "es": ["quiero saber más sobre {}", "me encanta {}", "recomiéndame {}", "busco {} cerca de mí", "consejos sobre {}",
        "quiero ir el próximo fin de semana: {}", "{}: ¿qué compro?"],
    "de": ["ich möchte mehr über {} wissen", "ich liebe {}", "empfiehl mir {}", "ich suche {}", "Tipps für {}",
        "nächstes Wochenende möchte ich: {}", "{}, was soll ich kaufen?"],
    "fr": ["je voudrais en savoir plus sur {}", "j'adore {}", "recommande-moi {}", "je cherche {}", "conseils pour {}",
        "le week-end prochain : {}", "{}, que dois-je acheter ?"],
    "pt": ["quero saber mais sobre {}", "adoro {}", "recomende {}", "procuro {} perto de mim", "dicas de {}",
        "no próximo fim de semana: {}", "{}, o que devo comprar?"],
    "hi": ["मुझे {} के बारे में बताओ", "मुझे {} पसंद है", "{} के लिए सुझाव दो", "अच्छा {} कहाँ मिलेगा",
        "अगले सप्ताहांत {}", "{} के लिए क्या खरीदूं"],
    "ko": ["{}에 대해 알려줘", "{} 좋아해", "{} 추천해 줘", "{} 어디서 찾을 수 있어?", "{} 처음 시작하는 방법",
        "다음 주말에 {}", "{} 하려면 뭘 살까?"],
}

# Topics that a phrase of another topic nearly always also is.
ALSO = {
    "542": ["159"], "677": ["159"], "259": ["159"], "665": ["159"], "500": ["159"], "499": ["159"],
    "227": ["540?"], "630": ["599"], "635": ["632"], "255": ["206?", "633?"], "492": ["22?"],
    "425": ["428?"], "324": ["SPSHQ5?"], "159": ["542?"], "160": ["159"],
}


def topic_texts(seed: int = 1) -> list[Row]:
    """Every node's phrases and names, bare and framed; a phrase listed under several nodes has them all."""
    rng = random.Random(seed)
    taxonomy = Taxonomy.shared()
    rows = []
    for language, frames in FRAMES.items():
        path = TEXTS / f"topics_{language}.tsv"
        if not path.exists():
            continue
        phrases: dict[str, set[str]] = {}
        for line in path.read_text(encoding="utf-8").splitlines():
            if not line or line.startswith("#"):
                continue
            ids, texts = line.split("\t")
            for text in texts.split(";"):
                phrases.setdefault(text.strip(), set()).update(ids.split("+"))
        if language == "en":
            for code in taxonomy.codes:
                phrases.setdefault(taxonomy.name[code].replace("&", "and"), set()).add(code)
        for phrase, codes in phrases.items():
            chosen = rng.sample(frames, min(len(frames), 4))
            for frame in ["{}", *chosen]:
                rows.append(topic_row(frame.format(phrase), phrase, codes, language, taxonomy))
    return rows


def topic_row(text: str, phrase: str, codes: set[str], language: str, taxonomy: Taxonomy) -> Row:
    row = Row(text, "own", phrase, language, topics=sorted(codes), weight=0.7)
    for code in list(codes):
        for also in ALSO.get(code, []):
            (row.accepted if also.endswith("?") else row.topics).append(also.rstrip("?"))
    # A genre and its medium, or a neighbour, may both hold: what is near in the tree is not counted as wrong.
    for code in row.topics:
        siblings = [c for c in taxonomy.codes if taxonomy.parent[c] == taxonomy.parent[code] and taxonomy.parent[c]]
        children = [c for c in taxonomy.codes if taxonomy.parent[c] == code]
        if len(siblings) < 8:
            row.accepted += siblings
        row.accepted += children if len(text) > 60 else []
    row.sensitive = sorted(set().union(*(taxonomy.categories(code) for code in row.topics)))
    if row.sensitive:
        # A topic implies its own category; whether others hold too is not known.
        row.uncertain = [c for c in CATEGORIES if c not in row.sensitive]
    return row


def message_texts() -> list[Row]:
    """Whole messages and sentences with their topics."""
    taxonomy = Taxonomy.shared()
    rows = []
    for language, (labels, text, *english) in lines("messages_*.tsv"):
        codes = set() if labels == "-" else set(labels.split("+"))
        row = topic_row(text, text, codes, language, taxonomy)
        row.dataset, row.weight, row.english = "messages", 1.5, english[0] if english else None
        rows.append(row)
    return rows


def parallel_texts(rows: list[Row]) -> list[tuple[str, str]]:
    """Hindi texts and their English translations, out of `rows`; translations in the data share a group."""
    pairs = [(row.text, row.english) for row in rows if row.language == "hi" and row.english]
    groups: dict[tuple[str, str], dict[str, str]] = {}
    for row in rows:
        if row.dataset in ("a_sib200_multilingual", "b_handwritten_multilingual"):
            groups.setdefault((row.dataset, row.group), {})[row.language] = row.text
    pairs += [(hindi, english) for _, (hindi, english) in lines("pairs_hi.tsv")]
    return pairs + [(of["hi"], of["en"]) for of in groups.values() if {"hi", "en"} <= of.keys()]


def gate_texts() -> list[Row]:
    """Sensitive messages and look-alikes, of which some calibrate."""
    return labelled_texts("gate_*.tsv", "gate")


def sensitive_texts() -> list[Row]:
    """Positives and look-alikes of the seven categories."""
    return labelled_texts("sensitive_*.tsv", "own")


def lines(pattern: str):
    """Language and fields of every line of the files that match."""
    for path in sorted(TEXTS.glob(pattern)):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                yield path.stem.split("_")[1], line.split("\t")


def labelled_texts(pattern: str, dataset: str) -> list[Row]:
    rows = []
    for language, (labels, text, *english) in lines(pattern):
        named = [] if labels == "-" else labels.split("+")
        assert {label.rstrip("?") for label in named} <= set(CATEGORIES), f"{labels}: {text}"
        row = Row(text, dataset, text, language, weight=2.0, english=english[0] if english else None)
        row.sensitive = [label for label in named if not label.endswith("?")]
        row.uncertain = [label.rstrip("?") for label in named if label.endswith("?")]
        rows.append(row)
    return rows
