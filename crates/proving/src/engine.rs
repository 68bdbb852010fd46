//! The one engine: from packages to a claim, its bounds, its trials and its evidence.
//!
//! A [`Case`] is a claim with the packages it is about, read and put together once; all trials share it. [`Leitai`] answers the
//! questions of [`crate::verify`] through the same case, so what is proved and what is verified cannot drift apart.
//!
//! ```text
//! Request ─ Case::open ─▶ Case ─ prove ─▶ Proof ─ Proof::seal ─▶ one file
//!                          ├ plan, rejection, warnings: before any trial
//!                          └ runner: trials on any thread
//! ```

/// Acceptance files and claims.
pub mod acceptance;
/// Running the control arms.
pub mod controls;
/// A trial's motion as an MCAP file.
pub mod log;
/// From a claim to sealed evidence.
pub mod prove;
/// Why a claim was refuted.
mod reason;
/// What someone asks for, and the claim it makes.
pub mod request;

mod capability;
mod parallel;
mod record;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use leitai_math::Seed;

use crate::arms::ArmResult;
use crate::bundle::{Evidence, Members};
use crate::claim::{Claim, ClaimError, Requirement};
use crate::outcome::Outcome;
use crate::packages::{Files, Packages, PackagesError};
use crate::plan::{Plan, plan};
use crate::reason::Reason;
use crate::report::Text;
use crate::schedule::{TrialError, TrialRunner};
use crate::trial::cell::{Cell, CellError};
use crate::trial::{self, Arm, Watch};
use crate::verdict::Rejection;
use crate::verify::Engine;

pub use acceptance::{Acceptance, AcceptanceError};
pub use prove::{Options, Proof, ProveError, Stage, prove};
pub use record::{Recorded, log_name};
pub use request::{Request, RequestError, predicate};

/// Version of the physics' meaning. It rises whenever the same packages and seed give other bits.
pub const PHYSICS: u32 = 3;

/// Name and version of this engine, as claims carry it.
#[must_use]
pub fn version() -> String {
    format!("leitai {} physics {PHYSICS}", env!("CARGO_PKG_VERSION"))
}

