//! The wire form, held to the page's half of it, and the recorder, held to the motion it was given.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::replay::{EventKind, Pose, RATE_HZ, Recorder, Series, SeriesGroup, Track};
use super::{Data, Text, render};

const EXAMPLE: &str = include_str!("../../../../web/test/page.json");

/// The reading half, written from the module's description: (time, pose) of each key of `body`.
fn keys(track: &Track, body: usize) -> Vec<(f64, [f64; 7])> {
    let track_body = track.bodies.iter().find(|each| each.body == body).unwrap();
    let wire = STANDARD.decode(&track_body.data).unwrap();
    let mut bytes = wire.iter();
    let mut number = || {
        let mut value = 0_u64;
        for shift in (0..).step_by(7) {
            let byte = *bytes.next().unwrap();
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                break;
            }
        }
        value
    };
    let (mut frame, mut steps) = (0, [0_i64; 7]);
    let out = (0..track_body.keys).map(|_| {
        frame += number();
        for step in &mut steps {
            let zigzag = number();
            *step += (zigzag >> 1) as i64 ^ -((zigzag & 1) as i64);
        }
        (frame as f64 / f64::from(track.rate_hz), steps.map(|step| step as f64 * 1e-4))
    });
    out.collect()
}

/// Linear between keys, held outside them.
fn pose_at(keys: &[(f64, [f64; 7])], time: f64) -> [f64; 7] {
    let next = keys.iter().position(|(at, _)| *at > time).unwrap_or(keys.len());
    let (a, b) = (keys[next.saturating_sub(1)], keys[next.min(keys.len() - 1)]);
    let part = if b.0 > a.0 { ((time - a.0) / (b.0 - a.0)).clamp(0.0, 1.0) } else { 0.0 };
    core::array::from_fn(|i| a.1[i] + part * (b.1[i] - a.1[i]))
}

/// Rests, swings, rests, jumps, rests: all that a block on a pallet goes through.
fn motion(time: f64) -> Pose {
    let swing = (time - 2.0).clamp(0.0, 3.0);
    let angle = 0.9 * swing;
    let drop = if time > 7.0 { -0.4 } else { 0.0 };
    let sign = if ((time * 7.0) as u32).is_multiple_of(2) { 1.0 } else { -1.0 };
    Pose {
        position: [0.8 * angle.cos(), 0.8 * angle.sin(), 1.0 + drop],
        rotation: [sign * (angle / 2.0).cos(), 0.0, 0.0, sign * (angle / 2.0).sin()],
    }
}

fn recorded(dt: f64, steps: u32) -> Track {
    let mut recorder = Recorder::new(2);
    for step in 0..steps {
        let time = f64::from(step) * dt;
        recorder.step(time, &[Pose { position: [0.0; 3], rotation: [1.0, 0.0, 0.0, 0.0] }, motion(time)]);
    }
    recorder.event(7.0, EventKind::Failure, Text::new("掉落", "dropped"));
    recorder.event(2.0, EventKind::Pick, Text::new("夹取", "picked"));
    recorder.finish(f64::from(steps - 1) * dt)
}

/// By construction: the motion is known at every frame. Half a quantum of rounding comes on top of the tolerance, and a frame is
/// taken at the first step in it, up to one step late.
#[test]
fn a_replay_is_where_the_body_was() {
    let dt = 1.0 / 480.0;
    let track = recorded(dt, 480 * 10);
    let keys = keys(&track, 1);
    for frame in 0..10 * RATE_HZ - 1 {
        let time = f64::from(frame) / f64::from(RATE_HZ);
        let (shown, truth) = (pose_at(&keys, time), motion(time));
        for i in 0..3 {
            assert!(
                (shown[i] - truth.position[i]).abs() < 0.3e-3,
                "axis {i} at {time} s: {} for {}",
                shown[i],
                truth.position[i]
            );
        }
        let along: f64 = (0..4).map(|i| shown[3 + i] * truth.rotation[i]).sum();
        let norm = shown[3..].iter().map(|x| x * x).sum::<f64>().sqrt();
        assert!(along.abs() / norm > 1.0 - 1e-6, "rotation at {time} s is off: {along}");
    }
}

/// Counts: a body that never moves has one key; one that turns fast for 3 of 10 s has its 90 moving frames and a few ends, of 300.
#[test]
fn rest_costs_nothing() {
    let track = recorded(1.0 / 480.0, 480 * 10);
    assert_eq!(track.bodies[0].keys, 1);
    assert!(track.bodies[1].keys < 100, "{} keys", track.bodies[1].keys);
    assert_eq!(track.events.iter().map(|event| event.time_s).collect::<Vec<_>>(), [2.0, 7.0]);
}

