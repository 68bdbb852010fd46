//! Evidence: who may publish, what is refused, what the hub finds when it runs it again, and what makes it stale.

mod service;

use axum::http::{Method, StatusCode};
use serde_json::Value;
use service::{SCENARIO, Service, bundle, catalog, short_catalog};

fn state(service: &Service, digest: &str) -> String {
    let record = service.get(&format!("/api/v1/evidence/{digest}")).json();
    record["check"]["state"].as_str().expect("a state").to_string()
}

#[test]
fn a_bundle_is_published_once_and_its_sample_comes_out_with_the_same_bits() {
    let service = Service::new(short_catalog());
    let first = service.publish(bundle());
    assert_eq!(first.status, StatusCode::CREATED, "{}", String::from_utf8_lossy(&first.body));
    assert_eq!(service.publish(bundle()).status, StatusCode::OK, "the same bundle again changes nothing");
    let record = first.json();
    assert_eq!((&record["robot"], &record["decision"], record["trials"].as_u64()), (&"ur20".into(), &"refuted".into(), Some(2)));
    assert_eq!((&record["signature"], &record["stale"]), (&Value::Null, &Value::Array(vec![])));
    let digest = record["digest"].as_str().expect("a digest");
    assert_eq!(state(&service, digest), "queued");
    service.hub.work_off().expect("works");
    assert_eq!(state(&service, digest), "agrees");
    let product = service.get("/api/v1/products/ur20").json();
    assert_eq!((product["verdicts"]["refuted"].as_u64(), &product["evidence"][0]["digest"]), (Some(1), &digest.into()));
    assert_eq!(service.get("/api/v1/summary").json()["evidence"].as_u64(), Some(1));
    let told = service.get(&format!("/api/v1/ledger?subject=evidence/{digest}")).json();
    let words: Vec<_> = told["items"].as_array().expect("entries").iter().map(|entry| entry["what"].clone()).collect();
    assert_eq!(words, ["evidence.checked", "evidence.published"]);
    assert_eq!(service.get(&format!("/evidence/{digest}/bundle")).body, bundle());
    assert!(leitai_hub::check(service.folder.path(), true, &mut |_, _, _| {}).expect("opens").findings.is_empty());
}

#[test]
fn nobody_publishes_without_a_token_or_a_session_with_its_header() {
    let service = Service::new(short_catalog());
    let publish = |headers: &[(&str, &str)]| service.ask(Method::POST, "/api/v1/evidence", headers, bundle()).status;
    assert_eq!(publish(&[]), StatusCode::UNAUTHORIZED);
    assert_eq!(publish(&[("authorization", "Bearer guess")]), StatusCode::UNAUTHORIZED);
    assert_eq!(service.get("/enter?key=guess").status, StatusCode::FORBIDDEN);
    let link = service.hub.entry();
    let entered = service.get(&link);
    assert_eq!(entered.status, StatusCode::SEE_OTHER);
    let cookie = entered.headers["set-cookie"].to_str().expect("text");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    let cookie = cookie.split(';').next().expect("a pair");
    assert_eq!(service.get(&link).status, StatusCode::FORBIDDEN, "the link works once");
    assert_eq!(publish(&[("cookie", cookie)]), StatusCode::FORBIDDEN, "another site's form cannot send the header");
    let token = cookie.split_once('=').expect("a pair").1;
    assert_eq!(publish(&[("authorization", &format!("Bearer {token}"))]), StatusCode::UNAUTHORIZED, "a session is no token");
    let who = service.ask(Method::GET, "/api/v1/session", &[("cookie", cookie)], &[]).json();
    let csrf = who["csrf_token"].as_str().expect("a token");
    assert_eq!(publish(&[("cookie", cookie), ("x-csrf-token", csrf)]), StatusCode::CREATED);
}

