-- Everything a page shows follows from these tables and the bundles beside them.

CREATE TABLE ledger (
    number      INTEGER PRIMARY KEY,
    at_ms       INTEGER NOT NULL,
    who         TEXT NOT NULL,
    what        TEXT NOT NULL,
    subject     TEXT NOT NULL,
    why         TEXT NOT NULL,
    body        TEXT NOT NULL,
    digest      TEXT NOT NULL
) STRICT;
CREATE INDEX ledger_subject ON ledger (subject, number);
CREATE TRIGGER ledger_is_not_rewritten BEFORE UPDATE ON ledger BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER ledger_is_not_shortened BEFORE DELETE ON ledger BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;

-- `body` is the page's record as JSON; the other columns are what people filter by.
CREATE TABLE product (
    id          TEXT PRIMARY KEY,
    digest      TEXT NOT NULL,
    class       TEXT NOT NULL,
    payload_kg  REAL,
    reach_m     REAL,
    standing    TEXT NOT NULL,
    body        TEXT NOT NULL
) STRICT;
CREATE TABLE product_sector (
    product     TEXT NOT NULL REFERENCES product (id) ON DELETE CASCADE,
    sector      TEXT NOT NULL,
    PRIMARY KEY (sector, product)
) STRICT, WITHOUT ROWID;
CREATE TABLE scenario (
    id          TEXT PRIMARY KEY,
    digest      TEXT NOT NULL,
    sector      TEXT NOT NULL,
    body        TEXT NOT NULL
) STRICT;
CREATE INDEX scenario_sector ON scenario (sector, id);

CREATE TABLE evidence (
    digest      TEXT PRIMARY KEY,
    robot       TEXT NOT NULL,
    scenario    TEXT NOT NULL,
    solution    TEXT NOT NULL,
    decision    TEXT NOT NULL,
    robot_digest    TEXT NOT NULL,
    scenario_digest TEXT NOT NULL,
    solution_digest TEXT NOT NULL,
    engine      TEXT NOT NULL,
    published_ms    INTEGER NOT NULL,
    body        TEXT NOT NULL
) STRICT;
-- In the order of the lists, with all that a list needs to find its part.
CREATE INDEX evidence_robot ON evidence (robot, published_ms DESC, digest);
CREATE INDEX evidence_scenario ON evidence (scenario, published_ms DESC, digest);
CREATE INDEX evidence_decision ON evidence (decision, published_ms DESC, digest);
CREATE INDEX evidence_time ON evidence (published_ms DESC, digest);
-- How many verdicts of each kind, kept by triggers, so that a list of thousands of products needs no scan of a million rows.
CREATE TABLE verdict_count (
    kind        TEXT NOT NULL,
    subject     TEXT NOT NULL,
    decision    TEXT NOT NULL,
    count       INTEGER NOT NULL,
    PRIMARY KEY (kind, subject, decision)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER evidence_counts AFTER INSERT ON evidence BEGIN
    INSERT INTO verdict_count VALUES ('robot', NEW.robot, NEW.decision, 1)
        ON CONFLICT DO UPDATE SET count = count + 1;
    INSERT INTO verdict_count VALUES ('scenario', NEW.scenario, NEW.decision, 1)
        ON CONFLICT DO UPDATE SET count = count + 1;
    INSERT INTO verdict_count VALUES ('all', '', NEW.decision, 1)
        ON CONFLICT DO UPDATE SET count = count + 1;
END;

-- A re-execution that is wanted, under way or done; one for each piece of evidence.
CREATE TABLE evidence_check (
    evidence    TEXT PRIMARY KEY REFERENCES evidence (digest),
    state       TEXT NOT NULL,
    done        INTEGER NOT NULL,
    trials      INTEGER NOT NULL,
    seed        INTEGER NOT NULL,
    detail      TEXT,
    ended_ms    INTEGER
) STRICT;
CREATE INDEX evidence_check_state ON evidence_check (state);

CREATE TABLE session (
    hash        TEXT PRIMARY KEY,
    kind        TEXT NOT NULL,
    who         TEXT NOT NULL,
    ends_ms     INTEGER
) STRICT;

CREATE VIRTUAL TABLE search USING fts5 (kind UNINDEXED, id UNINDEXED, words, tokenize = 'unicode61');
