//! The page of a tuning: for each joint the step, the response that was found and the open loop, before and after. One file, no script.

use std::fmt::Write as _;

use super::Tuned;
use super::cascade::{lag_deg, size};
use super::choose::open_loop;
use super::joint::Answer;
use crate::verdict::Language;

const WIDTH: f64 = 420.0;
const HEIGHT: f64 = 230.0;
/// Room for the axes: left, right, top, bottom.
const ROOM: [f64; 4] = [48.0, 12.0, 24.0, 34.0];

/// What a page says above its joints.
#[derive(Clone, Debug)]
pub struct Head {
    /// The robot's name.
    pub robot: String,
    /// A line below it.
    pub line: String,
    /// A warning, where the parts are not the robot's own.
    pub banner: Option<String>,
}

/// The whole page.
#[must_use]
pub fn page(language: Language, head: &Head, tuned: &[Tuned]) -> String {
    let say = |zh: &'static str, en: &'static str| if language == Language::Zh { zh } else { en };
    let title = format!("{} · {}", escape(&head.robot), say("伺服自整定", "servo tuning"));
    let mut out = format!(
        "<!doctype html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title}</title><style>{STYLE}</style></head><body>\n<h1>{title}</h1>\n<p>{}</p>\n",
        say("zh", "en"),
        escape(&head.line)
    );
    if let Some(banner) = &head.banner {
        let _ = writeln!(out, "<p class=\"banner\">{}</p>", escape(banner));
    }
    let _ = writeln!(
        out,
        "<p class=\"key\"><i class=\"b\"></i>{} <i class=\"a\"></i>{} <i class=\"h\"></i>{} <i class=\"m\"></i>{}</p>",
        say("出厂", "as delivered"),
        say("整定后", "tuned"),
        say("整定后，3 倍负载", "tuned, three times the payload"),
        say("测得", "measured")
    );
    for t in tuned {
        joint(&mut out, language, t);
    }
    let _ = writeln!(
        out,
        "<p class=\"foot\">{}</p>\n</body></html>",
        say("由部件数据仿真得到，未经实物测量。", "Simulated from the figures of the parts; nothing was measured on hardware.")
    );
    out
}

fn joint(out: &mut String, language: Language, t: &Tuned) {
    let say = |zh: &'static str, en: &'static str| if language == Language::Zh { zh } else { en };
    let _ = writeln!(out, "<section><h2>{}</h2><p>{}</p>", escape(&t.joint), escape(&t.parts.join(" · ")));
    let _ = writeln!(
        out,
        "<p>{} {:.1} Hz, {} {:.1} Hz, {} {:.2} ms; Kp {:.4} N·m·s/rad, Ti {:.1} ms, Kv {:.1} 1/s{}; {} {:.1} s, {:.2} rad. {}</p>",
        say("锁定转子频率", "locked rotor at"),
        t.found.locked_hz,
        say("谐振", "resonance at"),
        t.found.resonance_hz,
        say("时延", "delay"),
        1e3 * t.found.delay_s,
        t.gains.velocity,
        1e3 * t.gains.integral_s,
        t.gains.position,
        t.gains.notch.map_or(String::new(), |n| format!(", {} {:.0} Hz", say("陷波", "notch"), n.frequency_hz)),
        say("运动", "moved for"),
        t.motion_s,
        t.way_rad,
        if t.safe {
            say("3 倍负载稳定。", "Safe at three times the payload.")
        } else {
            say("3 倍负载不稳定！", "NOT safe at three times the payload!")
        }
    );
    out.push_str("<div class=\"row\">");
    let most = t.steps.iter().flat_map(|a| &a.curve).map(|p| p[1]).filter(|y| y.is_finite()).fold(1.2_f64, f64::max).min(2.5);
    let curves: Vec<(&str, Vec<[f64; 2]>)> =
        ["b", "a", "h"].iter().zip(&t.steps).map(|(class, answer): (_, &Answer)| (*class, answer.curve.clone())).collect();
    let time = Axis { low: 0.0, high: 1.0, log: false, ticks: vec![0.0, 0.25, 0.5, 0.75, 1.0] };
    let share = Axis { low: 0.0, high: most, log: false, ticks: vec![0.0, 0.5, 1.0, 1.5, 2.0] };
    out.push_str(&plot(
        say("位置阶跃（连杆侧，0.01 rad = 1）", "step of position at the link (0.01 rad = 1)"),
        "s",
        &time,
        &share,
        &curves,
        &[],
    ));

    let frequency = Axis { low: 2.0, high: 500.0, log: true, ticks: vec![2.0, 10.0, 50.0, 100.0, 500.0] };
    let measured: Vec<[f64; 2]> = t.found.lines.iter().map(|l| [l.frequency_hz, db(size(l.response))]).collect();
    let fitted: Vec<[f64; 2]> =
        (0..200).map(|k| 2.0 * 250.0_f64.powf(f64::from(k) / 199.0)).map(|f| [f, db(t.found.size(f))]).collect();
    let levels = around(measured.iter().chain(&fitted).map(|p| p[1]));
    out.push_str(&plot(
        say("频率响应：电机速度/力矩，dB", "frequency response: motor speed for torque, dB"),
        "Hz",
        &frequency,
        &levels,
        &[("a", fitted)],
        &measured,
    ));

    let open = [("b", &t.delivered), ("a", &t.gains)].map(|(class, gains)| (class, open_loop(&t.found.lines, gains, t.period_s)));
    let sizes: Vec<(&str, Vec<[f64; 2]>)> =
        open.iter().map(|(class, l)| (*class, l.iter().map(|(f, z)| [*f, db(size(*z))]).collect())).collect();
    let levels = around(sizes.iter().flat_map(|(_, l)| l).map(|p| p[1]));
    out.push_str(&plot(say("速度环开环，dB", "open velocity loop, dB"), "Hz", &frequency, &levels, &sizes, &[]));
    let phases: Vec<(&str, Vec<[f64; 2]>)> =
        open.iter().map(|(class, l)| (*class, l.iter().map(|(f, z)| [*f, lag_deg(*z)]).collect())).collect();
    let degrees = Axis { low: -360.0, high: 0.0, log: false, ticks: vec![-360.0, -270.0, -180.0, -90.0, 0.0] };
    out.push_str(&plot(say("速度环开环相位，°", "its phase, degrees"), "Hz", &frequency, &degrees, &phases, &[]));
    out.push_str("</div></section>\n");
}

