//! The end of a challenge: at the deadline it is closed, its secret revealed, every answer that counts run, and all of them ranked.
//!
//! Each step is one transaction that is taken from one state only, and what it needs stands in the store. So a kill at any moment
//! changes nothing: the next start goes on with the step that was under way.

use std::cmp::Ordering;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use leitai_proving::bundle::Bundle;
use leitai_proving::canonical::Digest;
use leitai_proving::packages::Files;
use rusqlite::Connection;

use crate::Hub;
use crate::challenge::{self, Job, Kept, lay_over};
use crate::records::{Challenge, ChallengeState, Leaderboard, MainMetric, Proof, ProofState, Row, Score, Submission, Text};
use crate::store::catalog::word;
use crate::store::submissions::Standing;
use crate::store::{Result, StoreError, bundles, challenges, proofs, submissions};

/// How often the clock is looked at.
const BEAT: Duration = Duration::from_millis(500);
/// How long the next try waits after one that failed.
const PATIENCE: Duration = Duration::from_secs(10);

/// Ends challenges until `stop` is set.
pub(crate) async fn watch(hub: Hub, stop: &'static AtomicBool) {
    while !stop.load(std::sync::atomic::Ordering::Relaxed) {
        let inside = hub.clone();
        match tokio::task::spawn_blocking(move || next(&inside)).await {
            Ok(Ok(true)) => hub.wake_worker(),
            Ok(Ok(false)) => {}
            // What failed is said, and the next try waits.
            Ok(Err(error)) => {
                eprintln!("leitai: {error}");
                tokio::time::sleep(PATIENCE).await;
            }
            Err(error) => {
                eprintln!("leitai: the end of a challenge broke off: {error}");
                tokio::time::sleep(PATIENCE).await;
            }
        }
        tokio::time::sleep(BEAT).await;
    }
}

/// Takes every step that is due; false if none was.
pub(crate) fn next(hub: &Hub) -> Result<bool> {
    let now_ms = hub.now_ms();
    let mut stepped = false;
    for id in hub.store().read(|db| challenges::due(db, now_ms))? {
        stepped |= close(hub, &id)?;
    }
    for id in hub.store().read(challenges::closed_here)? {
        let Some(kept) = hub.store().read(|db| challenges::kept(db, &id))? else { continue };
        match reveal(hub, &id, &kept, "hub", "the deadline has passed")? {
            Ok(revealed) => stepped |= revealed,
            // Only a store that was altered keeps another secret than was sealed; `leitai hub check` says so too.
            Err(why) => {
                eprintln!("leitai: challenge {id} cannot be revealed: {}", why.en);
            }
        }
    }
    for id in hub.store().read(challenges::under_way)? {
        stepped |= rank(hub, &id)?;
    }
    Ok(stepped)
}

/// Takes no more answers once the deadline has passed; false if it has not, or that was done before.
pub(crate) fn close(hub: &Hub, id: &str) -> Result<bool> {
    let now_ms = hub.now_ms();
    hub.store().write(|db| {
        let over = challenges::find(db, id, now_ms)?.is_some_and(|challenge| challenge.deadline_ms <= now_ms);
        if over { challenges::close(db, id) } else { Ok(false) }
    })
}

/// An answer that can be run, or why it cannot.
type Opened = (u64, std::result::Result<(Box<leitai_proving::engine::Case>, Files), Text>);

/// Makes the secret public and has every answer that counts run under it; false if the challenge is not closed.
///
/// The inner error says why this is not the secret that was sealed.
pub(crate) fn reveal(hub: &Hub, id: &str, kept: &Kept, who: &str, why: &str) -> Result<std::result::Result<bool, Text>> {
    let read = hub.store().read(|db| {
        let Some(challenge) = challenges::find(db, id, hub.now_ms())? else { return Ok(None) };
        let answers = submissions::counted(db, id)?;
        let files = answers.iter().map(|answer| submissions::files(db, id, answer.number)).collect::<Result<Vec<_>>>()?;
        Ok(Some((challenge, challenges::files(db, id)?, answers, files)))
    })?;
    let Some((challenge, job_files, answers, files)) = read else { return Ok(Ok(false)) };
    let revealed = match uncovered(challenge, &job_files, kept) {
        Ok(revealed) => revealed,
        Err(text) => return Ok(Err(text)),
    };
    let opened: Vec<Opened> =
        answers.iter().zip(files).map(|(answer, files)| (answer.number, open(&revealed, &job_files, answer, files))).collect();
    let done = hub.store().write(|db| {
        if !challenges::reveal(db, &revealed, who, why)? {
            return Ok(false);
        }
        for (number, opened) in opened {
            match opened {
                Ok((case, extra)) => {
                    let why = format!("answer {number} to the challenge {id}");
                    let origin = format!("challenge/{id}");
                    let new = proofs::New { origin: &origin, who: "hub", why: &why, case: &case, extra: &extra, listed: true };
                    let proof = proofs::enqueue(db, new)?;
                    submissions::stand(db, id, number, Some(proof), None)?;
                }
                Err(failure) => submissions::stand(db, id, number, None, Some(&failure))?,
            }
        }
        Ok::<_, StoreError>(true)
    })?;
    Ok(Ok(done))
}

