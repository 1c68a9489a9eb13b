"""The golden vectors of the encoder's test: what the trained weights give in JAX, in 32-bit floats."""

import numpy as np

import encoder
import environment

OUT = environment.ROOT / "crates" / "rapport-understand" / "tests" / "golden.tsv"
HEAD = "# language<TAB>text<TAB>512 values in thousandths, from the layers in 32-bit floats; written by training/train.py\n"
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
    ("hi", "मुझे अगले सप्ताह पहाड़ों में घूमने जाना है"),
    ("hi", "कल दिल्ली में मौसम कैसा रहेगा"),
]


def write(layers: dict[str, np.ndarray], tokenizer: encoder.Tokenizer, table: np.ndarray) -> None:
    """Rewrites the file."""
    vectors = encoder.embed(layers, encoder.Texts([tokenizer.ids(text) for _, text in TEXTS], table))
    rows = zip(TEXTS, np.rint(vectors * 1000).astype(int))
    lines = [f"{language}\t{text}\t{' '.join(map(str, values))}\n" for (language, text), values in rows]
    OUT.write_text(HEAD + "".join(lines), encoding="utf-8")
