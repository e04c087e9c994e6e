//! What one save does to a record, whatever its kind.

use minicbor::data::Type;
use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};

use super::fields::{self, FieldEdit, Written};
use super::outreach_visit::{self, VisitEdit};
use super::write::NewChange;
use crate::crdt::confirmation::CONFIRMATION;
use crate::crdt::{Document, Kind};
use crate::domain::date::Millis;
use crate::domain::error::Problem;
use crate::domain::ward::WardRef;
use crate::ids::{ActorId, DocumentId};

/// The edits of one save, in order.
///
/// As CBOR: an array for a visit, as phones kept it when there was no other kind; `{1: [edits]}` for every other.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Edits {
    /// Of a visit.
    Visit(Vec<VisitEdit>),
    /// Of any other record.
    Fields(Vec<FieldEdit>),
}

impl From<Vec<VisitEdit>> for Edits {
    fn from(edits: Vec<VisitEdit>) -> Self {
        Self::Visit(edits)
    }
}

impl From<Vec<FieldEdit>> for Edits {
    fn from(edits: Vec<FieldEdit>) -> Self {
        Self::Fields(edits)
    }
}

impl Edits {
    /// Carries the save out: all edits become one change by `actor`, claimed at `at`. `None` when nothing differs from what
    /// the document says already.
    ///
    /// # Errors
    /// Those of [`outreach_visit::edit`] and [`fields::edit`]; nothing is changed then.
    pub fn apply(
        &self,
        document: &mut Document,
        actor: ActorId,
        at: Millis,
    ) -> Result<Option<NewChange>, Problem> {
        match self {
            Self::Visit(edits) => outreach_visit::edit(document, actor, at, edits),
            Self::Fields(edits) => fields::edit(document, actor, at, edits),
        }
    }

    /// These edits, naming the ward in which the record is made unless they do.
    #[must_use]
    pub fn made_in(self, ward: WardRef) -> Self {
        match self {
            Self::Visit(mut edits) => {
                if !edits.iter().any(|edit| matches!(edit, VisitEdit::Ward(_))) {
                    edits.insert(0, VisitEdit::Ward(ward));
                }
                Self::Visit(edits)
            }
            Self::Fields(mut edits) => {
                let named = |edit: &FieldEdit| edit.slot().is_some_and(|slot| slot == "ward");
                if !edits.iter().any(named) {
                    edits.insert(0, FieldEdit::text("ward", &ward.to_string()));
                }
                Self::Fields(edits)
            }
        }
    }

    /// Whether they say who leads the record or took part in it.
    #[must_use]
    pub fn name_organisations(&self) -> bool {
        match self {
            Self::Visit(edits) => {
                edits.iter().any(|edit| matches!(edit, VisitEdit::Lead(_) | VisitEdit::CoOrganiser(..)))
            }
            Self::Fields(edits) => edits
                .iter()
                .filter_map(FieldEdit::slot)
                .any(|slot| slot == "lead" || slot.starts_with("co_organisers ")),
        }
    }

    /// Whether they say at which place it was, of records written by fields.
    #[must_use]
    pub fn name_place(&self) -> bool {
        match self {
            Self::Visit(_) => false,
            Self::Fields(edits) => edits.iter().filter_map(FieldEdit::slot).any(|slot| slot == "place"),
        }
    }

