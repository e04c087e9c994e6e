//! A bounded reader of one Automerge change chunk. It adds up run lengths before it expands anything, so no input
//! costs more than its caps allow. Automerge itself sees a byte only after this.
//!
//! Format: the Automerge binary document format, "Change chunks" and "Columnar storage".

use sha2::{Digest as _, Sha256};

use crate::domain::error::Code;
use crate::ids::{ActorId, ChangeHash};

/// Largest chunk, in bytes.
pub const MAX_CHANGE_BYTES: usize = 64 << 10;
/// Most operations in one change; a note of 4,000 characters fits.
pub const MAX_OPS: u64 = 6_000;
/// Most dependencies of one change.
pub const MAX_DEPS: u64 = 64;
/// Most other actors that one change names.
pub const MAX_ACTORS: u64 = 64;
/// Longest message, in bytes.
pub const MAX_MESSAGE: u64 = 256;

/// How every chunk begins.
pub(super) const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
const CHANGE: u8 = 1;
const COMPRESSED_CHANGE: u8 = 2;

/// A scalar that an operation writes.
#[derive(Clone, PartialEq, Debug)]
pub enum Scalar {
    /// Nothing.
    Null,
    /// True or false.
    Bool(bool),
    /// Unsigned number.
    Uint(u64),
    /// Signed number.
    Int(i64),
    /// Text.
    Str(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// Something our documents never hold (float, counter, timestamp, unknown), with its length.
    Foreign(usize),
}

/// What an operation points into.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Object {
    /// The document's root map.
    Root,
    /// The object made by this operation.
    Made {
        /// Counter of that operation.
        counter: u64,
        /// Its actor, by index: 0 = the change's own, then [`Chunk::other_actors`].
        actor: u64,
    },
}

/// What an operation does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Action {
    /// Writes a scalar.
    Set,
    /// Deletes.
    Delete,
    /// Makes an object, increments a counter, marks text: anything our commands never do.
    Foreign,
}

/// One operation.
#[derive(Clone, PartialEq, Debug)]
pub struct Op {
    /// Where.
    pub object: Object,
    /// The key in a map; `None` in a sequence.
    pub key: Option<String>,
    /// Whether it inserts into a sequence.
    pub insert: bool,
    /// What it does.
    pub action: Action,
    /// What it writes.
    pub value: Scalar,
}

/// A change chunk, read.
#[derive(Clone, PartialEq, Debug)]
pub struct Chunk {
    /// Hash of the change.
    pub hash: ChangeHash,
    /// Its author.
    pub actor: ActorId,
    /// Number among the author's changes of this document, from 1.
    pub seq: u64,
    /// What it builds on.
    pub deps: Vec<ChangeHash>,
    /// When, by the author's clock (milliseconds).
    pub at: i64,
    /// Other actors it names.
    pub other_actors: Vec<Vec<u8>>,
    /// Its operations.
    pub ops: Vec<Op>,
}

/// Reads from the front, and never beyond the end.
pub(super) struct Reader<'a> {
    pub(super) rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn take(&mut self, n: u64) -> Result<&'a [u8], Code> {
        let n = usize::try_from(n).map_err(|_| Code::ChangeMalformed)?;
        if n > self.rest.len() {
            return Err(Code::ChangeMalformed);
        }
        let (taken, rest) = self.rest.split_at(n);
        self.rest = rest;
        Ok(taken)
    }

    pub(super) fn byte(&mut self) -> Result<u8, Code> {
        self.take(1).map(|byte| byte[0])
    }

    pub(super) fn uleb(&mut self) -> Result<u64, Code> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            if shift == 63 && byte > 1 {
                return Err(Code::ChangeMalformed);
            }
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Code::ChangeMalformed)
    }

    fn leb(&mut self) -> Result<i64, Code> {
        let mut value = 0i64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            if shift == 63 && byte != 0 && byte != 0x7f {
                return Err(Code::ChangeMalformed);
            }
            value |= i64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(if shift < 57 && byte & 0x40 != 0 {
                    value | (-1i64 << (shift + 7))
                } else {
                    value
                });
            }
        }
        Err(Code::ChangeMalformed)
    }
}

/// Reads one whole chunk.
///
/// # Errors
/// [`Code::ChangeTooLarge`] over a cap, [`Code::ChangeCompressed`] for a compressed chunk, [`Code::ChangeChecksum`]
/// when the checksum differs, [`Code::ChangeMalformed`] for everything else that is not a change chunk.
pub fn read(bytes: &[u8]) -> Result<Chunk, Code> {
    if bytes.len() > MAX_CHANGE_BYTES {
        return Err(Code::ChangeTooLarge);
    }
    let mut reader = Reader { rest: bytes };
    if reader.take(4)? != MAGIC {
        return Err(Code::ChangeMalformed);
    }
    let checksum = reader.take(4)?;
    match reader.byte()? {
        CHANGE => {}
        COMPRESSED_CHANGE => return Err(Code::ChangeCompressed),
        _ => return Err(Code::ChangeMalformed),
    }
    let length = reader.uleb()?;
    if length != reader.rest.len() as u64 {
        return Err(Code::ChangeMalformed);
    }
    let hash = ChangeHash(Sha256::digest(&bytes[8..]).into());
    if hash.0[..4] != *checksum {
        return Err(Code::ChangeChecksum);
    }
    read_body(hash, reader)
}

