//! Words on the command line.

use std::ffi::OsString;
use std::num::NonZero;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{ArgAction, Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use leitai_proving::verdict::Language;

use crate::context::{program, say};
use crate::failure::Failure;
use crate::help;

/// A proving ground for robots: whether this robot can do this job, settled by trials that anyone can run again
#[derive(Clone, Debug, Parser)]
#[command(name = "leitai", version, disable_help_flag = true, disable_version_flag = true, disable_help_subcommand = true)]
pub struct Arguments {
    /// Options of every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do; without it, an introduction.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Options of every command.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Options of every command")]
pub struct Global {
    /// Language of messages; the locale's by default
    #[arg(long, global = true, value_enum, value_name = "LANG", hide_possible_values = true)]
    pub lang: Option<Lang>,
    /// One JSON document on stdout, for programs
    #[arg(long, global = true)]
    pub json: bool,
    /// A catalog folder whose packages stand before the built-in ones
    #[arg(long, global = true, value_name = "DIR")]
    pub catalog: Option<PathBuf>,
    /// Print help
    #[arg(short, long, global = true, action = ArgAction::Help)]
    pub help: Option<bool>,
    /// Print the version
    #[arg(short = 'V', long, action = ArgAction::Version)]
    pub version: Option<bool>,
}

/// A language of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Lang {
    /// 中文
    Zh,
    /// English
    En,
}

/// What to do.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Settle the claim that a robot can do a job, and write the evidence
    Prove(Prove),
    /// Check a bundle: signature, digests, and its trials run again to the same bits
    Verify(Verify),
    /// Compare two bundles of one job, trial by trial on the same seeds
    Compare(Compare),
    /// Open a bundle's report, or a model, in the browser
    View(View),
    /// Check a robot's description before trusting it
    Robot(Robot),
    /// Run a test procedure on a robot's model
    Test(Test),
    /// Motion programs: check them, run them in the physics, write and read makers' languages
    Program(Program),
    /// Tune the servo loops of a robot's joints against the parts that turn them
    Tune(Tune),
    /// List the packages of the catalog
    List(List),
    /// Show a package: identity, figures with their sources, requirements, assumptions
    Show(Show),
    /// Answer for a model at given states, in the fields and conventions of MuJoCo, for comparison
    Oracle(Oracle),
    /// Run a hub: a catalog, and evidence that is executed again, in the browser
    Serve(Serve),
    /// Send a bundle to a hub
    Publish(Publish),
    /// Find products for a need, ranked by what has been proved about them
    Match(Match),
    /// Look after a hub's store
    Hub(Hub),
    /// Make a signing key, and say whose keys to trust
    Key(Key),
    /// Write completions for a shell to stdout
    Completions(Completions),
}

/// `leitai prove`
#[derive(Clone, Debug, Args)]
pub struct Prove {
    /// A robot's catalog id, or the folder of its package
    #[arg(value_name = "ROBOT", required_unless_present = "acceptance")]
    pub robot: Option<String>,
    /// A scenario's catalog id, or the folder of its package
    #[arg(value_name = "SCENARIO", required_unless_present = "acceptance")]
    pub scenario: Option<String>,
    /// Run what this file asks for, unchanged; ROBOT only if it names none
    #[arg(long, value_name = "FILE", conflicts_with = "write_acceptance")]
    pub acceptance: Option<PathBuf>,
    /// Write the claim as a file that others run with --acceptance, and run nothing
    #[arg(long, value_name = "FILE")]
    pub write_acceptance: Option<PathBuf>,
    /// How the robot does the job: id or folder; by default the first solution written for the scenario
    #[arg(long, value_name = "SOLUTION")]
    pub solution: Option<String>,
    /// Set a claim parameter, such as block_mass_kg=25; may be repeated
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = parameter)]
    pub parameters: Vec<(String, f64)>,
    /// Exactly N trials, or as many as the verdict needs
    #[arg(long, value_name = "N|auto", default_value = "auto", value_parser = trials)]
    pub trials: Trials,
    /// At most N trials, instead of the scenario's limit
    #[arg(long, value_name = "N")]
    pub limit: Option<u64>,
    /// Choose the seed by hand; marks the result exploratory
    #[arg(long, value_name = "S")]
    pub seed: Option<u64>,
    /// Time step of the physics [s], instead of the scenario's
    #[arg(long, value_name = "S")]
    pub dt: Option<f64>,
    /// Threads; all of the machine by default. The result does not depend on it
    #[arg(long, value_name = "J")]
    pub jobs: Option<NonZero<usize>>,
    /// Continue an interrupted run
    #[arg(long)]
    pub resume: bool,
    /// Folder for bundle and report; by default out/<claim>
    #[arg(short, long = "out", value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Sign with this key instead of your own
    #[arg(long, value_name = "FILE", conflicts_with = "unsigned")]
    pub key: Option<PathBuf>,
    /// Do not sign
    #[arg(long)]
    pub unsigned: bool,
    /// Leave out the control arms, which show that the scenario itself is sound
    #[arg(long)]
    pub no_controls: bool,
}

