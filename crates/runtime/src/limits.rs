//! How much a controller may use. Every limit is a count, so it is reached at the same instruction on every machine.
//!
//! Fuel: one unit for each instruction, ten for a call (it clears the callee's local variables), one for every 64 bytes copied or
//! filled at once. On the machine of `docs/guides/write-a-controller.md` a unit takes about a nanosecond.

/// Largest module [bytes].
pub const MOST_BYTES: usize = 2 << 20;
/// Largest memory [pages of 64 KiB]: 64 MiB.
pub const MOST_PAGES: u64 = 1024;
/// Largest table [elements].
pub const MOST_ELEMENTS: u64 = 10_000;
/// Deepest nesting of calls.
pub const DEEPEST: usize = 1_000;
/// Largest stack of values [bytes].
pub const STACK_BYTES: usize = 1 << 20;

/// Fuel of a controller, as its manifest declares it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// For everything before the first step: start function, brief and `begin`.
    pub start_fuel: u64,
    /// For one step.
    pub step_fuel: u64,
    /// For the whole trial, start and steps together.
    pub trial_fuel: u64,
}
