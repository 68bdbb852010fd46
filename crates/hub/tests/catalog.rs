//! Products and jobs: taken over from the catalog, found by words of either language, and only changes reach the ledger.

mod service;

use axum::http::StatusCode;
use service::{SCENARIO, Service, catalog, count};

fn ids(service: &Service, address: &str) -> Vec<String> {
    let page = service.get(address).json();
    let items = page["items"].as_array().unwrap_or_else(|| panic!("{address}: {page}")).clone();
    items.iter().map(|item| item["id"].as_str().expect("an id").to_string()).collect()
}

#[test]
fn products_are_found_by_words_of_two_characters_beginnings_and_figures() {
    let service = Service::new(catalog());
    let found = |query: &str| ids(&service, &format!("/api/v1/products?{query}"));
    assert_eq!(found("q=%E4%BC%98%E5%82%B2").len(), 4, "优傲");
    assert_eq!(found("q=univ%20ur2"), ["ur20"]);
    assert_eq!(found("q=nothing-like-it"), [""; 0]);
    assert_eq!(found("q=%2A%22%28"), [""; 0], "signs are no words");
    assert_eq!(found("payload_min=20"), ["ur20", "ur30"]);
    assert_eq!(found("reach_min=1.7&sector=construction"), ["ur20"]);
    assert_eq!(found("class=humanoid"), [""; 0]);
    assert_eq!(found("per_page=2&page=2").len(), 2);
    assert_eq!(ids(&service, "/api/v1/scenarios?q=%E7%A0%81%E5%9E%9B"), [SCENARIO], "码垛");
}

/// Lists are kept in memory; whatever changes the records, also another process, is in the next answer.
#[test]
fn a_list_follows_the_records_at_once() {
    let service = Service::new(catalog());
    assert_eq!(ids(&service, "/api/v1/products?q=ur20"), ["ur20"]);
    let all = ids(&service, "/api/v1/products").len();
    let database = rusqlite::Connection::open(service.folder.path().join("hub.sqlite")).expect("opens");
    database.execute("UPDATE product SET body = replace(body, 'UR20', 'Twenty') WHERE id = 'ur20'", []).expect("writes");
    assert_eq!(ids(&service, "/api/v1/products?q=twenty"), ["ur20"]);
    database.execute("DELETE FROM product WHERE id = 'ur20'", []).expect("writes");
    assert_eq!(ids(&service, "/api/v1/products").len(), all - 1);
}

#[test]
fn a_product_says_where_its_figures_come_from() {
    let product = Service::new(catalog()).get("/api/v1/products/ur20").json();
    assert_eq!((&product["grade"], &product["maker"]["zh"]), (&"A".into(), &"优傲机器人（丹麦欧登塞）".into()));
    let payload = product["claims"].as_array().expect("claims").iter().find(|c| c["name"] == "payload_kg").expect("a payload");
    assert_eq!(
        (payload["value"].as_f64(), &payload["standing"], &payload["source"]),
        (Some(20.0), &"verified".into(), &"edu".into())
    );
    assert!(product["sources"].as_array().expect("sources").iter().any(|s| s["key"] == "edu"));
}

#[test]
fn wrong_addresses_are_told_in_both_languages() {
    let service = Service::new(catalog());
    for (address, status) in [
        ("/api/v1/products/ur2000", StatusCode::NOT_FOUND),
        ("/api/v1/evidence/xyz", StatusCode::NOT_FOUND),
        ("/nothing/here", StatusCode::NOT_FOUND),
        ("/api/v1/products?page=0", StatusCode::BAD_REQUEST),
        ("/api/v1/products?per_page=100000", StatusCode::BAD_REQUEST),
        ("/api/v1/products?payload_min=heavy", StatusCode::BAD_REQUEST),
        ("/api/v1/evidence?page=-1", StatusCode::BAD_REQUEST),
    ] {
        let answer = service.get(address);
        assert_eq!(answer.status, status, "{address}");
        assert_eq!(answer.headers["content-type"], "application/problem+json", "{address}");
        let problem = answer.json();
        for part in ["title", "detail"] {
            assert!(!problem[part]["zh"].as_str().expect("Chinese").is_empty(), "{address}");
            assert!(!problem[part]["en"].as_str().expect("English").is_empty(), "{address}");
        }
    }
}

#[test]
fn only_what_changed_reaches_the_ledger() {
    let first = Service::new(catalog());
    let entries = |service: &Service| service.get("/api/v1/ledger").json()["total"].as_u64().expect("a total");
    let all = count("robots") + count("scenarios") + count("parts");
    assert_eq!(entries(&first), all);
    let mut changed = catalog();
    let again = Service::again(changed.clone(), first.folder.clone());
    assert_eq!(entries(&again), all);
    let path = "robots/ur20/robot.toml".to_string();
    let text = String::from_utf8(changed[&path].clone()).expect("text").replace("value = 64.0", "value = 65.0");
    changed.insert(path, text.into_bytes());
    let after = Service::again(changed, first.folder.clone());
    let told = after.get("/api/v1/ledger?subject=product/ur20").json();
    assert_eq!((entries(&after), told["total"].as_u64()), (all + 1, Some(2)));
}

#[test]
fn every_page_has_its_policy() {
    let service = Service::new(catalog());
    let pages = [
        "/",
        "/catalog",
        "/products/ur20",
        "/evidence",
        "/ledger",
        "/match",
        "/monitor",
        "/proofs",
        "/challenges",
        "/challenges/new",
    ];
    for address in pages.into_iter().chain(["/organizations", "/sign-in", "/join", "/account", "/site.js", "/site.css"]) {
        let answer = service.get(address);
        assert_eq!(answer.status, StatusCode::OK, "{address}");
        let policy = answer.headers["content-security-policy"].to_str().expect("text");
        assert!(policy.starts_with("default-src 'self'") && !policy.contains("unsafe-eval"), "{policy}");
    }
    let model = service.get("/products/ur20/model");
    assert!(model.headers["content-security-policy"].to_str().expect("text").starts_with("default-src 'none'"));
    assert_eq!(
        (&model.body[..], &service.get("/products/ur20/model?lang=zh").body[..]),
        (&b"<html>En</html>"[..], &b"<html>Zh</html>"[..])
    );
}
