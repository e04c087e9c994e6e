//! The prevention model (mô hình phòng, chống ma túy): a club, a self-managed group, a drug-free school that goes on for
//! years, with the activities linked to it and what each yearly review found. Plan, section IV.13: at least one that works
//! in each ward (indicator D1).
//!
//! - A model **exists** in a period when it began by the last day of it and had not ended before the first. Of one that
//!   does not say since when, nobody can tell: it exists in none.
//! - It **works** in a period when it exists in it and the latest review that was said by its last day, if there is one,
//!   does not call it "not effective". A review that says "partly" leaves it working.
//! - The latest review is the one of the latest year. A review was said on its day; without one, on the last day of its
//!   year. A review that gives no verdict is none.
//!
//! Members are counts, never names; unknown is not zero.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use super::date::Date;
use super::error::{Code, Problem};
use super::fields::{FieldValue, Fields};
use super::organisation::OrganisationId;
use super::register::{Count, Register};
use super::vocabulary::{Term as _, vocabulary};
use super::ward::WardRef;
use crate::ids::{DocumentId, PlaceId};

vocabulary! {
    /// What kind of model it is.
    ModelKind {
        Club = "club", "câu lạc bộ", "club";
        SelfManaged = "self_managed", "tổ tự quản", "self-managed group";
        DrugFreeArea = "drug_free_area", "khu dân cư không ma túy", "drug-free residential area";
        DrugFreeSchool = "drug_free_school", "trường học không ma túy", "drug-free school";
        VolunteerTeam = "volunteer_team", "đội tình nguyện", "volunteer team";
        AdvicePoint = "advice_point", "điểm tư vấn", "advice point";
        Other = "other", "mô hình khác", "another model";
    }
}

vocabulary! {
    /// Everything counted of a model. Women and youth are among the members and never add.
    ModelCount {
        Members = "members", "thành viên", "members";
        Women = "women", "trong đó nữ", "of whom women";
        Youth = "youth", "trong đó thanh niên", "of whom youth";
    }
}

vocabulary! {
    /// What a yearly review found.
    Verdict {
        Effective = "effective", "hiệu quả", "effective";
        Partly = "partly", "hiệu quả một phần", "partly effective";
        NotEffective = "not_effective", "chưa hiệu quả", "not effective";
    }
}

/// The year that a review is about, 2000 to 2198.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ReviewYear(u16);

impl ReviewYear {
    /// The year of a day.
    #[must_use]
    pub fn of(day: Date) -> Self {
        Self(u16::try_from(day.year()).unwrap_or_default())
    }

    /// Its number.
    #[must_use]
    pub fn get(self) -> u16 {
        self.0
    }

    /// Its last day.
    #[must_use]
    pub fn last_day(self) -> Option<Date> {
        Date::new(self.0.into(), 12, 31)
    }

    /// The key of one of the review's fields in the document: `2026.effective`.
    #[must_use]
    pub fn field(self, name: &str) -> String {
        format!("{}.{name}", self.0)
    }
}

impl fmt::Display for ReviewYear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl FromStr for ReviewYear {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        let year = text.parse::<u16>().ok().filter(|year| text.len() == 4 && (2000..=2198).contains(year));
        year.map(Self).ok_or_else(|| Problem::new(Code::DateAbsurd))
    }
}

/// The review of one year. Two people who review the same year apart differ until somebody settles it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Review {
    /// Whether the model has its effect.
    pub effective: Register<Verdict>,
    /// The day on which it was reviewed.
    pub date: Register<Date>,
    /// Why, in words.
    pub text: Register<String>,
    /// Who reviewed it, by name.
    pub by: Register<String>,
}

impl Review {
    /// The day on which it was said; without one, the last day of its year.
    #[must_use]
    pub fn said_on(&self, year: ReviewYear) -> Option<Date> {
        self.date.value().copied().or_else(|| year.last_day())
    }
}

