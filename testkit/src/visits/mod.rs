//! Three believable years of visits: when, what, by whom. How one visit is written down is in [`draft`].

pub mod draft;
mod later;
mod template;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use donghanh_shared::access::{Membership, Role};
use donghanh_shared::domain::date::Date;
use donghanh_shared::domain::place::{Place, PlaceKind};
use donghanh_shared::domain::ward::WardRef;
use donghanh_shared::ids::{PersonId, PlaceId};

use crate::random::Random;
use crate::world::{GeneratedVisit, Options, World};
use template::{TEMPLATES, Template, season, timeliness};

/// Visits of an average old ward on an ordinary day at scale 1.
const DAILY: f64 = 0.245;

/// The area of an old ward, which one team goes on working after 2025-07-01.
pub struct Area {
    /// The old ward.
    pub old: WardRef,
    /// Who writes its records: volunteers and the supervisor. The supervisor comes last.
    pub team: Vec<PersonId>,
    /// Its places by kind; some are never reached.
    places: BTreeMap<PlaceKind, Vec<Place>>,
    never: BTreeSet<PlaceId>,
    busy: f64,
}

impl Area {
    /// The places of a kind that the team gets to and that are open that day.
    pub fn reachable(&self, kind: PlaceKind, day: Date) -> Vec<PlaceId> {
        let open = |place: &&Place| place.wards.iter().any(|stay| stay.span.contains(day));
        let all = self.places.get(&kind).into_iter().flatten();
        all.filter(open).filter(|place| !self.never.contains(&place.id)).map(|place| place.id).collect()
    }
}

/// The areas of the world, in the order of their codes.
pub fn areas(seed: u64, world: &World) -> Vec<Area> {
    let mut random = Random::new(seed, 3);
    world
        .wards
        .iter()
        .filter(|ward| ward.valid_to.is_some())
        .map(|ward| area(&mut random, world, ward.id))
        .collect()
}

fn area(random: &mut Random, world: &World, old: WardRef) -> Area {
    let successor = world.ward_on(old, Date::of_moment(i64::MAX));
    let works_in = |role: Role| {
        let here = move |m: &Membership| m.role == role && (m.ward == Some(old));
        world.people.iter().filter(move |p| p.memberships.iter().any(here)).map(|p| p.id)
    };
    let team = works_in(Role::Volunteer).chain(works_in(Role::WardSupervisor)).collect::<Vec<_>>();
    // A world that begins after the merger has nobody left in the old wards.
    let team = if team.is_empty() { successors_team(world, successor) } else { team };
    let mut places: BTreeMap<PlaceKind, Vec<Place>> = BTreeMap::new();
    for place in world.places.iter().filter(|p| p.wards.first().is_some_and(|stay| stay.ward == old)) {
        if place.kind != PlaceKind::Other {
            places.entry(place.kind).or_default().push(place.clone());
        }
    }
    let rarely = |kind: PlaceKind| {
        matches!(kind, PlaceKind::Agency | PlaceKind::ResidentialGroup | PlaceKind::Entertainment)
    };
    let hard: Vec<PlaceId> = places
        .iter()
        .filter(|(kind, _)| rarely(**kind))
        .flat_map(|(_, all)| all.iter().map(|p| p.id))
        .collect();
    let never = random.some(&hard, hard.len() / 8).into_iter().collect();
    Area { old, team, places, never, busy: f64::from(random.between(70, 130)) / 100.0 }
}

fn successors_team(world: &World, ward: WardRef) -> Vec<PersonId> {
    let here =
        |m: &Membership| m.ward == Some(ward) && matches!(m.role, Role::Volunteer | Role::WardSupervisor);
    world.people.iter().filter(|person| person.memberships.iter().any(here)).map(|person| person.id).collect()
}

/// All visits of the world's years, in the order of their days.
pub fn generate(options: &Options, world: &World) -> Vec<GeneratedVisit> {
    let mut writer = draft::Writer::new(options, world);
    let areas = areas(options.seed, world);
    let mut random = Random::new(options.seed, 4);
    let mut visits = Vec::new();
    let days = options.today.days_since(options.first_day);
    for offset in 0..=days {
        let day = options.first_day.plus_days(offset);
        // People get used to writing things down.
        let habit = 0.85 + 0.3 * offset as f64 / days.max(1) as f64;
        for (index, area) in areas.iter().enumerate() {
            let expected = DAILY * options.scale * season(day) * area.busy * habit;
            let whole = expected.floor();
            let times = whole as u32 + u32::from(random.chance(expected - whole));
            // Today has only begun: little has happened yet.
            let times = if day == options.today { times.min(u32::from(index % 4 == 0)) } else { times };
            for _ in 0..times {
                let template = choose(&mut random, area, day, day == options.today);
                visits.push(writer.visit(area, &areas[(index + 1) % areas.len()], template, day));
            }
        }
    }
    visits
}

/// A kind of activity that suits the day and for which the area has places. In the early morning only media work.
fn choose(random: &mut Random, area: &Area, day: Date, early: bool) -> &'static Template {
    let weight = |template: &Template| {
        let possible = !area.reachable(template.at, day).is_empty() && (!early || template.form.is_media());
        if possible { template.weight * timeliness(template, day) } else { 0.0 }
    };
    let weights: Vec<f64> = TEMPLATES.iter().map(weight).collect();
    &TEMPLATES[random.weighted(&weights)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().expect("day")
    }

    #[test]
    fn june_is_busy_and_tet_is_quiet() {
        assert!(season(day("2024-06-26")) > season(day("2024-06-05")));
        assert!(season(day("2024-06-05")) > 2.0 * season(day("2024-04-05")));
        assert!(season(day("2025-01-29")) < 0.2 * season(day("2025-01-10")));
        let talk = TEMPLATES.iter().find(|t| t.at == PlaceKind::School).expect("schools are visited");
        assert!(timeliness(talk, day("2024-09-05")) > 10.0 * timeliness(talk, day("2024-07-05")));
    }
}
