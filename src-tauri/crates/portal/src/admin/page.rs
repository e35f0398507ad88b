use serde_json::Value;

use super::{ApiError, Call, Input};
use crate::check;

/// Which page of a listing was asked for. Its token is sealed, for this operation with this input.
#[derive(Debug)]
pub(crate) struct Page {
    purpose: String,
    limit: i64,
    /// The key of the last entry of the page before; empty on the first.
    pub(crate) after: String,
}

impl Page {
    /// Reads `MaxResults`, from 1 to `largest` (which it is unless given), and the `NextToken` of an
    /// earlier page of the same listing.
    pub(crate) fn of(call: &Call<'_>, input: &Input<'_>, largest: i64) -> Result<Self, ApiError> {
        let limit = input.optional_integer("MaxResults")?.unwrap_or(largest);
        check::number("maxResults", limit, 1..=largest)?;
        let purpose = format!("page of {} {}", call.operation, input.without_paging());
        let after =
            match input.optional_text("NextToken")? {
                None => String::new(),
                Some(token) => call.portal.seal().open(&purpose, token).map_err(|_| {
                    ApiError::new("ValidationException", "The NextToken is not valid.")
                })?,
            };
        Ok(Self {
            purpose,
            limit,
            after,
        })
    }

    /// How many to fetch: one more than is shown tells whether there is another page.
    pub(crate) fn probe(&self) -> i64 {
        self.limit + 1
    }

    /// Cuts what was fetched to the page. The second is the value of `NextToken`: null on the last.
    pub(crate) fn cut<T>(
        &self,
        call: &Call<'_>,
        mut found: Vec<T>,
        key: impl Fn(&T) -> &str,
    ) -> Result<(Vec<T>, Value), ApiError> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        if found.len() <= limit {
            return Ok((found, Value::Null));
        }
        found.truncate(limit);
        let next = match found.last() {
            Some(last) => call.portal.seal().seal(&self.purpose, &key(last))?.into(),
            None => Value::Null,
        };
        Ok((found, next))
    }
}
