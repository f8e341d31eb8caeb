//! Cases of the session profile: payloads to be opened, and runs of requests.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use cretula::limits::{IDLE_DEFAULT, LIFE_MAX, RECHECK_MAX};
use serde_json::{Value, json};

use super::{
    case::{Case, Members},
    draw::Draw,
    json::{self, broken, spaced, spelled},
    setting::{BASE, about, context, far, fixed, given, leeway, life, made_from, ring},
};
use crate::hex;

/// Sids that sessions have which are made for a case.
pub(crate) const SIDS: [&str; 7] = [
    "AAECAwQFBgcICQoLDA0ODw",
    "0000000000000000000001",
    "1e1___________________",
    "----------------------",
    "AAECAwQFBgcICQoLDA0ODx",
    "abcdefghijklmnopqrstuv",
    "ABCDEFGHIJKLMNOPQRSTUV",
];

/// The times of a session, and its policy.
#[derive(Clone, Copy)]
pub(crate) struct Life {
    pub(crate) issued_at: u64,
    pub(crate) ttl: u32,
    start: u64,
    end: u64,
    idle: u32,
    absolute: u32,
    leeway: u32,
    recheck: u32,
    /// Number of its sid.
    sid: usize,
}

impl Life {
    pub(crate) fn new(draw: &mut Draw) -> Self {
        let mut idle = draw.mostly(&[IDLE_DEFAULT, 1, 2, 7, 600, LIFE_MAX]);
        let mut absolute = draw.mostly(&[86_400, idle, idle + 1, LIFE_MAX]).max(idle);
        if draw.once_in(40) {
            idle = draw.pick(&[0, LIFE_MAX + 1, u32::MAX, absolute + 1]);
        }
        if draw.once_in(40) {
            absolute = draw.pick(&[0, LIFE_MAX + 1, u32::MAX, idle.saturating_sub(1)]);
        }
        let leeway = leeway(draw);
        let recheck = if draw.once_in(3) { draw.mostly(&[600, 1, 60, RECHECK_MAX, RECHECK_MAX + 1]) } else { 0 };
        let start = draw.mostly(&[BASE, BASE, 0, 1 << 32, 1 << 40, (1 << 48) - 2]);
        let longest = draw.mostly(&[86_400, u64::from(absolute), 1, 3600]);
        let end = start.saturating_add(longest).clamp(start.saturating_add(1), (1 << 48) - 1);
        let since = draw.pick(&[0, 0, 1, 600, longest / 2, longest.saturating_sub(1)]);
        let issued_at = start.saturating_add(since).min(end - 1);
        let ttl = if draw.once_in(8) { life(draw) } else { 1800 };
        let sid = if draw.once_in(8) { draw.below(SIDS.len()) } else { 0 };
        Self { issued_at, ttl, start, end, idle, absolute, leeway, recheck, sid }
    }

    /// Returns the life of another session under the same policy, which may be over.
    pub(crate) fn beside(self, draw: &mut Draw) -> Self {
        let end = self.end.saturating_sub(draw.pick(&[0, 0, 1, 600])).max(self.start + 1);
        let issued_at = self.issued_at.saturating_sub(draw.pick(&[0, 0, 1, 600, 1800, 3600])).max(self.start);
        let sid = draw.below(SIDS.len());
        Self { end, issued_at, sid, ..self }
    }

    /// Returns a time at which something may change.
    pub(crate) fn moment(self, draw: &mut Draw) -> u64 {
        let (idle, leeway) = (u64::from(self.idle), u64::from(self.leeway));
        let idle_end = self.issued_at.saturating_add(u64::from(self.ttl).min(idle));
        let edges = [
            self.issued_at,
            self.issued_at,
            self.issued_at,
            self.issued_at.saturating_add(60),
            self.issued_at.saturating_sub(leeway),
            self.start.saturating_sub(leeway),
            self.issued_at.saturating_add(idle / 2),
            idle_end.saturating_sub(1),
            idle_end,
            self.end,
            self.start.saturating_add(u64::from(self.absolute)),
        ];
        about(draw, &edges)
    }

