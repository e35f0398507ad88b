//! The little that differs between platforms beside tray, notifications and autostart.

use anyhow::ensure;
use arboard::Set;

/// Marks the text about to be set, so that clipboard managers neither keep nor send it anywhere.
#[cfg(target_os = "linux")]
pub(crate) fn secret(set: Set<'_>) -> Set<'_> {
    arboard::SetExtLinux::exclude_from_history(set)
}

/// Marks the text about to be set, so that clipboard managers neither keep nor send it anywhere.
#[cfg(target_os = "macos")]
pub(crate) fn secret(set: Set<'_>) -> Set<'_> {
    arboard::SetExtApple::exclude_from_history(set)
}

/// Marks the text about to be set, so that clipboard managers neither keep nor send it anywhere.
#[cfg(windows)]
pub(crate) fn secret(set: Set<'_>) -> Set<'_> {
    use arboard::SetExtWindows;
    set.exclude_from_history()
        .exclude_from_cloud()
        .exclude_from_monitoring()
}

/// GTK ends the program when there is no display; say what to do instead.
///
/// # Errors
/// There is none.
pub(crate) fn ensure_display() -> anyhow::Result<()> {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    ensure!(
        !cfg!(target_os = "linux") || set("DISPLAY") || set("WAYLAND_DISPLAY"),
        "there is no display for a tray; run `vestibule agent` instead"
    );
    Ok(())
}

/// GLib ends a program whose session bus dies, with a signal to itself; this one goes on without.
/// To be called once GTK is up and holds its connection.
#[cfg(target_os = "linux")]
pub(crate) fn outlive_session_bus() {
    match gio::bus_get_sync(gio::BusType::Session, gio::Cancellable::NONE) {
        Ok(bus) => bus.set_exit_on_close(false),
        Err(error) => tracing::info!(%error, "there is no session bus"),
    }
}

/// Only GLib ends a program whose session bus dies.
#[cfg(not(target_os = "linux"))]
pub(crate) fn outlive_session_bus() {}

/// Waits until the system asks this program to end.
///
/// # Errors
/// The system's request cannot be waited for.
#[cfg(unix)]
pub(crate) async fn termination() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => Ok(()),
        interrupt = tokio::signal::ctrl_c() => interrupt,
    }
}

/// Waits until the system asks this program to end.
///
/// # Errors
/// The system's request cannot be waited for.
#[cfg(not(unix))]
pub(crate) async fn termination() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}
