use super::PortalApiError;
use crate::Portal;

/// The most a page holds, and what it holds unless asked otherwise.
const LARGEST: u32 = 100;

/// Which page of a listing was asked for.
pub(super) struct Page {
    purpose: String,
    limit: u32,
    /// The last key of the page before; empty on the first.
    pub(super) after: String,
}

impl Page {
    /// Reads `max_result` (1 to 100) and the `next_token` of an earlier page of the same listing.
    pub(super) fn of(
        portal: &Portal,
        listing: &str,
        max_result: Option<String>,
        next_token: Option<String>,
    ) -> Result<Self, PortalApiError> {
        let limit = match max_result {
            None => LARGEST,
            Some(text) => text
                .parse()
                .ok()
                .filter(|limit| (1..=LARGEST).contains(limit))
                .ok_or_else(|| PortalApiError::invalid("max_result must be from 1 to 100"))?,
        };
        let purpose = format!("page of {listing}");
        let after = match next_token.filter(|token| !token.is_empty()) {
            None => String::new(),
            Some(token) => portal
                .seal()
                .open(&purpose, &token)
                .map_err(|_| PortalApiError::invalid("next_token is invalid"))?,
        };
        Ok(Self {
            purpose,
            limit,
            after,
        })
    }

    /// How many to fetch: one more than is shown tells whether there is another page.
    pub(super) fn probe(&self) -> u32 {
        self.limit + 1
    }

    /// Cuts what was fetched to the page, with the token of the next one.
    pub(super) fn cut<T>(
        &self,
        portal: &Portal,
        mut found: Vec<T>,
        key: impl Fn(&T) -> &String,
    ) -> Result<(Vec<T>, Option<String>), PortalApiError> {
        let limit = self.limit as usize;
        if found.len() <= limit {
            return Ok((found, None));
        }
        found.truncate(limit);
        let next = match found.last() {
            Some(last) => Some(portal.seal().seal(&self.purpose, key(last))?),
            None => None,
        };
        Ok((found, next))
    }
}
