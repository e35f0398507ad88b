//! Chained roles, as windows show and add them.

use std::collections::BTreeMap;

use agent::chain::{Parameter, Part, Refused};
use agent::snapshot;
use ipc::message::Chain;
use serde::{Deserialize, Serialize};

use super::{Failure, RoleId};

/// A chained role, and the one it is taken from.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChainedRole {
    #[serde(flatten)]
    id: RoleId,
    account_name: String,
    source: Source,
    #[serde(flatten)]
    chained: Chained,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Source {
    #[serde(flatten)]
    id: RoleId,
    account_name: String,
}

/// What is asked of AWS, and what the role is called here.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Chained {
    name: String,
    role_arn: String,
    session_name: Option<String>,
    duration_seconds: Option<u32>,
    external_id: Option<String>,
    tags: BTreeMap<String, String>,
    source_identity: Option<String>,
    mfa_serial: Option<String>,
}

impl From<&snapshot::ChainedRole> for ChainedRole {
    fn from(from: &snapshot::ChainedRole) -> Self {
        Self {
            id: from.id.clone().into(),
            account_name: from.account_name.clone(),
            source: Source {
                id: from.source.clone().into(),
                account_name: from.source_account_name.clone(),
            },
            chained: from.chain.clone().into(),
        }
    }
}

impl From<Chain> for Chained {
    fn from(from: Chain) -> Self {
        Self {
            name: from.name,
            role_arn: from.role_arn,
            session_name: from.role_session_name,
            duration_seconds: from.duration_seconds,
            external_id: from.external_id,
            tags: from.tags,
            source_identity: from.source_identity,
            mfa_serial: from.mfa_serial,
        }
    }
}

impl From<Chained> for Chain {
    fn from(from: Chained) -> Self {
        Self {
            name: from.name,
            role_arn: from.role_arn,
            role_session_name: from.session_name,
            duration_seconds: from.duration_seconds,
            external_id: from.external_id,
            tags: from.tags,
            source_identity: from.source_identity,
            mfa_serial: from.mfa_serial,
        }
    }
}

impl From<Refused> for Failure {
    fn from(from: Refused) -> Self {
        Self::from(from.failure).about(from.part.map(field))
    }
}

/// The form's name of what is wrong.
fn field(part: Part) -> &'static str {
    match part {
        Part::Source => "source",
        Part::Name => "name",
        Part::Asked(Parameter::RoleArn) => "roleArn",
        Part::Asked(Parameter::SessionName) => "sessionName",
        Part::Asked(Parameter::Duration) => "duration",
        Part::Asked(Parameter::ExternalId) => "externalId",
        Part::Asked(Parameter::Tags) => "tags",
        Part::Asked(Parameter::SourceIdentity) => "sourceIdentity",
        Part::Asked(Parameter::SerialNumber) => "mfaSerial",
    }
}
