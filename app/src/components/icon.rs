//! The one icon set: single strokes on a grid of 24. An icon never stands without its word.

use leptos::prelude::*;

/// Every drawing there is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Icon {
    /// Work to do.
    Tasks,
    /// Find.
    Search,
    /// Reports.
    Chart,
    /// The person.
    Person,
    /// Go back.
    Back,
    /// Go on.
    Next,
    /// Add.
    Plus,
    /// Less.
    Minus,
    /// Done, sent.
    Check,
    /// Waits.
    Clock,
    /// Failed, needs a look.
    Alert,
    /// Two people.
    People,
    /// A place.
    Place,
    /// Undo.
    Undo,
    /// Send and receive.
    Sync,
    /// Write.
    Pen,
    /// What happened before.
    History,
    /// Remove.
    Remove,
    /// Close.
    Close,
}

impl Icon {
    /// Every drawing, for the page that shows them.
    pub const ALL: [Self; 19] = [
        Self::Tasks,
        Self::Search,
        Self::Chart,
        Self::Person,
        Self::Back,
        Self::Next,
        Self::Plus,
        Self::Minus,
        Self::Check,
        Self::Clock,
        Self::Alert,
        Self::People,
        Self::Place,
        Self::Undo,
        Self::Sync,
        Self::Pen,
        Self::History,
        Self::Remove,
        Self::Close,
    ];

    fn path(self) -> &'static str {
        match self {
            Self::Tasks => {
                "M4 6.5l1.5 1.5L8 5M4 13l1.5 1.5L8 11.5M4 19.5L5.5 21 8 18M12 6.5h8M12 13h8M12 19.5h8"
            }
            Self::Search => "M10.5 4a6.5 6.5 0 1 1 0 13a6.5 6.5 0 0 1 0-13zM15.3 15.3L20.5 20.5",
            Self::Chart => "M4 4v16h16M8.5 16v-4M13 16V8M17.5 16v-6",
            Self::Person => {
                "M12 4a4 4 0 1 1 0 8a4 4 0 0 1 0-8zM4.5 20.5c.8-4 3.7-5.5 7.5-5.5s6.7 1.5 7.5 5.5"
            }
            Self::Back => "M15 4.5L7.5 12l7.5 7.5",
            Self::Next => "M9 4.5l7.5 7.5L9 19.5",
            Self::Plus => "M12 5v14M5 12h14",
            Self::Minus => "M5 12h14",
            Self::Check => "M4.5 12.5l5 5L19.5 7",
            Self::Clock => "M12 4a8 8 0 1 1 0 16a8 8 0 0 1 0-16zM12 8v4.5l3 2",
            Self::Alert => "M12 4l9 16H3zM12 10v4.5M12 17.3v.2",
            Self::People => {
                "M8.5 6a3 3 0 1 1 0 6a3 3 0 0 1 0-6zM16.5 7.5a2.5 2.5 0 1 1 0 5M3 19.5c.5-3.5 2.5-5 5.5-5s5 1.5 5.5 5M16.5 15c2.5 0 4 1.3 4.5 4"
            }
            Self::Place => {
                "M12 21c-4.5-4.7-6.5-8-6.5-11a6.5 6.5 0 0 1 13 0c0 3-2 6.3-6.5 11zM12 7.800a2.200 2.200 0 1 1 0 4.400a2.200 2.200 0 0 1 0-4.400z"
            }
            Self::Undo => "M8.5 5L4 9.5L8.5 14M4.5 9.5h9a5.5 5.5 0 0 1 0 11H9",
            Self::Sync => "M4.5 10a8 8 0 0 1 14-3l1.5 2M20 4v5h-5M19.5 14a8 8 0 0 1-14 3L4 15M4 20v-5h5",
            Self::Pen => "M4.5 19.5l1-4.5L16 4.5l3.5 3.5L9 18.5zM13.5 7l3.5 3.5",
            Self::History => "M4.5 5v4.5H9M4.800 9.5a8 8 0 1 1-.6 4M12 8v4.5l3 2",
            Self::Remove => "M4 8h16v11.5H4zM3 4.5h18V8H3zM9.5 12h5",
            Self::Close => "M6 6l12 12M18 6L6 18",
        }
    }
}

/// Draws an icon; hidden from screen readers, which read the word beside it.
pub fn icon(icon: Icon) -> AnyView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" focusable="false">
            <path d=icon.path()></path>
        </svg>
    }
    .into_any()
}
