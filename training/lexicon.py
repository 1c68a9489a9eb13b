"""The lexicon of explicit terms, read as the Rust code reads it but for disguises."""

import functools
import re

import environment
from rows import CATEGORIES, Row

EVERYWHERE = ("en", "hi", "ko")


@functools.cache
def terms() -> tuple[list[tuple[str, str, str]], list[str]]:
    """(category, language, pattern) and harmless phrases; a pattern begins with a space, and ends with one unless open."""
    found, harmless = [], []
    for line in (environment.ROOT / "models/lexicon/sensitive.tsv").read_text(encoding="utf-8").splitlines():
        fields = line.split("\t")
        if fields[0] == "!":
            harmless += [f" {phrase} " for phrase in fields[2].split(";")]
        elif fields[0] in CATEGORIES:
            for term in fields[2].split(";"):
                key = " " + " ".join(words(term))
                found.append((fields[0], fields[1], key if term.endswith("*") else key + " "))
    return found, harmless


def words(text: str) -> list[str]:
    return re.sub(r"[^\w\u0900-\u0dff]+", " ", text.lower().replace("'", "").replace("’", "")).split()


def hits(row: Row) -> set[str]:
    """The categories that a row's text names."""
    return set(hits_of(row.text, row.language))


@functools.cache
def hits_of(text: str, language: str) -> tuple[str, ...]:
    key = f" {' '.join(words(text))} "
    found, harmless = terms()
    for phrase in harmless:
        key = key.replace(phrase, " | ")
    return tuple({c for c, spoken, term in found if (spoken in EVERYWHERE or spoken == language) and term in key})
