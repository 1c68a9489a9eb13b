#!/usr/bin/env python3
"""Trains the tagger of names and streets: models/heads/pii.bin.

    python3 training/pii.py [--data ../shared/data]

A linear-chain conditional random field (Lafferty, McCallum, Pereira 2001) by AdaGrad. Needs cargo (the features come from
the Rust tagger, so that training sees exactly what serving sees). Seeded; about five minutes on two cores.
"""

import environment

environment.enter()

import argparse
import json
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import manifest
from pii_texts import LANGUAGES, PERSON, PLACE as PLACE_NAME, Example, lists, training_texts

OUT = environment.ROOT / "models" / "heads" / "pii.bin"
FEATURES, ROWS, LABELS = 24, 1 << 17, 5
SLOTS, PROBES, CLASS_BITS = 1 << 17, 8, 5
FIRST_NAME, SURNAME, COMMON, STREET_WORD, PLACE = 1, 2, 4, 8, 16
SEED, EPOCHS, BATCH, RATE, DECAY = 7, 6, 64, 0.25, 1e-5
# How often a feature is hidden while training, by its number: the word, its head and tail, so that contexts count too.
HIDDEN = {1: 0.35, 2: 0.3, 3: 0.3, 4: 0.4, 5: 0.4, 6: 0.2, 7: 0.2, 8: 0.1, 12: 0.3, 13: 0.3, 14: 0.5, 15: 0.5, 21: 0.2, 22: 0.2, 23: 0.2}
# Share of names that the gazetteer doesn't know while training, so that the tagger copes with new ones.
UNKNOWN = 0.4
FORBIDDEN = -1e4
# Added to the labels of a person and of a street: one missed costs more than a word masked for nothing.
BIAS = np.array([0, 1.0, 1.0, 0.5, 0.5])
# What the container calls the types of numpy.
KINDS = {"f4": "f32", "u2": "u16", "i1": "i8"}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--data", type=Path, default=environment.ROOT / ".." / "shared" / "data")
    data = arguments.parse_args().data
    train(data)
    manifest.refresh()


def train(data: Path) -> None:
    """Writes pii.bin and prints how good it is on the own lines that were kept apart."""
    began = time.time()
    examples, apart = training_texts(data, SEED)
    print(f"{len(examples):,} training texts, {len(apart)} kept apart", flush=True)
    words = lists()
    partial, whole = gazetteer(words, UNKNOWN), gazetteer(words, 0)
    sentences = read(examples, partial)
    weights, moves = fit(sentences)
    moves += BIAS
    scale = 127 / np.quantile(np.abs(weights[weights != 0]), 0.9999)
    tensors = {
        "gazetteer": whole,
        "weights": np.clip(np.rint(weights * scale), -127, 127).astype(np.int8),
        "moves": np.rint(np.maximum(moves * scale, FORBIDDEN * 100)).astype(np.float32),
    }
    OUT.write_bytes(pack(tensors))
    judge(read(apart, whole), apart, tensors)
    print(f"{OUT.name}: {OUT.stat().st_size:,} bytes, {time.time() - began:.0f} s")


def hash_word(word: str) -> int:
    """FNV-1a over scalar values, as tagger/token.rs."""
    value = 0x811C9DC5
    for letter in word.lower():
        value = (value ^ ord(letter)) * 0x01000193 & 0xFFFFFFFF
    return value


def gazetteer(words: dict[str, dict[str, list[str]]], unknown: float) -> np.ndarray:
    """The hash table of tagger/gazetteer.rs, `[SLOTS]`; a share of the names is left out."""
    classes: dict[str, int] = {}
    bits = {"first": FIRST_NAME, "last": SURNAME, "street": STREET_WORD, "suffix": STREET_WORD, "place": PLACE, "common": COMMON}
    for kind, bit in bits.items():
        for entries in words[kind].values():
            for word in {part for entry in entries for part in entry.lower().replace("-", " ").replace("'", " ").split()}:
                classes[word] = classes.get(word, 0) | bit
    table = np.zeros(SLOTS, np.uint16)
    for word, bit in sorted(classes.items()):
        value = hash_word(word)
        if bit & (FIRST_NAME | SURNAME) and (value >> 8) % 1000 < unknown * 1000:
            bit &= ~(FIRST_NAME | SURNAME)
        slots = [(value + step) % SLOTS for step in range(PROBES)]
        free = next((slot for slot in slots if table[slot] == 0), None)
        if bit and free is not None:
            table[free] = (value >> 21) << CLASS_BITS | bit
    return table


