//! The theme chosen on this phone: as the system says, light, dark, or high contrast for noon.

use leptos::prelude::*;

use crate::i18n::{preferences, tr};

/// The themes, by the value of `data-theme`; the empty one follows the system.
pub const THEMES: [&str; 4] = ["", "light", "dark", "contrast"];

/// The choice of theme.
#[derive(Clone, Copy)]
pub struct ThemeSetting(RwSignal<String>);

impl ThemeSetting {
    /// The theme chosen earlier. `theme.js` has already put it on the page, before the first paint.
    pub fn load() -> Self {
        Self(RwSignal::new(preferences::remembered("theme").unwrap_or_default()))
    }

    /// The theme in use.
    pub fn get(self) -> String {
        self.0.get()
    }

    /// Changes the theme and remembers it.
    pub fn set(self, theme: &str) {
        let chosen = (!theme.is_empty()).then_some(theme);
        preferences::remember("theme", chosen);
        if let Some(root) = document().document_element() {
            let _ = match chosen {
                Some(theme) => root.set_attribute("data-theme", theme),
                None => root.remove_attribute("data-theme"),
            };
        }
        self.0.set(theme.to_owned());
    }
}

/// The words of a theme.
pub fn words(theme: &str) -> String {
    match theme {
        "light" => tr!(me.theme_light).to_string(),
        "dark" => tr!(me.theme_dark).to_string(),
        "contrast" => tr!(me.theme_contrast).to_string(),
        _ => tr!(me.theme_system).to_string(),
    }
}
