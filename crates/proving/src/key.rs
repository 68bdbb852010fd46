//! Ed25519 keys that sign evidence, and the folder of keys someone trusts.
//!
//! Keys are stored in the standard PEM forms (PKCS #8 and SubjectPublicKeyInfo, RFC 8410), so that OpenSSL and others read
//! them. A key's id is the SHA-256 of its SubjectPublicKeyInfo.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use sha2::{Digest as _, Sha256};

// RFC 8410 fixes everything in these structures but the 32 bytes that follow.
const PKCS8_PREFIX: [u8; 16] = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
const SPKI_PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0];
const SECRET_LABEL: &str = "PRIVATE KEY";
const PUBLIC_LABEL: &str = "PUBLIC KEY";
/// A PEM file of either kind is below 150 bytes; anything much longer is something else.
const MOST_BYTES: u64 = 4096;

/// Why a key cannot be made, read or used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The operating system refused.
    #[error("{file}: {source}")]
    Io {
        /// The key file.
        file: PathBuf,
        /// What it said.
        source: std::io::Error,
    },
    /// A key is never overwritten: what it signed could no longer be signed again.
    #[error("{0}: already exists and is left alone; choose another path")]
    Exists(PathBuf),
    /// The system gave no entropy.
    #[error("the operating system gave no random bytes: {0}")]
    Entropy(getrandom::Error),
    /// Not a key of this kind.
    #[error("{file}: not an Ed25519 {label} in PEM; make one with `leitai key new`")]
    Format {
        /// The file.
        file: PathBuf,
        /// `PRIVATE KEY` or `PUBLIC KEY`.
        label: &'static str,
    },
    /// Others could sign in the owner's name.
    #[error("{0}: others can read this secret key; run `chmod 600` on it")]
    Exposed(PathBuf),
}

/// A key that signs.
pub struct SecretKey(SigningKey);

/// A key that checks signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

impl SecretKey {
    /// Makes a new key: the secret at `path` (mode 0600), the public key at `path` with `.pub` appended.
    ///
    /// # Errors
    /// If either file exists or cannot be written; then neither is left behind.
    pub fn create(path: &Path) -> Result<Self, KeyError> {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).map_err(KeyError::Entropy)?;
        let key = Self(SigningKey::from_bytes(&secret));
        let public_path = public_path(path);
        if public_path.exists() {
            return Err(KeyError::Exists(public_path));
        }
        write_new(path, &pem(SECRET_LABEL, &PKCS8_PREFIX, &secret), 0o600)?;
        if let Err(error) = write_new(&public_path, &key.public().to_pem(), 0o644) {
            // Best effort: the first error is the one to report.
            let _ = fs::remove_file(path);
            return Err(error);
        }
        Ok(key)
    }

    /// Reads a secret key.
    ///
    /// # Errors
    /// If it is not a key, or if others can read it.
    pub fn read(path: &Path) -> Result<Self, KeyError> {
        let wrong = || KeyError::Format { file: path.to_path_buf(), label: SECRET_LABEL };
        let bytes = from_pem(&read_small(path)?, SECRET_LABEL, &PKCS8_PREFIX).ok_or_else(wrong)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(path).map_err(|source| io(path, source))?.permissions().mode();
            if mode & 0o077 != 0 {
                return Err(KeyError::Exposed(path.to_path_buf()));
            }
        }
        Ok(Self(SigningKey::from_bytes(&bytes)))
    }

    /// The key that checks this one's signatures.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}

impl PublicKey {
    /// SHA-256 of the key's SubjectPublicKeyInfo, 64 hexadecimal digits.
    #[must_use]
    pub fn id(&self) -> String {
        hex(&Sha256::digest([SPKI_PREFIX.as_slice(), &self.0.to_bytes()].concat()))
    }

    /// The standard text form.
    #[must_use]
    pub fn to_pem(&self) -> String {
        pem(PUBLIC_LABEL, &SPKI_PREFIX, &self.0.to_bytes())
    }

    /// From the standard text form; `None` if it is not one, or not a point of the curve.
    #[must_use]
    pub fn from_pem(text: &str) -> Option<Self> {
        let bytes = from_pem(text, PUBLIC_LABEL, &SPKI_PREFIX)?;
        VerifyingKey::from_bytes(&bytes).ok().map(Self)
    }

    /// Whether `signature` is this key's on `message`. Strict: a signature has one accepted form (no malleability).
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature).is_ok_and(|s| self.0.verify_strict(message, &s).is_ok())
    }
}

/// The public keys someone trusts, by name: the `*.pub` files of one folder.
#[derive(Clone, Debug, Default)]
pub struct TrustStore {
    names: BTreeMap<String, String>,
}