/// `leitai verify`
#[derive(Clone, Debug, Args)]
pub struct Verify {
    /// A bundle or its folder
    #[arg(value_name = "BUNDLE")]
    pub bundle: PathBuf,
    /// Run only N trials again, drawn by the verifier's seed; all by default
    #[arg(long, value_name = "N")]
    pub reexecute: Option<u64>,
    /// Add N trials from the verifier's own seed and see whether they agree
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub fresh: u64,
    /// The verifier's seed; drawn by chance if not given, and printed
    #[arg(long, value_name = "S")]
    pub seed: Option<u64>,
    /// Threads; all of the machine by default
    #[arg(long, value_name = "J")]
    pub jobs: Option<NonZero<usize>>,
}

/// `leitai serve`
#[derive(Clone, Debug, Args)]
pub struct Serve {
    /// Folder of the store; by default the user's data folder
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Address and port to listen at
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8420")]
    pub address: std::net::SocketAddr,
    /// Trials of each published bundle that are run again
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub sample: u64,
    /// Threads that run them; all of the machine by default
    #[arg(long, value_name = "J")]
    pub jobs: Option<NonZero<usize>>,
    /// Requests per second that one address may make in the long run, other than this machine's own; 0 for no limit
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub rate: u32,
    /// A proxy stands before it: it speaks TLS and tells in X-Forwarded-For who asks
    #[arg(long)]
    pub behind_proxy: bool,
    /// Where trials of proofs run: on threads of this machine, or as tasks of Slurm
    #[arg(long, value_enum, value_name = "threads|slurm", default_value = "threads", hide_possible_values = true)]
    pub executor: Executor,
    /// How Slurm is used.
    #[command(flatten)]
    pub slurm: Slurm,
    /// Do not open the browser
    #[arg(long)]
    pub no_open: bool,
}

/// Where trials of proofs run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Executor {
    /// On threads of this machine.
    Threads,
    /// As tasks of Slurm.
    Slurm,
}

/// How Slurm is used.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "With --executor slurm")]
pub struct Slurm {
    /// A folder that every node sees under this path; by default `units` in the store
    #[arg(long, value_name = "DIR")]
    pub slurm_folder: Option<PathBuf>,
    /// The partition; Slurm's own choice by default
    #[arg(long, value_name = "NAME")]
    pub slurm_partition: Option<String>,
    /// Tasks of a job array
    #[arg(long, value_name = "N", default_value = "32")]
    pub slurm_tasks: NonZero<u64>,
    /// Trials of a task
    #[arg(long, value_name = "N", default_value = "4")]
    pub slurm_trials: NonZero<u64>,
}

/// `leitai publish`
#[derive(Clone, Debug, Args)]
pub struct Publish {
    /// A bundle or its folder
    #[arg(value_name = "BUNDLE")]
    pub bundle: PathBuf,
    /// The hub's address
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8420", env = "LEITAI_HUB")]
    pub hub: String,
    /// The token of someone who may publish there; on the hub's own machine it is found by itself
    #[arg(long, value_name = "TOKEN", env = "LEITAI_HUB_TOKEN", hide_env_values = true)]
    pub token: Option<String>,
    /// Return at once, without waiting until the hub has run its sample again
    #[arg(long)]
    pub no_wait: bool,
}

