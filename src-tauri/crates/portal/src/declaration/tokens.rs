//! Trusted token issuers, and how applications get tokens for their users.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::AnyConnection;

use super::{
    ALL, Application as Declared, ApplyError, Scope, TokenIssuer, Tokens, TrustedIssuer,
    access::{as_tags, put_tags, tags_of},
    apply::{About, Application, Kind},
};
use crate::{
    Portal,
    access::AccessError,
    applications::{
        self, AccessScope, AuthorizedIssuer, Grant, TokenIssuerChange, TrustedTokenIssuer,
    },
};

/// What the file calls the instance as the target of a scope.
const INSTANCE: &str = "instance";

/// What the file calls the things that scopes and grants name by their ARNs.
pub(super) struct Names {
    instance: String,
    applications: Vec<Named>,
    issuers: Vec<Named>,
}

/// An application by its name, or a token issuer by its URL.
struct Named {
    name: String,
    id: String,
    arn: String,
}

impl Names {
    pub(super) async fn read(portal: &Portal, db: &mut AnyConnection) -> Result<Self, sqlx::Error> {
        let instance = portal.instance();
        let partition = &portal.config().partition;
        let owner = instance.owner_account_id(&mut *db).await?;
        let named = |kind, name, id: String| Named {
            name,
            arn: instance.arn_of(partition, &owner, kind, &id),
            id,
        };
        let applications = super::applications::all(&mut *db).await?.into_iter();
        let issuers = applications::token_issuers(db, "", ALL).await?.into_iter();
        Ok(Self {
            instance: instance.arn(partition),
            applications: applications
                .map(|found| named("application", found.name, found.id))
                .collect(),
            issuers: issuers
                .map(|found| named("trustedTokenIssuer", found.issuer_url, found.id))
                .collect(),
        })
    }

    /// The one application of this name.
    fn application(&self, name: &str) -> Option<&Named> {
        let mut called = self.applications.iter().filter(|one| one.name == name);
        called.next().filter(|_| called.next().is_none())
    }

    /// The grant without what has been deleted; none if nothing is left of it.
    fn present(&self, grant: Grant) -> Option<Grant> {
        let Grant::JwtBearer { issuers } = grant else {
            return Some(grant);
        };
        let present = |issuer: AuthorizedIssuer| {
            let named = of_arn(&self.issuers, &issuer.issuer_arn)?;
            Some(AuthorizedIssuer {
                issuer_arn: named.arn.clone(),
                ..issuer
            })
        };
        let issuers = Vec::from_iter(issuers.into_iter().filter_map(present));
        (!issuers.is_empty()).then_some(Grant::JwtBearer { issuers })
    }

    /// What the file calls the issuer or leaves as an ARN.
    fn issuer(&self, arn: String) -> String {
        of_arn(&self.issuers, &arn).map_or(arn, |named| named.name.clone())
    }

    /// What the file calls the target of a scope: an ARN elsewhere stays one.
    fn target(&self, arn: &str) -> String {
        if resource(arn) == resource(&self.instance) {
            return INSTANCE.to_owned();
        }
        let named = of_arn(&self.applications, arn);
        named.map_or_else(|| arn.to_owned(), |named| subject(&named.name))
    }

    /// The ARN of what the file calls so; none if nothing, or more than one thing, is.
    fn target_arn(&self, target: &str) -> Option<String> {
        match target.strip_prefix("application ") {
            Some(name) => Some(self.application(name)?.arn.clone()),
            None if target == INSTANCE => Some(self.instance.clone()),
            None => target.starts_with("arn:").then(|| target.to_owned()),
        }
    }
}

/// What of these an ARN names. Its account may have been another: that of the organization that
/// came later.
fn of_arn<'a>(all: &'a [Named], arn: &str) -> Option<&'a Named> {
    all.iter().find(|one| resource(&one.arn) == resource(arn))
}

/// Creates, changes and prunes issuers, before what names them.
pub(super) async fn issuers(to: &mut Application<'_, '_>) -> Result<(), ApplyError> {
    let line = |url: &String| format!("token issuer {url}");
    let found = applications::token_issuers(to.act.db(), "", ALL).await?;
    let present = found.into_iter().map(|one| (one.issuer_url.clone(), one));
    let mut present = BTreeMap::from_iter(present);
    for declared in &to.declaration.token_issuers {
        let about = || line(&declared.issuer_url);
        match present.remove(&declared.issuer_url) {
            None => {
                let wanted = TrustedTokenIssuer {
                    id: String::new(),
                    name: declared.name.clone(),
                    issuer_url: declared.issuer_url.clone(),
                    claim_attribute_path: declared.claim_attribute_path.clone(),
                    identity_store_attribute_path: declared.identity_store_attribute_path.clone(),
                };
                let tags = as_tags(&declared.tags);
                let created = applications::create_token_issuer(to.act, &wanted, None, &tags).await;
                created.about(about)?;
                to.changed('+', about());
            }
            Some(found) => {
                let updated = update_issuer(to, &found, declared).await;
                if updated.about(about)? {
                    to.changed('~', about());
                }
            }
        }
    }
    if to.prunes(Kind::TokenIssuers) {
        for (url, extra) in present {
            let deleted = applications::delete_token_issuer(to.act, &extra.id).await;
            deleted.about(|| line(&url))?;
            to.changed('-', line(&url));
        }
    }
    Ok(())
}

