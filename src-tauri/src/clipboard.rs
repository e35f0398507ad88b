//! The clipboard, for credentials: marked secret, and cleared after a while.

use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use crate::platform;

/// How long credentials stay in the clipboard.
const STAYS: Duration = Duration::from_secs(60);

/// The clipboard, on a thread of its own: another program that owns the selection may be slow,
/// and on X11 and Wayland whoever copied must stay to hand the text out.
#[derive(Debug)]
pub(crate) struct Clipboard {
    texts: Sender<SecretString>,
    thread: JoinHandle<()>,
}

impl Clipboard {
    /// Starts the thread; it sleeps until something is copied.
    pub(crate) fn new() -> Self {
        let (texts, copied) = mpsc::channel();
        let thread = thread::spawn(move || run(&copied));
        Self { texts, thread }
    }

    /// Puts the text into the clipboard for 60 s, marked as a secret for clipboard managers.
    pub(crate) fn copy(&self, text: SecretString) {
        // The thread ends only when this is dropped.
        let _ = self.texts.send(text);
    }

    /// Clears what is still there. Waits for it.
    pub(crate) fn close(self) {
        drop(self.texts);
        if self.thread.join().is_err() {
            tracing::error!("the clipboard's thread panicked");
        }
    }
}

fn run(copied: &Receiver<SecretString>) {
    while let Ok(text) = copied.recv() {
        if let Err(error) = hold(text, copied) {
            tracing::warn!(%error, "the clipboard could not be used");
        }
    }
}

/// Holds the text, and any that follows it, until the last one has had its time.
fn hold(mut text: SecretString, copied: &Receiver<SecretString>) -> Result<(), arboard::Error> {
    let mut clipboard = arboard::Clipboard::new()?;
    loop {
        platform::secret(clipboard.set()).text(text.expose_secret())?;
        match copied.recv_timeout(STAYS) {
            Ok(next) => text = next,
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
        }
    }
    let there = SecretString::from(clipboard.get_text().unwrap_or_default());
    if there.expose_secret() == text.expose_secret() {
        clipboard.clear()?;
    }
    Ok(())
}
