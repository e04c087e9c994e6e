//! The kinds of record.

use super::vocabulary::vocabulary;

vocabulary! {
    /// The kinds of record.
    Kind {
        OutreachVisit = "outreach_visit", "buổi tuyên truyền", "outreach visit";
        AftercareCase = "aftercare_case", "hồ sơ quản lý sau cai", "after-care case";
        AftercareRestricted = "aftercare_restricted", "phần hạn chế của hồ sơ", "restricted part of a case";
        CheckIn = "check_in", "lần thăm, gặp", "check-in";
        CheckInRestricted = "check_in_restricted", "phần hạn chế của lần thăm, gặp", "restricted part of a check-in";
        PledgeDrive = "pledge_drive", "đợt ký cam kết", "pledge drive";
        PreventionModel = "prevention_model", "mô hình phòng, chống ma túy", "prevention model";
        WorkAssignment = "work_assignment", "giao việc", "assignment";
    }
}

impl Kind {
    /// Confidential: sealed at rest, and every delivery is written into the access log.
    #[must_use]
    pub fn is_aftercare(self) -> bool {
        matches!(
            self,
            Self::AftercareCase | Self::AftercareRestricted | Self::CheckIn | Self::CheckInRestricted
        )
    }

    /// Belongs to a case and is placed, moved and erased with it.
    #[must_use]
    pub fn is_part_of_case(self) -> bool {
        matches!(self, Self::AftercareRestricted | Self::CheckIn | Self::CheckInRestricted)
    }
}