/// A model as read from its document.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PreventionModel {
    /// What it is called.
    pub name: Register<String>,
    /// What kind it is.
    pub kind: Register<ModelKind>,
    /// The first day.
    pub since: Register<Date>,
    /// The last day.
    pub ended: Register<Date>,
    /// Why it ended.
    pub ended_because: Register<String>,
    /// The ward it was made in, as written. Sums go by placement, not by this.
    pub ward: Register<WardRef>,
    /// Where it is at home, when that is one place.
    pub place: Register<PlaceId>,
    /// The organisation that leads.
    pub lead: Register<OrganisationId>,
    /// Why it was removed (gỡ bỏ).
    pub archived: Register<String>,
    /// The record of the same model whose counts stand.
    pub same_as: Register<DocumentId>,
    /// Its numbers.
    pub counts: BTreeMap<ModelCount, Count>,
    /// Organisations that take part.
    pub co_organisers: BTreeSet<OrganisationId>,
    /// Who is in charge: key → name.
    pub done_by: BTreeMap<String, String>,
    /// Visits and drives that belong to it.
    pub activities: BTreeSet<DocumentId>,
    /// What was found year by year.
    pub reviews: BTreeMap<ReviewYear, Review>,
    /// Long notes.
    pub notes: String,
}

impl PreventionModel {
    /// Reads the fields of a document.
    #[must_use]
    pub fn of(fields: &Fields) -> Self {
        let register = |name: &str| fields.registers.get(name).cloned().unwrap_or_default();
        let keys = |map: &str| fields.maps.get(map).into_iter().flatten();
        let name = |(key, name): (&String, &Register<FieldValue>)| {
            Some((key.clone(), name.value()?.as_text()?.to_owned()))
        };
        let count = |(key, count): (&String, &Count)| Some((ModelCount::parse(key).ok()?, count.clone()));
        Self {
            name: register("name").map(words),
            kind: register("kind").map(|value| ModelKind::parse(value.as_text()?).ok()),
            since: register("since").map(parsed),
            ended: register("ended").map(parsed),
            ended_because: register("ended_because").map(words),
            ward: register("ward").map(parsed),
            place: register("place").map(parsed),
            lead: register("lead").map(parsed),
            archived: register("archived").map(words),
            same_as: register("same_as").map(parsed),
            counts: fields.counts.iter().filter_map(count).collect(),
            co_organisers: keys("co_organisers").filter_map(|(key, _)| key.parse().ok()).collect(),
            done_by: keys("done_by").filter_map(name).collect(),
            activities: keys("activities").filter_map(|(key, _)| key.parse().ok()).collect(),
            reviews: reviews(fields),
            notes: fields.texts.get("notes").cloned().unwrap_or_default(),
        }
    }

    /// One of its numbers; `None` = not known.
    #[must_use]
    pub fn count(&self, what: ModelCount) -> Option<u32> {
        self.counts.get(&what).and_then(Count::total)
    }

    /// The reviews that give a verdict, oldest year first.
    pub fn verdicts(&self) -> impl DoubleEndedIterator<Item = (ReviewYear, Verdict, &Review)> {
        self.reviews
            .iter()
            .filter_map(|(year, review)| Some((*year, review.effective.value().copied()?, review)))
    }

    /// The latest verdict that was said by a day.
    #[must_use]
    pub fn verdict_by(&self, day: Date) -> Option<(ReviewYear, Verdict)> {
        let said = |(year, _, review): &(ReviewYear, Verdict, &Review)| {
            review.said_on(*year).is_some_and(|on| on <= day)
        };
        self.verdicts().rev().find(said).map(|(year, verdict, _)| (year, verdict))
    }

    /// Whether it exists in a period, both days included.
    #[must_use]
    pub fn exists_in(&self, from: Date, to: Date) -> bool {
        self.since.value().is_some_and(|since| *since <= to)
            && self.ended.value().is_none_or(|ended| *ended >= from)
    }