    pub(crate) fn policy(self) -> Value {
        let mut policy = json!({ "idle": self.idle, "absolute": self.absolute, "leeway": self.leeway });
        if self.recheck > 0 {
            policy["recheck"] = self.recheck.into();
        }
        policy
    }
}

/// Adds what opening sessions takes.
pub(crate) fn common(draw: &mut Draw, members: &mut Members, life: Life, now: u64) {
    members.insert("keyring".to_owned(), ring(draw, now));
    context(draw, members);
    members.insert("policy".to_owned(), life.policy());
    members.extend(check(draw).map(|check| ("check".to_owned(), check)));
}

/// Returns the answer of an application that checks.
fn check(draw: &mut Draw) -> Option<Value> {
    Some(match draw.below(24) {
        0 => json!({}),
        1 => json!({ "denied": true }),
        2 => json!({ "gen": 7, "denied": true }),
        3 => json!({ "gen": draw.pick(&[6_u64, 0, 8, 4_294_967_303]) }),
        4..=12 => json!({ "gen": 7 }),
        _ => return None,
    })
}

/// Writes a session, with members that are not as they should be if `odd`.
pub(crate) fn payload(draw: &mut Draw, life: Life, odd: bool) -> String {
    let refused = if odd && draw.once_in(2) { 8 } else { 0 };
    let integer = |draw: &mut Draw, number: u64| {
        if odd && draw.once_in(12) {
            let number = if draw.once_in(3) { far(draw) } else { number };
            spelled(draw, number)
        } else {
            number.to_string()
        }
    };
    let sid = SIDS[life.sid];
    let rev = draw.mostly(&[1, 2, (1 << 53) - 1, (1 << 53) - 2]);
    let mut members = vec![
        ("sid", format!("\"{sid}\"")),
        ("start", integer(draw, life.start)),
        ("end", integer(draw, life.end)),
        ("rev", integer(draw, rev)),
    ];
    if draw.once_in(2) {
        let sub = draw.mostly(&["\"ada\"", "\"0\"", "\"é\"", "\"\\u0000\"", "\"__proto__\"", "\"\u{10ffff}\""]);
        let generation = draw.mostly(&[7_u64, 7, 0, (1 << 53) - 1]);
        let skew = u64::from(life.leeway);
        let auth_time = draw.mostly(&[life.start, 0, life.issued_at.saturating_add(skew), (1 << 48) - 1]);
        members.push(("sub", sub.to_owned()));
        members.push(("gen", integer(draw, generation)));
        members.push(("auth_time", integer(draw, auth_time)));
    }
    if draw.once_in(4) {
        let skew = u64::from(life.leeway);
        let times = [life.issued_at, life.start, life.issued_at.saturating_add(skew), 0, (1 << 48) - 1];
        let checked = draw.mostly(&times);
        members.push(("checked", integer(draw, checked)));
    }
    if draw.once_in(if odd { 12 } else { 60 }) {
        let jkt = ["A".repeat(43), "-".repeat(43), "A".repeat(42), "A".repeat(44), format!("{}=", "A".repeat(42))];
        let at = draw.mostly(&[0, 1, 2, 3, 4]);
        members.push(("jkt", format!("\"{}\"", jkt[at])));
    }
    if refused > 0 && draw.once_in(40) {
        members.push(("data", format!("{{\"a\":{}}}", json::nested(draw, &[14, 15, 130, 600]))));
    } else if draw.once_in(2) {
        members.push(("data", json::object(draw, refused, 3)));
    }
    if draw.once_in(3) {
        members.push(("flash", flash(draw, refused)));
    }
    if odd && draw.once_in(3) {
        spoil(draw, &mut members);
    }
    let members: Vec<_> = members.into_iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    let text = format!("{{{}}}", members.join(","));
    match draw.below(if odd { 12 } else { 1 }) {
        1 | 2 => broken(draw, &text),
        3 => spaced(draw, &text),
        4 => format!("{}{text}", draw.pick(&["\u{feff}", " ", "\n", "\u{0}", "\u{b}"])),
        5 => format!("{text}{}", draw.pick(&["\n", " ", "\u{0}", ",", "{}", "\u{feff}", "//"])),
        _ => text,
    }
}