fn read_body(hash: ChangeHash, mut reader: Reader<'_>) -> Result<Chunk, Code> {
    let count = capped(reader.uleb()?, MAX_DEPS)?;
    let mut deps = Vec::new();
    for _ in 0..count {
        deps.push(ChangeHash::from_slice(reader.take(32)?).ok_or(Code::ChangeMalformed)?);
    }
    let length = reader.uleb()?;
    let actor = ActorId::from_slice(reader.take(length)?).ok_or(Code::ChangeMalformed)?;
    let seq = reader.uleb()?;
    let start_op = reader.uleb()?;
    if seq == 0 || seq > u64::from(u32::MAX) || start_op == 0 || start_op > u64::from(u32::MAX) {
        return Err(Code::ChangeMalformed);
    }
    let at = reader.leb()?;
    let length = capped(reader.uleb()?, MAX_MESSAGE)?;
    std::str::from_utf8(reader.take(length)?).map_err(|_| Code::ChangeMalformed)?;
    let count = capped(reader.uleb()?, MAX_ACTORS)?;
    let mut other_actors = Vec::new();
    for _ in 0..count {
        let length = reader.uleb()?;
        let other = reader.take(length)?;
        if other.is_empty() || other.len() > 64 {
            return Err(Code::ChangeMalformed);
        }
        other_actors.push(other.to_vec());
    }
    let columns = Columns::read(&mut reader)?;
    // What follows the columns is for newer formats; ours writes nothing there.
    if !reader.rest.is_empty() {
        return Err(Code::ChangeMalformed);
    }
    let ops = columns.ops(other_actors.len() as u64 + 1)?;
    Ok(Chunk { hash, actor, seq, deps, at, other_actors, ops })
}

fn capped(value: u64, cap: u64) -> Result<u64, Code> {
    if value > cap { Err(Code::ChangeTooLarge) } else { Ok(value) }
}

#[derive(Default)]
struct Columns<'a> {
    by_spec: Vec<(u64, &'a [u8])>,
}

const OBJECT_ACTOR: u64 = 0x01;
const OBJECT_COUNTER: u64 = 0x02;
const KEY_STRING: u64 = 0x15;
const INSERT: u64 = 0x34;
const ACTION: u64 = 0x42;
const VALUE_META: u64 = 0x56;
const VALUE_RAW: u64 = 0x57;
/// Key of an element (actor, counter), predecessors (group, actor, counter), expand, mark name: only measured.
const OTHERS: [u64; 7] = [0x11, 0x13, 0x70, 0x71, 0x73, 0x94, 0xa5];

impl<'a> Columns<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Code> {
        let count = capped(reader.uleb()?, 32)?;
        let mut specs = Vec::new();
        for _ in 0..count {
            specs.push((reader.uleb()?, reader.uleb()?));
        }
        let known = |spec| {
            OTHERS.contains(&spec)
                || [OBJECT_ACTOR, OBJECT_COUNTER, KEY_STRING, INSERT, ACTION, VALUE_META, VALUE_RAW]
                    .contains(&spec)
        };
        let mut columns = Self::default();
        for (spec, length) in specs {
            let ascending = columns.by_spec.last().is_none_or(|(last, _)| *last < spec);
            // Bit 3 says "deflated": never taken from outside.
            if spec & 0x08 != 0 {
                return Err(Code::ChangeCompressed);
            }
            if !ascending || !known(spec) {
                return Err(Code::ChangeMalformed);
            }
            columns.by_spec.push((spec, reader.take(length)?));
        }
        for (spec, data) in &columns.by_spec {
            if *spec != VALUE_RAW {
                measure(*spec, data)?;
            }
        }
        Ok(columns)
    }

    fn column(&self, spec: u64) -> &'a [u8] {
        self.by_spec.iter().find(|(s, _)| *s == spec).map_or(&[], |(_, data)| data)
    }

    fn ops(&self, actors: u64) -> Result<Vec<Op>, Code> {
        let actions = expand_numbers(self.column(ACTION))?;
        let n = actions.len();
        let object_actors = padded(expand_numbers(self.column(OBJECT_ACTOR))?, n)?;
        let object_counters = padded(expand_numbers(self.column(OBJECT_COUNTER))?, n)?;
        let keys = padded(expand_strings(self.column(KEY_STRING))?, n)?;
        let inserts = expand_booleans(self.column(INSERT))?;
        let metas = padded(expand_numbers(self.column(VALUE_META))?, n)?;
        let mut raw = Reader { rest: self.column(VALUE_RAW) };
        if inserts.len() > n {
            return Err(Code::ChangeMalformed);
        }
        let mut ops = Vec::with_capacity(n);
        for (i, key) in keys.into_iter().enumerate() {
            let object = match (object_actors[i], object_counters[i]) {
                (None, None) => Object::Root,
                (Some(actor), Some(counter)) if actor < actors => Object::Made { counter, actor },
                _ => return Err(Code::ChangeMalformed),
            };
            let action = match actions[i] {
                Some(1) => Action::Set,
                Some(3) => Action::Delete,
                Some(_) => Action::Foreign,
                None => return Err(Code::ChangeMalformed),
            };
            let value = scalar(metas[i].unwrap_or(0), &mut raw)?;
            let insert = inserts.get(i).copied().unwrap_or(false);
            ops.push(Op { object, key: key.map(str::to_owned), insert, action, value });
        }
        if raw.rest.is_empty() { Ok(ops) } else { Err(Code::ChangeMalformed) }
    }
}

