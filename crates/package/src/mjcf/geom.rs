//! `geom` and `site`: shapes on bodies.

use super::Reading;
use super::compiler::set;
use super::joint::solver;
use super::orientation::{Orientation, from_z};
use crate::xml::attribute::Attributes;
use crate::xml::error::DescriptionError;
use crate::xml::report::Report;
use crate::xml::tree::Element;
use alloc::format;
use alloc::string::String;
use leitai_geometry::{Mesh, Shape};
use leitai_math::{Pose, Vec3, real};
use leitai_model::spec::{GeomMass, GeomSpec, SiteSpec, Surface};

/// The shapes a file can name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    Plane,
    HeightField,
    #[default]
    Sphere,
    Capsule,
    Ellipsoid,
    Cylinder,
    Box,
    Mesh,
    Sdf,
}

const KINDS: [(&str, Kind); 9] = [
    ("plane", Kind::Plane),
    ("hfield", Kind::HeightField),
    ("sphere", Kind::Sphere),
    ("capsule", Kind::Capsule),
    ("ellipsoid", Kind::Ellipsoid),
    ("cylinder", Kind::Cylinder),
    ("box", Kind::Box),
    ("mesh", Kind::Mesh),
    ("sdf", Kind::Sdf),
];

/// MuJoCo's color for what has none; a material speaks only where this stands.
const GRAY: [f64; 4] = [0.5, 0.5, 0.5, 1.0];

/// What geoms and sites share: kind, size, place and color, as written.
#[derive(Clone, Debug)]
struct Placed {
    kind: Kind,
    size: [f64; 3],
    fromto: Option<[f64; 6]>,
    position: Vec3,
    orientation: Orientation,
    mesh: Option<String>,
    height_field: Option<String>,
    /// Size of a shape fitted to the mesh, against that of the mesh.
    fit_scale: f64,
    material: Option<String>,
    rgba: [f64; 4],
    group: i32,
}

impl Placed {
    fn new(size: [f64; 3]) -> Self {
        Self {
            kind: Kind::Sphere,
            size,
            fromto: None,
            position: Vec3::ZERO,
            orientation: Orientation::NONE,
            mesh: None,
            height_field: None,
            fit_scale: 1.0,
            material: None,
            rgba: GRAY,
            group: 0,
        }
    }

    fn apply(&mut self, a: &mut Attributes) -> Result<(), DescriptionError> {
        set(&mut self.kind, a.keyword("type", &KINDS)?);
        a.overlay("size", &mut self.size)?;
        if let Some(ends) = a.numbers("fromto")? {
            self.fromto = Some(ends);
        }
        set(&mut self.position, a.vector("pos")?);
        set(&mut self.orientation, Orientation::read(a)?);
        if let Some(mesh) = a.text("mesh") {
            self.mesh = Some(mesh.into());
        }
        if let Some(field) = a.text("hfield") {
            self.height_field = Some(field.into());
        }
        if let Some(material) = a.text("material") {
            self.material = Some(material.into());
        }
        set(&mut self.rgba, a.numbers("rgba")?);
        set(&mut self.group, a.int32("group")?);
        Ok(())
    }

    /// A simple shape that stands for a mesh, in the mesh's inertial frame: MuJoCo takes the half sides of the box that has the
    /// mesh's inertia, and from them the other shapes.
    fn fitted(&self, mesh: &Mesh) -> Shape {
        let i = mesh.inertia(1.0);
        let half = |others: f64, own: f64| real::sqrt(real::max(0.0, 1.5 * (others - own)));
        let half = Vec3::new(half(i.y + i.z, i.x), half(i.x + i.z, i.y), half(i.x + i.y, i.z));
        let radius = 0.5 * (half.x + half.y);
        let k = self.fit_scale;
        match self.kind {
            Kind::Sphere => Shape::Sphere { radius: k * (half.x + half.y + half.z) / 3.0 },
            Kind::Capsule => Shape::Capsule { radius: k * radius, half_length: k * real::max(0.0, half.z - 0.5 * radius) },
            Kind::Cylinder => Shape::Cylinder { radius: k * radius, half_length: k * half.z },
            Kind::Ellipsoid => Shape::Ellipsoid { radii: half * k },
            _ => Shape::Box { half: half * k },
        }
    }

