//! Cases of the token classes: contexts, sealing, and tokens that are mutated after they were made.

use serde_json::{Value, json};

use super::{
    case::{Case, Members},
    draw::Draw,
    setting::{BASE, about, context, fixed, given, key, leeway, life, made_from, ring},
};
use crate::hex;

/// Characters that are put into a token.
const ODD: [&str; 24] = [
    "A",
    "B",
    "-",
    "_",
    "+",
    "/",
    "=",
    "==",
    ".",
    "~",
    " ",
    "\n",
    "\r\n",
    "\t",
    "\u{0}",
    "%",
    "%2D",
    "é",
    "\u{ff21}",
    "\u{1f600}",
    "\"",
    ",",
    "CrE1",
    "\u{a0}",
];
const STARTS: [&str; 12] = ["CrE1", "CrS1", "CrE2", "CrS0", "CrE-", "CrE.", "crE1", "C1rE", "CrE", "", "CrEé", "Cr"];

pub(crate) fn derive(draw: &mut Draw) -> Case {
    let number = draw.below(4);
    let mut members = Members::new();
    members.insert("key".to_owned(), key(number).into());
    members.insert("kind".to_owned(), draw.pick(&["sealed", "signed"]).into());
    context(draw, &mut members);
    if draw.once_in(3) {
        let count = draw.pick(&[0, 1, 2, 255, 256]);
        let field: String = (0..count).map(|_| char::from(0x20 + draw.byte() % 96)).collect();
        members.insert(draw.pick(&["audience", "purpose"]).to_owned(), field.into());
    }
    Case::new("derivation", "derive", members.into())
}

fn payload(draw: &mut Draw) -> String {
    let count = draw.pick(&[0, 1, 2, 3, 16, 40, 300]);
    hex::encode(&draw.bytes(count))
}

fn limit(draw: &mut Draw, edge: usize) -> usize {
    match draw.below(14) {
        0 => draw.pick(&[0, 1, 16_777_216, 16_777_217, 1 << 32, (1 << 53) - 1]),
        1 => edge,
        2 => edge.saturating_sub(1),
        3 => edge.saturating_add(1),
        _ => 16_384,
    }
}

pub(crate) fn seal(draw: &mut Draw, class: &'static str) -> Case {
    let now = about(draw, &[BASE, BASE, 1 << 40]);
    let payload = payload(draw);
    let (op, least) = if class == "sealer" { ("seal", 85) } else { ("sign", 77) };
    let mut members = Members::new();
    members.insert("keyring".to_owned(), ring(draw, now));
    context(draw, &mut members);
    let edge = ((least + payload.len() / 2) * 4).div_ceil(3);
    members.insert("limit".to_owned(), limit(draw, edge).into());
    members.insert("now".to_owned(), given(draw, now));
    members.insert("ttl".to_owned(), life(draw).into());
    members.insert("payload".to_owned(), payload.into());
    match class {
        "sealer" if draw.once_in(20) => drop(members.insert("no_randomness".to_owned(), true.into())),
        "sealer" => fixed(draw, &mut members),
        _ => {}
    }
    Case::new(class, op, members.into())
}

/// A token of the class's kind, opened as it is or mutated.
pub(crate) fn open(draw: &mut Draw, class: &'static str) -> Case {
    let (op, least) = if class == "unsealer" { ("unseal", 85) } else { ("verify", 77) };
    let issued_at = draw.mostly(&[BASE, BASE, 0, (1 << 32) - 1, 1 << 32, 1 << 40, (1 << 48) - 1]);
    let ttl = life(draw);
    let max_age = life(draw);
    let leeway = leeway(draw);
    let end = issued_at.saturating_add(u64::from(ttl.min(max_age)));
    let edges =
        [issued_at, issued_at, issued_at, end.saturating_sub(1), end, issued_at.saturating_sub(u64::from(leeway))];
    let now = about(draw, &edges);
    let payload = payload(draw);
    let octets = ((least + payload.len() / 2) * 4).div_ceil(3);

    let mut members = Members::new();
    members.insert("keyring".to_owned(), ring(draw, now));
    context(draw, &mut members);
    members.insert("max_age".to_owned(), max_age.into());
    members.insert("leeway".to_owned(), leeway.into());
    members.insert("limit".to_owned(), limit(draw, octets).into());
    members.insert("now".to_owned(), given(draw, now));
    let mut from = made_from(draw, issued_at, ttl);
    from.insert("payload".to_owned(), payload.into());
    if class == "unsealer" {
        fixed(draw, &mut from);
    }
    members.insert("made_from".to_owned(), from.into());
    let steps = draw.pick(&[0, 0, 1, 1, 1, 2, 3]);
    members.insert("mutation".to_owned(), (0..steps).map(|_| step(draw, octets)).collect());
    Case::new(class, op, members.into())
}

/// One step of a mutation of a token of so many octets.
fn step(draw: &mut Draw, octets: usize) -> Value {
    let text =
        |at: usize, delete: usize, insert: &str| json!({ "text": { "at": at, "delete": delete, "insert": insert } });
    let at = draw.below(octets);
    let left = octets - at;
    match draw.below(12) {
        0 => text(at, 1, draw.pick(&ODD)),
        1 => text(at, 0, draw.pick(&ODD)),
        2 => text(at, 1, ""),
        3 => text(at, left, ""),
        4 => text(octets, 0, draw.pick(&ODD)),
        5 => text(0, 0, draw.pick(&ODD)),
        6 => text(0, 4, draw.pick(&STARTS)),
        // The last character, whose trailing bits may be others.
        7 => text(octets - 1, 1, draw.pick(&["A", "B", "C", "E", "I", "Q", "g", "w", "_", "9", "=", "é"])),
        8 => text(octets, 0, &"A".repeat(draw.pick(&[1, 2, 3, 4, 200]))),
        9 => text(octets, 0, draw.pick(&["CrE1xFeQKlpZgjeiMJVzh5Nx", ".CrE1", ";CrE1", " CrS1"])),
        _ => {
            let bytes = octets * 3 / 4;
            // A field of the header, or anything after it.
            let at = draw.pick(&[0, 1, 2, 3, 34, 35, 40, 46, 47, 58, 59, bytes - 33, bytes - 16, bytes - 1]);
            let delete = draw.pick(&[0, 1, 1, 1]);
            let count = draw.pick(&[0, 1, 1, 1, 3]);
            json!({ "bytes": { "at": at, "delete": delete, "insert": hex::encode(&draw.bytes(count)) } })
        }
    }
}
