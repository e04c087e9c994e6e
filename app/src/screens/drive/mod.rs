//! One pledge drive: its facts, its groups with their numbers, and what can be done with it.

mod tally;
mod words;

use donghanh_shared::command::{Edits, pledge_drive as edits};
use donghanh_shared::crdt::Kind;
use donghanh_shared::crdt::history::FieldEdit;
use donghanh_shared::domain::pledge_drive::{DriveCount, Group, GroupKey, PledgeDrive, Signatures, Signer};
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::DocumentId;
use leptos::prelude::*;

use super::drive_form::{title, year_words};
use super::model::link::link_to_model;
use super::naming;
use super::record::differences::Choices;
use super::record::{Opened, Screen, may_edit};
use crate::components::action::{Weight, link};
use crate::components::icon::{Icon, icon};
use crate::components::notice::{Tone, notice};
use crate::components::page::section;
use crate::i18n::format::{self, capital};
use crate::i18n::{tr, words as said};
use crate::state::{AppState, OpenDrive, Register};

impl Screen for PledgeDrive {
    fn title(register: &Register, found: &OpenDrive) -> String {
        title(register, found.value.place.value().copied())
    }

    fn kind_title() -> String {
        tr!(drive.title).to_string()
    }

    fn facts(opened: Opened<Self>, found: &OpenDrive, editable: bool) -> AnyView {
        facts(opened, found, editable)
    }

    fn actions(state: AppState, found: &OpenDrive) -> Option<AnyView> {
        if !may_edit(state, found) {
            return None;
        }
        let id = found.id;
        let count = found.value.counted().next().map(|(key, _)| {
            let first = format!("/drives/{id}/count/{}", key.as_str());
            link(Weight::Plain, Some(Icon::People), tr!(visit.tally), first, "count-button")
        });
        let actions = view! {
            <div class="pair">
                {count}
                {link(Weight::Plain, Some(Icon::Pen), tr!(visit.edit), format!("/drives/{id}/edit"), "edit-button")}
            </div>
        };
        Some(actions.into_any())
    }

    fn looked_at() -> &'static [&'static str] {
        &["date", "place", "year", "groups", "lead", "notes"]
    }

    fn field(&self, name: &str) -> String {
        words::field(self, name)
    }

    fn choices(&self, register: &Register, field: &str) -> Choices {
        choices(self, register, field)
    }

    fn history_line(&self, register: &Register, edit: &FieldEdit) -> String {
        words::edit(self, register, edit)
    }
}

fn facts(opened: Opened<PledgeDrive>, found: &OpenDrive, editable: bool) -> AnyView {
    let register = opened.state.register.get();
    let drive = &found.value;
    let warnings = drive.counted().filter(|(_, group)| group.exceeds()).map(|(key, group)| {
        let (signed, expected) = (format::count(group.signed()), format::count(group.expected()));
        let name = words::name_of(key, group);
        view! { <p>{tr!(drive.exceeds_in, name = name, signed = signed, expected = expected)}</p> }.into_any()
    });
    let warnings: Vec<AnyView> = warnings.collect();
    let warnings = (!warnings.is_empty())
        .then(|| view! { <div data-testid="drive-exceeds">{notice(Tone::Wait, warnings)}</div> });
    let out: Vec<AnyView> = drive
        .groups
        .iter()
        .filter(|(_, group)| !group.is_in())
        .map(|(key, group)| view! { <li>{words::name_of(key, group)}</li> }.into_any())
        .collect();
    let out = (!out.is_empty()).then(|| {
        let n = out.len();
        view! {
            <details class="more"><summary>{tr!(drive.out, n = n)}</summary><ul class="soft">{out}</ul></details>
        }
    });
    let rows = drive.counted().map(|(key, group)| row(found.id, key, group, editable)).collect_view();
    let notes = (!drive.notes.is_empty()).then(|| {
        let notes = drive.notes.clone();
        section(tr!(form.notes), view! { <p class="notes" data-testid="visit-notes">{notes}</p> })
    });
    view! {
        {warnings}
        {sums(drive)}
        {section(tr!(drive.groups), view! { <ul class="rows">{rows}</ul> })}
        {out}
        {section(tr!(drive.about), view! { <dl class="facts">{about(opened.state, &register, found)}</dl> })}
        {link_to_model(opened, found, editable)}
        {notes}
    }
    .into_any()
}

