//! The edits that say of a record that it is right, or what is missing in it.

use super::Edits;
use super::fields::{FieldEdit, Written};
use super::outreach_visit::VisitEdit;
use crate::crdt::Kind;
use crate::crdt::confirmation::CONFIRMATION;
use crate::domain::confirmation::Confirmation;

/// Says it of a record of this kind; `None` takes back what was said. It is about the state of the document in which it is
/// written, so it stands alone in its save.
#[must_use]
pub fn said(kind: Kind, what: Option<&Confirmation>) -> Edits {
    let text = what.map(ToString::to_string);
    match kind {
        Kind::OutreachVisit => vec![VisitEdit::Confirmation(text)].into(),
        _ => vec![FieldEdit::Register(CONFIRMATION.to_owned(), text.map(Written::Text))].into(),
    }
}
