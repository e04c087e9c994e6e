//! Pieces that several screens share and that know what is recorded: rows of records, the picker of places, the line
//! about sending. What knows only words and looks stands in `components`.

pub mod give_up;
pub mod invitation;
pub mod photo;
pub mod place_picker;
pub mod role_choice;
pub mod role_dialog;
pub mod row;
pub mod sync_footer;
