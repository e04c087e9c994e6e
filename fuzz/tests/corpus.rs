//! Everything that is known to hurt, thrown at every target.

use std::path::Path;
use std::time::{Duration, Instant};

use donghanh_fuzz::TARGETS;
use donghanh_shared::crdt::merge::{Base, merge};
use donghanh_shared::crdt::{Kind, gate};
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::DocumentId;
use donghanh_testkit::hostile::{self, on_new};

/// No input may take so long, even in a slow build on a busy machine: a bomb takes seconds to minutes.
const TOO_LONG: Duration = Duration::from_secs(5);

fn corpus() -> Vec<(String, Vec<u8>)> {
    let mut all: Vec<(String, Vec<u8>)> =
        hostile::all().into_iter().map(|(name, bytes)| (name.to_owned(), bytes)).collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for target in std::fs::read_dir(folder).expect("the corpus") {
        for file in std::fs::read_dir(target.expect("a target").path()).expect("a folder") {
            let path = file.expect("a file").path();
            all.push((path.display().to_string(), std::fs::read(&path).expect("reads")));
        }
    }
    all
}

#[test]
fn changes_of_the_corpus_are_really_merged() {
    let id = DocumentId([7; 16]);
    for kind in Kind::ALL {
        let file = format!("corpus/change/{}_change.bin", kind.code());
        let bytes = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).expect("reads");
        let checked = gate::check(on_new(&bytes, *kind, id)).expect("gate");
        let merged =
            merge(Base { kind: *kind, id, generation: 0, bytes: None }, &[&checked]).expect("merges");
        assert_eq!(merged.accepted, [checked.hash], "{kind:?}");
    }
}

#[test]
fn whatever_comes_every_decoder_comes_back() {
    let corpus = corpus();
    assert!(corpus.len() >= 25, "{} inputs", corpus.len());
    for (target, run) in TARGETS {
        for (name, bytes) in &corpus {
            let begin = Instant::now();
            run(bytes);
            let took = begin.elapsed();
            assert!(took < TOO_LONG, "{target} took {took:?} for {name}");
        }
    }
}
