//! Ways of delivery.

use serde::{Deserialize, Serialize};

/// How a kept role reaches AWS's tools.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// A profile that asks Vestibule for credentials (`credential_process`).
    #[default]
    Process,
    /// A profile of AWS's own kind (`sso_session`), with the sign-in in a token file.
    SsoSession,
    /// Keys in the AWS credentials file.
    StaticKeys,
}
