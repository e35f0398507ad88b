//! GNOME Keyring: the Secret Service of many desktops, real.

use std::fs::File;

use anyhow::Result;
use zbus::Connection;
use zbus::zvariant::{ObjectPath, OwnedObjectPath, OwnedValue, Value};

use crate::bus::Bus;
use crate::eventually;
use crate::process::{Process, finish};
use crate::world::World;

/// Opens the keyring. The daemon takes what it reads as it is, line end and all.
const PASSWORD: &str = "correct horse\n";

const SERVICE: &str = "org.freedesktop.secrets";
const PATH: &str = "/org/freedesktop/secrets";
const COLLECTION: &str = "/org/freedesktop/secrets/collection/login";

/// A running `gnome-keyring-daemon` with one keyring in the world's home.
pub struct Keyring {
    daemon: Process,
    connection: Connection,
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
        std::fs::write(&password, PASSWORD)?;
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
            let owned = names.name_has_owner(SERVICE.try_into()?).await?;
            Ok(owned.then_some(()))
        })
        .await?;
        Ok(Self { daemon, connection })
    }

    /// Locks it, as the user or a screen lock does.
    pub async fn lock(&self) -> Result<()> {
        let collection = ObjectPath::try_from(COLLECTION)?;
        let interface = "org.freedesktop.Secret.Service";
        self.call(interface, "Lock", &(vec![collection],)).await?;
        Ok(())
    }

    /// Unlocks it, as the user does by typing the password into its prompt.
    pub async fn unlock(&self) -> Result<()> {
        let interface = "org.freedesktop.Secret.Service";
        let plain = ("plain", Value::from(""));
        let opened = self.call(interface, "OpenSession", &plain).await?;
        let (_, session): (OwnedValue, OwnedObjectPath) = opened.body().deserialize()?;
        let secret = (session, Vec::<u8>::new(), PASSWORD.as_bytes(), "text/plain");
        // What GNOME's own prompt calls.
        self.call(
            "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface",
            "UnlockWithMasterPassword",
            &(ObjectPath::try_from(COLLECTION)?, secret),
        )
        .await?;
        Ok(())
    }

    async fn call(
        &self,
        interface: &str,
        method: &str,
        body: &(impl serde::Serialize + zbus::zvariant::DynamicType),
    ) -> Result<zbus::Message> {
        let answer =
            self.connection
                .call_method(Some(SERVICE), PATH, Some(interface), method, body);
        Ok(answer.await?)
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
