//! JSON lines in a file that rotates.

use std::{
    ffi::OsString,
    fs, io,
    io::{Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use super::{ExportError, Record};

/// No record is longer.
const TAIL: u64 = 1 << 20;

#[derive(Debug, Clone)]
pub(super) struct File {
    pub(super) path: PathBuf,
    pub(super) rotate_bytes: u64,
    pub(super) keep: u32,
}

impl File {
    pub(super) async fn append(&self, records: Vec<Record>) -> Result<(), ExportError> {
        let file = self.clone();
        let written = tokio::task::spawn_blocking(move || file.write(&records)).await;
        written
            .unwrap_or_else(|error| Err(io::Error::other(error)))
            .map_err(|source| ExportError::File {
                path: self.path.clone(),
                source,
            })
    }

    /// Opens the file anew each time, so that it may be moved away meanwhile.
    fn write(&self, records: &[Record]) -> io::Result<()> {
        let mut file = self.open()?;
        let last = last_line(&mut file)?;
        // What arrived before the cursor could be moved is not written twice.
        let arrived = records.iter().position(|record| record.text == last);
        let new = &records[arrived.map_or(0, |at| at + 1)..];
        let lines: String = new
            .iter()
            .map(|record| format!("{}\n", record.text))
            .collect();
        let size = file.metadata()?.len();
        if size > 0 && size + lines.len() as u64 > self.rotate_bytes {
            drop(file);
            self.rotate()?;
            file = self.open()?;
        }
        file.write_all(lines.as_bytes())?;
        file.sync_data()
    }

    fn open(&self) -> io::Result<fs::File> {
        let mut options = fs::File::options();
        options.create(true).read(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&self.path)
    }

    fn rotate(&self) -> io::Result<()> {
        if self.keep == 0 {
            return fs::remove_file(&self.path);
        }
        for number in (1..self.keep).rev() {
            rename_if_there(&self.numbered(number), &self.numbered(number + 1))?;
        }
        fs::rename(&self.path, self.numbered(1))
    }

    fn numbered(&self, number: u32) -> PathBuf {
        let mut name = OsString::from(&self.path);
        name.push(format!(".{number}"));
        name.into()
    }
}

fn rename_if_there(from: &Path, to: &Path) -> io::Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// The last whole line; half a line after it, left by a crash, is cut off.
fn last_line(file: &mut fs::File) -> io::Result<String> {
    let length = file.metadata()?.len();
    let from = length.saturating_sub(TAIL);
    let mut tail = Vec::new();
    file.seek(SeekFrom::Start(from))?;
    file.read_to_end(&mut tail)?;
    let end = tail.iter().rposition(|byte| *byte == b'\n');
    let whole = end.map_or(0, |end| end + 1);
    if whole < tail.len() {
        file.set_len(from + whole as u64)?;
    }
    let Some(end) = end else {
        return Ok(String::new());
    };
    let start = tail[..end].iter().rposition(|byte| *byte == b'\n');
    let line = &tail[start.map_or(0, |start| start + 1)..end];
    Ok(String::from_utf8_lossy(line).into_owned())
}
