//! Everything that can be wrong with what came in: a stable code, and a sentence in both languages that says what to do.

use serde::{Deserialize, Serialize};

use super::vocabulary::{Language, Term, vocabulary};

vocabulary! {
    /// Why something was not taken. The code is stable: phones, logs and tests rely on it.
    Code {
        BodyTooLarge = "body_too_large", "Gói gửi quá lớn. Ứng dụng sẽ chia nhỏ rồi gửi lại.", "The message is too large. The app will split it and send again.";
        BodyMalformed = "body_malformed", "Máy chủ không đọc được gói gửi. Hãy cập nhật ứng dụng rồi gửi lại; dữ liệu vẫn còn trên máy.", "The server could not read the message. Update the app and send again; your records are still on the phone.";
        VersionUnsupported = "version_unsupported", "Ứng dụng trên máy này đã cũ. Hãy cập nhật để gửi; dữ liệu vẫn còn trên máy.", "The app on this phone is too old. Update it to send; your records are still on the phone.";
        ContentTypeWrong = "content_type_wrong", "Kiểu nội dung không đúng. Hãy cập nhật ứng dụng rồi thử lại.", "The content type is not the expected one. Update the app and try again.";
        NotSignedIn = "not_signed_in", "Phiên đăng nhập đã hết. Hãy đăng nhập lại; dữ liệu vẫn còn trên máy.", "You are signed out. Sign in again; your records are still on the phone.";
        SignInWrong = "sign_in_wrong", "Tên hoặc mật khẩu chưa đúng. Kiểm tra lại rồi thử lần nữa.", "The name or the password is not right. Check both and try again.";
        TooManyAttempts = "too_many_attempts", "Thử quá nhiều lần. Hãy đợi một lúc rồi thử lại.", "Too many attempts. Wait a while, then try again.";
        DeviceRevoked = "device_revoked", "Máy này không còn được dùng cho Đồng Hành. Phần chưa gửi được nộp cho người phụ trách, rồi dữ liệu trên máy được xóa.", "This phone may no longer be used for Đồng Hành. What was not sent goes to the supervisor, then the records on the phone are removed.";
        PinTooShort = "pin_too_short", "Mã PIN cần ít nhất 6 chữ số. Có thể dùng một câu dài hơn thay cho mã PIN.", "The PIN needs at least 6 digits. A longer phrase can be used instead.";
        PinWeak = "pin_weak", "Mã PIN này dễ đoán. Chọn mã khác, không lặp lại và không phải dãy số liền nhau.", "This PIN is easy to guess. Choose another one, without repeats or digits in a row.";
        PassphraseNeeded = "passphrase_needed", "Máy giữ hồ sơ sau cai cần câu mật khẩu từ 10 ký tự trở lên, có cả chữ. Đặt lại câu mật khẩu.", "A phone with after-care records needs a passphrase of 10 characters or more, with letters. Choose a passphrase.";
        PinWrong = "pin_wrong", "Mã mở khóa chưa đúng. Nhập lại.", "The PIN or passphrase is not right. Enter it again.";
        PinLocked = "pin_locked", "Đã nhập sai mười lần. Kết nối mạng và nhập mật khẩu tài khoản để mở lại; dữ liệu vẫn còn trên máy.", "Ten wrong tries. Connect and enter your account password to open again; your records are still on the phone.";
        KeyNotMade = "key_not_made", "Máy chưa kiểm tra được mã mở khóa. Đóng bớt ứng dụng khác rồi thử lại; lần này không tính là nhập sai.", "The phone could not check the PIN or passphrase. Close other apps and try again; this did not count as a wrong try.";
        ContactNeeded = "contact_needed", "Máy đã lâu không liên lạc với máy chủ. Kết nối mạng để mở; dữ liệu vẫn còn trên máy.", "This phone has not been in contact with the server for long. Connect to open it; your records are still on the phone.";
        InvitationInvalid = "invitation_invalid", "Lời mời này không dùng được: đã dùng, đã hết hạn hoặc bị gõ sai. Hãy xin lời mời mới.", "This invitation cannot be used: used already, expired or mistyped. Ask for a new one.";
        CodeNeeded = "code_needed", "Nhập thêm mã 6 số trong ứng dụng xác thực.", "Enter the 6-digit code of your authenticator app as well.";
        CodeWrong = "code_wrong", "Mã xác thực chưa đúng hoặc đã dùng. Đợi mã mới rồi nhập lại.", "The code is not right or was used already. Wait for a new one and enter it.";
        CodeSetUpNeeded = "code_set_up_needed", "Tài khoản phụ trách cần mã xác thực hai bước. Thiết lập rồi tiếp tục.", "Accounts of supervisors need two-step codes. Set them up to go on.";
        SecondPersonNeeded = "second_person_needed", "Việc này cần người thứ hai duyệt. Đã gửi yêu cầu; hãy nhờ một người quản trị khác duyệt.", "This takes a second person. The request was made; ask another administrator to approve it.";
        SealedForged = "sealed_forged", "Phần niêm phong không phải do máy này tạo, hoặc đã bị sửa. Hãy báo người phụ trách.", "The sealed part was not made by this phone, or was changed. Tell your supervisor.";
        RescueUnreadable = "rescue_unreadable", "Không đọc được tệp cứu hộ. Chọn đúng tệp đã xuất từ ứng dụng.", "The rescue file cannot be read. Choose the file that the app exported.";
        HandOverFull = "hand_over_full", "Máy đã nộp lại đến mức tối đa. Hãy báo người phụ trách.", "This phone has handed over as much as is taken. Tell your supervisor.";
        TooSlow = "too_slow", "Gói gửi đến quá chậm. Ứng dụng sẽ tự gửi lại khi mạng khá hơn.", "The message arrived too slowly. The app will send again on a better connection.";
        FieldReturned = "field_returned", "Người xem lại đề nghị bổ sung chỗ này. Sửa rồi lưu lại.", "Whoever reviewed it asks to complete this. Mend it and save again.";
        NotAllowed = "not_allowed", "Bạn chưa được giao việc này. Hãy hỏi người phụ trách phường.", "This is not assigned to you. Ask your ward supervisor.";
        NotFound = "not_found", "Không tìm thấy. Có thể đã được gỡ bỏ hoặc bạn chưa được giao.", "Not found. It may have been removed, or it is not assigned to you.";
        OtherInstance = "other_instance", "Máy chủ này không phải nơi dữ liệu được ghi. Dữ liệu thử và dữ liệu thật không gửi lẫn cho nhau.", "This server is not where these records belong. Demo data and real data never mix.";
        AlreadySetUp = "already_set_up", "Máy chủ đã được thiết lập. Hãy đăng nhập.", "The server is already set up. Sign in.";
        FieldMissing = "field_missing", "Còn thiếu thông tin. Điền ô được đánh dấu rồi lưu lại.", "Something is missing. Fill in the marked field and save again.";
        TextTooLong = "text_too_long", "Nội dung quá dài. Rút ngắn rồi lưu lại.", "The text is too long. Shorten it and save again.";
        TextEmpty = "text_empty", "Chưa nhập nội dung. Nhập rồi lưu lại.", "Nothing was entered. Enter it and save again.";
        PasswordTooShort = "password_too_short", "Mật khẩu cần ít nhất 10 ký tự.", "The password needs at least 10 characters.";
        DateInvalid = "date_invalid", "Ngày chưa đúng. Chọn lại ngày.", "The date is not right. Choose the date again.";
        DateAbsurd = "date_absurd", "Ngày quá xa so với thực tế. Chọn lại ngày.", "The date is far outside the expected years. Choose the date again.";
        DateInFuture = "date_in_future", "Ngày ở tương lai. Chọn ngày đã diễn ra buổi này.", "The date is in the future. Choose the day on which it took place.";
        PeriodInvalid = "period_invalid", "Ngày cuối đứng trước ngày đầu. Chọn lại khoảng thời gian.", "The last day is before the first day. Choose the period again.";
        TimeInvalid = "time_invalid", "Giờ chưa đúng. Nhập theo dạng 08:30.", "The time is not right. Enter it as 08:30.";
        TermUnknown = "term_unknown", "Lựa chọn này phiên bản ứng dụng chưa biết. Hãy cập nhật ứng dụng.", "This choice is not known to this version. Update the app.";
        CountNegative = "count_negative", "Số không thể nhỏ hơn 0. Nhập lại số.", "A count cannot be below 0. Enter the number again.";
        CountTooLarge = "count_too_large", "Số quá lớn. Kiểm tra lại số vừa nhập.", "The number is too large. Check what you entered.";
        CountMalformed = "count_malformed", "Số ghi không đúng dạng. Nhập lại số.", "The count is not in the right form. Enter the number again.";
        GroupsExceedTotal = "groups_exceed_total", "Các nhóm cộng lại nhiều hơn tổng số người dự. Kiểm tra lại.", "The groups add up to more than the total attendance. Check the numbers.";
        DateMissing = "date_missing", "Chưa chọn ngày. Chọn ngày diễn ra để lưu.", "No date chosen. Choose the day it took place to save.";
        FormMissing = "form_missing", "Chưa chọn hình thức. Chọn một hình thức để lưu.", "No form chosen. Choose a form to save.";
        VenueMissing = "venue_missing", "Chưa chọn nơi tổ chức. Chọn một nơi để lưu.", "No venue chosen. Choose a place to save.";
        LeadMissing = "lead_missing", "Chưa chọn đơn vị chủ trì. Chọn một đơn vị để lưu.", "No lead organisation chosen. Choose one to save.";
        YearMissing = "year_missing", "Chưa chọn năm học hoặc năm. Chọn một năm để lưu.", "No school year or year chosen. Choose one to save.";
        GroupMissing = "group_missing", "Chưa có lớp hoặc nhóm nào. Thêm ít nhất một lớp, chi đoàn hoặc nhóm để lưu.", "No class or group yet. Add at least one class, branch or group to save.";
        GroupTwice = "group_twice", "Lớp hoặc nhóm này đã có trong danh sách. Sửa dòng đã có.", "This class or group is in the list already. Edit the line that is there.";
        SignedExceedExpected = "signed_exceed_expected", "Số đã ký nhiều hơn sĩ số. Kiểm tra lại; vẫn lưu được.", "More signed than were expected. Check the numbers; it can be saved all the same.";
        NameMissing = "name_missing", "Chưa đặt tên mô hình. Nhập tên để lưu.", "The model has no name. Enter one to save.";
        ModelKindMissing = "model_kind_missing", "Chưa chọn loại mô hình. Chọn một loại để lưu.", "No kind of model chosen. Choose one to save.";
        SinceMissing = "since_missing", "Chưa chọn ngày bắt đầu hoạt động. Chọn ngày để lưu.", "No first day chosen. Choose the day since which it works to save.";
        MembersExceeded = "members_exceeded", "Số nữ hoặc thanh niên nhiều hơn tổng số thành viên. Kiểm tra lại; vẫn lưu được.", "More women or youth than members. Check the numbers; it can be saved all the same.";
        WorkMissing = "work_missing", "Chưa chọn việc cần làm. Chọn một việc để lưu.", "No kind of work chosen. Choose one to save.";
        NumberMissing = "number_missing", "Chưa nhập số lượng. Nhập số lớn hơn 0, hoặc chọn các nơi cần đến.", "No number entered. Enter one above 0, or choose the places to be reached.";
        DueMissing = "due_missing", "Chưa chọn hạn. Chọn ngày cần xong để lưu.", "No last day chosen. Choose the day by which it is to be done to save.";
        AskedMissing = "asked_missing", "Chưa chọn đơn vị hoặc người được giao. Chọn để lưu.", "Nobody is asked yet. Choose an organisation or a person to save.";
        VerdictMissing = "verdict_missing", "Chưa chọn kết quả đánh giá. Chọn một kết quả để lưu.", "No result chosen. Choose what the review found to save.";
        PositionNotAllowed = "position_not_allowed", "Với hộ gia đình, tư vấn và nhóm nguy cơ, không lưu vị trí. Bỏ vị trí rồi lưu lại.", "For households, counselling and high-risk groups no position is kept. Remove it and save again.";
        PhotoNotAllowed = "photo_not_allowed", "Với hộ gia đình, tư vấn và nhóm nguy cơ, không lưu ảnh. Bỏ ảnh rồi lưu lại.", "For households, counselling and high-risk groups no photo is kept. Remove it and save again.";
        PhotosTooMany = "photos_too_many", "Mỗi bản ghi giữ nhiều nhất 12 ảnh. Bỏ bớt ảnh rồi lưu lại.", "A record keeps 12 photos at most. Remove some and save again.";
        PhotoUnreadable = "photo_unreadable", "Không đọc được ảnh này. Chụp lại hoặc chọn ảnh khác.", "This picture cannot be read. Take it again or choose another one.";
        PhotoTooLarge = "photo_too_large", "Ảnh quá lớn. Chụp lại hoặc chọn ảnh khác.", "The picture is too large. Take it again or choose another one.";
        PhotoDamaged = "photo_damaged", "Ảnh bị hỏng khi gửi. Ứng dụng sẽ gửi lại từ đầu.", "The picture was damaged on its way. The app will send it again from the start.";
        WardInvalid = "ward_invalid", "Mã phường, xã chưa đúng. Chọn lại phường, xã.", "The ward code is not right. Choose the ward again.";
        WardUnknown = "ward_unknown", "Phường, xã này không có trong danh mục. Chọn lại phường, xã.", "This ward is not in the register. Choose the ward again.";
        PlaceUnknown = "place_unknown", "Nơi này không có trong danh mục. Chọn lại hoặc thêm địa điểm mới.", "This place is not in the register. Choose again or add it.";
        OrganisationInvalid = "organisation_invalid", "Mã đơn vị chưa đúng. Chọn lại đơn vị.", "The organisation code is not right. Choose the organisation again.";
        ScopeInvalid = "scope_invalid", "Phạm vi không đúng. Hãy tải lại ứng dụng.", "The scope is not right. Reload the app.";
        ChangeMalformed = "change_malformed", "Một lần sửa bị hỏng khi gửi. Bản ghi được giữ lại để xem xét.", "An edit was damaged on its way. The record is kept for review.";
        ChangeTooLarge = "change_too_large", "Một lần sửa quá lớn. Chia nhỏ nội dung rồi lưu lại.", "An edit is too large. Split the content and save again.";
        ChangeCompressed = "change_compressed", "Một lần sửa gửi sai dạng. Hãy cập nhật ứng dụng.", "An edit was sent in a form that is not accepted. Update the app.";
        ChangeChecksum = "change_checksum", "Một lần sửa bị sai mã kiểm. Ứng dụng sẽ gửi lại.", "An edit failed its checksum. The app will send it again.";
        ChangeForbiddenField = "change_forbidden_field", "Một lần sửa ghi vào phần không được phép. Bản ghi được giữ lại để xem xét.", "An edit wrote where it may not. The record is kept for review.";
        DocumentTooLarge = "document_too_large", "Bản ghi đã quá lớn. Hãy ghi tiếp vào một bản ghi mới.", "The record has grown too large. Continue in a new record.";
        DocumentUnknown = "document_unknown", "Bản ghi chưa được tạo trên máy chủ. Ứng dụng sẽ gửi lại từ đầu.", "The record does not exist on the server yet. The app will send it again from the start.";
        DocumentExists = "document_exists", "Mã bản ghi đã được dùng ở nơi khác. Ứng dụng sẽ tạo mã mới.", "The record's identifier is already used elsewhere. The app will draw a new one.";
        DocumentErased = "document_erased", "Hồ sơ này đã được xóa vĩnh viễn. Những gì còn lại của hồ sơ trên máy cũng được xóa.", "This case was erased for good. What is left of it on the phone is erased too.";
        ActorForeign = "actor_foreign", "Lần sửa mang dấu của máy khác. Hãy đóng rồi mở lại ứng dụng.", "The edit bears the mark of another device. Close the app and open it again.";
        DependsOnRefused = "depends_on_refused", "Lần sửa này dựa trên một lần sửa chưa được nhận. Mở bản ghi để sửa lại.", "This edit builds on one that was not accepted. Open the record to mend it.";
        KindUnknown = "kind_unknown", "Loại bản ghi này máy chủ chưa biết. Hãy đợi máy chủ được cập nhật; dữ liệu vẫn còn trên máy.", "The server does not know this kind of record. Wait for its update; your records are still on the phone.";
        FormReadOnly = "form_read_only", "Bản ghi thuộc phiên bản mới hơn, chỉ xem được. Hãy cập nhật ứng dụng để sửa.", "The record is of a newer version and can only be read. Update the app to edit it.";
        Busy = "busy", "Máy chủ đang bận. Ứng dụng sẽ tự gửi lại.", "The server is busy. The app will send again by itself.";
        Internal = "internal", "Máy chủ gặp trục trặc. Ứng dụng sẽ tự gửi lại; dữ liệu vẫn còn trên máy.", "The server has a problem. The app will send again; your records are still on the phone.";
        StoreFailed = "store_failed", "Máy không lưu được. Đừng đóng ứng dụng; hãy giải phóng bộ nhớ rồi lưu lại.", "The phone could not save. Keep the app open, free some storage and save again.";
        NoConnection = "no_connection", "Chưa có mạng. Mọi thứ vẫn được giữ trên máy và sẽ tự gửi.", "No connection. Everything is kept on the phone and will be sent.";
    }
}

/// A code with the field it is about, ready to be told to a person or written to the wire.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, thiserror::Error)]
#[error("{} {}", .code.code(), .field.as_deref().unwrap_or_default())]
pub struct Problem {
    /// What is wrong.
    pub code: Code,
    /// The field it is about, by its name in the document or the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

impl Problem {
    /// A problem not tied to one field.
    #[must_use]
    pub fn new(code: Code) -> Self {
        Self { code, field: None }
    }

    /// The same problem, tied to a field.
    #[must_use]
    pub fn at(self, field: impl Into<String>) -> Self {
        Self { field: Some(field.into()), ..self }
    }

    /// The sentence for people.
    #[must_use]
    pub fn sentence(&self, language: Language) -> &'static str {
        self.code.words(language)
    }
}

impl From<Code> for Problem {
    fn from(code: Code) -> Self {
        Self::new(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_distinct_and_both_sentences_are_sentences() {
        let mut codes: Vec<_> = Code::ALL.iter().map(|code| code.code()).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), Code::ALL.len());
        for code in Code::ALL {
            for language in [Language::Vietnamese, Language::English] {
                let sentence = code.words(language);
                assert!(sentence.ends_with('.') && sentence.len() > 15, "{code:?}: {sentence}");
            }
        }
    }
}
