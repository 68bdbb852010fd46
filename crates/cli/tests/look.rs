//! Looking around: introduction, help, list, show, and what a wrong word gets.

mod common;

use std::fs;
use std::io::Write as _;

use common::{copy_package, home, leitai, run};

#[test]
fn without_words_it_says_what_to_try_first() {
    let home = home();
    let ran = run(home.path(), "");
    assert_eq!(ran.code, Some(0));
    for first in ["leitai list", "leitai prove ur20 con-block-palletizing", "leitai view out/ur20-con-block-palletizing"] {
        assert!(ran.stdout.contains(first), "{}", ran.stdout);
    }
    let zh = run(home.path(), "--lang zh");
    assert!(zh.stdout.contains("先试这三条"), "{}", zh.stdout);
    assert_eq!(run(home.path(), "--json").json()["try_first"].as_array().map(Vec::len), Some(3));
}

#[test]
fn the_locale_chooses_the_language() {
    let home = home();
    let ran: common::Ran = leitai(home.path()).env("LANG", "zh_CN.UTF-8").output().expect("starts").into();
    assert!(ran.stdout.contains("机器人试验场"), "{}", ran.stdout);
    let ran: common::Ran = leitai(home.path()).env("LANG", "zh_CN.UTF-8").args(["--lang", "en"]).output().expect("starts").into();
    assert!(ran.stdout.contains("proving ground"), "{}", ran.stdout);
}

#[test]
fn help_tells_exit_codes_in_both_languages() {
    let home = home();
    let en = run(home.path(), "--help");
    assert!(en.code == Some(0) && en.stdout.contains("3 refuted") && en.stdout.contains("list "), "{}", en.stdout);
    let zh = run(home.path(), "--help --lang zh");
    assert!(zh.code == Some(0) && zh.stdout.contains("3 已证伪") && zh.stdout.contains("列出目录中的包"), "{}", zh.stdout);
    assert!(run(home.path(), "--version").stdout.starts_with("leitai "));
}

#[test]
fn list_names_every_package_for_people_and_programs() {
    let home = home();
    let ran = run(home.path(), "list");
    for id in ["ur5e", "ur10e", "ur20", "ur30", "franka-fr3", "kuka-iiwa14", "con-block-palletizing", "block-clamp"] {
        assert!(ran.stdout.contains(id), "{id} in {}", ran.stdout);
    }
    let robots = run(home.path(), "list robots --json").json();
    assert_eq!(robots["robots"].as_array().map(Vec::len), Some(11));
    let ur20 = robots["robots"].as_array().expect("a list").iter().find(|r| r["id"] == "ur20").expect("ur20");
    assert_eq!(ur20["claims"]["payload_kg"]["value"], 20.0);
    assert!(run(home.path(), "list scenarios --lang zh").stdout.contains("建筑材料搬运码垛"));
}

#[test]
fn show_prints_figures_with_unit_source_and_standing() {
    let home = home();
    let ran = run(home.path(), "show ur20");
    let line = ran.stdout.lines().find(|line| line.starts_with("reach_m")).expect("the claimed reach");
    assert_eq!(line.split_whitespace().collect::<Vec<_>>(), ["reach_m", "1.75", "m", "verified", "edu"]);
    assert!(ran.stdout.contains("Assumptions (6"), "{}", ran.stdout);
    let zh = run(home.path(), "show con-block-palletizing --lang zh");
    for part in ["放置位置", "block_mass_kg", "假设（", "来源"] {
        assert!(zh.stdout.contains(part), "{part} in {}", zh.stdout);
    }
    let json = run(home.path(), "show block-palletizing --json").json();
    assert_eq!(
        (json["kind"].as_str(), json["package"]["solution"]["id"].as_str()),
        (Some("solution"), Some("block-palletizing"))
    );
    assert_eq!(run(home.path(), "show block-clamp").code, Some(0));
}

#[test]
fn an_unknown_name_gets_the_nearest() {
    let home = home();
    let ran = run(home.path(), "show ur21");
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""));
    assert_eq!(ran.stderr, "error: there is no package `ur21` in the catalog\nnext: did you mean ur20?\n");
    let ran = run(home.path(), "show something-else-entirely --lang zh --json");
    assert_eq!((ran.code, ran.json()["exit_code"].as_i64()), (Some(2), Some(2)));
    assert!(ran.stderr.contains("目录中没有包"), "{}", ran.stderr);
}

#[test]
fn wrong_words_get_one_error_and_a_next_step() {
    let home = home();
    for (words, part, help) in [
        ("shwo ur20", "shwo", "leitai --help"),
        ("list robts", "robts", "leitai list --help"),
        ("show", "<ID|PATH>", "leitai show --help"),
        ("--lang fr list", "fr", "leitai list --help"),
        ("key", "a command is missing after `key`", "leitai key --help"),
        ("key nwe", "nwe", "leitai key --help"),
    ] {
        let ran = run(home.path(), words);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{words}");
        let last = ran.stderr.lines().last().unwrap_or_default();
        assert!(ran.stderr.contains(part) && last == format!("next: {help}"), "{words}: {}", ran.stderr);
    }
}

