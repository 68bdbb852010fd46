//! Challenges on a hub that is killed around their deadlines.

mod common;

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use common::running::Running;
use common::{copy_package, home, run};
use leitai_math::Seed;
use serde_json::{Value, json};

const SCENARIO: &str = "con-block-palletizing";

/// How often the hub is killed; `LEITAI_KILLS=200` for the whole bar of docs/hub.md.
fn kills() -> u64 {
    std::env::var("LEITAI_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(6)
}

fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_millis() as u64
}

/// A catalog whose job ends after one simulated second.
fn short_catalog(home: &Path) -> String {
    let folder = home.join("catalog/scenarios").join(SCENARIO);
    copy_package(&format!("scenarios/{SCENARIO}"), &folder);
    let file = folder.join("scenario.toml");
    let text = std::fs::read_to_string(&file).expect("reads").replace("duration_s = 160.0", "duration_s = 1.0");
    std::fs::write(file, text).expect("writes");
    home.join("catalog").display().to_string()
}

/// Killed at random moments from before a deadline until its answers are ranked: every answer that was taken counts once, every
/// challenge ends, and the ranks are those of an undisturbed hub.
#[test]
fn a_kill_around_a_deadline_changes_nothing() {
    let home = home();
    let home = home.path();
    let catalog = short_catalog(home);
    let start = || Running::with(home, &["--catalog", &catalog]);
    let hub = start();
    let token = std::fs::read_to_string(home.join(".local/share/leitai/hub/token")).expect("a token");
    for (id, kind) in [("bureau", "authority"), ("one", "maker"), ("two", "maker"), ("three", "maker")] {
        let stated = json!({ "name": { "zh": "测试机构", "en": id }, "kind": kind, "why": "a test" });
        hub.send("PUT", &format!("/api/v1/organizations/{id}"), &token, &stated).expect("taken");
    }
    drop(hub);
    let mut draw = Seed::from_number(7).stream("kills");
    let mut taken: BTreeSet<(String, &str)> = BTreeSet::new();
    let mut published = Vec::new();
    for round in 0..kills() {
        let hub = start();
        let id = format!("round-{round}");
        let new = json!({
            "id": id, "organization": "bureau", "scenario": SCENARIO, "exactly": 1, "rank_by": "throughput", "why": "a test",
            "title": { "zh": "题", "en": "T" }, "text": { "zh": "文", "en": "T" }, "prize": { "zh": "奖", "en": "P" },
            "deadline_ms": now_ms() + 1500,
        });
        if hub.send("POST", "/api/v1/challenges", &token, &new).is_some() {
            published.push(id.clone());
        }
        // Two alike that fail, and an arm that cannot reach.
        for (organization, robot) in [("one", "ur20"), ("two", "ur20"), ("three", "kuka-iiwa14")] {
            let answer = json!({ "organization": organization, "robot": robot, "solution": "block-palletizing" });
            if hub.send("POST", &format!("/api/v1/challenges/{id}/submissions"), &token, &answer).is_some() {
                taken.insert((id.clone(), organization));
            }
        }
        std::thread::sleep(Duration::from_micros(draw.uniform(0.0, 3_000_000.0) as u64));
        drop(hub);
        let checked = run(home, "hub check");
        assert_eq!(checked.code, Some(0), "{}{}", checked.stdout, checked.stderr);
    }
    assert!(!taken.is_empty(), "no answer was ever taken");
    let hub = start();
    for id in &published {
        let began = Instant::now();
        while hub.ask(&format!("/api/v1/challenges/{id}"))["state"] != "ranked" {
            assert!(began.elapsed() < Duration::from_secs(300), "{id} does not end");
            std::thread::sleep(Duration::from_millis(200));
        }
        let board = hub.ask(&format!("/api/v1/challenges/{id}/leaderboard"));
        let rows = board["rows"].as_array().expect("rows");
        let of = |row: &Value| row["submission"]["organization"].as_str().expect("an id").to_string();
        let found: Vec<String> = rows.iter().map(&of).collect();
        assert_eq!(found.iter().collect::<BTreeSet<_>>().len(), found.len(), "{id}: none twice");
        for (_, organization) in taken.iter().filter(|(challenge, _)| challenge == id) {
            assert!(found.iter().any(|one| one == organization), "{id}: the answer of {organization} is lost");
        }
        // Whoever failed alike has the same rank; who cannot reach comes after them.
        let failed = rows.iter().filter(|row| of(row) != "three").count() as u64;
        for row in rows {
            let wanted = if of(row) == "three" { 1 + failed } else { 1 };
            assert_eq!(row["rank"], wanted, "{id}: {row}");
        }
        let told = hub.ask(&format!("/api/v1/ledger?per_page=200&subject=challenge/{id}"));
        for step in ["challenge.published", "challenge.closed", "challenge.revealed", "challenge.ranked"] {
            let entries = told["items"].as_array().expect("entries").iter().filter(|entry| entry["what"] == step).count();
            assert_eq!(entries, 1, "{id}: {step}");
        }
        let proofs = hub.ask(&format!("/api/v1/proofs?origin=challenge/{id}"));
        assert_eq!(proofs["total"], rows.len(), "{id}: each answer is run once");
    }
    drop(hub);
    let checked = run(home, "hub check");
    assert_eq!(checked.code, Some(0), "{}{}", checked.stdout, checked.stderr);
}