@dataclass
class Sentence:
    """Features `[tokens, FEATURES]`, labels `[tokens]`, and where each token stands."""

    features: np.ndarray
    labels: np.ndarray
    places: np.ndarray


def read(examples: list[Example], table: np.ndarray) -> list[Sentence]:
    """What the Rust tagger sees of the texts."""
    blank = {"gazetteer": table, "weights": np.zeros((ROWS, LABELS), np.int8), "moves": np.zeros((LABELS, LABELS), np.float32)}
    with tempfile.NamedTemporaryFile(suffix=".bin") as file:
        file.write(pack(blank))
        file.flush()
        raw = np.frombuffer(run_tagger(file.name, [example.text for example in examples]), np.uint32)
    sentences, at = [], 0
    for example in examples:
        count = int(raw[at])
        rows = raw[at + 1 : at + 1 + count * (FEATURES + 2)].reshape(count, FEATURES + 2)
        at += 1 + rows.size
        labels = np.zeros(count, np.int8)
        for kind, start, end in example.spans:
            if kind == PLACE_NAME:
                continue
            inside = np.flatnonzero((rows[:, 0] < end) & (rows[:, 1] > start))
            labels[inside] = 2 if kind == PERSON else 4
            labels[inside[:1]] -= 1
        sentences.append(Sentence(rows[:, 2:].astype(np.int32), labels, rows[:, :2]))
    return sentences


def run_tagger(model: str, texts: list[str]) -> bytes:
    command = ["cargo", "run", "--quiet", "--release", "-p", "rapport-understand", "--no-default-features", "--example", "pii_features", "--"]
    lines = "".join(json.dumps(text) + "\n" for text in texts).encode()
    return subprocess.run([*command, model], cwd=environment.ROOT, input=lines, stdout=subprocess.PIPE, check=True).stdout


def allowed() -> np.ndarray:
    """0 where a label may follow another, else very negative; an inside label follows its own kind only."""
    moves = np.zeros((LABELS, LABELS))
    for inside, begin in [(2, 1), (4, 3)]:
        moves[:, inside] = FORBIDDEN
        moves[[begin, inside], inside] = 0
    return moves


def fit(sentences: list[Sentence]) -> tuple[np.ndarray, np.ndarray]:
    """Weights `[ROWS, LABELS]` and moves `[LABELS, LABELS]`."""
    rng = np.random.default_rng(SEED)
    weights, squares = np.zeros((ROWS, LABELS)), np.full((ROWS, LABELS), 1e-4)
    mean = np.zeros_like(weights)
    moves, move_squares = np.zeros((LABELS, LABELS)), np.full((LABELS, LABELS), 1e-4)
    forbidden = allowed()
    order = sorted((i for i, s in enumerate(sentences) if len(s.labels)), key=lambda i: len(sentences[i].labels))
    batches = [order[at : at + BATCH] for at in range(0, len(order), BATCH)]
    steps = 0
    for epoch in range(EPOCHS):
        loss = tokens = 0
        for number in rng.permutation(len(batches)):
            batch = [sentences[i] for i in batches[number]]
            features, labels, mask = pad(batch)
            for feature, share in HIDDEN.items():
                features[..., feature] = np.where(rng.random(features.shape[:2]) < share, ROWS, features[..., feature])
            table = np.vstack([weights, np.zeros(LABELS)])
            part, emission_error, move_error = gradients(table[features].sum(2), labels, mask, moves + forbidden)
            loss, tokens = loss + part, tokens + mask.sum()
            slope = scatter(features, emission_error * mask[..., None])
            slope += DECAY * len(order) / BATCH * weights
            squares += slope**2
            weights -= RATE * slope / np.sqrt(squares)
            move_squares += move_error**2
            moves -= RATE * move_error / np.sqrt(move_squares)
            if epoch >= EPOCHS - 2:
                mean += weights
                steps += 1
        print(f"epoch {epoch + 1}: loss {loss / tokens:.4f} a token", flush=True)
    return mean / max(steps, 1), moves + forbidden


