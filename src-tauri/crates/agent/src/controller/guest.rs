//! AWS's own files, which others change as well: what Vestibule wrote there is watched, and
//! restored where it was overwritten.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::time::Duration;

use ipc::message::Failure;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::session::Session;
use super::{Controller, Event};
use crate::errands::Errands;
use crate::files;
use crate::menu::RoleId;
use crate::remembered::Kept;
use crate::section::{self, Section};
use crate::shell::Shell;
use crate::watch::{self, Settling, Watch};

/// A program that overwrites a file again and again is answered this often at once, then once in
/// a while.
const AT_ONCE: u32 = 5;

/// How long a file must be left alone before it is restored at once again.
const WHILE: Duration = Duration::from_secs(60);

/// What is under way in AWS's files.
pub(super) struct Guest {
    /// Work on the config and the credentials files.
    pub(super) files: Errands,
    /// Work on token files, which must not wait for anybody's lock.
    pub(super) tokens: Errands,
    watch: Watch,
    pub(super) settling: Settling,
    restored: HashMap<PathBuf, Restored>,
}

/// Why a file is brought up to date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    /// What is to stand in it changed.
    Us,
    /// Others changed it.
    Others,
}

/// How often a file had to be restored, and when it was last.
struct Restored {
    times: u32,
    last: Instant,
}

impl Guest {
    pub(super) fn start(reports: &mpsc::Sender<Event>) -> Self {
        let reports = reports.clone();
        let tell = move |path| {
            // A controller that has stopped needs no news.
            let _ = reports.blocking_send(Event::FileChanged { path });
        };
        Self {
            files: Errands::start(),
            tokens: Errands::start(),
            watch: Watch::start(tell),
            settling: Settling::default(),
            restored: HashMap::new(),
        }
    }

    /// When the file may be restored again, where somebody fights over it.
    fn earliest(&self, file: &Path) -> Option<Instant> {
        let restored = self.restored.get(file)?;
        (restored.times >= AT_ONCE).then(|| restored.last + WHILE)
    }

    fn note_restored(&mut self, file: PathBuf) {
        let now = Instant::now();
        let restored = self.restored.entry(file).or_insert(Restored {
            times: 0,
            last: now,
        });
        if now - restored.last >= WHILE {
            restored.times = 0;
        }
        restored.times += 1;
        restored.last = now;
    }
}

impl<S: Shell> Controller<S> {
    /// Watches the files in which something of Vestibule's stands, and no others. Answers whether
    /// a folder is watched that was not before.
    pub(super) fn watch_files(&mut self) -> bool {
        let shares = |session: &Session| session.portal.share_sign_in;
        let token_cache = &self.environment.paths.aws.token_cache;
        // What does not exist cannot be watched, and AWS's tools make it with their first token.
        if self.sessions.iter().any(shares)
            && let Err(error) = files::create_private(token_cache)
        {
            tracing::warn!(%error, folder = %token_cache.display(), "it cannot be made");
        }
        let files = self.watched_files();
        self.guest.watch.set(files.iter().map(PathBuf::as_path))
    }

    /// Something happened to a file or its folder.
    pub(super) fn file_changed(&mut self, path: &Path) {
        self.guest.watch.lost(path);
        for file in self.watched_files() {
            if watch::is_same(&file, path) {
                self.guest.settling.note(&file, None);
            }
        }
    }

    /// Looks at the files that changed a moment ago.
    pub(super) fn look_at_settled_files(&mut self) {
        let settled = self.guest.settling.take_settled();
        if settled.is_empty() {
            return;
        }
        for file in settled {
            let shared = (0..self.sessions.len())
                .find(|&at| self.token_file(at).is_some_and(|token| token.path == file));
            match shared {
                Some(at) => self.look_at_token_file(at),
                None => match self.guest.earliest(&file) {
                    Some(later) if later > Instant::now() => {
                        self.guest.settling.note(&file, Some(later));
                    }
                    _ => self.restore(&file, Cause::Others),
                },
            }
        }
        // A folder that was deleted and made anew is another one.
        self.watch_files();
    }

    /// Restores what was written to every file.
    pub(super) fn restore_all(&self) {
        let kept = self.remembered.kept.iter();
        let files: BTreeSet<&Path> = kept.map(|kept| kept.config_file.as_path()).collect();
        for file in files {
            self.restore(file, Cause::Us);
        }
    }

    /// Restores what was written to the file for kept roles.
    fn restore(&self, file: &Path, cause: Cause) {
        let kept = self.remembered.kept.iter();
        let kept = kept.filter(|kept| kept.config_file == file);
        self.bring_up_to_date(file, kept, cause);
    }

    /// Writes fresh keys to wherever the role is kept as such.
    pub(super) fn renew_keys(&self, role: &RoleId) {
        let delivery = ipc::message::Delivery::StaticKeys;
        if let Some(kept) = self.remembered.kept_as(role, delivery) {
            self.bring_up_to_date(&kept.config_file, [kept].into_iter(), Cause::Us);
        }
    }

    fn bring_up_to_date<'a>(
        &self,
        file: &Path,
        kept: impl Iterator<Item = &'a Kept>,
        cause: Cause,
    ) {
        let sections: Vec<Section> = kept.filter_map(|kept| self.section_of(kept)).collect();
        if sections.is_empty() {
            return;
        }
        let (file, reports) = (file.to_owned(), self.reports.clone());
        self.guest.files.run(move || {
            let result = section::restore(&file, sections);
            // A controller that has stopped needs no news.
            let _ = reports.blocking_send(Event::Restored {
                file,
                cause,
                result,
            });
        });
    }

    /// What was written is as it should be, or could not be made so.
    pub(super) fn restored(&mut self, file: PathBuf, cause: Cause, result: Result<bool, Failure>) {
        match result {
            Ok(changed) => {
                self.withdraw_file(&file);
                // Others may have been there before it was watched.
                if self.watch_files() {
                    self.guest.settling.note(&file, None);
                }
                if changed && cause == Cause::Others {
                    tracing::info!(file = %file.display(), "restored what others overwrote");
                    self.guest.note_restored(file);
                }
            }
            Err(failure) => self.notify_file(&file, &failure),
        }
    }

    fn watched_files(&self) -> BTreeSet<PathBuf> {
        let kept = self.remembered.kept.iter();
        let tokens = (0..self.sessions.len()).filter_map(|at| self.token_file(at));
        kept.map(|kept| kept.config_file.clone())
            .chain(tokens.map(|token| token.path))
            .collect()
    }
}
