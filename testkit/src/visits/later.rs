//! What is still written to a visit after its author's first save: taps, late numbers, corrections, notes, follow-ups.

use donghanh_shared::command::outreach_visit::VisitEdit;
use donghanh_shared::domain::date::Millis;
use donghanh_shared::domain::outreach_visit::CountKey;
use donghanh_shared::ids::PersonId;

use super::draft::{Counting, DAY, Draft, HOUR, MINUTE, Writer, amount};
use super::words;
use crate::world::Save;

impl Writer<'_> {
    /// Taps at the door, late numbers, corrections.
    pub(super) fn count_later(&mut self, draft: &mut Draft<'_>, counting: Counting) {
        match counting {
            Counting::Unknown | Counting::Typed => {}
            Counting::Late => {
                let edits = self.numbers(draft, false);
                self.save_later(draft, draft.author, 3 * DAY, edits);
            }
            Counting::Corrected => {
                let by = if self.random.percent(50) { draft.supervisor } else { draft.author };
                let mut edits = vec![VisitEdit::Count(CountKey::Attendance, amount(draft.attendance))];
                draft.notes.push_str(words::addition(&mut self.random));
                edits.push(VisitEdit::Notes(draft.notes.trim_start().to_owned()));
                self.save_later(draft, by, 5 * DAY, edits);
            }
            Counting::Tallied => self.tally(draft),
        }
    }

    fn tally(&mut self, draft: &mut Draft<'_>) {
        let one = draft.attendance * self.random.between(30, 70) / 100;
        let two = draft.attendance - one;
        // Somebody was tapped twice and taken back.
        let back = i32::try_from(self.random.between(0, 2)).unwrap_or(0);
        self.save_later(draft, draft.author, HOUR, vec![tap(one)]);
        let mut other = vec![tap(two)];
        if back > 0 {
            other.push(VisitEdit::Tap(CountKey::Attendance, -back.min(two.try_into().unwrap_or(0))));
        }
        self.save_later(draft, draft.second, HOUR, other);
        if self.random.percent(35) {
            let list = draft.attendance + self.random.between(0, 4);
            self.save_later(
                draft,
                draft.supervisor,
                2 * DAY,
                vec![VisitEdit::Count(CountKey::Attendance, amount(list))],
            );
            if self.random.percent(40) {
                let late_comers = tap(self.random.between(1, 5));
                self.save_later(draft, draft.second, HOUR, vec![late_comers]);
            }
        }
    }

    /// What still happens to a record: the follow-up is done, notes grow, one in a hundred is removed.
    pub(super) fn afterwards(&mut self, draft: &mut Draft<'_>) {
        if let Some((id, due)) = draft.follow_up.clone() {
            let old = self.today.days_since(due) > 25;
            let seen_to = old || (due < self.today && self.random.percent(40));
            if seen_to && draft.saves.len() < 5 {
                let days = due.days_since(draft.day).max(1) * DAY;
                self.save_later(draft, draft.author, days, vec![VisitEdit::FollowUpDone(id, true)]);
            } else if let Some(last) = draft.saves.last_mut().filter(|_| seen_to) {
                last.edits.push(VisitEdit::FollowUpDone(id, true));
            }
        }
        if draft.saves.len() < 4 && self.random.percent(12) {
            draft.notes.push_str(words::addition(&mut self.random));
            let edits = vec![VisitEdit::Notes(draft.notes.trim_start().to_owned())];
            self.save_later(draft, draft.second, 2 * DAY, edits);
        }
        if draft.saves.len() < 5 && self.random.percent(1) {
            let why = words::reason(&mut self.random).to_owned();
            self.save_later(draft, draft.supervisor, 6 * DAY, vec![VisitEdit::Archived(Some(why))]);
        }
    }

    /// A save within `span` after the last one, unless that has not come yet.
    fn save_later(&mut self, draft: &mut Draft<'_>, by: PersonId, span: Millis, edits: Vec<VisitEdit>) {
        let last = draft.saves.last().map_or(self.horizon, |save| save.at);
        let minutes = self.random.between(5, u32::try_from(span / MINUTE).unwrap_or(u32::MAX).max(6));
        let at = last + i64::from(minutes) * MINUTE;
        if at <= self.horizon {
            draft.saves.push(Save { at, by, edits });
        }
    }
}

fn tap(count: u32) -> VisitEdit {
    VisitEdit::Tap(CountKey::Attendance, i32::try_from(count).unwrap_or(i32::MAX))
}
