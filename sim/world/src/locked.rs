//! A locked app: it cannot read what waits, and sends it as it lies there, sealed to the server. It lets go of nothing; at the next
//! opening the server says what it has already.

use anyhow::Result;
use donghanh_shared::sync::wire::{PushAnswer, PushItem, from_bytes};

use crate::plan::Fault;
use crate::rng::Rng;
use crate::world::World;

impl World<'_> {
    /// Closes the app of a device and sends what waits there.
    ///
    /// # Errors
    /// When the server in this process fails as such.
    pub async fn send_locked(&mut self, at: usize, rng: &mut Rng) -> Result<()> {
        let now = self.server.now();
        let machine = &mut self.machines[at];
        machine.kill();
        let waiting = machine.store.outbox.values().filter(|waiting| waiting.refused.is_none());
        let items: Vec<PushItem> = waiting.map(|waiting| waiting.item.clone()).collect();
        if items.is_empty() {
            return Ok(());
        }
        let body = machine.sealed(&items.iter().collect::<Vec<_>>(), now, rng);
        let who = machine.credentials.clone();
        let (status, answer) =
            self.server.post(&who.push_token, "/api/v1/push/sealed", "deflate", body).await?;
        self.note(format!("    device {at} sends {} locked: {status}", items.len()));
        if let (200, Ok(answer)) = (status, from_bytes::<PushAnswer>(&answer)) {
            self.fire(Fault::Locked);
            self.hear_answers(&who, true, items.iter().zip(&answer.answers).collect());
        }
        Ok(())
    }
}
