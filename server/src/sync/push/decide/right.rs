//! What the sender may do with the document, by the access rules and by what the record's placement was.

use std::collections::{BTreeSet, HashMap};

use donghanh_shared::access::rules::{Action, may, may_say};
use donghanh_shared::access::{Access, Membership, Placement};
use donghanh_shared::crdt::Kind;
use donghanh_shared::crdt::gate::CheckedChange;
use donghanh_shared::crdt::merge::Confirming;
use donghanh_shared::domain::WardRef;
use donghanh_shared::domain::confirmation::Confirmation;
use donghanh_shared::domain::date::{Date, Millis, Span};
use donghanh_shared::domain::error::Code;
use donghanh_shared::ids::ChangeHash;
use donghanh_shared::sync::wire::Answer;

use super::Decision;
use crate::auth::SignedIn;
use crate::store::StoredDocument;
use crate::sync::push::sort::JudgedChange;

/// How long an edit made under the right of a ward the record was moved away from is still taken: its author may not
/// have heard of the move.
const AFTER_MOVE_MS: Millis = 30 * 24 * 3600 * 1000;

/// Whether a move of this moment is so recent that an author may not have heard of it.
#[must_use]
pub fn is_recent(moved: Millis, now: Millis) -> bool {
    now - moved < AFTER_MOVE_MS
}

/// Whether somebody may add to a record: where it is, or in a ward it was moved away from not long ago.
#[must_use]
pub fn may_write(who: &SignedIn, document: &StoredDocument, now: Millis) -> bool {
    may_do(who, Action::Edit, document, now)
}

fn may_do(who: &SignedIn, action: Action, document: &StoredDocument, now: Millis) -> bool {
    let may = |place: &Placement| may(who.access(), action, document.kind, place);
    let recent =
        |(ward, moved): &(WardRef, Millis)| is_recent(*moved, now) && may(&document.placement.at(*ward));
    may(&document.placement) || document.former_homes.iter().any(recent)
}

/// What the person may do with the document's content.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Right {
    Write,
    /// They had the right when they say they made the edit.
    Lost,
    /// They may not.
    None,
    /// They may not, and were never able to know the record: for them it does not exist.
    Unknown,
}

impl Decision<'_> {
    /// Whether the person may do this where the record is now, or will be by what this batch did so far.
    pub(super) fn may(&self, action: Action, kind: Kind, place: &Placement) -> bool {
        may(self.context.who.access(), action, kind, place)
    }

    /// How a command about a record is refused: whoever cannot know the record is told that it does not exist.
    pub(super) fn forbidden(&self) -> Answer {
        if self.is_known() { Answer::refused(Code::NotAllowed) } else { Answer::MissingDependencies }
    }

    pub(super) fn right(&self, at: Millis) -> Right {
        self.right_to(Action::Edit, at)
    }

    fn right_to(&self, action: Action, at: Millis) -> Right {
        let Some(kind) = self.kind else { return Right::None };
        let places = || self.places();
        if places().any(|place| self.may(action, kind, place)) {
            return Right::Write;
        }
        if self.stored.is_some_and(|document| may_do(&self.context.who, action, document, self.context.now)) {
            return Right::Write;
        }
        let then = self.access_that_day(at.min(self.context.now));
        if places().any(|place| may(&then, action, kind, place)) {
            return Right::Lost;
        }
        if self.is_known() { Right::None } else { Right::Unknown }
    }

    /// Changes that take the record out, or back, by somebody who may edit it and no more.
    pub(super) fn may_not_archive(&self, changes: &[&JudgedChange]) -> BTreeSet<ChangeHash> {
        let edits_alone = |change: &CheckedChange| {
            self.right(change.at) == Right::Write && self.right_to(Action::Archive, change.at) == Right::None
        };
        let archiving = changes.iter().filter(|judged| judged.archives).map(|judged| &judged.change);
        archiving.filter(|change| edits_alone(change)).map(|change| change.hash).collect()
    }

    /// Changes that confirm or return the record though their author may not say that of it, by the access they have or had
    /// when they say they made the change.
    pub(super) fn may_not_say(
        &self,
        confirming: &[Confirming],
        changes: &HashMap<ChangeHash, &CheckedChange>,
    ) -> BTreeSet<ChangeHash> {
        let Some(kind) = self.kind else { return BTreeSet::new() };
        let own = self.stored.is_none_or(|document| document.author == self.context.who.session().person_key);
        let may = |access: &Access, confirming: &Confirming| {
            let says = |action| {
                let about = (confirming.lead.as_ref(), own);
                self.places().any(|place| may_say(access, action, kind, place, about))
            };
            match confirming.said {
                Some(Confirmation::Confirmed) => says(Action::Confirm),
                Some(Confirmation::Returned { .. }) | None => says(Action::Return),
            }
        };
        let forbidden = |confirming: &&Confirming| {
            let made = changes.get(&confirming.hash).map_or(self.context.now, |change| change.at);
            let then = || self.access_at(made.min(self.context.now));
            !may(self.context.who.access(), confirming) && !may(&then(), confirming)
        };
        confirming.iter().filter(forbidden).map(|confirming| confirming.hash).collect()
    }

    /// The access that the person had at a moment.
    fn access_at(&self, at: Millis) -> Access {
        let session = self.context.who.session();
        let (cases, day) = (session.cases_at(at), Date::of_moment(at));
        Access::of(&session.memberships, &cases, &session.wards, day)
    }

    /// The same, with roles that were taken away that day: they end by the day, and were held until somebody did that. Enough to keep an
    /// edit for a supervisor, who looks at it, and for nothing else.
    fn access_that_day(&self, at: Millis) -> Access {
        let session = self.context.who.session();
        let (cases, day) = (session.cases_at(at), Date::of_moment(at));
        let held = |held: &Membership| {
            let to = held.span.to.map(|to| to.plus_days(1));
            Membership { span: Span { to, ..held.span }, ..held.clone() }
        };
        let held: Vec<Membership> = session.memberships.iter().map(held).collect();
        Access::of(&held, &cases, &session.wards, day)
    }

    /// Whether the person can know of the record: by any role and any case that they ever had, wherever it ever was.
    pub(super) fn is_known(&self) -> bool {
        let Some(kind) = self.kind else { return false };
        let access = self.access_ever();
        let former = self.stored.into_iter().flat_map(|document| {
            let homes = document.former_homes.iter().map(|(ward, _)| ward);
            homes.chain(&document.left).map(|ward| document.placement.at(*ward))
        });
        self.places().cloned().chain(former).any(|place| may(&access, Action::Read, kind, &place))
    }

    /// Whether the person could read a record that is placed there, by any role and any case that they ever had.
    pub(super) fn could_ever_read(&self, kind: Kind, place: &Placement) -> bool {
        may(&self.access_ever(), Action::Read, kind, place)
    }

    fn access_ever(&self) -> Access {
        let session = self.context.who.session();
        let today = Date::of_moment(self.context.now);
        let always = Span { from: today, to: None };
        let ever: Vec<Membership> =
            session.memberships.iter().map(|held| Membership { span: always, ..held.clone() }).collect();
        let cases: Vec<_> = session.assignments.iter().map(|of| of.case).collect();
        Access::of(&ever, &cases, &session.wards, today)
    }

    /// Where the record is, was before this batch, and was created by it.
    fn places(&self) -> impl Iterator<Item = &Placement> {
        self.after.iter().chain(self.stored.map(|document| &document.placement)).chain(&self.begun)
    }
}
