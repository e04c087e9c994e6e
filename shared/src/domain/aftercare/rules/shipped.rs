//! The rules that a new database starts with. What no one has verified ships with `confirmed = false`.

use super::{EventRule, FormRule, IntervalRule, LegalRule};
use crate::domain::aftercare::CaseStatus;
use crate::domain::aftercare::services::{Service, ServiceKind};
use crate::domain::aftercare::terms::{Completion, EventKind, Recorder};
use crate::domain::date::{Date, Span};
use crate::domain::vocabulary::Term as _;

/// In force since the first day of a month, to the last day before another.
fn since((year, month): (i32, u32), before: Option<(i32, u32)>) -> Option<Span> {
    let to = before.and_then(|(year, month)| Date::new(year, month, 1)).map(|day| day.plus_days(-1));
    Date::new(year, month, 1).map(|from| Span { from, to })
}

/// Law 73/2021/QH14 entered into force.
const LAW_73: (i32, u32) = (2022, 1);
/// Law 120/2025/QH15 entered into force.
const LAW_120: (i32, u32) = (2026, 7);

const UNVERIFIED: &str = "chưa đối chiếu, người quản trị xác nhận";

/// How long: Law 73/2021/QH14, art. 40; Law 120/2025/QH15 "unchanged, to be confirmed".
pub(super) fn legal() -> Vec<LegalRule> {
    let laws = [
        ("l73-2021", LAW_73, Some(LAW_120), "Luật 73/2021/QH14, Điều 40", true),
        ("l120-2025", LAW_120, None, "Luật 120/2025/QH15: giữ nguyên, chờ xác nhận", false),
    ];
    let of_law = |(law, from, before, source, confirmed): (&str, _, _, &str, bool)| {
        let span = since(from, before);
        let rule = |completion: &Completion| {
            let months = if *completion == Completion::CompulsoryAdult { 24 } else { 12 };
            Some(LegalRule {
                id: format!("{law}-{}", completion.code()),
                span: span?,
                completion: *completion,
                months,
                first_day_counts: false,
                source: source.to_owned(),
                confirmed,
            })
        };
        Completion::ALL.iter().filter_map(rule).collect::<Vec<_>>()
    };
    laws.into_iter().flat_map(of_law).collect()
}

/// How often: monthly.
pub(super) fn intervals() -> Vec<IntervalRule> {
    let monthly = |span| IntervalRule {
        id: "monthly".to_owned(),
        span,
        months: 1,
        late_days: 7,
        source: UNVERIFIED.to_owned(),
        confirmed: false,
    };
    since(LAW_73, None).map(monthly).into_iter().collect()
}

/// Which event may follow which.
pub(super) fn events() -> Vec<EventRule> {
    use CaseStatus as S;
    use EventKind::{
        Absence, Completion, Death, Detention, Dropped, Relapse, ReturnToTreatment, Returned, Signs, Transfer,
    };
    const OPEN: &[EventKind] = &[Absence, Returned, Relapse, Detention, ReturnToTreatment];
    // Event, what the case is after it, what it may follow; each but `Returned` may be the first.
    let table: [(EventKind, Option<S>, &[EventKind]); 10] = [
        (Transfer, None, OPEN),
        (Absence, Some(S::Absent), &[Returned, Relapse]),
        (Returned, Some(S::Managed), &[Absence, Detention, ReturnToTreatment, Dropped]),
        (Signs, None, OPEN),
        (Relapse, Some(S::Managed), &[Absence, Returned, Relapse]),
        (Detention, Some(S::Detained), &[Absence, Returned, Relapse, ReturnToTreatment]),
        (ReturnToTreatment, Some(S::InTreatment), &[Absence, Returned, Relapse, Detention]),
        (Completion, Some(S::Completed), &[Returned]),
        (Death, Some(S::Died), &[Absence, Returned, Relapse, Detention, ReturnToTreatment, Dropped]),
        (Dropped, Some(S::Dropped), OPEN),
    ];
    let rule = |(event, becomes, after): (EventKind, Option<S>, &[EventKind])| {
        Some(EventRule {
            id: format!("event-{}", event.code()),
            span: since(LAW_73, None)?,
            event,
            becomes,
            first: event != Returned,
            after: after.to_vec(),
            recorder: if event == Signs { Recorder::Helper } else { Recorder::Officer },
            // Health and past offences: sensitive (Decree 13/2023/NĐ-CP, art. 2).
            restricted: matches!(event, Relapse | Detention | ReturnToTreatment),
            source: UNVERIFIED.to_owned(),
            confirmed: false,
        })
    };
    table.into_iter().filter_map(rule).collect()
}

/// Who signs what: the certificate of completion.
pub(super) fn forms() -> Vec<FormRule> {
    let certificate = |span| FormRule {
        id: "certificate-of-completion".to_owned(),
        span,
        event: EventKind::Completion,
        form: "Mẫu số 54, Phụ lục II".to_owned(),
        signer: "Chủ tịch Ủy ban nhân dân cấp xã".to_owned(),
        source: "Nghị định 116/2021/NĐ-CP; người ký và mẫu đang dùng: chưa đối chiếu".to_owned(),
        // The form is in the city's list; who signs, and whether it outlived Law 73/2021/QH14, is not verified.
        confirmed: false,
    };
    since(LAW_73, None).map(certificate).into_iter().collect()
}

/// Where help is found: what is known for certain of the whole country. What there is in a ward, administrators add.
pub(super) fn services() -> Vec<Service> {
    let hotline = |from| Service {
        id: "hotline-111".to_owned(),
        span: Span { from, to: None },
        kind: ServiceKind::Hotline,
        name: "Tổng đài điện thoại quốc gia bảo vệ trẻ em".to_owned(),
        address: String::new(),
        phone: "111".to_owned(),
        ward: None,
        source: "Bộ Lao động - Thương binh và Xã hội công bố ngày 06/12/2017; trực 24/24, miễn phí"
            .to_owned(),
        confirmed: true,
    };
    // The day on which it was opened.
    Date::new(2017, 12, 6).map(hotline).into_iter().collect()
}
