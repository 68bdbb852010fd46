-- Products and scenarios are listed and searched from memory (store/shelf.rs), which needs to know when they change.
DROP TABLE search;
DROP TABLE product_sector;
ALTER TABLE product DROP COLUMN class;
ALTER TABLE product DROP COLUMN payload_kg;
ALTER TABLE product DROP COLUMN reach_m;
ALTER TABLE product DROP COLUMN standing;
DROP INDEX scenario_sector;
ALTER TABLE scenario DROP COLUMN sector;
CREATE TABLE catalog_change (count INTEGER NOT NULL) STRICT;
INSERT INTO catalog_change VALUES (1);
CREATE TRIGGER product_inserted AFTER INSERT ON product BEGIN UPDATE catalog_change SET count = count + 1; END;
CREATE TRIGGER product_updated AFTER UPDATE ON product BEGIN UPDATE catalog_change SET count = count + 1; END;
CREATE TRIGGER product_deleted AFTER DELETE ON product BEGIN UPDATE catalog_change SET count = count + 1; END;
CREATE TRIGGER scenario_inserted AFTER INSERT ON scenario BEGIN UPDATE catalog_change SET count = count + 1; END;
CREATE TRIGGER scenario_updated AFTER UPDATE ON scenario BEGIN UPDATE catalog_change SET count = count + 1; END;
CREATE TRIGGER scenario_deleted AFTER DELETE ON scenario BEGIN UPDATE catalog_change SET count = count + 1; END;

-- Evidence is listed in the order in which it was published, which is that of its rows; every index ends in the row's number.
DROP INDEX evidence_robot;
DROP INDEX evidence_scenario;
DROP INDEX evidence_decision;
DROP INDEX evidence_time;
CREATE INDEX evidence_robot ON evidence (robot);
CREATE INDEX evidence_robot_scenario ON evidence (robot, scenario);
CREATE INDEX evidence_robot_decision ON evidence (robot, decision);
CREATE INDEX evidence_scenario ON evidence (scenario);
CREATE INDEX evidence_scenario_decision ON evidence (scenario, decision);
CREATE INDEX evidence_decision ON evidence (decision);
