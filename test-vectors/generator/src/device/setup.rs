//! Cases of `setup` (§21.1).

use super::reference::Device;
use crate::{
    cookie::jar::{Cookie, DEFAULT, Place},
    json::object,
    opener::Code,
    vector::{Outcome, Vector, members},
};

struct Case {
    id: &'static str,
    spec: &'static [&'static str],
    flags: &'static [&'static str],
    comment: &'static str,
    purpose: String,
    cookie: Cookie,
    device: Device,
    expect: Result<(), Code>,
}

pub(super) fn vectors() -> Vec<Vector> {
    [settings(), cookies(), order()].into_iter().flatten().map(Case::vector).collect()
}

impl Case {
    fn vector(self) -> Vector {
        let id = format!("device/setup/{}", self.id);
        let inputs = members([
            ("op", "setup".into()),
            ("purpose", self.purpose.clone().into()),
            ("cookie", self.cookie.json()),
            ("device", self.device.json()),
        ]);
        let result = self.device.validate(&self.cookie, &self.purpose);
        assert_eq!(result, self.expect, "{id}");
        let expire = self.cookie.expire(&self.cookie.place, ".proof");
        let outcome = match result {
            Ok(()) => Outcome::Result(object([("expire", expire.into())])),
            Err(code) => Outcome::Error(code),
        };
        let (spec, flags) = (self.spec.to_vec(), self.flags.to_vec());
        Vector { id, spec, flags, comment: self.comment.to_owned(), inputs, outcome }
    }
}

fn case(id: &'static str, comment: &'static str, device: Device, expect: Result<(), Code>) -> Case {
    let flags: &[&str] = if expect.is_err() { &["caller-error"] } else { &[] };
    Case { id, spec: &["DEV-01"], flags, comment, purpose: "session".into(), cookie: Cookie::usual(), device, expect }
}

#[rustfmt::skip] // one case a line
fn settings() -> Vec<Case> {
    let none = Device::default;
    let path = |id, comment, path: &str, good: bool| case(id, comment, Device { path: Some(path.into()), ..none() }, if good { Ok(()) } else { Err("device_settings") });
    let proof = |id, comment, proof, expect| case(id, comment, Device { proof: Some(proof), ..none() }, expect);
    let after = |id, comment, after, expect| case(id, comment, Device { require_after: Some(after), ..none() }, expect);
    let bad = Err("device_settings");
    vec![
        case("default", "every setting at its default", none(), Ok(())),
        path("path/default", "the default, given as such", "/device-binding", true),
        path("path/one", "one character after the slash", "/d", true),
        path("path/marks", "every mark that a path may have", "/a/b-c.d_e~f/0", true),
        path("path/slashes", "a slash after the first", "//a", true),
        path("path/dot", "a full stop", "/.", true),
        path("path/100", "100 characters after the slash", &format!("/{}", "p".repeat(100)), true),
        path("path/101", "101 characters after the slash", &format!("/{}", "p".repeat(101)), false),
        path("path/empty", "an empty path", "", false),
        path("path/root", "a slash alone", "/", false),
        path("path/slash-last", "a slash at the end", "/dbsc/", false),
        path("path/two-slashes", "two slashes and no more", "//", false),
        path("path/relative", "a path that does not begin with a slash", "dbsc", false),
        path("path/absolute", "a whole address", "https://shop.example/dbsc", false),
        path("path/quote", "a quotation mark, which would end the string in the field", "/a\"b", false),
        path("path/backslash", "a backslash", "/a\\b", false),
        path("path/semicolon", "a semicolon", "/a;b", false),
        path("path/comma", "a comma", "/a,b", false),
        path("path/query", "a query", "/a?b", false),
        path("path/fragment", "a fragment", "/a#b", false),
        path("path/percent", "a percent sign", "/a%2Fb", false),
        path("path/colon", "a colon", "/a:b", false),
        path("path/plus", "a plus sign", "/a+b", false),
        path("path/space", "a space", "/a b", false),
        path("path/line-feed", "a line feed at the end: a field of its own", "/dbsc\n", false),
        path("path/carriage-return", "a line break inside", "/a\r\nX: y", false),
        path("path/zero-character", "a zero character", "/a\u{0}", false),
        path("path/delete", "the character 7F", "/\u{7f}", false),
        path("path/not-ascii", "a letter beyond ASCII", "/caf\u{e9}", false),
        path("path/wide-digit", "a full-width digit", "/\u{ff11}", false),
        proof("proof/1", "a proof of one second", 1, Ok(())),
        proof("proof/600", "the default, given as such", 600, Ok(())),
        proof("proof/3600", "the longest proof", 3600, Ok(())),
        proof("proof/0", "no life at all, which is no default either", 0, bad),
        proof("proof/3601", "one second too long", 3601, bad),
        proof("proof/wide", "cut to 32 bits it would be 1", (1 << 32) + 1, bad),
        after("require-after/0", "at once: 0 is a value", 0, Ok(())),
        after("require-after/max", "400 days", 34_560_000, Ok(())),
        after("require-after/max-plus-1", "one second over 400 days", 34_560_001, bad),
        after("require-after/wide", "cut to 32 bits it would be 0", 1 << 32, bad),
        case("all", "all three given", Device { path: Some("/auth/dbsc".into()), proof: Some(300), require_after: Some(600) }, Ok(())),
    ]
}

