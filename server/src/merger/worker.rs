//! The process that merges: reads one task after the other from standard input, answers each on standard output, and ends
//! when there are no more. It opens no file, has no environment and knows no key.

use std::io::{self, Read, Write};

use donghanh_shared::crdt::Kind;
use donghanh_shared::crdt::gate::{self, CheckedChange};
use donghanh_shared::crdt::merge::{Base, Failure, attempt};
use donghanh_shared::domain::error::Code;
use donghanh_shared::domain::vocabulary::Term as _;
use donghanh_shared::ids::DocumentId;
use donghanh_shared::sync::wire::{from_bytes, to_bytes};
use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use super::{Outcome, limits};

/// The argument by which the program knows that it is to be this process.
pub const ARGUMENT: &str = "merge-worker";
/// Most bytes of a task or of an answer: a document and a whole batch, and what they are wrapped in.
const MAX_FRAME: u32 = 16 << 20;

/// What the process says first, once it is ready: an end before this is nobody's fault who sent something.
pub(super) const READY: &[u8] = b"ready";

/// Changes to be merged into a document.
#[derive(Debug, Encode, Decode)]
#[cbor(map)]
pub(super) struct Task {
    #[n(0)]
    pub kind: Kind,
    #[n(1)]
    pub id: DocumentId,
    #[n(2)]
    pub generation: u32,
    /// The stored document; `None` for one that has only its root.
    #[n(3)]
    pub document: Option<ByteVec>,
    #[n(4)]
    pub changes: Vec<ByteVec>,
}

/// What came of it.
#[derive(Debug, Encode, Decode)]
pub(super) enum Answer {
    #[n(0)]
    Merged(#[n(0)] Box<Outcome>),
    /// The stored document does not load.
    #[n(1)]
    BadBase,
    /// Somebody among the changes is bad.
    #[n(2)]
    BadChanges(#[n(0)] String),
}

/// Does what it is asked for until standard input ends.
///
/// # Errors
/// When the limits cannot be set, or whoever asks speaks another language.
pub fn run() -> io::Result<()> {
    limits::of_process()?;
    let (mut input, mut output) = (io::stdin().lock(), io::stdout().lock());
    write_frame(&mut output, READY)?;
    while let Some(frame) = read_frame(&mut input)? {
        let task: Task = from_bytes(&frame).map_err(|_| io::ErrorKind::InvalidData)?;
        limits::begin_task()?;
        let answer = to_bytes(&merge(task));
        limits::end_task()?;
        write_frame(&mut output, &answer)?;
    }
    Ok(())
}

fn merge(task: Task) -> Answer {
    let Task { kind, id, generation, document, changes } = task;
    let malformed = || Answer::BadChanges(Code::ChangeMalformed.code().to_owned());
    let checked: Result<Vec<CheckedChange>, _> =
        changes.into_iter().map(|bytes| gate::check(bytes.into())).collect();
    let Ok(checked) = checked else { return malformed() };
    let base = Base { kind, id, generation, bytes: document.as_ref().map(|bytes| bytes.as_slice()) };
    match attempt(base, &checked.iter().collect::<Vec<_>>()) {
        Ok(merged) => Answer::Merged(Box::new(Outcome::of(kind, merged))),
        Err(Failure::Base) => Answer::BadBase,
        Err(Failure::Changes(code)) => Answer::BadChanges(code.code().to_owned()),
    }
}

impl Answer {
    pub(super) fn result(self) -> Result<Outcome, Failure> {
        match self {
            Self::Merged(outcome) => Ok(*outcome),
            Self::BadBase => Err(Failure::Base),
            Self::BadChanges(code) => {
                Err(Failure::Changes(Code::parse(&code).unwrap_or(Code::ChangeMalformed)))
            }
        }
    }
}

/// Reads bytes behind their length; `None` where there are no more.
pub(super) fn read_frame(input: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    match input.read_exact(&mut length) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        read => read?,
    }
    let length = u32::from_le_bytes(length);
    if length > MAX_FRAME {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut frame = vec![0; length as usize];
    input.read_exact(&mut frame)?;
    Ok(Some(frame))
}

/// Writes bytes behind their length.
pub(super) fn write_frame(output: &mut impl Write, frame: &[u8]) -> io::Result<()> {
    let length = u32::try_from(frame.len()).ok().filter(|length| *length <= MAX_FRAME);
    let length = length.ok_or(io::ErrorKind::InvalidInput)?;
    // One write: a task fits the pipe most of the time, and the other side wakes up once.
    output.write_all(&[&length.to_le_bytes(), frame].concat())?;
    output.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_comes_back_and_one_too_long_is_refused() {
        let mut sent = Vec::new();
        write_frame(&mut sent, b"abc").expect("written");
        let mut rest = &sent[..];
        assert_eq!(read_frame(&mut rest).expect("reads"), Some(b"abc".to_vec()));
        assert_eq!(read_frame(&mut rest).expect("reads"), None);
        assert!(read_frame(&mut &u32::MAX.to_le_bytes()[..]).is_err());
        assert!(read_frame(&mut &sent[..5]).is_err(), "cut in the middle");
    }
}
