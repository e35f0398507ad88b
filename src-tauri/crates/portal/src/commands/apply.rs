use std::{fs, io::Write, path::PathBuf};

use anyhow::{Context, Result};
use portal::declaration::{self, Declaration};

use super::Which;

/// Bring the organization to what a TOML file declares
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    which: Which,
}

/// Prints each change; nothing is changed if anything is wrong.
pub(crate) async fn run(arguments: Arguments) -> Result<()> {
    let name = arguments.file.display();
    let text =
        fs::read_to_string(&arguments.file).with_context(|| format!("{name} cannot be read"))?;
    let declaration =
        Declaration::parse(&text).with_context(|| format!("{name} was not applied"))?;
    let portal = arguments.which.open_or_create().await?;
    let changes = declaration::apply(&portal, &declaration)
        .await
        .with_context(|| format!("{name} was not applied"))?;
    let mut out = std::io::stdout().lock();
    for change in &changes {
        writeln!(out, "{change}")?;
    }
    match changes.len() {
        0 => writeln!(out, "Nothing to change.")?,
        1 => writeln!(out, "1 change.")?,
        count => writeln!(out, "{count} changes.")?,
    }
    Ok(())
}
