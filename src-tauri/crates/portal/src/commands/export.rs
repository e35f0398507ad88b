use std::{io::Write, path::PathBuf};

use anyhow::{Context, Result, bail};
use portal::{declaration, store::write_private};

use super::Which;

/// Write the present state as a TOML file that `apply` takes
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Where to, a file that must not exist; otherwise it is printed
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    #[command(flatten)]
    which: Which,
}

/// The same state gives the same text. No secret is in it.
pub(crate) async fn run(arguments: Arguments) -> Result<()> {
    if let Some(file) = arguments.file.as_ref().filter(|file| file.exists()) {
        bail!("{} exists; move it away first", file.display());
    }
    let portal = arguments.which.open().await?;
    let text = declaration::export(&portal).await?.to_toml()?;
    match arguments.file {
        Some(file) => write_private(&file, text.as_bytes())
            .with_context(|| format!("{} cannot be written", file.display())),
        None => Ok(std::io::stdout().lock().write_all(text.as_bytes())?),
    }
}
