//! `leitai oracle`: answers in MuJoCo's fields, beside MuJoCo's own.

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::{home, leitai, run};
use serde_json::Value;

fn mujoco() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../oracle/mujoco")
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).expect("a file")).expect("JSON")
}

/// Every number of `wanted` stands in `found` too, as near as `near` parts of one or of itself.
fn assert_near(found: &Value, wanted: &Value, near: f64, place: &str) {
    match wanted {
        Value::Object(fields) => {
            fields.iter().for_each(|(key, value)| assert_near(&found[key], value, near, &format!("{place}.{key}")));
        }
        Value::Array(list) => {
            assert_eq!(found.as_array().map(Vec::len), Some(list.len()), "{place}");
            list.iter().enumerate().for_each(|(i, value)| assert_near(&found[i], value, near, &format!("{place}[{i}]")));
        }
        Value::Number(number) => {
            let (x, y) = (found.as_f64().unwrap_or(f64::NAN), number.as_f64().expect("a double"));
            assert!((x - y).abs() <= near * y.abs().max(1.0), "{place}: {x}, MuJoCo {y}");
        }
        other => assert_eq!(found, other, "{place}"),
    }
}

/// Contacts of one pair in the order of their places, and nothing that depends on their order.
fn put_in_order(contact: &mut Value) {
    let fields = contact.as_object_mut().expect("an object");
    // How often the solver went round is its own affair.
    fields.remove("solver_niter");
    let contacts = fields["contacts"].as_array_mut().expect("contacts");
    contacts.sort_by_key(|c| {
        let place: Vec<_> = (0..3).map(|k| (c["pos"][k].as_f64().expect("a number") * 1e6).round() as i64).collect();
        (c["geom"][0].as_i64(), c["geom"][1].as_i64(), place)
    });
    if !contacts.is_empty() {
        fields.remove("efc");
    }
}

/// MuJoCo 4.0.0's answers, written by `oracle/mujoco/write.sh own`: a limb with limits, dry friction, actuators and sensors, and
/// bodies on elliptic and pyramidal cones.
#[test]
fn every_field_is_as_in_mujocos_own_answers() {
    let home = home();
    for name in
        ["sensors", "limits", "friction_loss", "equality_connect", "tendon_fixed", "contact_margin", "cone_pyramidal", "gripper"]
    {
        let (model, answers) = (mujoco().join(format!("models/{name}.xml")), mujoco().join(format!("answers/{name}.json")));
        let ran = run(home.path(), &format!("oracle {} {} -o out.json", model.display(), answers.display()));
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{name}");
        let (mut found, mut wanted) = (read(&home.path().join("out.json")), read(&answers));
        assert_eq!(found["format"], "leitai-oracle-1");
        assert!(found["engine"].as_str().expect("a name").starts_with("leitai "));
        for state in [&mut found, &mut wanted].into_iter().flat_map(|answers| answers["states"].as_array_mut().expect("states")) {
            put_in_order(&mut state["contact"]);
        }
        assert_near(&found["states"], &wanted["states"], 1e-9, name);
        for part in ["sizes", "names"] {
            wanted[part].as_object_mut().expect("an object").retain(|key, _| !["mesh", "nmesh"].contains(&key.as_str()));
            assert_near(&found[part], &wanted[part], 0.0, &format!("{name}.{part}"));
        }
        // Options of its collision code, and the grid that planes are drawn with.
        wanted["option"].as_object_mut().expect("an object").remove("ccd_tolerance");
        assert_near(&found["option"], &wanted["option"], 0.0, &format!("{name}.option"));
        // Ranges that do not limit are not kept, and principal axes may be flipped.
        let free = |key: &String| key.ends_with("range") || ["geom_size", "body_iquat"].contains(&key.as_str());
        wanted["model_const"].as_object_mut().expect("an object").retain(|key, _| !free(key));
        assert_near(&found["model_const"], &wanted["model_const"], 1e-9, &format!("{name}.model_const"));
    }
}

