//! Cases of `write` (§20.4, §20.5).

use super::{
    Case, T, Writing,
    choosing::OTHER,
    jar::{Cookie, Place},
};
use crate::{
    opener::{Code, Context},
    session::{
        END, IDLE, Made, START,
        action::{Action, flash, reauthenticate, set_data, sign_on, take_flash},
        guest,
        reference::Setup,
        setup, user,
    },
    vector::{Entry, Vector},
};

/// Returns a `data` with which a guest's token has this many octets.
fn sized(octets: usize) -> String {
    let frame = guest(&[("data", "{\"pad\":\"\"}")]).len();
    format!("{{\"pad\":\"{}\"}}", "x".repeat(octets * 3 / 4 - 85 - frame))
}

/// Returns a token of this many octets.
fn padded(octets: usize) -> Made {
    Made::new(guest(&[("data", &sized(octets))]))
}

/// Returns a message of this many octets.
fn message(octets: usize) -> &'static str {
    format!("\"{}\"", "m".repeat(octets - 2)).leak()
}

pub(super) fn vectors() -> Vec<Vector> {
    [lines(), endings(), sizes(), refusals(), lax()]
        .concat()
        .into_iter()
        .map(|(case, writing)| case.write(writing))
        .collect()
}

type Pair = (Case, Writing);

const TOKEN: &str = "__Host-session={0}";
const BOTH: &str = "__Host-session=2.aaaaaaaa.{0:0:2989}; __Host-session.1=aaaaaaaa.{0:2989:}";
const PARTS: &str = "__Host-session=2.aaaaaaaa.{0:0:100}; __Host-session.1=aaaaaaaa.{0:100:}";

/// A request that brings one token.
fn one(id: &'static str, comment: &'static str, actions: Vec<Action>, expect: &'static str) -> Pair {
    let case = Case { spec: &["COOK-09", "COOK-10"], ..Case::new(id, comment, vec![Made::new(user(&[]))], TOKEN) };
    (case, Writing { actions, commit: T, cache_control: None, open: "opened", expect: Ok(expect), fails: None })
}

/// A request that brings none.
fn visit(id: &'static str, comment: &'static str, actions: Vec<Action>, expect: &'static str) -> Pair {
    let (case, writing) = one(id, comment, actions, expect);
    (Case { tokens: vec![], template: vec!["theme=dark".into()], ..case }, Writing { open: "absent", ..writing })
}

fn request(field: &str, open: &'static str, (case, writing): Pair) -> Pair {
    (Case { template: vec![field.to_owned()], ..case }, Writing { open, ..writing })
}

fn spec(spec: &'static [&'static str], flags: &'static [&'static str], (case, writing): Pair) -> Pair {
    (Case { spec, flags, ..case }, writing)
}

fn cookie(cookie: Cookie, (case, writing): Pair) -> Pair {
    let template = case.template.iter().map(|field| field.replace("__Host-session", &cookie.name)).collect();
    (Case { cookie, template, ..case }, writing)
}

fn made(made: Made, (case, writing): Pair) -> Pair {
    (Case { tokens: vec![made], ..case }, writing)
}

fn at(commit: u64, (case, writing): Pair) -> Pair {
    (case, Writing { commit, ..writing })
}

fn opened_at(now: u64, (case, writing): Pair) -> Pair {
    (Case { now, ..case }, Writing { commit: now, ..writing })
}

fn place(path: &str, domain: Option<&str>, partitioned: bool) -> Place {
    Place { path: path.into(), domain: domain.map(str::to_owned), partitioned }
}

/// A cookie that had other attributes.
fn moved() -> Cookie {
    let previous = vec![place("/", Some("shop.example"), false), place("/shop", None, true)];
    Cookie { previous, ..Cookie::named("__Secure-session") }
}

fn data() -> Action {
    set_data("{\"basket\":[17]}")
}

