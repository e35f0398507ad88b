//! A browser as the portal's pages see it: cookies, forms, an address.

use std::collections::BTreeMap;

use axum::{
    body::Body,
    http::{HeaderMap, Request, StatusCode, header},
};
use http_body_util::BodyExt;
use portal::{
    clock::Clock,
    directory::{self, NewPassword},
    mfa, router,
};
use tower::ServiceExt;
use url::form_urlencoded;

use crate::house::{House, PROXY};

pub(crate) const PASSWORD: &str = "correct horse battery staple";
/// `12345678901234567890`, the secret of RFC 6238's test vectors.
pub(crate) const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

pub(crate) struct Browser<'a> {
    house: &'a House,
    cookies: BTreeMap<String, String>,
    address: String,
}

#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) html: String,
}

impl House {
    pub(crate) fn browser(&self) -> Browser<'_> {
        self.browser_at("198.51.100.7")
    }

    pub(crate) fn browser_at(&self, address: &str) -> Browser<'_> {
        Browser {
            house: self,
            cookies: BTreeMap::new(),
            address: address.to_owned(),
        }
    }

    pub(crate) async fn user_id(&self, user_name: &str) -> String {
        let user = directory::user_by_name(self.portal.pool(), user_name).await;
        user.expect("store").expect("user").id
    }

    /// Gives a user the tests' password.
    pub(crate) async fn set_password(&self, user_name: &str, change_required: bool) {
        let id = self.user_id(user_name).await;
        let password = NewPassword::of(&PASSWORD.into(), change_required).await;
        let password = password.expect("hashed");
        self.perform(async |act| directory::set_password(act, &id, &password, None).await)
            .await;
    }

    pub(crate) async fn disable(&self, user_name: &str) {
        let id = self.user_id(user_name).await;
        self.perform(async |act| directory::set_enabled(act, &id, false).await)
            .await;
    }

    /// Gives a user an authenticator app with the tests' secret.
    pub(crate) async fn enrol(&self, user_name: &str) {
        let secret = mfa::Secret::from_base32(SECRET.into()).expect("secret");
        let id = self.user_id(user_name).await;
        self.perform(async |act| mfa::enrol_totp(act, &id, "test", &secret).await)
            .await;
    }

    /// The code an app with this secret shows now.
    pub(crate) fn code_of(&self, secret: &str) -> String {
        let secret = totp_rs::Secret::try_from_base32(secret).expect("base32");
        let totp = totp_rs::Builder::new()
            .with_secret(secret)
            .build()
            .expect("TOTP");
        let now = u64::try_from(self.clock.now().unix_timestamp()).expect("after 1970");
        totp.generate(now).to_string()
    }

    pub(crate) fn code(&self) -> String {
        self.code_of(SECRET)
    }
}

