//! Further roles in accounts, and the attributes for access control.

use std::collections::BTreeSet;

use time::Duration;

use super::{
    ApplyError, Role,
    apply::{About, Application, Kind},
};
use crate::access::{self, AccessControlAttribute, IamRole};

pub(super) async fn apply(to: &mut Application<'_, '_>) -> Result<(), ApplyError> {
    let declaration = to.declaration;
    if let Some(wanted) = &declaration.access_control_attributes {
        let wanted: Vec<AccessControlAttribute> = wanted
            .iter()
            .map(|(key, source)| AccessControlAttribute {
                key: key.clone(),
                source: source.clone(),
            })
            .collect();
        attributes(to, &wanted).await?;
    }
    if to.prunes(Kind::Roles) {
        remove_roles(to).await?;
    }
    for declared in &declaration.roles {
        role(to, declared).await?;
    }
    Ok(())
}

async fn attributes(
    to: &mut Application<'_, '_>,
    wanted: &[AccessControlAttribute],
) -> Result<(), ApplyError> {
    const SUBJECT: &str = "attributes for access control";
    let (sign, put) = match access::attributes(to.act.db()).await? {
        Some(found) if found == wanted => return Ok(()),
        Some(_) => ('~', access::update_attributes(to.act, wanted).await),
        None => ('+', access::create_attributes(to.act, wanted).await),
    };
    put.about(|| SUBJECT.to_owned())?;
    to.changed(sign, SUBJECT);
    Ok(())
}

fn account_id<'a>(to: &Application<'a, '_>, role: &Role) -> Result<&'a str, ApplyError> {
    let found = to.declaration.account_id(&role.account);
    found.ok_or_else(|| ApplyError::Undeclared {
        subject: format!("role {:?}", role.name),
        kind: "account",
        name: role.account.clone(),
    })
}

async fn remove_roles(to: &mut Application<'_, '_>) -> Result<(), ApplyError> {
    let mut declared = BTreeSet::new();
    for role in &to.declaration.roles {
        declared.insert((account_id(to, role)?, role.name.as_str()));
    }
    for role in access::iam_roles(to.act.db()).await? {
        if !declared.contains(&(role.account_id.as_str(), role.name.as_str())) {
            access::delete_iam_role(to.act, &role.account_id, &role.name).await?;
            to.changed('-', format!("role {} in {}", role.name, role.account_id));
        }
    }
    Ok(())
}

async fn role(to: &mut Application<'_, '_>, declared: &Role) -> Result<(), ApplyError> {
    let account_id = account_id(to, declared)?;
    let found = access::iam_role(to.act.db(), account_id, &declared.name).await?;
    let role_id = found.as_ref().map(|found| found.role_id.clone());
    let wanted = IamRole {
        account_id: account_id.to_owned(),
        name: declared.name.clone(),
        role_id: role_id.unwrap_or_default(),
        trusted_principal: declared.trusts.clone(),
        require_mfa: declared.require_mfa,
        external_id: declared.external_id.clone(),
        longest_session: Duration::hours(declared.session_hours),
    };
    if found.as_ref() == Some(&wanted) {
        return Ok(());
    }
    let sign = if found.is_some() { '~' } else { '+' };
    access::put_iam_role(to.act, &wanted).await?;
    to.changed(sign, format!("role {} in {account_id}", declared.name));
    Ok(())
}
