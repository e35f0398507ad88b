//! HTTP collectors: Splunk's HTTP Event Collector and Sumo Logic's hosted HTTP source.

use std::{fs, path::PathBuf, time::Duration};

use reqwest::{Client, Response, header};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use url::Url;

use super::{ExportError, Record};

/// How long a collector may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// What Splunk's parsers of CloudTrail go by.
const SOURCE_TYPE: &str = "aws:cloudtrail";
/// What the records are filed under.
const SOURCE: &str = "vestibule-portal";
/// How many bytes of a refusal are read and told.
const TOLD: usize = 200;

pub(super) struct Collector {
    client: Option<Client>,
    kind: Kind,
}

enum Kind {
    Splunk { url: Url, token_file: PathBuf },
    SumoLogic { url_file: PathBuf },
}

impl Collector {
    pub(super) fn splunk(url: Url, token_file: PathBuf) -> Self {
        Self::new(Kind::Splunk { url, token_file })
    }

    pub(super) fn sumo_logic(url_file: PathBuf) -> Self {
        Self::new(Kind::SumoLogic { url_file })
    }

    fn new(kind: Kind) -> Self {
        Self { client: None, kind }
    }

    /// Resolves once the collector has said that it has them all.
    pub(super) async fn send(&mut self, records: &[Record]) -> Result<(), ExportError> {
        let client = self.client()?;
        let request = match &self.kind {
            Kind::Splunk { url, token_file } => {
                let url = url
                    .join("/services/collector/event")
                    .map_err(|_| ExportError::Address(format!("{url} is not Splunk's address")))?;
                let token = secret(token_file)?;
                client
                    .post(url)
                    .header(
                        header::AUTHORIZATION,
                        format!("Splunk {}", token.expose_secret()),
                    )
                    .header(header::CONTENT_TYPE, "application/json")
                    .body(splunk_events(records))
            }
            Kind::SumoLogic { url_file } => {
                let url = secret(url_file)?;
                let url = Url::parse(url.expose_secret()).map_err(|_| {
                    ExportError::Address(format!("{} holds no address", url_file.display()))
                })?;
                let lines: Vec<&str> = records.iter().map(|record| record.text.as_str()).collect();
                client
                    .post(url)
                    .header("x-sumo-name", SOURCE)
                    .header(header::CONTENT_TYPE, "application/json")
                    .body(lines.join("\n"))
            }
        };
        let answer = request.timeout(PATIENCE).send().await;
        let answer = answer.map_err(|error| ExportError::Unreachable(error.without_url()))?;
        taken(answer).await
    }

    fn client(&mut self) -> Result<Client, ExportError> {
        if let Some(client) = &self.client {
            return Ok(client.clone());
        }
        let built = Client::builder()
            .build()
            .map_err(ExportError::Unreachable)?;
        Ok(self.client.insert(built).clone())
    }
}

/// Read each time: a secret that was replaced is used at once.
fn secret(path: &PathBuf) -> Result<SecretString, ExportError> {
    let text = fs::read_to_string(path).map_err(|source| ExportError::File {
        path: path.clone(),
        source,
    })?;
    Ok(text.trim().into())
}

/// One JSON object after the other, as the collector takes a batch.
fn splunk_events(records: &[Record]) -> String {
    let event = |record: &Record| {
        let event = match record.value() {
            Value::Null => "null",
            _ => &record.text,
        };
        let millis = record.time.unix_timestamp_nanos() / 1_000_000;
        let around = json!({
            "time": format!("{}.{:03}", millis / 1000, millis % 1000),
            "source": SOURCE,
            "sourcetype": SOURCE_TYPE,
        });
        splice(&around, event)
    };
    records.iter().map(event).collect()
}

/// `around` with the member `event`, whose text stays as it was hashed.
fn splice(around: &Value, event: &str) -> String {
    let around = around.to_string();
    let open = around.strip_suffix('}').unwrap_or_default();
    format!("{open},\"event\":{event}}}")
}

/// What the answer says of the batch.
async fn taken(mut answer: Response) -> Result<(), ExportError> {
    let status = answer.status();
    if status.is_success() {
        return Ok(());
    }
    let retry_after = answer
        .headers()
        .get(header::RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.parse().ok())
        .map(Duration::from_secs);
    let mut text = Vec::new();
    while text.len() < TOLD
        && let Ok(Some(part)) = answer.chunk().await
    {
        text.extend_from_slice(&part);
    }
    text.truncate(TOLD);
    Err(ExportError::Refused {
        status: status.as_u16(),
        text: String::from_utf8_lossy(&text).into_owned(),
        retry_after,
    })
}