/// Changes, drops, repeats or adds a member.
fn spoil(draw: &mut Draw, members: &mut Vec<(&'static str, String)>) {
    let at = draw.below(members.len());
    let other = draw.below(members.len());
    match draw.below(8) {
        0 => drop(members.remove(at)),
        1 => members.push(members[at].clone()),
        2 => members.push((members[at].0, "null".to_owned())),
        3 => members.swap(at, other),
        4 => members.push((draw.pick(&["x", "Sid", "SID", "", "__proto__", "sid\\u0000", "iat"]), "0".to_owned())),
        5 => {
            let values =
                ["null", "0", "false", "\"\"", "[]", "{}", "[1]", "\"0\"", "{\"a\":1}", "{\"a\":[null]}", "[{}]"];
            members[at].1 = draw.pick(&values).to_owned();
        }
        6 => {
            let sids = [
                "\"AAECAwQFBgcICQoLDA0OD\"",
                "\"AAECAwQFBgcICQoLDA0ODw0\"",
                "\"AAECAwQFBgcICQoLDA0OD+\"",
                "\"AAECAwQFBgcICQoLDA0OD\\n\"",
                "\"AAECAwQFBgcICQoLDA0OD\\u0077\"",
                "\"AAECAwQFBgcICQoLDA0ODé\"",
                "\"\"",
            ];
            members[0].1 = draw.pick(&sids).to_owned();
        }
        _ => {
            let long = format!("\"{}\"", "é".repeat(draw.pick(&[127, 128])));
            members.push(("sub", draw.pick(&["\"\"", "\"a\"", "null", "0", long.as_str()]).to_owned()));
        }
    }
}

fn flash(draw: &mut Draw, refused: usize) -> String {
    let mut names = vec!["\"notice\"", json::name(draw)];
    names.truncate(draw.pick(&[0, 1, 1, 1, 2]));
    if refused == 0 && names.get(1).is_some_and(|name| name.contains("proto") || name.contains("notice")) {
        names.pop();
    }
    let array = |draw: &mut Draw| {
        let count = draw.pick(&[0, 1, 1, 2]);
        let items: Vec<_> = (0..count).map(|_| json::value(draw, refused, 2)).collect();
        format!("[{}]", items.join(","))
    };
    let members: Vec<_> = names.into_iter().map(|name| format!("{name}:{}", array(draw))).collect();
    format!("{{{}}}", members.join(","))
}

/// Returns the token of a session, as it is made.
pub(crate) fn token(draw: &mut Draw, life: Life, odd: bool) -> Members {
    let mut from = made_from(draw, life.issued_at, life.ttl);
    let text = payload(draw, life, odd);
    if odd && draw.once_in(30) {
        let mut octets = text.into_bytes();
        let at = draw.below(octets.len() + 1);
        octets.splice(
            at..at,
            draw.pick(&[b"\xff".as_slice(), b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82"])
                .iter()
                .copied(),
        );
        from.insert("payload_hex".to_owned(), hex::encode(&octets).into());
    } else {
        from.insert("payload".to_owned(), text.into());
    }
    fixed(draw, &mut from);
    from
}

pub(crate) fn open(draw: &mut Draw) -> Case {
    let life = Life::new(draw);
    let now = if draw.once_in(3) { life.moment(draw) } else { life.issued_at };
    let mut members = Members::new();
    common(draw, &mut members, life, now);
    members.insert("now".to_owned(), given(draw, now));
    members.insert("ended".to_owned(), draw.once_in(20).into());
    let odd = !draw.once_in(3);
    members.insert("made_from".to_owned(), token(draw, life, odd).into());
    Case::new("session", "open", members.into())
}

pub(crate) fn run(draw: &mut Draw) -> Case {
    let life = Life::new(draw);
    let mut now = life.issued_at;
    let mut members = Members::new();
    common(draw, &mut members, life, now);
    let mut data = Value::Null;
    if draw.once_in(2) {
        let from = token(draw, life, false);
        data = held(&from);
        members.insert("made_from".to_owned(), from.into());
    }
    let mut requests = Vec::new();
    for _ in 0..=draw.below(4) {
        let idle = u64::from(life.idle);
        now = match draw.below(8) {
            0 => life.moment(draw),
            1 => now.saturating_sub(draw.pick(&[1, 60, 61, 600])),
            2 => now.saturating_add(idle / 2).saturating_sub(draw.pick(&[0, 1])),
            3 => now.saturating_add(idle).saturating_sub(draw.pick(&[0, 1])),
            4 => now,
            _ => now.saturating_add(draw.pick(&[1, 60, 900])),
        };
        // A clock out of range is seen once; after it the rest of the run would show nothing.
        now = now.min(if draw.once_in(40) { 1 << 48 } else { (1 << 48) - 1 });
        let commit = match draw.below(8) {
            0 => life.moment(draw),
            1 => now.saturating_sub(1),
            2 => now.saturating_add(draw.pick(&[1, 60, 1800])),
            _ => now,
        };
        let mut request = json!({ "now": given(draw, now), "actions": actions(draw, now, &mut data) });
        request["commit"] = given(draw, commit);
        add_random(draw, &mut request, false);
        if draw.once_in(6) {
            request["check"] = check(draw).unwrap_or(json!({ "gen": 7 }));
        }
        for ring_of in ["keyring", "exchange"] {
            if draw.once_in(12) {
                request[ring_of] = ring(draw, now.min(1 << 47));
            }
        }
        if draw.once_in(20) {
            request["commit_as"] = other(draw, life);
        }
        let last = draw.once_in(20);
        if last && draw.once_in(2) {
            request["commits"] = 2.into();
        } else if last {
            request["after"] = json!([late(draw)]);
        }
        requests.push(request);
        if last {
            break;
        }
        now = commit.min((1 << 48) - 1);
    }
    members.insert("requests".to_owned(), requests.into());
    Case::new("session", "run", members.into())
}

/// Returns the data in a session's payload.
pub(crate) fn held(from: &Members) -> Value {
    let payload = from.get("payload").and_then(Value::as_str).unwrap_or_default();
    serde_json::from_str::<Value>(payload).ok().and_then(|payload| payload.get("data").cloned()).unwrap_or_default()
}

/// Returns what another object that commits differs in, or does not.
fn other(draw: &mut Draw, life: Life) -> Value {
    let mut other = json!({});
    let mut policy = life.policy();
    match draw.below(4) {
        0 => other["audience"] = draw.pick(&["shop.example", "admin.example", "Shop.example"]).into(),
        1 => other["purpose"] = draw.pick(&["session", "admin"]).into(),
        _ => {
            let name = draw.pick(&["idle", "absolute", "leeway", "recheck"]);
            let more = policy[name].as_u64().unwrap_or_default() + draw.pick(&[0, 1]);
            policy[name] = if more > 1 && more < 300 { more - 1 } else { more }.into();
            other["policy"] = policy;
        }
    }
    other
}

/// Returns an action that fails after a commit.
fn late(draw: &mut Draw) -> Value {
    match draw.below(7) {
        0 => json!({ "set_data": "{}" }),
        1 => json!({ "sign_on": { "sub": draw.mostly(&["ada", ""]), "gen": 7, "keep": [] } }),
        2 => json!({ "reauthenticate": { "gen": draw.mostly(&[7_u64, 1 << 53]) } }),
        3 => json!({ "sign_off": true }),
        4 => json!({ "flash": { "name": "notice", "message": "1" } }),
        5 => json!({ "take_flash": { "name": "notice" } }),
        _ => json!({ "send": true }),
    }
}

/// Returns everything that a commit may draw.
pub(crate) fn random(draw: &mut Draw, id: bool) -> Value {
    let mut members = Members::new();
    members.insert("sid".to_owned(), URL_SAFE_NO_PAD.encode(draw.bytes(16)).into());
    fixed(draw, &mut members);
    if id {
        members.insert("id".to_owned(), URL_SAFE_NO_PAD.encode(draw.bytes(6)).into());
    }
    members.into()
}

/// Adds what a commit draws, or that the generator fails.
pub(crate) fn add_random(draw: &mut Draw, request: &mut Value, id: bool) {
    if draw.once_in(30) {
        request["no_randomness"] = true.into();
    } else {
        request["random"] = random(draw, id);
    }
}

/// Returns the actions of a request. `data` is what the session holds, as far as that is known; a `change` of a path that
/// is not there is no request, and is drawn again.
pub(crate) fn actions(draw: &mut Draw, now: u64, data: &mut Value) -> Vec<Value> {
    let count = draw.pick(&[0, 0, 1, 1, 1, 2, 3, 4]);
    let mut actions = Vec::new();
    for _ in 0..count {
        let action = match draw.below(24) {
            0 => refused(draw),
            1..=3 => change(draw, data),
            _ => action(draw, now),
        };
        if let Some(text) = action["set_data"].as_str() {
            *data = serde_json::from_str(text).unwrap_or_default();
        }
        actions.push(action);
    }
    actions
}

/// Returns a change of one place of the data.
fn change(draw: &mut Draw, data: &Value) -> Value {
    let mut path: Vec<Value> = Vec::new();
    let mut place = data;
    loop {
        let step = match place {
            Value::Array(items) if !items.is_empty() => draw.below(items.len()).into(),
            Value::Object(members) if !members.is_empty() && !draw.once_in(6) => {
                let names: Vec<&String> = members.keys().collect();
                Value::from(draw.pick(&names).as_str())
            }
            Value::Array(_) => break,
            _ if path.is_empty() || place.is_object() => {
                path.push(draw.mostly(&["new", "a", "0", "", "__proto__", "constructor", "length"]).into());
                break;
            }
            _ => break,
        };
        let below = match &step {
            Value::String(name) => &place[name.as_str()],
            at => &place[usize::try_from(at.as_u64().unwrap_or_default()).unwrap_or_default()],
        };
        path.push(step);
        place = below;
        if !(place.is_array() || place.is_object()) || draw.once_in(3) {
            break;
        }
    }
    let refused = if draw.once_in(16) { 3 } else { 0 };
    json!({ "change": { "path": path, "value": json::value(draw, refused, 2) } })
}

/// Returns an action whose JSON a session refuses, or a parser.
fn refused(draw: &mut Draw) -> Value {
    if draw.once_in(3) {
        let message = json::value(draw, 3, 2);
        let message = if draw.once_in(3) { broken(draw, &message) } else { message };
        return json!({ "flash": { "name": draw.pick(&["notice", "notice", "__proto__"]), "message": message } });
    }
    let text = match draw.below(6) {
        0 => draw.pick(&["[]", "null", "1", "\"\"", "[1]", "", "{", " {} "]).to_owned(),
        1 | 2 => {
            let text = json::object(draw, 0, 3);
            broken(draw, &text)
        }
        _ => json::object(draw, 3, 3),
    };
    json!({ "set_data": text })
}

fn action(draw: &mut Draw, now: u64) -> Value {
    let generation = draw.mostly(&[7_u64, 7, 0, (1 << 53) - 1, 1 << 53]);
    let notice = draw.mostly(&["notice", "notice", "", "0", "é", "\u{0}", "constructor", "toString"]);
    match draw.below(13) {
        0..=3 => json!({ "set_data": json::object(draw, 0, 3) }),
        4 | 5 => {
            let long = "é".repeat(draw.pick(&[127, 128]));
            let sub = draw.mostly(&["ada", "ada", "0", "", "é", "\u{0}", long.as_str()]);
            let names = ["a", "b", "basket", "0", "__proto__", "constructor", "toString", "", "missing", "a"];
            let kept: Vec<_> = (0..draw.pick(&[0, 0, 1, 2, 3])).map(|_| draw.pick(&names)).collect();
            let mut user = json!({ "sub": sub, "gen": generation, "keep": kept });
            if draw.once_in(3) {
                user["auth_time"] = about(draw, &[now, now.saturating_sub(600), now.saturating_add(60)]).into();
            }
            json!({ "sign_on": user })
        }
        6 => json!({ "reauthenticate": { "gen": generation } }),
        7 => json!({ "sign_off": true }),
        8 | 9 => json!({ "flash": { "name": notice, "message": json::value(draw, 0, 2) } }),
        10 => json!({ "take_flash": { "name": notice } }),
        11 => json!({ "send": true }),
        _ => json!({ "reauth_within": { "seconds": draw.pick(&[0, 1, 60, 600, 900, 86_400, u32::MAX]) } }),
    }
}
