"""The encoder in JAX, so that it can be trained further: the same layers as crates/rapport-understand/src/encoder.

Texts of similar length share a batch, padded to a few fixed lengths so that few programs are compiled.
"""

import jax
import jax.numpy as jnp
import numpy as np
import sentencepiece

WIDTH = 512
CHANNELS = 256
# Width of each branch's window, and how many tokens of it lie to the left.
WINDOWS = [(2, 0), (3, 1), (5, 2)]
LENGTHS = [8, 12, 16, 24, 32, 48, 96]
LONGEST = LENGTHS[-1]


class Tokenizer:
    """Piece ids as the Rust tokenizer gives them, cut at LONGEST."""

    def __init__(self, model: bytes) -> None:
        self.pieces = sentencepiece.SentencePieceProcessor(model_proto=model)

    def ids(self, text: str) -> list[int]:
        """The ids of `text` between the marks for begin and end."""
        return ([1] + (self.pieces.encode(text) or [0]) + [2])[:LONGEST]

    def vocabulary(self) -> tuple[list[str], list[float]]:
        """Every piece and its log probability, by id."""
        ids = range(self.pieces.get_piece_size())
        return [self.pieces.id_to_piece(at) for at in ids], [self.pieces.get_score(at) for at in ids]


def norm(x, gain, bias):
    """Layer normalisation."""
    mean = x.mean(-1, keepdims=True)
    variance = ((x - mean) ** 2).mean(-1, keepdims=True)
    return (x - mean) / jnp.sqrt(variance + 1e-12) * gain + bias


def convolve(x, weights, left):
    """`[texts, tokens, CHANNELS]` with weights `[window * CHANNELS, CHANNELS]`."""
    window, length = weights.shape[0] // CHANNELS, x.shape[1]
    padded = jnp.pad(x, ((0, 0), (left, window - 1 - left), (0, 0)))
    return sum(padded[:, k : k + length] @ weights[k * CHANNELS : (k + 1) * CHANNELS] for k in range(window))


def features(w, tokens, mask):
    """`[texts, tokens, 1280]`: each token's own numbers and those of the three branches, normalised."""
    inside, parts = mask[..., None], [tokens]
    for k, left in WINDOWS:
        x = norm(tokens @ w[f"proj{k}"] + w[f"proj_b{k}"], w[f"ln_g{k}"], w[f"ln_b{k}"]) * inside
        for layer in (1, 2):
            x = (x + jax.nn.relu(convolve(x, w[f"w{layer}_{k}"], left) + w[f"b{layer}_{k}"])) * inside
        parts.append(x)
    return norm(jnp.concatenate(parts, -1), w["ln_g"], w["ln_b"]) * inside


def vector(w, found, mask):
    """`[texts, 512]`, of unit length."""
    count, relu = mask.sum(1, keepdims=True), jax.nn.relu
    x = (found.sum(1) @ w["cnn_W"] + count * w["cnn_b"]) / jnp.sqrt(count)
    y0 = relu(x @ w["d0"])
    y1 = relu(x @ w["p1"] + y0 @ w["d1"])
    y2 = relu(y1 @ w["d2"])
    z = jnp.tanh(y1 @ w["p3"] + y2 @ w["d3"])
    return z / jnp.linalg.norm(z, axis=-1, keepdims=True)


class Texts:
    """Tokenised texts and the table that their pieces look up."""

    def __init__(self, ids: list[list[int]], table: np.ndarray) -> None:
        self.ids, self.table = ids, table
        self.lengths = np.array([len(row) for row in ids])

    def batches(self, chosen, rng=None, tokens=2048):
        """Lists of (padded length, rows in a full batch, texts in this one)."""
        by_length: dict[int, list[int]] = {}
        for at in chosen:
            by_length.setdefault(next(n for n in LENGTHS if self.lengths[at] <= n), []).append(at)
        out = []
        for length, texts in by_length.items():
            texts = np.array(texts)
            if rng is not None:
                rng.shuffle(texts)
            rows = tokens // length
            out += [(length, rows, texts[at : at + rows]) for at in range(0, len(texts), rows)]
        if rng is not None:
            rng.shuffle(out)
        return out

    def pad(self, batch):
        """The batch's table rows `[rows, length, width]` and mask; rows without a text hold one empty token."""
        length, rows, texts = batch
        tokens = np.zeros((rows, length, self.table.shape[1]), np.float16)
        mask = np.zeros((rows, length), np.float32)
        mask[len(texts) :, 0] = 1
        for row, at in enumerate(texts):
            tokens[row, : self.lengths[at]] = self.table[self.ids[at]]
            mask[row, : self.lengths[at]] = 1
        return tokens, mask


@jax.jit
def _vectors(w, tokens, mask):
    return vector(w, features(w, tokens.astype(jnp.float32), mask), mask)


def embed(w, texts: Texts) -> np.ndarray:
    """The vectors of all texts, `[n, 512]`."""
    out = np.zeros((len(texts.ids), WIDTH), np.float32)
    for batch in texts.batches(range(len(texts.ids)), tokens=8192):
        out[batch[2]] = np.asarray(_vectors(w, *texts.pad(batch)))[: len(batch[2])]
    return out
