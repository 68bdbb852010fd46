//! Every element and attribute that MuJoCo 4.0.0 knows (`oracle/mujoco/schema.txt`, its own list) is read, reported with file and
//! line, or skipped on purpose: here stands what is skipped, and nothing else may be.

use leitai_package::{Loaded, mjcf};
use std::collections::{BTreeMap, BTreeSet};

/// Elements that change no motion; nothing inside them is looked at.
const SKIPPED_ELEMENTS: [&str; 8] = ["size", "statistic", "visual", "custom", "texture", "skin", "light", "layer"];

/// Attributes that change no motion, or say how MuJoCo computes, saves and labels; some only together with one that is reported.
const SKIPPED: [&str; 40] = [
    "autoreset",
    "castshadow",
    "ccd_iterations",
    "ccd_tolerance",
    "conflict",
    "emission",
    "energy",
    "fuse",
    "fwdinv",
    "group",
    "input",
    "interp",
    "invdiscrete",
    "island",
    "jacobian",
    "material",
    "metallic",
    "midphase",
    "name",
    "nativeccd",
    "normal",
    "passthrough",
    "reflectance",
    "rgba",
    "roughness",
    "savecanonical",
    "savecompiled",
    "saveinertial",
    "sdf_initpoints",
    "sdf_iterations",
    "shininess",
    "simple",
    "smoothnormal",
    "specular",
    "texcoord",
    "texrepeat",
    "texture",
    "texturedir",
    "texuniform",
    "usethread",
];
/// As [`SKIPPED`].
const SKIPPED_TOO: [&str; 14] = [
    "focal",
    "focalpixel",
    "fovy",
    "ipd",
    "output",
    "principal",
    "principalpixel",
    "projection",
    "resolution",
    "sensorsize",
    "target",
    "tolrange",
    "user",
    "width",
];

/// Where a skipped name is read all the same.
const READ_HERE: [(&str, &str); 8] = [
    ("(world)body/geom", "group"),
    ("(world)body/geom", "material"),
    ("(world)body/geom", "rgba"),
    ("(world)body/geom", "name"),
    ("(world)body/joint", "name"),
    ("asset/material", "rgba"),
    ("actuator/motor", "name"),
    ("sensor/clock", "name"),
];

/// One element of the schema: the names down to it, and its attributes.
#[derive(Debug)]
struct Known {
    path: Vec<String>,
    attributes: Vec<String>,
}

fn schema() -> Vec<Known> {
    let text = include_str!("../../../oracle/mujoco/schema.txt");
    let mut all: Vec<Known> = Vec::new();
    let mut path: Vec<String> = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let indent = line.len() - line.trim_start().len();
        let mut words = line.split_whitespace();
        if indent < 30 {
            path.truncate(indent / 3);
            path.push(words.next().expect("a name").into());
            assert!(words.next().is_some_and(|mark| mark.starts_with('(')), "{line}");
            all.push(Known { path: path.clone(), attributes: Vec::new() });
        }
        all.last_mut().expect("a name comes first").attributes.extend(words.map(String::from));
    }
    all
}

#[test]
fn nothing_that_mujoco_knows_is_dropped_silently() {
    let all = schema();
    assert!(all.len() > 150, "{} elements", all.len());
    let skipped: BTreeSet<&str> = SKIPPED.into_iter().chain(SKIPPED_TOO).collect();
    let mut silent: BTreeSet<&str> = BTreeSet::new();
    let mut looked_at = 0;
    for known in all.iter().filter(|known| !known.path.iter().any(|name| SKIPPED_ELEMENTS.contains(&name.as_str()))) {
        let path = known.path.join("/");
        for attribute in &known.attributes {
            looked_at += 1;
            let Outcome::Silent = outcome(known, attribute) else { continue };
            assert!(skipped.contains(attribute.as_str()), "`{attribute}` of {path} is dropped silently");
            let read_here = READ_HERE.iter().any(|(end, name)| path.ends_with(end) && name == attribute);
            assert!(!read_here, "`{attribute}` of {path} is dropped silently");
            silent.insert(attribute);
        }
    }
    assert!(looked_at > 1200, "{looked_at} attributes");
    let read: Vec<_> = skipped.difference(&silent).collect();
    assert!(read.is_empty(), "these are no longer skipped, so take them off the list: {read:?}");
}

