//! A user's attributes as the API writes them: with capital first letters, and extensions apart.

use serde_json::{Map, Value};

use super::{ApiError, Input};
use crate::directory::{UserAttributes, small_names, with_small_letter};

/// The attributes that CreateUser was given.
pub(super) fn read(input: &Input<'_>) -> Result<UserAttributes, ApiError> {
    let mut document = Map::new();
    for (name, value) in input.members() {
        let value = match name.as_str() {
            "IdentityStoreId" => continue,
            "Extensions" => value.clone(),
            _ => small_names(value.clone()),
        };
        if !value.is_null() {
            document.insert(with_small_letter(name), value);
        }
    }
    let attributes = UserAttributes::from_document(document)?;
    require(&attributes)?;
    Ok(attributes)
}

/// The attributes as DescribeUser answers them, without extensions.
pub(super) fn write(attributes: &UserAttributes) -> Map<String, Value> {
    let mut document = attributes.to_document();
    document.remove("extensions");
    match capital_names(document.into()) {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// What AWS insists on beyond what its directory does: a name, and its two usual parts.
fn require(attributes: &UserAttributes) -> Result<(), ApiError> {
    if attributes.user_name.is_empty() {
        let text = "userName is a required attribute";
        return Err(ApiError::new("ValidationException", text));
    }
    let name = &attributes.name;
    let whole = *name != Default::default();
    let needed = [
        ("displayname", !attributes.display_name.is_empty()),
        ("name", whole),
        ("givenname", !whole || name.given_name.is_some()),
        ("familyname", !whole || name.family_name.is_some()),
    ];
    let missing: Vec<String> = needed
        .into_iter()
        .filter(|(_, given)| !given)
        .map(|(name, _)| format!("{name}: The attribute {name} is required"))
        .collect();
    match missing.is_empty() {
        true => Ok(()),
        false => Err(ApiError::new("ValidationException", missing.join(", "))),
    }
}

fn capital_names(value: Value) -> Value {
    match value {
        Value::Object(members) => members
            .into_iter()
            .map(|(name, value)| (with_capital_letter(&name), capital_names(value)))
            .collect(),
        Value::Array(list) => list.into_iter().map(capital_names).collect(),
        other => other,
    }
}

fn with_capital_letter(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}
