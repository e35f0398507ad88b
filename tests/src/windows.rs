//! The tray program's windows in the WebKit they are made for, driven by keyboard and pointer and
//! read as a screen reader does, by role and name.

use std::fs;
use std::net::TcpListener;

use anyhow::{Context, Result, bail, ensure};
use reqwest::{Client, Method};
use serde_json::{Value, json};

use crate::desktop::{Desktop, tray_environment};
use crate::process::{Process, text_of};
use crate::world::{World, built};
use crate::{axe, eventually};

/// What WebDriver types for keys without a letter.
pub mod key {
    /// One row down.
    pub const DOWN: &str = "\u{e015}";
    /// To the beginning of a line.
    pub const HOME: &str = "\u{e011}";
    /// Enter.
    pub const ENTER: &str = "\u{e007}";
}

/// What can have a role and a name that a test asks for.
const ELEMENTS: &str = "h1, h2, h3, button, input, select, output, [role]";

/// WebDriver's name for an element in its JSON.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// The windows of a tray program that WebKitWebDriver started.
pub struct Windows {
    client: Client,
    session: String,
    _driver: Process,
}

impl Windows {
    /// Starts the tray program under WebKitWebDriver, which takes hold of its first window: the
    /// search that a second start brings up.
    pub async fn start(world: &World, desktop: &Desktop) -> Result<Self> {
        // Free a moment ago; WebKitWebDriver cannot choose one itself.
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut command = world.command("WebKitWebDriver");
        tray_environment(&mut command)
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .args(["--host=127.0.0.1", &format!("--port={port}")]);
        let mut driver = world.start("webdriver", &mut command)?;
        let client = Client::builder().no_proxy().build()?;
        let address = format!("http://127.0.0.1:{port}");
        eventually("WebKitWebDriver answers", async || {
            driver.still_runs()?;
            let status = client.get(format!("{address}/status")).send().await;
            Ok(status.ok())
        })
        .await?;

        let program = json!({ "binary": built("vestibule-tray")?, "args": ["--tray", "ksni"] });
        let wanted = json!({ "alwaysMatch": { "webkitgtk:browserOptions": program } });
        let wanted = json!({ "capabilities": wanted });
        let (session, second_start) = tokio::join!(
            call(&client, Method::POST, format!("{address}/session"), wanted),
            async {
                desktop.panel.icon().await?;
                text_of(world.program("vestibule-tray")?).await
            }
        );
        second_start?;
        let session = session?;
        let id = session["sessionId"].as_str().context("a session's id")?;
        Ok(Self {
            client,
            session: format!("{address}/session/{id}"),
            _driver: driver,
        })
    }

    /// Waits for the window with this title, and turns to it.
    pub async fn turn_to(&self, title: &str) -> Result<()> {
        eventually(&format!("the window {title:?} opens"), async || {
            let handles = self.get("/window/handles").await?;
            for handle in handles.as_array().context("handles")? {
                // One may close while it is asked.
                if self
                    .post("/window", json!({ "handle": handle }))
                    .await
                    .is_ok()
                    && self.get("/title").await.is_ok_and(|found| found == title)
                {
                    return Ok(Some(()));
                }
            }
            Ok(None)
        })
        .await
    }

    /// Presses the button of this name.
    pub async fn press(&self, name: &str) -> Result<()> {
        let button = self.find("button", name).await?;
        self.post(&format!("/element/{button}/click"), json!({}))
            .await
            .map(drop)
    }

    /// Turns to the part of a window that this tab shows.
    pub async fn turn_to_part(&self, name: &str) -> Result<()> {
        let tab = self.find("tab", name).await?;
        self.post(&format!("/element/{tab}/click"), json!({}))
            .await
            .map(drop)
    }

    /// Chooses the option with these words in the list of this name.
    pub async fn choose(&self, name: &str, words: &str) -> Result<()> {
        // What WebKit takes a list for.
        let list = self.find("button", name).await?;
        let wanted = json!({ "using": "xpath", "value": format!("./option[.=\"{words}\"]") });
        let option = self
            .post(&format!("/element/{list}/element"), wanted)
            .await?;
        let option = option[ELEMENT].as_str().context("an option's id")?;
        self.post(&format!("/element/{option}/click"), json!({}))
            .await
            .map(drop)
    }

