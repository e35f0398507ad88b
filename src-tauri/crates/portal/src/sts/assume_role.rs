//! AssumeRole: from one role to another (role chaining).

use std::collections::BTreeMap;

use serde_json::json;
use time::Duration;

use super::{Answer, Parameters, StsError, caller::Caller};
use crate::{
    Portal,
    access::{self, IamRole, RoleSession},
    audit,
    client::Client,
    directory::{self, User},
    mfa::{self, Attempt, Subject},
};

const SHORTEST: Duration = Duration::minutes(15);
/// The longest chained session, and the length of one that was not told.
const CHAINED: Duration = Duration::hours(1);
const MOST_TAGS: usize = 50;

/// What is asked for.
struct Asked<'a> {
    role_arn: &'a str,
    session_name: &'a str,
    duration: Duration,
    external_id: Option<&'a str>,
    source_identity: Option<&'a str>,
    /// Session tags.
    tags: BTreeMap<&'a str, &'a str>,
    /// Serial number and code of the second factor.
    factor: Option<(&'a str, &'a str)>,
}

/// AssumeRole.
pub(super) async fn answer(
    portal: &Portal,
    client: &Client,
    caller: &Caller,
    parameters: &Parameters,
) -> Result<Answer, StsError> {
    let asked = Asked::read(parameters)?;
    let event = caller.event("AssumeRole").detail(asked.detail());
    match assume(portal, client, caller, &asked).await {
        Ok(answer) => {
            audit::record(portal, client, event).await?;
            Ok(answer)
        }
        Err(error) => {
            let event = event.refused(error.code().1, &error.to_string());
            audit::record(portal, client, event).await?;
            Err(error)
        }
    }
}

async fn assume(
    portal: &Portal,
    client: &Client,
    caller: &Caller,
    asked: &Asked<'_>,
) -> Result<Answer, StsError> {
    let partition = &portal.config().partition;
    let own = caller.role()?;
    // Whether a role exists is told to nobody it does not trust.
    let denied = || {
        StsError::AccessDenied(format!(
            "User: {} is not authorized to perform: sts:AssumeRole on resource: {}",
            caller.arn, asked.role_arn
        ))
    };
    // Otherwise whoever was let go could pass from role to role for ever.
    let user = directory::user(portal.pool(), &own.user_id).await?;
    let user = user.filter(|user| user.enabled).ok_or_else(denied)?;
    let role = find(portal, asked.role_arn).await?.ok_or_else(denied)?;
    let knows_external_id = role
        .external_id
        .as_deref()
        .is_none_or(|expected| asked.external_id == Some(expected));
    if !role.trusts(&names_of(own, partition)) || !knows_external_id {
        return Err(denied());
    }
    let second_factor = match asked.factor {
        Some((serial, code)) => prove_factor(portal, client, &user, serial, code).await?,
        None => false,
    };
    if role.require_mfa && !second_factor {
        return Err(denied());
    }
    if asked.duration > role.longest_session {
        return Err(StsError::Invalid(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
                .to_owned(),
        ));
    }
    let session = RoleSession {
        account_id: role.account_id,
        iam_role_name: role.name,
        iam_role_id: role.role_id,
        session_name: asked.session_name.to_owned(),
        user_id: own.user_id.clone(),
        second_factor,
        chained: true,
        tags: owned(&asked.tags),
    };
    let arn = session.arn(partition);
    let assumed_role_id = format!("{}:{}", session.iam_role_id, session.session_name);
    let credentials = access::issue(portal, session, asked.duration)?;
    Ok(Answer::AssumedRole {
        arn,
        assumed_role_id,
        source_identity: asked.source_identity.map(str::to_owned),
        credentials,
    })
}

impl<'a> Asked<'a> {
    fn read(parameters: &'a Parameters) -> Result<Self, StsError> {
        let session_name = parameters.need("RoleSessionName")?;
        let source_identity = parameters.get("SourceIdentity");
        for (parameter, name) in [
            ("RoleSessionName", Some(session_name)),
            ("SourceIdentity", source_identity),
        ] {
            if name.is_some_and(|name| !is_name(name)) {
                let message = format!("{parameter} must have 2 to 64 characters of [\\w+=,.@-]");
                return Err(StsError::Invalid(message));
            }
        }
        let seconds = parameters
            .get("DurationSeconds")
            .map(str::parse::<i64>)
            .transpose();
        let seconds = seconds.map_err(|_| invalid("DurationSeconds must be a number"))?;
        let duration = seconds.map_or(CHAINED, Duration::seconds);
        if duration < SHORTEST {
            return Err(invalid("DurationSeconds must be at least 900"));
        }
        if duration > CHAINED {
            return Err(invalid(
                "The requested DurationSeconds exceeds the 1 hour session limit for roles \
                 assumed by role chaining",
            ));
        }
        let factor = match (parameters.get("SerialNumber"), parameters.get("TokenCode")) {
            (Some(serial), Some(code)) => Some((serial, code)),
            (None, None) => None,
            _ => return Err(invalid("SerialNumber and TokenCode must come together")),
        };
        Ok(Self {
            role_arn: parameters.need("RoleArn")?,
            session_name,
            duration,
            external_id: parameters.get("ExternalId"),
            source_identity,
            tags: tags(parameters)?,
            factor,
        })
    }

