//! The public service: a catalog, evidence that is executed again, and the records behind every figure.
//!
//! [`Hub::open`] opens a store and takes over a catalog's packages; [`serve`] answers requests until it is told to stop, and
//! meanwhile a worker runs samples of published evidence again and proves what it was asked for. What pages show is what the API says ([`records`]).

mod api;
mod backup;
mod challenge;
mod check;
mod closing;
mod connections;
mod indicators;
mod matching;
mod prove;
pub mod records;
mod search;
mod serve;
mod sheet;
mod site;
mod slurm;
mod store;
mod units;
mod upload;
mod wire;
mod worker;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use leitai_proving::key::{KeyError, SecretKey, TrustStore};
use leitai_proving::packages::Files;
use leitai_proving::report::Language;
use leitai_proving::whole::{self, Readers};
use rusqlite::Connection;
use tokio::sync::{Notify, Semaphore, SemaphorePermit};

use api::Problem;
use api::limit::Limiter;
pub use backup::{BackedUp, BackupError, backup, restore};
pub use check::{Checked, Part, check};
pub use matching::{AgreeError, Here, LocalError, Unanswerable};
pub use serve::{ServeError, router, serve};
pub use slurm::Slurm;
use store::accounts;
use store::catalog::TakeError;
use store::evidence::Current;
use store::figures::{Figures, Following};
use store::secrets::{self, Kind};
pub use store::{Store, StoreError};
pub use units::{UnitError, work};

/// Makes the page of a package's model, in the language in which it opens.
pub type Models = Arc<dyn Fn(&str, Language) -> Option<String> + Send + Sync>;

/// How a hub runs.
#[derive(Clone)]
pub struct Options {
    /// Folder of the store.
    pub folder: PathBuf,
    /// Trials of each piece of evidence that are run again.
    pub sample: u64,
    /// Threads that run them.
    pub jobs: usize,
    /// The page of a package's model, by its id: HTML that needs nothing else.
    pub models: Models,
    /// Whether a proxy stands before it, who speaks TLS and tells in `x-forwarded-for` who asks.
    pub proxied: bool,
    /// Requests per second that one address may make in the long run; `None` for no limit.
    pub rate: Option<f64>,
    /// The cluster that runs the trials of proofs; threads of this machine do without one.
    pub slurm: Option<Slurm>,
}

