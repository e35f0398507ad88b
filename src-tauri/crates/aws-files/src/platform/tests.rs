#![cfg(target_os = "linux")]

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, TempDir};

use super::replace;
use super::swap::{give_back, swap};
use crate::write::write_beside;

/// A file with what others wrote, and a new version of it.
fn file(theirs: &str, ours: &str) -> (TempDir, PathBuf, NamedTempFile) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config");
    fs::write(&path, theirs).unwrap();
    let new = write_beside(&path, None, ours.as_bytes()).unwrap();
    (folder, path, new)
}

fn files(folder: &Path) -> usize {
    fs::read_dir(folder).unwrap().count()
}

#[test]
fn only_what_was_read_is_replaced() {
    for step in [replace, swap] {
        for (theirs, expected) in [("before", "after"), ("changed", "changed")] {
            let (folder, path, new) = file(theirs, "after");
            let replaced = step(new, &path, b"before", b"after").unwrap();
            assert_eq!(replaced, theirs == "before");
            assert_eq!(fs::read_to_string(&path).unwrap(), expected);
            assert_eq!(files(folder.path()), 1);
        }
    }
}

#[test]
fn what_took_a_files_place_unseen_is_put_back() {
    let (folder, path, new) = file("after", "theirs");
    give_back(new, &path, b"after").unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "theirs");
    assert_eq!(files(folder.path()), 1);
}

#[test]
fn even_a_second_change_is_not_lost() {
    let (folder, path, new) = file("after, changed", "theirs");
    let error = give_back(new, &path, b"after").unwrap_err();
    let saved = folder.path().join("config.vestibule-saved");
    assert!(
        error.to_string().ends_with(&saved.display().to_string()),
        "{error}"
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), "theirs");
    assert_eq!(fs::read_to_string(&saved).unwrap(), "after, changed");
}
