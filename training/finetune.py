"""Trains the encoder further, together with the heads that read it: sensitive categories and topics.

The published encoder never saw these tasks. Its layers learn them at a small rate, while every text's vector is held near
the one that it had, so that it still tells close meanings from far ones. The table of pieces stays as it is.
"""

import time
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np

import encoder
import gate

TOPIC_HIDDEN = 384
EPOCHS = 3
RATE = 2e-3
# The encoder's layers learn this much slower than the new heads.
SLOWER = 0.08
# What a vector's turning away by a right angle costs, and what a topic counts beside a category.
STAY, TOPICS = 3.0, 0.5
DECAY = 0.02
# Share of pieces that are hidden from the encoder in training.
HIDDEN_PIECES = 0.07


@dataclass
class Task:
    """What is to be learnt of each text: targets and weights `[n, 7]` and `[n, nodes]`; weight 0 is unknown."""

    texts: encoder.Texts
    vectors: np.ndarray
    gate: tuple[np.ndarray, np.ndarray]
    topics: tuple[np.ndarray, np.ndarray]

    def batch(self, batch):
        rows, texts = batch[1], batch[2]
        fill = lambda x: np.concatenate([x[texts], np.zeros((rows - len(texts), x.shape[1]), x.dtype)])
        return (*self.texts.pad(batch), fill(self.vectors), *map(fill, self.gate), *map(fill, self.topics))


def begin(w: dict[str, np.ndarray], nodes: int, seed: int):
    """The published encoder with new heads."""
    rng = np.random.default_rng(seed + 1)
    matrix = lambda a, b: (rng.normal(size=(a, b)) * np.sqrt(1 / a)).astype(np.float32)
    topics = {
        "inner": matrix(512, TOPIC_HIDDEN), "bias": np.zeros(TOPIC_HIDDEN, np.float32),
        "outer": matrix(TOPIC_HIDDEN, nodes) * 0.3, "offset": np.full(nodes, -4, np.float32),
    }
    return jax.tree.map(jnp.asarray, {"encoder": w, "gate": gate.begin(seed), "topics": topics})


def topic_logits(p, vector, key=None):
    """`[texts, nodes]`."""
    vector = vector * gate.LOUDER
    hidden = jax.nn.relu(vector @ p["inner"] + p["bias"])
    if key is not None:
        hidden = hidden * jax.random.bernoulli(key, 0.75, hidden.shape) / 0.75
    return hidden @ p["outer"] + p["offset"]


def forward(p, tokens, mask, key=None):
    """Logits of the categories and of the topics, and the vectors."""
    tokens, keys = tokens.astype(jnp.float32), None if key is None else jax.random.split(key, 3)
    if key is not None:
        tokens = tokens * jax.random.bernoulli(keys[0], 1 - HIDDEN_PIECES, (*tokens.shape[:2], 1))
    found = encoder.features(p["encoder"], tokens, mask)
    vector = encoder.vector(p["encoder"], found, mask)
    k1, k2 = (None, None) if key is None else keys[1:]
    return gate.forward(p["gate"], found, mask, vector, k1), topic_logits(p["topics"], vector, k2), vector


def loss(p, key, tokens, mask, before, y, weight, topics, topic_weight):
    said, about, vector = forward(p, tokens, mask, key)
    cross = lambda z, y: jnp.logaddexp(0, z) - y * z
    real = jnp.maximum((before**2).sum(1), 0)
    moved = (real * (1 - (vector * before).sum(1))).sum()
    total = (weight * cross(said, y)).sum() + TOPICS * (topic_weight * cross(about, topics)).sum() + STAY * moved
    return total / tokens.shape[0]


@jax.jit
def step(p, first, second, count, rate, key, *batch):
    """One step of Adam with decoupled decay."""
    cost, slope = jax.value_and_grad(loss)(p, key, *batch)
    first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, slope)
    second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, slope)
    move = jax.tree.map(lambda m, v: m / (1 - 0.9**count) / (jnp.sqrt(v / (1 - 0.999**count)) + 1e-8), first, second)
    heads = lambda name: jax.tree.map(
        lambda x, d: x - rate * (d + (DECAY * x if x.ndim == 2 else 0)), p[name], move[name]
    )
    layers = jax.tree.map(lambda x, d: x - rate * SLOWER * d, p["encoder"], move["encoder"])
    return {"encoder": layers, "gate": heads("gate"), "topics": heads("topics")}, first, second, cost


def train(task: Task, w, chosen: np.ndarray, seed: int = 1, epochs: int = EPOCHS):
    """The trained weights, from the texts at `chosen`."""
    p = begin(w, task.topics[0].shape[1], seed)
    first = second = jax.tree.map(jnp.zeros_like, p)
    rng, key = np.random.default_rng(seed), jax.random.PRNGKey(seed)
    total, count, began = epochs * len(task.texts.batches(chosen)), 0, time.time()
    for epoch in range(epochs):
        cost = []
        for batch in task.texts.batches(chosen, rng):
            count += 1
            key, now = jax.random.split(key)
            rate = RATE * min(1, count / 50) * (1 - count / (total + 1))
            p, first, second, value = step(p, first, second, float(count), rate, now, *task.batch(batch))
            cost.append(value)
        print(f"    epoch {epoch + 1}: loss {float(jnp.mean(jnp.array(cost))):.4f}, {time.time() - began:.0f} s", flush=True)
    return jax.tree.map(np.asarray, p)


_forward = jax.jit(forward)


def predict(p, texts: encoder.Texts) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Logits of the categories, of the topics, and vectors, of all texts."""
    n = len(texts.ids)
    out = np.zeros((n, 7), np.float32), np.zeros((n, p["topics"]["offset"].shape[0]), np.float32), np.zeros((n, 512), np.float32)
    for batch in texts.batches(range(n), tokens=8192):
        for to, found in zip(out, _forward(p, *texts.pad(batch))):
            to[batch[2]] = np.asarray(found)[: len(batch[2])]
    return out