#[rustfmt::skip] // one case a line
fn lines() -> Vec<Pair> {
    let set = |id, comment, jar: Cookie| cookie(jar, visit(id, comment, vec![data()], "+"));
    let cached = |value, pair: Pair| spec(&["COOK-10"], &["missing-vary"], (pair.0, Writing { cache_control: Some(value), ..pair.1 }));
    let secure = || Cookie::named("__Secure-session");
    vec![
        set("line/default", "the default cookie", Cookie::usual()),
        set("line/development", "a development profile", Cookie { secure: false, ..Cookie::named("shop-session") }),
        set("line/path", "a path", Cookie { place: place("/shop", None, false), ..Cookie::named("sid") }),
        set("line/domain", "a domain", Cookie { place: place("/", Some("shop.example"), false), ..secure() }),
        set("line/strict", "SameSite=Strict", Cookie { same_site: "Strict", ..Cookie::usual() }),
        set("line/none", "SameSite=None", Cookie { same_site: "None", ..Cookie::usual() }),
        set("line/partitioned", "Partitioned", Cookie { place: place("/", None, true), ..Cookie::usual() }),
        set("line/everything", "every attribute, in its order", Cookie { place: place("/shop", Some("shop.example"), true), same_site: "None", ..secure() }),
        set("line/browser-session", "no Max-Age", Cookie { browser_session: true, ..Cookie::usual() }),
        set("line/large", "large, and one cookie is enough", Cookie { large: true, ..Cookie::usual() }),
        one("line/opened", "a change of an opened session: Max-Age is the ttl", vec![data()], "+"),
        at(START + 100, one("line/slow", "Max-Age counts from the commit", vec![data()], "+")),
        opened_at(END - 600, made(Made { issued_at: END - 1000, ..Made::new(user(&[])) }, one("line/near-end", "Max-Age is cut by the absolute end", vec![data()], "+"))),
        at(START + 900, one("line/refresh", "a session that is only read, at half its window", vec![], "+")),
        visit("line/sign-on", "a sign-on", vec![sign_on("ada", 7)], "+"),
        one("line/sign-on-over", "a sign-on over another session: no mark, for nobody signed off", vec![sign_on("grace", 7)], "+"),
        one("line/reauthenticate", "a re-authentication: no mark", vec![reauthenticate(8)], "+"),
        visit("line/send", "an empty session that is sent", vec![Action::Send], "+"),
        made(Made::new(guest(&[("flash", "{\"notice\":[1]}")])), one("line/flash", "a message that is read", vec![take_flash("notice", &["1"])], "+")),
        spec(&["COOK-10", "SESS-11"], &["missing-vary"], one("nothing/read", "a session that is only read: Vary and private", vec![], "")),
        spec(&["COOK-10", "SESS-10"], &["missing-vary"], visit("nothing/absent", "no session: Vary and private, for the answer is to be another with one", vec![], "")),
        cached("max-age=600", one("cache/kept", "the application's Cache-Control is kept when nothing is written", vec![], "")),
        cached("public", visit("cache/kept-absent", "also without a session", vec![], "")),
        cached("public, max-age=600", one("cache/replaced", "no-store in the place of the application's", vec![data()], "+")),
        cached("private", one("cache/replaced-expire", "also when a cookie is taken away", vec![Action::SignOff], "+.end -")),
        cookie(moved(), visit("previous/seal", "earlier combinations are taken away with every writing", vec![data()], "- - +")),
        cookie(moved(), one("previous/expire", "also when the cookie is taken away, after the mark", vec![Action::SignOff], "- - +.end -")),
        cookie(moved(), one("previous/nothing", "not when nothing is written", vec![], "")),
        cookie(moved(), request(PARTS, "opened", one("previous/parts", "with the second part, if the request held one", vec![data()], "- -.1 - -.1 -.1 +"))),
        cookie(moved(), request("__Host-session={0}; __Host-session.1=", "opened", one("previous/parts-expire", "the same when the cookie is taken away", vec![Action::SignOff], "- -.1 - -.1 -.1 +.end -"))),
        cookie(Cookie { previous: vec![place("/", None, true)], ..Cookie::usual() }, one("previous/partitioned", "it was partitioned before", vec![data()], "- +")),
        cookie(Cookie { previous: vec![place("/", None, false)], place: place("/", None, true), browser_session: true, ..Cookie::usual() }, one("previous/not-partitioned", "it was not; a browser session", vec![data()], "- +")),
        cookie(Cookie { secure: false, previous: vec![place("/shop", None, false)], ..Cookie::named("sid") }, one("previous/development", "a development profile", vec![data()], "- +")),
    ]
}