/// `leitai match`
#[derive(Clone, Debug, Args)]
pub struct Match {
    /// What is needed: a job, its parameters, limits (docs/hub.md shows one)
    #[arg(value_name = "NEED.toml")]
    pub need: PathBuf,
    /// Ask this hub; without it, the catalog and the store on this machine
    #[arg(long, value_name = "URL")]
    pub hub: Option<String>,
    /// Folder of the store on this machine; by default the user's data folder
    #[arg(long, value_name = "DIR", conflicts_with = "hub")]
    pub data: Option<PathBuf>,
    /// Show N products
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=200))]
    pub show: u64,
    /// Write the agreement on one product as a file that `leitai prove --acceptance` runs
    #[arg(long, value_name = "FILE", requires = "robot")]
    pub acceptance: Option<PathBuf>,
    /// The product to agree on
    #[arg(long, value_name = "ID", requires = "acceptance")]
    pub robot: Option<String>,
}

/// `leitai hub`
#[derive(Clone, Debug, Args)]
pub struct Hub {
    /// What to do.
    #[command(subcommand)]
    pub action: HubAction,
}

/// What to do with a hub's store.
#[derive(Clone, Debug, Subcommand)]
pub enum HubAction {
    /// Run one part of a proof and leave its result in the folder, as a task of Slurm does
    Work {
        /// The folder of the proof's parts, which the hub made
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// Which part
        #[arg(long, value_name = "N")]
        index: u64,
    },
    /// See that every figure follows from the records: ledger, bundles, counts
    Check {
        /// Folder of the store; by default the user's data folder
        #[arg(long, value_name = "DIR")]
        data: Option<PathBuf>,
        /// Ledger, evidence and counts only, without reading every bundle
        #[arg(long)]
        records: bool,
    },
    /// Write the whole store into one file, also while the hub runs. It holds the hub's secrets: its key and the operator's token
    Backup {
        /// The file to write; it must not be there yet
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Folder of the store; by default the user's data folder
        #[arg(long, value_name = "DIR")]
        data: Option<PathBuf>,
    },
    /// Make a store from a backup, and check it
    Restore {
        /// The backup
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Folder for the store, empty or not there yet; by default the user's data folder
        #[arg(long, value_name = "DIR")]
        data: Option<PathBuf>,
    },
    /// Send a CSV file of reported figures to a hub, with its source
    Import(Import),
}

/// `leitai hub import`
#[derive(Clone, Debug, Args)]
pub struct Import {
    /// The file: UTF-8, with the columns indicator, period, district, value, unit, note
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Who published the figures
    #[arg(long, value_name = "WHO")]
    pub publisher: String,
    /// In what
    #[arg(long, value_name = "WHAT")]
    pub title: String,
    /// When, as in 2026-01-31
    #[arg(long, value_name = "DATE")]
    pub date: String,
    /// Where they can be read
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// The hub's address
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8420", env = "LEITAI_HUB")]
    pub hub: String,
    /// The token of someone who may import there; on the hub's own machine it is found by itself
    #[arg(long, value_name = "TOKEN", env = "LEITAI_HUB_TOKEN", hide_env_values = true)]
    pub token: Option<String>,
}

/// `leitai compare`
#[derive(Clone, Debug, Args)]
pub struct Compare {
    /// The first bundle or its folder
    #[arg(value_name = "A")]
    pub a: PathBuf,
    /// The second; its robot and solution are run on the first one's seeds if its own differ
    #[arg(value_name = "B")]
    pub b: PathBuf,
    /// Threads; all of the machine by default
    #[arg(long, value_name = "J")]
    pub jobs: Option<NonZero<usize>>,
}

/// `leitai robot`
#[derive(Clone, Debug, Args)]
#[command(disable_help_subcommand = true)]
pub struct Robot {
    /// What to do.
    #[command(subcommand)]
    pub action: RobotAction,
}

/// What to do with a robot's description.
#[derive(Clone, Debug, Subcommand)]
pub enum RobotAction {
    /// Say everything that is doubtful: masses, inertias, limits, postures, collisions, what is not read
    Check {
        /// A catalog id, the folder of a package, or an MJCF or URDF file
        #[arg(value_name = "ID|PATH")]
        target: String,
        /// What a URDF leaves open.
        #[command(flatten)]
        urdf: Urdf,
    },
}

/// `leitai test`
#[derive(Clone, Debug, Args)]
#[command(disable_help_subcommand = true)]
pub struct Test {
    /// Which procedure.
    #[command(subcommand)]
    pub action: TestAction,
}

