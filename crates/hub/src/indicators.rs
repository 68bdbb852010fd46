//! What the plan counts: 北京市机器人产业创新发展行动方案（2023—2025年）, 京政办发〔2023〕17号, in its own words.
//!
//! An *executed* figure follows from evidence that this hub ran again; a *reported* one is what people import, with its source. The
//! two are never added up.

use crate::records::IndicatorKind::{self, Executed, Reported};

/// Something that the plan counts. Pairs are Chinese and English.
#[derive(Clone, Copy, Debug)]
pub struct Stated {
    /// Its id, as in files of figures.
    pub id: &'static str,
    /// Its name.
    pub name: [&'static str; 2],
    /// Where its figure comes from.
    pub kind: IndicatorKind,
    /// The plan's words, and what they mean in English.
    pub plan: [&'static str; 2],
    /// Where the plan says so.
    pub section: [&'static str; 2],
    /// Unit.
    pub unit: [&'static str; 2],
    /// Other ways in which files write the unit.
    pub unit_also: &'static [&'static str],
    /// What is to be reached by 2025, and where the plan gives a range, its upper end; nothing where it gives no number.
    pub target: Option<(f64, Option<f64>)>,
    /// What is counted.
    pub meaning: [&'static str; 2],
    /// Whether its values are whole numbers.
    pub whole: bool,
    /// Whether a value is a sum over its period, so that only a year's compares with the target.
    pub yearly: bool,
}

const GOALS: [&str; 2] = ["一、总体要求（二）主要目标", "I. General requirements (2) Main goals"];
const BOX_1: [&str; 2] = ["专栏 1 北京市人形机器人产业创新中心", "Box 1. Beijing humanoid robot innovation center"];
const BOX_5: [&str; 2] = ["专栏 5 标准规范引领工程", "Box 5. Leading by standards"];
const KINDS: [&str; 2] = ["种", "kinds"];
const ITEMS: [&str; 2] = ["项", "items"];
const SCENES: [&str; 2] = ["个", "scenarios"];

const REPORTED_ITEM: Stated = Stated {
    id: "",
    name: ["", ""],
    kind: Reported,
    plan: ["", ""],
    section: GOALS,
    unit: ITEMS,
    unit_also: &["个", "种"],
    target: None,
    meaning: ["", ""],
    whole: true,
    yearly: false,
};

/// All of them, in the order in which the monitor shows them.
pub const ALL: [Stated; 12] = [
    Stated {
        id: "products",
        name: ["机器人产品", "Robot products"],
        kind: Executed,
        plan: ["培育 100 种高技术高附加值机器人产品", "Cultivate 100 kinds of high-technology, high-value robot products"],
        unit: KINDS,
        target: Some((100.0, None)),
        meaning: [
            "至少在一个场景中经证明的产品；证明由本站抽样重跑，逐位一致，且所依据的机器人、场景、方案与引擎均未变",
            "products proved on one scenario at least, by evidence whose sample this hub ran again with the same bits, and of which nothing it rests on has changed since",
        ],
        ..REPORTED_ITEM
    },
    Stated {
        id: "scenarios",
        name: ["应用场景", "Application scenarios"],
        kind: Executed,
        plan: ["100 种具有全国推广价值的应用场景", "100 kinds of application scenarios worth spreading nationwide"],
        unit: KINDS,
        target: Some((100.0, None)),
        meaning: [
            "至少有一台机器人证明能做的场景；证明由本站抽样重跑，逐位一致，且所依据的内容均未变",
            "scenarios that one robot at least has proved, by evidence whose sample this hub ran again with the same bits, and of which nothing it rests on has changed since",
        ],
        ..REPORTED_ITEM
    },
    Stated {
        id: "revenue",
        name: ["核心产业收入", "Core industry revenue"],
        plan: ["全市机器人核心产业收入达到 300 亿元以上", "The city's core robot industry earns 30 billion yuan or more"],
        unit: ["亿元", "× 100 million yuan"],
        unit_also: &["100 million yuan", "1e8 CNY"],
        target: Some((300.0, None)),
        meaning: ["全市机器人核心产业一年的收入", "what the city's core robot industry earns in a year"],
        whole: false,
        yearly: true,
        ..REPORTED_ITEM
    },
    Stated {
        id: "robot-density",
        name: ["万人机器人拥有量", "Robots per 10 000 people"],
        plan: ["万人机器人拥有量达到世界领先水平", "The number of robots per 10 000 people reaches a world-leading level"],
        unit: ["台/万人", "per 10 000 people"],
        unit_also: &["台每万人"],
        meaning: [
            "每万人拥有的机器人台数；规划未给出数值，只写“世界领先水平”",
            "robots for every 10 000 people; the plan gives no number, only “a world-leading level”",
        ],
        whole: false,
        ..REPORTED_ITEM
    },
    Stated {
        id: "humanoid-prototypes",
        name: ["人形机器人原型机", "Humanoid prototypes"],
        plan: [
            "完成百台(套)级人形机器人原型机的小批量制造",
            "Make humanoid prototypes in a small series, on the scale of a hundred",
        ],
        section: BOX_1,
        unit: ["台（套）", "units"],
        unit_also: &["台(套)", "台", "套"],
        target: Some((100.0, None)),
        meaning: ["已制造的原型机累计台（套）数", "prototypes made so far"],
        ..REPORTED_ITEM
    },
    Stated {
        id: "humanoid-demonstrations",
        name: ["人形机器人示范场景", "Humanoid demonstrations"],
        plan: ["在 3—4 个典型场景开展示范应用", "Demonstrate them in 3 to 4 typical scenarios"],
        section: BOX_1,
        unit: SCENES,
        unit_also: &["项"],
        target: Some((3.0, Some(4.0))),
        meaning: ["实物原型机已开展示范应用的典型场景数", "typical scenarios where real prototypes are being demonstrated"],
        ..REPORTED_ITEM
    },
    Stated {
        id: "humanoid-scenarios",
        name: ["人形机器人已证实的场景", "Scenarios proved by a humanoid"],
        kind: Executed,
        plan: [
            "以 3C 电子制造、新能源汽车生产、安防应急等典型场景应用示范为牵引",
            "Led by demonstrations in typical scenarios: 3C electronics, new-energy vehicles, security and emergencies",
        ],
        section: ["二、高端引领（一）加紧布局人形机器人", "II. Leading products (1) Humanoid robots"],
        unit: SCENES,
        meaning: [
            "人形机器人包经执行证明能做的场景；与实物示范是两回事，规划未为此给出数值",
            "scenarios that a humanoid's package has proved by execution; a demonstration with a real one is another thing, and the plan gives no number for this",
        ],
        ..REPORTED_ITEM
    },
    Stated {
        id: "new-products",
        name: ["百项机器人新品工程", "One hundred new products"],
        plan: ["培育支持百项机器人创新产品", "Cultivate and support a hundred innovative robot products"],
        section: ["专栏 2 百项机器人新品工程", "Box 2. One hundred new robot products"],
        target: Some((100.0, None)),
        meaning: ["列入新品工程的创新产品累计项数", "innovative products taken into the program so far"],
        ..REPORTED_ITEM
    },
    Stated {
        id: "demonstrations",
        name: ["百种应用场景示范工程", "One hundred demonstration scenarios"],
        plan: [
            "实施百种应用场景示范工程，开展一批“机器人+”应用示范",
            "Carry out demonstrations of a hundred application scenarios of “robot+”",
        ],
        section: ["四、标杆引领，全面实施“机器人+”应用示范", "IV. “Robot+” demonstrations"],
        target: Some((100.0, None)),
        meaning: ["已实施示范的应用场景累计种数", "application scenarios demonstrated so far"],
        ..REPORTED_ITEM
    },
    Stated {
        id: "standards-technical",
        name: ["技术和产品标准", "Technical and product standards"],
        plan: [
            "到2025年，研究制定不少于10项技术和产品标准",
            "By 2025, work out no fewer than 10 technical and product standards",
        ],
        section: BOX_5,
        target: Some((10.0, None)),
        meaning: ["已研究制定的技术和产品标准累计项数", "technical and product standards worked out so far"],
        ..REPORTED_ITEM
    },
    Stated {
        id: "standards-application",
        name: ["应用标准", "Application standards"],
        plan: ["到2025年，研究制定不少于5项应用标准", "By 2025, work out no fewer than 5 application standards"],
        section: BOX_5,
        target: Some((5.0, None)),
        meaning: ["已研究制定的应用标准累计项数", "application standards worked out so far"],
        ..REPORTED_ITEM
    },
    Stated {
        id: "leading-makers",
        name: ["引进国际一流整机企业", "World-class robot makers brought in"],
        plan: ["引进1—2家国际一流的机器人整机企业", "Bring in 1 to 2 world-class makers of complete robots"],
        section: ["五、创新服务（二）培育壮大市场主体", "V. Services (2) Growing enterprises"],
        unit: ["家", "companies"],
        unit_also: &["个"],
        target: Some((1.0, Some(2.0))),
        meaning: ["引进的国际一流机器人整机企业累计家数", "world-class makers of complete robots brought in so far"],
        ..REPORTED_ITEM
    },
];

/// The indicator with this id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Stated> {
    ALL.iter().find(|stated| stated.id == id)
}
