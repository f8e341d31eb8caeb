//! Cases of `setup`.

use super::jar::{Cookie, DEFAULT, Place, set_up};
use crate::{
    json::{Json, object},
    opener::Code,
    vector::{Outcome, Vector, members},
};

struct Case {
    id: &'static str,
    spec: &'static [&'static str],
    flags: &'static [&'static str],
    comment: &'static str,
    cookies: Vec<(&'static str, Cookie)>,
    expect: Result<(), Code>,
}

pub(super) fn vectors() -> Vec<Vector> {
    [names(), attributes(), clashes(), prefixes(), lax(), device()].into_iter().flatten().map(Case::vector).collect()
}

impl Case {
    fn vector(self) -> Vector {
        let id = format!("cookie/setup/{}", self.id);
        let cookies = self
            .cookies
            .iter()
            .map(|(purpose, cookie)| object([("purpose", (*purpose).into()), ("cookie", cookie.json())]));
        let inputs = members([("op", "setup".into()), ("cookies", Json::List(cookies.collect()))]);
        let result = set_up(&self.cookies);
        assert_eq!(result.as_ref().map(|_| ()).map_err(|code| *code), self.expect, "{id}");
        let outcome = result.map_or_else(Outcome::Error, Outcome::Result);
        let (spec, flags) = (self.spec.to_vec(), self.flags.to_vec());
        Vector { id, spec, flags, comment: self.comment.to_owned(), inputs, outcome }
    }
}

#[rustfmt::skip] // one case a line
fn names() -> Vec<Case> {
    let ok = |id, comment, name: &str| Case { id, spec: &["COOK-01", "COOK-09"], flags: &[], comment, cookies: vec![("session", Cookie::named(name))], expect: Ok(()) };
    let bad = |id, comment, name: &str| Case { expect: Err("cookie_name"), spec: &["COOK-01"], flags: &["attribute-dropped"], ..ok(id, comment, name) };
    vec![
        ok("name/default", "the prefix of one host", "__Host-session"),
        ok("name/secure", "the other prefix", "__Secure-session"),
        ok("name/plain", "no prefix", "sid"),
        ok("name/one", "one character", "s"),
        ok("name/64", "64 characters", &"n".repeat(64)),
        ok("name/marks", "every mark that a token may have", "!#$%&'*+-.^_`|~09"),
        ok("name/almost-prefix", "begins like a prefix, and is none", "__Hostsession"),
        ok("name/prefix-inside", "a variant of a prefix, not at the beginning", "x__host-session"),
        bad("name/empty", "no name", ""),
        bad("name/65", "65 characters", &"n".repeat(65)),
        bad("name/65-host", "65 characters with the prefix", &format!("__Host-{}", "n".repeat(58))),
        bad("name/space", "a space", "my session"),
        bad("name/space-last", "a space at the end", "session "),
        bad("name/equals", "an equals sign", "session=1"),
        bad("name/semicolon", "a semicolon", "session;a"),
        bad("name/comma", "a comma", "session,a"),
        bad("name/quote", "a quotation mark", "\"session\""),
        bad("name/slash", "a slash", "app/session"),
        bad("name/colon", "a colon", "app:session"),
        bad("name/at", "an at sign", "session@app"),
        bad("name/bracket", "a bracket", "session[0]"),
        bad("name/brace", "a brace", "session{a}"),
        bad("name/backslash", "a backslash", "session\\a"),
        bad("name/question", "a question mark", "session?"),
        bad("name/parenthesis", "a parenthesis", "session(1)"),
        bad("name/control", "a control character", "session\u{1}"),
        bad("name/delete", "the character 7F", "session\u{7f}"),
        bad("name/line-feed", "a line feed: a header of its own", "session\nX"),
        bad("name/not-ascii", "a letter beyond ASCII", "s\u{e9}ance"),
        bad("name/host-lower", "a case variant of a prefix", "__host-session"),
        bad("name/host-upper", "a case variant of a prefix", "__HOST-session"),
        bad("name/host-mixed", "a case variant of a prefix", "__HoSt-session"),
        bad("name/secure-upper", "a case variant of a prefix", "__SECURE-session"),
        bad("name/secure-lower", "a case variant of a prefix", "__secure-session"),
        bad("name/host-lower-alone", "a case variant of a prefix and no more", "__host-"),
    ]
}

