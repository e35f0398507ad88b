//! Where a portal's services are: start URLs, regions, partitions and the addresses that follow.

mod start_url;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use url::Url;

pub(crate) use start_url::is_loopback;
pub use start_url::{StartUrl, follow_redirect};

/// Why a start URL or a region cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Not a URL at all.
    #[error("“{0}” is not a URL; a start URL looks like https://d-1234567890.awsapps.com/start")]
    NotAUrl(String),
    /// Neither https nor loopback.
    #[error(
        "the start URL {0} must begin with https:// (plain http is accepted on this computer only)"
    )]
    NotSecure(String),
    /// A user name or password stands in the URL.
    #[error("a start URL holds no user name or password")]
    Credentials,
    /// Not shaped like a region.
    #[error("“{0}” is not an AWS region; one looks like eu-central-1")]
    NotARegion(String),
}

/// A region's name, such as `eu-central-1`. Its shape is checked, not its existence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Region(String);

impl Region {
    /// The name in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The partition this region belongs to, by its prefix.
    #[must_use]
    pub fn partition(&self) -> Partition {
        match self.0.split('-').collect::<Vec<_>>()[..] {
            ["cn", ..] => Partition::AwsCn,
            ["us", "gov", ..] => Partition::AwsUsGov,
            ["eusc", ..] => Partition::AwsEusc,
            _ => Partition::Aws,
        }
    }
}

impl FromStr for Region {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let name = text.trim().to_ascii_lowercase();
        let labels: Vec<&str> = name.split('-').collect();
        let well_formed = match labels[..] {
            [area, ref middle @ .., number] => {
                let word = |label: &str| {
                    label.len() >= 2 && label.bytes().all(|byte| byte.is_ascii_lowercase())
                };
                let digits = number.bytes().all(|byte| byte.is_ascii_digit());
                word(area)
                    && !middle.is_empty()
                    && middle.iter().all(|label| word(label))
                    && (1..=2).contains(&number.len())
                    && digits
            }
            _ => false,
        };
        if well_formed {
            Ok(Self(name))
        } else {
            Err(Error::NotARegion(text.to_owned()))
        }
    }
}

impl TryFrom<String> for Region {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<Region> for String {
    fn from(region: Region) -> Self {
        region.0
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A group of regions with its own domains and its own accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Partition {
    /// The commercial regions.
    Aws,
    /// China.
    AwsCn,
    /// GovCloud (US).
    AwsUsGov,
    /// The European Sovereign Cloud.
    AwsEusc,
}

impl Partition {
    const ALL: [Self; 4] = [Self::Aws, Self::AwsCn, Self::AwsUsGov, Self::AwsEusc];

    /// The name as it stands in ARNs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::AwsCn => "aws-cn",
            Self::AwsUsGov => "aws-us-gov",
            Self::AwsEusc => "aws-eusc",
        }
    }

    fn dns_suffix(self) -> &'static str {
        match self {
            Self::Aws | Self::AwsUsGov => "amazonaws.com",
            Self::AwsCn => "amazonaws.com.cn",
            Self::AwsEusc => "amazonaws.eu",
        }
    }

    fn signin_host(self) -> &'static str {
        match self {
            Self::Aws => "signin.aws.amazon.com",
            Self::AwsCn => "signin.amazonaws.cn",
            Self::AwsUsGov => "signin.amazonaws-us-gov.com",
            Self::AwsEusc => "signin.amazonaws-eusc.eu",
        }
    }

    fn console_host(self) -> &'static str {
        match self {
            Self::Aws => "console.aws.amazon.com",
            Self::AwsCn => "console.amazonaws.cn",
            Self::AwsUsGov => "console.amazonaws-us-gov.com",
            Self::AwsEusc => "console.amazonaws-eusc.eu",
        }
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Addresses that stand above what the start URL and region say: from settings, or from
/// `AWS_ENDPOINT_URL_SSO_OIDC`, `AWS_ENDPOINT_URL_SSO` and `AWS_ENDPOINT_URL_STS`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Overrides {
    /// SSO OIDC: register, authorize, token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oidc: Option<Url>,
    /// The portal API.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub portal: Option<Url>,
    /// Federation: sign-in to the console.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signin: Option<Url>,
    /// The security token service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sts: Option<Url>,
    /// The management console.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub console: Option<Url>,
}

/// The addresses of a portal's services.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    /// SSO OIDC: register, authorize, token.
    pub oidc: Url,
    /// The portal API.
    pub portal: Url,
    /// Federation: sign-in to the console.
    pub signin: Url,
    /// The security token service.
    pub sts: Url,
    /// The management console, without the region.
    pub console: Url,
}

impl Endpoints {
    /// Finds the services of the portal at `start_url`, whose home is `region`.
    ///
    /// A portal on AWS's domains has them on the hosts of the region's partition; any other has
    /// them all under its origin, the console at `/console`. `overrides` stand above both.
    #[must_use]
    pub fn resolve(start_url: &StartUrl, region: &Region, overrides: &Overrides) -> Self {
        let found = if start_url.is_aws() {
            Self::of_aws(region)
        } else {
            Self::under_origin(start_url)
        };
        let or = |given: &Option<Url>, found: Url| given.clone().unwrap_or(found);
        Self {
            oidc: or(&overrides.oidc, found.oidc),
            portal: or(&overrides.portal, found.portal),
            signin: or(&overrides.signin, found.signin),
            sts: or(&overrides.sts, found.sts),
            console: or(&overrides.console, found.console),
        }
    }

    fn of_aws(region: &Region) -> Self {
        let partition = region.partition();
        let suffix = partition.dns_suffix();
        Self {
            oidc: https(&format!("oidc.{region}.{suffix}")),
            portal: https(&format!("portal.sso.{region}.{suffix}")),
            signin: https(partition.signin_host()),
            sts: https(&format!("sts.{region}.{suffix}")),
            console: https(partition.console_host()),
        }
    }

    fn under_origin(start_url: &StartUrl) -> Self {
        let origin = start_url.origin();
        Self {
            oidc: origin.clone(),
            portal: origin.clone(),
            signin: origin.clone(),
            sts: origin.clone(),
            console: under(&origin, "/console"),
        }
    }

    /// Whether the console is one of AWS's, whose hosts take the region as a prefix.
    pub(crate) fn has_aws_console(&self) -> bool {
        Partition::ALL
            .iter()
            .any(|partition| self.console.host_str() == Some(partition.console_host()))
    }
}

/// `path` (which begins with a slash) below `base`, which may have a path of its own.
pub(crate) fn under(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    let joined = format!("{}{path}", base.path().trim_end_matches('/'));
    url.set_path(&joined);
    url.set_query(None);
    url.set_fragment(None);
    url
}

/// Puts `region` before the host of `base`, as AWS's console and sign-in hosts allow.
pub(crate) fn with_region(base: &Url, region: &Region) -> Url {
    match base.host_str() {
        Some(host) => https(&format!("{region}.{host}")),
        None => base.clone(),
    }
}

/// A host built from our own constants and a checked region.
#[expect(
    clippy::expect_used,
    reason = "a constant host with a checked region always parses"
)]
fn https(host: &str) -> Url {
    Url::parse(&format!("https://{host}/")).expect("a well-formed host")
}

#[cfg(test)]
mod tests;
