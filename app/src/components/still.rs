//! When nothing may move on the screen: while a dialog is open, and while a finger is on it. Drawn anew, a dialog would close under whoever
//! types in it, and a button would be gone before the finger that pressed it is lifted. What others did is drawn after that.

use std::time::Duration;

use leptos::ev;
use leptos::prelude::*;

/// A tap comes a moment after the finger was lifted; where none comes, the finger had only been moved.
const TAP_COMES_WITHIN: Duration = Duration::from_millis(150);

/// How many reasons there are to let nothing move.
#[derive(Clone, Copy)]
pub struct Still(RwSignal<u32>);

/// One such reason, that holds or not.
#[derive(Clone, Copy)]
pub struct Reason {
    still: Still,
    holds: StoredValue<bool>,
}

impl Still {
    /// Counts the reasons in whatever is drawn with this in its context.
    #[must_use]
    pub fn counted_in(count: RwSignal<u32>) -> Self {
        Self(count)
    }

    /// A reason that goes with whatever is drawn here.
    pub fn reason(self) -> Reason {
        let reason = Reason { still: self, holds: StoredValue::new(false) };
        on_cleanup(move || reason.set(false));
        reason
    }

    /// Lets nothing move from when a finger is put on the screen until its tap was done.
    pub fn while_pressed(self) {
        let (pressed, presses) = (self.reason(), StoredValue::new(0_u32));
        let lifted = move || {
            let press = presses.get_value();
            // Pressed again meanwhile, it holds for that one.
            let end = move || {
                if presses.try_get_value() == Some(press) {
                    pressed.set(false);
                }
            };
            set_timeout(end, TAP_COMES_WITHIN);
        };
        let down = move || {
            presses.update_value(|presses| *presses = presses.wrapping_add(1));
            pressed.set(true);
        };
        let handles = [
            window_event_listener(ev::pointerdown, move |_| down()),
            window_event_listener(ev::pointerup, move |_| lifted()),
            window_event_listener(ev::pointercancel, move |_| pressed.set(false)),
            window_event_listener(ev::click, move |_| pressed.set(false)),
            window_event_listener(ev::blur, move |_| pressed.set(false)),
        ];
        on_cleanup(move || handles.into_iter().for_each(WindowListenerHandle::remove));
    }
}

impl Reason {
    /// Says whether it holds from now on.
    pub fn set(self, holds: bool) {
        let held = self.holds.try_get_value().unwrap_or(false);
        if held != holds {
            self.holds.try_set_value(holds);
            let step = |all: &mut u32| *all = if holds { *all + 1 } else { all.saturating_sub(1) };
            self.still.0.try_update(step);
        }
    }
}
