//! What the model hears of what passes between devices and the server, and what must not be said there.

use donghanh_shared::command::Command;
use donghanh_shared::domain::error::Code;
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::DocumentId;
use donghanh_shared::sync::wire::{Answer, PullItem, PullPage, PushAnswer, PushItem, from_bytes};

use crate::canary::push_of;
use crate::oracle;
use crate::template::Credentials;
use crate::world::World;

impl World<'_> {
    /// The answers to a push.
    pub(crate) fn hear_push(&mut self, who: &Credentials, body: &[u8], answer: &[u8]) {
        let (Some(request), Ok(answer)) = (push_of(body), from_bytes::<PushAnswer>(answer)) else { return };
        let is_first = self.answered.insert(body.to_vec());
        self.hear_answers(who, is_first, request.items.iter().zip(&answer.answers).collect());
    }

    /// What became of items; `is_first`: they were not answered in this batch before.
    pub(crate) fn hear_answers(
        &mut self,
        who: &Credentials,
        is_first: bool,
        mut heard: Vec<(&PushItem, &Answer)>,
    ) {
        // The server places a core before the parts that stand before it in the same batch.
        heard.sort_by_key(|(item, _)| {
            !matches!(item, PushItem::Command { command: Command::CreateDocument { .. }, .. })
        });
        for (item, answer) in heard {
            match (item, answer) {
                (PushItem::Command { id, command, .. }, Answer::Ok(_)) => {
                    self.model.done(who.name, *id, command)
                }
                (PushItem::Change { document, bytes, .. }, Answer::Ok(_) | Answer::Duplicate) => {
                    self.model.is_there(*document, bytes);
                }
                (PushItem::Change { document, .. }, Answer::Refused { code, .. }) if is_first => {
                    self.hear_refusal(who, *document, code);
                }
                _ => {}
            }
        }
    }

    /// A change may be refused for who sent it, for an erased case, for what it builds on: for nothing else that happens here.
    fn hear_refusal(&mut self, who: &Credentials, document: DocumentId, code: &str) {
        let is_explained = if code == Code::NotAllowed.code() {
            !self.model.may_write(who.name, document)
        } else if code == Code::DocumentErased.code() {
            self.model.is_erased(document)
        } else {
            [Code::DependsOnRefused, Code::ActorForeign, Code::DocumentUnknown]
                .iter()
                .any(|one| one.code() == code)
        };
        if !is_explained {
            let what = format!("a change of {document} by {} is refused without a reason: {code}", who.name);
            self.model.find(oracle::Fault::Lost, what);
        }
    }

    /// What is in a page.
    pub(crate) fn hear_page(&mut self, who: &Credentials, body: &[u8]) {
        let Ok(page) = from_bytes::<PullPage>(body) else { return };
        for item in &page.items {
            let (PullItem::Snapshot { document, .. } | PullItem::Changes { document, .. }) = item else {
                continue;
            };
            if self.model.is_erased(*document) {
                self.model.find(oracle::Fault::Resurrected, format!("{} is sent {document}", who.name));
            } else if !self.model.may_read(who.name, *document) {
                self.model.find(oracle::Fault::Leaked, format!("{} is sent {document}", who.name));
            }
        }
    }
}
