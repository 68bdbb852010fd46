//! People: how they come in, what each may do, and that nobody may more.

mod service;

use std::fmt::Write as _;

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use service::people::{Browser, ask, invitation, join, member, organize};
use service::{Service, catalog};

/// Where the expected table stands; `LEITAI_BLESS=1` writes it anew.
const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/authorization.txt");
const KINDS: [&str; 5] = ["maker", "buyer", "test_center", "authority", "institute"];

/// An account that acts for an organization of this kind, or for none, and a token for all that it may.
fn of_kind(service: &Service, kind: Option<&str>) -> String {
    let account = format!("a-{}", kind.unwrap_or("nobody").replace('_', "-"));
    let organization = kind.map(|_| format!("o{account}"));
    if let (Some(kind), Some(organization)) = (kind, &organization) {
        organize(service, organization, kind);
    }
    member(service, organization.as_deref(), &account)
}

/// Every operation of the API, as its own description lists them, asked by everyone there is: a stranger is sent to sign in, an
/// account that lacks the ability is refused, and nobody else is. The table of who may what is one that people read.
#[test]
fn everyone_may_what_the_description_says_and_nothing_else() {
    let service = Service::new(catalog());
    let mut roles = vec![("stranger".to_string(), None), ("nobody".to_string(), Some(of_kind(&service, None)))];
    roles.extend(KINDS.map(|kind| (kind.to_string(), Some(of_kind(&service, Some(kind))))));
    roles.push(("operator".to_string(), Some(service.token())));
    let abilities: Vec<Value> = roles
        .iter()
        .map(|(_, token)| ask(&service, Method::GET, "/session", token.as_deref(), &Value::Null).json()["abilities"].clone())
        .collect();
    let document = service.get("/api/v1/openapi.json").json();
    let mut table = format!("{:<52}{:<10}", "operation", "needs");
    for (role, _) in &roles {
        write!(table, " {role:<11}").expect("writes");
    }
    table.push('\n');
    for (path, operations) in document["paths"].as_object().expect("paths") {
        for (method, operation) in operations.as_object().expect("operations") {
            let needs = operation["security"][0]["token"][0].as_str();
            let verb = Method::from_bytes(method.to_uppercase().as_bytes()).expect("a method");
            write!(table, "{:<52}{:<10}", format!("{verb} {path}"), needs.unwrap_or("-")).expect("writes");
            let address = path.replace(['{', '}'], "");
            for ((role, token), abilities) in roles.iter().zip(&abilities) {
                let answer = ask(&service, verb.clone(), &address, token.as_deref(), &Value::Null);
                let refused = match answer.status {
                    StatusCode::UNAUTHORIZED => Some("sign in"),
                    StatusCode::FORBIDDEN if answer.json()["type"] == "not-allowed" => Some("no"),
                    _ => None,
                };
                let has = needs.is_none_or(|needs| abilities.as_array().expect("a list").contains(&needs.into()));
                let wanted = if has { None } else { Some(if role == "stranger" { "sign in" } else { "no" }) };
                // Signing in without a body tells a stranger nothing.
                assert_eq!(refused, wanted, "{role}: {verb} {path} answered {}", answer.status);
                assert!(!answer.status.is_server_error(), "{role}: {verb} {path} answered {}", answer.status);
                write!(table, " {:<11}", if has { "yes" } else { "-" }).expect("writes");
            }
            table.push('\n');
        }
    }
    let table: String = table.lines().map(|line| format!("{}\n", line.trim_end())).collect();
    if std::env::var_os("LEITAI_BLESS").is_some() {
        std::fs::write(TABLE, &table).expect("writes");
    }
    assert_eq!(table, std::fs::read_to_string(TABLE).unwrap_or_default(), "LEITAI_BLESS=1 writes {TABLE} anew");
}

#[test]
fn an_invitation_makes_one_account_and_works_once() {
    let service = Service::new(catalog());
    let key = invitation(&service, None, "member");
    assert_eq!(join(&service, "guess", "wang").json()["type"], "invitation-used");
    assert_eq!(join(&service, &key, "Wang Fang").status, StatusCode::BAD_REQUEST);
    assert_eq!(join(&service, &key, "operator").status, StatusCode::CONFLICT, "and the invitation is still good");
    assert_eq!(join(&service, &key, "wang").status, StatusCode::NO_CONTENT);
    assert_eq!(join(&service, &key, "li").json()["type"], "invitation-used");
    assert_eq!(join(&service, &invitation(&service, None, "member"), "wang").status, StatusCode::CONFLICT);
    let told = service.get("/api/v1/ledger?subject=account/wang").json();
    assert_eq!((&told["items"][0]["what"], &told["items"][0]["why"]), (&"account.made".into(), &"invited by operator".into()));
}

