//! The expressions by which AWS names a user's attributes, as in
//! `${path:emails[primary eq true].value}`: a path of SCIM (RFC 7644 section 3.10).

use serde_json::Value;

/// What `source` names in `user`, which is as SCIM writes one. None: it has no such attribute.
pub(super) fn value(source: &str, user: &Value) -> Option<String> {
    let path = source.strip_prefix("${path:")?.strip_suffix('}')?;
    let mut found = user;
    for step in steps(path) {
        found = follow(found, step)?;
    }
    match found {
        Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        Value::Number(_) | Value::Bool(_) => Some(found.to_string()),
        _ => None,
    }
}

/// The steps of a path: dots within brackets divide nothing.
fn steps(path: &str) -> Vec<&str> {
    let mut depth = 0_u32;
    let is_end = |c: char| {
        match c {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == '.' && depth == 0
    };
    path.split(is_end).collect()
}

/// One step: `title`, or `emails[primary eq true]`. Of a list without a filter, the first.
fn follow<'a>(value: &'a Value, step: &str) -> Option<&'a Value> {
    let (name, filter) = match step.split_once('[') {
        Some((name, filter)) => (name, Some(filter.strip_suffix(']')?)),
        None => (step, None),
    };
    let found = member(value, name)?;
    let Value::Array(list) = found else {
        return Some(found);
    };
    match filter {
        None => list.first(),
        Some(filter) => {
            let (name, wanted) = filter.split_once(" eq ")?;
            let wanted = wanted.trim().trim_matches('"');
            list.iter().find(|entry| match member(entry, name.trim()) {
                Some(Value::String(text)) => text.eq_ignore_ascii_case(wanted),
                Some(Value::Bool(flag)) => flag.to_string() == wanted,
                _ => false,
            })
        }
    }
}

/// Names of attributes are the same in any case (RFC 7643 section 2.1).
fn member<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let named = |(key, _): &(&String, &Value)| {
        // AWS's short name for the extension.
        let key = key.rsplit(':').next().unwrap_or_default();
        key.eq_ignore_ascii_case(name)
    };
    value
        .as_object()?
        .iter()
        .find(named)
        .map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn paths_are_read_as_aws_writes_them() {
        let user = json!({
            "userName": "ada",
            "Title": "Engineer",
            "name": { "givenName": "Ada", "familyName": "" },
            "emails": [
                { "value": "second@example.com", "primary": false, "type": "home" },
                { "value": "first@example.com", "primary": true, "type": "work" },
            ],
            "addresses": [{ "type": "work", "Locality": "Zürich", "streetAddress": "1. Gasse" }],
            "urn:ietf:params:scim:schemas:extension:enterprise": { "costCenter": 4711 },
        });
        for (source, expected) in [
            ("${path:userName}", Some("ada")),
            ("${path:title}", Some("Engineer")),
            ("${path:name.givenName}", Some("Ada")),
            (
                "${path:emails[primary eq true].value}",
                Some("first@example.com"),
            ),
            (
                "${path:emails[type eq \"home\"].value}",
                Some("second@example.com"),
            ),
            ("${path:emails.value}", Some("second@example.com")),
            (
                "${path:addresses[type eq \"work\"].locality}",
                Some("Zürich"),
            ),
            ("${path:enterprise.costCenter}", Some("4711")),
            ("${path:name.familyName}", None),
            ("${path:name}", None),
            ("${path:emails[type eq \"other\"].value}", None),
            ("${path:emails[primary}", None),
            ("${path:department}", None),
            ("${path:}", None),
            ("${dir:department}", None),
            ("userName", None),
        ] {
            assert_eq!(value(source, &user).as_deref(), expected, "{source}");
        }
    }
}
