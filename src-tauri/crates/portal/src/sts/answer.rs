use askama::Template;
use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use secrecy::ExposeSecret;
use time::macros::format_description;

use super::StsError;
use crate::access::IssuedCredentials;

/// What STS answers.
#[derive(Debug)]
pub(super) enum Answer {
    /// Who signed.
    CallerIdentity {
        arn: String,
        user_id: String,
        account: String,
    },
    /// Credentials of another role.
    AssumedRole {
        arn: String,
        assumed_role_id: String,
        source_identity: Option<String>,
        credentials: IssuedCredentials,
    },
}

#[derive(Template)]
#[template(path = "sts/get_caller_identity.xml")]
struct CallerIdentityXml<'a> {
    arn: &'a str,
    user_id: &'a str,
    account: &'a str,
    request_id: &'a str,
}

#[derive(Template)]
#[template(path = "sts/assume_role.xml")]
struct AssumeRoleXml<'a> {
    arn: &'a str,
    assumed_role_id: &'a str,
    source_identity: Option<&'a str>,
    access_key_id: &'a str,
    secret_access_key: &'a str,
    session_token: &'a str,
    expiration: String,
    request_id: &'a str,
}

impl Answer {
    pub(super) fn into_response(self, request_id: &str) -> Result<Response, StsError> {
        let body = match &self {
            Self::CallerIdentity {
                arn,
                user_id,
                account,
            } => CallerIdentityXml {
                arn,
                user_id,
                account,
                request_id,
            }
            .render()?,
            Self::AssumedRole {
                arn,
                assumed_role_id,
                source_identity,
                credentials,
            } => {
                let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
                let expiration = credentials.expires_at.format(format);
                let xml = AssumeRoleXml {
                    arn,
                    assumed_role_id,
                    source_identity: source_identity.as_deref(),
                    access_key_id: &credentials.access_key_id,
                    secret_access_key: credentials.secret_access_key.expose_secret(),
                    session_token: credentials.session_token.expose_secret(),
                    expiration: expiration.map_err(|error| StsError::Internal(error.into()))?,
                    request_id,
                };
                xml.render()?
            }
        };
        Ok(([(header::CONTENT_TYPE, "text/xml")], body).into_response())
    }
}
