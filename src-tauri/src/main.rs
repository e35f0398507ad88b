//! The tray application `vestibule-tray`: a thin shell around the agent.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod autostart;
mod border;
mod browser;
mod clipboard;
mod commands;
mod demonstration;
mod desktop;
mod notify;
mod platform;
mod running;
mod tray;
mod windows;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use agent::controller::{Environment, Handle};
use agent::menu::{Action, Window};
use anyhow::Context;
use clap::Parser;
use tauri::{App, AppHandle, Manager, RunEvent, async_runtime};
use tracing_subscriber::EnvFilter;

use autostart::Autostart;
use demonstration::Demonstration;
use desktop::Wishes;
use running::Running;

/// Vestibule in the tray: sign in once, every AWS account one click away.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// What puts the icon into the tray.
    #[arg(long, value_enum, default_value_t)]
    tray: tray::Backend,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    tracing_subscriber::fmt()
        .with_env_filter(
            EnvFilter::try_from_env("VESTIBULE_LOG").unwrap_or_else(|_| "warn,zbus=error".into()),
        )
        .with_writer(std::io::stderr)
        .init();
    platform::ensure_display()?;
    // One thread waits for I/O, one computes: this program sleeps nearly always.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    async_runtime::set(runtime.handle().clone());
    let _entered = runtime.enter();
    let environment = Environment::from_process()?;
    let app = build(&environment)?;
    let mut start = Some(prepare(&app, arguments.tray, environment)?);
    app.run(move |app, event| match event {
        RunEvent::Ready => {
            if let Some(start) = start.take()
                && let Err(error) = start.draw(app)
            {
                tracing::error!(%error, "there can be no tray icon");
                app.exit(1);
            }
        }
        // The last window was closed: the tray stays.
        RunEvent::ExitRequested {
            code: None, api, ..
        } => api.prevent_exit(),
        RunEvent::Exit => stop(app),
        _ => {}
    });
    Ok(())
}

/// What is drawn once the platform is ready.
struct Start {
    tray: tray::Backend,
    agent: Handle,
    wishes: Wishes,
    demonstration: Demonstration,
}

/// A second instance ends here, after it told the first.
fn build(environment: &Environment) -> anyhow::Result<App> {
    let instance = tauri_plugin_single_instance::Builder::new()
        .dbus_id(instance_id(&environment.paths.socket))
        .callback(|app, _, _| show_search(app));
    let builder = tauri::Builder::default()
        .plugin(instance.build())
        .invoke_handler(commands::handler());
    #[cfg(not(target_os = "linux"))]
    let builder = builder.plugin(tauri_plugin_autostart::Builder::new().build());
    builder
        .build(tauri::generate_context!())
        .context("the program could not start")
}

/// Starts the agent and everything that needs no main loop.
fn prepare(app: &App, tray: tray::Backend, environment: Environment) -> anyhow::Result<Start> {
    let program = std::env::current_exe()?;
    let data = environment.paths.state.parent().map(Path::to_owned);
    let demonstration = Demonstration::beside(&program, &data.unwrap_or_default());
    let (desktop, wishes) = desktop::new();
    let (agent, running) = async_runtime::block_on(Running::start(environment, desktop))?;
    app.manage(autostart(app, program)?);
    app.manage(agent.clone());
    app.manage(Mutex::new(Some(running)));
    async_runtime::spawn(quit_on_signal(agent.clone()));
    Ok(Start {
        tray,
        agent,
        wishes,
        demonstration,
    })
}

impl Start {
    fn draw(self, app: &AppHandle) -> tauri::Result<()> {
        platform::outlive_session_bus();
        let menus = self.wishes.menus.clone();
        tray::start(self.tray, app, menus, self.agent.clone())?;
        let windows = windows::keep_informed(app.clone(), self.agent.clone());
        async_runtime::spawn(windows);
        let desktop = desktop::run(self.wishes, app.clone(), self.agent, self.demonstration);
        async_runtime::spawn(desktop);
        Ok(())
    }
}

/// Ends the agent; nothing of it runs on when this returns.
fn stop(app: &AppHandle) {
    let running = app.try_state::<Mutex<Option<Running>>>();
    let running = running.and_then(|running| running.lock().ok()?.take());
    if let Some(running) = running {
        async_runtime::block_on(running.stop());
    }
}

fn show_search(app: &AppHandle) {
    // A second start may come before the agent of the first is there.
    if let Some(agent) = app.try_state::<Handle>() {
        let agent = agent.inner().clone();
        async_runtime::spawn(async move { agent.act(Action::Show(Window::Search)).await });
    }
}

/// Ends the program as *Quit* does when the system asks.
async fn quit_on_signal(agent: Handle) {
    match platform::termination().await {
        Ok(()) => agent.act(Action::Quit).await,
        Err(error) => tracing::warn!(%error, "signals will end the program at once"),
    }
}

/// One instance for each agent's socket: the demonstration runs beside the user's own.
fn instance_id(socket: &Path) -> String {
    let mut hasher = DefaultHasher::new();
    socket.hash(&mut hasher);
    format!("org.vestibule.tray.on{:016x}", hasher.finish())
}

#[cfg(target_os = "linux")]
fn autostart(_app: &App, program: PathBuf) -> anyhow::Result<Autostart> {
    Ok(Autostart::new(&|name| std::env::var_os(name), program)?)
}

#[cfg(not(target_os = "linux"))]
fn autostart(app: &App, _program: PathBuf) -> anyhow::Result<Autostart> {
    Ok(Autostart::new(app.handle().clone()))
}
