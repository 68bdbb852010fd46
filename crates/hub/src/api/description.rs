//! What the API's description says of refusals: they are alike everywhere, so they are told once, here.

use serde_json::{Map, Value, json};

/// Completes a description: every refusal is a problem, and every address has those that any address has.
pub(super) fn with_refusals(mut document: Value) -> Value {
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    for (path, operations) in paths {
        for operation in operations.as_object_mut().into_iter().flat_map(Map::values_mut) {
            let has_body = operation.get("requestBody").is_some();
            let asks = has_body || path.contains('{') || operation.get("parameters").is_some();
            let Some(responses) = operation["responses"].as_object_mut() else { continue };
            let mut any = |applies: bool, status: &str, why: &str| {
                if applies && !responses.contains_key(status) {
                    responses.insert(status.to_string(), json!({ "description": why }));
                }
            };
            any(asks, "400", "The address or the body is wrong");
            any(has_body, "413", "The body is too large");
            any(has_body, "415", "The body is of another type");
            any(true, "429", "Asked too often");
            for (_, refusal) in responses.iter_mut().filter(|(status, _)| status.starts_with(['4', '5'])) {
                refusal["content"] =
                    json!({ "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } });
            }
        }
    }
    document
}
