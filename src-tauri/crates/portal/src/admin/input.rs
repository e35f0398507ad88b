use serde_json::{Map, Value};

use super::ApiError;
use crate::check::Invalid;

/// The input of an operation, or a structure in it. Getters refuse what has the wrong type, and say
/// what is missing in AWS's words; what values may be, the domain says.
#[derive(Debug, Clone)]
pub(crate) struct Input<'a> {
    members: &'a Map<String, Value>,
    /// Where it stands, as in `alternateIdentifier.`; empty for the whole input.
    path: String,
}

impl<'a> Input<'a> {
    /// The whole input.
    pub(super) fn of(body: &'a Value) -> Result<Self, ApiError> {
        let members = body
            .as_object()
            .ok_or_else(|| ApiError::unreadable("Start of structure expected."))?;
        Ok(Self {
            members,
            path: String::new(),
        })
    }

    /// Every member, by name.
    pub(crate) fn members(&self) -> impl Iterator<Item = (&'a String, &'a Value)> {
        self.members.iter()
    }

    /// A text that must be there.
    pub(crate) fn text(&self, name: &str) -> Result<&'a str, ApiError> {
        self.optional_text(name)?.ok_or_else(|| self.missing(name))
    }

    /// A text, if given.
    pub(crate) fn optional_text(&self, name: &str) -> Result<Option<&'a str>, ApiError> {
        self.member(name, "String", Value::as_str)
    }

    /// A whole number, if given.
    pub(crate) fn optional_integer(&self, name: &str) -> Result<Option<i64>, ApiError> {
        self.member(name, "Integer", Value::as_i64)
    }

    /// A truth value, if given.
    pub(crate) fn optional_flag(&self, name: &str) -> Result<Option<bool>, ApiError> {
        self.member(name, "Boolean", Value::as_bool)
    }

    /// A structure that must be there.
    pub(crate) fn structure(&self, name: &str) -> Result<Input<'a>, ApiError> {
        self.optional_structure(name)?
            .ok_or_else(|| self.missing(name))
    }

    /// A structure, if given.
    pub(crate) fn optional_structure(&self, name: &str) -> Result<Option<Input<'a>>, ApiError> {
        let members = self.member(name, "Structure", Value::as_object)?;
        Ok(members.map(|members| Input {
            members,
            path: format!("{}.", self.field(name)),
        }))
    }

    /// The structures of a list; none if it is not given.
    pub(crate) fn structures(&self, name: &str) -> Result<Vec<Input<'a>>, ApiError> {
        let list = self.member(name, "List", Value::as_array)?;
        let path = |position| format!("{}.{position}.member.", self.field(name));
        let structure = |(position, value): (usize, &'a Value)| {
            let members = value
                .as_object()
                .ok_or_else(|| wrong_type(value, "Structure"))?;
            let path = path(position + 1);
            Ok(Input { members, path })
        };
        list.into_iter()
            .flatten()
            .enumerate()
            .map(structure)
            .collect()
    }

    /// The texts of a list, if given.
    pub(crate) fn optional_texts(&self, name: &str) -> Result<Option<Vec<&'a str>>, ApiError> {
        let text = |value: &'a Value| value.as_str().ok_or_else(|| wrong_type(value, "String"));
        let list = self.member(name, "List", Value::as_array)?;
        list.map(|list| list.iter().map(text).collect()).transpose()
    }

    /// The texts of a list that must be there.
    pub(crate) fn texts(&self, name: &str) -> Result<Vec<&'a str>, ApiError> {
        self.optional_texts(name)?.ok_or_else(|| self.missing(name))
    }

    /// Whatever was given: a document.
    pub(crate) fn document(&self, name: &str) -> Option<&'a Value> {
        self.members.get(name).filter(|value| !value.is_null())
    }

    /// The whole of it as JSON text, apart from what asks for a page.
    pub(super) fn without_paging(&self) -> String {
        let mut members = self.members.clone();
        members.retain(|name, _| !["MaxResults", "NextToken"].contains(&name.as_str()));
        Value::Object(members).to_string()
    }

    /// How AWS's messages name a member: `alternateIdentifier.uniqueAttribute`.
    pub(crate) fn field(&self, name: &str) -> String {
        let mut letters = name.chars();
        let first = letters.next().map(|first| first.to_ascii_lowercase());
        let name: String = first.into_iter().chain(letters).collect();
        format!("{}{name}", self.path)
    }

    /// The refusal of an input without `name`.
    pub(crate) fn missing(&self, name: &str) -> ApiError {
        Invalid::missing(self.field(name)).into()
    }

    fn member<T>(
        &self,
        name: &str,
        kind: &str,
        read: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Result<Option<T>, ApiError> {
        match self.document(name) {
            None => Ok(None),
            Some(value) => read(value).map(Some).ok_or_else(|| wrong_type(value, kind)),
        }
    }
}

fn wrong_type(value: &Value, wanted: &str) -> ApiError {
    let given = match value {
        Value::String(_) => "STRING_VALUE",
        Value::Number(number) if number.is_f64() => "DECIMAL_VALUE",
        Value::Number(_) => "NUMBER_VALUE",
        Value::Bool(true) => "TRUE_VALUE",
        Value::Bool(false) => "FALSE_VALUE",
        Value::Array(_) => return ApiError::unreadable("Unrecognized collection type class"),
        Value::Object(_) => {
            return ApiError::unreadable("Start of structure or map found where not expected.");
        }
        Value::Null => "NULL_VALUE",
    };
    ApiError::unreadable(format!("{given} can not be converted to a {wanted}"))
}
