//! Bad manifests, each with the message a user reads: where, what, and what to change.

use leitai_package::manifest::*;

const ROBOT: &str = include_str!("../../../catalog/robots/ur20/robot.toml");
const DUAL: &str = include_str!("../../../catalog/robots/generic-dual-arm/robot.toml");
const BLADE: &str = include_str!("../../../catalog/parts/wafer-vacuum-blade/part.toml");
const PICKING: &str = include_str!("../../../catalog/scenarios/log-flex-picking/scenario.toml");
const INSERTION: &str = include_str!("../../../catalog/scenarios/mfg-peg-in-hole/scenario.toml");
const POLISHING: &str = include_str!("../../../catalog/scenarios/mfg-polishing-force/scenario.toml");
const TRACE: &str = include_str!("../../../catalog/solutions/surface-polishing/solution.toml");
const FEEDING: &str = include_str!("../../../catalog/scenarios/eld-feeding-assist/scenario.toml");
const SPOON: &str = include_str!("../../../catalog/solutions/spoon-feeding/solution.toml");
const CLAMP: &str = include_str!("../../../catalog/parts/block-clamp/part.toml");
const REDUCER: &str = include_str!("../../../catalog/parts/generic-harmonic-25/part.toml");
const SCENARIO: &str = include_str!("../../../catalog/scenarios/con-block-palletizing/scenario.toml");
const SOLUTION: &str = include_str!("../../../catalog/solutions/block-palletizing/solution.toml");

const ACCEPTANCE: &str = include_str!("acceptance.toml");

/// Puts `new` in the place of `old` in a good file; returns the message and the line where the change stands.
fn broken<T: std::fmt::Debug>(
    good: &str,
    old: &str,
    new: &str,
    parse: fn(&str, &str) -> Result<T, ManifestError>,
) -> (String, usize) {
    let at = good.find(old).unwrap_or_else(|| panic!("`{old}` is not in the file"));
    let line = good[..at].lines().count().max(1) + usize::from(good[..at].ends_with('\n'));
    let error = parse("x.toml", &good.replacen(old, new, 1)).expect_err(new);
    assert_eq!(error.to_string(), format!("x.toml:{}: {}", error.line, error.what));
    (error.what, error.line.abs_diff(line))
}

macro_rules! cases {
    ($test:ident, $file:ident, $parse:expr, [$(($old:expr, $new:expr, $what:expr)),* $(,)?]) => {
        #[test]
        fn $test() {
            $(
                let (what, off) = broken($file, $old, $new, $parse);
                assert_eq!(what, $what, "for {}", $new);
                // Some faults stand at the head of their table, a few lines above the change.
                assert!(off <= 16, "`{}` is reported {off} lines away", $new);
            )*
        }
    };
}

cases!(
    work_of_the_tip,
    INSERTION,
    ScenarioManifest::parse,
    [
        ("depth_m = 0.025", "depth_m = 0.036", "no [bore] opens at `hole` that is 0.036 m deep"),
        ("peg_diameter_m = { value = 0.020", "peg_diameter_m = { value = 0.0795", "a hole of 0.0805 m does not fit the block"),
        (
            "clearance = { parameter = \"clearance_m\" }",
            "clearance = { parameter = \"clearence_m\" }",
            "no [parameter] named `clearence_m`; the nearest name is `clearance_m`"
        ),
        ("force_sd_n = 0.1", "force_sd_n = -0.1", "`force_sd_n` is -0.1; it must be a number from 0 to 1000"),
        ("kind = \"insert\"", "kind = \"press\"", "no value `press` here; known: `insert`, `trace`, `feed`"),
        ("kind = \"insert\"", "kind = \"trace\"", "`trace` takes a `patch` and no `depth_m`"),
    ]
);

