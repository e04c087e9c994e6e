//! Brotli, done once at build time so that the server never spends time on it.

use anyhow::{Context, Result};
use brotli::enc::BrotliEncoderParams;

/// The kinds of file that shrink; pictures and fonts already are compressed.
const KINDS: [&str; 9] = ["css", "html", "ico", "js", "json", "svg", "txt", "wasm", "webmanifest"];

/// Whether a file of this name is worth a `.br` beside it.
pub fn worthwhile(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, kind)| KINDS.contains(&kind))
}

/// `bytes` compressed; `quality` from 0 (quick) to 11 (small), the widest window that browsers accept.
pub fn brotli(bytes: &[u8], quality: u32) -> Result<Vec<u8>> {
    let quality = i32::try_from(quality)?;
    let params = BrotliEncoderParams { quality, lgwin: 24, size_hint: bytes.len(), ..Default::default() };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &*bytes, &mut compressed, &params).context("brotli")?;
    Ok(compressed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn what_is_compressed_comes_back() {
        let text = "Người sau cai, gỡ bỏ, trả lại để bổ sung. ".repeat(200);
        let small = brotli(text.as_bytes(), 11).unwrap();
        assert!(small.len() < text.len() / 20);
        let mut back = String::new();
        brotli::Decompressor::new(&*small, 4096).read_to_string(&mut back).unwrap();
        assert_eq!(back, text);
    }

    #[test]
    fn only_kinds_that_shrink() {
        assert!(worthwhile("assets/app-1.wasm") && worthwhile("manifest.webmanifest"));
        assert!(!worthwhile("icons/512.png") && !worthwhile("LICENSE"));
    }
}
