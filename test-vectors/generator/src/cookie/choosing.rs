//! Cases of `read`: which of several values is chosen (§20.3).

use super::{Case, T, reference::mark};
use crate::{
    opener::{Code, Context},
    session::{IDLE, Made, START, guest, reference::Setup, setup, user},
    vector::{Entry, Vector},
};

/// A sid of another session.
pub(super) const OTHER: &str = "\"AQEBAQEBAQEBAQEBAQEBAQ\"";
const SID: &str = "AAECAwQFBgcICQoLDA0ODw";

pub(super) fn vectors() -> Vec<Vector> {
    [several(), shapes(), marks()].into_iter().flatten().collect()
}

pub(super) fn case(id: &'static str, comment: &'static str, tokens: &[Made], values: &[&str]) -> Case {
    let pairs: Vec<_> = values.iter().map(|value| format!("__Host-session={value}")).collect();
    let spec = &["COOK-06"];
    Case { spec, flags: &["cookie-tossing"], ..Case::new(id, comment, tokens.to_vec(), &pairs.join("; ")) }
}

#[rustfmt::skip] // one case a line
fn several() -> Vec<Vector> {
    let made = |changes: &[(&str, &str)]| Made::new(user(changes));
    let first = made(&[]);
    let second = made(&[("rev", "2"), ("data", "{\"page\":2}")]);
    let later = Made { issued_at: START + 10, ..made(&[("data", "{\"page\":2}")]) };
    let equal = made(&[("data", "{\"page\":2}")]);
    let foreign = made(&[("sid", OTHER)]);
    let stranger = Made::new(guest(&[("sid", "\"____________________-A\"")]));
    let expired = Made { ttl: 30, ..made(&[("rev", "9")]) };
    let invalid = Made::new("{}");
    let pair = |a: &Made, b: &Made| vec![a.clone(), b.clone()];
    let two = |id, comment, tokens: Vec<Made>, expect| case(id, comment, &tokens, &["{0}", "{1}"]).read(expect);
    let one = [first.clone()];
    let length = first.token("").len();
    let long = |letter: char| format!("{{0}}{}", letter.to_string().repeat(5981 - length));
    let bad = |id, comment, values: &[&str], code: Code| case(id, comment, &one, values).read(Err(code));
    let revoked = |id, comment, generation, tokens: Vec<Made>, expect| Case { setup: Setup::checked(Some(generation), false), ..case(id, comment, &tokens, &["{0}", "{1}"]) }.read(expect);
    let newer = made(&[("rev", "2"), ("gen", "8")]);
    vec![
        case("several/equal", "the same value twice counts once", &one, &["{0}", "{0}"]).read(Ok(0)),
        case("several/equal-seven", "the same value seven times", &one, &["{0}"; 7]).read(Ok(0)),
        two("several/rev", "the greater rev, though it comes last", pair(&first, &second), Ok(1)),
        two("several/rev-first", "the greater rev, though it comes first", pair(&second, &first), Ok(0)),
        two("several/issued-at", "equal rev: the later one", pair(&first, &later), Ok(1)),
        two("several/issued-at-first", "equal rev: the later one, though it comes first", pair(&later, &first), Ok(0)),
        two("several/rev-before-issued-at", "rev counts before issued_at", pair(&later, &second), Ok(1)),
        two("several/all-equal", "equal rev and issued_at: the first received", pair(&first, &equal), Ok(0)),
        two("several/all-equal-swapped", "the first received, the other way round", pair(&equal, &first), Ok(0)),
        Case { template: vec!["__Host-session={1}".into(), "__Host-session={0}".into()], ..case("several/fields", "the first received, of two fields", &pair(&first, &equal), &[]) }.read(Ok(1)),
        two("several/rev-digits", "rev is a number, not a text", pair(&made(&[("rev", "9")]), &made(&[("rev", "10")])), Ok(1)),
        two("several/two-sids", "two sessions: neither", pair(&first, &foreign), Err("ambiguous")),
        two("several/two-sids-rev", "two sessions: a greater rev does not choose between them", pair(&foreign, &second), Err("ambiguous")),
        two("several/user-and-guest", "a neighbour's guest session beside a user's", pair(&stranger, &first), Err("ambiguous")),
        case("several/three", "two of one session and one of another", &[first.clone(), second.clone(), foreign.clone()], &["{0}", "{1}", "{2}"]).read(Err("ambiguous")),
        two("several/expired-beside", "an expired one does not count", pair(&expired, &first), Ok(1)),
        two("several/invalid-beside", "nor one of a bad payload", pair(&invalid, &first), Ok(1)),
        two("several/expired-other", "nor an expired one of another session", pair(&Made { ttl: 30, ..foreign }, &first), Ok(1)),
        two("several/future-beside", "nor one of the future", pair(&Made { issued_at: T + 61, ..second.clone() }, &first), Ok(1)),
        bad("several/code-of-first", "none opens: the code of the first candidate", &["{0:0:100}~{0:101:}", "{0:0:116}"], "encoding"),
        two("several/code-expired-first", "none opens: the code of the first candidate", pair(&expired, &invalid), Err("expired")),
        two("several/code-payload-first", "the other way round", pair(&invalid, &expired), Err("payload_invalid")),
        bad("several/code-of-candidate", "garbage before it does not change the code", &["garbage", "{0:0:116}"], "auth_failed"),
        bad("several/five", "five distinct candidates: ambiguous, although one is good", &["{0}~1", "{0}~2", "{0}~3", "{0}~4", "{0}"], "ambiguous"),
        bad("several/five-bad", "five distinct candidates, all of them bad", &["{0}~1", "{0}~2", "{0}~3", "{0}~4", "{0}~5"], "ambiguous"),
        case("several/five-short", "five values of 113 octets of our start: they have no shape, and hide nothing", &one, &["{0:0:112}A", "{0:0:112}B", "{0:0:112}C", "{0:0:112}D", "{0:0:112}E", "{0}"]).read(Ok(0)),
        case("several/five-long", "nor do five values of 5 981 octets of our start", &one, &[&long('A'), &long('B'), &long('C'), &long('D'), &long('E'), "{0}"]).read(Ok(0)),
        case("several/five-long-behind", "the good one first", &one, &["{0}", &long('A'), &long('B'), &long('C'), &long('D'), &long('E')]).read(Ok(0)),
        bad("several/hundred", "a hundred distinct candidates", &(0..100).map(|n| format!("{{0:0:116}}{n}")).collect::<Vec<_>>().iter().map(String::as_str).collect::<Vec<_>>(), "ambiguous"),
        case("several/four", "four distinct candidates, the last of them good", &one, &["{0}~1", "{0}~2", "{0}~3", "{0}"]).read(Ok(0)),
        case("several/five-values", "five values, four distinct ones", &one, &["{0}~1", "{0}~2", "{0}", "{0}~2", "{0}~3"]).read(Ok(0)),
        case("several/garbage", "ten values without the shape beside the good one", &one, &["a", "b", "", "CrE1", "CrS1{0:4:}", "CrE2{0:4:}", "{0:0:113}", "\"{0}\"", "2.x", "deleted", "{0}"]).read(Ok(0)),
        case("several/garbage-behind", "the good one first", &one, &["{0}", "a", "", "{0:0:50}"]).read(Ok(0)),
        case("several/old-key", "a token of a key that left the ring hides nothing", &[Made { key: 2, ..first.clone() }, first.clone()], &["{0}", "{1}"]).read(Ok(1)),
        case("several/other-purpose", "nor does one of another purpose", &[Made { purpose: "return-url", ..first.clone() }, first.clone()], &["{0}", "{1}"]).read(Ok(1)),
        case("several/old-keys", "nor do five of another key", &[Made { key: 2, ..first.clone() }, first.clone()], &["{0}1", "{0}2", "{0}3", "{0}4", "{0}5", "{1}"]).read(Ok(1)),
        revoked("several/checked", "the check is made of the chosen one", 8, pair(&first, &newer), Ok(1)),
        revoked("several/revoked", "the check closes the chosen one; the other does not take its place", 7, pair(&first, &newer), Err("revoked")),
        Case { setup: Setup::checked(None, false), ..case("several/unchecked", "an unanswered check", &one, &["{0}"]) }.read(Err("unchecked")),
        Case { setup: Setup::checked(Some(7), true), ..case("several/denied", "a denied sid", &one, &["{0}"]) }.read(Err("signed_off")),
        Case { setup: Setup::checked(None, false), ..case("several/ambiguous-unchecked", "two sessions are ambiguous before any check", &pair(&first, &stranger), &["{0}", "{1}"]) }.read(Err("ambiguous")),
    ]
}

