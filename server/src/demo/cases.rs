//! The demo's cases of after-care, as their officers' and helpers' phones send them.

use std::collections::BTreeMap;

use donghanh_shared::command::Command;
use donghanh_shared::command::fields::edit;
use donghanh_shared::crdt::{Document, Kind};
use donghanh_shared::domain::error::Problem;
use donghanh_shared::ids::{CommandId, DocumentId};
use donghanh_shared::sync::wire::PushItem;
use donghanh_testkit::{CareSave, GeneratedCase};

use super::{Round, actor};
use crate::auth::secrets::random;

/// What officers send first, then what helpers send, who look after the case from then on, then the moves to the wards of
/// today. Every document of a case is written by one person.
pub fn rounds(cases: &[GeneratedCase]) -> Result<[Round; 3], Problem> {
    let mut rounds = [Round::new(), Round::new(), Round::new()];
    for case in cases {
        let mut documents: BTreeMap<DocumentId, Document> = BTreeMap::new();
        for save in &case.saves {
            let round = usize::from(save.by != case.officer);
            let items = self::save(case, save, &mut documents)?;
            rounds[round].entry(save.by).or_default().push(items);
        }
        if case.ward != case.begun_in {
            let moved = Command::MoveDocument { document: case.core, ward: case.ward };
            rounds[2].entry(case.officer).or_default().push(vec![command(case, moved)?]);
        }
    }
    Ok(rounds)
}

fn command(case: &GeneratedCase, command: Command) -> Result<PushItem, Problem> {
    let at = case.saves.first().map_or(0, |save| save.at);
    Ok(PushItem::Command { id: CommandId(random()?), at, command })
}

fn save(
    case: &GeneratedCase,
    save: &CareSave,
    documents: &mut BTreeMap<DocumentId, Document>,
) -> Result<Vec<PushItem>, Problem> {
    let (document, kind) = (save.document, save.kind);
    let mut items = Vec::new();
    if !documents.contains_key(&document) {
        items.push(command(
            case,
            if kind == Kind::AftercareCase {
                Command::CreateDocument { document, kind, ward: case.begun_in }
            } else {
                Command::CreateInCase { document, kind, case: case.core }
            },
        )?);
        if let Some(person) = case.helper.filter(|_| kind == Kind::AftercareCase) {
            items.push(command(case, Command::AssignHelper { case: case.core, person })?);
        }
    }
    let written = documents.entry(document).or_insert_with(|| Document::create(kind, document, 0));
    if let Some(change) = edit(written, actor(save.by), save.at, &save.edits)? {
        items.push(PushItem::Change { document, generation: 0, bytes: change.bytes.into() });
    }
    Ok(items)
}
