//! Everything a desktop offers to a tray application.

use std::process::Command;

use anyhow::Result;

use crate::bus::Bus;
use crate::display::Display;
use crate::keyring::Keyring;
use crate::notifications::Notifications;
use crate::process::{Process, text_of};
use crate::tray::Panel;
use crate::world::World;

/// Display, session bus, keyring, notification server and panel.
pub struct Desktop {
    /// The session bus.
    pub bus: Bus,
    /// The notification server.
    pub notifications: Notifications,
    /// The panel with its tray.
    pub panel: Panel,
    /// The keyring, unlocked.
    pub keyring: Keyring,
    _display: Display,
}

impl Desktop {
    /// Starts all of it and names it to every program started in the world from now on.
    pub async fn start(world: &mut World) -> Result<Self> {
        let display = Display::start(world).await?;
        let bus = Bus::start(world).await?;
        Ok(Self {
            notifications: Notifications::start(&bus).await?,
            panel: Panel::start(&bus).await?,
            keyring: Keyring::unlocked(world, &bus).await?,
            bus,
            _display: display,
        })
    }
}

/// Starts the tray application with this backend, `ksni` or `native`.
pub fn start_tray(world: &World, backend: &str) -> Result<Process> {
    let mut command = world.program("vestibule-tray")?;
    world.start(
        "tray",
        tray_environment(&mut command).args(["--tray", backend]),
    )
}

/// Sets what the tray application, or what starts it, is told besides the world's environment.
pub(crate) fn tray_environment(command: &mut Command) -> &mut Command {
    command
        // No graphics card here; WebKit's own fallbacks are slow to decide that.
        .env("WEBKIT_DISABLE_COMPOSITING_MODE", "1")
        .env("VESTIBULE_LOG", "info,vestibule_tray=debug")
}

/// What is in the clipboard; an error where nothing is.
pub async fn clipboard(world: &World, arguments: &[&str]) -> Result<String> {
    let mut xclip = world.command("xclip");
    xclip.args(["-selection", "clipboard", "-out"]);
    xclip.args(arguments);
    text_of(xclip).await
}
