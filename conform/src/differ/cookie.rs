//! Cases of the cookie binding: set-up, fields in every disorder, and lines.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use cretula::limits::COOKIE_TOKEN_MAX;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{
    case::{Case, Members},
    draw::Draw,
    json,
    session::{self, Life, SIDS},
    setting::{BASE, about, context, fixed, given, leeway, life, made_from, ring},
};

/// The name of a cookie that is given none.
const DEFAULT: &str = "__Host-Http-session";
const NAMES: [&str; 9] = [
    "__Host-session",
    "session",
    "__Secure-session",
    "__Host-Http-session",
    "__Http-session",
    "__Host-httpx",
    "s",
    "a.b+c*d|e^f$",
    "0",
];
const ODD_NAMES: [&str; 31] = [
    "",
    " s",
    "s ",
    "a=b",
    "a;b",
    "a,b",
    "\"s\"",
    "é",
    "s\n",
    "s\t",
    "s\u{0}",
    "__host-session",
    "__HOST-session",
    "__secure-s",
    "__Host-",
    "__Secure-",
    "__http-s",
    "__Http-s",
    "__Host-http-s",
    "__HoSt-Http-s",
    "(s)",
    "__Host",
    "__host-Http-s",
    "__Host-HTTP-s",
    "__Host-Http-",
    "__Host-Http",
    "__HTTP-s",
    "__Http-Host-s",
    "__Secure-Http-s",
    "__Secure-__Host-s",
    "__SECURE-",
];
const PATHS: [&str; 10] = ["/", "/app", "/a/b", "", "app", "/a;b", "/a b", "/\n", "/é", "/~!"];
const DOMAINS: [&str; 16] = [
    "shop.example",
    "a",
    "SHOP.example",
    ".shop.example",
    "shop..example",
    "shop.example.",
    "-",
    "a_b",
    "é.example",
    "",
    "0",
    "a b",
    "a\n",
    "127.0.0.1",
    "[::1]",
    "xn--a",
];
/// Octets between parts and about names, as characters.
const SPACES: [&str; 14] = ["", "", "", "", " ", " ", "\t", "  ", " \t ", "\u{a0}", "\u{b}", "\u{c}", "\u{0}", "\r\n"];

pub(crate) fn setup(draw: &mut Draw) -> Case {
    let count = draw.pick(&[0, 1, 1, 1, 1, 2, 3]);
    let mut cookies: Vec<Value> = Vec::new();
    for at in 0..count {
        let mut cookie = settings(draw, true);
        if let Some(first) = cookies.first()
            && draw.once_in(3)
        {
            let name = name_of(&first["cookie"]).replace("__Host-Http-", draw.pick(&["__Host-Http-", "__Host-"]));
            cookie["name"] = format!("{name}{}", draw.pick(&["", ".1", ".end", ".proof", ".2", ".END"])).into();
        }
        let shared = ["session", "a", "p0", "p0.proof", "p0.device", "p0.challenge", "session.proof", "p0.1"];
        let purpose = if draw.once_in(6) { draw.pick(&shared).to_owned() } else { format!("p{at}") };
        cookies.push(json!({ "purpose": purpose, "cookie": cookie }));
    }
    Case::new("cookie", "setup", json!({ "cookies": cookies }))
}

/// Returns a cookie's settings; with what is refused if `odd`.
pub(crate) fn settings(draw: &mut Draw, odd: bool) -> Value {
    let long = "n".repeat(draw.pick(&[64, 65]));
    let name = match draw.below(if odd { 6 } else { 100 }) {
        0 => draw.pick(&ODD_NAMES),
        1 if odd && draw.once_in(4) => &long,
        _ => draw.pick(&NAMES),
    };
    let mut cookie = json!({});
    if name != DEFAULT || draw.once_in(2) {
        cookie["name"] = name.into();
    }
    let host = name.starts_with("__Host-");
    let rare = if odd { 4 } else { 60 };
    if draw.once_in(if odd { 6 } else { 40 }) {
        cookie["secure"] = false.into();
    }
    if draw.once_in(if host { rare } else { 4 }) {
        cookie["path"] = path(draw, odd).into();
    }
    if draw.once_in(if name.starts_with("__Secure-") || name.starts_with("__Http-") { 4 } else { rare }) {
        cookie["domain"] = domain(draw, odd).into();
    }
    if draw.once_in(4) {
        let other = if odd && draw.once_in(6) { draw.pick(&["lax", "NONE", "", "Strict ", "Default"]) } else { "None" };
        cookie["same_site"] = draw.pick(&["Strict", "Lax", other]).into();
    }
    for flag in ["partitioned", "browser_session"] {
        if draw.once_in(6) {
            cookie[flag] = true.into();
        }
    }
    if draw.once_in(if host { 2 } else { rare }) {
        cookie["large"] = true.into();
    }
    if draw.once_in(if host { rare } else { 5 }) {
        let count = 1 + draw.below(2);
        cookie["previous"] = (0..count).map(|_| place(draw, odd)).collect();
    }
    cookie
}

