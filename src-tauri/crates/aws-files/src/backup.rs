//! The last versions of a file before it was changed on a large scale.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use time::OffsetDateTime;
use time::macros::format_description;

use crate::write::{put, write_beside};

/// How many stay.
const KEPT: usize = 5;

/// Writes a file's bytes beside it, as `NAME.vestibule-backup-20261122T184440.000Z` and as private as
/// the file, and removes all such files but the last. Nothing to keep: nothing is written.
pub(crate) fn keep(path: &Path, bytes: &[u8], now: OffsetDateTime) -> io::Result<Option<PathBuf>> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let format =
        format_description!("[year][month][day]T[hour][minute][second].[subsecond digits:3]Z");
    let time = now.to_utc().format(format).map_err(io::Error::other)?;
    let mut name = prefix(path);
    name.push(time);
    let backup = path.with_file_name(name);
    let original = fs::metadata(path)?;
    let new = write_beside(&backup, Some(&original), bytes)?;
    // Two changes at one moment: the first version is the one worth keeping.
    put(new, &backup, bytes)?;
    for old in backups(path)?.iter().rev().skip(KEPT) {
        fs::remove_file(old)?;
    }
    Ok(Some(backup))
}

fn prefix(path: &Path) -> OsString {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".vestibule-backup-");
    name
}

/// The oldest first.
fn backups(path: &Path) -> io::Result<Vec<PathBuf>> {
    let prefix = prefix(path);
    let mut found = Vec::new();
    for entry in fs::read_dir(crate::write::folder_of(path))? {
        let name = entry?.file_name();
        if name
            .as_encoded_bytes()
            .starts_with(prefix.as_encoded_bytes())
        {
            found.push(path.with_file_name(name));
        }
    }
    found.sort();
    Ok(found)
}
