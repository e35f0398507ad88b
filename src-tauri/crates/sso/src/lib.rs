//! The Identity Center protocols, as a client: sign-in (OIDC), the portal API, the console, and the
//! step from one role to another (STS).
//!
//! Everything is asked of an injected [`http::Client`], which also carries the clock. A sign-in in
//! the browser, then the console of every role:
//!
//! ```no_run
//! # use std::{sync::Arc, time::Duration};
//! # use sso::{console, http::Client, oidc::{self, Grant, pkce::LoopbackListener}, portal::Portal};
//! # use sso::endpoints::{Endpoints, Overrides, Region, StartUrl};
//! # use time::OffsetDateTime;
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::new("vestibule/0.1", Arc::new(OffsetDateTime::now_utc))?;
//! let start_url: StartUrl = "https://acme.awsapps.com/start".parse()?;
//! let region: Region = "eu-central-1".parse()?;
//! let endpoints = Endpoints::resolve(&start_url, &region, &Overrides::default());
//!
//! let grant = Grant::AuthorizationCode;
//! let registration = oidc::register(&client, &endpoints, &start_url, grant).await?;
//! let sign_in = LoopbackListener::bind().await?.authorize(&endpoints, &registration);
//! println!("Open {}", sign_in.url());
//! let tokens = sign_in.finish(&client, Duration::from_secs(300)).await?;
//!
//! let portal = Portal::new(&client, &endpoints);
//! let (found, mut assigned) = tokio::sync::mpsc::channel(32);
//! let (_renewed, access_token) = tokio::sync::watch::channel(tokens.access_token);
//! let listing = portal.list_all(&access_token, found);
//! let consoles = async {
//!     while let Some(next) = assigned.recv().await {
//!         for role in &next.roles {
//!             println!("{}", console::shortcut_url(&start_url, &next.account.id, role, None));
//!         }
//!     }
//! };
//! tokio::join!(listing, consoles).0?;
//! # Ok(())
//! # }
//! ```
//!
//! Every error of this crate has `kind() -> error::Kind`, which says what it means to the caller.

pub mod console;
pub mod endpoints;
pub mod error;
pub mod http;
pub mod oidc;
pub mod portal;
pub mod probe;
pub mod rate;
pub mod sts;

#[cfg(test)]
mod testing;
