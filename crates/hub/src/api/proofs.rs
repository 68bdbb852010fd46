//! Proofs: asked for, looked at, taken back. And the key that signs them.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use leitai_proving::claim::ClaimError;
use leitai_proving::engine::{Case, CaseError, Request};
use leitai_proving::packages::Files;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::actor::{Allowed, ask};
use super::{Asked, Problem, Sent, WhichPage, body};
use crate::Hub;
use crate::records::{HubKey, NewProof, Page, Proof, ProofAnswer, ProofState, Reason, Text};
use crate::store::evidence;
use crate::store::proofs::{self, Filter, New};

/// The most trials that anyone may ask this hub for at once.
const MOST_TRIALS: u64 = 10_000;
/// Proofs of one account that may wait or run.
const MOST_OF_ONE: u64 = 8;
/// Proofs of all accounts that may wait or run.
const MOST_OF_ALL: u64 = 1000;

pub(super) fn router() -> OpenApiRouter<Hub> {
    OpenApiRouter::new().routes(routes!(list, ask_for)).routes(routes!(one, cancel))
}

pub(super) fn key_router() -> OpenApiRouter<Hub> {
    OpenApiRouter::new().routes(routes!(key))
}

fn unknown(id: &str) -> Problem {
    Problem::not_found(Text::new("证明任务", "proof"), id)
}

/// Proofs, newest first
#[utoipa::path(
    get, path = "/", params(WhichPage, Filter),
    responses((status = 200, body = Page<Proof>), (status = 400, body = Problem))
)]
async fn list(State(hub): State<Hub>, which: WhichPage, Asked(filter): Asked<Filter>) -> Result<Json<Page<Proof>>, Problem> {
    Ok(Json(hub.read(move |db| proofs::page(db, &filter, which.page, which.per_page)).await?))
}

/// A proof
#[utoipa::path(
    get, path = "/{id}", params(("id" = String, Path, description = "Its number")),
    responses((status = 200, body = Proof), (status = 404, body = Problem))
)]
async fn one(State(hub): State<Hub>, Path(id): Path<String>) -> Result<Json<Proof>, Problem> {
    let number: u64 = id.parse().map_err(|_| unknown(&id))?;
    let found = hub.read(move |db| if proofs::is_listed(db, number)? { proofs::find(db, number) } else { Ok(None) }).await?;
    found.map(Json).ok_or_else(|| unknown(&id))
}

/// Has the hub prove a claim
///
/// The claim is put together at once, from the hub's catalog; then it waits for its turn. A claim that has been proved here, on
/// packages that have not changed since, answers 200 with that evidence; one that waits already, 200 with that proof.
#[utoipa::path(
    post, path = "/", request_body = NewProof,
    responses(
        (status = 201, body = ProofAnswer), (status = 200, body = ProofAnswer, description = "It was here already"),
        (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 429, body = Problem, description = "Too many wait"),
    ),
    security(("token" = ["prove"]), ("session" = ["prove"]))
)]
async fn ask_for(
    State(hub): State<Hub>,
    Allowed(actor, _): Allowed<ask::Prove>,
    Sent(wanted): Sent<NewProof>,
) -> Result<(StatusCode, Json<ProofAnswer>), Problem> {
    body::text("why", &wanted.why, 500)?;
    for (name, value) in [("trials", wanted.trials), ("most", wanted.most)] {
        if value.is_some_and(|value| !(1..=MOST_TRIALS).contains(&value)) {
            return Err(Problem::wrong(
                format!("{name} 须为 1 至 {MOST_TRIALS}；更多试验请在本机用 leitai prove 运行后发布"),
                format!("`{name}` is 1 to {MOST_TRIALS}; run more with leitai prove and publish the bundle"),
            ));
        }
    }
    let NewProof { robot, scenario, solution, parameters, trials, most, why } = wanted;
    let request = Request { robot, scenario, solution, parameters, trials, most, ..Request::default() };
    // One after the other, so that nobody fills threads and memory with claims.
    let _turn = hub.case_turn().await;
    let current = hub.current();
    let case = hub.blocking(move || Case::open(current.catalog(), &request).map_err(|error| refused(&error))).await?;
    let current = hub.current();
    let answer = hub.write(move |db| {
        let digest = case.claim.digest();
        let there = ProofAnswer {
            evidence: evidence::of_claim(db, &digest, &current)?,
            proof: proofs::under_way(db, &digest.to_string())?,
        };
        if there.evidence.is_some() || there.proof.is_some() {
            return Ok((StatusCode::OK, Json(there)));
        }
        let origin = format!("account/{}", actor.id());
        if proofs::open(db, Some(&origin))? >= MOST_OF_ONE && !actor.account.operator {
            return Err(full(MOST_OF_ONE, "此账户", "of this account"));
        }
        if proofs::open(db, None)? >= MOST_OF_ALL {
            return Err(full(MOST_OF_ALL, "此服务站", "of this hub"));
        }
        let new = New { origin: &origin, who: actor.id(), why: &why, case: &case, extra: &Files::new(), listed: true };
        let id = proofs::enqueue(db, new)?;
        Ok((StatusCode::CREATED, Json(ProofAnswer { proof: proofs::find(db, id)?, evidence: None })))
    });
    let answer = answer.await?;
    hub.wake_worker();
    Ok(answer)
}

