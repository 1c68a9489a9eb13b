"""The tokenizer's file, models/use-multilingual/pieces.bin, out of a SentencePiece model.

A SentencePiece model is a Protocol Buffers message (`sentencepiece_model.proto`): field 1 is a piece (1 text, 2 score,
3 type), field 3 the normaliser (2 precompiled character map). The rest is about training.
"""

import struct

import numpy as np

# Types of piece that may stand for text: normal, and user defined.
MATCHING = (1, 4)
UNUSED = 5
LEAF, HAS_LEAF, BLOCK = 1 << 31, 1 << 8, 256
# Blocks that are tried for a node before a new one is begun, and failures after which one is given up.
TRIED, PATIENCE = 24, 100


def tensors(model: bytes) -> dict[str, tuple[str, np.ndarray]]:
    """Every tensor of pieces.bin: name -> kind, values."""
    keys, scores, character_map = {}, [], b""
    for field, value in fields(model):
        if field == 1:
            piece = dict(fields(value))
            text = piece.get(1, b"")
            if text and piece.get(3, 1) in MATCHING:
                keys.setdefault(text, len(scores))
            scores.append(struct.unpack("<f", piece.get(2, bytes(4)))[0])
        elif field == 3:
            character_map = dict(fields(value)).get(2, b"")
    size = int.from_bytes(character_map[:4], "little")
    return {
        "trie": ("u32", double_array(keys)),
        "scores": ("f32", np.array(scores, np.float32)),
        "characters/trie": ("u32", np.frombuffer(character_map[4 : 4 + size], np.uint32)),
        "characters/replacements": ("u8", np.frombuffer(character_map[4 + size :], np.uint8)),
    }


def extended(model: bytes, first: int, extra) -> bytes:
    """The model with the pieces of `extra` (texts, scores) behind its own, the first of them with id `first`."""
    count = sum(field == 1 for field, _ in fields(model))
    filling = [piece(f"<unused {at}>", 0.0, UNUSED) for at in range(count, first)]
    return model + b"".join(filling) + b"".join(piece(text, score, MATCHING[0]) for text, score in zip(extra.texts, extra.scores))


def piece(text: str, score: float, kind: int) -> bytes:
    """One piece as a field of the model."""
    data = text.encode()
    return field(1, field(1, data) + b"\x15" + struct.pack("<f", score) + b"\x18" + varint(kind))


def field(number: int, data: bytes) -> bytes:
    """Bytes as a field of a message."""
    return varint(number << 3 | 2) + varint(len(data)) + data


def varint(value: int) -> bytes:
    """Seven bits a byte, lowest first."""
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes(out) + bytes([value])


def fields(message: bytes):
    """The fields of one message in order: number, and bytes or integer."""
    at = 0

    def number() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(message):
        tag = number()
        kind = tag & 7
        if kind == 0:
            yield tag >> 3, number()
            continue
        size = {1: 8, 2: None, 5: 4}[kind]
        if size is None:
            size = number()
        yield tag >> 3, message[at : at + size]
        at += size


def double_array(keys: dict[bytes, int]) -> np.ndarray:
    """A trie in the layout of darts-clone, as SentencePiece's own character maps are: the child of node `n` by byte `b` is
    `n ^ offset(n) ^ b`, and bears the label `b`; a key's value is at its node's child by 0."""
    ordered = sorted(keys)
    units = Units()
    # Node, and the range of keys that begin with its `depth` bytes.
    stack = [(0, 0, len(ordered), 0)]
    while stack:
        node, begin, end, depth = stack.pop()
        children = {}
        for at in range(begin, end):
            key = ordered[at]
            label = key[depth] if depth < len(key) else 0
            first, _ = children.get(label, (at, at))
            children[label] = (first, at + 1)
        base = units.place(node, sorted(children))
        for label in sorted(children, reverse=True):
            first, last = children[label]
            if label == 0:
                units.values[base] = LEAF | keys[ordered[first]]
            else:
                stack.append((base ^ label, first, last, depth + 1))
    return np.array(units.values, np.uint32)


class Units:
    """The double array's units, handed out by blocks of 256: all children of a node are in one block."""

    def __init__(self) -> None:
        self.values: list[int] = []
        self.free: list[bytearray] = []
        self.bases: list[bytearray] = []
        self.count: list[int] = []
        self.failures: list[int] = []
        self.open: list[int] = []
        self.begin_block()
        self.take(0)

    def begin_block(self) -> int:
        block = len(self.free)
        self.values += [0] * BLOCK
        self.free.append(bytearray(b"\1") * BLOCK)
        self.bases.append(bytearray(BLOCK))
        self.count.append(BLOCK)
        self.failures.append(0)
        self.open.append(block)
        return block

    def take(self, unit: int) -> None:
        self.free[unit // BLOCK][unit % BLOCK] = 0
        self.count[unit // BLOCK] -= 1
        if self.count[unit // BLOCK] == 0 and unit // BLOCK in self.open:
            self.open.remove(unit // BLOCK)

    def place(self, node: int, labels: list[int]) -> int:
        """Finds room for the children of `node`, and answers the unit from which their labels count."""
        # A node with one child fills the gaps of old blocks.
        tried = self.open[:TRIED] if len(labels) == 1 else self.open[-TRIED:]
        found = next((base for block in tried if (base := self.fit(block, labels)) is not None), None)
        if found is None:
            found = self.fit(self.begin_block(), labels)
        self.bases[found // BLOCK][found % BLOCK] = 1
        for label in labels:
            self.take(found ^ label)
            self.values[found ^ label] = label
        offset = found ^ node
        assert offset < 1 << 21, "the trie has grown past the offsets that a unit can hold"
        self.values[node] |= offset << 10 | (HAS_LEAF if labels[0] == 0 else 0)
        return found

    def fit(self, block: int, labels: list[int]) -> int | None:
        """A base in `block` that no node has (two with one base would own each other's children), whose units are free."""
        free, bases = self.free[block], self.bases[block]
        if self.count[block] < len(labels):
            return None
        slot = free.find(1)
        while slot >= 0:
            base = slot ^ labels[0]
            if not bases[base] and all(free[base ^ label] for label in labels):
                return block * BLOCK + base
            slot = free.find(1, slot + 1)
        self.failures[block] += 1
        if self.failures[block] > PATIENCE:
            self.open.remove(block)
        return None
