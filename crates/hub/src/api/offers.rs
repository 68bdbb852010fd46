//! Offers: listed, stated, taken back.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::actor::{Allowed, ask};
use super::{Asked, Problem, Sent, WhichPage, body};
use crate::Hub;
use crate::records::{Ability, Offer, OfferChange, OfferStated, Page, Reason, Text};
use crate::store::offers::{self, Filter};
use crate::store::{catalog, organizations};

pub(super) fn router() -> OpenApiRouter<Hub> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(one, put, withdraw))
}

fn unknown(id: &str) -> Problem {
    Problem::not_found(Text::new("报价", "offer"), id)
}

/// Somebody else has a record of this id.
pub(super) fn taken(id: &str) -> Problem {
    Problem::new(
        StatusCode::CONFLICT,
        "id-taken",
        Text::new(format!("编号“{id}”已属于另一机构"), format!("`{id}` belongs to another organization")),
        Text::new("换一个编号", "choose another id"),
    )
}

/// Offers, by id
#[utoipa::path(
    get, path = "/", params(WhichPage, Filter),
    responses((status = 200, body = Page<Offer>), (status = 400, body = Problem))
)]
async fn list(State(hub): State<Hub>, which: WhichPage, Asked(filter): Asked<Filter>) -> Result<Json<Page<Offer>>, Problem> {
    Ok(Json(hub.read(move |db| offers::page(db, &filter, which.page, which.per_page)).await?))
}

/// An offer
#[utoipa::path(
    get, path = "/{id}", params(("id" = String, Path, description = "The offer")),
    responses((status = 200, body = Offer), (status = 404, body = Problem))
)]
async fn one(State(hub): State<Hub>, Path(id): Path<String>) -> Result<Json<Offer>, Problem> {
    let wanted = id.clone();
    let found = hub.read(move |db| offers::find(db, &wanted)).await?;
    found.map(Json).ok_or_else(|| unknown(&id))
}

/// States an offer anew
#[utoipa::path(
    put, path = "/{id}", params(("id" = String, Path, description = "Its id")), request_body = OfferChange,
    responses(
        (status = 200, body = Offer), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem, description = "No such product or organization"),
        (status = 409, body = Problem, description = "The id is another organization's"),
    ),
    security(("token" = ["offer"]), ("session" = ["offer"]))
)]
async fn put(
    State(hub): State<Hub>,
    Allowed(actor, _): Allowed<ask::Offer>,
    Path(id): Path<String>,
    Sent(change): Sent<OfferChange>,
) -> Result<Json<Offer>, Problem> {
    body::id("id", &id)?;
    body::text("why", &change.why, 500)?;
    let OfferChange { offer: stated, why } = change;
    check(&stated)?;
    actor.acts_for(&stated.organization, Ability::Offer)?;
    let wanted = id.clone();
    let written = hub.write(move |db| {
        if let Some(unknown) = catalog::first_unknown_product(db, std::slice::from_ref(&stated.product))? {
            return Err(Problem::not_found(Text::new("产品", "product"), &unknown));
        }
        if organizations::find(db, &stated.organization)?.is_none() {
            return Err(Problem::not_found(Text::new("机构", "organization"), &stated.organization));
        }
        if offers::owner(db, &wanted)?.is_some_and(|owner| owner != stated.organization) {
            return Err(taken(&wanted));
        }
        offers::put(db, &wanted, &stated, actor.id(), &why)?;
        Ok(offers::find(db, &wanted)?)
    });
    written.await?.map(Json).ok_or_else(|| unknown(&id))
}

fn check(stated: &OfferStated) -> Result<(), Problem> {
    body::text("source", &stated.source, 500)?;
    let floor = stated.floor_m2.unwrap_or(1.0);
    for (name, value, most) in [("price_cny", stated.price_cny, 1e12), ("floor_m2", floor, 1e6)] {
        if !(value > 0.0 && value <= most) {
            return Err(Problem::wrong(
                format!("{name} 须大于 0，不超过 {most}"),
                format!("`{name}` is above 0 and at most {most}"),
            ));
        }
    }
    if stated.delivery_days > 10_000 {
        return Err(Problem::wrong("delivery_days 不超过 10000", "`delivery_days` is at most 10000"));
    }
    if stated.valid_until.as_deref().is_some_and(|date| !body::is_date(date)) {
        return Err(Problem::wrong("valid_until 须写作 2027-01-31", "`valid_until` is a date: 2027-01-31"));
    }
    let mut regions = stated.regions.clone();
    regions.sort_unstable();
    regions.dedup();
    if regions.len() != stated.regions.len() {
        return Err(Problem::wrong("regions 中有重复", "`regions` names a place twice"));
    }
    Ok(())
}

/// Takes an offer back
#[utoipa::path(
    delete, path = "/{id}", params(("id" = String, Path, description = "The offer")), request_body = Reason,
    responses(
        (status = 204, description = "Gone"), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem),
    ),
    security(("token" = ["offer"]), ("session" = ["offer"]))
)]
async fn withdraw(
    State(hub): State<Hub>,
    Allowed(actor, _): Allowed<ask::Offer>,
    Path(id): Path<String>,
    Sent(reason): Sent<Reason>,
) -> Result<StatusCode, Problem> {
    body::text("why", &reason.why, 500)?;
    hub.write(move |db| {
        let owner = offers::owner(db, &id)?.ok_or_else(|| unknown(&id))?;
        actor.acts_for(&owner, Ability::Offer)?;
        offers::withdraw(db, &id, actor.id(), &reason.why)?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}
