"""Texts that the fast path is taught on: everything at hand, and what is made of it by cutting, splicing and swapping words.

Nobody needs to label them: the encoder does.
"""

import json
import random
import re
from pathlib import Path

from rows import sensitive_rows, topic_rows
from texts import gate_texts, lines, message_texts, sensitive_texts, topic_texts

MADE = 60_000
PHRASES, POLICY_SENTENCES, LONGEST = 9_000, 3_000, 400


def texts(data: Path, seed: int = 3) -> list[str]:
    """Every text once."""
    rng = random.Random(seed)
    base = list(dict.fromkeys((text.strip()[:LONGEST], language) for text, language in found(data, rng) if text.strip()))
    by_language: dict[str, list[str]] = {}
    for text, language in base:
        by_language.setdefault(language, []).append(text)
    words = {language: [word for text in of for word in text.split()] for language, of in by_language.items()}
    out = dict.fromkeys(text for text, _ in base)
    goal = len(out) + MADE
    while len(out) < goal:
        text, language = rng.choice(base)
        out[made(text, rng.choice(by_language[language]), words[language], rng)] = None
    out.pop("", None)
    return list(out)


def found(data: Path, rng: random.Random):
    """Texts and their languages."""
    labelled = topic_rows(data) + sensitive_rows(data) + gate_texts() + message_texts() + sensitive_texts()
    yield from ((row.text, row.language) for row in labelled if not row.held_out and not row.kept_apart)
    phrases = topic_texts()
    yield from ((row.text, row.language) for row in rng.sample(phrases, min(PHRASES, len(phrases))))
    yield from ((fields[-1], language) for language, fields in lines("subject_*.tsv"))
    yield from ((re.sub(r"\[[-+0]([^\]]*)\]", r"\1", fields[-1]), language) for language, fields in lines("stance_*.tsv"))
    for line in (data / "c_redial_dialogues.jsonl").read_text(encoding="utf-8").splitlines():
        yield from ((turn["text"], "en") for turn in json.loads(line)["turns"])
    for line in (data / "c_ccpe_partial_utterances.jsonl").read_text(encoding="utf-8").splitlines():
        yield json.loads(line)["text"], "en"
    sentences = []
    for path in sorted((data / "g_policies").iterdir())[:40]:
        text = path.read_text(encoding="utf-8", errors="ignore")
        sentences += [part.strip() for part in re.split(r"(?<=[.!?])\s+", text) if 30 < len(part) < 250]
    yield from ((text, "en") for text in rng.sample(sentences, min(POLICY_SENTENCES, len(sentences))))


def made(text: str, other: str, words: list[str], rng: random.Random) -> str:
    """A text that nobody wrote."""
    own, others, kind = text.split(), other.split(), rng.random()
    if kind < 0.35 and len(own) > 3:
        size = rng.randint(2, min(len(own), 14))
        start = rng.randint(0, len(own) - size)
        return " ".join(own[start : start + size])
    if kind < 0.6:
        for _ in range(rng.randint(1, 2)):
            own[rng.randrange(len(own))] = rng.choice(words)
        return " ".join(own)
    if kind < 0.75:
        return " ".join(own[: rng.randint(1, len(own))][-10:] + others[: rng.randint(1, len(others))][:10])
    if kind < 0.85:
        return text.lower()
    if kind < 0.93:
        return " ".join(word for word in own if rng.random() > 0.25)
    return " ".join(rng.sample(words, rng.randint(1, 6)))
