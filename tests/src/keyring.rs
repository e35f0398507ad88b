//! GNOME Keyring: the Secret Service of many desktops, real.

use std::fs::File;

use anyhow::Result;

use crate::bus::Bus;
use crate::eventually;
use crate::process::{Process, finish};
use crate::world::World;

/// A running `gnome-keyring-daemon` with one keyring in the world's home.
pub struct Keyring {
    daemon: Process,
}

impl Keyring {
    /// Starts it unlocked, as at the log-in to a desktop.
    pub async fn unlocked(world: &World, bus: &Bus) -> Result<Self> {
        Self::start(world, bus, true).await
    }

    /// Starts it locked. A keyring with a password must be there from an earlier
    /// [`unlocked`](Self::unlocked).
    pub async fn locked(world: &World, bus: &Bus) -> Result<Self> {
        Self::start(world, bus, false).await
    }

    async fn start(world: &World, bus: &Bus, unlock: bool) -> Result<Self> {
        let password = world.path("keyring-password");
        std::fs::write(&password, "correct horse\n")?;
        let mut command = world.command("gnome-keyring-daemon");
        command.args(["--foreground", "--components=secrets"]);
        if unlock {
            command.arg("--unlock");
        }
        let mut daemon = Process::start_reading(
            "keyring",
            &world.log("keyring"),
            &mut command,
            File::open(&password)?,
        )?;
        let connection = bus.connect().await?;
        let names = zbus::fdo::DBusProxy::new(&connection).await?;
        eventually("the keyring serves", async || {
            daemon.still_runs()?;
            let owned = names
                .name_has_owner("org.freedesktop.secrets".try_into()?)
                .await?;
            Ok(owned.then_some(()))
        })
        .await?;
        Ok(Self { daemon })
    }

    /// Everything it stores under these attributes, as another program sees it. Empty where
    /// there is nothing.
    pub async fn search(&self, world: &World, attributes: &[(&str, &str)]) -> Result<String> {
        let mut command = world.command("secret-tool");
        command.args(["search", "--all"]);
        for (name, value) in attributes {
            command.args([name, value]);
        }
        let output = finish(command).await?;
        // The attributes go to stderr, the secrets to stdout.
        let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.push_str(&String::from_utf8_lossy(&output.stderr));
        Ok(text)
    }

    /// Ends it, as when the desktop's session ends.
    pub fn stop(mut self) -> Result<()> {
        self.daemon.kill()
    }
}
