//! The values of a visit's field on which people differ, each with the edit that settles for it.

use donghanh_shared::command::outreach_visit::VisitEdit;
use donghanh_shared::domain::outreach_visit::{CountKey, FollowUp, Visit};
use donghanh_shared::domain::register::Register as Values;
use donghanh_shared::domain::vocabulary::Term as _;

use super::words;
use crate::screens::naming;
use crate::screens::record::differences::Choices;
use crate::state::Register;

/// The values of a field on which people differ.
pub fn choices(register: &Register, visit: &Visit, field: &str) -> Choices {
    let text = |raw: String| words::text(register, field, &raw);
    match field {
        "date" => of(&visit.date, |date| date.for_people(), |date| VisitEdit::Date(Some(*date))),
        "time" => of(&visit.time, ToString::to_string, |time| VisitEdit::Time(Some(*time))),
        "ward" => of(&visit.ward, |ward| naming::ward(register, *ward), |ward| VisitEdit::Ward(*ward)),
        "venue" => {
            of(&visit.venue, |place| naming::place(register, *place), |place| VisitEdit::Venue(Some(*place)))
        }
        "form" => of(&visit.form, |form| naming::form(form.code()), |form| VisitEdit::Form(Some(*form))),
        "campaign" => {
            of(&visit.campaign, |id| text(id.to_string()), |id| VisitEdit::Campaign(Some(id.clone())))
        }
        "lead" => of(&visit.lead, |id| text(id.to_string()), |id| VisitEdit::Lead(Some(id.clone()))),
        "programme_year" => of(&visit.programme_year, ToString::to_string, |year| {
            VisitEdit::ProgrammeYear(u16::try_from(*year).ok())
        }),
        "position" => of(
            &visit.position,
            |p| format!("{:.5}, {:.5}", f64::from(p.lat_e6) / 1e6, f64::from(p.lon_e6) / 1e6),
            |p| VisitEdit::Position(Some((p.lat_e6, p.lon_e6))),
        ),
        "archived" => of(&visit.archived, Clone::clone, |reason| VisitEdit::Archived(Some(reason.clone()))),
        "same_as" => {
            of(&visit.same_as, |id| naming::other_record(register, *id), |id| VisitEdit::SameAs(Some(*id)))
        }
        other => match (CountKey::parse(other), other.strip_prefix("follow_ups.")) {
            (Ok(key), _) => {
                Choices::of_count(visit.counts.get(&key), |value| vec![VisitEdit::Count(key, value)])
            }
            (Err(_), Some(id)) => {
                visit.follow_ups.iter().find(|f| f.id == id).map(follow_up).unwrap_or_default()
            }
            (Err(_), None) => Choices::unknown(),
        },
    }
}

fn of<T: PartialEq>(
    values: &Values<T>,
    words: impl Fn(&T) -> String,
    edit: impl Fn(&T) -> VisitEdit,
) -> Choices {
    Choices::of(values, words, |value| vec![edit(value)])
}

/// A follow-up is settled as a whole: the text chosen keeps the date that counts, the date chosen keeps the text.
fn follow_up(of: &FollowUp) -> Choices {
    let text = of.text.value().cloned().unwrap_or_default();
    let due = of.due.value().copied();
    let make = |text: String, due| vec![VisitEdit::FollowUp { id: of.id.clone(), text, due }];
    let mut choices = Choices::default();
    if of.text.is_open() {
        choices = choices.and(Choices::of(&of.text, String::clone, |text| make(text.clone(), due)));
    }
    if of.due.is_open() {
        choices =
            choices.and(Choices::of(&of.due, |due| due.for_people(), |due| make(text.clone(), Some(*due))));
    }
    choices
}
