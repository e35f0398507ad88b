//! What stands in a session's entry: a private border type, the one place where it is written out.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sso::oidc::{Grant, Registration};
use time::OffsetDateTime;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// What is kept of a session.
#[derive(Clone, Default)]
pub(crate) struct Stored {
    /// One for each way of signing in at most; they outlive sign-ins.
    pub(crate) registrations: Vec<Registration>,
    /// The sign-in, where there is one.
    pub(crate) signed_in: Option<SignedIn>,
}

/// A sign-in that can be renewed.
#[derive(Debug, Clone)]
pub(crate) struct SignedIn {
    /// Which registration it was made with.
    pub(crate) grant: Grant,
    /// The registration it was made with, where that is another tool's.
    pub(crate) client: Option<Registration>,
    /// Renews the access token.
    pub(crate) refresh_token: SecretString,
    /// When the user signed in.
    pub(crate) since: OffsetDateTime,
    /// When the portal last took the refresh token.
    pub(crate) alive: OffsetDateTime,
}

impl Stored {
    /// The same with every time moved: the entry is read by another run, which knows the clock on
    /// the wall alone.
    pub(crate) fn moved(mut self, by: time::Duration) -> Self {
        let move_ = |at: &mut OffsetDateTime| *at = at.checked_add(by).unwrap_or(*at);
        for registration in &mut self.registrations {
            move_(&mut registration.expires_at);
        }
        if let Some(signed_in) = &mut self.signed_in {
            move_(&mut signed_in.since);
            move_(&mut signed_in.alive);
            if let Some(client) = &mut signed_in.client {
                move_(&mut client.expires_at);
            }
        }
        self
    }

    /// The text of the entry.
    pub(crate) fn to_secret(&self) -> SecretString {
        let entry = Entry {
            registrations: self.registrations.iter().map(Client::of).collect(),
            signed_in: self.signed_in.as_ref().map(SignIn::of),
        };
        Zeroizing::new(serde_json::to_string(&entry).unwrap_or_default())
            .as_str()
            .into()
    }

    /// What an entry says; one that cannot be read says nothing, and the user signs in again.
    pub(crate) fn from_secret(text: &SecretString) -> Self {
        let Ok(entry) = serde_json::from_str::<Entry>(text.expose_secret()) else {
            tracing::warn!("a keyring entry cannot be read and counts as empty");
            return Self::default();
        };
        Self {
            registrations: entry
                .registrations
                .iter()
                .map(Client::to_registration)
                .collect(),
            signed_in: entry.signed_in.as_ref().map(SignIn::to_signed_in),
        }
    }
}

impl fmt::Debug for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stored")
            .field("registrations", &self.registrations.len())
            .field("signed_in", &self.signed_in.is_some())
            .finish()
    }
}

#[derive(Serialize, Deserialize)]
struct Entry {
    registrations: Vec<Client>,
    signed_in: Option<SignIn>,
}

#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
struct Client {
    client_id: String,
    client_secret: String,
    #[zeroize(skip)]
    expires_at: i64,
    #[zeroize(skip)]
    grant: Grant,
}

#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
struct SignIn {
    #[zeroize(skip)]
    grant: Grant,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    client: Option<Client>,
    refresh_token: String,
    #[zeroize(skip)]
    since: i64,
    #[zeroize(skip)]
    alive: i64,
}

impl Client {
    fn of(registration: &Registration) -> Self {
        Self {
            client_id: registration.client_id.clone(),
            client_secret: registration.client_secret.expose_secret().to_owned(),
            expires_at: registration.expires_at.unix_timestamp(),
            grant: registration.grant,
        }
    }

    fn to_registration(&self) -> Registration {
        Registration {
            client_id: self.client_id.clone(),
            client_secret: self.client_secret.as_str().into(),
            expires_at: moment(self.expires_at),
            grant: self.grant,
        }
    }
}

impl SignIn {
    fn of(signed_in: &SignedIn) -> Self {
        Self {
            grant: signed_in.grant,
            client: signed_in.client.as_ref().map(Client::of),
            refresh_token: signed_in.refresh_token.expose_secret().to_owned(),
            since: signed_in.since.unix_timestamp(),
            alive: signed_in.alive.unix_timestamp(),
        }
    }

    fn to_signed_in(&self) -> SignedIn {
        SignedIn {
            grant: self.grant,
            client: self.client.as_ref().map(Client::to_registration),
            refresh_token: self.refresh_token.as_str().into(),
            since: moment(self.since),
            alive: moment(self.alive),
        }
    }
}

fn moment(seconds: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn stored() -> Stored {
        Stored {
            registrations: vec![Registration {
                client_id: "client".to_owned(),
                client_secret: "confidential".into(),
                expires_at: datetime!(2027-01-01 00:00 UTC),
                grant: Grant::AuthorizationCode,
            }],
            signed_in: Some(SignedIn {
                grant: Grant::AuthorizationCode,
                client: Some(Registration {
                    client_id: "theirs".to_owned(),
                    client_secret: "confidential".into(),
                    expires_at: datetime!(2027-01-01 00:00 UTC),
                    grant: Grant::DeviceCode,
                }),
                refresh_token: "renewing".into(),
                since: datetime!(2026-11-22 10:00 UTC),
                alive: datetime!(2026-11-22 11:00 UTC),
            }),
        }
    }

    #[test]
    fn an_entry_is_read_back_whole() {
        let read = Stored::from_secret(&stored().to_secret());
        assert_eq!(
            read.registrations[0].client_secret.expose_secret(),
            "confidential"
        );
        let signed_in = read.signed_in.unwrap();
        assert_eq!(signed_in.refresh_token.expose_secret(), "renewing");
        assert_eq!(signed_in.client.unwrap().client_id, "theirs");
        assert_eq!(signed_in.alive, datetime!(2026-11-22 11:00 UTC));
        assert!(Stored::from_secret(&"{".into()).signed_in.is_none());
    }

    #[test]
    fn times_move_together() {
        let moved = stored().moved(time::Duration::HOUR);
        let signed_in = moved.signed_in.unwrap();
        assert_eq!(
            moved.registrations[0].expires_at,
            datetime!(2027-01-01 01:00 UTC)
        );
        assert_eq!(signed_in.since, datetime!(2026-11-22 11:00 UTC));
        assert_eq!(signed_in.alive, datetime!(2026-11-22 12:00 UTC));
    }

    #[test]
    fn no_secret_is_shown_by_debug() {
        let text = format!("{:?} {:?}", stored(), stored().signed_in);
        assert!(
            !text.contains("renewing") && !text.contains("confidential"),
            "{text}"
        );
    }
}
