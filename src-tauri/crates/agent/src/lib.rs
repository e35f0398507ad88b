//! The heart of Vestibule: it owns sessions, catalogs and credentials, and says what to show.
//!
//! One task, the [`Controller`](controller::Controller), owns the state. Whatever happens reaches
//! it as an event; what others may see leaves it as a [`Snapshot`](snapshot::Snapshot); what a
//! desktop must do it asks of a [`Shell`](shell::Shell).

pub mod browser;
mod catalog;
pub mod chain;
pub mod clock;
pub mod controller;
pub mod endpoint;
mod errands;
pub mod exports;
mod failure;
mod files;
pub mod headless;
pub mod import;
pub mod journal;
pub mod keyring;
mod lookup;
pub mod menu;
mod network;
mod outside;
pub mod paths;
pub mod probe;
pub mod profiles;
mod refresh;
mod remembered;
mod section;
pub mod server;
pub mod settings;
pub mod shell;
pub mod snapshot;
#[cfg(test)]
mod testing;
mod token_file;
mod watch;
