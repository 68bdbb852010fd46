//! A match for anybody who states a need, without storing it.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use leitai_package::manifest;
use rusqlite::Connection;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Problem, Sent, WhichPage};
use crate::Hub;
use crate::matching::{self, AgreeError, Ground, Unanswerable};
use crate::records::{Chosen, Match, Scenario, Text, Wanted};

pub(super) fn router() -> OpenApiRouter<Hub> {
    OpenApiRouter::new().routes(routes!(matched)).routes(routes!(acceptance))
}

/// The need with all its parameters, and its job.
pub(super) fn fitting(db: &Connection, wanted: &Wanted) -> Result<(Wanted, Scenario), Problem> {
    matching::complete(db, wanted)?.map_err(|error| match error {
        Unanswerable::NoJob(id) => Problem::not_found(Text::new("场景", "scenario"), &id),
        Unanswerable::Unfit(what) => Problem::wrong(what.zh, what.en),
    })
}

pub(super) async fn answer(hub: &Hub, wanted: Wanted, which: WhichPage) -> Result<Json<Match>, Problem> {
    let (inside, current) = (hub.clone(), hub.current());
    let found = hub.read(move |db| {
        let shelf = inside.store().shelf(db)?;
        let on = Ground { db, shelf: &shelf, now: &current };
        Ok(match fitting(db, &wanted) {
            Ok((wanted, job)) => Ok(matching::answer(on, &wanted, &job, which.page, which.per_page)?),
            Err(problem) => Err(problem),
        })
    });
    found.await?.map(Json)
}

pub(super) async fn file(
    hub: &Hub,
    wanted: Wanted,
    robot: String,
    offer: Option<String>,
    of: manifest::Acceptance,
) -> Result<Response, Problem> {
    let (inside, current) = (hub.clone(), hub.current());
    let name = format!("{robot}-{}.toml", wanted.scenario);
    let made = hub.read(move |db| {
        let shelf = inside.store().shelf(db)?;
        let on = Ground { db, shelf: &shelf, now: &current };
        Ok(match fitting(db, &wanted) {
            Err(problem) => Err(problem),
            Ok((wanted, job)) => matching::acceptance(on, (&wanted, &job), &robot, offer.as_deref(), of).map_err(refused),
        })
    });
    let headers = [
        (header::CONTENT_TYPE, "application/toml; charset=utf-8".to_string()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    Ok((headers, made.await??.to_string()).into_response())
}

fn refused(error: AgreeError) -> Problem {
    match error {
        AgreeError::Store(error) => error.into(),
        AgreeError::NoProduct(id) => Problem::not_found(Text::new("产品", "product"), &id),
        AgreeError::NoOffer(id) => Problem::not_found(Text::new("该产品的报价", "offer of this product"), &id),
        error @ (AgreeError::Case(_) | AgreeError::Acceptance(_)) => {
            Problem::wrong(format!("此产品不能写成验收文件：{error}"), format!("no acceptance file for this product: {error}"))
        }
    }
}

/// Products for a need, the best first
///
/// Nothing is stored, and nobody need be signed in.
#[utoipa::path(
    post, path = "/", params(WhichPage), request_body = Wanted,
    responses((status = 200, body = Match), (status = 400, body = Problem), (status = 404, body = Problem))
)]
async fn matched(State(hub): State<Hub>, which: WhichPage, Sent(wanted): Sent<Wanted>) -> Result<Json<Match>, Problem> {
    answer(&hub, wanted, which).await
}

/// The agreement on a product for a need: `acceptance.toml`
#[utoipa::path(
    post, path = "/acceptance", request_body = Chosen,
    responses(
        (status = 200, body = String, content_type = "application/toml"), (status = 400, body = Problem),
        (status = 404, body = Problem),
    )
)]
async fn acceptance(State(hub): State<Hub>, Sent(chosen): Sent<Chosen>) -> Result<Response, Problem> {
    file(&hub, chosen.wanted, chosen.robot, chosen.offer, manifest::Acceptance::default()).await
}
