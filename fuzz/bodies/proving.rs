//! What is done with evidence from a stranger: bundles, claims and predicates. Shared by the fuzzers and by the tests that replay
//! what they found. Each body panics on what must never happen.
#![allow(dead_code, reason = "each target uses its own part of this")]

use leitai_proving::bundle::Bundle;
use leitai_proving::claim::Claim;
use leitai_proving::key::TrustStore;
use leitai_proving::metric::Predicate;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;

/// The bytes as the file itself.
pub fn bundle(data: &[u8]) {
    read(data);
}

fn read(bytes: &[u8]) {
    match Bundle::from_bytes(bytes) {
        Ok(bundle) => {
            let _ = bundle.signer(&TrustStore::default());
            // What is accepted is written again as the same evidence.
            let (again, digest) = bundle.evidence.to_bytes(None).expect("what was read can be written");
            assert_eq!(digest, bundle.digest());
            assert!(Bundle::from_bytes(&again).is_ok());
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// The bytes as the members, in [`flat`] form: packed with the right checksums, they reach what lies behind them.
pub fn members(data: &[u8]) {
    let mut members: Vec<(String, Vec<u8>)> = Vec::new();
    let mut rest = data;
    while let Some(end) = rest.iter().position(|b| *b == b'\n') {
        let head = String::from_utf8_lossy(&rest[..end]).into_owned();
        let Some((name, length)) = head.rsplit_once(' ') else { return };
        let Ok(length) = length.parse::<usize>() else { return };
        let body = &rest[end + 1..];
        let length = length.min(body.len());
        members.push((name.to_string(), body[..length].to_vec()));
        rest = &body[length..];
    }
    let sums: Vec<(String, String)> = members
        .iter()
        .filter(|(name, _)| name != "digests.json" && name != "envelope.json")
        .map(|(name, bytes)| (name.clone(), Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()))
        .collect();
    if let Some((_, bytes)) = members.iter_mut().find(|(name, _)| name == "digests.json")
        && let Ok(mut digests) = serde_json::from_slice::<Value>(bytes)
    {
        if let Some(table) = digests.get_mut("members").and_then(Value::as_object_mut) {
            table.clear();
            table.extend(sums.into_iter().map(|(name, sum)| (name, Value::String(sum))));
        }
        *bytes = serde_json::to_vec(&digests).expect("a value is text");
    }
    if let Some(bytes) = pack(&members) {
        read(&bytes);
    }
}

/// Members one after the other: name, length, line end, bytes. The form of the seeds of [`members`].
pub fn flat(members: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, bytes) in members {
        out.extend_from_slice(format!("{name} {}\n", bytes.len()).as_bytes());
        out.extend_from_slice(bytes);
    }
    out
}

/// An archive with a seal that fits it; none where a name cannot be stored.
fn pack(members: &[(String, Vec<u8>)]) -> Option<Vec<u8>> {
    const SEAL: &str = "leitai bundle v1, blake3 ";
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        archive.start_file(name.as_str(), stored).ok()?;
        archive.write_all(bytes).ok()?;
    }
    let blank = "0".repeat(64);
    archive.set_comment(format!("{SEAL}{blank}")).ok()?;
    let mut bytes = archive.finish().ok()?.into_inner();
    let covered = bytes.len() - 64;
    let seal = leitai_proving::canonical::Digest::of_bytes(&bytes[..covered]).to_string();
    bytes[covered..].copy_from_slice(seal.as_bytes());
    Some(bytes)
}

pub fn claim(data: &[u8]) {
    let Ok(claim) = serde_json::from_slice::<Claim>(data) else { return };
    match claim.check() {
        Ok(()) => {
            let _ = (claim.digest(), claim.seed_root(), claim.exploratory(), claim.shares(), claim.confidence());
            let text = serde_json::to_vec(&claim).expect("a sound claim is text");
            let again: Claim = serde_json::from_slice(&text).expect("and reads back");
            assert_eq!(again.digest(), claim.digest());
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

pub fn predicate(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match text.parse::<Predicate>() {
        Ok(predicate) => assert_eq!(predicate.to_string().parse::<Predicate>().as_ref(), Ok(&predicate), "{text:?}"),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}
