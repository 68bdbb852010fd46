//! A subset of Universal Robots' URScript, interpreted: what the text commands, as a motion program.
//!
//! | statement | meaning here |
//! |---|---|
//! | `def NAME():` … `end` | the whole text is one function without parameters |
//! | `NAME = VALUE` | a pose `p[x, y, z, rx, ry, rz]`, a list of six angles, or a number |
//! | `movej(q, a=1.4, v=1.05, t=0, r=0)` | joint move; t and r must be 0 |
//! | `movel(p, a=1.2, v=0.25, t=0, r=0)` | line; t must be 0 |
//! | `movec(via, to, a=1.2, v=0.25, r=0, mode=0)` | circle; mode must be 0 |
//! | `set_tcp(p)`, `set_payload(m, [x, y, z])` | the tool; before the first motion, once |
//! | `set_digital_out(n, b)`, `set_standard_digital_out(n, b)`, `sleep(t)` | output, wait |
//!
//! A value is a number (also `-`, and `d2r(…)`), `True`, `False`, a name, or `get_forward_kin(q)` as a target of a line. Everything else is an error
//! with line and column. Parameters, their order, defaults and units are those of the script manual; poses are in the controller's base
//! frame, half a turn about z from ours. Written from the manual; shares nothing with the writer.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use leitai_math::{Pose, Quat, Vec3, real};

use super::{Action, At, MOST, MOST_BYTES, MotionProgram, Pace, Place, Step, TextError, ToolPace, is_name};

/// Largest number that means anything here.
const LARGEST: f64 = 1e6;
/// Deepest nesting of values: a call with a list in a call.
const DEEPEST: usize = 4;

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Name(String),
    Number(f64),
    /// One of `( ) [ ] , = : -`.
    Mark(char),
    LineEnd,
}

#[derive(Clone, Debug, PartialEq)]
enum Value {
    Number(f64),
    Truth(bool),
    List(Vec<f64>),
    Pose(Pose),
    /// Where the tool is at these joint positions.
    Forward(Vec<f64>),
    /// Index of the place of a variable.
    Place(usize),
    ForwardPlace(usize),
}

struct Lexed {
    token: Token,
    line: usize,
    column: usize,
}