#[rustfmt::skip] // one case a line
fn endings() -> Vec<Pair> {
    let off = vec![Action::SignOff];
    let late = START + IDLE;
    let ruled = |(case, writing): Pair| (Case { setup: Setup::ruled(IDLE, 3600, 60), ..case }, writing);
    let mark = |pair| spec(&["COOK-07", "COOK-09", "SESS-16"], &["late-response"], pair);
    let failed = |pair| spec(&["SESS-18", "COOK-10"], &["write-after-failure"], pair);
    let checked = |generation, (case, writing): Pair| (Case { setup: Setup::checked(generation, false), ..case }, writing);
    let parts = |pair| spec(&["COOK-09", "COOK-14"], &["chunk-mix"], pair);
    let ending = |end: u64| Made::new(guest(&[("end", &end.to_string())]));
    let strangers = |pair: Pair| (Case { tokens: vec![Made::new(user(&[])), Made::new(user(&[("sid", OTHER)]))], ..pair.0 }, pair.1);
    let both = "__Host-session={0}; __Host-session={1}";
    vec![
        mark(one("end/sign-off", "a sign-off: the cookie is taken away, and a mark is left", off.clone(), "+.end -")),
        mark(made(Made::new(guest(&[])), one("end/guest", "a guest's session, too", off.clone(), "+.end -"))),
        mark(cookie(Cookie { browser_session: true, ..Cookie::usual() }, one("end/browser-session", "a browser session: these lines have their Max-Age", off.clone(), "+.end -"))),
        mark(cookie(Cookie { place: Place { path: "/shop".into(), domain: Some("shop.example".into()), partitioned: true }, same_site: "None", ..Cookie::named("__Secure-session") }, one("end/everything", "with every attribute", off.clone(), "+.end -"))),
        mark(cookie(Cookie { secure: false, ..Cookie::named("sid") }, one("end/development", "a development profile", off.clone(), "+.end -"))),
        mark(at(START + 500, one("end/slow", "the mark lives from the commit to the session's end", off.clone(), "+.end -"))),
        mark(made(ending(T + 34_560_005), one("end/400-days", "no mark lives longer than 400 days", off.clone(), "+.end -"))),
        mark(made(ending(T + 1), one("end/one-second", "a mark of one second", off.clone(), "+.end -"))),
        mark(at(T + 1, made(ending(T + 1), one("end/over", "the session has reached its end: no mark", off.clone(), "-")))),
        mark(ruled(one("end/of-token", "the token's own end counts, not this server's absolute window", off.clone(), "+.end -"))),
        mark(one("end/guest-after", "a message for the next page: a new guest session, and the mark of the old one", vec![Action::SignOff, flash("notice", "\"bye\"")], "+.end +")),
        mark(one("end/sign-on-after", "a sign-off, then a sign-on", vec![Action::SignOff, sign_on("grace", 3)], "+.end +")),
        mark(one("end/sign-on-before", "a sign-on, then a sign-off: the mark is of the sid that the request brought", vec![sign_on("grace", 3), Action::SignOff], "+.end -")),
        mark(visit("end/absent", "a sign-off without a session: no mark", off.clone(), "-")),
        mark(checked(Some(8), request(TOKEN, "revoked", one("end/revoked", "a revoked session was authentic", off.clone(), "+.end -")))),
        mark(checked(None, request(TOKEN, "unchecked", one("end/unchecked", "an unchecked one as well", off.clone(), "+.end -")))),
        mark(opened_at(late, request(TOKEN, "expired", one("end/expired", "an expired one is not offered, and leaves no mark", off.clone(), "-")))),
        mark(request("__Host-session={0:0:100}AAAA{0:104:}", "auth_failed", one("end/tampered", "nor does a tampered one", off.clone(), "-"))),
        mark(request("__Host-session=x; __Host-session.1=y", "not_a_token", one("end/garbage", "garbage is taken away, in both names", off.clone(), "-.1 -"))),
        mark(request(both, "ambiguous", strangers(one("end/ambiguous", "two sessions: the cookie of this place is taken away, both are marked", off.clone(), "+.end -")))),
        mark(request(&format!("{TOKEN}; __Host-session.end={}", super::reference::mark("AAECAwQFBgcICQoLDA0ODw")), "signed_off", one("end/ended", "a session that had ended already", off.clone(), "-"))),
        spec(&["SESS-13", "COOK-09"], &["absolute-ignored"], at(END, opened_at(END - 1, made(Made { issued_at: END - 1000, ..Made::new(user(&[])) }, one("end/at-last", "a request that takes until the absolute end", vec![data()], "-"))))),
        failed(opened_at(late, request(TOKEN, "expired", one("failed/expired", "nothing is written by itself", vec![], "")))),
        failed(request("__Host-session=deleted", "not_a_token", one("failed/garbage", "nor over garbage", vec![], ""))),
        failed(request("__Host-session=2.aaaaaaaa.{0:0:100}; __Host-session.1=x", "chunks", one("failed/chunks", "nor over parts", vec![], ""))),
        failed(request(both, "ambiguous", strangers(one("failed/ambiguous", "nor over two sessions", vec![], "")))),
        failed(made(Made { key: 2, ..Made::new(user(&[])) }, request(TOKEN, "unknown_key", one("failed/key", "nor over a token of a key that has not arrived yet", vec![], "")))),
        failed(checked(Some(8), request(TOKEN, "revoked", one("failed/revoked", "nor over a revoked session", vec![], "")))),
        failed(opened_at(late, request(TOKEN, "expired", one("failed/data", "data of a new guest session is written", vec![data()], "+")))),
        parts(request("__Host-session={0}; __Host-session.1=", "opened", one("parts/empty-held", "an empty second cookie is taken away with a writing", vec![data()], "-.1 +"))),
        parts(request("__Host-session={0}; __Host-session.1", "opened", one("parts/no-pair", "what is no pair is not held", vec![data()], "+"))),
        parts(request("__Host-session={0}; __Host-session.1=x", "opened", one("parts/nothing", "nothing is written, nothing taken away", vec![], ""))),
        parts(request(PARTS, "opened", one("parts/shrink", "a token that stood in two cookies is written into one", vec![data()], "-.1 +"))),
        parts(request(PARTS, "opened", one("parts/sign-off", "a sign-off takes both away", off, "-.1 +.end -"))),
    ]
}

