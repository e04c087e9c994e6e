//! The prevention models (indicator D1: at least one that works in each ward, section IV.13) of some wards in a period.
//!
//! - A model exists in a period when it began by its last day and had not ended before its first; a removed one (gỡ bỏ)
//!   does not. One that does not say since when exists in none.
//! - It works when the latest review that was said by the last day of the period, if there is one, does not call it "not
//!   effective". The latest review is that of the latest year; it was said on its day, and without one on the last day of
//!   its year. A review that gives no verdict is none.
//! - It was reviewed when there is such a review of the year in which the period ends.
//! - It counts once, in its home ward. A model goes on when its ward goes into another: where the home ward did not exist
//!   in the period any more, it stands in the first ward after it that did. Of a model whose ward came later than the
//!   period nobody can tell in which of the wards before it was: drawn by the wards of the time it is in none; regrouped
//!   by successors it is in its own.
//! - Members are summed as far as known, of all models; women and youth are among them and are not added.
//! - In the total a ward has its model when one that works counts in it.

use std::collections::BTreeSet;

use donghanh_shared::domain::WardRef;
use donghanh_shared::domain::date::Span;
use donghanh_shared::domain::prevention_model::Verdict;
use donghanh_shared::domain::report::{Grouping, ModelFigures};
use donghanh_shared::domain::ward::Ward;

use crate::store::report::ModelFact;

/// The models of a period, each in the ward in which it counts.
pub struct Models<'a> {
    models: Vec<(WardRef, &'a ModelFact)>,
    /// The year in which the period ends.
    year: Option<i32>,
}

impl<'a> Models<'a> {
    /// Around what the store found.
    #[must_use]
    pub fn new(facts: &'a [ModelFact], wards: &[Ward], period: Span, grouping: Grouping) -> Self {
        let placed = |fact: &'a ModelFact| {
            let ward = match grouping {
                Grouping::BySuccessor => Some(fact.home),
                Grouping::AsThen => stands_in(fact.home, wards, period),
            };
            Some((ward?, fact))
        };
        Self { models: facts.iter().filter_map(placed).collect(), year: period.to.map(|to| to.year()) }
    }

    /// The figures of these wards together.
    #[must_use]
    pub fn figures(&self, wards: &BTreeSet<WardRef>) -> ModelFigures {
        let mut figures = ModelFigures::default();
        for (_, fact) in self.models.iter().filter(|(ward, _)| wards.contains(ward)) {
            figures.models += 1;
            figures.working += u32::from(works(fact));
            figures.reviewed += u32::from(self.was_reviewed(fact));
            figures.members += u64::from(fact.members.unwrap_or(0));
            figures.members_unknown += u32::from(fact.members.is_none());
            figures.open_records += u32::from(fact.is_open);
        }
        figures
    }

    fn was_reviewed(&self, fact: &ModelFact) -> bool {
        fact.reviews.iter().any(|(year, _)| Some(i32::from(*year)) == self.year)
    }
}

fn works(fact: &ModelFact) -> bool {
    fact.reviews.last().is_none_or(|(_, verdict)| *verdict != Verdict::NotEffective)
}

/// The ward itself, or the first after it, that existed in the period; `None` when none did.
fn stands_in(home: WardRef, wards: &[Ward], period: Span) -> Option<WardRef> {
    let mut at = home;
    // As many steps as there are wards: more would be a circle.
    for _ in 0..=wards.len() {
        let ward = wards.iter().find(|ward| ward.id == at)?;
        if ward.span().overlap(&period).is_some() {
            return Some(at);
        }
        at = ward.successor?;
    }
    None
}
