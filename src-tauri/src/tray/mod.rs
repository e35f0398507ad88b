//! Draws the agent's [`Menu`] in the desktop's tray.

mod drawn;
mod icons;
#[cfg(target_os = "linux")]
mod ksni;
mod native;
mod patch;

use std::sync::Arc;

use agent::controller::Handle;
use agent::menu::Menu;
use tauri::AppHandle;
use tokio::sync::watch;

/// What puts the icon into the tray.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Backend {
    /// Our own StatusNotifierItem on D-Bus.
    #[cfg(target_os = "linux")]
    Ksni,
    /// Tauri's own tray: Windows and macOS, and libayatana-appindicator on Linux.
    Native,
}

impl Default for Backend {
    #[cfg(target_os = "linux")]
    fn default() -> Self {
        Self::Ksni
    }

    #[cfg(not(target_os = "linux"))]
    fn default() -> Self {
        Self::Native
    }
}

/// Draws every menu that comes until the sender is gone; clicks go to the agent.
///
/// # Errors
/// The platform gave no tray icon.
pub(crate) fn start(
    backend: Backend,
    app: &AppHandle,
    menus: watch::Receiver<Arc<Menu>>,
    agent: Handle,
) -> tauri::Result<()> {
    match backend {
        #[cfg(target_os = "linux")]
        Backend::Ksni => {
            // A panel asks for a long menu in several calls at once, and libdbusmenu builds submenus
            // only if the answers come in the same order: one thread keeps it.
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            std::thread::Builder::new()
                .name("tray".to_owned())
                .spawn(move || runtime.block_on(ksni::run(menus, agent)))?;
            Ok(())
        }
        Backend::Native => native::start(app, menus, agent),
    }
}
