//! Challenges: published, listed, looked at, withdrawn, revealed, taken away as a file to run.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use leitai_package::manifest::AcceptanceManifest;
use leitai_proving::canonical::Digest;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::actor::{Actor, Allowed, ask};
use super::{Asked, Problem, Sent, WhichPage, body};
use crate::challenge::{self, Job, Kept};
use crate::records::{Ability, Challenge, ChallengeState, Leaderboard, NewChallenge, Page, Reason, Reveal, Secret, Text};
use crate::store::challenges::{self, Filter};
use crate::store::{catalog, organizations};
use crate::{Hub, closing};

/// Products that one challenge may name.
const MOST_ROBOTS: usize = 100;
/// How far ahead a deadline may be.
const LONGEST_MS: u64 = 5 * 366 * 24 * 3600 * 1000;

pub(super) fn router() -> OpenApiRouter<Hub> {
    OpenApiRouter::new()
        .routes(routes!(list, publish))
        .routes(routes!(one))
        .routes(routes!(withdraw))
        .routes(routes!(reveal))
        .routes(routes!(acceptance))
        .routes(routes!(leaderboard))
        .merge(super::submissions::router())
}

pub(super) fn unknown(id: &str) -> Problem {
    Problem::not_found(Text::new("榜单", "challenge"), id)
}

/// The challenge of this id as it is now.
pub(super) async fn found(hub: &Hub, id: &str) -> Result<Challenge, Problem> {
    let (wanted, now_ms) = (id.to_string(), hub.now_ms());
    hub.read(move |db| challenges::find(db, &wanted, now_ms)).await?.ok_or_else(|| unknown(id))
}

pub(super) fn wrong(text: Text) -> Problem {
    Problem::wrong(text.zh, text.en)
}

/// The challenge is in another state than this needs.
pub(super) fn too_late(zh: &str, en: &str) -> Problem {
    let title = Text::new("榜单已不在这一阶段", "the challenge is past that, or not there yet");
    Problem::new(StatusCode::CONFLICT, "other-state", title, Text::new(zh, en))
}

/// Challenges, newest first
#[utoipa::path(
    get, path = "/", params(WhichPage, Filter),
    responses((status = 200, body = Page<Challenge>), (status = 400, body = Problem))
)]
async fn list(State(hub): State<Hub>, which: WhichPage, Asked(filter): Asked<Filter>) -> Result<Json<Page<Challenge>>, Problem> {
    let now_ms = hub.now_ms();
    Ok(Json(hub.read(move |db| challenges::page(db, &filter, now_ms, which.page, which.per_page)).await?))
}

/// A challenge
#[utoipa::path(
    get, path = "/{id}", params(("id" = String, Path, description = "The challenge")),
    responses((status = 200, body = Challenge), (status = 404, body = Problem))
)]
async fn one(State(hub): State<Hub>, Path(id): Path<String>) -> Result<Json<Challenge>, Problem> {
    found(&hub, &id).await.map(Json)
}

/// Publishes a challenge
///
/// The hub draws seed and nonce, keeps them to itself until the deadline, and publishes the commitment that binds them together with
/// the challenge's id, the scenario's content and the thresholds. A publisher who gives a commitment keeps the secret instead.
#[utoipa::path(
    post, path = "/", request_body = NewChallenge,
    responses(
        (status = 201, body = Challenge), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 409, body = Problem, description = "The id is taken"),
    ),
    security(("token" = ["challenge"]), ("session" = ["challenge"]))
)]
async fn publish(
    State(hub): State<Hub>,
    Allowed(actor, _): Allowed<ask::Challenge>,
    Sent(new): Sent<NewChallenge>,
) -> Result<(StatusCode, Json<Challenge>), Problem> {
    check(&hub, &actor, &new)?;
    let (inside, wanted) = (hub.clone(), new.scenario.clone());
    let job = hub.blocking(move || Ok(Job::of(inside.current().catalog(), &wanted))).await?;
    let job = job.ok_or_else(|| Problem::not_found(Text::new("场景", "scenario"), &new.scenario))?;
    job.settles(&new, &new.thresholds).map_err(wrong)?;
    if let Some(name) = new.rank_by.as_ref().filter(|name| job.main_metric(name).is_none()) {
        return Err(Problem::wrong(
            format!("rank_by：场景没有要求“{name}”"),
            format!("rank_by: the scenario has no requirement `{name}`"),
        ));
    }
    let (record, kept) = stated(&new, &job, hub.now_ms()).map_err(wrong)?;
    let id = new.id.clone();
    let now_ms = hub.now_ms();
    let written = hub.write(move |db| {
        if organizations::find(db, &new.organization)?.is_none() {
            return Err(Problem::not_found(Text::new("机构", "organization"), &new.organization));
        }
        if let Some(unknown) = catalog::first_unknown_product(db, &new.robots)? {
            return Err(Problem::not_found(Text::new("产品", "product"), &unknown));
        }
        if !challenges::publish(db, &record, &job.files, kept.as_ref(), actor.id(), &new.why)? {
            return Err(Problem::new(
                StatusCode::CONFLICT,
                "id-taken",
                Text::new(format!("编号“{}”已有榜单", record.id), format!("there is a challenge `{}` already", record.id)),
                Text::new("换一个编号", "choose another id"),
            ));
        }
        Ok(challenges::find(db, &record.id, now_ms)?)
    });
    let record = written.await?.ok_or_else(|| unknown(&id))?;
    Ok((StatusCode::CREATED, Json(record)))
}

