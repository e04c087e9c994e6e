//! "Gắn với mô hình": a visit or a drive is linked to models of its ward. The link is written into the model's document; the
//! activity itself does not change.

use donghanh_shared::access::Placement;
use donghanh_shared::access::rules::{self, Action};
use donghanh_shared::command::prevention_model as edits;
use donghanh_shared::crdt::Kind;
use donghanh_shared::domain::date::Date;
use donghanh_shared::domain::error::Problem;
use donghanh_shared::domain::prevention_model::PreventionModel;
use donghanh_shared::domain::summary::Summary;
use donghanh_shared::domain::ward::{WardRef, latest_successor};
use donghanh_shared::ids::DocumentId;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::action::{Weight, button};
use crate::components::choice::some_of;
use crate::components::dialog::dialog;
use crate::components::icon::Icon;
use crate::components::notice::problem_notice;
use crate::components::view::dynamic;
use crate::i18n::tr;
use crate::screens::naming;
use crate::screens::record::{Opened, may_edit};
use crate::state::{AppState, Me, OpenRecord, RecordValue, Register, Save};

/// The quiet button and its dialog, for those who may edit the activity and the models of its ward.
pub fn link_to_model<V: RecordValue>(
    opened: Opened<V>,
    found: &OpenRecord<V>,
    editable: bool,
) -> Option<AnyView> {
    let ward = found.home_ward.or_else(|| found.value.ward()).filter(|_| editable)?;
    let (state, activity) = (opened.state, found.id);
    let writes = |me: &Me| rules::may(&me.access, Action::Edit, Kind::PreventionModel, &Placement::new(ward));
    if !state.me.with(|me| me.as_ref().is_some_and(writes)) {
        return None;
    }
    let open = RwSignal::new(false);
    let title = tr!(model.link).to_string();
    let words = title.clone();
    let view = view! {
        <div>{button(Weight::Quiet, Some(Icon::People), words, "link-model", move || open.set(true))}</div>
        {dialog("model-dialog", open, title, move || content(state, activity, ward))}
    };
    Some(view.into_any())
}

/// A model that is offered.
#[derive(Clone, PartialEq)]
struct Offered {
    id: DocumentId,
    name: String,
    /// The ward that sums it.
    home: WardRef,
    linked: bool,
}

fn content(state: AppState, activity: DocumentId, ward: WardRef) -> AnyView {
    let offered = RwSignal::new(None::<Vec<Offered>>);
    let failure = RwSignal::new(None::<Problem>);
    // Read again with every change on this phone: somebody else may link it meanwhile.
    Effect::new(move || {
        state.revision.track();
        spawn_local(async move {
            let models = models_of(state, activity, ward).await;
            offered.try_set(Some(models));
        });
    });
    let chips = Signal::derive(move || {
        let all = offered.get().unwrap_or_default();
        all.into_iter().map(|model| (model.id.to_string(), model.name)).collect::<Vec<_>>()
    });
    let chosen = Signal::derive(move || {
        let all = offered.get().unwrap_or_default();
        all.into_iter().filter(|model| model.linked).map(|model| model.id.to_string()).collect::<Vec<_>>()
    });
    let change = Callback::new(move |(id, on): (String, bool)| {
        let models = offered.get_untracked().unwrap_or_default();
        let Some(model) = models.into_iter().find(|model| model.id.to_string() == id) else { return };
        let edit = vec![edits::activity(activity, on)];
        let save = Save::of(Kind::PreventionModel, Some(model.id), model.home, edit);
        spawn_local(async move {
            failure.try_set(state.save(vec![save]).await.err());
        });
    });
    let list = move || match offered.with(|all| all.as_ref().map(Vec::is_empty)) {
        None => ().into_any(),
        Some(true) => view! { <p data-testid="no-models">{tr!(model.none_here).to_string()}</p> }.into_any(),
        Some(false) => some_of("model-link", tr!(model.link_which), chips, chosen, change),
    };
    view! {
        <div class="stack">
            {problem_notice(failure.into())}
            <p class="soft small">{tr!(model.link_hint).to_string()}</p>
            {dynamic(list)}
        </div>
    }
    .into_any()
}

/// The models of the activity's ward that did not end before it, and whatever it is linked to already; only those that the
/// person may edit.
async fn models_of(state: AppState, activity: DocumentId, ward: WardRef) -> Vec<Offered> {
    let register = state.register.get_untracked();
    let (day, near): (Option<Date>, Vec<Summary>) = state.summaries.with_untracked(|rows| {
        let day = rows.iter().find(|row| row.summary.id == activity).and_then(|row| row.summary.date);
        let models = rows.iter().map(|row| &*row.summary).filter(|summary| {
            summary.kind() == Kind::PreventionModel
                && !summary.archived
                && summary.ward.is_some_and(|other| is_one_area(&register, ward, other))
        });
        (day, models.cloned().collect())
    });
    let mut offered = Vec::new();
    for summary in near {
        let Ok(Some(found)) = state.open::<PreventionModel>(summary.id).await else { continue };
        let Some(home) = found.home_ward.or(found.value.ward.value().copied()) else { continue };
        let linked = found.value.activities.contains(&activity);
        let went_on = summary.ended.zip(day).is_none_or(|(ended, day)| ended >= day);
        if may_edit(state, &found) && (linked || went_on) {
            let (id, name) = (summary.id, naming::title(&register, &summary));
            offered.push(Offered { id, name, home, linked });
        }
    }
    offered.sort_by(|a, b| a.name.cmp(&b.name));
    offered
}

/// Whether two wards are one, or one of them went into the other: a model goes on through a merger.
fn is_one_area(register: &Register, one: WardRef, other: WardRef) -> bool {
    latest_successor(one, &register.wards) == latest_successor(other, &register.wards)
}
