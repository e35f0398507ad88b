use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::{Any, Executor, Row, any::AnyRow};

use super::{application::need, token_issuers};
use crate::{
    access::{AccessError, EVENT_SOURCE},
    act::Act,
    audit::Event,
    check::{self, Invalid},
};

/// How an application gets tokens for its users, and on what terms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Grant {
    /// For a code that a browser brought.
    AuthorizationCode {
        /// Where the code may be brought to.
        redirect_uris: Vec<String>,
    },
    /// For another issuer's token.
    JwtBearer {
        /// Whose, and made out to whom.
        issuers: Vec<AuthorizedIssuer>,
    },
    /// For a refresh token.
    RefreshToken,
    /// For another application's token.
    TokenExchange,
}

/// A trusted token issuer whose tokens an application may bring.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizedIssuer {
    /// The issuer's ARN.
    pub issuer_arn: String,
    /// Whom the tokens are made out to.
    pub audiences: Vec<String>,
}

impl Grant {
    /// Every type's name.
    pub const TYPES: &'static [&'static str] = &[
        "authorization_code",
        "refresh_token",
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "urn:ietf:params:oauth:grant-type:token-exchange",
    ];

    /// OAuth's name of its type.
    pub fn grant_type(&self) -> &'static str {
        match self {
            Self::AuthorizationCode { .. } => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::JwtBearer { .. } => "urn:ietf:params:oauth:grant-type:jwt-bearer",
            Self::TokenExchange => "urn:ietf:params:oauth:grant-type:token-exchange",
        }
    }

    fn check(&self) -> Result<(), Invalid> {
        match self {
            Self::AuthorizationCode { redirect_uris } => {
                let field = "grant.authorizationCode.redirectUris";
                check::count(field, "", redirect_uris.len(), 1..=10)
            }
            Self::JwtBearer { issuers } => {
                let field = "grant.jwtBearer.authorizedTokenIssuers";
                check::count(field, "", issuers.len(), 1..=10)?;
                let field = format!("{field}.authorizedAudiences");
                for AuthorizedIssuer { audiences, .. } in issuers {
                    check::count(&field, "", audiences.len(), 0..=10)?;
                    for audience in audiences {
                        check::length(&field, audience, 1..=512)?;
                    }
                }
                Ok(())
            }
            Self::RefreshToken | Self::TokenExchange => Ok(()),
        }
    }
}

/// PutApplicationGrant: replaces the grant of the same type.
pub async fn put_grant(act: &mut Act<'_>, id: &str, grant: &Grant) -> Result<(), AccessError> {
    grant.check()?;
    need(act.db(), id).await?;
    if let Grant::JwtBearer { issuers } = grant {
        for issuer in issuers {
            let issuer_id = issuer.issuer_arn.rsplit('/').next().unwrap_or_default();
            token_issuers::need(act.db(), issuer_id).await?;
        }
    }
    sqlx::query(
        "INSERT INTO application_grants (application_id, grant_type, settings) \
         VALUES ($1, $2, $3) ON CONFLICT (application_id, grant_type) DO UPDATE SET \
         settings = excluded.settings",
    )
    .bind(id)
    .bind(grant.grant_type())
    .bind(json!(grant).to_string())
    .execute(act.db())
    .await?;
    let parameters =
        json!({ "applicationId": id, "grantType": grant.grant_type(), "grant": grant });
    act.record(Event::new(EVENT_SOURCE, "PutApplicationGrant").parameters(parameters));
    Ok(())
}

/// DeleteApplicationGrant.
pub async fn delete_grant(
    act: &mut Act<'_>,
    id: &str,
    grant_type: &str,
) -> Result<(), AccessError> {
    need(act.db(), id).await?;
    let removed =
        sqlx::query("DELETE FROM application_grants WHERE application_id = $1 AND grant_type = $2")
            .bind(id)
            .bind(grant_type)
            .execute(act.db())
            .await?;
    if removed.rows_affected() == 0 {
        return Err(no_grant(grant_type));
    }
    let parameters = json!({ "applicationId": id, "grantType": grant_type });
    act.record(Event::new(EVENT_SOURCE, "DeleteApplicationGrant").parameters(parameters));
    Ok(())
}

/// The grants of an application, by type.
pub async fn grants(
    db: impl Executor<'_, Database = Any>,
    id: &str,
) -> Result<Vec<Grant>, sqlx::Error> {
    sqlx::query(
        "SELECT settings FROM application_grants WHERE application_id = $1 ORDER BY grant_type",
    )
    .bind(id)
    .try_map(|row: AnyRow| {
        let settings: String = row.try_get("settings")?;
        serde_json::from_str(&settings).map_err(|error| sqlx::Error::Decode(error.into()))
    })
    .fetch_all(db)
    .await
}

/// The refusal that an application has no such grant.
pub(crate) fn no_grant(grant_type: &str) -> AccessError {
    AccessError::no("Grant", grant_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuers_tokens_are_made_out_to_ten_at_most() {
        let grant = |audiences: usize| Grant::JwtBearer {
            issuers: vec![AuthorizedIssuer {
                issuer_arn: "arn:aws:sso::111122223333:trustedTokenIssuer/x/tti-1".to_owned(),
                audiences: vec!["wiki".to_owned(); audiences],
            }],
        };
        assert!(grant(0).check().is_ok() && grant(10).check().is_ok());
        assert!(grant(11).check().is_err());
    }
}
