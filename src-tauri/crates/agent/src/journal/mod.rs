//! A local audit trail: who asked for which role when and how, what was opened, sign-ins and
//! sign-outs. One JSON line an act, in the data folder, kept for 90 days. Nothing secret is in it.
//!
//! Writing happens on a thread of its own, which the controller never waits for: a full disk is
//! told once and disturbs nothing else. What could not be written is counted.

mod caller;
mod files;
mod record;
mod tail;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, SyncSender};

use ipc::message::{Code, Response};
use tokio::sync::oneshot;

pub(crate) use caller::Caller;
pub use record::{Act, Record};
pub use tail::Tail;

use self::files::Files;
use crate::clock::Clock;
use crate::menu::RoleId;

/// How many entries may wait for the disk; more are counted as lost.
const WAITING: usize = 1024;

/// Where acts are noted. Clones note into the same files.
#[derive(Clone)]
pub(crate) struct Journal {
    jobs: SyncSender<Job>,
    lost: Arc<AtomicU64>,
    clock: Arc<dyn Clock>,
}

/// One act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// What was done.
    pub(crate) act: Act,
    /// Who asked, and how it was handed on; `None` where it happened by itself.
    pub(crate) by: Option<Caller>,
    /// Session it was done with.
    pub(crate) session: String,
    /// The role, where there is one.
    pub(crate) role: Option<RoleId>,
    /// Name of the role's account, where it is known.
    pub(crate) account_name: Option<String>,
    /// Why it could not be done; `None` where it was.
    pub(crate) failure: Option<Code>,
}

/// An entry that is written as soon as it is known how the act ended.
pub(crate) struct Note {
    journal: Journal,
    entry: Entry,
}

enum Job {
    Write(Record),
    Flush(oneshot::Sender<()>),
}

impl Journal {
    /// Starts the thread that writes into `folder`; it ends with the last clone. `tell` hears when
    /// the files can no longer be written, once, and when they can be again.
    pub(crate) fn start(
        folder: PathBuf,
        clock: Arc<dyn Clock>,
        tell: impl Fn(Result<(), crate::files::Error>) + Send + 'static,
    ) -> Self {
        let (jobs, waiting) = mpsc::sync_channel(WAITING);
        let journal = Self {
            jobs,
            lost: Arc::default(),
            clock,
        };
        let lost = journal.lost.clone();
        std::thread::spawn(move || write_all(&waiting, Files::new(folder), &lost, &tell));
        journal
    }

    /// Writes an entry, some time soon.
    pub(crate) fn note(&self, entry: Entry) {
        let record = entry.at(self.clock.now());
        if self.jobs.try_send(Job::Write(record)).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// An entry to be written when the act has ended.
    pub(crate) fn begin(&self, entry: Entry) -> Note {
        Note {
            journal: self.clone(),
            entry,
        }
    }

    /// Comes when everything noted before is written, or could not be.
    pub(crate) fn flush(&self) -> oneshot::Receiver<()> {
        let (done, flushed) = oneshot::channel();
        // Where there is no room `done` is dropped, which ends the wait.
        let _ = self.jobs.try_send(Job::Flush(done));
        flushed
    }
}

impl Note {
    /// Writes the entry with the end that this answer tells.
    pub(crate) fn end(mut self, response: &Response) {
        self.entry.failure = match response {
            Response::Error(failure) => Some(failure.code),
            _ => None,
        };
        self.journal.note(self.entry);
    }
}

impl std::fmt::Debug for Note {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.entry.fmt(f)
    }
}

impl Entry {
    fn at(self, time: time::OffsetDateTime) -> Record {
        let (account_id, role_name) = self
            .role
            .map(|role| (role.account_id, role.role_name))
            .unzip();
        Record {
            way: self.by.as_ref().map(|by| by.way),
            session: Some(self.session),
            account_id,
            account_name: self.account_name,
            role_name,
            pid: self.by.as_ref().and_then(|by| by.pid),
            program: self.by.map(|by| by.program),
            failure: self.failure,
            ..Record::new(time, self.act)
        }
    }
}

fn write_all(
    jobs: &mpsc::Receiver<Job>,
    mut files: Files,
    lost: &AtomicU64,
    tell: &dyn Fn(Result<(), crate::files::Error>),
) {
    let mut failing = false;
    for job in jobs {
        let record = match job {
            Job::Write(record) => record,
            Job::Flush(done) => {
                // Whoever no longer waits has ended.
                let _ = done.send(());
                continue;
            }
        };
        match write_one(&mut files, &record, lost) {
            Ok(()) if failing => tell(Ok(())),
            Ok(()) => {}
            Err(error) => {
                lost.fetch_add(1, Ordering::Relaxed);
                if !failing {
                    tell(Err(error));
                }
                failing = true;
                continue;
            }
        }
        failing = false;
    }
}

/// Says first how many entries are missing before this one.
fn write_one(
    files: &mut Files,
    record: &Record,
    lost: &AtomicU64,
) -> Result<(), crate::files::Error> {
    let missing = lost.load(Ordering::Relaxed);
    if missing > 0 {
        files.append(&Record {
            count: Some(missing),
            ..Record::new(record.time, Act::Lost)
        })?;
        lost.fetch_sub(missing, Ordering::Relaxed);
    }
    files.append(record)
}
