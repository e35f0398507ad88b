//! The Identity Center protocols, as a client: sign-in (OIDC), the portal API and the console.
//!
//! Everything is asked of an injected [`http::Client`], which also carries the clock. A sign-in in
//! the browser, then the credentials of a role:
//!
//! ```text
//! let client = http::Client::new("vestibule/0.1", Arc::new(OffsetDateTime::now_utc))?;
//! let start_url: StartUrl = "https://acme.awsapps.com/start".parse()?;     // normalised, validated
//! let region: Region = "eu-central-1".parse()?;
//! let endpoints = Endpoints::resolve(&start_url, &region, &Overrides::default());
//!
//! // oidc: browser with PKCE …
//! let registration = oidc::register(&client, &endpoints, &start_url, Grant::AuthorizationCode).await?;
//! let authorization = LoopbackListener::bind().await?.authorize(&endpoints, &registration)?;
//! open(authorization.url());                                  // &Url
//! let tokens = authorization.finish(&client, Duration::from_secs(300)).await?; // drop it to cancel
//! // … or a device code, with a registration of its own
//! let registration = oidc::register(&client, &endpoints, &start_url, Grant::DeviceCode).await?;
//! let device = oidc::device::start(&client, &endpoints, &registration, &start_url).await?;
//! show(&device.user_code, &device.verification_uri);
//! let tokens = oidc::device::poll(&client, &endpoints, &registration, &device).await?;
//! // … renewed with the registration it was made with
//! let tokens = oidc::refresh(&client, &endpoints, &registration, &refresh_token).await?;
//!
//! // portal: one per session, clones share its rate limit
//! let portal = Portal::new(&client, &endpoints);
//! let (found, mut assigned) = mpsc::channel(32);              // of AccountRoles { account, roles }
//! portal.list_all(&tokens.access_token, found).await?;
//! let credentials = portal.get_role_credentials(&tokens.access_token, account_id, role_name).await?;
//! portal.logout(&tokens.access_token).await?;
//!
//! // console
//! let destination = console::destination(&endpoints, &region, Some("s3"));
//! let token = console::signin_token(&client, &endpoints, &credentials, None).await?;
//! open(console::login_url(&endpoints, &start_url, &destination, &token));   // SecretString
//! open(console::shortcut_url(&start_url, account_id, role_name, Some(&destination))); // Url, no secret
//! ```
//!
//! Every error of this crate has `kind() -> error::Kind`, which says what it means to the caller.

pub mod console;
pub mod endpoints;
pub mod error;
pub mod http;
pub mod oidc;
pub mod portal;
pub mod rate;

#[cfg(test)]
mod testing;
