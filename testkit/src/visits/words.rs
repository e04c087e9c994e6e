//! What people write in notes and follow-ups: short, plain Vietnamese, no names of anybody.

use donghanh_shared::domain::outreach_visit::Form;

use crate::random::Random;

const TALK: [&str; 4] = [
    "Báo cáo viên trình bày tác hại của ma túy tổng hợp, có phần hỏi đáp sôi nổi.",
    "Tuyên truyền tại sân, loa hơi nhỏ ở cuối hàng. Các em hỏi nhiều về thuốc lá điện tử.",
    "Chiếu phóng sự ngắn, sau đó giải đáp tình huống bị rủ rê.",
    "Nêu các vụ việc đã xử lý trên địa bàn và số điện thoại tố giác.",
];
const MEETING: [&str; 4] = [
    "Sinh hoạt chuyên đề theo nhóm nhỏ, thảo luận cách từ chối khi bị mời thử.",
    "Lồng ghép vào phần cuối cuộc họp, khoảng 20 phút. Bà con đề nghị thêm đèn ở ngõ tối.",
    "Trao đổi về dấu hiệu nhận biết người sử dụng ma túy và cách hỗ trợ gia đình.",
    "Có phát tờ rơi và hướng dẫn quét mã Zalo tố giác.",
];
const LEAFLETS: [&str; 3] = [
    "Phát tờ rơi kèm giải thích ngắn, người nhận khá đông nên không đếm được hết.",
    "Chia hai nhóm đi dọc các dãy, phát vào giờ tan ca.",
    "Phát tận tay và dán áp phích ở bảng tin.",
];
const HOMES: [&str; 3] = [
    "Đi từng nhà trong tổ, một số nhà vắng, hẹn quay lại buổi tối.",
    "Vận động các hộ ký cam kết không có người liên quan ma túy.",
    "Gia đình hợp tác, cần thêm tài liệu về cai nghiện tự nguyện.",
];
const COUNSELLING: [&str; 2] =
    ["Tư vấn riêng, đã giới thiệu cơ sở điều trị.", "Trao đổi với gia đình về hỗ trợ học nghề và vay vốn."];
const MEDIA: [&str; 3] = [
    "Phát trong khung giờ sáng và chiều, nội dung do phường biên soạn.",
    "Bài viết có hình ảnh, nhiều lượt chia sẻ trong nhóm.",
    "Đăng lại nội dung hướng dẫn tố giác tội phạm về ma túy.",
];
const EVENTS: [&str; 3] = [
    "Ra quân diễu hành, kết hợp phát tờ rơi dọc tuyến.",
    "Có tiểu phẩm do đoàn viên tự dựng, bà con hưởng ứng.",
    "Thi theo đội, trao quà nhỏ cho các đội đạt giải.",
];

/// What somebody notes after a visit; sometimes nothing.
pub fn notes(random: &mut Random, form: Form) -> String {
    if random.percent(25) {
        return String::new();
    }
    let list: &[&str] = match form {
        Form::Talk | Form::MockTrial => &TALK,
        Form::ThemedMeeting | Form::MeetingPart => &MEETING,
        Form::Leaflets => &LEAFLETS,
        Form::DoorToDoor => &HOMES,
        Form::Counselling => &COUNSELLING,
        Form::Loudspeaker | Form::OnlinePost | Form::Article => &MEDIA,
        Form::Contest | Form::ArtSportEvent => &EVENTS,
    };
    (*random.pick(list)).to_owned()
}

const ADDED: [&str; 5] = [
    " Đã bổ sung số liệu theo danh sách điểm danh.",
    " Nhà văn hóa đề nghị mượn lại bộ tranh tuyên truyền.",
    " Cô giáo chủ nhiệm xin thêm 30 tờ rơi cho lớp.",
    " Đã chụp ảnh, gửi nhóm Zalo của phường.",
    " Lần sau nên bắt đầu sớm hơn 15 phút.",
];

/// What somebody adds to the notes later.
pub fn addition(random: &mut Random) -> &'static str {
    random.pick::<&'static str>(&ADDED)
}

const FOLLOW_UPS: [&str; 7] = [
    "Gửi thêm tờ rơi cho tổ trưởng",
    "Quay lại các hộ vắng nhà",
    "Xin danh sách điểm danh của nhà trường",
    "Hẹn buổi nói chuyện tiếp theo",
    "Trả bộ tranh tuyên truyền",
    "Gọi lại gia đình cần tư vấn",
    "Thống nhất lịch với Công an phường",
];

/// Something to come back to.
pub fn follow_up(random: &mut Random) -> &'static str {
    random.pick::<&'static str>(&FOLLOW_UPS)
}

const REASONS: [&str; 3] =
    ["Ghi trùng với buổi của Hội Phụ nữ", "Ghi nhầm phường", "Buổi hoãn do mưa, chưa diễn ra"];

/// Why a record is removed.
pub fn reason(random: &mut Random) -> &'static str {
    random.pick::<&'static str>(&REASONS)
}