/// Every trusted token issuer as the file has it, by its URL.
pub(super) async fn declared_issuers(
    db: &mut AnyConnection,
) -> Result<Vec<TokenIssuer>, sqlx::Error> {
    let mut all = BTreeMap::new();
    for found in applications::token_issuers(&mut *db, "", ALL).await? {
        let declared = TokenIssuer {
            name: found.name,
            issuer_url: found.issuer_url.clone(),
            claim_attribute_path: found.claim_attribute_path,
            identity_store_attribute_path: found.identity_store_attribute_path,
            tags: tags_of(&mut *db, &found.id).await?,
        };
        all.insert(found.issuer_url, declared);
    }
    Ok(all.into_values().collect())
}

/// Gives every declared application exactly the declared grants, scopes and actor policy: now that
/// all of them are there, for a scope may name another.
pub(super) async fn apply(to: &mut Application<'_, '_>) -> Result<(), ApplyError> {
    let portal = to.act.portal();
    let names = Names::read(portal, to.act.db()).await?;
    for declared in &to.declaration.applications {
        let found = names.application(&declared.name);
        let Named { id, .. } =
            found.ok_or_else(|| unknown(declared, "application", &declared.name))?;
        actor_policy(to, declared, id).await?;
        grants(to, &names, declared, id).await?;
        scopes(to, &names, declared, id).await?;
    }
    Ok(())
}

/// How an application gets tokens, as the file has it.
pub(super) async fn declared(
    db: &mut AnyConnection,
    names: &Names,
    id: &str,
) -> Result<Tokens, AccessError> {
    let mut tokens = Tokens {
        actor_policy: policy(&mut *db, id).await?,
        ..Tokens::default()
    };
    for grant in applications::grants(&mut *db, id).await? {
        match names.present(grant) {
            None => {}
            Some(Grant::AuthorizationCode { redirect_uris }) => {
                tokens.redirect_uris = redirect_uris
            }
            Some(Grant::RefreshToken) => tokens.refresh = true,
            Some(Grant::TokenExchange) => tokens.exchange = true,
            Some(Grant::JwtBearer { issuers }) => {
                let trusted = |issuer: AuthorizedIssuer| TrustedIssuer {
                    url: names.issuer(issuer.issuer_arn),
                    audiences: issuer.audiences,
                };
                tokens.issuers = issuers.into_iter().map(trusted).collect();
            }
        }
    }
    for found in applications::access_scopes(db, id, "", ALL).await? {
        let targets = found.authorized_targets.iter();
        tokens.scopes.push(Scope {
            name: found.scope,
            targets: targets.map(|arn| names.target(arn)).collect(),
        });
    }
    tokens.scopes.sort();
    Ok(tokens)
}

/// What an ARN says behind the partition, the service, the region and the account.
fn resource(arn: &str) -> &str {
    arn.splitn(6, ':').nth(5).unwrap_or_default()
}

fn subject(application: &str) -> String {
    format!("application {application}")
}

fn unknown(declared: &Declared, kind: &'static str, name: &str) -> ApplyError {
    ApplyError::Unknown {
        subject: subject(&declared.name),
        kind,
        name: name.to_owned(),
    }
}

/// Returns whether it was another.
async fn update_issuer(
    to: &mut Application<'_, '_>,
    found: &TrustedTokenIssuer,
    declared: &TokenIssuer,
) -> Result<bool, AccessError> {
    let same = found.name == declared.name
        && found.claim_attribute_path == declared.claim_attribute_path
        && found.identity_store_attribute_path == declared.identity_store_attribute_path;
    if !same {
        let change = TokenIssuerChange {
            name: Some(&declared.name),
            claim_attribute_path: Some(&declared.claim_attribute_path),
            identity_store_attribute_path: Some(&declared.identity_store_attribute_path),
        };
        applications::update_token_issuer(to.act, &found.id, &change).await?;
    }
    Ok(put_tags(to.act, &found.id, &declared.tags).await? || !same)
}

async fn policy(db: &mut AnyConnection, id: &str) -> Result<Option<String>, AccessError> {
    let policy = applications::actor_policy(db, id).await?;
    Ok(policy.map(|policy| policy.to_string()))
}

