//! The windows: opened when asked for, one of each, destroyed after use (a webview is large).

use std::time::Duration;

use agent::controller::Handle;
use agent::menu::Window;
use tauri::webview::PageLoadEvent;
use tauri::{AppHandle, Emitter, Manager, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder};

use crate::autostart::Autostart;
use crate::border::Snapshot;

/// The event that brings a window what changed.
const SNAPSHOT: &str = "snapshot";

/// A listing of hundreds of accounts changes the state often; a window needs no more than this.
const BETWEEN_SNAPSHOTS: Duration = Duration::from_millis(50);

/// How a window looks from outside.
struct Frame {
    label: &'static str,
    title: &'static str,
    size: (f64, f64),
    least: (f64, f64),
}

/// Opens the window, or brings it to the front. Blocks until the main thread has made it.
///
/// # Errors
/// The platform gave no window.
pub(crate) fn show(app: &AppHandle, window: &Window) -> tauri::Result<()> {
    let frame = frame(window);
    let page = page(frame.label, window);
    let Some(open) = app.get_webview_window(frame.label) else {
        return build(app, &frame, &page);
    };
    if let Window::SignIn { .. } | Window::MfaCode(_) = window {
        let mut url = open.url()?;
        url.set_query(page.split_once('?').map(|(_, query)| query));
        if open.url()? != url {
            open.navigate(url)?;
        }
    }
    bring_forward(&open)
}

/// Tells the open windows of every change until the agent ends.
pub(crate) async fn keep_informed(app: AppHandle, agent: Handle) {
    let mut snapshots = agent.snapshot();
    while snapshots.changed().await.is_ok() {
        inform(&app, &agent);
        tokio::time::sleep(BETWEEN_SNAPSHOTS).await;
    }
}

/// Tells the open windows how things are now.
pub(crate) fn inform(app: &AppHandle, agent: &Handle) {
    if app.webview_windows().is_empty() {
        return;
    }
    let latest = agent.snapshot().borrow().clone();
    let autostart = app.state::<Autostart>().is_enabled();
    if let Err(error) = app.emit(SNAPSHOT, Snapshot::new(&latest, autostart)) {
        tracing::warn!(%error, "the windows could not be told of a change");
    }
}

fn frame(window: &Window) -> Frame {
    match window {
        Window::Search => Frame {
            label: "search",
            title: "Search – Vestibule",
            size: (720.0, 560.0),
            least: (360.0, 320.0),
        },
        Window::Settings => Frame {
            label: "settings",
            title: "Settings – Vestibule",
            size: (680.0, 640.0),
            least: (360.0, 320.0),
        },
        Window::MfaCode(_) => Frame {
            label: "mfa-code",
            title: "MFA code – Vestibule",
            size: (440.0, 420.0),
            least: (320.0, 320.0),
        },
        Window::SignIn { .. } => Frame {
            label: "sign-in",
            title: "Sign in – Vestibule",
            size: (480.0, 620.0),
            least: (320.0, 320.0),
        },
    }
}

/// Address of the window's page, relative to the application's own.
fn page(label: &str, window: &Window) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("window", label);
    match window {
        Window::SignIn { session } => {
            query.append_pair("session", session);
        }
        Window::MfaCode(role) => {
            query
                .append_pair("session", &role.session)
                .append_pair("accountId", &role.account_id)
                .append_pair("roleName", &role.role_name);
        }
        Window::Search | Window::Settings => {}
    }
    format!("index.html?{}", query.finish())
}

fn build(app: &AppHandle, frame: &Frame, page: &str) -> tauri::Result<()> {
    let (width, height) = frame.size;
    let (least_width, least_height) = frame.least;
    WebviewWindowBuilder::new(app, frame.label, WebviewUrl::App(page.into()))
        .title(frame.title)
        .inner_size(width, height)
        .min_inner_size(least_width, least_height)
        .center()
        // Shown once there is something to see, so that it does not flash.
        .visible(false)
        .on_navigation(is_own_page)
        .on_page_load(|window, load| {
            if load.event() == PageLoadEvent::Finished
                && let Err(error) = bring_forward(&window)
            {
                tracing::warn!(%error, "a window could not be shown");
            }
        })
        .build()
        .map(drop)
}

/// No page but the ones compiled in is ever shown.
fn is_own_page(url: &Url) -> bool {
    match url.scheme() {
        "tauri" => true,
        // Where WebView2 and Android cannot serve a scheme of one's own.
        "http" | "https" => cfg!(windows) && url.host_str() == Some("tauri.localhost"),
        _ => false,
    }
}

fn bring_forward(window: &WebviewWindow) -> tauri::Result<()> {
    window.show()?;
    window.unminimize()?;
    window.set_focus()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_name_of_any_letters_reaches_the_page() {
        let window = Window::SignIn {
            session: "R&D über=alles".into(),
        };
        let page = page(frame(&window).label, &window);
        assert_eq!(
            page,
            "index.html?window=sign-in&session=R%26D+%C3%BCber%3Dalles"
        );
    }

    #[test]
    fn a_window_stays_on_its_own_pages() {
        let own = |url| is_own_page(&Url::parse(url).unwrap());
        assert!(own("tauri://localhost/index.html?window=search"));
        assert!(!own("https://example.com/"));
        assert!(!own("data:text/html,hello"));
    }
}
