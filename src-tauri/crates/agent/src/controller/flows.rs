//! The two ways of signing in, as tasks that tell the user's part on the way.

use std::time::Duration;

use ipc::message::Progress;
use sso::error::Kind;
use sso::oidc::pkce::LoopbackListener;
use sso::oidc::{self, Grant, Registration, Tokens, device};
use tokio::sync::mpsc;

use super::session::{PATIENCE, Remote, SessionId};
use super::{Event, News};

/// The code on another machine takes longer than a page on this one.
const DEVICE_LIMIT: Duration = Duration::from_secs(10 * 60);

/// Where a sign-in reports its steps to.
pub(super) struct Steps {
    pub(super) reports: mpsc::Sender<Event>,
    pub(super) id: SessionId,
    pub(super) attempt: u64,
}

impl Steps {
    async fn report(&self, progress: Progress) {
        let news = News::SignInStep {
            attempt: self.attempt,
            progress,
        };
        // A controller that has stopped needs no news.
        let _ = self
            .reports
            .send(Event::Session { id: self.id, news })
            .await;
    }
}

/// The tokens, and the registration they were made with.
pub(super) type Outcome = Result<(Registration, Tokens), oidc::Error>;

/// Signs in with the browser of this machine; it comes back to a port that listens before it opens.
pub(super) async fn with_browser(
    remote: &Remote,
    known: Option<Registration>,
    steps: &Steps,
) -> Outcome {
    let registration = match known {
        Some(registration) => registration,
        None => register(remote, Grant::AuthorizationCode).await?,
    };
    let listener = LoopbackListener::bind().await?;
    let authorization = listener.authorize(&remote.endpoints, &registration);
    steps
        .report(Progress::OpenUrl {
            url: authorization.url().clone(),
        })
        .await;
    let tokens = authorization.finish(&remote.http, PATIENCE).await?;
    Ok((registration, tokens))
}

/// Signs in with a code that the user confirms in any browser.
pub(super) async fn with_code(
    remote: &Remote,
    known: Option<Registration>,
    steps: &Steps,
) -> Outcome {
    let start = |registration: Registration| async move {
        let Remote {
            http,
            endpoints,
            config,
            ..
        } = remote;
        let code = device::start(http, endpoints, &registration, &config.start_url).await;
        code.map(|code| (registration, code))
    };
    let first = match known {
        Some(registration) => start(registration).await,
        None => start(register(remote, Grant::DeviceCode).await?).await,
    };
    let (registration, code) = match first {
        Err(error) if error.kind() == Kind::InvalidClient => {
            start(register(remote, Grant::DeviceCode).await?).await?
        }
        other => other?,
    };
    let verification_uri = code.verification_uri.clone();
    steps
        .report(Progress::DeviceCode {
            verification_uri_complete: code
                .verification_uri_complete
                .clone()
                .unwrap_or_else(|| verification_uri.clone()),
            verification_uri,
            user_code: code.user_code.clone(),
        })
        .await;
    let polling = device::poll(&remote.http, &remote.endpoints, &registration, &code);
    let tokens = tokio::time::timeout(DEVICE_LIMIT, polling)
        .await
        .unwrap_or(Err(oidc::Error::TimedOut))?;
    Ok((registration, tokens))
}

async fn register(remote: &Remote, grant: Grant) -> Result<Registration, oidc::Error> {
    oidc::register(
        &remote.http,
        &remote.endpoints,
        &remote.config.start_url,
        grant,
    )
    .await
}