/// The challenge with its secret, if that is the one that was sealed.
fn uncovered(challenge: Challenge, job_files: &Files, kept: &Kept) -> std::result::Result<Challenge, Text> {
    let Kept { secret, thresholds } = kept;
    let seal = challenge::seal(&challenge.id, &challenge.scenario, &challenge.scenario_digest, secret, thresholds)?;
    let committed = challenge.commitment.parse::<Digest>().map_err(|error| Text::new(error.to_string(), error.to_string()))?;
    seal.check(&committed).map_err(|error| Text::new(format!("与承诺不符：{error}"), error.to_string()))?;
    let job = Job::of(job_files, &challenge.scenario)
        .ok_or_else(|| Text::new("场景包已损坏", "the scenario's package is damaged in the store"))?;
    let requirements = job.requirements(thresholds)?.1;
    Ok(Challenge { secret: Some(secret.clone()), thresholds: Some(thresholds.clone()), requirements, ..challenge })
}

/// The claim of an answer, with everything that it rests on beside the engine.
fn open(
    challenge: &Challenge,
    job: &Files,
    answer: &Submission,
    own: Files,
) -> std::result::Result<(Box<leitai_proving::engine::Case>, Files), Text> {
    let Some(content) = &answer.content else {
        return Err(Text::new("应答的内容已损坏", "the answer is damaged in the store"));
    };
    let mut files = job.clone();
    lay_over(&mut files, own);
    let case = challenge::case(challenge, &files, &content.robot, &content.solution)?;
    Ok((Box::new(case), files))
}

/// Ranks the answers once all have been run; false if some have not, or that was done before.
fn rank(hub: &Hub, id: &str) -> Result<bool> {
    let read = hub.store().read(|db| {
        let mut rows = Vec::new();
        for (number, standing) in submissions::standings(db, id)? {
            let proof = proof_of(db, &standing)?;
            if proof.as_ref().is_some_and(|p| matches!(p.state, ProofState::Queued | ProofState::Running)) {
                return Ok(None);
            }
            rows.push((number, proof));
        }
        let Some(challenge) = challenges::find(db, id, hub.now_ms())? else { return Ok(None) };
        Ok(Some((main_metric(db, &challenge)?, rows)))
    })?;
    let Some((main, rows)) = read else { return Ok(false) };
    let mut scores = Vec::new();
    for (number, proof) in &rows {
        let score = match proof {
            Some(proof) => score(hub, proof, main.as_ref())?,
            None => None,
        };
        scores.push((*number, score));
    }
    let ranks = ranks(&scores, main.as_ref());
    hub.store().write(|db| {
        let told: Vec<_> = scores
            .iter()
            .zip(&ranks)
            .map(|((number, score), rank)| serde_json::json!({ "submission": number, "rank": rank, "score": score }))
            .collect();
        if !challenges::end(db, id, &serde_json::json!({ "rows": told, "main": main }))? {
            return Ok(false);
        }
        for ((number, score), rank) in scores.iter().zip(&ranks) {
            let score = score.as_ref().map(serde_json::to_string).transpose()?;
            submissions::place(db, id, *number, score.as_deref(), *rank)?;
        }
        Ok(true)
    })
}

/// The metric that ranks what is equal otherwise, if the challenge names one.
fn main_metric(db: &Connection, challenge: &Challenge) -> Result<Option<MainMetric>> {
    let Some(requirement) = &challenge.rank_by else { return Ok(None) };
    let job = Job::of(&challenges::files(db, &challenge.id)?, &challenge.scenario);
    Ok(job.and_then(|job| job.main_metric(requirement)))
}

fn proof_of(db: &Connection, standing: &Standing) -> Result<Option<Proof>> {
    standing.proof.map_or(Ok(None), |proof| proofs::find(db, proof))
}

