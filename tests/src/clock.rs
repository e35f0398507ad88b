//! A wrong clock: what `libfaketime` of the system tells the programs that load it. Only the time
//! of day is false; how long waits take is not, as when somebody sets the clock.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::world::World;

/// A clock that one or several programs go by, some seconds off the machine's.
pub struct WrongClock {
    file: PathBuf,
}

impl WrongClock {
    /// A clock that is right so far.
    pub fn new(world: &World) -> Result<Self> {
        let clock = Self {
            file: world.path("clock"),
        };
        clock.set(0)?;
        Ok(clock)
    }

    /// Sets it to so many seconds ahead of the machine's, or behind.
    pub fn set(&self, seconds: i64) -> Result<()> {
        // By rename, for it is read whenever somebody wants to know the time.
        let next = self.file.with_extension("next");
        fs::write(&next, format!("{seconds:+}\n"))?;
        Ok(fs::rename(next, &self.file)?)
    }

    /// Makes a program that is to be started go by this clock.
    pub fn install(&self, command: &mut Command) {
        command
            // The loader puts the machine's library folder in place of $LIB.
            .env("LD_PRELOAD", "/usr/$LIB/faketime/libfaketime.so.1")
            .env("FAKETIME_TIMESTAMP_FILE", &self.file)
            .env("FAKETIME_NO_CACHE", "1")
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
            .env("FAKETIME_DISABLE_SHM", "1");
    }
}
