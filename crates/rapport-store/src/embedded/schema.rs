//! The tables of `rapport.db`. People stand in it only as surrogates, ids of events and items only as keyed
//! hashes.

/// Made once, in a new file.
pub const SCHEMA: &str = "
-- The log. A tombstone keeps its key and nothing else; a mirrored row has no key of its own.
CREATE TABLE event (seq INTEGER PRIMARY KEY AUTOINCREMENT, key BLOB UNIQUE, person BLOB, target BLOB,
    mirror_of INTEGER, payload BLOB) STRICT;
CREATE INDEX event_person ON event (person) WHERE person IS NOT NULL;
CREATE INDEX event_target ON event (target) WHERE target IS NOT NULL;
CREATE INDEX event_mirror ON event (mirror_of) WHERE mirror_of IS NOT NULL;
-- Checkpoints of a person before this place may hold what was taken out.
CREATE TABLE mark (person BLOB PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE checkpoint (person BLOB PRIMARY KEY, seq INTEGER NOT NULL, payload BLOB NOT NULL) STRICT;
-- People who are out of this file, and perhaps not yet out of the vault.
CREATE TABLE erasing (person BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;

CREATE TABLE item (key BLOB PRIMARY KEY, author BLOB, payload BLOB NOT NULL) STRICT;
CREATE INDEX item_author ON item (author) WHERE author IS NOT NULL;

CREATE TABLE account (num INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, name BLOB NOT NULL, budget INTEGER,
    spent INTEGER NOT NULL DEFAULT 0, reserved INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE campaign (num INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, name BLOB NOT NULL,
    account INTEGER NOT NULL, payload BLOB NOT NULL, budget INTEGER NOT NULL, daily INTEGER,
    spent INTEGER NOT NULL DEFAULT 0, reserved INTEGER NOT NULL DEFAULT 0,
    impressions INTEGER NOT NULL DEFAULT 0, clicks INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE day (campaign INTEGER NOT NULL, day INTEGER NOT NULL, spent INTEGER NOT NULL DEFAULT 0,
    reserved INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (campaign, day)) STRICT, WITHOUT ROWID;
-- state: 0 held, 1 released, 2 billed. day is that of the decision.
CREATE TABLE decision (num INTEGER PRIMARY KEY, nonce BLOB NOT NULL UNIQUE, campaign INTEGER NOT NULL,
    account INTEGER NOT NULL, person BLOB, ad BLOB, price INTEGER NOT NULL, day INTEGER NOT NULL,
    at INTEGER NOT NULL, expires INTEGER NOT NULL, state INTEGER NOT NULL DEFAULT 0,
    clicked INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE INDEX decision_person ON decision (person, at) WHERE person IS NOT NULL;
CREATE INDEX decision_held ON decision (campaign, expires) WHERE state = 0;
CREATE INDEX decision_held_account ON decision (account, expires) WHERE state = 0;
CREATE INDEX decision_expires ON decision (expires);

CREATE TABLE receipt (id BLOB PRIMARY KEY, person BLOB, at INTEGER NOT NULL, payload BLOB NOT NULL) STRICT;
CREATE INDEX receipt_person ON receipt (person, at) WHERE person IS NOT NULL;
CREATE INDEX receipt_at ON receipt (at);
CREATE TABLE mention (person BLOB NOT NULL, receipt BLOB NOT NULL, PRIMARY KEY (person, receipt))
    STRICT, WITHOUT ROWID;
CREATE INDEX mention_receipt ON mention (receipt);

CREATE TABLE setting (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
";

/// Every column that holds a surrogate, for whoever checks that none is left.
pub const SURROGATES: [(&str, &str); 9] = [
    ("event", "person"),
    ("event", "target"),
    ("mark", "person"),
    ("checkpoint", "person"),
    ("erasing", "person"),
    ("item", "author"),
    ("decision", "person"),
    ("receipt", "person"),
    ("mention", "person"),
];
