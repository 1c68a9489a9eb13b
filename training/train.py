#!/usr/bin/env python3
"""Trains the heads on the encoder's vectors: models/heads/heads.bin.

    python3 training/train.py [--data ../shared/data]

Needs cargo (the vectors come from the Rust encoder). Seeded; about five minutes on two cores the first time, two after.
Held-out rows (see rows.py) are read by `rapport_understand::eval` only.
"""

import environment

environment.enter()

import argparse
import json
import time
from pathlib import Path

import numpy as np

import manifest
import sensitive
import topics
from embedding import embed
from rows import sensitive_rows, topic_rows
from texts import sensitive_texts, topic_texts

OUT = environment.ROOT / "models" / "heads"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--data", type=Path, default=environment.ROOT / ".." / "shared" / "data")
    data = arguments.parse_args().data
    began = time.time()
    rows = topic_rows(data) + sensitive_rows(data)
    rows = [row for row in rows if not row.held_out] + topic_texts() + sensitive_texts()
    print(f"{len(rows):,} training rows")
    vectors = embed([row.text for row in rows])
    tensors = project(vectors)
    tensors |= topics.train(rows, vectors)
    tensors |= sensitive.train(rows, vectors)
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "heads.bin").write_bytes(pack(tensors))
    manifest.refresh()
    print(f"heads.bin: {(OUT / 'heads.bin').stat().st_size:,} bytes, {time.time() - began:.0f} s")


def project(vectors: np.ndarray) -> dict[str, np.ndarray]:
    """The first 256 principal components of the training vectors."""
    unique = np.unique(vectors, axis=0)
    mean = unique.mean(0)
    _, basis = np.linalg.eigh(np.cov((unique - mean).T))
    kept = basis[:, ::-1][:, :256]
    share = ((unique - mean) @ kept).var(0).sum() / (unique - mean).var(0).sum()
    print(f"projection keeps {share:.3f} of the variance")
    # The sign of a component is arbitrary; fixing it keeps reruns equal.
    kept = kept * np.sign(kept[np.abs(kept).argmax(0), np.arange(kept.shape[1])])
    return {"vector/mean": mean.astype(np.float32), "vector/basis": kept.astype(np.float32)}


def pack(tensors: dict[str, np.ndarray]) -> bytes:
    """The container of convert.py; matrices are rounded to 256 levels."""
    header, body = {}, bytearray()
    for name, value in tensors.items():
        value = np.ascontiguousarray(value, np.float32)
        kind = "codebook" if value.ndim == 2 and value.size > 4096 else "f32"
        header[name] = {"kind": kind, "shape": list(value.shape), "at": len(body)}
        body += value.tobytes() if kind == "f32" else quantize(value)
    text = json.dumps(header, separators=(",", ":")).encode()
    return b"RPUSE1\0\0" + len(text).to_bytes(4, "little") + text + bytes(body)


def quantize(value: np.ndarray) -> bytes:
    """256 evenly spaced levels over the central range, which costs less accuracy than keeping every outlier."""
    reach = max(np.quantile(np.abs(value), 0.9995), 1e-6)
    levels = np.linspace(-reach, reach, 256, dtype=np.float32)
    index = np.clip(np.rint((value + reach) / (2 * reach) * 255), 0, 255).astype(np.uint8)
    return (256).to_bytes(2, "little") + levels.tobytes() + index.tobytes()


if __name__ == "__main__":
    main()