fn padded<T>(mut values: Vec<Option<T>>, n: usize) -> Result<Vec<Option<T>>, Code> {
    if values.len() > n {
        return Err(Code::ChangeMalformed);
    }
    values.resize_with(n, || None);
    Ok(values)
}

fn scalar(meta: u64, raw: &mut Reader<'_>) -> Result<Scalar, Code> {
    let length = meta >> 4;
    let data = raw.take(length)?;
    let mut number = Reader { rest: data };
    Ok(match meta & 0x0f {
        0 => Scalar::Null,
        1 => Scalar::Bool(false),
        2 => Scalar::Bool(true),
        3 => Scalar::Uint(number.uleb()?),
        4 => Scalar::Int(number.leb()?),
        6 => Scalar::Str(std::str::from_utf8(data).map_err(|_| Code::ChangeMalformed)?.to_owned()),
        7 => Scalar::Bytes(data.to_vec()),
        _ => Scalar::Foreign(data.len()),
    })
}

/// Adds up the run lengths of a column without expanding it, and refuses it over the cap.
fn measure(spec: u64, data: &[u8]) -> Result<(), Code> {
    let mut reader = Reader { rest: data };
    let mut total = 0u64;
    let mut add = |n: u64| {
        total = total.saturating_add(n);
        capped(total, MAX_OPS).map(|_| ())
    };
    while !reader.rest.is_empty() {
        if spec & 0x07 == 4 {
            add(reader.uleb()?)?;
            continue;
        }
        let literal = |reader: &mut Reader<'_>| match spec & 0x07 {
            5 => reader.uleb().and_then(|length| reader.take(length)).map(|_| 0),
            3 => reader.leb().map(|_| 0),
            _ => reader.uleb(),
        };
        match reader.leb()? {
            0 => add(reader.uleb()?)?,
            n if n > 0 => {
                add(n.unsigned_abs())?;
                let value = literal(&mut reader)?;
                // A group column's values are lengths themselves.
                if spec & 0x07 == 0 {
                    add(value.saturating_mul(n.unsigned_abs()))?;
                }
            }
            n => {
                add(n.unsigned_abs())?;
                for _ in 0..n.unsigned_abs() {
                    let value = literal(&mut reader)?;
                    if spec & 0x07 == 0 {
                        add(value)?;
                    }
                }
            }
        }
    }
    Ok(())
}

/// Expands a run-length column that [`measure`] has passed.
fn expand<'a, T: Clone>(
    data: &'a [u8],
    mut literal: impl FnMut(&mut Reader<'a>) -> Result<T, Code>,
) -> Result<Vec<Option<T>>, Code> {
    let mut reader = Reader { rest: data };
    let mut values = Vec::new();
    while !reader.rest.is_empty() {
        match reader.leb()? {
            0 => {
                let n = usize::try_from(reader.uleb()?).map_err(|_| Code::ChangeMalformed)?;
                values.resize_with(values.len() + n, || None);
            }
            n if n > 0 => {
                let n = usize::try_from(n).map_err(|_| Code::ChangeMalformed)?;
                let value = literal(&mut reader)?;
                values.resize(values.len() + n, Some(value));
            }
            n => {
                for _ in 0..n.unsigned_abs() {
                    values.push(Some(literal(&mut reader)?));
                }
            }
        }
    }
    Ok(values)
}

fn expand_numbers(data: &[u8]) -> Result<Vec<Option<u64>>, Code> {
    expand(data, Reader::uleb)
}

fn expand_strings(data: &[u8]) -> Result<Vec<Option<&str>>, Code> {
    expand(data, |reader| {
        let length = reader.uleb()?;
        std::str::from_utf8(reader.take(length)?).map_err(|_| Code::ChangeMalformed)
    })
}

fn expand_booleans(data: &[u8]) -> Result<Vec<bool>, Code> {
    let mut reader = Reader { rest: data };
    let mut values = Vec::new();
    let mut value = false;
    while !reader.rest.is_empty() {
        let n = usize::try_from(reader.uleb()?).map_err(|_| Code::ChangeMalformed)?;
        values.resize(values.len() + n, value);
        value = !value;
    }
    Ok(values)
}
