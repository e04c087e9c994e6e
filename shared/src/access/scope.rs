//! Scopes: what a permission covers, and what a phone replicates.

use std::fmt;
use std::str::FromStr;

use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};
use serde::{Deserialize, Serialize};

use crate::domain::error::{Code, Problem};
use crate::domain::organisation::OrganisationId;
use crate::domain::ward::WardRef;
use crate::ids::{DocumentId, PlaceId};

/// The unit of permission and of replication. Text form: `activity/08707@2025-07-01`, `reference`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Scope {
    /// Activity of one ward: visits, drives, models.
    Activity(WardRef),
    /// What is asked of people in one ward, for those who read no activity there.
    Assignments(WardRef),
    /// After-care of one ward: what every officer's helper of the ward may see.
    Aftercare(WardRef),
    /// After-care of one ward: identity papers, legal dates, health.
    AftercareRestricted(WardRef),
    /// One case, for the helper it is assigned to.
    Case(DocumentId),
    /// The activity of one organisation in every ward.
    Organisation(OrganisationId),
    /// The pledge drives of one school, for its contact person.
    Place(PlaceId),
    /// Wards, places, organisations, campaigns.
    Reference,
}

impl Scope {
    /// How many classes of scopes there are.
    pub const CLASSES: u32 = 8;
    /// How many there were in the first version: the app of then cannot read a page that names another.
    pub const FIRST_CLASSES: u32 = 6;

    /// The number of its class, in the order in which they came into the protocol.
    #[must_use]
    pub fn class(&self) -> u32 {
        match self {
            Self::Activity(_) => 0,
            Self::Aftercare(_) => 1,
            Self::AftercareRestricted(_) => 2,
            Self::Case(_) => 3,
            Self::Organisation(_) => 4,
            Self::Reference => 5,
            Self::Assignments(_) => 6,
            Self::Place(_) => 7,
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Activity(ward) => write!(f, "activity/{ward}"),
            Self::Assignments(ward) => write!(f, "assignments/{ward}"),
            Self::Aftercare(ward) => write!(f, "aftercare/{ward}"),
            Self::AftercareRestricted(ward) => write!(f, "aftercare_restricted/{ward}"),
            Self::Case(case) => write!(f, "case/{case}"),
            Self::Organisation(organisation) => write!(f, "organisation/{organisation}"),
            Self::Place(place) => write!(f, "place/{place}"),
            Self::Reference => f.write_str("reference"),
        }
    }
}

impl FromStr for Scope {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        let invalid = || Problem::new(Code::ScopeInvalid);
        if text == "reference" {
            return Ok(Self::Reference);
        }
        let (class, of) = text.split_once('/').ok_or_else(invalid)?;
        let ward = || of.parse().map_err(|_| invalid());
        match class {
            "activity" => Ok(Self::Activity(ward()?)),
            "assignments" => Ok(Self::Assignments(ward()?)),
            "aftercare" => Ok(Self::Aftercare(ward()?)),
            "aftercare_restricted" => Ok(Self::AftercareRestricted(ward()?)),
            "case" => Ok(Self::Case(of.parse().map_err(|_| invalid())?)),
            "organisation" => Ok(Self::Organisation(of.parse().map_err(|_| invalid())?)),
            "place" => Ok(Self::Place(of.parse().map_err(|_| invalid())?)),
            _ => Err(invalid()),
        }
    }
}

impl TryFrom<String> for Scope {
    type Error = Problem;
    fn try_from(text: String) -> Result<Self, Problem> {
        text.parse()
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> Self {
        scope.to_string()
    }
}

impl<C> Encode<C> for Scope {
    fn encode<W: encode::Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), encode::Error<W::Error>> {
        e.str(&self.to_string())?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Scope {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
        d.str()?.parse().map_err(|_| decode::Error::message("not a scope"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_read_what_they_write_and_their_classes_stay_in_order() {
        for (class, text) in (0..).zip([
            "activity/08707@2025-07-01",
            "aftercare/08707@2025-07-01",
            "aftercare_restricted/08707@2004-07-08",
            "case/01010101010101010101010101010101",
            "organisation/thanh-doan",
            "reference",
            "assignments/08707@2025-07-01",
            "place/05050505050505050505050505050505",
        ]) {
            let scope: Scope = text.parse().expect(text);
            assert_eq!((scope.to_string().as_str(), scope.class()), (text, class));
            assert!(class < Scope::CLASSES);
        }
        assert!("activity/1".parse::<Scope>().is_err() && "x/08707@2025-07-01".parse::<Scope>().is_err());
    }
}
