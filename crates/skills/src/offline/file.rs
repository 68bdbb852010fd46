//! Motion programs as plain TOML files: read with the line of every fault, written so that reading gives the same program.
//!
//! Lengths are in meters, angles of postures in radians or degrees as the key says, rotations as a rotation vector [rad] or as roll, pitch and yaw
//! [deg] about the fixed x, y and z axes in this order. docs/offline-programming.md shows every key.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use leitai_geometry::Shape;
use leitai_math::{Pose, Quat, Vec3, real};
use serde::Deserialize;
use toml::Spanned;

use super::{
    Action, At, FASTEST, LARGEST, MOST, MOST_BYTES, MotionProgram, Pace, Place, Solid, Step, TextError, ToolData, ToolPace,
    is_name,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    program: Spanned<Head>,
    tool: Option<Spanned<Tool>>,
    #[serde(default)]
    frame: BTreeMap<String, Spanned<Placed>>,
    #[serde(default)]
    pose: BTreeMap<String, Spanned<Placed>>,
    #[serde(default)]
    posture: BTreeMap<String, Spanned<Posture>>,
    #[serde(default)]
    obstacle: Vec<Spanned<Obstacle>>,
    #[serde(default)]
    step: Vec<Spanned<Stepped>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    name: String,
    robot: Option<String>,
    start: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tool {
    #[serde(default)]
    tcp_m: [f64; 3],
    rpy_deg: Option<[f64; 3]>,
    rotation_vector_rad: Option<[f64; 3]>,
    #[serde(default)]
    mass_kg: f64,
    #[serde(default)]
    center_of_mass_m: [f64; 3],
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Placed {
    frame: Option<String>,
    position_m: [f64; 3],
    rpy_deg: Option<[f64; 3]>,
    rotation_vector_rad: Option<[f64; 3]>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Posture {
    joints_rad: Option<Vec<f64>>,
    joints_deg: Option<Vec<f64>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Obstacle {
    name: String,
    frame: Option<String>,
    position_m: [f64; 3],
    rpy_deg: Option<[f64; 3]>,
    rotation_vector_rad: Option<[f64; 3]>,
    box_m: Option<[f64; 3]>,
    sphere_radius_m: Option<f64>,
    cylinder_m: Option<[f64; 2]>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stepped {
    r#move: Option<String>,
    to: Option<String>,
    via: Option<String>,
    speed_share: Option<f64>,
    acceleration_share: Option<f64>,
    speed_rad_s: Option<f64>,
    acceleration_rad_s2: Option<f64>,
    speed_m_s: Option<f64>,
    acceleration_m_s2: Option<f64>,
    blend_m: Option<f64>,
    output: Option<u32>,
    on: Option<bool>,
    wait_s: Option<f64>,
}

struct Reader<'a> {
    text: &'a str,
    frames: BTreeMap<String, Pose>,
}

/// Reads a program.
///
/// # Errors
/// With line and column, if the text is too long, no TOML, has a key that means nothing, or a number out of bounds.
pub fn read(text: &str) -> Result<MotionProgram, TextError> {
    if text.len() > MOST_BYTES {
        return Err(TextError { line: 1, column: 1, what: format!("{} bytes; a program has {MOST_BYTES} at most", text.len()) });
    }
    let written: Written = toml::from_str(text).map_err(|error| {
        let (line, column) = place(text, error.span().map_or(0, |span| span.start));
        TextError { line, column, what: error.message().trim().to_string() }
    })?;
    let mut reader = Reader { text, frames: BTreeMap::new() };
    reader.program(&written)
}

fn place(text: &str, offset: usize) -> (usize, usize) {
    let mut end = offset.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let before = &text[..end];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |rest| rest.chars().count()) + 1;
    (line, column)
}

impl Reader<'_> {
    fn fault<T>(&self, at: &Spanned<T>, what: impl Into<String>) -> TextError {
        let (line, column) = place(self.text, at.span().start);
        TextError { line, column, what: what.into() }
    }

    fn line<T>(&self, at: &Spanned<T>) -> usize {
        place(self.text, at.span().start).0
    }

    fn program(&mut self, written: &Written) -> Result<MotionProgram, TextError> {
        let head = written.program.get_ref();
        if !is_name(&head.name) {
            return Err(self.fault(&written.program, bad_name(&head.name)));
        }
        let total = written.frame.len() + written.pose.len() + written.posture.len() + written.obstacle.len();
        if total > MOST || written.step.len() > MOST {
            return Err(self.fault(&written.program, format!("more than {MOST} places or steps; make two programs of it")));
        }
        for (name, placed) in &written.frame {
            if placed.get_ref().frame.is_some() {
                return Err(self.fault(placed, format!("frame `{name}` stands in another; give it in the base's frame")));
            }
            let pose = self.placed(placed)?;
            self.frames.insert(name.clone(), pose);
        }
        let mut program = MotionProgram { name: head.name.clone(), robot: head.robot.clone(), ..MotionProgram::default() };
        if let Some(tool) = &written.tool {
            program.tool = self.tool(tool)?;
        }
        for (name, placed) in &written.pose {
            let pose = self.placed(placed)?;
            self.named(&mut program, name, placed, At::Pose(pose))?;
        }
        for (name, posture) in &written.posture {
            let (list, unit) = match (&posture.get_ref().joints_rad, &posture.get_ref().joints_deg) {
                (Some(list), None) => (list, 1.0),
                (None, Some(list)) => (list, real::PI / 180.0),
                _ => return Err(self.fault(posture, format!("posture `{name}` needs joints_rad or joints_deg, one of them"))),
            };
            if list.is_empty() || list.len() > 16 || !list.iter().all(|x| real::abs(*x) * unit <= LARGEST) {
                return Err(self.fault(posture, format!("posture `{name}` needs 1 to 16 angles within ±{LARGEST} rad")));
            }
            self.named(&mut program, name, posture, At::Posture(list.iter().map(|x| x * unit).collect()))?;
        }
        program.places.sort_by(|a, b| a.name.cmp(&b.name));
        if let Some(start) = &head.start {
            let found = program.place(start);
            program.start = Some(found.ok_or_else(|| self.fault(&written.program, no_place(start)))?);
        }
        for obstacle in &written.obstacle {
            let solid = self.solid(obstacle)?;
            program.solids.push(solid);
        }
        for step in &written.step {
            let action = self.step(&program, step)?;
            program.steps.push(Step { action, line: self.line(step) });
        }
        program.bounded()?;
        Ok(program)
    }

    fn named<T>(&self, program: &mut MotionProgram, name: &str, at: &Spanned<T>, is: At) -> Result<(), TextError> {
        if !is_name(name) {
            return Err(self.fault(at, bad_name(name)));
        }
        if program.place(name).is_some() {
            return Err(self.fault(at, format!("`{name}` is a pose and a posture; give one of them another name")));
        }
        program.places.push(Place { name: name.to_string(), at: is, line: self.line(at) });
        Ok(())
    }

    fn pose<T>(
        &self,
        at: &Spanned<T>,
        position: [f64; 3],
        rpy: Option<[f64; 3]>,
        vector: Option<[f64; 3]>,
    ) -> Result<Pose, TextError> {
        let rotation = match (rpy, vector) {
            (None, None) => Quat::IDENTITY,
            (Some(rpy), None) => {
                let [roll, pitch, yaw] = rpy.map(|x| x * real::PI / 180.0);
                let about = |axis, angle| Quat::from_axis_angle(axis, angle);
                about(Vec3::Z, yaw) * about(Vec3::Y, pitch) * about(Vec3::X, roll)
            }
            (None, Some(v)) => Quat::from_rotation_vector(Vec3::from_slice(&v)),
            (Some(_), Some(_)) => return Err(self.fault(at, "give rpy_deg or rotation_vector_rad, not both")),
        };
        let angles = rpy.unwrap_or([0.0; 3]).iter().chain(&vector.unwrap_or([0.0; 3])).all(|x| real::abs(*x) <= 1e4);
        if !angles || !position.iter().all(|x| real::abs(*x) <= LARGEST) {
            return Err(self.fault(at, format!("positions must lie within ±{LARGEST} m and angles be finite")));
        }
        Ok(Pose::new(Vec3::from_slice(&position), rotation))
    }

    fn in_frame<T>(&self, at: &Spanned<T>, frame: Option<&String>) -> Result<Pose, TextError> {
        match frame {
            None => Ok(Pose::IDENTITY),
            Some(name) => self.frames.get(name).copied().ok_or_else(|| self.fault(at, format!("there is no frame `{name}`"))),
        }
    }

    fn placed(&self, at: &Spanned<Placed>) -> Result<Pose, TextError> {
        let p = at.get_ref();
        let pose = self.pose(at, p.position_m, p.rpy_deg, p.rotation_vector_rad)?;
        match &p.frame {
            None => Ok(pose),
            frame => Ok(self.in_frame(at, frame.as_ref())? * pose),
        }
    }

    fn tool(&self, at: &Spanned<Tool>) -> Result<ToolData, TextError> {
        let t = at.get_ref();
        let tcp = self.pose(at, t.tcp_m, t.rpy_deg, t.rotation_vector_rad)?;
        if !(0.0..=1000.0).contains(&t.mass_kg) || !t.center_of_mass_m.iter().all(|x| real::abs(*x) <= LARGEST) {
            return Err(self.fault(at, "the tool's mass must be 0 to 1000 kg and its center within reach"));
        }
        Ok(ToolData { tcp, mass_kg: t.mass_kg, center_m: Vec3::from_slice(&t.center_of_mass_m) })
    }

    fn solid(&self, at: &Spanned<Obstacle>) -> Result<Solid, TextError> {
        let o = at.get_ref();
        let pose = self.in_frame(at, o.frame.as_ref())? * self.pose(at, o.position_m, o.rpy_deg, o.rotation_vector_rad)?;
        let good = |x: f64| x > 0.0 && x <= LARGEST;
        let shape = match (o.box_m, o.sphere_radius_m, o.cylinder_m) {
            (Some(size), None, None) if size.iter().all(|x| good(*x)) => Shape::Box { half: Vec3::from_slice(&size) * 0.5 },
            (None, Some(radius), None) if good(radius) => Shape::Sphere { radius },
            (None, None, Some([radius, length])) if good(radius) && good(length) => {
                Shape::Cylinder { radius, half_length: 0.5 * length }
            }
            _ => {
                let what = "an obstacle is one of box_m = [x, y, z], sphere_radius_m, cylinder_m = [radius, length], above zero";
                return Err(self.fault(at, what));
            }
        };
        if o.name.is_empty() || o.name.len() > 64 {
            return Err(self.fault(at, "an obstacle needs a name of 1 to 64 bytes"));
        }
        Ok(Solid { name: o.name.clone(), shape, pose })
    }

    fn step(&self, program: &MotionProgram, at: &Spanned<Stepped>) -> Result<Action, TextError> {
        let s = at.get_ref();
        let joint_keys = [s.speed_share, s.acceleration_share, s.speed_rad_s, s.acceleration_rad_s2];
        let tool_keys = [s.speed_m_s, s.acceleration_m_s2, s.blend_m];
        let still = s.to.is_none() && s.via.is_none() && joint_keys.iter().chain(&tool_keys).all(Option::is_none);
        let to = |name: &Option<String>, key: &str| match name {
            Some(name) => program.place(name).ok_or_else(|| self.fault(at, no_place(name))),
            None => Err(self.fault(at, format!("this step needs `{key}`"))),
        };
        match (s.r#move.as_deref(), s.output, s.wait_s) {
            (None, Some(number), None) if still => match s.on {
                Some(on) if number < 1024 => Ok(Action::Output { number, on }),
                _ => Err(self.fault(at, "an output needs a number below 1024 and `on = true` or `on = false`")),
            },
            (None, None, Some(seconds)) if still && s.on.is_none() => {
                if (0.0..=3600.0).contains(&seconds) {
                    Ok(Action::Wait { seconds })
                } else {
                    Err(self.fault(at, "wait_s must be 0 to 3600 s"))
                }
            }
            (Some("joint"), None, None) if tool_keys.iter().all(Option::is_none) && s.via.is_none() && s.on.is_none() => {
                let share = |x: f64| x > 0.0 && x <= 1.0;
                let rate = |x: f64| x > 0.0 && x <= FASTEST;
                let pace = match joint_keys {
                    [Some(speed), Some(acceleration), None, None] if share(speed) && share(acceleration) => {
                        Pace::Share { speed, acceleration }
                    }
                    [None, None, Some(v), Some(a)] if rate(v) && rate(a) => {
                        Pace::Leading { speed_rad_s: v, acceleration_rad_s2: a }
                    }
                    _ => {
                        let what = "a joint move needs speed_share and acceleration_share, above 0 and at most 1, or speed_rad_s and acceleration_rad_s2, above 0";
                        return Err(self.fault(at, what));
                    }
                };
                Ok(Action::Joint { to: to(&s.to, "to")?, pace })
            }
            (Some(kind @ ("line" | "circle")), None, None) if joint_keys.iter().all(Option::is_none) && s.on.is_none() => {
                let (Some(speed_m_s), Some(acceleration_m_s2)) = (s.speed_m_s, s.acceleration_m_s2) else {
                    return Err(self.fault(at, "lines and circles need speed_m_s and acceleration_m_s2"));
                };
                let blend_m = s.blend_m.unwrap_or(0.0);
                let good = |x: f64| x > 0.0 && x <= LARGEST;
                if !(good(speed_m_s) && good(acceleration_m_s2) && (0.0..=LARGEST).contains(&blend_m)) {
                    return Err(
                        self.fault(at, "speed and acceleration must be above 0, a blend radius not below, all at most 100")
                    );
                }
                let pace = ToolPace { speed_m_s, acceleration_m_s2, blend_m };
                match (kind, &s.via) {
                    ("line", None) => Ok(Action::Line { to: to(&s.to, "to")?, pace }),
                    ("circle", _) => Ok(Action::Circle { via: to(&s.via, "via")?, to: to(&s.to, "to")?, pace }),
                    _ => Err(self.fault(at, "a line has no `via`; write move = \"circle\"")),
                }
            }
            _ => {
                let what = "a step is move = \"joint\", \"line\" or \"circle\" with its own keys, or output with on, or wait_s";
                Err(self.fault(at, what))
            }
        }
    }
}

fn bad_name(name: &str) -> String {
    let name: String = name.chars().take(40).collect();
    format!("`{name}` is no name here; use 1 to {} of a-z, 0-9 and _, a letter first", super::LONGEST_NAME)
}

fn no_place(name: &str) -> String {
    let name: String = name.chars().take(40).collect();
    format!("there is no pose or posture `{name}`")
}

/// A TOML string.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out += &format!("\\u{:04X}", c as u32),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// The program as a file. Frames are resolved: poses are in the base's frame.
#[must_use]
pub fn write(program: &MotionProgram) -> String {
    let mut out = String::new();
    let name = |k: usize| program.places[k].name.as_str();
    let three = |v: Vec3| format!("[{:?}, {:?}, {:?}]", v.x, v.y, v.z);
    out += &format!("[program]\nname = \"{}\"\n", program.name);
    if let Some(robot) = &program.robot {
        out += &format!("robot = {}\n", quoted(robot));
    }
    if let Some(start) = program.start {
        out += &format!("start = \"{}\"\n", name(start));
    }
    let tool = &program.tool;
    out += &format!(
        "\n[tool]\ntcp_m = {}\nrotation_vector_rad = {}\nmass_kg = {:?}\ncenter_of_mass_m = {}\n",
        three(tool.tcp.position),
        three(tool.tcp.rotation.to_rotation_vector()),
        tool.mass_kg,
        three(tool.center_m)
    );
    for place in &program.places {
        match &place.at {
            At::Pose(pose) => {
                let (position, turn) = (three(pose.position), three(pose.rotation.to_rotation_vector()));
                out += &format!("\n[pose.{}]\nposition_m = {position}\nrotation_vector_rad = {turn}\n", place.name);
            }
            At::Posture(q) => out += &format!("\n[posture.{}]\njoints_rad = {q:?}\n", place.name),
        }
    }
    for solid in &program.solids {
        let shape = match &solid.shape {
            Shape::Box { half } => format!("box_m = {}", three(*half * 2.0)),
            Shape::Sphere { radius } => format!("sphere_radius_m = {radius:?}"),
            Shape::Cylinder { radius, half_length } => format!("cylinder_m = [{radius:?}, {:?}]", 2.0 * half_length),
            // No reader makes another shape.
            _ => continue,
        };
        let turn = three(solid.pose.rotation.to_rotation_vector());
        out += &format!("\n[[obstacle]]\nname = {}\n{shape}\nposition_m = {}\n", quoted(&solid.name), three(solid.pose.position));
        out += &format!("rotation_vector_rad = {turn}\n");
    }
    for step in &program.steps {
        out += "\n[[step]]\n";
        let tool = |p: &ToolPace| {
            let blend = if p.blend_m > 0.0 { format!("blend_m = {:?}\n", p.blend_m) } else { String::new() };
            format!("speed_m_s = {:?}\nacceleration_m_s2 = {:?}\n{blend}", p.speed_m_s, p.acceleration_m_s2)
        };
        out += &match &step.action {
            Action::Joint { to, pace } => {
                let pace = match pace {
                    Pace::Share { speed, acceleration } => {
                        format!("speed_share = {speed:?}\nacceleration_share = {acceleration:?}\n")
                    }
                    Pace::Leading { speed_rad_s, acceleration_rad_s2 } => {
                        format!("speed_rad_s = {speed_rad_s:?}\nacceleration_rad_s2 = {acceleration_rad_s2:?}\n")
                    }
                };
                format!("move = \"joint\"\nto = \"{}\"\n{pace}", name(*to))
            }
            Action::Line { to, pace } => format!("move = \"line\"\nto = \"{}\"\n{}", name(*to), tool(pace)),
            Action::Circle { via, to, pace } => {
                format!("move = \"circle\"\nvia = \"{}\"\nto = \"{}\"\n{}", name(*via), name(*to), tool(pace))
            }
            Action::Output { number, on } => format!("output = {number}\non = {on}\n"),
            Action::Wait { seconds } => format!("wait_s = {seconds:?}\n"),
        };
    }
    out
}
