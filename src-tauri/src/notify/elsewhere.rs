//! Notifications on Windows and macOS: words only. A window offers what the buttons would.

use agent::controller::Handle;
use agent::shell::Notification;

/// A notification on the desktop, which cannot be taken away again.
#[derive(Debug)]
pub(super) struct Posted;

impl Posted {
    /// Whether the user can press the buttons.
    pub(super) fn has_buttons(&self) -> bool {
        false
    }

    /// The platform lets it fade by itself.
    pub(super) fn withdraw(self) {}
}

/// Posts it.
pub(super) async fn post(
    notification: Notification,
    _before: Option<Posted>,
    _agent: Handle,
) -> anyhow::Result<Posted> {
    let shown = notify_rust::Notification::new()
        .appname("Vestibule")
        .summary(&notification.title)
        .body(&notification.body)
        .finalize();
    tokio::task::spawn_blocking(move || shown.show().map(drop)).await??;
    Ok(Posted)
}
