//! A Tauri application with a tray icon and nothing else: what the bench holds ours against.

use tauri::tray::TrayIconBuilder;

fn main() -> tauri::Result<()> {
    tauri::Builder::default()
        .setup(|app| {
            let icon = tauri::include_image!("../icons/tray/signed-in-32.png");
            TrayIconBuilder::new().icon(icon).build(app)?;
            Ok(())
        })
        .run(tauri::generate_context!())
}
