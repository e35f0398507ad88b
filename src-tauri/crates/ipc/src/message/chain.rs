//! Chained roles and the codes of MFA devices, as the socket carries them.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// A role that is taken with the credentials of another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chain {
    /// What the user calls it.
    pub name: String,
    /// ARN of the role, such as `arn:aws:iam::111122223333:role/Deploy`.
    pub role_arn: String,
    /// Name of the session in CloudTrail and in the ARN; `None` for the user's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_session_name: Option<String>,
    /// How long credentials last, 900 to 3600 seconds; `None` for an hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_seconds: Option<u32>,
    /// What the role's owner wants to be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// Session tags.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// Who is behind the session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_identity: Option<String>,
    /// Serial number or ARN of the MFA device whose code the role wants.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mfa_serial: Option<String>,
}

/// A chained role as the agent lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedChain {
    /// Name of the session.
    pub session: String,
    /// Account of the role: twelve digits.
    pub account_id: String,
    /// Account of the role it is taken from.
    pub source_account_id: String,
    /// The role it is taken from.
    pub source_role_name: String,
    /// The role itself.
    pub chain: Chain,
}

/// A code that an MFA device must show before credentials come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeWanted {
    /// Name of the session.
    pub session: String,
    /// Account of the role: twelve digits.
    pub account_id: String,
    /// Name of that account.
    pub account_name: String,
    /// The role.
    pub role_name: String,
    /// Serial number or ARN of the device.
    pub mfa_serial: String,
}

/// What an MFA device shows: six digits, good for one use.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MfaCode(Zeroizing<String>);

impl MfaCode {
    /// The six digits.
    #[must_use]
    pub fn digits(&self) -> &str {
        &self.0
    }
}

/// What was typed is not six digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a code has six digits")]
pub struct NotACode;

impl FromStr for MfaCode {
    type Err = NotACode;

    /// Spaces, which some apps show between the digits, do not count.
    fn from_str(text: &str) -> Result<Self, NotACode> {
        let digits: Zeroizing<String> =
            Zeroizing::new(text.chars().filter(|c| !c.is_whitespace()).collect());
        let is_code = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_code.then_some(Self(digits)).ok_or(NotACode)
    }
}

impl TryFrom<String> for MfaCode {
    type Error = NotACode;

    fn try_from(text: String) -> Result<Self, NotACode> {
        Zeroizing::new(text).parse()
    }
}

impl From<MfaCode> for String {
    fn from(code: MfaCode) -> Self {
        code.digits().to_owned()
    }
}

impl fmt::Debug for MfaCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MfaCode(…)")
    }
}
