//! The rate at which one session calls the portal API.
//!
//! Identity Center allows 20 requests a second. [`Pace`] decides, purely, when the next request
//! may leave; [`Limit`] is the shared, waiting form of it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

/// Requests a second that Identity Center documents for the portal API.
const FULL_RATE: f64 = 20.0;
/// What is left of the rate after an answer of 429.
const SLOWER: f64 = 0.9;
/// A slowed rate climbs back to the full one within this time.
const RECOVERY: Duration = Duration::from_secs(5);
/// The rate is slowed at most once in this time, however many answers are 429.
const SLOW_AT_MOST_EVERY: Duration = Duration::from_secs(1);
/// The first pause after a 429 without `Retry-After`; it doubles while nothing else comes.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// The longest pause that nobody asked for.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// The longest that a server may keep everything silent: one that asks for more is asked again then.
const LONGEST_SILENCE: Duration = Duration::from_secs(120);
/// How many urgent requests may leave ahead of their turn.
const BURST: f64 = 10.0;

/// Who a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Priority {
    /// Somebody waits: it leaves ahead of a listing, which is moved back by as much.
    Urgent,
    /// A listing: evenly spaced.
    Background,
}

/// When the next request may leave.
#[derive(Debug, Default)]
pub struct Pace {
    /// When the next background request may leave, if nothing else holds it back.
    turn: Option<Instant>,
    slowed: Option<Slowed>,
    closed_until: Option<Instant>,
    pause: Option<Duration>,
}

#[derive(Clone, Copy, Debug)]
struct Slowed {
    at: Instant,
    rate: f64,
}

impl Pace {
    /// Takes the next slot: the moment, `now` or later, at which one request may leave.
    pub fn next_slot(&mut self, now: Instant, priority: Priority) -> Instant {
        let interval = Duration::from_secs_f64(1.0 / self.rate(now));
        let turn = self.turn.unwrap_or(now);
        let earliest = match priority {
            Priority::Background => turn,
            Priority::Urgent => turn.checked_sub(interval.mul_f64(BURST)).unwrap_or(now),
        };
        let slot = earliest.max(now).max(self.closed_until.unwrap_or(now));
        self.turn = Some(turn.max(slot) + interval);
        slot
    }

    /// Notes an answer of 429: nothing leaves for as long as the server said, and then less often.
    pub fn on_throttled(&mut self, now: Instant, retry_after: Option<Duration>) {
        let closed = self.is_closed(now);
        if !closed {
            let doubled = self.pause.map_or(FIRST_PAUSE, |pause| pause * 2);
            self.pause = Some(doubled.min(LONGEST_PAUSE));
        }
        let pause = retry_after
            .or(self.pause.filter(|_| !closed))
            .unwrap_or_default()
            .min(LONGEST_SILENCE);
        self.closed_until = self.closed_until.max(Some(now + pause));

        let just_slowed =
            |slowed: Slowed| now.saturating_duration_since(slowed.at) < SLOW_AT_MOST_EVERY;
        if !self.slowed.is_some_and(just_slowed) {
            self.slowed = Some(Slowed {
                at: now,
                rate: self.rate(now) * SLOWER,
            });
        }
        // Slots already given out past the pause are taken again after it.
        self.turn = self.turn.min(self.closed_until);
    }

    /// Notes any other answer.
    pub fn on_answered(&mut self) {
        self.pause = None;
    }

    /// Whether the server asked for silence that still lasts.
    #[must_use]
    pub fn is_closed(&self, now: Instant) -> bool {
        self.closed_until.is_some_and(|until| until > now)
    }

    /// Requests a second, at this moment.
    #[must_use]
    pub fn rate(&self, now: Instant) -> f64 {
        self.slowed.map_or(FULL_RATE, |slowed| {
            let recovered =
                now.saturating_duration_since(slowed.at).as_secs_f64() / RECOVERY.as_secs_f64();
            slowed.rate + (FULL_RATE - slowed.rate) * recovered.min(1.0)
        })
    }
}

/// The [`Pace`] that all calls of one session share. Clones are the same limit.
#[derive(Clone, Debug)]
pub struct Limit {
    pace: Arc<Mutex<Pace>>,
    /// Held by the one background request that waits for its slot. The others wait for it, so that
    /// no slots are given away before their time and an urgent request finds the next one free.
    head_of_the_queue: Arc<Semaphore>,
}

impl Default for Limit {
    fn default() -> Self {
        let head_of_the_queue = Arc::new(Semaphore::new(1));
        Self {
            pace: Arc::default(),
            head_of_the_queue,
        }
    }
}

impl Limit {
    /// Waits until one request may leave.
    pub async fn turn(&self, priority: Priority) {
        let _head = match priority {
            Priority::Background => self.head_of_the_queue.acquire().await.ok(),
            Priority::Urgent => None,
        };
        loop {
            let slot = self.with(|pace, now| pace.next_slot(now, priority));
            tokio::time::sleep_until(slot.into()).await;
            // While this one waited, another may have been told to be silent.
            if !self.with(|pace, now| pace.is_closed(now)) {
                return;
            }
        }
    }

    /// Notes an answer of 429.
    pub fn throttled(&self, retry_after: Option<Duration>) {
        self.with(|pace, now| pace.on_throttled(now, retry_after));
    }

    /// Notes any other answer.
    pub fn answered(&self) {
        self.with(|pace, _| pace.on_answered());
    }

    fn with<T>(&self, act: impl FnOnce(&mut Pace, Instant) -> T) -> T {
        let now = tokio::time::Instant::now().into_std();
        let mut pace = self.pace.lock().unwrap_or_else(PoisonError::into_inner);
        act(&mut pace, now)
    }
}

#[cfg(test)]
mod tests;