/// "412 / 430", of all and of each kind of signer where there are several.
fn sums(drive: &PledgeDrive) -> AnyView {
    let all = drive.signatures(None);
    let kinds: Vec<(Signer, Signatures)> = Signer::ALL
        .iter()
        .map(|signer| (*signer, drive.signatures(Some(*signer))))
        .filter(|(_, of)| of.groups > 0)
        .collect();
    let several = kinds.len() > 1;
    let by_kind = kinds.into_iter().filter(|_| several).map(|(signer, of)| {
        let test = format!("drive-{}", signer.code());
        view! { <div><dt>{capital(said(signer))}</dt><dd class="figures" data-testid=test>{of_all(&of)}</dd></div> }
    });
    let unknown = (all.unknown > 0).then(|| {
        view! { <p class="soft" data-testid="drive-unknown">{tr!(drive.unknown, n = all.unknown)}</p> }
    });
    view! {
        <div class="drive-sum">
            <p class="figure figures" data-testid="drive-signed">{of_all(&all)}</p>
            <p class="soft">{tr!(drive.signed_of_expected).to_string()}</p>
            {unknown}
            <dl class="facts numbers">{by_kind.collect_view()}</dl>
        </div>
    }
    .into_any()
}

/// "412 / 430"; a number that nobody knows is a dash.
fn of_all(of: &Signatures) -> String {
    let shown = |known: Option<u64>| known.map_or_else(|| "—".to_owned(), format::number);
    format!("{} / {}", shown(of.known()), shown(of.known_expected()))
}

fn row(id: DocumentId, key: &GroupKey, group: &Group, editable: bool) -> AnyView {
    let name = words::name_of(key, group);
    let number = |n: Option<u32>| n.map_or_else(|| "—".to_owned(), |n| format::number(n.into()));
    let signer = group.signer.value().filter(|signer| **signer != Signer::Pupils);
    let apart = [DriveCount::Absent, DriveCount::Late, DriveCount::Parents].into_iter().filter_map(|what| {
        let n = group.count(what).filter(|n| *n > 0)?;
        Some(format!("{} {}", said(what), format::number(n.into())))
    });
    let detail = signer.map(|signer| said(*signer).to_owned()).into_iter().chain(apart).collect::<Vec<_>>();
    let detail = (!detail.is_empty())
        .then(|| view! { <span class="row-more"><span>{detail.join(" · ")}</span></span> });
    let numbers = format!("{} / {}", number(group.signed()), number(group.expected()));
    let inside = view! {
        <span class="row-title">{name}</span>
        <span class="row-end figures" data-testid=format!("group-{}", key.as_str())>{numbers}</span>
        {detail}
    };
    let inside = match editable {
        true => view! { <a href=format!("/drives/{id}/count/{}", key.as_str())>{inside}</a> }.into_any(),
        false => view! { <div class="row-inside">{inside}</div> }.into_any(),
    };
    view! { <li class="row" data-testid="drive-group">{inside}</li> }.into_any()
}

