//! The second factor: whether it is asked for, how it is proved, and how often one may try.

mod error;
mod factors;
mod places;
mod policy;
mod recovery;
mod security_keys;
mod throttle;
mod totp;

pub use error::MfaError;
pub use factors::{Factor, FactorKind, factors, remove_factor, rename_factor, reset_factors};
pub use places::{
    Place, PlaceKind, forget_all_places, forget_place, is_known_place, network_of, places,
    remember_place,
};
pub(crate) use policy::configure;
pub use policy::{Policy, WithoutFactor, policy, set_policy};
pub use recovery::{create_recovery_codes, recovery_codes_left, verify_recovery_code};
pub use security_keys::{
    Ceremony, begin_authentication, begin_registration, finish_registration, takes_security_keys,
    verify_security_key,
};
pub use throttle::{Attempt, Subject};
pub use totp::{Secret, TotpError, enrol_totp, verify_totp};