impl TrustStore {
    /// Reads the folder; one that does not exist trusts nobody.
    ///
    /// # Errors
    /// If the folder cannot be read or one of its `*.pub` files is not a public key.
    pub fn open(folder: &Path) -> Result<Self, KeyError> {
        let mut names = BTreeMap::new();
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(io(folder, error)),
        };
        for entry in entries {
            let path = entry.map_err(|source| io(folder, source))?.path();
            let (Some(name), Some("pub")) =
                (path.file_stem().and_then(|s| s.to_str()), path.extension().and_then(|s| s.to_str()))
            else {
                continue;
            };
            let wrong = || KeyError::Format { file: path.clone(), label: PUBLIC_LABEL };
            let key = PublicKey::from_pem(&read_small(&path)?).ok_or_else(wrong)?;
            names.insert(key.id(), name.to_string());
        }
        Ok(Self { names })
    }

    /// Trusts one more key under `name`.
    #[must_use]
    pub fn with(mut self, name: &str, key: &PublicKey) -> Self {
        self.names.insert(key.id(), name.to_string());
        self
    }

    /// Ids and names of all trusted keys.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.names.iter().map(|(id, name)| (id.as_str(), name.as_str()))
    }

    /// The name under which a key is trusted, if it is.
    #[must_use]
    pub fn name(&self, key_id: &str) -> Option<&str> {
        self.names.get(key_id).map(String::as_str)
    }
}

/// The public key's path beside a secret key's.
#[must_use]
pub fn public_path(secret: &Path) -> PathBuf {
    let mut name = secret.as_os_str().to_os_string();
    name.push(".pub");
    PathBuf::from(name)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn pem(label: &str, prefix: &[u8], key: &[u8; 32]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", BASE64.encode([prefix, key].concat()))
}

fn from_pem(text: &str, label: &str, prefix: &[u8]) -> Option<[u8; 32]> {
    let body = text.trim().strip_prefix(&format!("-----BEGIN {label}-----"))?;
    let body = body.strip_suffix(&format!("-----END {label}-----"))?;
    let body: String = body.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    BASE64.decode(body).ok()?.strip_prefix(prefix)?.try_into().ok()
}

fn io(path: &Path, source: std::io::Error) -> KeyError {
    KeyError::Io { file: path.to_path_buf(), source }
}

fn read_small(path: &Path) -> Result<String, KeyError> {
    use std::io::Read;
    let mut text = String::new();
    let file = fs::File::open(path).map_err(|source| io(path, source))?;
    file.take(MOST_BYTES).read_to_string(&mut text).map_err(|source| io(path, source))?;
    Ok(text)
}

fn write_new(path: &Path, text: &str, mode: u32) -> Result<(), KeyError> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    #[cfg(not(unix))]
    let _ = mode;
    let mut file = options.open(path).map_err(|source| match source.kind() {
        std::io::ErrorKind::AlreadyExists => KeyError::Exists(path.to_path_buf()),
        _ => io(path, source),
    })?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(|source| {
        // Best effort: a half-written key must not look like one.
        let _ = fs::remove_file(path);
        io(path, source)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8032 §7.1, test 1: this secret key has this public key and signs the empty message with this signature.
    #[test]
    fn signatures_are_those_of_rfc_8032() {
        let bytes = |text: &str| -> Vec<u8> {
            (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).expect("hex")).collect()
        };
        let secret = bytes("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
        let key = SecretKey(SigningKey::from_bytes(&secret.try_into().expect("32 bytes")));
        assert_eq!(hex(&key.public().0.to_bytes()), "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
        let signature = bytes(
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        );
        assert_eq!(key.sign(b"").as_slice(), signature);
        assert!(key.public().verifies(b"", &signature) && !key.public().verifies(b"x", &signature));
    }

    /// RFC 8410 §10.1 and §10.3 print this key pair.
    #[test]
    fn pem_is_that_of_rfc_8410() {
        let public = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n";
        let secret = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
        let bytes = from_pem(secret, SECRET_LABEL, &PKCS8_PREFIX).expect("the RFC's key");
        assert_eq!(PublicKey(SigningKey::from_bytes(&bytes).verifying_key()).to_pem(), public);
        assert_eq!(PublicKey::from_pem(public).map(|k| k.to_pem()).as_deref(), Some(public));
        assert_eq!(PublicKey::from_pem(secret), None);
    }

    #[test]
    fn a_new_key_is_private_and_never_overwrites() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("lab");
        let key = SecretKey::create(&path).expect("a new key");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(&path).expect("the file").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
            fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("chmod");
            assert!(matches!(SecretKey::read(&path), Err(KeyError::Exposed(_))));
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("chmod");
        }
        assert_eq!(SecretKey::read(&path).expect("it was just written").public(), key.public());
        assert!(matches!(SecretKey::create(&path), Err(KeyError::Exists(_))));
        let store = TrustStore::open(folder.path()).expect("the folder holds one public key");
        assert_eq!(store.name(&key.public().id()), Some("lab"));
        assert_eq!(TrustStore::open(&folder.path().join("none")).expect("an empty store").name("x"), None);
        fs::write(folder.path().join("bad.pub"), "no key").expect("writes");
        assert!(TrustStore::open(folder.path()).expect_err("a bad key").to_string().contains("bad.pub"));
    }
}
