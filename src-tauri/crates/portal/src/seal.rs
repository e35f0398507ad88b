//! Sealed text: what the portal hands out and must recognize again without storing it.

use std::{fs, io, path::Path};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chacha20poly1305::{
    Key, KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use hmac::{Hmac, Mac};
use serde::{Serialize, de::DeserializeOwned};
use sha2::Sha256;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::store::create_private;

const NONCE: usize = 24;

/// Why sealed text could not be made or read.
#[derive(Debug, Error)]
pub enum SealError {
    /// Altered, foreign, or sealed for another purpose.
    #[error("the sealed text is not ours")]
    Invalid,
    /// The value has no JSON form.
    #[error("the value cannot be sealed")]
    Value(#[source] serde_json::Error),
    /// The master key's file could not be read or written.
    #[error("the master key {path} cannot be used")]
    Key {
        /// The file.
        path: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

/// Seals values under the portal's master key (XChaCha20-Poly1305), and signs text.
#[derive(Clone)]
pub struct Seal {
    cipher: XChaCha20Poly1305,
    key: Zeroizing<[u8; 32]>,
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seal(redacted)")
    }
}

impl Seal {
    /// The seal whose key is the file `path`, which is made (mode 600) if there is none.
    pub fn open_or_create(path: &Path) -> Result<Self, SealError> {
        if !path.exists() {
            let key = Zeroizing::new(rand::random::<[u8; 32]>());
            create_private(path, &*key).map_err(|source| unusable(path, source))?;
        }
        // Another process may have been first: its key counts for both.
        Self::read(path)
    }

    /// The seal whose key is the file `path`.
    pub(crate) fn read(path: &Path) -> Result<Self, SealError> {
        let failed = |source| unusable(path, source);
        let key = Zeroizing::new(fs::read(path).map_err(failed)?);
        let key = <[u8; 32]>::try_from(key.as_slice())
            .map(Zeroizing::new)
            .map_err(|_| failed(io::Error::other("it is not 32 bytes long")))?;
        Ok(Self::with_key(&key))
    }

    /// The seal of this very key.
    pub fn with_key(key: &[u8; 32]) -> Self {
        Self {
            cipher: XChaCha20Poly1305::new(&Key::from(*key)),
            key: Zeroizing::new(*key),
        }
    }

    /// What tells this key from others without giving it away.
    pub fn fingerprint(&self) -> String {
        data_encoding::HEXLOWER.encode(&self.sign("fingerprint", ""))
    }

    /// `value` sealed for `purpose`, in base64url. It can be opened for this purpose only.
    pub fn seal(&self, purpose: &str, value: &impl Serialize) -> Result<String, SealError> {
        let plain = Zeroizing::new(serde_json::to_vec(value).map_err(SealError::Value)?);
        let nonce = rand::random::<[u8; NONCE]>();
        let payload = Payload {
            msg: &plain,
            aad: purpose.as_bytes(),
        };
        let sealed = self
            .cipher
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| SealError::Invalid)?;
        Ok(URL_SAFE_NO_PAD.encode([nonce.as_slice(), &sealed].concat()))
    }

    /// A signature of `text` (HMAC-SHA-256) with the key of this purpose.
    pub fn sign(&self, purpose: &str, text: &str) -> [u8; 32] {
        *hmac(&*hmac(&*self.key, purpose), text)
    }

    /// The value that was sealed for `purpose`.
    pub fn open<T: DeserializeOwned>(&self, purpose: &str, sealed: &str) -> Result<T, SealError> {
        let bytes = URL_SAFE_NO_PAD
            .decode(sealed)
            .map_err(|_| SealError::Invalid)?;
        let (nonce, sealed) = bytes
            .split_first_chunk::<NONCE>()
            .ok_or(SealError::Invalid)?;
        let payload = Payload {
            msg: sealed,
            aad: purpose.as_bytes(),
        };
        let plain = self
            .cipher
            .decrypt(&XNonce::from(*nonce), payload)
            .map(Zeroizing::new)
            .map_err(|_| SealError::Invalid)?;
        serde_json::from_slice(&plain).map_err(|_| SealError::Invalid)
    }
}

fn unusable(path: &Path, source: io::Error) -> SealError {
    let path = path.display().to_string();
    SealError::Key { path, source }
}

/// HMAC-SHA-256 (RFC 2104).
pub(crate) fn hmac(key: &[u8], text: &str) -> Zeroizing<[u8; 32]> {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any key length");
    mac.update(text.as_bytes());
    Zeroizing::new(mac.finalize().into_bytes().into())
}

#[cfg(test)]
mod tests {
    use std::{collections::HashSet, sync::Barrier, thread};

    use super::*;

    #[test]
    fn opens_only_what_it_sealed_and_for_its_purpose() {
        let seal = Seal::with_key(&[7; 32]);
        let sealed = seal.seal("sts", &("account", 5)).expect("sealed");
        let opened: (String, u8) = seal.open("sts", &sealed).expect("opened");
        assert_eq!(opened, ("account".to_owned(), 5));

        assert!(seal.open::<(String, u8)>("federation", &sealed).is_err());
        assert!(
            Seal::with_key(&[8; 32])
                .open::<(String, u8)>("sts", &sealed)
                .is_err()
        );
        let mut altered = sealed.into_bytes();
        altered[40] = if altered[40] == b'A' { b'B' } else { b'A' };
        let altered = String::from_utf8(altered).expect("ASCII");
        assert!(seal.open::<(String, u8)>("sts", &altered).is_err());
    }

    #[test]
    fn whoever_opens_first_makes_the_key_of_all() {
        for _ in 0..20 {
            let folder = tempfile::tempdir().expect("folder");
            let path = folder.path().join("master.key");
            let start = Barrier::new(4);
            let open = || {
                start.wait();
                Seal::open_or_create(&path).expect("opened").fingerprint()
            };
            let seals: HashSet<String> = thread::scope(|scope| {
                let openers: Vec<_> = (0..4).map(|_| scope.spawn(open)).collect();
                let opened = openers.into_iter().map(|opener| opener.join());
                opened.map(|seal| seal.expect("no panic")).collect()
            });
            assert_eq!(seals.len(), 1, "{seals:?}");
        }
    }

    #[test]
    fn the_key_is_kept_and_private() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("master.key");
        let sealed = Seal::open_or_create(&path)
            .and_then(|seal| seal.seal("x", &1))
            .expect("sealed");
        let again: u8 = Seal::open_or_create(&path)
            .and_then(|seal| seal.open("x", &sealed))
            .expect("opened");
        assert_eq!(again, 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(&path).expect("metadata").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }
}
