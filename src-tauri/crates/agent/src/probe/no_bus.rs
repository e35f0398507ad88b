//! Platforms without a session bus.

/// What stands on the session bus; `None` where the platform has none.
pub async fn bus() -> Option<Result<super::Bus, String>> {
    None
}
