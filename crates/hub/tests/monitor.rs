//! The monitor: executed figures follow from evidence that was run again, reported ones from imports, and the two never mix.

mod service;

use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;

use axum::http::{Method, StatusCode};
use leitai_proving::engine::{self, Case, prove};
use leitai_proving::packages::Files;
use serde_json::{Value, json};
use service::people::ask;
use service::{Answer, SCENARIO, Service, bundle, catalog, count, short_catalog};

const SOURCE: &str = "publisher=A%20test&title=Made-up%20figures&date=2026-01-31";
const HEAD: &str = "indicator,period,district,value,unit,note\n";

/// The catalog with a job that every robot does: it lasts a second, and only asks not to drop blocks in one trial of five.
fn easy_catalog() -> Files {
    let mut files = short_catalog();
    let path = format!("scenarios/{SCENARIO}/scenario.toml");
    let text = String::from_utf8(files[&path].clone()).expect("text");
    let (first, last) = (text.find("[[require]]").expect("requirements"), text.rfind("[[require]]").expect("requirements"));
    let only = text[last..].replace("rate_at_least = 0.984", "rate_at_least = 0.2").replace("decides = false", "decides = true");
    files.insert(path, format!("{}{only}", &text[..first]).into_bytes());
    files
}

fn made(seed: Option<u64>) -> Vec<u8> {
    let request = engine::Request { robot: "ur20".into(), scenario: SCENARIO.into(), seed, ..engine::Request::default() };
    let case = Case::open(&easy_catalog(), &request).expect("opens");
    let options = engine::Options { jobs: 2, journal: None, resume: false, controls: false, stop: &AtomicBool::new(false) };
    prove(&case, &options, &mut |_| {}).expect("the run ends").evidence.to_bytes(None).expect("writes").0
}

/// A real bundle whose verdict is "proved".
fn proof() -> &'static [u8] {
    static PROOF: OnceLock<Vec<u8>> = OnceLock::new();
    PROOF.get_or_init(|| made(None))
}

fn get(service: &Service, address: &str) -> Value {
    let answer = service.get(&format!("/api/v1{address}"));
    assert_eq!(answer.status, StatusCode::OK, "{address}: {}", String::from_utf8_lossy(&answer.body));
    answer.json()
}

/// Proved, stale, tried, untried.
fn states(executed: &Value) -> [u64; 4] {
    ["proved", "stale", "tried", "untried"].map(|state| executed[state].as_u64().expect("a count"))
}

fn figure(service: &Service, indicator: &str) -> [u64; 4] {
    states(&get(service, &format!("/indicators/{indicator}"))["executed"])
}

fn import(service: &Service, source: &str, file: &[u8]) -> Answer {
    let token = service.token();
    service.ask(
        Method::POST,
        &format!("/api/v1/imports?{source}"),
        &[("authorization", &token), ("content-type", "text/csv")],
        file,
    )
}

fn reported(service: &Service, indicator: &str) -> Value {
    get(service, &format!("/indicators/{indicator}"))["reported"].clone()
}

#[test]
fn a_product_counts_as_proved_once_its_proof_was_run_again_here() {
    let service = Service::new(easy_catalog());
    let (robots, jobs) = (count("robots"), count("scenarios"));
    assert_eq!((figure(&service, "products"), figure(&service, "scenarios")), ([0, 0, 0, robots], [0, 0, 0, jobs]));
    let published = service.publish(proof()).json();
    assert_eq!(published["decision"], "proved");
    assert_eq!(figure(&service, "products"), [0, 0, 1, robots - 1], "published, and not yet run again");
    service.hub.work_off().expect("works");
    assert_eq!((figure(&service, "products"), figure(&service, "scenarios")), ([1, 0, 0, robots - 1], [1, 0, 0, jobs - 1]));
    let records = get(&service, "/indicators/products/records?state=proved");
    let record = &records["items"][0];
    assert_eq!((&records["total"], &record["id"], &record["evidence"]), (&json!(1), &json!("ur20"), &published["digest"]));
    let detail = get(&service, "/indicators/products?per=day");
    let last = detail["series"].as_array().expect("a series").last().expect("a point");
    assert_eq!((&last["registered"], &last["proved"]), (&json!(robots), &json!(1)));
    assert_eq!(get(&service, "/indicators/humanoid-scenarios")["executed"]["proved"], 0, "an arm is no humanoid");
    assert!(leitai_hub::check(service.folder.path(), true, &mut |_, _, _| {}).expect("opens").findings.is_empty());
}

