//! The register of places: from `data/places.csv`, each in its old ward until 2025-06-30 and in the successor since,
//! and a few that volunteers proposed.

use donghanh_shared::domain::date::{Date, Span};
use donghanh_shared::domain::place::{Place, PlaceKind, PlaceStatus, PlaceWard};
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::domain::ward::{Ward, WardCode, WardRef};
use donghanh_shared::ids::PlaceId;

use crate::random::Random;
use crate::world::Options;

const PLACES: &str = include_str!("../data/places.csv");

/// The place of activity that public news reports from elsewhere. Of kind `other`, so it is in no denominator.
pub const ELSEWHERE: &str = "Ngoài địa bàn (theo tin công khai)";

/// What volunteers added on the way: ward, kind, name, and the registered place it was merged with.
const PROPOSED: [(&str, PlaceKind, &str, Option<&str>); 5] = [
    ("08707", PlaceKind::BoardingHouse, "Dãy trọ mới sau chợ Tích Sơn", None),
    ("08713", PlaceKind::Entertainment, "Quán bi-a 79", None),
    ("08728", PlaceKind::BoardingHouse, "Khu trọ cổng sau KCN Khai Quang", None),
    (
        "08728",
        PlaceKind::BoardingHouse,
        "Nhà trọ công nhân Thanh Giã 2",
        Some("Khu nhà trọ công nhân Thanh Giã"),
    ),
    ("08722", PlaceKind::School, "Trường cấp 2 Đồng Tâm", Some("THCS Đồng Tâm")),
];

/// Places that opened or closed within the years generated.
const DATED: [(&str, &str, Option<&str>); 3] = [
    ("Nhà máy linh kiện ô tô Khai Quang", "2024-03-01", None),
    ("Tiểu học Hội Hợp B", "2023-09-01", None),
    ("Quán game Nguyễn Viết Xuân", "2004-07-08", Some("2024-12-31")),
];

/// The register.
pub fn generate(options: &Options, wards: &[Ward]) -> Vec<Place> {
    let mut random = Random::new(options.seed, 1);
    let mut places = Vec::new();
    let mut reader = csv::Reader::from_reader(PLACES.as_bytes());
    for row in reader.records() {
        let row = row.expect("a built-in file is well-formed CSV");
        let kind = PlaceKind::parse(&row[1]).expect("a built-in kind is known");
        places.push(place(&mut random, old_ward(wards, &row[0]), kind, &row[3], &row[2]));
    }
    for ward in wards.iter().filter(|ward| ward.valid_to.is_some()) {
        places.push(place(&mut random, ward, PlaceKind::Other, ELSEWHERE, ""));
    }
    for (code, kind, name, merged) in PROPOSED {
        let mut new = place(&mut random, old_ward(wards, code), kind, name, "");
        new.status = PlaceStatus::Proposed;
        if let Some(registered) = merged.and_then(|name| places.iter().find(|place| place.name == name)) {
            new.status = PlaceStatus::Merged;
            new.merged_into = Some(registered.id);
        }
        places.push(new);
    }
    places
}

fn old_ward<'w>(wards: &'w [Ward], code: &str) -> &'w Ward {
    let code: WardCode = code.parse().expect("a built-in code reads");
    wards
        .iter()
        .find(|ward| ward.id.code == code && ward.valid_to.is_some())
        .expect("a built-in place names an old ward")
}

fn place(random: &mut Random, ward: &Ward, kind: PlaceKind, name: &str, level: &str) -> Place {
    let first = Span { from: ward.id.valid_from, to: ward.valid_to };
    let mut stays = vec![PlaceWard { ward: ward.id, span: first }];
    stays.extend(
        ward.successor.map(|next| PlaceWard { ward: next, span: Span { from: next.valid_from, to: None } }),
    );
    if let Some((_, from, to)) = DATED.iter().find(|(dated, ..)| *dated == name) {
        let open = Span { from: day(from), to: to.map(day) };
        stays = stays
            .into_iter()
            .filter_map(|stay| Some(PlaceWard { ward: stay.ward, span: stay.span.overlap(&open)? }))
            .collect();
    }
    Place {
        id: PlaceId(random.id()),
        kind,
        name: name.to_owned(),
        level: level.to_owned(),
        wards: stays,
        status: PlaceStatus::Registered,
        merged_into: None,
    }
}

fn day(text: &str) -> Date {
    text.parse().expect("a built-in day reads")
}

/// Approximate centre of an old ward: latitude and longitude × 1,000,000 (General Statistics Office units,
/// vietnamadminunits 1.0.4).
pub fn centre(ward: WardRef) -> (i32, i32) {
    match ward.code.to_string().as_str() {
        "08707" => (21_307_967, 105_585_544),
        "08710" => (21_317_907, 105_603_134),
        "08713" => (21_292_774, 105_562_093),
        "08716" => (21_306_305, 105_603_134),
        "08719" => (21_308_448, 105_595_805),
        "08722" => (21_290_009, 105_591_407),
        "08725" => (21_330_619, 105_591_407),
        "08728" => (21_315_421, 105_622_504),
        _ => (21_279_369, 105_611_930),
    }
}
