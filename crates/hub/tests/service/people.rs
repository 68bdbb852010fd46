//! People who ask a hub: with a token and a JSON body, or as a browser that signed in.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Answer, Service};

/// Everybody's password.
pub const PASSWORD: &str = "a long password";

/// Asks with a token, as a request carries it, and a JSON body.
pub fn ask(service: &Service, method: Method, address: &str, token: Option<&str>, body: &Value) -> Answer {
    let mut headers = vec![("content-type", "application/json")];
    headers.extend(token.map(|token| ("authorization", token)));
    service.ask(method, &format!("/api/v1{address}"), &headers, body.to_string().as_bytes())
}

/// States an organization as the operator.
pub fn organize(service: &Service, id: &str, kind: &str) {
    let body = json!({ "name": { "zh": format!("{id} 公司"), "en": format!("{id} Ltd") }, "kind": kind, "why": "a test" });
    let made = ask(service, Method::PUT, &format!("/organizations/{id}"), Some(&service.token()), &body);
    assert_eq!(made.status, StatusCode::OK, "{}", String::from_utf8_lossy(&made.body));
}

/// The secret of an invitation that the operator makes.
pub fn invitation(service: &Service, organization: Option<&str>, role: &str) -> String {
    let body = json!({ "organization": organization, "role": role });
    let made = ask(service, Method::POST, "/invitations", Some(&service.token()), &body);
    assert_eq!(made.status, StatusCode::CREATED, "{}", String::from_utf8_lossy(&made.body));
    made.json()["page"].as_str().expect("a page").trim_start_matches("/join#").to_string()
}

/// Takes an invitation up with a new account.
pub fn join(service: &Service, key: &str, account: &str) -> Answer {
    let newcomer = json!({ "account": account, "name": account, "password": PASSWORD });
    ask(service, Method::POST, "/invitations/join", None, &json!({ "key": key, "newcomer": newcomer }))
}

/// A new account that acts for an organization, or for none: a token for all that it may.
pub fn member(service: &Service, organization: Option<&str>, account: &str) -> String {
    let joined = join(service, &invitation(service, organization, "member"), account);
    assert_eq!(joined.status, StatusCode::NO_CONTENT, "{}", String::from_utf8_lossy(&joined.body));
    Browser::sign_in(service, account, PASSWORD).expect("signs in").token(service)
}

/// A browser that signed in: its cookie and what its changes carry.
pub struct Browser {
    pub cookie: String,
    pub csrf: String,
}

impl Browser {
    pub fn sign_in(service: &Service, account: &str, password: &str) -> Result<Self, StatusCode> {
        let answer = ask(service, Method::POST, "/session", None, &json!({ "account": account, "password": password }));
        if answer.status != StatusCode::NO_CONTENT {
            return Err(answer.status);
        }
        let cookie = answer.headers["set-cookie"].to_str().expect("text").split(';').next().expect("a pair").to_string();
        let who = service.ask(Method::GET, "/api/v1/session", &[("cookie", &cookie)], &[]).json();
        assert_eq!(who["account"]["id"], account);
        Ok(Self { cookie, csrf: who["csrf_token"].as_str().expect("a token").to_string() })
    }

    pub fn ask(&self, service: &Service, method: Method, address: &str, body: &Value) -> Answer {
        let headers = [("content-type", "application/json"), ("cookie", &self.cookie), ("x-csrf-token", &self.csrf)];
        service.ask(method, &format!("/api/v1{address}"), &headers, body.to_string().as_bytes())
    }

    /// A token for all that this account may, as a request carries it.
    pub fn token(&self, service: &Service) -> String {
        let who = service.ask(Method::GET, "/api/v1/session", &[("cookie", &self.cookie)], &[]).json();
        let wanted = json!({ "label": "a test", "abilities": who["abilities"], "days": 1 });
        let made = self.ask(service, Method::POST, "/session/tokens", &wanted);
        assert_eq!(made.status, StatusCode::CREATED, "{}", String::from_utf8_lossy(&made.body));
        format!("Bearer {}", made.json()["secret"].as_str().expect("a secret"))
    }
}