fn path(draw: &mut Draw, odd: bool) -> String {
    match draw.below(if odd { 12 } else { 1 }) {
        1 => format!("/{}", "p".repeat(draw.pick(&[1023, 1024]))),
        2..=6 => draw.pick(&PATHS).to_owned(),
        _ => draw.pick(&["/", "/app", "/a/b"]).to_owned(),
    }
}

fn domain(draw: &mut Draw, odd: bool) -> String {
    match draw.below(if odd { 12 } else { 1 }) {
        1 => "a.".repeat(126) + draw.pick(&["b", "bc"]),
        2..=6 => draw.pick(&DOMAINS).to_owned(),
        _ => "shop.example".to_owned(),
    }
}

fn place(draw: &mut Draw, odd: bool) -> Value {
    let mut place = json!({});
    if draw.once_in(2) {
        place["path"] = path(draw, odd).into();
    }
    if draw.once_in(3) {
        place["domain"] = domain(draw, odd).into();
    }
    if draw.once_in(4) {
        place["partitioned"] = true.into();
    }
    place
}

/// Tokens of a request, and the template of its fields.
struct Brought {
    tokens: Vec<Members>,
    template: Vec<String>,
}

/// Tosses the parts of a request for a cookie. `lengths` are the tokens' in octets, as far as they are known.
fn fields(draw: &mut Draw, name: &str, count: usize) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    let id = draw.pick(&["AAAAAAAA", "00000000", "-_-_-_-_"]);
    for at in 0..count {
        let cut = draw.pick(&[48, 114, 60, 47, 100]);
        match draw.below(20) {
            0 => parts.push(format!("{name}={{{at}:0:{cut}}}")),
            1 => parts.push(format!("{name}={{{at}:1:}}")),
            2 => parts.push(format!("{name}={{{at}}}{}", draw.pick(&["=", "A", ".", "\u{e9}", "\"", "%3D"]))),
            3 => parts.push(format!("{name}=\"{{{at}}}\"")),
            4..=6 => {
                parts.push(format!("{name}=2.{id}.{{{at}:0:{cut}}}"));
                for _ in 0..draw.pick(&[1, 1, 1, 1, 0, 2]) {
                    let other = draw.mostly(&[id, "AAAAAAAB", "AAAAAAA", ""]);
                    parts.push(format!("{name}.1={other}.{{{at}:{}:}}", draw.mostly(&[cut, cut + 1])));
                }
            }
            7 => parts.extend([format!("{name}={{{at}}}"), format!("{name}={{{at}}}")]),
            _ => parts.push(format!("{name}={{{at}}}")),
        }
    }
    for _ in 0..draw.pick(&[0, 0, 1, 2]) {
        let marks: Vec<_> = (0..draw.pick(&[1, 1, 2, 4])).map(|_| mark(draw)).collect();
        parts.push(format!("{name}.end={}", marks.join(draw.mostly(&[".", ".", "..", ",", "%2E", ". "]))));
    }
    for _ in 0..draw.pick(&[0, 1, 1, 2, 4]) {
        parts.push(noise(draw, name));
    }
    // In another order, each with its spaces, in one field or in several.
    let mut template = vec![String::new()];
    while !parts.is_empty() {
        let at = if draw.once_in(2) { 0 } else { draw.below(parts.len()) };
        let part = parts.remove(at);
        let part =
            if draw.once_in(6) { part.replacen('=', &format!("{}={}", space(draw), space(draw)), 1) } else { part };
        let part = format!("{}{part}{}", space(draw), space(draw));
        match template.last_mut() {
            Some(field) if field.is_empty() => *field = part,
            Some(field) if !draw.once_in(6) => {
                field.push_str(draw.mostly(&["; ", ";", ";;", " ; ", ", ", "; ; ", "&"]));
                field.push_str(&part);
            }
            _ => template.push(part),
        }
    }
    if draw.once_in(8) {
        let at = draw.below(template.len());
        let mut characters: Vec<char> = template[at].chars().collect();
        let place = draw.below(characters.len() + 1);
        let octet =
            if draw.once_in(2) { char::from(draw.byte()) } else { draw.pick(&[';', '=', ' ', '\t', '"', ',', '%']) };
        characters.insert(place, octet);
        template[at] = characters.into_iter().collect();
    }
    if template.len() == 1 && template[0].is_empty() && draw.once_in(2) {
        template.clear();
    }
    template
}