/// What can be said about a new challenge without its scenario.
fn check(hub: &Hub, actor: &Actor, new: &NewChallenge) -> Result<(), Problem> {
    body::id("id", &new.id)?;
    body::texts("title", &new.title, 120)?;
    body::texts("text", &new.text, 8000)?;
    body::texts("prize", &new.prize, 500)?;
    body::text("why", &new.why, 500)?;
    actor.acts_for(&new.organization, Ability::Challenge)?;
    if new.robots.len() > MOST_ROBOTS {
        return Err(Problem::wrong(format!("robots 最多 {MOST_ROBOTS} 项"), format!("`robots` has {MOST_ROBOTS} at most")));
    }
    let now_ms = hub.now_ms();
    if new.deadline_ms <= now_ms || new.deadline_ms > now_ms.saturating_add(LONGEST_MS) {
        return Err(Problem::wrong("截止时间须在今后五年之内", "the deadline is ahead, and within five years"));
    }
    if let Some(commitment) = &new.commitment {
        if commitment.parse::<Digest>().is_err() {
            let en = "`commitment` is 64 lower-case hexadecimal digits, as seal and thresholds give it";
            return Err(Problem::wrong("commitment 须为 64 位小写十六进制", en));
        }
        if new.sealed && !new.thresholds.is_empty() {
            let en = "thresholds that you keep secret yourself are not sent; leave them out until you reveal them";
            return Err(Problem::wrong("自行保密的阈值不要发送；揭示时再给出", en));
        }
    }
    Ok(())
}

/// The record of a new challenge, and what the hub keeps to itself.
fn stated(new: &NewChallenge, job: &Job, now_ms: u64) -> Result<(Challenge, Option<Kept>), Text> {
    let digest = job.digest.to_string();
    let hex = |bytes: [u8; 32]| Digest(bytes).to_string();
    let (commitment, kept) = match &new.commitment {
        Some(commitment) => (commitment.clone(), None),
        None => {
            let secret = Secret { seed: hex(crate::random_bytes()), nonce: hex(crate::random_bytes()) };
            let seal = challenge::seal(&new.id, &new.scenario, &digest, &secret, &new.thresholds)?;
            (seal.commitment().to_string(), Some(Kept { secret, thresholds: new.thresholds.clone() }))
        }
    };
    let shown = if new.sealed { &[][..] } else { &new.thresholds };
    let name = &job.manifest.scenario.name;
    let record = Challenge {
        id: new.id.clone(),
        organization: new.organization.clone(),
        organization_name: Text::default(),
        title: new.title.clone(),
        text: new.text.clone(),
        prize: new.prize.clone(),
        scenario: new.scenario.clone(),
        scenario_name: Text::new(&name.zh, &name.en),
        scenario_digest: digest,
        parameters: job.parameters(&new.parameters)?,
        robots: new.robots.clone(),
        exactly: new.exactly,
        most: new.most,
        sealed: new.sealed,
        thresholds: (!new.sealed).then(|| new.thresholds.clone()),
        requirements: job.requirements(shown)?.1,
        rank_by: new.rank_by.clone(),
        commitment,
        kept_by_publisher: new.commitment.is_some(),
        secret: None,
        deadline_ms: new.deadline_ms,
        published_ms: now_ms,
        state: ChallengeState::Open,
        submissions: 0,
        answering: 0,
        now_ms,
    };
    // What its file would say, thresholds that stay secret included, must be one that runs.
    let whole = Challenge { thresholds: Some(new.thresholds.clone()), ..record.clone() };
    AcceptanceManifest::parse("acceptance.toml", &challenge::acceptance(&whole).to_string())
        .map_err(|error| Text::new(format!("要求有误：{error}"), error.to_string()))?;
    Ok((record, kept))
}

