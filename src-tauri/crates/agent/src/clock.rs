//! Time, as a parameter: the clock on the wall, which anybody may set, and the machine's own count
//! of seconds, which goes on evenly, asleep or awake.

mod alarm;

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use time::{OffsetDateTime, UtcOffset};

/// What time it is, and how to wait for it.
pub trait Clock: Send + Sync + 'static {
    /// Now by the clock on the wall, in UTC.
    fn now(&self) -> OffsetDateTime;

    /// Time since some moment in the past. It counts while the machine sleeps, and nobody can set it.
    fn uptime(&self) -> Duration;

    /// Ends when [`uptime`](Self::uptime) has reached `uptime`, at once after a sleep that went
    /// past it, and earlier when the clock on the wall was set.
    fn wake_at(&self, uptime: Duration) -> Alarm<'_>;

    /// The user's offset from UTC at that moment.
    fn local_offset(&self, at: OffsetDateTime) -> UtcOffset;
}

/// A wait of a [`Clock`].
pub type Alarm<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// The system's clock and time zone.
#[derive(Debug, Clone, Copy, Default)]
pub struct WallClock;

impl Clock for WallClock {
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc()
    }

    fn uptime(&self) -> Duration {
        alarm::uptime()
    }

    fn wake_at(&self, uptime: Duration) -> Alarm<'_> {
        Box::pin(alarm::wake_at(uptime))
    }

    fn local_offset(&self, at: OffsetDateTime) -> UtcOffset {
        let Ok(at) = jiff::Timestamp::from_second(at.unix_timestamp()) else {
            return UtcOffset::UTC;
        };
        let seconds = jiff::tz::TimeZone::system().to_offset(at).seconds();
        UtcOffset::from_whole_seconds(seconds).unwrap_or(UtcOffset::UTC)
    }
}

/// The agent's own time: begun with the clock on the wall, it then goes on evenly whatever that
/// clock is set to. What is due is due by it, so that a clock set by a month neither renews
/// everything at once nor nothing for a month.
#[derive(Clone)]
pub(crate) struct Steady {
    clock: Arc<dyn Clock>,
    origin: OffsetDateTime,
    since: Duration,
}

impl Steady {
    /// Begins now.
    pub(crate) fn start(clock: Arc<dyn Clock>) -> Self {
        Self {
            origin: clock.now(),
            since: clock.uptime(),
            clock,
        }
    }

    pub(crate) fn now(&self) -> OffsetDateTime {
        self.origin + self.clock.uptime().saturating_sub(self.since)
    }

    /// How far the clock on the wall is ahead of this time: it was set, or the whole machine stood
    /// still, as a suspended virtual one does.
    pub(crate) fn wall_ahead(&self) -> time::Duration {
        self.clock.now() - self.now()
    }

    /// Ends when it is `due`, or earlier; not at all where nothing is.
    pub(crate) async fn wait(&self, due: Option<OffsetDateTime>) {
        let after = |due| Duration::try_from(due - self.origin).unwrap_or_default();
        let uptime = due.map_or(Duration::MAX, |due| self.since + after(due));
        self.clock.wake_at(uptime).await;
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::testing::SetClock;

    #[test]
    fn the_agents_time_goes_on_evenly_whatever_the_clock_is_set_to() {
        let start = datetime!(2026-11-22 10:00 UTC);
        let clock = SetClock::at(start);
        let steady = Steady::start(Arc::new(clock.clone()));
        clock.pass(time::Duration::HOUR);
        assert_eq!(steady.now(), start + time::Duration::HOUR);
        clock.set(start + time::Duration::days(30));
        assert_eq!(steady.now(), start + time::Duration::HOUR);
        let ahead = time::Duration::days(30) - time::Duration::HOUR;
        assert_eq!(steady.wall_ahead(), ahead);
    }

    #[tokio::test]
    async fn the_systems_alarm_rings_when_it_should() {
        let clock = WallClock;
        let before = clock.uptime();
        for uptime in [Duration::ZERO, before + Duration::from_millis(30)] {
            let alarm = clock.wake_at(uptime);
            tokio::time::timeout(Duration::from_secs(10), alarm)
                .await
                .expect("it rings");
            assert!(clock.uptime() >= uptime);
        }
        let never = tokio::time::timeout(Duration::from_millis(50), clock.wake_at(Duration::MAX));
        assert!(never.await.is_err());
    }
}
