//! A hub that runs, for tests that start, ask, stop and kill it.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Stdio};

use serde_json::Value;

use super::leitai;

/// A hub that listens, in a process of its own.
pub struct Running {
    /// The process.
    pub child: Child,
    /// Its address: `http://127.0.0.1:8420`.
    pub base: String,
}

impl Running {
    pub fn start(home: &Path) -> Self {
        Self::with(home, &[])
    }

    /// With more words of the command.
    pub fn with(home: &Path, more: &[&str]) -> Self {
        let words = ["--json", "serve", "--no-open", "--address", "127.0.0.1:0", "--jobs", "1"];
        let mut child = leitai(home).args(words).args(more).stdout(Stdio::piped()).spawn().expect("the command starts");
        let mut said = String::new();
        let mut out = BufReader::new(child.stdout.take().expect("its output"));
        // One document, whose last line is its closing brace.
        while !said.ends_with("}\n") {
            assert!(out.read_line(&mut said).expect("it speaks") > 0, "it ended: {said}");
        }
        let document: Value = serde_json::from_str(&said).expect("JSON");
        Self { child, base: document["hub"].as_str().expect("an address").trim_end_matches('/').to_string() }
    }

    pub fn ask(&self, address: &str) -> Value {
        let mut answer = ureq::get(format!("{}{address}", self.base)).call().expect("an answer");
        let mut text = String::new();
        answer.body_mut().as_reader().read_to_string(&mut text).expect("a body");
        serde_json::from_str(&text).expect("JSON")
    }

    /// Sends a change with a token; what came back, if it was taken.
    pub fn send(&self, method: &str, address: &str, token: &str, body: &Value) -> Option<Value> {
        let request = ureq::http::Request::builder().method(method).uri(format!("{}{address}", self.base));
        let request = request.header("authorization", format!("Bearer {token}")).header("content-type", "application/json");
        let mut answer = ureq::run(request.body(body.to_string()).expect("a request")).ok()?;
        let mut text = String::new();
        answer.body_mut().as_reader().read_to_string(&mut text).ok()?;
        serde_json::from_str(&text).ok()
    }

    pub fn publish(&self, home: &Path, bundle: &Path) -> Child {
        let mut command = leitai(home);
        command.args(["publish", "--no-wait", "--hub", &self.base]).arg(bundle);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the command starts")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
