/// The fields of a form as they were sent. A field that is missing is empty.
#[derive(Debug, Clone, Default)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// Fields as a form that holds these values would send them.
    pub(super) fn of<'a, V: Into<String>>(values: impl IntoIterator<Item = (&'a str, V)>) -> Self {
        let fields = values
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.into()));
        Self::from(Vec::from_iter(fields))
    }

    /// The field of this name, without spaces around it.
    pub(super) fn text(&self, name: &str) -> &str {
        self.all(name).next().unwrap_or_default()
    }

    /// The same, none if it is empty.
    pub(super) fn optional(&self, name: &str) -> Option<&str> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }

    /// Whether a box is ticked.
    pub(super) fn is_ticked(&self, name: &str) -> bool {
        !self.text(name).is_empty()
    }

    /// Every field of this name.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let fields = self.0.iter().filter(move |(key, _)| key == name);
        fields.map(|(_, value)| value.trim())
    }

    /// The lines of a field that are not empty.
    pub(super) fn lines(&self, name: &str) -> impl Iterator<Item = &str> {
        let lines = self.text(name).lines().map(str::trim);
        lines.filter(|line| !line.is_empty())
    }
}

/// What a box sends that is ticked, or that is not.
pub(super) fn tick(ticked: bool) -> &'static str {
    if ticked { "yes" } else { "" }
}

impl From<Vec<(String, String)>> for Fields {
    fn from(sent: Vec<(String, String)>) -> Self {
        // Browsers end the lines of a text area as HTTP does.
        let fields = sent
            .into_iter()
            .map(|(name, value)| (name, value.replace("\r\n", "\n")));
        Self(fields.collect())
    }
}
