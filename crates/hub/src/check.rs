//! Whether every figure of a store follows from its records.

use std::path::Path;

use leitai_proving::bundle::Bundle;
use leitai_proving::canonical::Digest;
use rusqlite::Connection;
use serde::Serialize;

use crate::closing;
use crate::records::Text;
use crate::store::{Result, Store, bundles, imports, ledger, monitor};

/// Bundles that are told of one by one; of more, only how many.
const MOST_TOLD: u64 = 20;

/// What a check looked at, and what does not hold.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Checked {
    /// Entries of the ledger.
    pub entries: u64,
    /// Pieces of evidence, each against the ledger.
    pub evidence: u64,
    /// Bundles whose digests were computed again.
    pub bundles: u64,
    /// What does not hold; empty in a good store.
    pub findings: Vec<Text>,
}

impl Checked {
    fn found(&mut self, zh: impl Into<String>, en: impl Into<String>) {
        self.findings.push(Text::new(zh, en));
    }
}

/// What is being looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The ledger's chain.
    Ledger,
    /// Evidence beside the ledger.
    Evidence,
    /// Bundles.
    Bundles,
}

/// Checks the store in `folder`: the ledger's chain, every count against what it counts, every record of evidence against the ledger
/// and, if `bundles`, every bundle against its record. `tell` hears how many of a part are done, and of how many.
///
/// # Errors
/// If the store cannot be opened or read.
pub fn check(folder: &Path, bundles: bool, tell: &mut dyn FnMut(Part, u64, u64)) -> Result<Checked> {
    let store = Store::open(folder)?;
    let mut checked = Checked::default();
    store.read(|db| {
        let length = ledger::length(db)?;
        if let Some(number) = ledger::broken(db, &mut |done| tell(Part::Ledger, done, length))? {
            checked.found(
                format!("账本第 {number} 条与前一条不相接：有人改动过"),
                format!("entry {number} of the ledger does not follow from the one before it: it was altered"),
            );
        }
        checked.entries = db.query_row("SELECT count(*) FROM ledger", [], |row| row.get(0))?;
        counts(db, &mut checked)?;
        checked.findings.extend(monitor::miscounted(db)?);
        for digest in imports::altered(db)? {
            checked.found(
                format!("导入 {digest} 的数据与账本所记不符"),
                format!("the figures of import {digest} are not what the ledger says was imported"),
            );
        }
        proofs(db, &mut checked)?;
        checked.findings.extend(closing::findings(db)?);
        market(db, &mut checked)?;
        evidence(db, &mut checked, tell)
    })?;
    if bundles {
        contents(&store, folder, &mut checked, tell)?;
    }
    Ok(checked)
}

/// Offers and needs against the ledger, and what ranks products in a match against the evidence.
fn market(db: &Connection, checked: &mut Checked) -> Result<()> {
    for (kind, zh) in [("offer", "报价"), ("need", "需求")] {
        let unlike = format!(
            "SELECT count(*) FROM {kind} x WHERE x.body IS NOT (SELECT l.body FROM ledger l \
             WHERE l.subject = '{kind}/' || x.id ORDER BY l.number DESC LIMIT 1)"
        );
        let unlike: u64 = db.query_row(&unlike, [], |row| row.get(0))?;
        if unlike > 0 {
            let en = format!("{unlike} records of kind {kind} are not what the ledger says was last stated");
            checked.found(format!("{unlike} 条{zh}与账本所记不符"), en);
        }
    }
    let ranked = "SELECT (SELECT count(*) FROM evidence_rank) = (SELECT count(*) FROM evidence \
                  WHERE NOT json_extract(body, '$.exploratory') AND coalesce(json_array_length(body, '$.thresholds'), 0) = 0)";
    if !db.query_row(ranked, [], |row| row.get::<_, bool>(0))? {
        checked.found("供需对接的排名依据与证据不符", "what ranks products in a match is not that of the evidence");
    }
    Ok(())
}

/// The counts of verdicts, of all and of each robot and scenario.
fn counts(db: &Connection, checked: &mut Checked) -> Result<()> {
    let counted = "SELECT kind, subject, decision, count FROM verdict_count";
    let seen = "SELECT 'all', '', decision, count(*) FROM evidence GROUP BY decision \
                UNION ALL SELECT 'robot', robot, decision, count(*) FROM evidence GROUP BY robot, decision \
                UNION ALL SELECT 'scenario', scenario, decision, count(*) FROM evidence GROUP BY scenario, decision";
    let mut statement = db.prepare(&format!(
        "SELECT kind, count(DISTINCT subject), min(subject) FROM (SELECT * FROM ({counted} EXCEPT SELECT * FROM ({seen})) \
         UNION ALL SELECT * FROM (SELECT * FROM ({seen}) EXCEPT {counted})) GROUP BY kind"
    ))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (kind, wrong, first): (String, u64, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        if kind == "all" {
            checked.found("判定计数与证据不符", "the counts of verdicts are not those of the evidence");
            continue;
        }
        let zh = if kind == "robot" { "产品" } else { "场景" };
        checked.found(
            format!("{wrong} 个{zh}的判定计数与证据不符，首先是 {first}"),
            format!(
                "the counts of verdicts by {kind} are not those of the evidence: {wrong} of them, first that of {kind} {first}"
            ),
        );
    }
    Ok(())
}

