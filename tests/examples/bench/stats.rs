//! Medians and how they are printed.

use std::time::Duration;

/// The middle one of the samples.
pub(crate) fn median(samples: &mut [Duration]) -> Duration {
    samples.sort_unstable();
    samples.get(samples.len() / 2).copied().unwrap_or_default()
}

/// A duration in milliseconds with two decimals.
pub(crate) fn milliseconds(duration: Duration) -> String {
    format!("{:8.2} ms", duration.as_secs_f64() * 1000.0)
}
