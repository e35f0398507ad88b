//! What the user reads while the agent waits for a sign-in.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use ipc::message::Progress;

use crate::mfa_code;
use crate::output::Output;
use crate::sign_in;

/// Warm answers come in a millisecond; after this long, the user may have to act.
const PATIENCE: Duration = Duration::from_secs(2);

/// Says on stderr what an answer waits for, if it takes longer than a moment.
pub(crate) struct Wait {
    steps: Sender<Progress>,
    over: Arc<AtomicBool>,
}

impl Drop for Wait {
    /// A question that stands on the terminal is withdrawn.
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
    }
}

impl Wait {
    /// Begins to wait; the end is when it is dropped.
    pub(crate) fn begin() -> Self {
        let (sender, steps) = mpsc::channel();
        let over = Arc::new(AtomicBool::new(false));
        let ended = over.clone();
        let is_over = move || ended.load(Ordering::Relaxed);
        thread::spawn(move || {
            let deadline = Instant::now() + PATIENCE;
            let mut last = None;
            loop {
                let left = deadline.saturating_duration_since(Instant::now());
                match steps.recv_timeout(left) {
                    Ok(Progress::MfaCode(wanted)) => mfa_code::ask(&wanted, &is_over),
                    Ok(step) => last = Some(step),
                    Err(RecvTimeoutError::Timeout) => break,
                    Err(RecvTimeoutError::Disconnected) => return,
                }
            }
            let mut output = Output::of_process();
            // Whoever closed stderr does not want to know.
            let _ = match last {
                Some(step) => sign_in::show(&step, true, &mut output),
                None => output.hint("Waiting for the portal…"),
            };
            for step in steps {
                match step {
                    Progress::MfaCode(wanted) => mfa_code::ask(&wanted, &is_over),
                    step => drop(sign_in::show(&step, true, &mut output)),
                }
            }
        });
        Self {
            steps: sender,
            over,
        }
    }

    /// A step that the user takes part in, as the agent tells it.
    pub(crate) fn step(&self, step: Progress) {
        // The other end is there for as long as this one.
        let _ = self.steps.send(step);
    }
}
