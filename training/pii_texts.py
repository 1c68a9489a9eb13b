"""Training texts of the tagger: labelled rows, own texts, both with other names filled in, and harmless texts."""

import hashlib
import random
import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import environment
from rows import group, language, read_jsonl

TEXTS = environment.ROOT / "training" / "texts"
LANGUAGES = ["en", "es", "de", "fr", "pt", "hi", "ko"]
FILLS_OWN, FILLS_LABELLED, HARMLESS_REPEATS = 14, 110, 4
PERSON, STREET, PLACE = "person", "street", "place"
# Whom a request may name instead.
RELATIVES = {
    "en": r"\b[Mm]y (?:mom|mother|dad|father|brother|sister|wife|husband|boss|friend|son|daughter|boyfriend|girlfriend|uncle|aunt|neighbor|neighbour|roommate|cousin|partner)\b",
    "es": r"\b[Mm]i (?:madre|padre|hermano|hermana|marido|mujer|esposa|jefe|jefa|amigo|amiga|hijo|hija|novio|novia|tío|tía|prima|primo)\b",
    "de": r"\b[Mm]ein[e]? (?:Mutter|Vater|Bruder|Schwester|Mann|Frau|Chef|Chefin|Freund|Freundin|Sohn|Tochter|Onkel|Tante|Oma|Opa)\b",
    "fr": r"\b[Mm](?:on|a) (?:mère|père|frère|sœur|mari|femme|patron|ami|amie|fils|fille|copain|copine|oncle|tante)\b",
    "pt": r"\b(?:[Oo] |[Aa] )?[Mm](?:eu|inha) (?:mãe|pai|irmão|irmã|marido|esposa|chefe|amigo|amiga|filho|filha|namorado|namorada|tio|tia)\b",
    "hi": r"मे(?:रे|री|रा) (?:माँ|मां|पिता|भाई|बहन|पति|पत्नी|बॉस|दोस्त|बेटे|बेटी|चाचा)(?= )",
    "ko": r"(?:우리 |내 |제 )(?:엄마|아빠|형|누나|언니|오빠|동생|남편|아내|친구|아들|딸|상사)(?=[가는이은을를에 ])",
}

# First names that occur in the request sets; beside a word for talking to somebody they are somebody the speaker knows.
KNOWN_NAMES = set(
    "john joe bob mary mike mark sarah david tom steve jane robin paul donald lisa jeff susan sam dan george jim michael robert jan harry wendy kate "
    "adam jack sara jean tony dave richard allen justin amy jones ray billy patrick carolina fred ruth steven eric carlos jake thomas kevin johnny ted "
    "jesse brian alan perry emily taylor stefan sally robby antonio ann aaron lawrence carrie roger frank travis jerry alfredo jimmy jason ella gary "
    "joanna alex sean clara jill maria kim brent derek ryan katy linda leon julie joseph jessica jennifer eddie bobby francis jeremy hannah jordan andy "
    "douglas samantha kendra janet mollie kayla melissa maxwell liz stacey clay gloria craig alice kathy rob noel william tim stephanie albert felix "
    "bradley bailey sharon josh randy pietro andrea mandy kristen ben henry andre marty raj keith martha rowan carmen annie evelyn lauren ralph kenny "
    "claire bruno joel pete hilary guy mona divya christian donna priscilla reza matthew lina christina leah nathan simon maggie helena helen connie "
    "veronica mick ruiz nico miriam kylie daniel larry ivan lewis betty erika klaus jorge roberto marcus claude juan marianne laura jenny ashley janice "
    "jana litt smith jackson johnson davis carter".split()
)
TALK = re.compile(r"\b(call|text|email|e-mail|mail|message|messages|send|tell|invite|meeting|birthday|remind|reminder|contact|contacts|phone|lunch|dinner|reply|ask|wrote|meet|from|with|to|number)\b")
MEDIA = re.compile(r"\b(play|song|songs|music|album|movie|movies|film|artist|listen|playlist|book|novel|track|tune|rate|show|radio|podcast|podcasts|soundtrack)\b")
TITLES = set(
    "mr mrs ms miss dr prof professor señor señora sr sra don doña herr frau herrn monsieur madame m mme mlle me senhor senhora dona seu doutor dra uncle aunt "
    "grandpa grandma mom's friend tío tía tata tonton oma opa tia tio papá eng dj gen uncle's cousin abuela".split()
)


