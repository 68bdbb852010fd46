//! Writes the seeds of the `bundle`, `members`, `claim` and `predicate` targets: a small job that is really computed, signed and
//! unsigned. The argument is the corpus folder.

#[path = "../bodies/proving.rs"]
mod proving;

#[path = "../../crates/proving/tests/common/mod.rs"]
mod common;

use leitai_proving::bundle::Evidence;
use leitai_proving::key::SecretKey;
use std::io::{Cursor, Read};
use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).ok_or("say where the corpus is")?;
    let put = |target: &str, name: &str, bytes: &[u8]| -> std::io::Result<()> {
        let folder = Path::new(&folder).join(target);
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join(name), bytes)
    };
    let scratch = tempfile::tempdir()?;
    let key = SecretKey::create(&scratch.path().join("key"))?;
    let packages = common::packages(0.05, &[("error_m <= 0.5", 0.9)], 12);
    let mut evidence: Evidence = common::evidence(&packages, &common::claim(&packages), 1);
    evidence.host = None;
    for (name, key) in [("signed", Some(&key)), ("unsigned", None)] {
        let (bytes, _) = evidence.to_bytes(key)?;
        put("bundle", name, &bytes)?;
        put("members", name, &proving::flat(&unpack(&bytes)?))?;
    }
    put("claim", "claim", &serde_json::to_vec(&evidence.claim)?)?;
    for (i, text) in ["placed", "cycle_s <= 8", "a >= -1e3", "b < 1", "c > 0.5", "d == 1"].iter().enumerate() {
        put("predicate", &i.to_string(), text.as_bytes())?;
    }
    Ok(())
}

fn unpack(bytes: &[u8]) -> zip::result::ZipResult<Vec<(String, Vec<u8>)>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes))?;
    (0..archive.len())
        .map(|i| {
            let mut file = archive.by_index(i)?;
            let mut content = Vec::new();
            file.read_to_end(&mut content)?;
            Ok((file.name()?.to_string(), content))
        })
        .collect()
}
