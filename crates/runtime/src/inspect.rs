//! Looking through a module before it is translated, so that translation costs no more than the module is worth.
//!
//! Each limit is far above what a compiler emits for a controller; together they bound the memory and time of translation and the
//! price of a call.

use wasmparser::{Encoding, MemoryType, Parser, Payload, TypeRef};

use crate::abi::{BEGIN, BRIEF, COMMAND, MEMORY, OBSERVATION, STEP};
use crate::limits::{MOST_BYTES, MOST_ELEMENTS, MOST_PAGES};
use crate::module::Refusal;

const MOST_TYPES: u32 = 2_000;
const MOST_PARAMETERS: u64 = 64;
/// Most results: each target of a branch table copies them.
const MOST_RESULTS: u64 = 4;
const MOST_FUNCTIONS: u32 = 10_000;
const MOST_GLOBALS: u32 = 1_000;
const MOST_TABLES: u32 = 4;
const MOST_EXPORTS: u32 = 1_000;
const MOST_SEGMENTS: u32 = 10_000;
/// Largest function [bytes]: blocks nest at most half as deep.
const MOST_BODY: usize = 256 << 10;
/// Most local variables of a function, parameters left out: a call clears them.
const MOST_LOCALS: u64 = 1_000;

/// Refuses what no controller needs. Whether the module is valid is for the interpreter to say.
pub fn inspect(bytes: &[u8]) -> Result<(), Refusal> {
    if bytes.len() > MOST_BYTES {
        return Err(Refusal::TooLarge { bytes: bytes.len() });
    }
    if bytes.trim_ascii_start().starts_with(b"(module") {
        return Err(Refusal::Text);
    }
    let mut memories = 0;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload.map_err(broken)? {
            Payload::Version { encoding: Encoding::Component, .. } => return Err(Refusal::Component),
            Payload::TypeSection(section) => {
                few("types", section.count().into(), MOST_TYPES.into())?;
                for ty in section.into_iter_err_on_gc_types() {
                    let ty = ty.map_err(broken)?;
                    few("parameters of one function or block", ty.params().len() as u64, MOST_PARAMETERS)?;
                    few("results of one function or block", ty.results().len() as u64, MOST_RESULTS)?;
                }
            }
            Payload::ImportSection(section) => {
                if let Some(import) = section.into_iter().next() {
                    let import = import.map_err(broken)?;
                    let kind = match import.ty {
                        TypeRef::Func(_) => "function",
                        TypeRef::Table(_) => "table",
                        TypeRef::Memory(_) => "memory",
                        TypeRef::Global(_) => "global",
                        TypeRef::Tag(_) => "tag",
                    };
                    let (module, name) = (shortened(import.module), shortened(import.name));
                    return Err(Refusal::Import { kind, module, name });
                }
            }
            Payload::FunctionSection(section) => few("functions", section.count().into(), MOST_FUNCTIONS.into())?,
            Payload::GlobalSection(section) => few("globals", section.count().into(), MOST_GLOBALS.into())?,
            Payload::ExportSection(section) => few("exports", section.count().into(), MOST_EXPORTS.into())?,
            Payload::ElementSection(section) => few("element segments", section.count().into(), MOST_SEGMENTS.into())?,
            Payload::DataSection(section) => few("data segments", section.count().into(), MOST_SEGMENTS.into())?,
            Payload::TableSection(section) => {
                few("tables", section.count().into(), MOST_TABLES.into())?;
                for table in section {
                    few("table elements", table.map_err(broken)?.ty.initial, MOST_ELEMENTS)?;
                }
            }
            Payload::MemorySection(section) => {
                memories = section.count();
                few("memories", memories.into(), 1)?;
                for memory in section {
                    let MemoryType { initial, .. } = memory.map_err(broken)?;
                    few("pages of memory", initial, MOST_PAGES)?;
                }
            }
            Payload::CodeSectionEntry(body) => {
                few("bytes in one function", body.range().len() as u64, MOST_BODY as u64)?;
                let mut locals = 0u64;
                for group in body.get_locals_reader().map_err(broken)? {
                    locals = locals.saturating_add(group.map_err(broken)?.0.into());
                }
                few("local variables in one function", locals, MOST_LOCALS)?;
            }
            _ => {}
        }
    }
    // A module without memory says so here rather than as the first of six missing exports.
    if memories == 0 {
        return Err(Refusal::NoExport { name: MEMORY, kind: "memory" });
    }
    Ok(())
}

/// Every exported function by its name, with its type in words.
pub const FUNCTIONS: [(&str, &str); 5] = [
    (BRIEF, "(i32) -> i32"),
    (BEGIN, "(i32, i32) -> ()"),
    (OBSERVATION, "() -> i32"),
    (COMMAND, "() -> i32"),
    (STEP, "() -> i32"),
];

fn few(what: &'static str, found: u64, most: u64) -> Result<(), Refusal> {
    if found > most { Err(Refusal::TooMany { what, found, most }) } else { Ok(()) }
}

fn broken(error: wasmparser::BinaryReaderError) -> Refusal {
    Refusal::Invalid { why: alloc::string::ToString::to_string(&error) }
}

/// A stranger's name, cut to what a message can hold.
fn shortened(name: &str) -> alloc::string::String {
    name.chars().take(60).filter(|c| !c.is_control()).collect()
}