#[rustfmt::skip] // one case a line
fn prefixes() -> Vec<Case> {
    let case = |id, spec, comment, cookie, expect| Case { id, spec, flags: &["attribute-dropped"], comment, cookies: vec![("session", cookie)], expect };
    let ok = |id, comment, cookie| case(id, &["COOK-01", "COOK-02"], comment, cookie, Ok(()));
    let name = |id, comment, name: &str| case(id, &["COOK-01"], comment, Cookie::named(name), Err("cookie_name"));
    let bad = |id, comment, cookie| case(id, &["COOK-02"], comment, cookie, Err("cookie_attributes"));
    let at = |name: &str, path: &str, domain: Option<&str>| Cookie { place: Place { path: path.into(), domain: domain.map(str::to_owned), partitioned: false }, ..Cookie::named(name) };
    let plain = |name: &str| Cookie { secure: false, ..Cookie::named(name) };
    let before = |name: &str, place| Cookie { previous: vec![place], ..Cookie::named(name) };
    let domain = || Place { domain: Some("shop.example".into()), ..Place::root() };
    vec![
        Case { spec: &["COOK-01"], ..ok("default", "without a name: the default", Cookie::named(DEFAULT)) },
        ok("prefix/host-http", "the prefix of one host and of http", Cookie::named("__Host-Http-sid")),
        ok("prefix/http", "the prefix of http", Cookie::named("__Http-sid")),
        ok("prefix/http-alone", "a prefix and no more is a name", Cookie::named("__Http-")),
        ok("prefix/host-httpx", "begins like the prefix of both, and has that of one host", Cookie::named("__Host-httpx")),
        ok("prefix/httpx", "begins like a prefix, and is none", Cookie::named("__httpx")),
        ok("prefix/http-path", "http with another path", at("__Http-sid", "/shop", None)),
        ok("prefix/http-domain", "http with a domain", at("__Http-sid", "/", Some("shop.example"))),
        ok("prefix/host-http-large", "large with the prefix of both", Cookie { large: true, ..Cookie::named("__Host-Http-sid") }),
        ok("prefix/http-previous-domain", "http that had a domain", before("__Http-sid", domain())),
        name("prefix/http-lower", "a case variant", "__http-sid"),
        name("prefix/http-upper", "a case variant", "__HTTP-sid"),
        name("prefix/http-mixed", "a case variant", "__hTTP-sid"),
        name("prefix/host-http-lower", "a case variant of the second half", "__Host-http-sid"),
        name("prefix/host-http-upper", "a case variant of the second half", "__Host-HTTP-sid"),
        name("prefix/host-lower-http", "a case variant of the first half", "__host-Http-sid"),
        name("prefix/host-http-lower-alone", "a case variant and no more", "__Host-http-"),
        bad("prefix/http-not-secure", "http without Secure", plain("__Http-sid")),
        bad("prefix/host-http-not-secure", "both without Secure", plain("__Host-Http-sid")),
        bad("prefix/host-http-path", "both with another path", at("__Host-Http-sid", "/shop", None)),
        bad("prefix/host-http-domain", "both with a domain", at("__Host-Http-sid", "/", Some("shop.example"))),
        bad("prefix/host-http-previous-domain", "both, that had a domain", before("__Host-Http-sid", domain())),
        bad("prefix/host-httpx-domain", "that of one host alone with a domain", at("__Host-httpx", "/", Some("shop.example"))),
        bad("prefix/http-large", "large with that of http alone", Cookie { large: true, ..Cookie::named("__Http-sid") }),
        bad("prefix/httpx-domain", "a domain without a prefix", at("__Httpx", "/", Some("shop.example"))),
    ]
}