/// Test procedures.
#[derive(Clone, Debug, Subcommand)]
pub enum TestAction {
    /// Hold what the maker states (mass, reach, payload) against the model; exit code 3 if anything differs
    Datasheet {
        /// A robot's catalog id, the folder of its package, or an MJCF or URDF file
        #[arg(value_name = "ROBOT")]
        robot: String,
        /// The body at the arm's end, for a file; by default the end of its longest chain of joints
        #[arg(long, value_name = "BODY")]
        tip: Option<String>,
        /// What the maker states, for a file, such as mass_kg=18, reach_m=0.855 or payload_kg=3; may be repeated
        #[arg(long, value_name = "NAME=VALUE", value_parser = parameter)]
        state: Vec<(String, f64)>,
        /// What a URDF leaves open.
        #[command(flatten)]
        urdf: Urdf,
    },
    /// Run the procedure of ISO 9283 (GB/T 12642) in simulation: poses, distances, settling, paths, speed, compliance
    Iso9283(Iso9283),
    /// Measure contact forces of the moving arm, free and clamped, in the manner of ISO/TS 15066, in simulation; limits unverified
    Contact(Contact),
}

/// `leitai test contact`
#[derive(Clone, Debug, Args)]
pub struct Contact {
    /// A robot's catalog id, or the folder of its package
    #[arg(value_name = "ROBOT")]
    pub robot: String,
    /// Regions of the body, such as `chest,hand-fingers`; all by default
    #[arg(long, value_name = "REGION", value_delimiter = ',')]
    pub region: Vec<String>,
    /// Mass of the load in kg, or `rated`: what the package states
    #[arg(long, value_name = "KG", default_value = "rated", value_parser = load)]
    pub load_kg: Load,
    /// Also show the forces at this speed of the tool, in m/s
    #[arg(long, value_name = "SPEED", default_value_t = 0.25)]
    pub at: f64,
    /// Number from which all draws follow
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    pub seed: u64,
    /// Write the report (report.html, report.json, report.txt) into this folder
    #[arg(short = 'o', long = "out", value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// `leitai test iso9283`
#[derive(Clone, Debug, Args)]
pub struct Iso9283 {
    /// A robot's catalog id, or the folder of its package
    #[arg(value_name = "ROBOT")]
    pub robot: String,
    /// Mass of the load in kg, or `rated`: what the package states
    #[arg(long, value_name = "KG", default_value = "rated", value_parser = load)]
    pub load_kg: Load,
    /// Speeds of poses and paths, in percent of the rated ones
    #[arg(long, value_name = "PERCENT", value_delimiter = ',', default_values_t = [100.0, 50.0, 10.0])]
    pub speed: Vec<f64>,
    /// Cycles of the pose tests; the standard's number by default, which is 30
    #[arg(long, value_name = "N")]
    pub cycles: Option<usize>,
    /// Model no error source: a void test, which shows what the servo alone does
    #[arg(long)]
    pub ideal: bool,
    /// Number from which all draws follow
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    pub seed: u64,
    /// Write the report (report.html, report.json, report.txt) into this folder
    #[arg(short = 'o', long = "out", value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// The mass of a load.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Load {
    /// What the package states.
    Rated,
    /// This many kilograms.
    Kg(f64),
}

impl Load {
    /// The mass that was given [kg]; none asks for what the package states.
    pub fn kg(self) -> Option<f64> {
        match self {
            Self::Rated => None,
            Self::Kg(kg) => Some(kg),
        }
    }
}

fn load(word: &str) -> Result<Load, String> {
    if word == "rated" {
        return Ok(Load::Rated);
    }
    let kg = word.parse::<f64>().ok().filter(|kg| (0.0..=1e4).contains(kg));
    kg.map(Load::Kg).ok_or_else(|| "give a mass in kg from 0 to 10000, or `rated`".to_string())
}

/// `leitai program`
#[derive(Clone, Debug, Args)]
#[command(disable_help_subcommand = true)]
pub struct Program {
    /// What to do.
    #[command(subcommand)]
    pub action: ProgramAction,
}

/// What to do with a motion program.
#[derive(Clone, Debug, Subcommand)]
pub enum ProgramAction {
    /// Prove before it runs: reach, limits, singular postures, collisions, cycle time; exit code 2 if anything forbids it
    Check {
        /// A motion program (docs/offline-programming.md), or a text in URScript (.script) or RAPID (.mod)
        #[arg(value_name = "PROGRAM")]
        file: PathBuf,
        /// The robot, instead of the one that the program names: catalog id, or the folder of its package
        #[arg(long, value_name = "ROBOT")]
        robot: Option<String>,
    },
    /// Run it in the physics, and say how closely the arm follows
    Run {
        /// A motion program, or a text in URScript (.script) or RAPID (.mod)
        #[arg(value_name = "PROGRAM")]
        file: PathBuf,
        /// The robot, instead of the one that the program names
        #[arg(long, value_name = "ROBOT")]
        robot: Option<String>,
    },
    /// Write it in a maker's language; the text is not run on a maker's controller
    Export {
        /// A motion program
        #[arg(value_name = "PROGRAM")]
        file: PathBuf,
        /// urscript or rapid
        #[arg(long, value_enum, value_name = "LANGUAGE", hide_possible_values = true)]
        language: ProgramLanguage,
        /// The robot, instead of the one that the program names
        #[arg(long, value_name = "ROBOT")]
        robot: Option<String>,
        /// Write it here instead of to stdout
        #[arg(short, long = "out", value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Read a text in the subset of a maker's language as a motion program
    Import {
        /// The text
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// urscript or rapid; by the end of the name (.script, .mod) if not given
        #[arg(long, value_enum, value_name = "LANGUAGE", hide_possible_values = true)]
        language: Option<ProgramLanguage>,
        /// Write it here instead of to stdout
        #[arg(short, long = "out", value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

/// A maker's language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ProgramLanguage {
    /// Universal Robots.
    Urscript,
    /// ABB.
    Rapid,
}

impl ProgramLanguage {
    /// As on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Urscript => "urscript",
            Self::Rapid => "rapid",
        }
    }
}

/// `leitai tune`
#[derive(Clone, Debug, Args)]
pub struct Tune {
    /// A robot's catalog id, or the folder of its package
    #[arg(value_name = "ROBOT")]
    pub robot: String,
    /// Take assumed generic parts where the robot names none; the result says so
    #[arg(long)]
    pub assume_parts: bool,
    /// Write the page of plots here [default: ROBOT-tune.html]
    #[arg(short, long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// What a URDF leaves to its reader.
#[derive(Clone, Debug, Default, Args)]
pub struct Urdf {
    /// A folder in which a URDF's package://NAME/… is sought; may be repeated
    #[arg(long, value_name = "DIR")]
    pub packages: Vec<PathBuf>,
    /// A URDF's root link floats instead of being fixed to the world
    #[arg(long)]
    pub floating: bool,
}

/// `leitai view`
#[derive(Clone, Debug, Args)]
pub struct View {
    /// A bundle, the folder of a run, a catalog id, the folder of a package, or an MJCF or URDF file
    #[arg(value_name = "BUNDLE|ID|PATH")]
    pub target: String,
    /// What a URDF leaves open.
    #[command(flatten)]
    pub urdf: Urdf,
    /// Write the page here and open nothing
    #[arg(short, long = "out", value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Write the page and print its path, but open nothing
    #[arg(long)]
    pub no_open: bool,
}

/// `leitai oracle`
#[derive(Clone, Debug, Args)]
pub struct Oracle {
    /// An MJCF or URDF file; a URDF is taken as MuJoCo's importer takes it, without what is only drawn
    #[arg(value_name = "MODEL")]
    pub model: PathBuf,
    /// States: {"states":[{"qpos":[],"qvel":[],"ctrl":[],"act":[]}]}, or a whole file of answers (oracle/README.md)
    #[arg(value_name = "STATES.json")]
    pub states: PathBuf,
    /// What a URDF leaves open.
    #[command(flatten)]
    pub urdf: Urdf,
    /// Write the answers here instead of to stdout
    #[arg(short, long = "out", value_name = "OUT.json")]
    pub out: Option<PathBuf>,
}

/// Threads to use: as many as asked for, else all of the machine.
pub fn threads(jobs: Option<NonZero<usize>>) -> usize {
    jobs.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZero::get)
}

/// How many trials are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trials {
    /// As many as the verdict needs.
    Auto,
    /// Exactly so many.
    Exactly(u64),
}

