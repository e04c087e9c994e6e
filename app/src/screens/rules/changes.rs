//! What one change of the rules did, in words: each rule that came, went or says something else.

use donghanh_shared::domain::aftercare::AftercareRules;

use super::words::{Said, said};
use crate::i18n::tr;

/// The lines of a change, from the rules before it to those after it.
pub fn changes(before: &AftercareRules, after: &AftercareRules) -> Vec<String> {
    let (before, after) = (said(before), said(after));
    let find = |all: &[Said], id: &str| all.iter().find(|one| one.id == id).cloned();
    let mut lines = Vec::new();
    for now in &after {
        match find(&before, &now.id) {
            None => lines.push(tr!(rules.came, what = now.whole())),
            Some(then) if then != *now => {
                lines.push(tr!(rules.became, what = then.title, before = then.told(), after = now.told()));
            }
            Some(_) => {}
        }
    }
    let gone = before.iter().filter(|then| find(&after, &then.id).is_none());
    lines.extend(gone.map(|then| tr!(rules.went, what = then.whole())));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_says_what_was_and_what_is() {
        let shipped = AftercareRules::shipped();
        let mut rules = shipped.clone();
        rules.intervals[0].months = 2;
        let lines = changes(&shipped, &rules);
        assert!(
            lines.len() == 1 && lines[0].contains("1 tháng") && lines[0].contains("2 tháng"),
            "{lines:?}"
        );
        rules.events[0].confirmed = true;
        assert_eq!(changes(&shipped, &rules).len(), 2);
        assert!(changes(&shipped, &shipped).is_empty());
        rules.legal.remove(0);
        assert_eq!(changes(&shipped, &rules).len(), 3);
        assert_eq!(changes(&rules, &shipped).len(), 3);
    }
}
