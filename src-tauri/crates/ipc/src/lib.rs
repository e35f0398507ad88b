//! What the command line and the agent say to each other, and the socket they say it on.

pub mod message;
mod secret;