    /// What the audit trail says of it.
    fn detail(&self) -> serde_json::Value {
        json!({
            "roleArn": self.role_arn,
            "roleSessionName": self.session_name,
            "durationSeconds": self.duration.whole_seconds(),
            "externalId": self.external_id,
            "sourceIdentity": self.source_identity,
            "tags": self.tags,
            "serialNumber": self.factor.map(|(serial, _)| serial),
        })
    }
}

/// `Tags.member.1.Key`, `Tags.member.1.Value` and so on.
fn tags(parameters: &Parameters) -> Result<BTreeMap<&str, &str>, StsError> {
    let tag = |number: usize| {
        let key = parameters.get(&format!("Tags.member.{number}.Key"))?;
        let value = parameters.get(&format!("Tags.member.{number}.Value"));
        Some((key, value.unwrap_or_default()))
    };
    let tags: Vec<_> = (1..=MOST_TAGS + 1).map_while(tag).collect();
    if tags.len() > MOST_TAGS {
        return Err(invalid("Tags must have 50 members at most"));
    }
    if tags.iter().any(|(key, _)| key.starts_with("aws:")) {
        return Err(invalid("Tag keys beginning with aws: are reserved"));
    }
    let is_long =
        |(key, value): &(&str, &str)| key.chars().count() > 128 || value.chars().count() > 256;
    if tags.iter().any(is_long) {
        return Err(invalid(
            "Tags must have keys of 128 and values of 256 characters at most",
        ));
    }
    Ok(tags.into_iter().collect())
}

fn owned(tags: &BTreeMap<&str, &str>) -> BTreeMap<String, String> {
    tags.iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}

fn is_name(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    (2..=64).contains(&text.len()) && text.chars().all(allowed)
}

/// The role of an ARN such as `arn:aws:iam::111122223333:role/Deploy`.
async fn find(portal: &Portal, arn: &str) -> Result<Option<IamRole>, StsError> {
    let prefix = format!("arn:{}:iam::", portal.config().partition);
    let named = arn
        .strip_prefix(&prefix)
        .and_then(|rest| rest.split_once(":role/"));
    match named {
        Some((account_id, name)) => Ok(access::iam_role(portal.pool(), account_id, name).await?),
        None => Ok(None),
    }
}

/// What a trust policy may call the caller: the session, its role, or its account.
fn names_of(session: &RoleSession, partition: &str) -> [String; 3] {
    let RoleSession {
        account_id,
        iam_role_name,
        ..
    } = session;
    let path = match iam_role_name.starts_with("AWSReservedSSO_") {
        true => "aws-reserved/sso.amazonaws.com/",
        false => "",
    };
    [
        session.arn(partition),
        format!("arn:{partition}:iam::{account_id}:role/{path}{iam_role_name}"),
        format!("arn:{partition}:iam::{account_id}:root"),
    ]
}

/// Takes the code of the authenticator app of the user behind the caller. Its serial number is
/// `arn:aws:iam::ACCOUNT:mfa/USER`.
async fn prove_factor(
    portal: &Portal,
    client: &Client,
    user: &User,
    serial: &str,
    code: &str,
) -> Result<bool, StsError> {
    let attempt = Attempt::begin(portal, Subject::Code(&user.id), client.address).await?;
    let is_own = serial
        .rsplit_once(":mfa/")
        .is_some_and(|(_, name)| name == user.user_name);
    if is_own && attempt.is_allowed() && mfa::verify_totp(portal, &user.id, code).await? {
        attempt.succeeded(portal).await?;
        return Ok(true);
    }
    Err(StsError::AccessDenied(
        "MultiFactorAuthentication failed with invalid MFA one time pass code.".to_owned(),
    ))
}

fn invalid(message: &str) -> StsError {
    StsError::Invalid(message.to_owned())
}
