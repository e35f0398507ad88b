//! The one task that owns the state.

mod environment;
mod event;
mod handle;

pub use environment::{Environment, Lookup};
pub use handle::{Change, Handle};
