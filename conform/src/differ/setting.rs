//! What most cases share: keys, rings, contexts, times.

use cretula::limits::{LEEWAY_DEFAULT, LEEWAY_MAX, LIFE_MAX, TIME_END};
use serde_json::{Value, json};

use super::{case::Members, draw::Draw};
use crate::hex;

/// The time about which most cases are.
pub(crate) const BASE: u64 = 1_790_000_000;
/// The greatest integer of a request: all languages read it exactly.
const GREATEST: u64 = (1 << 53) - 1;
/// Times outside the range of a clock, or at its ends.
const FAR: [u64; 9] = [0, 1, TIME_END - 1, TIME_END, TIME_END + 1, GREATEST, (1 << 32) - 1, 1 << 32, (1 << 47) + 1];

/// From so many seconds after now a time is warned of ([RING-18]).
const FAR_AHEAD: u64 = 3_155_760_000;

/// Lives out of range.
const BAD_LIVES: [u32; 3] = [LIFE_MAX + 1, 0, u32::MAX];

/// Returns a test key by its number, in hexadecimal digits.
pub(crate) fn key(number: usize) -> String {
    hex::encode(format!("{:.<32}", format!("cretula-test-key-number-{number:02}")).as_bytes())
}

pub(crate) fn far(draw: &mut Draw) -> u64 {
    draw.pick(&FAR)
}

/// Returns a time at one of the edges or a second beside, or somewhere else now and then.
pub(crate) fn about(draw: &mut Draw, edges: &[u64]) -> u64 {
    if draw.once_in(24) {
        return far(draw);
    }
    let edge = draw.pick(edges);
    match draw.below(4) {
        0 => edge.saturating_sub(1),
        1 => edge.saturating_add(1).min(GREATEST),
        _ => edge,
    }
}

/// Returns a time as a call is given it: now and then it is given none, and the clock fails.
pub(crate) fn given(draw: &mut Draw, time: u64) -> Value {
    if draw.once_in(40) { Value::Null } else { time.into() }
}

pub(crate) fn leeway(draw: &mut Draw) -> u32 {
    if draw.once_in(40) {
        draw.pick(&[LEEWAY_MAX + 1, u32::MAX])
    } else {
        draw.mostly(&[LEEWAY_DEFAULT, 0, 1, LEEWAY_MAX])
    }
}

/// Returns a life, a `ttl` or a longest one.
pub(crate) fn life(draw: &mut Draw) -> u32 {
    if draw.once_in(40) { draw.pick(&BAD_LIVES) } else { good_life(draw) }
}

/// Returns a life within its range.
pub(crate) fn good_life(draw: &mut Draw) -> u32 {
    draw.mostly(&[1800, 1, 2, 60, 86_400, LIFE_MAX])
}

/// Returns a valid ring of test keys whose times are about `now`; the key of number 1 is in it. Invalid rings are of the
/// op `ring`.
pub(crate) fn ring(draw: &mut Draw, now: u64) -> Value {
    if draw.once_in(2) {
        return json!([{ "key": key(1) }]);
    }
    let count = if draw.once_in(400) { draw.pick(&[200, 999, 1000]) } else { 1 + draw.below(4) };
    let now = now.min(TIME_END);
    let mut numbers: Vec<usize> = (1..=count).collect();
    if draw.once_in(2) {
        let at = draw.below(count);
        numbers.swap(0, at);
    }
    let mut entries = Vec::new();
    for number in numbers {
        let mut entry = json!({ "key": key(number) });
        let from = about(draw, &[now, now, now.saturating_sub(3600), now + 3600, now + FAR_AHEAD]).min(TIME_END - 2);
        let end = about(draw, &[now, now + 3600, now + 3600, now + 100_000, now + FAR_AHEAD]).min(TIME_END - 1);
        let starts = draw.once_in(3);
        if starts {
            entry["seal_from"] = from.into();
        }
        if draw.once_in(3) {
            entry["accept_until"] = if starts { end.max(from + 1) } else { end.max(1) }.into();
        }
        entries.push(entry);
    }
    entries.into()
}

/// Adds `audience` and `purpose`.
pub(crate) fn context(draw: &mut Draw, members: &mut Members) {
    let long = "x".repeat(255);
    let longer = "x".repeat(256);
    let odd =
        ["a", "~!", long.as_str(), longer.as_str(), "", " a", "a b", "a\n", "é", "a\u{7f}", "a\u{0}", "Shop.example"];
    let mut field = |usual: &str| if draw.once_in(80) { draw.pick(&odd).to_owned() } else { usual.to_owned() };
    let (audience, purpose) = (field("shop.example"), field("session"));
    members.insert("audience".to_owned(), audience.into());
    members.insert("purpose".to_owned(), purpose.into());
}

/// Returns what a token is made from, in the usual context, without its payload.
pub(crate) fn made_from(draw: &mut Draw, issued_at: u64, ttl: u32) -> Members {
    let mut from = Members::new();
    let number = draw.mostly(&[1, 1, 2, 8]);
    from.insert("key".to_owned(), key(number).into());
    from.insert(
        "audience".to_owned(),
        draw.mostly(&["shop.example", "shop.example", "shop.example", "SHOP.example"]).into(),
    );
    from.insert("purpose".to_owned(), draw.mostly(&["session", "session", "sessio"]).into());
    from.insert("issued_at".to_owned(), issued_at.into());
    from.insert("ttl".to_owned(), ttl.into());
    from
}

/// Adds a fixed salt and iv.
pub(crate) fn fixed(draw: &mut Draw, members: &mut Members) {
    for name in ["salt", "iv"] {
        members.insert(name.to_owned(), hex::encode(&draw.bytes(12)).into());
    }
}
