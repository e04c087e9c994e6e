//! The register of wards, places, organisations and campaigns with the look-ups that screens need. Pure values.

use std::collections::HashMap;

use donghanh_shared::domain::date::{Date, Span};
use donghanh_shared::domain::kind::Kind;
use donghanh_shared::domain::organisation::{Campaign, CampaignId, Organisation, OrganisationId};
use donghanh_shared::domain::outreach_visit::Form;
use donghanh_shared::domain::place::{Place, PlaceKind, PlaceStatus};
use donghanh_shared::domain::prevention_model::ModelKind;
use donghanh_shared::domain::search::folded;
use donghanh_shared::domain::vocabulary::{Language, Term};
use donghanh_shared::domain::ward::{Ward, WardRef, latest_successor};
use donghanh_shared::ids::PlaceId;
use donghanh_shared::sync::wire::Reference;

/// How many merges of places are followed; more would be a circle.
const MERGES: usize = 8;

/// The register as this phone holds it.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Register {
    /// Wards of yesterday and today, by code and first day.
    pub wards: Vec<Ward>,
    /// Places, merged ones included, by folded name.
    pub places: Vec<Place>,
    /// Organisations, by name.
    pub organisations: Vec<Organisation>,
    /// Campaigns, by first day.
    pub campaigns: Vec<Campaign>,
    folded_places: Vec<String>,
    place_at: HashMap<PlaceId, usize>,
    ward_at: HashMap<WardRef, usize>,
    organisation_at: HashMap<OrganisationId, usize>,
    folded_wards: Vec<String>,
    folded_organisations: Vec<String>,
    folded_kinds: HashMap<&'static str, String>,
    folded_models: HashMap<&'static str, String>,
}

impl Register {
    /// The register made of these pieces; the last piece about a thing counts.
    #[must_use]
    pub fn of(pieces: impl IntoIterator<Item = Reference>) -> Self {
        let (mut wards, mut places) = (HashMap::new(), HashMap::new());
        let (mut organisations, mut campaigns) = (HashMap::new(), HashMap::new());
        for piece in pieces {
            match piece {
                Reference::Ward(ward) => drop(wards.insert(ward.id, ward)),
                Reference::Place(place) => drop(places.insert(place.id, place)),
                Reference::Organisation(organisation) => {
                    drop(organisations.insert(organisation.id.clone(), organisation));
                }
                Reference::Campaign(campaign) => drop(campaigns.insert(campaign.id.clone(), campaign)),
            }
        }
        let mut wards: Vec<Ward> = wards.into_values().collect();
        wards.sort_by_key(|ward| ward.id);
        let mut named: Vec<(String, Place)> = places.into_values().map(|p| (folded(&p.name), p)).collect();
        named.sort_by(|a, b| (&a.0, a.1.id).cmp(&(&b.0, b.1.id)));
        let (folded_places, places): (Vec<_>, Vec<_>) = named.into_iter().unzip();
        let mut organisations: Vec<Organisation> = organisations.into_values().collect();
        organisations
            .sort_by_cached_key(|organisation| (folded(&organisation.name), organisation.id.clone()));
        let mut campaigns: Vec<Campaign> = campaigns.into_values().collect();
        campaigns.sort_by(|a, b| (a.span.from, &a.id).cmp(&(b.span.from, &b.id)));
        fn words<T: Term>(term: &T) -> (&'static str, String) {
            let (vi, en) = (term.words(Language::Vietnamese), term.words(Language::English));
            (term.code(), format!("{} {}", folded(vi), folded(en)))
        }
        // A model is found by what every model is called, and by its own kind.
        let model = |kind: &ModelKind| {
            let (code, of_kind) = words(kind);
            (code, format!("{} {of_kind}", words(&Kind::PreventionModel).1))
        };
        Self {
            place_at: places.iter().enumerate().map(|(at, place)| (place.id, at)).collect(),
            ward_at: wards.iter().enumerate().map(|(at, ward)| (ward.id, at)).collect(),
            organisation_at: organisations.iter().enumerate().map(|(at, o)| (o.id.clone(), at)).collect(),
            folded_wards: wards.iter().map(|ward| folded(&ward.full_name())).collect(),
            folded_organisations: organisations
                .iter()
                .map(|o| folded(&format!("{} {}", o.name, o.name_en)))
                .collect(),
            folded_kinds: Form::ALL.iter().map(words).chain(Kind::ALL.iter().map(words)).collect(),
            folded_models: ModelKind::ALL.iter().map(model).collect(),
            folded_places,
            wards,
            places,
            organisations,
            campaigns,
        }
    }