enum Outcome {
    /// Some value of it changes the description, or is refused for what it is.
    Read,
    /// A report speaks of it, or of the element around it.
    Reported,
    /// Nothing happens, whatever it says.
    Silent,
}

/// What happens to an attribute. Values are tried until one shows an effect.
fn outcome(known: &Known, attribute: &str) -> Outcome {
    let path = known.path.join("/");
    let read_or = |text: &str| read(text).unwrap_or_else(|e| panic!("{path}: {e}\n{text}"));
    let base = read_or(&file(&known.path, None));
    let line = |loaded: &Loaded| loaded.reports.iter().filter(|report| report.line == OWN_LINE).count();
    if line(&base) > 0 {
        return Outcome::Reported;
    }
    let shown = |loaded: &Loaded| format!("{:?}", loaded.spec);
    let base_shown = shown(&base);
    let mut best = Outcome::Silent;
    for value in VALUES {
        match read(&file(&known.path, Some((attribute, value)))) {
            Ok(loaded) if shown(&loaded) != base_shown => return Outcome::Read,
            Ok(loaded) if line(&loaded) > 0 => best = Outcome::Reported,
            Ok(_) => {}
            Err(error) if error.contains("unknown attribute") => panic!("{path}: {error}"),
            Err(_) if matches!(best, Outcome::Silent) => best = Outcome::Read,
            Err(_) => {}
        }
    }
    best
}

/// Numbers, words and names, of which at least one suits each attribute.
const VALUES: [&str; 51] = [
    "true",
    "false",
    "enable",
    "disable",
    "1",
    "0",
    "0.5",
    "3",
    "0.1 0.2",
    "-1 1",
    "0.1 0.2 0.3",
    "0 1 0 0",
    "0.1 0.2 0.3 0.4 0.5",
    "1 0 0 0 1 1",
    "1 2 3 4 5 6 7",
    "0 0 0 1 0 0 0 1 0 0 0 2",
    "0 2 1 0 1 3 0 3 2 1 2 3",
    "d",
    "b",
    "c",
    "g",
    "h",
    "j",
    "k",
    "s",
    "s2",
    "t",
    "a",
    "m",
    "mat",
    "hf",
    "cam",
    "mindist",
    "normal",
    "trackcom",
    "new",
    "quat",
    "box",
    "slide",
    "degree",
    "zyx",
    "RK4",
    "elliptic",
    "affine",
    "filter",
    "convex",
    "xbody",
    "geom",
    "body",
    "1e-3",
    "sphere",
];

/// What an element needs beside the attribute in question, by the end of its path: attributes, and what stands inside.
const NEEDS: [(&str, &str, &str); 25] = [
    ("asset/mesh", "name=\"x\" vertex=\"0 0 0 1 0 0 0 1 0 0 0 1\"", ""),
    ("asset/hfield", "name=\"x\" nrow=\"2\" ncol=\"2\" size=\"1 1 1 1\"", ""),
    ("asset/material", "name=\"x\"", ""),
    ("body/attach", "model=\"o\" prefix=\"p\"", ""),
    ("asset/model", "name=\"x\" file=\"other.xml\"", ""),
    ("body/geom", "type=\"ellipsoid\" size=\"0.1 0.1 0.1\"", ""),
    ("body/inertial", "pos=\"0 0 0\" mass=\"1\" diaginertia=\"1 1 1\"", ""),
    ("contact/pair", "geom1=\"g\" geom2=\"h\"", ""),
    ("contact/exclude", "body1=\"b\" body2=\"c\"", ""),
    ("tendon/fixed", "", "<joint joint=\"j\" coef=\"1\"/>"),
    ("tendon/spatial", "", "<site site=\"s\"/>"),
    ("spatial/site", "site=\"s\"", ""),
    ("spatial/geom", "geom=\"g\"", ""),
    ("spatial/pulley", "divisor=\"2\"", ""),
    ("fixed/joint", "joint=\"j\" coef=\"1\"", ""),
    ("equality/connect", "body1=\"b\" anchor=\"0 0 0\"", ""),
    ("equality/weld", "body1=\"b\"", ""),
    ("equality/joint", "joint1=\"j\"", ""),
    ("equality/tendon", "tendon1=\"t\"", ""),
    ("default/damper", "ctrlrange=\"0 1\"", ""),
    ("default/adhesion", "ctrlrange=\"0 1\"", ""),
    ("actuator/adhesion", "body=\"b\" ctrlrange=\"0 1\"", ""),
    ("actuator/damper", "joint=\"j\" ctrlrange=\"0 1\"", ""),
    ("actuator/dcmotor", "joint=\"j\" motorconst=\"1 1\" resistance=\"1\"", ""),
    ("actuator/intvelocity", "joint=\"j\" actrange=\"0 1\"", ""),
];

