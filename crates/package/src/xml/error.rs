//! Why a description cannot be read.

use crate::files::FileError;
use crate::mesh::MeshFileError;
use crate::terrain::TerrainFileError;
use alloc::string::String;
use leitai_model::spec::Source;

/// Why a description cannot be read.
///
/// The limits named here keep hostile files from exhausting memory or stack; no public robot model comes near them.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum DescriptionError {
    /// The main file cannot be read.
    #[error(transparent)]
    Root(FileError),
    /// The text is not UTF-8.
    #[error("{file}: byte {byte} is not UTF-8 text; save the file as UTF-8")]
    NotText {
        /// The file.
        file: String,
        /// Where the text ends.
        byte: usize,
    },
    /// The text is not XML.
    #[error("{at}: not well-formed XML: {what}")]
    Xml {
        /// Where.
        at: Source,
        /// The parser's words.
        what: String,
    },
    /// Elements are nested too deeply.
    #[error("{at}: elements are nested deeper than {limit}; flatten the tree", limit = super::tree::DEEPEST)]
    TooDeep {
        /// Where the limit is crossed.
        at: Source,
    },
    /// The file and its includes are too large.
    #[error("{at}: the description has more than {limit} {what}; make it smaller")]
    TooMuch {
        /// Where the limit is crossed.
        at: Source,
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// An element says something impossible.
    #[error("{at}: <{element}>: {what}; {change}")]
    Element {
        /// Where.
        at: Source,
        /// Its name.
        element: String,
        /// What is wrong.
        what: String,
        /// What to change.
        change: String,
    },
    /// A file that an element names cannot be read.
    #[error("{at}: <{element}>: {source}; {change}")]
    File {
        /// Where.
        at: Source,
        /// The element's name.
        element: String,
        /// Why.
        source: FileError,
        /// What to change.
        change: String,
    },
    /// A height field cannot be used.
    #[error("{at}: <hfield>: {file}: {source}")]
    Terrain {
        /// Where.
        at: Source,
        /// Its file, or its name if it stands in the XML.
        file: String,
        /// Why.
        source: TerrainFileError,
    },
    /// A mesh file cannot be used.
    #[error("{at}: <{element}>: {file}: {source}")]
    Mesh {
        /// Where.
        at: Source,
        /// The element's name.
        element: String,
        /// The mesh file, or the mesh's name if it stands in the XML.
        file: String,
        /// Why.
        source: MeshFileError,
    },
}
