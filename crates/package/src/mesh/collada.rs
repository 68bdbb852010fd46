//! COLLADA 1.4 and 1.5: triangles, polygon lists and polygons of the visual scene, in meters by the file's unit.
//!
//! The axes stay as the file has them: ROS tools ignore `up_axis`, and URDF files are made to fit that. Skins, morphs, lines and
//! splines are passed over. What the XML parser does not bound is bounded before it, as for descriptions.

use super::scene::{Affine, Gathering, wrong};
use super::{MOST, MeshFileError, Triangles};
use crate::xml::tree::bounded;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use leitai_math::{Mat3, Quat, Vec3, real};
use roxmltree::{Document, Node};

/// The most parts of one mesh.
const MOST_PRIMITIVES: usize = 1000;

pub fn read(bytes: &[u8]) -> Result<Triangles, MeshFileError> {
    let text = core::str::from_utf8(bytes).map_err(|e| wrong(format!("is no UTF-8 text at byte {}", e.valid_up_to())))?;
    let text = bounded(String::from(text)).map_err(|error| wrong(format!("is not well-formed ({error})")))?;
    let options = roxmltree::ParsingOptions { allow_dtd: false, nodes_limit: 4_000_000, ..Default::default() };
    let document =
        Document::parse_with_options(&text, options).map_err(|error| wrong(format!("is not well-formed XML: {error}")))?;
    let root = document.root_element();
    if root.tag_name().name() != "COLLADA" {
        return Err(wrong("is no COLLADA"));
    }
    let named = |name: &'static str| {
        let all = document.descendants().filter(move |node| node.tag_name().name() == name);
        all.filter_map(|node| Some((node.attribute("id")?, node))).collect::<BTreeMap<_, _>>()
    };
    let scene = Scene { nodes: named("node"), geometries: named("geometry"), meshes: BTreeMap::new() };
    let meter = document.descendants().find(|node| node.tag_name().name() == "unit").and_then(|u| u.attribute("meter"));
    let meter: f64 = meter.and_then(|m| m.trim().parse().ok()).filter(|m: &f64| m.is_finite() && *m > 0.0).unwrap_or(1.0);
    let place = Affine { linear: Mat3::diagonal(Vec3::new(meter, meter, meter)), shift: Vec3::ZERO };
    scene.gather(&document, &place)
}

struct Scene<'a, 'input> {
    nodes: BTreeMap<&'a str, Node<'a, 'input>>,
    geometries: BTreeMap<&'a str, Node<'a, 'input>>,
    meshes: BTreeMap<&'a str, Triangles>,
}

impl<'a, 'input> Scene<'a, 'input> {
    /// Everything in the scene that the file shows, or all meshes where it shows none.
    fn gather(mut self, document: &'a Document<'input>, place: &Affine) -> Result<Triangles, MeshFileError> {
        let mut gathering = Gathering::default();
        let shown = document.descendants().find(|node| node.tag_name().name() == "instance_visual_scene");
        let id = shown.and_then(|node| node.attribute("url")).map(|url| url.trim_start_matches('#'));
        let scenes = || document.descendants().filter(|node| node.tag_name().name() == "visual_scene");
        let scene = scenes().find(|node| id.is_none() || node.attribute("id") == id);
        match scene {
            Some(scene) => {
                for node in children(scene, "node") {
                    self.walk(node, place, &mut gathering)?;
                }
            }
            None => {
                let all: Vec<&str> = self.geometries.keys().copied().collect();
                for id in all {
                    gathering.add(self.mesh(id)?, place)?;
                }
            }
        }
        Ok(gathering.found)
    }