fn needs(path: &[String]) -> (&'static str, &'static str) {
    let [.., around, name] = path else { return ("", "") };
    let tail = format!("{around}/{name}").replace("(world)body", "body");
    if let Some((_, attributes, inside)) = NEEDS.iter().find(|(end, ..)| *end == tail) {
        return (attributes, inside);
    }
    let attributes = match (around.as_str(), name.as_str()) {
        ("actuator", _) => "joint=\"j\"",
        ("sensor", name) if name.starts_with("frame") => "objtype=\"site\" objname=\"s\"",
        ("sensor", "accelerometer" | "gyro" | "velocimeter" | "force" | "torque" | "touch" | "magnetometer" | "rangefinder") => {
            "site=\"s\""
        }
        ("sensor", "insidesite") => "objtype=\"body\" objname=\"b\" site=\"s\"",
        ("sensor", "distance" | "normal" | "fromto") => "geom1=\"g\" geom2=\"h\"",
        ("sensor", name) if name.starts_with("ball") => "joint=\"k\"",
        ("sensor", name) if name.starts_with("joint") => "joint=\"j\"",
        ("sensor", name) if name.starts_with("tendon") => "tendon=\"t\"",
        ("sensor", name) if name.starts_with("actuator") => "actuator=\"a\"",
        ("sensor", name) if name.starts_with("subtree") => "body=\"b\"",
        _ => "",
    };
    (attributes, "")
}

/// The line on which the element in question stands.
const OWN_LINE: u32 = 15;

/// A file in which the element of `path` stands on a line of its own with `extra`, which replaces what is needed.
fn file(path: &[String], extra: Option<(&str, &str)>) -> String {
    let (attributes, inside) = needs(path);
    let mut own: BTreeMap<&str, &str> = attributes
        .split("\" ")
        .filter(|part| !part.is_empty())
        .map(|part| part.split_once("=\"").expect("name and value"))
        .map(|(name, value)| (name, value.trim_end_matches('"')))
        .collect();
    if let Some((name, value)) = extra {
        match name {
            "file" | "content_type" if own.remove("vertex").is_some() => drop(own.insert("file", "f.obj")),
            "file" | "content_type" if own.remove("nrow").is_some() => {
                own.remove("ncol");
                own.insert("file", "t.png");
            }
            "hfield" => drop(own.insert("type", "hfield")),
            "refsite" => {
                own.remove("joint");
                own.insert("site", "s");
            }
            "cranklength" | "slidersite" if own.remove("joint").is_some() => {
                own.insert("cranksite", "s");
                own.insert("slidersite", "s2");
                own.insert("cranklength", "1");
            }
            _ => {}
        }
        own.insert(name, value);
    }
    let own: String = own.iter().map(|(name, value)| format!(" {name}=\"{value}\"")).collect();
    let plain = |name: &str| name.replace("(world)body", "body");
    let (root, text) = match path {
        [_] => (own, String::new()),
        [_, above @ .., last] => {
            let last = plain(last);
            let mut text = format!("<{last}{own}>{inside}</{last}>");
            for (depth, name) in above.iter().enumerate().rev() {
                let (name, (attributes, _)) = (plain(name), needs(&path[..depth + 2]));
                text = format!("<{name} {attributes}>{text}</{name}>");
            }
            let in_world = path[1] == "(world)body";
            (String::new(), if in_world { format!("<worldbody>{text}</worldbody>") } else { text })
        }
        [] => Default::default(),
    };
    format!(
        r#"<mujoco{root}><compiler angle="radian"/>
<asset><mesh name="m" vertex="0 0 0 1 0 0 0 1 0 0 0 1"/><model name="o" file="other.xml"/><hfield name="hf" nrow="2" ncol="2" size="1 1 1 1"/><mesh file="f.obj"/><material name="mat"/></asset>
<default><default class="d"><joint damping="7"/><geom friction="7"/><site size="7"/><pair condim="1"/><equality active="false"/>
<tendon damping="7"/><general gear="7"/><mesh scale="7 7 7"/><material rgba="0 0 0 0"/></default></default>
<worldbody>
<body name="b"><joint name="j" range="-1 1"/><geom name="g" size="1"/><geom type="mesh" mesh="m"/><site name="s"/>
<geom type="box" mesh="f" euler="1 1 1"/></body>
<body name="c"><joint name="k" type="ball"/><geom name="h" size="1"/><site name="s2"/><camera name="cam"/></body>
</worldbody>
<tendon><fixed name="t"><joint joint="j" coef="1"/></fixed></tendon>
<actuator><motor name="a" joint="j"/><general name="a2" joint="j"/></actuator>
<contact><pair geom1="g" geom2="h"/></contact>
<equality><joint joint1="j"/></equality>
<keyframe/>
{text}
</mujoco>"#
    )
}

