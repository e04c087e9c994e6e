//! Sending pictures: after the records, piece by piece, each from where the last one ended, so that a cut costs one
//! piece and a picture never holds up a record. What this phone need not keep is let go of here too.

use std::rc::Rc;

use donghanh_shared::crdt::Document;
use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::domain::photo::MAX_PIECE_BYTES;
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::{DocumentId, PhotoId};

use super::driver::{Driver, Notice};
use crate::browser;
use crate::store::{Batch, OutboxEntry, Payload, Refusal, StoredPhoto};

/// Pictures kept after they were sent, the newest ones.
const KEPT: usize = 40;
/// How long a picture may belong to no record and no draft: its form was thrown away, or never saved.
const LOOSE_MS: i64 = 3 * 24 * 3_600_000;

/// What to do about a picture that waits.
enum Fate {
    /// Not yet: its record is not on the server, or the connection is gone.
    Later,
    /// It is there.
    Sent,
    /// Its record does not list it any more.
    TakenOut,
    /// The server will not take it.
    Refused(Code),
}

impl Driver {
    /// Sends every picture that waits; called whenever the records are through.
    pub(super) async fn send_photos(self: Rc<Self>) {
        if self.sending_photos.replace(true) {
            return;
        }
        // What fails stays in the outbox, and the next round comes back to it.
        if let Err(problem) = self.send_all_photos().await {
            browser::warn(&format!("photos: {problem}"));
        }
        self.sending_photos.set(false);
    }

    async fn send_all_photos(&self) -> Result<(), Problem> {
        for (number, entry) in self.store.outbox().await? {
            let (Payload::Photo { photo }, Some(document), true) =
                (&entry.payload, entry.document, entry.waits())
            else {
                continue;
            };
            let mut batch = Batch::default();
            match self.send_photo(document, *photo).await? {
                Fate::Later => continue,
                Fate::Sent => {
                    batch.outbox_drop.push(number);
                    let about = StoredPhoto { document: Some(document), at: entry.at, sent: true };
                    batch.photos.push((*photo, about));
                }
                Fate::TakenOut => {
                    batch.outbox_drop.push(number);
                    batch.photos_drop.push(*photo);
                }
                Fate::Refused(code) => {
                    let refused = Some(Refusal { code: code.code().to_owned(), at: browser::now() });
                    batch.outbox_put.push((number, OutboxEntry { refused, ..entry }));
                }
            }
            self.store.commit(&batch).await?;
            self.tell(Notice::Outbox);
        }
        Ok(())
    }

    async fn send_photo(&self, document: DocumentId, photo: PhotoId) -> Result<Fate, Problem> {
        let Some(record) = self.store.record(document).await? else {
            return Ok(Fate::Refused(Code::NotFound));
        };
        if record.digest.is_none() {
            return Ok(Fate::Later);
        }
        let listed = browser::in_hand(document, || Document::load(&record.bytes))?.visit().photos;
        if !listed.contains_key(&photo) {
            return Ok(Fate::TakenOut);
        }
        let Some(bytes) = self.store.photo(photo).await? else {
            return Ok(Fate::Refused(Code::PhotoUnreadable));
        };
        match self.send_pieces(document, photo, &bytes).await {
            Ok(true) => Ok(Fate::Sent),
            Ok(false) => Ok(Fate::Later),
            Err(problem) => Ok(match problem.code {
                code @ (Code::NotFound | Code::PhotoNotAllowed | Code::PhotoTooLarge) => Fate::Refused(code),
                _ => Fate::Later,
            }),
        }
    }

    /// Whether all of it arrived.
    async fn send_pieces(&self, document: DocumentId, photo: PhotoId, bytes: &[u8]) -> Result<bool, Problem> {
        // An empty piece asks where a cut upload goes on.
        let (mut at, mut whole) = self.transport.send_piece(document, photo, bytes.len(), 0, &[]).await?;
        while !whole {
            let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) else { return Ok(false) };
            let piece = &rest[..rest.len().min(MAX_PIECE_BYTES)];
            let sent = self.transport.send_piece(document, photo, bytes.len(), at, piece).await?;
            self.tell(Notice::Contact(browser::now()));
            if sent.0 <= at && !sent.1 {
                return Ok(false);
            }
            (at, whole) = sent;
        }
        Ok(true)
    }

    /// Lets go of pictures that nothing needs here: sent ones beyond the newest, and loose ones after some days.
    pub(super) async fn tidy_photos(&self) -> Result<(), Problem> {
        let mut all = self.store.photos().await?;
        all.sort_by_key(|(_, about)| std::cmp::Reverse(about.at));
        let drafts = self.store.drafts().await?;
        let in_draft = |id: &PhotoId| {
            let name = id.to_string();
            drafts.iter().any(|(_, draft)| draft.windows(name.len()).any(|part| part == name.as_bytes()))
        };
        let old = browser::now() - LOOSE_MS;
        let loose =
            |id: &PhotoId, about: &StoredPhoto| about.document.is_none() && about.at < old && !in_draft(id);
        let sent = all.iter().filter(|(_, about)| about.sent).skip(KEPT);
        let gone = sent.chain(all.iter().filter(|(id, about)| loose(id, about)));
        let batch = Batch { photos_drop: gone.map(|(id, _)| *id).collect(), ..Batch::default() };
        self.store.commit(&batch).await.map(drop)
    }
}
