#!/usr/bin/env python3
"""Trains the small models of subject, stance and intent: models/heads/cues.bin.

    python3 training/cues.py

Needs cargo: the features come from the Rust code (`--example cue_features`), so that training sees what serving sees.
Seeded; a minute. The texts are training/texts/stance_*.tsv and subject_*.tsv; a fifth of the lines, by hash, is
never trained on and read by `rapport eval stance` only.
"""

import environment

environment.enter()

import hashlib
import json
import os
import re
import subprocess
import time
from pathlib import Path

import numpy as np

import manifest

TEXTS = environment.ROOT / "training" / "texts"
OUT = environment.ROOT / "models" / "heads" / "cues.bin"
# As in crates/rapport-understand/src/cues/features.rs.
CLASS_BUCKETS, WORD_BUCKETS = 1 << 13, 1 << 16
BUCKETS = CLASS_BUCKETS + WORD_BUCKETS
STANCES = {"+": 0, "-": 1, "0": 2}
SUBJECTS = ["self", "other", "none"]
INTENTS = ["buy", "plan", "learn", "fix", "go", "none"]
# A feature that names a word counts less than one of classes: it says as much, but of fewer messages.
WORD_WEIGHT = 0.5
# What a message of likes and dislikes counts as one about its speaker.
FELT_WEIGHT = 0.04
MARK = re.compile(r"\[([-+0])([^\[\]]+)\]")


def main() -> None:
    began = time.time()
    OUT.write_bytes(pack(train(TEXTS)))
    manifest.refresh()
    print(f"{OUT.name}: {OUT.stat().st_size:,} bytes, {time.time() - began:.0f} s")


def train(texts: Path) -> dict[str, np.ndarray]:
    """The weights of both tables, from the texts that are not set aside."""
    return train_stance(texts) | train_message(texts)


def held_out(name: str, text: str) -> bool:
    """A fifth of the lines of each file. `eval/stance.rs` does the same."""
    return hashlib.sha256(f"{name}/{text}".encode()).digest()[0] < 51


def lines(texts: Path, kind: str) -> list[tuple[str, str, str]]:
    """(language, file name, line) of the files `<kind>_<language>[_part].tsv`, without what is set aside."""
    found = []
    for path in sorted(texts.glob(f"{kind}_*.tsv")):
        language = path.stem.split("_")[1]
        for line in path.read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#") and not held_out(path.stem, line):
                found.append((language, path.stem, line))
    return found


def unmark(line: str) -> tuple[str, list[tuple[int, int, str]]]:
    """The text without its marks, and (first byte, one past the last, sign) of each."""
    text, marks, at = "", [], 0
    for mark in MARK.finditer(line):
        text += line[at : mark.start()]
        begin = len(text.encode())
        text += mark.group(2)
        marks.append((begin, len(text.encode()), mark.group(1)))
        at = mark.end()
    return text + line[at:], marks


