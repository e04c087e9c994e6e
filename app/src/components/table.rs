//! A table of figures whose first column stays in sight while the others scroll.

use leptos::prelude::*;

/// Draws a table. `head` and `rows` hold finished cells (`<th>` and `<td>`).
pub fn data_table(caption: String, head: Vec<AnyView>, rows: Vec<AnyView>, foot: Option<AnyView>) -> AnyView {
    let label = caption.clone();
    view! {
        <div class="table-scroll" role="region" tabindex="0" aria-label=label>
            <table class="data-table">
                <caption class="visually-hidden">{caption}</caption>
                <thead><tr>{head}</tr></thead>
                <tbody>{rows}</tbody>
                {foot.map(|foot| view! { <tfoot>{foot}</tfoot> })}
            </table>
        </div>
    }
    .into_any()
}

/// A heading of a column. `number` sets it right, above its figures.
pub fn column(words: impl Into<String>, hint: impl Into<String>, number: bool) -> AnyView {
    drawn_column(words.into(), hint.into(), number)
}

fn drawn_column(words: String, hint: String, number: bool) -> AnyView {
    let hint = (!hint.is_empty()).then(|| view! { <span class="column-hint">{hint}</span> });
    view! { <th scope="col" class:number=number>{words}{hint}</th> }.into_any()
}
