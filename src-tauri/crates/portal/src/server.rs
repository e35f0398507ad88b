//! Serving a portal on its addresses.

use std::{io, net::SocketAddr};

use tokio::{net::TcpListener, sync::watch, task::JoinSet};

use crate::{Portal, router::router};

/// Serves `portal` on listeners that are bound already, until `stop` resolves; answers under way
/// are finished.
pub async fn serve(
    portal: Portal,
    listeners: Vec<TcpListener>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (stopping, stopped) = watch::channel(false);
    let mut servers = JoinSet::new();
    for listener in listeners {
        let app = router(portal.clone()).into_make_service_with_connect_info::<SocketAddr>();
        let mut stopped = stopped.clone();
        servers.spawn(async move {
            axum::serve(listener, app)
                .with_graceful_shutdown(async move {
                    // An error means that the sender is gone: stop, too.
                    let _ = stopped.wait_for(|stop| *stop).await;
                })
                .await
        });
    }
    stop.await;
    stopping.send_replace(true);
    while let Some(ended) = servers.join_next().await {
        ended.map_err(io::Error::other)??;
    }
    Ok(())
}
