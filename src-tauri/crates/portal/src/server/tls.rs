//! TLS with certificate and key from files, which are read again when they change.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use thiserror::Error;
use tokio::{sync::watch, time::interval};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        self, ServerConfig,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, PrivateKeyDer, pem, pem::PemObject},
    },
};

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(2);

/// Where certificate and key lie.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsFiles {
    /// The certificate and those that lead to its authority, PEM.
    pub certificate: PathBuf,
    /// Its private key, PEM.
    pub key: PathBuf,
}

/// Why TLS cannot be spoken with these files.
#[derive(Debug, Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("{path} cannot be read")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A file is not PEM, or holds something else.
    #[error("{path} does not hold a {expected} in PEM")]
    Pem {
        /// The file.
        path: PathBuf,
        /// What it should hold.
        expected: &'static str,
        /// What is wrong.
        #[source]
        source: pem::Error,
    },
    /// They do not go together.
    #[error("certificate {certificate} and key {key} cannot be used")]
    Pair {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// What is wrong.
        #[source]
        source: rustls::Error,
    },
}

/// What speaks TLS with the newest good pair of `files`, until `stopped` says so.
pub(super) fn acceptor(
    files: TlsFiles,
    stopped: watch::Receiver<bool>,
) -> Result<watch::Receiver<TlsAcceptor>, TlsError> {
    let changed = files.changed();
    let (newest, receiver) = watch::channel(files.load()?);
    tokio::spawn(follow(files, changed, newest, stopped));
    Ok(receiver)
}

async fn follow(
    files: TlsFiles,
    mut changed: Changed,
    newest: watch::Sender<TlsAcceptor>,
    mut stopped: watch::Receiver<bool>,
) {
    let mut looks = interval(LOOK);
    loop {
        tokio::select! {
            _ = looks.tick() => {}
            _ = stopped.wait_for(|stop| *stop) => return,
        }
        let now = files.changed();
        if now == changed {
            continue;
        }
        match files.load() {
            Ok(acceptor) => {
                changed = now;
                newest.send_replace(acceptor);
                tracing::info!("the certificate was read again");
            }
            // Perhaps only one of the two was replaced yet: the old pair serves meanwhile.
            Err(error) => tracing::warn!(%error, "the new certificate cannot be used yet"),
        }
    }
}

/// When the two files were changed.
type Changed = [Option<(SystemTime, u64)>; 2];

impl TlsFiles {
    fn changed(&self) -> Changed {
        [&self.certificate, &self.key].map(|path| {
            let metadata = fs::metadata(path).ok()?;
            Some((metadata.modified().ok()?, metadata.len()))
        })
    }

    fn load(&self) -> Result<TlsAcceptor, TlsError> {
        let not_pem = |path: &Path, expected| {
            let path = path.to_owned();
            move |source| TlsError::Pem {
                path,
                expected,
                source,
            }
        };
        let text = read(&self.certificate)?;
        let certificates = CertificateDer::pem_slice_iter(&text)
            .collect::<Result<Vec<_>, _>>()
            .map_err(not_pem(&self.certificate, "certificate"))?;
        let key = PrivateKeyDer::from_pem_slice(&zeroize::Zeroizing::new(read(&self.key)?))
            .map_err(not_pem(&self.key, "private key"))?;
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|config| {
                config
                    .with_no_client_auth()
                    .with_single_cert(certificates, key)
            })
            .map_err(|source| TlsError::Pair {
                certificate: self.certificate.clone(),
                key: self.key.clone(),
                source,
            })?;
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    fs::read(path).map_err(|source| TlsError::Read {
        path: path.to_owned(),
        source,
    })
}
