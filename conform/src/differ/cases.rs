//! Every case by its number.

use super::{case::Case, cookie, device, draw::Draw, keyring, session, tokens};

/// The ops, each with how many of so many cases are of it.
const SHARES: [(&str, usize); 19] = [
    ("derive", 2),
    ("seal", 4),
    ("sign", 2),
    ("unseal", 8),
    ("verify", 6),
    ("key_text", 4),
    ("key_bytes", 1),
    ("ring", 12),
    ("select", 3),
    ("accept", 1),
    ("warn", 3),
    ("open", 14),
    ("run", 14),
    ("setup", 6),
    ("read", 8),
    ("read_token", 4),
    ("write", 8),
    ("register", 4),
    ("refresh", 4),
];

/// Returns the names of the ops of which cases are made.
pub(crate) fn kinds() -> impl Iterator<Item = &'static str> {
    SHARES.iter().map(|(op, _)| *op)
}

/// Draws an op, of those that are named or of all.
pub(crate) fn op(draw: &mut Draw, only: &[String]) -> &'static str {
    let chosen = SHARES.iter().filter(|(op, _)| only.is_empty() || only.iter().any(|only| only == op));
    let chosen: Vec<_> = chosen.flat_map(|(op, share)| [*op].repeat(*share)).collect();
    draw.pick(&chosen)
}

/// Makes a case of an op. Its tokens are made later, and now and then one of them cannot be.
pub(crate) fn case(draw: &mut Draw, op: &'static str) -> Case {
    match op {
        "derive" => tokens::derive(draw),
        "seal" => tokens::seal(draw, "sealer"),
        "sign" => tokens::seal(draw, "signer"),
        "unseal" => tokens::open(draw, "unsealer"),
        "verify" => tokens::open(draw, "verifier"),
        "key_text" => keyring::key_text(draw),
        "key_bytes" => keyring::key_bytes(draw),
        "ring" => keyring::read_ring(draw),
        "warn" => keyring::warn(draw),
        "open" => session::open(draw),
        "run" => session::run(draw),
        "setup" | "read" | "write" if draw.once_in(4) => match op {
            "setup" => device::setup(draw),
            op => device::page(draw, op),
        },
        "setup" => cookie::setup(draw),
        "read" => cookie::read(draw),
        "read_token" => cookie::read_token(draw),
        "write" => cookie::write(draw),
        "register" | "refresh" => device::endpoint(draw, op),
        op => keyring::selected(draw, op),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Draw, case, kinds, op};

    #[test]
    fn the_same_number_makes_the_same_case() {
        let mut seen = BTreeSet::new();
        for number in 0..1000 {
            let make = |seed| {
                let mut draw = Draw::new(seed, number);
                let op = op(&mut draw, &[]);
                case(&mut draw, op)
            };
            assert_eq!(make(3), make(3));
            assert!(make(3) != make(4) || make(3).op.starts_with("key"), "{number}");
            seen.insert(make(3).op);
        }
        assert!(kinds().all(|op| seen.contains(op)), "{seen:?}");
    }

    #[test]
    fn only_what_is_named_is_made() {
        let only = ["ring".to_owned(), "run".to_owned()];
        let seen: BTreeSet<_> = (0..100).map(|number| op(&mut Draw::new(1, number), &only)).collect();
        assert_eq!(seen, BTreeSet::from(["ring", "run"]));
    }
}
