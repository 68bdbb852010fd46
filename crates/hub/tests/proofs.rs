//! Proofs that the hub runs itself: asked for, run, published, taken back.

mod service;

use std::sync::atomic::AtomicBool;

use axum::http::{Method, StatusCode};
use leitai_proving::engine::{self, Case, prove};
use leitai_proving::key::PublicKey;
use serde_json::{Value, json};
use service::{Answer, SCENARIO, Service, people, short_catalog};

/// Asks as the operator.
fn ask(service: &Service, method: Method, address: &str, body: &Value) -> Answer {
    people::ask(service, method, address, Some(&service.token()), body)
}

/// Two trials of one simulated second, which no robot finishes.
fn wanted() -> Value {
    json!({ "robot": "ur20", "scenario": SCENARIO, "trials": 2, "why": "a test" })
}

/// A maker's token.
fn maker(service: &Service, account: &str) -> String {
    people::organize(service, "makers", "maker");
    people::member(service, Some("makers"), account)
}

/// What `leitai prove` would make of the same claim on this machine.
fn proved_here() -> String {
    let request = engine::Request {
        robot: "ur20".to_string(),
        scenario: SCENARIO.to_string(),
        trials: Some(2),
        ..engine::Request::default()
    };
    let case = Case::open(&short_catalog(), &request).expect("opens");
    let options = engine::Options { jobs: 1, journal: None, resume: false, controls: true, stop: &AtomicBool::new(false) };
    prove(&case, &options, &mut |_| {}).expect("the run ends").evidence.digest().to_string()
}

#[test]
fn a_claim_is_proved_once_and_its_evidence_is_the_one_that_anybody_makes() {
    let service = Service::new(short_catalog());
    let asked = ask(&service, Method::POST, "/proofs", &wanted());
    assert_eq!(asked.status, StatusCode::CREATED, "{}", String::from_utf8_lossy(&asked.body));
    let proof = &asked.json()["proof"];
    assert_eq!((&proof["id"], &proof["state"], &proof["most"]), (&1.into(), &"queued".into(), &2.into()));
    let again = ask(&service, Method::POST, "/proofs", &wanted());
    assert_eq!((again.status, &again.json()["proof"]["id"]), (StatusCode::OK, &1.into()), "it waits already");
    service.hub.work_off().expect("works");
    let proof = service.get("/api/v1/proofs/1").json();
    assert_eq!((&proof["state"], &proof["decision"], &proof["trials"]), (&"done".into(), &"refuted".into(), &2.into()));
    assert_eq!(proof["requirements"][0]["trials"], 2, "{proof}");
    assert_eq!(proof["evidence"], proved_here());
    let address = format!("/api/v1/evidence/{}", proof["evidence"].as_str().expect("a digest"));
    let evidence = service.get(&address).json();
    let key = service.get("/api/v1/key").json();
    assert_eq!((&evidence["signature"]["key"], &evidence["signature"]["trusted_as"]), (&key["id"], &"this hub".into()));
    assert_eq!(
        PublicKey::from_pem(key["public"].as_str().expect("text")).expect("a key").id(),
        key["id"].as_str().expect("text")
    );
    assert_eq!((&evidence["check"]["state"], &evidence["requirements"]), (&"agrees".into(), &proof["requirements"]));
    let third = ask(&service, Method::POST, "/proofs", &wanted());
    assert_eq!((third.status, &third.json()["evidence"]["digest"]), (StatusCode::OK, &proof["evidence"]));
    let told = service.get("/api/v1/ledger?subject=proof/1").json();
    let words: Vec<_> = told["items"].as_array().expect("entries").iter().map(|entry| entry["what"].clone()).collect();
    assert_eq!(words, ["proof.done", "proof.started", "proof.asked"]);
    assert_eq!(service.get("/api/v1/proofs?state=done&robot=ur20").json()["total"], 1);
    assert_eq!(service.get("/api/v1/proofs?state=queued").json()["total"], 0);
    assert!(leitai_hub::check(service.folder.path(), true, &mut |_, _, _| {}).expect("opens").findings.is_empty());
    let database = rusqlite::Connection::open(service.folder.path().join("hub.sqlite")).expect("opens");
    database.execute("UPDATE proof_run SET evidence = 'another'", []).expect("writes");
    assert!(
        leitai_hub::check(service.folder.path(), true, &mut |_, _, _| {}).expect("opens").findings[0]
            .en
            .starts_with("proof 1 is done")
    );
    assert_eq!(std::fs::read_dir(service.folder.path().join("proofs")).expect("a folder").count(), 0);
    let again = Service::again(short_catalog(), service.folder.clone());
    assert_eq!(again.get("/api/v1/key").json(), key, "one key for all its life");
}

