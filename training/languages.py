"""How much each piece speaks for each of five languages in Latin letters: naive Bayes over the pieces of training texts.

Other languages are told by their script or their small words (crates/rapport-understand/src/language.rs).
"""

import numpy as np

import encoder

LANGUAGES = ["en", "es", "de", "fr", "pt"]
# Added to every count, as a share of a language's pieces: what is rare says little.
SMOOTH = 3e-5
MOST = 4.0


def train(rows, tokenizer: encoder.Tokenizer, pieces: int) -> np.ndarray:
    """`[pieces, 5]`: log odds of each language against the mean of all, 0 for what never came up."""
    counts = np.zeros((len(LANGUAGES), pieces))
    for row in rows:
        if row.language in LANGUAGES:
            # A text counts each piece once, cased as it is and in lower case.
            for text in {row.text, row.text.lower()}:
                counts[LANGUAGES.index(row.language), sorted(set(tokenizer.ids(text)[1:-1]))] += 1
    seen = counts.sum(0) > 0
    share = np.log(counts / counts.sum(1, keepdims=True) + SMOOTH)
    weights = np.clip(share - share.mean(0), -MOST, MOST)
    return np.where(seen, weights, 0).T.astype(np.float32)