const MOTION: &str = "\n[motion.breath]\njoint = \"chest\"\namplitude_m = 0.01\nfrequency_hz = 0.3\nphase_rad = 0.0
standing = \"assumed\"\nsource = \"project\"\n
[vary.breath]\nquantity = \"motion_amplitude_m\"\neach = \"motion\"\nmotions = [\"breath\"]\nuniform = { low = 0.0, high = 0.01 }
standing = \"assumed\"\nsource = \"project\"\n
[vary.tissue]\nquantity = \"joint_stiffness_n_m\"\neach = \"world_joint\"\njoints = [\"chest\"]\nuniform = { low = 500.0, high = 900.0 }
standing = \"assumed\"\nsource = \"project\"\n";

/// A job with a body that moves of itself, then broken in one place.
fn moving(old: &str, new: &str) -> String {
    let good = format!("{INSERTION}{MOTION}");
    ScenarioManifest::parse("x.toml", &good).expect("a good file");
    broken(&good, old, new, ScenarioManifest::parse).0
}

#[test]
fn bodies_that_move_of_themselves() {
    for (old, new, what) in [
        ("amplitude_m = 0.01", "amplitude_m = -0.01", "`amplitude_m` is -0.01; it must be a number from 0 to 1"),
        ("frequency_hz = 0.3", "frequency_hz = nan", "`frequency_hz` is NaN; it must be a number from 0 to 100"),
        ("motions = [\"breath\"]", "motions = [\"breathe\"]", "no [motion] named `breathe`; the nearest name is `breath`"),
        ("motions = [\"breath\"]", "", "drawn for each `motion`: list them in `motions`"),
        ("joints = [\"chest\"]", "motions = [\"breath\"]", "`motions` belongs to a quantity drawn for each `motion`"),
        ("each = \"world_joint\"", "each = \"joint\"", "this quantity is drawn for each `world_joint`, not for each `joint`"),
        ("low = 500.0", "low = -500.0", "`low` is -500; it must be a number from 0 to 1000000000"),
        (
            "[vary.breath]",
            "[motion.heart]\njoint = \"chest\"\namplitude_m = 0.001\nfrequency_hz = 1.0\nphase_rad = 0.0
standing = \"assumed\"\nsource = \"project\"\n[vary.breath]",
            "`breath` moves the joint `chest` already; a joint has one motion",
        ),
    ] {
        assert_eq!(moving(old, new), what, "for {new}");
    }
}

cases!(
    patches,
    POLISHING,
    ScenarioManifest::parse,
    [
        ("on = [\"face\"]", "on = []", "`on` is empty; name the geoms of the surface"),
        ("force_n = 20.0", "force_n = -20.0", "`force_n` is -20; it must be above 0 and at most 10000"),
        ("least_share = 0.5", "least_share = 1.5", "`least_share` is 1.5; it must be a number from 0.01 to 1"),
        ("cell_m = 0.0025", "cell_m = 0.00002", "too fine for a patch of this size"),
        ("kind = \"trace\"", "kind = \"insert\"", "`insert` takes `depth_m` and no `patch`"),
        (
            "preston_1_pa = { value = 1.5e-10, standing = \"assumed\", source = \"project\" }",
            "preston_1_pa = { value = 1.5e-10, standing = \"assumed\", source = \"preston\" }",
            "no [[source]] with key `preston`; known: `entry-27`, `r-arm`, `project`"
        ),
        (
            "quantity = \"removal_scale\"\neach = \"trial\"",
            "quantity = \"removal_scale\"\neach = \"axis\"",
            "this quantity is drawn for each `trial`, not for each `axis`"
        ),
    ]
);

cases!(
    work_of_a_spoon,
    FEEDING,
    ScenarioManifest::parse,
    [
        ("kind = \"feed\"", "kind = \"feed\"\ndepth_m = 0.02", "`feed` takes `feeding` and no `depth_m` or `patch`"),
        ("bowl = \"bowl\"", "bowl = \"dish\"", "no [scatter] or [generate] puts pieces at `dish`"),
        ("rim_m = 0.030", "rim_m = 0.0", "`rim_m` is 0; it must be above 0 and at most 1"),
        ("[0.013, 0.013, 0.013]", "[0.013, 0.013, 0.012]", "a ball's edges are its diameter; write the same number thrice"),
        ("motions = [\"tremor_x\"", "motions = [\"tremor_w\"", "no [motion] named `tremor_w`; the nearest name is `tremor_x`"),
    ]
);

