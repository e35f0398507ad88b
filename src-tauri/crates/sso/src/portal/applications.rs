//! The applications beside the accounts.

use secrecy::SecretString;
use serde::Deserialize;
use tokio::sync::watch;
use url::Url;

use super::{Error, Portal};

/// An application assigned to the user, which opens in a browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// Names it within the portal.
    pub id: String,
    /// The name its administrator gave it.
    pub name: String,
    /// Where a browser with a portal session opens it: a page of the portal itself.
    pub start_url: Url,
}

impl Portal {
    /// Lists the applications that open at a page of the portal.
    ///
    /// The call is not in AWS's models: it is what the pages of its portal ask. AWS's answer names no
    /// `startUrl`, so that there nothing is listed.
    ///
    /// # Errors
    /// When the portal does not answer, or knows no applications.
    pub async fn list_applications(
        &self,
        access_token: &watch::Receiver<SecretString>,
    ) -> Result<Vec<Application>, Error> {
        let answer = self.page("/instance/appinstances", &[], access_token).await;
        let told: ApplicationsAnswer = answer.map_err(Error::ListApplications)?;
        let applications = told.result.into_iter().filter_map(|told| {
            let start_url = told.start_url?;
            // Nothing that a portal names may lead a browser elsewhere by itself.
            (start_url.origin() == self.endpoint.origin()).then_some(Application {
                id: told.id,
                name: told.name,
                start_url,
            })
        });
        Ok(applications.collect())
    }
}

#[derive(Deserialize)]
struct ApplicationsAnswer {
    result: Vec<ApplicationTold>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ApplicationTold {
    id: String,
    name: String,
    start_url: Option<Url>,
}
