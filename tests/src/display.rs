//! A display nobody looks at.

use std::fs::File;

use anyhow::Result;

use crate::eventually;
use crate::process::Process;
use crate::world::World;

/// A running Xvfb under a number of its own.
pub struct Display {
    _server: Process,
}

impl Display {
    /// Starts the display and names it to every program started in the world from now on.
    pub async fn start(world: &mut World) -> Result<Self> {
        // Of two servers that look for a free number at the same time one may name a display that
        // is the other's.
        let turn = File::create(std::env::temp_dir().join("vestibule-tests.display"))?;
        turn.lock()?;
        let mut server = world.start(
            "display",
            world.command("Xvfb").args([
                "-displayfd",
                "1",
                "-screen",
                "0",
                "1280x800x24",
                "-nolisten",
                "tcp",
            ]),
        )?;
        let number = eventually("Xvfb names its display", async || {
            server.still_runs()?;
            let output = server.output()?;
            Ok(output.lines().find_map(|line| line.parse::<u32>().ok()))
        })
        .await?;
        drop(turn);
        world.set("DISPLAY", format!(":{number}"));
        Ok(Self { _server: server })
    }
}
