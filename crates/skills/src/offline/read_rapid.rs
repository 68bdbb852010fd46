//! A subset of ABB's RAPID, interpreted: what the text commands, as a motion program.
//!
//! | text | meaning here |
//! |---|---|
//! | `MODULE name` … `ENDMODULE` | one module with one procedure `main` without parameters |
//! | `CONST` / `PERS` / `VAR` type name `:=` value `;` | jointtarget, robtarget, tooldata, speeddata, zonedata |
//! | `MoveAbsJ target [\NoEOffs], vmax, fine, tool;` | joint move at the shares of `VelSet` and `AccSet` |
//! | `MoveL target, speed, zone, tool;` `MoveC via, target, speed, zone, tool;` | line, circle; `\WObj:=wobj0` may follow |
//! | `VelSet percent, max;` `AccSet percent, ramp;` | from here on; the ramp must be 100 |
//! | `PathAccLim TRUE \AccMax:=a, TRUE \DecelMax:=a;` | acceleration of lines and circles; both alike, 0.1 m/s² or more |
//! | `ConfJ \Off;` `ConfL \Off;` | targets are reached in the branch at hand |
//! | `SetDO do_N, 0;` `WaitTime t;` | output, wait |
//!
//! Predefined: `vmax`, `v5` … `v7000`, `fine`, `z0` … `z200`, `tool0`, `wobj0`. Words are the same in large and small letters; `!` begins a comment.
//! Everything else is an error with line and column. One tool in the whole text. Written from the reference manuals; shares nothing with
//! the writer.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use leitai_math::{Pose, Quat, Vec3, real};

use super::{Action, At, MOST, MOST_BYTES, MotionProgram, Pace, Place, Step, TextError, ToolData, ToolPace, is_name};

/// Largest number that is read; 9E9 stands for an axis that is not there.
const LARGEST: f64 = 1e10;
/// Deepest nesting of a value: a tool's load's center.
const DEEPEST: usize = 4;
/// Most numbers of one value.
const MOST_NUMBERS: usize = 64;

#[derive(Clone, Debug, PartialEq)]
enum Word {
    /// In small letters.
    Name(String),
    Number(f64),
    /// One of `[ ] ( ) , ; \ - :` with `:` for `:=`.
    Mark(char),
}

struct Found {
    word: Word,
    place: (usize, usize),
}

/// A value as it is written: a number, a truth or an aggregate.
#[derive(Clone, Debug)]
enum Data {
    Number(f64),
    Truth(bool),
    Many(Vec<Data>),
}

#[derive(Clone, Debug)]
enum Defined {
    Place(usize),
    Tool(ToolData),
    /// Speed of the tool [m/s].
    Speed(f64),
    /// Radius [m]; 0 for a stop.
    Zone(f64),
}

/// Interprets a text.
///
/// # Errors
/// With line and column: whatever the subset above does not have.
pub fn read(text: &str) -> Result<MotionProgram, TextError> {
    if text.len() > MOST_BYTES {
        return Err(fault((1, 1), format!("{} bytes; {MOST_BYTES} are read at most", text.len())));
    }
    let mut run = Run {
        words: words(text)?,
        at: 0,
        program: MotionProgram::default(),
        defined: BTreeMap::new(),
        velocity: 1.0,
        acceleration: 1.0,
        path_acceleration: None,
        tool: None,
    };
    run.module()?;
    run.program.bounded()?;
    Ok(run.program)
}

fn fault((line, column): (usize, usize), what: impl Into<String>) -> TextError {
    TextError { line, column, what: what.into() }
}