cases!(
    traces,
    TRACE,
    SolutionManifest::parse,
    [
        ("speed_m_s = 0.04", "speed_m_s = 0.0", "`speed_m_s` is 0; it must be above 0 and at most 20"),
        ("force_n = 20.0", "lean_rad = 0.1", "`lean_rad` does not belong here; this skill takes force_n, speed_m_s, watch_s"),
    ]
);

cases!(
    skills_of_a_spoon,
    SPOON,
    SolutionManifest::parse,
    [
        ("tilt_rad = 1.2", "tilt_rad = 1.4", "`tilt_rad` is 1.4; it must be a number from 0 to 1.3"),
        ("flat_rad = 0.42", "", "`flat_rad` is missing; this skill takes force_n, speed_m_s, tilt_rad, flat_rad"),
        (
            "wait_s = 1.5",
            "settle_s = 1.5",
            "`settle_s` does not belong here; this skill takes force_n, speed_m_s, wait_s, above_m"
        ),
    ]
);

cases!(
    scattered_pieces,
    PICKING,
    ScenarioManifest::parse,
    [
        (
            "\"long_carton\", \"bottle\"",
            "\"long_box\", \"bottle\"",
            "no [piece] named `long_box`; known: `bottle`, `carton`, `long_carton`, `tin`"
        ),
        (
            "area_m = [0.42, 0.46]",
            "area_m = [0.2, 0.2]",
            "6 pieces do not find room in the area; make it larger or the gap smaller"
        ),
        ("gap_m = 0.03", "gap_m = nan", "`gap_m` is NaN; it must be a number from 0 to 10"),
        (
            "[0.062, 0.062, 0.09]",
            "[0.062, 0.07, 0.09]",
            "a cylinder's first two edges are its diameter; write the same number twice"
        ),
    ]
);

cases!(
    blades,
    BLADE,
    PartManifest::parse,
    [
        ("lift_m = { value = 0.003", "lift_m = { value = -0.003", "`lift_m` is -0.003; it must be above 0 and at most 1"),
        ("class = \"blade\"", "class = \"suction\"", "a `suction` part needs a [suction] table and no [clamp] table"),
    ]
);

cases!(
    second_arms,
    DUAL,
    RobotManifest::parse,
    [
        ("dof = 12", "dof = 11", "`joints` has 6 entries; it needs 5, one for each degree of freedom"),
        (
            "joints = [\"left_shoulder_pan_joint\"",
            "joints = [\"right_elbow_joint\"",
            "`right_elbow_joint` is a joint of the first arm"
        ),
        (
            "tool_mount = \"left_tool_mount\"",
            "tool_mount = \"\"",
            "`` is not a name; use 1 to 64 printable ASCII characters without spaces"
        ),
    ]
);

