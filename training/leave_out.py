#!/usr/bin/env python3
"""How topics do on a set that training never saw: each set is left out in turn, and then asked about.

    python3 training/leave_out.py [--data ../shared/data]

The encoder is the published one, which saw none of the sets, with the Hindi pieces; a topic head is trained on what the
other sets and the texts of this project say, and answers as the server does. The shipped encoder was trained further, so
this is a floor of what it does on a new set. HWU64 and SLURP were written from the same prompts: they are left out together.
"""

import environment

environment.enter()

import argparse
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

import convert
import encoder
import finetune
import labels
import train
from rows import Taxonomy, topic_rows

GROUPS = [["a_clinc150"], ["a_banking77"], ["a_hwu64", "a_slurp"], ["a_snips"], ["a_sib200_multilingual"]]
EPOCHS, BATCH, RATE = 12, 512, 2e-3
# As `heads/select.rs`.
THRESHOLD = 0.15


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--data", type=Path, default=environment.ROOT / ".." / "shared" / "data")
    data = arguments.parse_args().data
    embed = published(data)
    asked = [row for row in topic_rows(data) if row.topics and row.weight == 1.0]
    shown = labels.chosen(train.labelled(data))
    vectors, seen = embed([row.text for row in asked]), embed([row.text for row in shown])
    print("| set left out | n | tier 1 right |\n|---|---:|---:|")
    for group in GROUPS:
        kept = [at for at, row in enumerate(shown) if row.dataset not in group]
        head = learn(seen[kept], *labels.topics([shown[at] for at in kept]))
        for name in group:
            of = [at for at, row in enumerate(asked) if row.dataset == name]
            right = answered([asked[at] for at in of], np.asarray(finetune.topic_logits(head, vectors[of])))
            print(f"| {name} | {len(of)} | {right.mean():.3f} |", flush=True)


def published(data: Path):
    """Texts → vectors of the published encoder."""
    weights, model = convert.published()
    table, layers = convert.table(weights), convert.layers(weights)
    begun = train.stage("pieces", [train.HERE / "hindi.py"], lambda: train.hindi_begin(model, table))
    learn = lambda: train.hindi_learn(train.labelled(data), weights, layers, model, table, begun)
    extra = train.stage("hindi", [train.HERE / "hindi.py", *train.texts_files()], learn)
    tokenizer = encoder.Tokenizer(train.pieces.extended(model, len(table), extra))
    table = np.concatenate([table, extra.rows.astype(np.float16)])
    return lambda texts: encoder.embed(layers, encoder.Texts([tokenizer.ids(text) for text in texts], table))


def learn(vectors: np.ndarray, y: np.ndarray, weight: np.ndarray, seed: int = 1):
    """A topic head."""
    p = jax.tree.map(jnp.asarray, finetune.begin({}, y.shape[1], seed)["topics"])
    first = second = jax.tree.map(jnp.zeros_like, p)

    def loss(p, key, vector, y, weight):
        z = finetune.topic_logits(p, vector, key)
        return (weight * (jnp.logaddexp(0, z) - y * z)).sum() / len(vector)

    @jax.jit
    def step(p, first, second, count, rate, key, *batch):
        slope = jax.grad(loss)(p, key, *batch)
        first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, slope)
        second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, slope)
        move = jax.tree.map(lambda m, v: m / (1 - 0.9**count) / (jnp.sqrt(v / (1 - 0.999**count)) + 1e-8), first, second)
        return jax.tree.map(lambda x, d: x - rate * (d + (finetune.DECAY * x if x.ndim == 2 else 0)), p, move), first, second

    rng, key, count = np.random.default_rng(seed), jax.random.PRNGKey(seed), 0
    total = EPOCHS * (len(vectors) // BATCH)
    for _ in range(EPOCHS):
        order = rng.permutation(len(vectors))
        for at in range(0, len(vectors) - BATCH + 1, BATCH):
            count, (key, now), chosen = count + 1, jax.random.split(key), order[at : at + BATCH]
            rate = RATE * (1 - count / (total + 1))
            p, first, second = step(p, first, second, float(count), rate, now, vectors[chosen], y[chosen], weight[chosen])
    return p


def answered(rows, logits: np.ndarray) -> np.ndarray:
    """Whether each row's likeliest node lies under the same tier 1 node as an accepted one, and is likely enough."""
    taxonomy = Taxonomy.shared()
    tier1 = lambda code: taxonomy.lineage(code)[-1]
    best = logits.argmax(1)
    sure = 1 / (1 + np.exp(-logits.max(1))) >= THRESHOLD
    right = [tier1(taxonomy.codes[at]) in {tier1(code) for code in row.topics + row.accepted} for at, row in zip(best, rows)]
    return np.array(right) & sure


if __name__ == "__main__":
    main()
