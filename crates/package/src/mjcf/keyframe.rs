//! `keyframe`: stored states.

use super::Reading;
use super::orientation::unit_quat;
use crate::xml::attribute::Attributes;
use crate::xml::error::DescriptionError;
use crate::xml::tree::Element;
use alloc::format;
use alloc::vec::Vec;
use leitai_math::{Pose, Quat, Vec3};
use leitai_model::spec::KeyframeSpec;

/// Reads the section.
pub fn read(reading: &mut Reading, element: &Element) -> Result<(), DescriptionError> {
    for child in &element.children {
        if &*child.name != "key" {
            return Err(child.unknown_element(["key"].into_iter()));
        }
        let mut a = Attributes::new(child);
        let mut key = KeyframeSpec { name: a.name("name"), source: child.at.clone(), ..KeyframeSpec::default() };
        key.time_s = a.number("time")?.unwrap_or(0.0);
        key.q = a.list("qpos")?.unwrap_or_default();
        key.v = a.list("qvel")?.unwrap_or_default();
        key.act = a.list("act")?.unwrap_or_default();
        key.ctrl = a.list("ctrl")?.unwrap_or_default();
        let positions = a.list("mpos")?;
        let rotations = a.list("mquat")?;
        a.finish(&mut reading.reports, &[], &["plastic"])?;
        if positions.is_some() || rotations.is_some() {
            let drawn = reading.mocap.get_or_insert_with(|| {
                reading.spec.world.bodies.iter().filter(|body| body.mocap).map(|body| body.pose).collect()
            });
            key.mocap = mocap(drawn, child, positions.as_deref(), rotations.as_deref())?;
        }
        reading.spec.keyframes.push(key);
    }
    Ok(())
}

/// Poses of the mocap bodies; what is not given stays as drawn.
fn mocap(drawn: &[Pose], element: &Element, mpos: Option<&[f64]>, mquat: Option<&[f64]>) -> Result<Vec<Pose>, DescriptionError> {
    let fits = |name: &str, numbers: Option<&[f64]>, each: usize| match numbers {
        Some(numbers) if numbers.len() != each * drawn.len() => {
            let what = format!("`{name}` has {} numbers", numbers.len());
            Err(element.error(what, format!("write {}, {each} for each mocap body", each * drawn.len())))
        }
        _ => Ok(()),
    };
    fits("mpos", mpos, 3)?;
    fits("mquat", mquat, 4)?;
    let mut poses = Vec::with_capacity(drawn.len());
    for (i, pose) in drawn.iter().enumerate() {
        let position = mpos.map_or(pose.position, |n| Vec3::from_slice(&n[3 * i..]));
        let rotation: Quat = match mquat {
            Some(n) => unit_quat([n[4 * i], n[4 * i + 1], n[4 * i + 2], n[4 * i + 3]], element)?,
            None => pose.rotation,
        };
        poses.push(Pose::new(position, rotation));
    }
    Ok(poses)
}
