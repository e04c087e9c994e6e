//! The `vocabulary!` macro: a closed list of terms, each with its stable code and its words in both languages.

use super::error::{Code, Problem};

/// Vietnamese first, English second.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Hash, serde::Serialize, serde::Deserialize)]
pub enum Language {
    /// Tiếng Việt.
    #[default]
    #[serde(rename = "vi")]
    Vietnamese,
    /// English.
    #[serde(rename = "en")]
    English,
}

/// A term of a closed list.
pub trait Term: Sized + Copy + Eq + 'static {
    /// Every term, in the order people see them.
    const ALL: &'static [Self];

    /// The code kept in documents and on the wire; never changed, never used again for something else.
    fn code(self) -> &'static str;

    /// What people read.
    fn words(self, language: Language) -> &'static str;

    /// The term with this code.
    ///
    /// # Errors
    /// [`Code::TermUnknown`] when this version of the app has no such term.
    fn parse(code: &str) -> Result<Self, Problem> {
        Self::ALL
            .iter()
            .copied()
            .find(|term| term.code() == code)
            .ok_or_else(|| Problem::new(Code::TermUnknown))
    }

    /// Place in [`Term::ALL`].
    fn index(self) -> usize {
        Self::ALL.iter().position(|term| *term == self).unwrap_or_default()
    }
}

/// Declares an enum of terms: `Variant = "code", "tiếng Việt", "English";`.
macro_rules! vocabulary {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:literal, $vi:literal, $en:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum $name { $(#[doc = $en] $(#[$vdoc])* $variant),+ }

        impl $crate::domain::vocabulary::Term for $name {
            const ALL: &'static [Self] = &[$(Self::$variant),+];

            fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            fn words(self, language: $crate::domain::vocabulary::Language) -> &'static str {
                match (self, language) {
                    $((Self::$variant, $crate::domain::vocabulary::Language::Vietnamese) => $vi,
                      (Self::$variant, $crate::domain::vocabulary::Language::English) => $en),+
                }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str($crate::domain::vocabulary::Term::code(*self))
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let code = <String as serde::Deserialize>::deserialize(deserializer)?;
                $crate::domain::vocabulary::Term::parse(&code).map_err(serde::de::Error::custom)
            }
        }

        impl<C> minicbor::Encode<C> for $name {
            fn encode<W: minicbor::encode::Write>(&self, e: &mut minicbor::Encoder<W>, _: &mut C) -> Result<(), minicbor::encode::Error<W::Error>> {
                e.str($crate::domain::vocabulary::Term::code(*self))?.ok()
            }
        }

        impl<'b, C> minicbor::Decode<'b, C> for $name {
            fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
                $crate::domain::vocabulary::Term::parse(d.str()?).map_err(|_| minicbor::decode::Error::message("unknown term"))
            }
        }
    };
}
pub(crate) use vocabulary;
