//! `/styleguide`: every component with its states. Data on this page is invented and goes nowhere.

use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::outreach_visit::Form;
use donghanh_shared::domain::report::Coverage;
use donghanh_shared::domain::vocabulary::Term as _;
use leptos::prelude::*;

use super::theme::{self, THEMES, ThemeSetting};
use crate::components::action::{Weight, button};
use crate::components::chart::{Bar, bars, thin_bar};
use crate::components::choice::{one_of, some_of};
use crate::components::dialog::dialog;
use crate::components::field::{TextKind, no_problem, problem_at, select_field, text_field};
use crate::components::icon::{Icon, icon};
use crate::components::notice::{Tone, demo_strip, error_summary, notice};
use crate::components::page::{Frame, page, section};
use crate::components::stepper::{Stepper, stepper};
use crate::components::table::{column, data_table};
use crate::i18n::format::{capital, percent, share};
use crate::i18n::words;
use crate::screens::parts::row::{RowWords, open_mark, row, state_mark};
use crate::state::RowState;

/// Draws the page.
pub fn styleguide() -> AnyView {
    let body = view! {
        {section("Theme", themes())}
        {section("Demo banner", demo_strip())}
        {section("Type", type_scale())}
        {section("Buttons", buttons())}
        {section("Fields", fields())}
        {section("Chips", chips())}
        {section("Stepper", steppers())}
        {section("Notices", notices())}
        {section("Rows", rows())}
        {section("Dialog", open_dialog())}
        {section("Table and bars", figures())}
        {section("Icons", icons())}
    };
    page(Frame::back("/"), "Styleguide".to_owned(), (), body, None)
}

fn themes() -> AnyView {
    let setting = expect_context::<ThemeSetting>();
    let chips = Signal::derive(|| {
        THEMES.iter().map(|name| ((*name).to_owned(), theme::words(name))).collect::<Vec<_>>()
    });
    let chosen = Signal::derive(move || Some(setting.get()));
    one_of(
        "theme",
        "Theme",
        chips,
        chosen,
        Callback::new(move |name: String| setting.set(&name)),
        no_problem(),
    )
}

fn type_scale() -> AnyView {
    view! {
        <div class="stack">
            <p class="large">"Phường Đồng Tâm 1.234"</p>
            <p class="title">"Nguyễn Thị Ngọc Ặ ễ Ữ ở"</p>
            <p>"Buổi tuyên truyền ở trường THCS Vĩnh Yên, có 80 lượt người dự."</p>
            <p class="small soft">"3 bản ghi chờ gửi · 10:42"</p>
        </div>
    }
    .into_any()
}

fn buttons() -> AnyView {
    let one = |weight, words: &str| button(weight, Some(Icon::Plus), words.to_owned(), "sample", || ());
    view! {
        <div class="stack">
            {button(Weight::Main, None, "Lưu, gửi sau".to_owned(), "save-button", || ())}
            <div class="line">{one(Weight::Plain, "Sửa")}{one(Weight::Quiet, "Đóng")}{one(Weight::Remove, "Gỡ bỏ")}</div>
            <div><button type="button" class="button" disabled>"Hoàn tác"</button></div>
        </div>
    }
    .into_any()
}

fn fields() -> AnyView {
    let value = RwSignal::new("THCS Vĩnh Yên".to_owned());
    let problems = RwSignal::new(vec![Problem::new(Code::TextEmpty).at("sample")]);
    let options = Signal::derive(|| {
        vec![("1".to_owned(), "Đoàn Thanh niên".to_owned()), ("2".to_owned(), "Hội Phụ nữ".to_owned())]
    });
    view! {
        <div class="stack">
            {text_field("sample-text", "Tên địa điểm", Some("Như trên biển trước cổng.".to_owned()), TextKind::text("sample"), value, no_problem())}
            {text_field("sample-wrong", "Lý do", None, TextKind::text("sample"), RwSignal::new(String::new()), problem_at(problems, "sample"))}
            {select_field("sample-select", "Chủ trì", None, options, Signal::derive(|| "1".to_owned()), Callback::new(|_| ()), no_problem())}
        </div>
    }
    .into_any()
}

fn chips() -> AnyView {
    let all = Signal::derive(|| {
        Form::ALL.iter().map(|form| (form.code().to_owned(), capital(words(*form)))).collect::<Vec<_>>()
    });
    let chosen = RwSignal::new(Some("talk".to_owned()));
    let several = RwSignal::new(vec!["leaflets".to_owned()]);
    let change = Callback::new(move |(code, on): (String, bool)| {
        several.update(|all| {
            all.retain(|one| *one != code);
            if on {
                all.push(code);
            }
        });
    });
    view! {
        <div class="stack">
            {one_of("sample-one", "Hình thức", all, chosen.into(), Callback::new(move |code| chosen.set(Some(code))), no_problem())}
            {some_of("sample-some", "Nội dung", all, several.into(), change)}
        </div>
    }
    .into_any()
}