cases!(
    robots,
    ROBOT,
    RobotManifest::parse,
    [
        ("dof = 6", "dof = 7", "`joints` has 6 entries; it needs 7, one for each degree of freedom"),
        (
            "dof = 6",
            "dof = 6\nweight = 3",
            "no field `weight` here; known: `id`, `name`, `maker`, `class`, `sectors`, `dof`, `model`, `version`, `dynamics_grade`"
        ),
        ("torque_nm =", "torqe_nm =", "no field `torqe_nm` here; the nearest name is `torque_nm`"),
        (
            "torque_nm = { value = [738.0, ",
            "torque_nm = { value = [",
            "`torque_nm` has 5 entries; it needs 6, one for each joint"
        ),
        ("[738.0, 738.0,", "[738.0, -738.0,", "`torque_nm` is -738; it must be above 0 and at most 100000"),
        ("[738.0, 738.0,", "[738.0, nan,", "`torque_nm` is NaN; it must be above 0 and at most 100000"),
        (
            "\nmodel = \"robot.xml\"",
            "\nmodel = \"../robot.xml\"",
            "`../robot.xml` is not the name of a file beside this one; folders are not followed"
        ),
        ("id = \"ur20\"", "id = \"UR 20\"", "`UR 20` is not an id; use 1 to 64 of a-z, 0-9 and -, not starting with -"),
        ("grade = \"A\"", "grade = \"a\"", "no value `a` here; known: `A`, `B`, `C`"),
        (
            "home_rad = [0.0,",
            "home_rad = [9.0,",
            "joint `shoulder_pan_joint` is at 9 in home, outside its range -6.283185307179586 to 6.283185307179586"
        ),
        (
            "low = [-6.283185307179586",
            "low = [7.0",
            "joint `shoulder_pan_joint` ranges from 7 up to 6.283185307179586; the low end must be below the high end"
        ),
        (
            "\"shoulder_lift_joint\", \"elbow_joint\"",
            "\"elbow_joint\", \"elbow_joint\"",
            "`elbow_joint` is in `interface.joints` twice; each needs a name of its own"
        ),
        (
            "unit = \"kg\"",
            "unit = \"g\"",
            "unit `g` is not used here; known: `1`, `kg`, `m`, `rad`, `s`, `N`, `N*m`, `Pa`, `Hz`, `m/s`, `rad/s`, `m/s^2`, `rad/s^2`, `kg*m^2`, `1/h`, `W`"
        ),
        ("unit = \"kg\"", "unit = \"m\"", "`payload_kg` is in kg, not in m"),
        ("source = \"edu\"", "source = \"edx\"", "no [[source]] with key `edx`; the nearest name is `edu`"),
        ("value = 20.0\nunit = \"kg\"\nstanding = \"verified\"\n", "value = 20.0\nunit = \"kg\"\n", "missing field `standing`"),
        ("standing = \"verified\", source = \"urd\"", "source = \"urd\"", "missing field `standing`"),
        (
            "standing = \"recalled\"",
            "standing = \"guessed\"",
            "no value `guessed` here; known: `verified`, `recalled`, `assumed`"
        ),
        ("en = \"Universal Robots UR20\"", "en = \"\"", "`en` is empty; write it"),
        (
            "date = \"2026-11-22\"",
            "date = \"22 Nov 2026\"",
            "`22 Nov 2026` is not a date; write year-month-day, as in 2026-11-22"
        ),
        ("unit = \"kg*m^2\"\n", "", "`value` and `unit` go together; write both or neither"),
    ]
);

cases!(
    parts,
    CLAMP,
    PartManifest::parse,
    [
        ("mount = \"mount\"", "#", "missing field `mount`"),
        ("class = \"gripper\"", "class = \"suction\"", "a `suction` part needs a [suction] table and no [clamp] table"),
        ("class = \"gripper\"", "class = \"griper\"", "no value `griper` here; the nearest name is `gripper`"),
        (
            "jaw_stroke_m = { value = 0.045",
            "jaw_stroke_m = { value = 0.040",
            "two strokes of 0.04 m do not lead from 0.44 m open to 0.35 m closed"
        ),
        (
            "grip_force_n = { value = 650.0",
            "grip_force_n = { value = inf",
            "`grip_force_n` is inf; it must be above 0 and at most 1000000"
        ),
        (
            "actuators = [\"jaw_left\", \"jaw_right\"]",
            "actuators = [\"jaw_left\"]",
            "`actuators` has 1 entries; it needs 2, one for each joint"
        ),
    ]
);

cases!(
    sheets,
    REDUCER,
    PartManifest::parse,
    [
        ("class = \"reducer\"", "class = \"drive\"", "a `drive` needs a [drive] table and no other"),
        ("class = \"reducer\"", "class = \"gripper\"", "a `gripper` takes no [reducer] table"),
        ("reducer_kind = \"harmonic\"\n", "", "`reducer_kind` is missing: `harmonic` or `rv`"),
        (
            "version = \"1\"",
            "version = \"1\"\nmodel = \"part.xml\"",
            "a `reducer` is figures only: no `model` and no [interface]"
        ),
        ("efficiency = { value = 0.9", "efficiency = { value = 1.2", "`efficiency` is 1.2; it must be a number from 0.05 to 1"),
        ("ratio = { value = 100.0", "ratio = { value = nan", "`ratio` is NaN; it must be a number from 1 to 1000"),
        (
            "break_1_nm = { value = 14.0",
            "break_1_nm = { value = 60.0",
            "`break_1_nm` is 60 and `break_2_nm` is 48; the second is never the smaller one"
        ),
    ]
);

