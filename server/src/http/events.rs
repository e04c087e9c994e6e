//! Hints that there is something new, as server-sent events. Data always travels by request; whoever misses a hint
//! asks a little later.

use std::collections::HashSet;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event as Line, Sse};
use donghanh_shared::domain::error::Problem;
use futures_util::stream::{self, Stream};
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tokio::sync::watch;
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::error::{ApiError, ErrorBody};
use crate::auth::{self, SignedIn};
use crate::problem::logged;
use crate::state::AppState;
use crate::store::{Event, Store};

/// How often a comment goes out, so that nobody in between cuts the connection.
const KEEP_ALIVE: Duration = Duration::from_secs(25);

/// Streams hints until the session ends.
#[utoipa::path(get, path = "/api/v1/events", responses(
    (status = 200, description = "`event: changed` with `{\"scopes\":[…]}`, `event: ended`", content_type = "text/event-stream"),
    (status = 401, description = "not_signed_in", body = ErrorBody),
))]
pub async fn events(
    State(state): State<AppState>,
    who: SignedIn,
) -> Result<Sse<impl Stream<Item = Result<Line, Infallible>>>, ApiError> {
    // Subscribed before the scopes are read: nothing is missed in between.
    let hints = state.store().events();
    let scopes = readable(state.store(), &who).await?;
    let mut beat = interval(KEEP_ALIVE);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (ending, known) = (state.ending(), scopes.clone());
    let listener = Listener { hints, ending, state, who, scopes, known, beat, open: true };
    let lines = stream::unfold(listener, |mut listener| async {
        let line = listener.next().await?;
        Some((Ok(line), listener))
    });
    Ok(Sse::new(lines))
}

async fn readable(store: &Arc<dyn Store>, who: &SignedIn) -> Result<HashSet<u32>, Problem> {
    let numbers = store.scope_numbers(who.access().clone()).await.map_err(logged)?;
    Ok(numbers.into_iter().collect())
}

struct Listener {
    hints: Receiver<Event>,
    ending: watch::Receiver<bool>,
    state: AppState,
    who: SignedIn,
    /// The scopes that the person reads.
    scopes: HashSet<u32>,
    /// These and all others that were looked at: a number that is not among them is a scope that has begun since.
    known: HashSet<u32>,
    beat: Interval,
    open: bool,
}

impl Listener {
    async fn next(&mut self) -> Option<Line> {
        while self.open {
            let hint = tokio::select! {
                _ = self.ending.wait_for(|ending| *ending) => return None,
                _ = self.beat.tick() => return Some(Line::default().comment("keep-alive")),
                hint = self.hints.recv() => hint,
            };
            if let Some(line) = self.line(hint).await {
                return Some(line);
            }
        }
        None
    }

    async fn line(&mut self, hint: Result<Event, RecvError>) -> Option<Line> {
        match hint {
            Ok(Event::Changed(scopes)) => {
                if scopes.iter().any(|scope| !self.known.contains(scope)) {
                    self.look_again().await;
                    self.known.extend(&scopes);
                }
                let mine: Vec<u32> = scopes.into_iter().filter(|scope| self.scopes.contains(scope)).collect();
                (!mine.is_empty()).then(|| changed(&mine))
            }
            Ok(Event::SessionEnded(device)) if device == self.who.device() => Some(self.end()),
            Ok(Event::RightsChanged(person)) if person == self.who.person_key() => {
                match auth::renewed(&self.state, &self.who).await {
                    Ok(Some(who)) => self.who = who,
                    // Whoever cannot be asked now is asked again at the next request.
                    Err(_) => {}
                    Ok(None) => return Some(self.end()),
                }
                self.look_again().await;
                Some(self.everything())
            }
            Ok(Event::SessionEnded(_) | Event::RightsChanged(_)) => None,
            Err(RecvError::Lagged(_)) => Some(self.everything()),
            Err(RecvError::Closed) => {
                self.open = false;
                None
            }
        }
    }

    fn end(&mut self) -> Line {
        self.open = false;
        Line::default().event("ended").data("{}")
    }

    /// Says that anything may have changed.
    fn everything(&self) -> Line {
        let mut all: Vec<u32> = self.scopes.iter().copied().collect();
        all.sort_unstable();
        changed(&all)
    }

    /// Reads anew which scopes the person reads; what cannot be read now stays as it was, and the phone asks by itself.
    async fn look_again(&mut self) {
        if let Ok(scopes) = readable(self.state.store(), &self.who).await {
            self.known.extend(&scopes);
            self.scopes = scopes;
        }
    }
}

fn changed(scopes: &[u32]) -> Line {
    let numbers: Vec<String> = scopes.iter().map(ToString::to_string).collect();
    Line::default().event("changed").data(format!("{{\"scopes\":[{}]}}", numbers.join(",")))
}
