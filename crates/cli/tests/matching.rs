//! A need, answered on this machine and by a hub, and the agreement that comes out of it run unchanged.

mod common;

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};

use common::{home, leitai, run};
use serde_json::Value;

const NEED: &str = "[need]\ntitle = \"码垛单元\"\nscenario = \"con-block-palletizing\"\nmade_by = \"七号工地\"\n\n\
                    [parameter]\nblock_mass_kg = 7.0\n\n[limit]\nkind = \"lease\"\nregion = \"daxing\"\n";

/// A hub in a process of its own, stopped at the end.
struct Served(Child, String);

impl Served {
    fn start(home: &Path) -> Self {
        let words = ["--json", "serve", "--no-open", "--address", "127.0.0.1:0", "--jobs", "1"];
        let mut child = leitai(home).args(words).stdout(Stdio::piped()).spawn().expect("the command starts");
        let mut out = BufReader::new(child.stdout.take().expect("its output"));
        let mut said = String::new();
        while !said.ends_with("}\n") {
            assert!(out.read_line(&mut said).expect("it speaks") > 0, "it ended: {said}");
        }
        let document: Value = serde_json::from_str(&said).expect("JSON");
        Self(child, document["hub"].as_str().expect("an address").trim_end_matches('/').to_string())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_need_is_answered_offline_with_an_empty_store() {
    let home = home();
    fs::write(home.path().join("need.toml"), NEED).expect("writes");
    let ran = run(home.path(), "match need.toml");
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    for part in [
        "码垛单元",
        "block_mass_kg = 7",
        "unproven",
        "holds no evidence on this job",
        "leitai publish out/match",
        "stated by its maker",
    ] {
        assert!(ran.stdout.contains(part), "{part} in {}", ran.stdout);
    }
    assert!(!home.path().join(".local").exists(), "no store is made by looking");
    let document = run(home.path(), "match need.toml --json --show 1").json();
    assert_eq!(document["match"]["counts"]["unproven"], document["match"]["total"]);
    assert_eq!(document["match"]["items"].as_array().expect("a list").len(), 1);
    assert!(run(home.path(), "match need.toml --lang zh").stdout.contains("所有产品都未试"));
    for (change, part) in [
        (("block_mass_kg = 7.0", "block_mass_kg = 700.0"), "allows 1 to 60 kg"),
        (("daxing", "atlantis"), "need.toml:11: there is no region `atlantis`; there are dongcheng"),
        (("con-block-palletizing", "con-paint"), "there is no scenario `con-paint`"),
        (("title", "name"), "need.toml:2: no field `name`"),
    ] {
        fs::write(home.path().join("need.toml"), NEED.replace(change.0, change.1)).expect("writes");
        let ran = run(home.path(), "match need.toml");
        assert!(ran.code == Some(2) && ran.stderr.contains(part), "{part}: {}", ran.stderr);
    }
    let ran = run(home.path(), "match none.toml");
    assert!(ran.code == Some(2) && ran.stderr.contains("none.toml"), "{}", ran.stderr);
}

#[test]
fn what_a_hub_matches_is_agreed_on_and_proved_unchanged() {
    let home = home();
    let home = home.path();
    fs::write(home.join("need.toml"), NEED).expect("writes");
    // Ruled out by a bound, which takes no trial.
    let proved = run(home, "prove kuka-iiwa14 con-block-palletizing --set block_mass_kg=7 --unsigned -o kuka --json");
    assert_eq!(proved.code, Some(5), "{}", proved.stderr);
    let hub = Served::start(home);
    let published = run(home, &format!("publish kuka --hub {}", hub.1));
    assert_eq!(published.code, Some(0), "{}", published.stderr);

    let by_hub = run(home, &format!("match need.toml --hub {} --show 200 --json", hub.1));
    assert_eq!(by_hub.code, Some(0), "{}", by_hub.stderr);
    let found = by_hub.json()["match"].clone();
    let last = found["items"].as_array().expect("a list").last().expect("a product").clone();
    assert_eq!((&last["product"]["id"], &last["group"]), (&"kuka-iiwa14".into(), &"rejected".into()));
    // The store on this machine is the hub's, and gives the same.
    assert_eq!(run(home, "match need.toml --show 200 --json").json()["match"], found);

    let words = format!("match need.toml --hub {} --acceptance annex.toml --robot kuka-iiwa14", hub.1);
    assert_eq!(run(home, &words).code, Some(0));
    assert_eq!(run(home, "match need.toml --acceptance here.toml --robot kuka-iiwa14").code, Some(0));
    for file in ["annex.toml", "here.toml"] {
        let ran = run(home, &format!("prove --acceptance {file} --unsigned --json"));
        assert_eq!(ran.code, Some(5), "{file}: {}", ran.stderr);
        assert_eq!(ran.json()["claim_digest"], proved.json()["claim_digest"], "{file}");
    }
    let again = run(home, &words);
    assert!(again.code == Some(2) && again.stderr.contains("is not overwritten"), "{}", again.stderr);
    let unknown = run(home, &format!("match need.toml --hub {} --acceptance no.toml --robot ur21", hub.1));
    assert!(unknown.stderr.contains("there is no product `ur21`") && !home.join("no.toml").exists(), "{}", unknown.stderr);
    let nowhere = run(home, "match need.toml --hub http://127.0.0.1:9");
    assert!(nowhere.code == Some(1) && nowhere.stderr.contains("next: "), "{}", nowhere.stderr);
}
