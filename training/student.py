"""The fast path: a small network over the same table of pieces, taught to answer as the encoder and its heads do.

A text is the sum of its pieces' rows, each weighed by a learnt number, over √n, beside the mean and the maximum of 96
channels that see three pieces at a time. Two layers make a vector of it that lies where the encoder's would; the gate has
an output of its own, the topics are read off the vector by the same head.
"""

import time

import jax
import jax.numpy as jnp
import numpy as np

import finetune
from encoder import WIDTH, Texts

CHANNELS, HIDDEN, WINDOW = 96, 512, 3
EPOCHS, RATE, DECAY = 6, 3e-3, 0.01
# What the vector, the categories and the topics count.
NEAR, GATE, TOPICS = 20.0, 3.0, 0.3


def begin(pieces: int, seed: int = 7):
    rng = np.random.default_rng(seed)
    matrix = lambda a, b, f=1.0: (rng.normal(size=(a, b)) * f / np.sqrt(a)).astype(np.float32)
    flat = lambda n: np.zeros(n, np.float32)
    return jax.tree.map(jnp.asarray, {
        "worth": np.ones(pieces, np.float32),
        "project": matrix(WIDTH, CHANNELS, 3), "project_bias": flat(CHANNELS),
        "window": matrix(WINDOW * CHANNELS, CHANNELS), "window_bias": flat(CHANNELS),
        "inner": matrix(WIDTH + 2 * CHANNELS, HIDDEN), "inner_bias": flat(HIDDEN),
        "vector": matrix(HIDDEN, WIDTH), "vector_bias": flat(WIDTH), "skip": matrix(WIDTH, WIDTH, 0.3),
        "gate": matrix(HIDDEN, 7, 0.3), "gate_bias": np.full(7, -3, np.float32),
    })


def forward(p, tokens, worth, mask):
    """Vector of unit length and the categories' logits."""
    tokens, inside = tokens.astype(jnp.float32), mask[..., None]
    count = jnp.sqrt(mask.sum(1, keepdims=True))
    pooled = (tokens * (worth * mask)[..., None]).sum(1) / count * 4
    x = jax.nn.relu(tokens @ p["project"] + p["project_bias"]) * inside
    padded = jnp.pad(x, ((0, 0), (1, 1), (0, 0)))
    length = x.shape[1]
    seen = sum(padded[:, k : k + length] @ p["window"][k * CHANNELS : (k + 1) * CHANNELS] for k in range(WINDOW))
    seen = jax.nn.relu(seen + p["window_bias"]) * inside
    both = jnp.concatenate([pooled, seen.max(1), seen.sum(1) / count], -1)
    hidden = jax.nn.relu(both @ p["inner"] + p["inner_bias"])
    vector = hidden @ p["vector"] + p["vector_bias"] + pooled @ p["skip"]
    vector = vector / jnp.sqrt((vector**2).sum(-1, keepdims=True) + 1e-9)
    return vector, hidden @ p["gate"] + p["gate_bias"]


def loss(p, head, tokens, ids, mask, vector, said, about, weight):
    found, gate = forward(p, tokens, p["worth"][ids], mask)
    near = ((1 - (found * vector).sum(1)) * weight).sum()
    cross = lambda z, y: jnp.logaddexp(0, z) - y * z
    asked = (cross(gate, said) * weight[:, None]).sum()
    topics = (cross(finetune.topic_logits(head, found), about) * weight[:, None]).sum()
    return (NEAR * near + GATE * asked + TOPICS * topics) / weight.sum()


@jax.jit
def step(p, first, second, count, rate, head, *batch):
    cost, slope = jax.value_and_grad(loss)(p, head, *batch)
    first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, slope)
    second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, slope)
    move = jax.tree.map(lambda m, v: m / (1 - 0.9**count) / (jnp.sqrt(v / (1 - 0.999**count)) + 1e-8), first, second)
    return jax.tree.map(lambda x, d: x - rate * (d + (DECAY * x if x.ndim == 2 else 0)), p, move), first, second, cost


def train(texts: Texts, head, taught, seed: int = 7, epochs: int = EPOCHS):
    """`taught` is what the encoder says: vectors, probabilities of the categories, probabilities of the topics."""
    p = begin(len(texts.table), seed)
    head = jax.tree.map(jnp.asarray, head)
    first = second = jax.tree.map(jnp.zeros_like, p)
    rng = np.random.default_rng(seed)
    chosen = np.arange(len(texts.ids))
    total, count, began = epochs * len(texts.batches(chosen, tokens=4096)), 0, time.time()
    for epoch in range(epochs):
        cost = []
        for batch in texts.batches(chosen, rng, tokens=4096):
            count += 1
            rate = RATE * min(1, count / 200) * (1 - count / (total + 1))
            p, first, second, value = step(p, first, second, float(count), rate, head, *filled(texts, batch, taught))
            cost.append(value)
        print(f"    epoch {epoch + 1}: loss {float(jnp.mean(jnp.array(cost))):.4f}, {time.time() - began:.0f} s", flush=True)
    return jax.tree.map(np.asarray, p)


def filled(texts: Texts, batch, taught):
    """The batch's tokens, ids, mask, teachings and weights, filled up to its full size."""
    length, rows, chosen = batch
    tokens, mask = texts.pad(batch)
    ids = np.zeros((rows, length), np.int32)
    for row, at in enumerate(chosen):
        ids[row, : texts.lengths[at]] = texts.ids[at]
    more = lambda x: np.concatenate([x[chosen].astype(np.float32), np.zeros((rows - len(chosen), x.shape[1]), np.float32)])
    weight = (np.arange(rows) < len(chosen)).astype(np.float32)
    return tokens, ids, mask, *map(more, taught), weight


_forward = jax.jit(forward)


def predict(p, texts: Texts) -> tuple[np.ndarray, np.ndarray]:
    """Vectors and the categories' logits."""
    n = len(texts.ids)
    out = np.zeros((n, WIDTH), np.float32), np.zeros((n, 7), np.float32)
    for batch in texts.batches(range(n), tokens=8192):
        tokens, ids, mask, *_ = filled(texts, batch, ())
        for to, found in zip(out, _forward(p, tokens, p["worth"][ids], mask)):
            to[batch[2]] = np.asarray(found)[: len(batch[2])]
    return out
