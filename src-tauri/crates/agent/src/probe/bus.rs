//! The session bus of a Linux desktop.

use std::time::Duration;

use zbus::Connection;
use zbus::fdo::DBusProxy;
use zbus::zvariant::{OwnedObjectPath, OwnedValue};

use super::{Bus, Secrets};

/// How long all the answers together may take.
const LIMIT: Duration = Duration::from_secs(5);

const SECRETS: &str = "org.freedesktop.secrets";
const NOTIFICATIONS: &str = "org.freedesktop.Notifications";
const TRAY: &str = "org.kde.StatusNotifierWatcher";

/// What stands on the session bus; `None` where the platform has none.
///
/// # Errors
/// There is no bus, or it does not answer, in words.
pub async fn bus() -> Option<Result<Bus, String>> {
    Some(match tokio::time::timeout(LIMIT, look()).await {
        Ok(looked) => looked.map_err(|error| error.to_string()),
        Err(_) => Err("it does not answer".to_owned()),
    })
}

async fn look() -> zbus::Result<Bus> {
    let connection = Connection::session().await?;
    let names = DBusProxy::new(&connection).await?;
    let running = names.list_names().await?;
    let startable = names.list_activatable_names().await?;
    let runs = |name: &str| running.iter().any(|one| one.as_str() == name);
    let starts = |name: &str| startable.iter().any(|one| one.as_str() == name);
    let secrets = if runs(SECRETS) || starts(SECRETS) {
        secrets(&connection).await.unwrap_or(Secrets::Absent)
    } else {
        Secrets::Absent
    };
    Ok(Bus {
        secrets,
        tray: runs(TRAY),
        notifications: runs(NOTIFICATIONS) || starts(NOTIFICATIONS),
    })
}

/// Looks without touching: nothing here makes the service ask for a password.
async fn secrets(connection: &Connection) -> zbus::Result<Secrets> {
    let alias = connection
        .call_method(
            Some(SECRETS),
            "/org/freedesktop/secrets",
            Some("org.freedesktop.Secret.Service"),
            "ReadAlias",
            &("default",),
        )
        .await?;
    let collection: OwnedObjectPath = alias.body().deserialize()?;
    if collection.as_str() == "/" {
        return Ok(Secrets::Empty);
    }
    let locked = connection
        .call_method(
            Some(SECRETS),
            collection.as_ref(),
            Some("org.freedesktop.DBus.Properties"),
            "Get",
            &("org.freedesktop.Secret.Collection", "Locked"),
        )
        .await?;
    let locked: OwnedValue = locked.body().deserialize()?;
    Ok(match bool::try_from(locked)? {
        true => Secrets::Locked,
        false => Secrets::Unlocked,
    })
}
