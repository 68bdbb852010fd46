//! Words of an address after its `?`.

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use leitai_proving::report::Language;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;

use super::Problem;

/// The most entries of a page.
const MOST: u64 = 200;
/// The last page that is looked up; beyond, a search is the better way.
const LAST: u64 = 100_000;

/// What an address asks for; a word that cannot be read is a [`Problem`].
#[derive(Clone, Debug)]
pub struct Asked<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let asked = Query::<T>::from_request_parts(parts, state).await;
        asked.map(|Query(asked)| Self(asked)).map_err(|error| {
            let text = error.body_text();
            Problem::wrong(format!("地址中的查询有误：{text}"), format!("the query in the address is wrong: {text}"))
        })
    }
}

/// In which language a page of its own opens: `?lang=zh`.
#[derive(Clone, Debug, Deserialize)]
pub struct Opens {
    lang: Option<String>,
}

impl Opens {
    /// English, unless Chinese is asked for.
    #[must_use]
    pub fn language(&self) -> Language {
        if self.lang.as_deref() == Some("zh") { Language::Zh } else { Language::En }
    }
}

/// Which part of a list
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WhichPage {
    /// Which page, from 1
    #[serde(default = "first")]
    #[param(minimum = 1, maximum = 100_000, default = 1)]
    pub page: u64,
    /// Entries of a page
    #[serde(default = "usual")]
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub per_page: u64,
}

fn first() -> u64 {
    1
}

fn usual() -> u64 {
    50
}

impl<S: Send + Sync> FromRequestParts<S> for WhichPage {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Asked(which) = Asked::<Self>::from_request_parts(parts, state).await?;
        if !(1..=LAST).contains(&which.page) || !(1..=MOST).contains(&which.per_page) {
            return Err(Problem::wrong(
                format!("page 须为 1 至 {LAST}，per_page 须为 1 至 {MOST}"),
                format!("page is 1 to {LAST}, per_page 1 to {MOST}"),
            ));
        }
        Ok(which)
    }
}
