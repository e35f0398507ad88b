//! The second factor: whether it is asked for, how it is proved, and how often one may try.

mod places;
mod throttle;
mod totp;

use places::host_of;
pub use places::{is_known_device, is_known_place, network_of, remember_place};
pub use throttle::{Attempt, Subject};
pub use totp::{Secret, TotpError, enrol_totp, has_totp, verify_totp};

use crate::config::MfaMode;

/// Whether a sign-in must prove a second factor.
pub fn is_asked_for(mode: MfaMode, known_place: bool) -> bool {
    match mode {
        MfaMode::Never => false,
        MfaMode::ContextAware => !known_place,
        MfaMode::Always => true,
    }
}
