//! What sensors of contacts, nearness and rays watch. Geoms, bodies and sites are names in a description, numbers in a model.

/// A geom, or geoms by the body they are fixed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watched<Geom, Body> {
    /// One geom.
    Geom(Geom),
    /// All geoms of a body.
    Body(Body),
    /// All geoms of a body and of everything below it.
    Subtree(Body),
}

/// What a sensor of two shapes' nearest points gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nearness {
    /// Distance [m]; the cutoff if it is farther.
    Distance,
    /// Unit vector from the first surface to the second; zero if it is farther.
    Normal,
    /// The nearest points (6) [m]; zeros if they are farther.
    Ends,
}

/// Which of several contacts a sensor gives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reduce {
    /// The first.
    #[default]
    First,
    /// The deepest.
    Deepest,
    /// Those with the largest force.
    Strongest,
    /// All as one, in the world's axes.
    Sum,
}

/// A sensor of contacts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContactWatch<Geom, Body, Site> {
    /// Who must touch, first and second; none means anyone.
    pub sides: [Option<Watched<Geom, Body>>; 2],
    /// Where the contact must be.
    pub site: Option<Site>,
    /// How many contacts it gives.
    pub count: u16,
    /// What it gives of each: bits in the order of [`CONTACT_FIELDS`].
    pub fields: u16,
    /// Which contacts it gives.
    pub reduce: Reduce,
}

/// What can be asked of a contact, with the count of its numbers.
pub const CONTACT_FIELDS: [(&str, usize); 9] = [
    ("found", 1),
    ("force", 3),
    ("torque", 3),
    ("dist", 1),
    ("pos", 3),
    ("normal", 3),
    ("tangent", 3),
    ("linvel", 3),
    ("angvel", 3),
];

/// What can be asked of a ray, with the count of its numbers.
pub const RAY_FIELDS: [(&str, usize); 6] = [("dist", 1), ("dir", 3), ("origin", 3), ("point", 3), ("normal", 3), ("depth", 1)];

/// How many numbers the chosen `fields` of `all` have together.
#[must_use]
pub fn width(all: &[(&str, usize)], fields: u16) -> usize {
    all.iter().enumerate().filter(|(i, _)| fields & 1 << i != 0).map(|(_, (_, n))| n).sum()
}
