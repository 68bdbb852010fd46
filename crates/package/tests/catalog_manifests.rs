//! Every manifest of the catalog parses, and says what its readers rely on.

use leitai_package::manifest::*;

macro_rules! catalog {
    ($path:literal) => {
        ($path, include_str!(concat!("../../../catalog/", $path)))
    };
}

const ROBOTS: [(&str, &str); 10] = [
    catalog!("robots/ur5e/robot.toml"),
    catalog!("robots/ur10e/robot.toml"),
    catalog!("robots/ur20/robot.toml"),
    catalog!("robots/ur30/robot.toml"),
    catalog!("robots/franka-fr3/robot.toml"),
    catalog!("robots/kuka-iiwa14/robot.toml"),
    catalog!("robots/aubo-i5/robot.toml"),
    catalog!("robots/dobot-cr5/robot.toml"),
    catalog!("robots/generic-dual-arm/robot.toml"),
    catalog!("robots/generic-wafer-arm/robot.toml"),
];
const PARTS: [(&str, &str); 5] = [
    catalog!("parts/block-clamp/part.toml"),
    catalog!("parts/suction-gripper/part.toml"),
    catalog!("parts/two-finger-gripper/part.toml"),
    catalog!("parts/soft-gripper/part.toml"),
    catalog!("parts/wafer-vacuum-blade/part.toml"),
];
/// Parts that are figures only.
const SHEETS: [(&str, &str); 10] = [
    catalog!("parts/generic-harmonic-20/part.toml"),
    catalog!("parts/generic-harmonic-25/part.toml"),
    catalog!("parts/generic-harmonic-32/part.toml"),
    catalog!("parts/generic-harmonic-40/part.toml"),
    catalog!("parts/generic-rv-40/part.toml"),
    catalog!("parts/generic-servo-750/part.toml"),
    catalog!("parts/generic-servo-400/part.toml"),
    catalog!("parts/generic-servo-100/part.toml"),
    catalog!("parts/generic-joint-drive/part.toml"),
    catalog!("parts/generic-force-sensor-6/part.toml"),
];
const PALLETIZING: (&str, &str) = catalog!("scenarios/con-block-palletizing/scenario.toml");
const PICKING: (&str, &str) = catalog!("scenarios/log-flex-picking/scenario.toml");
const WAFERS: (&str, &str) = catalog!("scenarios/mfg-wafer-transfer/scenario.toml");
const SOLUTION: (&str, &str) = catalog!("solutions/block-palletizing/solution.toml");

