//! One connection after the other: accepted, with TLS if there is any, and served HTTP/1.1 with
//! limits on how long a client may take.

use std::{io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::ConnectInfo, http::Request};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::{GracefulShutdown, Watcher},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::watch,
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

use super::crowd::{Crowd, Place};

/// How long a TLS handshake may take, and then the head of each request, from the end of the answer
/// before it.
const HEAD: Duration = Duration::from_secs(30);
/// How long to wait when the system has no room for another connection.
const NO_ROOM: Duration = Duration::from_millis(50);

/// One address of the portal.
pub(super) struct Listening {
    pub(super) listener: TcpListener,
    pub(super) acceptor: Option<watch::Receiver<TlsAcceptor>>,
    pub(super) app: Router,
    pub(super) crowd: Arc<Crowd>,
}

/// How many connections there may be when the settings ask for `wanted`: files and the store need
/// some of what the system allows.
pub(super) fn limit(wanted: usize) -> usize {
    #[cfg(unix)]
    {
        const OTHERS: usize = 64;
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let now = getrlimit(Resource::Nofile);
        let raised = Rlimit {
            current: now.maximum,
            ..now
        };
        // Refused, it stays as it was.
        let _ = setrlimit(Resource::Nofile, raised);
        let files = getrlimit(Resource::Nofile).current;
        let files = files.and_then(|files| usize::try_from(files).ok());
        wanted.min(files.unwrap_or(usize::MAX).saturating_sub(OTHERS))
    }
    #[cfg(not(unix))]
    wanted
}

impl Listening {
    /// Serves until `stopped` says so, and the answers under way to their end.
    pub(super) async fn serve(self, mut stopped: watch::Receiver<bool>) -> io::Result<()> {
        let graceful = GracefulShutdown::new();
        loop {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                // An error means that the sender is gone: stop, too.
                _ = stopped.wait_for(|stop| *stop) => break,
            };
            let Ok((stream, peer)) = accepted else {
                // Out of file descriptors, or a client that has gone again.
                sleep(NO_ROOM).await;
                continue;
            };
            // Answers are small and written at once.
            let _ = stream.set_nodelay(true);
            let connection = Connection {
                peer,
                app: self.app.clone(),
                place: Arc::new(self.crowd.enter()),
                watcher: graceful.watcher(),
            };
            let acceptor = self.acceptor.as_ref().map(|newest| newest.borrow().clone());
            tokio::spawn(connection.run(stream, acceptor));
        }
        drop(self.listener);
        graceful.shutdown().await;
        Ok(())
    }
}

struct Connection {
    peer: SocketAddr,
    app: Router,
    place: Arc<Place>,
    watcher: Watcher,
}

impl Connection {
    async fn run(self, stream: TcpStream, acceptor: Option<TlsAcceptor>) {
        let place = self.place.clone();
        let served = async {
            match acceptor {
                None => self.serve(stream).await,
                // Scanners and clients that do not trust the certificate are no news.
                Some(acceptor) => {
                    if let Ok(Ok(stream)) = timeout(HEAD, acceptor.accept(stream)).await {
                        self.serve(stream).await;
                    }
                }
            }
        };
        tokio::select! {
            () = served => {}
            () = place.is_needed() => {}
        }
    }

    async fn serve(self, stream: impl AsyncRead + AsyncWrite + Unpin + 'static) {
        let Self {
            peer,
            app,
            place,
            watcher,
        } = self;
        let service = service_fn(move |request: Request<Incoming>| {
            place.stir();
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            app.clone().oneshot(request)
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD)
            .serve_connection(TokioIo::new(stream), service);
        // A client that breaks off or breaks the protocol is its own misfortune.
        let _ = pin!(watcher.watch(connection)).await;
    }
}