fn read(text: &str) -> Result<Loaded, String> {
    let tetra = |size: u32| format!("v 0 0 0\nv {size} 0 0\nv 0 {size} 0\nv 0 0 {size}\n").into_bytes();
    let files = BTreeMap::from([
        ("m.xml".to_string(), text.as_bytes().to_vec()),
        ("f.obj".to_string(), tetra(1)),
        ("other.xml".to_string(), b"<mujoco><worldbody><body name='q'/></worldbody></mujoco>".to_vec()),
        ("new/f.obj".to_string(), tetra(2)),
    ]);
    mjcf::read("m.xml", &files).map_err(|e| e.to_string())
}

/// What MuJoCo's list leaves out: frames and replicas, which it expands before, and text where there should be an element.
#[test]
fn what_is_not_in_the_list_is_refused_or_read() {
    let refused = |world: &str| read(&format!("<mujoco><worldbody>\n{world}</worldbody></mujoco>")).unwrap_err();
    for (world, wanted) in [
        ("<frame colour=\"1\"/>", "m.xml:2: <frame>: unknown attribute `colour`; remove it"),
        ("<replicate/>", "m.xml:2: <replicate>: `count` is missing; add count=\"...\""),
        ("<replicate count=\"-1\"/>", "m.xml:2: <replicate>: count=\"-1\" is out of range; write 0 to 500000"),
        ("<replicate count=\"2\" of=\"3\"/>", "m.xml:2: <replicate>: unknown attribute `of`; remove it"),
        (
            "<replicate count=\"2\"><joint/></replicate>",
            "m.xml:2: <joint>: it stands directly in <replicate>; put it into a <body>, which can be copied",
        ),
        (
            "<replicate count=\"500000\"><geom/></replicate>",
            "m.xml:2: the description has more than 500000 elements; make it smaller",
        ),
        (
            "<replicate count=\"1000\"><replicate count=\"1000\"><geom/></replicate></replicate>",
            "m.xml:2: the description has more than 500000 elements; make it smaller",
        ),
        (
            "<geom size=\"1\"><size/></geom>",
            "m.xml:2: <size>: unknown element here; remove it, or write <plugin> if that is meant",
        ),
        ("<site><geom/></site>", "m.xml:2: <geom>: unknown element in <site>; remove it, or move it to where it belongs"),
    ] {
        let found = refused(world);
        assert!(found.starts_with(wanted.split("; remove it, or write").next().unwrap()), "{world}\n{found}");
    }
    let error = read("<mujoco>\n<sensor rate=\"1\"/></mujoco>").unwrap_err();
    assert_eq!(error, "m.xml:2: <sensor>: unknown attribute `rate`; remove it");
    let error = read("<mujoco version=\"1\"/>").unwrap_err();
    assert_eq!(error, "m.xml:1: <mujoco>: unknown attribute `version`; remove it");
}

