//! What must be true of a scenario beyond its types.

use alloc::format;
use alloc::string::String;

use super::super::document::{Document, ManifestError};
use super::super::grid::Grid;
use super::{Contact, Measure, Measured, Piece, PieceShape, Scatter, ScenarioManifest};

/// Most pieces of one generator: the engine is built for piles of hundreds.
const MOST_PIECES: u64 = 10_000;

/// Checks every table of a scenario.
pub(super) fn scenario(manifest: &ScenarioManifest, document: &Document) -> Result<(), ManifestError> {
    document.sources(&manifest.source)?;
    document.assumptions(&manifest.assumption)?;
    identity(manifest, document)?;
    clock(manifest, document)?;
    pieces(manifest, document)?;
    goals(manifest, document)?;
    super::super::work::check(manifest, document)?;
    stability(manifest, document)?;
    for (name, measure) in &manifest.measure {
        reading(manifest, document, name, measure)?;
    }
    for (name, vary) in &manifest.vary {
        document.name(&format!("vary.{name}"), name)?;
        vary.check(document, &format!("vary.{name}"), &manifest.source)?;
    }
    super::super::motion::check(manifest, document)?;
    requirements(manifest, document)
}

fn identity(manifest: &ScenarioManifest, document: &Document) -> Result<(), ManifestError> {
    let scenario = &manifest.scenario;
    document.id("scenario.id", &scenario.id)?;
    document.text("scenario.name", &scenario.name)?;
    document.id("scenario.sector", &scenario.sector)?;
    document.words("scenario.plan", &scenario.plan)?;
    document.within("scenario.tier", f64::from(scenario.tier), 1.0, 4.0)?;
    document.file_name("scenario.world", &scenario.world)?;
    document.words("scenario.version", &scenario.version)?;
    document.name("mount.robot_at", &manifest.mount.robot_at)?;
    if let Some(tool) = &manifest.mount.tool {
        document.id("mount.tool", tool)?;
    }
    if !manifest.safety.privileges.is_empty() {
        return Err(document.fault(
            "safety.privileges",
            "no privilege exists; controllers see their observations only, so leave the list empty",
        ));
    }
    Ok(())
}

fn clock(manifest: &ScenarioManifest, document: &Document) -> Result<(), ManifestError> {
    let trial = &manifest.trial;
    document.within("trial.most", f64::from(trial.most), 1.0, 1e6)?;
    document.within("trial.confidence", trial.confidence, 0.5, 0.9999)?;
    document.positive("trial.duration_s", trial.duration_s, 86_400.0)?;
    document.within("trial.dt_s", trial.dt_s, 1e-5, 0.1)?;
    document.within("trial.control_period_s", trial.control_period_s, trial.dt_s, 1.0)?;
    // The period counts steps. Ratios of decimal fractions are off by a few units in the last place, a wrong period by much more.
    let steps = trial.control_period_s / trial.dt_s;
    let nearest = (steps + 0.5) as u64 as f64;
    if !(-1e-9..=1e-9).contains(&(steps - nearest)) {
        let what = format!(
            "a control period of {} s is {steps} steps of {} s; it must be a whole number",
            trial.control_period_s, trial.dt_s
        );
        return Err(document.fault("trial.control_period_s", what));
    }
    Ok(())
}

fn pieces(manifest: &ScenarioManifest, document: &Document) -> Result<(), ManifestError> {
    for (name, parameter) in &manifest.parameter {
        let path = format!("parameter.{name}");
        document.name(&path, name)?;
        document.unit(&format!("{path}.unit"), name, &parameter.unit)?;
        document.within(&format!("{path}.min"), parameter.min, -1e9, 1e9)?;
        document.within(&format!("{path}.max"), parameter.max, parameter.min, 1e9)?;
        document.within(&format!("{path}.default"), parameter.default, parameter.min, parameter.max)?;
        document.source(&format!("{path}.source"), &parameter.source, &manifest.source)?;
    }
    for (name, piece) in &manifest.piece {
        piece_kind(manifest, document, name, piece)?;
    }
    for (name, generate) in &manifest.generate {
        let path = format!("generate.{name}");
        document.name(&path, name)?;
        document.refers(&format!("{path}.piece"), "[piece] named", &generate.piece, manifest.piece.keys().map(String::as_str))?;
        grid(document, &path, &generate.grid())?;
        document.source(&format!("{path}.source"), &generate.source, &manifest.source)?;
    }
    for (name, scatter) in &manifest.scatter {
        scattered(manifest, document, name, scatter)?;
    }
    Ok(())
}