#[rustfmt::skip] // one case a line
fn sizes() -> Vec<Pair> {
    let large = || Cookie { large: true, ..Cookie::usual() };
    let size = |spec_ids, pair| spec(spec_ids, &["size-on-wire", "off-by-one"], pair);
    let fill = |id, comment, octets: usize, expect| visit(id, comment, vec![set_data(sized(octets))], expect);
    let name = || Cookie::named(format!("__Host-{}", "n".repeat(57)));
    vec![
        size(&["COOK-12"], fill("size/3500", "3 500 octets of name and value", 3486, "+")),
        size(&["COOK-12"], fill("size/3501", "3 501 octets of name and value: the application is told", 3487, "+")),
        size(&["COOK-12"], cookie(moved(), fill("size/3500-previous", "3 500 octets, the names of the lines that take away counted", 3452, "- - +"))),
        size(&["COOK-12"], cookie(moved(), fill("size/3502-previous", "3 502 octets, the token's line below 3 500", 3454, "- - +"))),
        size(&["COOK-11", "COOK-12"], fill("size/4096", "4 096 octets of name and value", 4082, "+")),
        size(&["COOK-11"], cookie(name(), fill("size/4096-name", "the same with a name of 64 characters", 4032, "+"))),
        size(&["COOK-11", "COOK-15"], cookie(large(), fill("size/large-4096", "large, and one cookie holds it", 4082, "+"))),
        size(&["COOK-15"], cookie(large(), fill("size/large-4097", "large, and one octet more than one cookie holds", 4083, "+.1 +"))),
        size(&["COOK-11", "COOK-15"], cookie(large(), fill("size/large-5980", "the largest token: two values of 3 000 octets", 5980, "+.1 +"))),
        size(&["COOK-15"], cookie(Cookie { browser_session: true, ..large() }, fill("size/large-browser-session", "two lines without Max-Age", 4200, "+.1 +"))),
        size(&["COOK-15"], cookie(large(), request(PARTS, "opened", one("size/large-again", "two cookies after two cookies: a new id", vec![Action::SignOff, set_data(sized(4200))], "+.1 +.end +")))),
        size(&["COOK-15", "COOK-09"], made(padded(4200), cookie(large(), request(BOTH, "opened", one("size/large-shrunk", "large, and small again: the second cookie is taken away", vec![data()], "-.1 +"))))),
        size(&["COOK-12"], made(padded(3600), one("size/large-read", "a large cookie that is only read is not written", vec![], ""))),
    ]
}

