use serde_json::{Map, Value, json};

use super::{
    Alternate, Call, Input, LARGEST_PAGE, Page, alternate_identifier, arn, attributes,
    external_ids, filter, not_found, not_unique, operations, resource_id, revision, seconds,
};
use crate::{
    admin::ApiError,
    directory::{self, Kind, Profile, UserKey},
};

/// CreateUser.
pub(super) async fn create(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let new = attributes::read(input)?;
    let created = call
        .perform(async |act| directory::create_user(act, &new).await)
        .await?;
    Ok(named(call, &created))
}

/// UpdateUser.
pub(super) async fn update(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let id = resource_id(input, "UserId")?;
    let (revision, operations) = (revision(input)?, operations(input)?);
    let updated = call
        .perform(async |act| directory::update_user(act, id, revision, &operations).await)
        .await?;
    Ok(named(call, &updated))
}

/// DeleteUser.
pub(super) async fn delete(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let id = resource_id(input, "UserId")?;
    let revision = revision(input)?;
    call.perform(async |act| directory::delete_user(act, id, revision).await)
        .await?;
    Ok(json!({}))
}

/// DescribeUser.
pub(super) async fn describe(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let id = resource_id(input, "UserId")?;
    let mut db = call.portal.pool().acquire().await?;
    let found = directory::profile(&mut db, id).await?;
    let profile = found.ok_or_else(|| not_found(Kind::User, id))?;
    written(call, &profile, input)
}

/// ListUsers, of whom a filter takes the one with a name.
pub(super) async fn list(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let page = Page::of(call, input, LARGEST_PAGE)?;
    let mut db = call.portal.pool().acquire().await?;
    let found = match filter(input, "UserName")? {
        None => directory::profiles(&mut db, &page.after, page.probe()).await?,
        Some(name) => match directory::user_id(&mut *db, UserKey::Name(name)).await? {
            Some(id) => directory::profile(&mut db, &id)
                .await?
                .into_iter()
                .collect(),
            None => Vec::new(),
        },
    };
    let (users, next) = page.cut(call, found, |user| &user.id)?;
    let users: Result<Vec<Value>, ApiError> = users
        .iter()
        .map(|user| written(call, user, input))
        .collect();
    Ok(json!({ "Users": users?, "NextToken": next }))
}

/// GetUserId.
pub(super) async fn get_id(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let alternate = alternate_identifier(input)?;
    let (key, sought) = match &alternate {
        Alternate::Unique(path, name) if path == "username" => (UserKey::Name(name), *name),
        Alternate::Unique(path, email) if path == "emails.value" => (UserKey::Email(email), *email),
        Alternate::Unique(path, _) => return Err(not_unique(path)),
        Alternate::External { issuer, id } => (UserKey::External { issuer, id }, *id),
    };
    let found = directory::user_id(call.portal.pool(), key).await?;
    let id = found.ok_or_else(|| not_found(Kind::User, sought))?;
    Ok(json!({
        "IdentityStoreId": call.portal.instance().identity_store_id,
        "UserId": id,
        "UserArn": arn(call, "user", &id),
    }))
}

/// What names a user after a change.
fn named(call: &Call<'_>, user: &Profile) -> Value {
    json!({
        "IdentityStoreId": call.portal.instance().identity_store_id,
        "UserId": user.id,
        "UserArn": arn(call, "user", &user.id),
        "Revision": user.revision.to_string(),
    })
}

/// All that is known of a user; of extensions only those that `input` names.
fn written(call: &Call<'_>, user: &Profile, input: &Input<'_>) -> Result<Value, ApiError> {
    let wanted = input.optional_texts("Extensions")?.unwrap_or_default();
    let mut extensions = user.attributes.extensions.clone();
    extensions.retain(|name, _| wanted.contains(&name.as_str()));
    let extensions = match extensions.is_empty() {
        true => Value::Null,
        false => extensions.into_iter().collect(),
    };
    let more = json!({
        "UserStatus": if user.enabled { "ENABLED" } else { "DISABLED" },
        "Extensions": extensions,
        "ExternalIds": external_ids(&user.external_ids),
        "CreatedAt": seconds(user.created_at),
        "CreatedBy": user.created_by,
        "UpdatedAt": seconds(user.updated_at),
        "UpdatedBy": user.updated_by,
    });
    let mut whole: Map<String, Value> = attributes::write(&user.attributes);
    for part in [named(call, user), more] {
        if let Value::Object(part) = part {
            whole.extend(part);
        }
    }
    Ok(whole.into())
}
