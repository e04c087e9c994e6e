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
        let path = format!("/api/v1/aftercare/rules/in-force?known={}", self.store.rules().version);
        let answer = self.transport.get_text(&path).await?;
        if answer.is_empty() {
            return Ok(());
        }
        self.keep_rules(Arc::new(read::<KeptRules>(answer.as_bytes())?)).await
    }

    /// Keeps newer rules, and with them the lines of all cases: they say by the rules how a case stands. The phone goes by
    /// them once they are durable; whoever reads the store until then goes by what it says.
    async fn keep_rules(&self, newer: Arc<KeptRules>) -> Result<(), Problem> {
        loop {
            let records = self.cases_drawn_anew(&newer).await?;
            let meta = vec![(RULES, to_bytes(&*newer))];
            let batch = Batch { records, meta, ..Batch::default() };
            if self.store.commit(&batch).await? == Outcome::Stale {
                continue;
            }
            self.store.go_by(newer);
            self.tell(Notice::Rules);
            self.announce(batch);
            return Ok(());
        }
    }

    async fn cases_drawn_anew(&self, rules: &KeptRules) -> Result<Vec<RecordWrite>, Problem> {
        let lines = self.store.begin().await?.lines;
        let cores =
            lines.into_iter().filter_map(|line| line.care).filter(|care| care.kind() == Kind::AftercareCase);
        let ids: Vec<_> = cores.map(|core| core.id).collect();
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
