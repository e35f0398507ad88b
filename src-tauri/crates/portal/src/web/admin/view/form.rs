use super::{Link, Table, Tone};
use crate::web::admin::{
    fields::Fields,
    problem::{NEEDED, Problem},
};

/// A form.
#[derive(Debug, Default)]
pub(in crate::web::admin) struct Form {
    pub(super) id: &'static str,
    pub(super) action: String,
    pub(super) by_get: bool,
    pub(super) problem: Option<String>,
    pub(super) hidden: Vec<(String, String)>,
    pub(super) fields: Vec<Field>,
    pub(super) table: Option<Table>,
    pub(super) buttons: Vec<Button>,
    pub(super) cancel: Option<Link>,
}

/// A button that sends its form, with a value of its own if it has a name.
#[derive(Debug)]
pub(in crate::web::admin) struct Button {
    pub(super) label: String,
    pub(super) tone: Tone,
    pub(super) sends: Option<(&'static str, String)>,
}

/// A field of a form. Its name is AWS's of the parameter, so that a refusal finds it.
#[derive(Debug)]
pub(in crate::web::admin) struct Field {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    pub(super) hint: Option<String>,
    pub(super) input: Input,
    pub(super) value: String,
    pub(super) required: bool,
    pub(super) problem: Option<String>,
}

/// Values to choose from where others are taken too, each with what people call it.
pub(in crate::web::admin) type Suggestions = &'static [(&'static str, &'static str)];

/// How a field is filled in.
#[derive(Debug)]
pub(in crate::web::admin) enum Input {
    Line,
    /// A line of one's own, or one of these.
    Suggested(Suggestions),
    Email,
    Find,
    Area(u8),
    Choice(Vec<(String, String)>),
    Tick,
}

impl Form {
    /// A form that changes something.
    pub(in crate::web::admin) fn new(id: &'static str, action: impl Into<String>) -> Self {
        Self {
            id,
            action: action.into(),
            ..Self::default()
        }
    }

    /// A form that only asks for a page.
    pub(in crate::web::admin) fn asking(id: &'static str, action: impl Into<String>) -> Self {
        Self {
            by_get: true,
            ..Self::new(id, action)
        }
    }

    pub(in crate::web::admin) fn field(mut self, field: Field) -> Self {
        self.fields.push(field);
        self
    }

    pub(in crate::web::admin) fn hidden(
        mut self,
        name: impl Into<String>,
        value: impl Into<String>,
    ) -> Self {
        self.hidden.push((name.into(), value.into()));
        self
    }

    pub(in crate::web::admin) fn table(mut self, table: Table) -> Self {
        self.table = Some(table);
        self
    }

    pub(in crate::web::admin) fn submit(self, label: impl Into<String>) -> Self {
        self.button(label, Tone::Primary, None)
    }

    pub(in crate::web::admin) fn button(
        mut self,
        label: impl Into<String>,
        tone: Tone,
        sends: Option<(&'static str, String)>,
    ) -> Self {
        self.buttons.push(Button {
            label: label.into(),
            tone,
            sends,
        });
        self
    }

    pub(in crate::web::admin) fn cancel(
        mut self,
        label: impl Into<String>,
        target: impl Into<String>,
    ) -> Self {
        self.cancel = Some(Link::to(label, target));
        self
    }

    /// With what was typed, and what is wrong with it beside the field it is about.
    pub(in crate::web::admin) fn filled(
        mut self,
        typed: &Fields,
        problem: Option<&Problem>,
    ) -> Self {
        for field in &mut self.fields {
            field.value = typed.text(field.name).to_owned();
        }
        let mut form = self.troubled(problem);
        if problem.is_some() {
            form.fields.iter_mut().for_each(Field::ask_if_missing);
        }
        form
    }

    /// With what is wrong beside the field it is about.
    pub(in crate::web::admin) fn troubled(mut self, problem: Option<&Problem>) -> Self {
        let Some(problem) = problem else { return self };
        let mut fields = self.fields.iter_mut();
        match fields.find(|field| problem.is_about(field.name)) {
            Some(field) => field.problem = Some(problem.text.clone()),
            None => self.problem = Some(problem.text.clone()),
        }
        self
    }

    pub(super) fn is_in_trouble(&self) -> bool {
        self.problem.is_some() || self.fields.iter().any(|field| field.problem.is_some())
    }
}

impl Field {
    pub(in crate::web::admin) fn new(
        name: &'static str,
        label: &'static str,
        input: Input,
    ) -> Self {
        Self {
            name,
            label,
            hint: None,
            input,
            value: String::new(),
            required: false,
            problem: None,
        }
    }

    pub(in crate::web::admin) fn line(name: &'static str, label: &'static str) -> Self {
        Self::new(name, label, Input::Line)
    }

    pub(in crate::web::admin) fn required(mut self) -> Self {
        self.required = true;
        self
    }

    pub(in crate::web::admin) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(in crate::web::admin) fn value(mut self, value: impl Into<String>) -> Self {
        self.value = value.into();
        self
    }

    /// Whoever left out several fields is told of all of them at once.
    fn ask_if_missing(&mut self) {
        let typed = !matches!(self.input, Input::Choice(_) | Input::Tick);
        if typed && self.required && self.value.is_empty() && self.problem.is_none() {
            self.problem = Some(NEEDED.to_owned());
        }
    }

    /// Unique on the page.
    pub(super) fn id_in(&self, form: &str) -> String {
        format!("{form}-{}", self.name)
    }

    /// The ids of what describes it.
    pub(super) fn described_by(&self, id: &str) -> String {
        let problem = self.problem.as_ref().map(|_| format!("{id}-problem"));
        let hint = self.hint.as_ref().map(|_| format!("{id}-hint"));
        let ids: Vec<String> = problem.into_iter().chain(hint).collect();
        ids.join(" ")
    }
}
