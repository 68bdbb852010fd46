//! From bytes to a tree of elements; in MJCF, every `include` is replaced by what it includes.
//!
//! What the parser does not bound, [`scan`] bounds before it.

use super::error::DescriptionError;
use super::scan::{Count, scan};
use crate::files::{self, Files};
use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use leitai_model::spec::Source;

/// The deepest nesting of elements.
pub const DEEPEST: usize = 200;
/// The most elements of a description, includes and replicas counted.
pub const MOST_ELEMENTS: usize = 500_000;
/// The most bytes of XML, includes counted.
const MOST_BYTES: usize = 32 << 20;

/// An element with its attributes, children and place.
#[derive(Clone, Debug)]
pub struct Element {
    pub name: Box<str>,
    pub attributes: Vec<(Box<str>, Box<str>)>,
    pub children: Vec<Element>,
    pub at: Source,
}

impl Element {
    /// An error at this element.
    pub fn error(&self, what: impl Into<String>, change: impl Into<String>) -> DescriptionError {
        DescriptionError::Element {
            at: self.at.clone(),
            element: (*self.name).to_owned(),
            what: what.into(),
            change: change.into(),
        }
    }
    /// The error for an element that does not belong where it stands.
    pub fn unknown_element<'a>(&self, known: impl Iterator<Item = &'a str>) -> DescriptionError {
        let change = nearest(&self.name, known)
            .map_or_else(|| "remove it".to_owned(), |name| format!("remove it, or write <{name}> if that is meant"));
        self.error("unknown element here", change)
    }
    /// The value of an attribute.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| &**key == name).map(|(_, value)| &**value)
    }
}

/// The known name that differs in the fewest letters, if few enough that it may be meant.
pub fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let most = 1 + name.chars().count() / 4;
    known.map(|other| (distance(name, other), other)).filter(|(d, _)| *d <= most).min().map(|(_, other)| other)
}

/// Levenshtein's edit distance, for names of a sane length.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().take(64).collect(), b.chars().take(64).collect());
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let above = row[j + 1];
            row[j + 1] = (diagonal + usize::from(x != y)).min(above + 1).min(row[j] + 1);
            diagonal = above;
        }
    }
    row[b.len()]
}

/// The text of another XML file, bounded as descriptions are.
pub fn bounded(text: String) -> Result<String, DescriptionError> {
    let ends = text.bytes().zip(0_u32..).filter(|(b, _)| *b == b'\n').map(|(_, i)| i);
    let place = Place { file: Arc::from("xml"), newlines: ends.collect() };
    scan(text, &place, DEEPEST, &mut Count::default())
}

/// Reads the tree of the file at `path` with its includes.
pub fn read(path: &str, files: &dyn Files) -> Result<Element, DescriptionError> {
    let path = files::join("", path);
    let bytes = files.read(&path).map_err(DescriptionError::Root)?;
    let mut reader = TreeReader {
        files,
        folder: files::folder(&path).to_owned(),
        seen: BTreeSet::new(),
        includes: false,
        elements: 0,
        count: Count::default(),
        bytes: 0,
    };
    reader.seen.insert(path.clone());
    reader.parse(&path, bytes, 0)
}

struct TreeReader<'a> {
    files: &'a dyn Files,
    folder: String,
    seen: BTreeSet<String>,
    /// The main file is MJCF, where an include is replaced.
    includes: bool,
    elements: usize,
    count: Count,
    bytes: usize,
}

/// Turns bytes of one file into lines.
pub(super) struct Place {
    file: Arc<str>,
    /// Bytes at which a line ends; files are far below 4 GB.
    newlines: Vec<u32>,
}

impl Place {
    pub fn at(&self, byte: usize) -> Source {
        let line = self.newlines.partition_point(|newline| (*newline as usize) < byte) + 1;
        Source { file: self.file.clone(), line: u32::try_from(line).unwrap_or(u32::MAX) }
    }
}

