-- Proofs that the hub runs itself: what was asked, which never changes, and how far each is.

CREATE TABLE proof (
    id          INTEGER PRIMARY KEY,
    -- Who it is for: account/wang, challenge/12.
    origin      TEXT NOT NULL,
    -- Whether everybody may see it and its evidence is published when it ends.
    listed      INTEGER NOT NULL,
    claim       TEXT NOT NULL,
    robot       TEXT NOT NULL,
    scenario    TEXT NOT NULL,
    asked_ms    INTEGER NOT NULL,
    body        TEXT NOT NULL
) STRICT;
CREATE INDEX proof_origin ON proof (origin, id);
CREATE INDEX proof_claim ON proof (claim);
-- Files of packages that are laid over the catalog for this proof alone.
CREATE TABLE proof_file (
    proof       INTEGER NOT NULL REFERENCES proof (id),
    path        TEXT NOT NULL,
    bytes       BLOB NOT NULL,
    PRIMARY KEY (proof, path)
) STRICT, WITHOUT ROWID;

CREATE TABLE proof_run (
    proof       INTEGER PRIMARY KEY REFERENCES proof (id),
    state       TEXT NOT NULL,
    -- Since when it waits for its turn; long proofs take turns.
    turn_ms     INTEGER NOT NULL,
    trials      INTEGER NOT NULL,
    requirements TEXT NOT NULL,
    started_ms  INTEGER,
    ended_ms    INTEGER,
    decision    TEXT,
    evidence    TEXT,
    cause       TEXT
) STRICT;
CREATE INDEX proof_run_state ON proof_run (state, turn_ms, proof);

-- Whether a claim has been proved already.
CREATE INDEX evidence_claim ON evidence (json_extract(body, '$.claim'));
