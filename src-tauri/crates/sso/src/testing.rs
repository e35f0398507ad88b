//! What the tests of this crate share.

use std::sync::Arc;

use time::OffsetDateTime;
use wiremock::{MockServer, ResponseTemplate};

use crate::endpoints::{Endpoints, Overrides, StartUrl};
use crate::http::Client;
use crate::oidc::{Grant, Registration};

pub(crate) const NOW: OffsetDateTime = time::macros::datetime!(2026-11-22 12:00 UTC);

/// A client whose clock stands still.
pub(crate) fn client() -> Client {
    Client::new("vestibule-test/0", Arc::new(|| NOW)).unwrap()
}

pub(crate) fn start_url(server: &MockServer) -> StartUrl {
    format!("{}/start", server.uri()).parse().unwrap()
}

pub(crate) fn endpoints(server: &MockServer) -> Endpoints {
    Endpoints::resolve(
        &start_url(server),
        &"eu-central-1".parse().unwrap(),
        &Overrides::default(),
    )
}

pub(crate) fn registration(grant: Grant) -> Registration {
    Registration {
        client_id: "the-client-id".to_owned(),
        client_secret: "the-client-secret".into(),
        expires_at: NOW + time::Duration::days(90),
        grant,
    }
}

/// An error as AWS's services answer it.
pub(crate) fn refusal(status: u16, exception: &str) -> ResponseTemplate {
    ResponseTemplate::new(status)
        .insert_header(
            "x-amzn-ErrorType",
            format!("{exception}:http://internal.amazon.com/"),
        )
        .set_body_json(serde_json::json!({ "message": "As the portal says." }))
}
