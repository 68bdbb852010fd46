//! From bytes to a program that may be run.

use alloc::string::{String, ToString};
use alloc::sync::Arc;
use core::fmt;

use wasmi::{CompilationMode, Config, Engine, ExternType, OperatorCost};

use crate::abi::MEMORY;
use crate::inspect::{FUNCTIONS, inspect};
use crate::limits::{DEEPEST, MOST_BYTES, STACK_BYTES};
use crate::sandbox::{Breach, Sandbox};

/// Fuel for a call: it clears up to a thousand local variables.
const CALL_FUEL: u8 = 10;

/// A controller's module, checked and translated; all trials share it.
#[derive(Clone)]
pub struct Module {
    pub(crate) translated: Arc<wasmi::Module>,
}

impl fmt::Debug for Module {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Module")
    }
}

/// Why a module cannot be a controller.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Too many bytes.
    #[error("the module has {bytes} bytes; the limit is {MOST_BYTES}: build it with opt-level = \"s\" and strip = true")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// The text form.
    #[error("the module is WebAssembly text; turn it into the binary form, for example with `wat2wasm`")]
    Text,
    /// A component.
    #[error("the module is a WebAssembly component; build a plain module, for example for wasm32-unknown-unknown")]
    Component,
    /// It does not read as WebAssembly, or is not valid, or uses what a controller may not.
    #[error("the module is not a valid WebAssembly module: {why}")]
    Invalid {
        /// The reader's words.
        why: String,
    },
    /// It wants something from outside.
    #[error("the module imports the {kind} `{module}.{name}`, but a controller may import nothing: leave out what needs it")]
    Import {
        /// Kind of import.
        kind: &'static str,
        /// From where.
        module: String,
        /// What.
        name: String,
    },
    /// More than a controller needs.
    #[error("the module has {found} {what}; the limit is {most}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many there are.
        found: u64,
        /// How many there may be.
        most: u64,
    },
    /// Something of the interface is missing.
    #[error("the module does not export `{name}`, a {kind}; docs/guides/write-a-controller.md lists what it must export")]
    NoExport {
        /// Its name.
        name: &'static str,
        /// What it is.
        kind: &'static str,
    },
    /// An export of another type.
    #[error("the module exports `{name}`, but not as {wanted}")]
    OtherType {
        /// Its name.
        name: &'static str,
        /// What it must be.
        wanted: &'static str,
    },
    /// It cannot be brought to life.
    #[error("the module cannot be started: {0}")]
    Start(Breach),
}

impl Module {
    /// Checks and translates a module, and starts it once with `start_fuel`. What depends on nothing but the module fails here.
    ///
    /// # Errors
    /// Says what is wrong with it and what to change.
    pub fn read(bytes: &[u8], start_fuel: u64) -> Result<Self, Refusal> {
        inspect(bytes)?;
        let engine = Engine::new(&config());
        let translated = wasmi::Module::new(&engine, bytes).map_err(|error| Refusal::Invalid { why: error.to_string() })?;
        match translated.get_export(MEMORY) {
            None => return Err(Refusal::NoExport { name: MEMORY, kind: "memory" }),
            Some(ExternType::Memory(_)) => {}
            Some(_) => return Err(Refusal::OtherType { name: MEMORY, wanted: "a memory" }),
        }
        for (name, wanted) in FUNCTIONS {
            match translated.get_export(name) {
                None => return Err(Refusal::NoExport { name, kind: "function" }),
                Some(ExternType::Func(found)) if words(&found) == wanted => {}
                Some(_) => return Err(Refusal::OtherType { name, wanted }),
            }
        }
        let module = Self { translated: Arc::new(translated) };
        Sandbox::instance(&module, start_fuel).map_err(Refusal::Start)?;
        Ok(module)
    }
}

/// A function's type as the table of the interface writes it.
fn words(ty: &wasmi::FuncType) -> String {
    let list = |types: &[wasmi::ValType]| {
        let names: alloc::vec::Vec<&str> =
            types.iter().map(|t| if *t == wasmi::ValType::I32 { "i32" } else { "another type" }).collect();
        names.join(", ")
    };
    match ty.results() {
        [one] => alloc::format!("({}) -> {}", list(ty.params()), list(&[*one])),
        more => alloc::format!("({}) -> ({})", list(ty.params()), list(more)),
    }
}

fn config() -> Config {
    let mut config = Config::default();
    let cost = OperatorCost { call: CALL_FUEL, call_indirect: CALL_FUEL, ..OperatorCost::default() };
    config
        .consume_fuel(true)
        .operator_cost(cost)
        // Lazily translated functions would charge whoever calls them first, so fuel would depend on the order of trials.
        .compilation_mode(CompilationMode::Eager)
        .set_max_recursion_depth(DEEPEST)
        .set_max_stack_height(STACK_BYTES)
        .ignore_custom_sections(true)
        .wasm_multi_memory(false)
        .wasm_tail_call(false)
        .wasm_extended_const(false)
        .wasm_custom_page_sizes(false)
        .wasm_wide_arithmetic(false);
    config
}