fn scattered(manifest: &ScenarioManifest, document: &Document, name: &str, scatter: &Scatter) -> Result<(), ManifestError> {
    let path = format!("scatter.{name}");
    document.name(&path, name)?;
    if manifest.generate.contains_key(name) {
        return Err(document.fault(&path, format!("`{name}` is a [generate] too; each needs a name of its own")));
    }
    document.within(&format!("{path}.pieces"), scatter.pieces.len() as f64, 1.0, 1000.0)?;
    for (i, piece) in scatter.pieces.iter().enumerate() {
        document.refers(&format!("{path}.pieces.{i}"), "[piece] named", piece, manifest.piece.keys().map(String::as_str))?;
    }
    document.name(&format!("{path}.at"), &scatter.at)?;
    for (i, edge) in scatter.area_m.iter().enumerate() {
        document.positive(&format!("{path}.area_m.{i}"), *edge, 100.0)?;
    }
    document.within(&format!("{path}.gap_m"), scatter.gap_m, 0.0, 10.0)?;
    document.within(&format!("{path}.turn_rad"), scatter.turn_rad, 0.0, core::f64::consts::PI)?;
    document.source(&format!("{path}.source"), &scatter.source, &manifest.source)?;
    // Whoever reads the manifest builds the nominal layout, so it must exist.
    if scatter.nominal(manifest, name).is_none() {
        let what = format!("{} pieces do not find room in the area; make it larger or the gap smaller", scatter.pieces.len());
        return Err(document.fault(&path, what));
    }
    Ok(())
}

fn piece_kind(manifest: &ScenarioManifest, document: &Document, name: &str, piece: &Piece) -> Result<(), ManifestError> {
    let path = format!("piece.{name}");
    document.name(&path, name)?;
    document.text(&format!("{path}.name"), &piece.name)?;
    document.series(&format!("{path}.size_m"), &piece.size_m, 3, "axis", 10.0, &manifest.source)?;
    if piece.shape == PieceShape::Cylinder && piece.size_m.value[0] != piece.size_m.value[1] {
        let what = "a cylinder's first two edges are its diameter; write the same number twice";
        return Err(document.fault(&format!("{path}.size_m"), what));
    }
    if piece.shape == PieceShape::Sphere && piece.size_m.value[1..].iter().any(|edge| *edge != piece.size_m.value[0]) {
        return Err(document.fault(&format!("{path}.size_m"), "a ball's edges are its diameter; write the same number thrice"));
    }
    document.figure(&format!("{path}.friction"), &piece.friction, 5.0, &manifest.source)?;
    for (i, channel) in piece.rgba.iter().enumerate() {
        document.within(&format!("{path}.rgba.{i}"), *channel, 0.0, 1.0)?;
    }
    piece.contact.check(document, &path, manifest)?;
    let at = format!("{path}.mass.parameter");
    document.refers(&at, "[parameter] named", &piece.mass.parameter, manifest.parameter.keys().map(String::as_str))?;
    let parameter = &manifest.parameter[&piece.mass.parameter];
    if parameter.unit != "kg" {
        return Err(document.fault(&at, format!("a mass is in kg, `{}` is in {}", piece.mass.parameter, parameter.unit)));
    }
    document.positive(&format!("parameter.{}.min", piece.mass.parameter), parameter.min, 1e6)
}

impl Contact {
    /// Checks the softness of the thing at `path`.
    pub(in super::super) fn check(
        &self,
        document: &Document,
        path: &str,
        manifest: &ScenarioManifest,
    ) -> Result<(), ManifestError> {
        document.within(&format!("{path}.contact.time_constant_s"), self.time_constant_s, 2.0 * manifest.trial.dt_s, 1.0)?;
        document.positive(&format!("{path}.contact.damping_ratio"), self.damping_ratio, 100.0)?;
        for (i, most) in [0.9999, 0.9999, 1.0].into_iter().enumerate() {
            document.within(&format!("{path}.contact.impedance.{i}"), self.impedance[i], 1e-4, most)?;
        }
        document.source(&format!("{path}.contact.source"), &self.source, &manifest.source)
    }
}

fn goals(manifest: &ScenarioManifest, document: &Document) -> Result<(), ManifestError> {
    document.distinct("goal", "id", manifest.goal.iter().map(|goal| goal.id.as_str()))?;
    for (i, goal) in manifest.goal.iter().enumerate() {
        let path = format!("goal.{i}");
        document.id(&format!("{path}.id"), &goal.id)?;
        let names = manifest.generate.keys().chain(manifest.scatter.keys());
        document.refers(&format!("{path}.from"), "[generate] named", &goal.from, names.map(String::as_str))?;
        grid(document, &path, &goal.grid())?;
        let scattered = |name: &String| manifest.scatter.get(name).map_or(0, |scatter| scatter.pieces.len() as u64);
        let pieces = manifest.generate.get(&goal.from).map_or_else(|| scattered(&goal.from), |generate| generate.grid().count());
        let places = goal.grid().count();
        if pieces < places {
            return Err(document
                .fault(&path, format!("`{}` has {places} places, but `{}` makes only {pieces} pieces", goal.id, goal.from)));
        }
        document.source(&format!("{path}.source"), &goal.source, &manifest.source)?;
    }
    Ok(())
}