#[rustfmt::skip] // one case a line
fn attributes() -> Vec<Case> {
    let root = Place::root;
    let path = |path: &str| Place { path: path.into(), ..root() };
    let domain = |domain: &str| Place { domain: Some(domain.into()), ..root() };
    let at = |name: &str, place| Cookie { place, ..Cookie::named(name) };
    let plain = |name: &str| Cookie { secure: false, ..Cookie::named(name) };
    let before = |name: &str, previous| Cookie { previous, ..Cookie::named(name) };
    let ok = |id, comment, cookie| Case { id, spec: &["COOK-02", "COOK-09"], flags: &[], comment, cookies: vec![("session", cookie)], expect: Ok(()) };
    let bad = |id, comment, cookie| Case { expect: Err("cookie_attributes"), spec: &["COOK-02"], flags: &["attribute-dropped"], ..ok(id, comment, cookie) };
    let labels = |last: usize| format!("{}{}", "abcdefghi.".repeat(25), "x".repeat(last));
    let partitioned = Place { partitioned: true, ..root() };
    vec![
        ok("attributes/path", "a path", at("sid", path("/shop"))),
        ok("attributes/path-marks", "a path of visible ASCII", at("sid", path("/a!\"#$%&'()*+,-./:<=>?@[\\]^_`{|}~"))),
        ok("attributes/path-1024", "a path of 1 024 characters", at("sid", path(&format!("/{}", "p".repeat(1023))))),
        bad("attributes/path-1025", "a path of 1 025 characters: browsers ignore it", at("sid", path(&format!("/{}", "p".repeat(1024))))),
        bad("attributes/path-empty", "an empty path", at("sid", path(""))),
        bad("attributes/path-relative", "a path that does not begin with a slash", at("sid", path("shop"))),
        bad("attributes/path-semicolon", "a semicolon in a path", at("sid", path("/a;Domain=evil.example"))),
        bad("attributes/path-space", "a space in a path", at("sid", path("/a b"))),
        bad("attributes/path-line-feed", "a line feed in a path", at("sid", path("/a\nSet-Cookie:x=y"))),
        bad("attributes/path-delete", "the character 7F in a path", at("sid", path("/\u{7f}"))),
        bad("attributes/path-not-ascii", "a letter beyond ASCII in a path", at("sid", path("/caf\u{e9}"))),
        ok("attributes/domain", "a domain", at("__Secure-session", domain("shop.example"))),
        ok("attributes/domain-label", "one label", at("__Secure-session", domain("localhost"))),
        ok("attributes/domain-letters", "digits, hyphens and capitals", at("__Secure-session", domain("xn--Caf-dma.Shop-1.example"))),
        ok("attributes/domain-253", "a domain of 253 characters", at("__Secure-session", domain(&labels(3)))),
        bad("attributes/domain-254", "a domain of 254 characters", at("__Secure-session", domain(&labels(4)))),
        bad("attributes/domain-empty", "an empty domain", at("__Secure-session", domain(""))),
        bad("attributes/domain-dot-first", "a domain that begins with a full stop", at("__Secure-session", domain(".shop.example"))),
        bad("attributes/domain-dot-last", "a domain that ends with a full stop", at("__Secure-session", domain("shop.example."))),
        bad("attributes/domain-dots", "an empty label", at("__Secure-session", domain("shop..example"))),
        bad("attributes/domain-semicolon", "a semicolon in a domain", at("__Secure-session", domain("shop.example;a"))),
        bad("attributes/domain-underscore", "an underscore in a domain", at("__Secure-session", domain("my_shop.example"))),
        bad("attributes/domain-port", "a port behind a domain", at("__Secure-session", domain("shop.example:8080"))),
        bad("attributes/domain-not-ascii", "a letter beyond ASCII in a domain", at("__Secure-session", domain("caf\u{e9}.example"))),
        bad("attributes/domain-space", "a space in a domain", at("__Secure-session", domain("shop example"))),
        bad("attributes/host-domain", "__Host- with a domain", at("__Host-session", domain("shop.example"))),
        bad("attributes/host-path", "__Host- with another path", at("__Host-session", path("/shop"))),
        bad("attributes/host-not-secure", "__Host- without Secure", plain("__Host-session")),
        bad("attributes/secure-not-secure", "__Secure- without Secure", plain("__Secure-session")),
        bad("attributes/domain-no-prefix", "a domain with a name that does not begin with __Secure-", at("session", domain("shop.example"))),
        ok("attributes/development", "a development profile", plain("shop-session")),
        ok("attributes/development-path", "a development profile with a path", Cookie { place: path("/shop"), ..plain("shop-session") }),
        bad("attributes/development-domain", "a development profile with a domain", Cookie { place: domain("shop.example"), ..plain("shop-session") }),
        ok("attributes/strict", "SameSite=Strict", Cookie { same_site: "Strict", ..Cookie::usual() }),
        ok("attributes/none", "SameSite=None with Secure", Cookie { same_site: "None", ..Cookie::usual() }),
        ok("attributes/strict-not-secure", "SameSite=Strict without Secure", Cookie { same_site: "Strict", ..plain("sid") }),
        bad("attributes/none-not-secure", "SameSite=None without Secure", Cookie { same_site: "None", ..plain("sid") }),
        ok("attributes/partitioned", "Partitioned with Secure", at("__Host-session", partitioned.clone())),
        bad("attributes/partitioned-not-secure", "Partitioned without Secure", Cookie { place: partitioned.clone(), ..plain("sid") }),
        ok("attributes/everything", "every attribute", Cookie { place: Place { path: "/shop".into(), domain: Some("shop.example".into()), partitioned: true }, same_site: "None", browser_session: true, ..Cookie::named("__Secure-session") }),
        ok("attributes/large", "large with __Host-", Cookie { large: true, ..Cookie::usual() }),
        bad("attributes/large-secure", "large with __Secure-", Cookie { large: true, ..Cookie::named("__Secure-session") }),
        bad("attributes/large-plain", "large without a prefix", Cookie { large: true, ..Cookie::named("sid") }),
        ok("attributes/previous", "an earlier domain and an earlier path", before("__Secure-session", vec![domain("shop.example"), path("/shop")])),
        ok("attributes/previous-partitioned", "it was partitioned before", before("__Host-session", vec![partitioned.clone()])),
        ok("attributes/previous-of-partitioned", "it was not partitioned before", Cookie { previous: vec![root()], ..at("__Host-session", partitioned.clone()) }),
        bad("attributes/previous-present", "the present combination as an earlier one", before("__Host-session", vec![root()])),
        bad("attributes/previous-present-second", "the second of two is the present one", Cookie { place: path("/shop"), ..before("sid", vec![root(), path("/shop")]) }),
        bad("attributes/previous-host-domain", "__Host- never had a domain", before("__Host-session", vec![domain("shop.example")])),
        bad("attributes/previous-host-path", "__Host- never had another path", before("__Host-session", vec![path("/shop")])),
        bad("attributes/previous-path", "an earlier path out of the table", before("sid", vec![path("shop")])),
        bad("attributes/previous-domain", "an earlier domain out of the table", before("__Secure-session", vec![domain(".shop.example")])),
        bad("attributes/previous-domain-no-prefix", "an earlier domain with a name that does not begin with __Secure-", before("sid", vec![domain("shop.example")])),
        bad("attributes/previous-present-case", "an earlier domain is the present one in other letters", Cookie { previous: vec![domain("Shop.EXAMPLE")], ..at("__Secure-session", domain("shop.example")) }),
        bad("attributes/previous-twice", "an earlier combination twice", before("__Secure-session", vec![domain("shop.example"), path("/shop"), domain("shop.example")])),
        bad("attributes/previous-twice-case", "an earlier domain twice, in other letters", before("__Secure-session", vec![domain("shop.example"), domain("SHOP.example")])),
        bad("attributes/previous-twice-path", "an earlier path twice", before("sid", vec![path("/shop"), path("/shop")])),
        bad("attributes/previous-twice-partitioned", "an earlier Partitioned twice", before("__Host-session", vec![partitioned.clone(), partitioned.clone()])),
        ok("attributes/previous-path-case", "paths of other letters are other paths", before("sid", vec![path("/shop"), path("/Shop")])),
        ok("attributes/previous-differing", "the same domain with another path, and partitioned", before("__Secure-session", vec![domain("shop.example"), Place { path: "/shop".into(), ..domain("shop.example") }, Place { partitioned: true, ..domain("shop.example") }])),
        bad("attributes/previous-partitioned-not-secure", "an earlier Partitioned without Secure", Cookie { previous: vec![partitioned], ..plain("sid") }),
        Case { flags: &["order"], expect: Err("cookie_name"), spec: &["COOK-01", "COOK-02"], ..bad("attributes/order-name-first", "a bad name and a bad path: the name is told", at("__host-session", path("shop"))) },
    ]
}