/// A verdict about another package of the same name, and one whose seed was chosen, are no proof about the catalog's.
#[test]
fn what_was_changed_is_stale_and_a_chosen_seed_proves_nothing() {
    let service = Service::new(catalog());
    let (robots, jobs) = (count("robots"), count("scenarios"));
    service.publish(proof());
    service.hub.work_off().expect("works");
    assert_eq!((figure(&service, "products"), figure(&service, "scenarios")), ([0, 1, 0, robots - 1], [0, 1, 0, jobs - 1]));
    let service = Service::new(easy_catalog());
    let chosen = service.publish(&made(Some(7))).json();
    assert_eq!((&chosen["decision"], &chosen["exploratory"]), (&json!("proved"), &json!(true)));
    service.hub.work_off().expect("works");
    assert_eq!(figure(&service, "products"), [0, 0, 1, robots - 1]);
}

#[test]
fn figures_are_those_of_a_hub_that_was_stopped_and_started() {
    let first = Service::new(easy_catalog());
    first.publish(proof());
    first.hub.work_off().expect("works");
    let again = Service::again(easy_catalog(), first.folder.clone());
    for address in ["/indicators", "/indicators/products", "/districts", "/parts", "/gaps?kind=product"] {
        assert_eq!(get(&first, address), get(&again, address), "{address}");
    }
}

#[test]
fn districts_and_tiers_follow_from_organizations() {
    let service = Service::new(easy_catalog());
    service.publish(proof());
    service.hub.work_off().expect("works");
    let put = |id: &str, body: Value| {
        let answer = ask(&service, Method::PUT, &format!("/organizations/{id}"), Some(&service.token()), &body);
        assert_eq!(answer.status, StatusCode::OK, "{}", String::from_utf8_lossy(&answer.body));
    };
    let named = |kind: &str, district: &str, products: Value| json!({ "name": { "zh": "测试机构", "en": "A test's" }, "kind": kind, "district": district, "tier": "little_giant", "products": products, "why": "a test" });
    put("makers", named("maker", "haidian", json!(["ur20", "ur5e"])));
    put("buyers", named("buyer", "haidian", json!([])));
    put("others", named("maker", "yizhuang", json!(["ur20"])));
    let districts = get(&service, "/districts");
    let of = |district: Value| {
        districts.as_array().expect("a list").iter().find(|line| line["district"] == district).expect("a line").clone()
    };
    let haidian = of(json!("haidian"));
    assert_eq!(
        (states(&haidian["products"]), &haidian["organizations"], &haidian["makers"]),
        ([1, 0, 0, 1], &json!(2), &json!(1))
    );
    assert_eq!(states(&of(json!("yizhuang"))["products"]), [1, 0, 0, 0]);
    assert_eq!(states(&of(Value::Null)["products"]), [0, 0, 0, count("robots") - 2], "makers of the others are not known");
    let page = get(&service, "/districts/haidian");
    assert_eq!((&page["organizations_here"][0]["id"], &page["products_here"][0]["id"]), (&json!("buyers"), &json!("ur20")));
    let breakdowns = get(&service, "/indicators/products")["breakdowns"].clone();
    let by = |name: &str| {
        breakdowns.as_array().expect("a list").iter().find(|each| each["by"] == name).expect("a breakdown")["shares"].clone()
    };
    assert_eq!((&by("tier")[0]["of"], states(&by("tier")[0])), (&json!("little_giant"), [1, 0, 0, 1]));
    assert_eq!((&by("class")[0]["of"], states(&by("class")[0])), (&json!("collaborative"), [1, 0, 0, count("robots") - 1]));
    let found = get(&service, "/indicators/products/records?district=yizhuang&tier=little_giant&sector=construction");
    assert_eq!(found["total"], 1);
    let enterprises = get(&service, "/enterprises");
    assert_eq!(
        enterprises[0],
        json!({ "kind": "maker", "tier": "little_giant", "district": "haidian", "organizations": 1, "proved": 1 })
    );
}

