//! Windows and macOS, through Tauri's plugin.

use tauri::AppHandle;
use tauri_plugin_autostart::{Error, ManagerExt};

/// Whether this program starts with the desktop.
#[derive(Debug)]
pub(crate) struct Autostart(AppHandle);

impl Autostart {
    /// For this program and user. The plugin must be registered.
    pub(crate) fn new(app: AppHandle) -> Self {
        Self(app)
    }

    /// Whether it does; `false` where the platform does not tell.
    pub(crate) fn is_enabled(&self) -> bool {
        self.0.autolaunch().is_enabled().unwrap_or(false)
    }

    /// From now on it does, or no longer.
    ///
    /// # Errors
    /// The platform refused.
    pub(crate) fn set(&self, enabled: bool) -> Result<(), Error> {
        let launch = self.0.autolaunch();
        if enabled {
            launch.enable()
        } else {
            launch.disable()
        }
    }
}
