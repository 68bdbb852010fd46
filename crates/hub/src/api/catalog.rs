//! Products and scenarios.

use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;
use utoipa::IntoParams;
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

#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ProductQuery {
    /// Words in Chinese or English
    q: Option<String>,
    /// Kind of robot: `manipulator`
    class: Option<String>,
    /// Sector it is meant for: `construction`
    sector: Option<String>,
    /// Least stated payload, kg
    payload_min: Option<f64>,
    /// Least stated reach, m
    reach_min: Option<f64>,
    /// Standing of the payload: `verified`, `recalled` or `assumed`
    standing: Option<String>,
}

/// Products, by id
#[utoipa::path(
    get, path = "/", params(WhichPage, ProductQuery),
    responses((status = 200, body = Page<ProductLine>), (status = 400, body = Problem))
)]
async fn list_products(
    State(hub): State<Hub>,
    which: WhichPage,
    Asked(q): Asked<ProductQuery>,
) -> Result<Json<Page<ProductLine>>, Problem> {
    let ProductQuery { q, class, sector, payload_min, reach_min, standing } = q;
    let filter = ProductFilter { q, class, sector, payload_min, reach_min, standing };
    Ok(Json(hub.read(move |db| catalog::products(db, &filter, which.page, which.per_page)).await?))
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

#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ScenarioQuery {
    /// Words in Chinese or English
    q: Option<String>,
    /// Sector: `construction`
    sector: Option<String>,
}

/// Jobs, by id
#[utoipa::path(
    get, path = "/", params(WhichPage, ScenarioQuery),
    responses((status = 200, body = Page<ScenarioLine>), (status = 400, body = Problem))
)]
async fn list_scenarios(
    State(hub): State<Hub>,
    which: WhichPage,
    Asked(q): Asked<ScenarioQuery>,
) -> Result<Json<Page<ScenarioLine>>, Problem> {
    let filter = ScenarioFilter { q: q.q, sector: q.sector };
    Ok(Json(hub.read(move |db| catalog::scenarios(db, &filter, which.page, which.per_page)).await?))
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
