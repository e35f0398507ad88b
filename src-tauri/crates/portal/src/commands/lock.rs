//! One running portal for one data folder.

use std::{
    fs::{File, TryLockError},
    path::Path,
};

use anyhow::{Context, Result, bail};
use portal::store;

/// Held for as long as the portal serves; the system releases it however the program ends.
pub(crate) struct Lock(#[expect(dead_code, reason = "held, not read")] File);

/// Its file, in the data folder.
pub(crate) const FILE: &str = "portal.lock";

/// Takes the lock of `folder`, which is made if missing.
pub(crate) fn take(folder: &Path) -> Result<Lock> {
    store::create_private_dir(folder)
        .with_context(|| format!("the data folder {} cannot be made", folder.display()))?;
    let path = folder.join(FILE);
    let file =
        store::lock_file(&path).with_context(|| format!("{} cannot be opened", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(Lock(file)),
        Err(TryLockError::WouldBlock) => bail!(
            "another portal is serving from {}; stop it, or give this one a data folder of its own",
            folder.display()
        ),
        Err(TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("{} cannot be locked", path.display()))
        }
    }
}
