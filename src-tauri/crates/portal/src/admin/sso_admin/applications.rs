use serde_json::{Value, json};

use super::{arn, seconds, tags::read as read_tags};
use crate::{
    access::AccessError,
    admin::{ApiError, Call, Input, Page},
    applications::{
        self, Application, ApplicationChange, NewApplication, Provider, SignIn, SignInOrigin,
    },
    check,
};

const STATUS: &[&str] = &["ENABLED", "DISABLED"];

/// CreateApplication.
pub(super) async fn create(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    arn::need_instance(call, input)?;
    let options = input.optional_structure("PortalOptions")?;
    let visible = match &options {
        Some(options) => status(options, "Visibility")?,
        None => None,
    };
    let tags = read_tags(input)?;
    let new = NewApplication {
        name: input.text("Name")?,
        provider: provider(input)?,
        description: input.optional_text("Description")?,
        enabled: status(input, "Status")?.unwrap_or(true),
        visible: visible.unwrap_or(true),
        sign_in: sign_in(options.as_ref())?,
        client_token: input.optional_text("ClientToken")?,
    };
    let created = call
        .perform(async |act| applications::create_application(act, &new, &tags).await)
        .await?;
    let owner = owner(call).await?;
    Ok(json!({
        "ApplicationArn": arn::application(call, &owner, &created.id),
        "InstanceArn": arn::instance(call),
        "IdentityStoreArn": arn::identity_store(call, &owner),
    }))
}

/// DescribeApplication.
pub(super) async fn describe(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let id = arn::application_id(call, input)?;
    let found = applications::need_application(call.portal.pool(), id).await?;
    Ok(json_of(call, &owner(call).await?, &found))
}

/// UpdateApplication.
pub(super) async fn update(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let id = arn::application_id(call, input)?;
    let change = ApplicationChange {
        name: input.optional_text("Name")?,
        description: input.optional_text("Description")?.map(Some),
        enabled: status(input, "Status")?,
        visible: None,
        sign_in: sign_in(input.optional_structure("PortalOptions")?.as_ref())?.map(Some),
    };
    call.perform(async |act| applications::update_application(act, id, &change).await)
        .await?;
    Ok(json!({}))
}

/// DeleteApplication.
pub(super) async fn delete(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let id = arn::application_id(call, input)?;
    call.perform(async |act| applications::delete_application(act, id).await)
        .await?;
    Ok(json!({}))
}

/// ListApplications.
pub(super) async fn list(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    arn::need_instance(call, input)?;
    let owner = owner(call).await?;
    let page = Page::of(call, input, 100)?;
    let mut wanted = None;
    if let Some(filter) = input.optional_structure("Filter")? {
        if let Some(provider) = filter.optional_text("ApplicationProvider")? {
            wanted = Some(arn::provider_name("filter.applicationProvider", provider)?);
        }
        let account = filter.optional_text("ApplicationAccount")?;
        if account.is_some_and(|account| account != owner) {
            return Ok(json!({ "Applications": [] }));
        }
    }
    let pool = call.portal.pool();
    let found = applications::applications(pool, wanted, &page.after, page.probe()).await?;
    let (found, next) = page.cut(call, found, |application| &application.id)?;
    let found: Value = found
        .iter()
        .map(|application| json_of(call, &owner, application))
        .collect();
    Ok(json!({ "Applications": found, "NextToken": next }))
}

/// ListApplicationProviders.
pub(super) async fn list_providers(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    let page = Page::of(call, input, 100)?;
    let providers = Provider::all()
        .map(|provider| (provider.name(), provider))
        .filter(|(name, _)| *name > page.after)
        .collect();
    let (found, next) = page.cut(call, providers, |(name, _)| name)?;
    let found: Value = found
        .iter()
        .map(|(_, provider)| provider_json(call, *provider))
        .collect();
    Ok(json!({ "ApplicationProviders": found, "NextToken": next }))
}

/// DescribeApplicationProvider.
pub(super) fn describe_provider(call: &Call<'_>, input: &Input<'_>) -> Result<Value, ApiError> {
    Ok(provider_json(call, provider(input)?))
}

/// The account that owns the instance, and so its applications.
pub(super) async fn owner(call: &Call<'_>) -> Result<String, ApiError> {
    let instance = call.portal.instance();
    Ok(instance.owner_account_id(call.portal.pool()).await?)
}

fn provider(input: &Input<'_>) -> Result<Provider, ApiError> {
    let name = arn::provider_name(
        "applicationProviderArn",
        input.text("ApplicationProviderArn")?,
    )?;
    Ok(Provider::parse(name).ok_or_else(|| AccessError::no("ApplicationProvider", name))?)
}

fn status(input: &Input<'_>, name: &str) -> Result<Option<bool>, ApiError> {
    let status = input.optional_text(name)?;
    if let Some(status) = status {
        check::one_of(&input.field(name), status, STATUS)?;
    }
    Ok(status.map(|status| status == "ENABLED"))
}

fn sign_in(options: Option<&Input<'_>>) -> Result<Option<SignIn>, ApiError> {
    let Some(options) = options else {
        return Ok(None);
    };
    let Some(sign_in) = options.optional_structure("SignInOptions")? else {
        return Ok(None);
    };
    Ok(Some(SignIn {
        origin: SignInOrigin::parse(sign_in.text("Origin")?)?,
        url: sign_in.optional_text("ApplicationUrl")?.map(str::to_owned),
    }))
}

fn json_of(call: &Call<'_>, owner: &str, application: &Application) -> Value {
    let status = |enabled| if enabled { "ENABLED" } else { "DISABLED" };
    let sign_in = application
        .sign_in
        .as_ref()
        .map(|sign_in| json!({ "Origin": sign_in.origin.name(), "ApplicationUrl": sign_in.url }));
    json!({
        "ApplicationArn": arn::application(call, owner, &application.id),
        "ApplicationProviderArn": arn::provider(call, &application.provider.name()),
        "Name": application.name,
        "ApplicationAccount": owner,
        "InstanceArn": arn::instance(call),
        "IdentityStoreArn": arn::identity_store(call, owner),
        "Status": status(application.enabled),
        "PortalOptions": {
            "SignInOptions": sign_in,
            "Visibility": status(application.visible),
        },
        "Description": application.description,
        "CreatedDate": seconds(application.created_at),
        "CreatedFrom": call.portal.config().region,
    })
}

fn provider_json(call: &Call<'_>, provider: Provider) -> Value {
    json!({
        "ApplicationProviderArn": arn::provider(call, &provider.name()),
        "FederationProtocol": provider.federation_protocol(),
        "DisplayData": {
            "DisplayName": provider.display_name(),
            "Description": provider.description(),
        },
    })
}
