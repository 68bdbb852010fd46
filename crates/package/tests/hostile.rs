//! Files made to break a reader: each ends in one clear error, soon, and in bounded memory.

use leitai_package::files::Files;
use leitai_package::manifest::*;
use leitai_package::{disk::Folder, load, mesh};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// What the slowest case may take on a busy machine; alone, none needs three seconds.
const SOON: Duration = Duration::from_secs(120);

/// The error that reading or building `text` ends in.
fn refused(name: &str, text: impl AsRef<[u8]>) -> String {
    refused_among(name, BTreeMap::from([(name.to_string(), text.as_ref().to_vec())]))
}

fn refused_among(name: &str, files: BTreeMap<String, Vec<u8>>) -> String {
    let start = Instant::now();
    let error = match load(name, &files, &Default::default()) {
        Err(error) => error.to_string(),
        Ok(loaded) => match loaded.spec.build() {
            Err(error) => error.to_string(),
            Ok(model) => panic!("{name} became a model of {} bodies", model.bodies.len()),
        },
    };
    assert!(start.elapsed() < SOON, "{name} took {:?}", start.elapsed());
    assert!(peak_kilobytes() < 2 << 20, "the peak was {} kB", peak_kilobytes());
    assert!(!error.contains('\n') && error.len() < 400, "{name}: {error}");
    error
}

/// The largest this process has been; zero where the system does not tell.
fn peak_kilobytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.and_then(|peak| peak.split_ascii_whitespace().next()?.parse().ok()).unwrap_or(0)
}

fn mjcf(world: &str) -> String {
    format!("<mujoco><worldbody>{world}</worldbody></mujoco>")
}

const BALL: &str = "<joint/><geom size='1'/>";

#[test]
fn malformed_text_is_refused_with_its_line() {
    for (text, wanted) in [
        ("", "a:1: not well-formed XML: the document does not have a root node"),
        ("<mujoco>\n<worldbody>", "a:1: not well-formed XML: "),
        ("<mujoco>\n</mujoko>", "a:2: not well-formed XML: "),
        ("<mujoco a='1' a='2'/>", "a:1: not well-formed XML: "),
        ("<mujoco>\n<option timestep=0.1/></mujoco>", "a:2: not well-formed XML: "),
        ("<html>404</html>", "a:1: <html>: <html> starts neither MJCF nor URDF; "),
        ("<mujoco><worldbody><geom size='1'/>&lol;</worldbody></mujoco>", "a:1: not well-formed XML: "),
    ] {
        let error = refused("a", text);
        assert!(error.starts_with(wanted), "{text}: {error}");
    }
    assert_eq!(refused("a", b"<mujoco>\xff</mujoco>"), "a: byte 8 is not UTF-8 text; save the file as UTF-8");
    assert!(refused("a", b"\x00\x01\x02").starts_with("a:1: not well-formed XML: "));
}

/// Billion laughs, quadratic blow-up and external entities all need a document type, which is refused.
#[test]
fn entities_are_refused() {
    let mut laughs = String::from("<!DOCTYPE m [<!ENTITY l0 \"ha\">");
    for i in 1..30 {
        laughs += &format!("<!ENTITY l{i} \"&l{0};&l{0};&l{0};&l{0};\">", i - 1);
    }
    let external = "<!DOCTYPE m [<!ENTITY l29 SYSTEM \"file:///etc/passwd\">";
    for types in [&laughs, external] {
        for root in ["mujoco", "robot"] {
            let error = refused("a", format!("{types}]><{root} model=\"&l29;\"/>"));
            assert_eq!(error, "a:1: not well-formed XML: XML with DTD detected");
        }
    }
}

#[test]
fn depth_is_bounded() {
    for (open, close) in [("<body>", "</body>"), ("<frame>", "</frame>"), ("<body><?x </body>?>", "</body>")] {
        let n = 1_000_000;
        let error = refused("a", mjcf(&(open.repeat(n) + &close.repeat(n))));
        assert_eq!(error, "a:1: elements are nested deeper than 200; flatten the tree");
    }
    let classes = "<default class='x'>".repeat(1_000_000);
    assert!(refused("a", format!("<mujoco>{classes}")).contains("deeper than 200"));
}

