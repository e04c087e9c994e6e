//! `docs/access.md` says what the server does: it is written from what the server answered, never from the rules.

use std::fmt::Write as _;

use donghanh_shared::crdt::Kind;
use donghanh_shared::domain::vocabulary::{Language, Term as _};

use super::probe::{self, ACTIONS, PEOPLE, Table, Where};

const HEAD: &str = "# Who may do what

Made by `server/tests/routes/promises/denied`, from what a server really answered to one person of each role who tried
everything; `DONGHANH_MAKE_DOCS=1` writes it anew. The rules themselves are in `shared/src/access`.

*own* is the ward in which the role is held (for an organisation lead: a record placed with the organisation; for a helper:
a case assigned to them; for a school's contact person: a drive placed with the school; for roles over the whole area: one
ward), *other* another one. A role in a ward reaches the wards that went into it. Counts of parts of a case are the counts of their case.

";

fn mark(table: &Table, kind: Kind, action: &'static str) -> &'static str {
    match Where::ALL.map(|place| table[&(kind, action, place)]) {
        [true, true] => "own, other",
        [true, false] => "own",
        [false, true] => "other",
        [false, false] => "–",
    }
}

async fn page() -> String {
    let mut page = HEAD.to_owned();
    for (name, role) in PEOPLE {
        let table = probe::of(name).await;
        let words = [Language::Vietnamese, Language::English].map(|language| role.words(language));
        writeln!(page, "## {} ({})\n", words[0], words[1]).expect("writes");
        writeln!(page, "| kind | {} |", ACTIONS.map(|action| action.replace('_', " ")).join(" | "))
            .expect("writes");
        writeln!(page, "|---|{}", "---|".repeat(ACTIONS.len())).expect("writes");
        for kind in Kind::ALL {
            let cells = ACTIONS.map(|action| mark(&table, *kind, action));
            writeln!(page, "| {} | {} |", kind.words(Language::English), cells.join(" | ")).expect("writes");
        }
        page.push('\n');
    }
    page.trim_end().to_owned() + "\n"
}

#[tokio::test]
async fn the_page_says_what_the_server_does() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/access.md");
    let made = page().await;
    if std::env::var_os("DONGHANH_MAKE_DOCS").is_some() {
        std::fs::write(path, &made).expect("write");
    }
    let kept = std::fs::read_to_string(path).expect("docs/access.md");
    assert_eq!(kept, made, "docs/access.md no longer says what the server does");
}