cases!(
    scenarios,
    SCENARIO,
    ScenarioManifest::parse,
    [
        (
            "metric = \"placement_offset_m\"",
            "metric = \"placement_ofset_m\"",
            "no value `placement_ofset_m` here; the nearest name is `placement_offset_m`"
        ),
        ("limit = 0.005\nunit = \"m\"", "limit = 0.005\nunit = \"1/h\"", "this metric is in m, not in 1/h"),
        ("rate_at_least = 0.90", "rate_at_least = 1.0", "`rate_at_least` is 1; it must be a number from 0.01 to 0.9999"),
        (
            "parameter = \"block_mass_kg\"",
            "parameter = \"block_mas_kg\"",
            "no [parameter] named `block_mas_kg`; the nearest name is `block_mass_kg`"
        ),
        ("from = \"supply\"", "from = \"supplies\"", "no [generate] named `supplies`; the nearest name is `supply`"),
        ("first_layer = 1\nlayers = 1", "first_layer = 1\nlayers = 2", "`layer` has 16 places, but `supply` makes only 8 pieces"),
        ("columns = 2", "columns = 0", "`columns` is 0; it must be a number from 1 to 1000"),
        (
            "control_period_s = 0.002",
            "control_period_s = 0.003",
            "a control period of 0.003 s is 1.5 steps of 0.002 s; it must be a whole number"
        ),
        ("each = \"piece\"", "each = \"trial\"", "this quantity is drawn for each `piece`, not for each `trial`"),
        (
            "integer = { low = 0, high = 4 }",
            "uniform = { low = 0, high = 4 }",
            "steps are drawn with `integer`, every other quantity with `uniform` or `normal`"
        ),
        (
            "uniform = { low = 0.95, high = 1.05 }",
            "uniform = { low = 1.05, high = 0.95 }",
            "the low end 1.05 is above the high end 0.95"
        ),
        (
            "uniform = { low = 0.95, high = 1.05 }\n",
            "",
            "write one of `uniform = { low, high }`, `normal = { mean, sd }` or `integer = { low, high }`"
        ),
        (
            "privileges = []",
            "privileges = [\"true_pose\"]",
            "no privilege exists; controllers see their observations only, so leave the list empty"
        ),
        ("drop_out = 0.02", "drop_out = 1.0", "`drop_out` is 1; it must be a number from 0 to 0.99"),
        ("frame = \"robot_base\"", "frame = \"robot_bas\"", "no frame `robot_bas`; the nearest name is `robot_base`"),
        (
            "quantity = \"piece_mass_scale\"",
            "quantity = \"color\"",
            "no value `color` here; known: `piece_mass_scale`, `piece_size_m`, `piece_position_m`, `piece_yaw_rad`, `site_tilt_rad`, `site_position_m`, `site_tilt_azimuth_rad`, `site_friction`, `site_size_scale`, `removal_scale`, `sensor_dust`, `sensor_offset_m`, `sensor_turn_rad`, `tool_friction`, `robot_base_position_m`, `robot_base_rotation_rad`, `joint_friction_scale`, `control_latency_steps`, `motion_amplitude_m`, `motion_frequency_hz`, `motion_phase_rad`, `joint_stiffness_n_m`, `joint_damping_n_s_m`"
        ),
    ]
);

