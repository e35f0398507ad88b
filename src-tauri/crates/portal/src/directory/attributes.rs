use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::DirectoryError;
use crate::check::{self, Pattern};

/// What AWS takes as text about users and groups.
pub(super) static TEXT: Pattern =
    Pattern::new(r"[\p{L}\p{M}\p{S}\p{N}\p{P}\t\n\r \u{00a0}\u{3000}]+");
static USER_NAME: Pattern = Pattern::new(r"[\p{L}\p{M}\p{S}\p{N}\p{P}]+");
static PATH: Pattern =
    Pattern::new(r"(?:\p{L}+:\p{L}+:\p{L}+(?:\.\p{L}+){0,3}|\p{L}+(?:\.\p{L}+){0,2})");

/// The one extension of users there is: what an enterprise says of them.
const ENTERPRISE: &str = "aws:identitystore:enterprise";
/// AWS keeps no names for these but its own.
const RESERVED: [&str; 2] = ["administrator", "awsadministrators"];

/// Everything an administrator says of a user: RFC 7643's attributes under AWS's names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct UserAttributes {
    /// What they sign in with, unique regardless of case: 1 to 128 characters without spaces.
    pub user_name: String,
    /// How they are called: 1 to 1,024 characters, as every text that follows.
    pub display_name: String,
    /// The parts of their name.
    pub name: Name,
    /// Unique regardless of case.
    pub emails: Vec<Contact>,
    /// Where they are.
    pub addresses: Vec<Address>,
    /// How to call them.
    pub phone_numbers: Vec<Contact>,
    /// Pictures, as URLs.
    pub photos: Vec<Photo>,
    /// What they do, in their organization's words.
    pub roles: Vec<Contact>,
    /// What friends call them.
    pub nick_name: Option<String>,
    /// Their page.
    pub profile_url: Option<String>,
    /// As in `Employee`.
    pub user_type: Option<String>,
    /// As in `Engineer`.
    pub title: Option<String>,
    /// As in `en-GB`.
    pub preferred_language: Option<String>,
    /// As in `en-GB`.
    pub locale: Option<String>,
    /// As in `Europe/London`.
    pub timezone: Option<String>,
    /// Their own site.
    pub website: Option<String>,
    /// As in `1815-12-10`.
    pub birthdate: Option<String>,
    /// Documents by the name of their extension.
    pub extensions: BTreeMap<String, Value>,
}

/// The parts of a user's name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[allow(missing_docs, reason = "RFC 7643 section 4.1.1 has nothing to add")]
pub struct Name {
    pub formatted: Option<String>,
    pub family_name: Option<String>,
    pub given_name: Option<String>,
    pub middle_name: Option<String>,
    pub honorific_prefix: Option<String>,
    pub honorific_suffix: Option<String>,
}

/// An email address, a phone number or a role.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Contact {
    /// The address itself.
    pub value: Option<String>,
    /// As in `work`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// Whether it is the one to use.
    pub primary: bool,
}

/// A postal address.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[allow(missing_docs, reason = "RFC 7643 section 4.1.2 has nothing to add")]
pub struct Address {
    pub street_address: Option<String>,
    pub locality: Option<String>,
    pub region: Option<String>,
    pub postal_code: Option<String>,
    pub country: Option<String>,
    pub formatted: Option<String>,
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub primary: bool,
}

/// A picture.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Photo {
    /// Its URL.
    pub value: Option<String>,
    /// As in `photo` or `thumbnail`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// How it is called.
    pub display: Option<String>,
    /// Whether it is the one to show.
    pub primary: bool,
}

/// One change of an attribute: by its path, as in `name.givenName` or
/// `aws:identitystore:enterprise.department`, to a value, or to none.
#[derive(Debug, Clone, PartialEq)]
pub struct AttributeOperation {
    /// The path; AWS's clients spell it with a small or a capital first letter.
    pub path: String,
    /// A text, or the whole of a structure or list with its members' names.
    pub value: Option<Value>,
}

impl UserAttributes {
    /// A user with a name, a display name and one email address.
    pub fn new(user_name: &str, display_name: &str, email: &str) -> Self {
        Self {
            user_name: user_name.to_owned(),
            display_name: display_name.to_owned(),
            emails: vec![Contact::primary(email)],
            ..Self::default()
        }
    }

    /// The address that messages go to.
    pub fn email(&self) -> Option<&str> {
        let primary = self.emails.iter().find(|email| email.primary);
        primary.or(self.emails.first())?.value.as_deref()
    }

    /// The same after these changes, in order.
    pub(super) fn changed(
        &self,
        operations: &[AttributeOperation],
    ) -> Result<Self, DirectoryError> {
        check::count("operations", "operations", operations.len(), 1..=100)?;
        let mut document = self.to_document();
        for operation in operations {
            check::length("attributePath", &operation.path, 1..=255)?;
            PATH.check("attributePath", &operation.path)?;
            document = operation.apply(document)?;
        }
        let attributes = Self::from_document(document)?;
        attributes.check()?;
        Ok(attributes)
    }

    /// What a document with these names says.
    pub(crate) fn from_document(document: Map<String, Value>) -> Result<Self, DirectoryError> {
        serde_json::from_value(document.into()).map_err(|error| DirectoryError::Attribute {
            attribute: "attributes".to_owned(),
            problem: error.to_string(),
        })
    }

    /// The attributes that there are, under their names.
    pub(crate) fn to_document(&self) -> Map<String, Value> {
        match serde_json::to_value(self).map(without_absent) {
            Ok(Value::Object(document)) => document,
            _ => Map::new(),
        }
    }

