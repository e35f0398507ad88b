//! Whether AWS's tools find credentials in a `[default]` profile before they ask an endpoint.

use std::path::PathBuf;

use aws_files::{Paths, reading, write};
use ipc::dirs::Env;

/// Settings by which a profile gives credentials.
const GIVING: [&str; 7] = [
    "aws_access_key_id",
    "credential_process",
    "role_arn",
    "sso_account_id",
    "sso_session",
    "sso_start_url",
    "web_identity_token_file",
];

/// The file whose `[default]` gives credentials. One that cannot be read gives none.
pub(crate) fn giving_credentials(env: Env<'_>) -> Option<PathBuf> {
    let paths = Paths::from_env(env).ok()?;
    [paths.credentials, paths.config].into_iter().find(|file| {
        let read = write::read(file).ok();
        let read = read.and_then(|document| reading::read(&document).ok());
        read.and_then(|mut reading| reading.profiles.remove("default"))
            .is_some_and(|default| GIVING.iter().any(|key| default.contains_key(*key)))
    })
}
