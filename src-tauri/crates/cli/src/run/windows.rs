//! Children on Windows, where a console tells all its programs of Ctrl-C.

use std::io;
use std::process::Command;

pub(super) fn instead(command: Command) -> io::Result<u8> {
    attended(command)
}

pub(super) fn attended(mut command: Command) -> io::Result<u8> {
    // Cut to what a program of this one can answer.
    let code = command.status()?.code().unwrap_or(1);
    Ok(u8::try_from(code).unwrap_or(1))
}