@dataclass
class Example:
    """A text, its labelled parts as (kind, start, end), and whether it is kept apart."""

    text: str
    spans: list[tuple[str, int, int]]
    language: str = "en"
    held_out: bool = False
    source: str = "own"


def held_out(name: str) -> bool:
    return hashlib.sha256(name.encode()).digest()[0] < 64


def lists() -> dict[str, dict[str, list[str]]]:
    """kind -> group -> words of pii_lists.tsv."""
    found: dict[str, dict[str, list[str]]] = defaultdict(dict)
    for line in (TEXTS / "pii_lists.tsv").read_text(encoding="utf-8").splitlines():
        kind, name, words = line.split("\t")
        found[kind][name] = [word for word in words.split(";") if kind == "road" or not word[0].isdigit()]
    return found


def own(language: str) -> list[Example]:
    """The lines of pii_<language>.tsv, with marks like `[person:Ana Ruiz]`."""
    examples = []
    for line in (TEXTS / f"pii_{language}.tsv").read_text(encoding="utf-8").splitlines():
        text, spans, at = "", [], 0
        for mark in re.finditer(r"\[(person|street|place):([^\]]*)\]", line):
            text += line[at : mark.start()].replace("\\n", "\n")
            value = mark[2].replace("\\n", "\n")
            spans.append((mark[1], len(text), len(text) + len(value)))
            text += value
            at = mark.end()
        text += line[at:].replace("\\n", "\n")
        examples.append(Example(text, spans, language, held_out(f"pii_texts/{line}")))
    return examples


def labelled(data: Path) -> list[Example]:
    """The rows of the labelled set whose templates are for training; a place or postal code beside a street is part of it."""
    examples = []
    for row in read_jsonl(data / "f_pii_presidio.jsonl"):
        if held_out(f"f_pii_presidio/{row['template_id']}"):
            continue
        spans, last = [], None
        for span in sorted(row["spans"], key=lambda span: span["start"]):
            near = last is not None and not row["text"][last : span["start"]].strip(" ,\n")
            if span["type"] == "PERSON":
                spans.append((PERSON, span["start"], span["end"]))
            elif span["type"] == "STREET_ADDRESS" or (near and span["type"] in ("GPE", "ZIP_CODE")):
                start = last if near else span["start"]
                spans.append((STREET, start, span["end"]))
                last = span["end"]
            elif span["type"] == "GPE":
                spans.append((PLACE, span["start"], span["end"]))
        examples.append(Example(row["text"], merge(spans, row["text"]), source=f"labelled/{row['template_id']}"))
    return examples


def merge(spans: list[tuple[str, int, int]], text: str) -> list[tuple[str, int, int]]:
    """Parts of one address become one."""
    merged: list[tuple[str, int, int]] = []
    for kind, start, end in spans:
        if merged and kind == STREET == merged[-1][0] and not text[merged[-1][2] : start].strip(" ,\n"):
            merged[-1] = (kind, merged[-1][1], end)
        else:
            merged.append((kind, start, end))
    return merged


