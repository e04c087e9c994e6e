//! Words and figures for people: the language in use, every sentence of the interface, and how numbers and days read.
//!
//! Sentences stand in `locales/vi.json` and `locales/en.json` (same keys, checked when the app is built). A sentence
//! is a plain string, not a signal: [`LanguageSetting`] draws the whole interface again when the language changes,
//! which happens once in the life of a phone.

pub mod format;
pub mod preferences;
mod sentences {
    //! Made from the two files when the app is built. The macro asks for a build script instead, which would need one
    //! more dependency for the same code.
    #![allow(missing_docs, deprecated, unused, clippy::all)]
    leptos_i18n::load_locales!();
}

use std::cell::Cell;

use donghanh_shared::domain::vocabulary::{Language, Term};
use leptos::prelude::*;

pub use sentences::i18n::Locale;

thread_local! {
    static LANGUAGE: Cell<Language> = const { Cell::new(Language::Vietnamese) };
}

/// The language in use. Reading it here does not subscribe: see [`LanguageSetting`].
pub fn language() -> Language {
    LANGUAGE.get()
}

/// The language in use, as the sentences name it.
pub fn locale() -> Locale {
    match language() {
        Language::Vietnamese => Locale::vi,
        Language::English => Locale::en,
    }
}

/// The words of a term of a closed list.
pub fn words(term: impl Term) -> &'static str {
    term.words(language())
}

/// A sentence of the interface: `tr!(home.title)` is a `&'static str`, `tr!(sync.waiting, n = 3)` a `String` whose
/// slot `{n}` is filled.
macro_rules! tr {
    ($part:ident . $sentence:ident) => {
        leptos_i18n::td_string!($crate::i18n::locale(), $part.$sentence)
    };
    ($part:ident . $sentence:ident, $($slot:ident = $value:expr),+) => {
        $crate::i18n::filled(
            leptos_i18n::td_string!($crate::i18n::locale(), $part.$sentence),
            &[$((stringify!($slot), $value.to_string())),+],
        )
    };
}
pub(crate) use tr;

/// The sentence with its slots filled. A slot that nobody fills stays visible, which the tests of the sentences find.
pub fn filled(sentence: &str, slots: &[(&str, String)]) -> String {
    let mut out = sentence.to_owned();
    for (slot, value) in slots {
        out = out.replace(&format!("{{{slot}}}"), value);
    }
    out
}

/// The choice of language: kept on the phone, and a signal for the root of the interface.
#[derive(Clone, Copy)]
pub struct LanguageSetting(RwSignal<Language>);

impl LanguageSetting {
    /// The language chosen earlier on this phone; Vietnamese when none was.
    pub fn load() -> Self {
        let chosen = match preferences::remembered("language").as_deref() {
            Some("en") => Language::English,
            _ => Language::Vietnamese,
        };
        let setting = Self(RwSignal::new(chosen));
        setting.apply(chosen);
        setting
    }

    /// The language; whoever reads it is drawn again when it changes.
    pub fn get(self) -> Language {
        self.0.get()
    }

    /// Changes the language and remembers it.
    pub fn set(self, language: Language) {
        self.apply(language);
        preferences::remember("language", Some(code(language)));
        self.0.set(language);
    }

    fn apply(self, language: Language) {
        LANGUAGE.set(language);
        if let Some(root) = document().document_element() {
            // An old browser without `lang` still works; only its screen reader guesses.
            let _ = root.set_attribute("lang", code(language));
        }
    }
}

/// `vi` or `en`.
pub fn code(language: Language) -> &'static str {
    match language {
        Language::Vietnamese => "vi",
        Language::English => "en",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::Value;

    use super::filled;

    fn sentences(text: &str) -> BTreeMap<String, String> {
        let all: BTreeMap<String, BTreeMap<String, Value>> = serde_json::from_str(text).expect("sentences");
        let flat = all.into_iter().flat_map(|(part, list)| {
            list.into_iter()
                .map(move |(key, value)| (format!("{part}.{key}"), value.as_str().expect("text").to_owned()))
        });
        flat.collect()
    }

    fn slots(sentence: &str) -> Vec<&str> {
        let mut found: Vec<&str> =
            sentence.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect();
        found.sort_unstable();
        found
    }

    #[test]
    fn both_languages_say_everything_with_the_same_slots() {
        let (vi, en) = (
            sentences(include_str!("../../locales/vi.json")),
            sentences(include_str!("../../locales/en.json")),
        );
        assert!(vi.keys().eq(en.keys()));
        for (key, sentence) in &vi {
            assert!(!sentence.trim().is_empty() && !en[key].trim().is_empty(), "{key}");
            assert_eq!(slots(sentence), slots(&en[key]), "{key}");
        }
    }

    #[test]
    fn slots_are_filled_by_name() {
        assert_eq!(filled("{n} / {all}", &[("all", "20".into()), ("n", "16".into())]), "16 / 20");
    }
}