    /// The edit that says of a record of this kind that the counts of another stand for it; `None` takes that back.
    #[must_use]
    pub fn same_as(kind: Kind, other: Option<DocumentId>) -> Self {
        match kind {
            Kind::OutreachVisit => Self::Visit(vec![VisitEdit::SameAs(other)]),
            _ => {
                let other = other.map(|other| Written::Text(other.to_string()));
                Self::Fields(vec![FieldEdit::Register("same_as".to_owned(), other)])
            }
        }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Visit(edits) => edits.is_empty(),
            Self::Fields(edits) => edits.is_empty(),
        }
    }

    /// These edits, and then `later` ones of the same record: what those write over is left out. What is said of a record
    /// stands alone in its save, about a state that is no more: of edits and a confirmation the edits stay.
    #[must_use]
    pub fn then(self, later: &Self) -> Self {
        if self.confirm() {
            return later.clone();
        }
        if later.confirm() && !self.is_empty() {
            return self;
        }
        match (self, later) {
            (Self::Visit(before), Self::Visit(later)) => {
                let mut all = VisitEdit::without_written_over(before, later);
                all.extend(later.iter().cloned());
                Self::Visit(all)
            }
            (Self::Fields(before), Self::Fields(later)) => {
                let mut all = FieldEdit::without_written_over(before, later);
                all.extend(later.iter().cloned());
                Self::Fields(all)
            }
            // A record is of one kind: the edits of the other belong to nothing.
            (_, later) => later.clone(),
        }
    }

    /// Whether they say of the record that it is right, or what is missing.
    #[must_use]
    pub fn confirm(&self) -> bool {
        match self {
            Self::Visit(edits) => edits.iter().any(|edit| matches!(edit, VisitEdit::Confirmation(_))),
            Self::Fields(edits) => edits.iter().filter_map(FieldEdit::slot).any(|slot| slot == CONFIRMATION),
        }
    }

    /// These edits without what `later` ones of the same record write over.
    #[must_use]
    pub fn without_written_over(self, later: &Self) -> Self {
        match (self, later) {
            (Self::Visit(before), Self::Visit(later)) => {
                Self::Visit(VisitEdit::without_written_over(before, later))
            }
            (Self::Fields(before), Self::Fields(later)) => {
                Self::Fields(FieldEdit::without_written_over(before, later))
            }
            (before, _) => before,
        }
    }
}

impl<C> Encode<C> for Edits {
    fn encode<W: encode::Write>(
        &self,
        e: &mut Encoder<W>,
        ctx: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        match self {
            Self::Visit(edits) => edits.encode(e, ctx),
            Self::Fields(edits) => {
                e.map(1)?.u8(1)?;
                edits.encode(e, ctx)
            }
        }
    }
}

impl<'b, C> Decode<'b, C> for Edits {
    fn decode(d: &mut Decoder<'b>, ctx: &mut C) -> Result<Self, decode::Error> {
        if d.datatype()? == Type::Array {
            return Vec::decode(d, ctx).map(Self::Visit);
        }
        match (d.map()?, d.u8()?) {
            (Some(1), 1) => Vec::decode(d, ctx).map(Self::Fields),
            _ => Err(decode::Error::message("edits of a newer app")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to_bytes<T: Encode<()>>(value: &T) -> Vec<u8> {
        minicbor::to_vec(value).unwrap_or_default()
    }

    fn from_bytes(bytes: &[u8]) -> Option<Edits> {
        minicbor::decode(bytes).ok()
    }

    #[test]
    fn edits_of_a_visit_are_kept_as_they_always_were() {
        let visit = vec![VisitEdit::Notes("a".to_owned())];
        assert_eq!(to_bytes(&Edits::from(visit.clone())), to_bytes(&visit));
        assert_eq!(from_bytes(&to_bytes(&visit)), Some(Edits::Visit(visit)));
    }

    #[test]
    fn edits_of_other_records_come_back() {
        let edits =
            Edits::from(vec![FieldEdit::text("year", "2026"), FieldEdit::Tap("a.tally".to_owned(), 2)]);
        assert_eq!(from_bytes(&to_bytes(&edits)), Some(edits));
        assert!(from_bytes(&[0xa1, 0x02, 0x80]).is_none());
    }

    #[test]
    fn later_edits_write_over_and_taps_add_up() {
        let tap = FieldEdit::Tap("a.tally".to_owned(), 1);
        let before = Edits::from(vec![FieldEdit::text("year", "2025"), tap.clone()]);
        let later = Edits::from(vec![FieldEdit::text("year", "2026"), tap.clone()]);
        let expected = vec![tap.clone(), FieldEdit::text("year", "2026"), tap];
        assert_eq!(before.then(&later), Edits::Fields(expected));
    }
}
