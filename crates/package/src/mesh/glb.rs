//! GLB, the binary form of glTF 2.0: triangles of the shown scene, in its own axes and meters.
//!
//! Everything but triangle lists with positions in the file's own buffer is passed over or refused: compressed meshes need another
//! program, and points and lines are no surface.

use super::scene::{Affine, Gathering, wrong};
use super::{MOST, MeshFileError, Triangles};
use alloc::format;
use alloc::vec::Vec;
use leitai_math::{Mat3, Quat, Vec3};
use serde_json::Value;

/// The most bytes of a file's JSON part.
const MOST_JSON: usize = 16 << 20;

const FLOAT: u64 = 5126;

pub fn read(bytes: &[u8]) -> Result<Triangles, MeshFileError> {
    let word = |at: usize| bytes.get(at..at + 4).and_then(|b| Some(u32::from_le_bytes(b.try_into().ok()?)));
    if !bytes.starts_with(b"glTF") || word(4) != Some(2) {
        return Err(wrong("is no GLB of version 2"));
    }
    let (mut json, mut buffer, mut at) = (None, &[][..], 12);
    while let (Some(length), Some(kind)) = (word(at), word(at + 4)) {
        let length = length as usize;
        let Some(data) = bytes.get(at + 8..).and_then(|rest| rest.get(..length)) else {
            let expected = at as u64 + 8 + length as u64;
            return Err(MeshFileError::Length { expected, actual: bytes.len() as u64 });
        };
        match kind {
            0x4E4F_534A if json.is_none() => json = Some(data),
            0x004E_4942 if buffer.is_empty() => buffer = data,
            _ => {}
        }
        at += 8 + length;
    }
    let json = json.ok_or_else(|| wrong("has no JSON part"))?;
    if json.len() > MOST_JSON {
        return Err(wrong(format!("has a JSON part of more than {MOST_JSON} bytes")));
    }
    let json: Value = serde_json::from_slice(json).map_err(|error| wrong(format!("has a damaged JSON part ({error})")))?;
    let file = File { json: &json, buffer };
    let scene = json["scene"].as_u64().unwrap_or(0);
    let mut gathering = Gathering::default();
    match item(&json["scenes"], scene) {
        Some(scene) => {
            for node in list(&scene["nodes"]) {
                file.walk(node, &Affine::IDENTITY, &mut gathering)?;
            }
        }
        None => {
            for mesh in list(&json["meshes"]) {
                gathering.add(&file.mesh(mesh)?, &Affine::IDENTITY)?;
            }
        }
    }
    Ok(gathering.found)
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], |list| list.as_slice())
}

fn item(list: &Value, index: u64) -> Option<&Value> {
    list.get(usize::try_from(index).ok()?)
}

struct File<'a> {
    json: &'a Value,
    buffer: &'a [u8],
}

