//! Needs: listed, stated, answered, taken back.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::actor::{Allowed, ask};
use super::matching::{answer, file, fitting};
use super::offers::taken;
use super::{Asked, Problem, Sent, WhichPage, body};
use crate::Hub;
use crate::records::{Ability, Match, Need, NeedChange, Page, Reason, Text};
use crate::store::needs::{self, Filter};
use crate::store::organizations;

pub(super) fn router() -> OpenApiRouter<Hub> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(one, put, withdraw))
        .routes(routes!(matched))
        .routes(routes!(acceptance))
}

fn unknown(id: &str) -> Problem {
    Problem::not_found(Text::new("需求", "need"), id)
}

async fn found(hub: &Hub, id: &str) -> Result<Need, Problem> {
    let wanted = id.to_string();
    hub.read(move |db| needs::find(db, &wanted)).await?.ok_or_else(|| unknown(id))
}

/// Needs, by id
#[utoipa::path(
    get, path = "/", params(WhichPage, Filter),
    responses((status = 200, body = Page<Need>), (status = 400, body = Problem))
)]
async fn list(State(hub): State<Hub>, which: WhichPage, Asked(filter): Asked<Filter>) -> Result<Json<Page<Need>>, Problem> {
    Ok(Json(hub.read(move |db| needs::page(db, &filter, which.page, which.per_page)).await?))
}

/// A need
#[utoipa::path(
    get, path = "/{id}", params(("id" = String, Path, description = "The need")),
    responses((status = 200, body = Need), (status = 404, body = Problem))
)]
async fn one(State(hub): State<Hub>, Path(id): Path<String>) -> Result<Json<Need>, Problem> {
    Ok(Json(found(&hub, &id).await?))
}

/// States a need anew
#[utoipa::path(
    put, path = "/{id}", params(("id" = String, Path, description = "Its id")), request_body = NeedChange,
    responses(
        (status = 200, body = Need), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem, description = "No such job or organization"),
        (status = 409, body = Problem, description = "The id is another organization's"),
    ),
    security(("token" = ["need"]), ("session" = ["need"]))
)]
async fn put(
    State(hub): State<Hub>,
    Allowed(actor, _): Allowed<ask::Need>,
    Path(id): Path<String>,
    Sent(change): Sent<NeedChange>,
) -> Result<Json<Need>, Problem> {
    body::id("id", &id)?;
    body::text("why", &change.why, 500)?;
    let NeedChange { need: stated, why } = change;
    body::text("title", &stated.title, 120)?;
    if !stated.text.is_empty() {
        body::text("text", &stated.text, 4000)?;
    }
    actor.acts_for(&stated.organization, Ability::Need)?;
    let wanted = id.clone();
    let written = hub.write(move |db| {
        fitting(db, &stated.wanted)?;
        if organizations::find(db, &stated.organization)?.is_none() {
            return Err(Problem::not_found(Text::new("机构", "organization"), &stated.organization));
        }
        if needs::owner(db, &wanted)?.is_some_and(|owner| owner != stated.organization) {
            return Err(taken(&wanted));
        }
        needs::put(db, &wanted, &stated, actor.id(), &why)?;
        Ok(needs::find(db, &wanted)?)
    });
    written.await?.map(Json).ok_or_else(|| unknown(&id))
}

/// Takes a need back
#[utoipa::path(
    delete, path = "/{id}", params(("id" = String, Path, description = "The need")), request_body = Reason,
    responses(
        (status = 204, description = "Gone"), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem),
    ),
    security(("token" = ["need"]), ("session" = ["need"]))
)]
async fn withdraw(
    State(hub): State<Hub>,
    Allowed(actor, _): Allowed<ask::Need>,
    Path(id): Path<String>,
    Sent(reason): Sent<Reason>,
) -> Result<StatusCode, Problem> {
    body::text("why", &reason.why, 500)?;
    hub.write(move |db| {
        let owner = needs::owner(db, &id)?.ok_or_else(|| unknown(&id))?;
        actor.acts_for(&owner, Ability::Need)?;
        needs::withdraw(db, &id, actor.id(), &reason.why)?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

/// Products for a need, the best first
#[utoipa::path(
    get, path = "/{id}/match", params(WhichPage, ("id" = String, Path, description = "The need")),
    responses((status = 200, body = Match), (status = 400, body = Problem), (status = 404, body = Problem))
)]
async fn matched(State(hub): State<Hub>, Path(id): Path<String>, which: WhichPage) -> Result<Json<Match>, Problem> {
    let need = found(&hub, &id).await?;
    answer(&hub, need.stated.wanted, which).await
}

/// The product that is chosen for a need
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Choice {
    /// The product's id
    robot: String,
    /// The offer whose terms the file carries
    offer: Option<String>,
}

/// The agreement on a product for a need: `acceptance.toml`
#[utoipa::path(
    get, path = "/{id}/acceptance", params(Choice, ("id" = String, Path, description = "The need")),
    responses(
        (status = 200, body = String, content_type = "application/toml"), (status = 400, body = Problem),
        (status = 404, body = Problem),
    )
)]
async fn acceptance(State(hub): State<Hub>, Path(id): Path<String>, Asked(choice): Asked<Choice>) -> Result<Response, Problem> {
    let need = found(&hub, &id).await?;
    let text = leitai_package::manifest::Text { zh: need.stated.title.clone(), en: need.stated.title.clone() };
    let of = leitai_package::manifest::Acceptance {
        title: Some(text),
        made_by: Some(need.organization_name.zh.clone()),
        need: Some(id),
        engine: None,
    };
    file(&hub, need.stated.wanted, choice.robot, choice.offer, of).await
}
