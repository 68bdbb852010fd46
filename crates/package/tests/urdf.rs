//! URDF: what MuJoCo 4.0.0 makes of two files of our own, what is reported, and what is refused.

mod mujoco;

use leitai_model::spec::JointKind;
use leitai_package::urdf::{Base, Options};
use leitai_package::{Loaded, Loss, disk::Folder, load};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn oracle() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../oracle/mujoco")
}

fn read(xml: &str) -> Result<Loaded, String> {
    read_with(xml, &[], &Options::default())
}

fn read_with(xml: &str, others: &[(&str, &[u8])], options: &Options) -> Result<Loaded, String> {
    let mut files = BTreeMap::from([("robots/arm/urdf/arm.urdf".to_string(), xml.as_bytes().to_vec())]);
    files.extend(others.iter().map(|(path, bytes)| (path.to_string(), bytes.to_vec())));
    load("robots/arm/urdf/arm.urdf", &files, options).map_err(|e| e.to_string())
}

fn refused(xml: &str) -> String {
    let error = read(xml).err().unwrap_or_else(|| panic!("accepted: {xml}"));
    error.strip_prefix("robots/arm/urdf/arm.urdf:").unwrap_or(&error).to_string()
}

fn link(name: &str) -> String {
    format!(r#"<link name="{name}"><inertial><mass value="1"/><inertia ixx="1" iyy="1" izz="1"/></inertial></link>"#)
}

fn joint(name: &str, kind: &str, ends: [&str; 2], inside: &str) -> String {
    let [parent, child] = ends;
    format!(r#"<joint name="{name}" type="{kind}"><parent link="{parent}"/><child link="{child}"/>{inside}</joint>"#)
}

fn robot(parts: &[String]) -> String {
    format!("<robot name=\"r\">\n{}\n</robot>", parts.join("\n"))
}

/// Every kind of joint, full inertias in turned frames, inertia from shapes, meshes with scale and mirror, fixed and free root.
/// Both sides compute in f64.
#[test]
fn poses_mass_and_bias_agree_with_mujoco() {
    for (file, base) in [("joints", Base::Floating), ("world", Base::Fixed)] {
        let options = Options { base, visual: false, ..Options::default() };
        let files = Folder::inside(oracle().join("models"));
        let loaded = load(&format!("urdf/{file}.urdf"), &files, &options).unwrap_or_else(|e| panic!("{e}"));
        let model = loaded.spec.build().unwrap_or_else(|e| panic!("{e}"));
        let gaps = mujoco::compare(&model, &mujoco::answers(&oracle().join(format!("answers/urdf_{file}.json"))));
        assert!(gaps.pose < 1e-14 && gaps.mass < 1e-13 && gaps.bias < 1e-13, "{file}: {gaps:?}");
    }
}

/// The finger stands at −0.5 times the slider's way plus 0.02 m, as MuJoCo's `eq_data` has it.
#[test]
fn a_joint_that_mimics_another_is_tied_to_it() {
    let files = Folder::inside(oracle().join("models"));
    let model = load("urdf/joints.urdf", &files, &Options::default()).unwrap().spec.build().unwrap();
    let [equality] = model.equalities.as_slice() else { panic!("{} equalities", model.equalities.len()) };
    let leitai_model::model::EqualityTie::Joint { joints: (follower, Some(leader)), polynomial } = &equality.kind else {
        panic!("{equality:?}")
    };
    assert_eq!([follower, leader].map(|j| &*model.joints[j.index()].name), ["finger", "slider"]);
    assert_eq!(*polynomial, [0.02, -0.5, 0.0, 0.0, 0.0]);
}

#[test]
fn effort_limits_the_force_of_actuators_on_the_joint() {
    let limit = r#"<limit lower="-1" upper="2" effort="30" velocity="0"/>"#;
    let loaded = read(&robot(&[link("a"), link("b"), joint("j", "revolute", ["a", "b"], limit)])).unwrap();
    let joint = &loaded.spec.body("b").unwrap().joints[0];
    assert_eq!((joint.range, joint.actuator_force_range), (Some([-1.0, 2.0]), Some([-30.0, 30.0])));
    assert!(loaded.reports.is_empty(), "{:?}", loaded.reports);
}

/// MuJoCo refuses it; three slides and a ball move the same way.
#[test]
fn a_floating_joint_between_links_has_six_degrees_of_freedom() {
    let loaded = read(&robot(&[link("a"), link("b"), joint("f", "floating", ["a", "b"], "")])).unwrap();
    let kinds: Vec<_> = loaded.spec.body("b").unwrap().joints.iter().map(|j| (j.name.as_str(), j.kind)).collect();
    let slide = JointKind::Slide;
    assert_eq!(kinds, [("f_TX", slide), ("f_TY", slide), ("f_TZ", slide), ("f_R", JointKind::Ball)]);
    assert_eq!(loaded.spec.build().unwrap().nv, 6);
}

/// Everything the file says and does not get, each with its line.
#[test]
fn what_is_not_read_is_reported_with_its_line() {
    let xml = r#"<robot name="r" maker="m">
<gazebo/>
<sensor name="s"/>
<transmission name="t"/>
<link name="a">
<inertial><mass value="1" unit="kg"/><inertia ixx="1" iyy="1" izz="1"/><density/></inertial>
<collision><geometry><plane/></geometry></collision>
<collision><geometry><mesh filename="package://p/a.3ds"/></geometry></collision>
<visual><geometry><mesh filename="package://p/a.ply"/></geometry></visual>
<visual><geometry><mesh filename="package://p/a.stl"/></geometry></visual>
<visual name="v"><geometry><sphere radius="1"/></geometry><material name="red"/></visual>
<visual name="v"><geometry><sphere radius="1"/></geometry></visual>
<contact/>
</link>
<link name="b"><inertial><mass value="1"/><inertia ixx="1" iyy="1" izz="1"/></inertial></link>
<joint name="j" type="revolute"><parent link="a"/><child link="b"/><origin xyz="0 0 1" quat="1 0 0 0"/>
<limit lower="0" upper="0" velocity="2"/>
<mimic joint="jj"/>
</joint>
</robot>"#;
    let loaded = read(xml).unwrap();
    let found: Vec<String> = loaded.reports.iter().map(|r| format!("{} {}", r.line, r.what)).collect();
    let wanted = [
        "1 maker=\"m\" of <robot> is not known; it has no effect",
        "2 <gazebo> speaks to Gazebo; its settings have no effect here",
        "3 <sensor> in <robot> is not known; it has no effect",
        "6 unit=\"kg\" of <mass> is not known; it has no effect",
        "6 <density> in <inertial> is not known; it has no effect",
        "7 <plane> in <geometry> is not supported; the shape is left out",
        "8 `package://p/a.3ds` is no STL, OBJ, COLLADA or GLB file; nothing collides with this shape; convert it to STL",
        "9 `package://p/a.ply` is no STL, OBJ, COLLADA or GLB file; it is not drawn",
        "10 this shape is not drawn: robots/arm/urdf/arm.urdf:10: <mesh>: there is no file `package://p/a.stl`; name the folder \
         that holds the package `p`, or move the file beside it",
        "11 there is no material `red`; the shape is gray",
        "12 a second shape is called `v`; this one has no name here",
        "13 <contact> in <link> is not known; it has no effect",
        "16 quat=\"1 0 0 0\" of <origin> is not known; it has no effect",
        "17 both limits are 0; the joint moves without end; use a fixed joint to hold it",
        "17 velocity=\"2\" does not hold the joint back; a controller must keep to it",
        "18 there is no joint `jj` to follow; the joint moves freely; is `j` meant?",
    ];
    assert_eq!(found, wanted);
    let drawing: Vec<u32> = loaded.reports.iter().filter(|r| r.loss == Loss::Drawing).map(|r| r.line).collect();
    assert_eq!(drawing, [9, 10, 11, 12]);
}

#[test]
fn bad_files_are_refused_with_a_reason() {
    let limit = |text: &str| joint("j", "revolute", ["a", "b"], text);
    for (xml, wanted) in [
        ("<sdf/>".into(), "1: <sdf>: <sdf> starts neither MJCF nor URDF; give a file that starts with <mujoco> or <robot>"),
        (robot(&[]), "1: <robot>: there is no link; one link must be the root, which is no joint's child"),
        (robot(&[link("a"), link("a")]), "3: <link>: a second link is called `a`; names must differ"),
        (
            robot(&[link("a"), link("b")]),
            "3: <link>: both `a` and `b` hang on nothing; connect them with a joint; one link is the root",
        ),
        (robot(&[link("a"), joint("j", "fixed", ["a", "aa"], "")]), "3: <joint>: there is no link `aa`; is `a` meant?"),
        (
            robot(&[link("a"), joint("j", "fixd", ["a", "a"], "")]),
            "3: <joint>: type=\"fixd\" is not known; write one of revolute, continuous, prismatic, fixed, floating, planar",
        ),
        (
            robot(&[link("a"), link("b"), joint("j", "fixed", ["a", "b"], ""), joint("k", "fixed", ["b", "a"], "")]),
            "1: <robot>: every link hangs on another, in a circle; one link must be the root, which is no joint's child",
        ),
        (
            robot(&[link("r"), link("a"), link("b"), joint("j", "fixed", ["a", "b"], ""), joint("k", "fixed", ["b", "a"], "")]),
            "3: <link>: link `a` hangs on itself, in a circle of joints; break the circle; an equality can close a loop",
        ),
        (
            robot(&[link("a"), link("b"), joint("j", "fixed", ["a", "b"], ""), joint("k", "fixed", ["a", "b"], "")]),
            "5: <joint>: link `b` already hangs on joint `j`; a link has one parent; remove a joint, or close the loop with an equality",
        ),
        (
            robot(&[link("a"), link("world"), joint("j", "fixed", ["a", "world"], "")]),
            "3: <link>: link `world` is not the root; give it another name",
        ),
        (
            robot(&[link("a"), link("b"), limit(r#"<limit lower="2" upper="1"/>"#)]),
            "4: <limit>: the lower limit 2 is above the upper limit 1; write the smaller number as `lower`",
        ),
        (
            robot(&[link("a"), link("b"), limit(r#"<axis xyz="0 0 0"/>"#)]),
            "4: <axis>: the axis has no length; write a direction, as in xyz=\"0 0 1\"",
        ),
        (
            robot(&[link("a"), link("b"), limit(r#"<origin xyz="0 0 nan"/>"#)]),
            "4: <origin>: `xyz` holds `nan`; write a finite number",
        ),
        (
            robot(&[link("a"), link("b"), limit(r#"<mimic joint="j"/>"#)]),
            "4: <mimic>: joint `j` follows itself, in a circle, or a chain of more than 200 joints; let one joint lead the others",
        ),
        (
            r#"<robot xmlns:xacro="http://www.ros.org/wiki/xacro"><xacro:macro name="m"/></robot>"#.into(),
            "1: <xacro:macro>: <xacro:macro> is not expanded; run xacro on the file, and give the URDF that it prints",
        ),
        (
            robot(&[r#"<link name="a"><inertial><mass value="-1"/><inertia/></inertial></link>"#.into()]),
            "2: <mass>: value=\"-1\" is negative; write zero or more",
        ),
        (
            robot(&[r#"<link name="a"><collision><geometry><box size="1 0 1"/></geometry></collision></link>"#.into()]),
            "2: <box>: `size` holds 0; write lengths above zero, in m",
        ),
        (
            robot(&[
                r#"<link name="a"><collision><geometry><mesh filename="http://x/a.stl"/></geometry></collision></link>"#.into()
            ]),
            "2: <mesh>: `http://` cannot be opened; write package://, file:// or a path",
        ),
        ("<!DOCTYPE r [<!ENTITY a \"b\">]><robot/>".into(), "1: not well-formed XML: XML with DTD detected"),
    ] {
        let found = refused(&xml);
        assert!(found.starts_with(wanted), "{xml}\nfound:  {found}\nwanted: {wanted}");
    }
    let floating = Options { base: Base::Floating, ..Options::default() };
    let error = read_with(&robot(&[link("world")]), &[], &floating).unwrap_err();
    assert!(error.ends_with("the root link is `world`, which cannot float; load it with a fixed base"), "{error}");
}

/// A chain of links as deep as the reader's own limit loads and drops; a deeper one is refused, not run out of stack on.
#[test]
fn long_chains_of_links_are_refused() {
    let chain = |n: usize| {
        let mut parts = vec![link("l0")];
        for i in 1..n {
            parts.push(link(&format!("l{i}")));
            parts.push(joint(&format!("j{i}"), "continuous", [&format!("l{}", i - 1), &format!("l{i}")], ""));
        }
        robot(&parts)
    };
    assert_eq!(read(&chain(200)).unwrap().spec.build().unwrap().nv, 199);
    assert!(refused(&chain(20_000)).contains("nested deeper than 200"));
}

const TETRA: &[u8] = b"v 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 1\nf 1 3 2\nf 1 2 4\nf 1 4 3\nf 2 3 4\n";

/// `package://` is sought in the given folders, then upward from the file.
#[test]
fn packages_are_found_in_given_folders_and_upward() {
    let xml = |name: &str| {
        robot(&[format!(r#"<link name="a"><collision><geometry><mesh filename="{name}"/></geometry></collision></link>"#)])
    };
    let given = |folder: &str| Options { packages: vec![folder.into()], ..Options::default() };
    let upward = Options::default();
    for (name, place, options) in [
        ("package://arm/meshes/t.obj", "robots/arm/meshes/t.obj", &upward),
        ("package://other/t.obj", "other/t.obj", &upward),
        ("package://renamed/meshes/t.obj", "robots/arm/meshes/t.obj", &upward),
        ("model://arm/meshes/t.obj", "robots/arm/meshes/t.obj", &upward),
        ("../meshes/t.obj", "robots/arm/meshes/t.obj", &upward),
        ("package://far/t.obj", "lib/share/far/t.obj", &given("lib/share")),
        ("package://far/t.obj", "lib/share/far/t.obj", &given("lib/share/far")),
        ("package://arm/meshes/t.obj", "better/arm/meshes/t.obj", &given("better")),
    ] {
        let loaded = read_with(&xml(name), &[(place, TETRA), ("robots/t.obj", b"no mesh")], options);
        let geoms = loaded.unwrap_or_else(|e| panic!("{name} at {place}: {e}")).spec.body("a").unwrap().geoms.len();
        assert_eq!(geoms, 1, "{name} at {place}");
    }
    let error = read_with(&xml("package://../../../secret.obj"), &[], &upward).unwrap_err();
    assert!(error.contains("there is no file `package://../../../secret.obj`"), "{error}");
}

/// Links that a joint connects, and nothing else, are kept apart by the rule that holds for every model; so no exclude is written.
#[test]
fn visual_shapes_neither_touch_nor_weigh() {
    let xml = r#"<robot name="r"><link name="a"><visual><geometry><box size="1 1 1"/></geometry>
        <material name="m"><color rgba="1 0 0 1"/></material></visual></link></robot>"#;
    let model = read(xml).unwrap().spec.build().unwrap();
    let geom = &model.geoms[0];
    assert_eq!((geom.contype, geom.conaffinity, geom.rgba, model.bodies[1].mass), (0, 0, [1.0, 0.0, 0.0, 1.0], 0.0));
    assert!(model.excludes.is_empty());
    let hidden = read_with(xml, &[], &Options { visual: false, ..Options::default() }).unwrap();
    assert!(hidden.spec.body("a").unwrap().geoms.is_empty());
    let by_file = xml.replace("<link", r#"<mujoco><compiler discardvisual="true"/></mujoco><link"#);
    assert!(read(&by_file).unwrap().spec.body("a").unwrap().geoms.is_empty());
}