/// Takes a challenge back that nobody has answered
#[utoipa::path(
    post, path = "/{id}/withdrawal", params(("id" = String, Path, description = "The challenge")), request_body = Reason,
    responses(
        (status = 200, body = Challenge), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem, description = "It was answered, or its deadline has passed"),
    ),
    security(("token" = ["challenge"]), ("session" = ["challenge"]))
)]
async fn withdraw(
    State(hub): State<Hub>,
    Allowed(actor, _): Allowed<ask::Challenge>,
    Path(id): Path<String>,
    Sent(reason): Sent<Reason>,
) -> Result<Json<Challenge>, Problem> {
    body::text("why", &reason.why, 500)?;
    actor.acts_for(&found(&hub, &id).await?.organization, Ability::Challenge)?;
    let (wanted, now_ms) = (id.clone(), hub.now_ms());
    hub.write(move |db| {
        if challenges::withdraw(db, &wanted, now_ms, actor.id(), &reason.why)? {
            return Ok(());
        }
        let en = "a challenge that was answered, or whose deadline has passed, takes its course";
        Err(too_late("已有应答或已过截止时间的榜单不能撤回", en))
    })
    .await?;
    found(&hub, &id).await.map(Json)
}

/// Reveals the secret that the publisher kept
///
/// After the deadline, and only what the commitment bound. Then every answer that counts is run.
#[utoipa::path(
    post, path = "/{id}/reveal", params(("id" = String, Path, description = "The challenge")), request_body = Reveal,
    responses(
        (status = 200, body = Challenge), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem, description = "It is not closed, or the hub keeps its secret"),
    ),
    security(("token" = ["challenge"]), ("session" = ["challenge"]))
)]
async fn reveal(
    State(hub): State<Hub>,
    Allowed(actor, _): Allowed<ask::Challenge>,
    Path(id): Path<String>,
    Sent(shown): Sent<Reveal>,
) -> Result<Json<Challenge>, Problem> {
    let challenge = found(&hub, &id).await?;
    actor.acts_for(&challenge.organization, Ability::Challenge)?;
    let early = || {
        too_late("自行保密的榜单，在截止之后、揭示之前方可揭示", "a secret that you keep is revealed once, after the deadline")
    };
    if !challenge.kept_by_publisher || challenge.state != ChallengeState::Closed {
        return Err(early());
    }
    let Reveal { seed, nonce, thresholds } = shown;
    if !challenge.sealed && !thresholds.is_empty() {
        return Err(Problem::wrong("阈值本已公开，不必再给出", "the thresholds are public already; leave them out"));
    }
    let thresholds = challenge.thresholds.clone().unwrap_or(thresholds);
    let inside = hub.clone();
    let kept = Kept { secret: Secret { seed, nonce }, thresholds };
    let revealed = hub.blocking(move || {
        // The worker may not have noticed the deadline yet.
        closing::close(&inside, &challenge.id)?;
        Ok(closing::reveal(&inside, &challenge.id, &kept, actor.id(), "by its publisher")?)
    });
    if !revealed.await?.map_err(wrong)? {
        return Err(early());
    }
    hub.wake_worker();
    found(&hub, &id).await.map(Json)
}

/// The file to run: `leitai prove --acceptance FILE ROBOT --solution PATH`
///
/// Before the deadline it is a rehearsal, on seeds that follow from the claim and thresholds that are public; after it is revealed, it is
/// the challenge itself.
#[utoipa::path(
    get, path = "/{id}/acceptance", params(("id" = String, Path, description = "The challenge")),
    responses((status = 200, body = String, content_type = "application/toml"), (status = 404, body = Problem))
)]
async fn acceptance(State(hub): State<Hub>, Path(id): Path<String>) -> Result<Response, Problem> {
    let challenge = found(&hub, &id).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/toml; charset=utf-8".to_string()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}.toml\"", challenge.id)),
    ];
    Ok((headers, challenge::acceptance(&challenge).to_string()).into_response())
}

/// How the answers stand
#[utoipa::path(
    get, path = "/{id}/leaderboard", params(("id" = String, Path, description = "The challenge")),
    responses((status = 200, body = Leaderboard), (status = 404, body = Problem))
)]
async fn leaderboard(State(hub): State<Hub>, Path(id): Path<String>) -> Result<Json<Leaderboard>, Problem> {
    let challenge = found(&hub, &id).await?;
    Ok(Json(hub.read(move |db| closing::leaderboard(db, &challenge)).await?))
}
