//! The dated register of places: what coverage is counted against.

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use super::date::Span;
use super::vocabulary::vocabulary;
use super::ward::WardRef;
use crate::ids::PlaceId;

vocabulary! {
    /// What a place is (plan I.3 for the first four kinds, which coverage A2–A5 is counted over).
    PlaceKind {
        School = "school", "trường học", "school";
        Agency = "agency", "cơ quan, đơn vị", "agency";
        ResidentialGroup = "residential_group", "tổ dân phố, khu dân cư", "residential group";
        IndustrialZone = "industrial_zone", "khu, cụm công nghiệp", "industrial zone";
        BoardingHouse = "boarding_house", "khu nhà trọ", "boarding house";
        Entertainment = "entertainment", "karaoke, quán bar, lưu trú", "karaoke, bar, lodging";
        Market = "market", "chợ, nơi công cộng", "market, public place";
        Household = "household", "hộ gia đình", "household";
        Online = "online", "trên mạng", "online";
        Other = "other", "nơi khác", "other place";
    }
}

vocabulary! {
    /// How far a place has come into the register.
    PlaceStatus {
        Registered = "registered", "đã đăng ký", "registered";
        Proposed = "proposed", "địa điểm mới, chờ duyệt", "new place, awaiting approval";
        Merged = "merged", "đã gộp vào địa điểm khác", "merged into another place";
    }
}

/// A stay of a place in a ward. A place changes ward when wards are merged.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, Encode, Decode)]
#[cbor(map)]
pub struct PlaceWard {
    /// The ward.
    #[n(0)]
    pub ward: WardRef,
    /// The days it lay there.
    #[n(1)]
    pub span: Span,
}

/// A place of the register.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, Encode, Decode)]
#[cbor(map)]
pub struct Place {
    /// Its identity.
    #[n(0)]
    pub id: PlaceId,
    /// What it is.
    #[n(1)]
    pub kind: PlaceKind,
    /// Its name: `THCS Vĩnh Yên`.
    #[n(2)]
    pub name: String,
    /// Level for schools: `mầm non`, `tiểu học`, `THCS`, `THPT`…; empty otherwise.
    #[n(3)]
    pub level: String,
    /// Where it lay, and when; the first stay begins when it opened.
    #[n(4)]
    pub wards: Vec<PlaceWard>,
    /// How far it has come into the register. Only registered places are denominators.
    #[n(5)]
    pub status: PlaceStatus,
    /// The registered place it turned out to be.
    #[n(6)]
    pub merged_into: Option<PlaceId>,
}

impl Place {
    /// Longest name of a place, in characters.
    pub const NAME_CHARS: usize = 120;

    /// Whether it lies in the ward on some day of the span.
    #[must_use]
    pub fn lies_in(&self, ward: WardRef, span: &Span) -> bool {
        self.wards.iter().any(|stay| stay.ward == ward && stay.span.overlap(span).is_some())
    }
}