fn words(text: &str) -> Result<Vec<Found>, TextError> {
    let mut out = Vec::new();
    let (mut line, mut column) = (1, 0);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        column += 1;
        let place = (line, column);
        match c {
            '\n' => (line, column) = (line + 1, 0),
            ' ' | '\t' | '\r' => {}
            '!' => {
                while rest.peek().is_some_and(|c| *c != '\n') {
                    rest.next();
                    column += 1;
                }
            }
            ':' => {
                if rest.next_if_eq(&'=').is_none() {
                    return Err(fault(place, "`:=` is expected here"));
                }
                column += 1;
                out.push(Found { word: Word::Mark(':'), place });
            }
            '[' | ']' | '(' | ')' | ',' | ';' | '\\' | '-' => out.push(Found { word: Word::Mark(c), place }),
            c if c.is_ascii_alphabetic() => {
                let mut name = String::from(c.to_ascii_lowercase());
                while let Some(c) = rest.next_if(|c| c.is_ascii_alphanumeric() || *c == '_') {
                    column += 1;
                    name.push(c.to_ascii_lowercase());
                    if name.len() > 32 {
                        return Err(fault(place, "a name of more than 32 characters"));
                    }
                }
                out.push(Found { word: Word::Name(name), place });
            }
            c if c.is_ascii_digit() || c == '.' => {
                let mut digits = String::from(c);
                loop {
                    let after_e = digits.ends_with(['e', 'E']);
                    let part =
                        |c: &char| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E') || (after_e && matches!(c, '-' | '+'));
                    let Some(c) = rest.next_if(part) else { break };
                    column += 1;
                    digits.push(c);
                    if digits.len() > 64 {
                        return Err(fault(place, "a number of more than 64 characters"));
                    }
                }
                let value = digits.parse::<f64>().ok().filter(|x| *x <= LARGEST);
                let value = value.ok_or_else(|| fault(place, format!("`{digits}` is no number, or above {LARGEST}")))?;
                out.push(Found { word: Word::Number(value), place });
            }
            other => return Err(fault(place, format!("`{}` does not occur in this subset of RAPID", other.escape_default()))),
        }
    }
    Ok(out)
}

struct Run {
    words: Vec<Found>,
    at: usize,
    program: MotionProgram,
    defined: BTreeMap<String, Defined>,
    velocity: f64,
    acceleration: f64,
    path_acceleration: Option<f64>,
    tool: Option<String>,
}

impl Run {
    fn place(&self) -> (usize, usize) {
        self.words.get(self.at).or(self.words.last()).map_or((1, 1), |found| found.place)
    }

    fn wrong<T>(&self, what: impl Into<String>) -> Result<T, TextError> {
        Err(fault(self.place(), what))
    }

    fn next_is(&self, mark: char) -> bool {
        self.words.get(self.at).is_some_and(|found| found.word == Word::Mark(mark))
    }

    fn skip(&mut self, mark: char) -> bool {
        let is = self.next_is(mark);
        self.at += usize::from(is);
        is
    }

    fn mark(&mut self, mark: char) -> Result<(), TextError> {
        if self.skip(mark) {
            return Ok(());
        }
        let shown = if mark == ':' { ":=".to_string() } else { mark.to_string() };
        self.wrong(format!("`{shown}` is expected here"))
    }

    fn name(&mut self) -> Result<String, TextError> {
        match self.words.get(self.at).map(|found| &found.word) {
            Some(Word::Name(name)) => {
                let name = name.clone();
                self.at += 1;
                Ok(name)
            }
            _ => self.wrong("a word is expected here"),
        }
    }

    fn keyword(&mut self, wanted: &str) -> Result<(), TextError> {
        let place = self.place();
        match self.name() {
            Ok(name) if name == wanted => Ok(()),
            _ => Err(fault(place, format!("`{}` is expected here", wanted.to_ascii_uppercase()))),
        }
    }

    fn number(&mut self) -> Result<f64, TextError> {
        let sign = if self.skip('-') { -1.0 } else { 1.0 };
        match self.words.get(self.at).map(|found| &found.word) {
            Some(Word::Number(x)) => {
                let x = sign * x;
                self.at += 1;
                Ok(x)
            }
            _ => self.wrong("a number is expected here"),
        }
    }