/// Why a case cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// A package is missing or faulty.
    #[error(transparent)]
    Packages(#[from] PackagesError),
    /// The request does not fit the scenario.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The acceptance file is wrong or asks for something else than what is here.
    #[error(transparent)]
    Acceptance(#[from] AcceptanceError),
    /// No run could settle it.
    #[error(transparent)]
    Claim(#[from] ClaimError),
    /// Robot, tool and scenario do not go together.
    #[error(transparent)]
    Cell(#[from] CellError),
}

/// A claim with everything it is about.
#[derive(Clone, Debug)]
pub struct Case {
    /// What is claimed.
    pub claim: Claim,
    /// What it is about.
    pub packages: Arc<Packages>,
    /// The bound that rules it out before any trial, if one does.
    pub rejection: Option<Rejection>,
    /// The acceptance file that made the claim, if one did.
    pub acceptance: Option<Arc<Acceptance>>,
    /// What a reader should know before the verdict, such as "outside the maker's rating". Nothing here decides.
    pub warnings: Vec<Text>,
    /// Robot, tool and scenario put together; none if the robot lacks what the job needs.
    cell: Option<Arc<Cell>>,
}

impl Case {
    /// Reads a request's packages from `catalog` (file contents by their path in it) and makes its claim.
    ///
    /// # Errors
    /// If a package is missing or faulty, a parameter does not fit, or no run could settle the claim.
    pub fn open(catalog: &Files, request: &Request) -> Result<Self, CaseError> {
        let packages = Packages::read(catalog, &request.robot, &request.scenario, request.solution.as_deref())?;
        let claim = request.claim(&packages)?;
        Self::of(packages, claim)
    }

    /// The case of a claim that these packages make.
    ///
    /// # Errors
    /// If no run could settle the claim, or robot, tool and scenario do not go together.
    pub fn of(packages: Packages, claim: Claim) -> Result<Self, CaseError> {
        claim.check()?;
        let packages = Arc::new(packages);
        if let Some(rejection) = capability::missing(&packages) {
            let rejection = Some(rejection);
            return Ok(Self { claim, packages, rejection, acceptance: None, warnings: Vec::new(), cell: None });
        }
        let cell = Arc::new(Cell::new(&packages, &claim.parameters, claim.dt_s)?);
        // A fault in a name shows here rather than in the first trial.
        cell.build(&cell.nominal_draws())?;
        let rejection = capability::bound(&cell);
        let warnings = capability::warnings(&cell);
        Ok(Self { claim, packages, rejection, acceptance: None, warnings, cell: Some(cell) })
    }

    /// Planned trials and the operating curve of each requirement, before the run.
    #[must_use]
    pub fn plan(&self) -> Plan {
        plan(&self.claim)
    }

    /// Robot, tool and scenario put together; none if the robot lacks what the job needs.
    #[must_use]
    pub fn cell(&self) -> Option<&Cell> {
        self.cell.as_deref()
    }

    /// Runs this claim's trials with seeds under `root`; none if there is nothing to run.
    #[must_use]
    pub fn runner(&self, root: Seed, arm: Arm) -> Option<Runner> {
        let cell = Arc::clone(self.cell.as_ref()?);
        Some(Runner { cell, requirements: self.claim.requirements.clone(), root, arm })
    }
}

/// Runs trials of one case; any number of threads may share it.
#[derive(Clone, Debug)]
pub struct Runner {
    cell: Arc<Cell>,
    requirements: Vec<Requirement>,
    root: Seed,
    arm: Arm,
}

impl Runner {
    /// Runs trial `index` while `watch` looks on; the outcome does not depend on who looks.
    ///
    /// # Errors
    /// If the cell cannot be put together.
    pub fn watched(&self, index: u64, watch: &mut dyn Watch) -> Result<Outcome, TrialError> {
        let seed = self.root.trial(index);
        let ran = trial::run(&self.cell, &self.requirements, index, seed, self.arm, watch);
        ran.map_err(|error| TrialError { index, why: error.to_string() })
    }
}

impl TrialRunner for Runner {
    fn run(&self, index: u64) -> Result<Outcome, TrialError> {
        self.watched(index, &mut ())
    }
}

/// The engine that [`crate::verify::verify`] and [`crate::compare::compare_rerun`] ask.
#[derive(Clone, Copy, Debug, Default)]
pub struct Leitai;

impl Leitai {
    /// Reads the packages of a bundle; a file that belongs to none of them is refused.
    fn packages(members: &Members, stated: &Claim) -> Result<Packages, String> {
        let ids = [&stated.robot.id, &stated.scenario.id, &stated.solution.id];
        let packages = Packages::read(members, ids[0], ids[1], Some(ids[2])).map_err(|e| e.to_string())?;
        match members.keys().find(|path| !packages.files.contains_key(*path)) {
            Some(path) => Err(format!("`packages/{path}` belongs to none of them")),
            None => Ok(packages),
        }
    }

    fn case(members: &Members, claim: &Claim) -> Result<Case, String> {
        Case::of(Self::packages(members, claim)?, claim.clone()).map_err(|e| e.to_string())
    }
}

impl Engine for Leitai {
    fn version(&self) -> String {
        version()
    }

    fn claim(&self, packages: &Members, acceptance: Option<&str>, stated: &Claim) -> Result<Claim, String> {
        let packages = Self::packages(packages, stated)?;
        if let Some(text) = acceptance {
            let acceptance = Acceptance::read("acceptance.toml", text).map_err(|e| e.to_string())?;
            return acceptance.claim(&packages).map_err(|e| e.to_string());
        }
        request::claim_of(&packages, &stated.parameters, stated.trials, stated.seed, stated.dt_s).map_err(|e| e.to_string())
    }

    fn rejection(&self, packages: &Members, claim: &Claim) -> Result<Option<Rejection>, String> {
        Ok(Self::case(packages, claim)?.rejection)
    }

    fn runner(&self, packages: &Members, claim: &Claim, root: Seed) -> Result<Box<dyn TrialRunner>, String> {
        let runner = Self::case(packages, claim)?.runner(root, Arm::Solution);
        Ok(Box::new(runner.ok_or("the robot lacks what the job needs, so there is nothing to run")?))
    }

    fn arms(
        &self,
        evidence: &Evidence,
        jobs: usize,
        stop: &AtomicBool,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Vec<ArmResult>, String> {
        let case = Self::case(&evidence.packages, &evidence.claim)?;
        controls::controls(&case, evidence.verdict.decision, jobs, stop, progress).map_err(|e| e.to_string())
    }

    fn reasons(
        &self,
        evidence: &Evidence,
        jobs: usize,
        stop: &AtomicBool,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Vec<Reason>, String> {
        let case = Self::case(&evidence.packages, &evidence.claim)?;
        reason::reasons(&case, &evidence.outcomes, jobs, stop, progress).map_err(|e| e.to_string())
    }

    fn logs(&self, evidence: &Evidence) -> Result<Members, String> {
        let names: Vec<&String> = evidence.logs.keys().collect();
        let case = Self::case(&evidence.packages, &evidence.claim)?;
        record::logs_again(&case, &names, evidence.outcomes.len() as u64).map_err(|e| e.to_string())
    }
}
