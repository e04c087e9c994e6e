//! Apps and servers of other versions, made out of messages on their way: an older app leaves out what came later, a newer one or a
//! newer server says things that nobody here knows.

use donghanh_shared::access::Scope;
use donghanh_shared::sync::session::Route;
use donghanh_shared::sync::wire::{
    MAX_PUSH_UNPACKED, PullPage, PullRequest, deflate, from_bytes, inflate, to_bytes,
};

/// The key of a field that no version has so far.
const KEY: u8 = 0x17;

/// Which version an app is of.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Version {
    /// Of the first: it does not say how many classes of scopes it knows.
    Older,
    /// Of this one.
    #[default]
    Current,
    /// Of a later one: each map of its messages has a field more.
    Newer,
}

/// A request as an app of this version sends it; `None` when it is the same.
#[must_use]
pub fn request(version: Version, route: Route, body: &[u8]) -> Option<Vec<u8>> {
    match (version, route) {
        (Version::Older, Route::Pull) => {
            let request: PullRequest = from_bytes(body).ok()?;
            Some(to_bytes(&PullRequest { classes: None, ..request }))
        }
        (Version::Newer, Route::Push) => Some(deflate(&with_more(&inflate(body, MAX_PUSH_UNPACKED).ok()?)?)),
        (Version::Newer, Route::Pull) => with_more(body),
        _ => None,
    }
}

/// A scope in a page that an app of the first version cannot read.
#[must_use]
pub fn unreadable(page: &[u8]) -> Option<Scope> {
    let page: PullPage = from_bytes(page).ok()?;
    page.scopes.into_iter().map(|info| info.scope).find(|scope| scope.class() >= Scope::FIRST_CLASSES)
}

/// The same message with one more field in each map that has numbers for keys; `None` when it is none.
#[must_use]
pub fn with_more(message: &[u8]) -> Option<Vec<u8>> {
    let mut walk = Walk { left: message, out: Vec::with_capacity(message.len() + 64) };
    walk.item()?;
    walk.left.is_empty().then_some(walk.out)
}

struct Walk<'a> {
    left: &'a [u8],
    out: Vec<u8>,
}

impl Walk<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, left) = self.left.split_first()?;
        self.left = left;
        Some(*first)
    }

    /// The rest of a head: its number.
    fn number(&mut self, low: u8) -> Option<u64> {
        let count = match low {
            0..24 => return Some(u64::from(low)),
            24..28 => 1_usize << (low - 24),
            // Nothing here is of indefinite length.
            _ => return None,
        };
        (0..count).try_fold(0, |number, _| Some(number << 8 | u64::from(self.byte()?)))
    }

    fn head(&mut self, major: u8, number: u64) {
        let of = |low: u8| major << 5 | low;
        match number {
            0..24 => self.out.push(of(number as u8)),
            24..0x100 => self.out.extend([of(24), number as u8]),
            0x100..0x1_0000 => {
                self.out.push(of(25));
                self.out.extend((number as u16).to_be_bytes());
            }
            0x1_0000..0x1_0000_0000 => {
                self.out.push(of(26));
                self.out.extend((number as u32).to_be_bytes());
            }
            _ => {
                self.out.push(of(27));
                self.out.extend(number.to_be_bytes());
            }
        }
    }

    fn item(&mut self) -> Option<()> {
        let first = self.byte()?;
        let (major, number) = (first >> 5, self.number(first & 0x1f)?);
        match major {
            2 | 3 => {
                let (bytes, left) = self.left.split_at_checked(usize::try_from(number).ok()?)?;
                self.left = left;
                self.head(major, number);
                self.out.extend(bytes);
            }
            4 | 6 => {
                self.head(major, number);
                (0..if major == 6 { 1 } else { number }).try_for_each(|_| self.item())?;
            }
            5 => {
                let is_message = self.left.first().is_some_and(|key| key >> 5 == 0);
                self.head(major, number + u64::from(is_message));
                (0..number * 2).try_for_each(|_| self.item())?;
                if is_message {
                    // A text.
                    self.out.extend([KEY, 0x64]);
                    self.out.extend(*b"sau!");
                }
            }
            _ => self.head(major, number),
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use donghanh_shared::ids::InstanceId;

    use super::*;

    #[test]
    fn what_a_newer_version_says_more_is_passed_over() {
        let info = |number| donghanh_shared::sync::wire::ScopeInfo {
            number,
            scope: "activity/08707@2025-07-01".parse().expect("scope"),
            write: true,
        };
        let page = PullPage { epoch: 70_000, scopes: vec![info(3), info(300)], ..PullPage::default() };
        let bytes = to_bytes(&page);
        let more = with_more(&bytes).expect("a message");
        assert!(more.len() > bytes.len() + 6);
        assert_eq!(from_bytes::<PullPage>(&more), Ok(page));
        assert_eq!(with_more(&bytes[1..]), None);
    }

    #[test]
    fn an_older_app_says_nothing_of_classes() {
        let request = PullRequest {
            version: 1,
            instance: InstanceId([1; 16]),
            epoch: 1,
            cursors: Vec::new(),
            max_bytes: 9,
            classes: Some(Scope::CLASSES),
            bare: Some(true),
            mend: None,
        };
        let older = super::request(Version::Older, Route::Pull, &to_bytes(&request)).expect("differs");
        assert_eq!(from_bytes(&older), Ok(PullRequest { classes: None, ..request }));
        assert!(super::request(Version::Current, Route::Pull, &older).is_none());
    }
}
