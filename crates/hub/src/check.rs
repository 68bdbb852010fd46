//! Whether every figure of a store follows from its records.

use std::path::Path;

use leitai_proving::bundle::Bundle;
use leitai_proving::canonical::Digest;
use serde::Serialize;

use crate::closing;
use crate::records::Text;
use crate::store::{Result, Store, bundles, imports, ledger, monitor};

/// What a check looked at, and what does not hold.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Checked {
    /// Entries of the ledger.
    pub entries: u64,
    /// Bundles whose digests were computed again.
    pub bundles: u64,
    /// What does not hold; empty in a good store.
    pub findings: Vec<Text>,
}

/// Checks the store in `folder`: the ledger's chain, every bundle against its record, and every count against what it counts.
///
/// # Errors
/// If the store cannot be opened or read.
pub fn check(folder: &Path) -> Result<Checked> {
    let store = Store::open(folder)?;
    let mut checked = Checked::default();
    let records = store.read(|db| {
        checked.entries = db.query_row("SELECT count(*) FROM ledger", [], |row| row.get(0))?;
        if let Some(number) = ledger::broken(db)? {
            let zh = format!("账本第 {number} 条与前一条不相接：有人改动过");
            checked.findings.push(Text::new(zh, format!("entry {number} of the ledger does not follow from the one before it: it was altered")));
        }
        let counted = "SELECT decision, count FROM verdict_count WHERE kind = 'all' ORDER BY decision";
        let seen = "SELECT decision, count(*) FROM evidence GROUP BY decision ORDER BY decision";
        let pairs = |sql: &str| -> Result<Vec<(String, u64)>> {
            let mut statement = db.prepare(sql)?;
            Ok(statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?)
        };
        if pairs(counted)? != pairs(seen)? {
            checked.findings.push(Text::new("判定计数与证据不符", "the counts of verdicts are not those of the evidence"));
        }
        checked.findings.extend(monitor::miscounted(db)?);
        for digest in imports::altered(db)? {
            let en = format!("the figures of import {digest} are not what the ledger says was imported");
            checked.findings.push(Text::new(format!("导入 {digest} 的数据与账本所记不符"), en));
        }
        let unnoted = "SELECT count(*) FROM evidence e WHERE NOT EXISTS (SELECT 1 FROM ledger l WHERE l.subject = 'evidence/' || e.digest \
                       AND l.what = 'evidence.published' AND l.body = e.body)";
        let unnoted: u64 = db.query_row(unnoted, [], |row| row.get(0))?;
        if unnoted > 0 {
            let en = format!("{unnoted} pieces of evidence are not what the ledger says was published");
            checked.findings.push(Text::new(format!("{unnoted} 条证据与账本所记不符"), en));
        }
        let lost = "SELECT p.id FROM proof p JOIN proof_run r ON r.proof = p.id WHERE p.listed AND r.state = 'done' AND NOT EXISTS \
                    (SELECT 1 FROM evidence e WHERE e.digest = r.evidence AND json_extract(e.body, '$.claim') = p.claim)";
        let silent = "SELECT proof FROM proof_run r WHERE state IN ('done', 'failed', 'canceled') AND (SELECT count(*) FROM ledger l \
                      WHERE l.subject = 'proof/' || r.proof AND l.what = 'proof.' || r.state) <> 1";
        let numbers = |sql: &str| -> Result<Vec<u64>> {
            Ok(db.prepare(sql)?.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
        };
        for id in numbers(lost)? {
            let en = format!("proof {id} is done, and the evidence of its claim is not here");
            checked.findings.push(Text::new(format!("证明任务 {id} 已完成，但没有其声明的证据"), en));
        }
        for id in numbers(silent)? {
            let en = format!("proof {id} has ended, and the ledger does not say so once");
            checked.findings.push(Text::new(format!("证明任务 {id} 已结束，账本却没有恰好一条记录"), en));
        }
        checked.findings.extend(closing::findings(db)?);
        let mut statement = db.prepare("SELECT digest FROM evidence ORDER BY digest")?;
        Ok(statement.query_map([], |row| row.get::<_, String>(0))?.collect::<rusqlite::Result<Vec<_>>>()?)
    })?;
    for text in records {
        checked.bundles += 1;
        let found = text.parse::<Digest>().map_err(|error| error.to_string()).and_then(|digest| {
            let bundle = Bundle::read(&bundles::path(folder, &digest)).map_err(|error| error.to_string())?;
            if bundle.digest() == digest { Ok(()) } else { Err("another bundle".to_string()) }
        });
        if let Err(error) = found {
            checked.findings.push(Text::new(format!("证据包 {text}：{error}"), format!("bundle {text}: {error}")));
        }
    }
    Ok(checked)
}
