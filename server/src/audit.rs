//! Writing and reading the audit. A line never fails the request it is about, and a flood of refusals collapses: what
//! happens again within a minute only counts up the line that is there.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use donghanh_shared::domain::date::Millis;
use donghanh_shared::domain::error::Problem;

use crate::problem::logged;
use crate::state::AppState;
use crate::store::Key;
use crate::store::audit::{Line, NewLine, Query};

/// How long the same thing counts up one line.
const TOGETHER_MS: Millis = 60_000;
/// Lines remembered at most; beyond that, those of callers are no longer told apart.
const REMEMBERED: usize = 1_024;

/// What lines are about. The text is stable: it is kept, and it is what readers filter by.
pub mod kind {
    /// Somebody signed in.
    pub const SIGNED_IN: &str = "signed_in";
    /// A wrong name or password.
    pub const SIGN_IN_REFUSED: &str = "sign_in_refused";
    /// A wrong or used two-step code after a right password.
    pub const CODE_REFUSED: &str = "code_refused";
    /// Tried too often.
    pub const TOO_MANY_ATTEMPTS: &str = "too_many_attempts";
    /// Two-step codes were proven.
    pub const CODES_SET_UP: &str = "codes_set_up";
    /// A password was changed.
    pub const PASSWORD_CHANGED: &str = "password_changed";
    /// A phone was opened again online.
    pub const UNLOCKED: &str = "unlocked";
    /// An invitation was used.
    pub const JOINED: &str = "joined";
    /// An invitation was made.
    pub const INVITATION_MADE: &str = "invitation_made";
    /// An invitation that cannot be used was shown.
    pub const INVITATION_REFUSED: &str = "invitation_refused";
    /// An account was added.
    pub const ACCOUNT_ADDED: &str = "account_added";
    /// Somebody was given another role.
    pub const ROLE_CHANGED: &str = "role_changed";
    /// What somebody may do was ended.
    pub const ACCESS_ENDED: &str = "access_ended";
    /// A device was taken away.
    pub const DEVICE_REVOKED: &str = "device_revoked";
    /// The token of a device that was taken away was shown.
    pub const DEVICE_REFUSED: &str = "device_refused";
    /// A device said that it is empty.
    pub const DEVICE_WIPED: &str = "device_wiped";
    /// A device that was taken away handed over what it had.
    pub const HAND_OVER: &str = "hand_over";
    /// What was handed over was taken in or discarded.
    pub const HANDED_OVER_DECIDED: &str = "handed_over_decided";
    /// A rescue file was taken in.
    pub const RESCUE: &str = "rescue";
    /// Items of a sealed push, a hand-over or a rescue file that no device of ours made.
    pub const SEALED_PUSH_REFUSED: &str = "sealed_push_refused";
    /// A push named another's device.
    pub const DEVICE_FOREIGN: &str = "device_foreign";
    /// A push bore another device's actor.
    pub const ACTOR_FOREIGN: &str = "actor_foreign";
    /// After the database was put back, a device brought back what others had written.
    pub const CHANGES_RECOVERED: &str = "changes_recovered";
    /// A push held changes that no app of ours writes.
    pub const MALFORMED: &str = "malformed";
    /// A second person was asked for.
    pub const RESET_ASKED: &str = "reset_asked";
    /// A second person granted it.
    pub const RESET_GRANTED: &str = "reset_granted";
    /// A second person refused it.
    pub const RESET_REFUSED: &str = "reset_refused";
    /// The dated rules of after-care were changed.
    pub const AFTERCARE_RULES_CHANGED: &str = "aftercare_rules_changed";
    /// A number of people under management was typed in.
    pub const MANAGED_PEOPLE_TYPED: &str = "managed_people_typed";
    /// Somebody asked that a case be erased for good.
    pub const ERASURE_ASKED: &str = "erasure_asked";
    /// They, or another officer, took that back.
    pub const ERASURE_TAKEN_BACK: &str = "erasure_taken_back";
    /// A second person refused it.
    pub const ERASURE_REFUSED: &str = "erasure_refused";
    /// A second person granted it, and the case was erased.
    pub const CASE_ERASED: &str = "case_erased";
    /// Somebody's two-step codes were forgotten.
    pub const CODES_RESET: &str = "codes_reset";
}

