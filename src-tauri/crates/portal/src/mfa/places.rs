//! Where users sign in from: devices, by a cookie, and networks, by the address.

use std::net::IpAddr;

use serde_json::json;
use sqlx::{Any, Executor, Row, any::AnyRow};
use time::OffsetDateTime;

use super::MfaError;
use crate::{
    Portal,
    act::Act,
    audit::Event,
    client::{Client, host_of},
    clock, random,
};

/// Where a user has signed in from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Unique for a user and kind; not secret.
    pub id: String,
    /// What it is.
    pub kind: PlaceKind,
    /// What the browser calls itself, or the network's addresses; empty if it was not noted.
    pub label: String,
    /// When the user was first there.
    pub first_seen_at: OffsetDateTime,
    /// When the user was last there.
    pub last_seen_at: OffsetDateTime,
}

/// What a place is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlaceKind {
    /// A browser that keeps the portal's cookie.
    Device,
    /// A network of addresses.
    Network,
}

impl PlaceKind {
    fn name(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Network => "network",
        }
    }
}

/// The network an address belongs to: its /24 (IPv4) or its /64 (IPv6), as a user's address
/// changes within it from day to day.
pub fn network_of(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        address @ IpAddr::V6(_) => host_of(address),
    }
}

/// Whether the user has signed in before with the device of this cookie, and from this network.
pub async fn is_known_place(
    portal: &Portal,
    user_id: &str,
    device: Option<&str>,
    address: IpAddr,
) -> Result<bool, sqlx::Error> {
    let Some(device) = device else {
        return Ok(false);
    };
    let known: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM known_places WHERE user_id = $1 \
         AND ((kind = 'device' AND place_hash = $2) OR (kind = 'network' AND place_hash = $3))",
    )
    .bind(user_id)
    .bind(random::hash(device))
    .bind(random::hash(&network_of(address)))
    .fetch_one(portal.pool())
    .await?;
    Ok(known == 2)
}

/// Remembers where the user has signed in just now.
pub async fn remember_place(
    portal: &Portal,
    user_id: &str,
    device: &str,
    client: &Client,
) -> Result<(), sqlx::Error> {
    let network = network_of(client.address);
    for (kind, place, label) in [
        (PlaceKind::Device, device, &client.user_agent),
        (PlaceKind::Network, &network, &network),
    ] {
        sqlx::query(
            "INSERT INTO known_places \
             (user_id, kind, place_hash, label, first_seen_at, last_seen_at) \
             VALUES ($1, $2, $3, $4, $5, $5) \
             ON CONFLICT (user_id, kind, place_hash) \
             DO UPDATE SET last_seen_at = excluded.last_seen_at, label = excluded.label",
        )
        .bind(user_id)
        .bind(kind.name())
        .bind(random::hash(place))
        .bind(label)
        .bind(clock::millis(portal.now()))
        .execute(&mut *portal.turn().await?)
        .await?;
    }
    Ok(())
}

/// Where the user has signed in from, the latest first, at most `limit` of each kind.
pub async fn places(
    db: impl Executor<'_, Database = Any>,
    user_id: &str,
    kind: PlaceKind,
    limit: u32,
) -> Result<Vec<Place>, sqlx::Error> {
    sqlx::query(
        "SELECT place_hash, label, first_seen_at, last_seen_at FROM known_places \
         WHERE user_id = $1 AND kind = $2 ORDER BY last_seen_at DESC, place_hash LIMIT $3",
    )
    .bind(user_id)
    .bind(kind.name())
    .bind(i64::from(limit))
    .try_map(move |row: AnyRow| {
        let label: Option<String> = row.try_get("label")?;
        Ok(Place {
            id: row.try_get("place_hash")?,
            kind,
            label: label.unwrap_or_default(),
            first_seen_at: clock::from_millis(row.try_get("first_seen_at")?),
            last_seen_at: clock::from_millis(row.try_get("last_seen_at")?),
        })
    })
    .fetch_all(db)
    .await
}

/// Forgets a place: the next sign-in from there is as from a new one.
pub async fn forget_place(
    act: &mut Act<'_>,
    user_id: &str,
    kind: PlaceKind,
    id: &str,
) -> Result<(), MfaError> {
    let forgotten = sqlx::query(
        "DELETE FROM known_places WHERE user_id = $1 AND kind = $2 AND place_hash = $3",
    )
    .bind(user_id)
    .bind(kind.name())
    .bind(id)
    .execute(act.db())
    .await?;
    if forgotten.rows_affected() == 0 {
        return Err(MfaError::NotFound);
    }
    act.record(
        Event::new("sso-directory.amazonaws.com", "ForgetKnownPlace")
            .parameters(json!({ "userId": user_id, "kind": kind.name() })),
    );
    Ok(())
}

/// Forgets every place of the user.
pub async fn forget_all_places(act: &mut Act<'_>, user_id: &str) -> Result<(), MfaError> {
    sqlx::query("DELETE FROM known_places WHERE user_id = $1")
        .bind(user_id)
        .execute(act.db())
        .await?;
    act.record(
        Event::new("sso-directory.amazonaws.com", "ForgetKnownPlaces")
            .parameters(json!({ "userId": user_id })),
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_outlives_a_change_of_address() {
        let network = |address: &str| network_of(address.parse().expect("address"));
        assert_eq!(network("203.0.113.9"), network("203.0.113.200"));
        assert_ne!(network("203.0.113.9"), network("203.0.114.9"));
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff::9"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!(network("::ffff:203.0.113.9"), network("203.0.113.9"));
    }
}
