//! Reading the journal, with or without an agent that writes it.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use time::{Date, Duration, OffsetDateTime};

use super::Record;
use super::files;

/// Reads the journal from some moment on, and goes on where it stopped.
#[derive(Debug)]
pub struct Tail {
    folder: PathBuf,
    since: Option<OffsetDateTime>,
    /// The last file read, and how far.
    reached: Option<(Place, u64)>,
}

/// What a file is called after: files are read in this order.
type Place = (Date, u32);

impl Tail {
    /// The journal in that folder, from `since` on, or all of it.
    #[must_use]
    pub fn new(folder: &Path, since: Option<OffsetDateTime>) -> Self {
        Self {
            folder: folder.to_owned(),
            since,
            reached: None,
        }
    }

    /// Gives every record there is since the last call to `take`. Lines that are none, such as one
    /// that a killed agent left half-written, are skipped.
    ///
    /// # Errors
    /// A file cannot be read, or `take` fails.
    pub fn read(&mut self, mut take: impl FnMut(Record) -> io::Result<()>) -> io::Result<()> {
        // The clock may have been set back: what is in a file can be a little older than its day.
        let first = self.since.map(|since| (since - Duration::DAY).date());
        for path in files::all(&self.folder)? {
            let Some(place) = files::parsed(&path) else {
                continue;
            };
            let passed = self.reached.is_some_and(|(reached, _)| place < reached);
            if passed || first.is_some_and(|first| place.0 < first) {
                continue;
            }
            let from = match self.reached {
                Some((reached, length)) if reached == place => length,
                _ => 0,
            };
            let length = self.read_file(&path, from, &mut take)?;
            self.reached = Some((place, length));
        }
        Ok(())
    }

    /// Reads whole lines from there on and says how far they go.
    fn read_file(
        &self,
        path: &Path,
        from: u64,
        take: &mut impl FnMut(Record) -> io::Result<()>,
    ) -> io::Result<u64> {
        let mut file = match File::open(path) {
            Ok(file) => file,
            // It was old and was deleted just now.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(from),
            Err(error) => return Err(error),
        };
        file.seek(SeekFrom::Start(from))?;
        let mut reader = BufReader::new(file);
        let mut length = from;
        let mut line = Vec::new();
        loop {
            line.clear();
            let read = reader.read_until(b'\n', &mut line)?;
            if !line.ends_with(b"\n") {
                return Ok(length);
            }
            length += read as u64;
            if let Ok(record) = serde_json::from_slice::<Record>(&line)
                && self.since.is_none_or(|since| record.time >= since)
            {
                take(record)?;
            }
        }
    }
}
