//! The ARNs of what `sso-admin` knows, written and read.

use crate::{
    admin::{ApiError, Call, Input},
    check::{self, Pattern},
};

static INSTANCE: Pattern =
    Pattern::new(r"arn:aws(-[a-z]{1,5}){0,3}:sso:::instance/(sso)?ins-[a-zA-Z0-9-.]{16}");
static PERMISSION_SET: Pattern = Pattern::new(
    r"arn:aws(-[a-z]{1,5}){0,3}:sso:::permissionSet/(sso)?ins-[a-zA-Z0-9-.]{16}/ps-[a-zA-Z0-9-./]{16}",
);
static APPLICATION: Pattern = Pattern::new(
    r"arn:aws(-[a-z]{1,5}){0,3}:sso::\d{12}:application/(sso)?ins-[a-zA-Z0-9-.]{16}/apl-[a-zA-Z0-9]{16}",
);
static TOKEN_ISSUER: Pattern = Pattern::new(
    r"arn:aws(-[a-z]{1,5}){0,3}:sso::\d{12}:trustedTokenIssuer/(sso)?ins-[a-zA-Z0-9-.]{16}/tti-[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}",
);
static PROVIDER: Pattern =
    Pattern::new(r"arn:aws(-[a-z]{1,5}){0,3}:sso::aws:applicationProvider/[a-zA-Z0-9-/]+");

/// What of the instance has tags.
pub(super) enum Resource<'a> {
    /// The instance itself.
    Instance,
    /// A permission set, by id.
    PermissionSet(&'a str),
    /// An application, by id.
    Application(&'a str),
    /// A trusted token issuer, by id.
    TokenIssuer(&'a str),
}

/// Refuses an `InstanceArn` that is not this portal's.
pub(super) fn need_instance(call: &Call<'_>, input: &Input<'_>) -> Result<(), ApiError> {
    let arn = input.text("InstanceArn")?;
    check::length("instanceArn", arn, 10..=1224)?;
    INSTANCE.check("instanceArn", arn)?;
    is_own(call, arn)
        .then_some(())
        .ok_or_else(|| no_instance(arn))
}

/// The id in `PermissionSetArn`.
pub(super) fn permission_set_id<'a>(
    call: &Call<'_>,
    input: &Input<'a>,
) -> Result<&'a str, ApiError> {
    need_instance(call, input)?;
    let arn = input.text("PermissionSetArn")?;
    check::length("permissionSetArn", arn, 10..=1224)?;
    PERMISSION_SET.check("permissionSetArn", arn)?;
    within(call, "PermissionSet", arn)
}

/// The id in `ApplicationArn`.
pub(super) fn application_id<'a>(call: &Call<'_>, input: &Input<'a>) -> Result<&'a str, ApiError> {
    application_of(call, input.text("ApplicationArn")?)
}

/// The id in an application's ARN.
pub(super) fn application_of<'a>(call: &Call<'_>, arn: &'a str) -> Result<&'a str, ApiError> {
    check::length("applicationArn", arn, 10..=1224)?;
    APPLICATION.check("applicationArn", arn)?;
    within(call, "Application", arn)
}

/// The id in `TrustedTokenIssuerArn`.
pub(super) fn token_issuer_id<'a>(call: &Call<'_>, input: &Input<'a>) -> Result<&'a str, ApiError> {
    let arn = input.text("TrustedTokenIssuerArn")?;
    check::length("trustedTokenIssuerArn", arn, 10..=1224)?;
    TOKEN_ISSUER.check("trustedTokenIssuerArn", arn)?;
    within(call, "TrustedTokenIssuer", arn)
}

/// The name in an application provider's ARN, as in `catalog/Box`.
pub(super) fn provider_name<'a>(field: &str, arn: &'a str) -> Result<&'a str, ApiError> {
    check::length(field, arn, 10..=1224)?;
    PROVIDER.check(field, arn)?;
    Ok(after(arn, ":applicationProvider/"))
}

/// What `ResourceArn` names.
pub(super) fn resource<'a>(call: &Call<'_>, input: &Input<'a>) -> Result<Resource<'a>, ApiError> {
    let arn = input.text("ResourceArn")?;
    check::length("resourceArn", arn, 10..=2048)?;
    let is = |pattern: &Pattern| pattern.check("resourceArn", arn).is_ok();
    if is(&PERMISSION_SET) {
        within(call, "PermissionSet", arn).map(Resource::PermissionSet)
    } else if is(&APPLICATION) {
        within(call, "Application", arn).map(Resource::Application)
    } else if is(&TOKEN_ISSUER) {
        within(call, "TrustedTokenIssuer", arn).map(Resource::TokenIssuer)
    } else {
        INSTANCE.check("resourceArn", arn)?;
        let own = is_own(call, arn).then_some(Resource::Instance);
        own.ok_or_else(|| no_instance(arn))
    }
}

/// This portal's instance.
pub(super) fn instance(call: &Call<'_>) -> String {
    call.portal.instance().arn(&call.portal.config().partition)
}

/// A permission set's ARN.
pub(super) fn permission_set(call: &Call<'_>, id: &str) -> String {
    let partition = &call.portal.config().partition;
    let instance = &call.portal.instance().instance_id;
    format!("arn:{partition}:sso:::permissionSet/{instance}/{id}")
}

/// An application's ARN; `owner` is the account that owns the instance.
pub(super) fn application(call: &Call<'_>, owner: &str, id: &str) -> String {
    let partition = &call.portal.config().partition;
    let instance = call.portal.instance();
    instance.arn_of(partition, owner, "application", id)
}

/// A trusted token issuer's ARN; `owner` is the account that owns the instance.
pub(super) fn token_issuer(call: &Call<'_>, owner: &str, id: &str) -> String {
    let partition = &call.portal.config().partition;
    let instance = call.portal.instance();
    instance.arn_of(partition, owner, "trustedTokenIssuer", id)
}

/// An application provider's ARN.
pub(super) fn provider(call: &Call<'_>, name: &str) -> String {
    let partition = &call.portal.config().partition;
    format!("arn:{partition}:sso::aws:applicationProvider/{name}")
}

/// The identity store's ARN; `owner` is the account that owns the instance.
pub(super) fn identity_store(call: &Call<'_>, owner: &str) -> String {
    let partition = &call.portal.config().partition;
    let store = &call.portal.instance().identity_store_id;
    format!("arn:{partition}:identitystore::{owner}:identitystore/{store}")
}

fn is_own(call: &Call<'_>, arn: &str) -> bool {
    after(arn, ":instance/") == call.portal.instance().instance_id
}

/// The id at the end of an ARN, if what it names is of this portal's instance.
fn within<'a>(call: &Call<'_>, kind: &str, arn: &'a str) -> Result<&'a str, ApiError> {
    let (resource, id) = arn.rsplit_once('/').unwrap_or(("", arn));
    let (_, instance) = resource.rsplit_once('/').unwrap_or_default();
    if instance == call.portal.instance().instance_id {
        return Ok(id);
    }
    Err(crate::access::AccessError::no(kind, id).into())
}

fn no_instance(arn: &str) -> ApiError {
    ApiError::new(
        "ResourceNotFoundException",
        format!("Could not find Instance {arn}"),
    )
}

fn after<'a>(arn: &'a str, mark: &str) -> &'a str {
    arn.split_once(mark).map_or("", |(_, rest)| rest)
}
