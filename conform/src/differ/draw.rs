//! Choices by number: the same seed and the same case draw the same.

use sha2::{Digest as _, Sha256};

/// A stream of octets: SHA-256 over the seed, the number of the case and a counter.
pub(crate) struct Draw {
    start: [u8; 16],
    counter: u64,
    block: [u8; 32],
    used: usize,
}

impl Draw {
    pub(crate) fn new(seed: u64, case: u64) -> Self {
        let mut start = [0; 16];
        start[..8].copy_from_slice(&seed.to_be_bytes());
        start[8..].copy_from_slice(&case.to_be_bytes());
        Self { start, counter: 0, block: [0; 32], used: 32 }
    }

    pub(crate) fn byte(&mut self) -> u8 {
        if self.used == self.block.len() {
            let hash = Sha256::new().chain_update(b"cretula-differ").chain_update(self.start);
            self.block = hash.chain_update(self.counter.to_be_bytes()).finalize().into();
            self.counter += 1;
            self.used = 0;
        }
        self.used += 1;
        self.block[self.used - 1]
    }

    pub(crate) fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.byte()).collect()
    }

    /// Returns a number below `end`, or 0 if there is none.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let number = (0..4).fold(0_u32, |number, _| number << 8 | u32::from(self.byte()));
        usize::try_from(number).unwrap_or_default() % end.max(1)
    }

    /// Returns true once in `times`.
    pub(crate) fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub(crate) fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }

    /// Returns the first of the items in most cases.
    pub(crate) fn mostly<T: Copy>(&mut self, items: &[T]) -> T {
        if self.once_in(8) { self.pick(items) } else { items[0] }
    }
}

#[cfg(test)]
mod tests {
    use super::Draw;

    #[test]
    fn draws_the_same_again_and_something_else_for_each_case() {
        let draw = |seed, case| Draw::new(seed, case).bytes(100);
        assert_eq!(draw(1, 2), draw(1, 2));
        assert!(draw(1, 2) != draw(1, 3) && draw(1, 2) != draw(2, 2));
        assert!((0..1000).map(|case| Draw::new(7, case).below(10)).all(|number| number < 10));
    }
}
