use axum::response::Response;

use super::{
    Section,
    administrator::Administrator,
    problem::Problem,
    view::{Card, Form, Tone},
};
use crate::web::Refusal;

/// A page that asks once more before something is done that cannot be undone.
#[derive(Debug)]
pub(super) struct Confirmation {
    pub(super) section: Section,
    /// What is about to be done, as a question.
    pub(super) title: String,
    /// What it means.
    pub(super) text: String,
    /// What the button says.
    pub(super) button: &'static str,
    pub(super) tone: Tone,
    /// Where the form is sent.
    pub(super) action: String,
    /// What it sends along.
    pub(super) hidden: Vec<(&'static str, String)>,
    /// Where whoever thinks better of it goes.
    pub(super) back: String,
}

impl Confirmation {
    pub(super) fn show(
        self,
        administrator: &Administrator,
        problem: Option<&Problem>,
    ) -> Result<Response, Refusal> {
        let mut form = Form::new("confirm", &self.action)
            .button(self.button, self.tone, None)
            .cancel("Leave it as it is", &self.back)
            .troubled(problem);
        for (name, value) in self.hidden {
            form = form.hidden(name, value);
        }
        let card = Card::new("confirmation", "").text(self.text).form(form);
        let page = administrator.page(self.section, self.title)?.card(card);
        match problem {
            None => administrator.show(&page),
            Some(_) => administrator.show_again(&page),
        }
    }
}