    /// Presses the button of this name, which closes the window, and waits until it is gone.
    pub async fn press_to_close(&self, name: &str) -> Result<()> {
        let window = self.get("/window").await?;
        // The window may be gone before it has answered.
        let pressed = self.press(name).await;
        let gone = eventually("the window closes", async || {
            let handles = self.get("/window/handles").await?;
            let handles = handles.as_array().context("handles")?;
            Ok((!handles.contains(&window)).then_some(()))
        })
        .await;
        gone.with_context(|| format!("{name:?} was pressed: {pressed:?}"))
    }

    /// Types into the element of this role and name.
    pub async fn type_into(&self, role: &str, name: &str, text: &str) -> Result<()> {
        let field = self.find(role, name).await?;
        self.post(&format!("/element/{field}/value"), json!({ "text": text }))
            .await
            .map(drop)
    }

    /// Waits until there is an element of this role and name.
    pub async fn hears(&self, role: &str, name: &str) -> Result<()> {
        self.find(role, name).await.map(drop)
    }

    /// Waits until the window's text has these words, and returns it.
    pub async fn reads(&self, words: &str) -> Result<String> {
        let mut last = String::new();
        let found = eventually(&format!("the window says {words:?}"), async || {
            last = self.text().await?;
            Ok(last.contains(words).then(|| last.clone()))
        })
        .await;
        found.with_context(|| format!("it said:\n{last}"))
    }

    /// Texts of the elements that a CSS selector finds.
    pub async fn texts(&self, selector: &str) -> Result<Vec<String>> {
        let selector = Value::from(selector);
        let texts = format!(
            "return [...document.querySelectorAll({selector})].map((one) => one.innerText)"
        );
        Ok(serde_json::from_value(self.script(&texts).await?)?)
    }

    /// What axe-core finds wrong with the window.
    pub async fn flaws(&self) -> Result<Vec<String>> {
        self.script(&fs::read_to_string(axe::script())?).await?;
        let script = "const done = arguments[arguments.length - 1];
            axe.run().then(({ violations }) => done(violations.flatMap(({ id, nodes }) =>
                nodes.map(({ html }) => `${id}: ${html}`))))";
        let body = json!({ "script": script, "args": [] });
        let flaws = self.post("/execute/async", body).await?;
        Ok(serde_json::from_value(flaws)?)
    }

    async fn text(&self) -> Result<String> {
        let text = self.script("return document.body.innerText").await?;
        Ok(text.as_str().context("a text")?.to_owned())
    }

    async fn script(&self, script: &str) -> Result<Value> {
        let body = json!({ "script": script, "args": [] });
        self.post("/execute/sync", body).await
    }

    /// Waits for the element of this role and name.
    async fn find(&self, role: &str, name: &str) -> Result<String> {
        let mut heard = Vec::new();
        let found = eventually(&format!("there is a {role} {name:?}"), async || {
            heard.clear();
            let all = json!({ "using": "css selector", "value": ELEMENTS });
            let all = self.post("/elements", all).await?;
            for element in all.as_array().context("elements")? {
                let id = element[ELEMENT].as_str().context("an element's id")?;
                // What the page has drawn anew meanwhile is looked for again.
                let Ok(its_role) = self.get(&format!("/element/{id}/computedrole")).await else {
                    continue;
                };
                let Ok(its_name) = self.get(&format!("/element/{id}/computedlabel")).await else {
                    continue;
                };
                if its_role == role && its_name == name {
                    return Ok(Some(id.to_owned()));
                }
                heard.push(format!("{its_role} {its_name}"));
            }
            Ok(None)
        })
        .await;
        found.with_context(|| format!("there were:\n{}", heard.join("\n")))
    }

    async fn get(&self, path: &str) -> Result<Value> {
        let address = format!("{}{path}", self.session);
        call(&self.client, Method::GET, address, Value::Null).await
    }

    async fn post(&self, path: &str, body: Value) -> Result<Value> {
        let address = format!("{}{path}", self.session);
        call(&self.client, Method::POST, address, body).await
    }
}

/// A command of WebDriver, and the value of its answer.
async fn call(client: &Client, method: Method, address: String, body: Value) -> Result<Value> {
    let mut request = client.request(method, &address);
    if !body.is_null() {
        request = request.json(&body);
    }
    let mut answer: Value = request.send().await?.json().await?;
    let value = answer["value"].take();
    if let Some(error) = value["error"].as_str() {
        bail!("{address}: {error}: {}", value["message"]);
    }
    ensure!(!answer.is_null(), "{address}: no answer");
    Ok(value)
}