    fn walk(&mut self, node: Node<'a, 'input>, outer: &Affine, gathering: &mut Gathering) -> Result<(), MeshFileError> {
        gathering.enter()?;
        let mut place = *outer;
        for child in node.children().filter(Node::is_element) {
            if let Some(step) = step(child)? {
                place = place.after(&step);
            }
        }
        for child in node.children().filter(Node::is_element) {
            let target = || child.attribute("url").unwrap_or_default().trim_start_matches('#');
            match child.tag_name().name() {
                "instance_geometry" => {
                    let mesh = self.mesh(target())?;
                    gathering.add(mesh, &place)?;
                }
                "node" => self.walk(child, &place, gathering)?,
                "instance_node" => {
                    let Some(other) = self.nodes.get(target()).copied() else {
                        return Err(wrong(format!("has no node `{}`", short(target()))));
                    };
                    self.walk(other, &place, gathering)?;
                }
                _ => {}
            }
        }
        gathering.leave();
        Ok(())
    }

    fn mesh(&mut self, id: &'a str) -> Result<&Triangles, MeshFileError> {
        if !self.meshes.contains_key(id) {
            let Some(geometry) = self.geometries.get(id) else {
                return Err(wrong(format!("has no geometry `{}`", short(id))));
            };
            let mut mesh = Triangles::default();
            for element in children(*geometry, "mesh") {
                triangles(element, &mut mesh)?;
            }
            self.meshes.insert(id, mesh);
        }
        Ok(&self.meshes[id])
    }
}

fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

fn children<'a, 'input>(node: Node<'a, 'input>, name: &'static str) -> impl Iterator<Item = Node<'a, 'input>> {
    node.children().filter(move |child| child.tag_name().name() == name)
}

/// One step of a node's place; none for other elements.
fn step(element: Node) -> Result<Option<Affine>, MeshFileError> {
    let name = element.tag_name().name();
    let count = match name {
        "matrix" => 16,
        "rotate" => 4,
        "translate" | "scale" => 3,
        _ => return Ok(None),
    };
    let numbers = numbers(element)?;
    if numbers.len() != count {
        return Err(wrong(format!("has a <{name}> of {} numbers; it needs {count}", numbers.len())));
    }
    let vector = Vec3::from_slice(&numbers);
    Ok(Some(match name {
        "matrix" => {
            let mut rows = [0.0; 16];
            rows.copy_from_slice(&numbers);
            Affine::from_rows(&rows)
        }
        "rotate" => {
            let turn = Quat::from_axis_angle(vector.normalized_or(Vec3::Z), numbers[3] / 180.0 * real::PI);
            Affine { linear: turn.to_mat(), shift: Vec3::ZERO }
        }
        "translate" => Affine { linear: Mat3::IDENTITY, shift: vector },
        _ => Affine { linear: Mat3::diagonal(vector), shift: Vec3::ZERO },
    }))
}

fn numbers(element: Node) -> Result<Vec<f64>, MeshFileError> {
    let parse = |word: &str| match word.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(number),
        _ => Err(wrong(format!("holds `{}`, which is no number", short(word)))),
    };
    element.text().unwrap_or_default().split_ascii_whitespace().map(parse).collect()
}

fn indices(element: Node) -> Result<Vec<usize>, MeshFileError> {
    let parse = |word: &str| word.parse().map_err(|_| wrong(format!("holds `{}`, which is no index", short(word))));
    element.text().unwrap_or_default().split_ascii_whitespace().map(parse).collect()
}

