//! How cost grows with the text: a straight line through what each size costs.

use crate::{
    measure::Sizes,
    peers::{Peer, peers},
};

pub const SIZES: [usize; 9] = [64, 256, 512, 768, 1024, 1536, 2048, 2560, 3000];
/// Ciphers that processors have instructions for; the others need a scale of their own.
const NAMES: [&str; 4] = ["Cretula sealed", "cookie PrivateJar", "fernet", "josekit JWE dir A256GCM"];

pub fn chosen() -> Vec<Peer> {
    peers().into_iter().filter(|peer| NAMES.contains(&peer.name)).collect()
}

/// Nanoseconds of a call and of each byte more.
pub struct Line {
    pub name: String,
    pub call: f64,
    pub byte: f64,
}

/// The line with the least squares, of each case.
pub fn lines(costs: &Sizes) -> Vec<Line> {
    let mean = |of: &dyn Fn(usize) -> f64| (0..costs.len()).map(of).sum::<f64>() / costs.len() as f64;
    let size = |row: usize| costs[row].0 as f64;
    let line = |at: usize| {
        let time = |row: usize| costs[row].1[at].nanoseconds;
        let (sizes, times) = (mean(&size), mean(&time));
        let both = mean(&|row| (size(row) - sizes) * (time(row) - times));
        let byte = both / mean(&|row| (size(row) - sizes).powi(2));
        Line { name: costs[0].1[at].name.clone(), call: times - byte * sizes, byte }
    };
    (0..costs[0].1.len()).map(line).collect()
}
