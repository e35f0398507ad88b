//! Something that was done or refused, and its record in CloudTrail's form.

use serde::Serialize;
use serde_json::{Value, json};
use time::{OffsetDateTime, format_description::BorrowedFormatItem, macros::format_description};

use crate::{Portal, act::Identity, client::Client, clock, random};

/// RFC 3339 in UTC, to the second, as in CloudTrail.
const TIME: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
/// The version of CloudTrail's record whose fields these are.
const VERSION: &str = "1.11";
/// The endpoint where users sign in.
const SIGN_IN: &str = "signin.amazonaws.com";
/// What begins the name of an operation that changes nothing.
const READING: [&str; 5] = ["Get", "List", "Describe", "Search", "Is"];

/// Something that was done or refused.
#[derive(Debug, Clone)]
pub struct Event {
    source: &'static str,
    name: &'static str,
    identity: Option<Identity>,
    role: Option<(String, String)>,
    refusal: Option<(String, String)>,
    parameters: Value,
    response: Value,
    detail: Value,
}

impl Event {
    /// `name` is the operation (`CreateToken`), `source` the endpoint in AWS's form
    /// (`sso.amazonaws.com`).
    pub fn new(source: &'static str, name: &'static str) -> Self {
        Self {
            source,
            name,
            identity: None,
            role: None,
            refusal: None,
            parameters: Value::Null,
            response: Value::Null,
            detail: Value::Null,
        }
    }

    /// The user who acted, by id (empty if unknown) and name.
    #[must_use]
    pub fn user(self, id: &str, name: &str) -> Self {
        self.by(&Identity::User {
            id: id.to_owned(),
            name: name.to_owned(),
        })
    }

    /// Who acted.
    #[must_use]
    pub fn by(mut self, identity: &Identity) -> Self {
        self.identity = Some(identity.clone());
        self
    }

    /// The account and the role it was about.
    #[must_use]
    pub fn role(mut self, account_id: &str, role_name: &str) -> Self {
        self.role = Some((account_id.to_owned(), role_name.to_owned()));
        self
    }

    /// It was refused, with this error.
    #[must_use]
    pub fn refused(mut self, code: &str, message: &str) -> Self {
        self.refusal = Some((code.to_owned(), message.to_owned()));
        self
    }

    /// It was refused, for the role is not assigned to the user, whether or not it exists.
    #[must_use]
    pub fn not_assigned(self) -> Self {
        self.refused("ForbiddenException", "No access")
    }

    /// What was asked for, with AWS's names. Never a secret.
    #[must_use]
    pub fn parameters(mut self, parameters: Value) -> Self {
        self.parameters = parameters;
        self
    }

    /// What was answered, with AWS's names. Never a secret.
    #[must_use]
    pub fn response(mut self, response: Value) -> Self {
        self.response = response;
        self
    }

    /// More about it. Never a secret.
    #[must_use]
    pub fn detail(mut self, detail: Value) -> Self {
        self.detail = detail;
        self
    }
}

/// An event as it happened, on its way to the trail.
#[derive(Debug)]
pub(super) struct Entry {
    event: Event,
    client: Client,
    at: OffsetDateTime,
    id: String,
    region: String,
    partition: String,
}

impl Entry {
    pub(super) fn new(portal: &Portal, client: &Client, event: Event) -> Self {
        let config = portal.config();
        Self {
            event,
            client: client.clone(),
            at: portal.now(),
            id: random::uuid(),
            region: config.region.clone(),
            partition: config.partition.clone(),
        }
    }

    /// Tells the program's own log and its metrics.
    pub(super) fn tell(&self, portal: &Portal) {
        portal.metrics().happened(self.name(), self.error_code());
        tracing::info!(
            event = self.event.name,
            user = self.user_name(),
            address = %self.client.address,
            error = self.error_code(),
            "audit"
        );
    }

    /// Milliseconds since 1970.
    pub(super) fn time(&self) -> i64 {
        clock::millis(self.at)
    }

