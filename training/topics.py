"""The topic head: one score for each node of the taxonomy, an ancestor always counting with its descendant."""

import numpy as np

from network import Head, sigmoid
from rows import Row, Taxonomy

HIDDEN = 320
CALIBRATION = 96  # Training rows whose split byte is below this (and not held out) calibrate the scores.


def train(rows: list[Row], vectors: np.ndarray) -> dict[str, np.ndarray]:
    taxonomy = Taxonomy.shared()
    use = np.array([row.topics is not None for row in rows])
    chosen = [row for row, used in zip(rows, use) if used]
    x = vectors[use]
    y, mask = targets(chosen, taxonomy)
    calibrating = np.array([64 <= row.byte < CALIBRATION for row in chosen])
    print(f"topics: {len(chosen):,} rows, {calibrating.sum():,} of them calibrate")
    head = Head(x.shape[1], HIDDEN, len(taxonomy.codes), seed=11)
    head.fit(x[~calibrating], y[~calibrating], mask[~calibrating], epochs=14, dropout=0.25, log=7)
    slope, offset = platt(head.logits(x[calibrating]), y[calibrating], mask[calibrating])
    print(f"    calibration: slope {slope:.3f}, offset {offset:.3f}")
    head.fit(x[calibrating], y[calibrating], mask[calibrating], epochs=1, rate=3e-4)
    return {f"topics/{k}": v for k, v in head.w.items()} | {"topics/platt": np.array([slope, offset])}


def targets(rows: list[Row], taxonomy: Taxonomy) -> tuple[np.ndarray, np.ndarray]:
    """1 for a row's topics and their ancestors; cells of acceptable others are masked."""
    y = np.zeros((len(rows), len(taxonomy.codes)), np.float32)
    mask = np.ones_like(y)
    for at, row in enumerate(rows):
        mask[at] = row.weight
        for code in row.accepted:
            for node in taxonomy.lineage(code):
                mask[at, taxonomy.index[node]] = 0
        for code in row.topics:
            for node in taxonomy.lineage(code):
                y[at, taxonomy.index[node]] = 1
                mask[at, taxonomy.index[node]] = row.weight
        if row.dataset != "own":
            # Public labels name one broad topic; finer ones below it may hold as well.
            for code in row.topics:
                for child, parent in taxonomy.parent.items():
                    if parent == code and y[at, taxonomy.index[child]] == 0:
                        mask[at, taxonomy.index[child]] = 0
    return y, mask


def platt(logits: np.ndarray, y: np.ndarray, mask: np.ndarray) -> tuple[float, float]:
    """Slope and offset that make sigmoid(slope·z + offset) a probability (Platt 1999), by gradient descent."""
    near = (logits > -6) & (mask > 0)
    z, t = logits[near], y[near]
    a, b = 1.0, 0.0
    for _ in range(400):
        p = sigmoid(a * z + b)
        a -= 0.05 * float(((p - t) * z).mean())
        b -= 0.2 * float((p - t).mean())
    return a, b
