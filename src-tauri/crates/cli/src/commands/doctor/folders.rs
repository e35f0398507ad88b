//! Vestibule's own folders: room on the disk, and who may enter them.

use std::path::{Path, PathBuf};

use agent::paths::Paths;

use super::finding::Finding;

const PART: &str = "folders";

/// Below this a day of ordinary use may not fit, in bytes.
const SCARCE: u64 = 20 * 1024 * 1024;

/// A folder that is there, or the next one above it that is.
pub(super) struct Folder {
    path: PathBuf,
    writable: bool,
    /// Whether other users may enter it.
    open_to_others: bool,
    /// Bytes, where the system tells.
    free: Option<u64>,
}

pub(super) fn gather(paths: &Paths) -> Vec<Folder> {
    let mut folders: Vec<PathBuf> = [&paths.settings, &paths.state, &paths.catalogs]
        .into_iter()
        .filter_map(|path| path.parent())
        .map(Path::to_owned)
        .chain([paths.journal.clone()])
        .collect();
    folders.dedup();
    folders.iter().map(|folder| look(folder)).collect()
}

fn look(folder: &Path) -> Folder {
    let there = folder.ancestors().find(|path| path.exists());
    let there = there.unwrap_or(folder);
    Folder {
        path: folder.to_owned(),
        writable: platform::is_writable(there),
        open_to_others: folder.exists() && platform::is_open_to_others(folder),
        free: platform::free(there),
    }
}

pub(super) fn check(folders: &[Folder]) -> Vec<Finding> {
    let mut findings: Vec<_> = folders.iter().filter_map(of).collect();
    if findings.is_empty() {
        let message = "They can be written, and there is room on the disk.";
        findings.push(Finding::ok(PART, message));
    }
    findings
}

fn of(folder: &Folder) -> Option<Finding> {
    let path = folder.path.display();
    if !folder.writable {
        let next = "Make it writable for you: what Vestibule should remember is lost.";
        return Some(Finding::wrong(
            PART,
            format!("{path} cannot be written."),
            next,
        ));
    }
    match folder.free {
        Some(0) => {
            let next = "Free some space: what Vestibule should remember is lost.";
            return Some(Finding::wrong(
                PART,
                format!("The disk of {path} is full."),
                next,
            ));
        }
        Some(free) if free < SCARCE => {
            let message = format!("The disk of {path} has {} MiB left.", free / 1024 / 1024);
            return Some(Finding::warning(PART, message, "Free some space."));
        }
        _ => {}
    }
    folder.open_to_others.then(|| {
        let message = format!("Others can write to {path}.");
        Finding::wrong(PART, message, format!("Run: chmod go-w {path}"))
    })
}

#[cfg(unix)]
mod platform {
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::Path;

    use rustix::fs::{Access, access, statvfs};

    pub(super) fn is_writable(folder: &Path) -> bool {
        access(folder, Access::WRITE_OK | Access::EXEC_OK).is_ok()
    }

    /// That others see the names of files there does no harm; that they change them would.
    pub(super) fn is_open_to_others(folder: &Path) -> bool {
        std::fs::metadata(folder).is_ok_and(|found| found.permissions().mode() & 0o022 != 0)
    }

    pub(super) fn free(folder: &Path) -> Option<u64> {
        let disk = statvfs(folder).ok()?;
        Some(disk.f_bavail.saturating_mul(disk.f_frsize))
    }
}

#[cfg(windows)]
mod platform {
    use std::path::Path;

    pub(super) fn is_writable(folder: &Path) -> bool {
        std::fs::metadata(folder).is_ok_and(|found| !found.permissions().readonly())
    }

    pub(super) fn is_open_to_others(_: &Path) -> bool {
        false
    }

    pub(super) fn free(_: &Path) -> Option<u64> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::Outcome;
    use super::*;

    #[test]
    fn room_and_permissions_are_told() {
        let folder = |writable, open_to_others, free| Folder {
            path: "/home/ana/.config/vestibule".into(),
            writable,
            open_to_others,
            free,
        };
        for (folder, expected) in [
            (folder(true, false, Some(1 << 30)), Outcome::Ok),
            (folder(true, false, None), Outcome::Ok),
            (folder(true, true, None), Outcome::Wrong),
            (folder(false, false, None), Outcome::Wrong),
            (folder(true, false, Some(0)), Outcome::Wrong),
            (folder(true, false, Some(1 << 20)), Outcome::Warning),
        ] {
            assert_eq!(check(&[folder])[0].outcome, expected);
        }
    }
}