    /// Whether it works in a period, both days included; a removed one does not.
    #[must_use]
    pub fn works_in(&self, from: Date, to: Date) -> bool {
        self.archived.value().is_none()
            && self.exists_in(from, to)
            && self.verdict_by(to).is_none_or(|(_, verdict)| verdict != Verdict::NotEffective)
    }

    /// The names of the fields on which people differ: `name`, `members`, `2026.effective`.
    #[must_use]
    pub fn open_fields(&self) -> Vec<String> {
        let own = [
            ("name", self.name.is_open()),
            ("kind", self.kind.is_open()),
            ("since", self.since.is_open()),
            ("ended", self.ended.is_open()),
            ("ended_because", self.ended_because.is_open()),
            ("ward", self.ward.is_open()),
            ("place", self.place.is_open()),
            ("lead", self.lead.is_open()),
            ("archived", self.archived.is_open()),
            ("same_as", self.same_as.is_open()),
        ];
        let mut open: Vec<String> =
            own.iter().filter(|(_, open)| *open).map(|(name, _)| (*name).to_owned()).collect();
        let counts = self.counts.iter().filter(|(_, count)| count.is_open());
        open.extend(counts.map(|(what, _)| what.code().to_owned()));
        for (year, review) in &self.reviews {
            let fields = [
                ("effective", review.effective.is_open()),
                ("date", review.date.is_open()),
                ("text", review.text.is_open()),
                ("by", review.by.is_open()),
            ];
            open.extend(fields.iter().filter(|(_, open)| *open).map(|(name, _)| year.field(name)));
        }
        open
    }

    /// What a person must still fill in or mend before this can be saved.
    #[must_use]
    pub fn problems(&self, today: Date) -> Vec<Problem> {
        let mut found = Vec::new();
        let mut need = |missing: bool, code: Code, field: &str| {
            if missing {
                found.push(Problem::new(code).at(field));
            }
        };
        let (since, ended) = (self.since.value(), self.ended.value());
        need(self.name.value().is_none_or(|name| name.trim().is_empty()), Code::NameMissing, "name");
        need(self.kind.value().is_none(), Code::ModelKindMissing, "kind");
        need(since.is_none(), Code::SinceMissing, "since");
        need(since.is_some_and(|date| *date > today), Code::DateInFuture, "since");
        need(ended.is_some_and(|date| *date > today), Code::DateInFuture, "ended");
        need(since.zip(ended).is_some_and(|(since, ended)| ended < since), Code::PeriodInvalid, "ended");
        need(self.lead.value().is_none(), Code::LeadMissing, "lead");
        found
    }

    /// What should be looked at and does not stand in the way of saving: more women or youth than members.
    #[must_use]
    pub fn warnings(&self) -> Vec<Problem> {
        let Some(all) = self.count(ModelCount::Members) else { return Vec::new() };
        let over = |what: &ModelCount| self.count(*what).is_some_and(|part| part > all);
        let over = [ModelCount::Women, ModelCount::Youth].into_iter().filter(over);
        over.map(|what| Problem::new(Code::MembersExceeded).at(what.code())).collect()
    }
}

fn parsed<T: FromStr>(value: &FieldValue) -> Option<T> {
    value.as_text()?.parse().ok()
}

fn words(value: &FieldValue) -> Option<String> {
    value.as_text().map(str::to_owned)
}