impl File<'_> {
    fn item(&self, table: &str, index: &Value) -> Result<&Value, MeshFileError> {
        let found = index.as_u64().and_then(|index| item(&self.json[table], index));
        found.ok_or_else(|| wrong(format!("names something that is not among its {table}")))
    }

    fn walk(&self, index: &Value, outer: &Affine, gathering: &mut Gathering) -> Result<(), MeshFileError> {
        gathering.enter()?;
        let node = self.item("nodes", index)?;
        let place = outer.after(&place(node)?);
        if !node["mesh"].is_null() {
            gathering.add(&self.mesh(self.item("meshes", &node["mesh"])?)?, &place)?;
        }
        for child in list(&node["children"]) {
            self.walk(child, &place, gathering)?;
        }
        gathering.leave();
        Ok(())
    }

    fn mesh(&self, mesh: &Value) -> Result<Triangles, MeshFileError> {
        let mut out = Triangles::default();
        for primitive in list(&mesh["primitives"]) {
            match primitive["mode"].as_u64().unwrap_or(4) {
                4 => {}
                5 | 6 => return Err(wrong("has strips or fans of triangles")),
                _ => continue,
            }
            if primitive["extensions"].as_object().is_some_and(|e| e.keys().any(|k| k.contains("compression"))) {
                return Err(wrong("is compressed"));
            }
            let start = out.vertices.len();
            let positions = self.accessor(&primitive["attributes"]["POSITION"])?;
            if positions.kind != FLOAT || positions.width != 3 {
                return Err(wrong("has positions that are not three floats"));
            }
            for row in positions.rows() {
                let x = |i: usize| f64::from(f32::from_le_bytes([row[i], row[i + 1], row[i + 2], row[i + 3]]));
                out.vertices.push(Vec3::new(x(0), x(4), x(8)));
            }
            let count = out.vertices.len() - start;
            let corners: Vec<u32> = if primitive["indices"].is_null() {
                (0..count as u32).collect()
            } else {
                let indices = self.accessor(&primitive["indices"])?;
                let read: fn(&[u8]) -> u32 = match indices.kind {
                    5121 => |b| u32::from(b[0]),
                    5123 => |b| u32::from(u16::from_le_bytes([b[0], b[1]])),
                    5125 => |b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]),
                    _ => return Err(wrong("has indices that are not whole numbers")),
                };
                indices.rows().map(read).collect()
            };
            if let Some(index) = corners.iter().find(|i| **i as usize >= count) {
                return Err(MeshFileError::NoSuchCorner { index: i64::from(*index), corners: count });
            }
            out.faces.extend(corners.chunks_exact(3).map(|f| [f[0], f[1], f[2]].map(|i| start as u32 + i)));
            if out.vertices.len() > MOST || out.faces.len() > MOST {
                return Err(MeshFileError::TooLarge);
            }
        }
        Ok(out)
    }

    fn accessor(&self, index: &Value) -> Result<Accessor<'_>, MeshFileError> {
        let accessor = self.item("accessors", index)?;
        if !accessor["sparse"].is_null() {
            return Err(wrong("has sparse numbers"));
        }
        let view = self.item("bufferViews", &accessor["bufferView"])?;
        if view["buffer"].as_u64().unwrap_or(0) != 0 {
            return Err(wrong("keeps numbers in another file"));
        }
        let number = |value: &Value, otherwise: u64| usize::try_from(value.as_u64().unwrap_or(otherwise)).unwrap_or(usize::MAX);
        let kind = accessor["componentType"].as_u64().unwrap_or(0);
        let size = match kind {
            5120 | 5121 => 1,
            5122 | 5123 => 2,
            _ => 4,
        };
        let width = match accessor["type"].as_str() {
            Some("SCALAR") => 1,
            Some("VEC3") => 3,
            _ => return Err(wrong("has numbers in an unexpected arrangement")),
        };
        let count = number(&accessor["count"], 0);
        let stride = number(&view["byteStride"], (size * width) as u64);
        let (from, within) = (number(&view["byteOffset"], 0), number(&accessor["byteOffset"], 0));
        let own = size * width;
        let needed = count.checked_sub(1).map_or(Some(0), |n| n.checked_mul(stride)?.checked_add(own));
        let data = from.checked_add(within).and_then(|start| self.buffer.get(start..));
        match (data, needed) {
            (Some(data), Some(needed)) if needed <= data.len() && stride >= own && count <= MOST * 3 => {
                Ok(Accessor { data, count, stride, own, kind, width })
            }
            _ => Err(wrong("has numbers beyond its buffer")),
        }
    }
}

/// Rows of numbers in the buffer.
struct Accessor<'a> {
    data: &'a [u8],
    count: usize,
    stride: usize,
    /// Bytes of a row.
    own: usize,
    kind: u64,
    width: usize,
}

impl Accessor<'_> {
    fn rows(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.count).map(|i| &self.data[i * self.stride..i * self.stride + self.own])
    }
}

/// Where a node stands in the one above: a matrix column by column, or shift, turn and scale.
fn place(node: &Value) -> Result<Affine, MeshFileError> {
    let numbers = |name: &str, otherwise: &[f64]| -> Result<Vec<f64>, MeshFileError> {
        if node[name].is_null() {
            return Ok(otherwise.to_vec());
        }
        let numbers: Vec<f64> = list(&node[name]).iter().filter_map(Value::as_f64).collect();
        let whole = numbers.len() == otherwise.len() && numbers.iter().all(|x| x.is_finite());
        if whole { Ok(numbers) } else { Err(wrong(format!("has a node whose {name} does not have {} numbers", otherwise.len()))) }
    };
    if !node["matrix"].is_null() {
        let columns = numbers("matrix", &[0.0; 16])?;
        let rows: [f64; 16] = core::array::from_fn(|i| columns[4 * (i % 4) + i / 4]);
        return Ok(Affine::from_rows(&rows));
    }
    let (shift, scale) = (numbers("translation", &[0.0; 3])?, numbers("scale", &[1.0; 3])?);
    let turn = numbers("rotation", &[0.0, 0.0, 0.0, 1.0])?;
    let turn = Quat::new(turn[3], turn[0], turn[1], turn[2]).normalized();
    Ok(Affine { linear: turn.to_mat() * Mat3::diagonal(Vec3::from_slice(&scale)), shift: Vec3::from_slice(&shift) })
}