    /// The place, or the one it was merged into.
    #[must_use]
    pub fn place(&self, id: PlaceId) -> Option<&Place> {
        self.place_index(id).map(|at| &self.places[at])
    }

    fn place_index(&self, id: PlaceId) -> Option<usize> {
        let mut at = *self.place_at.get(&id)?;
        for _ in 0..MERGES {
            match self.places[at].merged_into.and_then(|into| self.place_at.get(&into)) {
                Some(into) => at = *into,
                None => break,
            }
        }
        Some(at)
    }

    /// The ward.
    #[must_use]
    pub fn ward(&self, id: WardRef) -> Option<&Ward> {
        self.ward_at.get(&id).map(|at| &self.wards[*at])
    }

    /// The ward that stands for this one today.
    #[must_use]
    pub fn ward_today(&self, id: WardRef) -> WardRef {
        latest_successor(id, &self.wards)
    }

    /// The ward that this code meant on that day.
    #[must_use]
    pub fn ward_on(&self, id: WardRef, day: Date) -> Option<&Ward> {
        self.wards.iter().find(|ward| ward.id.code == id.code && ward.span().contains(day))
    }

    /// The organisation.
    #[must_use]
    pub fn organisation(&self, id: &OrganisationId) -> Option<&Organisation> {
        self.organisation_at.get(id).map(|at| &self.organisations[*at])
    }

    /// The campaign.
    #[must_use]
    pub fn campaign(&self, id: &CampaignId) -> Option<&Campaign> {
        self.campaigns.iter().find(|campaign| campaign.id == *id)
    }

    /// Places of a ward on a day, merged ones left out, by name. `kind` narrows them.
    #[must_use]
    pub fn places_of(&self, ward: WardRef, kind: Option<PlaceKind>, day: Date) -> Vec<&Place> {
        let span = Span { from: day, to: Some(day) };
        self.places
            .iter()
            .filter(|place| place.status != PlaceStatus::Merged && kind.is_none_or(|kind| place.kind == kind))
            .filter(|place| place.lies_in(ward, &span))
            .collect()
    }

    /// Places that wait for approval.
    pub fn proposed(&self) -> impl Iterator<Item = &Place> {
        self.places.iter().filter(|place| place.status == PlaceStatus::Proposed)
    }

    /// Folded name of a place (the one it was merged into); empty when it is not known.
    #[must_use]
    pub fn folded_place(&self, id: PlaceId) -> &str {
        self.place_index(id).map_or("", |at| &self.folded_places[at])
    }

    /// Folded name of a ward with its kind.
    #[must_use]
    pub fn folded_ward(&self, id: WardRef) -> &str {
        self.ward_at.get(&id).map_or("", |at| &self.folded_wards[*at])
    }

    /// Folded names of an organisation.
    #[must_use]
    pub fn folded_organisation(&self, id: &OrganisationId) -> &str {
        self.organisation_at.get(id).map_or("", |at| &self.folded_organisations[*at])
    }

    /// Folded words of a kind of record; of the form of a visit and the kind of a model, by its code.
    #[must_use]
    pub fn folded_kind(&self, kind: Kind, form: &str) -> &str {
        if let Some(of_model) = self.folded_models.get(form).filter(|_| kind == Kind::PreventionModel) {
            return of_model;
        }
        let code = if kind == Kind::OutreachVisit { form } else { kind.code() };
        self.folded_kinds.get(code).map_or("", String::as_str)
    }
}
