//! Links as pictures, for a phone's camera.

use donghanh_shared::domain::error::{Code, Problem};
use fast_qr::convert::svg::SvgBuilder;
use fast_qr::qr::QRBuilder;

/// The text as a QR code, an SVG that scales.
///
/// # Errors
/// [`Code::Internal`] when it is longer than a QR code holds.
pub fn svg(text: &str) -> Result<String, Problem> {
    let code = QRBuilder::new(text).build().map_err(|error| {
        tracing::error!(%error, "a link does not fit into a QR code");
        Problem::new(Code::Internal)
    })?;
    Ok(SvgBuilder::default().to_str(&code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_becomes_a_picture_and_a_novel_does_not() {
        let picture = svg("http://192.168.1.20:8080/#/join/0123456789abcdef").expect("fits");
        assert!(picture.starts_with("<svg ") && picture.ends_with("</svg>"));
        assert_ne!(picture, svg("http://192.168.1.20:8080/#/join/other").expect("fits"));
        assert!(svg(&"x".repeat(10_000)).is_err());
    }
}
