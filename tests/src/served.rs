//! `vestibule serve`, running.

use std::collections::BTreeMap;

use anyhow::{Context, Result};

use crate::process::Process;
use crate::world::World;
use crate::{eventually, vestibule};

/// A running `vestibule serve` and the variables that it printed.
pub struct Served {
    /// What clients need in their environment.
    pub variables: BTreeMap<String, String>,
    _program: Process,
}

impl Served {
    /// Serves with these arguments and waits for the variables.
    pub async fn start(world: &World, arguments: &[&str]) -> Result<Self> {
        let log = format!("serve-{}", arguments.len());
        let mut command = vestibule::command(world, &["serve"])?;
        let mut program = world.start(&log, command.args(arguments))?;
        let variables = eventually("the endpoint is served", async || {
            program.still_runs()?;
            let variables = exports(&program.output()?);
            Ok((variables.len() >= 2).then_some(variables))
        })
        .await?;
        Ok(Self {
            variables,
            _program: program,
        })
    }

    /// Where a client asks.
    pub fn url(&self) -> Result<&str> {
        let url = self.variables.get("AWS_CONTAINER_CREDENTIALS_FULL_URI");
        Ok(url.context("an address")?)
    }

    /// The port of the endpoint.
    pub fn port(&self) -> Result<u16> {
        let address = self.url()?.split('/').nth(2).context("a host")?;
        Ok(address.rsplit_once(':').context("a port")?.1.parse()?)
    }
}

/// The variables in lines such as `export NAME='value'`.
pub fn exports(printed: &str) -> BTreeMap<String, String> {
    let lines = printed
        .lines()
        .filter_map(|line| line.strip_prefix("export "));
    lines
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.trim_matches('\'').to_owned()))
        .collect()
}
