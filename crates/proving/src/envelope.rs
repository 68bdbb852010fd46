//! The signature on a bundle: an in-toto Statement v1 in a DSSE envelope, signed with Ed25519.
//!
//! The statement lists the SHA-256 of every member of the bundle and the bundle's BLAKE3 digest. DSSE signs the statement's
//! type and bytes together (its "pre-authentication encoding"), so that a signature cannot be reused for another type. The
//! signer's public key travels beside the signature: it proves that one holder signed all of it, and the verifier's
//! [`TrustStore`] says who that is.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};

use crate::canonical::Digest;
use crate::key::{PublicKey, SecretKey, TrustStore};

const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";
const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";
const PREDICATE_TYPE: &str = "urn:leitai:evidence:v1";
/// The subject that stands for the whole bundle.
const WHOLE: &str = "bundle";

/// A DSSE envelope, as stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Envelope {
    /// Always the in-toto media type.
    payload_type: String,
    /// The statement's bytes in Base64.
    payload: String,
    /// One signature.
    signatures: Vec<EnvelopeSignature>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct EnvelopeSignature {
    keyid: String,
    sig: String,
    #[serde(rename = "publicKey")]
    public_key: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Statement {
    #[serde(rename = "_type")]
    kind: String,
    subject: Vec<StatementSubject>,
    predicate_type: String,
    predicate: StatementPredicate,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct StatementSubject {
    name: String,
    digest: BTreeMap<String, String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct StatementPredicate {
    claim: Digest,
    verdict: String,
    engine: String,
}

/// What is signed: the members' SHA-256, the bundle's digest and what it says.
pub(crate) struct Signed<'a> {
    pub members: &'a BTreeMap<String, String>,
    pub bundle: Digest,
    pub claim: Digest,
    pub verdict: &'a str,
    pub engine: &'a str,
}

/// Who signed a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase", tag = "signature")]
pub enum Signer {
    /// Nobody.
    Unsigned,
    /// The holder of this key, whose signature is good.
    Signed {
        /// The key's id.
        key_id: String,
        /// The name under which the verifier trusts it; `None` if it is not trusted.
        trusted_as: Option<String>,
    },
}

impl std::fmt::Display for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unsigned => f.write_str("unsigned: nobody vouches for this bundle"),
            Self::Signed { key_id, trusted_as: Some(name) } => {
                write!(f, "signed by {name}, a key you trust ({})", &key_id[..16])
            }
            Self::Signed { key_id, trusted_as: None } => {
                write!(f, "signed by a key you do not trust ({})", &key_id[..16])
            }
        }
    }
}

impl Envelope {
    pub(crate) fn sign(what: &Signed, key: &SecretKey) -> Self {
        let statement = serde_json::to_vec(&statement(what)).expect("a statement has string keys only");
        let public = key.public();
        let signature = EnvelopeSignature {
            keyid: public.id(),
            sig: BASE64.encode(key.sign(&pre_authentication(&statement))),
            public_key: public.to_pem(),
        };
        Self { payload_type: PAYLOAD_TYPE.to_string(), payload: BASE64.encode(statement), signatures: vec![signature] }
    }

    /// Checks the signature, and that it covers exactly `what`; otherwise says what differs.
    pub(crate) fn check(&self, what: &Signed, trust: &TrustStore) -> Result<Signer, String> {
        let [signature] = self.signatures.as_slice() else {
            return Err(format!("the envelope has {} signatures instead of one", self.signatures.len()));
        };
        let payload = BASE64.decode(&self.payload).map_err(|_| "the envelope's payload is not Base64")?;
        let sig = BASE64.decode(&signature.sig).map_err(|_| "the signature is not Base64")?;
        let key = PublicKey::from_pem(&signature.public_key).ok_or("the signer's public key is not an Ed25519 key")?;
        if key.id() != signature.keyid || self.payload_type != PAYLOAD_TYPE {
            return Err("the envelope's key id or type was altered".to_string());
        }
        if !key.verifies(&pre_authentication(&payload), &sig) {
            return Err(format!("the signature is not that of key {}", &signature.keyid[..16]));
        }
        let signed: Statement = serde_json::from_slice(&payload).map_err(|e| format!("the signed statement: {e}"))?;
        let actual = statement(what);
        if signed != actual {
            return Err(signed.difference(&actual));
        }
        let trusted_as = trust.name(&signature.keyid).map(str::to_string);
        Ok(Signer::Signed { key_id: signature.keyid.clone(), trusted_as })
    }
}

