//! Serving a portal on its addresses, until it is to stop.

use std::{io, sync::Arc, time::Duration};

use tokio::{
    net::TcpListener,
    sync::watch,
    task::JoinSet,
    time::{interval, timeout},
};

use crate::{Portal, audit, expired, mail, router::router};

mod connection;
mod crowd;
mod operation;
mod tls;

use connection::Listening;
use crowd::Crowd;
pub use tls::{TlsError, TlsFiles};

/// How long answers under way may take once the portal is to stop.
const LAST_ANSWERS: Duration = Duration::from_secs(10);
/// How often what has expired is removed.
const HOUSEKEEPING: Duration = Duration::from_secs(3600);

/// What a portal listens on.
#[derive(Debug, Default)]
pub struct Listeners {
    /// For users and clients; with TLS if the portal's settings have certificate and key.
    pub portal: Vec<TcpListener>,
    /// For whoever watches over it: metrics and health, plain http.
    pub operation: Option<TcpListener>,
}

/// Why a portal could not be served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Certificate and key.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The addresses.
    #[error("the portal can no longer be reached")]
    Listen(#[from] io::Error),
}

/// Serves `portal` on listeners that are bound already, until `stop` resolves; answers under way
/// are finished.
pub async fn serve(
    portal: Portal,
    listeners: Listeners,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    let (stopping, stopped) = watch::channel(false);
    let acceptor = match &portal.config().tls {
        Some(files) => Some(tls::acceptor(files.clone(), stopped.clone())?),
        None => None,
    };
    let crowd = Arc::new(Crowd::new(connection::limit(portal.config().connections)));
    let mut servers = JoinSet::new();
    for listener in listeners.portal {
        let listening = Listening {
            listener,
            acceptor: acceptor.clone(),
            app: router(portal.clone()),
            crowd: crowd.clone(),
        };
        servers.spawn(listening.serve(stopped.clone()));
    }
    if let Some(listener) = listeners.operation {
        let mut stopped = stopped.clone();
        let app = operation::router(portal.clone());
        servers.spawn(async move {
            let stop = async move {
                // An error means that the sender is gone: stop, too.
                let _ = stopped.wait_for(|stop| *stop).await;
            };
            axum::serve(listener, app)
                .with_graceful_shutdown(stop)
                .await
        });
    }
    tokio::select! {
        () = stop => {}
        () = keep_house(&portal) => {}
        () = mail::keep_sending(&portal) => {}
        () = audit::export::run(&portal), if !portal.config().exports.is_empty() => {}
    }
    portal.begin_to_stop();
    stopping.send_replace(true);
    let answered = async {
        while let Some(ended) = servers.join_next().await {
            ended.map_err(io::Error::other)??;
        }
        Ok(())
    };
    // Whoever is still connected then waits for nothing.
    timeout(LAST_ANSWERS, answered).await.unwrap_or(Ok(()))
}

/// Never ends.
async fn keep_house(portal: &Portal) {
    let mut interval = interval(HOUSEKEEPING);
    loop {
        interval.tick().await;
        if let Err(error) = expired::remove(portal).await {
            tracing::warn!(%error, "what has expired could not be removed");
        }
    }
}
