//! What the demonstration keeps between its runs: its port and its users' secrets.

use std::{fs, io, path::Path};

use anyhow::{Context, Result};
use portal::store::write_private;
use serde::{Deserialize, Serialize};

/// The file `demo.json`, mode 600.
#[derive(Serialize, Deserialize, Default)]
pub(crate) struct Kept {
    /// The port, once it was chosen.
    pub(crate) port: Option<u16>,
    /// Which organization was made; it is made once, and what is changed later stays.
    pub(crate) organization: Option<String>,
    /// The users' secrets.
    #[serde(default)]
    pub(crate) users: Vec<Credentials>,
}

/// How a user of the demonstration signs in.
#[derive(Serialize, Deserialize, Clone)]
pub(crate) struct Credentials {
    pub(crate) user_name: String,
    pub(crate) password: String,
    /// Base32.
    pub(crate) totp_secret: String,
}

impl Kept {
    /// What is kept in `folder`; nothing the first time.
    pub(crate) fn read(folder: &Path) -> Result<Self> {
        let path = folder.join("demo.json");
        match fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text)
                .with_context(|| format!("{} is damaged; remove the folder", path.display())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error).with_context(|| format!("{} cannot be read", path.display())),
        }
    }

    /// Keeps it in `folder`.
    pub(crate) fn write(&self, folder: &Path) -> Result<()> {
        let path = folder.join("demo.json");
        write_private(&path, &serde_json::to_vec_pretty(self)?)
            .with_context(|| format!("{} cannot be written", path.display()))
    }
}
