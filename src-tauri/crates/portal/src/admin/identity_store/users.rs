use serde_json::{Value, json};

use crate::{
    admin::{ApiError, Call, Input, Page},
    directory::{self, User},
};

/// ListUsers.
pub(super) async fn list(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let page = Page::of(call, input, 100)?;
    let found = directory::users(call.portal.pool(), &page.after, page.probe()).await?;
    let (users, next) = page.cut(call, found, |user| &user.id)?;
    let users: Vec<Value> = users.iter().map(|user| json_of(call, user)).collect();
    Ok(json!({ "Users": users, "NextToken": next }))
}

fn json_of(call: &Call<'_>, user: &User) -> Value {
    json!({
        "IdentityStoreId": call.portal.instance().identity_store_id,
        "UserId": user.id,
        "UserName": user.user_name,
        "DisplayName": user.display_name,
    })
}