fn grid(document: &Document, path: &str, grid: &Grid) -> Result<(), ManifestError> {
    document.name(&format!("{path}.at"), grid.at)?;
    for (field, count) in [("columns", grid.columns), ("rows", grid.rows), ("layers", grid.layers)] {
        document.within(&format!("{path}.{field}"), f64::from(count), 1.0, 1000.0)?;
    }
    document.within(&format!("{path}.first_layer"), f64::from(grid.first_layer), 0.0, 1000.0)?;
    if let Some(pitch) = grid.layer_pitch_m {
        document.positive(&format!("{path}.layer_pitch_m"), pitch, 100.0)?;
    }
    for (i, pitch) in grid.pitch_m.iter().enumerate() {
        document.positive(&format!("{path}.pitch_m.{i}"), *pitch, 100.0)?;
    }
    if grid.count() > MOST_PIECES {
        return Err(document.fault(path, format!("{} pieces; the limit is {MOST_PIECES}", grid.count())));
    }
    Ok(())
}

fn stability(manifest: &ScenarioManifest, document: &Document) -> Result<(), ManifestError> {
    let Some(stability) = &manifest.stability else { return Ok(()) };
    document.name("stability.at", &stability.at)?;
    document.positive("stability.lateral_g", stability.lateral_g, 10.0)?;
    document.positive("stability.hold_s", stability.hold_s, 600.0)?;
    document.within("stability.directions", f64::from(stability.directions), 1.0, 360.0)?;
    document.within("stability.settle_s", stability.settle_s, 0.0, 600.0)?;
    document.source("stability.source", &stability.source, &manifest.source)
}

fn reading(manifest: &ScenarioManifest, document: &Document, name: &str, measure: &Measure) -> Result<(), ManifestError> {
    let path = format!("measure.{name}");
    document.name(&path, name)?;
    document.refers(&format!("{path}.frame"), "frame", &measure.frame, ["robot_base", "world"].into_iter())?;
    if (measure.of == Measured::Sites) == measure.sites.is_empty() {
        return Err(
            document.fault(&format!("{path}.sites"), "`sites` lists what is measured when `of = \"sites\"`, and only then")
        );
    }
    document.distinct(&format!("{path}.sites"), "", measure.sites.iter().map(String::as_str))?;
    for (i, site) in measure.sites.iter().enumerate() {
        document.name(&format!("{path}.sites.{i}"), site)?;
    }
    document.within(&format!("{path}.position_sd_m"), measure.position_sd_m, 0.0, 1.0)?;
    document.within(&format!("{path}.angle_sd_rad"), measure.angle_sd_rad, 0.0, 1.0)?;
    document.within(&format!("{path}.position_offset_m"), measure.position_offset_m.unwrap_or(0.0), 0.0, 1.0)?;
    document.within(&format!("{path}.angle_offset_rad"), measure.angle_offset_rad.unwrap_or(0.0), 0.0, 1.0)?;
    document.positive(&format!("{path}.rate_hz"), measure.rate_hz, 10_000.0)?;
    document.within(&format!("{path}.delay_s"), measure.delay_s, 0.0, 60.0)?;
    document.within(&format!("{path}.drop_out"), measure.drop_out, 0.0, 0.99)?;
    document.within(&format!("{path}.dust_sd_factor"), measure.dust_sd_factor, 1.0, 1000.0)?;
    document.within(&format!("{path}.dust_drop_out"), measure.dust_drop_out, measure.drop_out, 0.99)?;
    document.source(&format!("{path}.source"), &measure.source, &manifest.source)
}

fn requirements(manifest: &ScenarioManifest, document: &Document) -> Result<(), ManifestError> {
    if !manifest.require.iter().any(|requirement| requirement.decides) {
        return Err(document.fault("require", "no [[require]] decides, so no verdict can follow; let at least one decide"));
    }
    document.distinct("require", "id", manifest.require.iter().map(|requirement| requirement.id.as_str()))?;
    for (i, requirement) in manifest.require.iter().enumerate() {
        let path = format!("require.{i}");
        document.id(&format!("{path}.id"), &requirement.id)?;
        document.text(&format!("{path}.name"), &requirement.name)?;
        document.within(&format!("{path}.limit"), requirement.limit, -1e9, 1e9)?;
        document.within(&format!("{path}.rate_at_least"), requirement.rate_at_least, 0.01, 0.9999)?;
        document.source(&format!("{path}.source"), &requirement.source, &manifest.source)?;
        if requirement.unit != requirement.metric.unit() {
            let what = format!("this metric is in {}, not in {}", requirement.metric.unit(), requirement.unit);
            return Err(document.fault(&format!("{path}.unit"), what));
        }
    }
    Ok(())
}
