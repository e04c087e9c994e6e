//! One style sheet from many: joined in the order given, without comments and indentation.
//!
//! No rewriting of rules: what is written is what the browser sees, and Brotli takes care of the rest.

/// Joins `(name, text)` sheets.
pub fn join(sheets: &[(String, String)]) -> String {
    let mut joined = String::new();
    for (_, text) in sheets {
        for line in without_comments(text).lines().map(str::trim).filter(|line| !line.is_empty()) {
            joined.push_str(line);
            joined.push('\n');
        }
    }
    joined
}

/// Drops `/* … */` outside of strings; each becomes one space, as the standard reads it.
fn without_comments(css: &str) -> String {
    let mut kept = String::with_capacity(css.len());
    let mut string: Option<char> = None;
    let mut chars = css.chars().peekable();
    while let Some(c) = chars.next() {
        match string {
            Some(_) if c == '\\' => {
                kept.push(c);
                kept.extend(chars.next());
                continue;
            }
            Some(quote) if c == quote || c == '\n' => string = None,
            None if c == '"' || c == '\'' => string = Some(c),
            None if c == '/' && chars.peek() == Some(&'*') => {
                chars.next();
                let mut last = ' ';
                for inside in chars.by_ref() {
                    if last == '*' && inside == '/' {
                        break;
                    }
                    last = inside;
                }
                kept.push(' ');
                continue;
            }
            _ => {}
        }
        kept.push(c);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> String {
        join(&[("a.css".to_owned(), text.to_owned())])
    }

    #[test]
    fn comments_and_indentation_go() {
        assert_eq!(one("/* doc */\nbody {\n  color: red; /* why */\n}\n"), "body {\ncolor: red;\n}\n");
        assert_eq!(one("/*/ still inside */a{}"), "a{}\n");
    }

    #[test]
    fn strings_stay() {
        let text = "a::before { content: \"/* \\\" */\"; }\n";
        assert_eq!(one(text), text);
        let url = "a { background: url('data:,/*x*/'); }\n";
        assert_eq!(one(url), url);
    }

    #[test]
    fn sheets_keep_their_order() {
        let sheets = [("t".to_owned(), "b{}".to_owned()), ("u".to_owned(), "a{}".to_owned())];
        assert_eq!(join(&sheets), "b{}\na{}\n");
    }
}
