//! A hub as people run it: a process that is started, sent bundles, stopped and killed.

mod common;

use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

use common::running::Running;
use common::{home, leitai, run};
use leitai_math::Seed;
use serde_json::Value;

/// How often the hub is killed; `LEITAI_KILLS=200` for the whole bar of docs/hub.md.
fn kills() -> u64 {
    std::env::var("LEITAI_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(6)
}

/// Evidence that needs no trial: an arm that cannot reach, with blocks of this mass.
fn rejected(home: &Path, arm: &str, mass_kg: u64) -> PathBuf {
    let folder = format!("{arm}-{mass_kg}");
    let ran = run(home, &format!("prove {arm} con-block-palletizing --set block_mass_kg={mass_kg} --unsigned -o {folder}"));
    assert_eq!(ran.code, Some(5), "{}", ran.stderr);
    home.join(folder)
}

#[test]
fn a_bundle_is_published_by_one_command_on_the_hubs_own_machine() {
    let home = home();
    let home = home.path();
    let bundle = rejected(home, "kuka-iiwa14", 5);
    let none = run(home, "publish kuka-iiwa14-5 --hub http://127.0.0.1:9");
    assert_eq!(none.code, Some(2), "no hub, no token: {}", none.stderr);
    let hub = Running::start(home);
    let ran = run(home, &format!("--json publish kuka-iiwa14-5 --hub {}", hub.base));
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let evidence = &ran.json()["evidence"];
    assert_eq!((&evidence["decision"], &evidence["check"]["state"]), (&"rejected".into(), &"agrees".into()));
    assert_eq!(hub.ask("/api/v1/products/kuka-iiwa14")["verdicts"]["rejected"], 1);
    let wrong = run(home, &format!("publish kuka-iiwa14-5 --hub {} --token guess", hub.base));
    assert_eq!(wrong.code, Some(1));
    assert!(wrong.stderr.contains("401"), "{}", wrong.stderr);
    let away = run(home, "publish kuka-iiwa14-5 --hub http://127.0.0.1:9");
    assert!(away.code == Some(1) && away.stderr.contains("leitai serve"), "{}", away.stderr);
    let taken = run(home, &format!("serve --no-open --data other --address {}", hub.base.trim_start_matches("http://")));
    assert!(taken.code == Some(1) && taken.stderr.contains("--address"), "{}", taken.stderr);
    // What is damaged never leaves this machine.
    let file = std::fs::read_dir(&bundle)
        .expect("a folder")
        .flatten()
        .map(|e| e.path())
        .find(|p| p.extension().is_some_and(|e| e == "leitai"));
    let mut bytes = std::fs::read(file.expect("a bundle")).expect("reads");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(home.join("damaged.leitai"), bytes).expect("writes");
    assert_eq!(run(home, &format!("publish damaged.leitai --hub {}", hub.base)).code, Some(6));
    drop(hub);
    let checked = run(home, "hub check");
    assert_eq!(checked.code, Some(0), "{}{}", checked.stdout, checked.stderr);
    assert_eq!(run(home, "hub check --data nowhere").code, Some(2));
}

/// What a browser asks for is an id: a model's page shows no file of this machine.
#[test]
fn a_models_page_reads_nothing_but_the_catalog() {
    let home = home();
    let home = home.path();
    std::fs::write(home.join("arm.xml"), "<mujoco><worldbody><body><geom size=\"1\"/></body></worldbody></mujoco>")
        .expect("writes");
    assert_eq!(run(home, "robot check arm.xml").code, Some(0), "the file itself is good");
    let hub = Running::start(home);
    let status = |id: &str| {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        agent.get(format!("{}/products/{id}/model", hub.base)).call().expect("an answer").status().as_u16()
    };
    assert_eq!(status("ur20"), 200);
    for id in [
        "arm.xml",
        "arm%2Exml",
        ".%2Farm.xml",
        &home.join("arm.xml").display().to_string().replace('/', "%2F"),
        "..%2Frobots%2Fur20",
    ] {
        assert_eq!(status(id), 404, "{id}");
    }
}

/// Killed at random moments while bundles arrive and are run again: the store opens, every bundle whose sender was told that it
/// arrived is there, none is there twice, and every figure follows from the records.
#[test]
fn a_kill_loses_nothing_and_doubles_nothing() {
    let home = home();
    let home = home.path();
    let bundles: Vec<PathBuf> = (1..=12).map(|mass| rejected(home, "kuka-iiwa14", mass)).collect();
    let mut draw = Seed::from_number(1).stream("kills");
    let (mut arrived, mut sent) = (std::collections::BTreeSet::new(), 0);
    for _ in 0..kills() {
        let mut hub = Running::start(home);
        let of = |i: usize| (sent + i) % bundles.len();
        let senders: Vec<(usize, Child)> = (0..3).map(|i| (of(i), hub.publish(home, &bundles[of(i)]))).collect();
        sent += senders.len();
        std::thread::sleep(Duration::from_micros(draw.uniform(0.0, 120_000.0) as u64));
        hub.child.kill().expect("kills");
        hub.child.wait().expect("ends");
        for (bundle, mut sender) in senders {
            if sender.wait().expect("ends").success() {
                arrived.insert(bundle);
            }
        }
        let checked = run(home, "hub check");
        assert_eq!(checked.code, Some(0), "{}{}", checked.stdout, checked.stderr);
    }
    let hub = Running::start(home);
    let masses = |page: &Value| -> Vec<i64> {
        let items = page["items"].as_array().expect("a list");
        items.iter().map(|e| e["parameters"]["block_mass_kg"].as_f64().expect("a mass") as i64).collect()
    };
    let mut found = masses(&hub.ask("/api/v1/evidence?per_page=200"));
    found.sort_unstable();
    let all = found.len();
    found.dedup();
    assert_eq!(all, found.len(), "none twice");
    for bundle in arrived {
        assert!(found.contains(&(bundle as i64 + 1)), "{} kg was lost", bundle + 1);
    }
}

/// Killed at random moments while it proves: what was asked for is there, once, and ends with the bundle of an undisturbed run.
#[test]
fn a_proof_that_is_killed_comes_to_the_evidence_of_an_undisturbed_one() {
    let home = home();
    let home = home.path();
    let scenario = home.join("short/scenarios/con-block-palletizing");
    common::copy_package("scenarios/con-block-palletizing", &scenario);
    let manifest = scenario.join("scenario.toml");
    let text = std::fs::read_to_string(&manifest).expect("reads");
    std::fs::write(&manifest, text.replace("duration_s = 160.0", "duration_s = 1.0")).expect("writes");
    let wanted = |robot: &str| {
        let ran =
            run(home, &format!("--json --catalog short prove {robot} con-block-palletizing --trials 6 --unsigned -o {robot}"));
        assert!(matches!(ran.code, Some(3 | 4)), "{:?} {}", ran.code, ran.stderr);
        ran.json()["bundle_digest"].clone()
    };
    let robots = ["ur20", "ur30"];
    let wanted = robots.map(wanted);
    let start = || Running::with(home, &["--catalog", "short"]);
    let mut draw = Seed::from_number(2).stream("kills");
    for round in 0..kills() {
        let mut hub = start();
        if round == 0 {
            let token = std::fs::read_to_string(home.join(".local/share/leitai/hub/token")).expect("a token");
            for robot in robots {
                let body =
                    serde_json::json!({ "robot": robot, "scenario": "con-block-palletizing", "trials": 6, "why": "a test" });
                let request =
                    ureq::post(format!("{}/api/v1/proofs", hub.base)).header("authorization", format!("Bearer {token}"));
                let answer = request.header("content-type", "application/json").send(body.to_string()).expect("an answer");
                assert_eq!(answer.status(), 201);
            }
        }
        std::thread::sleep(Duration::from_micros(draw.uniform(0.0, 2_000_000.0) as u64));
        hub.child.kill().expect("kills");
        hub.child.wait().expect("ends");
        let checked = run(home, "hub check");
        assert_eq!(checked.code, Some(0), "{}{}", checked.stdout, checked.stderr);
    }
    let hub = start();
    for (id, (robot, wanted)) in (1..).zip(robots.iter().zip(&wanted)) {
        let ended = (0..1200).find_map(|_| {
            let proof = hub.ask(&format!("/api/v1/proofs/{id}"));
            if proof["ended_ms"].is_null() {
                std::thread::sleep(Duration::from_millis(100));
                return None;
            }
            Some(proof)
        });
        let proof = ended.expect("it ends");
        assert_eq!((&proof["robot"], &proof["state"], &proof["evidence"]), (&(*robot).into(), &"done".into(), wanted), "{proof}");
    }
    assert_eq!(hub.ask("/api/v1/proofs")["total"], 2);
    assert_eq!(hub.ask("/api/v1/evidence")["total"], 2, "none twice");
    drop(hub);
    assert_eq!(run(home, "hub check").code, Some(0));
}

/// Killed at random moments while it backs up or restores: the backup is whole or not there, and so is the store.
#[test]
fn a_kill_leaves_no_half_of_a_backup_or_a_store() {
    let home = home();
    let home = home.path();
    let bundle = rejected(home, "kuka-iiwa14", 5);
    let mut hub = Running::start(home);
    assert!(hub.publish(home, &bundle).wait().expect("ends").success());
    let mut draw = Seed::from_number(2).stream("kills");
    let mut killed = |words: &str| {
        let mut child = leitai(home).args(words.split(' ')).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("starts");
        std::thread::sleep(Duration::from_micros(draw.uniform(0.0, 60_000.0) as u64));
        child.kill().expect("kills");
        child.wait().expect("ends");
    };
    for i in 0..kills() {
        killed(&format!("hub backup {i}.backup"));
        if !home.join(format!("{i}.backup")).exists() {
            let made = run(home, &format!("--json hub backup {i}.backup"));
            assert_eq!((made.code, made.json()["bundles"].as_u64()), (Some(0), Some(1)), "{}", made.stderr);
        }
        killed(&format!("hub restore {i}.backup --data store-{i}"));
        if home.join(format!("store-{i}")).exists() {
            assert_eq!(run(home, &format!("hub check --data store-{i}")).code, Some(0));
        } else {
            let made = run(home, &format!("hub restore {i}.backup --data store-{i}"));
            assert_eq!(made.code, Some(0), "{}{}", made.stdout, made.stderr);
        }
    }
    assert_eq!(run(home, "hub backup 0.backup").code, Some(2), "never over another");
    assert_eq!(run(home, "hub restore 0.backup --data store-0").code, Some(2), "never over another");
    assert_eq!(run(home, "hub restore damaged --data new").code, Some(1), "no such file");
    hub.child.kill().expect("kills");
}

/// Ctrl-C ends the hub, also while somebody holds a request that never ends.
#[test]
fn who_never_ends_a_request_does_not_keep_the_hub() {
    use std::io::Write;
    let home = home();
    let mut hub = Running::start(home.path());
    let mut stranger = std::net::TcpStream::connect(hub.base.trim_start_matches("http://")).expect("connects");
    stranger.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n").expect("writes");
    let asked = std::process::Command::new("kill").args(["-INT", &hub.child.id().to_string()]).status().expect("a command");
    assert!(asked.success());
    let ended = (0..200).find_map(|_| {
        std::thread::sleep(Duration::from_millis(100));
        hub.child.try_wait().expect("waits")
    });
    assert_eq!(ended.expect("it ends").code(), Some(0));
}
