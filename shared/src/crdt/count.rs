//! How counts lie in a document: typed numbers with the taps they saw, taps by actor.

use std::collections::BTreeMap;

use minicbor::{Decoder, Encoder};

use crate::domain::count::Correction;
use crate::ids::ActorId;

/// The key of an actor's taps of one count.
#[must_use]
pub fn tap_key(key: &str, actor: ActorId) -> String {
    format!("{key}:{actor}")
}

/// `{value, taps seen}` as CBOR: `[value or null, {actor: taps}]`, actors ascending.
#[must_use]
pub fn encode_correction(correction: &Correction) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::new());
    // Writing to a `Vec` cannot fail.
    let _ = encode_correction_into(correction, &mut encoder);
    encoder.into_writer()
}

fn encode_correction_into(
    correction: &Correction,
    e: &mut Encoder<Vec<u8>>,
) -> Result<(), minicbor::encode::Error<std::convert::Infallible>> {
    e.array(2)?;
    match correction.value {
        Some(value) => e.u32(value)?,
        None => e.null()?,
    };
    e.map(correction.seen.len() as u64)?;
    for (actor, taps) in &correction.seen {
        e.bytes(&actor.0)?.i64(*taps)?;
    }
    Ok(())
}

/// Reads what [`encode_correction`] wrote; the number is not checked yet, so that a negative one can be named as such.
#[must_use]
pub fn decode_correction(bytes: &[u8]) -> Option<(Option<i64>, BTreeMap<ActorId, i64>)> {
    let mut d = Decoder::new(bytes);
    if d.array().ok()? != Some(2) {
        return None;
    }
    let value = if d.datatype().ok()? == minicbor::data::Type::Null {
        d.null().ok()?;
        None
    } else {
        Some(d.i64().ok()?)
    };
    let entries = d.map().ok()??;
    let mut seen = BTreeMap::new();
    for _ in 0..entries {
        seen.insert(ActorId::from_slice(d.bytes().ok()?)?, d.i64().ok()?);
    }
    (d.position() == bytes.len()).then_some((value, seen))
}