impl Statement {
    fn difference(&self, actual: &Self) -> String {
        let digests = |s: &Self| -> BTreeMap<String, BTreeMap<String, String>> {
            s.subject.iter().map(|x| (x.name.clone(), x.digest.clone())).collect()
        };
        let (signed, found) = (digests(self), digests(actual));
        for name in signed.keys().chain(found.keys()).filter(|name| *name != WHOLE) {
            match (signed.get(name), found.get(name)) {
                (Some(_), None) => return format!("member `{name}` was signed and is missing"),
                (None, Some(_)) => return format!("member `{name}` is not covered by the signature"),
                (a, b) if a != b => return format!("member `{name}` is not the one that was signed"),
                _ => {}
            }
        }
        "the signed statement is about another bundle".to_string()
    }
}

fn statement(what: &Signed) -> Statement {
    let subject = |name: &str, algorithm: &str, digest: String| StatementSubject {
        name: name.to_string(),
        digest: [(algorithm.to_string(), digest)].into(),
    };
    let members = what.members.iter().map(|(name, sha256)| subject(name, "sha256", sha256.clone()));
    Statement {
        kind: STATEMENT_TYPE.to_string(),
        subject: members.chain([subject(WHOLE, "blake3", what.bundle.to_string())]).collect(),
        predicate_type: PREDICATE_TYPE.to_string(),
        predicate: StatementPredicate { claim: what.claim, verdict: what.verdict.to_string(), engine: what.engine.to_string() },
    }
}

/// DSSE v1: `DSSEv1 LEN(type) type LEN(body) body`.
fn pre_authentication(body: &[u8]) -> Vec<u8> {
    let head = format!("DSSEv1 {} {PAYLOAD_TYPE} {} ", PAYLOAD_TYPE.len(), body.len());
    [head.as_bytes(), body].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The DSSE specification's own example has the shape `DSSEv1 29 http://example.com/HelloWorld 11 hello world`.
    #[test]
    fn what_is_signed_names_its_type_and_lengths() {
        assert_eq!(pre_authentication(b"hello world"), b"DSSEv1 28 application/vnd.in-toto+json 11 hello world");
    }

    #[test]
    fn a_signature_covers_every_member() {
        let folder = tempfile::tempdir().expect("a folder");
        let key = SecretKey::create(&folder.path().join("k")).expect("a key");
        let other = SecretKey::create(&folder.path().join("o")).expect("a key");
        let members: BTreeMap<String, String> = [("claim.json".to_string(), "aa".to_string())].into();
        let what = |members| Signed {
            members,
            bundle: Digest([1; 32]),
            claim: Digest([2; 32]),
            verdict: "proved",
            engine: "leitai 0.1.0",
        };
        let envelope = Envelope::sign(&what(&members), &key);
        let trust = TrustStore::default().with("lab", &key.public());
        let signer = envelope.check(&what(&members), &trust).expect("a good signature");
        assert!(signer.to_string().starts_with("signed by lab, a key you trust"));
        let signer = envelope.check(&what(&members), &TrustStore::default()).expect("a good signature");
        assert!(signer.to_string().starts_with("signed by a key you do not trust"));

        let changed: BTreeMap<String, String> = [("claim.json".to_string(), "ab".to_string())].into();
        let said = envelope.check(&what(&changed), &trust).expect_err("a changed member");
        assert_eq!(said, "member `claim.json` is not the one that was signed");
        let more = members.iter().map(|(a, b)| (a.clone(), b.clone())).chain([("x".to_string(), "cc".to_string())]).collect();
        let said = envelope.check(&what(&more), &trust).expect_err("one more member");
        assert_eq!(said, "member `x` is not covered by the signature");

        let mut forged = envelope.clone();
        forged.signatures[0].public_key = other.public().to_pem();
        forged.signatures[0].keyid = other.public().id();
        assert!(forged.check(&what(&members), &trust).expect_err("another key").starts_with("the signature is not that of"));
    }
}