#[rustfmt::skip] // one case a line
fn shapes() -> Vec<Vector> {
    let one = [Made::new(user(&[]))];
    let bad = |id, comment, values: &[&str], code: Code| Case { flags: &[], ..case(id, comment, &one, values) }.read(Err(code));
    let token = |id, comment, made: Made, now, expect| Case { flags: &[], now, ..case(id, comment, &[made], &["{0}"]) }.read(expect);
    let padded = |octets: usize| {
        let payload = guest(&[("data", "{\"pad\":\"\"}")]);
        let letters = octets * 3 / 4 - 85 - payload.len();
        Made::new(guest(&[("data", &format!("{{\"pad\":\"{}\"}}", "x".repeat(letters)))]))
    };
    let clock = |id, comment, values: &[&str]| Case { spec: &["COOK-06", "TIME-01"], flags: &["caller-error"], now: 1 << 48, ..case(id, comment, &one, values) }.read(Err("clock_range"));
    let ended = || Setup { context: Context { ring: vec![Entry::new(1).until(T)], ..setup().context }, ..setup() };
    vec![
        bad("shape/too-long", "no candidate: the code of the first value", &[&"x".repeat(5981), "y"], "too_long"),
        bad("shape/not-a-token", "a value that is no token", &["deleted"], "not_a_token"),
        bad("shape/not-a-token-first", "two values without the shape: the first is told", &["deleted", "CrS1{0:4:}"], "not_a_token"),
        bad("shape/wrong-kind", "a signed token's beginning", &["CrS1{0:4:}"], "wrong_kind"),
        bad("shape/unsupported-version", "a later version's beginning", &["CrE2{0:4:}"], "unsupported_version"),
        bad("shape/lower-case", "the magic in another case", &["cre1{0:4:}"], "not_a_token"),
        bad("shape/head", "a character outside the alphabet among the first 48", &["{0:0:47}~{0:48:}"], "encoding"),
        bad("shape/too-short", "112 characters", &["{0:0:112}"], "too_short"),
        bad("shape/113", "113 characters", &["{0:0:113}"], "encoding"),
        bad("shape/114", "114 characters are a candidate", &["x", "{0:0:113}A"], "auth_failed"),
        bad("shape/tampered", "one letter changed behind the key id", &["{0:0:100}AAAA{0:104:}"], "auth_failed"),
        Case { spec: &["COOK-06", "SESS-08"], flags: &["order"], ..case("shape/tampered-payload", "a letter changed in a token of a bad payload: it never comes to the payload", &[Made::new("{\"no\":\"session\",\"and\":\"long enough for this\"}")], &["{0:0:100}AAAA{0:104:}"]) }.read(Err("auth_failed")),
        bad("shape/key-id-last", "the last byte of the key id changed, in characters 46 and 47", &["{0:0:45}AA{0:47:}"], "unknown_key"),
        bad("shape/cut", "the last four characters missing", &["{0:0:200}"], "auth_failed"),
        token("shape/unknown-key", "another key", Made { key: 2, ..one[0].clone() }, T, Err("unknown_key")),
        token("shape/other-audience", "another audience", Made { audience: "other.example", ..one[0].clone() }, T, Err("unknown_key")),
        token("shape/expired", "an expired token", one[0].clone(), START + IDLE, Err("expired")),
        token("shape/issued-in-future", "a token of the future", Made { issued_at: T + 61, ..one[0].clone() }, T, Err("issued_in_future")),
        token("shape/payload", "a payload that is no session", Made::new("{\"sub\":\"ada\"}"), T, Err("payload_invalid")),
        token("shape/empty-payload", "an empty payload: 114 characters", Made::new(""), T, Err("payload_invalid")),
        token("shape/5980", "a token of exactly 5 980 octets in one value", padded(5980), T, Ok(0)),
        token("shape/5982", "a token of 5 982 octets", padded(5982), T, Err("too_long")),
        Case { setup: ended(), ..case("shape/inactive", "a key that has ended is a key of the ring: garbage before it does not change the code", &one, &["garbage", "{0}"]) }.read(Err("key_inactive")),
        Case { setup: ended(), ..case("shape/inactive-five", "five candidates of an ended key", &one, &["{0}1", "{0}2", "{0}3", "{0}4", "{0}"]) }.read(Err("ambiguous")),
        bad("shape/beyond-ascii", "3 001 octets beyond ASCII, each counted once", &[&"\u{e9}".repeat(3001)], "not_a_token"),
        bad("shape/beyond-ascii-magic", "the same behind a magic", &[&format!("CrE1{}", "\u{e9}".repeat(3001))], "encoding"),
        clock("shape/clock-absent", "a clock out of range, and no cookie: no fault of the request", &[]),
        clock("shape/clock-garbage", "the same with garbage", &["x"]),
        clock("shape/clock-five", "the same with five candidates", &["{0}1", "{0}2", "{0}3", "{0}4", "{0}"]),
        Case { setup: Setup { context: Context { ring: vec![Entry::new(1), Entry::new(2).from(T + 9)], ..setup().context }, ..setup() }, ..case("shape/next-key", "a key that does not seal yet", &[Made { key: 2, ..one[0].clone() }], &["{0}"]) }.read(Ok(0)),
    ]
}

