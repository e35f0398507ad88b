//! Running a command of the user's: its exit code and signals pass through.

#[cfg_attr(unix, path = "unix.rs")]
#[cfg_attr(windows, path = "windows.rs")]
mod platform;

use std::ffi::OsStr;
use std::io;
use std::process::{Command, ExitCode};

use crate::failure::Result;
use crate::output::Output;

/// As shells have it.
const NOT_FOUND: u8 = 127;
const NOT_EXECUTABLE: u8 = 126;

/// Runs the command in place of this program, which is no more, where the system can do that.
///
/// # Errors
/// stderr is closed.
pub(crate) fn instead(command: Command, output: &mut Output) -> Result<ExitCode> {
    let name = command.get_program().to_owned();
    ended(platform::instead(command), &name, output)
}

/// Runs the command while this program goes on in the background: every signal reaches it, and
/// this program stops and goes on with it. Answers its exit code, or 128 and the number of the
/// signal that ended it.
///
/// # Errors
/// stderr is closed.
pub(crate) fn attended(command: Command, output: &mut Output) -> Result<ExitCode> {
    let name = command.get_program().to_owned();
    ended(platform::attended(command), &name, output)
}

fn ended(ended: io::Result<u8>, name: &OsStr, output: &mut Output) -> Result<ExitCode> {
    let error = match ended {
        Ok(code) => return Ok(ExitCode::from(code)),
        Err(error) => error,
    };
    let name = name.display();
    let (code, message) = match error.kind() {
        io::ErrorKind::NotFound => (NOT_FOUND, format!("There is no command {name}.")),
        _ => (
            NOT_EXECUTABLE,
            format!("The command {name} cannot be run: {error}."),
        ),
    };
    output.error(message)?;
    Ok(ExitCode::from(code))
}
