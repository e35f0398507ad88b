//! `vestibule portal add`, `list`, `set` and `remove`

use std::io::Write as _;

use anstyle::Style;
use ipc::dirs::Env;
use ipc::message::{Code, EndpointOverrides, Request, Response};
use url::Url;

use super::status::{NO_PORTAL, sessions};
use crate::args::portal::{OnOff, Portal, PortalAdd, PortalSet};
use crate::ask::{ask, ask_done};
use crate::failure::{Error, Result};
use crate::output::{BOLD, Output, table};

pub(crate) fn run(args: Portal, env: Env<'_>, output: &mut Output) -> Result<()> {
    match args {
        Portal::Add(args) => add(args, env, output),
        Portal::List => list(env, output),
        Portal::Set(args) => set(args, env, output),
        Portal::Remove { name } => {
            ask_done(env, &Request::RemovePortal { name: name.clone() })?;
            Ok(output.hint(format_args!("Removed {name}."))?)
        }
    }
}

fn add(args: PortalAdd, env: Env<'_>, output: &mut Output) -> Result<()> {
    let request = Request::AddPortal {
        start_url: args.start_url,
        region: args.region,
        name: args.name,
        endpoints: endpoints(env)?,
    };
    match ask(env, &request, |_| {})? {
        Response::PortalAdded { name } => {
            output.line(&name)?;
            Ok(output.hint(format_args!("Sign in with: vestibule login {name}"))?)
        }
        _ => Err(Error::unexpected()),
    }
}

fn set(args: PortalSet, env: Env<'_>, output: &mut Output) -> Result<()> {
    let PortalSet {
        name,
        share_sign_in,
    } = args;
    let share = share_sign_in == OnOff::On;
    let request = Request::ShareSignIn {
        name: name.clone(),
        share,
    };
    ask_done(env, &request)?;
    let said = if share {
        format!(
            "While you are signed in to {name}, its token stands in a plain file in ~/.aws/sso/cache."
        )
    } else {
        format!(
            "The sign-in to {name} is no longer shared; its token file and the profiles that read it are removed."
        )
    };
    Ok(output.hint(said)?)
}

fn list(env: Env<'_>, output: &mut Output) -> Result<()> {
    let sessions = sessions(env)?;
    if sessions.is_empty() {
        return Ok(output.hint(NO_PORTAL)?);
    }
    let plain = Style::new();
    let rows: Vec<_> = sessions
        .into_iter()
        .map(|session| {
            vec![
                (BOLD, session.name),
                (plain, session.start_url.into()),
                (plain, session.region),
            ]
        })
        .collect();
    Ok(write!(output.out, "{}", table(&rows))?)
}

/// The endpoints that AWS's own clients would use from this environment.
pub(super) fn endpoints(env: Env<'_>) -> Result<EndpointOverrides> {
    Ok(EndpointOverrides {
        sso_oidc: endpoint("AWS_ENDPOINT_URL_SSO_OIDC", env)?,
        sso: endpoint("AWS_ENDPOINT_URL_SSO", env)?,
        sts: endpoint("AWS_ENDPOINT_URL_STS", env)?,
    })
}

fn endpoint(variable: &str, env: Env<'_>) -> Result<Option<Url>> {
    let Some(value) = env(variable).filter(|value| !value.is_empty()) else {
        return Ok(None);
    };
    let value = value.to_string_lossy();
    let refused = |error| {
        let message = format!("{variable} is not an address: {value}: {error}");
        Error::new(
            Code::BadRequest,
            message,
            "Correct it or unset it, then try again.",
        )
    };
    Url::parse(&value).map(Some).map_err(refused)
}