#[test]
fn a_folder_is_a_package_and_its_faults_are_told_by_its_own_path() {
    let home = home();
    let mine = home.path().join("mine");
    copy_package("robots/ur20", &mine);
    let manifest = mine.join("robot.toml");
    let text = fs::read_to_string(&manifest).expect("the manifest").replace("id = \"ur20\"", "id = \"mine\"");
    fs::write(&manifest, &text).expect("writes");
    for path in ["./mine", "mine/robot.toml"] {
        let ran = run(home.path(), &format!("show {path}"));
        assert!(ran.stdout.starts_with("mine  "), "{path}: {}{}", ran.stdout, ran.stderr);
    }
    // The same word without a slash is an id; the folder is offered.
    assert!(run(home.path(), "show mine").stderr.ends_with("write ./mine\n"));

    fs::write(&manifest, text.replace("dof = 6", "dof = seven")).expect("writes");
    let ran = run(home.path(), "show ./mine");
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.starts_with("error: ./mine/robot.toml:"), "{}", ran.stderr);

    fs::write(&manifest, [0xff, 0xfe]).expect("writes");
    assert!(run(home.path(), "show ./mine").stderr.contains("not UTF-8"));
    let ran = run(home.path(), "show ./none");
    assert!(ran.code == Some(2) && ran.stderr.contains("no such file"), "{}", ran.stderr);
}

#[test]
fn a_catalog_stands_before_the_built_in_one_only_when_named() {
    let home = home();
    copy_package("robots/ur20", &home.path().join("catalog/robots/ur20"));
    let manifest = home.path().join("catalog/robots/ur20/robot.toml");
    let text = fs::read_to_string(&manifest).expect("the manifest").replace("value = 1.75", "value = 1.25");
    fs::write(&manifest, text).expect("writes");
    let reach = |words: &str| -> String {
        let ran = run(home.path(), words);
        ran.stdout
            .lines()
            .find(|l| l.starts_with("reach_m"))
            .expect("a reach")
            .split_whitespace()
            .nth(1)
            .map(str::to_string)
            .expect("a value")
    };
    assert_eq!(reach("show ur20"), "1.75");
    assert_eq!(reach("show ur20 --catalog catalog"), "1.25");
    // The others are still there.
    assert!(run(home.path(), "list --catalog catalog").stdout.contains("ur5e"));
    let ran = run(home.path(), "list --catalog catalog/robots");
    assert!(ran.code == Some(2) && ran.stderr.contains("not a catalog"), "{}", ran.stderr);
}

#[test]
fn completions_know_the_commands() {
    let home = home();
    for shell in ["bash", "zsh", "fish"] {
        assert!(run(home.path(), &format!("completions {shell}")).stdout.contains("completions"), "{shell}");
    }
}

/// `leitai show … | head -1`: the reader goes away before everything is written.
#[test]
fn a_reader_that_goes_away_is_no_error() {
    let home = home();
    let mut child = leitai(home.path())
        .args(["show", "con-block-palletizing", "--json"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("ends");
    let _ = std::io::stderr().flush();
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
}

#[test]
fn a_model_becomes_a_page_that_needs_no_other_file() {
    let home = home();
    for (target, part) in [("ur20", "shoulder_pan_joint"), ("block-clamp", "jaw"), ("con-block-palletizing", "supply_pallet")] {
        let ran = run(home.path(), &format!("view {target} -o {target}.html"));
        assert_eq!((ran.code, ran.stdout), (Some(0), format!("{target}.html\n")), "{}", ran.stderr);
        let page = fs::read_to_string(home.path().join(format!("{target}.html"))).expect("the page");
        assert!(page.contains(part) && !page.contains("src=\"http"), "{target}");
    }
    // Nobody looks here: the path is printed, and the page stays.
    let ran = run(home.path(), "view ur5e --json");
    assert_eq!(ran.json()["opened"], false);
    fs::remove_file(ran.json()["page"].as_str().expect("a path")).expect("the page is there");
    for (words, part) in [
        ("view block-palletizing", "has no model"),
        ("view ./none.xml", "no such file"),
        ("view none.leitai", "none.leitai"),
        ("view .", "no bundle"),
    ] {
        let ran = run(home.path(), words);
        assert!(ran.code == Some(2) && ran.stderr.contains(part), "{words}: {}", ran.stderr);
    }
}

#[test]
fn a_robot_is_checked_before_it_is_trusted() {
    let home = home();
    let good = run(home.path(), "robot check ur20");
    assert!(good.code == Some(0) && good.stdout.contains("0 errors"), "{}{}", good.stdout, good.stderr);
    let xml = r#"<mujoco><worldbody><body name="arm"><joint name="j"/>
<inertial pos="0 0 0" mass="1" diaginertia="1 1 9"/></body></worldbody></mujoco>"#;
    fs::write(home.path().join("arm.xml"), xml).expect("writes");
    let bad = run(home.path(), "robot check arm.xml --lang zh");
    assert_eq!(bad.code, Some(2), "{}{}", bad.stdout, bad.stderr);
    assert!(bad.stdout.contains("[inertia-impossible]") && bad.stderr.contains("下一步"), "{}{}", bad.stdout, bad.stderr);
    let json = run(home.path(), "robot check arm.xml --json").json();
    assert!(
        json["errors"].as_u64() >= Some(1) && json["findings"][0]["place"].as_str().is_some_and(|p| p.starts_with("arm.xml:"))
    );
    fs::write(home.path().join("torn.urdf"), "<robot name=\"x\"><link").expect("writes");
    let torn = run(home.path(), "robot check ./torn.urdf");
    assert!(torn.code == Some(2) && torn.stdout.contains("torn.urdf"), "{}{}", torn.stdout, torn.stderr);
    // A manifest that does not parse is a finding too.
    copy_package("robots/ur5e", &home.path().join("mine"));
    fs::write(home.path().join("mine/robot.toml"), "[robot]\nid = 7\n").expect("writes");
    let mine = run(home.path(), "robot check ./mine");
    assert!(mine.code == Some(2) && mine.stdout.contains("mine/robot.toml:2: [unreadable]"), "{}{}", mine.stdout, mine.stderr);
}