#[test]
fn a_wrong_wish_is_told_what_to_change() {
    let service = Service::new(short_catalog());
    let changed = |name: &str, value: Value| {
        let mut body = wanted();
        body[name] = value;
        let answer = ask(&service, Method::POST, "/proofs", &body);
        assert_eq!((answer.status, &answer.json()["type"]), (StatusCode::BAD_REQUEST, &"wrong-request".into()), "{name}");
        answer.json()["detail"]["en"].as_str().expect("text").to_string()
    };
    assert!(changed("robot", json!("ur21")).contains("did you mean `ur20`"));
    assert!(changed("scenario", json!("nowhere")).contains(SCENARIO));
    assert!(changed("solution", json!("nothing")).contains("solution"));
    assert!(changed("parameters", json!({ "block_mass_kg": 1e6 })).contains("is outside its range"));
    assert!(changed("parameters", json!({ "block_mas_kg": 5 })).contains("did you mean `block_mass_kg`"));
    assert!(changed("trials", json!(0)).contains("1 to 10000"));
    assert!(changed("trials", json!(1_000_000)).contains("1 to 10000"));
    assert!(changed("most", json!(100)).contains("give one of the two"));
    assert!(changed("why", json!(" ")).contains("why"));
    assert!(changed("seed", json!(7)).contains("unknown field"), "seeds follow from the claim");
    assert_eq!(service.get("/api/v1/proofs").json()["total"], 0);
}

#[test]
fn one_account_fills_no_queue_and_takes_back_its_own_alone() {
    let service = Service::new(short_catalog());
    let (wang, li) = (maker(&service, "wang"), maker(&service, "li"));
    let want = |mass: u64| {
        let mut body = wanted();
        body["parameters"] = json!({ "block_mass_kg": mass });
        people::ask(&service, Method::POST, "/proofs", Some(&wang), &body)
    };
    for mass in 1..=8 {
        assert_eq!(want(mass).status, StatusCode::CREATED);
    }
    let full = want(9);
    assert_eq!((full.status, &full.json()["type"]), (StatusCode::TOO_MANY_REQUESTS, &"queue-full".into()));
    assert_eq!(want(8).status, StatusCode::OK, "what waits already takes no place");
    assert_eq!(service.get("/api/v1/proofs/8").json()["ahead"], 7);
    let cancel = |bearer: &str, id: u64| {
        people::ask(&service, Method::DELETE, &format!("/proofs/{id}"), Some(bearer), &json!({ "why": "not needed" }))
    };
    assert_eq!(cancel(&li, 3).json()["type"], "not-yours");
    assert_eq!(cancel(&wang, 3).json()["state"], "canceled");
    assert_eq!(cancel(&wang, 3).status, StatusCode::CONFLICT);
    assert_eq!(cancel(&service.token(), 4).json()["state"], "canceled", "the operator may");
    assert_eq!(cancel(&wang, 99).status, StatusCode::NOT_FOUND);
    assert_eq!(want(9).status, StatusCode::CREATED);
    let told = service.get("/api/v1/ledger?subject=proof/3").json();
    let told = &told["items"][0];
    assert_eq!((&told["what"], &told["who"], &told["why"]), (&"proof.canceled".into(), &"wang".into(), &"not needed".into()));
}

/// The job has changed while its proof waited: what was asked for is no more, and nothing else is proved in its name.
#[test]
fn a_proof_whose_packages_changed_meanwhile_fails_and_says_so() {
    let service = Service::new(short_catalog());
    ask(&service, Method::POST, "/proofs", &wanted());
    let later = Service::again(service::catalog(), service.folder.clone());
    later.hub.work_off().expect("works");
    let proof = later.get("/api/v1/proofs/1").json();
    assert_eq!((&proof["state"], &proof["evidence"]), (&"failed".into(), &Value::Null));
    assert!(proof["cause"]["en"].as_str().expect("text").contains("ask again"), "{proof}");
}