/// Appends the triangles of a `mesh`.
fn triangles(mesh: Node, out: &mut Triangles) -> Result<(), MeshFileError> {
    let mut sources = Sources {
        by_id: mesh.children().filter_map(|node| Some((node.attribute("id")?, node))).collect(),
        read: BTreeMap::new(),
    };
    let mut primitives = 0;
    for primitive in mesh.children().filter(Node::is_element) {
        let kind = primitive.tag_name().name();
        if !matches!(kind, "triangles" | "polylist" | "polygons") {
            continue;
        }
        primitives += 1;
        if primitives > MOST_PRIMITIVES {
            return Err(wrong(format!("has a mesh of more than {MOST_PRIMITIVES} parts")));
        }
        let inputs: Vec<Node> = children(primitive, "input").collect();
        let offset = |input: &Node| input.attribute("offset").and_then(|o| o.trim().parse::<usize>().ok()).unwrap_or(0);
        let stride = inputs.iter().map(offset).max().unwrap_or(0).saturating_add(1);
        let Some(corner) = inputs.iter().find(|input| input.attribute("semantic") == Some("VERTEX")) else {
            return Err(wrong(format!("has <{kind}> without corners")));
        };
        let (start, at) = (out.vertices.len(), offset(corner));
        let positions = sources.positions(corner.attribute("source").unwrap_or_default())?;
        if out.vertices.len() + positions.len() > MOST {
            return Err(MeshFileError::TooLarge);
        }
        out.vertices.extend(positions);
        let mut polygon = |corners: &[usize]| {
            if let Some(index) = corners.iter().find(|i| **i >= positions.len()) {
                return Err(MeshFileError::NoSuchCorner { index: *index as i64, corners: positions.len() });
            }
            for pair in corners.get(1..).unwrap_or_default().windows(2) {
                out.faces.push([corners[0], pair[0], pair[1]].map(|i| (start + i) as u32));
            }
            if out.faces.len() > MOST { Err(MeshFileError::TooLarge) } else { Ok(()) }
        };
        let counts = match children(primitive, "vcount").next() {
            Some(counts) if kind == "polylist" => Some(indices(counts)?),
            _ => None,
        };
        for list in children(primitive, "p") {
            let list = indices(list)?;
            let corners: Vec<usize> = list.chunks_exact(stride).map(|corner| corner[at]).collect();
            match (kind, &counts) {
                ("polylist", Some(counts)) => {
                    let mut rest = &corners[..];
                    for &count in counts {
                        let Some((own, after)) = rest.split_at_checked(count) else {
                            return Err(wrong("ends in the middle of a polygon"));
                        };
                        polygon(own)?;
                        rest = after;
                    }
                }
                ("polygons", _) => polygon(&corners)?,
                _ => corners.chunks_exact(3).try_for_each(&mut polygon)?,
            }
        }
    }
    Ok(())
}

/// What a mesh's corners are taken from; each list of numbers is read once.
struct Sources<'a, 'input> {
    by_id: BTreeMap<&'a str, Node<'a, 'input>>,
    read: BTreeMap<&'a str, Vec<Vec3>>,
}

impl<'a> Sources<'a, '_> {
    /// Corners that `vertices` called `id` (or a source itself) stand for.
    fn positions(&mut self, id: &'a str) -> Result<&[Vec3], MeshFileError> {
        let mut id = id.trim_start_matches('#');
        if let Some(vertices) = self.by_id.get(id).filter(|node| node.tag_name().name() == "vertices") {
            let input = children(*vertices, "input").find(|input| input.attribute("semantic") == Some("POSITION"));
            id = input.and_then(|input| input.attribute("source")).unwrap_or_default().trim_start_matches('#');
        }
        if !self.read.contains_key(id) {
            let Some(source) = self.by_id.get(id).filter(|node| node.tag_name().name() == "source") else {
                return Err(wrong(format!("has no source `{}`", short(id))));
            };
            self.read.insert(id, corners(*source)?);
        }
        Ok(&self.read[id])
    }
}

/// The points of a `source`.
fn corners(source: Node) -> Result<Vec<Vec3>, MeshFileError> {
    let Some(array) = children(source, "float_array").next() else {
        return Err(wrong("has a source without numbers"));
    };
    let accessor = source.descendants().find(|node| node.tag_name().name() == "accessor");
    let read = |name: &str, otherwise: usize| {
        accessor.and_then(|a| a.attribute(name)).and_then(|s| s.trim().parse::<usize>().ok()).unwrap_or(otherwise)
    };
    let (stride, offset) = (read("stride", 3), read("offset", 0));
    if stride < 3 {
        return Err(wrong("has corners of fewer than three numbers"));
    }
    let numbers = numbers(array)?;
    Ok(numbers.get(offset..).unwrap_or_default().chunks_exact(stride).map(Vec3::from_slice).collect())
}