    fn module(&mut self) -> Result<(), TextError> {
        self.keyword("module")?;
        let place = self.place();
        let name = self.name()?;
        if !is_name(&name) {
            return Err(fault(place, "the module's name should be of a-z, 0-9 and _, a letter first, 24 at most"));
        }
        self.program.name = name;
        loop {
            let place = self.place();
            match self.name()?.as_str() {
                "const" | "pers" | "var" => self.define()?,
                "proc" => break,
                other => {
                    return Err(fault(
                        place,
                        format!("`{other}` does not occur in this subset; data come first, then PROC main()"),
                    ));
                }
            }
            if self.defined.len() > MOST {
                return Err(fault(place, format!("more than {MOST} data")));
            }
        }
        self.keyword("main")?;
        self.mark('(')?;
        self.mark(')')?;
        loop {
            let place = self.place();
            let word = self.name()?;
            if word == "endproc" {
                break;
            }
            self.instruction(&word, place)?;
            self.mark(';')?;
            if self.program.steps.len() > MOST {
                return Err(fault(place, format!("more than {MOST} steps")));
            }
        }
        self.keyword("endmodule")?;
        if self.at < self.words.len() { self.wrong("nothing may follow ENDMODULE") } else { Ok(()) }
    }

    fn define(&mut self) -> Result<(), TextError> {
        let place = self.place();
        let kind = self.name()?;
        let name_at = self.place();
        let name = self.name()?;
        if self.defined.contains_key(&name) {
            return Err(fault(name_at, format!("`{name}` is declared twice")));
        }
        self.mark(':')?;
        let value_at = self.place();
        let mut left = MOST_NUMBERS;
        let data = self.data(0, &mut left)?;
        self.mark(';')?;
        let value = match kind.as_str() {
            "jointtarget" => Defined::Place(self.new_place(Some(&name), joints(&data, value_at)?, name_at)),
            "robtarget" => Defined::Place(self.new_place(Some(&name), target(&data, value_at)?, name_at)),
            "tooldata" => Defined::Tool(tool(&data, value_at)?),
            "speeddata" => Defined::Speed(speed(&data, value_at)?),
            "zonedata" => Defined::Zone(zone(&data, value_at)?),
            other => return Err(fault(place, format!("data of type `{other}` do not occur in this subset"))),
        };
        self.defined.insert(name, value);
        Ok(())
    }

    /// A new place, called as the datum without `p_` or `j_` if that is free.
    fn new_place(&mut self, name: Option<&str>, is: At, (line, _): (usize, usize)) -> usize {
        let plain = name.map(|name| name.strip_prefix("p_").or_else(|| name.strip_prefix("j_")).unwrap_or(name));
        let count = self.program.places.len();
        let free = |name: &&str| is_name(name) && self.program.place(name).is_none();
        let name = plain.filter(free).or_else(|| name.filter(free)).map_or_else(|| format!("place_{count}"), ToString::to_string);
        self.program.places.push(Place { name, at: is, line });
        count
    }

    fn data(&mut self, depth: usize, left: &mut usize) -> Result<Data, TextError> {
        if depth > DEEPEST || *left == 0 {
            return self.wrong("the value is too deep or too long");
        }
        *left -= 1;
        if self.skip('[') {
            let mut many = Vec::new();
            loop {
                many.push(self.data(depth + 1, left)?);
                if !self.skip(',') {
                    self.mark(']')?;
                    return Ok(Data::Many(many));
                }
            }
        }
        if let Some(Word::Name(name)) = self.words.get(self.at).map(|found| &found.word) {
            let truth = match name.as_str() {
                "true" => true,
                "false" => false,
                _ => return self.wrong("a number, TRUE, FALSE or an aggregate is expected here"),
            };
            self.at += 1;
            return Ok(Data::Truth(truth));
        }
        Ok(Data::Number(self.number()?))
    }

