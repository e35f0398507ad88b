//! The portal's rate limit: one token bucket for each portal session, and for each host without one.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use time::{Duration, OffsetDateTime};

use crate::client::{Client, host_of};

/// Above this many buckets, those that are full again are forgotten.
const SWEEP_ABOVE: usize = 1024;

/// Token buckets by key, each of `rate` tokens a second and as many at once.
pub struct RateLimit {
    rate: Option<u32>,
    buckets: Mutex<HashMap<String, Bucket>>,
}

#[derive(Clone, Copy)]
struct Bucket {
    tokens: f64,
    filled_at: OffsetDateTime,
}

impl RateLimit {
    /// A limit of `rate` requests a second with a burst of the same size; `None` limits nothing.
    pub fn new(rate: Option<u32>) -> Self {
        Self {
            rate,
            buckets: Mutex::default(),
        }
    }

    /// Takes a token of `key`'s bucket; without one, how long it takes until there is one.
    pub fn take(&self, key: &str, now: OffsetDateTime) -> Result<(), Duration> {
        let Some(rate) = self.rate.map(f64::from) else {
            return Ok(());
        };
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() > SWEEP_ABOVE {
            buckets.retain(|_, bucket| bucket.refilled(rate, now).tokens < rate);
        }
        let full = Bucket {
            tokens: rate,
            filled_at: now,
        };
        let bucket = buckets.entry(key.to_owned()).or_insert(full);
        *bucket = bucket.refilled(rate, now);
        if bucket.tokens < 1.0 {
            return Err(Duration::seconds_f64((1.0 - bucket.tokens) / rate));
        }
        bucket.tokens -= 1.0;
        Ok(())
    }
}

/// What may be asked without proving anything, and yet is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unproved {
    /// A client's registration.
    Registration,
    /// A sign-in of a client that waits for its user.
    Authorization,
    /// The record of a refusal.
    Refusal,
}

impl RateLimit {
    /// Takes a token for the host of a client that proves nothing, so that the store is nobody's to
    /// fill; without one, how long it takes until there is one.
    pub fn take_unproved(
        &self,
        asked: Unproved,
        client: &Client,
        now: OffsetDateTime,
    ) -> Result<(), Duration> {
        self.take(&format!("{asked:?} {}", host_of(client.address)), now)
    }
}

impl Bucket {
    fn refilled(self, rate: f64, now: OffsetDateTime) -> Self {
        let passed = (now - self.filled_at).as_seconds_f64().max(0.0);
        Self {
            tokens: (self.tokens + passed * rate).min(rate),
            filled_at: now,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_then_the_rate_for_each_key_alone() {
        let start = OffsetDateTime::UNIX_EPOCH;
        let limit = RateLimit::new(Some(20));
        for _ in 0..20 {
            limit.take("a", start).expect("within the burst");
        }
        let wait = limit.take("a", start).expect_err("the burst is spent");
        assert_eq!(wait, Duration::milliseconds(50));
        limit.take("b", start).expect("another session's bucket");
        limit.take("a", start + wait).expect("refilled");
        assert!(limit.take("a", start + wait).is_err());
    }

    #[test]
    fn a_host_has_one_rate_whatever_its_address() {
        let limit = RateLimit::new(Some(1));
        let take = |address: &str, asked| {
            let client = Client {
                address: address.parse().expect("address"),
                ..Client::this_machine("test")
            };
            limit.take_unproved(asked, &client, OffsetDateTime::UNIX_EPOCH)
        };
        take("2001:db8::1", Unproved::Refusal).expect("the first");
        assert!(take("2001:db8::2", Unproved::Refusal).is_err());
        take("2001:db8::2", Unproved::Registration).expect("something else");
        take("2001:db8:0:1::1", Unproved::Refusal).expect("another host");
    }

    #[test]
    fn off_means_no_limit() {
        let limit = RateLimit::new(None);
        assert!((0..1000).all(|_| limit.take("a", OffsetDateTime::UNIX_EPOCH).is_ok()));
    }
}