def pad(batch: list[Sentence]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    longest = max(len(s.labels) for s in batch)
    features = np.full((len(batch), longest, FEATURES), ROWS, np.int32)
    labels, mask = np.zeros((len(batch), longest), np.int64), np.zeros((len(batch), longest))
    for row, s in enumerate(batch):
        features[row, : len(s.labels)], labels[row, : len(s.labels)], mask[row, : len(s.labels)] = s.features, s.labels, 1
    return features, labels, mask


def scatter(features: np.ndarray, error: np.ndarray) -> np.ndarray:
    """The sum of the errors of all tokens that have a feature, for each feature."""
    flat = features.reshape(-1)
    each = np.repeat(error.reshape(-1, LABELS), FEATURES, axis=0)
    return np.stack([np.bincount(flat, each[:, k], ROWS + 1)[:ROWS] for k in range(LABELS)], 1)


def gradients(emission: np.ndarray, labels: np.ndarray, mask: np.ndarray, moves: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """Negative log-likelihood and its slopes, by the forward-backward algorithm; the text begins as if after "outside"."""
    count, length, _ = emission.shape
    forward, backward = np.zeros_like(emission), np.zeros_like(emission)
    forward[:, 0] = moves[0] + emission[:, 0]
    for t in range(1, length):
        step = log_sum(forward[:, t - 1, :, None] + moves, 1) + emission[:, t]
        forward[:, t] = np.where(mask[:, t, None] > 0, step, forward[:, t - 1])
    for t in range(length - 2, -1, -1):
        step = log_sum(moves + (emission[:, t + 1] + backward[:, t + 1])[:, None, :], 2)
        backward[:, t] = np.where(mask[:, t + 1, None] > 0, step, 0)
    total = log_sum(forward[:, -1], 1)
    error = np.exp(forward + backward - total[:, None, None])
    rows, at = np.arange(count)[:, None], np.arange(length)
    right = emission[rows, at, labels] * mask
    before = np.concatenate([np.zeros((count, 1), np.int64), labels[:, :-1]], 1)
    loss = float((total - (right + moves[before, labels] * mask).sum(1)).sum())
    error[rows, at, labels] -= 1
    move_error = np.zeros_like(moves)
    pairs = forward[:, :-1, :, None] + moves + (emission[:, 1:] + backward[:, 1:])[:, :, None, :] - total[:, None, None, None]
    move_error += (np.exp(pairs) * mask[:, 1:, None, None]).sum((0, 1))
    np.subtract.at(move_error, (before[:, 1:], labels[:, 1:]), mask[:, 1:])
    return loss, error, move_error


def log_sum(values: np.ndarray, axis: int) -> np.ndarray:
    top = values.max(axis, keepdims=True)
    return np.log(np.exp(values - top).sum(axis)) + top.squeeze(axis)


def decode(sentence: Sentence, weights: np.ndarray, moves: np.ndarray) -> np.ndarray:
    """Viterbi, with the rounded weights, as tagger/mod.rs."""
    emission = weights[sentence.features].sum(1)
    best, origins = moves[0] + emission[0], []
    for here in emission[1:]:
        paths = best[:, None] + moves
        origins.append(paths.argmax(0))
        best = paths.max(0) + here
    labels = [int(best.argmax())]
    for origin in reversed(origins):
        labels.append(int(origin[labels[-1]]))
    return np.array(labels[::-1])


def judge(sentences: list[Sentence], examples: list[Example], tensors: dict[str, np.ndarray]) -> None:
    """Share of labelled tokens that are covered, and of plain texts that are masked, by language."""
    weights, moves = tensors["weights"].astype(np.float64), tensors["moves"].astype(np.float64)
    print("own lines kept apart: language, texts with a name or street, names covered, streets covered, plain texts, masked")
    for language in [*LANGUAGES, "all"]:
        hit, of = {1: 0, 3: 0}, {1: 0, 3: 0}
        labelled = plain = masked = 0
        for sentence, example in zip(sentences, examples):
            if language not in (example.language, "all") or not len(sentence.labels):
                continue
            found = decode(sentence, weights, moves)
            labelled, plain = labelled + bool(example.spans), plain + (not example.spans)
            masked += not example.spans and found.any()
            for begin in (1, 3):
                wanted = (sentence.labels == begin) | (sentence.labels == begin + 1)
                of[begin] += wanted.sum()
                hit[begin] += (wanted & (found > 0)).sum()
        share = lambda part, whole: f"{part / whole:.3f}" if whole else "-"
        print(f"  {language}: {labelled}, {share(hit[1], of[1])}, {share(hit[3], of[3])}, {plain}, {share(masked, plain)}")


def pack(tensors: dict[str, np.ndarray]) -> bytes:
    """The container of convert.py, with values as they are."""
    header, body = {}, bytearray()
    for name, value in tensors.items():
        header[name] = {"kind": KINDS[value.dtype.str[1:]], "shape": list(value.shape), "at": len(body)}
        body += np.ascontiguousarray(value).tobytes()
    text = json.dumps(header, separators=(",", ":")).encode()
    return b"RPUSE1\0\0" + len(text).to_bytes(4, "little") + text + bytes(body)


if __name__ == "__main__":
    main()
