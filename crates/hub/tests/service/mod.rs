//! A hub on the real catalog in a folder of its own, asked as a client asks it but without a network.
#![allow(dead_code, reason = "each test file uses its own part of this")]

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};

use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use leitai_hub::{Hub, Options, router};
use leitai_proving::engine::{self, Case, prove};
use leitai_proving::key::TrustStore;
use leitai_proving::packages::Files;
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt;

#[path = "../../../proving/tests/catalog/files.rs"]
mod files;
pub mod people;
pub use files::catalog;

/// The job that there is.
pub const SCENARIO: &str = "con-block-palletizing";

/// How many packages of a kind, such as `robots`, the catalog has.
pub fn count(kind: &str) -> u64 {
    let manifests = catalog().keys().filter(|path| path.starts_with(&format!("{kind}/")) && path.ends_with(".toml")).count();
    manifests as u64
}

/// The catalog with its job cut off after one simulated second, so that trials are short.
pub fn short_catalog() -> Files {
    let mut files = catalog();
    let path = format!("scenarios/{SCENARIO}/scenario.toml");
    let text = String::from_utf8(files[&path].clone()).expect("text");
    files.insert(path, text.replace("duration_s = 160.0", "duration_s = 1.0").into_bytes());
    files
}

/// A real bundle: two trials of one simulated second, all refuted.
pub fn bundle() -> &'static [u8] {
    static BUNDLE: OnceLock<Vec<u8>> = OnceLock::new();
    BUNDLE.get_or_init(|| made(&short_catalog()))
}

fn made(catalog: &Files) -> Vec<u8> {
    let request = engine::Request {
        robot: "ur20".to_string(),
        scenario: SCENARIO.to_string(),
        trials: Some(2),
        ..engine::Request::default()
    };
    let case = Case::open(catalog, &request).expect("opens");
    let options = engine::Options { jobs: 2, journal: None, resume: false, controls: false, stop: &AtomicBool::new(false) };
    prove(&case, &options, &mut |_| {}).expect("the run ends").evidence.to_bytes(None).expect("writes").0
}

/// A hub, and the folder that goes with it.
pub struct Service {
    pub hub: Hub,
    pub folder: Arc<TempDir>,
}

/// What came back.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }
}

impl Service {
    /// A new hub.
    pub fn new(catalog: Files) -> Self {
        Self::again(catalog, Arc::new(tempfile::tempdir().expect("a folder")))
    }

    /// A hub on a store that is there.
    pub fn again(catalog: Files, folder: Arc<TempDir>) -> Self {
        let models: leitai_hub::Models = Arc::new(|id, language| (id == "ur20").then(|| format!("<html>{language:?}</html>")));
        let options =
            Options { folder: folder.path().to_path_buf(), sample: 1, jobs: 2, models, proxied: false, rate: None, slurm: None };
        Self { hub: Hub::open(options, catalog, TrustStore::default()).expect("opens"), folder }
    }

    /// The operator's token.
    pub fn token(&self) -> String {
        format!("Bearer {}", std::fs::read_to_string(self.hub.token_file()).expect("a token"))
    }

    /// Asks with headers and a body.
    pub fn ask(&self, method: Method, address: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut request = Request::builder().method(method).uri(address);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body.to_vec())).expect("a request");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let answer = router(self.hub.clone()).oneshot(request).await.expect("an answer");
            let (parts, body) = answer.into_parts();
            let body = axum::body::to_bytes(body, usize::MAX).await.expect("a body").to_vec();
            Answer { status: parts.status, headers: parts.headers, body }
        })
    }

    pub fn get(&self, address: &str) -> Answer {
        self.ask(Method::GET, address, &[], &[])
    }

    /// Publishes with the operator's token.
    pub fn publish(&self, bytes: &[u8]) -> Answer {
        self.ask(Method::POST, "/api/v1/evidence", &[("authorization", &self.token())], bytes)
    }
}