    fn instruction(&mut self, word: &str, place: (usize, usize)) -> Result<(), TextError> {
        let line = place.0;
        let action = match word {
            "confj" | "confl" => {
                self.mark('\\')?;
                self.keyword("off")?;
                return Ok(());
            }
            "velset" => {
                let percent = self.percent()?;
                self.mark(',')?;
                if self.number()? <= 0.0 {
                    return Err(fault(place, "VelSet's greatest speed should be above 0"));
                }
                self.velocity = percent;
                return Ok(());
            }
            "accset" => {
                let percent_at = self.place();
                let percent = self.percent()?;
                self.mark(',')?;
                let ramp_at = self.place();
                if self.number()? != 100.0 {
                    return Err(fault(ramp_at, "a ramp other than 100 is not in this subset"));
                }
                if percent < 0.2 {
                    return Err(fault(percent_at, "AccSet takes 20 % or more"));
                }
                self.acceleration = percent;
                return Ok(());
            }
            "pathacclim" => {
                let mut limits = [0.0; 2];
                for (k, name) in ["accmax", "decelmax"].into_iter().enumerate() {
                    if k > 0 {
                        self.mark(',')?;
                    }
                    self.keyword("true")?;
                    self.mark('\\')?;
                    self.keyword(name)?;
                    self.mark(':')?;
                    limits[k] = self.number()?;
                }
                if limits[0] != limits[1] || limits[0] < 0.1 {
                    return Err(fault(place, "AccMax and DecelMax should be alike and 0.1 m/s² or more in this subset"));
                }
                self.path_acceleration = Some(limits[0]);
                return Ok(());
            }
            "moveabsj" => {
                let to = self.place_of(true)?;
                if self.skip('\\') {
                    self.keyword("noeoffs")?;
                }
                self.mark(',')?;
                self.keyword("vmax")?;
                self.mark(',')?;
                self.keyword("fine")?;
                self.use_tool()?;
                Action::Joint { to, pace: Pace::Share { speed: self.velocity, acceleration: self.acceleration } }
            }
            "movel" => {
                let to = self.place_of(false)?;
                Action::Line { to, pace: self.pace(place)? }
            }
            "movec" => {
                let via = self.place_of(false)?;
                self.mark(',')?;
                let to = self.place_of(false)?;
                Action::Circle { via, to, pace: self.pace(place)? }
            }
            "setdo" => {
                let signal_at = self.place();
                let signal = self.name()?;
                let number = signal.strip_prefix("do_").and_then(|n| n.parse::<u32>().ok()).filter(|n| *n < 1024);
                let number = number.ok_or_else(|| fault(signal_at, "a signal do_0 to do_1023 is expected here"))?;
                self.mark(',')?;
                let value_at = self.place();
                match self.number()? {
                    0.0 => Action::Output { number, on: false },
                    1.0 => Action::Output { number, on: true },
                    _ => return Err(fault(value_at, "0 or 1 is expected here")),
                }
            }
            "waittime" => {
                let time_at = self.place();
                match self.number()? {
                    seconds if (0.0..=3600.0).contains(&seconds) => Action::Wait { seconds },
                    _ => return Err(fault(time_at, "a time of 0 to 3600 s is expected here")),
                }
            }
            other => return Err(fault(place, format!("`{other}` does not occur in this subset of RAPID"))),
        };
        self.program.steps.push(Step { action, line });
        Ok(())
    }

    fn percent(&mut self) -> Result<f64, TextError> {
        let place = self.place();
        match self.number()? {
            percent if percent > 0.0 && percent <= 100.0 => Ok(percent / 100.0),
            _ => Err(fault(place, "a percentage above 0 and at most 100 is expected here")),
        }
    }

    /// A target by name or as it stands; `joints` says of which kind.
    fn place_of(&mut self, of_joints: bool) -> Result<usize, TextError> {
        let place = self.place();
        if self.next_is('[') {
            let mut left = MOST_NUMBERS;
            let data = self.data(0, &mut left)?;
            let is = if of_joints { joints(&data, place)? } else { target(&data, place)? };
            return Ok(self.new_place(None, is, place));
        }
        let name = self.name()?;
        match self.defined.get(&name) {
            Some(Defined::Place(k)) if matches!(self.program.places[*k].at, At::Posture(_)) == of_joints => Ok(*k),
            Some(_) => Err(fault(place, format!("`{name}` is not of the type that this instruction takes"))),
            None => Err(fault(place, format!("`{name}` is not declared"))),
        }
    }