def harmless(data: Path, words: dict[str, dict[str, list[str]]]) -> list[Example]:
    """Requests, encyclopaedic sentences and the other own texts. Where a known name is somebody talked to, it is labelled;
    where a text might name somebody in another way, it is left out."""
    first = {word.lower() for names in words["first"].values() for word in names}
    last = {word.lower() for names in words["last"].values() for word in names}
    frequent = {word for names in words["common"].values() for word in names}
    examples = []
    for dataset in ["a_clinc150", "a_hwu64", "a_slurp", "a_snips", "a_banking77", "b_medquad_questions"]:
        for row in read_jsonl(data / f"{dataset}.jsonl"):
            if not held_out(f"{dataset}/{group(dataset, row)}"):
                examples += request(row["text"], first | last, frequent)
    for row in read_jsonl(data / "a_sib200_multilingual.jsonl"):
        if not held_out(f"a_sib200_multilingual/{group('a_sib200_multilingual', row)}"):
            examples += sentence(row["text"], language("a_sib200_multilingual", row), first, last, frequent)
    for name in LANGUAGES:
        for kind in ["topics", "sensitive", "stance"]:
            for line in (TEXTS / f"{kind}_{name}.tsv").read_text(encoding="utf-8").splitlines():
                plain = re.sub(r"\[[-+0]([^\]]*)\]", r"\1", line.split("\t")[-1])
                for text in [] if line.startswith("#") else plain.split("; "):
                    examples += sentence(text, name, first, last, frequent)
    return examples


def request(text: str, names: set[str], frequent: set[str]) -> list[Example]:
    found = [match for match in re.finditer(r"\w+", text)]
    known = [match for match in found if match[0].lower() in KNOWN_NAMES]
    other = [m for m in found if m[0].lower() in names and m[0].lower() not in frequent and m[0].lower() not in KNOWN_NAMES]
    if MEDIA.search(text.lower()):
        return [Example(text, [], source="request")]
    if known and TALK.search(text.lower()) and not other:
        return [Example(text, merge_names([(PERSON, m.start(), m.end()) for m in known], text), source="request")]
    return [] if known or other else [Example(text, [], source="request")]


def merge_names(spans: list[tuple[str, int, int]], text: str) -> list[tuple[str, int, int]]:
    merged: list[tuple[str, int, int]] = []
    for kind, start, end in spans:
        if merged and text[merged[-1][2] : start] == " ":
            merged[-1] = (kind, merged[-1][1], end)
        else:
            merged.append((kind, start, end))
    return merged


def sentence(text: str, language: str, first: set[str], last: set[str], frequent: set[str]) -> list[Example]:
    for match in re.finditer(r"\w+", text):
        word = match[0].lower()
        if (word in first or word in last) and word not in frequent:
            return []
        # Two capitals in a row may be somebody whom no list knows; German writes nouns so.
        if language in ("en", "es", "fr", "pt") and word in first and re.match(r"\s[A-ZÀ-Þ]", text[match.end() :]):
            return []
    return [Example(text, [], language, source="harmless")]


