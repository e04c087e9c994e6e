//! The classes, branches and other groups of a drive: one line each, "đã ký / sĩ số", and what else is counted folded away.

use donghanh_shared::domain::pledge_drive::{CountedBy, DriveCount, Signer};
use donghanh_shared::domain::vocabulary::Term as _;
use leptos::prelude::*;

use super::Editor;
use super::model::GroupForm;
use crate::components::action::{Weight, button};
use crate::components::dom;
use crate::components::field::{TextKind, no_problem, problem_at, problem_line, select_field, text_field};
use crate::components::icon::Icon;
use crate::components::notice::{Tone, notice};
use crate::components::stepper::{Stepper, stepper, typed_number};
use crate::components::view::{dynamic, entered, text_of};
use crate::i18n::format::{self, capital};
use crate::i18n::{tr, words};

/// Draws them, and how to add more.
pub fn groups(editor: Editor) -> AnyView {
    // Drawn again when groups come and go, not when a number is typed: the keyboard must not close.
    let keys = editor.part(|form| {
        let shown = form.groups.iter().map(|(key, group)| (key.clone(), group.out, group.is_tallied()));
        shown.collect::<Vec<_>>()
    });
    let list = move || {
        let drawn = |(key, out, tallied): (String, bool, bool)| match out {
            true => taken_out(editor, key),
            false => group(editor, key, tallied),
        };
        keys.get().into_iter().map(drawn).collect_view()
    };
    let problem = problem_at(editor.problems, "groups");
    view! {
        <fieldset class="stack groups" id="field-groups" tabindex="-1" aria-describedby="field-groups-problem">
            <legend>{tr!(drive.groups).to_string()}</legend>
            <p class="field-hint">{tr!(drive.groups_hint).to_string()}</p>
            {problem_line("field-groups", problem)}
            <ul class="rows">{dynamic(list)}</ul>
            {total(editor)}
            {add(editor)}
        </fieldset>
    }
    .into_any()
}

fn read<T: PartialEq + Clone + Send + Sync + 'static>(
    editor: Editor,
    key: &str,
    read: impl Fn(&GroupForm) -> T + Send + Sync + 'static,
) -> Memo<Option<T>> {
    let key = key.to_owned();
    editor.part(move |form| form.groups.get(&key).map(&read))
}

fn change(editor: Editor, key: &str, change: impl FnOnce(&mut GroupForm)) {
    editor.edit(|form| {
        if let Some(group) = form.groups.get_mut(key) {
            change(group);
        }
    });
}

fn name_of(editor: Editor, key: &str) -> String {
    editor
        .form
        .with_untracked(|form| form.groups.get(key).map(|group| group.name.clone()).unwrap_or_default())
}

fn group(editor: Editor, key: String, tallied: bool) -> AnyView {
    let name = name_of(editor, &key);
    let signer = read(editor, &key, |group| group.signer);
    let is_pupils = signer.get_untracked() == Some(Signer::Pupils);
    let who = (!is_pupils).then(|| {
        let words = signer.get_untracked().map(|signer| words(signer).to_owned());
        view! { <span class="soft small">{words}</span> }
    });
    let signed = match tallied {
        true => {
            let counted = read(editor, &key, |group| group.tallied);
            let shown = move || format::count(counted.get().flatten());
            view! { <span class="counted figures" data-testid="group-counted">{dynamic(shown)}</span> }
                .into_any()
        }
        false => number(
            editor,
            &key,
            DriveCount::Signed,
            tr!(drive.signed_in, name = name.clone()),
            "group-signed",
        ),
    };
    let expected = number(
        editor,
        &key,
        DriveCount::Expected,
        tr!(drive.expected_in, name = name.clone()),
        "group-expected",
    );
    let exceeds = read(editor, &key, GroupForm::exceeds);
    let warning = move || {
        (exceeds.get() == Some(true)).then(|| {
            notice(Tone::Wait, view! { <p data-testid="group-exceeds">{tr!(drive.exceeds).to_string()}</p> })
        })
    };
    view! {
        <li class="group-row" data-testid="group-row">
            <div class="group-line">
                <p><span class="strong">{name}</span>" "{who}</p>
                <div class="group-numbers">{signed}<span aria-hidden="true">"/"</span>{expected}</div>
            </div>
            {dynamic(warning)}
            {more(editor, key)}
        </li>
    }
    .into_any()
}

fn number(editor: Editor, key: &str, what: DriveCount, label: String, test: &'static str) -> AnyView {
    let value = read(editor, key, move |group| group.counts.get(&what).copied());
    let key = key.to_owned();
    view! {
        <input type="text" inputmode="numeric" autocomplete="off" placeholder="–" class="figures" data-testid=test
            aria-label=label
            prop:value=text_of(move || value.get().flatten().map(|n| n.to_string()).unwrap_or_default())
            on:input=entered(move |text| {
                change(editor, &key, |group| put(group, what, typed_number(&text)));
            }) />
    }
    .into_any()
}

