//! Looks at each item of a batch by itself: the gate, the rules, and which document it belongs to.

use std::collections::HashMap;

use donghanh_shared::command::Command;
use donghanh_shared::crdt::chunk::{Object, Op};
use donghanh_shared::crdt::confirmation::says;
use donghanh_shared::crdt::gate::{self, CheckedChange};
use donghanh_shared::crdt::{Kind, root, rules};
use donghanh_shared::domain::date::Millis;
use donghanh_shared::domain::error::Code;
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::{ChangeHash, CommandId, DocumentId};
use donghanh_shared::sync::wire::{Answer, PushItem};
use sha2::{Digest as _, Sha256};

use crate::store::SetAside;

/// A batch, sorted.
#[derive(Debug, Default)]
pub struct Sorted {
    /// What belongs to one document each.
    pub groups: Vec<Group>,
    /// Commands to the register, in order.
    pub register: Vec<(usize, CommandId, Command)>,
    /// Items whose answer is certain already.
    pub certain: Vec<(usize, Answer)>,
    /// Changes refused for what they are.
    pub refused: Vec<SetAside>,
}

/// The items of one document, in the order of the batch.
#[derive(Debug)]
pub struct Group {
    /// The document.
    pub document: DocumentId,
    /// Its items, each with its place in the batch.
    pub items: Vec<(usize, Item)>,
}

/// An item of a document.
#[derive(Debug)]
pub enum Item {
    /// A change that passed the gate.
    Change(Box<JudgedChange>),
    /// The fixed root, byte for byte.
    Root {
        /// Of this generation.
        generation: u32,
    },
    /// A command about its placement, and when it was given, by the clock of the phone.
    Placement(CommandId, Millis, Command),
}

/// A change with what the rules say about it. Its operations are dropped once judged: a few bytes can stand for many.
#[derive(Debug)]
pub struct JudgedChange {
    /// The generation it was sent for.
    pub generation: u32,
    /// The change.
    pub change: CheckedChange,
    /// By kind of document: why it is refused; absent kinds take it.
    pub refused_by: Vec<(Kind, Code)>,
    /// Whether it takes the record out, or back.
    pub archives: bool,
}

impl Group {
    /// Its changes.
    pub fn changes(&self) -> impl Iterator<Item = &CheckedChange> {
        self.items.iter().filter_map(|(_, item)| match item {
            Item::Change(judged) => Some(&judged.change),
            _ => None,
        })
    }

    /// Its commands.
    pub fn commands(&self) -> impl Iterator<Item = (CommandId, &Command)> {
        self.items.iter().filter_map(|(_, item)| match item {
            Item::Placement(id, _, command) => Some((*id, command)),
            _ => None,
        })
    }
}

/// Sorts a batch received at this moment.
pub fn sort(items: Vec<PushItem>, received: Millis) -> Sorted {
    let mut sorted = Sorted::default();
    let mut places: HashMap<DocumentId, usize> = HashMap::new();
    for (index, item) in items.into_iter().enumerate() {
        let (document, item) = match item {
            PushItem::Change { document, generation, bytes } => {
                match judge(document, generation, bytes.into(), received) {
                    Ok(item) => (document, item),
                    Err((code, aside)) => {
                        sorted.certain.push((index, Answer::refused(code)));
                        sorted.refused.extend(aside);
                        continue;
                    }
                }
            }
            PushItem::Command { id, at, command } => match command.document() {
                Some(document) => (document, Item::Placement(id, at, command)),
                None => {
                    sorted.register.push((index, id, command));
                    continue;
                }
            },
        };
        let place = *places.entry(document).or_insert_with(|| {
            sorted.groups.push(Group { document, items: Vec::new() });
            sorted.groups.len() - 1
        });
        sorted.groups[place].items.push((index, item));
    }
    sorted
}

fn judge(
    document: DocumentId,
    generation: u32,
    bytes: Vec<u8>,
    received: Millis,
) -> Result<Item, (Code, Option<SetAside>)> {
    if Kind::ALL.iter().any(|kind| root::is_root(&bytes, *kind, document, generation)) {
        return Ok(Item::Root { generation });
    }
    let aside = |hash, bytes, code: Code| SetAside { hash, document, code: code.code().to_owned(), bytes };
    let mut change = match gate::check(bytes.clone()) {
        Ok(change) => change,
        Err(problem) => {
            let aside = intact_hash(&bytes).map(|hash| aside(hash, bytes, problem.code));
            return Err((problem.code, aside));
        }
    };
    drop(bytes);
    let refused_by: Vec<(Kind, Code)> = Kind::ALL
        .iter()
        .filter_map(|kind| {
            rules::check_change(*kind, &change, received).err().map(|problem| (*kind, problem.code))
        })
        .collect();
    let archives = change.chunk.ops.iter().any(archives);
    // The right to what it says of the record is asked for when it is merged.
    change.chunk.ops.retain(says);
    Ok(Item::Change(Box::new(JudgedChange { generation, change, refused_by, archives })))
}

/// Whether an operation takes the record out, or back: `archived` of the record itself, whatever its kind.
fn archives(op: &Op) -> bool {
    op.object == Object::Root && op.key.as_deref() == Some("archived")
}

/// The hash, when the chunk arrived as it was made: what was damaged on its way must not be refused for ever.
fn intact_hash(bytes: &[u8]) -> Option<ChangeHash> {
    let content = bytes.get(8..)?;
    let hash: [u8; 32] = Sha256::digest(content).into();
    (bytes[4..8] == hash[..4]).then_some(ChangeHash(hash))
}
