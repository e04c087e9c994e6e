//! The outreach visit (buổi tuyên truyền): its terms, its value as read from a document, and the rules for saving one.

use std::collections::{BTreeMap, BTreeSet};

use super::date::{ClockTime, Date};
use super::error::{Code, Problem};
use super::organisation::{CampaignId, OrganisationId};
use super::photo::{MAX_PHOTOS, Photo};
use super::register::{Count, Register};
use super::vocabulary::{Term as _, vocabulary};
use super::ward::WardRef;
use crate::ids::{DocumentId, PhotoId, PlaceId};

vocabulary! {
    /// The form of a visit.
    Form {
        Talk = "talk", "nói chuyện", "talk";
        ThemedMeeting = "themed_meeting", "sinh hoạt chuyên đề", "themed meeting";
        MeetingPart = "meeting_part", "lồng ghép cuộc họp", "part of another meeting";
        Leaflets = "leaflets", "phát tờ rơi", "leaflets";
        DoorToDoor = "door_to_door", "đến từng nhà", "door to door";
        Counselling = "counselling", "tư vấn", "counselling";
        Loudspeaker = "loudspeaker", "loa truyền thanh", "loudspeaker";
        OnlinePost = "online_post", "bài Zalo, Facebook", "Zalo or Facebook post";
        Article = "article", "tin, bài báo", "news article";
        MockTrial = "mock_trial", "phiên tòa giả định", "mock trial";
        Contest = "contest", "hội thi", "contest";
        ArtSportEvent = "art_sport_event", "văn nghệ, thể thao, diễu hành", "art or sport event";
    }
}

impl Form {
    /// A product of the media (indicator A7): news, articles, posts, broadcasts. Such a form never covers a school.
    #[must_use]
    pub fn is_media(self) -> bool {
        matches!(self, Self::Loudspeaker | Self::OnlinePost | Self::Article)
    }

    /// Private by nature: the residential group is the finest place, no position and no photo are kept.
    #[must_use]
    pub fn is_private(self) -> bool {
        matches!(self, Self::DoorToDoor | Self::Counselling)
    }
}

vocabulary! {
    /// What was talked about.
    Topic {
        Harm = "harm", "tác hại của ma túy", "harm of drugs";
        Synthetic = "synthetic", "ma túy tổng hợp, ma túy mới", "synthetic drugs";
        Law = "law", "pháp luật", "the law";
        Reporting = "reporting", "cách tố giác", "how to report";
        Hiv = "hiv", "HIV/AIDS", "HIV/AIDS";
        Treatment = "treatment", "cai nghiện, methadone", "treatment and methadone";
        Refusal = "refusal", "kỹ năng từ chối", "skills to refuse";
    }
}

vocabulary! {
    /// Everything that is counted in a visit. Attendance is person-times (lượt người dự), never people.
    CountKey {
        Attendance = "attendance", "lượt người dự", "attendance (person-times)";
        Pupils = "pupils", "học sinh", "pupils";
        Students = "students", "sinh viên", "students";
        Youth = "youth", "thanh niên", "youth";
        Workers = "workers", "công nhân, người lao động", "workers";
        Residents = "residents", "người dân", "residents";
        Officials = "officials", "cán bộ, giáo viên", "officials and teachers";
        Women = "women", "trong đó nữ", "of whom women";
        HighRisk = "high_risk", "trong đó nguy cơ cao", "of whom high-risk";
        Sessions = "sessions", "số buổi", "sessions";
        Households = "households", "số hộ", "households";
        LeafletsGiven = "leaflets", "tờ rơi", "leaflets";
        Booklets = "booklets", "sách, tài liệu", "booklets";
        Posters = "posters", "áp phích", "posters";
        Banners = "banners", "băng rôn", "banners";
        Keepsakes = "keepsakes", "móc khóa, quà nhỏ", "key rings, small gifts";
    }
}

impl CountKey {
    /// The exclusive groups of attendance.
    pub const GROUPS: [Self; 6] =
        [Self::Pupils, Self::Students, Self::Youth, Self::Workers, Self::Residents, Self::Officials];
    /// Parts of attendance that never add up to it.
    pub const OF_WHOM: [Self; 2] = [Self::Women, Self::HighRisk];
    /// Materials by kind.
    pub const MATERIALS: [Self; 5] =
        [Self::LeafletsGiven, Self::Booklets, Self::Posters, Self::Banners, Self::Keepsakes];
}

/// Degrees north and east, as micro-degrees. Only where a person adds it, never for private forms.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Position {
    /// Latitude × 1,000,000.
    pub lat_e6: i32,
    /// Longitude × 1,000,000.
    pub lon_e6: i32,
}

/// Something to come back to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FollowUp {
    /// Its key in the document.
    pub id: String,
    /// What to do.
    pub text: Register<String>,
    /// By when.
    pub due: Register<Date>,
    /// Whether it is done.
    pub done: Register<bool>,
}

