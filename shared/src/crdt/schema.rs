//! Which registers each kind of record knows, what its maps hold, and within which range. A field that is not listed
//! belongs to a newer app: it is kept as long as it is small and plain.

use super::Kind;
use super::root::Container;

/// What a known register takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Value {
    /// A day that has come: from [`super::rules::FIRST_DAY`] to the day after the one on which it was received.
    Day,
    /// A year or a day of birth: not before 1900.
    Birth,
    /// A day at most five years ahead.
    Due,
    /// A day at most forty years ahead.
    Until,
    /// Hours and minutes.
    Time,
    /// A ward.
    Ward,
    /// A place.
    Place,
    /// A campaign.
    Campaign,
    /// An organisation.
    Organisation,
    /// Latitude and longitude.
    Position,
    /// A programme year.
    Year,
    /// A school year or a year.
    DriveYear,
    /// Another record.
    Document,
    /// A code of some list.
    Code,
    /// A name, a number of a paper, a telephone number.
    Name,
    /// A short text.
    Text,
    /// Yes or no.
    Flag,
    /// A number of days, 1 to 366.
    Days,
    /// What is said of the record by who confirms it.
    Confirmation,
}

/// Registers with what they take.
type Registers = &'static [(&'static str, Value)];

/// What a map or text takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    /// The document's own registers.
    Registers(Registers),
    /// Corrections by count.
    Counts,
    /// Taps by count and actor.
    Taps,
    /// A set: keys of this sort, each with `true`.
    Set(Value),
    /// Names by key.
    Names,
    /// Codes by key.
    Codes,
    /// Photos.
    Photos,
    /// `<id>.<field>`, with the fields known.
    Parts(Registers),
    /// A long text.
    LongText,
}

const FOLLOW_UP: Registers = &[("text", Value::Text), ("due", Value::Due), ("done", Value::Flag)];

const GROUP: Registers =
    &[("name", Value::Name), ("signer", Value::Code), ("by", Value::Code), ("out", Value::Flag)];

const REVIEW: Registers =
    &[("effective", Value::Code), ("date", Value::Day), ("text", Value::Text), ("by", Value::Name)];

const SHEET: Registers = &[("document", Value::Document), ("until", Value::Until)];

const PART: Registers = &[
    ("kind", Value::Code),
    ("status", Value::Code),
    ("result", Value::Code),
    ("name", Value::Name),
    ("relation", Value::Name),
    ("phone", Value::Name),
    ("number", Value::Name),
    ("by", Value::Name),
    ("organisation", Value::Organisation),
    ("text", Value::Text),
    ("place", Value::Text),
    ("date", Value::Day),
    ("from", Value::Due),
    ("until", Value::Until),
    ("due", Value::Due),
    ("time", Value::Time),
    ("every_days", Value::Days),
    ("given", Value::Flag),
    ("done", Value::Flag),
    // Taken out again; what it said stays.
    ("out", Value::Flag),
    ("ward", Value::Ward),
];

/// What a container of a kind takes.
#[must_use]
pub fn shape(kind: Kind, container: Container) -> Shape {
    match container {
        Container::Root => Shape::Registers(registers(kind)),
        Container::Counts => Shape::Counts,
        Container::Taps => Shape::Taps,
        Container::Places => Shape::Set(Value::Place),
        Container::OtherWards => Shape::Set(Value::Ward),
        Container::CoOrganisers => Shape::Set(Value::Organisation),
        Container::Topics | Container::Needs | Container::Signs => Shape::Set(Value::Code),
        Container::DoneBy | Container::Helpers | Container::Met | Container::Asked => Shape::Names,
        Container::Situation => Shape::Codes,
        Container::Photos => Shape::Photos,
        Container::FollowUps => Shape::Parts(FOLLOW_UP),
        Container::Groups => Shape::Parts(GROUP),
        Container::Sheets => Shape::Parts(SHEET),
        Container::Activities => Shape::Set(Value::Document),
        Container::Reviews => Shape::Parts(REVIEW),
        Container::Notes | Container::Visiting => Shape::LongText,
        Container::Support
        | Container::Events
        | Container::Contacts
        | Container::Addresses
        | Container::Schedule
        | Container::Confirmations
        | Container::Papers
        | Container::Decisions
        | Container::Legal
        | Container::Guardians
        | Container::Health
        | Container::Relapses
        | Container::Tests
        | Container::Consents => Shape::Parts(PART),
    }
}

