//! Merging in a process of its own: the same result as here, and what it dies of is refused while the rest goes on.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use donghanh_server::merger::Merger;
use donghanh_shared::command::Edits;
use donghanh_shared::command::outreach_visit::VisitEdit;
use donghanh_shared::crdt::gate::{self, CheckedChange};
use donghanh_shared::crdt::merge::Base;
use donghanh_shared::crdt::{Document, Kind};
use donghanh_shared::domain::error::Code;
use donghanh_shared::ids::{ActorId, DocumentId};
use donghanh_testkit::bench_workload;

const ID: DocumentId = DocumentId([7; 16]);
const LAN: ActorId = ActorId([1; 16]);
const MINH: ActorId = ActorId([2; 16]);

fn program() -> PathBuf {
    env!("CARGO_BIN_EXE_donghanh").into()
}

fn save(document: &mut Document, actor: ActorId, edits: Vec<VisitEdit>) -> CheckedChange {
    let change = Edits::from(edits).apply(document, actor, 1_760_000_000_000).expect("written");
    gate::check(change.expect("differs").bytes).expect("gate")
}

fn base(id: DocumentId) -> Base<'static> {
    Base { kind: Kind::OutreachVisit, id, generation: 0, bytes: None }
}

#[test]
fn apart_comes_to_the_same_as_here() {
    let (here, apart) = (Merger::here(), Merger::apart_by(program()));
    for visit in bench_workload(2, 10, 5).into_iter().flatten() {
        let mut document = Document::create(Kind::OutreachVisit, visit.document, 0);
        let changes: Vec<CheckedChange> =
            visit.saves.into_iter().map(|save_| save(&mut document, LAN, save_.edits)).collect();
        let (first, rest) = changes.split_at(2);
        let first: Vec<_> = first.iter().collect();
        let merged = apart.merge(base(visit.document), &first).expect("merges");
        assert_eq!(merged, here.merge(base(visit.document), &first).expect("merges"));
        let stored = merged.0.bytes.to_vec();
        let on = Base { bytes: Some(&stored), ..base(visit.document) };
        // In the wrong order, and one of them once more.
        let rest: Vec<_> = rest.iter().rev().chain(&changes[..1]).collect();
        let merged = apart.merge(on, &rest).expect("merges");
        assert_eq!(merged, here.merge(on, &rest).expect("merges"));
        assert_eq!((merged.0.accepted.len(), merged.0.known.len()), (3, 1));
    }
}

#[test]
fn a_change_that_the_process_dies_of_is_refused_with_what_builds_on_it_and_the_others_stay() {
    // Memory enough for small changes; a note of many thousand letters does not fit.
    let folder = tempfile::tempdir().expect("a folder");
    let apart = Merger::apart_by(script(folder.path(), "ulimit -d 2600"));

    let mut document = Document::create(Kind::OutreachVisit, ID, 0);
    let mut other = document.clone();
    let small = save(&mut document, LAN, vec![VisitEdit::Archived(Some("trùng".into()))]);
    let killer = save(&mut document, LAN, vec![VisitEdit::Notes("ghi chú ".repeat(490))]);
    let on_it = save(&mut document, LAN, vec![VisitEdit::Archived(None)]);
    let of_minh = save(&mut other, MINH, vec![VisitEdit::Archived(Some("nhầm".into()))]);

    let all = [&on_it, &killer, &of_minh, &small];
    let (merged, refused) = apart.merge(base(ID), &all).expect("the others merge");
    assert_eq!(merged.accepted.len(), 2);
    assert!(merged.accepted.contains(&small.hash) && merged.accepted.contains(&of_minh.hash));
    assert_eq!(refused, [(killer.hash, Code::ChangeMalformed), (on_it.hash, Code::DependsOnRefused)]);
    // Where there is room, nobody dies.
    let (merged, refused) = Merger::apart_by(program()).merge(base(ID), &all).expect("merges");
    assert_eq!((merged.accepted.len(), refused), (4, Vec::new()));
}

/// The program behind a line of shell.
fn script(folder: &Path, line: &str) -> PathBuf {
    let script = folder.join("worker");
    let text = format!("#!/bin/sh\n{line}\nexec {} \"$@\"\n", program().display());
    std::fs::write(&script, text).expect("written");
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o700)).expect("a program");
    script
}

#[test]
fn a_process_that_somebody_ended_refuses_nobody() {
    let folder = tempfile::tempdir().expect("a folder");
    let number = folder.path().join("number");
    let apart = Merger::apart_by(script(folder.path(), &format!("echo $$ > {}", number.display())));
    let mut document = Document::create(Kind::OutreachVisit, ID, 0);
    let changes = [
        save(&mut document, LAN, vec![VisitEdit::Archived(Some("trùng".into()))]),
        save(&mut document, LAN, vec![VisitEdit::Archived(None)]),
    ];
    let all: Vec<_> = changes.iter().collect();
    for signal in ["TERM", "KILL"] {
        let (merged, refused) = apart.merge(base(ID), &all).expect("merges");
        assert_eq!((merged.accepted.len(), refused), (2, Vec::new()));
        let process = std::fs::read_to_string(&number).expect("a number");
        let killed = std::process::Command::new("kill").args(["-s", signal, process.trim()]).status();
        assert!(killed.expect("kill").success());
    }
    let (merged, refused) = apart.merge(base(ID), &all).expect("merges by another");
    assert_eq!((merged.accepted.len(), refused), (2, Vec::new()));
}

/// Limits that cannot be set, a program that is not ours.
#[test]
fn a_process_that_does_not_come_up_refuses_nobody() {
    let mut document = Document::create(Kind::OutreachVisit, ID, 0);
    let change = save(&mut document, LAN, vec![VisitEdit::Archived(Some("trùng".into()))]);
    for line in ["exit 1", "ulimit -d 100"] {
        let folder = tempfile::tempdir().expect("a folder");
        let broken = Merger::apart_by(script(folder.path(), line));
        assert_eq!(broken.merge(base(ID), &[&change]), Err(Code::Internal), "{line}");
    }
}

#[test]
fn a_program_that_cannot_be_started_refuses_nobody() {
    let mut document = Document::create(Kind::OutreachVisit, ID, 0);
    let change = save(&mut document, LAN, vec![VisitEdit::Archived(Some("trùng".into()))]);
    let nowhere = Merger::apart_by("/nowhere/donghanh".into());
    assert_eq!(nowhere.merge(base(ID), &[&change]), Err(Code::Internal));
}
