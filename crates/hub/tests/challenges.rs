//! Challenges: what stays secret until the deadline, who may answer, what is refused, and how the answers come to stand.

mod service;
#[path = "../../proving/tests/stranger/mod.rs"]
mod stranger;

use std::io::{Cursor, Write};
use std::sync::atomic::AtomicBool;

use axum::http::{Method, StatusCode};
use base64::Engine as _;
use leitai_package::manifest::AcceptanceManifest;
use leitai_proving::bundle::Bundle;
use leitai_proving::engine::Leitai;
use leitai_proving::key::TrustStore;
use leitai_proving::seal::Seal;
use leitai_proving::verify::{Options, Reexecute, verify};
use serde_json::{Value, json};
use service::people::{self, ask, organize};
use service::{Answer, SCENARIO, Service, short_catalog};

const DAY_MS: u64 = 24 * 3600 * 1000;

/// Asks as the operator, who acts for every organization.
fn post(service: &Service, address: &str, body: &Value) -> Answer {
    ask(service, Method::POST, address, Some(&service.token()), body)
}

fn get(service: &Service, address: &str) -> Value {
    service.get(&format!("/api/v1{address}")).json()
}

/// A hub with organizations of several kinds.
fn service() -> Service {
    let service = Service::new(short_catalog());
    for (id, kind) in [("bureau", "authority"), ("makers", "maker"), ("others", "maker"), ("lab", "institute"), ("shop", "buyer")]
    {
        organize(&service, id, kind);
    }
    service
}

/// A token of somebody who acts for `organization`.
fn member(service: &Service, organization: &str) -> String {
    people::member(service, Some(organization), &format!("of-{organization}"))
}

fn now_ms() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_millis() as u64
}

/// Two trials of the short job, until tomorrow, with a threshold that is nobody's guess.
fn challenge(id: &str) -> Value {
    json!({
        "id": id, "organization": "bureau", "scenario": SCENARIO, "exactly": 2, "sealed": true, "rank_by": "throughput",
        "title": { "zh": "码垛揭榜", "en": "Stacking challenge" }, "text": { "zh": "码得又稳又快。", "en": "Stack well and fast." },
        "prize": { "zh": "十万元", "en": "CNY 100 000" }, "deadline_ms": now_ms() + DAY_MS, "why": "a test",
        "thresholds": [{ "requirement": "placement", "limit": 0.004_321, "unit": "m", "rate_at_least": 0.05 }],
    })
}

fn publish(service: &Service, new: &Value) -> Value {
    let made = post(service, "/challenges", new);
    assert_eq!(made.status, StatusCode::CREATED, "{}", String::from_utf8_lossy(&made.body));
    made.json()
}