#[test]
fn what_is_missing_is_listed_the_most_tried_first() {
    let service = Service::new(short_catalog());
    let (jobs, robots, parts) = (count("scenarios"), count("robots"), count("parts"));
    let gaps = |kind: &str| get(&service, &format!("/gaps?kind={kind}"));
    assert_eq!(
        (&gaps("scenario")["total"], &gaps("product")["total"], &gaps("part")["total"]),
        (&json!(jobs), &json!(robots), &json!(parts))
    );
    service.publish(bundle());
    assert_eq!((&gaps("product")["items"][0]["id"], &gaps("product")["items"][0]["state"]), (&json!("ur20"), &json!("tried")));
    let service = Service::new(easy_catalog());
    service.publish(proof());
    service.hub.work_off().expect("works");
    let gaps = |kind: &str| get(&service, &format!("/gaps?kind={kind}"))["total"].clone();
    assert_eq!((gaps("scenario"), gaps("product"), gaps("part")), (json!(jobs - 1), json!(robots - 1), json!(parts - 1)));
    let clamp = get(&service, "/parts")["items"][0].clone();
    assert_eq!((&clamp["id"], &clamp["proved"], &clamp["robots"]), (&json!("block-clamp"), &json!(1), &json!(["ur20"])));
}

#[test]
fn a_file_is_imported_once_and_what_corrects_it_leaves_it_in_the_history() {
    let service = Service::new(catalog());
    assert_eq!(reported(&service, "revenue"), Value::Null);
    let first = format!(
        "\u{feff}{HEAD}revenue,2024,,1.5,亿元,made up\nrevenue,2025,,2.5,亿元,\nrevenue,2025-09,,9,亿元,\nrevenue,2025,海淀区,1,亿元,\n"
    );
    let made = import(&service, SOURCE, first.as_bytes());
    assert_eq!(made.status, StatusCode::CREATED, "{}", String::from_utf8_lossy(&made.body));
    let figure = reported(&service, "revenue");
    assert_eq!(
        (&figure["value"], &figure["period"], &figure["publisher"]),
        (&json!(2.5), &json!("2025"), &json!("A test")),
        "a month's is no year's"
    );
    assert_eq!((&figure["who"], &figure["line"]), (&json!("operator"), &json!(3)));
    let length = get(&service, "/summary")["ledger"].clone();
    let without_mark = first.trim_start_matches('\u{feff}');
    assert_eq!(import(&service, SOURCE, without_mark.as_bytes()).status, StatusCode::OK, "the same file");
    assert_eq!(get(&service, "/summary")["ledger"], length, "and nothing has changed");
    let second = format!("{HEAD}核心产业收入,2025,,2.75,亿元,corrected\n");
    assert_eq!(import(&service, SOURCE, second.as_bytes()).status, StatusCode::CREATED);
    assert_eq!(reported(&service, "revenue")["value"], 2.75);
    import(&service, SOURCE, first.as_bytes());
    assert_eq!(reported(&service, "revenue")["value"], 2.75, "an old file again corrects nothing");
    let history = get(&service, "/indicators/revenue/records");
    let items = history["items"].as_array().expect("records");
    assert_eq!((items.len(), &items[0]["note"]), (5, &json!("corrected")));
    let old = items.iter().find(|row| row["period"] == "2025" && row["value"] == 2.5).expect("the old figure");
    assert_eq!(old["superseded_by"], items[0]["number"]);
    let imports = get(&service, "/imports");
    assert_eq!((&imports["items"][0]["rows"], &imports["items"][1]["superseded"]), (&json!(1), &json!(1)));
    let page = get(&service, &format!("/imports/{}", imports["items"][1]["digest"].as_str().expect("a digest")));
    assert_eq!(page["figures"].as_array().expect("figures").len(), 4);
    assert_eq!(get(&service, "/districts/haidian")["reported"][0]["value"], 1.0);
    assert!(leitai_hub::check(service.folder.path(), true, &mut |_, _, _| {}).expect("opens").findings.is_empty());
}

