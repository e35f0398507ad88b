//! The pages of administration, through the router: who comes in, what each act does as another
//! door shows it, and what each form says of a value that cannot be.

mod access;
mod applications;
mod attributes;
mod doors;
mod enabling;
mod lists;
mod organization;
mod people;
mod settings;

use axum::http::StatusCode;
use portal::config::MfaMode;

use crate::{
    browser::{Browser, Page},
    house::House,
};

async fn house() -> House {
    House::with(|config| config.mfa = Some(MfaMode::Never)).await
}

/// A browser in which an administrator is signed in.
async fn administrator(house: &House) -> Browser<'_> {
    let mut browser = house.browser();
    browser.sign_in("admin").await;
    browser
}

impl Browser<'_> {
    /// Sends the form of the page at `path`, which is at the same path.
    async fn fill(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let form = path.split('?').next().unwrap_or(path);
        self.submit(path, form, fields).await
    }
}

impl Page {
    /// The page that this one leads to, without what was done.
    #[track_caller]
    fn target(&self) -> String {
        let target = self.location().split(['?', '&']);
        target.collect::<Vec<_>>()[0].to_owned()
    }

    #[track_caller]
    fn shows(&self, text: &str) {
        assert_eq!(self.status, StatusCode::OK, "{self:?}");
        assert!(self.html.contains(text), "no {text} in {self:?}");
    }

    #[track_caller]
    fn does_not_show(&self, text: &str) {
        assert_eq!(self.status, StatusCode::OK, "{self:?}");
        assert!(!self.html.contains(text), "{text} in {self:?}");
    }

    /// What is wrong with a field, said beside it, and that what was typed is still there.
    #[track_caller]
    fn refuses(&self, field: &str, problem: &str) {
        assert_eq!(self.status, StatusCode::UNPROCESSABLE_ENTITY, "{self:?}");
        let said = self
            .html
            .split_once(&format!("-{field}-problem\" role=\"alert\">"));
        let (_, said) = said.unwrap_or_else(|| panic!("nothing wrong with {field} in {self:?}"));
        assert!(
            said.starts_with(problem),
            "{field}: {}",
            &said[..said.len().min(200)]
        );
        let invalid = self.html.matches("aria-invalid=\"true\"").count();
        assert_eq!(invalid, 1, "{self:?}");
    }
}
