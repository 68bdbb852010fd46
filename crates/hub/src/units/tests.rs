//! Parts as machines run them: in any order, twice, on a folder that somebody altered, and with another result.

use leitai_proving::engine::Request;

use super::*;
use crate::prove::tests::{SCENARIO, short_catalog};

/// Five trials in parts of two.
fn laid_out(root: &Path) -> (Case, Units) {
    let request = Request { robot: "ur20".to_string(), scenario: SCENARIO.to_string(), trials: Some(5), ..Request::default() };
    let case = Case::open(&short_catalog(), &request).expect("opens");
    let units = Units::lay_out(root, &case, 2).expect("lays out");
    (case, units)
}

#[test]
fn parts_in_any_order_give_the_trials_of_one_run() {
    let root = tempfile::tempdir().expect("a folder");
    let (case, units) = laid_out(root.path());
    assert_eq!(units.count(), 3);
    let mut gathered = Gathered::default();
    let read = |gathered: &mut Gathered| gathered.read(&units, 0..units.count()).expect("reads");
    work(units.folder(), 2).expect("runs");
    assert!(read(&mut gathered).is_empty() && gathered.has(2) && gathered.next() == 0, "it waits for the parts before it");
    work(units.folder(), 0).expect("runs");
    let mut outcomes = read(&mut gathered);
    assert_eq!((outcomes.len(), gathered.next()), (2, 1));
    // A task that is started again, and one that another hub laid out.
    work(units.folder(), 0).expect("the same bits");
    let again = laid_out(root.path()).1;
    work(again.folder(), 1).expect("runs");
    outcomes.extend(read(&mut gathered));
    let runner = case.runner(case.claim.seed_root(), Arm::Solution).expect("something to run");
    let wanted: Vec<Outcome> = (0..5).map(|trial| runner.run(trial).expect("runs")).collect();
    assert_eq!(outcomes, wanted);
    assert!(units.alarm().is_none());
    units.remove();
    assert_eq!(std::fs::read_dir(root.path()).expect("a folder").count(), 0);
}

#[test]
fn another_result_of_the_same_part_is_an_alarm() {
    let root = tempfile::tempdir().expect("a folder");
    let units = laid_out(root.path()).1;
    work(units.folder(), 1).expect("runs");
    let result = units.result(1);
    let good = std::fs::read(&result).expect("reads");
    // What a faulty machine might have left: a trial is missing.
    let shorter = good.len() - good.iter().rev().skip(1).position(|&byte| byte == b'\n').expect("lines") - 1;
    std::fs::write(&result, &good[..shorter]).expect("writes");
    assert!(matches!(units.read(1), Err(UnitError::Altered { .. })));
    let error = work(units.folder(), 1).expect_err("other bits");
    assert!(error.to_string().starts_with("part 1 came to other bits than before"), "{error}");
    let Some(UnitError::Mismatch { index: 1, before, now }) = units.alarm() else { panic!("no alarm") };
    assert_eq!((std::fs::read(before).expect("reads").len(), std::fs::read(now).expect("reads")), (shorter, good));
}

#[test]
fn a_folder_that_is_not_what_the_hub_made_is_refused() {
    let root = tempfile::tempdir().expect("a folder");
    let units = laid_out(root.path()).1;
    let refused = |index| work(units.folder(), index).expect_err("refuses").to_string();
    assert_eq!(refused(3), "there is no part 3; the parts are 0 to 2");
    let file = units.folder().join("packages/robots/ur20/robot.toml");
    let text = std::fs::read_to_string(&file).expect("reads");
    std::fs::write(&file, format!("{text}\n# kinder limits")).expect("writes");
    assert!(refused(0).contains("its packages have changed"));
    std::fs::write(&file, text).expect("writes");
    let unit = units.folder().join("unit.json");
    let text = std::fs::read_to_string(&unit).expect("reads");
    std::fs::write(&unit, text.replace(&engine::version(), "leitai 9.9.9 physics 99")).expect("writes");
    assert!(refused(0).contains("install the hub's version on every machine"));
    std::fs::write(&unit, "{").expect("writes");
    assert!(refused(0).contains("unit.json"));
    assert_eq!(std::fs::read_dir(units.folder().join("results")).expect("a folder").count(), 0);
}
