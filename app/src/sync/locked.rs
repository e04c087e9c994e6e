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
    for items in messages(&sealed.items) {
        let part = SealedItems { items: items.to_vec(), photos: None, ..sealed.clone() };
        let answer = transport.post_sealed("/api/v1/push/sealed", &deflate(&to_bytes(&part))).await?;
        let answer: PushAnswer = from_bytes(&answer)?;
        arrived += answer.answers.iter().filter(|answer| answer.is_kept()).count();
    }
    Ok(arrived)
}

/// The items cut into messages, each of one item at least.
fn messages(items: &[minicbor::bytes::ByteVec]) -> Vec<&[minicbor::bytes::ByteVec]> {
    let mut messages = Vec::new();
    let (mut from, mut bytes) = (0, 0);
    for (at, item) in items.iter().enumerate() {
        if at > from && bytes + item.len() > MESSAGE {
            messages.push(&items[from..at]);
            (from, bytes) = (at, 0);
        }
        bytes += item.len();
    }
    if from < items.len() {
        messages.push(&items[from..]);
    }
    messages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_hold_every_item_once_in_order() {
        let sizes = [10, MESSAGE, 5, MESSAGE - 5, 1, 2 * MESSAGE];
        let items: Vec<_> = sizes.iter().map(|size| vec![0u8; *size].into()).collect();
        let cut = messages(&items);
        let lengths: Vec<Vec<usize>> = cut
            .iter()
            .map(|part| part.iter().map(|item: &minicbor::bytes::ByteVec| item.len()).collect())
            .collect();
        assert_eq!(lengths, [vec![10], vec![MESSAGE], vec![5, MESSAGE - 5], vec![1], vec![2 * MESSAGE]]);
        assert!(messages(&[]).is_empty());
    }
}
