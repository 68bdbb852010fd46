//! A grid of like pieces on a site: the pattern of a pallet layer.

use alloc::vec::Vec;

/// Where one piece of a grid stands, in the frame of the grid's site.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// Center of the piece, m.
    pub position_m: [f64; 3],
    /// Turn about the site's z, rad.
    pub yaw_rad: f64,
}

/// Rows and columns of like pieces, centered on a site, in one or more layers.
///
/// Before turning, columns run along x and rows along y, and a piece's own x lies along x.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grid<'a> {
    /// The site.
    pub at: &'a str,
    /// Pieces along x.
    pub columns: u32,
    /// Pieces along y.
    pub rows: u32,
    /// Distance of centers along x and along y, m.
    pub pitch_m: [f64; 2],
    /// Number of the lowest layer; layer 0 lies on the site.
    pub first_layer: u32,
    /// How many layers.
    pub layers: u32,
    /// Distance of layers, m; the height of a piece where they lie on each other.
    pub layer_pitch_m: Option<f64>,
    /// Whether odd layers are turned by a quarter turn.
    pub interlock: bool,
}

impl Grid<'_> {
    /// How many pieces.
    pub fn count(&self) -> u64 {
        u64::from(self.columns) * u64::from(self.rows) * u64::from(self.layers)
    }

    /// Every place, layer by layer from below, in each layer row by row; `height_m` is the height of one piece.
    pub fn places(&self, height_m: f64) -> Vec<Place> {
        let mut places = Vec::new();
        for layer in self.first_layer..self.first_layer + self.layers {
            let turned = self.interlock && layer % 2 == 1;
            for row in 0..self.rows {
                for column in 0..self.columns {
                    let x = (f64::from(column) - f64::from(self.columns - 1) / 2.0) * self.pitch_m[0];
                    let y = (f64::from(row) - f64::from(self.rows - 1) / 2.0) * self.pitch_m[1];
                    let z = self
                        .layer_pitch_m
                        .map_or((f64::from(layer) + 0.5) * height_m, |pitch| f64::from(layer) * pitch + 0.5 * height_m);
                    places.push(if turned {
                        Place { position_m: [-y, x, z], yaw_rad: core::f64::consts::FRAC_PI_2 }
                    } else {
                        Place { position_m: [x, y, z], yaw_rad: 0.0 }
                    });
                }
            }
        }
        places
    }
}