fn refused(error: &CaseError) -> Problem {
    let lead = match error {
        CaseError::Packages(_) => "目录中没有所求的包，或包有误",
        CaseError::Request(_) | CaseError::Acceptance(_) => "所求与场景不符",
        CaseError::Claim(ClaimError::NothingDecides { .. }) => "试验次数太少，无法判定；请增加",
        CaseError::Claim(_) => "这一声明无法判定",
        CaseError::Cell(_) => "机器人、工具与场景无法组合",
    };
    Problem::wrong(format!("{lead}：{error}"), error.to_string())
}

fn full(most: u64, zh: &str, en: &str) -> Problem {
    Problem::new(
        StatusCode::TOO_MANY_REQUESTS,
        "queue-full",
        Text::new(format!("{zh}已有 {most} 项证明在等待"), format!("{most} proofs {en} are waiting")),
        Text::new(
            "等其中一项结束或取消一项后再提出；也可在本机用 leitai prove 运行后发布",
            "ask again when one has ended, or cancel one; or run it with leitai prove and publish the bundle",
        ),
    )
}

/// Takes a proof back
///
/// One's own; who manages the hub, any. Trials under way end first.
#[utoipa::path(
    delete, path = "/{id}", params(("id" = String, Path, description = "Its number")), request_body = Reason,
    responses(
        (status = 200, body = Proof), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem, description = "It has ended"),
    ),
    security(("token" = ["prove"]), ("session" = ["prove"]))
)]
async fn cancel(
    State(hub): State<Hub>,
    Allowed(actor, _): Allowed<ask::Prove>,
    Path(id): Path<String>,
    Sent(reason): Sent<Reason>,
) -> Result<Json<Proof>, Problem> {
    body::text("why", &reason.why, 500)?;
    let number: u64 = id.parse().map_err(|_| unknown(&id))?;
    let changed = hub.write(move |db| {
        let listed = proofs::is_listed(db, number)?;
        let Some(found) = proofs::find(db, number)?.filter(|_| listed) else { return Err(unknown(&id)) };
        if !actor.account.operator && found.origin != format!("account/{}", actor.id()) {
            return Err(Problem::new(
                StatusCode::FORBIDDEN,
                "not-yours",
                Text::new("这项证明不是你提出的", "you did not ask for this proof"),
                Text::new("请提出者或运行者取消", "whoever asked for it may take it back, and the operator"),
            ));
        }
        if !matches!(found.state, ProofState::Queued | ProofState::Running) {
            return Err(Problem::new(
                StatusCode::CONFLICT,
                "proof-ended",
                Text::new("这项证明已经结束", "this proof has ended"),
                Text::new("无需取消", "there is nothing to take back"),
            ));
        }
        proofs::cancel(db, number, actor.id(), &reason.why)?;
        proofs::find(db, number)?.ok_or_else(|| unknown(&id))
    });
    Ok(Json(changed.await?))
}

/// The key that signs what this hub proves
#[utoipa::path(get, path = "/key", responses((status = 200, body = HubKey)))]
async fn key(State(hub): State<Hub>) -> Json<HubKey> {
    let public = hub.0.key.public();
    Json(HubKey { id: public.id(), public: public.to_pem() })
}