    /// `, speed, zone, tool` of a line or circle.
    fn pace(&mut self, place: (usize, usize)) -> Result<ToolPace, TextError> {
        self.mark(',')?;
        let speed_at = self.place();
        let speed = if self.next_is('[') {
            let mut left = MOST_NUMBERS;
            let data = self.data(0, &mut left)?;
            speed(&data, speed_at)?
        } else {
            let name = self.name()?;
            match (self.defined.get(&name), predefined_speed(&name)) {
                (Some(Defined::Speed(speed)), _) => *speed,
                (None, Some(speed)) => speed,
                _ => return Err(fault(speed_at, format!("`{name}` is no speed"))),
            }
        };
        self.mark(',')?;
        let zone_at = self.place();
        let blend_m = if self.next_is('[') {
            let mut left = MOST_NUMBERS;
            let data = self.data(0, &mut left)?;
            zone(&data, zone_at)?
        } else {
            let name = self.name()?;
            match (self.defined.get(&name), predefined_zone(&name)) {
                (Some(Defined::Zone(zone)), _) => *zone,
                (None, Some(zone)) => zone,
                _ => return Err(fault(zone_at, format!("`{name}` is no zone"))),
            }
        };
        self.use_tool()?;
        let Some(acceleration_m_s2) = self.path_acceleration else {
            return Err(fault(place, "a line or circle needs a PathAccLim before it in this subset"));
        };
        Ok(ToolPace { speed_m_s: speed * self.velocity, acceleration_m_s2, blend_m })
    }

    /// `, tool [\WObj:=wobj0]`, always the same tool.
    fn use_tool(&mut self) -> Result<(), TextError> {
        self.mark(',')?;
        let place = self.place();
        let name = self.name()?;
        let tool = match self.defined.get(&name) {
            Some(Defined::Tool(tool)) => *tool,
            None if name == "tool0" => ToolData::default(),
            _ => return Err(fault(place, format!("`{name}` is no tool"))),
        };
        if self.tool.as_ref().is_some_and(|other| *other != name) {
            return Err(fault(place, "a second tool is not in this subset"));
        }
        self.tool = Some(name);
        self.program.tool = tool;
        if self.skip('\\') {
            self.keyword("wobj")?;
            self.mark(':')?;
            self.keyword("wobj0")?;
        }
        Ok(())
    }
}

fn numbers<const N: usize>(data: &Data, place: (usize, usize), what: &str) -> Result<[f64; N], TextError> {
    let wrong = || fault(place, format!("{what}: {N} numbers are expected"));
    let Data::Many(many) = data else { return Err(wrong()) };
    let list: Option<Vec<f64>> = many.iter().map(|d| if let Data::Number(x) = d { Some(*x) } else { None }).collect();
    list.and_then(|list| list.try_into().ok()).ok_or_else(wrong)
}

fn parts<'a>(data: &'a Data, count: usize, place: (usize, usize), what: &str) -> Result<&'a [Data], TextError> {
    match data {
        Data::Many(many) if many.len() == count => Ok(many),
        _ => Err(fault(place, format!("{what}: an aggregate of {count} parts is expected"))),
    }
}

fn no_axes(data: &Data, place: (usize, usize)) -> Result<(), TextError> {
    let axes: [f64; 6] = numbers(data, place, "external axes")?;
    if axes.iter().all(|x| *x >= 8.9e9) {
        Ok(())
    } else {
        Err(fault(place, "external axes are not in this subset; write 9E9 for each"))
    }
}

fn joints(data: &Data, place: (usize, usize)) -> Result<At, TextError> {
    let parts = parts(data, 2, place, "a jointtarget")?;
    no_axes(&parts[1], place)?;
    let degrees: [f64; 6] = numbers(&parts[0], place, "robot axes")?;
    if degrees.iter().any(|x| real::abs(*x) > 5000.0) {
        return Err(fault(place, "a joint of more than 5000°"));
    }
    Ok(At::Posture(degrees.iter().map(|x| x * real::PI / 180.0).collect()))
}