#[test]
fn what_is_no_intact_bundle_is_refused_and_leaves_nothing() {
    let service = Service::new(short_catalog());
    let mut altered = bundle().to_vec();
    let middle = altered.len() / 2;
    altered[middle] ^= 1;
    for bytes in [&b""[..], b"PK\x03\x04 not a zip", &bundle()[..bundle().len() / 2], &altered] {
        let answer = service.publish(bytes);
        assert_eq!((answer.status, &answer.json()["type"]), (StatusCode::BAD_REQUEST, &"bundle-refused".into()));
    }
    assert_eq!(service.get("/api/v1/summary").json()["evidence"].as_u64(), Some(0));
    assert_eq!(std::fs::read_dir(service.folder.path().join("bundles")).expect("a folder").count(), 0);
}

/// The bundle rests on the shortened job; against the real catalog it is stale, and says by what.
#[test]
fn evidence_goes_stale_when_what_it_rests_on_changes() {
    let service = Service::new(short_catalog());
    let digest = service.publish(bundle()).json()["digest"].as_str().expect("a digest").to_string();
    let later = Service::again(catalog(), service.folder.clone());
    let record = later.get(&format!("/api/v1/evidence/{digest}")).json();
    let stale = record["stale"].as_array().expect("a list");
    assert_eq!((stale.len(), &stale[0]["what"]), (1, &"scenario".into()));
    assert_ne!(stale[0]["was"], stale[0]["is"]);
    let mut without = catalog();
    without.retain(|path, _| !path.contains(SCENARIO));
    let record = Service::again(without, service.folder.clone()).get(&format!("/api/v1/evidence/{digest}")).json();
    let gone: Vec<_> =
        record["stale"].as_array().expect("a list").iter().filter(|s| s["is"] == Value::Null).map(|s| &s["what"]).collect();
    assert_eq!(gone, ["robot", "scenario"], "without the job nobody knows the robot's tool");
}

/// As after a kill: what was under way waits for its turn again when the store is next opened.
#[test]
fn a_check_that_broke_off_is_made_again() {
    let service = Service::new(short_catalog());
    let digest = service.publish(bundle()).json()["digest"].as_str().expect("a digest").to_string();
    let database = rusqlite::Connection::open(service.folder.path().join("hub.sqlite")).expect("opens");
    database.execute("UPDATE evidence_check SET state = 'running', done = 1", []).expect("writes");
    let again = Service::again(short_catalog(), service.folder.clone());
    assert_eq!(state(&again, &digest), "queued");
    again.hub.work_off().expect("works");
    assert_eq!(state(&again, &digest), "agrees");
}

#[test]
fn a_store_that_was_altered_is_found_out() {
    let service = Service::new(short_catalog());
    let digest = service.publish(bundle()).json()["digest"].as_str().expect("a digest").to_string();
    let database = rusqlite::Connection::open(service.folder.path().join("hub.sqlite")).expect("opens");
    assert!(database.execute("UPDATE ledger SET who = 'nobody' WHERE number = 3", []).is_err(), "append-only");
    assert!(database.execute("DELETE FROM ledger", []).is_err(), "append-only");
    let findings = || leitai_hub::check(service.folder.path(), true, &mut |_, _, _| {}).expect("opens").findings;
    assert!(findings().is_empty());
    database.execute("UPDATE verdict_count SET count = 9 WHERE kind = 'robot'", []).expect("writes");
    assert!(findings()[0].en.contains("first that of robot ur20"), "{:?}", findings());
    database.execute("UPDATE verdict_count SET count = 1 WHERE kind = 'robot'", []).expect("writes");
    assert!(findings().is_empty());
    database
        .execute_batch("DROP TRIGGER ledger_is_not_rewritten; UPDATE ledger SET who = 'nobody' WHERE number = 3")
        .expect("writes");
    assert!(findings()[0].en.starts_with("entry 3 of the ledger"));
    database.execute("UPDATE evidence SET decision = 'proved'", []).expect("writes");
    assert!(findings().iter().any(|f| f.en.contains("counts of verdicts")));
    let file = service.folder.path().join("bundles").join(format!("{digest}.leitai"));
    std::fs::write(&file, b"nothing").expect("writes");
    assert!(findings().iter().any(|f| f.en.contains(&digest)));
}