    /// Shape, pose in the frame and color; no shape where there can be none (which is reported). `touches` says that its
    /// contact matters, or its mass.
    fn finish(
        &self,
        reading: &mut Reading,
        element: &Element,
        touches: bool,
    ) -> Result<Option<(Shape, Pose, [f32; 4])>, DescriptionError> {
        let rgba = self.color(reading, element)?;
        let mut pose = Pose::new(self.position, self.orientation.resolve(&reading.compiler, element)?);
        let [mut x, mut y, mut z] = self.size;
        let fits = self.mesh.is_some() && !matches!(self.kind, Kind::Mesh | Kind::Plane | Kind::HeightField | Kind::Sdf);
        if matches!(self.kind, Kind::Mesh) || fits {
            let Some(name) = &self.mesh else {
                return Err(element.error("a mesh geom names no mesh", "add mesh=\"...\""));
            };
            if reading.is_left_out("mesh", name) {
                let zh = format!("<{}>：网格 `{name}` 已略去，此形状也略去", element.name);
                reading.report(&element.at, zh, format!("<{}>: mesh `{name}` is left out, and so is this shape", element.name));
                return Ok(None);
            }
            let mesh = match reading.assets.mesh(name, element)? {
                Ok(mesh) if touches && mesh.is_flat() => {
                    let what = format!("mesh `{name}` is flat, and this shape touches others");
                    return Err(element.error(what, "give it thickness, or draw it only: contype=\"0\" conaffinity=\"0\""));
                }
                Ok(mesh) => mesh,
                Err(_) if !touches => {
                    let zh = format!("<{}>：网格 `{name}` 是平的，不绘制", element.name);
                    let en = format!("<{}>: mesh `{name}` is flat; it is not drawn", element.name);
                    reading.reports.push(Report::drawing(&element.at, zh, en));
                    return Ok(None);
                }
                Err(error) => return Err(error),
            };
            if fits {
                return Ok(Some((self.fitted(&mesh), pose * mesh.file_from_mesh, rgba)));
            }
            return Ok(Some((Shape::Mesh(mesh), pose, rgba)));
        }
        if self.kind == Kind::HeightField {
            let Some(name) = &self.height_field else {
                return Err(element.error("a geom of type hfield names no height field", "add hfield=\"...\""));
            };
            return Ok(Some((Shape::HeightField(reading.assets.height_field(name, element)?), pose, rgba)));
        }
        if self.kind == Kind::Sdf {
            let zh = format!("不支持 <{}> 的 type=\"sdf\"，该形状已略去", element.name);
            let en = format!("type=\"sdf\" of <{}> is not supported; the geom is left out", element.name);
            reading.report(&element.at, zh, en);
            return Ok(None);
        }
        if let Some([ax, ay, az, bx, by, bz]) = self.fromto {
            if !matches!(self.kind, Kind::Capsule | Kind::Cylinder | Kind::Box | Kind::Ellipsoid) {
                return Err(element.error("`fromto` needs a long shape", "use capsule, cylinder, box or ellipsoid"));
            }
            let (a, b) = (Vec3::new(ax, ay, az), Vec3::new(bx, by, bz));
            let length = (a - b).norm();
            if length < 1e-14 {
                return Err(element.error("the two points of `fromto` coincide", "move them apart"));
            }
            // MuJoCo 4.0.0 turns z from the second point to the first, other than its page says.
            pose = Pose::new((a + b) * 0.5, from_z((a - b) * (1.0 / length)));
            match self.kind {
                Kind::Capsule | Kind::Cylinder => y = 0.5 * length,
                _ => (y, z) = (x, 0.5 * length),
            }
        }
        let needed: &[(&str, f64)] = match self.kind {
            Kind::Sphere => &[("radius", x)],
            Kind::Capsule | Kind::Cylinder => &[("radius", x), ("half length", y)],
            Kind::Ellipsoid | Kind::Box => &[("x size", x), ("y size", y), ("z size", z)],
            _ => &[],
        };
        if let Some((what, value)) = needed.iter().find(|(_, value)| *value <= 0.0) {
            return Err(element.error(format!("the {what} is {value}"), "give `size` numbers above zero"));
        }
        let shape = match self.kind {
            Kind::Sphere => Shape::Sphere { radius: x },
            Kind::Capsule => Shape::Capsule { radius: x, half_length: y },
            Kind::Cylinder => Shape::Cylinder { radius: x, half_length: y },
            Kind::Ellipsoid => Shape::Ellipsoid { radii: Vec3::new(x, y, z) },
            Kind::Box => Shape::Box { half: Vec3::new(x, y, z) },
            _ => {
                if z <= 0.0 {
                    return Err(element.error("a plane's third size is not positive", "write size=\"0 0 1\" for one without end"));
                }
                (x, y) = (x.max(0.0), y.max(0.0));
                Shape::Plane { half: [x, y] }
            }
        };
        Ok(Some((shape, pose, rgba)))
    }

