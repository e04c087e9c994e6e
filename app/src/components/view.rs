//! What keeps the program small: parts of a view that change, and handlers, behind one type each. Leptos would
//! otherwise make its machinery once more for every closure, and a phone downloads it.

use leptos::ev::MouseEvent;
use leptos::prelude::*;
use leptos::web_sys::Event;

/// A part of a view that is drawn again when what it reads changes.
pub fn dynamic<V: IntoView + 'static>(draw: impl Fn() -> V + Send + 'static) -> AnyView {
    erased(Box::new(move || draw().into_any()))
}

fn erased(draw: Box<dyn Fn() -> AnyView + Send>) -> AnyView {
    (move || draw()).into_any()
}

/// A text that changes.
pub fn text_of(read: impl Fn() -> String + Send + Sync + 'static) -> Signal<String> {
    Signal::derive(read)
}

/// Whether something holds; for classes and properties.
pub fn holds(read: impl Fn() -> bool + Send + Sync + 'static) -> Signal<bool> {
    Signal::derive(read)
}

/// What a press does.
pub fn pressed(act: impl Fn() + 'static) -> Box<dyn FnMut(MouseEvent)> {
    Box::new(move |_| act())
}

/// What typed or chosen text does.
pub fn entered(act: impl Fn(String) + 'static) -> Box<dyn FnMut(Event)> {
    Box::new(move |event| act(event_target_value(&event)))
}

/// What a box that was ticked or cleared does.
pub fn ticked(act: impl Fn(bool) + 'static) -> Box<dyn FnMut(Event)> {
    Box::new(move |event| act(event_target_checked(&event)))
}