fn lex(text: &str) -> Result<Vec<Lexed>, TextError> {
    let mut out = Vec::new();
    for (number, row) in text.split('\n').enumerate() {
        let line = number + 1;
        let characters: Vec<char> = row.trim_end_matches('\r').chars().collect();
        let mut at = 0;
        let begun = out.len();
        while at < characters.len() {
            let (c, column) = (characters[at], at + 1);
            let run = |good: &dyn Fn(usize, char) -> bool| {
                characters[at..].iter().enumerate().take_while(|(k, c)| good(*k, **c)).count()
            };
            match c {
                '#' => break,
                ' ' | '\t' => at += 1,
                '(' | ')' | '[' | ']' | ',' | '=' | ':' | '-' => {
                    out.push(Lexed { token: Token::Mark(c), line, column });
                    at += 1;
                }
                'a'..='z' | 'A'..='Z' | '_' => {
                    let length = run(&|_, c| c.is_ascii_alphanumeric() || c == '_');
                    if length > 64 {
                        return Err(TextError { line, column, what: "a name of more than 64 characters".to_string() });
                    }
                    out.push(Lexed { token: Token::Name(characters[at..at + length].iter().collect()), line, column });
                    at += length;
                }
                '0'..='9' | '.' => {
                    let sign = |k: usize, c: char| (c == '-' || c == '+') && k > 0 && matches!(characters[at + k - 1], 'e' | 'E');
                    let length = run(&|k, c| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E') || sign(k, c));
                    let digits: String = characters[at..at + length].iter().collect();
                    let value = digits.parse::<f64>().ok().filter(|x| *x <= LARGEST);
                    let Some(value) = value else {
                        let digits: String = digits.chars().take(30).collect();
                        return Err(TextError { line, column, what: format!("`{digits}` is no number, or above {LARGEST}") });
                    };
                    out.push(Lexed { token: Token::Number(value), line, column });
                    at += length;
                }
                other => {
                    let what = format!("`{}` does not occur in this subset of URScript", other.escape_default());
                    return Err(TextError { line, column, what });
                }
            }
        }
        if out.len() > begun {
            out.push(Lexed { token: Token::LineEnd, line, column: characters.len() + 1 });
        }
    }
    Ok(out)
}

struct Machine {
    tokens: Vec<Lexed>,
    at: usize,
    program: MotionProgram,
    variables: BTreeMap<String, Value>,
    tool_set: [bool; 2],
}

/// An argument: its name if it has one, where it stands, its value.
type Argument = (Option<String>, (usize, usize), Value);

/// Interprets a text.
///
/// # Errors
/// With line and column: whatever the subset above does not have.
pub fn read(text: &str) -> Result<MotionProgram, TextError> {
    if text.len() > MOST_BYTES {
        return Err(TextError { line: 1, column: 1, what: format!("{} bytes; {MOST_BYTES} are read at most", text.len()) });
    }
    let mut machine = Machine {
        tokens: lex(text)?,
        at: 0,
        program: MotionProgram::default(),
        variables: BTreeMap::new(),
        tool_set: [false; 2],
    };
    machine.whole()?;
    machine.program.bounded()?;
    Ok(machine.program)
}

impl Machine {
    fn here(&self) -> (usize, usize) {
        let last = self.tokens.last();
        self.tokens.get(self.at).or(last).map_or((1, 1), |t| (t.line, t.column))
    }

    fn fault<T>(&self, what: impl Into<String>) -> Result<T, TextError> {
        Err(at(self.here(), what))
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|t| &t.token)
    }

    fn mark(&mut self, mark: char) -> Result<(), TextError> {
        if self.peek() == Some(&Token::Mark(mark)) {
            self.at += 1;
            return Ok(());
        }
        self.fault(format!("`{mark}` is expected here"))
    }

    fn name(&mut self) -> Result<String, TextError> {
        if let Some(Token::Name(name)) = self.peek() {
            let name = name.clone();
            self.at += 1;
            return Ok(name);
        }
        self.fault("a name is expected here")
    }

    fn line_end(&mut self) -> Result<(), TextError> {
        if self.peek() == Some(&Token::LineEnd) {
            self.at += 1;
            return Ok(());
        }
        self.fault("the line should end here")
    }

    fn whole(&mut self) -> Result<(), TextError> {
        if self.name()? != "def" {
            self.at = 0;
            return self.fault("the text should begin with `def NAME():`");
        }
        let place = self.here();
        let name = self.name()?;
        if !is_name(&name) {
            return Err(at(place, "the function's name should be of a-z, 0-9 and _, a letter first, 24 at most"));
        }
        self.program.name = name;
        for mark in ['(', ')', ':'] {
            self.mark(mark)?;
        }
        self.line_end()?;
        loop {
            let place = self.here();
            let name = self.name()?;
            if name == "end" {
                self.line_end()?;
                break;
            }
            if self.peek() == Some(&Token::Mark('=')) {
                self.at += 1;
                self.assign(name, place)?;
            } else {
                self.call(&name, place)?;
            }
            self.line_end()?;
            if self.program.steps.len() > MOST || self.variables.len() > MOST {
                return Err(at(place, format!("more than {MOST} steps or variables")));
            }
        }
        if self.at < self.tokens.len() {
            return self.fault("nothing may follow `end`");
        }
        Ok(())
    }

    fn assign(&mut self, name: String, place: (usize, usize)) -> Result<(), TextError> {
        if self.variables.contains_key(&name) {
            return Err(at(place, format!("`{name}` is assigned twice; this subset has constants only")));
        }
        let value = self.value(0)?;
        let value = match value {
            Value::List(q) => Value::Place(self.place(Some(&name), At::Posture(six(&q, place)?), place)),
            Value::Pose(pose) => Value::Place(self.place(Some(&name), At::Pose(base_from_controller(&pose)), place)),
            Value::Number(_) | Value::Truth(_) => value,
            Value::Forward(_) | Value::Place(_) | Value::ForwardPlace(_) => {
                return Err(at(place, "a variable is a pose, a list of six angles or a number here"));
            }
        };
        self.variables.insert(name, value);
        Ok(())
    }

    /// A new place, called as the variable without `p_` or `q_` if that is free.
    fn place(&mut self, name: Option<&str>, is: At, (line, _): (usize, usize)) -> usize {
        let plain = name.map(|name| name.strip_prefix("p_").or_else(|| name.strip_prefix("q_")).unwrap_or(name));
        let free = |name: &&str| is_name(name) && self.program.place(name).is_none();
        let count = self.program.places.len();
        let name = plain.filter(free).or_else(|| name.filter(free)).map_or_else(|| format!("place_{count}"), ToString::to_string);
        self.program.places.push(Place { name, at: is, line });
        count
    }

    fn value(&mut self, depth: usize) -> Result<Value, TextError> {
        let place = self.here();
        if depth > DEEPEST {
            return Err(at(place, "values are nested too deeply"));
        }
        match self.peek() {
            Some(Token::Number(x)) => {
                let x = *x;
                self.at += 1;
                Ok(Value::Number(x))
            }
            Some(Token::Mark('-')) => {
                self.at += 1;
                match self.value(depth + 1)? {
                    Value::Number(x) => Ok(Value::Number(-x)),
                    _ => Err(at(place, "only a number can be negated")),
                }
            }
            Some(Token::Mark('[')) => Ok(Value::List(self.list(depth)?)),
            Some(Token::Name(name)) => {
                let name = name.clone();
                self.at += 1;
                match (name.as_str(), self.peek()) {
                    ("True", _) => Ok(Value::Truth(true)),
                    ("False", _) => Ok(Value::Truth(false)),
                    ("p", Some(Token::Mark('['))) => {
                        let x = six(&self.list(depth)?, place)?;
                        let turn = Vec3::new(x[3], x[4], x[5]);
                        Ok(Value::Pose(Pose::new(Vec3::new(x[0], x[1], x[2]), Quat::from_rotation_vector(turn))))
                    }
                    ("d2r" | "get_forward_kin", Some(Token::Mark('('))) => {
                        self.at += 1;
                        let inside = self.value(depth + 1)?;
                        self.mark(')')?;
                        match (name.as_str(), inside) {
                            ("d2r", Value::Number(x)) => Ok(Value::Number(x * real::PI / 180.0)),
                            ("get_forward_kin", Value::List(q)) => Ok(Value::Forward(six(&q, place)?)),
                            ("get_forward_kin", Value::Place(k)) if matches!(self.program.places[k].at, At::Posture(_)) => {
                                Ok(Value::ForwardPlace(k))
                            }
                            _ => Err(at(place, "d2r takes a number, get_forward_kin six angles")),
                        }
                    }
                    _ => match self.variables.get(&name) {
                        Some(value) => Ok(value.clone()),
                        None => Err(at(place, format!("`{name}` has no value, or is no function of this subset"))),
                    },
                }
            }
            _ => Err(at(place, "a value is expected here")),
        }
    }

    fn list(&mut self, depth: usize) -> Result<Vec<f64>, TextError> {
        self.mark('[')?;
        let mut out = Vec::new();
        loop {
            let place = self.here();
            match self.value(depth + 1)? {
                Value::Number(x) if out.len() < 6 => out.push(x),
                _ => return Err(at(place, "a list holds six numbers at most")),
            }
            if self.peek() == Some(&Token::Mark(',')) {
                self.at += 1;
            } else {
                self.mark(']')?;
                return Ok(out);
            }
        }
    }

    fn arguments(&mut self) -> Result<Vec<Argument>, TextError> {
        self.mark('(')?;
        let mut out: Vec<Argument> = Vec::new();
        loop {
            let place = self.here();
            let named = matches!(
                (self.peek(), self.tokens.get(self.at + 1).map(|t| &t.token)),
                (Some(Token::Name(_)), Some(Token::Mark('=')))
            );
            let name = if named {
                let name = self.name()?;
                self.mark('=')?;
                Some(name)
            } else {
                None
            };
            if name.is_none() && out.iter().any(|(name, ..)| name.is_some()) {
                return Err(at(place, "an argument without a name stands after one with a name"));
            }
            let value = self.value(0)?;
            out.push((name, place, value));
            if out.len() > 8 {
                return Err(at(place, "too many arguments"));
            }
            if self.peek() == Some(&Token::Mark(',')) {
                self.at += 1;
            } else {
                self.mark(')')?;
                return Ok(out);
            }
        }
    }

    fn call(&mut self, name: &str, place: (usize, usize)) -> Result<(), TextError> {
        // Parameters in the manual's order, with its defaults; none where one must be given.
        let parameters: &[(&str, Option<f64>)] = match name {
            "movej" => &[("q", None), ("a", Some(1.4)), ("v", Some(1.05)), ("t", Some(0.0)), ("r", Some(0.0))],
            "movel" => &[("pose", None), ("a", Some(1.2)), ("v", Some(0.25)), ("t", Some(0.0)), ("r", Some(0.0))],
            "movec" => &[
                ("pose_via", None),
                ("pose_to", None),
                ("a", Some(1.2)),
                ("v", Some(0.25)),
                ("r", Some(0.0)),
                ("mode", Some(0.0)),
            ],
            "set_tcp" => &[("pose", None)],
            "set_payload" => &[("m", None), ("cog", None)],
            "set_digital_out" | "set_standard_digital_out" => &[("n", None), ("b", None)],
            "sleep" => &[("t", None)],
            other => return Err(at(place, format!("`{other}` does not occur in this subset of URScript"))),
        };
        let mut values: Vec<Option<((usize, usize), Value)>> = alloc::vec![None; parameters.len()];
        for (k, (named, place, value)) in self.arguments()?.into_iter().enumerate() {
            let k = match &named {
                Some(named) => parameters.iter().position(|(parameter, _)| parameter == named),
                None => (k < parameters.len()).then_some(k),
            };
            let Some(k) = k.filter(|k| values[*k].is_none()) else {
                return Err(at(place, format!("`{name}` has no such argument, or has it already")));
            };
            values[k] = Some((place, value));
        }
        let value = |k: usize| values[k].clone().ok_or_else(|| at(place, format!("`{name}` needs `{}`", parameters[k].0)));
        let number = |k: usize| match (&values[k], parameters[k].1) {
            (Some((_, Value::Number(x))), _) => Ok(*x),
            (None, Some(default)) => Ok(default),
            (Some((place, _)), _) => Err(at(*place, "a number is expected here")),
            (None, None) => Err(at(place, format!("`{name}` needs `{}`", parameters[k].0))),
        };
        let none = |k: usize, what: &str| match number(k)? {
            0.0 => Ok(()),
            _ => Err(at(values[k].as_ref().map_or(place, |v| v.0), what)),
        };
        let positive = |k: usize| match number(k)? {
            x if x > 0.0 => Ok(x),
            _ => Err(at(values[k].as_ref().map_or(place, |v| v.0), "a number above 0 is expected here")),
        };
        let action = match name {
            "movej" => {
                none(3, "a time instead of speed and acceleration is not in this subset")?;
                none(4, "a blend after movej is not in this subset")?;
                let pace = Pace::Leading { speed_rad_s: positive(2)?, acceleration_rad_s2: positive(1)? };
                let to = self.target(value(0)?, true)?;
                Action::Joint { to, pace }
            }
            "movel" => {
                none(3, "a time instead of speed and acceleration is not in this subset")?;
                let pace =
                    ToolPace { speed_m_s: positive(2)?, acceleration_m_s2: positive(1)?, blend_m: blend(number(4)?, place)? };
                let to = self.target(value(0)?, false)?;
                Action::Line { to, pace }
            }
            "movec" => {
                none(5, "only mode 0, which turns the tool evenly from start to end, is in this subset")?;
                let pace =
                    ToolPace { speed_m_s: positive(3)?, acceleration_m_s2: positive(2)?, blend_m: blend(number(4)?, place)? };
                let (via, to) = (value(0)?, value(1)?);
                let via = self.target(via, false)?;
                Action::Circle { via, to: self.target(to, false)?, pace }
            }
            "set_tcp" => {
                let (place, pose) = value(0)?;
                self.set_tool(0, place)?;
                let pose = match pose {
                    Value::Pose(pose) => pose,
                    _ => return Err(at(place, "a pose p[x, y, z, rx, ry, rz] is expected here")),
                };
                self.program.tool.tcp = pose;
                return Ok(());
            }
            "set_payload" => {
                self.set_tool(1, place)?;
                self.program.tool.mass_kg = number(0)?;
                let (place, center) = value(1)?;
                match center {
                    Value::List(c) if c.len() == 3 => self.program.tool.center_m = Vec3::new(c[0], c[1], c[2]),
                    _ => return Err(at(place, "a list of three numbers is expected here")),
                }
                return Ok(());
            }
            "sleep" => match number(0)? {
                seconds if (0.0..=3600.0).contains(&seconds) => Action::Wait { seconds },
                _ => return Err(at(place, "a time of 0 to 3600 s is expected here")),
            },
            _ => {
                let n = number(0)?;
                let (b, on) = match value(1)? {
                    (b, Value::Truth(on)) => (b, on),
                    (b, _) => return Err(at(b, "True or False is expected here")),
                };
                if !(0.0..1024.0).contains(&n) || real::floor(n) != n {
                    return Err(at(b, "the number of an output is 0 to 1023"));
                }
                Action::Output { number: n as u32, on }
            }
        };
        self.program.steps.push(Step { action, line: place.0 });
        Ok(())
    }

    fn set_tool(&mut self, which: usize, place: (usize, usize)) -> Result<(), TextError> {
        if self.tool_set[which] || !self.program.steps.is_empty() {
            return Err(at(place, "the tool is set once and before the first motion in this subset"));
        }
        self.tool_set[which] = true;
        Ok(())
    }

    /// The place that a motion goes to; `joints` says of which kind.
    fn target(&mut self, (place, value): ((usize, usize), Value), joints: bool) -> Result<usize, TextError> {
        let kind = |k: usize| matches!(self.program.places[k].at, At::Posture(_));
        match value {
            Value::Place(k) if kind(k) == joints => Ok(k),
            Value::ForwardPlace(k) if !joints => Ok(k),
            Value::List(q) if joints => Ok(self.place(None, At::Posture(six(&q, place)?), place)),
            Value::Forward(q) if !joints => Ok(self.place(None, At::Posture(q), place)),
            Value::Pose(pose) if !joints => Ok(self.place(None, At::Pose(base_from_controller(&pose)), place)),
            _ if joints => Err(at(place, "movej goes to six angles in this subset")),
            _ => Err(at(place, "this motion goes to a pose, or to get_forward_kin of six angles")),
        }
    }
}

fn at((line, column): (usize, usize), what: impl Into<String>) -> TextError {
    TextError { line, column, what: what.into() }
}

fn six(list: &[f64], place: (usize, usize)) -> Result<Vec<f64>, TextError> {
    if list.len() == 6 { Ok(list.to_vec()) } else { Err(at(place, "six numbers are expected here")) }
}

fn blend(radius: f64, place: (usize, usize)) -> Result<f64, TextError> {
    if (0.0..=100.0).contains(&radius) { Ok(radius) } else { Err(at(place, "a blend radius of 0 to 100 m is expected")) }
}

/// A pose of the controller's base frame in ours: half a turn about z.
fn base_from_controller(pose: &Pose) -> Pose {
    let half = Quat::from_axis_angle(Vec3::Z, real::PI);
    let turned = Vec3::new(-pose.position.x, -pose.position.y, pose.position.z);
    Pose::new(turned, half * pose.rotation)
}