    fn color(&self, reading: &Reading, element: &Element) -> Result<[f32; 4], DescriptionError> {
        let mut rgba = self.rgba;
        // A material named is a material that must exist, even where its color does not show.
        if let Some(name) = &self.material {
            let material = reading.assets.material(name, element)?;
            if rgba == GRAY {
                rgba = material.rgba;
            }
        }
        #[allow(clippy::cast_possible_truncation)]
        Ok(rgba.map(|x| x as f32))
    }
}

/// A geom as written.
#[derive(Clone, Debug)]
pub struct GeomDraft {
    placed: Placed,
    contype: u32,
    conaffinity: u32,
    priority: i32,
    solmix: f64,
    surface: Surface,
    density: f64,
    mass: Option<f64>,
    fluid: bool,
    shell: bool,
    fluid_coefficients: [f64; 5],
}

impl Default for GeomDraft {
    fn default() -> Self {
        Self {
            placed: Placed::new([0.0; 3]),
            contype: 1,
            conaffinity: 1,
            priority: 0,
            solmix: 1.0,
            surface: Surface::default(),
            density: 1000.0,
            mass: None,
            fluid: false,
            shell: false,
            fluid_coefficients: [0.5, 0.25, 1.5, 1.0, 1.0],
        }
    }
}

impl GeomDraft {
    /// Overwrites what `element` says.
    pub fn apply(&mut self, reading: &mut Reading, element: &Element) -> Result<(), DescriptionError> {
        let mut a = Attributes::new(element).with_children();
        self.placed.apply(&mut a)?;
        set(&mut self.contype, a.mask("contype")?);
        set(&mut self.conaffinity, a.mask("conaffinity")?);
        set(&mut self.priority, a.int32("priority")?);
        set(&mut self.solmix, a.number("solmix")?);
        set(&mut self.surface.condim, condim(&mut a)?);
        a.overlay("friction", &mut self.surface.friction)?;
        solver(&mut a, &mut self.surface.solref, &mut self.surface.solimp)?;
        set(&mut self.surface.margin, a.number("margin")?);
        set(&mut self.surface.gap, a.number("gap")?);
        set(&mut self.shell, a.flag("shellinertia")?);
        set(&mut self.density, a.not_negative("density")?);
        set(&mut self.placed.fit_scale, a.not_negative("fitscale")?);
        if let Some(mass) = a.not_negative("mass")? {
            self.mass = Some(mass);
        }
        set(&mut self.fluid, a.keyword("fluidshape", &[("none", false), ("ellipsoid", true)])?);
        a.overlay("fluidcoef", &mut self.fluid_coefficients)?;
        let skipped = ["name", "class", "user", "castshadow"];
        a.finish(&mut reading.reports, &skipped, &["surfacevel", "adhesion"])
    }
}