#[rustfmt::skip] // one case a line
fn marks() -> Vec<Vector> {
    let one = [Made::new(user(&[]))];
    let hash = mark(SID);
    let own = |id, comment, marks: &str, tokens: &[Made], values: &str, expect| {
        let field = format!("{values}; {}", marks.replace("end=", "__Host-session.end=").replace("{mark}", &hash));
        Case { spec: &["COOK-07"], flags: &["late-response"], template: vec![field], ..case(id, comment, tokens, &[]) }.read(expect)
    };
    let single = "__Host-session={0}";
    let both = "__Host-session={0}; __Host-session={1}";
    let rev = Made::new(user(&[("rev", "2")]));
    let other = Made::new(user(&[("sid", OTHER)]));
    let end = Err("signed_off");
    vec![
        own("mark/own", "the session's own mark", "end={mark}", &one, single, end),
        Case { spec: &["COOK-07"], flags: &["late-response"], template: vec![format!("__Host-session.end={hash}"), single.to_owned()], ..case("mark/first-field", "the mark in a field before", &one, &[]) }.read(end),
        own("mark/guest", "a guest's session too", "end={mark}", &[Made::new(guest(&[]))], single, end),
        own("mark/spaces", "SP and HTAB around it", "end=\t {mark} ", &one, single, end),
        own("mark/second", "a foreign mark before it", "end=AAAAAAAAAAAAAAAAAAAAAA; end={mark}", &one, single, end),
        own("mark/fiftieth", "any number of marks is compared", &format!("{}end={{mark}}", "end=AAAAAAAAAAAAAAAAAAAAAA; ".repeat(49)), &one, single, end),
        own("mark/candidates", "both candidates of the session have ended", "end={mark}", &[one[0].clone(), rev], both, end),
        own("mark/other-session", "another session's mark", "end=AAAAAAAAAAAAAAAAAAAAAA", &one, single, Ok(0)),
        own("mark/sid", "the sid itself is no mark", "end=AAECAwQFBgcICQoLDA0ODw", &one, single, Ok(0)),
        own("mark/short", "21 characters", &format!("end={}", &hash[..21]), &one, single, Ok(0)),
        own("mark/long", "23 characters", "end={mark}A", &one, single, Ok(0)),
        own("mark/empty", "an empty mark", "end=", &one, single, Ok(0)),
        own("mark/case", "a mark of other case", &format!("end={}", hash.to_ascii_lowercase()), &one, single, Ok(0)),
        own("mark/quoted", "a mark in quotation marks", "end=\"{mark}\"", &one, single, Ok(0)),
        own("mark/other-name", "a mark under another name", "__Host-session.END={mark}; __Host-session-end={mark}", &one, single, Ok(0)),
        own("mark/one-of-two", "one of two sessions has ended: the other is chosen", "end={mark}", &[one[0].clone(), other.clone()], both, Ok(1)),
        own("mark/one-of-two-second", "the same, the other way round", "end={mark}", &[other, one[0].clone()], both, Ok(0)),
        Case { setup: Setup::checked(Some(8), false), spec: &["COOK-07", "SESS-08"], flags: &["order"], template: vec![format!("{single}; __Host-session.end={hash}")], ..case("mark/before-check", "ended, and revoked: the mark comes first", &one, &[]) }.read(end),
        Case { now: START + IDLE, spec: &["COOK-07", "SESS-08"], flags: &["order"], template: vec![format!("{single}; __Host-session.end={hash}")], ..case("mark/after-expired", "ended, and expired: the life comes first", &one, &[]) }.read(Err("expired")),
    ]
}
