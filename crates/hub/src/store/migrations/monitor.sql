-- What the monitor counts, and what people report.

-- Tools and other parts of the catalog.
CREATE TABLE part (
    id          TEXT PRIMARY KEY,
    digest      TEXT NOT NULL,
    body        TEXT NOT NULL
) STRICT;

-- Proofs that this hub has run a sample of again, with the same bits: what executed figures count. Kept by triggers, numbered as
-- they come, so that a reader who knows some of them reads only the others. A seed chosen by hand proves nothing.
CREATE TABLE confirmed (
    number      INTEGER PRIMARY KEY,
    evidence    TEXT NOT NULL UNIQUE REFERENCES evidence (digest),
    robot       TEXT NOT NULL,
    scenario    TEXT NOT NULL,
    solution    TEXT NOT NULL,
    robot_digest    TEXT NOT NULL,
    scenario_digest TEXT NOT NULL,
    solution_digest TEXT NOT NULL,
    engine      TEXT NOT NULL,
    since_ms    INTEGER NOT NULL
) STRICT;
CREATE INDEX confirmed_scenario ON confirmed (scenario, robot);
CREATE VIEW confirmed_found AS
    SELECT e.digest AS evidence, e.robot, e.scenario, e.solution, e.robot_digest, e.scenario_digest, e.solution_digest, e.engine,
           e.published_ms AS since_ms
    FROM evidence e JOIN evidence_check c ON c.evidence = e.digest
    WHERE c.state = 'agrees' AND e.decision = 'proved' AND NOT json_extract(e.body, '$.exploratory');
CREATE TRIGGER confirmed_later AFTER UPDATE OF state ON evidence_check WHEN NEW.state = 'agrees' AND OLD.state <> 'agrees' BEGIN
    INSERT INTO confirmed (evidence, robot, scenario, solution, robot_digest, scenario_digest, solution_digest, engine, since_ms)
        SELECT * FROM confirmed_found WHERE evidence = NEW.evidence;
END;
CREATE TRIGGER confirmed_at_once AFTER INSERT ON evidence_check WHEN NEW.state = 'agrees' BEGIN
    INSERT INTO confirmed (evidence, robot, scenario, solution, robot_digest, scenario_digest, solution_digest, engine, since_ms)
        SELECT * FROM confirmed_found WHERE evidence = NEW.evidence;
END;
INSERT INTO confirmed (evidence, robot, scenario, solution, robot_digest, scenario_digest, solution_digest, engine, since_ms)
    SELECT * FROM confirmed_found ORDER BY since_ms, evidence;

-- A file of reported figures that somebody imported. `digest` is over the file and its source: the same again changes nothing.
CREATE TABLE import (
    digest      TEXT PRIMARY KEY,
    at_ms       INTEGER NOT NULL,
    who         TEXT NOT NULL,
    publisher   TEXT NOT NULL,
    title       TEXT NOT NULL,
    date        TEXT NOT NULL,
    url         TEXT,
    rows        INTEGER NOT NULL
) STRICT;
CREATE INDEX import_time ON import (at_ms DESC, digest);
-- Its rows. A later one about the same indicator, period and district supersedes an earlier one, and both stay.
CREATE TABLE reported (
    number      INTEGER PRIMARY KEY,
    import      TEXT NOT NULL REFERENCES import (digest),
    line        INTEGER NOT NULL,
    indicator   TEXT NOT NULL,
    period      TEXT NOT NULL,
    -- Last day of the period, so that periods have an order.
    ends        TEXT NOT NULL,
    -- Empty for the whole city.
    district    TEXT NOT NULL,
    value       REAL NOT NULL,
    note        TEXT NOT NULL,
    superseded_by INTEGER REFERENCES reported (number)
) STRICT;
CREATE INDEX reported_import ON reported (import, line);
CREATE INDEX reported_key ON reported (indicator, district, period, number);
CREATE INDEX reported_standing ON reported (indicator, district, ends DESC, period) WHERE superseded_by IS NULL;
