-- What is offered and needed, and what a match reads.

CREATE TABLE offer (
    id          TEXT PRIMARY KEY,
    product     TEXT NOT NULL,
    organization TEXT NOT NULL REFERENCES organization (id),
    kind        TEXT NOT NULL,
    price_cny   REAL NOT NULL,
    per         TEXT NOT NULL,
    delivery_days INTEGER NOT NULL,
    -- `|haidian|daxing|`; empty for anywhere.
    regions     TEXT NOT NULL,
    floor_m2    REAL,
    valid_until TEXT,
    changed_ms  INTEGER NOT NULL,
    body        TEXT NOT NULL
) STRICT;
CREATE INDEX offer_product ON offer (product, id);
CREATE INDEX offer_organization ON offer (organization, id);

CREATE TABLE need (
    id          TEXT PRIMARY KEY,
    organization TEXT NOT NULL REFERENCES organization (id),
    scenario    TEXT NOT NULL,
    changed_ms  INTEGER NOT NULL,
    body        TEXT NOT NULL
) STRICT;
CREATE INDEX need_scenario ON need (scenario, id);
CREATE INDEX need_organization ON need (organization, id);

-- Of each piece of evidence what ranks its product, kept by a trigger: in the order in which a match reads, without the bodies.
-- Evidence of a seed chosen by hand, or with other thresholds than the job's, says nothing about a need and is left out.
CREATE TABLE evidence_rank (
    scenario    TEXT NOT NULL,
    robot       TEXT NOT NULL,
    evidence    TEXT NOT NULL REFERENCES evidence (digest),
    solution    TEXT NOT NULL,
    parameters  TEXT NOT NULL,
    decision    TEXT NOT NULL,
    robot_digest    TEXT NOT NULL,
    scenario_digest TEXT NOT NULL,
    solution_digest TEXT NOT NULL,
    engine      TEXT NOT NULL,
    -- Least distance of a deciding requirement's lower bound from its required rate.
    margin      REAL,
    PRIMARY KEY (scenario, robot, evidence)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER evidence_ranks AFTER INSERT ON evidence
WHEN NOT json_extract(NEW.body, '$.exploratory') AND coalesce(json_array_length(NEW.body, '$.thresholds'), 0) = 0 BEGIN
    INSERT INTO evidence_rank VALUES (
        NEW.scenario, NEW.robot, NEW.digest, NEW.solution, json_extract(NEW.body, '$.parameters'), NEW.decision,
        NEW.robot_digest, NEW.scenario_digest, NEW.solution_digest, NEW.engine,
        (SELECT min(json_extract(value, '$.low') - json_extract(value, '$.rate_at_least'))
         FROM json_each(NEW.body, '$.requirements') WHERE json_extract(value, '$.decides')));
END;
INSERT INTO evidence_rank
    SELECT scenario, robot, digest, solution, json_extract(body, '$.parameters'), decision,
        robot_digest, scenario_digest, solution_digest, engine,
        (SELECT min(json_extract(value, '$.low') - json_extract(value, '$.rate_at_least'))
         FROM json_each(body, '$.requirements') WHERE json_extract(value, '$.decides'))
    FROM evidence WHERE NOT json_extract(body, '$.exploratory');