struct Axis {
    low: f64,
    high: f64,
    log: bool,
    ticks: Vec<f64>,
}

impl Axis {
    fn share(&self, x: f64) -> f64 {
        let share =
            if self.log { (x / self.low).ln() / (self.high / self.low).ln() } else { (x - self.low) / (self.high - self.low) };
        share.clamp(-0.02, 1.02)
    }
}

/// An axis in steps of 20 around these.
fn around(values: impl Iterator<Item = f64> + Clone) -> Axis {
    let finite = values.filter(|x| x.is_finite());
    let low = (finite.clone().fold(0.0_f64, f64::min) / 20.0).floor() * 20.0;
    let high = (finite.fold(0.0_f64, f64::max) / 20.0).ceil() * 20.0 + 0.1;
    let count = ((high - low) / 20.0) as i32;
    Axis { low, high, log: false, ticks: (0..=count).map(|k| low + 20.0 * f64::from(k)).collect() }
}

fn plot(title: &str, unit: &str, x: &Axis, y: &Axis, curves: &[(&str, Vec<[f64; 2]>)], dots: &[[f64; 2]]) -> String {
    let [left, right, top, bottom] = ROOM;
    let at =
        |p: [f64; 2]| (left + x.share(p[0]) * (WIDTH - left - right), HEIGHT - bottom - y.share(p[1]) * (HEIGHT - top - bottom));
    let mut out = format!(
        "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\"><text x=\"{left}\" y=\"15\" class=\"t\">{}</text>",
        escape(title)
    );
    for tick in x.ticks.iter().filter(|t| (x.low..=x.high).contains(*t)) {
        let (px, _) = at([*tick, y.low]);
        let _ = write!(
            out,
            "<line x1=\"{px:.1}\" x2=\"{px:.1}\" y1=\"{top}\" y2=\"{:.1}\"/><text x=\"{px:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{tick}</text>",
            HEIGHT - bottom,
            HEIGHT - bottom + 14.0
        );
    }
    for tick in y.ticks.iter().filter(|t| (y.low..=y.high).contains(*t)) {
        let (_, py) = at([x.low, *tick]);
        let _ = write!(
            out,
            "<line x1=\"{left}\" x2=\"{:.1}\" y1=\"{py:.1}\" y2=\"{py:.1}\"/><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{tick}</text>",
            WIDTH - right,
            left - 5.0,
            py + 4.0
        );
    }
    let _ = write!(out, "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{unit}</text>", WIDTH - right, HEIGHT - 4.0);
    for p in dots {
        let (px, py) = at(*p);
        let _ = write!(out, "<circle cx=\"{px:.1}\" cy=\"{py:.1}\" r=\"2.2\"/>");
    }
    for (class, curve) in curves {
        out.push_str("<polyline class=\"");
        out.push_str(class);
        out.push_str("\" points=\"");
        for p in curve.iter().filter(|p| p[1].is_finite()) {
            let (px, py) = at(*p);
            let _ = write!(out, "{px:.1},{py:.1} ");
        }
        out.push_str("\"/>");
    }
    out.push_str("</svg>");
    out
}

fn db(x: f64) -> f64 {
    20.0 * x.log10()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

const STYLE: &str = "\
:root{color-scheme:light dark;--ink:#1c2430;--dim:#6b7686;--line:#d8dde5;--back:#fff;--b:#b0762a;--a:#1f6fd1;--h:#c2385b}\
@media(prefers-color-scheme:dark){:root{--ink:#e6eaf0;--dim:#98a3b3;--line:#343c48;--back:#151a21;--b:#d9a04f;--a:#6aa8f5;--h:#ee7a98}}\
body{font:15px/1.5 system-ui,'Noto Sans CJK SC',sans-serif;color:var(--ink);background:var(--back);margin:24px auto;max-width:940px;padding:0 16px}\
h1{font-size:22px}h2{font-size:17px;margin:26px 0 0}p{margin:4px 0}.key,.foot,section>p{color:var(--dim);font-size:13px}\
.banner{border:1px solid var(--h);color:var(--h);padding:6px 10px;border-radius:6px}\
.row{display:grid;grid-template-columns:repeat(auto-fit,minmax(330px,1fr));gap:10px}\
svg{width:100%}svg line{stroke:var(--line)}svg text{font-size:11px;fill:var(--dim)}svg .t{font-size:12px;fill:var(--ink)}\
polyline{fill:none;stroke-width:1.8}.b{stroke:var(--b)}.a{stroke:var(--a)}.h{stroke:var(--h)}circle{fill:none;stroke:var(--ink)}\
i{display:inline-block;width:18px;height:3px;margin:0 4px 3px 12px}i.b{background:var(--b)}i.a{background:var(--a)}i.h{background:var(--h)}\
i.m{width:6px;height:6px;border:1px solid var(--ink);border-radius:50%}";