fn steppers() -> AnyView {
    let sample = |id: &str, label: &str, start: Option<u32>, large: bool| {
        let value = RwSignal::new(start);
        let what = Stepper {
            id: id.to_owned(),
            test: id.to_owned(),
            label: label.to_owned(),
            step: 1,
            unknown_box: large,
        };
        stepper(what, value.into(), Callback::new(move |now| value.set(now)), no_problem())
    };
    view! {
        <div class="stack">
            {sample("sample-known", "lượt người dự", Some(80), true)}
            {sample("sample-unknown", "lượt người dự", None, true)}
            {sample("sample-small", "tờ rơi", Some(120), false)}
        </div>
    }
    .into_any()
}

fn notices() -> AnyView {
    let problems = RwSignal::new(vec![
        Problem::new(Code::VenueMissing).at("venue"),
        Problem::new(Code::FormMissing).at("form"),
    ]);
    view! {
        <div class="stack">
            {notice(Tone::Good, view! { <p>"Đã lưu trên máy · chờ gửi"</p> })}
            {notice(Tone::Wait, view! { <p>"Hai người cùng sửa"</p> })}
            {notice(Tone::Fail, view! { <p>"Chưa gửi được"</p> })}
            {error_summary(problems, |field| format!("sample-{field}"))}
        </div>
    }
    .into_any()
}

fn rows() -> AnyView {
    let sample = |title: &str, end: &str, overdue: bool, marks: Vec<AnyView>| {
        let words = RowWords {
            href: "/styleguide".to_owned(),
            title: title.to_owned(),
            detail: "Phường Khai Quang · 80 lượt người dự".to_owned(),
            end: end.to_owned(),
            overdue,
        };
        row(words, marks, "sample-row")
    };
    view! {
        <ul class="rows">
            {sample("Thăm chú H.", "quá hạn 20/06", true, Vec::new())}
            {sample("Nói chuyện · THCS Vĩnh Yên", "hôm nay", false, vec![state_mark(RowState::Sent)])}
            {sample("Phát tờ rơi · Chợ Tổng", "26/06", false, vec![state_mark(RowState::Waiting), open_mark()])}
            {sample("Hội thi · Nhà văn hóa", "24/06", false, vec![state_mark(RowState::Refused)])}
        </ul>
    }
    .into_any()
}

fn open_dialog() -> AnyView {
    let open = RwSignal::new(false);
    view! {
        <div>{button(Weight::Plain, None, "Mở".to_owned(), "sample-dialog", move || open.set(true))}</div>
        {dialog("sample-dialog", open, "Chọn nơi".to_owned(), || view! { <p>"Nội dung."</p> }.into_any())}
    }
    .into_any()
}

fn figures() -> AnyView {
    let cell = |coverage: Coverage| {
        let Coverage { covered, registered } = coverage;
        view! {
            <td><div class="cell"><span class="of-all"><span>{format!("{covered} / {registered}")}</span>
                <span class="soft">{percent(covered, registered)}</span></span>{thin_bar(share(covered, registered))}</div></td>
        }
        .into_any()
    };
    let line = |name: &str, covered, registered| {
        view! { <tr><th scope="row">{name.to_owned()}</th>{cell(Coverage { covered, registered })}<td class="number">"1.234"</td></tr> }.into_any()
    };
    let rows = vec![line("Phường Đồng Tâm", 7, 20), line("Phường Khai Quang", 16, 20)];
    let head =
        vec![column("Phường", "", false), column("Trường học", "A2", false), column("Số buổi", "A6", true)];
    let month = |label: &str, value: u64| Bar { label: label.to_owned(), value, words: value.to_string() };
    view! {
        {data_table("Phường".to_owned(), head, rows, None)}
        {bars("Số buổi theo tháng".to_owned(), vec![month("04/2026", 12), month("05/2026", 31), month("06/2026", 48)], Some(40))}
    }
    .into_any()
}

fn icons() -> AnyView {
    let one = |(nth, drawing): (usize, Icon)| view! { <li class="icon-sample">{icon(drawing)}<span class="small">{nth + 1}</span></li> };
    view! { <ul class="icon-samples">{Icon::ALL.into_iter().enumerate().map(one).collect_view()}</ul> }
        .into_any()
}