impl Browser<'_> {
    pub(crate) async fn get(&mut self, path: &str) -> Page {
        self.send(Request::get(path), String::new()).await
    }

    /// Sends a form as it is, without the token a page would have given along.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let request =
            Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, body).await
    }

    /// Loads `page` and sends its form to `path`.
    pub(crate) async fn submit(&mut self, page: &str, path: &str, fields: &[(&str, &str)]) -> Page {
        let csrf = self.get(page).await.value("csrf");
        let fields: Vec<_> = fields
            .iter()
            .copied()
            .chain([("csrf", csrf.as_str())])
            .collect();
        self.post(path, &fields).await
    }

    pub(crate) async fn give_password(&mut self, user_name: &str, password: &str) -> Page {
        let fields = [("username", user_name), ("password", password)];
        self.submit("/signin", "/signin", &fields).await
    }

    pub(crate) async fn give_code(&mut self, code: &str) -> Page {
        self.submit("/signin/code", "/signin/code", &[("code", code)])
            .await
    }

    /// Signs in as far as a portal that never asks for a second factor wants it.
    pub(crate) async fn sign_in(&mut self, user_name: &str) {
        self.house.set_password(user_name, false).await;
        self.give_password(user_name, PASSWORD)
            .await
            .leads_to("/start");
    }

    /// The same browser in another network.
    pub(crate) fn moved_to(self, address: &str) -> Self {
        Self {
            address: address.to_owned(),
            ..self
        }
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        let mut cookies = self.cookies.iter();
        let (_, value) = cookies.find(|(full, _)| full.contains(name))?;
        Some(value)
    }

    /// All of them, as they are sent.
    pub(crate) fn cookies(&self) -> String {
        let pairs = self.cookies.iter();
        let pairs: Vec<String> = pairs
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.join("; ")
    }

    async fn send(&mut self, request: axum::http::request::Builder, body: String) -> Page {
        let request = request
            .header(header::HOST, "localhost:8123")
            .header(header::COOKIE, self.cookies())
            .header("x-forwarded-for", &self.address)
            .extension(PROXY)
            .body(Body::from(body))
            .expect("request");
        let app = router::router(self.house.portal.clone());
        let (parts, body) = app.oneshot(request).await.expect("infallible").into_parts();
        let html = body.collect().await.expect("body").to_bytes();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            self.take_cookie(cookie.to_str().expect("ASCII"));
        }
        Page {
            status: parts.status,
            headers: parts.headers,
            html: String::from_utf8(html.to_vec()).expect("UTF-8"),
        }
    }

    fn take_cookie(&mut self, cookie: &str) {
        let (pair, attributes) = cookie.split_once(';').expect("attributes");
        let (name, value) = pair.split_once('=').expect("a pair");
        if attributes.contains("Max-Age=0") {
            self.cookies.remove(name);
        } else {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }
}

impl Page {
    /// The value of the page's first field of this name.
    #[track_caller]
    pub(crate) fn value(&self, name: &str) -> String {
        let after = self.html.split_once(&format!("name=\"{name}\" value=\""));
        let (_, after) = after.unwrap_or_else(|| panic!("no field {name} in {self:?}"));
        after
            .split('"')
            .next()
            .unwrap_or_default()
            .replace("&#38;", "&")
    }

    /// The text of the element with this id, if it holds nothing but text.
    #[track_caller]
    pub(crate) fn text(&self, id: &str) -> String {
        let after = self.html.split_once(&format!("id=\"{id}\""));
        let (_, after) = after.unwrap_or_else(|| panic!("no element {id} in {self:?}"));
        let (_, after) = after.split_once('>').expect("a tag's end");
        after
            .split('<')
            .next()
            .unwrap_or_default()
            .trim()
            .to_owned()
    }

    /// The recovery codes that it shows.
    pub(crate) fn recovery_codes(&self) -> Vec<String> {
        let codes = self.html.split("<li><code>").skip(1);
        codes
            .filter_map(|code| code.split('<').next())
            .map(str::to_owned)
            .collect()
    }

    /// Shows ten recovery codes, and then leads to `target`.
    #[track_caller]
    pub(crate) fn shows_codes_before(&self, target: &str) {
        assert_eq!(self.status, StatusCode::OK, "{self:?}");
        assert_eq!(self.recovery_codes().len(), 10, "{self:?}");
        let onward = format!("href=\"{target}\">I have kept them</a>");
        assert!(self.html.contains(&onward), "{self:?}");
    }

    /// What the page says is wrong.
    #[track_caller]
    pub(crate) fn problem(&self) -> String {
        let after = self.html.split_once("id=\"problem\"");
        let (_, after) = after.unwrap_or_else(|| panic!("no problem in {self:?}"));
        after.split("</div>").next().unwrap_or_default().to_owned()
    }

    #[track_caller]
    pub(crate) fn location(&self) -> &str {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{self:?}");
        self.headers[header::LOCATION].to_str().expect("ASCII")
    }

    #[track_caller]
    pub(crate) fn leads_to(&self, target: &str) {
        assert_eq!(self.location(), target);
    }
}
