//! Few people are not told apart: a number of one to four people is not told, and no number from which such a one could be
//! found, neither by subtracting what is told from a total nor by knowing how the numbers to be hidden are chosen.

use std::collections::BTreeMap;

use donghanh_shared::domain::report::PeopleCount;

/// From this number on people are told apart no more.
pub const ENOUGH: u32 = 5;

/// Numbers by name.
pub type Cells<T> = BTreeMap<&'static str, T>;

/// Whether a number is so small that it is not told.
#[must_use]
pub fn is_few(number: u32) -> bool {
    (1..ENOUGH).contains(&number)
}

/// What may be told of people who are each in one cell: their total and the cells.
#[must_use]
pub fn told(cells: &Cells<u32>) -> (PeopleCount, Cells<PeopleCount>) {
    let total: u32 = cells.values().sum();
    let all_hidden = || cells.keys().map(|status| (*status, HIDDEN)).collect();
    if is_few(total) {
        return (HIDDEN, all_hidden());
    }
    let mut hidden: Vec<u32> = cells.values().copied().filter(|number| is_few(*number)).collect();
    if hidden.is_empty() {
        return (tell(total), cells.iter().map(|(status, number)| (*status, tell(*number))).collect());
    }
    // Larger numbers are hidden with the small ones, the smallest first, until every small one could be any from one to
    // four: the sum of what is hidden must leave room for that.
    let least = (ENOUGH - 1) * u32::try_from(hidden.len()).unwrap_or(u32::MAX);
    let mut others: Vec<u32> = cells.values().copied().filter(|number| *number >= ENOUGH).collect();
    others.sort_unstable();
    let mut covers = 0;
    let mut shown_from = u32::MAX;
    for cover in others {
        let enough = covers > 0 && hidden.iter().sum::<u32>() >= least + covers * ENOUGH;
        if enough && cover > shown_from {
            break;
        }
        hidden.push(cover);
        (covers, shown_from) = (covers + 1, cover);
    }
    let is_safe = covers > 0 && hidden.iter().sum::<u32>() >= least + covers * ENOUGH;
    if !is_safe {
        return (tell(total), all_hidden());
    }
    let cell = |number: u32| {
        let hide = number > 0 && number <= shown_from;
        if hide { HIDDEN } else { tell(number) }
    };
    (tell(total), cells.iter().map(|(status, number)| (*status, cell(*number))).collect())
}

/// A number that is not told.
pub const HIDDEN: PeopleCount = PeopleCount { count: None, few: true };

/// A number that is told.
#[must_use]
pub fn tell(number: u32) -> PeopleCount {
    PeopleCount { count: Some(number), few: false }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const NAMES: [&str; 4] = ["a", "b", "c", "d"];

    fn row_of(numbers: [u32; 4]) -> Cells<u32> {
        NAMES.into_iter().zip(numbers).collect()
    }

    /// Whoever knows these rules and sees what is told of a row tries every row there is: no number of one to four may
    /// be the only one possible.
    #[test]
    fn no_small_number_can_be_found_out() {
        const UP_TO: u32 = 15;
        let mut by_told: BTreeMap<String, Vec<[u32; 4]>> = BTreeMap::new();
        for code in 0..UP_TO.pow(4) {
            let numbers = [0, 1, 2, 3].map(|at| code / UP_TO.pow(at) % UP_TO);
            by_told.entry(format!("{:?}", told(&row_of(numbers)))).or_default().push(numbers);
        }
        for (what, rows) in by_told {
            for at in 0..NAMES.len() {
                let possible: BTreeSet<u32> = rows.iter().map(|row| row[at]).collect();
                let small = possible.iter().any(|number| (1..ENOUGH).contains(number));
                assert!(!small || possible.len() > 1, "{what}: only {possible:?} fits {}", NAMES[at]);
            }
            let totals: BTreeSet<u32> = rows.iter().map(|row| row.iter().sum()).collect();
            let small = totals.iter().any(|number| (1..ENOUGH).contains(number));
            assert!(!small || totals.len() > 1, "{what}: only {totals:?} fits the total");
        }
    }

    #[test]
    fn what_is_large_enough_is_told() {
        let (open, cells) = told(&row_of([20, 7, 0, 9]));
        assert_eq!((open, cells["a"], cells["b"], cells["c"]), (tell(36), tell(20), tell(7), tell(0)));
        let (open, cells) = told(&row_of([20, 2, 0, 9]));
        assert_eq!((open, cells["a"], cells["b"], cells["c"]), (tell(31), tell(20), HIDDEN, tell(0)));
        assert_eq!(cells["d"], HIDDEN, "31 - 20 - 9 would tell the two");
        let (open, cells) = told(&row_of([0, 3, 0, 0]));
        assert!(open == HIDDEN && cells.values().all(|cell| *cell == HIDDEN));
        let (open, cells) = told(&row_of([0; 4]));
        assert!(open == tell(0) && cells.values().all(|cell| *cell == tell(0)));
    }
}
