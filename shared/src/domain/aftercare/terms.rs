//! The words of after-care: closed lists with stable codes. Respectful throughout: the person is "người sau cai".

use crate::domain::vocabulary::vocabulary;

vocabulary! {
    /// How treatment was completed; the length of after-care goes by it (Law 73/2021/QH14, art. 40).
    Completion {
        Voluntary = "voluntary", "cai nghiện tự nguyện", "voluntary treatment";
        Substitution = "substitution", "điều trị bằng thuốc thay thế", "substitution treatment";
        CompulsoryMinor = "compulsory_minor", "cai nghiện bắt buộc, từ đủ 12 đến dưới 18 tuổi", "compulsory treatment, aged 12–17";
        CompulsoryAdult = "compulsory_adult", "cai nghiện bắt buộc, từ đủ 18 tuổi", "compulsory treatment, adult";
    }
}

vocabulary! {
    /// Why a case is to be erased for good.
    ErasureReason {
        AskedFor = "asked_for", "người đó đề nghị xóa", "the person asked for it";
        RetentionOver = "retention_over", "đã hết thời hạn lưu giữ", "it need not be kept any longer";
        ByMistake = "by_mistake", "hồ sơ lập nhầm", "it was made by mistake";
    }
}

vocabulary! {
    /// How somebody was met, or was to be.
    How {
        Home = "home", "đến nhà", "at home";
        Phone = "phone", "gọi điện", "by telephone";
        WardOffice = "ward_office", "tại trụ sở phường, xã", "at the ward office";
        Workplace = "workplace", "nơi làm việc, học tập", "where they work or learn";
        HealthStation = "health_station", "tại trạm y tế", "at the health station";
        Elsewhere = "elsewhere", "nơi khác", "elsewhere";
    }
}

vocabulary! {
    /// A field of life that a check-in asks about (plan IV.2, IV.12.3, IV.13).
    Life {
        Work = "work", "việc làm", "work";
        Training = "training", "học nghề", "training";
        Loan = "loan", "vay vốn", "loan";
        Housing = "housing", "chỗ ở", "housing";
        Family = "family", "gia đình", "family";
        Health = "health", "sức khỏe", "health";
        Relations = "relations", "quan hệ bạn bè, xã hội", "friends and relations";
    }
}

vocabulary! {
    /// How a field of life is going.
    State {
        Stable = "stable", "ổn định", "stable";
        Difficult = "difficult", "gặp khó khăn", "difficult";
        Lacking = "none", "chưa có", "none yet";
        NotNeeded = "not_needed", "không có nhu cầu", "not needed";
        Unknown = "unknown", "chưa rõ", "not known";
    }
}

vocabulary! {
    /// Signs of renewed use (dấu hiệu sử dụng lại). Somebody's impression, never a finding: only an officer records a relapse.
    Sign {
        AvoidsContact = "avoids_contact", "né tránh gặp gỡ", "avoids contact";
        OldCompany = "old_company", "trở lại nhóm bạn cũ", "old company again";
        OftenAway = "often_away", "hay vắng nhà không rõ lý do", "often away without a reason";
        MoneyTrouble = "money_trouble", "thiếu tiền bất thường", "unusual lack of money";
        MoodChange = "mood_change", "tính tình thay đổi", "changed mood";
        LooksUnwell = "looks_unwell", "sức khỏe giảm sút", "looks unwell";
        ThingsSeen = "things_seen", "thấy vật dụng liên quan", "things seen that point to it";
        ToldByFamily = "told_by_family", "gia đình lo ngại", "the family is worried";
        ToldThemselves = "told_themselves", "tự chia sẻ", "they said so themselves";
        Other = "other", "dấu hiệu khác", "another sign";
    }
}

vocabulary! {
    /// What a person needs.
    Need {
        Work = "work", "việc làm", "work";
        Training = "training", "học nghề", "training";
        Loan = "loan", "vay vốn", "a loan";
        Housing = "housing", "chỗ ở", "housing";
        Counselling = "counselling", "tư vấn tâm lý", "counselling";
        Methadone = "methadone", "điều trị methadone", "methadone treatment";
        Health = "health", "chăm sóc sức khỏe", "health care";
        Papers = "papers", "giấy tờ tùy thân", "identity papers";
        Family = "family", "gắn kết gia đình", "help within the family";
        School = "school", "đi học lại", "going back to school";
        Other = "other", "nhu cầu khác", "something else";
    }
}

vocabulary! {
    /// Support given, or to which somebody was referred (indicators C1 and C2: training, loan, job, counselling, treatment).
    SupportKind {
        Training = "training", "học nghề", "training";
        Loan = "loan", "vay vốn", "loan";
        Job = "job", "giới thiệu việc làm", "job";
        Counselling = "counselling", "tư vấn", "counselling";
        Methadone = "methadone", "điều trị methadone", "methadone treatment";
        Health = "health", "khám, chữa bệnh", "health care";
        Papers = "papers", "làm giấy tờ tùy thân", "identity papers";
        Other = "other", "hỗ trợ khác", "other support";
    }
}

vocabulary! {
    /// What happened to a case.
    EventKind {
        Transfer = "transfer", "chuyển nơi cư trú", "transfer to another ward";
        Absence = "absence", "vắng mặt nơi cư trú", "absence";
        Returned = "returned", "đã trở về", "returned";
        Signs = "signs", "có dấu hiệu sử dụng lại", "signs of renewed use";
        Relapse = "relapse", "tái sử dụng", "relapse";
        Detention = "detention", "bị giam giữ", "detention";
        ReturnToTreatment = "return_to_treatment", "cai nghiện lại", "return to treatment";
        Completion = "completion", "hoàn thành thời hạn", "completion";
        Death = "death", "đã mất", "death";
        Dropped = "dropped", "dừng quản lý", "dropped";
    }
}

vocabulary! {
    /// Who records something of a case.
    Recorder {
        Helper = "helper", "người được phân công giúp đỡ", "assigned helper";
        Officer = "officer", "cán bộ quản lý sau cai", "after-care officer";
    }
}

vocabulary! {
    /// The result of a test.
    TestResult {
        Negative = "negative", "âm tính", "negative";
        Positive = "positive", "dương tính", "positive";
        Unclear = "unclear", "chưa rõ", "unclear";
        Declined = "declined", "không làm", "not taken";
    }
}

vocabulary! {
    /// Sex, as identity papers have it.
    Sex {
        Female = "female", "nữ", "female";
        Male = "male", "nam", "male";
        Other = "other", "khác", "other";
    }
}

vocabulary! {
    /// What the person, or the guardian of a minor, gave permission for (Decree 13/2023/NĐ-CP, art. 11).
    ConsentKind {
        Phone = "phone", "gọi điện", "to telephone";
        HomeVisit = "home_visit", "đến nhà", "to visit at home";
        ContactFamily = "contact_family", "liên hệ gia đình", "to contact the family";
        ShareForSupport = "share_for_support", "chuyển thông tin để được hỗ trợ", "to pass on what support needs";
        Other = "other", "việc khác", "something else";
    }
}
