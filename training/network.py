"""A small network in numpy: linear skip + one hidden layer, trained with Adam on masked, weighted cross-entropy."""

import numpy as np


class Head:
    """logits = x·skip + relu(x·inner + bias)·outer + offset"""

    def __init__(self, inputs: int, hidden: int, outputs: int, seed: int) -> None:
        rng = np.random.default_rng(seed)
        scale = lambda fan: 1.0 / np.sqrt(fan)
        self.w = {
            "inner": rng.normal(0, scale(inputs) * 4, (inputs, hidden)).astype(np.float32),
            "bias": np.zeros(hidden, np.float32),
            "outer": np.zeros((hidden, outputs), np.float32),
            "skip": np.zeros((inputs, outputs), np.float32),
            "offset": np.full(outputs, -4.0, np.float32),
        }
        self.rng = rng

    def logits(self, x: np.ndarray) -> np.ndarray:
        h = np.maximum(x @ self.w["inner"] + self.w["bias"], 0)
        return x @ self.w["skip"] + h @ self.w["outer"] + self.w["offset"]

    def fit(self, x, targets, mask, *, epochs, rate=2e-3, decay=1e-4, dropout=0.2, noise=0.0, batch=256, log=None):
        """`targets` [n, outputs] in 0..=1; `mask` [n, outputs] weighs each cell, 0 where the truth is unknown."""
        m = {k: np.zeros_like(v) for k, v in self.w.items()}
        v = {k: np.zeros_like(a) for k, a in self.w.items()}
        steps, total = 0, epochs * (len(x) // batch + 1)
        for epoch in range(epochs):
            order = self.rng.permutation(len(x))
            loss = 0.0
            for at in range(0, len(x), batch):
                rows = order[at : at + batch]
                steps += 1
                grads, cost = self.gradients(x[rows], targets[rows], mask[rows], dropout, noise)
                loss += cost
                lr = rate * min(1.0, steps / 100) * (1 - steps / (total + 1))
                for k, g in grads.items():
                    m[k] = 0.9 * m[k] + 0.1 * g
                    v[k] = 0.999 * v[k] + 0.001 * g * g
                    step = m[k] / (1 - 0.9**steps) / (np.sqrt(v[k] / (1 - 0.999**steps)) + 1e-8)
                    shrink = decay if k in ("inner", "outer", "skip") else 0.0
                    self.w[k] -= lr * (step + shrink * 100 * self.w[k])
            if log and (epoch + 1) % log == 0:
                print(f"    epoch {epoch + 1}: loss {loss / len(x):.4f}", flush=True)
        return self

    def gradients(self, x, y, mask, dropout, noise):
        if noise:
            x = x + self.rng.normal(0, noise, x.shape).astype(np.float32)
        a = x @ self.w["inner"] + self.w["bias"]
        keep = (self.rng.random(a.shape) > dropout).astype(np.float32) / (1 - dropout)
        h = np.maximum(a, 0) * keep
        z = x @ self.w["skip"] + h @ self.w["outer"] + self.w["offset"]
        p = 1 / (1 + np.exp(-np.clip(z, -30, 30)))
        cost = float((mask * (np.logaddexp(0, z) - y * z)).sum())
        d = mask * (p - y) / len(x)
        back = (d @ self.w["outer"].T) * keep * (a > 0)
        return {
            "skip": x.T @ d, "outer": h.T @ d, "offset": d.sum(0), "inner": x.T @ back, "bias": back.sum(0),
        }, cost


def sigmoid(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(z, -30, 30)))
