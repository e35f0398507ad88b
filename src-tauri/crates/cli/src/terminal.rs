//! The user's terminal, past stdin and stdout, which belong to whoever runs the command.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Write as _};

/// A terminal on which the user can be asked.
pub(crate) struct Terminal {
    keys: BufReader<File>,
    screen: File,
}

/// What came of a question.
pub(crate) enum Reply {
    /// A line, without its end.
    Line(String),
    /// The user ended the input.
    End,
    /// The answer is wanted no more.
    Over,
}

impl Terminal {
    /// The terminal, where there is one and this command may read from it: one in the background
    /// would be stopped.
    pub(crate) fn open() -> Option<Self> {
        let (keys, screen) = platform::open()?;
        Some(Self {
            keys: BufReader::new(keys),
            screen,
        })
    }

    /// Asks until a line is typed, or until the answer `is_over`.
    pub(crate) fn ask(&mut self, question: &str, is_over: &dyn Fn() -> bool) -> io::Result<Reply> {
        write!(self.screen, "{question}")?;
        self.screen.flush()?;
        while !platform::is_typed(self.keys.get_ref())? {
            if is_over() {
                writeln!(self.screen)?;
                return Ok(Reply::Over);
            }
        }
        let mut line = String::new();
        if self.keys.read_line(&mut line)? == 0 {
            writeln!(self.screen)?;
            return Ok(Reply::End);
        }
        Ok(Reply::Line(line))
    }

    /// Says something.
    pub(crate) fn say(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.screen, "{text}")
    }
}

#[cfg(unix)]
mod platform {
    use std::fs::{File, OpenOptions};
    use std::io;

    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::process::getpgrp;
    use rustix::termios::tcgetpgrp;

    /// How long a question waits before it looks whether it is still one.
    const MOMENT: Timespec = Timespec {
        tv_sec: 0,
        tv_nsec: 200_000_000,
    };

    pub(super) fn open() -> Option<(File, File)> {
        let open = || {
            OpenOptions::new()
                .read(true)
                .write(true)
                .open("/dev/tty")
                .ok()
        };
        let keys = open()?;
        let in_front = tcgetpgrp(&keys).ok()? == getpgrp();
        in_front.then_some(keys).zip(open())
    }

    pub(super) fn is_typed(keys: &File) -> io::Result<bool> {
        let mut wanted = [PollFd::new(keys, PollFlags::IN)];
        Ok(poll(&mut wanted, Some(&MOMENT))? > 0)
    }
}

#[cfg(not(unix))]
mod platform {
    use std::fs::{File, OpenOptions};
    use std::io;

    pub(super) fn open() -> Option<(File, File)> {
        let open = |name| OpenOptions::new().read(true).write(true).open(name).ok();
        open("CONIN$").zip(open("CONOUT$"))
    }

    /// The console has no waiting with a limit for files: the question waits for its line.
    pub(super) fn is_typed(_: &File) -> io::Result<bool> {
        Ok(true)
    }
}
