//! A person at the portal's forms without a browser around them: does in milliseconds what
//! [`crate::browser`] does with Chromium, for tests that are about something else.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail, ensure};
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response};
use url::Url;

/// Pages a sign-in has at most.
const PAGES: usize = 12;

/// Someone who signs in with a password, and allows whatever asks.
pub struct Person {
    /// User name.
    pub user_name: String,
    /// Password.
    pub password: String,
    client: Client,
    cookies: BTreeMap<String, String>,
}

impl Person {
    /// Someone whose browser was never at this portal. The portal must not ask for a code.
    pub fn new(user_name: &str, password: &str) -> Result<Self> {
        Ok(Self {
            user_name: user_name.to_owned(),
            password: password.to_owned(),
            client: Client::builder().redirect(Policy::none()).build()?,
            cookies: BTreeMap::new(),
        })
    }

    /// Opens an address, answers the forms, and follows where they lead until no page asks more.
    pub async fn open(&mut self, address: &str) -> Result<()> {
        let mut url = Url::parse(address)?;
        let mut response = self.send(self.client.get(url.clone())).await?;
        for _ in 0..PAGES {
            if let Some(location) = response.headers().get(LOCATION) {
                url = url.join(location.to_str()?)?;
                response = self.send(self.client.get(url.clone())).await?;
                continue;
            }
            let status = response.status();
            let page = response.text().await?;
            ensure!(status.is_success(), "{url} answered {status}: {page}");
            let Some(form) = Form::asking(&page)? else {
                return Ok(());
            };
            url = url.join(&form.action)?;
            let fields = form.filled(&self.user_name, &self.password);
            response = self
                .send(self.client.post(url.clone()).form(&fields))
                .await?;
        }
        bail!("still asked after {PAGES} pages, at {url}")
    }

    async fn send(&mut self, request: RequestBuilder) -> Result<Response> {
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let response = request.header(COOKIE, cookies.join("; ")).send().await?;
        for cookie in response.headers().get_all(SET_COOKIE) {
            let pair = cookie.to_str()?.split(';').next().unwrap_or_default();
            let (name, value) = pair.split_once('=').context("a cookie is a pair")?;
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        Ok(response)
    }
}

/// A form of a page.
struct Form {
    action: String,
    hidden: Vec<(String, String)>,
    signs_in: bool,
}

impl Form {
    /// The form by which the page asks for something; the one to sign out asks for nothing.
    fn asking(page: &str) -> Result<Option<Self>> {
        let content = page.split_once("<main").map_or(page, |(_, main)| main);
        let asking = content
            .split("<form")
            .skip(1)
            .find(|form| form.contains("name=\"password\"") || form.contains("value=\"allow\""));
        let Some(form) = asking.and_then(|form| form.split("</form>").next()) else {
            return Ok(None);
        };
        let inputs = form.split("<input ").skip(1);
        let hidden = inputs.filter(|input| input.starts_with("type=\"hidden\""));
        Ok(Some(Self {
            action: attribute(form, "action").context("a form has an action")?,
            hidden: hidden
                .filter_map(|input| Some((attribute(input, "name")?, attribute(input, "value")?)))
                .collect(),
            signs_in: form.contains("name=\"password\""),
        }))
    }

    fn filled(self, user_name: &str, password: &str) -> Vec<(String, String)> {
        let mut fields = self.hidden;
        let answers: &[_] = if self.signs_in {
            &[("username", user_name), ("password", password)]
        } else {
            &[("decision", "allow")]
        };
        fields.extend(
            answers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        fields
    }
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, after) = tag.split_once(&format!("{name}=\""))?;
    let value = after.split('"').next()?;
    Some(value.replace("&#38;", "&"))
}