impl TreeReader<'_> {
    fn parse(&mut self, path: &str, bytes: Vec<u8>, depth: usize) -> Result<Element, DescriptionError> {
        let text = String::from_utf8(bytes)
            .map_err(|e| DescriptionError::NotText { file: path.into(), byte: e.utf8_error().valid_up_to() })?;
        self.bytes += text.len();
        if self.bytes > MOST_BYTES {
            let at = Source { file: Arc::from(path), line: 1 };
            return Err(DescriptionError::TooMuch { at, what: "bytes", limit: MOST_BYTES });
        }
        let ends = text.bytes().zip(0_u32..).filter(|(b, _)| *b == b'\n').map(|(_, i)| i);
        let place = Place { file: Arc::from(path), newlines: ends.collect() };
        let text = scan(text, &place, DEEPEST.saturating_sub(depth), &mut self.count)?;
        let options = roxmltree::ParsingOptions {
            allow_dtd: false,
            // Text, comments and elements are all nodes, so there may be several for each element.
            nodes_limit: u32::try_from(8 * MOST_ELEMENTS).unwrap_or(u32::MAX),
            ..roxmltree::ParsingOptions::default()
        };
        let document = roxmltree::Document::parse_with_options(&text, options).map_err(|e| {
            let at = Source { file: place.file.clone(), line: e.pos().row };
            DescriptionError::Xml { at, what: e.to_string() }
        })?;
        let root = document.root_element();
        if self.seen.len() == 1 {
            self.includes = root.has_tag_name("mujoco");
        }
        let mut found = Vec::new();
        self.convert(root, &place, depth, &mut found)?;
        found.pop().ok_or_else(|| DescriptionError::Xml { at: place.at(0), what: "there is no root element".into() })
    }

    fn convert(
        &mut self,
        node: roxmltree::Node,
        place: &Place,
        depth: usize,
        into: &mut Vec<Element>,
    ) -> Result<(), DescriptionError> {
        let at = place.at(node.range().start);
        let name = full_name(node);
        self.elements += 1;
        if self.elements > MOST_ELEMENTS {
            return Err(DescriptionError::TooMuch { at, what: "elements", limit: MOST_ELEMENTS });
        }
        // Attributes with a prefix (xsi:schemaLocation) speak to editors, not to the model.
        let attributes =
            node.attributes().filter(|a| a.namespace().is_none()).map(|a| (a.name().into(), a.value().into())).collect();
        let mut element = Element { name: name.into(), attributes, children: Vec::new(), at };
        if self.includes && &*element.name == "include" {
            let included = self.include(&element, depth)?;
            into.extend(included);
            return Ok(());
        }
        for child in node.children().filter(roxmltree::Node::is_element) {
            self.convert(child, place, depth + 1, &mut element.children)?;
        }
        into.push(element);
        Ok(())
    }

    fn include(&mut self, element: &Element, depth: usize) -> Result<Vec<Element>, DescriptionError> {
        if let Some((name, _)) = element.attributes.iter().find(|(name, _)| &**name != "file") {
            return Err(element.error(format!("unknown attribute `{name}`"), "keep only `file`"));
        }
        let file = element.attribute("file").ok_or_else(|| element.error("`file` is missing", "say which file to include"))?;
        let path = files::join(&self.folder, file);
        if !self.seen.insert(path.clone()) {
            let what = format!("`{path}` is included twice, or includes itself");
            return Err(element.error(what, "include each file once"));
        }
        if depth >= DEEPEST {
            return Err(DescriptionError::TooDeep { at: element.at.clone() });
        }
        let bytes = self.files.read(&path).map_err(|source| DescriptionError::File {
            at: element.at.clone(),
            element: "include".into(),
            source,
            change: "correct the file name".into(),
        })?;
        let included = self.parse(&path, bytes, depth)?;
        if included.children.is_empty() {
            return Err(element.error(format!("`{path}` holds no elements"), "remove the include"));
        }
        Ok(included.children)
    }
}

/// The element's name with its prefix, as in `xacro:macro`: such an element is another language's.
fn full_name(node: roxmltree::Node) -> String {
    let name = node.tag_name().name();
    match node.tag_name().namespace().and_then(|space| node.lookup_prefix(space)) {
        Some(prefix) if !prefix.is_empty() => format!("{prefix}:{name}"),
        _ => name.to_owned(),
    }
}