    pub(super) fn name(&self) -> &'static str {
        self.event.name
    }

    pub(super) fn user_name(&self) -> Option<&str> {
        match self.event.identity.as_ref()? {
            Identity::User { name, .. } => Some(name),
            Identity::Role(session) => Some(&session.session_name),
            Identity::Key { access_key_id } => Some(access_key_id),
            Identity::Machine => None,
        }
    }

    pub(super) fn account_id(&self) -> Option<&str> {
        self.event
            .role
            .as_ref()
            .map(|(account, _)| account.as_str())
    }

    pub(super) fn error_code(&self) -> Option<&str> {
        self.event.refusal.as_ref().map(|(code, _)| code.as_str())
    }

    /// The record, JSON; `owner` is the organization's management account.
    pub(super) fn text(&self, owner: &str) -> String {
        let event = &self.event;
        let (error_code, error_message) = event.refusal.as_ref().map(|(c, m)| (c, m)).unzip();
        let asked = !event.parameters.is_null() || !event.response.is_null();
        let record = CloudTrail {
            event_version: VERSION,
            user_identity: self.user_identity(owner),
            event_time: self.at.format(TIME).unwrap_or_default(),
            event_source: event.source,
            event_name: event.name,
            aws_region: &self.region,
            source_ip_address: self.client.address.to_string(),
            user_agent: &self.client.user_agent,
            error_code,
            error_message,
            request_parameters: &event.parameters,
            response_elements: &event.response,
            additional_event_data: &event.detail,
            request_id: self.client.request_id.as_deref(),
            event_id: &self.id,
            read_only: READING.iter().any(|verb| event.name.starts_with(verb)),
            event_type: if asked {
                "AwsApiCall"
            } else {
                "AwsServiceEvent"
            },
            management_event: true,
            recipient_account_id: owner,
            service_event_details: self.service_event_details(),
            event_category: "Management",
        };
        // Text, numbers and JSON values always have a JSON form.
        serde_json::to_string(&record).unwrap_or_default()
    }

    fn user_identity(&self, owner: &str) -> Value {
        let partition = &self.partition;
        match &self.event.identity {
            Some(Identity::User { id, name }) if id.is_empty() => {
                json!({ "type": "Unknown", "userName": name })
            }
            Some(Identity::User { id, name }) => json!({
                "type": "IdentityCenterUser",
                "accountId": owner,
                "userName": name,
                "onBehalfOf": { "userId": id },
            }),
            Some(Identity::Role(session)) => json!({
                "type": "AssumedRole",
                "principalId": format!("{}:{}", session.iam_role_id, session.session_name),
                "arn": session.arn(partition),
                "accountId": session.account_id,
                "userName": session.session_name,
                "onBehalfOf": { "userId": session.user_id },
                "sessionContext": {
                    "sessionIssuer": {
                        "type": "Role",
                        "principalId": session.iam_role_id,
                        "accountId": session.account_id,
                        "userName": session.iam_role_name,
                    },
                    "attributes": { "mfaAuthenticated": session.second_factor.to_string() },
                },
            }),
            Some(Identity::Key { access_key_id }) => json!({
                "type": "IAMUser",
                "accountId": owner,
                "accessKeyId": access_key_id,
            }),
            Some(Identity::Machine) => {
                json!({ "type": "AWSService", "invokedBy": "vestibule-portal" })
            }
            None => json!({ "type": "Unknown" }),
        }
    }

    fn service_event_details(&self) -> Value {
        let event = &self.event;
        if let Some((account_id, role_name)) = &event.role {
            return json!({ "account_id": account_id, "role_name": role_name });
        }
        if event.source == SIGN_IN {
            let outcome = event.refusal.as_ref().map_or("Success", |_| "Failure");
            return json!({ event.name: outcome });
        }
        Value::Null
    }
}

/// CloudTrail's record.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CloudTrail<'a> {
    event_version: &'static str,
    user_identity: Value,
    event_time: String,
    event_source: &'static str,
    event_name: &'static str,
    aws_region: &'a str,
    #[serde(rename = "sourceIPAddress")]
    source_ip_address: String,
    user_agent: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<&'a String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<&'a String>,
    request_parameters: &'a Value,
    response_elements: &'a Value,
    #[serde(skip_serializing_if = "Value::is_null")]
    additional_event_data: &'a Value,
    #[serde(rename = "requestID", skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    #[serde(rename = "eventID")]
    event_id: &'a str,
    read_only: bool,
    event_type: &'static str,
    management_event: bool,
    recipient_account_id: &'a str,
    #[serde(skip_serializing_if = "Value::is_null")]
    service_event_details: Value,
    event_category: &'static str,
}
