//! Starting with the desktop: off until the user turns it on.

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "elsewhere.rs")]
mod platform;

pub(crate) use platform::Autostart;
