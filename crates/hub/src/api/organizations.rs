//! Organizations, and who acts for them.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::actor::{Allowed, ask};
use super::{Asked, Problem, Sent, WhichPage, body};
use crate::Hub;
use crate::records::{Organization, OrganizationChange, OrganizationStated, Page, Reason, Text};
use crate::store::catalog;
use crate::store::organizations::{self, Filter, Member};

/// Products that one organization may name.
const MOST_PRODUCTS: usize = 1000;

pub(super) fn router() -> OpenApiRouter<Hub> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(one, put)).routes(routes!(members)).routes(routes!(remove))
}

fn unknown(id: &str) -> Problem {
    Problem::not_found(Text::new("机构", "organization"), id)
}

/// Organizations, by id
#[utoipa::path(
    get, path = "/", params(WhichPage, Filter),
    responses((status = 200, body = Page<Organization>), (status = 400, body = Problem))
)]
async fn list(
    State(hub): State<Hub>,
    which: WhichPage,
    Asked(filter): Asked<Filter>,
) -> Result<Json<Page<Organization>>, Problem> {
    Ok(Json(hub.read(move |db| organizations::page(db, &filter, which.page, which.per_page)).await?))
}

/// An organization
#[utoipa::path(
    get, path = "/{id}", params(("id" = String, Path, description = "The organization")),
    responses((status = 200, body = Organization), (status = 404, body = Problem))
)]
async fn one(State(hub): State<Hub>, Path(id): Path<String>) -> Result<Json<Organization>, Problem> {
    let wanted = id.clone();
    let found = hub.read(move |db| organizations::find(db, &wanted)).await?;
    found.map(Json).ok_or_else(|| unknown(&id))
}

/// States an organization anew
#[utoipa::path(
    put, path = "/{id}", params(("id" = String, Path, description = "Its id")), request_body = OrganizationChange,
    responses(
        (status = 200, body = Organization), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem),
    ),
    security(("token" = ["manage"]), ("session" = ["manage"]))
)]
async fn put(
    State(hub): State<Hub>,
    Allowed(actor, _): Allowed<ask::Manage>,
    Path(id): Path<String>,
    Sent(change): Sent<OrganizationChange>,
) -> Result<Json<Organization>, Problem> {
    body::id("id", &id)?;
    body::texts("name", &change.name, 120)?;
    body::texts_or_none("about", &change.about, 2000)?;
    body::text("why", &change.why, 500)?;
    if change.products.len() > MOST_PRODUCTS {
        return Err(Problem::wrong(
            format!("products 最多 {MOST_PRODUCTS} 项"),
            format!("`products` has {MOST_PRODUCTS} at most"),
        ));
    }
    let OrganizationChange { name, kind, district, tier, about, products, why } = change;
    let stated = OrganizationStated { name, kind, district, tier, about, products };
    let wanted = id.clone();
    let written = hub.write(move |db| {
        if let Some(unknown) = catalog::first_unknown_product(db, &stated.products)? {
            return Err(Problem::not_found(Text::new("产品", "product"), &unknown));
        }
        organizations::put(db, &wanted, &stated, actor.id(), &why)?;
        Ok(organizations::find(db, &wanted)?)
    });
    written.await?.map(Json).ok_or_else(|| unknown(&id))
}

/// Who acts for an organization
#[utoipa::path(
    get, path = "/{id}/members", params(("id" = String, Path, description = "The organization")),
    responses(
        (status = 200, body = Vec<Member>), (status = 401, body = Problem), (status = 403, body = Problem),
    ),
    security(("token" = ["own"]), ("session" = ["own"]))
)]
async fn members(
    State(hub): State<Hub>,
    Allowed(actor, _): Allowed<ask::Own>,
    Path(id): Path<String>,
) -> Result<Json<Vec<Member>>, Problem> {
    actor.owns(&id)?;
    Ok(Json(hub.read(move |db| organizations::members(db, &id)).await?))
}

/// Lets somebody act for an organization no more
#[utoipa::path(
    delete, path = "/{id}/members/{account}",
    params(("id" = String, Path, description = "The organization"), ("account" = String, Path, description = "Who")),
    request_body = Reason,
    responses(
        (status = 204, description = "Gone"), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem),
    ),
    security(("token" = ["own"]), ("session" = ["own"]))
)]
async fn remove(
    State(hub): State<Hub>,
    Allowed(actor, _): Allowed<ask::Own>,
    Path((id, account)): Path<(String, String)>,
    Sent(reason): Sent<Reason>,
) -> Result<StatusCode, Problem> {
    // Everybody may leave.
    if actor.id() != account {
        actor.owns(&id)?;
    }
    body::text("why", &reason.why, 500)?;
    hub.write(move |db| {
        if !actor.account.operator && organizations::is_last_owner(db, &id, &account)? {
            let en = "the last owner cannot leave: invite another owner first, or ask the operator";
            return Err(Problem::wrong("最后一位所有者不能离开：先邀请另一位所有者，或联系运行者", en));
        }
        if organizations::leave(db, &id, &account, actor.id(), &reason.why)? {
            return Ok(StatusCode::NO_CONTENT);
        }
        Err(Problem::not_found(Text::new("成员", "member"), &account))
    })
    .await
}