cases!(
    solutions,
    SOLUTION,
    SolutionManifest::parse,
    [
        ("do = \"grip\"", "do = \"grab\"", "no value `grab` here; the nearest name is `grip`"),
        (
            "speed_m_s = 0.35",
            "above_m = 0.25",
            "`above_m` does not belong here; this skill takes to, speed_m_s, press_n, slack_m"
        ),
        ("speed_m_s = 0.35\n", "", "`speed_m_s` is missing; this skill takes to, speed_m_s, press_n, slack_m"),
        ("speed_m_s = 0.35", "speed_m_s = 0.0", "`speed_m_s` is 0; it must be above 0 and at most 20"),
        ("slack_m = 0.008\n", "", "`slack_m` is missing; this skill takes to, speed_m_s, press_n, slack_m"),
        ("start = \"home\"", "start = \"piece\"", "a program starts at `home`: no piece is known before"),
        ("to = \"piece\"\nspeed", "to = \"home\"\nspeed", "`home` is a posture; `move` there"),
    ]
);

/// Counted by hand in a small file.
#[test]
fn faults_name_the_line_of_the_value() {
    let text = "[solution]\nid = \"a\"\nname = { zh = \"甲\", en = \"a\" }\nkind = \"task_program\"\nscenarios = []\ntool_class = \"gripper\"\nversion = \"1\"\n\
                [program]\nstart = \"home\"\ngoal = \"layer\"\norder = \"as_listed\"\n[[program.each]]\ndo = \"grip\"\n[[program.each]]\ndo = \"grip\"\n\
                force_n = -1.0\n";
    let error = SolutionManifest::parse("x.toml", text).expect_err("negative force");
    assert_eq!(error.to_string(), "x.toml:16: `force_n` is -1; it must be above 0 and at most 1000000");
}

#[test]
fn text_that_is_not_toml_says_where_it_stops_being_toml() {
    let error = RobotManifest::parse("x.toml", "[robot]\nid = \"a\"\nname = {").expect_err("unfinished");
    assert_eq!((error.line, error.file.as_str()), (3, "x.toml"));
    let error = RobotManifest::parse("x.toml", "[robot]\nid = \"a\"\nid = \"b\"\n").expect_err("twice");
    assert_eq!((error.line, error.what.as_str()), (3, "duplicate key"));
}

#[test]
fn a_huge_file_is_refused_before_it_is_read() {
    let error = RobotManifest::parse("x.toml", &"#".repeat(2_000_000)).expect_err("too long");
    assert_eq!(
        error.to_string(),
        "x.toml:1: 2000000 bytes of manifest; the limit is 1048576, put large data into files of their own"
    );
}

/// Depth is what makes a recursive reader overflow its stack.
#[test]
fn deep_nesting_is_an_error_not_a_crash() {
    for opening in ["[", "{a="] {
        assert!(RobotManifest::parse("x.toml", &format!("a = {}", opening.repeat(50_000))).is_err());
    }
}

const NEED: &str = "[need]\ntitle = \"Stacking\"\nscenario = \"con-block-palletizing\"\nmade_by = \"Site 7\"\n\n\
                    [parameter]\nblock_mass_kg = 15.0\n\n\
                    [limit]\nkind = \"lease\"\nprice_cny = 9000.0\nper = \"month\"\ndelivery_days = 30\nregion = \"daxing\"\nfloor_m2 = 8.0\n";

cases!(
    needs,
    NEED,
    NeedManifest::parse,
    [
        ("title =", "name =", "no field `name` here; known: `title`, `scenario`, `made_by`"),
        ("con-block", "Con block", "`Con block-palletizing` is not an id; use 1 to 64 of a-z, 0-9 and -, not starting with -"),
        ("15.0", "inf", "`block_mass_kg` is inf; it must be a number from -1000000000 to 1000000000"),
        ("per = \"month\"\n", "", "`price_cny` needs `per`: piece, month, hour or job"),
        ("9000.0", "0.0", "`price_cny` is 0; it must be above 0 and at most 1000000000000"),
        ("delivery_days = 30", "delivery_days = 20000", "`delivery_days` is 20000; it must be a number from 0 to 10000"),
        ("\"daxing\"", "\"大兴\"", "`大兴` is not an id; use 1 to 64 of a-z, 0-9 and -, not starting with -"),
        ("floor_m2 = 8.0", "floor = 8.0", "no field `floor` here; the nearest name is `floor_m2`"),
    ]
);

