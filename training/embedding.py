"""Vectors of texts from the Rust encoder, so that training sees exactly what serving sees. Kept between runs."""

import hashlib
import json
import os
import re
import subprocess

import numpy as np

import environment

WIDTH = 512


def embed(texts: list[str]) -> np.ndarray:
    """`[len(texts), 512]`, float32."""
    store = environment.HOME / "vectors"
    store.mkdir(parents=True, exist_ok=True)
    base = digest("models/use-multilingual/encoder.bin", "crates/rapport-understand/src/fold.rs")
    hindi = digest("models/lexicon/hindi.tsv", "crates/rapport-understand/src/hindi.rs")
    keys = {text: f"{hindi} {text}" if re.search("[\u0900-\u097F]", text) else text for text in texts}
    known: dict[str, np.ndarray] = {}
    if (store / f"{base}.json").exists():
        names = json.loads((store / f"{base}.json").read_text())
        known = dict(zip(names, np.load(store / f"{base}.npy")))
    missing = sorted(text for text in keys if keys[text] not in known)
    if missing:
        print(f"embedding {len(missing):,} texts", flush=True)
        known.update(zip([keys[text] for text in missing], run_encoder(missing)))
        (store / f"{base}.json").write_text(json.dumps(list(known)))
        np.save(store / f"{base}.npy", np.stack(list(known.values())))
    return np.stack([known[keys[text]] for text in texts])


def digest(*names: str) -> str:
    """Short digest of files that the vectors depend on."""
    both = hashlib.sha256(b"".join((environment.ROOT / name).read_bytes() for name in names))
    return both.hexdigest()[:16]


def run_encoder(texts: list[str]) -> np.ndarray:
    command = ["cargo", "run", "--quiet", "--release", "-p", "rapport-understand", "--no-default-features", "--example", "embed", "--"]
    lines = "".join(json.dumps(text) + "\n" for text in texts).encode()
    done = subprocess.run(
        [*command, str(environment.ROOT / "models")], cwd=environment.ROOT, input=lines, stdout=subprocess.PIPE, check=True,
        env=os.environ,
    )
    return np.frombuffer(done.stdout, np.float32).reshape(-1, WIDTH).copy()