def features(rows: list[dict]) -> list[dict]:
    """What the Rust code sees of each {"text", "targets"}."""
    command = os.environ.get("CUE_FEATURES")
    command = [command] if command else [
        "cargo", "run", "--quiet", "--release", "-p", "rapport-understand", "--no-default-features", "--example",
        "cue_features", "--", str(environment.ROOT / "models"),
    ]
    sent = "".join(json.dumps(row) + "\n" for row in rows).encode()
    done = subprocess.run(command, cwd=environment.ROOT, input=sent, stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def train_stance(texts: Path) -> dict[str, np.ndarray]:
    """Stance towards what is named, and of clauses: a clause feels what its names are felt."""
    rows, labels, weights = [], [], []
    marked = [(language, *unmark(line)) for language, _, line in lines(texts, "stance")]
    seen = features([{"text": text, "targets": [mark[:2] for mark in marks]} for _, text, marks in marked])
    for (language, _, marks), found in zip(marked, seen):
        for (_, _, sign), target in zip(marks, found["targets"]):
            rows.append(target), labels.append(STANCES[sign]), weights.append(1.0)
        for begin, end, clause in found["clauses"]:
            signs = {sign for start, stop, sign in marks if start < end and stop > begin}
            if len(signs) == 1:
                rows.append(clause), labels.append(STANCES[signs.pop()]), weights.append(1.0)
    # A question of fact, a how-to or a thing to mend feels nothing, whatever words it uses.
    facts = [line.split("\t") for _, _, line in lines(texts, "subject")]
    facts = [fields[3] for fields in facts if fields[0] == "none" or fields[1] in ("learn", "fix")]
    for found in features([{"text": text} for text in facts]):
        for _, _, clause in found["clauses"]:
            rows.append(clause), labels.append(STANCES["0"]), weights.append(0.3)
    truth = np.eye(3)[labels]
    print(f"stance: {len(rows):,} rows")
    return {f"stance/{name}": value for name, value in fit(rows, truth, np.array(weights), [(0, 3)], seed=3).items()}


def train_message(texts: Path) -> dict[str, np.ndarray]:
    """Subject, intent and whether it is about a child."""
    labelled = [line.split("\t") for _, _, line in lines(texts, "subject")]
    truth = np.zeros((len(labelled), 10))
    for at, (subject, intent, child, _) in enumerate(labelled):
        truth[at, SUBJECTS.index(subject)] = truth[at, 3 + INTENTS.index(intent)] = 1
        truth[at, 9] = child == "child"
    # Who likes or dislikes something speaks for themselves; what else the message is is not known.
    felt = [unmark(line) for _, _, line in lines(texts, "stance")]
    felt = [text for text, marks in felt if all(sign != "0" for _, _, sign in marks)]
    own = np.full((len(felt), 10), np.nan)
    own[:, :3] = [1, 0, 0]
    truth = np.concatenate([truth, own])
    seen = features([{"text": text} for text in [fields[3] for fields in labelled] + felt])
    rows = [found["message"] for found in seen]
    print(f"message: {len(rows):,} rows")
    weights = np.concatenate([np.ones(len(labelled)), np.full(len(felt), FELT_WEIGHT)])
    return {f"message/{name}": v for name, v in fit(rows, truth, weights, [(0, 3), (3, 9), (9, 10)], seed=5).items()}


def fit(rows, truth, weights, groups, *, seed) -> dict[str, np.ndarray]:
    """The mean of four linear models that differ in the features dropped while training: as quick as one, and steadier."""
    fitted = [fit_once(rows, truth, weights, groups, seed=seed + 10 * one) for one in range(4)]
    return {name: np.mean([model[name] for model in fitted], 0).astype(np.float32) for name in fitted[0]}


def fit_once(rows, truth, weights, groups, *, seed, steps=300, rate=0.05, decay=5e-3, dropout=0.5) -> dict[str, np.ndarray]:
    """Multinomial regression with Adam over all rows at once; each group of outputs is one question (one alone: yes or
    no), whose truth is NaN where it is not known."""
    rng = np.random.default_rng(seed)
    counts = np.array([len(row) for row in rows])
    owner = np.repeat(np.arange(len(rows)), counts)
    bucket = np.concatenate([np.array(row, np.int64) for row in rows])
    value = np.where(bucket < CLASS_BUCKETS, 1.0, WORD_WEIGHT)
    used, column = np.unique(bucket, return_inverse=True)
    outputs = truth.shape[1]
    known = ~np.isnan(truth)
    truth = np.where(known, truth, 0)
    w, offset = np.zeros((len(used), outputs)), np.log(truth.sum(0) / known.sum(0) + 1e-3)
    moments = [np.zeros_like(w), np.zeros_like(w), np.zeros_like(offset), np.zeros_like(offset)]
    for step in range(1, steps + 1):
        kept = value * (rng.random(len(value)) >= dropout) / (1 - dropout)
        logits = np.stack([np.bincount(owner, kept * w[column, k], len(rows)) for k in range(outputs)], 1) + offset
        error = np.zeros_like(logits)
        for begin, end in groups:
            error[:, begin:end] = probabilities(logits[:, begin:end]) - truth[:, begin:end]
        error *= known * weights[:, None] / weights.sum()
        gradient = np.stack([np.bincount(column, kept * error[owner, k], len(used)) for k in range(outputs)], 1)
        gradient += decay * w / len(rows) * 50
        now = rate * min(1.0, 2 * (1 - step / (steps + 1)))
        for parameter, grad, m, v in ((w, gradient, moments[0], moments[1]), (offset, error.sum(0), moments[2], moments[3])):
            m += 0.1 * (grad - m)
            v += 0.01 * (grad * grad - v)
            parameter -= now * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.99**step)) + 1e-7)
    full = np.zeros((BUCKETS, outputs), np.float32)
    full[used] = w * np.where(used < CLASS_BUCKETS, 1.0, WORD_WEIGHT)[:, None]
    return {"weights": full, "offset": offset.astype(np.float32)}


def probabilities(logits: np.ndarray) -> np.ndarray:
    if logits.shape[1] == 1:
        return 1 / (1 + np.exp(-logits))
    powers = np.exp(logits - logits.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)


def pack(tensors: dict[str, np.ndarray]) -> bytes:
    """The container of convert.py; the tables as 8-bit steps."""
    header, body = {}, bytearray()
    for name, value in tensors.items():
        kind = "i8" if value.ndim == 2 else "f32"
        header[name] = {"kind": kind, "shape": list(value.shape), "at": len(body)}
        body += value.astype(np.float32).tobytes() if kind == "f32" else quantize(value)
    text = json.dumps(header, separators=(",", ":")).encode()
    return b"RPUSE1\0\0" + len(text).to_bytes(4, "little") + text + bytes(body)


def quantize(value: np.ndarray) -> bytes:
    step = np.float32(max(np.abs(value).max() / 127, 1e-6))
    return step.tobytes() + np.clip(np.rint(value / step), -127, 127).astype(np.int8).tobytes()


if __name__ == "__main__":
    main()