#[test]
fn states_alone_are_enough_and_what_is_left_out_is_zero() {
    let home = home();
    fs::write(home.path().join("s.json"), r#"{"states":[{"qpos":[0.5]},{"qpos":[0],"qvel":[1]}]}"#).expect("writes");
    let model = mujoco().join("models/pendulum.xml");
    let ran = run(home.path(), &format!("oracle {} s.json", model.display()));
    let answers = ran.json();
    assert_eq!(answers["states"].as_array().map(Vec::len), Some(2));
    assert_eq!(answers["states"][0]["qvel"], serde_json::json!([0.0]));
    assert_eq!(answers["states"][1]["qvel"], serde_json::json!([1.0]));
    // Held up by nothing, it swings back; hanging straight down, it does not accelerate.
    assert!(answers["states"][0]["free"]["qacc"][0].as_f64().expect("a number").abs() > 1.0);
}

#[test]
fn what_does_not_fit_gets_one_clear_error_and_leaves_nothing_behind() {
    let home = home();
    let model = mujoco().join("models/pendulum.xml");
    for (states, says) in [
        (r#"{"states":[{"qpos":[0.5,1]}]}"#, "state 0: `qpos` has 2 numbers; this model needs 1"),
        (r#"{"states":[{"qpos":[0]},{"qpos":[0],"ctrl":[1,2]}]}"#, "state 1: `ctrl` has 2 numbers; this model needs 1, or none"),
        (r#"{"states":[]}"#, "`states` is empty"),
        (r#"{"state":[]}"#, "missing field `states`"),
        (r#"{"states":[{"qpos":[NaN]}]}"#, "it is not a JSON object with a list `states`"),
        (r#"{"format":"other-2","states":[{"qpos":[0]}]}"#, "its `format` is `other-2`"),
        (r#"{"states":[{"qpos":[0],"qvel":[1e300]}]}"#, "state 0: its numbers are too large"),
        ("", "it is not a JSON object"),
    ] {
        fs::write(home.path().join("s.json"), states).expect("writes");
        let ran = leitai(home.path()).arg("oracle").arg(&model).args(["s.json", "-o", "out.json"]).output().expect("starts");
        let ran: common::Ran = ran.into();
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{states}");
        assert!(ran.stderr.contains(says) && ran.stderr.contains("s.json") && ran.stderr.contains("\nnext: "), "{}", ran.stderr);
        assert!(!home.path().join("out.json").exists());
    }
    let zh = run(home.path(), &format!("oracle {} missing.json --lang zh", model.display()));
    assert!(zh.code == Some(2) && zh.stderr.contains("missing.json") && zh.stderr.contains("下一步"), "{}", zh.stderr);
    assert_eq!(run(home.path(), "oracle missing.xml s.json").code, Some(2));
}

/// The answers say how the URDF was read; without a word it is read as MuJoCo's importer does, links on fixed joints fused.
#[test]
fn a_urdf_is_read_as_mujocos_importer_reads_it() {
    let home = home();
    for name in ["joints", "world"] {
        let (model, answers) =
            (mujoco().join(format!("models/urdf/{name}.urdf")), mujoco().join(format!("answers/urdf_{name}.json")));
        let ran = run(home.path(), &format!("oracle {} {}", model.display(), answers.display()));
        let (found, wanted) = (ran.json(), read(&answers));
        assert_eq!(found["names"]["body"], wanted["names"]["body"]);
        for (state, expected) in
            found["states"].as_array().expect("states").iter().zip(wanted["states"].as_array().expect("states"))
        {
            for field in ["xpos", "M", "qfrc_bias", "qacc_smooth"] {
                assert_near(&state[field], &expected[field], 1e-9, field);
            }
        }
        let reference = serde_json::json!({ "states": [{ "qpos": wanted["model_const"]["qpos0"] }] });
        fs::write(home.path().join("s.json"), reference.to_string()).expect("writes");
        let floating = if wanted["floating"] == true { "--floating" } else { "" };
        let fused = run(home.path(), &format!("oracle {} s.json {floating}", model.display())).json();
        assert!(fused["sizes"]["nbody"].as_u64() < wanted["sizes"]["nbody"].as_u64(), "{name}: {}", fused["sizes"]);
        assert_eq!(fused["sizes"]["ngeom"], wanted["sizes"]["ngeom"], "{name}");
        // What is joined weighs the same together.
        assert_eq!(fused["sizes"]["nv"], wanted["sizes"]["nv"], "{name}");
    }
}
