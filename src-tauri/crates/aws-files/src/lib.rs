//! A guest in `~/.aws`: finds, reads and edits the files that AWS's own tools share.
//!
//! [`profile::insert`] and [`profile::remove`] are pure functions from one [`Document`] to the
//! next; [`write::edit`] applies such a function to a file, atomically and under a lock. Bytes
//! that Vestibule did not write are never changed.

pub mod document;
pub mod paths;
mod platform;
pub mod profile;
mod quote;
pub mod write;

pub use document::Document;
pub use paths::Paths;
pub use profile::Profile;