#[rustfmt::skip] // one case a line
fn cookies() -> Vec<Case> {
    let with = |id, comment, cookie, expect| Case { cookie, flags: &["attribute-dropped"], ..case(id, comment, Device::default(), expect) };
    let partitioned = || Place { partitioned: true, ..Place::root() };
    let bad = Err("cookie_attributes");
    vec![
        with("cookie/default", "the default name", Cookie::named(DEFAULT), Ok(())),
        with("cookie/http-short", "the prefix __Host-Http- alone", Cookie::named("__Host-Http-"), Ok(())),
        with("cookie/http-inside", "__Host-Http- is the beginning of no other name", Cookie::named("__Host-a__Host-Http-"), Ok(())),
        with("cookie/strict", "SameSite=Strict", Cookie { same_site: "Strict", ..Cookie::usual() }, Ok(())),
        with("cookie/none", "SameSite=None", Cookie { same_site: "None", ..Cookie::usual() }, Ok(())),
        with("cookie/large", "a large one", Cookie { large: true, ..Cookie::usual() }, Ok(())),
        with("cookie/browser-session", "a browser session: what removes the proof has its Max-Age", Cookie { browser_session: true, ..Cookie::usual() }, Ok(())),
        with("cookie/previous", "it was partitioned before", Cookie { previous: vec![partitioned()], ..Cookie::usual() }, Ok(())),
        with("cookie/longest", "a name of 64 characters: that of the proofs is longer", Cookie::named(format!("__Host-{}", "n".repeat(57))), Ok(())),
        with("cookie/secure-prefix", "__Secure- is not __Host-", Cookie::named("__Secure-session"), bad),
        with("cookie/http-prefix", "nor is __Http-", Cookie::named("__Http-session"), bad),
        with("cookie/no-prefix", "no prefix", Cookie::named("session"), bad),
        with("cookie/development", "a development profile", Cookie { secure: false, ..Cookie::named("session") }, bad),
        with("cookie/partitioned", "Partitioned", Cookie { place: partitioned(), ..Cookie::usual() }, bad),
        with("cookie/partitioned-before", "Partitioned, and it was not before", Cookie { place: partitioned(), previous: vec![Place::root()], ..Cookie::usual() }, bad),
        with("cookie/name", "a bad name", Cookie::named("__host-session"), Err("cookie_name")),
        with("cookie/not-secure", "__Host- without Secure", Cookie { secure: false, ..Cookie::usual() }, bad),
    ]
}

/// Purposes, and two faults of which the first is told.
#[rustfmt::skip] // one case a line
fn order() -> Vec<Case> {
    let purpose = |id, comment, octets: usize, expect| Case { purpose: "p".repeat(octets), ..case(id, comment, Device::default(), expect) };
    let order = |id, comment, cookie, device, octets: usize, code| Case { cookie, purpose: "p".repeat(octets), flags: &["order"], ..case(id, comment, device, Err(code)) };
    let short = || Device { proof: Some(0), ..Device::default() };
    let plain = || Cookie::named("session");
    vec![
        purpose("purpose/245", "a purpose to which .challenge can be added", 245, Ok(())),
        purpose("purpose/246", "one byte more", 246, Err("context_invalid")),
        purpose("purpose/255", "the longest purpose of a session", 255, Err("context_invalid")),
        order("order/name-before-settings", "a bad name and a bad setting", Cookie::named("a b"), short(), 246, "cookie_name"),
        order("order/attributes-before-settings", "__Host- without Secure, and a bad setting: the cookie's own check comes first", Cookie { secure: false, ..Cookie::usual() }, short(), 7, "cookie_attributes"),
        order("order/settings-before-prefix", "a bad setting and a name without prefix", plain(), short(), 7, "device_settings"),
        order("order/settings-before-purpose", "a bad setting and a purpose too long", Cookie::usual(), short(), 246, "device_settings"),
        order("order/prefix-before-purpose", "a name without prefix and a purpose too long", plain(), Device::default(), 246, "cookie_attributes"),
    ]
}