/// The budget: 25 bodies for 90 s, 9 of them always moving, in less than 1 MB of page.
#[test]
fn a_long_trial_stays_small() {
    let mut recorder = Recorder::new(25);
    for step in 0..90 * 500 {
        let time = f64::from(step) * 0.002;
        if recorder.is_due(time) {
            let poses: Vec<Pose> = (0..25)
                .map(|body| {
                    let angle = if body < 9 { (0.4 + 0.1 * f64::from(body)) * (0.9 * time).sin() * 3.0 } else { f64::from(body) };
                    Pose {
                        position: [angle.cos(), angle.sin(), 0.3 * (1.7 * angle).sin()],
                        rotation: [(angle / 2.0).cos(), 0.0, (angle / 2.0).sin(), 0.0],
                    }
                })
                .collect();
            recorder.step(time, &poses);
        }
    }
    let bytes = serde_json::to_string(&recorder.finish(90.0)).unwrap().len();
    assert!(bytes < 700_000, "{bytes} bytes");
}

/// A world that blew up has no pose; the page shows the last one rather than nothing.
#[test]
fn a_pose_that_is_not_a_number_is_left_out() {
    let mut recorder = Recorder::new(1);
    recorder.step(0.0, &[Pose { position: [1.0, 0.0, 0.0], rotation: [1.0, 0.0, 0.0, 0.0] }]);
    recorder.step(0.1, &[Pose { position: [f64::NAN, 0.0, 0.0], rotation: [1.0, 0.0, 0.0, 0.0] }]);
    let track = recorder.finish(0.1);
    assert_eq!(keys(&track, 0), [(0.0, [1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0])]);
}

/// By construction: a single spike in 500 Hz data is still the largest sample at 50 Hz.
#[test]
fn a_curve_keeps_its_peak() {
    let mut values = vec![1.0; 1_000];
    values[517] = -80.0;
    let series = Series::new(SeriesGroup::Effort, Text::same("elbow"), "N·m", Some(100.0), 500.0, &values);
    assert_eq!(series.rate_hz, 50.0);
    let wire = STANDARD.decode(&series.samples).unwrap();
    let samples: Vec<f64> = wire.chunks(2).map(|pair| f64::from(i16::from_le_bytes([pair[0], pair[1]])) * series.scale).collect();
    assert_eq!(samples.len(), 100);
    assert!((samples[51] + 80.0).abs() < 1e-9);
    assert!((samples[0] - 1.0).abs() < series.scale);
}

/// Both halves of the wire form have the same fields: `web/test/page.json` comes from the page's side, and reading it refuses
/// a field that Rust does not know.
#[test]
fn the_page_and_rust_agree_on_every_field() {
    let pages: Vec<Value> = serde_json::from_str(EXAMPLE).unwrap();
    assert_eq!(pages.len(), 2);
    for page in pages {
        let data: Data = serde_json::from_value(page.clone()).unwrap();
        same(&serde_json::to_value(&data).unwrap(), &page, "page");
    }
}

fn same(ours: &Value, theirs: &Value, at: &str) {
    match (ours, theirs) {
        (Value::Object(a), Value::Object(b)) => {
            assert_eq!(a.keys().collect::<Vec<_>>(), b.keys().collect::<Vec<_>>(), "{at}");
            a.iter().for_each(|(key, value)| same(value, &b[key], &format!("{at}.{key}")));
        }
        (Value::Array(a), Value::Array(b)) => {
            assert_eq!(a.len(), b.len(), "{at}");
            a.iter().zip(b).enumerate().for_each(|(i, (a, b))| same(a, b, &format!("{at}[{i}]")));
        }
        (Value::Number(a), Value::Number(b)) => assert_eq!(a.as_f64(), b.as_f64(), "{at}"),
        _ => assert_eq!(ours, theirs, "{at}"),
    }
}

/// HTML's rules for script elements: only `</script` ends one, and `<!--` changes how its end is found.
#[test]
fn a_hostile_name_stays_inside_the_data() {
    let pages: Vec<Value> = serde_json::from_str(EXAMPLE).unwrap();
    let Data::Report(mut report) = serde_json::from_value(pages[0].clone()).unwrap() else {
        panic!("the first page is a report")
    };
    report.title = Text::same("</script><script>alert(1)</script><!--");
    let data = Data::Report(report);
    let page = render(&data);
    let (_, rest) = page.split_once(r#"id="leitai-data">"#).unwrap();
    let (json, _) = rest.split_once("</script>").unwrap();
    assert!(!json.contains('<'));
    assert_eq!(serde_json::from_str::<Data>(json).unwrap(), data);
}

/// A bundle's page is read, and rendered anew, before anyone opens it.
#[test]
fn a_page_gives_its_data_back_and_nothing_else_does() {
    let pages: Vec<Data> = serde_json::from_str(EXAMPLE).unwrap();
    for data in pages {
        let page = render(&data);
        assert_eq!(super::read(page.as_bytes()), Some(data));
        assert_eq!(super::read(page.replace("\"kind\"", "\"kinds\"").as_bytes()), None);
    }
    assert_eq!(super::read(b"<script>alert(1)</script>"), None);
    assert_eq!(super::read(&[0xff; 40]), None);
}
