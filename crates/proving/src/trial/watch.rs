//! Looking on while a trial runs, without touching it.

use leitai_sim::World;

use super::cell::Built;

/// What just happened to a piece of the cell, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happening {
    /// It left its place.
    Taken(usize),
    /// It fell out of the tool.
    Dropped(usize),
}

/// The world after a step.
#[derive(Clone, Copy)]
pub struct Frame<'a> {
    /// The world.
    pub world: &'a World,
    /// What is what in it.
    pub built: &'a Built,
    /// Time [s].
    pub time_s: f64,
    /// What happened in this step.
    pub happening: Option<Happening>,
    /// What the controller is doing.
    pub doing: &'a str,
}

/// Somebody who looks on.
pub trait Watch {
    /// Called after every step.
    fn step(&mut self, frame: &Frame);
}

/// Nobody.
impl Watch for () {
    fn step(&mut self, _: &Frame) {}
}