#[test]
fn counts_are_bounded() {
    let more_than = |limit: &str| format!("a:1: the description has more than {limit}; make it smaller");
    assert_eq!(refused("a", mjcf(&"<geom/>".repeat(1_000_000))), more_than("500000 elements"));
    assert_eq!(refused("a", format!("<robot>{}</robot>", "<link/>".repeat(1_000_000))), more_than("500000 elements"));
    assert_eq!(refused("a", "\n".repeat(33 << 20)), more_than("33554432 bytes"));
    let attributes: String = (0..100_000).map(|i| format!("a{i}='' ")).collect();
    assert_eq!(refused("a", format!("<mujoco {attributes}/>")), more_than("256 attributes in one element"));
    let spaces: String = (0..10_000).map(|i| format!("<a xmlns:n{i}='u{i}'/>")).collect();
    assert_eq!(refused("a", format!("<mujoco>{spaces}</mujoco>")), more_than("64 declarations of namespaces"));
    let classes: String = (0..100_000).map(|i| format!("<default class='c{i}'/>")).collect();
    assert_eq!(refused("a", format!("<mujoco><default>{classes}</default></mujoco>")), more_than("2000 classes"));
    let joints = "<joint/>".repeat(300_000);
    let error = refused("a", mjcf(&format!("<body>{joints}<geom size='1'/></body>")));
    assert_eq!(error, "a:1: <body>: its joints have 300000 degrees of freedom; keep 6 or fewer");
}

/// Many joints in long chains, each within its own limit: the product is what would eat the memory.
#[test]
fn products_are_bounded() {
    let six = "<joint type='slide'/>".repeat(3) + &"<joint/>".repeat(3) + "<geom size='1'/>";
    let mut chain = String::new();
    for _ in 0..190 {
        chain = format!("<body>{six}{chain}</body>");
    }
    let error = refused("a", mjcf(&chain.repeat(100)));
    assert!(error.ends_with("the mass matrix has more than 33554432 entries; use fewer joints, or shorter chains"), "{error}");
    // Names are looked up in one table, not in one built for each look.
    let tendons: String = (0..60_000).map(|i| format!("<fixed name='t{i}'><joint joint='j' coef='1'/></fixed>")).collect();
    let motors: String = (0..60_000).map(|i| format!("<motor tendon='t{i}' name='m{i}'/>")).collect();
    let sensors: String = (0..60_000).map(|i| format!("<actuatorfrc actuator='m{i}'/>")).collect();
    let body = "<worldbody><body><joint name='j'/><geom size='1'/></body></worldbody>";
    let parts = format!("<tendon>{tendons}</tendon><actuator>{motors}</actuator><sensor>{sensors}");
    let error = refused("a", format!("<mujoco>{body}{parts}<clock name='c' cutoff='x'/></sensor></mujoco>"));
    assert!(error.contains("`cutoff` holds `x`, which is not a number"), "{error}");
    let error = refused("a", format!("<mujoco>{body}{parts}<actuatorfrc actuator='m'/></sensor></mujoco>"));
    assert!(error.starts_with("a:1: there is no actuator called `m`"), "{error}");
}

/// A file of sixty megabytes named a thousand times, here and in URDF at a thousand scales.
#[test]
fn meshes_share_a_budget() {
    let obj = "v 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 1\n".to_string() + "#" + &" ".repeat(60 << 20);
    let names: String = (0..1000).map(|i| format!("<mesh name='m{i}' file='m.obj'/>")).collect();
    let links: String = (1..1000)
        .map(|i| format!("<collision><geometry><mesh filename='m.obj' scale='{i} 1 1'/></geometry></collision>"))
        .collect();
    let wanted = "a:1: <mesh>: m.obj: with it the meshes of this description have more than 536870912 bytes; simplify them";
    for xml in
        [format!("<mujoco><asset>{names}</asset></mujoco>"), format!("<robot name='r'><link name='l'>{links}</link></robot>")]
    {
        let files = BTreeMap::from([("a".into(), xml.into()), ("m.obj".into(), obj.clone().into())]);
        assert_eq!(refused_among("a", files), wanted);
    }
}