class Fill:
    """Other names, streets, places for the marked ones."""

    def __init__(self, words: dict[str, dict[str, list[str]]], seed: int) -> None:
        self.words, self.random = words, random.Random(seed)
        self.groups = sorted(set(words["first"]) & set(words["last"]) - {"hi", "ko"})

    def group(self, language: str) -> str:
        if language in ("hi", "ko"):
            return language
        if self.random.random() < 0.5:
            return self.random.choice(["en", "en", "in", "af"]) if language == "en" else language
        return self.random.choice(self.groups)

    def pick(self, kind: str, name: str) -> str:
        return self.random.choice(self.words[kind].get(name) or self.words[kind]["en"])

    def person(self, old: str, language: str) -> str:
        parts = old.split()
        name = self.group(language)
        if len(parts) > 1 and parts[0].lower().strip(".") in TITLES:
            return f"{parts[0]} {self.person(' '.join(parts[1:]), language)}"
        first, last = self.pick("first", name), self.pick("last", name)
        if name == "ko":
            return last + first if len(old) > 2 else first
        if len(parts) == 1:
            return self.random.choice([first, first, last])
        forms = [f"{first} {last}"] * 12 + [
            f"{first} {self.random.choice('ABCDEFGHJKLMNPRSTVW')} {last}", f"{first} {self.random.choice('ABCDEFGHJKLMNPRST')}. {last}",
            f"{first} {last}-{self.pick('last', name)}", f"{first} {last} {self.pick('last', name)}", f"{first} {self.pick('first', name)} {last}",
            f"{first[0]}. {last}",
        ]
        if name == "hi":
            return f"{first} {last}"
        if "," in old:
            return f"{last}, {first}".upper() if old.isupper() else f"{last}, {first}"
        return self.random.choice(forms)

    def number(self) -> str:
        return str(self.random.choice([self.random.randint(1, 99), self.random.randint(1, 400), self.random.randint(400, 9999)]))

    def road(self, name: str) -> str:
        """A street with its house number, as the group's countries write it."""
        r, n = self.random, self.number()
        of = lambda: self.pick(r.choice(["last", "place", "first"]), name) if name not in self.words["road"] or r.random() < 0.5 else self.pick("road", name)
        if name == "de":
            joined = f"{self.pick(r.choice(['last', 'place']), name)}{r.choice(['straße', 'strasse', 'str.', 'weg', 'gasse', 'platz', 'allee', 'ring'])}"
            return f"{r.choice([joined, joined, f'{of()}-Straße', f'Am {of()}', f'{of()} Weg'])} {n}{r.choice(['', '', '', 'a', 'b'])}"
        if name in ("nl", "sv", "no", "da", "fi"):
            return f"{of()}{self.pick('suffix', name)} {n}"
        if name in ("fr",):
            return f"{n}{r.choice([',', '', ' bis', ''])} {r.choice(['rue', 'avenue', 'boulevard', 'chemin', 'place', 'impasse', 'allée', 'route', 'quai'])} {r.choice(['de ', 'du ', 'des ', '', 'de la '])}{of()}"
        if name in ("es", "pt", "it", "ro"):
            word = {"es": ["calle", "Calle", "C/", "avenida", "Av.", "plaza", "Paseo", "camino", "Carrera"], "pt": ["Rua", "rua", "Avenida", "Av.", "R.", "Travessa", "Praça", "Alameda"],
                    "it": ["Via", "via", "Viale", "Piazza", "Corso"], "ro": ["Strada", "Str.", "Bulevardul", "Aleea"]}[name]
            return f"{r.choice(word)} {r.choice(['', '', 'de ', 'do ' if name == 'pt' else 'del ' if name == 'es' else ''])}{of()}{r.choice([' ', ', ', ' nº ', ' '])}{n}"
        if name == "hu":
            return f"{of()} {r.choice(['u.', 'utca', 'út', 'tér'])} {n}."
        if name in ("pl", "cs", "hr", "et", "tr", "id"):
            return f"{r.choice(['ul. ', '', '', 'ulica ', 'al. '] if name == 'pl' else ['Jl. ', 'Jalan '] if name == 'id' else [''])}{of()}{r.choice([' sokak', ' cad.'] if name == 'tr' else [''])} {n}"
        if name == "ko":
            return f"{self.pick('place', name) if r.random() < 0.5 else r.choice(['강남구', '마포구', '종로구', '해운대구', '서초구', '수성구'])} {self.pick('road', name)}{r.choice(['로', '길', '동'])} {n}"
        if name == "hi":
            return r.choice([f"{n} {of()} {r.choice(['रोड', 'मार्ग', 'नगर', 'गली'])}", f"मकान नंबर {n}, {of()} नगर"])
        if name == "is":
            return f"{self.pick('first', name)}{r.choice(['gata', 'vegur', 'braut'])} {n}"
        return f"{n} {r.choice(['', '', '', 'North ', 'W. ', 'East '])}{of()} {r.choice(['Street', 'St', 'Road', 'Rd', 'Avenue', 'Ave', 'Lane', 'Drive', 'Dr.', 'Court', 'Way', 'Blvd', self.pick('suffix', 'en')])}"

    def street(self, language: str) -> str:
        r, name = self.random, self.group(language)
        text = self.road(name)
        if r.random() < 0.12:
            text = f"{self.number()} {text}"
        if r.random() < 0.08:
            text = re.sub(r"\s*\b\d+\b\s*", " ", text).strip(" ,.") or text
        between = r.choice([", ", ", ", " ", "\n"])
        if r.random() < 0.3 and name not in ("hi", "ko"):
            unit = r.choice(["Apt. {}", "Suite {}", "Apt {}", "Flat {}", "Unit {}", "#{}", "piso {}", "apto {}", "Top {}"] if name in ("en", "in", "af", "es", "pt", "de") else ["Apt. {}", "Suite {}"])
            text += r.choice([" ", ", ", "\n "]) + unit.format(r.randint(1, 999))
        if r.random() < 0.45:
            place, code = self.pick("place", name), r.choice([f"{r.randint(1000, 99999)}", f"{r.randint(10000, 99999)}", f"{r.randint(100, 999)} {r.randint(10, 99)}"])
            state = r.choice(["CA", "NY", "TX", "CO", "ON", "SP", "BW", "FL", "OH"])
            forms = [f"{place} {code}", f"{code} {place}", place, f"{place}, {state} {code}", f"{place}\n, {state}\n {code}", f"{place.upper()}\n{self.pick('place', name)} {code}"]
            text += between + r.choice(forms)
        return text

    def again(self, example: Example, pool: dict[str, list[str]] | None = None) -> Example:
        """The same text with other names and streets."""
        text, spans, at = "", [], 0
        for kind, start, end in example.spans:
            text += example.text[at:start]
            old = example.text[start:end]
            if kind == PLACE:
                new = self.pick("place", self.group(example.language))
            else:
                new = self.person(old, example.language) if kind == PERSON else self.street(example.language)
            if old.islower():
                new = new.lower()
            spans.append((kind, len(text), len(text) + len(new)))
            text += new
            at = end
        return Example(text + example.text[at:], spans, example.language, source=example.source)


