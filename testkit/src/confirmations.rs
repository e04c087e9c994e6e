//! What the heads of unions said of the records of a world: most older ones are confirmed, a few were edited afterwards, a few
//! returned, and some of these completed.

use donghanh_shared::access::{Access, Confirms, Role};
use donghanh_shared::command::fields::{FieldEdit, Written};
use donghanh_shared::command::outreach_visit::VisitEdit;
use donghanh_shared::command::{Edits, confirmation};
use donghanh_shared::crdt::Kind;
use donghanh_shared::domain::confirmation::Confirmation;
use donghanh_shared::domain::count::Amount;
use donghanh_shared::domain::date::{Date, Millis};
use donghanh_shared::domain::organisation::OrganisationId;
use donghanh_shared::domain::outreach_visit::CountKey;
use donghanh_shared::domain::ward::WardRef;
use donghanh_shared::ids::PersonId;

use crate::random::Random;
use crate::world::{DriveSave, ModelSave, Options, Person, Save, World};

const HOUR: Millis = 3_600_000;

/// Adds them to the records of a world.
pub fn add(options: &Options, world: &mut World) {
    let heads = Heads::of(world);
    let mut random = Random::new(options.seed, 21);
    let end = options.today.start() + 4 * HOUR;
    for visit in &mut world.visits {
        let Some(lead) = visit.saves.iter().flat_map(|save| &save.edits).rev().find_map(led_visit) else {
            continue;
        };
        let last = visit.saves.iter().map(|save| save.at).max().unwrap_or(end);
        let first = visit.saves[0].by;
        let story = Story::draw(&mut random, Kind::OutreachVisit, last, end);
        for (at, step) in story.steps {
            let said = match step {
                Step::Said(said) => heads.who(visit.ward, &lead, at, first).map(|by| (by, said_edits(&said))),
                Step::Edited => Some((first, edited_visit(&visit.saves))),
            };
            let Some((by, Edits::Visit(edits))) = said else { break };
            visit.saves.push(Save { at, by, edits });
        }
    }
    for drive in &mut world.drives {
        let Some((lead, last)) = lead_and_last(drive.saves.iter().map(|save| (save.at, &save.edits))) else {
            continue;
        };
        let first = drive.saves[0].by;
        for (at, step) in Story::draw(&mut random, Kind::PledgeDrive, last, end).steps {
            let written = drive.saves.iter().flat_map(|save| &save.edits);
            let Some((by, edits)) = heads.step(&step, (drive.ward, &lead), (at, first), one_more(written))
            else {
                break;
            };
            drive.saves.push(DriveSave { at, by, apart: false, edits });
        }
    }
    for model in &mut world.models {
        let Some((lead, last)) = lead_and_last(model.saves.iter().map(|save| (save.at, &save.edits))) else {
            continue;
        };
        let first = model.saves[0].by;
        for (at, step) in Story::draw(&mut random, Kind::PreventionModel, last, end).steps {
            let written = model.saves.iter().flat_map(|save| &save.edits);
            let Some((by, edits)) = heads.step(&step, (model.ward, &lead), (at, first), one_more(written))
            else {
                break;
            };
            model.saves.push(ModelSave { at, by, apart: false, edits });
        }
    }
}

/// What happens to one record, each with its moment.
struct Story {
    steps: Vec<(Millis, Step)>,
}

enum Step {
    Said(Confirmation),
    Edited,
}

impl Story {
    fn draw(random: &mut Random, kind: Kind, last: Millis, end: Millis) -> Self {
        let mut at = last;
        let mut steps = Vec::new();
        let fate = random.between(1, 100);
        let later: Vec<Step> = match fate {
            1..=55 => vec![Step::Said(Confirmation::Confirmed)],
            56..=62 => vec![Step::Said(Confirmation::Confirmed), Step::Edited],
            63..=65 => vec![Step::Said(returned(kind))],
            66..=68 => vec![Step::Said(returned(kind)), Step::Edited],
            69..=71 => {
                vec![Step::Said(Confirmation::Confirmed), Step::Edited, Step::Said(Confirmation::Confirmed)]
            }
            _ => Vec::new(),
        };
        for step in later {
            at += i64::from(random.between(2, 96)) * HOUR;
            if at > end {
                break;
            }
            steps.push((at, step));
        }
        Self { steps }
    }
}