#[rustfmt::skip] // one case a line
fn refusals() -> Vec<Pair> {
    let large = || Cookie { large: true, ..Cookie::usual() };
    let bad = |code: Code, (case, writing): Pair| spec(&["COOK-11"], &["size-on-wire"], (case, Writing { expect: Err(code), ..writing }));
    let over = |pair| bad("cookie_too_large", pair);
    let fill = |id, comment, text: String| over(visit(id, comment, vec![set_data(text)], ""));
    let letters = |count: usize| "x".repeat(count);
    let keyless = |(case, writing): Pair| (Case { setup: Setup { context: Context { ring: vec![Entry::new(1).from(END)], ..setup().context }, ..setup() }, ..case }, writing);
    let lost_page = |pair| spec(&["SESS-11", "COOK-10"], &["lost-page"], pair);
    let lost_end = |pair| spec(&["SESS-11", "COOK-07", "COOK-09"], &["lost-sign-off"], pair);
    let cached = |(case, writing): Pair| (case, Writing { cache_control: Some("max-age=600"), ..writing });
    let order = |code, pair| { let (case, writing) = bad(code, pair); (Case { flags: &["order"], ..case }, writing) };
    vec![
        fill("too-large/1", "one octet too many", sized(4083)),
        fill("too-large/1000", "far too much", sized(5082)),
        cookie(Cookie::named(format!("__Host-{}", "n".repeat(57))), fill("too-large/name", "the name counts", sized(4034))),
        cookie(Cookie { secure: false, ..Cookie::named("s") }, fill("too-large/short-name", "a name of one character", sized(4096))),
        cookie(large(), fill("too-large/large", "the first length of a token over 5 980 octets: two more", sized(5982))),
        cookie(large(), fill("too-large/large-1000", "far too much for two cookies", sized(6980))),
        fill("too-large/largest", "the member with the longest value is named, not the one with the longest name", format!("{{\"a\":\"{}\",\"b\":\"{}\",\"{}\":1}}", letters(1000), letters(2000), letters(600))),
        fill("too-large/tie", "of equal lengths the first in the order of writing", format!("{{\"a\":1,\"b\":\"{}\",\"c\":\"{}\"}}", letters(1600), letters(1600))),
        fill("too-large/nested", "an array is as long as its text", format!("{{\"a\":\"{}\",\"b\":[\"{}\",\"{}\"]}}", letters(1800), letters(900), letters(897))),
        fill("too-large/octets", "octets count, not characters", format!("{{\"a\":\"{}\",\"b\":\"{}\"}}", letters(1500), "\u{e9}".repeat(800))),
        fill("too-large/escapes", "the text as written counts, with its escapes", format!("{{\"a\":\"{}\",\"b\":\"{}\"}}", letters(1500), "\\n".repeat(800))),
        over(visit("too-large/flash", "messages alone: no member of data to name", vec![flash("notice", message(3000))], "")),
        over(visit("too-large/flash-and-data", "messages too, the longest member of data is named all the same", vec![set_data("{\"a\":1,\"b\":22}"), flash("notice", message(3000))], "")),
        over(one("too-large/opened", "a session that was small", vec![set_data(format!("{{\"a\":\"{}\"}}", letters(2900)))], "")),
        lost_page(at(START + 900, made(padded(4100), one("too-large/refresh", "a refresh of a session that another writer made too large: nothing is written", vec![], "")))),
        lost_page(at(START + 900, made(padded(4200), request(BOTH, "opened", one("too-large/refresh-parts", "a refresh of two cookies by a server that writes one", vec![], ""))))),
        over(at(START + 900, made(padded(4100), one("too-large/refresh-send", "a refresh is due, and the application asks to send it", vec![Action::Send], "")))),
        over(at(START + 900, made(padded(4100), one("too-large/refresh-flash", "a refresh is due, and a message is added", vec![flash("notice", "1")], "")))),
        lost_end(one("too-large/sign-off", "a guest session after a sign-off is too large: the cookie is taken away, and a mark is left", vec![Action::SignOff, set_data(sized(4083))], "+.end -")),
        lost_end(one("too-large/sign-off-flash", "a message after a sign-off is too large", vec![Action::SignOff, flash("notice", message(3000))], "+.end -")),
        lost_end(cookie(large(), one("too-large/sign-off-large", "a guest session after a sign-off is too large for two cookies", vec![Action::SignOff, set_data(sized(5982))], "+.end -"))),
        lost_end(request(PARTS, "opened", one("too-large/sign-off-parts", "both cookies are taken away", vec![Action::SignOff, set_data(sized(4083))], "-.1 +.end -"))),
        lost_end(visit("too-large/sign-off-absent", "a sign-off without a session: no mark", vec![Action::SignOff, set_data(sized(4083))], "-")),
        lost_end(cookie(moved(), one("too-large/sign-off-previous", "earlier combinations are taken away", vec![Action::SignOff, set_data(sized(4083))], "- - +.end -"))),
        lost_end(at(START + 100, made(Made::new(user(&[("end", "1790000100")])), one("too-large/sign-off-over", "the session has reached its end: no mark", vec![Action::SignOff, set_data(sized(4083))], "-")))),
        bad("no_sealing_key", keyless(visit("refused/no-sealing-key", "no key seals", vec![data()], ""))),
        bad("no_sealing_key", keyless(one("refused/no-sealing-key-opened", "a change of an opened session, and no key seals", vec![data()], ""))),
        bad("no_sealing_key", keyless(at(START + 900, one("refused/no-sealing-key-refresh-change", "a refresh is due, and data changed", vec![data()], "")))),
        bad("no_sealing_key", keyless(visit("refused/no-sealing-key-sign-on", "a sign-on, and no key seals", vec![sign_on("ada", 7)], ""))),
        lost_page(keyless(at(START + 900, one("refused/refresh-no-sealing-key", "a refresh is due, and no key seals: nothing is written", vec![], "")))),
        lost_page(keyless(at(START + 900, cookie(moved(), one("refused/refresh-no-sealing-key-previous", "nor are earlier combinations taken away", vec![], ""))))),
        cached(lost_page(keyless(at(START + 900, one("refused/refresh-no-sealing-key-cache", "the application's Cache-Control is kept", vec![], ""))))),
        lost_end(keyless(one("refused/sign-off-no-sealing-key", "a message after a sign-off, and no key seals: the cookie is taken away, and a mark is left", vec![Action::SignOff, flash("notice", "\"bye\"")], "+.end -"))),
        cached(lost_end(keyless(one("refused/sign-off-no-sealing-key-cache", "no-store in the place of the application's Cache-Control", vec![Action::SignOff, data()], "+.end -")))),
        lost_end(keyless(request("__Host-session=x; __Host-session.1=y", "not_a_token", one("refused/sign-off-no-sealing-key-garbage", "over garbage: no mark", vec![Action::SignOff, data()], "-.1 -")))),
        lost_end(one("refused/sign-off-unserializable", "2^53 in the guest's data after a sign-off", vec![Action::SignOff, set_data("{\"a\":9007199254740992}")], "+.end -")),
        lost_end(one("refused/sign-off-unserializable-flash", "2^53 in a message after a sign-off", vec![Action::SignOff, flash("notice", "[9007199254740992]")], "+.end -")),
        bad("payload_unserializable", visit("refused/unserializable", "2^53 in data", vec![set_data("{\"a\":9007199254740992}")], "")),
        order("payload_unserializable", visit("refused/order-unserializable-first", "too large, and 2^53 in it", vec![set_data(format!("{{\"a\":\"{}\",\"b\":9007199254740992}}", letters(3000)))], "")),
        order("payload_unserializable", keyless(visit("refused/order-unserializable-before-key", "2^53 in data, and no key seals", vec![set_data("{\"a\":9007199254740992}")], ""))),
        order("cookie_too_large", keyless(visit("refused/order-size-before-key", "too large, and no key seals", vec![set_data(sized(4083))], ""))),
        { let (case, writing) = bad("clock_range", at(1 << 48, one("refused/clock", "a clock out of range", vec![data()], ""))); (Case { spec: &["COOK-11", "TIME-01"], flags: &["caller-error"], ..case }, writing) },
        { let (case, writing) = bad("clock_range", at(1 << 48, one("refused/clock-read", "also where nothing would be written", vec![], ""))); (Case { spec: &["COOK-10", "TIME-01"], flags: &["caller-error"], ..case }, writing) },
        keyless(one("refused/not-sign-off", "no key seals: a sign-off works", vec![Action::SignOff], "+.end -")),
    ]
}

