use std::net::{IpAddr, Ipv6Addr};

use crate::{Portal, clock, directory, random};

/// The network an address belongs to: its /24 (IPv4) or its /64 (IPv6), as a user's address
/// changes within it from day to day.
pub fn network_of(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

/// What one host has for itself: an IPv4 address, or an IPv6 /64.
pub(super) fn host_of(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        address @ IpAddr::V6(_) => network_of(address),
    }
}

/// Whether the user of this name has signed in before with the device of this cookie.
pub async fn is_known_device(
    portal: &Portal,
    user_name: &str,
    device: &str,
) -> Result<bool, sqlx::Error> {
    let known: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM known_places p JOIN users u ON u.id = p.user_id \
         WHERE u.user_name_key = $1 AND p.kind = 'device' AND p.place_hash = $2",
    )
    .bind(directory::key(user_name))
    .bind(random::hash(device))
    .fetch_one(portal.pool())
    .await?;
    Ok(known == 1)
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
    address: IpAddr,
) -> Result<(), sqlx::Error> {
    for (kind, place) in [("device", device), ("network", &network_of(address))] {
        sqlx::query(
            "INSERT INTO known_places (user_id, kind, place_hash, first_seen_at, last_seen_at) \
             VALUES ($1, $2, $3, $4, $4) \
             ON CONFLICT (user_id, kind, place_hash) \
             DO UPDATE SET last_seen_at = excluded.last_seen_at",
        )
        .bind(user_id)
        .bind(kind)
        .bind(random::hash(place))
        .bind(clock::millis(portal.now()))
        .execute(portal.pool())
        .await?;
    }
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