/// A proof that is done has its evidence, and the ledger says once how each ended.
fn proofs(db: &Connection, checked: &mut Checked) -> Result<()> {
    let lost = "SELECT p.id FROM proof p JOIN proof_run r ON r.proof = p.id WHERE p.listed AND r.state = 'done' AND NOT EXISTS \
                (SELECT 1 FROM evidence e WHERE e.digest = r.evidence AND json_extract(e.body, '$.claim') = p.claim)";
    let silent = "SELECT proof FROM proof_run r WHERE state IN ('done', 'failed', 'canceled') AND (SELECT count(*) FROM ledger l \
                  WHERE l.subject = 'proof/' || r.proof AND l.what = 'proof.' || r.state) <> 1";
    let numbers = |sql: &str| -> Result<Vec<u64>> {
        Ok(db.prepare(sql)?.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
    };
    for id in numbers(lost)? {
        checked.found(
            format!("证明任务 {id} 已完成，但没有其声明的证据"),
            format!("proof {id} is done, and the evidence of its claim is not here"),
        );
    }
    for id in numbers(silent)? {
        checked.found(
            format!("证明任务 {id} 已结束，账本却没有恰好一条记录"),
            format!("proof {id} has ended, and the ledger does not say so once"),
        );
    }
    Ok(())
}

/// Every record of evidence is what the ledger says was published, and no row was taken out.
fn evidence(db: &Connection, checked: &mut Checked, tell: &mut dyn FnMut(Part, u64, u64)) -> Result<()> {
    let last: u64 = db.query_row("SELECT coalesce(max(rowid), 0) FROM evidence", [], |row| row.get(0))?;
    let noted = "SELECT EXISTS (SELECT 1 FROM ledger l WHERE l.subject = 'evidence/' || e.digest AND l.what = 'evidence.published' \
                 AND l.body = e.body) FROM evidence e ORDER BY e.rowid";
    let mut statement = db.prepare(noted)?;
    let mut rows = statement.query([])?;
    let mut unnoted: u64 = 0;
    while let Some(row) = rows.next()? {
        checked.evidence += 1;
        unnoted += u64::from(!row.get::<_, bool>(0)?);
        tell(Part::Evidence, checked.evidence, last);
    }
    if unnoted > 0 {
        checked.found(
            format!("{unnoted} 条证据与账本所记不符"),
            format!("{unnoted} pieces of evidence are not what the ledger says was published"),
        );
    }
    if last != checked.evidence {
        checked.found("有证据的记录被删除", "records of evidence were taken out");
    }
    Ok(())
}

/// Every bundle is the one that its record names.
fn contents(store: &Store, folder: &Path, checked: &mut Checked, tell: &mut dyn FnMut(Part, u64, u64)) -> Result<()> {
    let (mut after, mut bad) = (0, 0);
    loop {
        // A part at a time, so that no transaction stays open while bundles are read.
        let next = "SELECT rowid, digest FROM evidence WHERE rowid > ?1 ORDER BY rowid LIMIT 1000";
        let part: Vec<(u64, String)> = store.read(|db| {
            let mut statement = db.prepare_cached(next)?;
            Ok(statement.query_map([after], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?)
        })?;
        let Some((last, _)) = part.last() else { break };
        after = *last;
        for (_, text) in part {
            checked.bundles += 1;
            let found = text.parse::<Digest>().map_err(|error| error.to_string()).and_then(|digest| {
                let bundle = Bundle::read(&bundles::path(folder, &digest)).map_err(|error| error.to_string())?;
                if bundle.digest() == digest { Ok(()) } else { Err("another bundle".to_string()) }
            });
            if let Err(error) = found {
                bad += 1;
                if bad <= MOST_TOLD {
                    checked.found(format!("证据包 {text}：{error}"), format!("bundle {text}: {error}"));
                }
            }
            tell(Part::Bundles, checked.bundles, checked.evidence);
        }
    }
    if bad > MOST_TOLD {
        let more = bad - MOST_TOLD;
        checked.found(format!("另有 {more} 个证据包有误"), format!("{more} more bundles are wrong"));
    }
    Ok(())
}
