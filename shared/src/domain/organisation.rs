//! Organisations and campaigns: dated data that an administrator keeps, seeded from parts III–IV of the plan.

use std::fmt;
use std::str::FromStr;

use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};
use serde::{Deserialize, Serialize};

use super::date::Span;
use super::error::{Code, Problem};

macro_rules! slug {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The code's text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = Problem;

            /// 1–40 of `a-z 0-9 -`.
            fn from_str(text: &str) -> Result<Self, Problem> {
                let ok = (1..=40).contains(&text.len())
                    && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
                if ok { Ok(Self(text.to_owned())) } else { Err(Problem::new(Code::OrganisationInvalid)) }
            }
        }

        impl TryFrom<String> for $name {
            type Error = Problem;
            fn try_from(text: String) -> Result<Self, Problem> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl<C> Encode<C> for $name {
            fn encode<W: encode::Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), encode::Error<W::Error>> {
                e.str(&self.0)?.ok()
            }
        }

        impl<'b, C> Decode<'b, C> for $name {
            fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
                d.str()?.parse().map_err(|_| decode::Error::message("not a code of an organisation or campaign"))
            }
        }
    };
}

slug!(
    /// The code of an organisation: `thanh-doan`, `hoi-lhpn`.
    OrganisationId
);
slug!(
    /// The code of a campaign: `thang-hanh-dong`.
    CampaignId
);

/// A unit with duties in the plan (part IV), or a union of a ward.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, Encode, Decode)]
#[cbor(map)]
pub struct Organisation {
    /// Its code.
    #[n(0)]
    pub id: OrganisationId,
    /// Name in Vietnamese.
    #[n(1)]
    pub name: String,
    /// Name in English.
    #[n(2)]
    pub name_en: String,
    /// Section of the plan that gives it duties, `IV.12.3`; empty when none does.
    #[n(3)]
    pub plan_section: String,
    /// The days on which it exists.
    #[n(4)]
    pub span: Span,
    /// The organisation above it.
    #[n(5)]
    pub parent: Option<OrganisationId>,
    /// Who took over its duties.
    #[n(6)]
    pub successor: Option<OrganisationId>,
}

/// A campaign of the plan, such as the action month (June).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, Encode, Decode)]
#[cbor(map)]
pub struct Campaign {
    /// Its code.
    #[n(0)]
    pub id: CampaignId,
    /// Name in Vietnamese.
    #[n(1)]
    pub name: String,
    /// Name in English.
    #[n(2)]
    pub name_en: String,
    /// The days on which it can be chosen.
    #[n(3)]
    pub span: Span,
}
