use super::{CatalogueEntry, catalogue};

/// What kind of application one is: AWS calls it the application's provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provider {
    /// One's own, with OAuth 2.0.
    Custom,
    /// One's own, with SAML 2.0.
    CustomSaml,
    /// One of the catalogue.
    Catalogue(&'static CatalogueEntry),
}

impl Provider {
    /// Reads the end of a provider's ARN: `custom`, `custom-saml`, `catalog/Box`.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "custom" => Some(Self::Custom),
            "custom-saml" => Some(Self::CustomSaml),
            _ => {
                let id = name.strip_prefix("catalog/")?;
                let entry = catalogue().iter().find(|entry| entry.id == id)?;
                Some(Self::Catalogue(entry))
            }
        }
    }

    /// Every provider, in the order of their names.
    pub fn all() -> impl Iterator<Item = Self> {
        let catalogue = catalogue().iter().map(Self::Catalogue);
        catalogue.chain([Self::Custom, Self::CustomSaml])
    }

    /// The end of its ARN.
    pub fn name(self) -> String {
        match self {
            Self::Custom => "custom".to_owned(),
            Self::CustomSaml => "custom-saml".to_owned(),
            Self::Catalogue(entry) => format!("catalog/{}", entry.id),
        }
    }

    /// What people call it.
    pub fn display_name(self) -> &'static str {
        match self {
            Self::Custom => "Custom OAuth 2.0 application",
            Self::CustomSaml => "Custom SAML 2.0 application",
            Self::Catalogue(entry) => &entry.name,
        }
    }

    /// What it is for.
    pub fn description(self) -> &'static str {
        match self {
            Self::Custom => "An application of your own that speaks OAuth 2.0",
            Self::CustomSaml => "An application of your own that speaks SAML 2.0",
            Self::Catalogue(entry) => &entry.description,
        }
    }

    /// `OAUTH` or `SAML`.
    pub fn federation_protocol(self) -> &'static str {
        match self {
            Self::Custom => "OAUTH",
            Self::CustomSaml | Self::Catalogue(_) => "SAML",
        }
    }
}
