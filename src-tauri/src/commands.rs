//! What the windows may ask. A command answers once it is done, or with the failure to show.

use agent::controller::{Change, Handle, Wish};
use agent::menu::Action;
use agent::profiles::Only;
use ipc::message::{Code, Delivery, EndpointOverrides, MfaCode, Request, Response, RoleQuery};
use secrecy::SecretString;
use tauri::ipc::Invoke;
use tauri::{AppHandle, State, WebviewWindow, Wry};
use url::Url;

use crate::autostart::Autostart;
use crate::border::{
    AllProfiles, Chained, ConsoleDoor, Failure, FoundPortal, Imported, ProfilesReport, RoleId,
    SignInFlow, Snapshot,
};
use crate::windows;

type Answer<T = ()> = Result<T, Failure>;

/// Takes the calls of the windows. `build.rs` and `capabilities/windows.json` name the same commands.
pub(crate) fn handler() -> impl Fn(Invoke<Wry>) -> bool + Send + Sync + 'static {
    tauri::generate_handler![
        snapshot,
        open_console,
        copy_credentials,
        copy_endpoint,
        set_favourite,
        set_kept,
        sign_in,
        cancel_sign_in,
        sign_out,
        open_sign_in_page,
        enter_mfa_code,
        cancel_mfa_code,
        add_portal,
        remove_portal,
        importable_portals,
        import_portals,
        set_console,
        set_share_sign_in,
        add_chained_role,
        remove_chained_role,
        preview_profiles,
        write_profiles,
        remove_profiles,
        set_browser,
        set_autostart,
        try_demonstration,
        close_window,
    ]
}

#[tauri::command]
async fn snapshot(agent: State<'_, Handle>, autostart: State<'_, Autostart>) -> Answer<Snapshot> {
    let latest = agent.snapshot().borrow().clone();
    Ok(Snapshot::new(&latest, autostart.is_enabled()))
}

#[tauri::command]
async fn open_console(agent: State<'_, Handle>, role: RoleId) -> Answer {
    Ok(agent.perform(Action::OpenConsole(role.into())).await?)
}

#[tauri::command]
async fn copy_credentials(agent: State<'_, Handle>, role: RoleId) -> Answer {
    Ok(agent.perform(Action::CopyCredentials(role.into())).await?)
}

#[tauri::command]
async fn copy_endpoint(agent: State<'_, Handle>, role: RoleId) -> Answer {
    Ok(agent.perform(Action::CopyEndpoint(role.into())).await?)
}

#[tauri::command]
async fn set_favourite(agent: State<'_, Handle>, role: RoleId, favourite: bool) -> Answer {
    let role = role.into();
    Ok(agent.change(Change::Favourite { role, favourite }).await?)
}

#[tauri::command]
async fn set_kept(
    agent: State<'_, Handle>,
    role: RoleId,
    delivery: Delivery,
    kept: bool,
) -> Answer {
    let change = Change::Kept {
        role: role.into(),
        delivery,
        kept,
    };
    Ok(agent.change(change).await?)
}

/// Answers when the sign-in is under way; how it goes on is in the snapshots.
#[tauri::command]
async fn sign_in(agent: State<'_, Handle>, session: String, flow: SignInFlow) -> Answer {
    let request = Request::Login {
        session: Some(session),
        flow: flow.into(),
        // With a code, the user chooses the browser.
        open: flow == SignInFlow::Pkce,
    };
    let mut answers = agent.ask(request).await;
    let first = answers.recv().await;
    // To give up listening would be to give up the sign-in.
    tauri::async_runtime::spawn(async move { while answers.recv().await.is_some() {} });
    match first {
        Some(Response::Error(failure)) => Err(failure.into()),
        _ => Ok(()),
    }
}

#[tauri::command]
async fn cancel_sign_in(agent: State<'_, Handle>, session: String) -> Answer {
    Ok(agent.perform(Action::CancelSignIn { session }).await?)
}

#[tauri::command]
async fn sign_out(agent: State<'_, Handle>, session: String) -> Answer {
    Ok(agent.perform(Action::SignOut { session }).await?)
}

#[tauri::command]
async fn open_sign_in_page(agent: State<'_, Handle>, session: String) -> Answer {
    let latest = agent.snapshot().borrow().clone();
    let under_way = latest.sessions.iter().find(|one| one.name == session);
    let page = under_way
        .and_then(|one| one.sign_in.as_ref()?.verification_uri_complete.clone())
        .ok_or_else(|| {
            Failure::new(
                Code::SignInCancelled,
                format!("No sign-in to {session} is under way."),
                "Start it again.",
            )
        })?;
    crate::browser::open(
        latest.browser.as_deref(),
        &SecretString::from(String::from(page)),
    )
    .map_err(|error| {
        Failure::new(
            Code::NoBrowser,
            error.to_string(),
            crate::browser::NEXT_STEP,
        )
    })
}

/// Answers once AWS took the code, or refused it.
#[tauri::command]
async fn enter_mfa_code(agent: State<'_, Handle>, role: RoleId, code: MfaCode) -> Answer {
    let role = RoleQuery {
        account: role.account_id,
        role: role.role_name,
        session: Some(role.session),
    };
    match agent.request(Request::MfaCode { role, code }).await {
        Response::Done => Ok(()),
        other => Err(unexpected(other)),
    }
}

