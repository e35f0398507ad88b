//! Who signed a request (Signature Version 4): the holder of a role's credentials or of an
//! administrator's key.

use thiserror::Error;

use crate::{
    Portal,
    access::{self, CredentialsError},
    act::Identity,
    admin::keys,
    sigv4::{Claim, SignatureError, SignedRequest},
};

/// Why nobody was recognized.
#[derive(Debug, Error)]
pub(crate) enum CallerError {
    /// The signature is missing, malformed, too old or wrong.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// Signed for another service.
    #[error("Credential should be scoped to correct service: '{0}'.")]
    WrongService(&'static str),
    /// Signed for another region.
    #[error("Credential should be scoped to a valid region, not '{0}'.")]
    WrongRegion(String),
    /// The access key is not one this portal issued, or the session token is not its own.
    #[error("The security token included in the request is invalid.")]
    UnknownKey,
    /// The credentials are over.
    #[error("The security token included in the request is expired")]
    Expired,
    /// The portal failed.
    #[error("The portal could not answer. Try again.")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl From<sqlx::Error> for CallerError {
    fn from(error: sqlx::Error) -> Self {
        Self::Internal(error.into())
    }
}

impl From<CredentialsError> for CallerError {
    fn from(error: CredentialsError) -> Self {
        match error {
            CredentialsError::Unknown => Self::UnknownKey,
            CredentialsError::Expired => Self::Expired,
            error @ (CredentialsError::Seal(_) | CredentialsError::Store(_)) => {
                Self::Internal(error.into())
            }
        }
    }
}

/// Proves who signed `request` for `service`, in a region that `is_region` takes.
pub(crate) async fn prove(
    portal: &Portal,
    request: &SignedRequest<'_>,
    service: &'static str,
    is_region: impl FnOnce(&str) -> bool,
) -> Result<Identity, CallerError> {
    let claim = Claim::read(request)?;
    if claim.service != service {
        return Err(CallerError::WrongService(service));
    }
    if !is_region(&claim.region) {
        return Err(CallerError::WrongRegion(claim.region));
    }
    let key_id = claim.access_key_id.clone();
    let (identity, secret_key) = match &claim.session_token {
        Some(token) => {
            let (session, secret_key, _) = access::open_session_token(portal, &key_id, token)?;
            (Identity::Role(session), secret_key)
        }
        None => {
            let secret_key = keys::secret(portal, &key_id).await?;
            let secret_key = secret_key.ok_or(CallerError::UnknownKey)?;
            let access_key_id = key_id;
            (Identity::Key { access_key_id }, secret_key)
        }
    };
    claim.verify(request, &secret_key, portal.now())?;
    Ok(identity)
}
