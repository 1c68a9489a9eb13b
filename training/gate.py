"""The sensitive gate's network: what single tokens in their windows say, and what the whole text says.

Each token's 1280 features are read by 96 units. Every category attends over the tokens on its own, so that one phrase in
a long text is enough; besides, the strongest answer of each unit and the text's vector pass a hidden layer.
"""

import jax
import jax.numpy as jnp
import numpy as np

UNITS, HIDDEN, CATEGORIES = 96, 128, 7
# The vector is of unit length: this brings its numbers to the size of the units'.
LOUDER = 8.0


def begin(seed: int) -> dict[str, np.ndarray]:
    """Random weights."""
    rng = np.random.default_rng(seed)

    def matrix(inputs, outputs, factor=1.0):
        return (rng.normal(size=(inputs, outputs)) * factor / np.sqrt(inputs)).astype(np.float32)

    return {
        "units": matrix(1280, UNITS), "units_bias": np.zeros(UNITS, np.float32),
        "attend": matrix(UNITS, CATEGORIES, 0.1), "say": matrix(UNITS, CATEGORIES, 0.3),
        "inner": matrix(UNITS + 512, HIDDEN), "bias": np.zeros(HIDDEN, np.float32),
        "outer": matrix(HIDDEN, CATEGORIES, 0.5), "skip": matrix(512, CATEGORIES, 0.1),
        "offset": np.full(CATEGORIES, -3, np.float32),
    }


def forward(p, found, mask, vector, key=None):
    """Logits `[texts, 7]` from features `[texts, tokens, 1280]` and vectors; with a `key`, units drop out."""
    if key is not None:
        keys = jax.random.split(key, 4)
        keep = lambda k, x, share, shape=None: x * jax.random.bernoulli(keys[k], share, shape or x.shape) / share
        found = keep(0, found, 0.7, (found.shape[0], 1, found.shape[2]))
        vector = keep(1, vector, 0.7)
    vector = vector * LOUDER
    units = jax.nn.relu(found @ p["units"] + p["units_bias"])
    outside = 1e9 * (1 - mask)[..., None]
    attention = jax.nn.softmax(units @ p["attend"] - outside, 1)
    said = (attention * (units @ p["say"])).sum(1)
    inputs = jnp.concatenate([(units - outside).max(1), vector], -1)
    if key is not None:
        inputs = keep(2, inputs, 0.8)
    hidden = jax.nn.relu(inputs @ p["inner"] + p["bias"])
    if key is not None:
        hidden = keep(3, hidden, 0.7)
    return said + hidden @ p["outer"] + vector @ p["skip"] + p["offset"]
