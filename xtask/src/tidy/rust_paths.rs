//! Which top-level modules of its own crate a Rust file names.
//!
//! Finds `crate::x`, `crate::{x::…, y}` and the `super::…` that climb to the root, in code and in macros.

use super::rust_text::{code_only, is_word};

/// A top-level name of the crate, and the line that names it.
#[derive(Debug, PartialEq, Eq)]
pub struct Mention {
    /// From 1.
    pub line: usize,
    /// What follows `crate::`.
    pub name: String,
}

/// The module path of a file below `src`, such as `domain/date.rs`: `["domain", "date"]`.
pub fn module_path(file: &str) -> Vec<String> {
    let stem = file.strip_suffix(".rs").unwrap_or(file);
    let mut path: Vec<String> = stem.split('/').map(str::to_owned).collect();
    let last = path.last().map(String::as_str);
    if last == Some("mod") || (path.len() == 1 && matches!(last, Some("lib" | "main"))) {
        path.pop();
    }
    path
}

#[derive(Debug, PartialEq)]
enum Token {
    Word(String),
    Colons,
    Mark(char),
}

/// Every mention of a top-level module in `text`, a file that is the module `path`.
pub fn mentions(text: &str, path: &[String]) -> Vec<Mention> {
    let tokens = tokens(&code_only(text));
    let mut found = Vec::new();
    // For every open brace, whether it is that of an inline module: those are one `super` deeper.
    let mut braces = Vec::new();
    for (at, (line, token)) in tokens.iter().enumerate() {
        match token {
            Token::Mark('{') => braces.push(opens_module(&tokens, at)),
            Token::Mark('}') => {
                braces.pop();
            }
            Token::Word(word) if word == "crate" || word == "super" => {
                if word == "super" && at > 0 && tokens[at - 1].1 == Token::Colons {
                    continue;
                }
                let depth = path.len() + braces.iter().filter(|inline| **inline).count();
                if let Some(next) = after_root(&tokens, at, depth) {
                    found.extend(names(&tokens, next).into_iter().map(|name| Mention { line: *line, name }));
                }
            }
            _ => {}
        }
    }
    found
}

/// The token after `crate::` or after as many `super::` as lead to the root; none when the path stays below.
fn after_root(tokens: &[(usize, Token)], start: usize, depth: usize) -> Option<usize> {
    let is_step = |at: usize, word: &str| {
        matches!(tokens.get(at), Some((_, Token::Word(found))) if found == word)
            && matches!(tokens.get(at + 1), Some((_, Token::Colons)))
    };
    if is_step(start, "crate") {
        return Some(start + 2);
    }
    let mut at = start;
    while is_step(at, "super") {
        at += 2;
    }
    let climbed = (at - start) / 2;
    (climbed > 0 && climbed == depth).then_some(at)
}

/// The first names of the use tree that starts at `at`.
fn names(tokens: &[(usize, Token)], at: usize) -> Vec<String> {
    match tokens.get(at) {
        Some((_, Token::Word(name))) => vec![name.clone()],
        Some((_, Token::Mark('{'))) => group(tokens, at + 1),
        _ => Vec::new(),
    }
}

fn group(tokens: &[(usize, Token)], start: usize) -> Vec<String> {
    let mut names = Vec::new();
    let mut depth = 0_usize;
    let mut first = true;
    for (_, token) in &tokens[start.min(tokens.len())..] {
        match token {
            Token::Mark('{') => depth += 1,
            Token::Mark('}') if depth == 0 => break,
            Token::Mark('}') => depth -= 1,
            Token::Mark(',') if depth == 0 => first = true,
            Token::Word(name) if depth == 0 && first => {
                names.push(name.clone());
                first = false;
            }
            _ => {}
        }
    }
    names
}

fn opens_module(tokens: &[(usize, Token)], brace: usize) -> bool {
    let word = |back: usize| match brace.checked_sub(back).map(|at| &tokens[at].1) {
        Some(Token::Word(word)) => word.as_str(),
        _ => "",
    };
    word(2) == "mod" && !word(1).is_empty()
}

fn tokens(code: &str) -> Vec<(usize, Token)> {
    let mut tokens = Vec::new();
    for (at, line) in code.lines().enumerate() {
        let mut rest = line;
        while let Some(c) = rest.chars().next() {
            let (token, length) = if is_word(c) {
                let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
                (Some(Token::Word(rest[..length].to_owned())), length)
            } else if rest.starts_with("::") {
                (Some(Token::Colons), 2)
            } else {
                ((!c.is_whitespace()).then_some(Token::Mark(c)), c.len_utf8())
            };
            tokens.extend(token.map(|token| (at + 1, token)));
            rest = &rest[length..];
        }
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(text: &str, file: &str) -> Vec<String> {
        mentions(text, &module_path(file)).into_iter().map(|mention| mention.name).collect()
    }

    #[test]
    fn files_and_their_modules() {
        assert_eq!(module_path("domain/date.rs"), ["domain", "date"]);
        assert_eq!(module_path("domain/mod.rs"), ["domain"]);
        assert_eq!(module_path("ids.rs"), ["ids"]);
        assert!(module_path("lib.rs").is_empty());
    }

    #[test]
    fn plain_grouped_and_in_macros() {
        assert_eq!(seen("use crate::ids::PlaceId;", "sync/mod.rs"), ["ids"]);
        let grouped = "use crate::{\n  domain::{self, Date},\n  ids,\n};\npub(crate) fn f() {}";
        assert_eq!(seen(grouped, "sync/mod.rs"), ["domain", "ids"]);
        assert_eq!(seen("vec![crate::command::apply()] // crate::sync", "x.rs"), ["command"]);
    }

    #[test]
    fn super_counts_only_when_it_reaches_the_root() {
        assert_eq!(seen("use super::vocabulary::X;", "domain/date.rs"), Vec::<String>::new());
        assert_eq!(seen("use super::super::sync::X;", "domain/date.rs"), ["sync"]);
        assert_eq!(seen("use super::sync::X;", "ids.rs"), ["sync"]);
        assert_eq!(seen("mod tests { use super::sync::X; }", "ids.rs"), Vec::<String>::new());
        assert_eq!(seen("mod tests { use super::super::sync::X; }", "ids.rs"), ["sync"]);
    }
}
