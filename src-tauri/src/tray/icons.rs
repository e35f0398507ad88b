//! The tray's icons, compiled in.

use agent::menu::Icon;
use tauri::image::Image;
use tauri::include_image;

/// The icon in every size there is, smallest first: white with a dark outline.
#[cfg(target_os = "linux")]
pub(super) fn sizes(icon: Icon) -> [Image<'static>; 6] {
    match icon {
        Icon::SignedOut => [
            include_image!("../icons/tray/signed-out-16.png"),
            include_image!("../icons/tray/signed-out-22.png"),
            include_image!("../icons/tray/signed-out-24.png"),
            include_image!("../icons/tray/signed-out-32.png"),
            include_image!("../icons/tray/signed-out-48.png"),
            include_image!("../icons/tray/signed-out-64.png"),
        ],
        Icon::SignedIn => [
            include_image!("../icons/tray/signed-in-16.png"),
            include_image!("../icons/tray/signed-in-22.png"),
            include_image!("../icons/tray/signed-in-24.png"),
            include_image!("../icons/tray/signed-in-32.png"),
            include_image!("../icons/tray/signed-in-48.png"),
            include_image!("../icons/tray/signed-in-64.png"),
        ],
        Icon::Busy => [
            include_image!("../icons/tray/busy-16.png"),
            include_image!("../icons/tray/busy-22.png"),
            include_image!("../icons/tray/busy-24.png"),
            include_image!("../icons/tray/busy-32.png"),
            include_image!("../icons/tray/busy-48.png"),
            include_image!("../icons/tray/busy-64.png"),
        ],
        Icon::Attention => [
            include_image!("../icons/tray/attention-16.png"),
            include_image!("../icons/tray/attention-22.png"),
            include_image!("../icons/tray/attention-24.png"),
            include_image!("../icons/tray/attention-32.png"),
            include_image!("../icons/tray/attention-48.png"),
            include_image!("../icons/tray/attention-64.png"),
        ],
    }
}

/// The icon in the one size that Tauri's tray takes and scales itself.
#[cfg(not(target_os = "macos"))]
pub(super) fn single(icon: Icon) -> Image<'static> {
    match icon {
        Icon::SignedOut => include_image!("../icons/tray/signed-out-32.png"),
        Icon::SignedIn => include_image!("../icons/tray/signed-in-32.png"),
        Icon::Busy => include_image!("../icons/tray/busy-32.png"),
        Icon::Attention => include_image!("../icons/tray/attention-32.png"),
    }
}

/// The icon as a template image, which the menu bar colours itself.
#[cfg(target_os = "macos")]
pub(super) fn single(icon: Icon) -> Image<'static> {
    match icon {
        Icon::SignedOut => include_image!("../icons/template/signed-out-44.png"),
        Icon::SignedIn => include_image!("../icons/template/signed-in-44.png"),
        Icon::Busy => include_image!("../icons/template/busy-44.png"),
        Icon::Attention => include_image!("../icons/template/attention-44.png"),
    }
}
