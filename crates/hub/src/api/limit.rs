//! How often somebody may ask: a bucket of tokens for each name or address, refilled at a steady rate.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::Problem;
use crate::records::Text;

/// Buckets that are kept; full ones are forgotten first.
const MOST: usize = 100_000;

/// Limits how often each of many may ask.
#[derive(Debug)]
pub struct Limiter {
    burst: f64,
    per_second: f64,
    buckets: Mutex<BTreeMap<String, Bucket>>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    left: f64,
    at: Instant,
}

impl Limiter {
    /// `burst` requests at once, and `per_second` in the long run.
    pub fn new(burst: f64, per_second: f64) -> Self {
        Self { burst, per_second, buckets: Mutex::default() }
    }

    /// Counts a request of `name`.
    ///
    /// # Errors
    /// If it comes too soon: how long to wait.
    pub fn take(&self, name: &str) -> Result<(), Duration> {
        self.take_at(name, Instant::now())
    }

    fn take_at(&self, name: &str, now: Instant) -> Result<(), Duration> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let filled = |bucket: &Bucket| {
            (bucket.left + now.saturating_duration_since(bucket.at).as_secs_f64() * self.per_second).min(self.burst)
        };
        if buckets.len() >= MOST && !buckets.contains_key(name) {
            buckets.retain(|_, bucket| filled(bucket) < self.burst);
            if buckets.len() >= MOST {
                // So many askers at once is an attack: strangers wait.
                return Err(Duration::from_secs(60));
            }
        }
        let bucket = buckets.entry(name.to_string()).or_insert(Bucket { left: self.burst, at: now });
        let left = filled(bucket);
        *bucket = Bucket { left, at: now };
        if left < 1.0 {
            return Err(Duration::from_secs_f64((1.0 - left) / self.per_second));
        }
        bucket.left -= 1.0;
        Ok(())
    }
}

/// The answer to who asks too often.
pub fn too_often(wait: Duration) -> Response {
    let seconds = wait.as_secs() + 1;
    let problem = Problem::new(
        StatusCode::TOO_MANY_REQUESTS,
        "too-often",
        Text::new("请求过于频繁", "too many requests"),
        Text::new(format!("{seconds} 秒后重试"), format!("try again in {seconds} s")),
    );
    let mut response = problem.into_response();
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_empties_and_fills_again() {
        let (limiter, start) = (Limiter::new(2.0, 0.5), Instant::now());
        assert!(limiter.take_at("a", start).is_ok() && limiter.take_at("a", start).is_ok());
        assert_eq!(limiter.take_at("a", start), Err(Duration::from_secs(2)));
        assert!(limiter.take_at("b", start).is_ok(), "each has its own");
        assert!(limiter.take_at("a", start + Duration::from_secs(2)).is_ok());
        assert!(limiter.take_at("a", start + Duration::from_secs(3)).is_err());
    }
}