#[test]
fn numbers_that_are_none_are_refused() {
    let body = |inside: &str| mjcf(&format!("<body name='b'>{inside}</body>"));
    for (xml, wanted) in [
        (body("<joint/><geom size='nan'/>"), "a:1: <geom>: `size` holds `nan`; write a finite number"),
        (body("<joint/><geom size='1e999'/>"), "a:1: <geom>: `size` holds `1e999`; write a finite number"),
        (body("<joint pos='0 0 -inf'/>"), "a:1: <joint>: `pos` holds `-inf`; write a finite number"),
        (body("<joint springdamper='0.1 0'/><geom size='1'/>"), "a:1: <joint>: springdamper=\"0.1 0\" is not a time constant"),
        (body("<joint/><geom size='1' pos='0 0'/>"), "a:1: <geom>: `pos` has 2 numbers; write 3"),
        (body("<joint/><geom size='1' condim='99999999999999999999'/>"), "a:1: <geom>: condim="),
        (body("<joint/><geom size='1' contype='99999999999999999999'/>"), "a:1: <geom>: contype="),
        (body("<joint/><geom size='1' mass='1e308'/><geom size='1' mass='1e308'/>"), "a:1: body `b` has "),
        (body("<joint/><geom size='1e200'/>"), "a:1: body `b` has "),
        (body("<joint/><geom size='1' pos='1e308 0 0'/><geom size='1'/>"), "a:1: body `b` has "),
        (body("<joint/><inertial pos='0 0 0' mass='1' fullinertia='1e308 1e308 1e308 1e308 0 0'/>"), "a:1: body `b` has "),
    ] {
        let error = refused("a", &xml);
        assert!(error.starts_with(wanted), "{xml}: {error}");
    }
    for name in ["iterations", "ls_iterations", "noslip_iterations"] {
        let xml = format!("<mujoco><option solver='PGS' tolerance='0' {name}='2000000000'/></mujoco>");
        let wanted = format!("a:1: <option>: {name}=\"2000000000\" is out of range; write 0 to 100000");
        assert_eq!(refused("a", &xml), wanted);
    }
    let zeros = "0 ".repeat(10_000_000);
    let error = refused("a", body(&format!("<joint/><geom size='1' pos='{zeros}'/>")));
    assert_eq!(error, "a:1: <geom>: `pos` has 10000000 numbers; write 3");
}

#[test]
fn names_that_stand_twice_are_refused_where_they_do() {
    let two = |kind: &str, part: &str| {
        let body = format!("<body><joint name='j'/><geom size='1'/>\n{part}</body><body>{BALL}\n{part}</body>");
        (kind.to_string(), mjcf(&body), "a:3")
    };
    let motors = "<actuator>\n<motor name='x' joint='j'/>\n<motor name='x' joint='j'/></actuator>";
    let tendons = "<tendon>\n<fixed name='x'><joint joint='j' coef='1'/></fixed>\n<fixed name='x'><joint joint='j' coef='1'/></fixed></tendon>";
    let beside = |kind: &str, part: &str| {
        (kind.to_string(), mjcf(&format!("<body><joint name='j'/><geom size='1'/></body></worldbody>{part}<worldbody>")), "a:3")
    };
    for (kind, xml, place) in [
        two("body", "<body name='x'/>"),
        two("joint", "<body><joint name='x'/><geom size='1'/></body>"),
        two("geom", "<geom name='x' size='1'/>"),
        two("site", "<site name='x'/>"),
        beside("actuator", motors),
        beside("tendon", tendons),
    ] {
        assert_eq!(refused("a", &xml), format!("{place}: a second {kind} is called `x`; names must differ"));
    }
}