async fn actor_policy(
    to: &mut Application<'_, '_>,
    declared: &Declared,
    id: &str,
) -> Result<(), ApplyError> {
    let line = || format!("actor policy of {}", subject(&declared.name));
    let found = applications::actor_policy(to.act.db(), id).await;
    let found = found.about(line)?;
    let wanted = declared.tokens.actor_policy.as_deref();
    let wanted = wanted.map(serde_json::from_str).transpose();
    let wanted = wanted.map_err(|error| ApplyError::Refused {
        subject: line(),
        problem: error.to_string(),
    })?;
    if found == wanted {
        return Ok(());
    }
    let put = match &wanted {
        None => applications::delete_actor_policy(to.act, id).await,
        Some(policy) => applications::put_actor_policy(to.act, id, policy).await,
    };
    put.about(line)?;
    let sign = match (found, wanted) {
        (None, _) => '+',
        (_, None) => '-',
        _ => '~',
    };
    to.changed(sign, line());
    Ok(())
}

async fn grants(
    to: &mut Application<'_, '_>,
    names: &Names,
    declared: &Declared,
    id: &str,
) -> Result<(), ApplyError> {
    let line = |kind: &str| format!("grant {kind} of {}", subject(&declared.name));
    let found = applications::grants(to.act.db(), id).await?;
    let found = found.into_iter();
    let mut found: BTreeMap<_, _> = found
        .map(|grant| (grant.grant_type(), names.present(grant)))
        .collect();
    for wanted in wanted_grants(names, declared)? {
        let kind = wanted.grant_type();
        let sign = match found.remove(kind) {
            Some(Some(found)) if found == wanted => continue,
            Some(Some(_)) => '~',
            Some(None) | None => '+',
        };
        let put = applications::put_grant(to.act, id, &wanted).await;
        put.about(|| line(kind))?;
        to.changed(sign, line(kind));
    }
    for extra in found.into_keys() {
        let deleted = applications::delete_grant(to.act, id, extra).await;
        deleted.about(|| line(extra))?;
        to.changed('-', line(extra));
    }
    Ok(())
}

fn wanted_grants(names: &Names, declared: &Declared) -> Result<Vec<Grant>, ApplyError> {
    let tokens = &declared.tokens;
    let mut wanted = Vec::new();
    if !tokens.redirect_uris.is_empty() {
        let redirect_uris = tokens.redirect_uris.clone();
        wanted.push(Grant::AuthorizationCode { redirect_uris });
    }
    if tokens.refresh {
        wanted.push(Grant::RefreshToken);
    }
    if tokens.exchange {
        wanted.push(Grant::TokenExchange);
    }
    let mut issuers = Vec::new();
    for TrustedIssuer { url, audiences } in &tokens.issuers {
        let found = names.issuers.iter().find(|one| one.name == *url);
        let found = found.ok_or_else(|| unknown(declared, "token issuer", url))?;
        issuers.push(AuthorizedIssuer {
            issuer_arn: found.arn.clone(),
            audiences: audiences.clone(),
        });
    }
    if !issuers.is_empty() {
        wanted.push(Grant::JwtBearer { issuers });
    }
    Ok(wanted)
}

async fn scopes(
    to: &mut Application<'_, '_>,
    names: &Names,
    declared: &Declared,
    id: &str,
) -> Result<(), ApplyError> {
    let line = |name: &str| format!("scope {name} of {}", subject(&declared.name));
    let found = applications::access_scopes(to.act.db(), id, "", ALL).await?;
    let wanted: BTreeSet<&String> = declared.tokens.scopes.iter().map(|one| &one.name).collect();
    for extra in found.iter().filter(|one| !wanted.contains(&one.scope)) {
        let deleted = applications::delete_access_scope(to.act, id, &extra.scope).await;
        deleted.about(|| line(&extra.scope))?;
        to.changed('-', line(&extra.scope));
    }
    for Scope { name, targets } in &declared.tokens.scopes {
        let arn = |target: &String| {
            names.target_arn(target).ok_or_else(|| ApplyError::Refused {
                subject: line(name),
                problem: format!(
                    "the target {target:?} is neither `instance` nor `application NAME` of \
                         the only one called so, nor an ARN"
                ),
            })
        };
        let wanted = AccessScope {
            scope: name.clone(),
            authorized_targets: targets.iter().map(arn).collect::<Result<_, _>>()?,
        };
        let found = found.iter().find(|found| found.scope == *name);
        let targets_of = |found: &AccessScope| {
            let targets = found.authorized_targets.iter();
            Vec::from_iter(targets.map(|arn| names.target(arn)))
        };
        let sign = match found {
            Some(found) if targets_of(found) == targets_of(&wanted) => continue,
            Some(_) => '~',
            None => '+',
        };
        let put = applications::put_access_scope(to.act, id, &wanted).await;
        put.about(|| line(name))?;
        to.changed(sign, line(name));
    }
    Ok(())
}
