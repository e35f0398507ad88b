use super::{Answer, StsError};
use crate::{
    Portal,
    access::RoleSession,
    act::Identity,
    audit::{self, Event},
    caller,
    client::Client,
    sigv4::SignedRequest,
};

/// What the audit trail calls STS.
pub(super) const EVENT_SOURCE: &str = "sts.amazonaws.com";

/// Who signed a request: proved.
#[derive(Debug)]
pub(super) struct Caller {
    pub(super) session: RoleSession,
    pub(super) arn: String,
}

impl Caller {
    /// The caller of `request`. A refusal is an event of the audit trail.
    pub(super) async fn of(
        portal: &Portal,
        client: &Client,
        request: &SignedRequest<'_>,
        action: &str,
    ) -> Result<Self, StsError> {
        match prove(portal, request).await {
            Ok(session) => Ok(Self {
                arn: session.arn(&portal.config().partition),
                session,
            }),
            Err(error) => {
                let event = Event::new(EVENT_SOURCE, "Authenticate")
                    .detail(serde_json::json!({ "action": action }))
                    .refused(error.code().1, &error.to_string());
                audit::record(portal, client, event).await?;
                Err(error)
            }
        }
    }

    /// An event about this caller.
    pub(super) fn event(&self, name: &'static str) -> Event {
        Event::new(EVENT_SOURCE, name)
            .user(&self.session.user_id, &self.session.session_name)
            .role(&self.session.account_id, &self.session.iam_role_name)
    }
}

async fn prove(portal: &Portal, request: &SignedRequest<'_>) -> Result<RoleSession, StsError> {
    match caller::prove(portal, request, "sts", |_| true).await? {
        Identity::Role(session) => Ok(session),
        _ => Err(StsError::UnknownKey),
    }
}

/// GetCallerIdentity.
pub(super) async fn identity(
    portal: &Portal,
    client: &Client,
    caller: &Caller,
) -> Result<Answer, StsError> {
    audit::record(portal, client, caller.event("GetCallerIdentity")).await?;
    Ok(Answer::CallerIdentity {
        arn: caller.arn.clone(),
        user_id: format!(
            "{}:{}",
            caller.session.iam_role_id, caller.session.session_name
        ),
        account: caller.session.account_id.clone(),
    })
}