/// What ranks a proof; nothing if it came to no evidence.
fn score(hub: &Hub, proof: &Proof, main: Option<&MainMetric>) -> Result<Option<Score>> {
    let (Some(decision), Some(evidence)) = (&proof.decision, &proof.evidence) else { return Ok(None) };
    let lows = proof.requirements.iter().filter(|line| line.decides).map(|line| line.low);
    let mean = match main {
        Some(main) => mean(hub, evidence, &main.metric)?,
        None => None,
    };
    Ok(Some(Score { decision: decision.clone(), worst_low: lows.reduce(f64::min).unwrap_or(0.0), mean }))
}

/// The mean of a metric over the trials that have it.
fn mean(hub: &Hub, evidence: &str, metric: &str) -> Result<Option<f64>> {
    let Ok(digest) = evidence.parse::<Digest>() else { return Ok(None) };
    let bytes = bundles::read(hub.store().folder(), &digest)?;
    let Ok(bundle) = Bundle::from_bytes(&bytes) else { return Ok(None) };
    let values: Vec<f64> = bundle.evidence.outcomes.iter().filter_map(|outcome| outcome.metrics.get(metric).copied()).collect();
    Ok((!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64))
}

/// The rank of each score, in their order: one more than how many are better, so that equal ones have the same.
pub(crate) fn ranks(scores: &[(u64, Option<Score>)], main: Option<&MainMetric>) -> Vec<Option<u64>> {
    let more = main.is_none_or(|main| main.more_is_better);
    let better = |a: &Score, b: &Score| order(a, b, more) == Ordering::Less;
    let scored = || scores.iter().filter_map(|(_, score)| score.as_ref());
    let rank = |score: &Score| 1 + scored().filter(|other| better(other, score)).count() as u64;
    scores.iter().map(|(_, score)| score.as_ref().map(rank)).collect()
}

/// The better one first.
fn order(a: &Score, b: &Score, more_is_better: bool) -> Ordering {
    let place = |score: &Score| ["proved", "undecided", "refuted", "rejected"].iter().position(|word| *word == score.decision);
    // No value is worse than any.
    let value = |score: &Score| match score.mean {
        None => f64::NEG_INFINITY,
        Some(mean) => {
            if more_is_better {
                mean
            } else {
                -mean
            }
        }
    };
    place(a).cmp(&place(b)).then(b.worst_low.total_cmp(&a.worst_low)).then(value(b).total_cmp(&value(a)))
}

fn rule(main: Option<&MainMetric>) -> Text {
    let (mut zh, mut en) = (
        "先按判定：已证实、未决、已证伪、不予试验；再按各判定性要求成立率的置信下界中最低者，高者在前".to_string(),
        "By verdict first: proved, undecided, refuted, rejected; then by the lowest of the lower bounds of the rates that decide, \
         the higher the better"
            .to_string(),
    );
    if let Some(main) = main {
        let (more_zh, more) = if main.more_is_better { ("高", "higher") } else { ("低", "lower") };
        zh += &format!("；再按“{}”（{}）的均值，{more_zh}者在前", main.name.zh, main.unit);
        en += &format!("; then by the mean of {} [{}], the {more} the better", main.name.en, main.unit);
    }
    zh += "。完全相同者名次相同；无法运行者没有名次。";
    en += ". Equal ones have the same rank; what could not be run has none.";
    Text::new(zh, en)
}

/// How the answers of a challenge stand.
pub(crate) fn leaderboard(db: &Connection, challenge: &Challenge) -> Result<Leaderboard> {
    let id = &challenge.id;
    let main = main_metric(db, challenge)?;
    let mut rows = Vec::new();
    if matches!(challenge.state, ChallengeState::Revealed | ChallengeState::Ranked) {
        let mut standings = submissions::standings(db, id)?;
        for submission in submissions::counted(db, id)? {
            let Some(standing) = standings.remove(&submission.number) else { continue };
            rows.push(row(db, submission, standing)?);
        }
    }
    // What has no rank comes last; equal ones stand in the order of their coming.
    rows.sort_by_key(|row| (row.rank.unwrap_or(u64::MAX), row.submission.number));
    Ok(Leaderboard { state: challenge.state, rule: rule(main.as_ref()), main, rows })
}

fn row(db: &Connection, submission: Submission, standing: Standing) -> Result<Row> {
    let proof = proof_of(db, &standing)?;
    let score = standing.score.map(|text| serde_json::from_str(&text)).transpose()?;
    let mut row = Row {
        rank: standing.rank,
        submission,
        proof: standing.proof,
        state: "failed".to_string(),
        trials: 0,
        score,
        evidence: None,
        requirements: Vec::new(),
        failure: standing.failure,
    };
    if let Some(proof) = proof {
        row.state = word(&proof.state);
        row.trials = proof.trials;
        row.evidence = proof.evidence;
        row.requirements = proof.requirements;
        row.failure = proof.cause;
        if proof.state == ProofState::Canceled {
            row.failure = Some(Text::new("运行者取消了这次证明", "whoever runs this hub took the proof back"));
        }
    }
    Ok(row)
}