fn pose(position: &Data, rotation: &Data, place: (usize, usize)) -> Result<Pose, TextError> {
    let mm: [f64; 3] = numbers(position, place, "a position")?;
    let q: [f64; 4] = numbers(rotation, place, "a rotation")?;
    let square: f64 = q.iter().map(|x| x * x).sum();
    // Texts have quaternions of a few digits.
    let unit = real::abs(square - 1.0) < 1e-3;
    if !unit || mm.iter().any(|x| real::abs(*x) > 1e5) {
        return Err(fault(place, "a position within 100 m and a quaternion of length 1 are expected"));
    }
    Ok(Pose::new(Vec3::from_slice(&mm) * 1e-3, Quat::from_slice(&q).normalized()))
}

fn target(data: &Data, place: (usize, usize)) -> Result<At, TextError> {
    let parts = parts(data, 4, place, "a robtarget")?;
    let _configuration: [f64; 4] = numbers(&parts[2], place, "a configuration")?;
    no_axes(&parts[3], place)?;
    Ok(At::Pose(pose(&parts[0], &parts[1], place)?))
}

fn tool(data: &Data, place: (usize, usize)) -> Result<ToolData, TextError> {
    let whole = parts(data, 3, place, "a tooldata")?;
    if !matches!(whole[0], Data::Truth(true)) {
        return Err(fault(place, "a tool that stands still is not in this subset"));
    }
    let frame = parts(&whole[1], 2, place, "a tool's frame")?;
    let load = parts(&whole[2], 6, place, "a tool's load")?;
    let tcp = pose(&frame[0], &frame[1], place)?;
    let center: [f64; 3] = numbers(&load[1], place, "a load's center")?;
    let _axes: [f64; 4] = numbers(&load[2], place, "a load's axes")?;
    let plain = |data: &Data| if let Data::Number(x) = data { Some(*x) } else { None };
    let mass = plain(&load[0]).filter(|m| (0.0..=1000.0).contains(m));
    let inertia = load[3..].iter().all(|d| plain(d) == Some(0.0));
    let (Some(mass_kg), true, true) = (mass, inertia, center.iter().all(|x| real::abs(*x) <= 1e5)) else {
        return Err(fault(place, "a load's mass should be 0 to 1000 kg and its moments of inertia 0 in this subset"));
    };
    // A gram is how a load of nothing is written.
    let mass_kg = if mass_kg <= 0.001 { 0.0 } else { mass_kg };
    Ok(ToolData { tcp, mass_kg, center_m: Vec3::from_slice(&center) * 1e-3 })
}

fn speed(data: &Data, place: (usize, usize)) -> Result<f64, TextError> {
    let [tcp, rotation, ..]: [f64; 4] = numbers(data, place, "a speeddata")?;
    if tcp > 0.0 && tcp <= 1e5 && rotation > 0.0 { Ok(tcp * 1e-3) } else { Err(fault(place, "speeds above 0 are expected")) }
}

fn zone(data: &Data, place: (usize, usize)) -> Result<f64, TextError> {
    let parts = parts(data, 7, place, "a zonedata")?;
    match (&parts[0], &parts[1]) {
        (Data::Truth(true), _) => Ok(0.0),
        (Data::Truth(false), Data::Number(mm)) if *mm > 0.0 && *mm <= 1e5 => Ok(mm * 1e-3),
        _ => Err(fault(place, "TRUE, or FALSE and a radius above 0 are expected first")),
    }
}

fn predefined_speed(name: &str) -> Option<f64> {
    let number: u32 = name.strip_prefix('v')?.parse().ok()?;
    const KNOWN: [u32; 23] =
        [5, 10, 20, 30, 40, 50, 60, 80, 100, 150, 200, 300, 400, 500, 600, 800, 1000, 1500, 2000, 2500, 3000, 4000, 5000];
    (KNOWN.contains(&number) || matches!(number, 6000 | 7000)).then(|| f64::from(number) * 1e-3)
}

fn predefined_zone(name: &str) -> Option<f64> {
    if name == "fine" {
        return Some(0.0);
    }
    let number: u32 = name.strip_prefix('z')?.parse().ok()?;
    const KNOWN: [u32; 13] = [1, 5, 10, 15, 20, 30, 40, 50, 60, 80, 100, 150, 200];
    // z0 is three tenths of a millimeter.
    if number == 0 { Some(0.3e-3) } else { KNOWN.contains(&number).then(|| f64::from(number) * 1e-3) }
}