/// What a motor with more than its two constants asks for is not read as one without it.
#[test]
fn controllers_on_board_are_read_or_refused_with_a_reason() {
    let actuator = |inside: &str| {
        read(&format!(
            "<mujoco><worldbody><body><joint name='j'/><geom size='1'/></body></worldbody>\n<actuator>{inside}</actuator></mujoco>"
        ))
    };
    for inside in [
        "<dcmotor joint='j' motorconst='1' resistance='1' inductance='0.1'/>",
        "<dcmotor joint='j' motorconst='1' resistance='1' cogging='0.1 2'/>",
        "<dcmotor joint='j' motorconst='1' resistance='1' input='none'/>",
        "<dcmotor joint='j' motorconst='1' resistance='1' input='ff voltage'/>",
        "<dcmotor joint='j' motorconst='1' resistance='1' input='pos' controller='1 1'/>",
    ] {
        let loaded = actuator(inside).unwrap();
        assert!(loaded.spec.actuators.is_empty(), "{inside}");
        assert!(loaded.reports[0].what.contains("is left out"), "{inside}: {:?}", loaded.reports);
    }
    for (inside, wanted) in [
        ("<dcmotor joint='j' motorconst='1'/>", "a motor needs its constant and its resistance, both above 0"),
        ("<dcmotor joint='j' motorconst='-1' resistance='1'/>", "motorconst=\"-1 0\" is negative"),
        ("<dcmotor joint='j' nominal='24 0 1'/>", "nominal=\"24 0 1\" is no point of operation"),
        ("<dcmotor joint='j' motorconst='1' resistance='1' input='force'/>", "`input` holds `force` where it cannot stand"),
        ("<pid joint='j' input='vel pos'/>", "`input` holds `pos` where it cannot stand"),
        ("<pid joint='j' input='vel' ki='1'/>", "`ki` and `slewmax` follow a position"),
        ("<pid joint='j' kv='1' dampratio='1'/>", "both `kv` and `dampratio` are given"),
    ] {
        let error = actuator(inside).unwrap_err();
        assert!(error.starts_with("m.xml:2: ") && error.contains(wanted), "{inside}: {error}");
    }
}

/// A sensor of a motor on a tendon that is left out falls with them, and each says so at its own line.
#[test]
fn what_refers_to_something_left_out_is_left_out_with_it() {
    let xml = r#"<mujoco><worldbody><body><joint name="j"/><geom size="1"/><geom name="f" type="sdf"/></body></worldbody>
<asset><hfield name="h" nrow="2" ncol="2" size="1 1 1 1"/></asset>
<tendon><spatial name="t"><site site="s"/><geom geom="f"/><site site="s"/></spatial></tendon>
<actuator>
<motor name="m" tendon="t"/>
<orientation name="u" joint="j"/>
</actuator>
<sensor>
<actuatorfrc actuator="m"/>
<actuatorfrc actuator="u"/>
<framepos objtype="geom" objname="f"/>
<tendonpos tendon="t"/>
<jointpos joint="j"/>
</sensor>
<contact><pair geom1="f" geom2="f"/></contact>
<equality><tendon tendon1="t"/></equality></mujoco>"#;
    let loaded = read(xml).unwrap();
    let lines: Vec<u32> = loaded.reports.iter().map(|report| report.line).collect();
    assert_eq!(lines, [1, 3, 15, 16, 5, 6, 9, 10, 11, 12], "{:#?}", loaded.reports);
    assert_eq!(loaded.reports[4].what, "<motor> needs tendon `t`, which is left out, and so is this");
    assert_eq!(loaded.spec.build().unwrap().sensors.len(), 1);
}

/// A mesh without thickness may be drawn nowhere, but stops nothing; one that touches is refused.
#[test]
fn flat_meshes_are_refused_only_where_they_touch() {
    let xml = |touching: &str| {
        format!(
            r#"<mujoco><asset><mesh name="p" vertex="0 0 0 1 0 0 0 1 0 1 1 0"/></asset>
<worldbody><geom type="mesh" mesh="p" {touching}/></worldbody></mujoco>"#
        )
    };
    let loaded = read(&xml("contype=\"0\" conaffinity=\"0\"")).unwrap();
    assert_eq!(loaded.reports[0].to_string(), "m.xml:2: <geom>: mesh `p` is flat; it is not drawn");
    assert!(read(&xml("")).unwrap_err().starts_with("m.xml:1: <mesh>: p: the mesh is flat"));
}
