//! `cargo xtask package`: a .deb of the release build.

use std::env::consts::ARCH;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::packages::{self, COMPILER, PACKAGING, WINDOWS};
use crate::run::{output, run as execute};
use crate::{ui, workspace};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The programs, each with what its manual page calls it.
const PROGRAMS: &[(&str, &str)] = &[
    ("vestibule", "sign in once, use every AWS account"),
    ("vestibule-portal", "an Identity Center of its own"),
    ("vestibule-tray", "every AWS account one click away"),
];

/// Sizes in pixels of the application's icon.
const ICON_SIZES: &[u32] = &[32, 64, 128, 256, 512];

/// Shells with the path of a completion script for `vestibule`.
const COMPLETIONS: &[(&str, &str)] = &[
    ("bash", "usr/share/bash-completion/completions/vestibule"),
    ("zsh", "usr/share/zsh/vendor-completions/_vestibule"),
    ("fish", "usr/share/fish/vendor_completions.d/vestibule.fish"),
];

/// Where what there is to read lies.
const DOCUMENTATION: &str = "usr/share/doc/vestibule";

/// Nobody reads mail for the package; a Debian package must name an address all the same.
const MAINTAINER: &str = "Vestibule maintainers <maintainers@vestibule.invalid>";

const DESKTOP_ENTRY: &str = "\
[Desktop Entry]
Type=Application
Name=Vestibule
GenericName=AWS accounts
Comment=Sign in once; every AWS account is one click away
Exec=vestibule-tray
Icon=vestibule
Terminal=false
Categories=Development;Network;
Keywords=AWS;SSO;Identity Center;console;credentials;
";

/// Builds the programs for release, lays them out as installed, and packs that.
pub(crate) fn run() -> Result<()> {
    let needed: Vec<_> = [COMPILER, WINDOWS, PACKAGING]
        .into_iter()
        .flatten()
        .collect();
    packages::install(&needed, false)?;
    ui::build()?;
    build()?;
    let tree = Tree::clean(workspace::target()?.join("package/tree"))?;
    for (program, name) in PROGRAMS {
        tree.copy(&release(program)?, &format!("usr/bin/{program}"))?;
        execute(
            Command::new("chmod")
                .arg("755")
                .arg(tree.path(&format!("usr/bin/{program}"))),
        )?;
        manual(&tree, program, name)?;
    }
    completions(&tree)?;
    icons(&tree)?;
    tree.write("usr/share/applications/vestibule.desktop", DESKTOP_ENTRY)?;
    documentation(&tree)?;
    let package = pack(&tree)?;
    println!("{}", package.display());
    Ok(())
}

fn build() -> Result<()> {
    execute(workspace::cargo()?.args([
        "build",
        "--release",
        "--package=cli",
        "--package=portal",
        "--package=vestibule-tray",
    ]))
}

fn release(program: &str) -> Result<PathBuf> {
    Ok(workspace::target()?.join("release").join(program))
}

/// A manual page from the program's own help.
fn manual(tree: &Tree, program: &str, name: &str) -> Result<()> {
    let path = tree.path(&format!("usr/share/man/man1/{program}.1"));
    tree.make_parent(&path)?;
    execute(
        Command::new("help2man")
            .args([
                "--no-info",
                "--no-discard-stderr",
                "--section=1",
                "--source=Vestibule",
            ])
            .args(["--name", name])
            .arg("--output")
            .arg(&path)
            .arg(release(program)?),
    )?;
    compress(&path)
}

fn compress(path: &Path) -> Result<()> {
    execute(
        Command::new("gzip")
            .args(["--best", "--no-name", "--force"])
            .arg(path),
    )
}

fn completions(tree: &Tree) -> Result<()> {
    for (shell, path) in COMPLETIONS {
        let script = output(Command::new(release("vestibule")?).args(["completions", shell]))?;
        tree.write(path, &(script + "\n"))?;
    }
    Ok(())
}

