//! Profiles for all roles at once, and portals to import, as windows ask for them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use agent::controller::Report;
use agent::import;
use agent::profiles::{All, Delivery, Only, Template};
use ipc::message::Code;
use serde::{Deserialize, Serialize};

use super::Failure;

/// Which profiles, and how new ones are made.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct AllProfiles {
    only: Option<String>,
    name_template: String,
    region: Option<String>,
}

/// What became of it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProfilesReport {
    file: PathBuf,
    names: Vec<String>,
    stood: usize,
    gone: Vec<String>,
    refused: BTreeMap<String, Failure>,
    backup: Option<PathBuf>,
    changes: String,
}

/// A portal that the AWS config file names.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FoundPortal {
    name: Option<String>,
    start_url: String,
    region: String,
}

/// What became of the portals to import.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Imported {
    /// Names of the new sessions.
    pub(crate) names: Vec<String>,
    /// Why others are none, by start URL.
    pub(crate) refused: BTreeMap<String, Failure>,
}

impl TryFrom<AllProfiles> for All {
    type Error = Failure;

    fn try_from(from: AllProfiles) -> Result<Self, Failure> {
        let name_template = from.name_template.parse::<Template>().map_err(|error| {
            let failure = Failure::new(
                Code::BadRequest,
                format!("This makes no names: {error}."),
                "Correct it and try again.",
            );
            failure.about(Some("nameTemplate"))
        })?;
        Ok(Self {
            only: Only(from.only),
            name_template,
            region: from.region,
            delivery: Delivery::Process,
        })
    }
}

impl From<Report> for ProfilesReport {
    fn from(Report { outcome, changes }: Report) -> Self {
        let refused = outcome.refused.into_iter();
        Self {
            file: outcome.file,
            names: outcome.names,
            stood: outcome.stood,
            gone: outcome.gone,
            refused: refused
                .map(|(name, failure)| (name, failure.into()))
                .collect(),
            backup: outcome.backup,
            changes,
        }
    }
}

impl From<&import::FoundPortal> for FoundPortal {
    fn from(from: &import::FoundPortal) -> Self {
        Self {
            name: from.name.clone(),
            start_url: from.start_url.clone(),
            region: from.region.clone(),
        }
    }
}
