//! Who there is: two wards and the people of both, as everybody here calls them.

use donghanh_shared::access::Role;
use donghanh_shared::domain::WardRef;
use donghanh_shared::ids::PersonId;

/// One of two wards.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Place {
    /// The first.
    A,
    /// The second.
    B,
}

impl Place {
    /// As the product writes it.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::A => "08707@2025-07-01",
            Self::B => "08716@2025-07-01",
        }
    }

    /// The ward.
    ///
    /// # Panics
    /// Never: both texts are wards.
    #[must_use]
    pub fn ward(self) -> WardRef {
        self.text().parse().expect("a ward")
    }

    /// Which of the two a ward is.
    #[must_use]
    pub fn of(ward: WardRef) -> Self {
        if ward == Self::A.ward() { Self::A } else { Self::B }
    }

    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        if self == Self::A { Self::B } else { Self::A }
    }
}

/// What somebody may do in a ward, as the oracle sees it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Post {
    /// Logs activity.
    Volunteer,
    /// Looks after cases.
    Officer,
    /// Meets the people of the cases given to them.
    Helper,
    /// Says who may do what.
    Administrator,
}

impl Post {
    /// As the product calls it.
    #[must_use]
    pub fn role(self) -> Role {
        match self {
            Self::Volunteer => Role::Volunteer,
            Self::Officer => Role::AftercareOfficer,
            Self::Helper => Role::Helper,
            Self::Administrator => Role::Administrator,
        }
    }
}

/// Everybody, with what they may do at the beginning. The first four have a device in every schedule.
pub const PEOPLE: [(&str, Post, &[Place]); 9] = [
    ("lan", Post::Volunteer, &[Place::A]),
    ("dung", Post::Officer, &[Place::A]),
    ("giang", Post::Helper, &[Place::A]),
    ("hoa", Post::Volunteer, &[Place::B]),
    ("ha", Post::Officer, &[Place::B]),
    ("minh", Post::Volunteer, &[Place::A]),
    ("van", Post::Volunteer, &[Place::A, Place::B]),
    ("chi", Post::Officer, &[Place::A]),
    ("quantri", Post::Administrator, &[]),
];

/// The identity of somebody.
#[must_use]
pub fn person(name: &str) -> PersonId {
    let mut id = [0; 16];
    id[..name.len()].copy_from_slice(name.as_bytes());
    PersonId(id)
}