fn about(state: AppState, register: &Register, found: &OpenDrive) -> Vec<AnyView> {
    let drive = &found.value;
    let mut facts = Vec::new();
    let mut say = |label: &str, value: Option<String>, test: &'static str| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            let label = label.to_owned();
            facts.push(view! { <div><dt>{label}</dt><dd data-testid=test>{value}</dd></div> }.into_any());
        }
    };
    let date = drive.date.value().map(|date| date.for_people());
    let days = match (date, drive.ended.value()) {
        (Some(date), Some(ended)) => Some(format!("{date} – {}", ended.for_people())),
        (date, _) => date,
    };
    say(tr!(form.date), Some(days.unwrap_or_else(|| tr!(common.unknown).to_string())), "fact-date");
    say(tr!(drive.year), drive.year.value().map(|year| year_words(*year)), "fact-year");
    say(tr!(form.venue), drive.place.value().map(|id| naming::place(register, *id)), "fact-venue");
    let home = found.home_ward.or(drive.ward.value().copied());
    say(tr!(form.ward), home.map(|ward| naming::ward(register, ward)), "fact-ward");
    say(tr!(form.lead), drive.lead.value().map(|lead| naming::organisation(register, lead)), "fact-lead");
    let list = |items: Vec<String>| Some(items.join(", "));
    let with = drive.co_organisers.iter().map(|id| naming::organisation(register, id)).collect();
    say(tr!(form.co_organisers), list(with), "fact-with");
    say(tr!(form.campaign), drive.campaign.value().map(|id| naming::campaign(register, id)), "fact-campaign");
    say(tr!(form.done_by), list(drive.done_by.values().cloned().collect()), "fact-done-by");
    // A school's contact person holds the drive without the visit it went with.
    let held = |visit: &&DocumentId| {
        state.summaries.with_untracked(|rows| rows.iter().any(|row| row.summary.id == **visit))
    };
    if let Some(visit) = drive.visit.value().filter(held) {
        facts.push(view! {
            <div>
                <dt>{tr!(drive.with_visit).to_string()}</dt>
                <dd><a href=format!("/visits/{visit}") data-testid="fact-visit">{tr!(drive.open_visit).to_string()}{icon(Icon::Next)}</a></dd>
            </div>
        }.into_any());
    }
    facts
}

fn choices(drive: &PledgeDrive, register: &Register, field: &str) -> Choices {
    match field {
        "date" => Choices::of(&drive.date, |day| day.for_people(), |day| vec![edits::date(Some(*day))]),
        "ended" => Choices::of(&drive.ended, |day| day.for_people(), |day| vec![edits::ended(Some(*day))]),
        "year" => Choices::of(&drive.year, |year| year_words(*year), |year| vec![edits::year(Some(*year))]),
        "ward" => {
            Choices::of(&drive.ward, |ward| naming::ward(register, *ward), |ward| vec![edits::ward(*ward)])
        }
        "place" => {
            let words = |place: &_| naming::place(register, *place);
            Choices::of(&drive.place, words, |place| vec![edits::place(Some(*place))])
        }
        "campaign" => {
            let words = |id: &_| naming::campaign(register, id);
            Choices::of(&drive.campaign, words, |id| vec![edits::campaign(Some(id))])
        }
        "lead" => {
            let words = |id: &_| naming::organisation(register, id);
            Choices::of(&drive.lead, words, |id| vec![edits::lead(Some(id))])
        }
        "visit" => {
            let words = |_: &_| tr!(drive.open_visit).to_string();
            Choices::of(&drive.visit, words, |id| vec![edits::visit(Some(*id))])
        }
        "archived" => {
            Choices::of(&drive.archived, String::clone, |why| vec![edits::archived(Some(why.clone()))])
        }
        "same_as" => {
            let words = |id: &_| naming::other_record(register, *id);
            Choices::of(&drive.same_as, words, |id| Edits::same_as(Kind::PledgeDrive, Some(*id)))
        }
        of_group => of_group
            .split_once('.')
            .and_then(|(key, field)| group_choices(drive, &GroupKey::parse(key)?, field))
            .unwrap_or_else(Choices::unknown),
    }
}

fn group_choices(drive: &PledgeDrive, key: &GroupKey, field: &str) -> Option<Choices> {
    let group = drive.groups.get(key)?;
    let signer = group.signer.value().copied().unwrap_or(Signer::Pupils);
    let name = group.name.value().cloned().unwrap_or_default();
    Some(match field {
        "name" => Choices::of(&group.name, String::clone, |name| edits::group(key, name, signer)),
        "signer" => {
            let words = |signer: &Signer| capital(said(*signer));
            Choices::of(&group.signer, words, |signer| edits::group(key, &name, *signer))
        }
        "by" => Choices::of(&group.by, |by| capital(said(*by)), |by| vec![edits::counted_by(key, *by)]),
        "out" => {
            let words = |out: &bool| match out {
                true => tr!(drive.take_out).to_string(),
                false => tr!(drive.put_back).to_string(),
            };
            Choices::of(&group.out, words, |out| vec![edits::out(key, *out)])
        }
        count => {
            let what = DriveCount::parse(count).ok()?;
            Choices::of_count(group.counts.get(&what), |value| vec![edits::count(key, what, value)])
        }
    })
}
