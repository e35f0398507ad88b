//! AWS's administrative APIs: `sso-admin`, `identitystore` and `organizations`, in JSON 1.1 with
//! requests signed by Signature Version 4.
//!
//! An operation is read from its input, done by a function of the domain, and its result written as
//! AWS writes it: nothing is checked or stored here that the domain does not check or store.

mod authority;
mod error;
mod identity_store;
mod input;
pub mod keys;
mod organizations;
mod page;
mod sso_admin;

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use serde_json::Value;
use time::OffsetDateTime;

use crate::{
    Portal,
    act::{Act, Actor, Identity, Refusal},
    audit::{self, Event},
    caller::{self, CallerError},
    client::Client,
    clock,
    rate_limit::Unproved,
    sigv4::SignedRequest,
};

pub use authority::Authority;
use error::ApiError;
use input::Input;
use page::Page;

const CONTENT_TYPE: &str = "application/x-amz-json-1.1";

/// Names the operation of an API in JSON 1.1.
pub(crate) const TARGET: &str = "x-amz-target";

/// One of the administrative APIs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// `sso-admin`: instances, permission sets, assignments, applications.
    SsoAdmin,
    /// `identitystore`: users, groups, memberships.
    IdentityStore,
    /// `organizations`: accounts and organizational units.
    Organizations,
}

impl Service {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::SsoAdmin, Self::IdentityStore, Self::Organizations];

    /// As boto3 and the AWS CLI call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::SsoAdmin => "sso-admin",
            Self::IdentityStore => "identitystore",
            Self::Organizations => "organizations",
        }
    }

    /// The operations this portal offers, in AWS's spelling.
    pub fn operations(self) -> &'static [&'static str] {
        match self {
            Self::SsoAdmin => sso_admin::OPERATIONS,
            Self::IdentityStore => identity_store::OPERATIONS,
            Self::Organizations => organizations::OPERATIONS,
        }
    }

    fn target_prefix(self) -> &'static str {
        match self {
            Self::SsoAdmin => "SWBExternalService",
            Self::IdentityStore => "AWSIdentityStore",
            Self::Organizations => "AWSOrganizationsV20161128",
        }
    }

    /// What requests are signed for, and the prefix of the actions in policies.
    fn signing_name(self) -> &'static str {
        match self {
            Self::SsoAdmin => "sso",
            Self::IdentityStore => "identitystore",
            Self::Organizations => "organizations",
        }
    }

    fn event_source(self) -> &'static str {
        match self {
            Self::SsoAdmin => "sso.amazonaws.com",
            Self::IdentityStore => "identitystore.amazonaws.com",
            Self::Organizations => "organizations.amazonaws.com",
        }
    }

    /// Organizations is a global service: its clients may sign for its home whatever theirs is.
    fn is_region(self, portal: &Portal, region: &str) -> bool {
        region == portal.config().region || self == Self::Organizations && region == "us-east-1"
    }

    /// Its own name for an exception that others call `kind`.
    fn exception(self, kind: &'static str) -> &'static str {
        match (self, kind) {
            (Self::Organizations, "ValidationException") => "InvalidInputException",
            (Self::Organizations, "InternalServerException") => "ServiceException",
            (Self::Organizations, "ThrottlingException") => "TooManyRequestsException",
            _ => kind,
        }
    }
}

/// One call of an operation by somebody who may call it.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    /// The portal.
    pub(crate) portal: &'a Portal,
    /// The operation.
    pub(crate) operation: &'static str,
    actor: Actor,
}

impl Call<'_> {
    /// Runs one act of the caller: it is stored when `work` succeeds.
    pub(crate) async fn perform<T, E>(
        &self,
        work: impl AsyncFnOnce(&mut Act<'_>) -> Result<T, E>,
    ) -> Result<T, ApiError>
    where
        E: Refusal + 'static,
    {
        let mut act = Act::begin(self.portal, &self.actor).await?;
        let done = work(&mut act).await?;
        act.commit().await?;
        Ok(done)
    }
}

/// Answers a request that names its operation in [`TARGET`].
pub(crate) async fn answer(
    portal: &Portal,
    client: &Client,
    request: &SignedRequest<'_>,
) -> Response {
    let request_id = client.answer_id();
    let target = request.headers.get(TARGET);
    match target.and_then(|target| named(target.to_str().ok()?)) {
        None => ApiError::not_offered().into_response(None, request_id),
        Some((service, operation)) => {
            let answered = match identify(portal, client, request, service, operation).await {
                Ok(actor) => operate(portal, actor, service, operation, request.body).await,
                Err(error) => Err(error),
            };
            match answered {
                Ok(answer) => {
                    let headers = [(header::CONTENT_TYPE, CONTENT_TYPE)];
                    (headers, without_nulls(answer).to_string()).into_response()
                }
                Err(error) => error.into_response(Some(service), request_id),
            }
        }
    }
}

