"""The seven detectors on the frozen vector, and their thresholds, chosen out of fold on training rows."""

import re

import numpy as np

import environment
from network import Head, sigmoid
from rows import CATEGORIES, Row, Taxonomy

HIDDEN = 192
SEEDS = [21, 22, 23]
FOLDS = 4
# Share of ordinary training rows that one detector may flag, out of fold.
FALSE_ALARMS = 0.012


def train(rows: list[Row], vectors: np.ndarray) -> dict[str, np.ndarray]:
    labelled = [with_labels(row) for row in rows]
    use = np.array([row is not None for row in labelled])
    chosen = [row for row in labelled if row is not None]
    x = vectors[use]
    y, mask = targets(chosen)
    print(f"sensitive: {len(chosen):,} rows, positives {y.sum(0).astype(int).tolist()}")
    fold = np.array([row.byte % FOLDS for row in chosen])
    scores = np.zeros_like(y)
    for held in range(FOLDS):
        heads = [fit(x[fold != held], y[fold != held], mask[fold != held], seed) for seed in SEEDS[:2]]
        scores[fold == held] = sigmoid(np.mean([head.logits(x[fold == held]) for head in heads], axis=0))
    thresholds = choose(chosen, scores, y)
    heads = [fit(x, y, mask, seed) for seed in SEEDS]
    return merge(heads) | {"sensitive/thresholds": thresholds}


def with_labels(row: Row) -> Row | None:
    """Rows of the topic sets are ordinary unless their topic is sensitive."""
    if row.sensitive is not None:
        return row
    if row.topics is None or row.dataset.startswith("b_"):
        return None
    taxonomy = Taxonomy.shared()
    named = set().union(*(taxonomy.categories(code) for code in row.topics), set())
    touched = set().union(*(taxonomy.categories(code) for code in row.accepted), set())
    row.sensitive = sorted(named)
    # News sentences and commands were not judged by anybody: a category that their topic suggests is left open.
    row.uncertain = [c for c in CATEGORIES if c not in named and (named or c in touched or mentions(c, row.text))]
    return row


def mentions(category: str, text: str) -> bool:
    words = " " + re.sub(r"[^\w]+", " ", text.lower()) + " "
    return any(f" {term}" in words for term in lexicon()[category])


_TERMS: dict[str, list[str]] = {}


def lexicon() -> dict[str, list[str]]:
    """The explicit terms by category, without language or endings: used only to leave unjudged rows open."""
    if not _TERMS:
        for category in CATEGORIES:
            _TERMS[category] = []
        for line in (environment.ROOT / "models/lexicon/sensitive.tsv").read_text(encoding="utf-8").splitlines():
            if line.split("\t")[0] in CATEGORIES:
                category, _, terms = line.split("\t")
                _TERMS[category] += [t.rstrip("*") if t.endswith("*") else t + " " for t in terms.split(";")]
    return _TERMS


def targets(rows: list[Row]) -> tuple[np.ndarray, np.ndarray]:
    y = np.zeros((len(rows), len(CATEGORIES)), np.float32)
    mask = np.ones_like(y)
    for at, row in enumerate(rows):
        for c, category in enumerate(CATEGORIES):
            y[at, c] = category in row.sensitive
            mask[at, c] = 0 if category in row.uncertain and not y[at, c] else weight(row)
    # Templates repeat: a big set counts as its square root.
    sets = np.array([row.dataset for row in rows])
    for name in set(sets):
        count = (sets == name).sum()
        if name.startswith("b_") and "handwritten" not in name:
            mask[sets == name] *= (300 / count) ** 0.5
    positives = (y * mask).sum(0)
    mask *= np.where(y > 0, np.clip(positives.max() / positives, 1, 4), 1)
    return y, mask


def weight(row: Row) -> float:
    if "handwritten" in row.dataset:
        return 3.0 if row.language == "en" else 2.0
    if row.dataset == "own":
        return row.weight
    return 0.3 if row.dataset == "a_sib200_multilingual" else 1.0


def fit(x, y, mask, seed) -> Head:
    head = Head(x.shape[1], HIDDEN, y.shape[1], seed)
    return head.fit(x, y, mask, epochs=12, rate=2e-3, decay=2e-4, dropout=0.4, noise=0.01)


def choose(rows: list[Row], scores: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The lowest threshold of each detector at which few ordinary rows are flagged, but never above 0.5."""
    ordinary = np.array([
        not row.sensitive and not row.uncertain and not row.hard
        and row.dataset in ("a_clinc150", "a_hwu64", "a_slurp", "a_snips", "b_handwritten_en", "b_handwritten_multilingual")
        for row in rows
    ])
    thresholds = np.clip(np.quantile(scores[ordinary], 1 - FALSE_ALARMS, axis=0), 0.04, 0.5)
    judged = np.array(["handwritten" in row.dataset for row in rows])
    flagged = scores >= thresholds
    positive = judged & (y.sum(1) > 0)
    print(f"    thresholds {dict(zip(CATEGORIES, thresholds.round(3).tolist()))}")
    print(f"    out of fold: missed {1 - flagged[positive].any(1).mean():.3f} of {positive.sum()}, "
          f"flagged {flagged[ordinary].any(1).mean():.3f} of {ordinary.sum()} ordinary, "
          f"{flagged[np.array([r.hard and not r.sensitive for r in rows])].any(1).mean():.3f} of look-alikes")
    for c, category in enumerate(CATEGORIES):
        mine = judged & (y[:, c] > 0)
        print(f"    {category}: missed {1 - flagged[mine].any(1).mean():.3f} of {mine.sum()}")
    for language in ["en", "es", "de", "fr", "pt", "hi", "ko"]:
        mine = positive & np.array([row.language == language for row in rows])
        print(f"    {language}: missed {1 - flagged[mine].any(1).mean():.3f} of {mine.sum()}")
    return thresholds.astype(np.float32)


def merge(heads: list[Head]) -> dict[str, np.ndarray]:
    """The mean of several networks' logits is one wider network."""
    n = len(heads)
    joined = {
        "inner": np.concatenate([h.w["inner"] for h in heads], axis=1),
        "bias": np.concatenate([h.w["bias"] for h in heads]),
        "outer": np.concatenate([h.w["outer"] for h in heads], axis=0) / n,
        "skip": sum(h.w["skip"] for h in heads) / n,
        "offset": sum(h.w["offset"] for h in heads) / n,
    }
    return {f"sensitive/{k}": v for k, v in joined.items()}