/// Returns the mark of a session ([COOK-07]), or nearly.
fn mark(draw: &mut Draw) -> String {
    let sid = draw.pick(&SIDS);
    let mut mark = URL_SAFE_NO_PAD.encode(Sha256::digest(sid.as_bytes()));
    mark.truncate(draw.mostly(&[22, 22, 21, 23, 0]));
    mark
}

fn space(draw: &mut Draw) -> &'static str {
    if draw.once_in(3) { draw.pick(&SPACES) } else { "" }
}

/// A part that is another cookie's, or of the cookie's name without a token.
fn noise(draw: &mut Draw, name: &str) -> String {
    let long = "x".repeat(draw.pick(&[100, 3000, 5980, 5981]));
    let values = [
        "",
        "x",
        "\"\"",
        "CrE1",
        "CrS1xFeQ",
        "CrE2",
        "2.",
        "2.AAAAAAAA.",
        "2.AAAAAAAA.CrE1",
        "a=b",
        "=",
        "%",
        "\u{e9}",
        "\u{0}",
        "null",
        "0",
        "__proto__",
        long.as_str(),
    ];
    let value = draw.pick(&values);
    match draw.below(12) {
        0 => name.to_owned(),
        1 => format!("={value}"),
        2 => String::new(),
        3 => format!("{}={value}", name.to_uppercase()),
        4 => format!("{name}.1={value}"),
        5 => format!("{name}.end={value}"),
        6 | 7 => format!("{name}={value}"),
        8 => format!("$Version=1; {name}{value}"),
        9 => format!("x{name}={value}"),
        10 => format!("__proto__={value}"),
        _ => format!("theme={value}"),
    }
}

/// Makes sessions' tokens and the fields that bring them.
fn brought(draw: &mut Draw, name: &str, life: Life) -> Brought {
    let count = draw.pick(&[0, 1, 1, 1, 1, 1, 2, 2, 3, 4, 5, 6]);
    let different = draw.once_in(2);
    let mut tokens: Vec<Members> = Vec::new();
    for _ in 0..count {
        let odd = draw.once_in(10);
        let life = if different { life.beside(draw) } else { life };
        tokens.push(session::token(draw, life, odd));
    }
    let template = fields(draw, name, count);
    Brought { tokens, template }
}

fn add(members: &mut Members, brought: Brought) {
    members.insert("tokens".to_owned(), brought.tokens.into_iter().map(Value::from).collect());
    members.insert("template".to_owned(), brought.template.into());
}

fn name_of(cookie: &Value) -> String {
    cookie["name"].as_str().unwrap_or(DEFAULT).to_owned()
}

pub(crate) fn read(draw: &mut Draw) -> Case {
    let life = Life::new(draw);
    let now = if draw.once_in(4) { life.moment(draw) } else { life.issued_at };
    let cookie = settings(draw, false);
    let mut members = Members::new();
    session::common(draw, &mut members, life, now);
    let brought = brought(draw, &name_of(&cookie), life);
    members.insert("cookie".to_owned(), cookie);
    members.insert("now".to_owned(), given(draw, now));
    add(&mut members, brought);
    Case::new("cookie", "read", members.into())
}

