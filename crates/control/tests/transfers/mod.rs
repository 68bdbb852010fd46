//! Random transfers of joints and the judgment of motions; the bench reads these files too.

pub mod check;
pub mod draw;
