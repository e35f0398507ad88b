//! The portals that the user's own AWS config file names, to be adopted as sessions.

use std::collections::BTreeMap;
use std::path::Path;

use aws_files::reading::{self, Reading, Settings};
use aws_files::write;
use ipc::message::{Code, EndpointOverrides, Failure, Request};
use url::Url;

use crate::failure::failure;
use crate::section::of_file;
use crate::settings::is_session_name;

/// A portal that the file names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundPortal {
    /// Of the sso-session; a profile of the older kind gives none.
    pub name: Option<String>,
    /// As it stands there.
    pub start_url: String,
    /// Region of the Identity Center instance, as it stands there.
    pub region: String,
}

/// The portals of the config file, each once: those of its sso-sessions, then those that only
/// profiles name. Blocks.
///
/// # Errors
/// The file cannot be read or understood.
pub fn found(config: &Path) -> Result<Vec<FoundPortal>, Failure> {
    let document = write::read(config).map_err(|error| of_file(&error))?;
    let reading = reading::read(&document).map_err(|problem| {
        let message = format!("Cannot read {}: {problem}.", config.display());
        failure(Code::File, message, "Correct that line, then try again.")
    })?;
    Ok(portals(&reading))
}

impl FoundPortal {
    /// Whether a session with this start URL and region is one of this portal.
    #[must_use]
    pub fn is(&self, start_url: &Url, region: &str) -> bool {
        address(start_url.as_str()) == address(&self.start_url) && region == self.region
    }

    /// What adopts it, under its own name where no session of `known` has that.
    ///
    /// # Errors
    /// Its start URL is no address.
    pub fn adoption(
        &self,
        known: &[&str],
        endpoints: EndpointOverrides,
    ) -> Result<Request, Failure> {
        let start_url = Url::parse(&self.start_url).map_err(|error| {
            failure(
                Code::BadRequest,
                format!("This is no address: {error}."),
                "Correct it in the AWS config file, then try again.",
            )
        })?;
        let usable = |name: &&String| is_session_name(name) && !known.contains(&name.as_str());
        Ok(Request::AddPortal {
            start_url,
            region: self.region.clone(),
            name: self.name.as_ref().filter(usable).cloned(),
            endpoints,
        })
    }
}

fn portals(reading: &Reading) -> Vec<FoundPortal> {
    let text = |settings: &Settings, key: &str| {
        let text = settings.get(key)?.text()?;
        (!text.is_empty()).then(|| text.to_owned())
    };
    let portal = |name, settings: &Settings| {
        Some(FoundPortal {
            name,
            start_url: text(settings, "sso_start_url")?,
            region: text(settings, "sso_region")?,
        })
    };
    let sessions = reading.sso_sessions.iter();
    let sessions = sessions.filter_map(|(name, settings)| portal(Some(name.clone()), settings));
    let profiles = reading.profiles.values();
    let profiles = profiles.filter_map(|settings| portal(None, settings));
    let mut found: BTreeMap<(String, String), FoundPortal> = BTreeMap::new();
    for portal in sessions.chain(profiles) {
        let key = (address(&portal.start_url).to_owned(), portal.region.clone());
        found.entry(key).or_insert(portal);
    }
    found.into_values().collect()
}

/// Start URLs are passed around with and without what browsers add to them.
fn address(start_url: &str) -> &str {
    start_url.trim_end_matches(['/', '#'])
}