/// Values that some languages hold to be nothing, and lengths that some count otherwise than they are written.
#[rustfmt::skip] // one case a line
fn lax() -> Vec<Pair> {
    let letters = |count: usize| "x".repeat(count);
    let cached = |value, pair: Pair| spec(&["COOK-10"], &["falsy-value", "missing-vary"], (pair.0, Writing { cache_control: Some(value), ..pair.1 }));
    let over = |id, comment, text: String| {
        let (case, writing) = visit(id, comment, vec![set_data(text)], "");
        spec(&["COOK-11"], &["size-on-wire"], (case, Writing { expect: Err("cookie_too_large"), ..writing }))
    };
    let two = |a: &str, b: &str| format!("{{\"a\":{a},\"b\":{b}}}");
    let text = |inner: &str| format!("\"{inner}\"");
    vec![
        cached("", one("falsy/cache-control", "an empty Cache-Control is one that the application set", vec![], "")),
        cached("0", one("falsy/cache-control-zero", "so is the digit 0", vec![], "")),
        cached("", visit("falsy/cache-control-absent", "also without a session", vec![], "")),
        cached("", one("falsy/cache-control-replaced", "an empty one is replaced too", vec![data()], "+")),
        spec(&["COOK-09", "COOK-10"], &["falsy-value"], cookie(Cookie::named("0"), visit("falsy/name-zero", "a cookie of the name 0", vec![data()], "+"))),
        spec(&["COOK-09", "COOK-10"], &["falsy-value"], visit("falsy/data-zero", "data whose only member is 0, of the name 0", vec![set_data("{\"0\":0}")], "+")),
        spec(&["COOK-09", "COOK-10"], &["falsy-value"], cookie(Cookie { place: place("/0", Some("0"), false), ..Cookie::named("__Secure-0") }, visit("falsy/place-zero", "path and domain of the digit 0", vec![data()], "+"))),
        over("largest/name", "the name does not count: the member with the longer name has the shorter value", format!("{{\"a\":\"{}\",\"{}\":\"{}\"}}", letters(2000), letters(600), letters(1500))),
        over("largest/escapes-of-input", "escapes of the given text do not count, as they are not written", two(&text(&letters(2000)), &text(&"\\u00e9".repeat(600)))),
        over("largest/pairs-of-input", "a pair of surrogates is written in four octets", two(&text(&letters(2000)), &text(&"\\ud83d\\ude00".repeat(300)))),
        over("largest/escapes-of-output", "a control character is written in six octets", two(&text(&letters(2000)), &text(&"\\u0001".repeat(350)))),
        over("largest/quotes", "a quotation mark is written in two octets", two(&text(&letters(1500)), &text(&"\\\"".repeat(800)))),
        over("largest/html", "letters that HTML escapes are written as they are", two(&text(&letters(2000)), &text(&"<>&".repeat(400)))),
        over("largest/separators", "a line separator is written in three octets, not by its number", two(&text(&letters(1900)), &text(&"\u{2028}".repeat(500)))),
        over("largest/delete", "the character 7F is written as it is", two(&text(&letters(1800)), &text(&"\u{7f}".repeat(1500)))),
        over("largest/astral", "octets count, not characters nor units of UTF-16", two(&text(&letters(1500)), &text(&"\u{1f600}".repeat(500)))),
        over("largest/astral-shorter", "nor twice as many", two(&text(&letters(2100)), &text(&"\u{1f600}".repeat(500)))),
        over("largest/white-space-of-input", "white space of the given text does not count", two(&text(&letters(1700)), &format!("[{}1]", "1 , ".repeat(700)))),
        over("largest/names-inside", "names inside a value do", two(&text(&letters(1500)), &format!("{{\"{}\":1}}", letters(1600)))),
        over("largest/quotation-marks", "the quotation marks of a string count: it is longer than an array of so many octets less one", two(&text(&letters(1600)), &format!("[{}11]", "1,".repeat(799)))),
        over("largest/last", "the last of three", format!("{{\"a\":1,\"b\":\"{}\",\"c\":\"{}\"}}", letters(1500), letters(1700))),
        over("largest/zero", "a member of the name 0", format!("{{\"0\":\"{}\",\"a\":1}}", letters(3100))),
        over("largest/empty-name", "a member of an empty name", format!("{{\"\":\"{}\",\"a\":1}}", letters(3100))),
        over("largest/over-octets", "over is counted in octets", format!("{{\"a\":\"{}\"}}", "\u{e9}".repeat(1600))),
    ]
}
