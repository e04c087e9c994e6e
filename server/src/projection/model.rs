//! The row of a prevention model.

use std::collections::BTreeSet;

use donghanh_shared::domain::confirmation::Standing;
use donghanh_shared::domain::date::Millis;
use donghanh_shared::domain::prevention_model::{ModelCount, PreventionModel};
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::{DocumentId, PlaceId};
use minicbor::{Decode, Encode};

use super::{codes, last_day};

/// One model as reports need it.
#[derive(Clone, Debug, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(map)]
pub struct ModelRow {
    /// What it is called.
    #[n(0)]
    pub name: Option<String>,
    /// Code of its kind.
    #[n(1)]
    pub kind: Option<String>,
    /// The first day, ISO.
    #[n(2)]
    pub since: Option<String>,
    /// The last day, ISO.
    #[n(3)]
    pub ended: Option<String>,
    /// Where it is at home.
    #[n(4)]
    pub place: Option<PlaceId>,
    /// The lead organisation.
    #[n(5)]
    pub lead: Option<String>,
    /// Members; `None` = not known.
    #[n(6)]
    pub members: Option<u32>,
    /// Women among them.
    #[n(7)]
    pub women: Option<u32>,
    /// Youth among them.
    #[n(8)]
    pub youth: Option<u32>,
    /// Removed (gỡ bỏ).
    #[n(9)]
    pub archived: bool,
    /// Fields on which people differ.
    #[n(10)]
    pub open_fields: u32,
    /// Codes of what is missing or should be looked at, comma between.
    #[n(11)]
    pub problems: String,
    /// The latest time claimed.
    #[n(12)]
    pub changed_at: Millis,
    /// The reviews that give a verdict.
    #[n(13)]
    pub reviews: Vec<ReviewRow>,
    /// Visits and drives linked to it.
    #[n(14)]
    pub activities: BTreeSet<DocumentId>,
    /// Organisations that take part, the lead not among them.
    #[n(15)]
    pub organisations: BTreeSet<String>,
    /// How it stands with whoever confirms it.
    #[n(16)]
    pub standing: Standing,
    /// The record of the same model whose counts stand.
    #[n(17)]
    pub same_as: Option<DocumentId>,
}

impl ModelRow {
    /// These values, with what people should look at, and what it is linked to, as it is now.
    pub(super) fn looked_at(self, now: Self) -> Self {
        let Self { open_fields, problems, same_as, .. } = now;
        Self { open_fields, problems, same_as, ..self }
    }
}

/// The review of one year.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ReviewRow {
    /// The year.
    #[n(0)]
    pub year: u16,
    /// Code of the verdict.
    #[n(1)]
    pub effective: String,
    /// The day on which it was said, ISO.
    #[n(2)]
    pub said_on: String,
}

/// The row of a model.
#[must_use]
pub fn model_row(model: &PreventionModel, changed_at: Millis) -> ModelRow {
    let lead = model.lead.value().map(ToString::to_string);
    let found = [model.problems(last_day()), model.warnings()].concat();
    let reviews = model.verdicts().filter_map(|(year, verdict, review)| {
        let said_on = review.said_on(year)?.to_string();
        Some(ReviewRow { year: year.get(), effective: verdict.code().to_owned(), said_on })
    });
    ModelRow {
        name: model.name.value().cloned(),
        kind: model.kind.value().map(|kind| kind.code().to_owned()),
        since: model.since.value().map(ToString::to_string),
        ended: model.ended.value().map(ToString::to_string),
        place: model.place.value().copied(),
        members: model.count(ModelCount::Members),
        women: model.count(ModelCount::Women),
        youth: model.count(ModelCount::Youth),
        archived: model.archived.value().is_some(),
        open_fields: u32::try_from(model.open_fields().len()).unwrap_or(u32::MAX),
        problems: codes(&found),
        changed_at,
        reviews: reviews.collect(),
        activities: model.activities.clone(),
        organisations: model
            .co_organisers
            .iter()
            .map(ToString::to_string)
            .filter(|who| lead.as_ref() != Some(who))
            .collect(),
        standing: Standing::default(),
        same_as: model.same_as.value().copied(),
        lead,
    }
}

#[cfg(test)]
mod tests {
    use donghanh_shared::domain::prevention_model::{Review, ReviewYear, Verdict};
    use donghanh_shared::domain::register::{Claim, Register};
    use donghanh_shared::ids::ActorId;

    use super::*;

    fn said<T>(value: T) -> Register<T> {
        Register { claims: vec![Claim { value, actor: ActorId([1; 16]), at: 0 }], unreadable: 0 }
    }

    #[test]
    fn an_empty_model_has_no_numbers_and_says_what_is_missing() {
        let row = model_row(&PreventionModel::default(), 5);
        assert_eq!((row.members, row.changed_at, row.archived, row.reviews.len()), (None, 5, false, 0));
        for code in ["name_missing", "model_kind_missing", "since_missing", "lead_missing"] {
            assert!(row.problems.contains(code), "{code} in {}", row.problems);
        }
    }

    #[test]
    fn a_review_has_a_row_when_it_gives_a_verdict_and_a_day_in_any_case() {
        let mut model = PreventionModel::default();
        let year = |text: &str| text.parse::<ReviewYear>().expect("year");
        let verdict = Review { effective: said(Verdict::Partly), ..Review::default() };
        model.reviews.insert(year("2025"), verdict);
        model.reviews.insert(year("2026"), Review { text: said("Sẽ họp".to_owned()), ..Review::default() });
        let reviews = model_row(&model, 0).reviews;
        let said_on = "2025-12-31".to_owned();
        assert_eq!(reviews, [ReviewRow { year: 2025, effective: "partly".to_owned(), said_on }]);
    }
}
