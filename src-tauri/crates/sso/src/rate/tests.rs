use tokio::task::JoinSet;

use super::*;

const SECOND: Duration = Duration::from_secs(1);

/// How many background requests leave between `from` and a second later.
fn leave_within_a_second(pace: &mut Pace, from: Instant) -> u32 {
    let mut count = 0;
    let mut now = from;
    loop {
        now = pace.next_slot(now, Priority::Background);
        if now >= from + SECOND {
            return count;
        }
        count += 1;
    }
}

#[test]
fn a_listing_leaves_evenly_at_twenty_a_second() {
    let start = Instant::now();
    let mut pace = Pace::default();
    let slots: Vec<_> = (0..41)
        .map(|_| pace.next_slot(start, Priority::Background) - start)
        .collect();
    for (place, slot) in slots.iter().enumerate() {
        assert_eq!(slot.as_millis(), place as u128 * 50);
    }
}

#[test]
fn idle_time_is_not_saved_up_for_a_burst() {
    let start = Instant::now();
    let mut pace = Pace::default();
    pace.next_slot(start, Priority::Background);
    assert_eq!(leave_within_a_second(&mut pace, start + 60 * SECOND), 20);
}

#[test]
fn throttling_waits_as_told() {
    let start = Instant::now();
    let mut pace = Pace::default();
    pace.on_throttled(start, Some(3 * SECOND));
    assert!(pace.is_closed(start + 2 * SECOND));
    assert_eq!(
        pace.next_slot(start, Priority::Background),
        start + 3 * SECOND
    );
    assert!(pace.next_slot(start, Priority::Urgent) >= start + 3 * SECOND);
}

#[test]
fn a_server_that_asks_for_ages_is_asked_again_soon() {
    let start = Instant::now();
    let mut pace = Pace::default();
    pace.on_throttled(start, Some(Duration::from_secs(u64::MAX)));
    assert!(pace.is_closed(start + 119 * SECOND));
    assert!(!pace.is_closed(start + 121 * SECOND));
}

#[test]
fn throttling_slows_by_a_tenth_at_most_once_a_second() {
    let start = Instant::now();
    let mut pace = Pace::default();
    for millisecond in 0..10 {
        pace.on_throttled(
            start + Duration::from_millis(millisecond),
            Some(Duration::ZERO),
        );
    }
    assert!((pace.rate(start + Duration::from_millis(10)) - 18.0).abs() < 0.1);
    let later = start + SECOND;
    let before = pace.rate(later);
    pace.on_throttled(later, Some(Duration::ZERO));
    assert!((pace.rate(later) - before * 0.9).abs() < 0.01);
}

#[test]
fn the_full_rate_is_back_within_five_seconds() {
    let start = Instant::now();
    let mut pace = Pace::default();
    for second in 0..30 {
        pace.on_throttled(start + second * SECOND, Some(Duration::ZERO));
    }
    let last = start + 29 * SECOND;
    assert!(pace.rate(last) < 18.0);
    assert_eq!(leave_within_a_second(&mut pace, last + 5 * SECOND), 20);
}

#[test]
fn silence_grows_while_every_answer_is_a_refusal_and_is_forgotten_after_another() {
    let mut now = Instant::now();
    let mut pace = Pace::default();
    let mut pauses = Vec::new();
    for _ in 0..7 {
        pace.on_throttled(now, None);
        let slot = pace.next_slot(now, Priority::Urgent);
        pauses.push((slot - now).as_millis());
        now = slot;
    }
    assert_eq!(pauses, [250, 500, 1000, 2000, 4000, 5000, 5000]);
    pace.on_answered();
    pace.on_throttled(now, None);
    assert_eq!(
        (pace.next_slot(now, Priority::Urgent) - now).as_millis(),
        250
    );
}

#[test]
fn an_urgent_request_leaves_at_once_and_the_listing_pays_for_it() {
    let start = Instant::now();
    let mut pace = Pace::default();
    for _ in 0..10 {
        pace.next_slot(start, Priority::Background);
    }
    assert_eq!(pace.next_slot(start, Priority::Urgent), start);
    let next = pace.next_slot(start, Priority::Background) - start;
    assert_eq!(next.as_millis(), 550);
}

#[test]
fn urgent_requests_too_are_bounded() {
    let start = Instant::now();
    let mut pace = Pace::default();
    let last = (0..100)
        .map(|_| pace.next_slot(start, Priority::Urgent))
        .max()
        .unwrap();
    assert!(last - start >= Duration::from_secs_f64((100.0 - BURST - 1.0) / FULL_RATE));
}

/// A portal that takes 20 requests a second, 20 at once, and refuses the rest.
struct Bucket {
    tokens: f64,
    filled: tokio::time::Instant,
}

impl Bucket {
    fn take(&mut self) -> bool {
        let now = tokio::time::Instant::now();
        self.tokens = (self.tokens + (now - self.filled).as_secs_f64() * 20.0).min(20.0);
        self.filled = now;
        let enough = self.tokens >= 1.0;
        if enough {
            self.tokens -= 1.0;
        }
        enough
    }
}

#[tokio::test(start_paused = true)]
async fn eight_hundred_calls_take_at_most_a_tenth_longer_than_the_portal_allows() {
    let start = tokio::time::Instant::now();
    // Another client has just used up what the portal allows.
    let bucket = Arc::new(Mutex::new(Bucket {
        tokens: 0.0,
        filled: start,
    }));
    let limit = Limit::default();
    let mut callers = JoinSet::new();
    for _ in 0..32 {
        let (limit, bucket) = (limit.clone(), bucket.clone());
        callers.spawn(async move {
            for _ in 0..25 {
                loop {
                    limit.turn(Priority::Background).await;
                    let taken = bucket.lock().unwrap().take();
                    tokio::time::sleep(Duration::from_millis(200)).await;
                    if taken {
                        limit.answered();
                        break;
                    }
                    limit.throttled(None);
                }
            }
        });
    }
    callers.join_all().await;
    let took = start.elapsed().as_secs_f64();
    assert!(took <= 1.1 * 800.0 / 20.0, "{took} s");
    assert!(took >= 39.0, "{took} s");
}

#[tokio::test(start_paused = true)]
async fn somebody_who_waits_does_not_wait_for_a_listing() {
    let limit = Limit::default();
    let mut listing = JoinSet::new();
    for _ in 0..100 {
        let limit = limit.clone();
        listing.spawn(async move { limit.turn(Priority::Background).await });
    }
    for _ in 0..20 {
        listing.join_next().await;
    }
    let asked = tokio::time::Instant::now();
    limit.turn(Priority::Urgent).await;
    assert!(
        asked.elapsed() < Duration::from_millis(5),
        "{:?}",
        asked.elapsed()
    );
}
