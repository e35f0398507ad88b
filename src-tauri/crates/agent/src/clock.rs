//! Wall-clock time, as a parameter. Waits are cut short so that a suspended machine is noticed.

use std::time::Duration;

use time::{OffsetDateTime, UtcOffset};

/// What time it is.
pub trait Clock: Send + Sync + 'static {
    /// Now, in UTC.
    fn now(&self) -> OffsetDateTime;

    /// The user's offset from UTC at that moment.
    fn local_offset(&self, at: OffsetDateTime) -> UtcOffset;
}

/// The system's clock and time zone.
#[derive(Debug, Clone, Copy, Default)]
pub struct WallClock;

impl Clock for WallClock {
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc()
    }

    fn local_offset(&self, at: OffsetDateTime) -> UtcOffset {
        let Ok(at) = jiff::Timestamp::from_second(at.unix_timestamp()) else {
            return UtcOffset::UTC;
        };
        let seconds = jiff::tz::TimeZone::system().to_offset(at).seconds();
        UtcOffset::from_whole_seconds(seconds).unwrap_or(UtcOffset::UTC)
    }
}

/// Timers stand still while the machine sleeps: no wait is longer than this, so that what came due
/// meanwhile is late by a minute at most.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// How long to wait until `due`, in one piece.
pub(crate) fn wait(now: OffsetDateTime, due: OffsetDateTime) -> Duration {
    Duration::try_from(due - now)
        .unwrap_or(Duration::ZERO)
        .min(LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn waits_are_short_and_never_negative() {
        let now = datetime!(2026-11-22 10:00 UTC);
        assert_eq!(wait(now, now - time::Duration::HOUR), Duration::ZERO);
        assert_eq!(
            wait(now, now + time::Duration::seconds(7)),
            Duration::from_secs(7)
        );
        assert_eq!(wait(now, now + time::Duration::DAY), LONGEST_WAIT);
    }
}
