//! Counts of after-care per ward, for whoever sees counts and no case: open cases of today, and of a period the indicators
//! C1 and C2. How they are counted is in [`period`]; that few people are not told apart, in [`few`].
//!
//! What may be told of a ward:
//! - Every number counts people, a number of check-ins or of support given too: it is told only where it is about none or
//!   at least five *people*, so that "three visits missed" does not tell of somebody whom neighbours know.
//! - Fewer than five people under management: nothing of the period is told.
//! - Who got support and who did not, who completed and who ended otherwise, who relapsed and who did not: both sides of
//!   each are told, or neither. Kinds of support overlap, so a kind is told where also those who got only others are none or
//!   at least five.
//! - In a period of a month every person has one check-in due, and the outcomes sum up to the people: a small outcome hides
//!   others with it, as a small status does.
//! - The people under management and today's open cases differ by those whose case ended. In a period that reaches today,
//!   where one of those numbers is small, neither the people under management are told nor what comes near enough to tell of
//!   them. A report of a period that is over tells more. Likewise the number that was typed in, by its difference from people
//!   with a file or with support.
//!
//! What this does not prevent: whoever asks for two periods, or on two days, can subtract the answers.

pub mod few;
pub mod period;

use std::collections::BTreeSet;
use std::sync::Arc;

use donghanh_shared::access::Access;
use donghanh_shared::domain::WardRef;
use donghanh_shared::domain::aftercare::CaseStatus;
use donghanh_shared::domain::date::{Date, Span};
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::report::{AftercareReport, AftercareRow};
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::domain::ward::Ward;

use self::few::{Cells, told};
use crate::problem::logged;
use crate::state::AppState;
use crate::store::aftercare::CaseFacts;

/// The name of what nobody said.
const UNKNOWN: &str = "unknown";

/// Draws the counts of today, and of a period where one is asked for, for somebody with this access.
///
/// # Errors
/// [`Code::PeriodInvalid`] at `to` when it ends before it begins, [`Code::Internal`].
pub async fn aftercare(
    state: &AppState,
    access: &Access,
    asked: Option<(Date, Date)>,
) -> Result<AftercareReport, Problem> {
    if asked.is_some_and(|(from, to)| to < from) {
        return Err(Problem::new(Code::PeriodInvalid).at("to"));
    }
    let wards = state.store().wards().await.map_err(logged)?;
    let seen: BTreeSet<WardRef> = access.aftercare_counts.iter().copied().collect();
    let cases = Arc::new(state.store().case_facts(seen.clone()).await.map_err(logged)?);
    let today = state.today();
    let drawn = match asked {
        Some(asked) => Some(period::Drawn::draw(state, seen, Arc::clone(&cases), asked).await?),
        None => None,
    };
    let has_row = |ward: &&Ward| {
        access.aftercare_counts.contains(&ward.id)
            && (ward.span().contains(today) || cases.iter().any(|case| case.ward == ward.id))
    };
    let row = |ward: &Ward| {
        let (open, by_status) = told(&cells(&cases, ward.id));
        AftercareRow {
            ward: ward.id,
            name: ward.full_name(),
            open,
            by_status: by_status.into_iter().map(|(status, cell)| (status.to_owned(), cell)).collect(),
            figures: drawn.as_ref().map(|drawn| drawn.figures(ward.id)),
        }
    };
    Ok(AftercareReport {
        demo: state.store().instance().demo,
        drawn_at: state.now(),
        period: asked.map(|(from, to)| Span { from, to: Some(to) }),
        wards: wards.iter().filter(has_row).map(row).collect(),
    })
}

/// The open cases of a ward by status, every status among them.
fn cells(cases: &[CaseFacts], ward: WardRef) -> Cells<u32> {
    let open = CaseStatus::ALL.iter().filter(|status| status.is_open());
    let mut cells: Cells<u32> = open.map(|status| (status.code(), 0)).chain([(UNKNOWN, 0)]).collect();
    for case in cases.iter().filter(|case| case.ward == ward) {
        if let Some(cell) = cells.get_mut(case.status.map_or(UNKNOWN, CaseStatus::code)) {
            *cell += 1;
        }
    }
    cells
}
