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
use crate::store::{Batch, OutboxEntry, Outcome, Payload, Refusal, StoredPhoto};

/// Pictures kept after they were sent, the newest ones.
const KEPT: usize = 40;
/// How long a picture may wait for nothing and belong to no draft: its form was thrown away, or never saved.
const LOOSE_MS: i64 = 3 * 24 * 3_600_000;

/// What to do about a picture that waits.
enum Fate {
    /// Not yet: its record is not through, or the connection is gone.
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
            let fate = self.send_photo(document, *photo).await?;
            // The person may have taken it out meanwhile; then its entry is gone, and stays gone.
            let outbox = self.store.outbox().await?;
            if matches!(fate, Fate::Later) || !outbox.iter().any(|(still, _)| *still == number) {
                continue;
            }
            let alone = outbox.iter().filter(|(_, other)| other.document == Some(document)).count() == 1;
            self.settle_photo((number, entry), fate, alone).await?;
        }
        Ok(())
    }

    async fn settle_photo(&self, entry: (u64, OutboxEntry), fate: Fate, alone: bool) -> Result<(), Problem> {
        let (number, entry) = entry;
        let (Payload::Photo { photo }, Some(document)) = (&entry.payload, entry.document) else {
            return Ok(());
        };
        let mut batch = Batch::default();
        match fate {
            Fate::Later => return Ok(()),
            Fate::Sent => {
                batch.outbox_drop.push(number);
                let about = StoredPhoto { document: Some(document), at: entry.at, sent: true };
                batch.photos.push((*photo, about));
                let record = self.store.record(document).await?.filter(|record| record.scopes.is_empty());
                // The picture was the last that kept a record here which no scope covers any more.
                batch.dropped.extend(record.filter(|_| alone).map(|record| (document, record.revision)));
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
        if self.store.commit(&batch).await? != Outcome::Stale {
            self.announce(batch);
        }
        Ok(())
    }

    /// Whether the record as it lies here lists the picture; `None` when it is not here or cannot be read.
    async fn lists(&self, document: DocumentId, photo: PhotoId) -> Result<Option<bool>, Problem> {
        let Some(record) = self.store.record(document).await? else { return Ok(None) };
        if record.digest.is_none() || browser::crashed().contains(&document) {
            return Ok(None);
        }
        let loaded = browser::in_hand(document, || Document::load(&record.bytes));
        Ok(loaded.ok().map(|document| document.visit().photos.contains_key(&photo)))
    }

    async fn send_photo(&self, document: DocumentId, photo: PhotoId) -> Result<Fate, Problem> {
        // Behind everything else of its record: the server takes a picture only for a record that lists it.
        let outbox = self.store.outbox().await?;
        let others = |(_, entry): &(u64, OutboxEntry)| {
            entry.document == Some(document) && !matches!(entry.payload, Payload::Photo { .. })
        };
        if outbox.iter().any(others) {
            return Ok(Fate::Later);
        }
        match self.lists(document, photo).await? {
            None => return Ok(Fate::Later),
            Some(false) => return Ok(Fate::TakenOut),
            Some(true) => {}
        }
        let Some(bytes) = self.store.photo(photo).await? else {
            return Ok(Fate::Refused(Code::PhotoUnreadable));
        };
        let mut sent = self.send_pieces(document, photo, &bytes).await;
        if sent.as_ref().is_err_and(|problem| problem.code == Code::PhotoDamaged) {
            sent = self.send_pieces(document, photo, &bytes).await;
        }
        Ok(match sent {
            Ok(true) => Fate::Sent,
            Ok(false) => Fate::Later,
            Err(problem) => match problem.code {
                code @ (Code::PhotoNotAllowed | Code::PhotosTooMany | Code::PhotoTooLarge) => {
                    Fate::Refused(code)
                }
                // Twice another picture than the one announced: it was damaged here.
                Code::PhotoDamaged => Fate::Refused(Code::PhotoUnreadable),
                Code::NotFound if self.lists(document, photo).await? == Some(false) => Fate::TakenOut,
                _ => Fate::Later,
            },
        })
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
        let outbox = self.store.outbox().await?;
        let waits =
            |id: &PhotoId| outbox.iter().any(|(_, entry)| entry.payload == Payload::Photo { photo: *id });
        let old = browser::now() - LOOSE_MS;
        let loose =
            |id: &PhotoId, about: &StoredPhoto| !about.sent && about.at < old && !in_draft(id) && !waits(id);
        let sent = all.iter().filter(|(_, about)| about.sent).skip(KEPT);
        let gone = sent.chain(all.iter().filter(|(id, about)| loose(id, about)));
        let batch = Batch { photos_drop: gone.map(|(id, _)| *id).collect(), ..Batch::default() };
        self.store.commit(&batch).await.map(drop)
    }
}
