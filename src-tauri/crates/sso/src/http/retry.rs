//! How long to wait between attempts.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(200);
const ATTEMPTS_AFTER_THE_FIRST: u32 = 3;

/// The waits between the attempts of one request: each about twice the one before, spread by
/// `jitter` (0 to 1) so that many clients do not return at the same moment.
pub(crate) fn delays(mut jitter: impl FnMut() -> f64) -> impl Iterator<Item = Duration> {
    (0..ATTEMPTS_AFTER_THE_FIRST).map(move |attempt| {
        let full = FIRST * 2_u32.pow(attempt);
        full.mul_f64(0.5 + jitter().clamp(0.0, 1.0) / 2.0)
    })
}
