//! Products and scenarios.

use axum::Json;
use axum::extract::{Path, State};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Asked, Problem, WhichPage};
use crate::Hub;
use crate::records::{Page, Product, ProductLine, Scenario, ScenarioLine, Text};
use crate::store::catalog::{self, ProductFilter, ScenarioFilter};

pub(super) fn products() -> OpenApiRouter<Hub> {
    OpenApiRouter::new().routes(routes!(list_products)).routes(routes!(product))
}

pub(super) fn scenarios() -> OpenApiRouter<Hub> {
    OpenApiRouter::new().routes(routes!(list_scenarios)).routes(routes!(scenario))
}

/// Products, by id
#[utoipa::path(
    get, path = "/", params(WhichPage, ProductFilter),
    responses((status = 200, body = Page<ProductLine>), (status = 400, body = Problem))
)]
async fn list_products(
    State(hub): State<Hub>,
    which: WhichPage,
    Asked(filter): Asked<ProductFilter>,
) -> Result<Json<Page<ProductLine>>, Problem> {
    let inside = hub.clone();
    let look = move |db: &_| catalog::products(db, &*inside.store().shelf(db)?, &filter, which.page, which.per_page);
    Ok(Json(hub.read(look).await?))
}

/// A product, with the evidence about it
#[utoipa::path(
    get, path = "/{id}", params(("id" = String, Path, description = "Catalog id: `ur20`")),
    responses((status = 200, body = Product), (status = 404, body = Problem))
)]
async fn product(State(hub): State<Hub>, Path(id): Path<String>) -> Result<Json<Product>, Problem> {
    let (current, wanted) = (hub.current(), id.clone());
    let found = hub.read(move |db| catalog::find_product(db, &wanted, &current)).await?;
    found.map(Json).ok_or_else(|| Problem::not_found(Text::new("产品", "product"), &id))
}

/// Jobs, by id
#[utoipa::path(
    get, path = "/", params(WhichPage, ScenarioFilter),
    responses((status = 200, body = Page<ScenarioLine>), (status = 400, body = Problem))
)]
async fn list_scenarios(
    State(hub): State<Hub>,
    which: WhichPage,
    Asked(filter): Asked<ScenarioFilter>,
) -> Result<Json<Page<ScenarioLine>>, Problem> {
    let inside = hub.clone();
    let look = move |db: &_| catalog::scenarios(db, &*inside.store().shelf(db)?, &filter, which.page, which.per_page);
    Ok(Json(hub.read(look).await?))
}

/// A job, with the evidence about it
#[utoipa::path(
    get, path = "/{id}", params(("id" = String, Path, description = "Catalog id: `con-block-palletizing`")),
    responses((status = 200, body = Scenario), (status = 404, body = Problem))
)]
async fn scenario(State(hub): State<Hub>, Path(id): Path<String>) -> Result<Json<Scenario>, Problem> {
    let (current, wanted) = (hub.current(), id.clone());
    let found = hub.read(move |db| catalog::find_scenario(db, &wanted, &current)).await?;
    found.map(Json).ok_or_else(|| Problem::not_found(Text::new("场景", "scenario"), &id))
}
