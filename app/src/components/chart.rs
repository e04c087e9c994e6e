//! Plain charts: one series of bars, each labelled directly, the target as a line. Widths are SVG attributes, because
//! the page allows no inline styles.

use leptos::prelude::*;

/// A thin bar filled to `share` percent.
pub fn thin_bar(share: u32) -> AnyView {
    view! {
        <svg class="thin-bar" width="100%" height="6" aria-hidden="true" focusable="false">
            <rect class="bar-ground" width="100%" height="6" rx="2"></rect>
            <rect class="bar-fill" width=format!("{}%", share.min(100)) height="6" rx="2"></rect>
        </svg>
    }
    .into_any()
}

/// One bar of a chart.
pub struct Bar {
    /// What it stands for.
    pub label: String,
    /// Its height.
    pub value: u64,
    /// The value as people read it.
    pub words: String,
}

/// Draws bars one below the other, in the order given, all on one scale from zero. `target` draws a line.
pub fn bars(title: String, bars: Vec<Bar>, target: Option<u64>) -> AnyView {
    let most = bars.iter().map(|bar| bar.value).chain(target).max().unwrap_or(0).max(1);
    let percent = move |value: u64| {
        let tenths = value.saturating_mul(1000) / most;
        format!("{}.{}%", tenths / 10, tenths % 10)
    };
    let line = move || {
        target.map(|target| {
            let x = percent(target);
            view! { <line class="bar-target" x1=x.clone() x2=x y1="0" y2="20"></line> }
        })
    };
    let rows = bars
        .into_iter()
        .map(|bar| {
            view! {
                <li>
                    <span class="bar-label">{bar.label}</span>
                    <svg class="bar" width="100%" height="20" aria-hidden="true" focusable="false">
                        <rect class="bar-fill" width=percent(bar.value) height="20" rx="2"></rect>
                        {line()}
                    </svg>
                    <span class="bar-value figures">{bar.words}</span>
                </li>
            }
        })
        .collect_view();
    view! { <figure class="chart"><figcaption class="strong">{title}</figcaption><ol>{rows}</ol></figure> }
        .into_any()
}