fn base64(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// The catalog's solution under another id, a little altered so that its content is another.
fn solution(id: &str) -> String {
    let catalog = short_catalog();
    let text = String::from_utf8(catalog["solutions/block-palletizing/solution.toml"].clone()).expect("text");
    text.replace("id = \"block-palletizing\"", &format!("id = \"{id}\"")).replace("settle_s = 0.15", "settle_s = 0.25")
}

fn zip(members: &[(&str, &[u8])]) -> String {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in members {
        archive.start_file(*name, zip::write::SimpleFileOptions::default()).expect("writes");
        archive.write_all(content).expect("writes");
    }
    base64(archive.finish().expect("ends").get_ref())
}

fn submit(service: &Service, challenge: &str, organization: &str, more: Value) -> Answer {
    let mut body = json!({ "organization": organization, "robot": "ur20" });
    body.as_object_mut().expect("a map").extend(more.as_object().expect("a map").clone());
    post(service, &format!("/challenges/{challenge}/submissions"), &body)
}

fn submitted(service: &Service, challenge: &str, organization: &str, more: Value) -> u64 {
    let answer = submit(service, challenge, organization, more);
    assert_eq!(answer.status, StatusCode::CREATED, "{}", String::from_utf8_lossy(&answer.body));
    answer.json()["number"].as_u64().expect("a number")
}

fn database(service: &Service) -> rusqlite::Connection {
    rusqlite::Connection::open(service.folder.path().join("hub.sqlite")).expect("opens")
}

/// Every GET of the API as a stranger and as the operator, and the whole ledger with its bodies.
fn all_that_is_told(service: &Service, id: &str) -> String {
    let document = get(service, "/openapi.json");
    let mut told = String::new();
    for (path, operations) in document["paths"].as_object().expect("paths") {
        if operations.get("get").is_none() {
            continue;
        }
        let address = path.replace("{id}", id).replace("{digest}", id).replace(['{', '}'], "");
        for headers in [&[][..], &[("authorization", service.token().as_str())][..]] {
            let answer = service.ask(Method::GET, &format!("/api/v1{address}"), headers, &[]);
            assert!(!answer.status.is_server_error(), "{address}");
            told += &String::from_utf8_lossy(&answer.body);
        }
    }
    let database = database(service);
    let mut statement = database.prepare("SELECT who || what || subject || why || body FROM ledger").expect("a query");
    let rows = statement.query_map([], |row| row.get::<_, String>(0)).expect("rows");
    rows.for_each(|row| told += &row.expect("text"));
    told
}

#[test]
fn a_challenge_takes_its_course_and_keeps_its_secret_until_the_deadline() {
    let service = service();
    let made = publish(&service, &challenge("stack-2026"));
    assert_eq!((&made["state"], &made["thresholds"], &made["secret"]), (&"open".into(), &Value::Null, &Value::Null));
    assert_eq!(made["requirements"][0]["predicate"], "placement_offset_m <= 0.005", "the scenario's own, for now");
    let kept: String = database(&service).query_row("SELECT body FROM challenge_secret", [], |row| row.get(0)).expect("kept");
    let kept: Value = serde_json::from_str(&kept).expect("JSON");
    let word = |name: &str| kept["secret"][name].as_str().expect("a word").to_string();
    let (seed, nonce) = (word("seed"), word("nonce"));

    // Two answer alike, one differently; the first of `lab` does not count.
    submitted(&service, "stack-2026", "lab", json!({ "solution": "block-palletizing" }));
    submitted(&service, "stack-2026", "makers", json!({ "solution": "block-palletizing" }));
    submitted(&service, "stack-2026", "others", json!({ "solution": "block-palletizing" }));
    let files = json!({ "files": { "solution.toml": base64(solution("lab-way").as_bytes()) } });
    assert_eq!(submitted(&service, "stack-2026", "lab", files), 4);
    let told = all_that_is_told(&service, "stack-2026");
    for secret in [seed.as_str(), nonce.as_str(), "0.004321", "lab-way"] {
        assert!(!told.contains(secret), "{secret} is told before the deadline");
    }
    assert!(told.contains(made["commitment"].as_str().expect("a digest")));

    // The rehearsal is the same claim but for what is secret.
    let rehearsal = service.get("/api/v1/challenges/stack-2026/acceptance");
    let rehearsal = AcceptanceManifest::parse("a.toml", &String::from_utf8_lossy(&rehearsal.body)).expect("an acceptance file");
    assert!(rehearsal.seal.is_none() && rehearsal.require.is_empty() && rehearsal.trial.exactly == Some(2));
    service.hub.work_off().expect("works");
    assert_eq!(get(&service, "/challenges/stack-2026")["state"], "open", "nothing happens before the deadline");

    service.hub.advance(DAY_MS + 1000);
    assert_eq!(get(&service, "/challenges/stack-2026")["state"], "closed", "at once, whenever the worker notices");
    let late = submit(&service, "stack-2026", "makers", json!({ "solution": "block-palletizing" }));
    assert_eq!((late.status, &late.json()["type"]), (StatusCode::CONFLICT, &"other-state".into()));
    service.hub.work_off().expect("works");

    let ended = get(&service, "/challenges/stack-2026");
    assert_eq!((&ended["state"], &ended["secret"]["seed"]), (&"ranked".into(), &seed.into()));
    assert_eq!(ended["requirements"][0]["predicate"], "placement_offset_m <= 0.004321");
    let file = service.get("/api/v1/challenges/stack-2026/acceptance");
    let file = AcceptanceManifest::parse("a.toml", &String::from_utf8_lossy(&file.body)).expect("an acceptance file");
    let revealed = file.seal.as_ref().expect("a seal");
    let seal = Seal::revealed(revealed, &file.scenario, &file.require).expect("what was sealed");
    assert_eq!(seal.commitment().to_string(), made["commitment"].as_str().expect("a digest"));

    let board = get(&service, "/challenges/stack-2026/leaderboard");
    let rows = board["rows"].as_array().expect("rows");
    let stands: Vec<_> =
        rows.iter().map(|row| (row["rank"].as_u64(), row["submission"]["organization"].as_str().expect("an id"))).collect();
    assert_eq!(stands.len(), 3, "one of each organization: {board}");
    let rank_of = |organization: &str| stands.iter().find(|(_, one)| *one == organization).expect("a row").0;
    assert_eq!(rank_of("makers"), rank_of("others"), "the same answer, the same rank");
    assert!(rows.iter().all(|row| row["rank"].is_u64() && row["evidence"].is_string()), "{board}");
    let lab = rows.iter().find(|row| row["submission"]["organization"] == "lab").expect("a row");
    assert_eq!((&lab["submission"]["number"], &lab["submission"]["content"]["solution"]), (&4.into(), &"lab-way".into()));

    // Anyone takes the evidence of a row away and runs it again.
    let digest = lab["evidence"].as_str().expect("a digest");
    let bundle = Bundle::from_bytes(&service.get(&format!("/evidence/{digest}/bundle")).body).expect("intact");
    assert!(!bundle.evidence.verdict.exploratory);
    let all = Options { reexecute: Reexecute::All, fresh: 0, seed: 1, jobs: 2 };
    verify(&bundle, &Leitai, &TrustStore::default(), &all, &AtomicBool::new(false), &mut |_, _| {}).expect("the same bits");
    assert!(leitai_hub::check(service.folder.path(), true, &mut |_, _, _| {}).expect("opens").findings.is_empty());
    let told = get(&service, "/ledger?subject=challenge/stack-2026");
    let words: Vec<_> =
        told["items"].as_array().expect("entries").iter().map(|entry| entry["what"].as_str().expect("a word")).collect();
    let answers = ["submission.made"; 4];
    assert_eq!(
        words,
        [&["challenge.ranked", "challenge.revealed", "challenge.closed"][..], &answers, &["challenge.published"]].concat()
    );
}

/// Broken off between any two steps and opened anew, a challenge ends as it would have.
#[test]
fn a_challenge_that_breaks_off_at_its_end_goes_on() {
    let service = service();
    publish(&service, &challenge("stack"));
    submitted(&service, "stack", "lab", json!({ "solution": "block-palletizing" }));
    // As if the clock had reached the deadline, then a kill after the first step.
    let database = database(&service);
    database.execute_batch("UPDATE challenge SET state = 'closed'").expect("writes");
    let again = Service::again(short_catalog(), service.folder.clone());
    again.hub.advance(DAY_MS + 1000);
    again.hub.work_off().expect("works");
    assert_eq!(get(&again, "/challenges/stack")["state"], "ranked");
    // And once more after the last proof, before the ranks.
    let board = get(&again, "/challenges/stack/leaderboard")["rows"].clone();
    database
        .execute_batch("UPDATE challenge SET state = 'revealed'; UPDATE standing SET rank = NULL, score = NULL")
        .expect("writes");
    let again = Service::again(short_catalog(), service.folder.clone());
    again.hub.work_off().expect("works");
    assert_eq!(get(&again, "/challenges/stack/leaderboard")["rows"], board);
    let proofs: u64 = database.query_row("SELECT count(*) FROM proof", [], |row| row.get(0)).expect("a count");
    assert_eq!(proofs, 1, "nothing is run twice");
}

#[test]
fn what_is_hostile_or_does_not_fit_is_refused_and_leaves_nothing() {
    let service = service();
    let mut new = challenge("stack");
    new["robots"] = json!(["ur20"]);
    publish(&service, &new);
    let good = solution("mine");
    let zeros = vec![0; 8 << 20];
    let many: Vec<String> = (0..100).map(|i| format!("f{i}")).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|name| (name.as_str(), &b"x"[..])).collect();
    let one = |name: &str, text: &str| json!({ "files": { name: base64(text.as_bytes()) } });
    let cases = [
        ("nothing", json!({}), "give one of"),
        ("two ways", json!({ "solution": "block-palletizing", "zip": zip(&[]) }), "give one of"),
        ("no such solution", json!({ "solution": "stacking-by-magic" }), "there is no solution"),
        ("no such robot", json!({ "solution": "block-palletizing", "robot": "ur10e" }), "only these robots"),
        ("no zip", json!({ "zip": base64(b"PK\x03\x04 no archive") }), "cannot be read"),
        ("traversal", json!({ "zip": zip(&[("../../hub.sqlite", b"x"), ("solution.toml", good.as_bytes())]) }), "not plain"),
        ("absolute", one("/etc/passwd", "x"), "not plain"),
        ("bomb", json!({ "zip": zip(&[("solution.toml", good.as_bytes()), ("zeros", &zeros)]) }), "MiB unpacked"),
        ("many", json!({ "zip": zip(&many) }), "more than 16 files"),
        ("no manifest", one("readme.txt", "x"), "no solution.toml"),
        ("no toml", one("solution.toml", "[["), "solution.toml"),
        ("a field nobody knows", one("solution.toml", &format!("{good}\nseed = 1\n")), "solution.toml"),
        ("another job", one("solution.toml", &good.replace("[\"con-block-palletizing\"]", "[\"another-job\"]")), "another-job"),
        ("not base64", json!({ "files": { "solution.toml": "%%%" } }), "not base64"),
    ];
    for (name, more, said) in cases {
        let answer = submit(&service, "stack", "lab", more);
        assert!(matches!(answer.status, StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND), "{name}: {}", answer.status);
        let problem = answer.json();
        let text = format!("{} {}", problem["title"]["en"], problem["detail"]["en"]);
        assert!(text.contains(said), "{name}: {text}");
    }
    let huge = submit(&service, "stack", "lab", json!({ "zip": "A".repeat(8 << 20) }));
    assert_eq!(huge.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(
        submit(&service, "stack", "nobody-here", json!({ "solution": "block-palletizing" })).status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(submit(&service, "other", "lab", json!({ "solution": "block-palletizing" })).status, StatusCode::NOT_FOUND);
    assert_eq!(get(&service, "/challenges/stack")["submissions"], 0);
    assert_eq!(get(&service, "/ledger?subject=challenge/stack")["total"], 1);
}

/// A module in which `step` is the stranger's own.
fn module(step: &str) -> Vec<u8> {
    wat::parse_str(stranger::module(step)).expect("a module")
}

fn controller(wasm: &[u8]) -> Value {
    json!({ "zip": zip(&[("mine/solution.toml", stranger::MANIFEST.as_bytes()), ("mine/controller.wasm", wasm)]) })
}

#[test]
fn a_hostile_module_is_a_failed_row_and_nothing_else() {
    let service = service();
    publish(&service, &challenge("stack"));
    let no_module = submit(&service, "stack", "makers", controller(b"\0asm no module"));
    assert_eq!(no_module.status, StatusCode::BAD_REQUEST, "{}", String::from_utf8_lossy(&no_module.body));
    let imports = wat::parse_str(r#"(module (import "env" "open" (func)))"#).expect("a module");
    assert_eq!(submit(&service, "stack", "makers", controller(&imports)).status, StatusCode::BAD_REQUEST);
    submitted(&service, "stack", "makers", controller(&module("(loop (br 0)) i32.const 0")));
    submitted(&service, "stack", "others", controller(&module("unreachable")));
    submitted(&service, "stack", "lab", json!({ "solution": "block-palletizing" }));
    service.hub.advance(DAY_MS + 1000);
    service.hub.work_off().expect("works");
    let board = get(&service, "/challenges/stack/leaderboard");
    let rows = board["rows"].as_array().expect("rows");
    assert_eq!(rows.len(), 3);
    let row = |organization: &str| rows.iter().find(|row| row["submission"]["organization"] == organization).expect("a row");
    for (organization, said) in [("makers", "fuel"), ("others", "unreachable")] {
        let row = row(organization);
        assert_eq!(row["score"]["decision"], "refuted", "{row}");
        let evidence = get(&service, &format!("/evidence/{}", row["evidence"].as_str().expect("a digest")));
        let failure = evidence["failures"][0]["what"].as_str().expect("a cause");
        assert!(failure.contains(said), "{organization}: {failure}");
    }
    assert_eq!(get(&service, "/challenges/stack")["state"], "ranked");
    assert!(leitai_hub::check(service.folder.path(), true, &mut |_, _, _| {}).expect("opens").findings.is_empty());
}

#[test]
fn an_answer_is_its_own_organizations_until_the_end_and_experts_speak_after() {
    let service = service();
    publish(&service, &challenge("stack"));
    let [lab, makers, shop] = ["lab", "makers", "shop"].map(|organization| member(&service, organization));
    let to = |address: &str| format!("/challenges/stack{address}");
    let answer = |token: &str, organization: &str| {
        let body = json!({ "organization": organization, "robot": "ur20", "solution": "block-palletizing" });
        ask(&service, Method::POST, &to("/submissions"), Some(token), &body)
    };
    assert_eq!(answer(&shop, "shop").json()["type"], "not-allowed");
    assert_eq!(answer(&makers, "lab").json()["type"], "not-yours");
    assert_eq!(answer(&lab, "lab").status, StatusCode::CREATED);
    let content = |token: &str| {
        ask(&service, Method::GET, &to("/submissions"), Some(token), &Value::Null).json()["items"][0]["content"].clone()
    };
    assert_eq!(content(&lab)["solution"], "block-palletizing");
    for stranger in [makers.as_str(), "", &service.token()] {
        assert_eq!(content(stranger), Value::Null);
    }
    let comment = |token: &str, body: Value| ask(&service, Method::POST, &to("/comments"), Some(token), &body);
    assert_eq!(comment(&makers, json!({ "organization": "makers", "text": "Good." })).json()["type"], "not-allowed");
    assert_eq!(comment(&lab, json!({ "organization": "lab", "text": "题目合理。" })).status, StatusCode::CREATED);
    let about = json!({ "organization": "lab", "submission": 1, "text": "Well placed." });
    assert_eq!(comment(&lab, about.clone()).json()["type"], "other-state");
    service.hub.advance(DAY_MS + 1000);
    service.hub.work_off().expect("works");
    assert_eq!(content(&makers)["solution"], "block-palletizing");
    assert_eq!(comment(&lab, about).status, StatusCode::CREATED);
    let said = get(&service, &to("/comments"));
    assert_eq!((said["total"].as_u64(), &said["items"][1]["submission"]), (Some(2), &1.into()));
    assert!(database(&service).execute("UPDATE comment SET text = 'other'", []).is_err(), "append-only");
}

#[test]
fn a_challenge_is_withdrawn_only_before_it_is_answered() {
    let service = service();
    publish(&service, &challenge("first"));
    publish(&service, &challenge("second"));
    assert_eq!(post(&service, "/challenges", &challenge("first")).json()["type"], "id-taken");
    let maker = member(&service, "makers");
    let withdraw = |id: &str, token: &str| {
        ask(&service, Method::POST, &format!("/challenges/{id}/withdrawal"), Some(token), &json!({ "why": "a mistake" }))
    };
    assert_eq!(withdraw("first", &maker).json()["type"], "not-yours");
    assert_eq!(withdraw("first", &service.token()).json()["state"], "withdrawn");
    assert_eq!(withdraw("first", &service.token()).status, StatusCode::CONFLICT);
    submitted(&service, "second", "lab", json!({ "solution": "block-palletizing" }));
    assert_eq!(withdraw("second", &service.token()).status, StatusCode::CONFLICT);
    assert_eq!(submit(&service, "first", "lab", json!({ "solution": "block-palletizing" })).status, StatusCode::CONFLICT);
    assert_eq!(get(&service, "/challenges?state=withdrawn")["items"][0]["id"], "first");
}

#[test]
fn a_publisher_who_keeps_the_secret_reveals_what_was_sealed_and_nothing_else() {
    let service = service();
    let scenario = publish(&service, &challenge("to-learn-the-digest"))["scenario_digest"].clone();
    let hex = |digit: &str| digit.repeat(64);
    let thresholds = challenge("own")["thresholds"].clone();
    // What a publisher computes at home.
    let text = format!(
        "[scenario]\nid = \"{SCENARIO}\"\ndigest = {scenario}\n[[require]]\nrequirement = \"placement\"\nlimit = 0.004321\nunit = \"m\"\nrate_at_least = 0.05\n"
    );
    let file = AcceptanceManifest::parse("a.toml", &text).expect("an acceptance file");
    let subject =
        leitai_proving::claim::Subject { id: file.scenario.id.clone(), digest: file.scenario.digest.parse().expect("a digest") };
    let parse = |digit: &str| hex(digit).parse().expect("a digest");
    let seal =
        Seal { challenge: "own".to_string(), scenario: subject, thresholds: file.require, seed: parse("1"), nonce: parse("2") };
    let mut new = challenge("own");
    new["commitment"] = seal.commitment().to_string().into();
    assert_eq!(post(&service, "/challenges", &new).status, StatusCode::BAD_REQUEST, "secret thresholds are not sent");
    new["thresholds"] = json!([]);
    publish(&service, &new);
    submitted(&service, "own", "lab", json!({ "solution": "block-palletizing" }));
    let reveal = |seed: &str| {
        let shown = json!({ "seed": hex(seed), "nonce": hex("2"), "thresholds": thresholds });
        post(&service, "/challenges/own/reveal", &shown)
    };
    assert_eq!(reveal("1").status, StatusCode::CONFLICT, "not before the deadline");
    service.hub.advance(DAY_MS + 1000);
    service.hub.work_off().expect("works");
    assert_eq!(get(&service, "/challenges/own")["state"], "closed", "the hub has nothing to reveal");
    let other = reveal("3");
    assert_eq!(other.status, StatusCode::BAD_REQUEST);
    assert!(other.json()["detail"]["en"].as_str().expect("text").contains("was not what was sealed"), "{}", other.json());
    assert_eq!(reveal("1").json()["state"], "revealed");
    assert_eq!(reveal("1").status, StatusCode::CONFLICT, "once");
    service.hub.work_off().expect("works");
    assert_eq!(get(&service, "/challenges/own")["state"], "ranked");
    assert!(leitai_hub::check(service.folder.path(), true, &mut |_, _, _| {}).expect("opens").findings.is_empty());
}

#[test]
fn what_cannot_be_asked_is_not_published() {
    let service = service();
    let refused = |change: &dyn Fn(&mut Value)| {
        let mut new = challenge("stack");
        change(&mut new);
        let answer = post(&service, "/challenges", &new);
        assert!(answer.status.is_client_error(), "{}", answer.status);
        answer.json()["detail"]["en"].as_str().expect("text").to_string()
    };
    assert!(refused(&|new| new["deadline_ms"] = json!(now_ms() - 1)).contains("ahead"));
    assert!(refused(&|new| new["parameters"] = json!({ "mass": 1.0 })).contains("no parameter `mass`"));
    assert!(refused(&|new| new["parameters"] = json!({ "block_mass_kg": 500.0 })).contains("outside the scenario's range"));
    assert!(refused(&|new| new["thresholds"][0]["requirement"] = json!("speed")).contains("no requirement `speed`"));
    assert!(refused(&|new| new["thresholds"][0]["unit"] = json!("mm")).contains("is in m"));
    assert!(refused(&|new| new["thresholds"][0]["rate_at_least"] = json!(95.0)).contains("write 0.95 for 95 %"));
    assert!(refused(&|new| new["exactly"] = json!(1_000_000)).contains("1 to 2000 trials"));
    assert!(refused(&|new| new["most"] = json!(3)).contains("not both"));
    assert!(refused(&|new| new["rank_by"] = json!("beauty")).contains("no requirement `beauty`"));
    assert!(refused(&|new| new["commitment"] = json!("abc")).contains("64"));
    refused(&|new| new["scenario"] = json!("no-such-job"));
    refused(&|new| new["robots"] = json!(["no-such-robot"]));
    refused(&|new| new["organization"] = json!("nobody-here"));
    refused(&|new| new["title"] = json!({ "zh": "", "en": "x" }));
    assert_eq!(get(&service, "/challenges")["total"], 0);
}
