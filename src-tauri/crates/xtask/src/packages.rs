//! System packages: which are missing, and how this machine installs them.

use std::env;
use std::io::{IsTerminal, Write, stdin, stdout};
use std::process::Command;

use anyhow::{Result, bail};

use crate::run::{run, succeeds};

/// One thing that is needed, under the name each package manager has for it.
/// `None`: it comes with the system, or the manager does not have it.
pub(crate) struct Package {
    apt: Option<&'static str>,
    dnf: Option<&'static str>,
    pacman: Option<&'static str>,
    brew: Option<&'static str>,
}

const fn linux(apt: &'static str, dnf: &'static str, pacman: &'static str) -> Package {
    Package {
        apt: Some(apt),
        dnf: Some(dnf),
        pacman: Some(pacman),
        brew: None,
    }
}

/// A package that only the test run needs; tests run on Debian and its kin.
const fn debian(apt: &'static str) -> Package {
    Package {
        apt: Some(apt),
        dnf: None,
        pacman: None,
        brew: None,
    }
}

/// What compiling the command line and the portal takes.
pub(crate) const COMPILER: &[Package] = &[
    linux("build-essential", "gcc-c++", "base-devel"),
    linux("pkg-config", "pkgconf-pkg-config", "pkgconf"),
];

/// What compiling the tray and its windows takes besides.
pub(crate) const WINDOWS: &[Package] = &[
    linux(
        "libwebkit2gtk-4.1-dev",
        "webkit2gtk4.1-devel",
        "webkit2gtk-4.1",
    ),
    linux(
        "libayatana-appindicator3-dev",
        "libappindicator-gtk3-devel",
        "libappindicator-gtk3",
    ),
    linux("librsvg2-dev", "librsvg2-devel", "librsvg"),
    linux("libxdo-dev", "libxdo-devel", "xdotool"),
];

/// What the tests drive: display, bus, keyring, notifications, panel, browser, AWS's command line,
/// shells, wrong clocks, networks of their own, a database server.
pub(crate) const TEST: &[Package] = &[
    debian("awscli"),
    debian("chromium"),
    debian("dbus"),
    debian("faketime"),
    debian("fish"),
    debian("gnome-keyring"),
    debian("iproute2"),
    debian("libsecret-tools"),
    debian("openssh-client"),
    debian("openssh-server"),
    debian("openssl"),
    debian("postgresql"),
    debian("python3-venv"),
    debian("webkit2gtk-driver"),
    debian("xauth"),
    debian("xclip"),
    debian("xdg-utils"),
    debian("xdotool"),
    debian("xvfb"),
    debian("zsh"),
];

/// What renders the icons.
pub(crate) const ICONS: &[Package] = &[linux("librsvg2-bin", "librsvg2-tools", "librsvg")];

/// What shows the tray to a camera.
pub(crate) const SCREENSHOTS: &[Package] = &[debian("imagemagick"), debian("xfce4-panel")];

/// What makes the .deb.
pub(crate) const PACKAGING: &[Package] = &[debian("dpkg-dev"), debian("help2man")];

#[derive(Clone, Copy)]
enum Manager {
    Apt,
    Dnf,
    Pacman,
    Brew,
}

/// Installs what is missing of `packages`: at once as root or with `yes`, otherwise after asking.
/// Where nobody can be asked, the error holds the command to run.
pub(crate) fn install(packages: &[&Package], yes: bool) -> Result<()> {
    let Some(manager) = Manager::find() else {
        println!("No package manager known here; going on with what is installed.");
        return Ok(());
    };
    let missing: Vec<&str> = packages
        .iter()
        .filter_map(|package| manager.name(package))
        .filter(|name| !manager.has(name))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let install = manager.install(&missing);
    if !is_root() && !yes && !agreed(&install)? {
        bail!("packages are missing; install them, then run this again:\n    {install}");
    }
    println!("Installing: {install}");
    run(Command::new("sh").arg("-c").arg(&install))
}

impl Manager {
    fn find() -> Option<Self> {
        [
            (Self::Apt, "apt-get"),
            (Self::Dnf, "dnf"),
            (Self::Pacman, "pacman"),
            (Self::Brew, "brew"),
        ]
        .into_iter()
        .find(|(_, program)| succeeds(Command::new(program).arg("--version")))
        .map(|(manager, _)| manager)
    }

    fn name(self, package: &Package) -> Option<&'static str> {
        match self {
            Self::Apt => package.apt,
            Self::Dnf => package.dnf,
            Self::Pacman => package.pacman,
            Self::Brew => package.brew,
        }
    }

    fn has(self, name: &str) -> bool {
        match self {
            Self::Apt => succeeds(Command::new("dpkg").args(["-s", name])),
            Self::Dnf => succeeds(Command::new("rpm").args(["-q", name])),
            // A group such as base-devel is a package of its own since 2023.
            Self::Pacman => succeeds(Command::new("pacman").args(["-Qq", name])),
            Self::Brew => succeeds(Command::new("brew").args(["list", name])),
        }
    }

    /// The shell line that installs `names`, with `sudo` where it takes one.
    fn install(self, names: &[&str]) -> String {
        let names = names.join(" ");
        let sudo = if is_root() { "" } else { "sudo " };
        match self {
            Self::Apt => format!(
                "{sudo}apt-get update -q && \
                 {sudo}env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends {names}"
            ),
            Self::Dnf => format!("{sudo}dnf install -y {names}"),
            Self::Pacman => format!("{sudo}pacman -S --needed --noconfirm {names}"),
            Self::Brew => format!("brew install {names}"),
        }
    }
}

fn agreed(install: &str) -> Result<bool> {
    if !stdin().is_terminal() {
        return Ok(false);
    }
    print!("Packages are missing. Run this?\n    {install}\n[Y/n] ");
    stdout().flush()?;
    let mut answer = String::new();
    stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "" | "y" | "Y" | "yes"))
}

fn is_root() -> bool {
    env::var_os("USER").is_some_and(|user| user == "root")
        || crate::run::output(Command::new("id").arg("-u")).is_ok_and(|id| id == "0")
}
