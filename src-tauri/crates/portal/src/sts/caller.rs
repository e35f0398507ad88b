use super::{Answer, StsError};
use crate::{
    Portal,
    access::RoleSession,
    act::Identity,
    audit::{self, Event},
    caller,
    client::Client,
    rate_limit::Unproved,
    sigv4::SignedRequest,
};

/// What the audit trail calls STS.
pub(super) const EVENT_SOURCE: &str = "sts.amazonaws.com";

/// Who signed a request: proved.
#[derive(Debug)]
pub(super) struct Caller {
    identity: Identity,
    pub(super) arn: String,
    account_id: String,
}

impl Caller {
    /// The caller of `request`. A refusal is an event of the audit trail.
    pub(super) async fn of(
        portal: &Portal,
        client: &Client,
        request: &SignedRequest<'_>,
        action: &str,
    ) -> Result<Self, StsError> {
        match caller::prove(portal, request, "sts", |_| true).await {
            Ok(identity) => Self::named(portal, identity).await,
            Err(error) => {
                let limit = portal.rate_limit();
                let taken = limit.take_unproved(Unproved::Refusal, client, portal.now());
                taken.map_err(|_| StsError::Throttled)?;
                let error = StsError::from(error);
                let event = Event::new(EVENT_SOURCE, "Authenticate")
                    .detail(serde_json::json!({ "action": action }))
                    .refused(error.code().1, &error.to_string());
                audit::record(portal, client, event).await?;
                Err(error)
            }
        }
    }

    /// An administrator's key is to the portal what the root user is to an account.
    async fn named(portal: &Portal, identity: Identity) -> Result<Self, StsError> {
        let partition = &portal.config().partition;
        let (arn, account_id) = match &identity {
            Identity::Role(session) => (session.arn(partition), session.account_id.clone()),
            _ => {
                let owner = portal.instance().owner_account_id(portal.pool()).await?;
                (format!("arn:{partition}:iam::{owner}:root"), owner)
            }
        };
        Ok(Self {
            identity,
            arn,
            account_id,
        })
    }

    /// The role whose credentials signed: only from a role can another be taken.
    pub(super) fn role(&self) -> Result<&RoleSession, StsError> {
        match &self.identity {
            Identity::Role(session) => Ok(session),
            _ => {
                let text = "Roles may not be assumed by root accounts.";
                Err(StsError::AccessDenied(text.to_owned()))
            }
        }
    }

    /// An event about this caller.
    pub(super) fn event(&self, name: &'static str) -> Event {
        let event = Event::new(EVENT_SOURCE, name).by(&self.identity);
        match &self.identity {
            Identity::Role(session) => event.role(&session.account_id, &session.iam_role_name),
            _ => event,
        }
    }
}

/// GetCallerIdentity.
pub(super) async fn identity(
    portal: &Portal,
    client: &Client,
    caller: &Caller,
) -> Result<Answer, StsError> {
    audit::record(portal, client, caller.event("GetCallerIdentity")).await?;
    let user_id = match &caller.identity {
        Identity::Role(session) => format!("{}:{}", session.iam_role_id, session.session_name),
        _ => caller.account_id.clone(),
    };
    Ok(Answer::CallerIdentity {
        arn: caller.arn.clone(),
        user_id,
        account: caller.account_id.clone(),
    })
}
