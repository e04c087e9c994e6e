//! The choice of a role, its ward, school and organisation: of somebody new, or of somebody there is. Offered is what the person
//! who chooses may give.

use donghanh_shared::access::{Access, Role};
use donghanh_shared::domain::place::{PlaceKind, PlaceStatus};
use donghanh_shared::domain::vocabulary::Term as _;
use leptos::prelude::*;

use crate::components::field::{Problems, no_problem, problem_at, select_field};
use crate::components::view::dynamic;
use crate::i18n::format::capital;
use crate::i18n::{tr, words};
use crate::screens::naming;
use crate::state::{Account, AppState, RoleAt};

/// What is chosen.
#[derive(Clone, Copy)]
pub struct RoleChoice {
    role: RwSignal<Role>,
    ward: RwSignal<String>,
    organisation: RwSignal<String>,
    school: RwSignal<String>,
}

impl RoleChoice {
    /// Begins with what somebody is, or with a volunteer.
    pub fn of(account: Option<&Account>) -> Self {
        let text = |value: Option<String>| RwSignal::new(value.unwrap_or_default());
        Self {
            role: RwSignal::new(account.and_then(|account| account.role).unwrap_or(Role::Volunteer)),
            ward: text(account.and_then(|account| account.ward).map(|ward| ward.to_string())),
            organisation: text(
                account.and_then(|account| account.organisation.as_ref()).map(ToString::to_string),
            ),
            school: text(account.and_then(|account| account.place).map(|school| school.to_string())),
        }
    }

    /// The role chosen.
    pub fn chosen(self, state: AppState) -> RoleAt {
        RoleAt {
            role: self.role.get_untracked(),
            ward: untrack(|| self.place(state)).parse().ok(),
            organisation: self.organisation.get_untracked().parse().ok(),
            place: untrack(|| self.chosen_school(state)).and_then(|school| school.parse().ok()),
        }
    }

    /// The ward chosen, where it may be given; the first that may, otherwise.
    fn place(self, state: AppState) -> String {
        let (offered, chosen) = (wards(state, self.role.get()), self.ward.get());
        let stays = offered.iter().any(|(ward, _)| *ward == chosen);
        if stays { chosen } else { offered.into_iter().next().map(|(ward, _)| ward).unwrap_or_default() }
    }

    /// The school chosen, of those that lie in the ward chosen; `None` for a role that is held at none.
    fn chosen_school(self, state: AppState) -> Option<String> {
        let (offered, chosen) = (schools(state, self.role.get(), &self.place(state)), self.school.get());
        offered.into_iter().map(|(school, _)| school).find(|school| !school.is_empty() && *school == chosen)
    }

    /// Its fields, under these names.
    pub fn fields(self, state: AppState, names: [&'static str; 4], problems: Problems) -> AnyView {
        let Self { role, ward, organisation, school } = self;
        let place = Signal::derive(move || self.place(state));
        let roles = Signal::derive(move || {
            let offered = may(state, |access| {
                let has = |role: &Role| access.invites.iter().any(|may| may.role == *role);
                Role::ALL.iter().copied().filter(has).collect::<Vec<_>>()
            });
            offered.into_iter().map(|role| (role.code().to_owned(), capital(words(role)))).collect()
        });
        let wards = Signal::derive(move || wards(state, role.get()));
        let organisations = Signal::derive(move || organisations(state));
        let chosen = Signal::derive(move || role.get().code().to_owned());
        let choose =
            Callback::new(move |code: String| role.set(Role::parse(&code).unwrap_or(Role::Volunteer)));
        let to_ward = Callback::new(move |text: String| ward.set(text));
        let at_school = Memo::new(move |_| role.get() == Role::SchoolContact);
        let of_ward = Signal::derive(move || schools(state, role.get(), &self.place(state)));
        let school_chosen = Signal::derive(move || self.chosen_school(state).unwrap_or_default());
        let to_school = Callback::new(move |text: String| school.set(text));
        let to_organisation = Callback::new(move |text: String| organisation.set(text));
        view! {
            {select_field(names[0], tr!(me.role), None, roles, chosen, choose, no_problem())}
            {select_field(names[1], tr!(form.ward), None, wards, place, to_ward, problem_at(problems, "ward"))}
            {dynamic(move || at_school.get().then(|| {
                select_field(names[2], tr!(drive.school), Some(tr!(people.school_hint).to_string()), of_ward, school_chosen, to_school, problem_at(problems, "place"))
            }))}
            {select_field(names[3], tr!(me.organisation), None, organisations, organisation.into(), to_organisation, problem_at(problems, "organisation"))}
        }
        .into_any()
    }
}

fn may<T: Default>(state: AppState, ask: impl Fn(&Access) -> T) -> T {
    state.me.with(|me| me.as_ref().map(|me| ask(&me.access)).unwrap_or_default())
}

fn wards(state: AppState, role: Role) -> Vec<(String, String)> {
    let (register, today) = (state.register.get(), state.today());
    let mut options = Vec::new();
    if may(state, |access| access.may_invite(role, None)) {
        options.push((String::new(), tr!(people.whole_area).to_string()));
    }
    let living = register.wards.iter().filter(|ward| ward.span().contains(today));
    let offered = living.filter(|ward| may(state, |access| access.may_invite(role, Some(ward.id))));
    options.extend(offered.map(|ward| (ward.id.to_string(), ward.full_name())));
    options
}

/// The registered schools of a ward, for the role that is held at one.
fn schools(state: AppState, role: Role, ward: &str) -> Vec<(String, String)> {
    let Some(ward) = ward.parse().ok().filter(|_| role == Role::SchoolContact) else { return Vec::new() };
    let (register, today) = (state.register.get(), state.today());
    let mut options = vec![(String::new(), tr!(people.school_choose).to_string())];
    let of_ward = register.places_of(ward, Some(PlaceKind::School), today);
    let registered = of_ward.into_iter().filter(|place| place.status == PlaceStatus::Registered);
    options.extend(registered.map(|place| (place.id.to_string(), place.name.clone())));
    options
}

fn organisations(state: AppState) -> Vec<(String, String)> {
    let (register, today) = (state.register.get(), state.today());
    let mut options = vec![(String::new(), tr!(people.no_organisation).to_string())];
    let living = register.organisations.iter().filter(|organisation| organisation.span.contains(today));
    options.extend(living.map(|o| (o.id.to_string(), naming::organisation(&register, &o.id))));
    options
}