/// A visit as read from its document.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Visit {
    /// The day it took place.
    pub date: Register<Date>,
    /// When it began.
    pub time: Register<ClockTime>,
    /// The ward it was made in, as its people wrote it. Sums go by placement, not by this.
    pub ward: Register<WardRef>,
    /// Where it was held.
    pub venue: Register<PlaceId>,
    /// Its form.
    pub form: Register<Form>,
    /// Its campaign.
    pub campaign: Register<CampaignId>,
    /// The organisation that leads (chủ trì).
    pub lead: Register<OrganisationId>,
    /// The programme year it belongs to, when not the year of its date.
    pub programme_year: Register<i64>,
    /// Where exactly; never for private forms.
    pub position: Register<Position>,
    /// Why it was removed (gỡ bỏ); absent while it counts.
    pub archived: Register<String>,
    /// The record of the same event whose counts stand.
    pub same_as: Register<DocumentId>,
    /// The places it reached, the venue not necessarily among them.
    pub places: BTreeSet<PlaceId>,
    /// Other wards it reached, as written.
    pub other_wards: BTreeSet<WardRef>,
    /// Organisations that took part (phối hợp).
    pub co_organisers: BTreeSet<OrganisationId>,
    /// Topics.
    pub topics: BTreeSet<Topic>,
    /// Who did it, also people without an account: key → name.
    pub done_by: BTreeMap<String, String>,
    /// Photos.
    pub photos: BTreeMap<PhotoId, Photo>,
    /// Things to come back to, by key.
    pub follow_ups: Vec<FollowUp>,
    /// Everything counted.
    pub counts: BTreeMap<CountKey, Count>,
    /// Long notes.
    pub notes: String,
}

impl Visit {
    /// The total of one count; `None` = not known.
    #[must_use]
    pub fn count(&self, key: CountKey) -> Option<u32> {
        self.counts.get(&key).and_then(Count::total)
    }

    /// Sessions: one unless somebody wrote another number (a late summary may stand for several).
    #[must_use]
    pub fn sessions(&self) -> u32 {
        self.count(CountKey::Sessions).unwrap_or(1)
    }

    /// The venue and the places reached.
    #[must_use]
    pub fn all_places(&self) -> BTreeSet<PlaceId> {
        self.places.iter().copied().chain(self.venue.value().copied()).collect()
    }

    /// Whether it touches households, counselling or high-risk groups.
    #[must_use]
    pub fn is_private(&self) -> bool {
        self.form.value().is_some_and(|form| form.is_private())
            || self.count(CountKey::HighRisk).is_some_and(|n| n > 0)
    }

    /// The programme year: as written, or the year of its date.
    #[must_use]
    pub fn year(&self) -> Option<i64> {
        self.programme_year.value().copied().or_else(|| self.date.value().map(|date| i64::from(date.year())))
    }

    /// The names of the fields on which people differ, in document order.
    #[must_use]
    pub fn open_fields(&self) -> Vec<String> {
        let mut open = Vec::new();
        let mut note = |is_open: bool, name: &str| {
            if is_open {
                open.push(name.to_owned());
            }
        };
        note(self.date.is_open(), "date");
        note(self.time.is_open(), "time");
        note(self.ward.is_open(), "ward");
        note(self.venue.is_open(), "venue");
        note(self.form.is_open(), "form");
        note(self.campaign.is_open(), "campaign");
        note(self.lead.is_open(), "lead");
        note(self.programme_year.is_open(), "programme_year");
        note(self.position.is_open(), "position");
        note(self.archived.is_open(), "archived");
        note(self.same_as.is_open(), "same_as");
        for (key, count) in &self.counts {
            note(count.is_open(), key.code());
        }
        for follow_up in &self.follow_ups {
            note(
                follow_up.text.is_open() || follow_up.due.is_open(),
                &format!("follow_ups.{}", follow_up.id),
            );
        }
        open
    }

    /// What a person must still fill in or mend before this can be saved. Used by the phone before saving; the
    /// server accepts incomplete combinations (they may come from a merge) and flags them for a person.
    #[must_use]
    pub fn problems(&self, today: Date) -> Vec<Problem> {
        let mut found = Vec::new();
        let mut need = |missing: bool, code: Code, field: &str| {
            if missing {
                found.push(Problem::new(code).at(field));
            }
        };
        need(self.date.value().is_none(), Code::DateMissing, "date");
        need(self.date.value().is_some_and(|date| *date > today), Code::DateInFuture, "date");
        need(self.form.value().is_none(), Code::FormMissing, "form");
        let media = self.form.value().is_some_and(|form| form.is_media());
        need(!media && self.venue.value().is_none(), Code::VenueMissing, "venue");
        need(self.lead.value().is_none(), Code::LeadMissing, "lead");
        need(self.is_private() && self.position.value().is_some(), Code::PositionNotAllowed, "position");
        need(self.is_private() && !self.photos.is_empty(), Code::PhotoNotAllowed, "photos");
        need(self.photos.len() > MAX_PHOTOS, Code::PhotosTooMany, "photos");
        let groups: u64 = CountKey::GROUPS.iter().filter_map(|key| self.count(*key)).map(u64::from).sum();
        let attendance = self.count(CountKey::Attendance).map(u64::from);
        need(attendance.is_some_and(|total| groups > total), Code::GroupsExceedTotal, "attendance");
        for of_whom in CountKey::OF_WHOM {
            let over =
                attendance.zip(self.count(of_whom)).is_some_and(|(total, part)| u64::from(part) > total);
            need(over, Code::GroupsExceedTotal, of_whom.code());
        }
        found
    }
}
