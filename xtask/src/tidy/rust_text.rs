//! Rust source reduced to its code: comments and the insides of literals become spaces, lines stay where they were.
//!
//! A scanner, no parser: it sees into macros too, which a syntax tree would not.

/// `text` with every comment, string and character literal blanked out.
pub fn code_only(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut code = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = literal_end(&chars, at);
        if end == at {
            code.push(chars[at]);
            at += 1;
            continue;
        }
        code.extend(chars[at..end].iter().map(|c| if *c == '\n' { '\n' } else { ' ' }));
        at = end;
    }
    code
}

/// Where the comment or literal that starts at `at` ends; `at` itself when none does.
fn literal_end(chars: &[char], at: usize) -> usize {
    let next = chars.get(at + 1).copied();
    match chars[at] {
        '/' if next == Some('/') => find(chars, at, |c| c == '\n'),
        '/' if next == Some('*') => block_comment_end(chars, at),
        '"' => string_end(chars, at + 1),
        'r' if !follows_word(chars, at) => raw_string_end(chars, at).unwrap_or(at),
        '\'' => char_end(chars, at).unwrap_or(at),
        _ => at,
    }
}

/// `code` (as [`code_only`] leaves it) with its `#[cfg(test)]` modules blanked out, lines kept.
pub fn without_tests(code: &str) -> String {
    let mut kept = String::with_capacity(code.len());
    let mut rest = code;
    while let Some(start) = rest.find("#[cfg(test)]") {
        let (before, tests) = rest.split_at(start);
        kept.push_str(before);
        let end = item_end(tests);
        kept.extend(tests[..end].chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        rest = &tests[end..];
    }
    kept.push_str(rest);
    kept
}

/// Where the item at the start of `text` ends: after its closing brace, or after the semicolon it ends with.
fn item_end(text: &str) -> usize {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            ';' if depth == 0 => return at + 1,
            '{' => depth += 1,
            '}' if depth <= 1 => return at + 1,
            '}' => depth -= 1,
            _ => {}
        }
    }
    text.len()
}

fn find(chars: &[char], from: usize, wanted: impl Fn(char) -> bool) -> usize {
    (from..chars.len()).find(|&at| wanted(chars[at])).unwrap_or(chars.len())
}

fn block_comment_end(chars: &[char], start: usize) -> usize {
    let mut depth = 0_usize;
    let mut at = start;
    while at < chars.len() {
        let pair = (chars[at], chars.get(at + 1).copied().unwrap_or(' '));
        match pair {
            ('/', '*') => (depth, at) = (depth + 1, at + 2),
            ('*', '/') if depth == 1 => return at + 2,
            ('*', '/') => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
    }
    chars.len()
}

fn string_end(chars: &[char], mut at: usize) -> usize {
    while at < chars.len() {
        match chars[at] {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    chars.len()
}

/// `r"…"`, `r#"…"#`; a `b` or `c` before the `r` does no harm.
fn raw_string_end(chars: &[char], start: usize) -> Option<usize> {
    let quote = find(chars, start + 1, |c| c != '#');
    let hashes = quote - start - 1;
    if chars.get(quote) != Some(&'"') {
        return None;
    }
    let closes = |at: usize| {
        chars[at] == '"' && chars.len() > at + hashes && chars[at + 1..=at + hashes].iter().all(|c| *c == '#')
    };
    let end = (quote + 1..chars.len()).find(|&at| closes(at));
    Some(end.map_or(chars.len(), |at| at + hashes + 1))
}

/// A character literal, as opposed to a lifetime.
fn char_end(chars: &[char], start: usize) -> Option<usize> {
    match (chars.get(start + 1)?, chars.get(start + 2)?) {
        ('\\', _) => Some((find(chars, start + 3, |c| c == '\'') + 1).min(chars.len())),
        (_, '\'') => Some(start + 3),
        _ => None,
    }
}

fn follows_word(chars: &[char], at: usize) -> bool {
    let before = at.checked_sub(1).map(|before| chars[before]);
    let is_prefix =
        |c: char| matches!(c, 'b' | 'c') && at.checked_sub(2).is_none_or(|two| !is_word(chars[two]));
    before.is_some_and(|c| is_word(c) && !is_prefix(c))
}

/// Whether `c` can be part of an identifier.
pub fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// The lines (from 1) on which the identifier `word` stands as a whole word; `a::b` matches only as such.
pub fn lines_with(code: &str, word: &str) -> Vec<usize> {
    let holds = |line: &str| {
        line.match_indices(word).any(|(at, _)| {
            let before = line[..at].chars().next_back();
            let after = line[at + word.len()..].chars().next();
            !before.is_some_and(is_word) && !after.is_some_and(is_word)
        })
    };
    code.lines().enumerate().filter(|(_, line)| holds(line)).map(|(at, _)| at + 1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_vanish_and_lines_stay() {
        let text = "a /* x /* y */ z */ b // c\n\"d \\\" e\" f r#\"g \" h\"# br\"i\" 'j' '\\'' k\n";
        let code = code_only(text);
        assert_eq!(code.split_whitespace().collect::<String>(), "abfbk");
        assert_eq!(code.lines().count(), 2);
    }

    #[test]
    fn lifetimes_and_names_ending_in_r_are_code() {
        let text = "fn f<'a>(var: &'a str) -> Foo<'a> { for_r }";
        assert_eq!(code_only(text), text);
    }

    #[test]
    fn test_modules_vanish_and_what_follows_stays() {
        let code = "a\n#[cfg(test)]\nmod tests { fn b() { c } }\nd\n#[cfg(test)]\nuse e;\nf";
        let kept = without_tests(code);
        assert_eq!(kept.split_whitespace().collect::<String>(), "adf");
        assert_eq!(kept.lines().count(), code.lines().count());
    }

    #[test]
    fn whole_words_only() {
        assert_eq!(lines_with("axum::x\nmy_axum\naxums\nuse axum;", "axum"), [1, 4]);
        assert_eq!(lines_with("std::fs::read\nstd::fsx", "std::fs"), [1]);
    }
}