#[derive(Debug)]
struct Counted {
    /// The line; `None` while it is being written.
    id: Option<Key>,
    since: Millis,
    times: u64,
    written: u64,
}

/// The lines of the last minute.
#[derive(Debug, Default)]
pub struct Recent(Mutex<HashMap<NewLine, Counted>>);

impl Recent {
    fn lines(&self) -> MutexGuard<'_, HashMap<NewLine, Counted>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The line to be written, or `None` when it only counts up; and the counts that became final.
    fn take(&self, mut line: NewLine, now: Millis) -> (Option<NewLine>, Vec<(Key, u64)>) {
        let mut lines = self.lines();
        let is_recent = |counted: &Counted| now - counted.since < TOGETHER_MS;
        if let Some(counted) = lines.get_mut(&line).filter(|counted| is_recent(counted)) {
            counted.times += 1;
            return (None, Vec::new());
        }
        let mut counts = Vec::new();
        lines.retain(|_, counted| {
            let stays = is_recent(counted);
            if !stays {
                counts.extend(counted.pending());
            }
            stays
        });
        if lines.len() >= REMEMBERED {
            line = NewLine { kind: line.kind, ..NewLine::default() };
            if let Some(counted) = lines.get_mut(&line) {
                counted.times += 1;
                return (None, counts);
            }
        }
        lines.insert(line.clone(), Counted { id: None, since: now, times: 1, written: 1 });
        (Some(line), counts)
    }

    fn written(&self, line: &NewLine, id: Key) {
        if let Some(counted) = self.lines().get_mut(line) {
            counted.id = Some(id);
        }
    }

    /// Counts that the store does not know yet.
    fn pending(&self) -> Vec<(Key, u64)> {
        self.lines().values_mut().filter_map(Counted::pending).collect()
    }
}

impl Counted {
    fn pending(&mut self) -> Option<(Key, u64)> {
        let id = self.id.filter(|_| self.written < self.times)?;
        self.written = self.times;
        Some((id, self.times))
    }
}

/// Notes what happened. What goes wrong is told to the log alone.
pub async fn note(state: &AppState, line: NewLine) {
    let now = state.now();
    let (line, counts) = state.recent_lines().take(line, now);
    if !counts.is_empty()
        && let Err(error) = state.store().count_lines(counts).await
    {
        tracing::error!(%error, "the audit was not counted up");
    }
    let Some(line) = line else { return };
    match state.store().write_line(line.clone(), now).await {
        Ok(id) => state.recent_lines().written(&line, id),
        Err(error) => tracing::error!(%error, kind = line.kind, "a line of the audit was not written"),
    }
}

/// Lines of the audit, newest first.
///
/// # Errors
/// [`Code::Internal`](donghanh_shared::domain::error::Code::Internal).
pub async fn lines(state: &AppState, query: Query) -> Result<Vec<Line>, Problem> {
    state.store().count_lines(state.recent_lines().pending()).await.map_err(logged)?;
    state.store().lines(query).await.map_err(logged)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(address: &str) -> NewLine {
        NewLine { kind: kind::SIGN_IN_REFUSED, address: address.to_owned(), ..NewLine::default() }
    }

    #[test]
    fn a_flood_counts_up_one_line_a_minute() {
        let recent = Recent::default();
        assert_eq!(recent.take(line("a"), 0), (Some(line("a")), Vec::new()));
        recent.written(&line("a"), 7);
        for at in 1..10_000 {
            assert_eq!(recent.take(line("a"), at), (None, Vec::new()));
        }
        assert_eq!(recent.pending(), [(7, 10_000)]);
        assert!(recent.pending().is_empty());
        assert_eq!(recent.take(line("a"), 59_999), (None, Vec::new()));
        assert_eq!(recent.take(line("a"), 60_000), (Some(line("a")), vec![(7, 10_001)]));
    }

    #[test]
    fn a_flood_from_everywhere_is_bounded() {
        let recent = Recent::default();
        let written = (0..100_000).filter(|n| recent.take(line(&n.to_string()), 0).0.is_some()).count();
        assert_eq!(written, REMEMBERED + 1);
        assert!(recent.take(line("later"), 60_000).0.is_some());
        assert_eq!(recent.lines().len(), 1);
    }
}
