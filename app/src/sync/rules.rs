//! The dated rules of after-care, and with them the directory of services, on their way to the phone: asked for beside the sync, by version, and kept together with
//! the lines of the cases that they draw anew.

use std::sync::Arc;

use donghanh_shared::crdt::{Document, Kind};
use donghanh_shared::domain::error::Problem;
use donghanh_shared::sync::wire::to_bytes;

use super::driver::{Driver, Notice};
use super::transport::read;
use crate::browser::{self, Slices};
use crate::store::{Batch, KeptRules, Line, Outcome, RULES, RecordWrite};

/// Pause between two questions, in milliseconds: rules change a few times a year.
const PAUSE_MS: i64 = 60_000;

impl Driver {
    /// Asks for rules that this phone does not have yet. Without an answer it goes on by those it has.
    pub(super) async fn look_up_rules(&self) {
        let now = browser::now();
        let asked_lately =
            now.saturating_sub(self.asked_rules_at.get()).unsigned_abs() < PAUSE_MS.unsigned_abs();
        if asked_lately {
            return;
        }
        self.asked_rules_at.set(now);
        if let Err(problem) = self.take_newer_rules().await {
            browser::warn(&format!("rules of after-care: {problem}"));
        }
    }

    async fn take_newer_rules(&self) -> Result<(), Problem> {
        let before = self.store.rules();
        let path = format!("/api/v1/aftercare/rules/in-force?known={}", before.version);
        let answer = self.transport.get_text(&path).await?;
        if answer.is_empty() {
            return Ok(());
        }
        self.store.go_by(Arc::new(read::<KeptRules>(answer.as_bytes())?));
        let kept = self.keep_rules().await;
        if kept.is_err() {
            self.store.go_by(before);
        }
        kept
    }

    /// Keeps the rules that hold now, and with them the lines of all cases: they say by the rules how a case stands.
    async fn keep_rules(&self) -> Result<(), Problem> {
        loop {
            let records = self.cases_drawn_anew().await?;
            let meta = vec![(RULES, to_bytes(&*self.store.rules()))];
            let batch = Batch { records, meta, ..Batch::default() };
            if self.store.commit(&batch).await? == Outcome::Stale {
                continue;
            }
            self.tell(Notice::Rules);
            self.announce(batch);
            return Ok(());
        }
    }

    async fn cases_drawn_anew(&self) -> Result<Vec<RecordWrite>, Problem> {
        let lines = self.store.begin().await?.lines;
        let cores =
            lines.into_iter().filter_map(|line| line.care).filter(|care| care.kind() == Kind::AftercareCase);
        let ids: Vec<_> = cores.map(|core| core.id).collect();
        let rules = self.store.rules();
        let mut writes = Vec::with_capacity(ids.len());
        let mut slices = Slices::begin();
        for (id, record) in ids.iter().zip(self.store.records(&ids).await?) {
            let Some(record) = record else { continue };
            let Ok(document) = browser::in_hand(*id, || Document::load(&record.bytes)) else { continue };
            let line = Line::of_record(&document, record.case, &rules.rules);
            writes.push(RecordWrite { id: *id, expected: Some(record.revision), record, line });
            slices.turn().await;
        }
        Ok(writes)
    }
}
