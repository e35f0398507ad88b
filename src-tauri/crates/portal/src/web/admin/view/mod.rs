//! What the pages of administration are made of: cards with facts, tables and forms. One template
//! draws them all, so that every field has its label, its hint and its problem, and every table its
//! headings, wherever they stand.

mod form;
mod table;

use askama::Template;

use super::{Done, Section};
use crate::web::Frame;

pub(super) use form::{Field, Form, Input, Suggestions};
pub(super) use table::{Cell, Table, Tick};

/// A whole page.
#[derive(Template)]
#[template(path = "admin/page.html")]
pub(super) struct Page {
    frame: Frame,
    section: Section,
    title: String,
    back: Option<Link>,
    done: Option<&'static str>,
    links: Vec<Link>,
    cards: Vec<Card>,
}

/// A link, or a button that looks like one where `primary` or `danger` say so.
#[derive(Debug, Clone)]
pub(super) struct Link {
    label: String,
    target: String,
    tone: Tone,
}

/// How much a button asks to be pressed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Tone {
    #[default]
    Plain,
    Primary,
    Danger,
}

/// A part of a page, with a heading of its own. What it has is shown in this order.
#[derive(Debug, Default)]
pub(super) struct Card {
    id: &'static str,
    title: String,
    texts: Vec<String>,
    notice: Option<String>,
    steps: Vec<Step>,
    facts: Vec<(&'static str, Cell)>,
    secret: Option<Secret>,
    code: Option<String>,
    search: Option<Form>,
    table: Option<Table>,
    forms: Vec<Form>,
    links: Vec<Link>,
}

/// One of the first steps, and whether it is done.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) label: &'static str,
    pub(super) target: &'static str,
    pub(super) done: bool,
}

/// Something to be copied now, for it is not shown again.
#[derive(Debug)]
pub(super) struct Secret {
    pub(super) label: &'static str,
    pub(super) text: String,
}

impl Page {
    pub(super) fn new(frame: Frame, section: Section, title: impl Into<String>) -> Self {
        Self {
            frame,
            section,
            title: title.into(),
            back: None,
            done: None,
            links: Vec::new(),
            cards: Vec::new(),
        }
    }

    /// The page above this one.
    pub(super) fn back(mut self, label: impl Into<String>, target: impl Into<String>) -> Self {
        self.back = Some(Link::to(label, target));
        self
    }

    /// What was done just now.
    pub(super) fn done(mut self, done: Option<Done>) -> Self {
        self.done = done.map(Done::text);
        self
    }

    pub(super) fn link(mut self, link: Link) -> Self {
        self.links.push(link);
        self
    }

    pub(super) fn card(mut self, card: Card) -> Self {
        self.cards.push(card);
        self
    }

    fn is_in_trouble(&self) -> bool {
        let mut forms = self.cards.iter().flat_map(|card| &card.forms);
        forms.any(Form::is_in_trouble)
    }
}

impl Link {
    pub(super) fn to(label: impl Into<String>, target: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            target: target.into(),
            tone: Tone::Plain,
        }
    }

    pub(super) fn primary(self) -> Self {
        let tone = Tone::Primary;
        Self { tone, ..self }
    }

    pub(super) fn danger(self) -> Self {
        let tone = Tone::Danger;
        Self { tone, ..self }
    }
}

impl Tone {
    fn class(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Primary => "primary",
            Self::Danger => "danger",
        }
    }
}

impl Card {
    /// `id` is unique on the page.
    pub(super) fn new(id: &'static str, title: impl Into<String>) -> Self {
        Self {
            id,
            title: title.into(),
            ..Self::default()
        }
    }

    pub(super) fn text(mut self, text: impl Into<String>) -> Self {
        self.texts.push(text.into());
        self
    }

    pub(super) fn notice(mut self, text: impl Into<String>) -> Self {
        self.notice = Some(text.into());
        self
    }

    pub(super) fn steps(mut self, steps: Vec<Step>) -> Self {
        self.steps = steps;
        self
    }

    /// A name with what it stands for; none where there is nothing to say.
    pub(super) fn fact(mut self, name: &'static str, value: impl Into<Cell>) -> Self {
        let value: Cell = value.into();
        if !value.is_empty() {
            self.facts.push((name, value));
        }
        self
    }

    pub(super) fn secret(mut self, label: &'static str, text: &str) -> Self {
        let text = text.to_owned();
        self.secret = Some(Secret { label, text });
        self
    }

    /// Text whose lines and spaces count.
    pub(super) fn code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }

    pub(super) fn search(mut self, form: Form) -> Self {
        self.search = Some(form);
        self
    }

    pub(super) fn table(mut self, table: Table) -> Self {
        self.table = Some(table);
        self
    }

    pub(super) fn form(mut self, form: Form) -> Self {
        self.forms.push(form);
        self
    }

    pub(super) fn link(mut self, link: Link) -> Self {
        self.links.push(link);
        self
    }
}
