//! `model` and `attach`: whole descriptions, or bodies of them, hung into another.

use super::Reading;
use crate::files;
use crate::xml::attribute::Attributes;
use crate::xml::error::DescriptionError;
use crate::xml::tree::{self, Element, MOST_ELEMENTS};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use leitai_math::Pose;
use leitai_model::spec::{BodySpec, Spec};

/// The most models that a file and those it names read together, each counted as often as it is named.
pub const MOST_MODELS: usize = 100;

/// The deepest nesting of models that name models.
const DEEPEST: usize = 8;

/// Reads a `model` of the assets.
pub fn read_model(reading: &mut Reading, element: &Element) -> Result<(), DescriptionError> {
    let mut a = Attributes::new(element);
    let file = a.required("file")?;
    let name = a.text("name").map(String::from);
    if a.text("content_type").is_some_and(|kind| kind != "text/xml") {
        return Err(element.error("only models in MJCF can be attached", "write content_type=\"text/xml\", or drop it"));
    }
    a.finish(&mut reading.reports, &[], &[])?;
    // A model that names itself ends here too.
    if reading.model_depth == DEEPEST {
        return Err(DescriptionError::TooDeep { at: element.at.clone() });
    }
    reading.models_left = reading.models_left.checked_sub(1).ok_or_else(|| DescriptionError::TooMuch {
        at: element.at.clone(),
        what: "models",
        limit: MOST_MODELS,
    })?;
    let path = files::join(&reading.folder, file);
    if let Err(source) = reading.files.read(&path) {
        let (at, element) = (element.at.clone(), "model".to_string());
        return Err(DescriptionError::File { at, element, source, change: "correct the file name".into() });
    }
    let tree = tree::read(&path, reading.files)?;
    let mut inner = Reading::new(files::folder(&path), reading.files);
    inner.models_left = reading.models_left;
    inner.model_depth = reading.model_depth + 1;
    inner.meshes = reading.meshes.clone();
    inner.read_all(&tree)?;
    (reading.models_left, reading.meshes) = (inner.models_left, inner.meshes.clone());
    reading.reports.append(&mut inner.reports);
    let spec = inner.spec;
    if !spec.keyframes.is_empty() {
        let zh = "所附模型的 <keyframe> 不会带入";
        reading.report(&element.at, zh, "the <keyframe> of an attached model does not come along");
    }
    let name = name.unwrap_or_else(|| spec.name.clone());
    if reading.models.insert(name.clone(), Arc::new(spec)).is_some() {
        return Err(element.error(format!("a second model is called `{name}`"), "give each its own name"));
    }
    Ok(())
}

/// Hangs what `element` names into `body`, in the frame that stands at `frame` in it.
pub fn attach(reading: &mut Reading, element: &Element, body: &mut BodySpec, frame: Pose) -> Result<(), DescriptionError> {
    let mut a = Attributes::new(element);
    let (model, part) = (a.text("model"), a.text("body"));
    let prefix = a.required("prefix")?;
    if model.is_none() || a.text("frame").is_some() {
        let zh = "不支持附接 frame 或附接自身，所生成的内容被略去";
        let en = "attaching a frame, or from the model itself, is not supported; what it makes is left out";
        reading.report(&element.at, zh, en);
        return Ok(());
    }
    a.finish(&mut reading.reports, &[], &[])?;
    let model = model.unwrap_or_default();
    let Some(spec) = reading.models.get(model).cloned() else {
        let near = tree::nearest(model, reading.models.keys().map(String::as_str));
        let change = near.map_or_else(|| "define it in <asset>".into(), |near| format!("is `{near}` meant?"));
        return Err(element.error(format!("there is no model `{model}`"), change));
    };
    let chosen = match part {
        None => Spec::clone(&spec),
        Some(part) => {
            let missing = || element.error(format!("model `{model}` has no body `{part}`"), "name one of its bodies");
            spec.part(part).ok_or_else(missing)?
        }
    };
    let mut size = 0;
    chosen.world.visit(Pose::IDENTITY, &mut |b, _| size += 1 + b.joints.len() + b.geoms.len() + b.sites.len());
    reading.attached += size;
    if reading.attached > MOST_ELEMENTS {
        return Err(DescriptionError::TooMuch { at: element.at.clone(), what: "elements", limit: MOST_ELEMENTS });
    }
    if body.name.is_empty() {
        // So that what refers to the model's world finds this body.
        body.name = format!("{prefix}world");
    }
    let mut named = chosen.prefixed(prefix, &body.name);
    let mut root = core::mem::take(&mut named.world);
    body.take_parts(&mut root, frame);
    // What refers stands after the file's own.
    reading.referring.push(named);
    Ok(())
}