#[test]
fn a_good_need_reads() {
    let need = NeedManifest::parse("x.toml", NEED).expect("reads");
    assert_eq!(
        (need.limit.kind, need.limit.per, need.parameter["block_mass_kg"]),
        (Some(TermsKind::Lease), Some(Per::Month), 15.0)
    );
}

cases!(
    acceptances,
    ACCEPTANCE,
    AcceptanceManifest::parse,
    [
        ("made_by =", "maker =", "no field `maker` here; known: `title`, `made_by`, `need`, `engine`"),
        ("digest = \"11", "digest = \"1G", "`digest` is 64 lower-case hexadecimal digits"),
        ("most = 200", "most = 200\nexactly = 20", "`most` and `exactly` are two rules; keep one"),
        ("most = 200", "most = 0", "`most` is 0; it must be a number from 1 to 100000"),
        (
            "block_mass_kg = 25.0",
            "block_mass_kg = nan",
            "`block_mass_kg` is NaN; it must be a number from -1000000000 to 1000000000"
        ),
        ("unit = \"m\"\n", "", "`limit` and `unit` go together; write both or neither"),
        ("unit = \"m\"", "unit = \"mm\"", "unit `mm` is not used here; the nearest name is `m`"),
        ("rate_at_least = 0.95", "rate_at_least = 95.0", "`rate_at_least` is 95; it must be a number from 0.01 to 0.9999"),
        (
            "rate_at_least = 0.5\n",
            "",
            "nothing differs from the scenario here; write `limit` with `unit`, `rate_at_least` or `confidence`"
        ),
        (
            "requirement = \"throughput\"",
            "requirement = \"placement\"",
            "`placement` is in `require` twice; each needs a name of its own"
        ),
        ("per = \"piece\"\n", "", "`price_cny` and `per` go together; write both or neither"),
        ("price_cny = 250000.0", "price_cny = -1.0", "`price_cny` is -1; it must be above 0 and at most 1000000000000"),
        ("kind = \"sale\"", "kind = \"gift\"", "no value `gift` here; known: `sale`, `lease`, `share`, `operate`"),
        ("nonce = \"", "nonce = \"0", "`nonce` is 64 lower-case hexadecimal digits"),
    ]
);

/// Cutting a good file anywhere gives an error or a shorter good file, never a panic.
#[test]
fn a_file_cut_anywhere_never_panics() {
    for (at, _) in SOLUTION.char_indices() {
        let _ = SolutionManifest::parse("x.toml", &SOLUTION[..at]);
    }
    for (at, _) in SCENARIO.char_indices().step_by(37) {
        let _ = ScenarioManifest::parse("x.toml", &SCENARIO[..at]);
    }
}

/// Bytes of good files replaced, doubled or dropped by a fixed sequence: an error or another good file, never a panic.
#[test]
fn a_mutated_file_never_panics() {
    let mut state = 1u64;
    let mut draw = |below: usize| {
        // Knuth's MMIX generator.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    for _ in 0..300 {
        for good in [ROBOT, CLAMP, SCENARIO, SOLUTION, ACCEPTANCE] {
            let mut bytes = good.as_bytes().to_vec();
            for _ in 0..1 + draw(4) {
                let at = draw(bytes.len());
                match draw(3) {
                    0 => bytes[at] = b"0-9.=[]{},\"e\n"[draw(13)],
                    1 => bytes.insert(at, b"0-9.=[]{},\"e\n"[draw(13)]),
                    _ => drop(bytes.remove(at)),
                }
            }
            let text = String::from_utf8_lossy(&bytes);
            let _ = RobotManifest::parse("x.toml", &text);
            let _ = PartManifest::parse("x.toml", &text);
            let _ = ScenarioManifest::parse("x.toml", &text);
            let _ = SolutionManifest::parse("x.toml", &text);
            let _ = AcceptanceManifest::parse("x.toml", &text);
        }
    }
}
