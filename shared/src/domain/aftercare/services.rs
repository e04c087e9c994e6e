//! Where people are sent for help: a directory of services and hotlines, kept by administrators beside the dated rules and
//! carried by every phone, so that it can be read at a kitchen table without a connection.

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use super::terms::SupportKind;
use crate::domain::date::{Date, Span};
use crate::domain::search::{folded, matches};
use crate::domain::vocabulary::{Language, Term as _, vocabulary};
use crate::domain::ward::WardRef;

vocabulary! {
    /// What a service does.
    ServiceKind {
        Hotline = "hotline", "đường dây nóng", "hotline";
        Counselling = "counselling", "tư vấn", "counselling";
        Treatment = "treatment", "cai nghiện, điều trị", "treatment";
        Methadone = "methadone", "điều trị methadone", "methadone treatment";
        Health = "health", "khám, chữa bệnh", "health care";
        Training = "training", "học nghề", "training";
        Job = "job", "giới thiệu việc làm", "job";
        Loan = "loan", "vay vốn", "loan";
        Papers = "papers", "giấy tờ tùy thân", "identity papers";
        Law = "law", "trợ giúp pháp lý", "legal aid";
        Other = "other", "hỗ trợ khác", "other support";
    }
}

/// One service.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, Encode, Decode)]
#[cbor(map)]
pub struct Service {
    /// Its code; at most 100 bytes.
    #[n(0)]
    pub id: String,
    /// The days on which it is there.
    #[n(1)]
    pub span: Span,
    /// What it does.
    #[n(2)]
    pub kind: ServiceKind,
    /// What it is called.
    #[n(3)]
    pub name: String,
    /// Where it is; may be empty.
    #[n(4)]
    pub address: String,
    /// Its telephone number as people write it; may be empty.
    #[n(5)]
    pub phone: String,
    /// The ward that it serves; `None`: the whole area.
    #[n(6)]
    pub ward: Option<WardRef>,
    /// Where this stands.
    #[n(7)]
    pub source: String,
    /// Whether somebody has verified it.
    #[n(8)]
    pub confirmed: bool,
}

impl Service {
    /// The number to be dialled; `None` when there is none.
    #[must_use]
    pub fn dials(&self) -> Option<String> {
        let number: String = self.phone.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
        (!number.is_empty()).then_some(number)
    }

    /// Whether somebody who needs this support can be sent here.
    #[must_use]
    pub fn helps_with(&self, support: SupportKind) -> bool {
        self.kind.code() == support.code()
    }

    /// Whether every word of a folded question is found in it.
    #[must_use]
    pub fn answers(&self, question: &str) -> bool {
        let kind = [Language::Vietnamese, Language::English].map(|language| self.kind.words(language));
        let text = format!("{} {} {} {} {}", self.name, self.address, self.phone, kind[0], kind[1]);
        let text = folded(&text);
        question.split(' ').all(|word| matches(&text, word))
    }
}

/// The services that are there on a day, hotlines first, then by kind and name.
#[must_use]
pub fn on_day(services: Vec<Service>, day: Date) -> Vec<Service> {
    let mut there: Vec<Service> = services.into_iter().filter(|service| service.span.contains(day)).collect();
    let place = |kind: ServiceKind| ServiceKind::ALL.iter().position(|other| *other == kind);
    there.sort_by_cached_key(|service| (place(service.kind), folded(&service.name), service.id.clone()));
    there
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::aftercare::AftercareRules;

    #[test]
    fn the_hotline_that_ships_is_found_without_marks_and_dialled() {
        let day = "2026-11-26".parse().expect("day");
        let services = on_day(AftercareRules::shipped().services(), day);
        let found: Vec<&Service> = services.iter().filter(|one| one.answers("bao ve tre em")).collect();
        assert_eq!((found.len(), found[0].dials().as_deref()), (1, Some("111")));
        assert!(services.iter().all(|one| !one.answers("khong co")));
        assert!(services.iter().all(|one| one.confirmed), "what is not certain does not ship");
        assert!(on_day(AftercareRules::shipped().services(), "2017-12-05".parse().expect("day")).is_empty());
    }

    #[test]
    fn a_number_is_dialled_without_its_blanks() {
        let mut one = AftercareRules::shipped().services().remove(0);
        one.phone = "0211 3.861.111".into();
        assert_eq!(one.dials().as_deref(), Some("02113861111"));
        one.phone = "chưa rõ".into();
        assert_eq!(one.dials(), None);
        one.kind = ServiceKind::Loan;
        assert!(one.helps_with(SupportKind::Loan) && !one.helps_with(SupportKind::Job));
    }

    #[test]
    fn rules_of_before_have_the_services_that_ship_and_a_list_travels() {
        let mut rules = AftercareRules::shipped();
        assert_eq!(rules.services, None);
        let bytes = minicbor::to_vec(&rules).expect("encodes");
        assert_eq!(minicbor::decode::<AftercareRules>(&bytes).expect("decodes").services(), rules.services());
        rules.services = Some(Vec::new());
        assert!(rules.services().is_empty(), "an administrator may take the last one out");
        let bytes = minicbor::to_vec(&rules).expect("encodes");
        assert_eq!(minicbor::decode::<AftercareRules>(&bytes).ok(), Some(rules.clone()));
        let json = serde_json::to_string(&rules).expect("json");
        assert_eq!(serde_json::from_str::<AftercareRules>(&json).ok(), Some(rules));
    }
}
