//! `cargo xtask screenshots`: the pictures of the README, from the running program on a real panel.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use e2e::browser::{Browser, Consent};
use e2e::bus::Bus;
use e2e::desktop::start_tray;
use e2e::display::Display;
use e2e::keyring::Keyring;
use e2e::process::text_of;
use e2e::{Portal, World, eventually, vestibule};

/// A panel along the top with nothing but a tray.
const PANEL: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=6;x=640;y=20"/>
      <property name="length" type="uint" value="100"/>
      <property name="size" type="uint" value="40"/>
      <property name="plugin-ids" type="array">
        <value type="int" value="1"/>
      </property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="systray">
      <property name="square-icons" type="bool" value="true"/>
    </property>
  </property>
</channel>
"#;

/// Colour of the desktop behind the menus, in place of a bare display's black.
const DESKTOP: &str = "#5c7185";

/// Colours in a picture that shows more than a background.
const DRAWN: u32 = 16;

fn main() -> Result<()> {
    let target = PathBuf::from(
        std::env::args_os()
            .nth(1)
            .context("usage: screenshots FOLDER")?,
    );
    e2e::in_world(async |world| take(world, &target).await)
}

async fn take(world: &mut World, target: &Path) -> Result<()> {
    let _display = Display::start(world).await?;
    let bus = Bus::start(world).await?;
    let _keyring = Keyring::unlocked(world, &bus).await?;
    let _panel = start_panel(world).await?;
    let portal = Portal::start(world, &[]).await?;
    Browser::install(world, portal.user()?, Consent::Allow)?;
    vestibule::add(world, &portal).await?;
    vestibule::run(world, &["login"]).await?;
    vestibule::accounts_are(world, portal.facts.accounts.len()).await?;
    let _tray = start_tray(world, "ksni")?;

    open_menu(world).await?;
    let picture = target.join("menu.png");
    shoot(world, &picture, &["-crop", "760x350+0+0"]).await?;
    let mut paint = world.command("mogrify");
    paint
        .args(["-fill", DESKTOP, "-opaque", "black"])
        .arg(picture);
    text_of(paint).await?;
    x(world, &["key", "Escape", "Escape", "Escape"]).await?;

    // A second start brings up the search window.
    text_of(world.program("vestibule-tray")?).await?;
    let window = find(world, &["--onlyvisible", "--name", "Search"]).await?;
    drawn(world, &window).await?;
    x(
        world,
        &[
            "windowfocus",
            "--sync",
            &window,
            "type",
            "--delay",
            "60",
            "prod",
        ],
    )
    .await?;
    settled(world).await?;
    shoot_window(world, &window, &target.join("search.png")).await
}

async fn start_panel(world: &World) -> Result<[e2e::process::Process; 2]> {
    let folder = world.path("home/.config/xfce4/xfconf/xfce-perchannel-xml");
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("xfce4-panel.xml"), PANEL)?;
    let settings = world.start(
        "xfconfd",
        &mut world.command("/usr/lib/x86_64-linux-gnu/xfce4/xfconf/xfconfd"),
    )?;
    let panel = world.start("panel", &mut world.command("xfce4-panel"))?;
    find(world, &["--onlyvisible", "--class", "xfce4-panel"]).await?;
    Ok([settings, panel])
}

/// Opens the menu of the icon, the first in the tray, and walks to an account.
async fn open_menu(world: &World) -> Result<()> {
    icon_drawn(world).await?;
    settled(world).await?;
    x(world, &["mousemove", "20", "20", "click", "3"]).await?;
    settled(world).await?;
    // Accounts, into its submenu, and down to an account.
    for place in [["100", "107"], ["300", "107"], ["300", "208"]] {
        x(world, &[&["mousemove"], &place[..]].concat()).await?;
        settled(world).await?;
    }
    Ok(())
}

async fn find(world: &World, condition: &[&str]) -> Result<String> {
    eventually(&format!("a window {condition:?} appears"), async || {
        let found = text_of(xdotool(world, &[&["search"], condition].concat())).await;
        Ok(found
            .ok()
            .and_then(|ids| ids.lines().last().map(str::to_owned)))
    })
    .await
}

/// Waits until a window shows more than its background.
async fn drawn(world: &World, window: &str) -> Result<()> {
    let file = world.path("tmp/window.png");
    eventually("the window draws itself", async || {
        shoot_window(world, window, &file).await?;
        Ok((colours(world, &file).await? > DRAWN).then_some(()))
    })
    .await
}

/// Waits until the tray shows an icon in its first place.
async fn icon_drawn(world: &World) -> Result<()> {
    let file = world.path("tmp/icon.png");
    eventually("the icon appears", async || {
        shoot(world, &file, &["-crop", "40x40+14+0"]).await?;
        Ok((colours(world, &file).await? > DRAWN).then_some(()))
    })
    .await
}

async fn colours(world: &World, file: &Path) -> Result<u32> {
    let mut count = world.command("identify");
    count.args(["-format", "%k"]).arg(file);
    Ok(text_of(count).await?.parse()?)
}

/// Waits until nine pictures in a row are the same.
async fn settled(world: &World) -> Result<()> {
    let file = world.path("tmp/look.png");
    let mut last = Vec::new();
    let mut same = 0;
    eventually("the display comes to rest", async || {
        shoot(world, &file, &["-strip"]).await?;
        let now = fs::read(&file)?;
        same = if now == last { same + 1 } else { 0 };
        last = now;
        Ok((same >= 8).then_some(()))
    })
    .await
}

async fn shoot(world: &World, file: &Path, operations: &[&str]) -> Result<()> {
    let mut import = world.command("import");
    import
        .args(["-window", "root"])
        .args(operations)
        .arg("+repage")
        .arg(file);
    text_of(import).await.map(drop)
}

async fn shoot_window(world: &World, window: &str, file: &Path) -> Result<()> {
    let mut import = world.command("import");
    import.args(["-window", window]).arg(file);
    text_of(import).await.map(drop)
}

async fn x(world: &World, arguments: &[&str]) -> Result<()> {
    text_of(xdotool(world, arguments)).await.map(drop)
}

fn xdotool(world: &World, arguments: &[&str]) -> Command {
    let mut command = world.command("xdotool");
    command.args(arguments);
    command
}
