//! What cases are like.

/// The sort of a case.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Course {
    /// Goes on, met every month.
    Steady,
    /// Goes on, met when it happens.
    Irregular,
    /// Was away for a while.
    Away,
    /// Relapsed, went back to treatment, returned.
    Treated,
    /// Is in detention.
    Detained,
    /// Is to be met every two weeks, later every four.
    Closer,
    /// Completed its term.
    Completed,
    /// Died.
    Died,
    /// Was stopped, and the person came back.
    Resumed,
    /// Was closed by its status alone; nobody said when.
    ClosedUnsaid,
    /// Was begun by mistake and removed.
    Removed,
    /// Nobody said when it began.
    Undated,
    /// Two people put down different things of the same event; one does not fit.
    Misfit,
}

/// One after the other; steady ones come first, those are the ones with a helper.
pub const COURSES: [Course; 18] = [
    Course::Steady,
    Course::Irregular,
    Course::Steady,
    Course::Away,
    Course::Treated,
    Course::Steady,
    Course::Completed,
    Course::Closer,
    Course::Detained,
    Course::Irregular,
    Course::Died,
    Course::Completed,
    Course::Resumed,
    Course::ClosedUnsaid,
    Course::Removed,
    Course::Undated,
    Course::Misfit,
    Course::Steady,
];
