//! The seeded source of all choices. Nothing here reads a clock or the system's randomness.

/// Draws numbers that depend on the seed alone.
#[derive(Clone, Debug)]
pub struct Random(fastrand::Rng);

impl Random {
    /// The source of one purpose. Sources of other purposes do not shift it when they draw more or less.
    pub fn new(seed: u64, purpose: u64) -> Self {
        Self(fastrand::Rng::with_seed(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ purpose))
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: u32, high: u32) -> u32 {
        self.0.u32(low..=high)
    }

    /// The same for differences and offsets.
    pub fn offset(&mut self, low: i64, high: i64) -> i64 {
        self.0.i64(low..=high)
    }

    /// True in `percent` of a hundred cases.
    pub fn percent(&mut self, percent: u32) -> bool {
        self.0.u32(0..100) < percent
    }

    /// True with this probability.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.0.f64() < probability
    }

    /// One of the list, which has at least one.
    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.0.usize(0..list.len())]
    }

    /// Up to `count` different ones of the list, in any order.
    pub fn some<T: Clone>(&mut self, list: &[T], count: usize) -> Vec<T> {
        let mut left: Vec<&T> = list.iter().collect();
        let mut chosen = Vec::new();
        while chosen.len() < count && !left.is_empty() {
            chosen.push(left.swap_remove(self.0.usize(0..left.len())).clone());
        }
        chosen
    }

    /// The index of one of the weights, each as likely as it is heavy. At least one is positive.
    pub fn weighted(&mut self, weights: &[f64]) -> usize {
        let mut at = self.0.f64() * weights.iter().sum::<f64>();
        for (index, weight) in weights.iter().enumerate() {
            at -= weight;
            if at < 0.0 {
                return index;
            }
        }
        weights.iter().rposition(|weight| *weight > 0.0).unwrap_or(0)
    }

    /// The bytes of an identifier.
    pub fn id(&mut self) -> [u8; 16] {
        self.0.u128(..).to_be_bytes()
    }

    /// Sixteen hexadecimal digits, the key of a follow-up.
    pub fn key(&mut self) -> String {
        format!("{:016x}", self.0.u64(..))
    }
}