fn returned(kind: Kind) -> Confirmation {
    let (field, reason) = match kind {
        Kind::OutreachVisit => {
            ("attendance", "Số người dự chưa khớp với danh sách ký tên, bạn xem lại giúp.")
        }
        Kind::PledgeDrive => ("groups", "Thiếu số học sinh của một lớp, bạn hỏi lại cô chủ nhiệm giúp."),
        _ => ("members", "Số thành viên chưa cập nhật theo danh sách mới."),
    };
    Confirmation::Returned { field: field.to_owned(), reason: reason.to_owned() }
}

fn said_edits(said: &Confirmation) -> Edits {
    confirmation::said(Kind::OutreachVisit, Some(said))
}

/// Who may confirm what, and when.
struct Heads {
    people: Vec<Person>,
    wards: Vec<donghanh_shared::domain::ward::Ward>,
}

impl Heads {
    fn of(world: &World) -> Self {
        let is_head = |person: &&Person| person.memberships.iter().any(|held| held.role == Role::UnionHead);
        Self { people: world.people.iter().filter(is_head).cloned().collect(), wards: world.wards.clone() }
    }

    /// The head who may say something on this day of a record of this ward and organisation that somebody else logged.
    fn who(&self, ward: WardRef, lead: &OrganisationId, at: Millis, author: PersonId) -> Option<PersonId> {
        let confirms = Confirms { ward, organisation: lead.clone() };
        let may = |person: &&Person| {
            let access = Access::of(&person.memberships, &[], &self.wards, Date::of_moment(at));
            person.id != author && access.confirms.contains(&confirms)
        };
        self.people.iter().find(may).map(|person| person.id)
    }

    fn step(
        &self,
        step: &Step,
        (ward, lead): (WardRef, &OrganisationId),
        (at, author): (Millis, PersonId),
        edited: Option<FieldEdit>,
    ) -> Option<(PersonId, Vec<FieldEdit>)> {
        match step {
            Step::Said(said) => match confirmation::said(Kind::PledgeDrive, Some(said)) {
                Edits::Fields(edits) => Some((self.who(ward, lead, at, author)?, edits)),
                Edits::Visit(_) => None,
            },
            Step::Edited => Some((author, vec![edited?])),
        }
    }
}

fn led_visit(edit: &VisitEdit) -> Option<OrganisationId> {
    match edit {
        VisitEdit::Lead(lead) => lead.clone(),
        _ => None,
    }
}

fn lead_and_last<'s>(
    saves: impl Iterator<Item = (Millis, &'s Vec<FieldEdit>)>,
) -> Option<(OrganisationId, Millis)> {
    let (mut lead, mut last) = (None, None);
    for (at, edits) in saves {
        last = last.max(Some(at));
        for edit in edits {
            if let FieldEdit::Register(name, Some(Written::Text(text))) = edit
                && name == "lead"
            {
                lead = text.parse().ok();
            }
        }
    }
    Some((lead?, last?))
}

/// One more leaflet than somebody said: a number that was not confirmed.
fn edited_visit(saves: &[Save]) -> Edits {
    let before = saves.iter().flat_map(|save| &save.edits).rev().find_map(|edit| match edit {
        VisitEdit::Count(CountKey::LeafletsGiven, amount) => amount.map(Amount::get),
        _ => None,
    });
    let now = Amount::new(i64::from(before.unwrap_or(40)) + 15).ok();
    vec![VisitEdit::Count(CountKey::LeafletsGiven, now)].into()
}

/// One of the numbers that were typed, one higher.
fn one_more<'e>(written: impl Iterator<Item = &'e FieldEdit>) -> Option<FieldEdit> {
    let typed = written.filter_map(|edit| match edit {
        FieldEdit::Count(key, Some(amount)) => Some((key, *amount)),
        _ => None,
    });
    let (key, amount) = typed.last()?;
    Some(FieldEdit::Count(key.clone(), Amount::new(i64::from(amount.get()) + 1).ok()))
}