fn trials(word: &str) -> Result<Trials, String> {
    match word {
        "auto" => Ok(Trials::Auto),
        number => number.parse().map(Trials::Exactly).map_err(|_| "write a whole number or auto".to_string()),
    }
}

fn parameter(word: &str) -> Result<(String, f64), String> {
    let wrong = || "write a name, `=` and a number, such as block_mass_kg=25".to_string();
    let (name, value) = word.split_once('=').ok_or_else(wrong)?;
    let value: f64 = value.trim().parse().map_err(|_| wrong())?;
    if name.trim().is_empty() || !value.is_finite() { Err(wrong()) } else { Ok((name.trim().to_string(), value)) }
}

/// `leitai list`
#[derive(Clone, Debug, Args)]
pub struct List {
    /// Only these: robots, parts, scenarios or solutions
    #[arg(value_enum, hide_possible_values = true)]
    pub kind: Option<Kind>,
}

/// `leitai show`
#[derive(Clone, Debug, Args)]
pub struct Show {
    /// A catalog id such as ur20, or the folder of a package
    #[arg(value_name = "ID|PATH")]
    pub package: String,
}

/// `leitai key`
#[derive(Clone, Debug, Args)]
#[command(disable_help_subcommand = true)]
pub struct Key {
    /// What to do with keys.
    #[command(subcommand)]
    pub action: KeyAction,
}

