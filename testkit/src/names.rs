//! Vietnamese names of people, as they are common in the Red River delta.

use crate::random::Random;

const FAMILY: [&str; 16] = [
    "Nguyễn", "Nguyễn", "Nguyễn", "Nguyễn", "Trần", "Trần", "Lê", "Lê", "Phạm", "Phạm", "Hoàng", "Vũ", "Đỗ",
    "Bùi", "Phùng", "Kim",
];
const MIDDLE_WOMEN: [&str; 7] = ["Thị", "Thị", "Thị Thu", "Thị Thanh", "Thu", "Ngọc", "Minh"];
const MIDDLE_MEN: [&str; 7] = ["Văn", "Văn", "Đức", "Quang", "Minh", "Hữu", "Xuân"];
const WOMEN: [&str; 24] = [
    "Lan", "Hương", "Hằng", "Nga", "Thủy", "Yến", "Hạnh", "Mai", "Ngọc", "Linh", "Trang", "Huyền", "Thảo",
    "Nhung", "Oanh", "Vân", "Loan", "Liên", "Tuyết", "Hiền", "Dung", "Hà", "Quỳnh", "Thơm",
];
const MEN: [&str; 24] = [
    "Hùng", "Dũng", "Tuấn", "Nam", "Long", "Sơn", "Hải", "Cường", "Thắng", "Toàn", "Kiên", "Trung", "Hiếu",
    "Đạt", "Quân", "Khánh", "Phúc", "Lâm", "Bình", "Tiến", "Việt", "Duy", "Hoàng", "Thịnh",
];

/// A full name; of a woman or a man.
pub fn full_name(random: &mut Random, woman: bool) -> String {
    let family = random.pick(&FAMILY);
    let (middle, given) = if woman { (&MIDDLE_WOMEN, &WOMEN) } else { (&MIDDLE_MEN, &MEN) };
    loop {
        let (middle, given) = (random.pick(middle), random.pick(given));
        // "Ngọc Ngọc" and "Minh Minh" are nobody's name.
        if !middle.ends_with(given) {
            return format!("{family} {middle} {given}");
        }
    }
}
