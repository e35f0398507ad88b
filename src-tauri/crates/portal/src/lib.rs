//! The embedded Identity Center: one origin that serves SSO OIDC, the portal API, the portal's
//! pages, console federation and STS, so that everything works with no AWS account at all.
//!
//! [`Portal`] is the whole of its state; [`router::router`] serves it.
#![forbid(unsafe_code)]

pub mod access;
pub mod act;
pub mod admin;
pub mod applications;
pub mod audit;
mod aws_error;
pub mod backup;
mod caller;
pub mod check;
pub mod client;
pub mod clock;
pub mod config;
pub mod console;
pub mod declaration;
pub mod directory;
pub mod enabling;
pub mod example;
pub mod expired;
pub mod health;
pub mod instance;
pub mod invitations;
pub mod mail;
pub mod metrics;
pub mod mfa;
pub mod oidc;
pub mod organization;
pub mod portal;
pub mod portal_api;
pub mod random;
pub mod rate_limit;
pub mod router;
pub mod seal;
pub mod server;
pub mod sessions;
pub mod settings;
pub mod sigv4;
pub mod store;
pub mod sts;
pub mod web;

pub use config::Config;
pub use portal::Portal;
