use serde_json::{Value, json};

use super::arn;
use crate::{
    access::{self, CustomerPolicy, Policy},
    admin::{ApiError, Call, Input, Page},
    check::{Constraint, Invalid},
};

/// AttachManagedPolicyToPermissionSet.
pub(super) async fn attach_managed(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let id = arn::permission_set_id(call, input)?;
    let policy = input.text("ManagedPolicyArn")?;
    call.perform(async |act| access::attach_managed_policy(act, id, policy).await)
        .await?;
    Ok(json!({}))
}

/// DetachManagedPolicyFromPermissionSet.
pub(super) async fn detach_managed(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let id = arn::permission_set_id(call, input)?;
    let policy = input.text("ManagedPolicyArn")?;
    call.perform(async |act| access::detach_managed_policy(act, id, policy).await)
        .await?;
    Ok(json!({}))
}

/// ListManagedPoliciesInPermissionSet.
pub(super) async fn list_managed(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let page = Page::of(call, input, 100)?;
    let policies = policies(call, input).await?;
    let arns = policies.into_iter().filter_map(|policy| match policy {
        Policy::Managed(arn) if arn > page.after => Some(arn),
        _ => None,
    });
    let (arns, next) = page.cut(call, arns.collect(), |arn| arn)?;
    let attached: Value = arns
        .iter()
        .map(|arn| {
            let (_, name) = arn.rsplit_once('/').unwrap_or(("", arn));
            json!({ "Name": name, "Arn": arn })
        })
        .collect();
    Ok(json!({ "AttachedManagedPolicies": attached, "NextToken": next }))
}

/// AttachCustomerManagedPolicyReferenceToPermissionSet.
pub(super) async fn attach_customer(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let id = arn::permission_set_id(call, input)?;
    let policy = reference(&input.structure("CustomerManagedPolicyReference")?)?;
    call.perform(async |act| access::attach_customer_policy(act, id, &policy).await)
        .await?;
    Ok(json!({}))
}

/// DetachCustomerManagedPolicyReferenceFromPermissionSet.
pub(super) async fn detach_customer(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let id = arn::permission_set_id(call, input)?;
    let policy = reference(&input.structure("CustomerManagedPolicyReference")?)?;
    call.perform(async |act| access::detach_customer_policy(act, id, &policy).await)
        .await?;
    Ok(json!({}))
}

/// ListCustomerManagedPolicyReferencesInPermissionSet.
pub(super) async fn list_customer(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let page = Page::of(call, input, 100)?;
    let policies = policies(call, input).await?;
    let after = CustomerPolicy::parse(&page.after);
    let references = policies.into_iter().filter_map(|policy| match policy {
        Policy::Customer(policy) if page.after.is_empty() || policy > after => {
            Some((policy.full_name(), policy))
        }
        _ => None,
    });
    let (references, next) = page.cut(call, references.collect(), |(name, _)| name)?;
    let references: Value = references
        .iter()
        .map(|(_, policy)| json_of(policy))
        .collect();
    Ok(json!({ "CustomerManagedPolicyReferences": references, "NextToken": next }))
}

/// PutInlinePolicyToPermissionSet.
pub(super) async fn put_inline(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let id = arn::permission_set_id(call, input)?;
    let document = input.text("InlinePolicy")?;
    call.perform(async |act| access::put_inline_policy(act, id, document).await)
        .await?;
    Ok(json!({}))
}

/// GetInlinePolicyForPermissionSet: `""` without one, as AWS answers.
pub(super) async fn get_inline(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let inline = policies(call, input)
        .await?
        .into_iter()
        .find_map(|policy| match policy {
            Policy::Inline(document) => Some(document),
            _ => None,
        });
    Ok(json!({ "InlinePolicy": inline.unwrap_or_default() }))
}

/// DeleteInlinePolicyFromPermissionSet.
pub(super) async fn delete_inline(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let id = arn::permission_set_id(call, input)?;
    call.perform(async |act| access::delete_inline_policy(act, id).await)
        .await?;
    Ok(json!({}))
}

/// PutPermissionsBoundaryToPermissionSet.
pub(super) async fn put_boundary(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let id = arn::permission_set_id(call, input)?;
    let boundary = input.structure("PermissionsBoundary")?;
    let managed = boundary.optional_text("ManagedPolicyArn")?;
    let customer = boundary.optional_structure("CustomerManagedPolicyReference")?;
    let policy = match (managed, customer) {
        (Some(arn), None) => Policy::ManagedBoundary(arn.to_owned()),
        (None, Some(customer)) => Policy::CustomerBoundary(reference(&customer)?),
        _ => {
            let problem = "Member must be either a ManagedPolicyArn or a \
                           CustomerManagedPolicyReference";
            let constraint = Constraint::Other(problem.to_owned());
            return Err(Invalid::new("permissionsBoundary", "", constraint).into());
        }
    };
    call.perform(async |act| access::put_permissions_boundary(act, id, &policy).await)
        .await?;
    Ok(json!({}))
}

/// GetPermissionsBoundaryForPermissionSet.
pub(super) async fn get_boundary(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let id = arn::permission_set_id(call, input)?;
    let boundary = policies(call, input)
        .await?
        .into_iter()
        .find_map(|policy| match policy {
            Policy::ManagedBoundary(arn) => Some(json!({ "ManagedPolicyArn": arn })),
            Policy::CustomerBoundary(policy) => {
                Some(json!({ "CustomerManagedPolicyReference": json_of(&policy) }))
            }
            _ => None,
        });
    let boundary = boundary.ok_or_else(|| access::no_boundary(id))?;
    Ok(json!({ "PermissionsBoundary": boundary }))
}

/// DeletePermissionsBoundaryFromPermissionSet.
pub(super) async fn delete_boundary(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let id = arn::permission_set_id(call, input)?;
    call.perform(async |act| access::delete_permissions_boundary(act, id).await)
        .await?;
    Ok(json!({}))
}

async fn policies(call: &Call<'_>, input: &Input<'_>) -> Result<Vec<Policy>, ApiError> {
    let id = arn::permission_set_id(call, input)?;
    access::need_permission_set(call.portal.pool(), id).await?;
    Ok(access::policies(call.portal.pool(), id).await?)
}

fn reference(input: &Input<'_>) -> Result<CustomerPolicy, ApiError> {
    Ok(CustomerPolicy {
        path: input.optional_text("Path")?.unwrap_or("/").to_owned(),
        name: input.text("Name")?.to_owned(),
    })
}

fn json_of(policy: &CustomerPolicy) -> Value {
    json!({ "Name": policy.name, "Path": policy.path })
}
