//! `identitystore`: users, groups and memberships.

mod attributes;
mod groups;
mod memberships;
mod store;
mod users;

use serde_json::{Value, json};

use super::{ApiError, Call, Input, Page, seconds};
use crate::{
    check::{self, Pattern},
    directory::{AttributeOperation, DirectoryError, ExternalId, Kind},
};

/// What this portal offers. Not so UpdateIdentityStore: whom the network lets in, the portal's
/// proxy decides.
pub(super) const OPERATIONS: &[&str] = &[
    "CreateGroup",
    "CreateGroupMembership",
    "CreateUser",
    "DeleteGroup",
    "DeleteGroupMembership",
    "DeleteUser",
    "DescribeGroup",
    "DescribeGroupMembership",
    "DescribeIdentityStore",
    "DescribeUser",
    "GetGroupId",
    "GetGroupMembershipId",
    "GetUserId",
    "IsMemberInGroups",
    "ListGroupMemberships",
    "ListGroupMembershipsForMember",
    "ListGroups",
    "ListIdentityStores",
    "ListUsers",
    "UpdateGroup",
    "UpdateUser",
];

/// The most entries of a page.
const LARGEST_PAGE: i64 = 100;

static RESOURCE_ID: Pattern = Pattern::new(
    "(arn:aws[a-z-]*:identitystore:::(user|group|membership)/)?([0-9a-f]{10}-|)[A-Fa-f0-9]{8}-\
     [A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{12}",
);
static REVISION: Pattern = Pattern::new("[0-9]+");

pub(super) async fn answer(call: &Call<'_>, input: Input<'_>) -> Result<Value, ApiError> {
    if call.operation == "ListIdentityStores" {
        return store::list(call, &input).await;
    }
    store::require(call, &input).await?;
    match call.operation {
        "CreateGroup" => groups::create(call, &input).await,
        "CreateGroupMembership" => memberships::create(call, &input).await,
        "CreateUser" => users::create(call, &input).await,
        "DeleteGroup" => groups::delete(call, &input).await,
        "DeleteGroupMembership" => memberships::delete(call, &input).await,
        "DeleteUser" => users::delete(call, &input).await,
        "DescribeGroup" => groups::describe(call, &input).await,
        "DescribeGroupMembership" => memberships::describe(call, &input).await,
        "DescribeIdentityStore" => store::describe(call).await,
        "DescribeUser" => users::describe(call, &input).await,
        "GetGroupId" => groups::get_id(call, &input).await,
        "GetGroupMembershipId" => memberships::get_id(call, &input).await,
        "GetUserId" => users::get_id(call, &input).await,
        "IsMemberInGroups" => memberships::is_member(call, &input).await,
        "ListGroupMemberships" => memberships::list(call, &input).await,
        "ListGroupMembershipsForMember" => memberships::list_for_member(call, &input).await,
        "ListGroups" => groups::list(call, &input).await,
        "ListUsers" => users::list(call, &input).await,
        "UpdateGroup" => groups::update(call, &input).await,
        "UpdateUser" => users::update(call, &input).await,
        _ => Err(ApiError::not_offered()),
    }
}

/// The id of a user, group or membership, which may be given as an ARN.
fn resource_id<'a>(input: &Input<'a>, name: &str) -> Result<&'a str, ApiError> {
    let given = input.text(name)?;
    check_resource_id(&input.field(name), given)
}

fn check_resource_id<'a>(field: &str, given: &'a str) -> Result<&'a str, ApiError> {
    check::length(field, given, 1..=100)?;
    RESOURCE_ID.check(field, given)?;
    Ok(given.rsplit_once('/').map_or(given, |(_, id)| id))
}

/// The revision to change, if given.
fn revision<'a>(input: &Input<'a>) -> Result<Option<&'a str>, ApiError> {
    let given = input.optional_text("Revision")?;
    if let Some(revision) = given {
        check::length("revision", revision, 1..=64)?;
        REVISION.check("revision", revision)?;
    }
    Ok(given)
}

/// The changes that an update asks for.
fn operations(input: &Input<'_>) -> Result<Vec<AttributeOperation>, ApiError> {
    let operation = |input: Input<'_>| {
        Ok(AttributeOperation {
            path: input.text("AttributePath")?.to_owned(),
            value: input.document("AttributeValue").cloned(),
        })
    };
    let given = input.structures("Operations")?;
    given.into_iter().map(operation).collect()
}

/// By what a user or group is sought.
enum Alternate<'a> {
    /// The path of a unique attribute in small letters, and its value.
    Unique(String, &'a str),
    /// What an identity provider outside calls it.
    External { issuer: &'a str, id: &'a str },
}

fn alternate_identifier<'a>(input: &Input<'a>) -> Result<Alternate<'a>, ApiError> {
    let given = input.structure("AlternateIdentifier")?;
    let unique = given.optional_structure("UniqueAttribute")?;
    match (unique, given.optional_structure("ExternalId")?) {
        (Some(unique), None) => {
            let path = unique.text("AttributePath")?.to_lowercase();
            Ok(Alternate::Unique(path, unique.text("AttributeValue")?))
        }
        (None, Some(external)) => Ok(Alternate::External {
            issuer: external.text("Issuer")?,
            id: external.text("Id")?,
        }),
        _ => Err(ApiError::new(
            "ValidationException",
            "AlternateIdentifier must have either UniqueAttribute or ExternalId",
        )),
    }
}

fn not_unique(path: &str) -> ApiError {
    let text = format!("The attribute {path} is not a unique attribute");
    ApiError::new("ValidationException", text)
}

/// The value that the one filter of a listing asks for, whose attribute can only be this.
fn filter<'a>(input: &Input<'a>, attribute: &str) -> Result<Option<&'a str>, ApiError> {
    let filters = input.structures("Filters")?;
    check::count("filters", "filters", filters.len(), 0..=1)?;
    let Some(filter) = filters.first() else {
        return Ok(None);
    };
    let path = filter.text("AttributePath")?;
    if !path.eq_ignore_ascii_case(attribute) {
        let text = format!("The attribute {path} cannot be filtered by; there is {attribute}");
        return Err(ApiError::new("ValidationException", text));
    }
    filter.text("AttributeValue").map(Some)
}

fn arn(call: &Call<'_>, kind: &str, id: &str) -> String {
    let partition = &call.portal.config().partition;
    format!("arn:{partition}:identitystore:::{kind}/{id}")
}

fn external_ids(ids: &[ExternalId]) -> Value {
    let ids: Vec<Value> = ids
        .iter()
        .map(|external| json!({ "Issuer": external.issuer, "Id": external.id }))
        .collect();
    match ids.is_empty() {
        true => Value::Null,
        false => ids.into(),
    }
}

fn not_found(kind: Kind, id: &str) -> ApiError {
    DirectoryError::no(kind, id).into()
}