/// What to do with keys.
#[derive(Clone, Debug, Subcommand)]
pub enum KeyAction {
    /// Make an Ed25519 key that signs bundles; an existing file is never overwritten
    New {
        /// Where to put the secret key (mode 0600); the public key stands beside it, ending in .pub
        file: Option<PathBuf>,
    },
    /// Show a key's id and its public half
    Show {
        /// A secret or public key file; your own key by default
        file: Option<PathBuf>,
    },
    /// Trust somebody's public key when verifying
    Trust {
        /// Their public key file
        file: PathBuf,
        /// The name to show; the file's name by default
        #[arg(long)]
        name: Option<String>,
    },
    /// List your own key and those you trust
    List,
}

/// `leitai completions`
#[derive(Clone, Debug, Args)]
pub struct Completions {
    /// bash, zsh, fish, elvish or powershell
    #[arg(value_enum, hide_possible_values = true)]
    pub shell: clap_complete::Shell,
}

/// A kind of package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Kind {
    /// Machines.
    #[value(name = "robots", alias = "robot")]
    Robot,
    /// Tools that robots carry.
    #[value(name = "parts", alias = "part")]
    Part,
    /// Jobs.
    #[value(name = "scenarios", alias = "scenario")]
    Scenario,
    /// Ways to do a job.
    #[value(name = "solutions", alias = "solution")]
    Solution,
}

/// The command with its help in this language.
pub fn command(language: Language) -> clap::Command {
    help::in_language(Arguments::command(), language)
}

/// Understands the command line. Help and the version are printed here, and end the program.
pub fn parse(words: &[OsString], language: Language) -> Result<Arguments, Failure> {
    let command = command(language);
    let wrong = |error: &clap::Error| wrong(error, &called(&command, words), language);
    let matches = command.clone().try_get_matches_from(words).map_err(|error| {
        if !error.use_stderr() {
            error.exit();
        }
        wrong(&error)
    })?;
    Arguments::from_arg_matches(&matches).map_err(|error| wrong(&error))
}

/// The commands among the words: `prove`, or `key new`.
fn called(command: &clap::Command, words: &[OsString]) -> String {
    let mut path = Vec::new();
    let mut here = command;
    for word in words.iter().skip(1).map(|word| word.to_string_lossy()) {
        if let Some(inner) = here.get_subcommands().find(|inner| inner.get_name() == word) {
            path.push(word.into_owned());
            here = inner;
        }
    }
    path.join(" ")
}

/// The parser's message without its own lead-in and last line: ours stand there.
fn wrong(error: &clap::Error, called: &str, language: Language) -> Failure {
    let help = say(language, "--help --lang zh", "--help");
    let next = if called.is_empty() { format!("{} {help}", program()) } else { format!("{} {called} {help}", program()) };
    let text = error.render().to_string();
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        let what = match language {
            Language::Zh => format!("`{called}` 之后缺少命令\n\n{text}"),
            Language::En => format!("a command is missing after `{called}`\n\n{text}"),
        };
        return Failure::usage(what, next);
    }
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    let text = text.split("\n\nFor more information").next().unwrap_or(text).trim_end();
    let what = match language {
        Language::Zh => format!("命令行有误（程序原文如下）\n  {text}"),
        Language::En => text.to_string(),
    };
    Failure::usage(what, next)
}
