//! What the end-to-end tests stand on: worlds of their own with the real programs in them.
//!
//! A [`World`] is a home, a runtime folder and an environment that share nothing with the
//! machine's; everything that runs in it dies with it. [`story`] gives a test one.
#![forbid(unsafe_code)]

pub mod aws;
pub mod axe;
pub mod browser;
pub mod bus;
pub mod clock;
pub mod desktop;
pub mod display;
pub mod gateway;
pub mod keyring;
pub mod measure;
pub mod network;
pub mod notifications;
pub mod person;
pub mod portal;
pub mod process;
pub mod proxy;
pub mod served;
pub mod tls;
pub mod tray;
pub mod tunnel;
pub mod vestibule;
pub mod windows;
pub mod world;

use std::time::Duration;

use anyhow::{Result, bail};
use tokio::time::{Instant, MissedTickBehavior, interval};

pub use portal::Portal;
pub use world::World;

/// How long a test waits for what should take a second or two: plenty, for a loaded machine.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// Runs a test in a world of its own. On failure the logs of everything that ran there are shown.
///
/// # Panics
/// When the test returns an error.
pub fn story(test: impl AsyncFnOnce(&mut World) -> Result<()>) {
    if let Err(error) = in_world(test) {
        panic!("{error:#}");
    }
}

/// Runs something in a world of its own and gives what it returns. On failure the logs are shown.
pub fn in_world<T>(run: impl AsyncFnOnce(&mut World) -> Result<T>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut world = World::new()?;
        let outcome = run(&mut world).await;
        if outcome.is_err() {
            world.show_logs();
        }
        outcome
    })
}

/// How often something is done again: `usual` times, or `long` times under
/// `cargo xtask test --long`.
pub fn rounds(usual: usize, long: usize) -> usize {
    if std::env::var_os("VESTIBULE_LONG").is_some() {
        long
    } else {
        usual
    }
}

/// Waits until `check` gives something; errors at once when it does, and after [`PATIENCE`].
pub async fn eventually<T>(
    what: &str,
    mut check: impl AsyncFnMut() -> Result<Option<T>>,
) -> Result<T> {
    let deadline = Instant::now() + PATIENCE;
    let mut ticks = interval(Duration::from_millis(50));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Some(found) = check().await? {
            return Ok(found);
        }
        if Instant::now() > deadline {
            bail!("waited {} s in vain: {what}", PATIENCE.as_secs());
        }
    }
}