pub(crate) fn read_token(draw: &mut Draw) -> Case {
    let max_age = life(draw);
    let leeway = leeway(draw);
    let ttl = life(draw);
    let end = BASE + u64::from(ttl.min(max_age));
    let now = about(draw, &[BASE, BASE, BASE, end, end - 1, BASE - 60]);
    let mut cookie = settings(draw, false);
    if let (false, Some(cookie)) = (draw.once_in(12), cookie.as_object_mut()) {
        cookie.remove("large");
        cookie.remove("previous");
    }
    let mut members = Members::new();
    members.insert("keyring".to_owned(), ring(draw, now));
    context(draw, &mut members);
    members.insert("max_age".to_owned(), max_age.into());
    members.insert("leeway".to_owned(), leeway.into());
    let count = draw.pick(&[0, 1, 1, 1, 1, 2, 5]);
    let mut tokens = Vec::new();
    for _ in 0..count {
        let mut from = made_from(draw, BASE, ttl);
        let long = "x".repeat(draw.pick(&[100, 2000, 4398, 4400, 4401]));
        from.insert(
            "payload".to_owned(),
            draw.pick(&["", "/basket?page=2", "é\u{0}", "\u{feff}", long.as_str()]).into(),
        );
        fixed(draw, &mut from);
        tokens.push(from);
    }
    let template = fields(draw, &name_of(&cookie), count);
    members.insert("cookie".to_owned(), cookie);
    members.insert("now".to_owned(), given(draw, now));
    add(&mut members, Brought { tokens, template });
    Case::new("cookie", "read_token", members.into())
}

pub(crate) fn write(draw: &mut Draw) -> Case {
    let life = Life::new(draw);
    let now = if draw.once_in(3) { life.moment(draw) } else { life.issued_at };
    let cookie = settings(draw, false);
    let mut members = Members::new();
    session::common(draw, &mut members, life, now);
    let brought = brought(draw, &name_of(&cookie), life);
    let mut data = brought.tokens.first().map(session::held).unwrap_or_default();
    members.insert("cookie".to_owned(), cookie);
    members.insert("now".to_owned(), given(draw, now));
    let is_of_several = brought.tokens.len() > 1;
    add(&mut members, brought);
    let mut actions = session::actions(draw, now, &mut data);
    if is_of_several && draw.once_in(3) {
        let at = draw.below(actions.len() + 1);
        actions.insert(at, json!({ "sign_off": true }));
    }
    if draw.once_in(4) {
        actions.push(large(draw));
    }
    if draw.once_in(4) {
        let at = draw.pick(&[actions.len(), actions.len(), 0]);
        let time = about(draw, &[now, now.saturating_add(60), 1 << 40]);
        actions.insert(at, json!({ "excess": { "now": given(draw, time) } }));
    }
    members.insert("actions".to_owned(), actions.into());
    let commit = match draw.below(6) {
        0 => life.moment(draw),
        1 => now.saturating_add(60),
        _ => now,
    };
    members.insert("commit".to_owned(), given(draw, commit));
    if draw.once_in(5) {
        let own = draw.pick(&["", "no-cache", "private, max-age=60", "0", "no-store"]);
        members.insert("cache_control".to_owned(), own.into());
    }
    let mut members = members.into();
    session::add_random(draw, &mut members, true);
    Case::new("cookie", "write", members)
}

/// Sets data about as large as one cookie or two hold.
fn large(draw: &mut Draw) -> Value {
    let edges = [2400, 2870, 2900, 4200, 4240, 4300, COOKIE_TOKEN_MAX];
    let count = draw.pick(&edges) + draw.below(40);
    let unit = draw.pick(&["x", "é", "\\u0001", "\\\"", "\u{2028}"]);
    let octets = serde_json::from_str::<String>(&format!("\"{unit}\"")).unwrap_or_default().len();
    let written = if unit.starts_with('\\') { unit.len() } else { octets };
    let text = unit.repeat(count / written.max(1));
    let name = draw.pick(&["basket", "é", "0", "", "constructor"]);
    let value = format!("\"{text}\"");
    let beside = match draw.below(4) {
        0 => String::new(),
        // As long, or nearly: of equal ones the first name by its octets counts.
        1 => {
            let half = unit.repeat(count / written.max(1) / 2);
            let names = ["\u{ffff}", "😀", "z", "Z", "\\u0001"];
            let (one, other) = (draw.below(5), 1 + draw.below(4));
            let values = [draw.mostly(&["", "x"]), ""].map(|more| format!("\"{half}{more}\""));
            let [one, other] = [names[one], names[(one + other) % 5]];
            return json!({ "set_data": format!("{{\"{one}\":{},\"{other}\":{}}}", values[0], values[1]) });
        }
        2 => format!("\"small\":{},", json::value(draw, 0, 2)),
        _ => "\"small\":[1,2,3],".to_owned(),
    };
    json!({ "set_data": format!("{{{beside}\"{name}\":{value}}}") })
}