#[test]
fn includes_end_and_stay_inside() {
    let include = |file: &str| format!("<mujoco><include file=\"{file}\"/></mujoco>").into_bytes();
    let itself = BTreeMap::from([("a.xml".to_string(), include("a.xml"))]);
    let wanted = "a.xml:1: <include>: `a.xml` is included twice, or includes itself; include each file once";
    assert_eq!(refused_among("a.xml", itself), wanted);
    let circle = BTreeMap::from([("a.xml".to_string(), include("./b.xml")), ("b.xml".to_string(), include("c/../a.xml"))]);
    assert_eq!(refused_among("a.xml", circle), wanted.replacen("a.xml:1", "b.xml:1", 1));
    let chain = (0..5000).map(|i| (format!("{i}"), include(&format!("{}", i + 1)))).collect();
    assert!(refused_among("0", chain).contains("nested deeper than 200"));

    // On disk: what lies outside the folder is not read, however it is named.
    let here = Folder::inside(concat!(env!("CARGO_MANIFEST_DIR"), "/tests"));
    let secret = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    for (name, wanted) in [
        ("../Cargo.toml", "`../Cargo.toml` lies outside the package; move it into the package's folder"),
        ("mujoco/../../Cargo.toml", "`../Cargo.toml` lies outside the package; move it into the package's folder"),
        (secret, "lies outside the package; move it into the package's folder"),
        ("/etc/passwd", "`/etc/passwd` lies outside the package; move it into the package's folder"),
        ("none.xml", "there is no file `none.xml`"),
    ] {
        let files = Overlay { main: include(name), rest: &here };
        let error = load("main.xml", &files, &Default::default()).unwrap_err().to_string();
        assert!(error.starts_with("main.xml:1: <include>: ") && error.contains(wanted), "{name}: {error}");
        let mesh = format!(
            "<robot><link name='l'><collision><geometry><mesh filename='{name}.stl'/></geometry></collision></link></robot>"
        );
        let files = Overlay { main: mesh.into(), rest: &here };
        assert!(load("main.xml", &files, &Default::default()).is_err(), "{name}");
    }
}

/// One file in memory in front of a folder.
struct Overlay<'a> {
    main: Vec<u8>,
    rest: &'a Folder,
}

impl Files for Overlay<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, leitai_package::files::FileError> {
        if path == "main.xml" { Ok(self.main.clone()) } else { self.rest.read(path) }
    }
}

#[test]
fn mesh_headers_that_promise_too_much_are_refused() {
    let read = |bytes: &[u8], format| mesh::read(bytes, format).unwrap_err().to_string();
    let mut stl = vec![0_u8; 134];
    stl[80..84].copy_from_slice(&u32::MAX.to_le_bytes());
    let wanted = "the file has 134 bytes where 214748364834 are announced; it is damaged or of another format";
    assert_eq!(read(&stl, mesh::Format::Stl), wanted);
    let mut msh = vec![0_u8; 16];
    msh[0..4].copy_from_slice(&u32::MAX.to_le_bytes());
    assert!(read(&msh, mesh::Format::Msh).contains("more than 4000000 corners or triangles"));
    msh[0..4].copy_from_slice(&1_000_000_u32.to_le_bytes());
    assert!(read(&msh, mesh::Format::Msh).contains("the file has 16 bytes where 12000016 are announced"));
    let fan = format!("v 0 0 0\nv 1 0 0\nv 0 1 0\nf {}", "1 2 3 ".repeat(2_000_000));
    assert!(read(fan.as_bytes(), mesh::Format::Obj).contains("more than 4000000 corners or triangles"));
    for (text, wanted) in [
        ("v 0 0 nan\n", "corner 0 is not finite; export the mesh again"),
        ("v 0 0 1e99\n", "corner 0 is not finite; export the mesh again"),
        ("v 0 0\n", "line 1: a corner has fewer than three numbers; export the mesh again"),
        ("v 0 0 0\nf 1 2 9223372036854775807\n", "line 2: a face names corner 2 of 1; export the mesh again"),
        ("f -9223372036854775808 1 1\n", "line 1: a face names corner -9223372036854775808 of 0; export the mesh again"),
    ] {
        assert_eq!(read(text.as_bytes(), mesh::Format::Obj), wanted);
    }
    for (text, wanted) in [
        ("solid a\nfacet\nvertex 0 0\n", "line 3: a vertex has fewer than three numbers; export the mesh again"),
        ("solid a\nendloop\n", "line 2: a facet has 0 vertices; export the mesh again"),
        ("solid a\nbogus\n", "line 2: `bogus` is not a word of STL; export the mesh again"),
        ("", "the file has 0 bytes where 84 are announced; it is damaged or of another format"),
    ] {
        assert_eq!(read(text.as_bytes(), mesh::Format::Stl), wanted);
    }
}

