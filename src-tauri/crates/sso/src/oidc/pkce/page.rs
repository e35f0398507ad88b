//! The pages the browser sees when it returns.

use std::fmt::Write as _;

use crate::error::Kind;
use crate::oidc::Error;

/// A page that stands alone: no script, nothing loaded, light or dark as the browser likes.
pub(super) struct Page {
    status: &'static str,
    title: &'static str,
    text: String,
    mark: &'static str,
}

impl Page {
    pub(super) fn signed_in() -> Self {
        Self {
            status: "200 OK",
            title: "You are signed in",
            text: "You can close this tab and return to Vestibule.".to_owned(),
            mark: "M14 26l8 8 14-18",
        }
    }

    pub(super) fn failed(error: &Error) -> Self {
        let text = match error.kind() {
            Kind::AccessDenied => {
                "Vestibule was not given access. To try again, return to Vestibule and sign in."
            }
            _ => {
                "The sign-in could not be finished. Return to Vestibule to see why and to try again."
            }
        };
        let mut text = text.to_owned();
        if let Error::Denied {
            description: Some(said),
            ..
        } = error
        {
            let _ = write!(text, " The portal said: {said}");
        }
        Self {
            status: "200 OK",
            title: "You are not signed in",
            text,
            mark: "M16 16l18 18M34 16L16 34",
        }
    }

    pub(super) fn stranger() -> Self {
        Self {
            status: "400 Bad Request",
            title: "This is not the sign-in Vestibule waits for",
            text: "It may be an old tab. Close it and use the newest one, or sign in again from Vestibule.".to_owned(),
            mark: "M25 14v14M25 34v2",
        }
    }

    pub(super) fn not_found() -> Self {
        Self {
            status: "404 Not Found",
            title: "There is nothing here",
            text: "Return to Vestibule.".to_owned(),
            mark: "M25 14v14M25 34v2",
        }
    }

    /// The whole HTTP response.
    pub(super) fn response(&self) -> String {
        let body = self.html();
        format!(
            "HTTP/1.1 {}\r\n\
             content-type: text/html; charset=utf-8\r\n\
             content-length: {}\r\n\
             content-security-policy: default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'\r\n\
             referrer-policy: no-referrer\r\n\
             x-content-type-options: nosniff\r\n\
             cache-control: no-store\r\n\
             connection: close\r\n\r\n{body}",
            self.status,
            body.len(),
        )
    }

    fn html(&self) -> String {
        let (title, text, mark) = (escaped(self.title), escaped(&self.text), self.mark);
        format!(
            r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title} · Vestibule</title>
<style>{STYLE}</style>
</head>
<body>
<main>
<svg viewBox="0 0 50 50" aria-hidden="true"><circle cx="25" cy="25" r="23"/><path d="{mark}"/></svg>
<h1>{title}</h1>
<p>{text}</p>
</main>
</body>
</html>
"#
        )
    }
}

const STYLE: &str = "\
:root{color-scheme:light dark;--back:#f6f5f2;--text:#1d1f23;--quiet:#55585f;--mark:#2d5da8}\
@media(prefers-color-scheme:dark){:root{--back:#17191d;--text:#eceae5;--quiet:#aeb2ba;--mark:#8db4f2}}\
body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--back);color:var(--text);\
font:1rem/1.5 system-ui,sans-serif}\
main{max-width:28rem;padding:2rem;text-align:center}\
svg{width:3.5rem;fill:none;stroke:var(--mark);stroke-width:3;stroke-linecap:round;stroke-linejoin:round}\
h1{font-size:1.5rem;font-weight:600;line-height:1.25;margin:1rem 0 .5rem}\
p{margin:0;color:var(--quiet);overflow-wrap:anywhere}";

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