/// Why a hub does not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The store would not.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The catalog could not be taken over.
    #[error(transparent)]
    Catalog(#[from] TakeError),
    /// The hub's own key can be neither read nor made.
    #[error("{0}; move it away to let the hub make another, which nobody trusts yet")]
    Key(#[from] KeyError),
    /// A file beside the store could not be written.
    #[error("{}: {source}", file.display())]
    File {
        /// Which.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// A hub, open. Clones are the same hub.
#[derive(Clone)]
pub struct Hub(Arc<Inside>);

struct Inside {
    store: Store,
    current: Arc<Current>,
    /// Signs what this hub proves.
    key: SecretKey,
    /// What the monitor counts.
    following: Mutex<Following>,
    /// Whose signatures are known, its own among them.
    trust: TrustStore,
    options: Options,
    /// The secret of the one-time link, until it is used.
    link: Mutex<Option<String>>,
    uploads: Semaphore,
    hashes: Semaphore,
    /// Reading of records: more at once than there are processors would only be in each other's way.
    reads: Semaphore,
    /// Claims that are being put together.
    cases: Semaphore,
    work: Notify,
    /// How far the hub's clock is ahead of the machine's [ms].
    ahead_ms: AtomicU64,
    /// Tries to sign in, by account.
    tries: Limiter,
    /// Requests, by address.
    requests: Option<Limiter>,
}

impl Hub {
    /// Opens the store and takes over the packages of `catalog`.
    ///
    /// # Errors
    /// If the store cannot be opened, or a package of the catalog cannot be read.
    pub fn open(options: Options, catalog: impl Into<Arc<Files>>, trust: TrustStore) -> Result<Self, OpenError> {
        let catalog = catalog.into();
        let store = Store::open(&options.folder)?;
        store::bundles::clear(&options.folder)?;
        let why = format!("catalog of {}", leitai_proving::engine::version());
        // A package that cannot be read leaves the store as it was.
        let taken = store.write(|db| match store::catalog::take_over(db, &catalog, "catalog", &why) {
            Err(TakeError::Store(error)) => Err(error),
            taken => Ok(taken),
        })?;
        taken?;
        store.write(|db| store::evidence::requeue(db).and_then(|()| store::proofs::requeue(db)))?;
        let key = own_key(&options.folder)?;
        let trust = trust.with("this hub", &key.public());
        // A second's worth a hundredfold: pages ask in bursts.
        let requests = options.rate.map(|rate| Limiter::new(100.0 * rate, rate));
        let inside = Inside {
            store,
            key,
            current: Arc::new(Current::new(catalog)),
            following: Mutex::default(),
            trust,
            options,
            link: Mutex::new(Some(secret())),
            uploads: Semaphore::new(1),
            hashes: Semaphore::new(2),
            reads: Semaphore::new(1 + std::thread::available_parallelism().map_or(1, usize::from)),
            cases: Semaphore::new(1),
            work: Notify::new(),
            ahead_ms: AtomicU64::new(0),
            // Ten at once, then one in ten seconds: guessing is slow, and who mistypes waits little.
            tries: Limiter::new(10.0, 0.1),
            requests,
        };
        let hub = Self(Arc::new(inside));
        hub.keep_token()?;
        prove::clear(&hub)?;
        Ok(hub)
    }

    /// The operator's token for programs stands in a file that only its owner reads; made at the first start.
    fn keep_token(&self) -> Result<(), OpenError> {
        let file = self.token_file();
        if file.exists() {
            return Ok(());
        }
        let token = secret();
        self.store().write(|db| {
            // Without a label: the operator's other tokens have one.
            secrets::forget_unlabeled(db, accounts::OPERATOR, Kind::Token)?;
            let new = secrets::New { kind: Kind::Token, account: accounts::OPERATOR, label: "", abilities: None, lasts_ms: None };
            secrets::put(db, &token, new)
        })?;
        whole::write(&file, token.as_bytes(), Readers::Owner).map_err(|source| OpenError::File { file, source })
    }

    /// Where the operator's token is.
    #[must_use]
    pub fn token_file(&self) -> PathBuf {
        token_file(&self.0.options.folder)
    }

    /// The path of the one-time link that lets a browser in.
    #[must_use]
    pub fn entry(&self) -> String {
        let link = self.0.link.lock().unwrap_or_else(PoisonError::into_inner);
        link.as_ref().map_or("/".to_string(), |key| format!("/enter?key={key}"))
    }

    fn use_link(&self, key: &str) -> bool {
        let mut link = self.0.link.lock().unwrap_or_else(PoisonError::into_inner);
        // Hashes are compared, so the time it takes tells nothing.
        let hash = |text: &str| leitai_proving::canonical::Digest::of_bytes(text.as_bytes());
        let good = link.as_ref().is_some_and(|wanted| hash(wanted) == hash(key));
        if good {
            *link = None;
        }
        good
    }

    /// The clock that deadlines go by, milliseconds since 1970.
    fn now_ms(&self) -> u64 {
        store::now_ms() + self.0.ahead_ms.load(Ordering::Relaxed)
    }

    /// Lets the hub's clock run ahead, to rehearse what happens at a deadline.
    pub fn advance(&self, by_ms: u64) {
        self.0.ahead_ms.fetch_add(by_ms, Ordering::Relaxed);
    }

    fn store(&self) -> &Store {
        &self.0.store
    }

    fn current(&self) -> Arc<Current> {
        self.0.current.clone()
    }

    /// What the monitor counts, as `db` has it.
    fn figures(&self, db: &Connection) -> store::Result<Arc<Figures>> {
        let mut following = self.0.following.lock().unwrap_or_else(PoisonError::into_inner);
        following.figures(db, &*self.store().shelf(db)?, &self.0.current)
    }

    fn trust(&self) -> &TrustStore {
        &self.0.trust
    }

    fn sample(&self) -> u64 {
        self.0.options.sample
    }

    async fn upload_turn(&self) -> Option<SemaphorePermit<'_>> {
        // Never closed.
        self.0.uploads.acquire().await.ok()
    }

    async fn hash_turn(&self) -> Option<SemaphorePermit<'_>> {
        // Never closed.
        self.0.hashes.acquire().await.ok()
    }

    async fn case_turn(&self) -> Option<SemaphorePermit<'_>> {
        // Never closed.
        self.0.cases.acquire().await.ok()
    }

    fn wake_worker(&self) {
        self.0.work.notify_one();
    }

    /// Makes the checks and proofs that are wanted and ends the challenges that are due, one after the other, until none is left. [`serve`] does so by itself.
    ///
    /// # Errors
    /// If the store fails.
    pub fn work_off(&self) -> Result<(), StoreError> {
        loop {
            let worked = worker::next(self, &std::sync::atomic::AtomicBool::new(false))?;
            let ended = closing::next(self)?;
            if !worked && !ended {
                return Ok(());
            }
        }
    }

    /// Does what may take long or wait for the disk, off the threads that answer requests.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        match tokio::task::spawn_blocking(work).await {
            Ok(done) => done,
            Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
        }
    }

    async fn read<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Connection) -> store::Result<T> + Send + 'static,
    ) -> Result<T, Problem> {
        // Never closed, and in the order of asking.
        let _turn = self.0.reads.acquire().await.ok();
        let hub = self.clone();
        self.blocking(move || Ok(hub.store().read(look)?)).await
    }

    async fn write<T: Send + 'static>(
        &self,
        change: impl FnOnce(&Connection) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let hub = self.clone();
        self.blocking(move || hub.store().write(change)).await
    }
}

/// Where the operator's token of a store is.
#[must_use]
pub fn token_file(folder: &Path) -> PathBuf {
    folder.join("token")
}

/// The hub's own key, made at its first start.
fn own_key(folder: &Path) -> Result<SecretKey, OpenError> {
    let file = folder.join("key");
    if file.exists() {
        return Ok(SecretKey::read(&file)?);
    }
    let at = |source| OpenError::File { file: file.clone(), source };
    // Elsewhere first, so that a kill leaves no half of it.
    let new = tempfile::tempdir_in(folder).map_err(at)?;
    let key = SecretKey::create(&new.path().join("key"))?;
    std::fs::rename(new.path().join("key"), &file).map_err(at)?;
    Ok(key)
}

/// 256 bits that nobody can guess, as text.
fn secret() -> String {
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(random_bytes::<32>())
}

/// Bytes that nobody can guess.
fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the system gives random bytes");
    bytes
}
