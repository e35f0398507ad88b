//! What is asked of AssumeRole, within the limits AWS sets.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use secrecy::{ExposeSecret, SecretString};
use url::form_urlencoded::Serializer;
use zeroize::Zeroizing;

/// AWS ends a session that was begun with another role's credentials after an hour, in seconds.
pub const LONGEST_CHAINED: u32 = 3600;
const SHORTEST: u32 = 900;
const MOST_TAGS: usize = 50;

/// A part of what is asked of AssumeRole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parameter {
    /// The role.
    RoleArn,
    /// Name of the session.
    SessionName,
    /// How long the credentials last.
    Duration,
    /// The external id.
    ExternalId,
    /// The session tags.
    Tags,
    /// The source identity.
    SourceIdentity,
    /// The MFA device.
    SerialNumber,
}

impl fmt::Display for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::RoleArn => "role",
            Self::SessionName => "session name",
            Self::Duration => "duration",
            Self::ExternalId => "external id",
            Self::Tags => "session tag",
            Self::SourceIdentity => "source identity",
            Self::SerialNumber => "MFA device",
        })
    }
}

/// Why something cannot be asked of AssumeRole.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// Not the ARN of a role.
    #[error("“{0}” is not the ARN of a role; one looks like arn:aws:iam::111122223333:role/Deploy")]
    RoleArn(String),
    /// A value that AWS does not take.
    #[error("the {what} “{value}” cannot be used: it must have {rule}")]
    Value {
        /// What it is.
        what: Parameter,
        /// As it was given.
        value: String,
        /// What AWS demands of it.
        rule: &'static str,
    },
    /// Longer than a chained role may be taken for.
    #[error("a role taken from another role lasts an hour at most (3600 seconds), not {0} seconds")]
    TooLong(u32),
    /// Shorter than AWS gives a role for.
    #[error("a role lasts a quarter of an hour at least (900 seconds), not {0} seconds")]
    TooShort(u32),
    /// Too many session tags.
    #[error("there may be {MOST_TAGS} session tags at most, not {0}")]
    TooManyTags(usize),
}

impl Invalid {
    /// What is wrong with the request.
    #[must_use]
    pub fn parameter(&self) -> Parameter {
        match self {
            Self::RoleArn(_) => Parameter::RoleArn,
            Self::Value { what, .. } => *what,
            Self::TooLong(_) | Self::TooShort(_) => Parameter::Duration,
            Self::TooManyTags(_) => Parameter::Tags,
        }
    }
}

/// The ARN of a role: `arn:aws:iam::111122223333:role/path/Deploy`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RoleArn(String);

impl RoleArn {
    /// The account the role is in: twelve digits.
    #[must_use]
    pub fn account_id(&self) -> &str {
        self.0.split(':').nth(4).unwrap_or_default()
    }

    /// The whole ARN.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for RoleArn {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let well_formed = match parts[..] {
            ["arn", partition, "iam", "", account, resource] => {
                let name = resource.strip_prefix("role/").unwrap_or_default();
                partition.starts_with("aws")
                    && account.len() == 12
                    && account.bytes().all(|byte| byte.is_ascii_digit())
                    && is_of(name, 1..=576, "_+=,.@-/")
                    && !name.ends_with('/')
            }
            _ => false,
        };
        if well_formed {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid::RoleArn(text.to_owned()))
        }
    }
}

impl fmt::Display for RoleArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A role to be taken, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssumeRole {
    /// Which role.
    pub role_arn: RoleArn,
    /// Name of the session, which stands in the ARN of its credentials; `None` for `vestibule`.
    pub session_name: Option<String>,
    /// How long in seconds, 900 to 3600; `None` leaves it to AWS, which gives an hour.
    pub duration_seconds: Option<u32>,
    /// What the role's owner agreed on with its user, against mistaken identity.
    pub external_id: Option<String>,
    /// Session tags.
    pub tags: BTreeMap<String, String>,
    /// Who is behind the session, for the role's audit trail.
    pub source_identity: Option<String>,
    /// Serial number or ARN of the MFA device whose code the role wants.
    pub serial_number: Option<String>,
}

