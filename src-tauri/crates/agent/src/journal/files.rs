//! The journal's files: one a day at least, `2026-11-22.001.jsonl`, for the user alone.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use time::macros::format_description;
use time::{Date, Duration, OffsetDateTime};

use super::Record;
use crate::files::{self, Error};

/// How long files are kept.
const KEPT: Duration = Duration::days(90);

/// A file that has grown to this is not added to, in bytes.
const FULL: u64 = 8 * 1024 * 1024;

/// How many files are kept at most, whatever their age: a program that asks without end must not
/// fill the disk.
const FILES: usize = 64;

const DAY: &[time::format_description::BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]");

/// The folder of the journal, to be written.
pub(super) struct Files {
    folder: PathBuf,
    open: Option<Open>,
}

struct Open {
    day: Date,
    file: File,
    length: u64,
}

impl Files {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder, open: None }
    }

    /// Adds one line in one piece.
    ///
    /// # Errors
    /// It may have been written in part; the next one begins a line of its own all the same.
    pub(super) fn append(&mut self, record: &Record) -> Result<(), Error> {
        let appended = self.try_append(record);
        appended.map_err(|source| {
            self.open = None;
            Error {
                operation: "written",
                path: self.folder.clone(),
                source,
            }
        })
    }

    fn try_append(&mut self, record: &Record) -> io::Result<()> {
        let mut line = serde_json::to_vec(record)?;
        line.push(b'\n');
        let day = record.time.date();
        let fits = |open: &Open| open.day == day && open.length < FULL;
        let open = match self.open.take().filter(fits) {
            Some(open) => self.open.insert(open),
            None => {
                let open = Open::of(&self.folder, day)?;
                prune(&self.folder, record.time)?;
                self.open.insert(open)
            }
        };
        open.file.write_all(&line)?;
        open.length += line.len() as u64;
        Ok(())
    }
}

impl Open {
    fn of(folder: &Path, day: Date) -> io::Result<Self> {
        files::create_private(folder)?;
        let part = all(folder)?
            .into_iter()
            .filter_map(|path| parsed(&path).filter(|(other, _)| *other == day))
            .map(|(_, part)| part)
            .max()
            .unwrap_or(1);
        let open = Self::part(folder, day, part)?;
        if open.length < FULL {
            return Ok(open);
        }
        Self::part(folder, day, part + 1)
    }

    fn part(folder: &Path, day: Date, part: u32) -> io::Result<Self> {
        let name = day.format(DAY).map_err(io::Error::other)?;
        let mut options = File::options();
        options.create(true).read(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(folder.join(format!("{name}.{part:03}.jsonl")))?;
        let mut length = file.metadata()?.len();
        if !ends_whole(&mut file, length)? {
            // What an agent that was killed, or a full disk, left half-written is a line of its own.
            file.write_all(b"\n")?;
            length += 1;
        }
        Ok(Self { day, file, length })
    }
}

fn ends_whole(file: &mut File, length: u64) -> io::Result<bool> {
    if length == 0 {
        return Ok(true);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

/// Every file of the journal, the oldest first.
pub(super) fn all(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut paths = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .filter(|path| path.as_ref().map_or(true, |path| parsed(path).is_some()))
        .collect::<io::Result<Vec<_>>>()?;
    paths.sort_by_key(|path| parsed(path));
    Ok(paths)
}

/// Day and number of a file.
pub(super) fn parsed(path: &Path) -> Option<(Date, u32)> {
    let name = path.file_name()?.to_str()?.strip_suffix(".jsonl")?;
    let (day, part) = name.split_once('.')?;
    Some((Date::parse(day, DAY).ok()?, part.parse().ok()?))
}

fn prune(folder: &Path, now: OffsetDateTime) -> io::Result<()> {
    let oldest = (now - KEPT).date();
    let files = all(folder)?;
    let surplus = files.len().saturating_sub(FILES);
    for (number, path) in files.iter().enumerate() {
        if number < surplus || parsed(path).is_some_and(|(day, _)| day < oldest) {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}
