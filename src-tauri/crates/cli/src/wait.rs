//! What the user reads while the agent waits for a sign-in.

use std::io::{self, Write as _};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use ipc::message::Progress;

use crate::output::Output;
use crate::sign_in;

/// Warm answers come in a millisecond; after this long, the user may have to act.
const PATIENCE: Duration = Duration::from_secs(2);

/// Says on stderr that the answer takes longer, unless dropped before.
pub(crate) struct Wait {
    _ends: Sender<()>,
}

impl Wait {
    pub(crate) fn begin() -> Self {
        let (ends, ended) = mpsc::channel::<()>();
        thread::spawn(move || {
            if ended.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                // Whoever closed stderr does not want to know.
                let _ = writeln!(
                    io::stderr(),
                    "Waiting… If a browser window asks you to sign in, do so there."
                );
            }
        });
        Self { _ends: ends }
    }

    /// Shows a step of the sign-in that the agent began for this command.
    pub(crate) fn show(&self, progress: &Progress, output: &mut Output) {
        // As above; the answer is worth more than this line.
        let _ = sign_in::show(progress, true, output);
    }
}