#[test]
fn a_password_lets_in_its_account_and_guesses_are_slowed() {
    let service = Service::new(catalog());
    join(&service, &invitation(&service, None, "member"), "wang");
    let wrong = |account: &str| Browser::sign_in(&service, account, "another password").err();
    assert_eq!(wrong("wang"), Some(StatusCode::UNAUTHORIZED));
    assert_eq!(wrong("nobody-here"), Some(StatusCode::UNAUTHORIZED));
    let browser = Browser::sign_in(&service, "wang", "a long password").expect("signs in");
    let change = |before: &str, password: &str| {
        browser.ask(&service, Method::PUT, "/session/password", &json!({ "before": before, "password": password })).status
    };
    assert_eq!(change("a guess of it", "an even longer password"), StatusCode::BAD_REQUEST);
    assert_eq!(change("a long password", "short"), StatusCode::BAD_REQUEST);
    let other = Browser::sign_in(&service, "wang", "a long password").expect("signs in");
    assert_eq!(change("a long password", "an even longer password"), StatusCode::NO_CONTENT);
    let tokens = |browser: &Browser| browser.ask(&service, Method::GET, "/session/tokens", &Value::Null).status;
    assert_eq!((tokens(&browser), tokens(&other)), (StatusCode::OK, StatusCode::UNAUTHORIZED), "other sessions end");
    assert_eq!(browser.ask(&service, Method::DELETE, "/session", &Value::Null).status, StatusCode::NO_CONTENT);
    assert_eq!(tokens(&browser), StatusCode::UNAUTHORIZED);
    let slowed = (0..20).find_map(|_| wrong("wang").filter(|status| *status == StatusCode::TOO_MANY_REQUESTS));
    assert!(slowed.is_some(), "guessing goes on");
}

#[test]
fn a_session_changes_nothing_from_another_site_and_a_token_stays_in_its_scope() {
    let service = Service::new(catalog());
    organize(&service, "makers", "maker");
    join(&service, &invitation(&service, Some("makers"), "owner"), "wang");
    let browser = Browser::sign_in(&service, "wang", "a long password").expect("signs in");
    let forged = Browser { csrf: "guess".to_string(), ..Browser { cookie: browser.cookie.clone(), csrf: String::new() } };
    let wanted = json!({ "label": "ci", "abilities": ["publish"], "days": 1 });
    assert_eq!(forged.ask(&service, Method::POST, "/session/tokens", &wanted).json()["type"], "csrf-token");
    let more = json!({ "label": "ci", "abilities": ["manage"], "days": 1 });
    assert_eq!(browser.ask(&service, Method::POST, "/session/tokens", &more).status, StatusCode::BAD_REQUEST);
    let made = browser.ask(&service, Method::POST, "/session/tokens", &wanted).json();
    let secret = made["secret"].as_str().expect("a secret");
    let token = format!("Bearer {secret}");
    let who = ask(&service, Method::GET, "/session", Some(&token), &Value::Null).json();
    assert_eq!((&who["abilities"], &who["csrf_token"]), (&json!(["publish"]), &Value::Null));
    assert_eq!(ask(&service, Method::GET, "/session/tokens", Some(&token), &Value::Null).status, StatusCode::FORBIDDEN);
    let listed = browser.ask(&service, Method::GET, "/session/tokens", &Value::Null);
    assert!(!String::from_utf8_lossy(&listed.body).contains(secret), "a secret is shown once");
    let address = format!("/session/tokens/{}", listed.json()[0]["id"].as_str().expect("an id"));
    assert_eq!(browser.ask(&service, Method::DELETE, &address, &Value::Null).status, StatusCode::NO_CONTENT);
    assert_eq!(ask(&service, Method::GET, "/session/tokens", Some(&token), &Value::Null).status, StatusCode::UNAUTHORIZED);
}

#[test]
fn an_owner_looks_after_the_own_organization_and_no_other() {
    let service = Service::new(catalog());
    organize(&service, "makers", "maker");
    organize(&service, "others", "maker");
    join(&service, &invitation(&service, Some("makers"), "owner"), "wang");
    let browser = Browser::sign_in(&service, "wang", "a long password").expect("signs in");
    let invite = |organization: &str| {
        browser.ask(&service, Method::POST, "/invitations", &json!({ "organization": organization, "role": "member" }))
    };
    assert_eq!(invite("others").json()["type"], "not-yours");
    let operator = json!({ "organization": "makers", "role": "member", "operator": true });
    assert_eq!(browser.ask(&service, Method::POST, "/invitations", &operator).json()["type"], "not-yours");
    let page = invite("makers").json()["page"].as_str().expect("a page").to_string();
    assert_eq!(join(&service, page.trim_start_matches("/join#"), "li").status, StatusCode::NO_CONTENT);
    let members = browser.ask(&service, Method::GET, "/organizations/makers/members", &Value::Null).json();
    assert_eq!(members.as_array().expect("a list").len(), 2);
    let remove = |account: &str| {
        browser.ask(&service, Method::DELETE, &format!("/organizations/makers/members/{account}"), &json!({ "why": "left" }))
    };
    assert_eq!(remove("wang").status, StatusCode::BAD_REQUEST, "the last owner stays");
    assert_eq!(remove("li").status, StatusCode::NO_CONTENT);
    assert_eq!(remove("li").status, StatusCode::NOT_FOUND);
    assert_eq!(service.get("/api/v1/organizations/makers").json()["members"], 1);
    let closed = ask(&service, Method::DELETE, "/accounts/wang", Some(&service.token()), &json!({ "why": "gone" }));
    assert_eq!(closed.status, StatusCode::NO_CONTENT);
    assert_eq!(Browser::sign_in(&service, "wang", "a long password").err(), Some(StatusCode::UNAUTHORIZED));
    assert!(leitai_hub::check(service.folder.path(), true, &mut |_, _, _| {}).expect("opens").findings.is_empty());
}
