"""models/MANIFEST: one line a file, `sha256  path`, which the Rust loader checks."""

import hashlib

import environment

MODELS = environment.ROOT / "models"
FILES = [
    "use-multilingual/table.bin",
    "use-multilingual/encoder.bin",
    "use-multilingual/pieces.bin",
    "heads/heads.bin",
    "heads/thresholds.json",
    "heads/pii.bin",
    "heads/cues.bin",
    "lexicon/cues.tsv",
    "lexicon/sensitive.tsv",
]


def refresh() -> None:
    """Writes the manifest for the files that exist."""
    lines = []
    for name in FILES:
        path = MODELS / name
        if path.exists():
            lines.append(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {name}\n")
    (MODELS / "MANIFEST").write_text("".join(lines))