fn reviews(fields: &Fields) -> BTreeMap<ReviewYear, Review> {
    let mut reviews: BTreeMap<ReviewYear, Review> = BTreeMap::new();
    for (key, register) in fields.maps.get("reviews").into_iter().flatten() {
        let Some((year, field)) = key.split_once('.') else { continue };
        let Ok(year) = year.parse() else { continue };
        let review = reviews.entry(year).or_default();
        match field {
            "effective" => review.effective = register.map(|value| Verdict::parse(value.as_text()?).ok()),
            "date" => review.date = register.map(parsed),
            "text" => review.text = register.map(words),
            "by" => review.by = register.map(words),
            _ => {}
        }
    }
    reviews
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::count::Correction;
    use crate::domain::register::Claim;
    use crate::ids::ActorId;

    fn said<T>(value: T) -> Register<T> {
        Register { claims: vec![Claim { value, actor: ActorId([1; 16]), at: 0 }], unreadable: 0 }
    }

    fn day(text: &str) -> Date {
        text.parse().expect("day")
    }

    fn since(text: &str) -> PreventionModel {
        PreventionModel { since: said(day(text)), ..PreventionModel::default() }
    }

    fn review(verdict: Verdict, date: Option<&str>) -> Review {
        Review {
            effective: said(verdict),
            date: date.map(day).map(said).unwrap_or_default(),
            ..Review::default()
        }
    }

    fn year(text: &str) -> ReviewYear {
        text.parse().expect("year")
    }

    #[test]
    fn it_exists_from_its_first_day_to_its_last() {
        let mut model = since("2024-03-26");
        assert!(!model.exists_in(day("2024-01-01"), day("2024-03-25")));
        assert!(
            model.exists_in(day("2024-01-01"), day("2024-03-26"))
                && model.exists_in(day("2026-01-01"), day("2026-12-31"))
        );
        model.ended = said(day("2025-06-30"));
        assert!(
            model.exists_in(day("2025-06-30"), day("2025-12-31"))
                && !model.exists_in(day("2025-07-01"), day("2025-12-31"))
        );
        assert!(
            !PreventionModel::default().works_in(day("2024-01-01"), day("2024-12-31")),
            "nobody can tell since when"
        );
    }

    #[test]
    fn it_works_unless_the_latest_review_by_then_says_otherwise() {
        let mut model = since("2023-01-01");
        let works = |model: &PreventionModel, to: &str| model.works_in(day("2023-01-01"), day(to));
        assert!(works(&model, "2023-12-31"), "never reviewed");
        model.reviews.insert(year("2024"), review(Verdict::NotEffective, Some("2024-11-20")));
        assert!(works(&model, "2024-11-19") && !works(&model, "2024-11-20"));
        model.reviews.insert(year("2025"), review(Verdict::Partly, None));
        assert!(!works(&model, "2025-12-30"), "without a day it was said on the last of its year");
        assert!(works(&model, "2025-12-31"));
        // The review of an earlier year that comes late does not stand above that of a later one.
        model.reviews.insert(year("2023"), review(Verdict::NotEffective, Some("2026-02-01")));
        assert!(works(&model, "2026-12-31"));
        assert_eq!(model.verdict_by(day("2026-12-31")), Some((year("2025"), Verdict::Partly)));
        model.reviews.insert(year("2026"), Review { text: said("Sẽ họp".to_owned()), ..Review::default() });
        assert_eq!(
            model.verdict_by(day("2026-12-31")),
            Some((year("2025"), Verdict::Partly)),
            "no verdict is no review"
        );
        model.archived = said("Ghi trùng".to_owned());
        assert!(!works(&model, "2026-12-31"));
    }

    #[test]
    fn women_and_youth_are_among_the_members() {
        let typed = |value| Count {
            typed: said(Correction { value: Some(value), ..Correction::default() }),
            ..Count::default()
        };
        let mut model = since("2024-01-01");
        model.counts.insert(ModelCount::Women, typed(20));
        assert_eq!(model.warnings(), [], "nobody knows how many there are");
        model.counts.insert(ModelCount::Members, typed(18));
        assert_eq!(model.warnings(), [Problem::new(Code::MembersExceeded).at("women")]);
        assert_eq!((model.count(ModelCount::Members), model.count(ModelCount::Youth)), (Some(18), None));
    }

    #[test]
    fn years_of_reviews() {
        assert_eq!(year("2026").field("effective"), "2026.effective");
        assert_eq!(ReviewYear::of(day("2026-11-26")), year("2026"));
        for text in ["26", "1999", "2199", "2026-2027", "+202", ""] {
            assert!(text.parse::<ReviewYear>().is_err(), "{text}");
        }
    }
}
