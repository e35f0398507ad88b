//! Sign-in in the browser of this computer (RFC 8252): authorization code with PKCE, and a
//! listener on loopback for the browser to return to.

mod callback;
mod page;

use std::borrow::Cow;
use std::fmt;
use std::net::Ipv4Addr;
use std::time::Duration;

use oauth2::{AuthorizationCode, CsrfToken, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl};
use tokio::net::TcpListener;
use url::Url;

use self::callback::Callback;
use self::page::Page;
use super::dialect::{Dialect, OAuth, oauth};
use super::{Error, Operation, Registration, SCOPE, Tokens};
use crate::endpoints::Endpoints;
use crate::http::Client;

/// Where the browser returns to. It listens before there is a URL to open, so that the fastest
/// browser finds it. Dropping it, or what is made of it, closes the port and cancels the sign-in.
#[derive(Debug)]
pub struct LoopbackListener {
    listener: TcpListener,
    redirect_uri: Url,
}

impl LoopbackListener {
    /// Opens a free port on 127.0.0.1.
    ///
    /// # Errors
    /// [`Error::Listen`] where the system gives no port.
    pub async fn bind() -> Result<Self, Error> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .map_err(Error::Listen)?;
        let address = listener.local_addr().map_err(Error::Listen)?;
        let redirect_uri = format!("http://{address}{}", callback::PATH).parse();
        let redirect_uri =
            redirect_uri.map_err(|error| Error::Listen(std::io::Error::other(error)))?;
        Ok(Self {
            listener,
            redirect_uri,
        })
    }

    /// Begins a sign-in that returns to this listener.
    #[must_use]
    pub fn authorize(self, endpoints: &Endpoints, registration: &Registration) -> Authorization {
        let oauth = oauth(endpoints, registration);
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let redirect = RedirectUrl::from_url(self.redirect_uri.clone());
        let (url, state) = oauth
            .authorize_url(CsrfToken::new_random)
            // The AWS CLI's spelling, which the service takes; OAuth's would be `scope`.
            .add_extra_param("scopes", SCOPE)
            .set_pkce_challenge(challenge)
            .set_redirect_uri(Cow::Borrowed(&redirect))
            .url();
        Authorization {
            listener: self.listener,
            oauth,
            redirect,
            url,
            state,
            verifier,
        }
    }
}

/// A sign-in that waits for the browser to return.
pub struct Authorization {
    listener: TcpListener,
    oauth: OAuth,
    redirect: RedirectUrl,
    url: Url,
    state: CsrfToken,
    verifier: PkceCodeVerifier,
}

impl Authorization {
    /// The address to open in the browser.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Waits for the browser for at most `limit`, then takes the tokens and tells the user, in the
    /// browser, how it went.
    ///
    /// Requests that do not belong to this sign-in are turned away and change nothing.
    ///
    /// # Errors
    /// [`Error::Denied`] when the browser brings a refusal, [`Error::TimedOut`] when it brings
    /// nothing; otherwise as any request.
    pub async fn finish(self, client: &Client, limit: Duration) -> Result<Tokens, Error> {
        let arrival = callback::wait(&self.listener, &self.state);
        let (callback, caller) = tokio::time::timeout(limit, arrival)
            .await
            .map_err(|_| Error::TimedOut)??;
        let outcome = match callback {
            Callback::Code(code) => self.exchange(client, code).await,
            Callback::Refused { code, description } => Err(Error::Denied { code, description }),
        };
        let page = match &outcome {
            Ok(_) => Page::signed_in(),
            Err(error) => Page::failed(error),
        };
        caller.answer(&page).await;
        outcome
    }

    async fn exchange(self, client: &Client, code: AuthorizationCode) -> Result<Tokens, Error> {
        let dialect = Dialect::new(client, Operation::ExchangeCode);
        let request = self
            .oauth
            .exchange_code(code)
            .set_pkce_verifier(self.verifier);
        let request = request.set_redirect_uri(Cow::Borrowed(&self.redirect));
        match request.request_async(&dialect).await {
            Ok(answer) => Ok(Tokens::received(&answer, client.now())),
            Err(error) => Err(dialect.error(error)),
        }
    }
}

impl fmt::Debug for Authorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authorization")
            .field("redirect", &self.redirect)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
