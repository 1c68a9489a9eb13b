"""Checks the sample world: `python3 check.py` prints its counts, or the first thing that is wrong."""

import json
import re
import sys
from collections import Counter
from datetime import datetime, timezone
from pathlib import Path

HERE = Path(__file__).parent
TAXONOMY = HERE.parents[1] / "rapport-core" / "data"
KINDS = {"post", "reel", "group", "page", "friend_update", "product"}
SOCIAL = {"like", "follow", "friend", "join", "view", "comment", "share", "save", "hide", "click", "purchase"}
FIRST, LAST = "2025-11-20", "2025-12-20"


def read(name):
    lines = (HERE / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def keyed(rows, record):
    by_id = {row["id"]: row for row in rows}
    expect(len(by_id) == len(rows), f"a {record} id occurs twice")
    expect(all(row["record"] == record for row in rows), f"a line is not a {record}")
    return by_id


def expect(holds, otherwise):
    if not holds:
        sys.exit(otherwise)


def moment(text):
    at = datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(timezone.utc)
    expect(FIRST <= at.date().isoformat() < LAST, f"`{text}` is outside {FIRST}..{LAST}")
    return at


def taxonomy():
    """Topic id → (parent, name), and the ids that are sensitive themselves."""
    rows = (line.split("\t") for line in (TAXONOMY / "content_taxonomy_3.1.tsv").read_text().splitlines()[2:])
    topics = {row[0]: (row[1], row[2]) for row in rows}
    lines = (TAXONOMY / "sensitive_topics.tsv").read_text().splitlines()
    return topics, {line.split("\t")[1] for line in lines if line and not line.startswith("#")}


def is_within(topic, roots, topics):
    while topic:
        if topic in roots:
            return True
        topic = topics[topic][0]
    return False


def check_items(items, people, topics):
    for item in items.values():
        name, known = item["id"], set(item["topics"]) <= topics.keys()
        expect(item["kind"] in KINDS and known and item["text"] and item["title"], f"item `{name}`")
        by_person = item["author"] in people or item["author"] in items
        expect(by_person or item["kind"] in {"page", "product"}, f"item `{name}`: nobody wrote it")
        expect((item["visibility"] == "friends") == (item["kind"] == "friend_update"), f"item `{name}`: visibility")
        moment(item["created_at"])


def check_campaigns(campaigns, topics, sensitive):
    ads = [ad["id"] for campaign in campaigns.values() for ad in campaign["ads"]]
    expect(len(set(ads)) == len(ads), "an ad id occurs twice")
    for campaign in campaigns.values():
        for topic in re.findall(r'topics has "(\w+)"', campaign["targeting"]):
            fine = topic in topics and not is_within(topic, sensitive, topics)
            expect(fine, f"campaign `{campaign['id']}` can't target `{topic}`")


def check_events(events, people, items):
    friends, joined = set(), set()
    for event in events.values():
        name, person, about = event["id"], event["person"], items.get(event.get("item"))
        at = moment(event["at"])
        expect(event["type"] in SOCIAL and person in people, f"event `{name}`")
        products = {account["product"] for account in people[person]["accounts"]}
        expect(event["product"] in products, f"event `{name}`: `{person}` has no such account")
        expect((about is not None) != (event.get("target") in people), f"event `{name}`: about nothing known")
        expect((event["type"] == "view") == ("dwell_ms" in event), f"event `{name}`: dwell")
        if event["type"] == "friend":
            friends |= {(person, event["target"]), (event["target"], person)}
        if event["type"] == "join":
            joined.add((person, event["item"]))
        if about is None:
            continue
        expect(moment(about["created_at"]) <= at, f"event `{name}` is older than its item")
        if about["visibility"] == "friends":
            expect((person, about["author"]) in friends, f"event `{name}`: not a friend yet")
        if about["visibility"] == "group":
            founder = items[about["author"]]["author"]
            expect(person == founder or (person, about["author"]) in joined, f"event `{name}`: not a member")
        outdoors = person == "maya" and "159" in about["topics"]
        expect(not outdoors, f"event `{name}`: maya has never shown an interest in the outdoors")


def main():
    people, items = keyed(read("people"), "person"), keyed(read("items"), "item")
    campaigns, events = keyed(read("campaigns"), "campaign"), keyed(read("events"), "event")
    topics, sensitive = taxonomy()
    check_items(items, people, topics)
    check_campaigns(campaigns, topics, sensitive)
    check_events(events, people, items)
    expect(all(set(row["topics"]) <= topics.keys() for row in read("answers")), "an answer's topic is unknown")
    print(f"{len(people)} people, {len(items)} items, {len(campaigns)} campaigns, {len(events)} events")
    print("items a kind:", dict(Counter(item["kind"] for item in items.values()).most_common()))
    by_topic = Counter(topics[item["topics"][0]][1] for item in items.values())
    print("items a first topic:", dict(by_topic.most_common()))
    print("events a type:", dict(Counter(event["type"] for event in events.values()).most_common()))


if __name__ == "__main__":
    main()
