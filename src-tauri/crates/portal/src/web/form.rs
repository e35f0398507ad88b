use axum::{
    Form,
    extract::{FromRequest, FromRequestParts, Request},
};
use secrecy::SecretString;
use serde::{Deserialize, Deserializer, de::DeserializeOwned};

use super::{Refusal, Visit};
use crate::Portal;

/// A form that this browser was given: what is read from it was sent on purpose, not by another
/// site on the user's behalf.
pub(crate) struct OwnForm<T>(pub(crate) Visit, pub(crate) T);

#[derive(Deserialize)]
struct Fields<T> {
    csrf: String,
    #[serde(flatten)]
    fields: T,
}

impl<T: DeserializeOwned> FromRequest<Portal> for OwnForm<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, portal: &Portal) -> Result<Self, Refusal> {
        let (mut parts, body) = request.into_parts();
        let visit = Visit::from_request_parts(&mut parts, portal).await?;
        let request = Request::from_parts(parts, body);
        let Form(form) = Form::<Fields<T>>::from_request(request, portal)
            .await
            .map_err(|_| Refusal::Malformed)?;
        if !visit.owns_form(&form.csrf) {
            return Err(Refusal::Forged);
        }
        Ok(Self(visit, form.fields))
    }
}

/// What the user chose on a page that asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Decision {
    Allow,
    Deny,
}

/// A field that holds a secret.
pub(crate) fn secret<'de, D: Deserializer<'de>>(field: D) -> Result<SecretString, D::Error> {
    String::deserialize(field).map(SecretString::from)
}
