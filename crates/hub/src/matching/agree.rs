//! A match as an acceptance file: a chosen product, on the packages of now, with the terms of its offer.

use leitai_package::manifest::{self, AcceptanceManifest};
use leitai_proving::engine::{Acceptance, AcceptanceError, Case, CaseError, Request};
use rusqlite::Connection;

use super::{Ground, about};
use crate::records::{MatchLine, Offer, Scenario, Wanted};
use crate::store::offers;

/// Why there is no file.
#[derive(Debug, thiserror::Error)]
pub enum AgreeError {
    /// The store would not.
    #[error(transparent)]
    Store(#[from] crate::StoreError),
    /// Packages of now make no claim of it.
    #[error(transparent)]
    Case(#[from] CaseError),
    /// The claim cannot be carried by a file.
    #[error(transparent)]
    Acceptance(#[from] AcceptanceError),
    /// There is no such product.
    #[error("there is no product `{0}`; the match lists those there are")]
    NoProduct(String),
    /// There is no such offer of the product.
    #[error("there is no offer `{0}` of this product; leave it out, or name one that the match shows")]
    NoOffer(String),
}

/// The acceptance file for a product that is chosen for a complete need. The solution is the one that was proved or tried for it, if
/// one was; `of` says who made the file and from what need.
pub fn acceptance(
    on: Ground,
    (wanted, job): (&Wanted, &Scenario),
    robot: &str,
    offer: Option<&str>,
    of: manifest::Acceptance,
) -> Result<AcceptanceManifest, AgreeError> {
    let line = about(on, wanted, job, robot)?.ok_or_else(|| AgreeError::NoProduct(robot.to_string()))?;
    let offer = named(on.db, &line, robot, offer)?;
    let request = Request {
        robot: robot.to_string(),
        scenario: wanted.scenario.clone(),
        solution: line.evidence.as_ref().map(|evidence| evidence.solution.clone()),
        parameters: wanted.parameters.clone(),
        ..Request::default()
    };
    let case = Case::open(on.now.catalog(), &request)?;
    let mut manifest = Acceptance::of(&case.claim, &case.packages.scenario)?;
    manifest.acceptance = manifest::Acceptance { engine: manifest.acceptance.engine.take(), ..of };
    manifest.terms = offer.map(|offer| offer.terms());
    Ok(manifest)
}

fn named(db: &Connection, line: &MatchLine, robot: &str, offer: Option<&str>) -> Result<Option<Offer>, AgreeError> {
    let Some(id) = offer else { return Ok(line.offer.clone()) };
    let found = offers::find(db, id)?.filter(|offer| offer.stated.product == robot);
    found.map(Some).ok_or_else(|| AgreeError::NoOffer(id.to_string()))
}