fn registers(kind: Kind) -> Registers {
    match kind {
        Kind::OutreachVisit => &[
            ("date", Value::Day),
            ("time", Value::Time),
            ("ward", Value::Ward),
            ("venue", Value::Place),
            ("campaign", Value::Campaign),
            ("lead", Value::Organisation),
            ("form", Value::Code),
            ("archived", Value::Text),
            ("same_as", Value::Document),
            ("position", Value::Position),
            ("programme_year", Value::Year),
            ("confirmation", Value::Confirmation),
        ],
        Kind::AftercareCase => &[
            ("address_as", Value::Name),
            ("ward", Value::Ward),
            ("status", Value::Code),
            ("officer", Value::Name),
            ("phone", Value::Name),
            ("meet_at", Value::Text),
            ("meet_when", Value::Text),
            ("every_days", Value::Days),
            ("next_due", Value::Due),
            ("since", Value::Day),
            ("until", Value::Until),
            ("minor", Value::Flag),
            ("archived", Value::Text),
        ],
        Kind::AftercareRestricted => &[
            ("full_name", Value::Name),
            ("other_names", Value::Name),
            ("born", Value::Birth),
            ("sex", Value::Code),
            ("identity_number", Value::Name),
            ("registered_at", Value::Text),
            ("lives_at", Value::Text),
            ("completion", Value::Code),
            ("decision_number", Value::Name),
            ("decision_date", Value::Day),
            ("starts", Value::Due),
            ("ends", Value::Until),
            ("rule", Value::Code),
            ("certificate_number", Value::Name),
            ("certificate_date", Value::Day),
            ("guardian", Value::Name),
            ("may_contact_guardian", Value::Flag),
            ("keep_until", Value::Until),
            ("archived", Value::Text),
            ("same_as", Value::Document),
        ],
        Kind::CheckIn => &[
            ("date", Value::Day),
            ("time", Value::Time),
            ("how", Value::Code),
            ("met", Value::Flag),
            ("not_met_because", Value::Text),
            ("next_due", Value::Due),
            ("archived", Value::Text),
            ("confirmation", Value::Confirmation),
        ],
        Kind::CheckInRestricted => &[
            ("date", Value::Day),
            ("urine_date", Value::Day),
            ("urine_result", Value::Code),
            ("relapse", Value::Flag),
            ("remarks", Value::Text),
            ("archived", Value::Text),
        ],
        Kind::PledgeDrive => &[
            ("date", Value::Day),
            ("ended", Value::Day),
            ("year", Value::DriveYear),
            ("ward", Value::Ward),
            ("place", Value::Place),
            ("campaign", Value::Campaign),
            ("lead", Value::Organisation),
            ("visit", Value::Document),
            ("archived", Value::Text),
            ("confirmation", Value::Confirmation),
            ("same_as", Value::Document),
        ],
        Kind::PreventionModel => &[
            ("name", Value::Name),
            ("kind", Value::Code),
            ("since", Value::Day),
            ("ended", Value::Day),
            ("ended_because", Value::Text),
            ("ward", Value::Ward),
            ("place", Value::Place),
            ("lead", Value::Organisation),
            ("archived", Value::Text),
            ("confirmation", Value::Confirmation),
            ("same_as", Value::Document),
        ],
        Kind::WorkAssignment => &[
            ("name", Value::Name),
            ("what", Value::Code),
            ("form", Value::Code),
            ("from", Value::Due),
            ("by", Value::Due),
            ("ward", Value::Ward),
            ("campaign", Value::Campaign),
            ("lead", Value::Organisation),
            ("archived", Value::Text),
        ],
    }
}
