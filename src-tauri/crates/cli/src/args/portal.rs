//! What can be typed of portals.

use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use url::Url;

#[derive(Debug, Subcommand)]
pub(crate) enum Portal {
    /// Add a portal
    Add(PortalAdd),
    /// List the portals
    List,
    /// Change what is set for a portal
    Set(PortalSet),
    /// Remove a portal with its tokens, list of accounts and profiles
    Remove {
        /// Name of the session
        name: String,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct PortalAdd {
    /// Address of the portal
    #[arg(help = "Address of the portal, such as https://acme.awsapps.com/start")]
    #[arg(value_parser = start_url)]
    pub(crate) start_url: Url,
    /// Region of the Identity Center instance, such as eu-west-1
    #[arg(long)]
    pub(crate) region: String,
    /// Name of the session [default: from the address]
    #[arg(long)]
    pub(crate) name: Option<String>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct PortalSet {
    /// Name of the session
    pub(crate) name: String,
    /// Share its sign-in with AWS's own tools, by a plain file that they read and write
    #[arg(long, value_name = "on|off", value_enum)]
    pub(crate) share_sign_in: OnOff,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum OnOff {
    On,
    Off,
}

/// Start URLs are often passed around without their `https://`.
fn start_url(text: &str) -> Result<Url, String> {
    let url = if text.contains("://") {
        Url::parse(text)
    } else {
        Url::parse(&format!("https://{text}"))
    };
    match url {
        Ok(url) if matches!(url.scheme(), "https" | "http") && url.has_host() => Ok(url),
        Ok(_) => Err("a portal's address starts with https://".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_url_may_come_without_its_scheme() {
        let url = |text| start_url(text).map(String::from);
        assert_eq!(
            url("acme.awsapps.com/start").unwrap(),
            "https://acme.awsapps.com/start"
        );
        assert_eq!(
            url("http://localhost:8081/start").unwrap(),
            "http://localhost:8081/start"
        );
        assert!(url("file:///etc/passwd").is_err());
        assert!(url("https://").is_err());
    }
}
