//! Seconds that count while the machine sleeps, and waiting for them: what each system has for it.

pub(super) use system::{uptime, wake_at};

#[cfg(target_os = "linux")]
mod system {
    use std::io;
    use std::time::Duration;

    use rustix::time::{
        ClockId, Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec,
        clock_gettime, timerfd_create, timerfd_settime,
    };
    use tokio::net::unix::pipe::Receiver;

    /// A moment of the clock on the wall that does not come: the timer set to it rings when that
    /// clock is set, and never else.
    const NEVER: Timespec = Timespec {
        tv_sec: i64::MAX / 1_000_000_000,
        tv_nsec: 0,
    };

    pub(in crate::clock) fn uptime() -> Duration {
        let now = clock_gettime(ClockId::Boottime);
        Duration::try_from(now).unwrap_or_default()
    }

    /// Rings at once after a sleep, which timers of the runtime do not: those stand still with it.
    pub(in crate::clock) async fn wake_at(uptime: Duration) {
        let rung = async {
            let due = timer(
                TimerfdClockId::Boottime,
                spec(uptime),
                TimerfdTimerFlags::ABSTIME,
            )?;
            let set = TimerfdTimerFlags::ABSTIME | TimerfdTimerFlags::CANCEL_ON_SET;
            let set = timer(TimerfdClockId::Realtime, NEVER, set)?;
            tokio::select! {
                rung = due.readable() => rung,
                set = set.readable() => set,
            }
        };
        if let Err(error) = rung.await {
            tracing::warn!(%error, "the system gives no timer");
            super::poll(uptime).await;
        }
    }

    /// A timer is read like a pipe, and the runtime has no type of its own for it.
    fn timer(
        clock: TimerfdClockId,
        at: Timespec,
        flags: TimerfdTimerFlags,
    ) -> io::Result<Receiver> {
        let timer = timerfd_create(clock, TimerfdFlags::CLOEXEC | TimerfdFlags::NONBLOCK)?;
        let once = Itimerspec {
            it_interval: Timespec::default(),
            it_value: at,
        };
        timerfd_settime(&timer, flags, &once)?;
        Receiver::from_owned_fd_unchecked(timer)
    }

    /// Zero would disarm the timer.
    fn spec(uptime: Duration) -> Timespec {
        let uptime = uptime.max(Duration::from_nanos(1));
        Timespec::try_from(uptime).unwrap_or(NEVER).min(NEVER)
    }
}

#[cfg(all(unix, not(target_os = "linux")))]
mod system {
    use std::time::Duration;

    pub(in crate::clock) use super::poll as wake_at;

    /// Apple's monotonic clock counts while the machine sleeps.
    pub(in crate::clock) fn uptime() -> Duration {
        let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
        Duration::try_from(now).unwrap_or_default()
    }
}

#[cfg(windows)]
mod system {
    use std::sync::OnceLock;
    use std::time::{Duration, Instant};

    pub(in crate::clock) use super::poll as wake_at;

    /// Windows's performance counter counts while the machine sleeps.
    pub(in crate::clock) fn uptime() -> Duration {
        static START: OnceLock<Instant> = OnceLock::new();
        START.get_or_init(Instant::now).elapsed()
    }
}

/// Waits in pieces, so that what came due in a sleep is late by a minute at most.
async fn poll(uptime: std::time::Duration) {
    const LONGEST: std::time::Duration = std::time::Duration::from_secs(60);
    tokio::time::sleep(uptime.saturating_sub(system::uptime()).min(LONGEST)).await;
}
