//! The line that says what waits and when the server was last heard: "1 chờ gửi · lần cuối 10:42".

use donghanh_shared::domain::date::Date;
use leptos::prelude::*;

use crate::components::view::dynamic;
use crate::i18n::{format, tr};
use crate::state::{Activity, OutboxStatus, SyncStatus};

/// The words of the line.
pub fn words(outbox: &OutboxStatus, sync: &SyncStatus, today: Date) -> String {
    let first = match (outbox.refused.len(), outbox.records.max(outbox.entries.min(1)), &sync.activity) {
        (0, 0, Activity::Receiving { received, total: Some(total) }) => {
            tr!(sync.receiving_of, n = format::number(*received), all = format::number(*total))
        }
        (0, 0, Activity::Receiving { received, total: None }) => {
            tr!(sync.receiving, n = format::number(*received))
        }
        (0, 0, Activity::Held) => tr!(sync.held_short).to_string(),
        (0, 0, _) => tr!(sync.all_sent).to_string(),
        (0, waiting, _) => tr!(sync.waiting, n = format::number(waiting as u64)),
        (refused, _, _) => tr!(sync.refused, n = format::number(refused as u64)),
    };
    let last = match sync.last_contact {
        Some(at) => tr!(sync.last, when = format::moment(at, today)),
        None => tr!(sync.never).to_string(),
    };
    format!("{first} · {last}")
}

/// Draws the line; it leads to everything about sync.
pub fn sync_footer(
    outbox: Signal<OutboxStatus>,
    sync: Signal<SyncStatus>,
    today: impl Fn() -> Date + Send + Sync + 'static,
) -> AnyView {
    let class = move || {
        outbox.with(|outbox| match (outbox.refused.is_empty(), outbox.entries == 0) {
            (false, _) => "sync-footer fail",
            (true, false) => "sync-footer wait",
            (true, true) => "sync-footer",
        })
    };
    view! {
        <a class=class href="/sync" data-testid="sync-footer">
            {dynamic(move || outbox.with(|outbox| sync.with(|sync| words(outbox, sync, today()))))}
        </a>
    }
    .into_any()
}
