//! Sending while the app is locked: what was sealed to the server goes as it is, with a credential that can do nothing
//! else. What became of it is settled at the next opening, when the server answers "I have it already".

use donghanh_shared::domain::error::{Code, Problem};
use donghanh_shared::seal::outbox::SealedItems;
use donghanh_shared::sync::wire::{PushAnswer, deflate, from_bytes, to_bytes};

use super::transport::Transport;

/// Bytes of one message, before it is compressed.
const MESSAGE: usize = 256 << 10;

/// Hands in the items; gives how many of them the server has now.
///
/// # Errors
/// `device_revoked`, `not_signed_in`, `no_connection` and other problems of the whole message.
pub async fn send(sealed: &SealedItems, push_token: Option<&str>) -> Result<usize, Problem> {
    let token = push_token.ok_or_else(|| Problem::new(Code::NotSignedIn))?;
    let transport = Transport::default();
    transport.set_token(Some(token.to_owned()));
    let mut arrived = 0;
    // Pictures wait until the records are open: their route wants to know which record lists them.
    for part in (SealedItems { photos: None, ..sealed.clone() }).parts(MESSAGE) {
        let answer = transport.post_sealed("/api/v1/push/sealed", &deflate(&to_bytes(&part))).await?;
        let answer: PushAnswer = from_bytes(&answer)?;
        arrived += answer.answers.iter().filter(|answer| answer.is_kept()).count();
    }
    Ok(arrived)
}
