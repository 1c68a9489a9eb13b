"""What training takes for true of each row: targets and weights of the categories and of the topics."""

import random

import numpy as np

import lexicon
from rows import CATEGORIES, Row, Taxonomy

# Share of the framed topic phrases that is used: they are many and plain.
PHRASES = 0.4
# How much one row of a set counts; sets of templates count as the square root of their size (see `weights`).
SETS = {"b_handwritten_en": 3.0, "b_handwritten_multilingual": 2.0, "gate": 2.0, "a_sib200_multilingual": 0.8}
TEMPLATES = ("b_medquad", "b_meqsum", "b_holisticbias", "b_bbq", "b_mhc")
TEMPLATE_ROWS = 300


def chosen(rows: list[Row]) -> list[Row]:
    """The rows that are trained on, with what their topics imply about the categories."""
    rng = random.Random(5)
    picked = [row for row in rows if not is_phrase(row) or row.sensitive or rng.random() < PHRASES]
    return [row for row in map(with_categories, picked) if row is not None]


def is_phrase(row: Row) -> bool:
    return row.dataset == "own" and row.weight < 1


def with_categories(row: Row) -> Row | None:
    """Rows of the topic sets are ordinary unless their topic is sensitive."""
    if row.sensitive is not None:
        return row
    if row.topics is None:
        return None
    taxonomy = Taxonomy.shared()
    named = set().union(*(taxonomy.categories(code) for code in row.topics), set())
    touched = set().union(*(taxonomy.categories(code) for code in row.accepted), set())
    row.sensitive = sorted(named)
    # News sentences and commands were not judged by anybody: a category that their topic suggests is left open.
    row.uncertain = [c for c in CATEGORIES if c not in named and (named or c in touched or c in lexicon.hits(row))]
    return row


def categories(rows: list[Row]) -> tuple[np.ndarray, np.ndarray]:
    """Targets and weights, `[n, 7]`."""
    y = np.array([[c in row.sensitive for c in CATEGORIES] for row in rows], np.float32)
    open_ = np.array([[c in row.uncertain for c in CATEGORIES] for row in rows])
    sets = np.array([row.dataset for row in rows])
    count = {name: (sets == name).sum() for name in set(sets)}
    weight = np.array([row_weight(row, count[row.dataset]) for row in rows], np.float32)
    return y, np.where(open_ & (y == 0), 0, weight[:, None]).astype(np.float32)


def row_weight(row: Row, rows_in_set: int) -> float:
    weight = SETS.get(row.dataset, row.weight)
    if "handwritten" in row.dataset and row.hard and not row.sensitive:
        weight *= 1.5
    if row.dataset.startswith(TEMPLATES):
        weight *= (TEMPLATE_ROWS / rows_in_set) ** 0.5
    return weight


def topics(rows: list[Row]) -> tuple[np.ndarray, np.ndarray]:
    """Targets and weights, `[n, nodes]`: 1 for a row's topics and their ancestors; weight 0 where nothing is known."""
    taxonomy = Taxonomy.shared()
    y = np.zeros((len(rows), len(taxonomy.codes)), np.float32)
    weight = np.zeros_like(y)
    for at, row in enumerate(rows):
        if row.topics is not None:
            fill(row, y[at], weight[at], taxonomy)
    return y, weight


def fill(row: Row, y: np.ndarray, weight: np.ndarray, taxonomy: Taxonomy) -> None:
    weight[:] = row.weight
    for code in row.accepted:
        for node in taxonomy.lineage(code):
            weight[taxonomy.index[node]] = 0
    for code in row.topics:
        for node in taxonomy.lineage(code):
            y[taxonomy.index[node]] = 1
            weight[taxonomy.index[node]] = row.weight
    if row.dataset != "own":
        # Labels of whole messages name one broad topic; finer ones below it may hold as well.
        for code in row.topics:
            for child in taxonomy.children(code):
                if y[taxonomy.index[child]] == 0:
                    weight[taxonomy.index[child]] = 0


def platt(logits: np.ndarray, y: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Slope and offset that make sigmoid(slope·z + offset) a probability (Platt 1999), by gradient descent."""
    near = (logits > -6) & (weight > 0)
    z, t = logits[near], y[near]
    slope, offset = 1.0, 0.0
    for _ in range(400):
        p = 1 / (1 + np.exp(-(slope * z + offset)))
        slope -= 0.05 * float(((p - t) * z).mean())
        offset -= 0.2 * float((p - t).mean())
    return np.array([slope, offset], np.float32)
