//! Why a command failed: a message, what to do next, and the exit code.

use std::io::{self, Write as _};
use std::process::ExitCode;

use ipc::message::{Code, Failure};

use crate::output::Output;

pub(crate) type Result<T> = std::result::Result<T, Error>;

/// What ends a command early.
#[derive(Debug)]
pub(crate) enum Error {
    /// It could not be done; the agent's words or ours.
    Failure(Failure),
    /// Nobody takes the output.
    Output(io::Error),
}

impl Error {
    /// The message becomes a sentence, as the agent's are.
    pub(crate) fn new(
        code: Code,
        message: impl Into<String>,
        next_step: impl Into<String>,
    ) -> Self {
        Self::Failure(Failure {
            code,
            message: sentence(message.into()),
            next_step: next_step.into(),
        })
    }

    /// An answer that does not belong to the question.
    pub(crate) fn unexpected() -> Self {
        let message = "the agent gave an answer that was not asked for";
        Self::new(
            Code::Internal,
            message,
            "Restart Vestibule, then try again.",
        )
    }

    /// For those who hear of it elsewhere than on stderr.
    pub(crate) fn into_failure(self) -> Failure {
        match self {
            Self::Failure(failure) => failure,
            Self::Output(error) => Failure {
                code: Code::Internal,
                message: sentence(error.to_string()),
                next_step: "Try again.".to_owned(),
            },
        }
    }

    /// Tells the user on stderr and gives the exit code.
    pub(crate) fn report(&self, output: &mut Output) -> ExitCode {
        let code = match self {
            Self::Failure(failure) => failure.code.exit_code(),
            Self::Output(_) => 1,
        };
        // With stderr gone too there is nobody left to tell.
        let _ = self.write(output);
        ExitCode::from(code)
    }

    fn write(&self, output: &mut Output) -> io::Result<()> {
        match self {
            Self::Failure(failure) => output.failure(failure),
            // The reader had enough, as in `vestibule accounts | head -1`.
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            Self::Output(error) => writeln!(output.err, "error: cannot write the output: {error}"),
        }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

impl From<ipc::dirs::NoHome> for Error {
    fn from(error: ipc::dirs::NoHome) -> Self {
        Self::new(Code::Settings, error.to_string(), "Set it, then try again.")
    }
}

impl From<ipc::client::Error> for Error {
    fn from(error: ipc::client::Error) -> Self {
        use ipc::client::Error as Client;
        let (code, next_step) = match &error {
            Client::NoAgent { .. } | Client::Closed | Client::Io(_) => {
                (Code::Internal, "Try again.")
            }
            Client::Folder(_) => (
                Code::File,
                "Make the folder yours with mode 0700, or let XDG_RUNTIME_DIR name another one.",
            ),
            Client::Version { .. } => (
                Code::Version,
                "Quit Vestibule in the tray, or end the process `vestibule agent`, then try again.",
            ),
            Client::Malformed(_) => (Code::Internal, "Restart Vestibule, then try again."),
        };
        Self::new(code, error.to_string(), next_step)
    }
}

fn sentence(mut text: String) -> String {
    // A host at the beginning is written as it is.
    let word = text.split_whitespace().next().unwrap_or_default();
    if let (Some(first), false) = (text.get(..1), word.contains(['.', ':'])) {
        text.replace_range(..1, &first.to_uppercase());
    }
    if !text.ends_with(['.', '!', '?']) {
        text.push('.');
    }
    text
}