/// The service and the operation of a target such as `AWSIdentityStore.ListUsers`.
fn named(target: &str) -> Option<(Service, &'static str)> {
    let (prefix, name) = target.split_once('.')?;
    let mut services = Service::ALL.into_iter();
    let service = services.find(|service| service.target_prefix() == prefix)?;
    let operations = service.operations().iter();
    let operation = operations.copied().find(|operation| *operation == name)?;
    Some((service, operation))
}

/// Who calls, if they may. A refusal is an event of the audit trail.
async fn identify(
    portal: &Portal,
    client: &Client,
    request: &SignedRequest<'_>,
    service: Service,
    operation: &'static str,
) -> Result<Actor, ApiError> {
    let is_region = |region: &str| service.is_region(portal, region);
    let proved = caller::prove(portal, request, service.signing_name(), is_region).await;
    let event = Event::new(service.event_source(), operation);
    let identity = match proved {
        Ok(identity) => identity,
        Err(error @ CallerError::Internal(_)) => return Err(error.into()),
        Err(error) => {
            let limit = portal.rate_limit();
            let taken = limit.take_unproved(Unproved::Refusal, client, portal.now());
            taken.map_err(|_| ApiError::throttled())?;
            let event = event.refused(error.code(), &error.to_string());
            audit::record(portal, client, event).await?;
            return Err(error.into());
        }
    };
    let needed = match is_reading(operation) {
        true => Authority::Read,
        false => Authority::Full,
    };
    if Authority::of(portal, &identity).await? < needed {
        let error = denied(portal, &identity, service, operation);
        let event = event.by(&identity).refused(error.kind, &error.message);
        audit::record(portal, client, event).await?;
        return Err(error);
    }
    let client = client.clone();
    Ok(Actor { identity, client })
}

/// Does the operation. A refused change is an event of the audit trail, as a change is.
async fn operate(
    portal: &Portal,
    actor: Actor,
    service: Service,
    operation: &'static str,
    body: &[u8],
) -> Result<Value, ApiError> {
    let body: Value = match body {
        b"" => Value::Object(Default::default()),
        body => {
            serde_json::from_slice(body).map_err(|error| ApiError::unreadable(error.to_string()))?
        }
    };
    if holds_nul(&body) {
        let text = "The request holds a NUL character, which no pattern allows.";
        return Err(ApiError::new("ValidationException", text));
    }
    let input = Input::of(&body)?;
    let call = Call {
        portal,
        operation,
        actor,
    };
    let answered = match service {
        Service::SsoAdmin => sso_admin::answer(&call, input).await,
        Service::IdentityStore => identity_store::answer(&call, input).await,
        Service::Organizations => organizations::answer(&call, input).await,
    };
    if let Err(error) = &answered
        && !is_reading(operation)
    {
        let event = Event::new(service.event_source(), operation)
            .by(&call.actor.identity)
            .parameters(body)
            .refused(service.exception(error.kind), &error.message);
        audit::record(portal, &call.actor.client, event).await?;
    }
    answered
}

/// Whether a text in it, or a name, has a character that PostgreSQL keeps in none.
fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(values) => values.iter().any(holds_nul),
        Value::Object(members) => members
            .iter()
            .any(|(name, value)| name.contains('\0') || holds_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Whether an operation changes nothing.
fn is_reading(operation: &str) -> bool {
    ["List", "Describe", "Get", "IsMember"]
        .iter()
        .any(|verb| operation.starts_with(verb))
}

fn denied(portal: &Portal, identity: &Identity, service: Service, operation: &str) -> ApiError {
    let user = identity.name(&portal.config().partition);
    let action = format!("{}:{operation}", service.signing_name());
    let text = format!("User: {user} is not authorized to perform: {action}");
    ApiError::new("AccessDeniedException", text)
}

/// A moment as JSON 1.1 writes it: seconds since 1970, with a fraction.
fn seconds(moment: OffsetDateTime) -> f64 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "exact for the next 285,000 years"
    )]
    let millis = clock::millis(moment) as f64;
    millis / 1000.0
}

/// AWS leaves out what has no value.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => members
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name, without_nulls(value)))
            .collect(),
        Value::Array(list) => list.into_iter().map(without_nulls).collect(),
        other => other,
    }
}
