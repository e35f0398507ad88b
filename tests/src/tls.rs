//! Certificates of an authority that only tests know, and a server that speaks TLS with one.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::process::text_of;
use crate::world::World;

/// A certificate authority, as a company or a snoop has its own.
pub struct Authority {
    folder: PathBuf,
    name: String,
}

/// What a server shows, and its key.
pub struct Identity {
    certificate: PathBuf,
    key: PathBuf,
}

impl Authority {
    /// Founds one.
    pub async fn new(world: &World, name: &str) -> Result<Self> {
        let authority = Self {
            folder: world.path("tmp"),
            name: name.to_owned(),
        };
        let subject = format!("/CN={name}");
        request(world, &subject, &authority.own(), &[]).await?;
        Ok(authority)
    }

    /// Path of its certificate, PEM: whoever trusts this trusts all it vouches for.
    pub fn certificate(&self) -> PathBuf {
        self.own().certificate
    }

    /// Vouches for a server of this name.
    pub async fn vouch(&self, world: &World, host: &str) -> Result<Identity> {
        let identity = self.identity(host);
        let (name, own) = (format!("subjectAltName=DNS:{host}"), self.own());
        let issued = [
            "-CA".as_ref(),
            own.certificate.as_os_str(),
            "-CAkey".as_ref(),
            own.key.as_os_str(),
            "-addext".as_ref(),
            name.as_ref(),
            "-addext".as_ref(),
            "basicConstraints=critical,CA:FALSE".as_ref(),
        ];
        request(world, &format!("/CN={host}"), &identity, &issued).await?;
        Ok(identity)
    }

    fn own(&self) -> Identity {
        self.identity("authority")
    }

    fn identity(&self, of: &str) -> Identity {
        let file = |kind| self.folder.join(format!("{}-{of}-{kind}.pem", self.name));
        Identity {
            certificate: file("certificate"),
            key: file("key"),
        }
    }
}

async fn request(
    world: &World,
    subject: &str,
    files: &Identity,
    more: &[&std::ffi::OsStr],
) -> Result<()> {
    let mut command = world.command("openssl");
    command
        .args(["req", "-x509", "-newkey", "ec", "-nodes", "-days", "3650"])
        .args(["-pkeyopt", "ec_paramgen_curve:prime256v1", "-subj", subject])
        .arg("-keyout")
        .arg(&files.key)
        .arg("-out")
        .arg(&files.certificate)
        .args(more);
    text_of(command).await?;
    Ok(())
}

/// Takes TLS off connections and passes them on. Dropped, it is gone.
pub struct Front {
    /// Where it listens.
    pub port: u16,
    task: JoinHandle<()>,
}

impl Front {
    /// Starts on a port of this address, 0 for any, in front of the server at `http://HOST:PORT`.
    pub async fn start(
        address: IpAddr,
        port: u16,
        identity: &Identity,
        upstream: &str,
    ) -> Result<Self> {
        let acceptor = TlsAcceptor::from(Arc::new(server(identity)?));
        let upstream = upstream.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind((address, port)).await?;
        let port = listener.local_addr()?.port();
        let task = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                connections.spawn(pass_on(acceptor.clone(), client, upstream.clone()));
            }
        });
        Ok(Self { port, task })
    }

    /// Ends it, so that another can have its port.
    pub async fn stop(mut self) {
        self.task.abort();
        // What it ended with is that.
        (&mut self.task).await.ok();
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn pass_on(acceptor: TlsAcceptor, client: TcpStream, upstream: String) -> Result<()> {
    let mut client = acceptor.accept(client).await?;
    let mut server = TcpStream::connect(upstream).await?;
    copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}

fn server(identity: &Identity) -> Result<ServerConfig> {
    let read = |path: &Path| std::fs::read(path).with_context(|| path.display().to_string());
    let chain = CertificateDer::pem_slice_iter(&read(&identity.certificate)?)
        .collect::<Result<Vec<_>, _>>()?;
    let key = PrivateKeyDer::from_pem_slice(&read(&identity.key)?)?;
    Ok(ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, key)?)
}
