"""The labelled rows of the data folder, and which of them are held out.

A row is held out when the first byte of SHA-256("<dataset>/<group>") is below 64 (a quarter). The group keeps together
what must not be split: translations, one disease, one descriptor, one template. `eval/split.rs` does the same.
"""

import csv
import hashlib
import json
import re
from dataclasses import dataclass, field
from pathlib import Path

import environment

CATEGORIES = ["religion", "philosophy", "sexuality", "politics", "health", "ethnicity", "union"]
CORE = environment.ROOT / "crates" / "rapport-core" / "data"
TOPIC_SETS = ["a_clinc150", "a_banking77", "a_hwu64", "a_slurp", "a_snips", "a_sib200_multilingual"]
SENSITIVE_SETS = [
    "b_handwritten_en", "b_handwritten_multilingual", "b_medquad_questions", "b_meqsum_consumer_health",
    "b_holisticbias", "b_bbq_contexts", "b_mhc_nonhateful_multilingual",
]


@dataclass
class Row:
    """One text with what is known of it. `None` means unknown, an empty list means known to be none."""

    text: str
    dataset: str
    group: str
    language: str = "en"
    topics: list[str] | None = None
    accepted: list[str] = field(default_factory=list)
    sensitive: list[str] | None = None
    uncertain: list[str] = field(default_factory=list)
    hard: bool = False
    weight: float = 1.0
    english: str | None = None

    @property
    def byte(self) -> int:
        return hashlib.sha256(f"{self.dataset}/{self.group}".encode()).digest()[0]

    @property
    def held_out(self) -> bool:
        return self.dataset[:2] in ("a_", "b_") and self.byte < 64

    @property
    def kept_apart(self) -> bool:
        """Whether the row calibrates thresholds instead of being learnt from."""
        return (self.dataset == "gate" and self.byte < 32) or (self.dataset[:2] == "a_" and 64 <= self.byte < 80)


def group(dataset: str, row: dict) -> str:
    """What must stay on one side of the split."""
    if dataset == "a_sib200_multilingual":
        return row["id"].rsplit("-", 1)[1]
    if dataset == "b_handwritten_multilingual":
        return str(row["group"])
    if dataset == "b_medquad_questions":
        return row["focus"]
    if dataset == "b_holisticbias":
        return row["descriptor"]
    if dataset == "b_bbq_contexts":
        return f"{row['category']}/{row['template']}"
    if dataset == "b_mhc_nonhateful_multilingual":
        return f"{row['functionality']}/{row['target']}"
    return re.sub(r"\s+", " ", row["text"].strip().lower())


def language(dataset: str, row: dict) -> str:
    code = row.get("lang", "en")
    return {"eng": "en", "spa": "es", "deu": "de", "fra": "fr", "por": "pt", "hin": "hi", "kor": "ko"}.get(code[:3], code)


def read_jsonl(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def label_table(data: Path) -> dict[tuple[str, str], dict]:
    with open(data / "taxonomy" / "label_to_iab31.tsv", encoding="utf-8") as file:
        return {(row["dataset"], row["label"]): row for row in csv.DictReader(file, delimiter="\t")}


def topic_rows(data: Path) -> list[Row]:
    """The sets with topic labels. Unclear labels give no topic."""
    table = label_table(data)
    rows = []
    for dataset in TOPIC_SETS:
        short = dataset.removeprefix("a_").removesuffix("_multilingual")
        for raw in read_jsonl(data / f"{dataset}.jsonl"):
            label = table.get((short, raw["label"])) or table.get((short, "* (all 77)"))
            row = Row(raw["text"], dataset, group(dataset, raw), language(dataset, raw))
            if raw["label"] in ("oos", "out_of_scope"):
                row.topics = None
            elif label is None or not label["iab_id"]:
                row.topics = []
            else:
                row.topics = [label["iab_id"]]
                row.accepted = label["accept_ids"].split(";")
                row.weight = 1.0 if label["clarity"] == "clear" else 0.5
            rows.append(row)
    return rows


def sensitive_rows(data: Path) -> list[Row]:
    """The sets with labels of sensitive categories."""
    rows = []
    for dataset in SENSITIVE_SETS:
        for raw in read_jsonl(data / f"{dataset}.jsonl"):
            row = Row(raw["text"], dataset, group(dataset, raw), language(dataset, raw))
            row.sensitive = list(raw["sensitive"])
            row.uncertain = list(raw.get("uncertain", []))
            row.hard = bool(raw.get("hard"))
            rows.append(row)
    return rows


class Taxonomy:
    """The published nodes, in the order of `TopicId`."""

    def __init__(self) -> None:
        lines = (CORE / "content_taxonomy_3.1.tsv").read_text(encoding="utf-8").splitlines()[2:]
        fields = [[part.strip() for part in line.split("\t")[:3]] for line in lines]
        fields = [row for row in fields if row[0]]
        self.codes = [row[0] for row in fields]
        self.index = {code: at for at, code in enumerate(self.codes)}
        self.parent = {row[0]: row[1] if row[1] in self.index else None for row in fields}
        self.name = {row[0]: row[2] for row in fields}
        self.own_categories: dict[str, set[str]] = {}
        for line in (CORE / "sensitive_topics.tsv").read_text(encoding="utf-8").splitlines():
            category, code, *_ = line.split("\t")
            self.own_categories.setdefault(code, set()).add(category)

    _shared = None

    @classmethod
    def shared(cls) -> "Taxonomy":
        """One instance is enough."""
        cls._shared = cls._shared or cls()
        return cls._shared

    def lineage(self, code: str) -> list[str]:
        path = []
        while code:
            path.append(code)
            code = self.parent[code]
        return path

    def children(self, code: str) -> list[str]:
        return [child for child, parent in self.parent.items() if parent == code]

    def categories(self, code: str) -> set[str]:
        return set().union(*(self.own_categories.get(node, set()) for node in self.lineage(code)))