#[rustfmt::skip] // one case a line
fn clashes() -> Vec<Case> {
    let ok = |id, comment, cookies: &[(&'static str, &str)]| Case { id, spec: &["COOK-03"], flags: &["cookie-clash"], comment, cookies: cookies.iter().map(|(purpose, name)| (*purpose, Cookie::named(*name))).collect(), expect: Ok(()) };
    let bad = |id, comment, cookies| Case { expect: Err("cookie_clash"), ..ok(id, comment, cookies) };
    vec![
        ok("clash/two", "two purposes, two names", &[("session", "__Host-session"), ("return-url", "__Host-return")]),
        ok("clash/three", "three of them", &[("session", "__Host-session"), ("remember", "__Host-session-long"), ("return-url", "__Host-session.2")]),
        ok("clash/case", "names of other case are other names", &[("session", "sid"), ("Session", "SID")]),
        ok("clash/suffixes", "suffixes of another's suffix", &[("session", "sid"), ("other", "sid.1.1"), ("third", "sid.ends")]),
        bad("clash/name", "the same name", &[("session", "__Host-session"), ("return-url", "__Host-session")]),
        Case { spec: &["COOK-03", "SESS-24"], ..bad("clash/purpose", "the same purpose", &[("session", "__Host-session"), ("session", "__Host-other")]) },
        bad("clash/both", "the same cookie twice", &[("session", "__Host-session"), ("session", "__Host-session")]),
        bad("clash/part", "a name that another may take for its second part", &[("session", "__Host-session"), ("return-url", "__Host-session.1")]),
        bad("clash/part-first", "the same, the other one first", &[("return-url", "__Host-session.1"), ("session", "__Host-session")]),
        bad("clash/end", "a name that another takes for its ended mark", &[("session", "__Host-session"), ("return-url", "__Host-session.end")]),
        bad("clash/end-first", "the same, the other one first", &[("return-url", "sid.end"), ("session", "sid")]),
        bad("clash/third", "the first and the third", &[("session", "sid"), ("return-url", "return"), ("remember", "sid")]),
        Case { flags: &["order"], expect: Err("cookie_name"), spec: &["COOK-01", "COOK-03"], ..bad("clash/order-name-first", "the same name, and it is a bad one", &[("session", "a b"), ("return-url", "a b")]) },
        Case { flags: &["order"], cookies: [("session", Cookie::named("sid")), ("session", Cookie { secure: false, ..Cookie::named("__Host-session") })].into(), expect: Err("cookie_attributes"), spec: &["COOK-02", "COOK-03"], ..bad("clash/order-attributes-first", "the same purpose, and the second lacks Secure", &[]) },
        Case { flags: &["order"], cookies: [("session", Cookie { secure: false, ..Cookie::named("__Host-session") }), ("return-url", Cookie::named("a b"))].into(), expect: Err("cookie_attributes"), spec: &["COOK-01", "COOK-02", "COOK-03"], ..bad("clash/order-one-after-the-other", "the first lacks Secure, the second has a bad name: the first is told", &[]) },
    ]
}

/// Names and purposes that device binding uses.
#[rustfmt::skip] // one case a line
fn device() -> Vec<Case> {
    let ok = |id, comment, cookies: &[(&'static str, &str)]| Case { id, spec: &["COOK-03"], flags: &["cookie-clash"], comment, cookies: cookies.iter().map(|(purpose, name)| (*purpose, Cookie::named(*name))).collect(), expect: Ok(()) };
    let bad = |id, comment, cookies| Case { expect: Err("cookie_clash"), ..ok(id, comment, cookies) };
    vec![
        bad("device/name", "a name that another takes for its proofs", &[("session", "__Host-session"), ("return-url", "__Host-session.proof")]),
        bad("device/name-http", "a name that one with __Host-Http- takes for its proofs", &[("session", "__Host-Http-session"), ("return-url", "__Host-session.proof")]),
        bad("device/name-of-two", "two names with one name of the proofs", &[("session", "__Host-Http-session"), ("return-url", "__Host-session")]),
        bad("device/name-of-two-first", "the same, the other one first", &[("return-url", "__Host-session"), ("session", "__Host-Http-session")]),
        ok("device/name-http-proof", "of a name with __Host-Http- no proof has a name with it", &[("session", "__Host-Http-session"), ("return-url", "__Host-Http-session.proof")]),
        bad("device/name-first", "the same, the other one first", &[("return-url", "sid.proof"), ("session", "sid")]),
        bad("device/purpose-proof", "a purpose that another takes for its proofs", &[("session", "sid"), ("session.proof", "proof")]),
        bad("device/purpose-proof-first", "the same, the other one first", &[("session.proof", "proof"), ("session", "sid")]),
        bad("device/purpose-challenge", "one that another takes for its challenges", &[("session", "sid"), ("session.challenge", "challenge")]),
        bad("device/purpose-challenge-first", "the same, the other one first", &[("session.challenge", "challenge"), ("session", "sid")]),
        bad("device/purpose-device", "one that another takes for its device tokens", &[("session", "sid"), ("session.device", "device")]),
        bad("device/purpose-device-first", "the same, the other one first", &[("session.device", "device"), ("session", "sid")]),
        bad("device/third", "the first and the third", &[("session", "sid"), ("return-url", "return"), ("session.device", "device")]),
        bad("device/suffix-of-suffix", "a purpose with two such suffixes is that of the one with the first", &[("session.proof", "sid"), ("session.proof.device", "device")]),
        ok("device/name-case", "a suffix in other letters is another name", &[("session", "sid"), ("return-url", "sid.Proof")]),
        ok("device/name-longer", "a longer one too", &[("session", "sid"), ("return-url", "sid.proofs"), ("remember", "sid.proof.1")]),
        ok("device/name-challenge", "challenges and device tokens have no cookie", &[("session", "sid"), ("return-url", "sid.challenge"), ("remember", "sid.device")]),
        ok("device/purpose-case", "a suffix in other letters is another purpose", &[("session", "sid"), ("session.Proof", "other"), ("Session.device", "third")]),
        ok("device/purpose-longer", "a longer one too", &[("session", "sid"), ("session.proofs", "other"), ("session.device.1", "third")]),
        ok("device/purpose-of-cookies", "suffixes of names are none of purposes", &[("session", "sid"), ("session.1", "other"), ("session.end", "third")]),
        ok("device/suffix-alone", "a suffix without what is before it", &[("session", "sid"), (".proof", "other"), ("proof", "third")]),
        Case { flags: &["order"], expect: Err("cookie_name"), spec: &["COOK-01", "COOK-03"], ..bad("device/order-name-first", "a purpose that clashes, and a bad name", &[("session", "sid"), ("session.proof", "a b")]) },
    ]
}

/// What some languages trim, hold to be nothing or hold to be equal.
#[rustfmt::skip] // one case a line
fn lax() -> Vec<Case> {
    let case = |id, flags, comment, cookie| Case { id, spec: &["COOK-01", "COOK-02", "COOK-09"], flags, comment, cookies: vec![("session", cookie)], expect: Ok(()) };
    let named = |id, comment, name: &str| Case { expect: Err("cookie_name"), spec: &["COOK-01"], ..case(id, &["trimmed-text", "attribute-dropped"], comment, Cookie::named(name)) };
    let refused = |id, comment, cookie| Case { expect: Err("cookie_attributes"), spec: &["COOK-02"], ..case(id, &["trimmed-text", "attribute-dropped"], comment, cookie) };
    let path = |path: &str| Cookie { place: Place { path: path.into(), ..Place::root() }, ..Cookie::named("sid") };
    let domain = |domain: &str| Cookie { place: Place { domain: Some(domain.into()), ..Place::root() }, ..Cookie::named("__Secure-session") };
    let site = |id, flags, comment, same_site| Case { flags, ..refused(id, comment, Cookie { same_site, ..Cookie::usual() }) };
    let zero = |id, comment, cookie| case(id, &["falsy-value"], comment, cookie);
    let before = |name: &str, places: &[(&str, Option<&str>)]| Cookie { previous: places.iter().map(|(path, domain)| Place { path: (*path).into(), domain: domain.map(str::to_owned), partitioned: false }).collect(), ..Cookie::named(name) };
    let together = |id, comment, cookies: &[(&'static str, &str)]| Case { spec: &["COOK-03"], cookies: cookies.iter().map(|(purpose, name)| (*purpose, Cookie::named(*name))).collect(), ..case(id, &["loose-comparison", "cookie-clash"], comment, Cookie::usual()) };
    vec![
        named("trim/name-line-feed", "a line feed behind the name", "session\n"),
        named("trim/name-carriage-return", "a line break behind the name", "session\r\n"),
        named("trim/name-zero", "a zero character behind the name", "session\u{0}"),
        named("trim/name-space-first", "a space before the name", " session"),
        named("trim/name-tab", "a tab behind the name", "session\t"),
        named("trim/name-no-break-space", "a no-break space behind the name", "session\u{a0}"),
        named("trim/name-wide", "a full-width letter", "se\u{ff53}sion"),
        named("trim/name-masked", "a letter whose low 7 bits are those of one that is allowed", "\u{f3}ession"),
        refused("trim/path-line-feed", "a line feed behind the path", path("/shop\n")),
        refused("trim/path-root-line-feed", "a line feed behind the slash", path("/\n")),
        refused("trim/path-space-last", "a space behind the path", path("/shop ")),
        refused("trim/path-space-first", "a space before the path", path(" /shop")),
        refused("trim/path-zero", "a zero character in the path", path("/shop\u{0}")),
        refused("trim/path-tab", "a tab behind the path", path("/shop\t")),
        refused("trim/path-line-break-first", "a line feed before the path", path("\n/shop")),
        refused("trim/domain-line-feed", "a line feed behind the domain", domain("shop.example\n")),
        refused("trim/domain-space-first", "a space before the domain", domain(" shop.example")),
        refused("trim/domain-space-last", "a space behind the domain", domain("shop.example ")),
        refused("trim/domain-zero", "a zero character behind the domain", domain("shop.example\u{0}")),
        refused("trim/domain-lines", "a domain on the second line", domain("shop\nshop.example")),
        refused("trim/domain-wide", "a full-width letter in the domain", domain("\u{ff53}hop.example")),
        refused("trim/domain-dot-wide", "a full stop of another script between labels", domain("shop\u{3002}example")),
        refused("trim/host-path-line-feed", "a line feed behind the path of __Host-", Cookie { place: Place { path: "/\n".into(), ..Place::root() }, ..Cookie::usual() }),
        refused("trim/previous-path-line-feed", "a line feed behind an earlier path", before("sid", &[("/shop\n", None)])),
        refused("trim/previous-domain-line-feed", "a line feed behind an earlier domain", before("__Secure-session", &[("/", Some("shop.example\n"))])),
        site("trim/same-site-line-feed", &["trimmed-text", "attribute-dropped"], "a line feed behind SameSite", "Lax\n"),
        site("loose/same-site-lower", &["loose-comparison", "attribute-dropped"], "SameSite in small letters", "lax"),
        site("loose/same-site-upper", &["loose-comparison", "attribute-dropped"], "SameSite in capitals", "STRICT"),
        site("falsy/same-site-empty", &["falsy-value", "attribute-dropped"], "an empty SameSite is no default", ""),
        site("falsy/same-site-zero", &["falsy-value", "attribute-dropped"], "the digit 0 as SameSite", "0"),
        zero("falsy/name-zero", "a cookie of the name 0", Cookie::named("0")),
        zero("falsy/path-zero", "a path of a slash and the digit 0", path("/0")),
        zero("falsy/domain-zero", "a domain of the digit 0", domain("0")),
        zero("falsy/domain-zeros", "a domain of zeros", domain("0.0")),
        zero("falsy/previous-domain-zero", "an earlier domain of the digit 0 is another than none", before("__Secure-session", &[("/", Some("0"))])),
        Case { cookies: vec![("0", Cookie::named("a")), ("00", Cookie::named("b"))], ..zero("falsy/purpose-zero", "the purposes 0 and 00", Cookie::usual()) },
        refused("falsy/path-only-zero", "the digit 0 as path", path("0")),
        case("loose/previous-numbers", &["loose-comparison"], "two earlier domains that are one number", before("__Secure-session", &[("/", Some("10")), ("/", Some("1e1"))])),
        case("loose/previous-zero", &["loose-comparison"], "an earlier path that begins with the present one", before("sid", &[("/0", None), ("/00", None)])),
        together("loose/clash-names", "two names that are one number", &[("session", "10"), ("return-url", "1e1")]),
        together("loose/clash-purposes", "two purposes that are one number", &[("10", "sid"), ("1e1", "return")]),
        together("loose/clash-part", "a name that is the same number as another's second part", &[("session", "1"), ("return-url", "1.10")]),
    ]
}