    /// Refuses whatever AWS refuses.
    pub(super) fn check(&self) -> Result<(), DirectoryError> {
        check::length("userName", &self.user_name, 1..=128)?;
        USER_NAME.check("userName", &self.user_name)?;
        not_reserved("userName", &self.user_name)?;
        check::length("displayName", &self.display_name, 1..=1024)?;
        let lists = [
            ("emails", self.emails.len(), 10),
            ("addresses", self.addresses.len(), 1),
            ("phoneNumbers", self.phone_numbers.len(), 1),
            ("photos", self.photos.len(), 3),
            ("roles", self.roles.len(), 1),
        ];
        for (name, members, most) in lists {
            check::count(name, name, members, 0..=most)?;
        }
        if let Some(name) = self.extensions.keys().find(|name| *name != ENTERPRISE) {
            return Err(DirectoryError::Attribute {
                attribute: name.clone(),
                problem: format!("The extension is not supported; there is {ENTERPRISE}"),
            });
        }
        check_texts("", &Value::Object(self.to_document()))
    }
}

impl Contact {
    /// The one to use.
    pub fn primary(value: &str) -> Self {
        Self {
            value: Some(value.to_owned()),
            kind: None,
            primary: true,
        }
    }
}

impl AttributeOperation {
    /// Gives an attribute this value.
    pub fn set(path: &str, value: impl Into<Value>) -> Self {
        Self {
            path: path.to_owned(),
            value: Some(value.into()),
        }
    }

    /// Makes this the one email address.
    pub fn set_email(address: &str) -> Self {
        let email = serde_json::json!([{ "value": address, "primary": true }]);
        Self::set("emails", email)
    }

    fn apply(&self, document: Map<String, Value>) -> Result<Map<String, Value>, DirectoryError> {
        let unknown = || DirectoryError::Attribute {
            attribute: self.path.clone(),
            problem: "The attribute is not supported".to_owned(),
        };
        let value = self.value.clone().filter(|value| !value.is_null());
        let (path, value) = match self.path.contains(':') {
            true => (self.extension_path(), value),
            false => (self.plain_path(), value.map(small_names)),
        };
        let mut document = document;
        put(&mut document, &path, value).ok_or_else(unknown)?;
        // Each change by itself, so that the refusal names the one.
        UserAttributes::from_document(document.clone()).map_err(|_| unknown())?;
        Ok(document)
    }

    fn extension_path(&self) -> Vec<String> {
        let (name, rest) = self.path.split_once('.').unwrap_or((&self.path, ""));
        let parts = rest.split('.').filter(|part| !part.is_empty());
        ["extensions", name]
            .into_iter()
            .chain(parts)
            .map(str::to_owned)
            .collect()
    }

    fn plain_path(&self) -> Vec<String> {
        self.path.split('.').map(with_small_letter).collect()
    }
}

/// Refuses the names AWS keeps for itself.
pub(super) fn not_reserved(field: &str, name: &str) -> Result<(), DirectoryError> {
    if RESERVED.contains(&super::key(name).as_str()) {
        return Err(DirectoryError::Attribute {
            attribute: field.to_owned(),
            problem: format!("{name} is a reserved name"),
        });
    }
    Ok(())
}

/// `DisplayName` as `displayName`.
pub(crate) fn with_small_letter(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}

/// The same document with [small letters](with_small_letter) throughout.
pub(crate) fn small_names(value: Value) -> Value {
    match value {
        Value::Object(members) => members
            .into_iter()
            .map(|(name, value)| (with_small_letter(&name), small_names(value)))
            .collect(),
        Value::Array(list) => list.into_iter().map(small_names).collect(),
        other => other,
    }
}

/// Puts `value` at `path`, or takes away what is there; `None` where no structure leads to it.
fn put(document: &mut Map<String, Value>, path: &[String], value: Option<Value>) -> Option<()> {
    let (name, rest) = path.split_first()?;
    if !rest.is_empty() {
        let inner = document.entry(name).or_insert_with(|| Map::new().into());
        return put(inner.as_object_mut()?, rest, value);
    }
    match value {
        Some(value) => document.insert(name.clone(), value),
        None => document.remove(name),
    };
    Some(())
}

/// The lengths and characters of every text in `value`, wherever it stands.
fn check_texts(path: &str, value: &Value) -> Result<(), DirectoryError> {
    let inner = |name: &str| match path {
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    };
    match value {
        Value::String(text) => {
            check::length(path, text, 1..=1024)?;
            Ok(TEXT.check(path, text)?)
        }
        Value::Object(members) => members
            .iter()
            .try_for_each(|(name, value)| check_texts(&inner(name), value)),
        Value::Array(list) => list.iter().enumerate().try_for_each(|(position, value)| {
            check_texts(&inner(&format!("{}.member", position + 1)), value)
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

/// Without what has no value: null, an empty list, an empty structure.
fn without_absent(value: Value) -> Value {
    let present = |value: &Value| match value {
        Value::Null => false,
        Value::Array(list) => !list.is_empty(),
        Value::Object(members) => !members.is_empty(),
        _ => true,
    };
    match value {
        Value::Object(members) => members
            .into_iter()
            .map(|(name, value)| (name, without_absent(value)))
            .filter(|(_, value)| present(value))
            .collect(),
        Value::Array(list) => list.into_iter().map(without_absent).collect(),
        other => other,
    }
}
