//! What the command line and the agent say to each other, and the socket they say it on.

#[cfg(unix)]
#[path = "platform/unix.rs"]
mod platform;
#[cfg(windows)]
#[path = "platform/windows.rs"]
mod platform;

pub mod client;
pub mod dirs;
mod line;
pub mod message;
mod secret;
pub mod server;
pub mod socket;
