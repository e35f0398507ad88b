//! When to renew what: pure decisions over times.

use std::hash::{DefaultHasher, Hash, Hasher};

use time::{Duration, OffsetDateTime};

/// AWS's clients ask again for credentials that end sooner than this.
const WANTED: Duration = Duration::minutes(15);

/// Nothing is renewed ahead sooner than this: near the end of a portal session lives get shorter
/// and shorter.
const PAUSE: Duration = Duration::seconds(5);

/// Whether credentials may still be handed out: with more than 15 minutes left, or, where they
/// never live that long, for the first two thirds of their life.
pub(crate) fn hands_out(
    received: OffsetDateTime,
    expires: OffsetDateTime,
    now: OffsetDateTime,
) -> bool {
    expires - now > wanted(expires - received)
}

/// When kept credentials are renewed: before they could no longer be handed out, and not all of
/// them at the same moment.
pub(crate) fn renewal(
    received: OffsetDateTime,
    expires: OffsetDateTime,
    subject: &impl Hash,
) -> OffsetDateTime {
    let life = expires - received;
    let room = (life - wanted(life)) / 10_i32;
    let margin =
        wanted(life) + room.min(Duration::minutes(5)) * (0.5 + jitter(subject, expires) / 2.0);
    (expires - margin).max(received + PAUSE)
}

/// Whether credentials are still worth giving to somebody who could not have others: for at least
/// another minute, or a tenth of a short life.
pub(crate) fn still_serves(
    received: OffsetDateTime,
    expires: OffsetDateTime,
    now: OffsetDateTime,
) -> bool {
    expires - now > ((expires - received) / 10_i32).min(Duration::MINUTE)
}

/// When an access token that is in use is renewed: with a quarter of its life left and, where it
/// lives over 30 minutes, at least 15 minutes; a little earlier, so that not all who signed in
/// together come together.
pub(crate) fn token_renewal(
    received: OffsetDateTime,
    expires: OffsetDateTime,
    session: &impl Hash,
) -> OffsetDateTime {
    let life = expires - received;
    let least = if life > Duration::minutes(30) {
        Duration::minutes(15)
    } else {
        Duration::ZERO
    };
    let early = (life / 20_i32).min(Duration::minutes(3)) * jitter(session, expires);
    (expires - (life / 4_i32).max(least) - early).max(received + PAUSE)
}

/// Whether an access token is good for one more call. One that has just come is tried however
/// short its life, lest renewing it goes round in circles.
pub(crate) fn token_is_good(
    received: OffsetDateTime,
    expires: OffsetDateTime,
    now: OffsetDateTime,
) -> bool {
    let just_come = now - received < Duration::SECOND;
    just_come || expires - now > ((expires - received) / 10_i32).min(Duration::seconds(30))
}

/// How long to wait after so many failures in a row: 15 s, doubled up to 5 minutes, spread by a
/// quarter.
pub(crate) fn retry_delay(failures: u32, subject: &impl Hash, now: OffsetDateTime) -> Duration {
    let full = Duration::seconds(15) * 2_i32.pow(failures.clamp(1, 6) - 1);
    full.min(Duration::minutes(5)) * (0.75 + jitter(subject, now) / 2.0)
}

/// Whether a change of the clock on the wall is more than what keeping it right takes.
pub(crate) fn was_set(by: Duration) -> bool {
    by.abs() > Duration::seconds(10)
}

/// The length of a portal session whose refresh token was last taken at one age and refused at
/// another: the roundest length in between. `None` where the two lie too far apart to tell, as
/// after a long sleep.
pub(crate) fn learned_length(taken: Duration, refused: Duration) -> Option<Duration> {
    if refused < taken || refused - taken > (taken / 4_i32).max(Duration::minutes(75)) {
        return None;
    }
    const UNITS: [Duration; 8] = [
        Duration::DAY,
        Duration::hours(12),
        Duration::hours(4),
        Duration::HOUR,
        Duration::minutes(15),
        Duration::minutes(5),
        Duration::MINUTE,
        Duration::seconds(10),
    ];
    let rounded = |unit: &Duration| {
        let unit = unit.whole_seconds();
        Duration::seconds(refused.whole_seconds() / unit * unit)
    };
    UNITS
        .iter()
        .map(rounded)
        .find(|length| *length > taken)
        .or(Some(taken))
}

/// When the user is told that the session ends soon: a quarter of an hour before, or a tenth of
/// its length where it is short.
pub(crate) fn ends_soon(end: OffsetDateTime, length: Duration) -> OffsetDateTime {
    end - (length / 10_i32).min(Duration::minutes(15))
}

fn wanted(life: Duration) -> Duration {
    if life > WANTED + Duration::minutes(1) {
        WANTED
    } else {
        life / 3_i32
    }
}

