-- People, the organizations that they act for, and the secrets by which they are known.

CREATE TABLE account (
    id          TEXT PRIMARY KEY,
    name        TEXT NOT NULL,
    operator    INTEGER NOT NULL,
    -- argon2id in PHC form; none until one is chosen.
    password    TEXT,
    closed_ms   INTEGER
) STRICT;
INSERT INTO account VALUES ('operator', 'operator', 1, NULL, NULL);

CREATE TABLE organization (
    id          TEXT PRIMARY KEY,
    kind        TEXT NOT NULL,
    district    TEXT,
    tier        TEXT,
    body        TEXT NOT NULL
) STRICT;
CREATE INDEX organization_district ON organization (district, id);
-- Who makes which product.
CREATE TABLE organization_product (
    product     TEXT NOT NULL,
    organization TEXT NOT NULL REFERENCES organization (id),
    PRIMARY KEY (product, organization)
) STRICT, WITHOUT ROWID;
CREATE TABLE membership (
    account     TEXT NOT NULL REFERENCES account (id),
    organization TEXT NOT NULL REFERENCES organization (id),
    role        TEXT NOT NULL,
    PRIMARY KEY (account, organization)
) STRICT, WITHOUT ROWID;
CREATE INDEX membership_organization ON membership (organization, account);

-- A link that makes an account, once.
CREATE TABLE invitation (
    hash        TEXT PRIMARY KEY,
    organization TEXT REFERENCES organization (id),
    role        TEXT NOT NULL,
    operator    INTEGER NOT NULL,
    made_by     TEXT NOT NULL REFERENCES account (id),
    ends_ms     INTEGER NOT NULL
) STRICT;

-- Sessions of browsers and tokens of programs, by their hashes. Without `abilities` a secret may all that its account may.
CREATE TABLE secret (
    hash        TEXT PRIMARY KEY,
    kind        TEXT NOT NULL,
    account     TEXT NOT NULL REFERENCES account (id),
    label       TEXT NOT NULL,
    abilities   TEXT,
    made_ms     INTEGER NOT NULL,
    ends_ms     INTEGER
) STRICT;
CREATE INDEX secret_account ON secret (account, kind);
INSERT INTO secret SELECT hash, kind, 'operator', '', NULL, 0, ends_ms FROM session;
DROP TABLE session;