#[tauri::command]
async fn cancel_mfa_code(agent: State<'_, Handle>, role: RoleId) -> Answer {
    Ok(agent.perform(Action::RefuseCode(role.into())).await?)
}

#[tauri::command]
async fn add_portal(
    agent: State<'_, Handle>,
    start_url: String,
    region: String,
    name: Option<String>,
) -> Answer<String> {
    let start_url = Url::parse(start_url.trim()).map_err(|_| {
        Failure::new(
            Code::BadRequest,
            format!("“{start_url}” is not a web address."),
            "Enter the start URL whole, such as https://example.awsapps.com/start.",
        )
    })?;
    let request = Request::AddPortal {
        start_url,
        region,
        name,
        endpoints: EndpointOverrides::default(),
    };
    match agent.request(request).await {
        Response::PortalAdded { name } => Ok(name),
        other => Err(unexpected(other)),
    }
}

#[tauri::command]
async fn remove_portal(agent: State<'_, Handle>, name: String) -> Answer {
    match agent.request(Request::RemovePortal { name }).await {
        Response::Done => Ok(()),
        other => Err(unexpected(other)),
    }
}

/// The portals that the AWS config file names and that are none here.
#[tauri::command]
async fn importable_portals(agent: State<'_, Handle>) -> Answer<Vec<FoundPortal>> {
    let found = agent.importable().await?;
    Ok(found.iter().map(FoundPortal::from).collect())
}

/// Adds all of them; one that cannot be does not keep the others out.
#[tauri::command]
async fn import_portals(agent: State<'_, Handle>) -> Answer<Imported> {
    let found = agent.importable().await?;
    let before = agent.snapshot().borrow().clone();
    let mut imported = Imported::default();
    for portal in found {
        let known = before.sessions.iter().map(|session| &session.name);
        let known: Vec<&str> = known.chain(&imported.names).map(String::as_str).collect();
        let answer = match portal.adoption(&known, EndpointOverrides::default()) {
            Ok(request) => agent.request(request).await,
            Err(failure) => Response::Error(failure),
        };
        match answer {
            Response::PortalAdded { name } => imported.names.push(name),
            other => drop(imported.refused.insert(portal.start_url, unexpected(other))),
        }
    }
    Ok(imported)
}

#[tauri::command]
async fn set_console(agent: State<'_, Handle>, session: String, console: ConsoleDoor) -> Answer {
    let link = console.into();
    Ok(agent.change(Change::Console { session, link }).await?)
}

#[tauri::command]
async fn set_share_sign_in(agent: State<'_, Handle>, session: String, share: bool) -> Answer {
    Ok(agent.change(Change::ShareSignIn { session, share }).await?)
}

#[tauri::command]
async fn add_chained_role(agent: State<'_, Handle>, source: RoleId, chained: Chained) -> Answer {
    Ok(agent.add_chain(source.into(), chained.into()).await?)
}

#[tauri::command]
async fn remove_chained_role(agent: State<'_, Handle>, role: RoleId) -> Answer {
    Ok(agent.change(Change::ChainRemoved(role.into())).await?)
}

#[tauri::command]
async fn preview_profiles(agent: State<'_, Handle>, all: AllProfiles) -> Answer<ProfilesReport> {
    let wish = Wish::Preview(all.try_into()?);
    Ok(agent.profiles(wish).await?.into())
}

#[tauri::command]
async fn write_profiles(agent: State<'_, Handle>, all: AllProfiles) -> Answer<ProfilesReport> {
    let wish = Wish::Write(all.try_into()?);
    Ok(agent.profiles(wish).await?.into())
}

#[tauri::command]
async fn remove_profiles(agent: State<'_, Handle>, only: Option<String>) -> Answer<ProfilesReport> {
    let wish = Wish::Remove(Only(only));
    Ok(agent.profiles(wish).await?.into())
}

#[tauri::command]
async fn set_browser(agent: State<'_, Handle>, command: Option<String>) -> Answer {
    Ok(agent.change(Change::Browser(command)).await?)
}

#[tauri::command]
async fn set_autostart(
    app: AppHandle,
    agent: State<'_, Handle>,
    autostart: State<'_, Autostart>,
    enabled: bool,
) -> Answer {
    autostart.set(enabled).map_err(|error| {
        Failure::new(
            Code::File,
            format!("Starting with the desktop could not be changed: {error}"),
            "Check that the folder can be written to, then try again.",
        )
    })?;
    // The agent does not know of this setting, so no change of its state tells the windows.
    windows::inform(&app, &agent);
    Ok(())
}

#[tauri::command]
async fn try_demonstration(agent: State<'_, Handle>) -> Answer {
    Ok(agent.perform(Action::TryDemonstration).await?)
}

#[tauri::command]
async fn close_window(window: WebviewWindow) -> Answer {
    window.destroy().map_err(|error| {
        Failure::new(
            Code::Internal,
            error.to_string(),
            "Close the window by its frame.",
        )
    })
}

fn unexpected(response: Response) -> Failure {
    match response {
        Response::Error(failure) => failure.into(),
        _ => Failure::new(
            Code::Internal,
            "The agent gave an answer to another question.",
            "Quit Vestibule and start it again.",
        ),
    }
}
