//! Vietnamese search: diacritics and case do not matter, đ = d, composed and decomposed forms are alike.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// The form in which texts are compared: `Nguyễn  Đức` → `nguyen duc`.
#[must_use]
pub fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase) {
        match c {
            'đ' => out.push('d'),
            c if c.is_whitespace() => {
                if !out.ends_with(' ') && !out.is_empty() {
                    out.push(' ');
                }
            }
            c => out.push(c),
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// Whether every word of the (already folded) question begins a word of the (already folded) text, or stands inside it.
#[must_use]
pub fn matches(folded_text: &str, folded_question: &str) -> bool {
    folded_question.split(' ').all(|word| folded_text.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_every_vietnamese_mark() {
        assert_eq!(folded("Nguyễn  Đức\u{a0}Ạnh "), "nguyen duc anh");
        assert_eq!(folded("ƯỠN ở Ặ ỷ"), "uon o a y");
        let composed = "Hội Hợp";
        let decomposed: String = composed.nfd().collect();
        assert_ne!(composed, decomposed);
        assert_eq!(folded(composed), folded(&decomposed));
    }

    #[test]
    fn words_in_any_order() {
        let text = folded("Nói chuyện · THCS Vĩnh Yên");
        assert!(matches(&text, &folded("vinh noi")) && matches(&text, ""));
        assert!(!matches(&text, &folded("vinh tuong")));
    }
}
