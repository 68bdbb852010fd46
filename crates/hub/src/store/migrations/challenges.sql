-- Challenges: what is asked, what stays secret until the deadline, who answered, and how they stand.

CREATE TABLE challenge (
    id          TEXT PRIMARY KEY,
    organization TEXT NOT NULL REFERENCES organization (id),
    scenario    TEXT NOT NULL,
    state       TEXT NOT NULL,
    published_ms INTEGER NOT NULL,
    deadline_ms INTEGER NOT NULL,
    commitment  TEXT NOT NULL,
    -- What everybody may see; the rest is added when it is revealed.
    body        TEXT NOT NULL
) STRICT;
CREATE INDEX challenge_state ON challenge (state, deadline_ms);
CREATE INDEX challenge_time ON challenge (published_ms DESC, id);
-- The job as it was when the challenge was published.
CREATE TABLE challenge_file (
    challenge   TEXT NOT NULL REFERENCES challenge (id),
    path        TEXT NOT NULL,
    bytes       BLOB NOT NULL,
    PRIMARY KEY (challenge, path)
) STRICT, WITHOUT ROWID;
-- Nothing reads this for an answer. None for a challenge whose publisher keeps the secret.
CREATE TABLE challenge_secret (
    challenge   TEXT PRIMARY KEY REFERENCES challenge (id),
    body        TEXT NOT NULL
) STRICT;

CREATE TABLE submission (
    challenge   TEXT NOT NULL REFERENCES challenge (id),
    number      INTEGER NOT NULL,
    organization TEXT NOT NULL REFERENCES organization (id),
    who         TEXT NOT NULL,
    at_ms       INTEGER NOT NULL,
    -- Public at once; binds what `body` holds.
    digest      TEXT NOT NULL,
    -- For its own organization until the challenge is revealed.
    body        TEXT NOT NULL,
    PRIMARY KEY (challenge, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE submission_file (
    challenge   TEXT NOT NULL,
    number      INTEGER NOT NULL,
    path        TEXT NOT NULL,
    bytes       BLOB NOT NULL,
    PRIMARY KEY (challenge, number, path),
    FOREIGN KEY (challenge, number) REFERENCES submission (challenge, number)
) STRICT, WITHOUT ROWID;
-- What became of each submission that counts.
CREATE TABLE standing (
    challenge   TEXT NOT NULL,
    number      INTEGER NOT NULL,
    -- The proof under the revealed claim; none if there could be none.
    proof       INTEGER,
    failure     TEXT,
    score       TEXT,
    rank        INTEGER,
    PRIMARY KEY (challenge, number),
    FOREIGN KEY (challenge, number) REFERENCES submission (challenge, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE comment (
    number      INTEGER PRIMARY KEY,
    challenge   TEXT NOT NULL REFERENCES challenge (id),
    submission  INTEGER,
    organization TEXT NOT NULL REFERENCES organization (id),
    who         TEXT NOT NULL,
    at_ms       INTEGER NOT NULL,
    text        TEXT NOT NULL
) STRICT;
CREATE INDEX comment_challenge ON comment (challenge, number);
CREATE TRIGGER comments_are_not_rewritten BEFORE UPDATE ON comment BEGIN SELECT RAISE(ABORT, 'comments are append-only'); END;
CREATE TRIGGER comments_are_not_taken_back BEFORE DELETE ON comment BEGIN SELECT RAISE(ABORT, 'comments are append-only'); END;
