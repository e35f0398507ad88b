//! `cargo xtask icons`: renders the drawings of `icons/`. The results are committed, so that a
//! build needs no renderer.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::packages::{self, ICONS};
use crate::run::run as execute;
use crate::workspace;

/// Folder or file in `icons/`, and the sizes in pixels each of its drawings is rendered at.
const SIZES: &[(&str, &[u32])] = &[
    ("tray", &[16, 22, 24, 32, 48, 64]),
    ("template", &[44]),
    ("app.svg", &[32, 64, 128, 256, 512]),
];

/// Sizes in Windows' icon, each as a PNG.
const ICO_SIZES: &[u32] = &[32, 64, 256];

/// Renders every drawing at its sizes, and `app.ico`.
pub(crate) fn run() -> Result<()> {
    packages::install(&ICONS.iter().collect::<Vec<_>>(), false)?;
    let icons = workspace::root()?.join("icons");
    for (name, sizes) in SIZES {
        for drawing in drawings(&icons.join(name))? {
            for size in *sizes {
                render(&drawing, *size)?;
            }
        }
    }
    let app = icons.join("app.svg");
    let images = ICO_SIZES
        .iter()
        .map(|size| Ok((*size, fs::read(rendered(&app, *size))?)))
        .collect::<Result<Vec<_>>>()?;
    fs::write(icons.join("app.ico"), ico(&images)?)?;
    Ok(())
}

fn drawings(path: &Path) -> Result<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    let mut drawings = Vec::new();
    for entry in fs::read_dir(path).with_context(|| format!("cannot list {}", path.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "svg") {
            drawings.push(path);
        }
    }
    drawings.sort();
    Ok(drawings)
}

fn render(drawing: &Path, size: u32) -> Result<()> {
    let size_text = size.to_string();
    let target = rendered(drawing, size);
    println!("{}", target.display());
    execute(
        Command::new("rsvg-convert")
            .args(["--width", &size_text, "--height", &size_text, "--output"])
            .arg(target)
            .arg(drawing),
    )
}

/// `NAME.svg` becomes `NAME-SIZE.png`.
fn rendered(drawing: &Path, size: u32) -> PathBuf {
    let name = drawing.file_stem().unwrap_or_default().to_string_lossy();
    drawing.with_file_name(format!("{name}-{size}.png"))
}

/// The ICO container around PNG images: a header, an entry of 16 bytes an image, the images.
fn ico(images: &[(u32, Vec<u8>)]) -> Result<Vec<u8>> {
    const HEADER: usize = 6;
    const ENTRY: usize = 16;
    let mut file = Vec::new();
    file.extend([0, 0, 1, 0]);
    file.extend(u16::try_from(images.len())?.to_le_bytes());
    let mut offset = HEADER + ENTRY * images.len();
    for (size, png) in images {
        // 256 is written as 0. Then: no palette, one plane, 32 bits a pixel.
        let side = u8::try_from(*size).unwrap_or(0);
        file.extend([side, side, 0, 0, 1, 0, 32, 0]);
        file.extend(u32::try_from(png.len())?.to_le_bytes());
        file.extend(u32::try_from(offset)?.to_le_bytes());
        offset += png.len();
    }
    file.extend(images.iter().flat_map(|(_, png)| png));
    Ok(file)
}