fn read<T>(entry: (&str, &str), parse: impl Fn(&str, &str) -> Result<T, ManifestError>) -> T {
    parse(entry.0, entry.1).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn every_robot_parses_under_its_folders_name() {
    for entry in ROBOTS {
        let manifest = read(entry, RobotManifest::parse);
        assert_eq!(entry.0, format!("robots/{}/robot.toml", manifest.robot.id));
        for name in ["payload_kg", "reach_m", "mass_kg", "repeatability_m"] {
            assert!(manifest.claimed(name).is_some(), "{}: no {name}", entry.0);
        }
    }
}

/// Grades as the audit of public model files gave them: tensors that are approximations or another robot's never get an A.
#[test]
fn grades_follow_the_model_audit() {
    let grades: Vec<_> = ROBOTS.map(|entry| read(entry, RobotManifest::parse).robot.dynamics_grade.grade).into();
    use Grade::{A, B};
    assert_eq!(grades, [B, A, A, B, A, B, B, B, B, B]);
}

#[test]
fn every_part_parses_under_its_folders_name() {
    for entry in PARTS.into_iter().chain(SHEETS) {
        let manifest = read(entry, PartManifest::parse);
        assert_eq!(entry.0, format!("parts/{}/part.toml", manifest.part.id));
    }
}

/// Generic parts mean no product, so nothing in them may look read.
#[test]
fn generic_parts_are_assumed_throughout() {
    for entry in SHEETS {
        let manifest = read(entry, PartManifest::parse);
        assert!(manifest.part.id.starts_with("generic-"));
        let (_, figures) = manifest.sheets().remove(0);
        assert!(figures.iter().all(|(_, figure, _, _)| figure.standing == Standing::Assumed), "{}", entry.0);
    }
}

/// Mechanics: stiffness grows with the load, a larger size is stiffer and stronger, and the rated current heats a winding to its limit
/// and no further: T = ambient + R·(1 + α·ΔT)·i²·(R_wh + R_ha), here at 40 °C.
#[test]
fn figures_of_generic_parts_belong_together() {
    let sheets = SHEETS.map(|entry| read(entry, PartManifest::parse));
    let reducers: Vec<_> = sheets.iter().filter_map(|m| m.reducer.as_ref()).collect();
    for r in &reducers {
        assert!(r.stiffness_1_nm_rad.value <= r.stiffness_2_nm_rad.value);
        assert!(r.stiffness_2_nm_rad.value <= r.stiffness_3_nm_rad.value);
    }
    for pair in reducers.windows(2) {
        assert!(pair[0].stiffness_1_nm_rad.value < pair[1].stiffness_1_nm_rad.value);
        assert!(pair[0].momentary_peak_nm.value < pair[1].momentary_peak_nm.value);
    }
    for m in sheets.iter().filter_map(|m| m.servo_motor.as_ref()) {
        let (current, path) = (m.rated_current_a.value, m.winding_housing_k_w.value + m.housing_ambient_k_w.value);
        let cold = m.resistance_ohm.value * current * current * path;
        // T - 40 = cold (1 + 0.00393 (T - 25)), solved for T.
        let settled = (40.0 + cold * (1.0 - 0.00393 * 25.0)) / (1.0 - 0.00393 * cold);
        assert!((100.0..=m.winding_limit_c.value + 10.0).contains(&settled), "{settled}");
    }
}

/// Closed form: two jaws hold m·(g + a) with safety s when 2·μ·F ≥ s·m·(g + a). The clamp was sized for 25 kg, 5 m/s² and s = 2.
#[test]
fn the_clamp_holds_what_it_was_sized_for() {
    let manifest = read(PARTS[0], PartManifest::parse);
    let clamp = manifest.clamp.expect("a gripper");
    let holding = 2.0 * clamp.pad_friction.value * clamp.grip_force_n.value;
    assert!(holding >= 2.0 * 25.0 * (9.80665 + 5.0));
    assert!(holding < 2.2 * 25.0 * (9.80665 + 5.0), "and not much more");
    assert!(clamp.opening_max_m.value >= 0.390 + 2.0 * 0.020, "room of 20 mm at each end of a block");
}

/// Closed form: pressure times the area of a circle.
#[test]
fn a_suction_cup_pulls_no_more_than_pressure_times_area() {
    for part in [PARTS[1], PARTS[4]] {
        let suction = read(part, PartManifest::parse).suction.expect("a suction gripper");
        let radius = suction.cup_radius_m.value;
        let ideal = suction.efficiency.value * suction.pressure_pa.value * std::f64::consts::PI * radius * radius;
        assert!(suction.pull_limit_n.value <= ideal, "{}", part.0);
        assert!(suction.peel_limit_nm.value <= suction.pull_limit_n.value * radius / 2.0 + 1e-12, "{}", part.0);
    }
}

/// Names in a manifest are names in the model beside it.
#[test]
fn interfaces_name_what_the_models_have() {
    let models = [
        include_str!("../../../catalog/robots/ur5e/robot.xml"),
        include_str!("../../../catalog/robots/ur10e/robot.xml"),
        include_str!("../../../catalog/robots/ur20/robot.xml"),
        include_str!("../../../catalog/robots/ur30/robot.xml"),
        include_str!("../../../catalog/robots/franka-fr3/robot.xml"),
        include_str!("../../../catalog/robots/kuka-iiwa14/robot.xml"),
        include_str!("../../../catalog/robots/aubo-i5/robot.xml"),
        include_str!("../../../catalog/robots/dobot-cr5/robot.xml"),
        include_str!("../../../catalog/robots/generic-dual-arm/robot.xml"),
        include_str!("../../../catalog/robots/generic-wafer-arm/robot.xml"),
    ];
    let has = |model: &str, element: &str, name: &str| {
        let start = format!("<{element} ");
        model.split(&start).skip(1).any(|rest| rest.split('>').next().unwrap_or_default().contains(&format!("name=\"{name}\"")))
    };
    for (entry, model) in ROBOTS.into_iter().zip(models) {
        let interface = read(entry, RobotManifest::parse).interface;
        assert!(interface.joints.iter().all(|name| has(model, "joint", name)), "{}", entry.0);
        assert!(interface.actuators.iter().all(|name| has(model, "motor", name)), "{}", entry.0);
        assert!(has(model, "site", &interface.tool_mount) && has(model, "site", &interface.base), "{}", entry.0);
    }
    let clamp = include_str!("../../../catalog/parts/block-clamp/part.xml");
    let suction = include_str!("../../../catalog/parts/suction-gripper/part.xml");
    let two_finger = include_str!("../../../catalog/parts/two-finger-gripper/part.xml");
    let soft = include_str!("../../../catalog/parts/soft-gripper/part.xml");
    let blade = include_str!("../../../catalog/parts/wafer-vacuum-blade/part.xml");
    for (entry, model) in PARTS.into_iter().zip([clamp, suction, two_finger, soft, blade]) {
        let manifest = read(entry, PartManifest::parse);
        assert!(manifest.interface.joints.iter().all(|name| has(model, "joint", name)), "{}", entry.0);
        assert!(manifest.interface.actuators.iter().all(|name| has(model, "motor", name)), "{}", entry.0);
        assert!(
            has(model, "site", &manifest.interface.mount) && has(model, "site", &manifest.interface.grip_center),
            "{}",
            entry.0
        );
        assert!(manifest.suction.iter().flat_map(|suction| &suction.cups).all(|name| has(model, "site", name)), "{}", entry.0);
    }
    let world = include_str!("../../../catalog/scenarios/con-block-palletizing/world.xml");
    for site in ["robot_base", "supply", "stack"] {
        assert!(has(world, "site", site));
    }
}

/// A jaw opening beside a placed block must not push the next one: block end, opening and jaw against the neighbor's end.
#[test]
fn the_clamp_fits_between_neighbors() {
    let scenario = read(PALLETIZING, ScenarioManifest::parse);
    let clamp = read(PARTS[0], PartManifest::parse).clamp.expect("a gripper");
    let (length, spread, allowed) = (0.390, 0.003, 0.005);
    let jaw_outside = clamp.opening_max_m.value / 2.0 + clamp.jaw_thickness_m.value;
    let neighbor = scenario.goal[0].pitch_m[0] - (length + spread) / 2.0;
    assert!(jaw_outside + 2.0 * allowed < neighbor, "{jaw_outside} against {neighbor}");
    // Across the travel a pad is narrower than a block, so the 10 mm joints between rows are never entered.
    assert!(clamp.pad_width_m.value < 0.190 - 2.0 * allowed);
    // The jaws end above the lower edge of the block they hold.
    assert!(clamp.jaw_below_grip_m.value < 0.095 - spread);
}

/// Counted by hand: UR20's claims, limits, tolerance and assumptions.
#[test]
fn a_report_can_count_what_rests_on_assumptions() {
    let all = stated(ROBOTS[2].0, ROBOTS[2].1).expect("TOML");
    let of = |standing| all.iter().filter(|figure| figure.standing == standing).count();
    assert_eq!((of(Standing::Verified), of(Standing::Recalled), of(Standing::Assumed)), (7, 1, 7));
    assert!(all.contains(&Stated { path: "claim.payload_kg".into(), standing: Standing::Verified }));
    assert!(all.contains(&Stated { path: "assumption.joint-friction".into(), standing: Standing::Assumed }));
    assert!(all.contains(&Stated { path: "limits.torque_nm".into(), standing: Standing::Verified }));
    // Nothing in the job is more than remembered: every figure of the scenario is the project's, but for the size of the block.
    let job = stated(PALLETIZING.0, PALLETIZING.1).expect("TOML");
    let sure: Vec<_> =
        job.iter().filter(|figure| figure.standing != Standing::Assumed).map(|figure| figure.path.as_str()).collect();
    assert_eq!(sure, ["piece.block.size_m"]);
}

#[test]
fn palletizing_asks_for_eight_places_and_has_eight_blocks() {
    let manifest = read(PALLETIZING, ScenarioManifest::parse);
    let goal = &manifest.goal[0];
    assert_eq!(goal.grid().count(), 8);
    assert_eq!(manifest.generate[&goal.from].grid().count(), 8);
    assert_eq!(manifest.parameter["block_mass_kg"].default, 20.0);
    let deciding: Vec<_> = manifest.require.iter().filter(|r| r.decides).map(|r| r.id.as_str()).collect();
    assert_eq!(deciding, ["placement", "placement-angle", "stack-stable", "throughput"]);
    assert!(manifest.safety.privileges.is_empty());
}

/// The head of scenario.toml prints these distances, worked out by hand from pallet centers 0.72 m to either side of the pedestal.
#[test]
fn the_layout_has_the_distances_it_prints() {
    let manifest = read(PALLETIZING, ScenarioManifest::parse);
    let height = manifest.piece["block"].size_m.value[2];
    for (grid, side, nearest, farthest) in
        [(manifest.generate["supply"].grid(), 0.72, 0.481, 1.047), (manifest.goal[0].grid(), -0.72, 0.495, 1.001)]
    {
        let far: Vec<f64> = grid.places(height).iter().map(|p| p.position_m[0].hypot(p.position_m[1] + side)).collect();
        let (least, most) = far.iter().fold((f64::MAX, 0.0f64), |(a, b), d| (a.min(*d), b.max(*d)));
        assert!((least - nearest).abs() < 5e-4 && (most - farthest).abs() < 5e-4, "{least} {most}");
    }
}

/// Blocks of 390 × 190 mm may not overlap, and every block of the upper layer must rest on at least two of the lower one.
#[test]
fn the_layers_interlock() {
    let manifest = read(PALLETIZING, ScenarioManifest::parse);
    let overlaps = |a: &Place, b: &Place| {
        let half = |p: &Place| if p.yaw_rad == 0.0 { [0.195, 0.095] } else { [0.095, 0.195] };
        (0..2).all(|k| (a.position_m[k] - b.position_m[k]).abs() < half(a)[k] + half(b)[k])
    };
    let below = manifest.generate["stack_below"].grid().places(0.19);
    let above = manifest.goal[0].grid().places(0.19);
    for layer in [&below, &above] {
        for (i, a) in layer.iter().enumerate() {
            assert!(layer[i + 1..].iter().all(|b| !overlaps(a, b)), "{a:?}");
        }
    }
    for block in &above {
        assert!(below.iter().filter(|under| overlaps(block, under)).count() >= 2, "{block:?}");
        assert!((block.position_m[2] - 0.285).abs() < 1e-12);
    }
}

#[test]
fn the_solution_names_no_robot_and_fits_the_scenario() {
    let manifest = read(SOLUTION, SolutionManifest::parse);
    let scenario = read(PALLETIZING, ScenarioManifest::parse);
    assert_eq!(manifest.solution.scenarios, [scenario.scenario.id]);
    let program = manifest.program().expect("a list of skills");
    assert_eq!(program.goal, scenario.goal[0].id);
    assert!(ROBOTS.iter().all(|(path, _)| !SOLUTION.1.contains(path.split('/').nth(1).unwrap())));
    assert_eq!(program.each.len(), 8);
    assert_eq!(program.each[0], Skill::Move { to: Destination::Piece, above_m: 0.25 });
    assert_eq!(
        program.each[5],
        Skill::Approach { to: Destination::Target, speed_m_s: 0.2, press: Some(Press { force_n: 30.0, slack_m: 0.008 }) }
    );
}

/// By definition of a scatter: no two circles nearer than the gap, all inside the area, and every seed lays all of them.
#[test]
fn scattered_goods_lie_apart_in_the_tote() {
    let manifest = read(PICKING, ScenarioManifest::parse);
    let scatter = &manifest.scatter["order"];
    let circle = |name: &String| {
        let size = &manifest.piece[name].size_m.value;
        if manifest.piece[name].shape.is_box() { 0.5 * size[0].hypot(size[1]) } else { 0.5 * size[0] }
    };
    let mut layouts = Vec::new();
    for seed in 0..300 {
        let mut stream = leitai_math::Seed::from_number(seed).stream(&scatter_stream("order"));
        let places = scatter.places(&manifest, &mut stream).expect("room for all");
        assert_eq!(places.len(), 6);
        for (i, (a, kind)) in places.iter().zip(&scatter.pieces).enumerate() {
            let inside = |k: usize| a.position_m[k].abs() + circle(kind) <= 0.5 * scatter.area_m[k] + 1e-12;
            assert!(inside(0) && inside(1), "{a:?}");
            for (b, other) in places.iter().zip(&scatter.pieces).take(i) {
                let apart = (a.position_m[0] - b.position_m[0]).hypot(a.position_m[1] - b.position_m[1]);
                assert!(apart >= circle(kind) + circle(other) + scatter.gap_m - 1e-12, "{a:?} {b:?}");
            }
        }
        layouts.push(places);
    }
    assert!(layouts.windows(2).all(|pair| pair[0] != pair[1]), "every seed lays them anew");
}

/// Ten millimeters from slot to slot, by the head of the scenario; each wafer rests on its own ledges, half its thickness above them.
#[test]
fn wafers_lie_a_slot_apart() {
    let manifest = read(WAFERS, ScenarioManifest::parse);
    let places = manifest.goal[0].grid().places(0.000_775);
    let heights: Vec<f64> = places.iter().map(|p| p.position_m[2] - 0.000_387_5).collect();
    assert!(heights.iter().enumerate().all(|(k, z)| (z - 0.01 * k as f64).abs() < 1e-12), "{heights:?}");
}

/// Two fingers of the picking solution hold the heaviest of the goods: 2·μ·F ≥ s·m·(g + a), as the solution's comment works out.
#[test]
fn the_fingers_hold_the_heaviest_goods() {
    let manifest = read(PICKING, ScenarioManifest::parse);
    let heaviest = manifest.parameter.values().map(|p| p.default).fold(0.0, f64::max);
    let clamp = read(PARTS[2], PartManifest::parse).clamp.expect("a gripper");
    assert!(2.0 * clamp.pad_friction.value * 25.0 >= 2.0 * heaviest * (9.80665 + 5.0));
    assert!(clamp.grip_force_n.value >= 25.0);
}
