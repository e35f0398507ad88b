use std::{io::Write, path::PathBuf};

use anyhow::{Context, Result};
use portal::backup;

use super::Which;

/// Copy the store into a file while the portal serves
#[derive(clap::Args)]
#[command(after_help = "\
The file holds everything but the master key: password hashes, but neither authenticator secrets nor
credentials in a form anyone could use without that key. Keep a copy of master.key from the data
folder in another place, once; it never changes, and `restore` needs it.

A store in PostgreSQL is copied by pg_dump.")]
pub(crate) struct Arguments {
    /// The file, which must not exist
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    which: Which,
}

/// Prints what is not in the file.
pub(crate) async fn run(arguments: Arguments) -> Result<()> {
    let portal = arguments.which.open().await?;
    let (folder, _) = arguments.which.resolve()?;
    let name = arguments.file.display();
    backup::write(&portal, &arguments.file)
        .await
        .with_context(|| format!("{name} was not written"))?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "The store is in {name}.")?;
    writeln!(
        out,
        "The master key is not: keep a copy of {} in another place. Without it nobody can use \
         the backup, nor restore it.",
        folder.join("master.key").display()
    )?;
    Ok(())
}
