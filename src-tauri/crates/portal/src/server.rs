//! Serving a portal on its addresses.

use std::{io, net::SocketAddr, time::Duration};

use tokio::{
    net::TcpListener,
    sync::watch,
    task::JoinSet,
    time::{interval, timeout},
};

use crate::{Portal, expired, router::router};

/// How long answers under way may take once the portal is to stop.
const LAST_ANSWERS: Duration = Duration::from_secs(10);
/// How often what has expired is removed.
const HOUSEKEEPING: Duration = Duration::from_secs(3600);

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
    tokio::select! {
        () = stop => {}
        () = keep_house(&portal) => {}
    }
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