/// `condim`, one of its four values.
pub fn condim(a: &mut Attributes) -> Result<Option<u8>, DescriptionError> {
    a.keyword("condim", &[("1", 1), ("3", 3), ("4", 4), ("6", 6)])
}

/// Reads a `geom`; none if its kind is not supported, which is reported.
pub fn read_geom(
    reading: &mut Reading,
    element: &Element,
    around: Option<&str>,
    body_from_frame: Pose,
) -> Result<Option<GeomSpec>, DescriptionError> {
    let mut draft = reading.classes.of(&mut Attributes::new(element), around)?.geom.clone();
    draft.apply(reading, element)?;
    for child in &element.children {
        if &*child.name != "plugin" {
            return Err(child.unknown_element(["plugin"].into_iter()));
        }
        reading.not_supported(child, element);
    }
    let name = element.attribute("name").unwrap_or_default();
    let touches = draft.contype != 0 || draft.conaffinity != 0;
    let Some((shape, pose, rgba)) = draft.placed.finish(reading, element, touches)? else {
        reading.leave_out("geom", name);
        return Ok(None);
    };
    if draft.shell && matches!(shape, Shape::Mesh(_)) {
        return Err(
            element.error("a mesh says itself where its mass is", "drop `shellinertia`, and write inertia=\"shell\" in <mesh>")
        );
    }
    Ok(Some(GeomSpec {
        name: name.into(),
        pose: body_from_frame * pose,
        contype: draft.contype,
        conaffinity: draft.conaffinity,
        group: draft.placed.group,
        priority: draft.priority,
        solmix: draft.solmix,
        surface: draft.surface,
        shell: draft.shell,
        fluid: draft.fluid.then_some(draft.fluid_coefficients),
        mass: draft.mass.map_or(GeomMass::Density(draft.density), GeomMass::Mass),
        rgba,
        source: element.at.clone(),
        ..GeomSpec::new(shape)
    }))
}

/// A site as written.
#[derive(Clone, Debug)]
pub struct SiteDraft(Placed);

impl Default for SiteDraft {
    fn default() -> Self {
        Self(Placed::new([0.005; 3]))
    }
}

impl SiteDraft {
    /// Overwrites what `element` says.
    pub fn apply(&mut self, reading: &mut Reading, element: &Element) -> Result<(), DescriptionError> {
        let mut a = Attributes::new(element);
        self.0.apply(&mut a)?;
        if matches!(self.0.kind, Kind::Plane | Kind::HeightField | Kind::Sdf) {
            return Err(element.error("a site cannot have this type", "use sphere, capsule, ellipsoid, cylinder, box or mesh"));
        }
        a.finish(&mut reading.reports, &["name", "class", "user"], &[])
    }
}

/// Reads a `site`.
pub fn read_site(
    reading: &mut Reading,
    element: &Element,
    around: Option<&str>,
    body_from_frame: Pose,
) -> Result<SiteSpec, DescriptionError> {
    let mut draft = reading.classes.of(&mut Attributes::new(element), around)?.site.clone();
    draft.apply(reading, element)?;
    let mut site = SiteSpec {
        name: element.attribute("name").unwrap_or_default().into(),
        group: draft.0.group,
        source: element.at.clone(),
        ..SiteSpec::default()
    };
    if let Some((shape, pose, rgba)) = draft.0.finish(reading, element, false)? {
        (site.shape, site.pose, site.rgba) = (shape, body_from_frame * pose, rgba);
    }
    Ok(site)
}
