//! Which access roles give, and what of it reads elsewhere.

use super::*;

fn ward(text: &str, to: Option<&str>, successor: Option<&str>) -> Ward {
    Ward {
        id: text.parse().expect("ward"),
        name: "x".into(),
        kind: "Phường".into(),
        valid_to: to.map(|t| t.parse().expect("day")),
        successor: successor.map(|s| s.parse().expect("ward")),
    }
}

#[test]
fn a_ward_reaches_its_predecessors_and_no_neighbour() {
    let wards = [
        ward("08722@2004-07-08", Some("2025-06-30"), Some("08707@2025-07-01")),
        ward("08728@2004-07-08", Some("2025-06-30"), Some("08716@2025-07-01")),
        ward("08707@2025-07-01", None, None),
        ward("08716@2025-07-01", None, None),
    ];
    let today: Date = "2026-01-01".parse().expect("day");
    let volunteer = |from: &str, to: Option<&str>| Membership {
        role: Role::Volunteer,
        ward: Some(wards[2].id),
        organisation: None,
        place: None,
        span: Span { from: from.parse().expect("day"), to: to.map(|t| t.parse().expect("day")) },
    };
    let access = Access::of(&[volunteer("2025-07-01", None)], &[], &wards, today);
    assert!(
        access.may_write(&Scope::Activity(wards[0].id)) && access.may_write(&Scope::Activity(wards[2].id))
    );
    assert!(
        !access.may_read(&Scope::Activity(wards[1].id)) && !access.may_read(&Scope::Activity(wards[3].id))
    );
    assert!(!access.may_read(&Scope::Aftercare(wards[2].id)));
    let ended = Access::of(&[volunteer("2025-07-01", Some("2025-12-31"))], &[], &wards, today);
    assert_eq!(ended.activity_wards().count(), 0);
}

#[test]
fn what_an_older_server_did_not_say_is_not_allowed_and_what_it_said_still_reads() {
    let older = r#"{"grants":[{"scope":"reference","write":false}],"reports":true,"supervises":false,"administers":false}"#;
    let access: Access = serde_json::from_str(older).expect("reads");
    assert!(access.reports && access.aftercare_counts.is_empty() && access.invites.is_empty());
}

#[test]
fn what_a_newer_server_grants_that_is_not_known_here_is_left_out_and_the_rest_reads() {
    let newer = r#"{"grants":[{"scope":"pond/08707@2025-07-01","write":true},{"scope":"assignments/08707@2025-07-01","write":false},
        {"scope":"reference","write":false}],"reports":false,"supervises":false,"administers":false,
        "invites":[{"role":"pond_keeper","ward":null},{"role":"helper","ward":null}],"swims":true}"#;
    let access: Access = serde_json::from_str(newer).expect("reads");
    let scopes: Vec<String> = access.grants.iter().map(|grant| grant.scope.to_string()).collect();
    assert_eq!(scopes, ["assignments/08707@2025-07-01", "reference"]);
    assert_eq!(access.invites, [Invites { role: Role::Helper, ward: None }]);
}

#[test]
fn helpers_and_officers_read_what_is_asked_in_their_ward_and_officers_ask() {
    let wards = [
        ward("08722@2004-07-08", Some("2025-06-30"), Some("08707@2025-07-01")),
        ward("08707@2025-07-01", None, None),
        ward("08716@2025-07-01", None, None),
    ];
    let of = |role, ward: Option<WardRef>| {
        let span = Span { from: "2025-07-01".parse().expect("day"), to: None };
        let held = Membership { role, ward, organisation: None, place: None, span };
        Access::of(&[held], &[], &wards, "2026-01-01".parse().expect("day"))
    };
    let own = [wards[1].id, wards[0].id];
    for role in [Role::Helper, Role::AftercareOfficer] {
        let access = of(role, Some(own[0]));
        assert!(own.iter().all(|ward| access.may_read(&Scope::Assignments(*ward))), "{role:?}");
        assert!(!access.may_read(&Scope::Assignments(wards[2].id)));
        assert_eq!(access.activity_wards().count(), 0);
    }
    assert_eq!(of(Role::AftercareOfficer, Some(own[0])).assigns, own);
    assert!(of(Role::Helper, Some(own[0])).assigns.is_empty());
    assert!(!of(Role::Helper, None).may_read(&Scope::Assignments(own[0])), "of no ward");
    assert!(!of(Role::Volunteer, Some(own[0])).may_read(&Scope::Assignments(own[0])), "reads the activity");
}

#[test]
fn people_are_brought_in_where_one_works_and_administrators_anywhere() {
    let wards = [ward("08707@2025-07-01", None, None), ward("08716@2025-07-01", None, None)];
    let held = |role, ward| Membership {
        role,
        ward,
        organisation: None,
        place: None,
        span: Span { from: "2025-07-01".parse().expect("day"), to: None },
    };
    let today = "2026-01-01".parse().expect("day");
    let of = |role, ward| Access::of(&[held(role, ward)], &[], &wards, today);
    let officer = of(Role::AftercareOfficer, Some(wards[0].id));
    assert!(officer.may_invite(Role::Helper, Some(wards[0].id)));
    assert!(!officer.may_invite(Role::Helper, Some(wards[1].id)) && !officer.may_invite(Role::Helper, None));
    assert!(!officer.may_invite(Role::AftercareOfficer, Some(wards[0].id)));
    assert!(!officer.manages(&[]) && of(Role::Administrator, None).manages(&[]));
    let (helper, volunteer) = ((Role::Helper, Some(wards[0].id)), (Role::Volunteer, Some(wards[0].id)));
    assert!(officer.manages(&[helper]) && !officer.manages(&[helper, volunteer]));
    assert!(of(Role::WardSupervisor, Some(wards[0].id)).manages(&[helper, volunteer]));
    assert!(of(Role::WardSupervisor, Some(wards[0].id)).may_invite(Role::SchoolContact, Some(wards[0].id)));
    assert!(of(Role::Administrator, None).may_invite(Role::AreaSupervisor, None));
    assert_eq!(of(Role::WardSupervisor, Some(wards[1].id)).reads_log, [wards[1].id]);
}
