use serde_json::{Value, json};

use super::arn;
use crate::{
    admin::{ApiError, Call, Input, Page},
    applications::{self, AuthorizedIssuer, Grant},
    check::{self, Constraint, Invalid},
};

/// PutApplicationGrant.
pub(super) async fn put(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let id = arn::application_id(call, input)?;
    let kind = grant_type(input)?;
    let grant = read(call, &input.structure("Grant")?)?;
    if grant.grant_type() != kind {
        let constraint = Constraint::Other(format!("Member must be the grant {kind}"));
        return Err(Invalid::new("grant", grant.grant_type(), constraint).into());
    }
    call.perform(async |act| applications::put_grant(act, id, &grant).await)
        .await?;
    Ok(json!({}))
}

/// GetApplicationGrant.
pub(super) async fn get(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let kind = grant_type(input)?;
    let grants = of_application(call, input).await?;
    let found = grants.iter().find(|grant| grant.grant_type() == kind);
    let found = found.ok_or_else(|| applications::no_grant(kind))?;
    Ok(json!({ "Grant": json_of(found) }))
}

/// DeleteApplicationGrant.
pub(super) async fn delete(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let id = arn::application_id(call, input)?;
    let kind = grant_type(input)?;
    call.perform(async |act| applications::delete_grant(act, id, kind).await)
        .await?;
    Ok(json!({}))
}

/// ListApplicationGrants: one of each type at most.
pub(super) async fn list(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    Page::of(call, input, 100)?;
    let grants = of_application(call, input).await?;
    let grants: Value = grants
        .iter()
        .map(|grant| json!({ "GrantType": grant.grant_type(), "Grant": json_of(grant) }))
        .collect();
    Ok(json!({ "Grants": grants }))
}

async fn of_application(call: &Call<'_>, input: &Input<'_>) -> Result<Vec<Grant>, ApiError> {
    let id = arn::application_id(call, input)?;
    applications::need_application(call.portal.pool(), id).await?;
    Ok(applications::grants(call.portal.pool(), id).await?)
}

fn grant_type<'a>(input: &Input<'a>) -> Result<&'a str, ApiError> {
    let kind = input.text("GrantType")?;
    check::one_of("grantType", kind, Grant::TYPES)?;
    Ok(kind)
}

fn read(call: &Call<'_>, grant: &Input<'_>) -> Result<Grant, ApiError> {
    if let Some(code) = grant.optional_structure("AuthorizationCode")? {
        let uris = code.texts("RedirectUris")?;
        let redirect_uris = uris.into_iter().map(str::to_owned).collect();
        return Ok(Grant::AuthorizationCode { redirect_uris });
    }
    if let Some(bearer) = grant.optional_structure("JwtBearer")? {
        let issuers = bearer.structures("AuthorizedTokenIssuers")?;
        let issuers: Result<_, ApiError> = issuers.iter().map(|one| issuer(call, one)).collect();
        return Ok(Grant::JwtBearer { issuers: issuers? });
    }
    if grant.optional_structure("RefreshToken")?.is_some() {
        return Ok(Grant::RefreshToken);
    }
    if grant.optional_structure("TokenExchange")?.is_some() {
        return Ok(Grant::TokenExchange);
    }
    let problem = "Member must be one of AuthorizationCode, JwtBearer, RefreshToken, TokenExchange";
    let constraint = Constraint::Other(problem.to_owned());
    Err(Invalid::new("grant", "", constraint).into())
}

fn issuer(call: &Call<'_>, input: &Input<'_>) -> Result<AuthorizedIssuer, ApiError> {
    arn::token_issuer_id(call, input)?;
    let audiences = input
        .optional_texts("AuthorizedAudiences")?
        .unwrap_or_default();
    Ok(AuthorizedIssuer {
        issuer_arn: input.text("TrustedTokenIssuerArn")?.to_owned(),
        audiences: audiences.into_iter().map(str::to_owned).collect(),
    })
}

fn json_of(grant: &Grant) -> Value {
    match grant {
        Grant::AuthorizationCode { redirect_uris } => {
            json!({ "AuthorizationCode": { "RedirectUris": redirect_uris } })
        }
        Grant::JwtBearer { issuers } => {
            let issuers: Value = issuers
                .iter()
                .map(|issuer| {
                    json!({
                        "TrustedTokenIssuerArn": issuer.issuer_arn,
                        "AuthorizedAudiences": issuer.audiences,
                    })
                })
                .collect();
            json!({ "JwtBearer": { "AuthorizedTokenIssuers": issuers } })
        }
        Grant::RefreshToken => json!({ "RefreshToken": {} }),
        Grant::TokenExchange => json!({ "TokenExchange": {} }),
    }
}
