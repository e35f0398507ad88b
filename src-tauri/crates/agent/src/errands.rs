//! Work on files that may block, done in the order it was given, on a plain thread of its own.

use std::sync::mpsc;

type Work = Box<dyn FnOnce() + Send>;

/// The thread's end that takes work. The thread ends when the last clone is dropped and all work
/// is done.
#[derive(Debug, Clone)]
pub(crate) struct Errands(mpsc::Sender<Work>);

impl Errands {
    pub(crate) fn start() -> Self {
        let (give, work) = mpsc::channel::<Work>();
        std::thread::spawn(move || work.into_iter().for_each(|errand| errand()));
        Self(give)
    }

    /// Does this after all that was given before.
    pub(crate) fn run(&self, errand: impl FnOnce() + Send + 'static) {
        // The thread lives as long as this sender, unless an errand panicked.
        let _ = self.0.send(Box::new(errand));
    }
}
