//! The address of a portal, in every form people have it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use super::{Error, Region};
use crate::http::{self, Client};

/// Domains under which AWS itself serves portals, in every partition.
///
/// `<name>.awsapps.com` (GovCloud: `start.us-gov-home.awsapps.com`), `start.home.awsapps.cn`;
/// newer instances `<id>.portal.<region>.app.aws` and, by IPv4 only,
/// `<id>.<region>.portal.amazonaws.com`, with their counterparts in China and the European
/// Sovereign Cloud; and the issuer, `identitycenter.amazonaws.com/<id>`.
const AWS_DOMAINS: [&str; 13] = [
    "awsapps.com",
    "awsapps.cn",
    "app.aws",
    "app.amazonwebservices.com.cn",
    "api.amazonwebservices.eu",
    "app.amazonwebservices.eu",
    "portal.amazonaws.com",
    "portal.amazonaws.com.cn",
    "portal.amazonaws.eu",
    "identitycenter.amazonaws.com",
    "identitycenter.us-gov.amazonaws.com",
    "identitycenter.amazonaws.com.cn",
    "identitycenter.amazonaws.eu",
];

/// The address of a portal: https, or plain http on loopback.
///
/// Two spellings of one portal are equal: a trailing slash, a fragment such as `#/` and a query
/// are dropped, and the path that the domain prescribes is added.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct StartUrl {
    url: Url,
    text: String,
}

impl StartUrl {
    /// The normalised address, without a trailing slash.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The normalised address.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Scheme, host and port alone.
    #[must_use]
    pub fn origin(&self) -> Url {
        self.url.join("/").unwrap_or_else(|_| self.url.clone())
    }

    /// The host, as one shows it to people.
    #[must_use]
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// Whether the portal is on one of AWS's own domains.
    #[must_use]
    pub fn is_aws(&self) -> bool {
        is_aws_host(self.host())
    }

    /// The portal's home region, where the host names it. The oldest and most common form,
    /// `d-1234567890.awsapps.com`, does not.
    #[must_use]
    pub fn region(&self) -> Option<Region> {
        if !self.is_aws() {
            return None;
        }
        // The first label is a name somebody chose, and may look like a region.
        self.host()
            .split('.')
            .skip(1)
            .find_map(|label| label.parse().ok())
    }
}

impl FromStr for StartUrl {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        let not_a_url = || Error::NotAUrl(text.to_owned());
        let mut url = if text.contains("://") {
            Url::parse(text).map_err(|_| not_a_url())?
        } else if text.contains('.') {
            Url::parse(&format!("https://{text}")).map_err(|_| not_a_url())?
        } else {
            return Err(not_a_url());
        };
        if !url.has_host() || !matches!(url.scheme(), "http" | "https") {
            return Err(not_a_url());
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Error::Credentials);
        }
        if url.scheme() == "http" && !is_loopback(&url) {
            return Err(Error::NotSecure(url.to_string()));
        }
        url.set_query(None);
        url.set_fragment(None);
        let path = url.path().trim_end_matches('/').to_owned();
        let named_by_host = url
            .host_str()
            .is_some_and(|host| host.ends_with(".awsapps.com"));
        url.set_path(if path.is_empty() && named_by_host {
            "/start"
        } else {
            &path
        });
        let text = url.as_str().trim_end_matches('/').to_owned();
        Ok(Self { url, text })
    }
}

impl TryFrom<String> for StartUrl {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<StartUrl> for String {
    fn from(start_url: StartUrl) -> Self {
        start_url.text
    }
}

impl fmt::Display for StartUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for StartUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

/// Follows the one redirect by which a company's own address may lead to its portal on AWS.
///
/// Gives back the portal on AWS's domains, or `start_url` itself where no redirect to one comes:
/// then it is a portal of its own.
///
/// # Errors
/// When the host cannot be reached.
pub async fn follow_redirect(
    client: &Client,
    start_url: &StartUrl,
) -> Result<StartUrl, http::Error> {
    if start_url.is_aws() {
        return Ok(start_url.clone());
    }
    let location = client.redirect_of(start_url.url.clone()).await?;
    let target = location.and_then(|location| start_url.url.join(&location).ok());
    Ok(target
        .and_then(|url| url.as_str().parse().ok())
        .filter(StartUrl::is_aws)
        .unwrap_or_else(|| start_url.clone()))
}

fn is_aws_host(host: &str) -> bool {
    AWS_DOMAINS.iter().any(|domain| {
        host.strip_suffix(domain)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    })
}

pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
