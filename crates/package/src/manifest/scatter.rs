//! Pieces that lie about: circles in a rectangle, none near another.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use leitai_math::{Seed, Stream, real};

use super::grid::Place;
use super::scenario::{PieceShape, Scatter};
use super::{Piece, ScenarioManifest};

/// Tries to lay one piece before the layout begins anew.
const TRIES: usize = 200;
/// Layouts that are begun.
const LAYOUTS: usize = 50;

impl Scatter {
    /// Draws a place for every piece; `None` if none of the layouts had room for all.
    ///
    /// # Panics
    /// If the scenario has no piece of a name that is scattered; a checked manifest has.
    #[must_use]
    pub fn places(&self, scenario: &ScenarioManifest, stream: &mut Stream) -> Option<Vec<Place>> {
        let kinds: Vec<&Piece> = self.pieces.iter().map(|name| &scenario.piece[name]).collect();
        (0..LAYOUTS).find_map(|_| self.layout(&kinds, stream))
    }

    /// The layout that a controller is told of, whatever lies there: one draw from a stream that every scenario of that text has.
    #[must_use]
    pub fn nominal(&self, scenario: &ScenarioManifest, name: &str) -> Option<Vec<Place>> {
        self.places(scenario, &mut Seed::from_number(0).stream(&stream_name(name)))
    }

    fn layout(&self, kinds: &[&Piece], stream: &mut Stream) -> Option<Vec<Place>> {
        let mut circles: Vec<[f64; 3]> = Vec::with_capacity(kinds.len());
        let mut places = Vec::with_capacity(kinds.len());
        for kind in kinds {
            let radius = circle(kind);
            let [x, y] = (0..TRIES).find_map(|_| {
                let mut along = |edge: f64| {
                    let room = real::max(0.5 * edge - radius - 0.5 * self.gap_m, 0.0);
                    stream.uniform(-room, room)
                };
                let at = [along(self.area_m[0]), along(self.area_m[1])];
                let clear = |other: &[f64; 3]| {
                    let (dx, dy, least) = (at[0] - other[0], at[1] - other[1], radius + other[2] + self.gap_m);
                    dx * dx + dy * dy >= least * least
                };
                circles.iter().all(clear).then_some(at)
            })?;
            circles.push([x, y, radius]);
            let yaw_rad = stream.uniform(-self.turn_rad, self.turn_rad);
            places.push(Place { position_m: [x, y, 0.5 * kind.size_m.value[2]], yaw_rad });
        }
        Some(places)
    }
}

/// The random stream that lays the pieces of the scatter `name`.
#[must_use]
pub fn stream_name(name: &str) -> String {
    format!("scatter/{name}")
}

/// Half the longest level extent of a piece [m].
fn circle(kind: &Piece) -> f64 {
    let [x, y] = [kind.size_m.value[0], kind.size_m.value[1]];
    match kind.shape {
        PieceShape::Box => 0.5 * real::sqrt(x * x + y * y),
        PieceShape::Cylinder | PieceShape::Sphere => 0.5 * x,
    }
}