impl AssumeRole {
    /// The role with nothing more said.
    #[must_use]
    pub fn new(role_arn: RoleArn) -> Self {
        Self {
            role_arn,
            session_name: None,
            duration_seconds: None,
            external_id: None,
            tags: BTreeMap::new(),
            source_identity: None,
            serial_number: None,
        }
    }

    /// Checks it against what AWS documents of AssumeRole, so that a mistake shows when it is made.
    ///
    /// # Errors
    /// The first thing that AWS would refuse.
    pub fn check(&self) -> Result<(), Invalid> {
        const NAME: &str = "2 to 64 letters, digits or any of _+=,.@-";
        let values = [
            (
                Parameter::SessionName,
                &self.session_name,
                2..=64,
                "_+=,.@-",
                NAME,
            ),
            (
                Parameter::SourceIdentity,
                &self.source_identity,
                2..=64,
                "_+=,.@-",
                NAME,
            ),
            (
                Parameter::ExternalId,
                &self.external_id,
                2..=1224,
                "_+=,.@:/-",
                "2 to 1224 letters, digits or any of _+=,.@:/-",
            ),
            (
                Parameter::SerialNumber,
                &self.serial_number,
                9..=256,
                "_+=/:,.@-",
                "9 to 256 letters, digits or any of _+=/:,.@-",
            ),
        ];
        for (what, value, length, signs, rule) in values {
            if let Some(value) = value
                && !is_of(value, length, signs)
            {
                let value = value.clone();
                return Err(Invalid::Value { what, value, rule });
            }
        }
        match self.duration_seconds {
            Some(seconds) if seconds > LONGEST_CHAINED => return Err(Invalid::TooLong(seconds)),
            Some(seconds) if seconds < SHORTEST => return Err(Invalid::TooShort(seconds)),
            _ => {}
        }
        self.check_tags()
    }

    fn check_tags(&self) -> Result<(), Invalid> {
        if self.tags.len() > MOST_TAGS {
            return Err(Invalid::TooManyTags(self.tags.len()));
        }
        let fits = |text: &str, longest| {
            let taken = |c: char| c.is_alphanumeric() || c == ' ' || "_.:/=+-@".contains(c);
            text.chars().count() <= longest && text.chars().all(taken)
        };
        let wrong = self.tags.iter().find(|(key, value)| {
            key.is_empty() || key.starts_with("aws:") || !fits(key, 128) || !fits(value, 256)
        });
        match wrong {
            Some((key, value)) => Err(Invalid::Value {
                what: Parameter::Tags,
                value: format!("{key}={value}"),
                rule: "a key of 1 to 128 and a value of up to 256 letters, digits, spaces or any of _.:/=+-@",
            }),
            None => Ok(()),
        }
    }

    /// The body of the request.
    pub(super) fn form(&self, code: Option<&SecretString>) -> Zeroizing<String> {
        let mut form = Serializer::new(String::with_capacity(1024));
        form.append_pair("Action", "AssumeRole")
            .append_pair("Version", "2011-06-15")
            .append_pair("RoleArn", self.role_arn.as_str());
        let name = self.session_name.as_deref().unwrap_or("vestibule");
        form.append_pair("RoleSessionName", name);
        if let Some(seconds) = self.duration_seconds {
            form.append_pair("DurationSeconds", &seconds.to_string());
        }
        for (number, (key, value)) in (1..).zip(&self.tags) {
            form.append_pair(&format!("Tags.member.{number}.Key"), key);
            form.append_pair(&format!("Tags.member.{number}.Value"), value);
        }
        let code = code.map(ExposeSecret::expose_secret);
        let others = [
            ("ExternalId", self.external_id.as_deref()),
            ("SourceIdentity", self.source_identity.as_deref()),
            // AWS wants both or neither.
            (
                "SerialNumber",
                self.serial_number.as_deref().filter(|_| code.is_some()),
            ),
            ("TokenCode", code.filter(|_| self.serial_number.is_some())),
        ];
        for (name, value) in others {
            if let Some(value) = value {
                form.append_pair(name, value);
            }
        }
        Zeroizing::new(form.finish())
    }
}

/// Whether the text has this length and nothing but ASCII letters, digits and these signs.
fn is_of(text: &str, length: std::ops::RangeInclusive<usize>, signs: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || signs.contains(c);
    length.contains(&text.len()) && text.chars().all(allowed)
}
