//! A guest in `~/.aws`: finds, reads and edits the files that AWS's own tools share.
//!
//! [`profile`], [`sso_session`] and [`static_keys`] are pure functions from one [`Document`] to the
//! next; [`write::edit`] applies such a function to a file, atomically and under a lock. Bytes
//! that Vestibule did not write are never changed.

mod backup;
mod block;
mod body;
pub mod changes;
mod delivery;
pub mod document;
mod lines;
pub mod paths;
mod platform;
pub mod profile;
pub mod profiles;
mod quote;
pub mod reading;
mod refusal;
pub mod sso_session;
pub mod static_keys;
mod times;
pub mod token_cache;
mod words;
pub mod write;

pub use delivery::Delivery;
pub use document::Document;
pub use paths::Paths;
pub use profile::Profile;
pub use refusal::Refusal;
