//! Who signed in, as the portal tells it: for people to read, never to decide anything by.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use oauth2::ExtraTokenFields;
use serde::{Deserialize, Deserializer, Serialize};

/// A name longer than this is none that fits a line.
const LONGEST: usize = 128;

/// What an answer of CreateToken holds beside OAuth's own fields. AWS leaves `idToken` empty.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Identity {
    #[serde(
        rename = "id_token",
        default,
        deserialize_with = "user",
        skip_serializing
    )]
    pub(super) user: Option<String>,
}

impl ExtraTokenFields for Identity {}

/// An ID token that tells nobody, or is none, must not fail the sign-in.
fn user<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let token = serde_json::Value::deserialize(deserializer)?;
    Ok(token.as_str().and_then(user_of))
}

/// `preferred_username` of an ID token (OpenID Connect Core 1.0 section 5.1). The signature is not
/// verified: the name is shown and nothing else.
fn user_of(token: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Claims {
        preferred_username: String,
    }
    let claims = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?);
    let Claims {
        preferred_username: user,
    } = serde_json::from_slice(&claims.ok()?).ok()?;
    // A terminal obeys control characters.
    let fit = !user.is_empty() && user.len() <= LONGEST && !user.contains(char::is_control);
    fit.then_some(user)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(claims: &str) -> String {
        let claims = BASE64_URL_SAFE_NO_PAD.encode(claims);
        format!("e30.{claims}.c2lnbmF0dXJl")
    }

    #[test]
    fn the_user_is_read_and_nothing_that_is_no_name() {
        let named = token(r#"{"sub":"u-1","preferred_username":"ana.lima"}"#);
        assert_eq!(user_of(&named).as_deref(), Some("ana.lima"));
        let long = format!(r#"{{"preferred_username":"{}"}}"#, "a".repeat(LONGEST + 1));
        for nobody in [
            token(r#"{"sub":"u-1"}"#),
            token(r#"{"preferred_username":"\u001b[2J"}"#),
            token(r#"{"preferred_username":""}"#),
            token(&long),
            token("{"),
            "opaque".to_owned(),
            "a.b.c".to_owned(),
        ] {
            assert_eq!(user_of(&nobody), None, "{nobody}");
        }
    }
}
