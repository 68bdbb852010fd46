//! From claim to evidence and back: prove, interrupt, resume, verify, compare, on the real robots with a trial cut short.

mod common;

use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use common::{Ran, copy_package, home, leitai, run};
use serde_json::Value;

/// The palletizing job with three seconds for each trial: too few to finish, enough to run every part of the loop.
fn short_job(home: &Path) {
    copy_package("scenarios/con-block-palletizing", &home.join("job"));
    let manifest = home.join("job/scenario.toml");
    let text = fs::read_to_string(&manifest).expect("the manifest");
    let short = text.replace("duration_s = 160.0", "duration_s = 3.0");
    assert_ne!(short, text);
    fs::write(&manifest, short).expect("writes");
}

fn files(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("the folder");
    let mut names: Vec<_> = entries.map(|e| e.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn digest(ran: &Ran) -> String {
    ran.json()["bundle_digest"].as_str().unwrap_or_else(|| panic!("{}{}", ran.stdout, ran.stderr)).to_string()
}

/// Starts a run and waits until its journal holds a finished trial.
fn started(home: &Path, words: &str, journal: &Path) -> Child {
    let child = leitai(home)
        .args(words.split_whitespace())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts");
    let began = Instant::now();
    while fs::read_to_string(journal).map_or(0, |text| text.lines().count()) < 2 {
        assert!(began.elapsed() < Duration::from_secs(120), "no trial finished");
        std::thread::sleep(Duration::from_millis(5));
    }
    child
}

#[test]
fn a_claim_is_announced_settled_written_and_verified() {
    let home = home();
    short_job(home.path());
    run(home.path(), "key new");
    let ran = run(home.path(), "prove ur20 ./job --trials 2 --jobs 2");
    // Three seconds are too short for every trial.
    assert_eq!(ran.code, Some(3), "{}{}", ran.stdout, ran.stderr);
    for part in [
        "Claim  ur20 · con-block-palletizing",
        "block_mass_kg = 20 kg",
        "exactly 2 trials",
        "outside the maker's rating",
        "REFUTED",
        "not finished within 3 s",
    ] {
        assert!(ran.stdout.to_lowercase().contains(&part.to_lowercase()), "{part} in {}", ran.stdout);
    }
    for part in ["as it must", "Rests on", "signed with your own key", "leitai view out/ur20-con-block-palletizing-trials=2"] {
        assert!(ran.stdout.contains(part), "{part} in {}", ran.stdout);
    }
    let out = home.path().join("out/ur20-con-block-palletizing-trials=2");
    let bundle = out.join("ur20-con-block-palletizing-trials=2.leitai");
    assert!(bundle.is_file() && !files(&out).iter().any(|f| f.contains("journal") || f.starts_with('.')), "{:?}", files(&out));

    // The report stands beside the bundle; the same one is made from the bundle, with who signed it.
    let view = run(home.path(), "view out/ur20-con-block-palletizing-trials=2 -o view.html");
    assert_eq!(view.code, Some(0), "{}", view.stderr);
    let page = |path: &Path| leitai_proving::report::read(&fs::read(path).expect("a page"));
    let report = page(&home.path().join("view.html"));
    assert!(report.is_some() && report == page(&out.join("report.html")));
    let Some(leitai_proving::report::Data::Report(report)) = report else { panic!("not a report") };
    assert!(report.signature.is_some_and(|s| s.trusted) && report.bundle_digest.is_some() && report.replays.len() == 2);

    let found = run(home.path(), "verify out/ur20-con-block-palletizing-trials=2 --fresh 1 --seed 7 --json");
    assert_eq!(found.code, Some(0), "{}", found.stderr);
    let document = found.json();
    assert_eq!((document["verification"]["reexecuted"].as_u64(), document["seed"].as_u64()), (Some(2), Some(7)));
    assert_eq!(document["verification"]["fresh"]["agrees"], true);
    assert_eq!(document["verification"]["signer"]["trusted_as"], "yourself");
    let zh = run(home.path(), "verify out/ur20-con-block-palletizing-trials=2 --reexecute 1 --lang zh");
    assert!(zh.stdout.contains("重跑 1 / 2 次试验，逐位一致") && zh.stdout.contains("已证伪"), "{}", zh.stdout);

    // One byte, anywhere.
    let mut bytes = fs::read(&bundle).expect("the bundle");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(home.path().join("bad.leitai"), bytes).expect("writes");
    let refused = run(home.path(), "verify bad.leitai");
    assert!(refused.code == Some(6) && refused.stderr.starts_with("error: bad.leitai: "), "{}", refused.stderr);
    assert_eq!(run(home.path(), "compare out/ur20-con-block-palletizing-trials=2 bad.leitai").code, Some(6));
}

#[test]
fn threads_do_not_reach_the_evidence_and_programs_get_one_document() {
    let home = home();
    short_job(home.path());
    let [one, two] = [1, 2].map(|jobs| {
        let ran = run(home.path(), &format!("prove ur20 ./job --trials 3 --jobs {jobs} --no-controls --json -o jobs{jobs}"));
        assert_eq!(ran.code, Some(3), "{}", ran.stderr);
        ran
    });
    assert_eq!(digest(&one), digest(&two));
    let document = one.json();
    assert_eq!(document["decision"], "refuted");
    assert_eq!(
        (document["controls"].clone(), document["signer"]["signature"].clone()),
        (Value::Array(Vec::new()), "unsigned".into())
    );
    for field in ["claim_digest", "plan", "warnings", "verdict", "bundle"] {
        assert!(!document[field].is_null(), "{field}");
    }
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_leaves_no_bundle_and_resumes_to_the_same_bits() {
    let home = home();
    short_job(home.path());
    let words = "prove ur20 ./job --trials 6 --no-controls --json";
    let straight = digest(&run(home.path(), &format!("{words} --jobs 2 -o straight")));

    // Ctrl-C, and a kill that nobody can hear.
    for (signal, code) in [("INT", Some(130)), ("KILL", None)] {
        let out = home.path().join(signal);
        let words = format!("{words} --jobs 1 -o {signal}");
        let child = started(home.path(), &words, &out.join("trials.journal"));
        let killed = std::process::Command::new("kill").args([format!("-{signal}"), child.id().to_string()]).status();
        assert!(killed.expect("kill runs").success());
        let ran = Ran::from(child.wait_with_output().expect("ends"));
        assert_eq!(ran.code, code, "{signal}: {}{}", ran.stdout, ran.stderr);
        assert!(files(&out).iter().all(|f| f == ".lock" || f == "trials.journal"), "{signal}: {:?}", files(&out));
        if signal == "INT" {
            assert!(ran.stderr.contains("--resume") && ran.json()["exit_code"] == 130, "{}{}", ran.stdout, ran.stderr);
        }
        let before = fs::read_to_string(out.join("trials.journal")).expect("the journal").lines().count();
        assert!((2..7).contains(&before), "{signal}: {before} lines");
        let resumed = run(home.path(), &format!("{words} --resume"));
        assert_eq!(digest(&resumed), straight, "{signal}");
        assert_eq!(files(&out).len(), files(&home.path().join("straight")).len(), "{signal}: {:?}", files(&out));
    }
}

#[cfg(unix)]
#[test]
fn two_runs_do_not_share_a_folder() {
    let home = home();
    short_job(home.path());
    let words = "prove ur20 ./job --trials 6 --no-controls --jobs 1 -o shared";
    let mut first = started(home.path(), words, &home.path().join("shared/trials.journal"));
    let second = run(home.path(), words);
    first.kill().expect("kills");
    first.wait().expect("ends");
    assert!(second.code == Some(1) && second.stderr.contains("another run"), "{}", second.stderr);
}

#[test]
fn compare_runs_the_second_robot_on_the_first_ones_seeds() {
    let home = home();
    short_job(home.path());
    for robot in ["ur20", "ur10e"] {
        run(home.path(), &format!("prove {robot} ./job --trials 2 --no-controls --unsigned -o {robot}"));
    }
    let ran = run(home.path(), "compare ur20 ur10e");
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stdout.contains("2 pairs of trials") && ran.stdout.contains("No difference shown"), "{}", ran.stdout);
    // With a seed set by hand the two pair as they are, and both are exploratory.
    for robot in ["ur20", "ur10e"] {
        let ran = run(home.path(), &format!("prove {robot} ./job --trials 2 --seed 5 --no-controls --unsigned -o {robot}-5"));
        assert!(ran.stdout.contains("Exploratory"), "{}", ran.stdout);
    }
    assert_eq!(run(home.path(), "compare ur20-5 ur10e-5 --json").json()["second_run_on_first_seeds"], false);
    let other = run(home.path(), "prove ur20 ./job --set block_mass_kg=5 --trials 1 --no-controls --unsigned -o light");
    assert_eq!(other.code, Some(4), "{}", other.stderr);
    let ran = run(home.path(), "compare ur20 light");
    assert!(ran.code == Some(2) && ran.stderr.contains("different jobs"), "{}", ran.stderr);
}

#[test]
fn what_cannot_be_claimed_is_told_before_any_trial() {
    let home = home();
    let cases = [
        ("prove ur21 con-block-palletizing", "did you mean ur20?"),
        ("prove ur20 con-block-paletizing", "did you mean con-block-palletizing?"),
        ("prove ur20 con-block-palletizing --solution blok-palletizing", "did you mean block-palletizing?"),
        ("prove ur20 con-block-palletizing --set block_mass=25", "did you mean `block_mass_kg`?"),
        ("prove ur20 con-block-palletizing --set block_mass_kg=500", "1 to 60 kg"),
        ("prove ur20 con-block-palletizing --set block_mass_kg", "write a name, `=` and a number"),
        ("prove ur20 con-block-palletizing --trials some", "write a whole number or auto"),
        ("prove ur20 con-block-palletizing --trials 0", "use 1 to 100000"),
        ("prove ur20 con-block-palletizing --dt 0.0015", "whole steps"),
        ("prove ur20 con-block-palletizing --jobs 0", "--jobs"),
        ("prove ur20 con-block-palletizing --key none", "none: "),
        ("prove ur20 con-block-palletizing --key x --unsigned", "cannot be used with"),
        ("prove con-block-palletizing ur20", "`con-block-palletizing` is a scenario, not a robot"),
    ];
    for (words, part) in cases {
        let ran = run(home.path(), words);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{words}: {}", ran.stderr);
        let last = ran.stderr.lines().last().unwrap_or_default();
        assert!(ran.stderr.contains(part) && last.starts_with("next: "), "{words}: {}", ran.stderr);
    }
    assert!(!home.path().join("out").exists(), "nothing is left behind");
    let zh = run(home.path(), "prove ur20 con-block-palletizing --set block_mass_kg=500 --lang zh");
    assert!(zh.stderr.starts_with("错误：所求与场景不符"), "{}", zh.stderr);
}

#[test]
fn a_robot_that_is_too_small_is_rejected_with_the_bound() {
    let home = home();
    let mine = home.path().join("mine");
    copy_package("robots/ur5e", &mine);
    let model = mine.join("robot.xml");
    let text = fs::read_to_string(&model).expect("the model");
    // The same arm with both long links much shorter.
    let short = text.replace("pos=\"-0.425 0 0\"", "pos=\"-0.125 0 0\"").replace("pos=\"-0.3922 0", "pos=\"-0.0922 0");
    assert_ne!(short, text);
    fs::write(&model, short).expect("writes");
    let ran = run(home.path(), "prove ./mine con-block-palletizing");
    assert_eq!(ran.code, Some(5), "{}{}", ran.stdout, ran.stderr);
    assert!(
        ran.stdout.contains("REJECTED") && ran.stdout.contains("cannot do this job, whatever its controller"),
        "{}",
        ran.stdout
    );
    let verified = run(home.path(), "verify out/ur5e-con-block-palletizing --lang zh");
    assert!(verified.code == Some(0) && verified.stdout.contains("界限重算一致"), "{}{}", verified.stdout, verified.stderr);
}

#[test]
fn an_acceptance_file_is_the_claim_it_was_written_from() {
    let home = home();
    short_job(home.path());
    let written = run(home.path(), "prove ur20 ./job --set block_mass_kg=21 --trials 2 --write-acceptance annex.toml --json");
    assert_eq!(written.code, Some(0), "{}", written.stderr);
    assert!(!home.path().join("out").exists(), "nothing was run");
    let again = run(home.path(), "prove ur20 ./job --write-acceptance annex.toml");
    assert!(again.code == Some(2) && again.stderr.contains("is not overwritten"), "{}", again.stderr);

    let straight = run(home.path(), "prove ur20 ./job --set block_mass_kg=21 --trials 2 --no-controls --json -o straight");
    let by_file = run(home.path(), "prove --acceptance annex.toml ur20 ./job --no-controls --json");
    assert_eq!(by_file.code, Some(3), "{}", by_file.stderr);
    for field in ["claim_digest", "verdict"] {
        assert_eq!(by_file.json()[field], straight.json()[field], "{field}");
    }
    assert_eq!(by_file.json()["claim_digest"], written.json()["claim_digest"]);
    assert_ne!(digest(&by_file), digest(&straight), "the bundle carries the file");
    let verified = run(home.path(), "verify out/ur20-con-block-palletizing-annex --lang zh");
    assert!(verified.code == Some(0) && verified.stdout.contains("按验收文件"), "{}{}", verified.stdout, verified.stderr);

    // Changed thresholds are told before, in the result and by the verifier.
    let mut text = fs::read_to_string(home.path().join("annex.toml")).expect("the file");
    text += "\n[[require]]\nrequirement = \"placement\"\nlimit = 0.004\nunit = \"m\"\nrate_at_least = 0.5\n";
    fs::write(home.path().join("tight.toml"), &text).expect("writes");
    let ran = run(home.path(), "prove --acceptance tight.toml ur20 ./job --no-controls");
    assert_eq!(ran.code, Some(3), "{}", ran.stderr);
    assert_eq!(ran.stdout.matches("0.004 m in one trial (the scenario").count(), 2, "{}", ran.stdout);
    assert!(ran.stdout.contains("placement_offset_m ≤ 0.004"), "{}", ran.stdout);
    let verified = run(home.path(), "verify out/ur20-con-block-palletizing-tight");
    assert!(verified.code == Some(0) && verified.stdout.contains("(the scenario says 90 %)"), "{}", verified.stdout);

    fs::write(home.path().join("typo.toml"), text.replace("\"placement\"", "\"placment\"")).expect("writes");
    let open = text.split("\n\n").filter(|table| !table.starts_with("[robot]")).collect::<Vec<_>>().join("\n\n");
    fs::write(home.path().join("open.toml"), open).expect("writes");
    for (words, part) in [
        ("prove --acceptance annex.toml", "scenario `con-block-palletizing` is not the one that was agreed"),
        ("prove --acceptance annex.toml ur5e ./job", "the file names the robot `ur20`, and `ur5e` was asked for"),
        ("prove --acceptance annex.toml ur20 ./job --set block_mass_kg=2", "--set cannot be used with --acceptance"),
        ("prove --acceptance annex.toml ur20 ./job --trials 4", "--trials cannot be used with --acceptance"),
        ("prove --acceptance annex.toml --write-acceptance b.toml", "cannot be used with"),
        ("prove --acceptance typo.toml ur20 ./job", "did you mean `placement`?"),
        ("prove --acceptance open.toml", "it names no robot"),
        ("prove --acceptance none.toml", "none.toml: "),
        ("prove --acceptance job/scenario.toml", "job/scenario.toml:"),
        ("prove ur20", "<SCENARIO"),
        ("prove ur20 ./job --seed 5 --write-acceptance b.toml", "chosen by hand"),
    ] {
        let ran = run(home.path(), words);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{words}: {}", ran.stderr);
        let last = ran.stderr.lines().last().unwrap_or_default();
        assert!(ran.stderr.contains(part) && last.starts_with("next: "), "{words}: {}", ran.stderr);
    }
}
