//! Reads the stream of hints (server-sent events) piece by piece: names of events, nothing else. Pure.

/// What has come of the stream so far.
#[derive(Default)]
pub struct Hints {
    line: Vec<u8>,
    event: Option<String>,
    data: bool,
}

/// Longest line kept; a longer one is no hint of ours.
const LINE: usize = 64 << 10;

impl Hints {
    /// Takes the next bytes; gives the names of the events that are complete with them. An event without a name is
    /// called `message`.
    pub fn take(&mut self, bytes: &[u8]) -> Vec<String> {
        let mut complete = Vec::new();
        for byte in bytes {
            match byte {
                b'\n' => complete.extend(self.end_of_line()),
                b'\r' => {}
                byte if self.line.len() < LINE => self.line.push(*byte),
                _ => {}
            }
        }
        complete
    }

    fn end_of_line(&mut self) -> Option<String> {
        let line = std::mem::take(&mut self.line);
        let line = String::from_utf8_lossy(&line);
        if line.is_empty() {
            let named = self.event.take();
            return std::mem::take(&mut self.data).then(|| named.unwrap_or_else(|| "message".to_owned()));
        }
        if let Some(name) = line.strip_prefix("event:") {
            self.event = Some(name.trim().to_owned());
        } else if line.starts_with("data:") {
            self.data = true;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_may_come_in_pieces() {
        let stream = ": keep-alive\n\nevent: changed\ndata: {\"scopes\":[1]}\n\ndata: x\r\n\r\nevent: ended\ndata: {}\n\n";
        for size in 1..stream.len() {
            let mut hints = Hints::default();
            let heard: Vec<String> =
                stream.as_bytes().chunks(size).flat_map(|piece| hints.take(piece)).collect();
            assert_eq!(heard, ["changed", "message", "ended"], "pieces of {size}");
        }
    }

    #[test]
    fn what_is_not_complete_is_not_told() {
        assert!(Hints::default().take(b"event: changed\ndata: {}\n").is_empty());
    }
}
