//! A session bus on which only the world's own programs are.

use std::fs;

use anyhow::Result;
use zbus::Connection;
use zbus::conn::Builder;

use crate::eventually;
use crate::process::Process;
use crate::world::World;

/// A running `dbus-daemon`. It starts no service by itself: what a test does not start is absent.
pub struct Bus {
    address: String,
    daemon: Process,
}

impl Bus {
    /// Starts the bus and names it to every program started in the world from now on.
    pub async fn start(world: &mut World) -> Result<Self> {
        let socket = world.path("run/bus");
        let address = format!("unix:path={}", socket.display());
        let configuration = world.path("bus.conf");
        fs::write(
            &configuration,
            format!(
                r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>{address}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#
            ),
        )?;
        let daemon = world.start(
            "bus",
            world
                .command("dbus-daemon")
                .arg("--nofork")
                .arg("--config-file")
                .arg(&configuration),
        )?;
        let mut bus = Self { address, daemon };
        eventually("the bus takes connections", async || {
            bus.daemon.still_runs()?;
            Ok(bus.connect().await.ok().map(drop))
        })
        .await?;
        world.set("DBUS_SESSION_BUS_ADDRESS", &bus.address);
        Ok(bus)
    }

    /// The test's own connection to the bus.
    pub async fn connect(&self) -> Result<Connection> {
        Ok(Builder::address(self.address.as_str())?.build().await?)
    }
}