#[test]
fn hostile_manifests_are_refused_with_their_line() {
    let nested = format!("a = {}", "[".repeat(500_000));
    let tables = format!("a = {}", "{a=".repeat(300_000));
    let dotted = "a.".repeat(400_000) + "a = 1";
    let long = "a = 1\n".repeat(200_000);
    let many: String = (0..100_000).map(|i| format!("a{i}=1\n")).collect();
    for text in [&nested, &tables, &dotted, &long, &many, "a = nan", "\u{0}", "[robot]\n[robot]", "[[source]]\n[source]"] {
        let start = Instant::now();
        let errors = [
            RobotManifest::parse("m.toml", text).unwrap_err(),
            PartManifest::parse("m.toml", text).unwrap_err(),
            ScenarioManifest::parse("m.toml", text).unwrap_err(),
            SolutionManifest::parse("m.toml", text).unwrap_err(),
        ];
        assert!(start.elapsed() < SOON, "{:.40} took {:?}", text, start.elapsed());
        for error in errors {
            assert!(error.line >= 1 && error.to_string().starts_with("m.toml:") && error.what.len() < 1000, "{error}");
        }
    }
}

/// Many keys of a model with many joints, and a check that could tell of each of them.
#[test]
fn keys_and_findings_are_bounded() {
    let bodies = "<body><joint range='-1 1'/><geom size='1'/></body>".repeat(1000);
    let key = "<key/>".repeat(20_000);
    let error = refused("a", format!("<mujoco><worldbody>{bodies}</worldbody><keyframe>{key}</keyframe></mujoco>"));
    assert_eq!(error, "a:1: the keys hold more than 33554432 numbers; use fewer keys");
    let q = "2 ".repeat(1000);
    let key = format!("<key qpos='{q}'/>").repeat(100);
    let xml = format!("<mujoco><worldbody>{bodies}</worldbody><keyframe>{key}</keyframe></mujoco>");
    let files = BTreeMap::from([("a".to_string(), xml.into_bytes())]);
    let findings = leitai_package::lint::check_file("a", &files, &Default::default()).findings;
    let outside: Vec<_> = findings.iter().filter(|f| f.rule == "home-outside").collect();
    assert_eq!(outside.len(), 201);
    assert_eq!(outside[200].text.en, "99800 more of this kind");
}

/// Models that name each other end soon, however they are nested.
#[test]
fn models_that_attach_themselves_are_refused() {
    let own = "<mujoco><asset><model name='m' file='a'/></asset></mujoco>";
    let error = refused("a", own);
    assert!(error.starts_with("a:1: elements are nested deeper than"), "{error}");
    let many: String = (0..101).map(|i| format!("<model name='m{i}' file='b'/>")).collect();
    let files = BTreeMap::from([
        ("a".to_string(), format!("<mujoco><asset>{many}</asset></mujoco>").into_bytes()),
        ("b".to_string(), b"<mujoco/>".to_vec()),
    ]);
    assert_eq!(refused_among("a", files), "a:1: the description has more than 100 models; make it smaller");
}

/// A search for length ranges that would take hours is refused before it begins.
#[test]
fn endless_searches_for_muscle_lengths_are_refused() {
    let muscle = "<actuator><muscle name='m' joint='j'/></actuator>";
    let text = |search: &str| {
        let body = "<worldbody><body><joint name='j'/><geom size='1'/></body></worldbody>";
        format!("<mujoco><compiler><lengthrange {search}/></compiler>{body}{muscle}</mujoco>")
    };
    for search in ["inttotal='1e9'", "timestep='1e-300'"] {
        let error = refused("a", text(search));
        assert!(error.contains("finding the length ranges of so many muscles takes too long"), "{error}");
    }
}
