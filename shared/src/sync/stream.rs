//! The stream of changes of one actor. An actor numbers its changes in each document, and a number is used once: two changes of
//! one number shut each other out wherever both arrive. A document may come back to a device without what it wrote there (it
//! had left with a right that ended, and the server was put back since, or the last save was given up); then it is time for
//! another actor.

use std::collections::HashMap;

use crate::crdt::Document;
use crate::ids::{ChangeHash, DocumentId};

/// What an actor wrote last in each document since it was taken.
#[derive(Clone, Debug, Default)]
pub struct Stream {
    last: HashMap<DocumentId, ChangeHash>,
}

impl Stream {
    /// Whether the actor may go on in this document: everything that it wrote there is in it.
    #[must_use]
    pub fn goes_on(&self, document: &Document) -> bool {
        self.last.get(&document.id()).is_none_or(|last| document.contains(last))
    }

    /// Notes what the actor wrote, once that is kept.
    pub fn wrote(&mut self, document: DocumentId, change: ChangeHash) {
        self.last.insert(document, change);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crdt::Kind;

    #[test]
    fn an_actor_goes_on_only_where_everything_is_that_it_wrote() {
        let [one, other] = [DocumentId([1; 16]), DocumentId([2; 16])];
        let mut document = Document::create(Kind::OutreachVisit, one, 0);
        let mut stream = Stream::default();
        assert!(stream.goes_on(&document));
        let root = document.heads()[0];
        stream.wrote(one, root);
        assert!(stream.goes_on(&document));
        stream.wrote(one, ChangeHash([7; 32]));
        assert!(!stream.goes_on(&document), "it came back without it");
        document = Document::create(Kind::OutreachVisit, other, 0);
        assert!(stream.goes_on(&document), "of another it says nothing");
    }
}
