use super::{Suggestions, Tone};

/// Rows under headings.
#[derive(Debug, Default)]
pub(in crate::web::admin) struct Table {
    pub(super) label: String,
    pub(super) columns: Vec<&'static str>,
    pub(super) rows: Vec<Vec<Cell>>,
    pub(super) empty: String,
    pub(super) more: Option<String>,
}

/// What stands in a row, or beside a fact's name.
#[derive(Debug, Default)]
pub(in crate::web::admin) struct Cell {
    pub(super) text: String,
    pub(super) target: Option<String>,
    pub(super) quiet: Option<String>,
    pub(super) badge: Option<(Tone, &'static str)>,
    pub(super) press: Option<Press>,
    pub(super) tick: Option<Tick>,
}

/// A form of a single button.
#[derive(Debug)]
pub(in crate::web::admin) struct Press {
    pub(super) action: String,
    pub(super) hidden: Vec<(&'static str, String)>,
    pub(super) label: &'static str,
    /// The label for whoever does not see the row.
    pub(super) name: String,
}

/// A box to tick in a row, for the form around the table.
#[derive(Debug)]
pub(in crate::web::admin) struct Tick {
    pub(in crate::web::admin) name: &'static str,
    pub(in crate::web::admin) value: String,
    pub(in crate::web::admin) label: String,
    pub(in crate::web::admin) ticked: bool,
}

impl Table {
    /// `label` says to whoever does not see it what it lists, `empty` to everyone that it is empty.
    pub(in crate::web::admin) fn new(
        label: impl Into<String>,
        columns: &[&'static str],
        empty: impl Into<String>,
    ) -> Self {
        Self {
            label: label.into(),
            columns: columns.to_vec(),
            empty: empty.into(),
            ..Self::default()
        }
    }

    pub(in crate::web::admin) fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.rows.push(cells.into_iter().collect());
    }

    pub(in crate::web::admin) fn rows(mut self, rows: impl IntoIterator<Item = Vec<Cell>>) -> Self {
        self.rows.extend(rows);
        self
    }

    /// The boxes in it: their names and values.
    pub(in crate::web::admin) fn ticks(&self) -> Vec<(&'static str, String)> {
        let cells = self.rows.iter().flatten();
        cells
            .filter_map(|cell| cell.tick.as_ref())
            .map(|tick| (tick.name, tick.value.clone()))
            .collect()
    }

    /// Where the next page is, if there is one.
    pub(in crate::web::admin) fn more(mut self, target: Option<String>) -> Self {
        self.more = target;
        self
    }
}

impl Cell {
    pub(in crate::web::admin) fn link(text: impl Into<String>, target: impl Into<String>) -> Self {
        Self {
            target: Some(target.into()),
            ..Self::from(text.into())
        }
    }

    /// A value by what people call it, if it is one of those suggested.
    pub(in crate::web::admin) fn suggested(value: &str, suggestions: Suggestions) -> Self {
        match suggestions.iter().find(|(known, _)| *known == value) {
            Some((_, label)) => Self::from(*label).quiet(value),
            None => value.into(),
        }
    }

    pub(in crate::web::admin) fn badge(tone: Tone, text: &'static str) -> Self {
        Self {
            badge: Some((tone, text)),
            ..Self::default()
        }
    }

    /// A button that sends these fields at once.
    pub(in crate::web::admin) fn press(
        action: impl Into<String>,
        hidden: Vec<(&'static str, String)>,
        label: &'static str,
        name: impl Into<String>,
    ) -> Self {
        Self {
            press: Some(Press {
                action: action.into(),
                hidden,
                label,
                name: name.into(),
            }),
            ..Self::default()
        }
    }

    pub(in crate::web::admin) fn tick(tick: Tick) -> Self {
        Self {
            tick: Some(tick),
            ..Self::default()
        }
    }

    /// Whether it would show nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty() && self.badge.is_none() && self.quiet.is_none()
    }

    /// A second line.
    pub(in crate::web::admin) fn quiet(mut self, text: impl Into<String>) -> Self {
        self.quiet = Some(text.into());
        self
    }

    pub(in crate::web::admin) fn with_badge(mut self, badge: Option<(Tone, &'static str)>) -> Self {
        self.badge = badge;
        self
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self {
            text,
            ..Self::default()
        }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}