/// From 0 to 1, the same for the same subject and time.
fn jitter(subject: &impl Hash, time: OffsetDateTime) -> f64 {
    let mut hasher = DefaultHasher::new();
    subject.hash(&mut hasher);
    time.unix_timestamp().hash(&mut hasher);
    f64::from((hasher.finish() >> 32) as u32) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    const START: OffsetDateTime = datetime!(2026-11-22 10:00 UTC);

    fn at(minutes: f64) -> OffsetDateTime {
        START + Duration::seconds_f64(minutes * 60.0)
    }

    #[test]
    fn more_than_a_quarter_of_an_hour_is_left_where_the_portal_allows_it() {
        for (life, age, expected) in [
            (60.0, 0.0, true),
            (60.0, 44.9, true),
            (60.0, 45.0, false),
            (60.0, 61.0, false),
            (20.0, 4.9, true),
            (20.0, 5.1, false),
            (15.0, 9.9, true),
            (15.0, 10.1, false),
            (0.5, 0.2, true),
            (0.5, 0.4, false),
        ] {
            assert_eq!(
                hands_out(START, at(life), at(age)),
                expected,
                "{life} min old {age}"
            );
        }
    }

    #[test]
    fn kept_credentials_are_renewed_before_they_could_not_be_handed_out() {
        for life in [0.25, 5.0, 15.0, 20.0, 60.0, 720.0] {
            for role in 0..20 {
                let due = renewal(START, at(life), &role);
                assert!(
                    due > START && hands_out(START, at(life), due),
                    "{life} min, role {role}"
                );
            }
        }
        assert_ne!(renewal(START, at(60.0), &1), renewal(START, at(60.0), &2));
    }

    #[test]
    fn a_token_is_renewed_well_ahead_and_not_by_all_at_once() {
        // Its life, and how long it has left at least and at most, in minutes.
        for (life, least, most) in [
            (480.0, 120.0, 123.0),
            (60.0, 15.0, 18.0),
            (31.0, 15.0, 16.6),
            (30.0, 7.5, 9.0),
            (1.0, 0.25, 0.3),
        ] {
            for session in 0..20 {
                let left = at(life) - token_renewal(START, at(life), &session);
                let left = left.as_seconds_f64() / 60.0;
                assert!((least..=most).contains(&left), "{left} of {life} min");
            }
        }
        let renewal = |session| token_renewal(START, at(60.0), &session);
        assert_ne!(renewal(1), renewal(2));
    }

    #[test]
    fn what_could_be_renewed_no_more_serves_almost_to_its_end() {
        assert!(still_serves(START, at(60.0), at(58.9)));
        assert!(!still_serves(START, at(60.0), at(59.1)));
        assert!(still_serves(START, at(0.5), at(0.4)));
        assert!(!still_serves(START, at(0.5), at(0.46)));
    }

    #[test]
    fn a_token_is_not_used_to_its_last_second() {
        assert!(token_is_good(START, at(60.0), at(59.0)));
        assert!(!token_is_good(START, at(60.0), at(59.6)));
        assert!(token_is_good(START, at(0.1), START));
        assert!(token_is_good(START, START, START));
        assert!(!token_is_good(START, START, at(0.02)));
    }

    #[test]
    fn lives_that_get_shorter_and_shorter_are_not_chased() {
        for life in [0.0, 0.01, 0.05] {
            assert_eq!(token_renewal(START, at(life), &"acme"), START + PAUSE);
            assert_eq!(renewal(START, at(life), &"role"), START + PAUSE);
        }
    }

    #[test]
    fn failures_wait_longer_and_longer_to_an_end() {
        let seconds = |failures| retry_delay(failures, &"acme", START).as_seconds_f64();
        assert!((11.0..19.0).contains(&seconds(1)));
        assert!((22.0..38.0).contains(&seconds(2)));
        assert!((225.0..376.0).contains(&seconds(60)));
        assert!(seconds(0) > 11.0);
    }

    #[test]
    fn the_roundest_length_between_taken_and_refused_is_learned() {
        let minutes = Duration::minutes;
        for (taken, refused, expected) in [
            (
                minutes(7 * 60 + 30),
                minutes(8 * 60 + 20),
                Some(minutes(8 * 60)),
            ),
            (
                minutes(11 * 60 + 40),
                minutes(12 * 60 + 30),
                Some(minutes(12 * 60)),
            ),
            (minutes(50), minutes(100), Some(minutes(60))),
            (
                Duration::seconds(50),
                Duration::seconds(66),
                Some(Duration::MINUTE),
            ),
            (minutes(9), minutes(16), Some(minutes(15))),
            (
                Duration::seconds(41),
                Duration::seconds(42),
                Some(Duration::seconds(41)),
            ),
            (minutes(60), Duration::days(3), None),
            (minutes(60), minutes(30), None),
        ] {
            assert_eq!(
                learned_length(taken, refused),
                expected,
                "{taken} to {refused}"
            );
        }
    }

    #[test]
    fn the_end_is_announced_in_time() {
        assert_eq!(ends_soon(at(480.0), Duration::hours(8)), at(465.0));
        assert_eq!(ends_soon(at(60.0), Duration::hours(1)), at(54.0));
    }
}