/// What does not hold about challenges in a store: secrets that were not sealed, ranks that do not follow from scores, answers and
/// comments that the ledger does not know.
pub(crate) fn findings(db: &Connection) -> Result<Vec<Text>> {
    let mut found = Vec::new();
    let mut statement = db.prepare("SELECT id FROM challenge ORDER BY id")?;
    let ids = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<rusqlite::Result<Vec<_>>>()?;
    for id in ids {
        let Some(challenge) = challenges::find(db, &id, 0)? else { continue };
        let stated = "SELECT 1 FROM ledger WHERE subject = 'challenge/' || ?1 AND what = 'challenge.published' \
                      AND json_extract(body, '$.commitment') = ?2 AND json_extract(body, '$.deadline_ms') = ?3";
        if !db.prepare_cached(stated)?.exists(rusqlite::params![id, challenge.commitment, challenge.deadline_ms])? {
            found.push(Text::new(
                format!("榜单 {id} 与账本所记不符"),
                format!("challenge {id} is not what the ledger says was published"),
            ));
        }
        // Whether it is revealed or still kept.
        let revealed = challenge.secret.clone().zip(challenge.thresholds.clone());
        let kept = challenges::kept(db, &id)?.map(|kept| (kept.secret, kept.thresholds));
        for (secret, thresholds) in revealed.into_iter().chain(kept) {
            let seal = challenge::seal(&id, &challenge.scenario, &challenge.scenario_digest, &secret, &thresholds);
            if seal.ok().is_none_or(|seal| seal.commitment().to_string() != challenge.commitment) {
                let en = format!("challenge {id}: its secret is not what was sealed");
                found.push(Text::new(format!("榜单 {id}：秘密与承诺不符"), en));
            }
        }
        if challenge.state == ChallengeState::Ranked {
            let board = leaderboard(db, &challenge)?;
            let scores: Vec<_> = board.rows.iter().map(|row| (row.submission.number, row.score.clone())).collect();
            let now: Vec<_> = board.rows.iter().map(|row| row.rank).collect();
            if ranks(&scores, board.main.as_ref()) != now {
                let en = format!("challenge {id}: ranks do not follow from scores");
                found.push(Text::new(format!("榜单 {id}：名次与得分不符"), en));
            }
        }
    }
    let unnoted = [
        (
            "submission",
            "应答",
            "answers",
            "l.what = 'submission.made' AND json_extract(l.body, '$.submission') = t.number AND json_extract(l.body, '$.digest') = t.digest",
        ),
        (
            "comment",
            "评论",
            "comments",
            "l.what = 'comment.made' AND json_extract(l.body, '$.comment') = t.number AND json_extract(l.body, '$.text') = t.text",
        ),
    ];
    for (table, zh, en, same) in unnoted {
        let count = format!(
            "SELECT count(*) FROM {table} t WHERE NOT EXISTS (SELECT 1 FROM ledger l WHERE l.subject = 'challenge/' || t.challenge AND {same})"
        );
        let count: u64 = db.query_row(&count, [], |row| row.get(0))?;
        if count > 0 {
            found.push(Text::new(format!("{count} 条{zh}与账本所记不符"), format!("{count} {en} are not what the ledger says")));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_scores_have_the_same_rank_and_what_did_not_run_has_none() {
        let score = |decision: &str, worst_low, mean| Some(Score { decision: decision.to_string(), worst_low, mean });
        let scores = [
            score("refuted", 0.9, Some(400.0)),
            score("proved", 0.91, Some(300.0)),
            None,
            score("proved", 0.91, Some(310.0)),
            score("proved", 0.91, Some(310.0)),
            score("proved", 0.95, None),
            score("rejected", 0.0, None),
        ];
        let scores: Vec<_> = (1..).zip(scores).collect();
        let of = |more_is_better| {
            let main = MainMetric { name: Text::default(), metric: "m".to_string(), unit: "1".to_string(), more_is_better };
            ranks(&scores, Some(&main)).into_iter().map(|rank| rank.unwrap_or(0)).collect::<Vec<_>>()
        };
        assert_eq!(of(true), [5, 4, 0, 2, 2, 1, 6]);
        assert_eq!(of(false), [5, 2, 0, 3, 3, 1, 6]);
    }
}
