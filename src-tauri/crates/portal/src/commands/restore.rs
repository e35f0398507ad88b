use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use portal::backup;

use super::{Which, lock};

/// Put the store of a backup into a data folder that has none
#[derive(clap::Args)]
#[command(after_help = "\
The data folder must hold the master key that the backup was made with, or --key must name it; and no
store: move portal.db, portal.db-wal and portal.db-shm away first.")]
pub(crate) struct Arguments {
    /// The backup
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The master key, if it is not in the data folder yet
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    #[command(flatten)]
    which: Which,
}

/// Checks the backup, its key and its audit trail before anything is put in place.
pub(crate) async fn run(arguments: Arguments) -> Result<()> {
    let (folder, config) = arguments.which.resolve()?;
    let is_new = !folder.exists();
    let _lock = lock::take(&folder)?;
    let name = arguments.file.display();
    let restored =
        backup::restore(&arguments.file, arguments.key.as_deref(), &folder, config).await;
    if restored.is_err() && is_new {
        take_away(&folder);
    }
    let restored = restored.with_context(|| format!("{name} was not restored"))?;
    writeln!(
        std::io::stdout(),
        "The store is in {}, with {restored} audit records, all as they were written.",
        folder.display()
    )?;
    Ok(())
}

/// Removes a folder that was made for nothing, unless there is more in it than the lock.
fn take_away(folder: &Path) {
    let _ = fs::remove_file(folder.join(lock::FILE)).and_then(|()| fs::remove_dir(folder));
}
