//! Tokens that take turns, so that no subkey is met twice in a row.

const TOKENS: usize = 64;

#[derive(Clone)]
pub struct Turns {
    tokens: Vec<String>,
    at: usize,
}

impl Turns {
    pub fn of(make: impl FnMut() -> String) -> Self {
        let mut make = make;
        Self { tokens: (0..TOKENS).map(|_| make()).collect(), at: 0 }
    }

    pub fn next(&mut self) -> &str {
        self.at = (self.at + 1) % TOKENS;
        &self.tokens[self.at]
    }
}
