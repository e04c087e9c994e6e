//! What the reader of change chunks promises: it reads what Automerge writes, every cap is exact, and what is not wholly a
//! change is refused before anything of it is expanded.

use donghanh_shared::crdt::chunk::{
    self, Action, Chunk, MAX_ACTORS, MAX_CHANGE_BYTES, MAX_DEPS, MAX_MESSAGE, MAX_OPS, Object, Scalar,
};
use donghanh_shared::domain::error::Code;
use donghanh_shared::ids::ActorId;
use sha2::{Digest as _, Sha256};

const LAN: ActorId = ActorId([0x1a; 16]);

const OBJECT_ACTOR: u64 = 0x01;
const OBJECT_COUNTER: u64 = 0x02;
const KEY_STRING: u64 = 0x15;
const INSERT: u64 = 0x34;
const ACTION: u64 = 0x42;
const VALUE_META: u64 = 0x56;
const VALUE_RAW: u64 = 0x57;
/// Predecessors: how many an operation has, and their counters.
const PREDECESSORS: u64 = 0x70;
const PREDECESSOR_COUNTER: u64 = 0x73;
const EXPAND: u64 = 0x94;
const MARK_NAME: u64 = 0xa5;

fn uleb(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = u8::try_from(value & 0x7f).expect("7 bits");
        value >>= 7;
        if value == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

fn leb(mut value: i64) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = u8::try_from(value & 0x7f).expect("7 bits");
        value >>= 7;
        let sign = low & 0x40 != 0;
        if (value == 0 && !sign) || (value == -1 && sign) {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

fn sized(bytes: &[u8]) -> Vec<u8> {
    [&uleb(bytes.len() as u64), bytes].concat()
}

/// So many of the same.
fn run(times: u64, value: &[u8]) -> Vec<u8> {
    [&leb(i64::try_from(times).expect("small")), value].concat()
}

/// So many times nothing.
fn nothing(times: u64) -> Vec<u8> {
    [vec![0], uleb(times)].concat()
}

/// These, one after the other.
fn each(values: &[&[u8]]) -> Vec<u8> {
    [leb(-i64::try_from(values.len()).expect("small")), values.concat()].concat()
}

/// A chunk of this type with a right checksum.
fn around(kind: u8, body: &[u8]) -> Vec<u8> {
    let hashed = [&[kind], &sized(body)[..]].concat();
    [&[0x85, 0x6f, 0x4a, 0x83][..], &Sha256::digest(&hashed)[..4], &hashed].concat()
}

/// A change, part by part.
#[derive(Clone)]
struct Parts {
    deps: u64,
    actor: Vec<u8>,
    seq: u64,
    start: u64,
    at: i64,
    message: Vec<u8>,
    others: Vec<Vec<u8>>,
    columns: Vec<(u64, Vec<u8>)>,
    rest: Vec<u8>,
}

/// A change that does nothing.
fn parts() -> Parts {
    Parts {
        deps: 1,
        actor: LAN.0.to_vec(),
        seq: 1,
        start: 1,
        at: 0,
        message: Vec::new(),
        others: Vec::new(),
        columns: Vec::new(),
        rest: Vec::new(),
    }
}

impl Parts {
    fn bytes(&self) -> Vec<u8> {
        let mut body = uleb(self.deps);
        for n in 0..self.deps {
            body.extend([u8::try_from(n).expect("small"); 32]);
        }
        body.extend(sized(&self.actor));
        body.extend(uleb(self.seq));
        body.extend(uleb(self.start));
        body.extend(leb(self.at));
        body.extend(sized(&self.message));
        body.extend(uleb(self.others.len() as u64));
        body.extend(self.others.iter().flat_map(|other| sized(other)));
        body.extend(uleb(self.columns.len() as u64));
        for (spec, data) in &self.columns {
            body.extend(uleb(*spec));
            body.extend(uleb(data.len() as u64));
        }
        body.extend(self.columns.iter().flat_map(|(_, data)| data.clone()));
        body.extend(&self.rest);
        around(1, &body)
    }

    fn read(&self) -> Result<Chunk, Code> {
        chunk::read(&self.bytes())
    }

    fn code(&self) -> Option<Code> {
        self.read().err()
    }
}

fn with(columns: &[(u64, Vec<u8>)]) -> Parts {
    Parts { columns: columns.to_vec(), ..parts() }
}

/// One operation that writes this value.
fn writing(kind: u64, raw: &[u8]) -> Parts {
    let meta = uleb((raw.len() as u64) << 4 | kind);
    with(&[(ACTION, run(1, &[1])), (VALUE_META, run(1, &meta)), (VALUE_RAW, raw.to_vec())])
}

fn written(kind: u64, raw: &[u8]) -> Result<Scalar, Code> {
    writing(kind, raw).read().map(|chunk| chunk.ops[0].value.clone())
}

const MALFORMED: Option<Code> = Some(Code::ChangeMalformed);
const TOO_LARGE: Option<Code> = Some(Code::ChangeTooLarge);

#[test]
fn every_part_is_read_as_it_was_written() {
    let change = Parts {
        deps: 2,
        seq: 7,
        start: 9,
        at: -5,
        message: "lời nhắn".into(),
        others: vec![vec![3], vec![4, 4]],
        columns: vec![
            (OBJECT_ACTOR, [nothing(1), each(&[&[0], &[2]]), nothing(2)].concat()),
            (OBJECT_COUNTER, [nothing(1), run(2, &[12])].concat()),
            (KEY_STRING, [run(2, &sized(b"key")), nothing(1), each(&[&sized("tên".as_bytes())])].concat()),
            (INSERT, vec![2, 1, 1]),
            (ACTION, each(&[&[1], &[3], &[1], &[0], &[1]])),
            (VALUE_META, [run(1, &[0x26]), nothing(2), run(2, &[0x17])].concat()),
            (VALUE_RAW, b"hixy".to_vec()),
        ],
        ..parts()
    };
    let bytes = change.bytes();
    let chunk = change.read().expect("reads");
    assert_eq!(chunk.hash.0[..], Sha256::digest(&bytes[8..])[..]);
    assert_eq!((chunk.actor, chunk.seq, chunk.at), (LAN, 7, -5));
    assert_eq!(chunk.deps.iter().map(|dep| dep.0).collect::<Vec<_>>(), [[0; 32], [1; 32]]);
    assert_eq!(chunk.other_actors, [vec![3], vec![4, 4]]);
    let made = |actor| Object::Made { counter: 12, actor };
    let read: Vec<_> =
        chunk.ops.iter().map(|op| (op.object, op.key.as_deref(), op.insert, op.action)).collect();
    assert_eq!(
        read,
        [
            (Object::Root, Some("key"), false, Action::Set),
            (made(0), Some("key"), false, Action::Delete),
            (made(2), None, true, Action::Set),
            (Object::Root, Some("tên"), false, Action::Foreign),
            (Object::Root, None, false, Action::Set),
        ]
    );
    let values: Vec<_> = chunk.ops.into_iter().map(|op| op.value).collect();
    let bytes = |byte| Scalar::Bytes(vec![byte]);
    assert_eq!(values, [Scalar::Str("hi".into()), Scalar::Null, Scalar::Null, bytes(b'x'), bytes(b'y')]);
}

#[test]
fn values_of_every_sort_are_told_apart() {
    assert_eq!(written(0, &[]), Ok(Scalar::Null));
    assert_eq!(written(1, &[]), Ok(Scalar::Bool(false)));
    assert_eq!(written(2, &[]), Ok(Scalar::Bool(true)));
    assert_eq!(written(3, &[0x85, 0x01]), Ok(Scalar::Uint(133)));
    assert_eq!(written(4, &[0x7b]), Ok(Scalar::Int(-5)));
    assert_eq!(written(6, "tên".as_bytes()), Ok(Scalar::Str("tên".into())));
    assert_eq!(written(7, &[0xff]), Ok(Scalar::Bytes(vec![0xff])));
    for foreign in [5, 8, 9, 10, 15] {
        assert_eq!(written(foreign, &[0; 8]), Ok(Scalar::Foreign(8)));
    }
    assert_eq!(written(6, &[0xff]), Err(Code::ChangeMalformed), "text is text");
    assert_eq!(written(3, &[]), Err(Code::ChangeMalformed), "a number is there");
}

#[test]
fn numbers_of_every_size_are_read_and_those_beyond_are_refused() {
    let powers = (0..64).map(|bits| 1u64 << bits);
    for value in powers.flat_map(|power| [power - 1, power, power + 1]).chain([u64::MAX]) {
        assert_eq!(written(3, &uleb(value)), Ok(Scalar::Uint(value)));
        let signed = value.cast_signed();
        for value in [signed, signed.wrapping_neg()] {
            assert_eq!(written(4, &leb(value)), Ok(Scalar::Int(value)));
        }
    }
    let tenth = |kind, byte| written(kind, &[&[0x80; 9][..], &[byte]].concat()).err();
    assert_eq!(
        [0, 1, 2, 0x7f, 0x80].map(|byte| tenth(3, byte)),
        [None, None, MALFORMED, MALFORMED, MALFORMED]
    );
    assert_eq!(
        [0, 0x7f, 1, 0x40, 0x7e, 0x80].map(|byte| tenth(4, byte)),
        [None, None, MALFORMED, MALFORMED, MALFORMED, MALFORMED]
    );
}

#[test]
fn a_chunk_has_at_most_sixty_four_kibibytes() {
    assert_eq!(MAX_CHANGE_BYTES, 65_536);
    let around = writing(7, &vec![0; 60_000]).bytes().len() - 60_000;
    let fits = writing(7, &vec![0; MAX_CHANGE_BYTES - around]);
    assert_eq!((fits.bytes().len(), fits.code()), (MAX_CHANGE_BYTES, None));
    assert_eq!(writing(7, &vec![0; MAX_CHANGE_BYTES - around + 1]).code(), TOO_LARGE);
}

#[test]
fn what_is_around_a_chunk_is_checked_before_what_is_in_it() {
    let good = parts().bytes();
    assert!(chunk::read(&good).is_ok());
    for cut in 0..good.len() {
        assert_eq!(chunk::read(&good[..cut]).err(), MALFORMED, "cut at {cut}");
    }
    assert_eq!(chunk::read(&[&good[..], &[0]].concat()).err(), MALFORMED);
    for (at, code) in
        [(0, MALFORMED), (3, MALFORMED), (4, Some(Code::ChangeChecksum)), (7, Some(Code::ChangeChecksum))]
    {
        let mut damaged = good.clone();
        damaged[at] ^= 1;
        assert_eq!(chunk::read(&damaged).err(), code, "byte {at}");
    }
    let body = &good[10..];
    assert_eq!(around(1, body), good);
    assert_eq!(chunk::read(&around(0, body)).err(), MALFORMED);
    assert_eq!(chunk::read(&around(2, body)).err(), Some(Code::ChangeCompressed));
    assert_eq!(chunk::read(&around(3, body)).err(), MALFORMED);
}

#[test]
fn every_cap_of_the_head_is_exact() {
    let caps = [(MAX_DEPS, 64), (MAX_ACTORS, 64), (MAX_MESSAGE, 256), (MAX_OPS, 6_000)];
    assert!(caps.iter().all(|(cap, agreed)| cap == agreed));
    let deps = |deps| Parts { deps, ..parts() }.code();
    assert_eq!([0, 64, 65].map(deps), [None, None, TOO_LARGE]);
    let message = |length| Parts { message: vec![b'a'; length], ..parts() }.code();
    assert_eq!([256, 257].map(message), [None, TOO_LARGE]);
    let others = |count| Parts { others: vec![vec![5; 16]; count], ..parts() }.code();
    assert_eq!([64, 65].map(others), [None, TOO_LARGE]);
    let other = |length| Parts { others: vec![vec![5; length]], ..parts() }.code();
    assert_eq!([0, 1, 64, 65].map(other), [MALFORMED, None, None, MALFORMED]);
    let actor = |length| Parts { actor: vec![5; length], ..parts() }.code();
    assert_eq!([15, 16, 17].map(actor), [MALFORMED, None, MALFORMED]);
    let largest = u64::from(u32::MAX);
    let numbers = [0, 1, largest, largest + 1];
    assert_eq!(numbers.map(|seq| Parts { seq, ..parts() }.code()), [MALFORMED, None, None, MALFORMED]);
    assert_eq!(numbers.map(|start| Parts { start, ..parts() }.code()), [MALFORMED, None, None, MALFORMED]);
    assert_eq!(Parts { message: vec![0xff], ..parts() }.code(), MALFORMED, "a message is text");
    assert_eq!(Parts { rest: vec![0], ..parts() }.code(), MALFORMED, "nothing follows the columns");
}

#[test]
fn columns_are_known_in_order_and_not_deflated() {
    let empty =
        |specs: &[u64]| with(&specs.iter().map(|spec| (*spec, Vec::new())).collect::<Vec<_>>()).code();
    let all = [0x01, 0x02, 0x11, 0x13, 0x15, 0x34, 0x42, 0x56, 0x57, 0x70, 0x71, 0x73, 0x94, 0xa5];
    assert_eq!(empty(&all), None);
    assert_eq!(empty(&[OBJECT_COUNTER, OBJECT_ACTOR]), MALFORMED, "out of order");
    assert_eq!(empty(&[ACTION, ACTION]), MALFORMED, "twice");
    assert_eq!(empty(&[0x03]), MALFORMED, "unknown");
    for spec in all {
        assert_eq!(empty(&[spec | 0x08]), Some(Code::ChangeCompressed), "{spec:#x}");
    }
    let columns: Vec<_> = (0..33).collect();
    assert_eq!(empty(&columns), TOO_LARGE, "too many to look at");
    assert_eq!(empty(&columns[..32]), MALFORMED);
}

#[test]
fn an_operation_is_in_the_root_or_in_an_object_of_an_actor_that_is_named() {
    let object = |actor: Option<u8>, counter: Option<u8>, others: usize| {
        let column = |value: Option<u8>| value.map_or(nothing(1), |value| run(1, &[value]));
        let columns =
            vec![(OBJECT_ACTOR, column(actor)), (OBJECT_COUNTER, column(counter)), (ACTION, run(1, &[1]))];
        let read = Parts { columns, others: vec![vec![5; 16]; others], ..parts() }.read();
        read.map(|chunk| chunk.ops[0].object)
    };
    let made = |actor| Ok(Object::Made { counter: 4, actor });
    assert_eq!(object(None, None, 0), Ok(Object::Root));
    assert_eq!(object(Some(0), Some(4), 0), made(0));
    assert_eq!(object(Some(2), Some(4), 2), made(2));
    for (actor, counter, others) in
        [(Some(1), Some(4), 0), (Some(3), Some(4), 2), (Some(0), None, 0), (None, Some(4), 0)]
    {
        assert_eq!(object(actor, counter, others), Err(Code::ChangeMalformed), "{actor:?} {counter:?}");
    }
}

#[test]
fn no_column_says_more_than_there_are_operations() {
    let two = run(2, &[1]);
    let beside = |spec: u64, data: Vec<u8>| {
        let mut columns = vec![(ACTION, two.clone()), (spec, data)];
        columns.sort_unstable_by_key(|(spec, _)| *spec);
        with(&columns).code()
    };
    for spec in [KEY_STRING, VALUE_META] {
        let exact = |times| beside(spec, run(times, &[0]));
        assert_eq!([1, 2, 3].map(exact), [None, None, MALFORMED], "{spec:#x}");
    }
    for spec in [OBJECT_ACTOR, OBJECT_COUNTER] {
        assert_eq!([1, 2, 3].map(|times| beside(spec, nothing(times))), [None, None, MALFORMED], "{spec:#x}");
    }
    assert_eq!([1, 2, 3].map(|times| beside(INSERT, uleb(times))), [None, None, MALFORMED]);
    assert_eq!(with(&[(ACTION, nothing(1))]).code(), MALFORMED, "every operation does something");
    let raw = |raw: &[u8]| {
        with(&[(ACTION, two.clone()), (VALUE_META, run(2, &[0x17])), (VALUE_RAW, raw.to_vec())]).code()
    };
    assert_eq!([&b"x"[..], b"xy", b"xyz"].map(raw), [MALFORMED, None, MALFORMED]);
    assert_eq!(with(&[(ACTION, run(1, &[1])), (KEY_STRING, vec![])]).code(), MALFORMED, "out of order");
    assert_eq!(
        with(&[(KEY_STRING, run(1, &[1, 0xff])), (ACTION, run(1, &[1]))]).code(),
        MALFORMED,
        "no text"
    );
}

#[test]
fn runs_of_every_sort_add_up_in_the_order_they_are_in() {
    let actions = [run(2, &[1]), each(&[&[3], &[1]]), run(3, &[3]), each(&[&[1]])].concat();
    let keys = [nothing(2), run(2, &sized(b"a")), nothing(3), each(&[&sized(b"b")])].concat();
    let chunk =
        with(&[(KEY_STRING, keys), (INSERT, vec![1, 3, 2, 2]), (ACTION, actions)]).read().expect("reads");
    let deletes: Vec<_> = chunk.ops.iter().map(|op| op.action == Action::Delete).collect();
    assert_eq!(deletes, [false, false, true, false, true, true, true, false]);
    let keys: Vec<_> = chunk.ops.iter().map(|op| op.key.as_deref().unwrap_or("-")).collect();
    assert_eq!(keys.concat(), "--aa---b");
    let inserts: Vec<_> = chunk.ops.iter().map(|op| op.insert).collect();
    assert_eq!(inserts, [false, true, true, true, false, false, true, true]);
}

#[test]
fn a_column_of_any_sort_stands_for_six_thousand_values_and_not_one_more() {
    let half = MAX_OPS / 2;
    // By the sort of the column, what a value of it looks like.
    for (spec, value) in [
        (PREDECESSOR_COUNTER, leb(i64::MIN)),
        (MARK_NAME, sized(b"name")),
        (0x71, uleb(u64::MAX)),
        (PREDECESSORS, uleb(0)),
    ] {
        let code = |data: Vec<u8>| with(&[(spec, data)]).code();
        let runs = |times| run(times, &value);
        assert_eq!([MAX_OPS, MAX_OPS + 1].map(|n| code(runs(n))), [None, TOO_LARGE], "{spec:#x}");
        assert_eq!([MAX_OPS, MAX_OPS + 1].map(|n| code(nothing(n))), [None, TOO_LARGE], "{spec:#x}");
        let both = |n| code([runs(half), nothing(half - 1), each(&vec![&value[..]; n])].concat());
        assert_eq!([1, 2].map(both), [None, TOO_LARGE], "{spec:#x}");
        assert_eq!(code(run(1, &value[..value.len() - 1])), MALFORMED, "{spec:#x} is cut");
        assert_eq!(code(each(&[&value, &value[..value.len() - 1]])), MALFORMED, "{spec:#x} is cut");
        assert_eq!(code(runs(1 << 40)), TOO_LARGE, "{spec:#x}");
        assert_eq!(code(leb(i64::MIN)), TOO_LARGE, "{spec:#x}");
    }
    let code = |data: Vec<u8>| with(&[(EXPAND, data)]).code();
    let booleans = |n| code([uleb(half), uleb(half - 1), uleb(n)].concat());
    assert_eq!([1, 2, u64::MAX].map(booleans), [None, TOO_LARGE, TOO_LARGE]);
}

#[test]
fn what_a_group_holds_counts_too() {
    let code = |data: Vec<u8>| with(&[(PREDECESSORS, data)]).code();
    // A thousand groups of five are six thousand with the groups themselves.
    assert_eq!(code(run(1_000, &[5])), None);
    assert_eq!(code([run(1_000, &[5]), run(1, &[0])].concat()), TOO_LARGE);
    assert_eq!(code(run(1_000, &[6])), TOO_LARGE);
    assert_eq!(code(each(&[&uleb(2_000), &uleb(3_998)])), None);
    assert_eq!(code(each(&[&uleb(2_000), &uleb(3_999)])), TOO_LARGE);
    assert_eq!(code(run(2, &uleb(u64::MAX))), TOO_LARGE);
    // What else is numbers holds nothing.
    for spec in [0x11, 0x71] {
        assert_eq!(with(&[(spec, run(1_000, &uleb(6_000)))]).code(), None, "{spec:#x}");
        assert_eq!(with(&[(spec, each(&[&uleb(6_000), &uleb(6_000)]))]).code(), None, "{spec:#x}");
    }
}