fn documentation(tree: &Tree) -> Result<()> {
    let root = workspace::root()?;
    for text in ["README.md", "CHANGELOG.md", "SECURITY.md"] {
        tree.copy(&root.join(text), &format!("{DOCUMENTATION}/{text}"))?;
    }
    changelog(tree)?;
    let copyright = format!(
        "Vestibule may be used under either of these licences: the Apache License 2.0, whose text \
         is in /usr/share/common-licenses/Apache-2.0, or the MIT License:\n\n{}",
        fs::read_to_string(root.join("LICENSE-MIT"))?
    );
    tree.write(&format!("{DOCUMENTATION}/copyright"), &copyright)
}

/// The changelog in Debian's own form: this version, as of the commit it is built from.
fn changelog(tree: &Tree) -> Result<()> {
    let mut git = Command::new("git");
    git.args(["log", "-1", "--format=%cD"])
        .current_dir(workspace::root()?);
    let name = format!("{DOCUMENTATION}/changelog");
    let text = format!(
        "vestibule ({VERSION}) unstable; urgency=medium\n\n  \
         * What is new stands in CHANGELOG.md beside this file.\n\n \
         -- {MAINTAINER}  {date}\n",
        date = output(&mut git)?
    );
    tree.write(&name, &text)?;
    compress(&tree.path(&name))
}

fn icons(tree: &Tree) -> Result<()> {
    let icons = workspace::root()?.join("icons");
    let theme = "usr/share/icons/hicolor";
    for size in ICON_SIZES {
        tree.copy(
            &icons.join(format!("app-{size}.png")),
            &format!("{theme}/{size}x{size}/apps/vestibule.png"),
        )?;
    }
    tree.copy(
        &icons.join("app.svg"),
        &format!("{theme}/scalable/apps/vestibule.svg"),
    )
}

/// Writes the control file and packs the tree, owned by root.
fn pack(tree: &Tree) -> Result<PathBuf> {
    let architecture = output(Command::new("dpkg").arg("--print-architecture"))
        .unwrap_or_else(|_| ARCH.to_owned());
    tree.write(
        "DEBIAN/control",
        &format!(
            "Package: vestibule\n\
         Version: {VERSION}\n\
         Architecture: {architecture}\n\
         Maintainer: {MAINTAINER}\n\
         Section: net\n\
         Priority: optional\n\
         Depends: libc6, libwebkit2gtk-4.1-0, libgtk-3-0 | libgtk-3-0t64\n\
         Recommends: libayatana-appindicator3-1, gnome-keyring | keepassxc | kwalletmanager\n\
         Suggests: awscli\n\
         Description: sign in once; every AWS account is one click away\n \
         A tray application, an agent and a command line for AWS IAM Identity Center,\n \
         and an Identity Center of its own to try them with or to host.\n"
        ),
    )?;
    let package =
        workspace::target()?.join(format!("package/vestibule_{VERSION}_{architecture}.deb"));
    execute(
        Command::new("dpkg-deb")
            .args(["--root-owner-group", "--build"])
            .arg(tree.path(""))
            .arg(&package),
    )?;
    Ok(package)
}

/// The package's files as they will lie on the machine.
struct Tree(PathBuf);

impl Tree {
    fn clean(root: PathBuf) -> Result<Self> {
        if root.exists() {
            fs::remove_dir_all(&root)?;
        }
        fs::create_dir_all(&root)?;
        Ok(Self(root))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn make_parent(&self, path: &Path) -> Result<()> {
        let parent = path.parent().context("a file lies in a folder")?;
        Ok(fs::create_dir_all(parent)?)
    }

    fn copy(&self, from: &Path, name: &str) -> Result<()> {
        let to = self.path(name);
        self.make_parent(&to)?;
        fs::copy(from, &to).with_context(|| format!("cannot copy {}", from.display()))?;
        Ok(())
    }

    fn write(&self, name: &str, text: &str) -> Result<()> {
        let path = self.path(name);
        self.make_parent(&path)?;
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
    }
}