fn put(group: &mut GroupForm, what: DriveCount, value: Option<u32>) {
    match value {
        Some(value) => drop(group.counts.insert(what, value)),
        None => drop(group.counts.remove(&what)),
    }
}

/// What is counted apart, how the group is counted, and taking it out.
fn more(editor: Editor, key: String) -> AnyView {
    let steppers = [DriveCount::Absent, DriveCount::Late, DriveCount::Parents].map(|what| {
        let value = read(editor, &key, move |group| group.counts.get(&what).copied());
        let mine = key.clone();
        let set =
            Callback::new(move |value: Option<u32>| change(editor, &mine, |group| put(group, what, value)));
        let stepped = Stepper {
            id: format!("{key}-{}", what.code()),
            test: format!("group-{}", what.code()),
            label: words(what).to_owned(),
            step: 1,
            unknown_box: false,
        };
        stepper(stepped, Signal::derive(move || value.get().flatten()), set, no_problem())
    });
    let by = read(editor, &key, |group| group.by.unwrap_or(CountedBy::Sheets));
    let (mine, other) = (key.clone(), key);
    let to_other = move || {
        change(editor, &mine, |group| {
            group.by = Some(if group.is_tallied() { CountedBy::Sheets } else { CountedBy::Tally });
        });
    };
    let other_way = Signal::derive(move || match by.get() {
        Some(CountedBy::Tally) => tr!(drive.to_sheets).to_string(),
        _ => tr!(drive.to_tally).to_string(),
    });
    let take_out = move || change(editor, &other, |group| group.out = true);
    view! {
        <details class="group-more">
            <summary>{tr!(drive.group_more).to_string()}</summary>
            <div class="stack">
                <p class="soft small">{tr!(drive.apart_hint).to_string()}</p>
                {steppers.into_iter().collect_view()}
                <div class="line">
                    {button(Weight::Quiet, None, other_way, "group-other-way", to_other)}
                    {button(Weight::Quiet, Some(Icon::Remove), tr!(drive.take_out).to_string(), "group-out", take_out)}
                </div>
            </div>
        </details>
    }
    .into_any()
}

fn taken_out(editor: Editor, key: String) -> AnyView {
    let name = name_of(editor, &key);
    let back = move || change(editor, &key, |group| group.out = false);
    view! {
        <li class="group-row" data-testid="group-row-out">
            <div class="group-line">
                <p class="soft">{tr!(drive.taken_out, name = name)}</p>
                {button(Weight::Quiet, Some(Icon::Undo), tr!(drive.put_back).to_string(), "group-back", back)}
            </div>
        </li>
    }
    .into_any()
}

fn total(editor: Editor) -> AnyView {
    let sums = editor.part(|form| {
        let counted: Vec<&GroupForm> = form.groups.values().filter(|group| !group.out).collect();
        let signed: u64 = counted.iter().filter_map(|group| group.signed()).map(u64::from).sum();
        let expected: Option<u64> =
            counted.iter().map(|group| group.counts.get(&DriveCount::Expected).map(|n| u64::from(*n))).sum();
        (counted.len(), signed, expected)
    });
    dynamic(move || {
        let (groups, signed, expected) = sums.get();
        (groups > 1).then(|| {
            let of = expected.map_or_else(|| "—".to_owned(), format::number);
            let sum = tr!(drive.total, signed = format::number(signed), expected = of);
            view! { <p class="group-total strong figures" role="status" data-testid="drive-total">{sum}</p> }
        })
    })
}

fn add(editor: Editor) -> AnyView {
    let name = RwSignal::new(String::new());
    let usual = editor.form.with_untracked(|form| form.groups.values().next_back().map(|group| group.signer));
    let signer = RwSignal::new(usual.unwrap_or(Signer::Pupils));
    let problems = RwSignal::new(Vec::new());
    let take = move || {
        let mut outcome = Ok(());
        editor.edit(|form| outcome = form.add(&name.get_untracked(), signer.get_untracked()));
        match outcome {
            Ok(()) => {
                problems.set(Vec::new());
                name.set(String::new());
                dom::focus_later("group-name");
            }
            Err(problem) => problems.set(vec![problem]),
        }
    };
    let options = Signal::derive(|| {
        Signer::ALL
            .iter()
            .map(|signer| (signer.code().to_owned(), capital(words(*signer))))
            .collect::<Vec<_>>()
    });
    let chosen = Signal::derive(move || signer.get().code().to_owned());
    let choose =
        Callback::new(move |code: String| signer.set(Signer::parse(&code).unwrap_or(Signer::Pupils)));
    let hint = Some(tr!(drive.name_hint).to_string());
    view! {
        <div class="stack group-add">
            {select_field("group-signer", tr!(drive.signer), None, options, chosen, choose, no_problem())}
            {text_field("group-name", tr!(drive.name), hint, TextKind::text("group-name"), name, problem_at(problems, "group_name"))}
            <div>{button(Weight::Plain, Some(Icon::Plus), tr!(drive.add).to_string(), "group-add", take)}</div>
        </div>
    }
    .into_any()
}