#[test]
fn a_file_with_faults_tells_each_ones_place_and_imports_nothing() {
    let service = Service::new(catalog());
    let refused = |file: &[u8]| {
        let answer = import(&service, SOURCE, file);
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", String::from_utf8_lossy(file));
        let problem = answer.json();
        assert!(!problem["detail"]["zh"].as_str().expect("Chinese").is_empty());
        problem["detail"]["en"].as_str().expect("English").to_string()
    };
    for (rows, told) in [
        ("revenue,2025,,2.5,亿元,\nprofit,2025,,1,亿元,\n", "line 3, column 1: there is no indicator `profit`"),
        ("products,2025,,9,种,\n", "line 2, column 1: `products` is counted from evidence and cannot be imported"),
        ("revenue,2025-13,,1,亿元,\n", "line 2, column 2: the period `2025-13`"),
        ("revenue,2999,,1,亿元,\n", "line 2, column 2: the period `2999` has not begun"),
        ("revenue,2025,上海市,1,亿元,\n", "line 2, column 3: there is no district `上海市`"),
        ("revenue,2025,,\"1,234\",亿元,\n", "line 2, column 4: the value `1,234`"),
        ("revenue,2025,,-1,亿元,\n", "line 2, column 4"),
        ("revenue,2025,,inf,亿元,\n", "line 2, column 4"),
        ("standards-application,2025,,2.5,项,\n", "line 2, column 4: `standards-application` counts whole things"),
        ("revenue,2025,,1,万元,\n", "line 2, column 5: the unit `万元` should be `亿元`"),
        ("revenue,2025,,1,234,亿元,\n", "line 2: 7 columns, where the first line has 6"),
        ("revenue,2025,,1,亿元,\nrevenue,2025,,2,亿元,\n", "line 3: says the same indicator, period and district as line 2"),
        ("", "line 2: there are no rows"),
    ] {
        let detail = refused(format!("{HEAD}{rows}").as_bytes());
        assert!(detail.contains(told), "{told:?} is not in {detail:?}");
    }
    assert!(refused(b"").contains("the file is empty"));
    assert!(refused(b"indicator,period,value\n").contains("line 1: the column `unit` is missing"));
    assert!(refused(b"indicator,period,value,unit,colour\n").contains("line 1, column 5: no column is called `colour`"));
    // 全市 in GB18030.
    assert!(
        refused(b"indicator,period,district,value,unit\nrevenue,2025,\xc8\xab\xca\xd0,1,x\n").contains("line 2: not UTF-8 text")
    );
    assert!(refused(format!("{HEAD}{}", "revenue,2025,,1,万元,\n".repeat(2000)).as_bytes()).lines().count() == 20);
    assert!(refused(&vec![b'x'; (1 << 20) + 1]).contains("larger than 1 MiB"));
    let many =
        format!("{HEAD}{}", (0..10_001).map(|i| format!("robot-density,{},,{i},台/万人,\n", 2000 + i % 27)).collect::<String>());
    refused(many.as_bytes());
    assert_eq!(import(&service, SOURCE, &vec![b'x'; 2 << 20]).status, StatusCode::PAYLOAD_TOO_LARGE);
    for source in [
        "publisher=x&title=y&date=31.1.2026",
        "publisher=x&title=y&date=2999-01-01",
        "publisher=%20&title=y&date=2026-01-31",
        "publisher=x&title=y&date=2026-01-31&url=javascript:1",
    ] {
        assert_eq!(
            import(&service, source, format!("{HEAD}revenue,2025,,1,亿元,\n").as_bytes()).status,
            StatusCode::BAD_REQUEST,
            "{source}"
        );
    }
    assert_eq!(get(&service, "/imports")["total"], 0);
}

#[test]
fn a_check_finds_figures_that_were_altered_behind_the_ledger() {
    let service = Service::new(easy_catalog());
    service.publish(proof());
    service.hub.work_off().expect("works");
    import(&service, SOURCE, format!("{HEAD}revenue,2025,,2.5,亿元,\n").as_bytes());
    let folder = service.folder.clone();
    drop(service);
    let db = rusqlite::Connection::open(folder.path().join("hub.sqlite")).expect("opens");
    let findings = || {
        leitai_hub::check(folder.path(), true, &mut |_, _, _| {})
            .expect("opens")
            .findings
            .into_iter()
            .map(|text| text.en)
            .collect::<Vec<_>>()
    };
    assert_eq!(findings(), [""; 0]);
    for (alter, undo, found) in [
        ("UPDATE reported SET value = 300", "UPDATE reported SET value = 2.5", "the figures of import"),
        ("UPDATE import SET publisher = 'Else'", "UPDATE import SET publisher = 'A test'", "the figures of import"),
        ("UPDATE confirmed SET robot = 'ur30'", "UPDATE confirmed SET robot = 'ur20'", "the proofs that the monitor counts"),
        (
            "UPDATE verdict_count SET count = 9 WHERE kind = 'robot'",
            "UPDATE verdict_count SET count = 1",
            "the counts of verdicts by robot",
        ),
    ] {
        db.execute_batch(alter).expect("alters");
        assert!(findings().iter().any(|text| text.starts_with(found)), "{alter}: {:?}", findings());
        db.execute_batch(undo).expect("undoes");
        assert_eq!(findings(), [""; 0], "{undo}");
    }
}
