//! An entry in the XDG autostart folder. (`tauri-plugin-autostart` looks neither at
//! `XDG_CONFIG_HOME` nor quotes the program's path.)

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use ipc::dirs::{self, NoHome};

/// Whether this program starts with the desktop.
#[derive(Debug)]
pub(crate) struct Autostart {
    entry: PathBuf,
    program: PathBuf,
}

impl Autostart {
    /// For this program and user.
    ///
    /// # Errors
    /// The environment names no home folder.
    pub(crate) fn new(
        env: &dyn Fn(&str) -> Option<OsString>,
        program: PathBuf,
    ) -> Result<Self, NoHome> {
        let ours = dirs::based(env, "XDG_CONFIG_HOME", ".config")?;
        let entry = ours.with_file_name("autostart").join("vestibule.desktop");
        Ok(Self { entry, program })
    }

    /// Whether it does.
    pub(crate) fn is_enabled(&self) -> bool {
        self.entry.is_file()
    }

    /// From now on it does, or no longer.
    ///
    /// # Errors
    /// The folder cannot be written to.
    pub(crate) fn set(&self, enabled: bool) -> io::Result<()> {
        if enabled {
            if let Some(folder) = self.entry.parent() {
                std::fs::create_dir_all(folder)?;
            }
            return std::fs::write(&self.entry, entry(&self.program));
        }
        match std::fs::remove_file(&self.entry) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

/// The program is started as it is by default, whatever tray was chosen for this run.
fn entry(program: &Path) -> String {
    format!(
        "[Desktop Entry]\nType=Application\nName=Vestibule\n\
         Comment=AWS accounts, one click away\nExec={}\nIcon=vestibule\nTerminal=false\n",
        quoted(&program.to_string_lossy())
    )
}

/// Quotes an argument of `Exec`: first for the argument, then, backslashes once more, for the value
/// (Desktop Entry Specification, "The Exec key"). A per cent sign would start a field code.
fn quoted(argument: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in argument.chars() {
        match letter {
            '"' | '`' | '$' => quoted.extend(["\\\\", &letter.to_string()]),
            '\\' => quoted.push_str("\\\\\\\\"),
            '%' => quoted.push_str("%%"),
            _ => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_turned_on_and_off_where_the_environment_says() {
        let home = tempfile::tempdir().unwrap();
        let config = home.path().join("settings of ana");
        let env = |name: &str| (name == "XDG_CONFIG_HOME").then(|| config.clone().into());
        let autostart = Autostart::new(&env, "/opt/vestibule/vestibule-tray".into()).unwrap();
        assert!(!autostart.is_enabled());
        autostart.set(true).unwrap();
        assert!(autostart.is_enabled());
        let entry = std::fs::read_to_string(config.join("autostart/vestibule.desktop")).unwrap();
        assert!(entry.contains("\nExec=\"/opt/vestibule/vestibule-tray\"\n"));
        autostart.set(false).unwrap();
        autostart.set(false).unwrap();
        assert!(!autostart.is_enabled());
    }

    #[test]
    fn a_path_of_any_letters_is_one_argument() {
        assert_eq!(quoted("/my apps/100% $ure"), r#""/my apps/100%% \\$ure""#);
        assert_eq!(quoted(r"a\b"), r#""a\\\\b""#);
    }
}