def relatives(examples: list[Example], fill: Fill) -> list[Example]:
    """The texts that speak of a relative or a friend, with a name instead."""
    named = []
    for example in examples:
        found = re.search(RELATIVES[example.language], example.text)
        if not found or example.spans:
            continue
        for old in ["Ana", "Ana", "Ana Ruiz"]:
            marked = Example(example.text, [(PERSON, found.start(), found.end())], example.language, source="relative")
            name = fill.person(old, example.language)
            name = name.lower() if example.text.islower() else name
            text = example.text[: found.start()] + name + example.text[found.end() :]
            named.append(Example(text, [(PERSON, found.start(), found.start() + len(name))], example.language, source=marked.source))
    return named


def spoken(example: Example) -> Example:
    """As a transcript has it: no capitals, and no marks but those within words."""
    text, spans, shift, at = "", [], {}, 0
    kept = []
    for index, c in enumerate(example.text):
        shift[index] = len(kept)
        if c not in ",.;:!?\"()":
            kept.append(c.lower() if len(c.lower()) == 1 else c)
    shift[len(example.text)] = len(kept)
    text = "".join(kept)
    spans = [(kind, shift[start], shift[end]) for kind, start, end in example.spans]
    return Example(text, spans, example.language, source=example.source)


def training_texts(data: Path, seed: int) -> tuple[list[Example], list[Example]]:
    """For training, and kept apart (own lines only)."""
    words = lists()
    fill = Fill(words, seed)
    mine = [example for language in LANGUAGES for example in own(language)]
    examples, apart = [], [example for example in mine if example.held_out]
    for example in mine:
        if example.held_out:
            continue
        copies = FILLS_OWN if any(kind != PLACE for kind, _, _ in example.spans) else HARMLESS_REPEATS
        versions = [example] + [fill.again(example) if example.spans else example for _ in range(copies - 1)]
        examples += [spoken(v) if i % 3 == 2 else v for i, v in enumerate(versions)]
    templates: dict[str, list[Example]] = defaultdict(list)
    for example in labelled(data):
        examples.append(example)
        templates[example.source].append(example)
    for rows in templates.values():
        versions = [fill.again(fill.random.choice(rows)) for _ in range(FILLS_LABELLED if rows[0].spans else 10)]
        examples += [spoken(v) if i % 5 == 4 else v for i, v in enumerate(versions)]
    plain = harmless(data, words)
    examples += plain + relatives(plain, fill)
    fill.random.shuffle(examples)
    return examples, apart
