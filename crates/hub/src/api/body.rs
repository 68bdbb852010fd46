//! What a request's body says, and the limits of its texts.

use axum::Json;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use serde::de::DeserializeOwned;

use super::Problem;
use crate::records::Text;

/// A JSON body; one that cannot be read is a [`Problem`].
#[derive(Clone, Debug)]
pub struct Sent<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Sent<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        match Json::<T>::from_request(request, state).await {
            Ok(Json(sent)) => Ok(Self(sent)),
            Err(rejection) => {
                let (status, text) = (rejection.status(), rejection.body_text());
                let title = Text::new("请求正文有误", "the body is wrong");
                // A body that is JSON but not the one that is wanted is as wrong as one that is no JSON.
                let status = if status == StatusCode::UNPROCESSABLE_ENTITY { StatusCode::BAD_REQUEST } else { status };
                Err(Problem::new(
                    status,
                    "wrong-request",
                    title,
                    Text::new(
                        format!("{text}；格式见 /api/v1/openapi.json"),
                        format!("{text}; /api/v1/openapi.json has its form"),
                    ),
                ))
            }
        }
    }
}

/// Refuses a text that is empty, longer than `most` characters, or holds control characters other than line ends.
pub fn text(field: &str, text: &str, most: usize) -> Result<(), Problem> {
    let count = text.chars().count();
    if text.trim().is_empty() || count > most {
        return Err(Problem::wrong(
            format!("{field} 须为 1 至 {most} 个字符"),
            format!("`{field}` has 1 to {most} characters, and not {count}"),
        ));
    }
    if text.chars().any(|c| c.is_control() && c != '\n') {
        return Err(Problem::wrong(
            format!("{field} 含有控制字符"),
            format!("`{field}` holds control characters; take them out"),
        ));
    }
    Ok(())
}

/// [`text`] for both languages.
pub fn texts(field: &str, both: &Text, most: usize) -> Result<(), Problem> {
    text(&format!("{field}.zh"), &both.zh, most)?;
    text(&format!("{field}.en"), &both.en, most)
}

/// [`texts`], or nothing in both.
pub fn texts_or_none(field: &str, both: &Text, most: usize) -> Result<(), Problem> {
    if both.zh.is_empty() && both.en.is_empty() { Ok(()) } else { texts(field, both, most) }
}

/// Refuses what is no id: 2 to 40 lower-case letters, digits and hyphens, a letter first.
pub fn id(field: &str, id: &str) -> Result<(), Problem> {
    let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if (2..=40).contains(&id.len()) && id.starts_with(|c: char| c.is_ascii_lowercase()) && id.chars().all(good) {
        return Ok(());
    }
    Err(Problem::wrong(
        format!("{field} 须为 2 至 40 个小写字母、数字或连字符，以字母开头"),
        format!("`{field}` has 2 to 40 lower-case letters, digits and hyphens, a letter first"),
    ))
}

/// Whether a text is a day of the calendar, year-month-day.
pub fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    let shaped = bytes.len() == 10
        && bytes.iter().enumerate().all(|(i, b)| if i == 4 || i == 7 { *b == b'-' } else { b.is_ascii_digit() });
    let number = |from: usize, to: usize| text.get(from..to).and_then(|part| part.parse::<u32>().ok()).unwrap_or(0);
    let (year, month, day) = (number(0, 4), number(5, 7), number(8, 10));
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    shaped && (1..=days).contains(&day)
}

#[cfg(test)]
mod tests {
    use super::is_date;

    #[test]
    fn a_day_is_one_of_the_calendar() {
        for good in ["2026-11-26", "2028-02-29", "2000-02-29", "0001-01-31"] {
            assert!(is_date(good), "{good}");
        }
        for bad in ["2026-2-1", "2027-02-29", "1900-02-29", "2026-13-01", "2026-00-10", "2026-04-31", "20261126", "日本2026-1"]
        {
            assert!(!is_date(bad), "{bad}");
        }
    }
}
