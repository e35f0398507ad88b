//! How long to wait between attempts.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(200);
const LONGEST: Duration = Duration::from_secs(5);

/// How often a request is repeated for somebody who waits.
pub(crate) const RETRIES: usize = 3;

/// The waits between the attempts of one request: each about twice the one before, to a longest
/// one, spread by `jitter` (0 to 1) so that many clients do not return at the same moment.
pub(crate) fn delays(mut jitter: impl FnMut() -> f64) -> impl Iterator<Item = Duration> {
    let full = std::iter::successors(Some(FIRST), |last| Some((*last * 2).min(LONGEST)));
    full.map(move |full| full.mul_f64(0.5 + jitter().clamp(0.0, 1.0) / 2.0))
}
