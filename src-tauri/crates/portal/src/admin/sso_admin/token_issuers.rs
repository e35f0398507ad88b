use serde_json::{Value, json};

use super::{applications::owner, arn, tags::read as read_tags};
use crate::{
    admin::{ApiError, Call, Input, Page},
    applications::{self, TokenIssuerChange, TrustedTokenIssuer},
    check,
};

/// CreateTrustedTokenIssuer.
pub(super) async fn create(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    arn::need_instance(call, input)?;
    let kind = input.text("TrustedTokenIssuerType")?;
    check::one_of("trustedTokenIssuerType", kind, &["OIDC_JWT"])?;
    let oidc = input
        .structure("TrustedTokenIssuerConfiguration")?
        .structure("OidcJwtConfiguration")?;
    retrieval(&oidc, oidc.text("JwksRetrievalOption")?)?;
    let tags = read_tags(input)?;
    let client_token = input.optional_text("ClientToken")?;
    let wanted = TrustedTokenIssuer {
        id: String::new(),
        name: input.text("Name")?.to_owned(),
        issuer_url: oidc.text("IssuerUrl")?.to_owned(),
        claim_attribute_path: oidc.text("ClaimAttributePath")?.to_owned(),
        identity_store_attribute_path: oidc.text("IdentityStoreAttributePath")?.to_owned(),
    };
    let created = call
        .perform(async |act| {
            applications::create_token_issuer(act, &wanted, client_token, &tags).await
        })
        .await?;
    let arn = arn::token_issuer(call, &owner(call).await?, &created.id);
    Ok(json!({ "TrustedTokenIssuerArn": arn }))
}

/// DescribeTrustedTokenIssuer.
pub(super) async fn describe(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let id = arn::token_issuer_id(call, input)?;
    let found = applications::need_token_issuer(call.portal.pool(), id).await?;
    Ok(json!({
        "TrustedTokenIssuerArn": arn::token_issuer(call, &owner(call).await?, &found.id),
        "Name": found.name,
        "TrustedTokenIssuerType": "OIDC_JWT",
        "TrustedTokenIssuerConfiguration": {
            "OidcJwtConfiguration": {
                "IssuerUrl": found.issuer_url,
                "ClaimAttributePath": found.claim_attribute_path,
                "IdentityStoreAttributePath": found.identity_store_attribute_path,
                "JwksRetrievalOption": "OPEN_ID_DISCOVERY",
            },
        },
    }))
}

/// UpdateTrustedTokenIssuer.
pub(super) async fn update(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let id = arn::token_issuer_id(call, input)?;
    let mut change = TokenIssuerChange {
        name: input.optional_text("Name")?,
        ..TokenIssuerChange::default()
    };
    if let Some(configuration) = input.optional_structure("TrustedTokenIssuerConfiguration")? {
        let oidc = configuration.structure("OidcJwtConfiguration")?;
        if let Some(option) = oidc.optional_text("JwksRetrievalOption")? {
            retrieval(&oidc, option)?;
        }
        change.claim_attribute_path = oidc.optional_text("ClaimAttributePath")?;
        change.identity_store_attribute_path = oidc.optional_text("IdentityStoreAttributePath")?;
    }
    call.perform(async |act| applications::update_token_issuer(act, id, &change).await)
        .await?;
    Ok(json!({}))
}

/// DeleteTrustedTokenIssuer.
pub(super) async fn delete(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let id = arn::token_issuer_id(call, input)?;
    call.perform(async |act| applications::delete_token_issuer(act, id).await)
        .await?;
    Ok(json!({}))
}

/// ListTrustedTokenIssuers.
pub(super) async fn list(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    arn::need_instance(call, input)?;
    let page = Page::of(call, input, 100)?;
    let pool = call.portal.pool();
    let found = applications::token_issuers(pool, &page.after, page.probe()).await?;
    let (found, next) = page.cut(call, found, |issuer| &issuer.id)?;
    let owner = owner(call).await?;
    let issuers: Value = found
        .iter()
        .map(|issuer| {
            json!({
                "TrustedTokenIssuerArn": arn::token_issuer(call, &owner, &issuer.id),
                "Name": issuer.name,
                "TrustedTokenIssuerType": "OIDC_JWT",
            })
        })
        .collect();
    Ok(json!({ "TrustedTokenIssuers": issuers, "NextToken": next }))
}

fn retrieval(oidc: &Input<'_>, option: &str) -> Result<(), ApiError> {
    let field = oidc.field("JwksRetrievalOption");
    Ok(check::one_of(&field, option, &["OPEN_ID_DISCOVERY"])?)
}
