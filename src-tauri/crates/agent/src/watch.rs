//! Notices what others do to files, without polling.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use notify::event::{AccessKind, AccessMode};
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::time::Instant;

/// Programs write files in several steps; what stands there this much later is looked at.
const SETTLE: Duration = Duration::from_millis(150);

/// Watches the folders that files stand in, for a file that is replaced is another one.
pub(crate) struct Watch {
    /// `None` where the system has no way to watch, or no more room for it.
    watcher: Option<RecommendedWatcher>,
    folders: BTreeSet<PathBuf>,
}

impl Watch {
    /// Calls `changed`, on a thread of its own, with each path that something happened to.
    pub(crate) fn start(changed: impl Fn(PathBuf) + Send + 'static) -> Self {
        let tell = move |event: notify::Result<notify::Event>| {
            if let Ok(event) = event
                && is_change(event.kind)
            {
                event.paths.into_iter().for_each(&changed);
            }
        };
        let watcher = notify::recommended_watcher(tell)
            .inspect_err(|error| tracing::warn!(%error, "files cannot be watched"))
            .ok();
        Self {
            watcher,
            folders: BTreeSet::new(),
        }
    }

    /// Watches these files, which need not exist yet, and no others. A folder that does not exist
    /// is tried again the next time. Answers whether one is watched that was not before.
    pub(crate) fn set<'a>(&mut self, files: impl Iterator<Item = &'a Path>) -> bool {
        let Some(watcher) = &mut self.watcher else {
            return false;
        };
        let mut more = false;
        let folders = files.flat_map(places).filter_map(parent);
        let wanted: BTreeSet<PathBuf> = folders.collect();
        for gone in self.folders.difference(&wanted) {
            // It may be gone from the disk as well.
            let _ = watcher.unwatch(gone);
        }
        self.folders.retain(|folder| wanted.contains(folder));
        for folder in wanted {
            if self.folders.contains(&folder) || !folder.is_dir() {
                continue;
            }
            match watcher.watch(&folder, RecursiveMode::NonRecursive) {
                Ok(()) => more |= self.folders.insert(folder),
                Err(error) => {
                    tracing::warn!(folder = %folder.display(), %error, "cannot be watched");
                }
            }
        }
        more
    }

    /// Something happened to a folder itself: it may be another one now, which [`Self::set`] will
    /// watch. Answers whether it is a folder that was watched.
    pub(crate) fn lost(&mut self, path: &Path) -> bool {
        let was_watched = self.folders.remove(path);
        if let (true, Some(watcher)) = (was_watched, &mut self.watcher) {
            // The system stops watching by itself what is deleted.
            let _ = watcher.unwatch(path);
        }
        was_watched
    }
}

/// Files that something happened to, until they can be looked at.
#[derive(Default)]
pub(crate) struct Settling(BTreeMap<PathBuf, Instant>);

impl Settling {
    /// Something happened to the file. It is looked at once it has settled, and no sooner than
    /// `earliest`.
    pub(crate) fn note(&mut self, file: &Path, earliest: Option<Instant>) {
        let settled = Instant::now() + SETTLE;
        let due = earliest.map_or(settled, |earliest| settled.max(earliest));
        self.0.entry(file.to_owned()).or_insert(due);
    }

    /// Takes out what has settled.
    pub(crate) fn take_settled(&mut self) -> Vec<PathBuf> {
        let now = Instant::now();
        self.0
            .extract_if(.., |_, due| *due <= now)
            .map(|(file, _)| file)
            .collect()
    }

    /// When the next one has settled.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.0.values().min().copied()
    }
}

/// Whether something that happened to `path` happened to `file`, by whatever name.
pub(crate) fn is_same(file: &Path, path: &Path) -> bool {
    places(file).any(|place| place == path || parent(place).is_some_and(|folder| folder == path))
}

/// The file as it is named, and the one that a symbolic link leads to.
fn places(file: &Path) -> impl Iterator<Item = PathBuf> {
    let target = fs::read_link(file)
        .ok()
        .and_then(|_| fs::canonicalize(file).ok());
    [Some(file.to_owned()), target].into_iter().flatten()
}

fn parent(file: PathBuf) -> Option<PathBuf> {
    file.parent().map(Path::to_owned)
}

/// Reading a file changes nothing, and every AWS tool reads these.
fn is_change(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(access) => access == AccessKind::Close(AccessMode::Write),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(60);

    /// A folder with a file in it that is watched, and what is told of it.
    fn watched() -> (tempfile::TempDir, PathBuf, Watch, mpsc::Receiver<PathBuf>) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("aws/config");
        fs::create_dir(file.parent().unwrap()).unwrap();
        fs::write(&file, "one").unwrap();
        let (tell, told) = mpsc::channel();
        let mut watch = Watch::start(move |path| drop(tell.send(path)));
        watch.set([file.as_path()].into_iter());
        (folder, file, watch, told)
    }

    fn told_of(file: &Path, told: &mpsc::Receiver<PathBuf>) {
        while !is_same(file, &told.recv_timeout(PATIENCE).unwrap()) {}
    }

    #[test]
    fn every_way_of_changing_a_file_is_noticed_and_reading_it_is_not() {
        let (folder, file, _watch, told) = watched();
        fs::read(&file).unwrap();
        assert_eq!(
            told.recv_timeout(SETTLE),
            Err(mpsc::RecvTimeoutError::Timeout)
        );
        let changes: [&dyn Fn(); 4] = [
            &|| fs::write(&file, "two").unwrap(),
            &|| {
                let beside = file.with_extension("new");
                fs::write(&beside, "three").unwrap();
                fs::rename(beside, &file).unwrap();
            },
            &|| fs::remove_file(&file).unwrap(),
            &|| fs::remove_dir_all(folder.path().join("aws")).unwrap(),
        ];
        for change in changes {
            while told.try_recv().is_ok() {}
            change();
            told_of(&file, &told);
        }
    }

    #[test]
    fn a_folder_that_comes_back_is_watched_again() {
        let (_folder, file, mut watch, told) = watched();
        fs::remove_dir_all(file.parent().unwrap()).unwrap();
        while !watch.lost(&told.recv_timeout(PATIENCE).unwrap()) {}
        fs::create_dir(file.parent().unwrap()).unwrap();
        watch.set([file.as_path()].into_iter());
        while told.try_recv().is_ok() {}
        fs::write(&file, "again").unwrap();
        told_of(&file, &told);
    }

    #[cfg(unix)]
    #[test]
    fn what_a_link_leads_to_is_watched_too() {
        let (folder, file, mut watch, told) = watched();
        let target = folder.path().join("dotfiles");
        fs::write(&target, "one").unwrap();
        fs::remove_file(&file).unwrap();
        std::os::unix::fs::symlink(&target, &file).unwrap();
        watch.set([file.as_path()].into_iter());
        while told.try_recv().is_ok() {}
        fs::write(&target, "two").unwrap();
        told_of(&file, &told);
    }

    #[tokio::test(start_paused = true)]
    async fn many_changes_settle_into_one_and_those_in_a_row_are_not_put_off() {
        let mut settling = Settling::default();
        let file = Path::new("config");
        settling.note(file, None);
        assert!(settling.take_settled().is_empty());
        tokio::time::advance(SETTLE / 2).await;
        settling.note(file, None);
        tokio::time::advance(SETTLE / 2).await;
        assert_eq!(settling.take_settled(), [file]);
        assert_eq!(settling.next(), None);
    }
}
