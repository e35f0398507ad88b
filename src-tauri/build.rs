//! Checks that the windows are built, and holds the windows to our own commands.

use std::path::Path;

/// Every command a window may call; `capabilities/windows.json` allows each by name.
const COMMANDS: &[&str] = &[
    "snapshot",
    "open_console",
    "copy_credentials",
    "copy_endpoint",
    "set_favourite",
    "set_kept",
    "sign_in",
    "cancel_sign_in",
    "sign_out",
    "open_sign_in_page",
    "enter_mfa_code",
    "cancel_mfa_code",
    "add_portal",
    "remove_portal",
    "importable_portals",
    "import_portals",
    "set_console",
    "set_share_sign_in",
    "add_chained_role",
    "remove_chained_role",
    "preview_profiles",
    "write_profiles",
    "remove_profiles",
    "set_browser",
    "set_autostart",
    "try_demonstration",
    "close_window",
];

fn main() {
    println!("cargo::rerun-if-changed=../ui/dist");
    assert!(
        Path::new("../ui/dist/index.html").is_file(),
        "the windows are not built: run `npm ci && npm run build` in the folder `ui`, then build again"
    );
    let manifest = tauri_build::AppManifest::new().commands(COMMANDS);
    let attributes = tauri_build::Attributes::new().app_manifest(manifest);
    if let Err(error) = tauri_build::try_build(attributes) {
        panic!("{error:#}");
    }
}
