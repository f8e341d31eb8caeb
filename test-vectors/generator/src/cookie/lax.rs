//! Cookies that a lax reader takes for ours, and values that a hasty one takes for nothing or for equal.

use super::{
    Case,
    choosing::case,
    jar::{Cookie, Place},
    reference::mark,
};
use crate::{
    opener::{Code, Context},
    session::{Made, reference::Setup, setup, user},
    vector::{Entry, Vector},
};

pub(super) fn vectors() -> Vec<Vector> {
    [falsy(), loose(), masked(), kept(), set_up()].into_iter().flatten().collect()
}

type Flags = &'static [&'static str];

fn flagged(flags: Flags, case: Case) -> Case {
    Case { flags, ..case }
}

fn with(token: Made, case: Case) -> Case {
    Case { tokens: vec![token], ..case }
}

#[rustfmt::skip] // one case a line
fn falsy() -> Vec<Vector> {
    let one = [Made::new(user(&[]))];
    let read = |id, comment, values: &[&str]| flagged(&["falsy-value"], Case { spec: &["COOK-04", "COOK-06"], ..case(id, comment, &one, values) });
    let named = |id, comment, field: &str| Case { cookie: Cookie::named("0"), template: vec![field.to_owned()], ..read(id, comment, &[]) };
    vec![
        read("falsy/value-zero", "a value of the digit 0 is a value", &["0"]).read(Err("not_a_token")),
        read("falsy/value-zero-first", "a digit 0 before the good value", &["0", "{0}"]).read(Ok(0)),
        read("falsy/value-empty-first", "an empty value, then one that is too short: the first is told", &["", "{0:0:112}"]).read(Err("not_a_token")),
        read("falsy/value-zero-code", "a digit 0, then one that is too short: the first is told", &["0", "{0:0:112}"]).read(Err("not_a_token")),
        named("falsy/name-zero", "a cookie of the name 0", "0={0}").read(Ok(0)),
        named("falsy/name-zero-foreign", "names that are 0 as numbers, or nothing", "00={0}; 0.0={0}; -0={0}; ={0}; +0={0}").read(Err("absent")),
        named("falsy/name-zero-parts", "in two cookies", "0=2.00000000.{0:0:100}; 0.1=00000000.{0:100:}").read(Ok(0)),
        Case { template: vec![String::new(), "0".into(), "0=0".into(), "__Host-session={0}".into()], ..read("falsy/fields", "fields of nothing, of a digit 0 and of a pair of them before ours", &[]) }.read(Ok(0)),
        flagged(&["falsy-value"], case("falsy/session-zero", "a session of nothing but zeros", &[Made::new(user(&[("sid", "\"0000000000000000000000\""), ("sub", "\"0\""), ("gen", "0"), ("auth_time", "0"), ("data", "{\"0\":0}")]))], &["{0}"])).read(Ok(0)),
    ]
}

/// Returns a token whose text ends with a digit, as it is made under this id.
fn ending_with_digit(id: &str) -> Made {
    let made = (0..).map(|number| Made::new(user(&[("data", &format!("{{\"n\":{number}}}"))])));
    let digit = |made: &Made| made.token(&format!("cookie/read/{id}/0")).ends_with(|last: char| last.is_ascii_digit());
    { made }.find(digit).expect("one of a few")
}

#[rustfmt::skip] // one case a line
fn loose() -> Vec<Vector> {
    let made = |changes: &[(&str, &str)]| Made::new(user(changes));
    let one = [made(&[])];
    let two = |id, comment, first: &str, second: &str| {
        let tokens = [made(&[("sid", first)]), made(&[("sid", second), ("rev", "2")])];
        flagged(&["loose-comparison"], case(id, comment, &tokens, &["{0}", "{1}"])).read(Err("ambiguous"))
    };
    let parts = |id, comment, tokens: &[Made], field: &str, expect: Result<usize, Code>| {
        let case = Case { spec: &["COOK-13", "COOK-14"], template: vec![field.replace('N', "__Host-session")], ..case(id, comment, tokens, &[]) };
        flagged(&["loose-comparison", "chunk-mix"], case).read(expect)
    };
    let named = |id, comment, name: &str, field: &str, expect| flagged(&["loose-comparison"], Case { spec: &["COOK-04"], cookie: Cookie::named(name), template: vec![field.to_owned()], ..case(id, comment, &one, &[]) }).read(expect);
    let digit = ending_with_digit("loose/parts-seconds");
    let last = digit.token("").len() - 1;
    // The same for every token of this key: the key id.
    let token = one[0].token("");
    let at = 10 + token[10..40].find(|letter: char| letter.is_ascii_alphabetic()).expect("a letter");
    let swapped = char::from(token.as_bytes()[at] ^ 0x20);
    let case_of = |more: &str| format!("{{0:0:{at}}}{swapped}{{0:{}:}}{more}", at + 1);
    vec![
        two("loose/sids-zero", "two sids that are 0 as numbers", "\"0e00000000000000000001\"", "\"0e00000000000000000002\""),
        two("loose/sids-number", "two sids that are one number", "\"0000000000000000000010\"", "\"00000000000000000001e1\""),
        two("loose/sids-great", "two sids that are one binary64 number", "\"9007199254740993000001\"", "\"9007199254740993000002\""),
        two("loose/sids-case", "two sids that differ in the case of a letter", "\"AAECAwQFBgcICQoLDA0ODw\"", "\"AAECAwQFBgcICQoLDA0ODW\""),
        two("loose/sids-last", "two sids that differ in the last character", "\"AAECAwQFBgcICQoLDA0ODw\"", "\"AAECAwQFBgcICQoLDA0ODx\""),
        two("loose/sids-first", "two sids that differ in the first character", "\"AAECAwQFBgcICQoLDA0ODw\"", "\"BAECAwQFBgcICQoLDA0ODw\""),
        parts("loose/parts-ids", "two ids that are 0 as numbers", &one, "N=2.0e000001.{0:0:100}; N.1=0e000002.{0:100:}", Err("chunks")),
        parts("loose/parts-ids-number", "two ids that are one number", &one, "N=2.00000010.{0:0:100}; N.1=000001e1.{0:100:}", Err("chunks")),
        parts("loose/parts-id-beside", "a second part whose id is the same number beside the right one", &one, "N=2.0e000001.{0:0:100}; N.1=0e000002.x; N.1=0e000001.{0:100:}", Ok(0)),
        parts("loose/parts-seconds", "two second parts that are one number", &[digit], &format!("N=2.00000000.{{0:0:{last}}}; N.1=00000000.{{0:{last}:}}; N.1=00000000.{{0:{last}:}}0"), Err("chunks")),
        parts("loose/parts-id-prefix", "an id that begins so is another id", &one, "N=2.aaaaaaaa.{0:0:100}; N.1=aaaaaaaab.{0:100:}", Err("chunks")),
        named("loose/name-number", "a name that is the same number is another name", "10", "1e1={0}; 010={0}; 10.0={0}", Err("absent")),
        named("loose/name-number-beside", "it hides nothing", "10", "1e1=x; 10={0}", Ok(0)),
        named("loose/name-prefix", "a name that begins so is another name", "sid", "sid2={0}; si={0}; sid.={0}", Err("absent")),
        flagged(&["loose-comparison", "cookie-tossing"], case("loose/key-id-case", "a letter of the key id in the other case: it has not the shape of ours", &one, &[&case_of("")])).read(Err("unknown_key")),
        flagged(&["loose-comparison", "cookie-tossing"], case("loose/key-id-case-beside", "five such values hide nothing", &one, &[&case_of("1"), &case_of("2"), &case_of("3"), &case_of("4"), &case_of("5"), "{0}"])).read(Ok(0)),
    ]
}

#[rustfmt::skip] // one case a line
fn masked() -> Vec<Vector> {
    let one = [Made::new(user(&[]))];
    // The octet at this place with its highest bit set.
    let value = |id: &'static str, comment, at: usize, code: Code| {
        let octet = one[0].token(&format!("cookie/read/{id}/0")).as_bytes()[at] | 0x80;
        let value = format!("{{0:0:{at}}}{}{{0:{}:}}", char::from(octet), at + 1);
        flagged(&["masked-octet"], Case { spec: &["COOK-04", "COOK-06"], ..case(id, comment, &one, &[&value]) }).read(Err(code))
    };
    let field = |id, flags, comment, field: String| Case { spec: &["COOK-04"], template: vec![field], ..flagged(flags, case(id, comment, &one, &[])) };
    let hash = mark("AAECAwQFBgcICQoLDA0ODw");
    let marked = |id, flags, comment, value: &str| Case { spec: &["COOK-07"], ..field(id, flags, comment, format!("__Host-session={{0}}; __Host-session.end={value}")) }.read(Ok(0));
    let high = |octet: u8| char::from(octet | 0x80);
    vec![
        value("masked/value", "an octet of the value whose low 7 bits are those of the right one", 100, "encoding"),
        value("masked/key-id", "such an octet in the key id", 20, "encoding"),
        value("masked/magic", "such an octet in the magic", 1, "not_a_token"),
        value("masked/version", "such an octet in the place of the version", 3, "not_a_token"),
        field("masked/name", &["masked-octet"], "such an octet in the name", format!("__Host-{}ession={{0}}", high(b's'))).read(Err("absent")),
        field("masked/equals", &["masked-octet"], "such an octet in the place of the equals sign", format!("__Host-session{}{{0}}", high(b'='))).read(Err("absent")),
        field("masked/semicolon", &["masked-octet", "foreign-cookie"], "such an octet in the place of a semicolon parts nothing", format!("a=b{}__Host-session={{0}}", high(b';'))).read(Err("absent")),
        field("masked/space", &["masked-octet", "trim-unicode"], "such an octet in the place of a space is a part of the name", format!("a=b;{}__Host-session={{0}}", high(b' '))).read(Err("absent")),
        marked("masked/mark", &["masked-octet"], "such an octet in a mark", &format!("{}{}", high(hash.as_bytes()[0]), &hash[1..])),
        marked("masked/mark-line-feed", &["trimmed-text"], "a line feed behind a mark", &format!("{hash}\n")),
        marked("masked/mark-vertical-tab", &["trimmed-text"], "a vertical tab before a mark", &format!("\u{b}{hash}")),
        marked("masked/mark-zero", &["trimmed-text"], "a zero byte behind a mark", &format!("{hash}\u{0}")),
        field("masked/part-line-feed", &["trimmed-text"], "a line feed behind a second part", "__Host-session=2.aaaaaaaa.{0:0:100}; __Host-session.1=aaaaaaaa.{0:100:}\n".into()).read(Err("encoding")),
        field("masked/first-line-feed", &["trimmed-text"], "a line feed behind a first part", "__Host-session=2.aaaaaaaa.{0:0:100}\n; __Host-session.1=aaaaaaaa.{0:100:}".into()).read(Err("encoding")),
    ]
}

/// Two tokens of one salt under two keys.
#[rustfmt::skip] // one case a line
fn kept() -> Vec<Vector> {
    let ring = || Setup { context: Context { ring: vec![Entry::new(1), Entry::new(2)], ..setup().context }, ..setup() };
    let token = |key, rev: &str| Made { key, salt: Some("cookie/read/kept"), ..Made::new(user(&[("rev", rev)])) };
    let read = |id, comment, tokens: [Made; 2], expect| Case { spec: &["COOK-06", "OPEN-16"], setup: ring(), ..flagged(&["kept-subkey"], case(id, comment, &tokens, &["{0}", "{1}"])) }.read(expect);
    let dead = |made: Made| Made { ttl: 30, ..made };
    vec![
        read("kept/one-salt", "one salt under two keys of the ring: both open, the greater rev is chosen", [token(1, "1"), token(2, "2")], Ok(1)),
        read("kept/one-salt-first", "the other way round", [token(2, "2"), token(1, "1")], Ok(0)),
        read("kept/one-salt-expired", "the first is expired, though authentic", [dead(token(1, "1")), token(2, "2")], Ok(1)),
    ]
}

/// Tokens that are no session: what their cookie may not be (§20.6).
#[rustfmt::skip] // one case a line
fn set_up() -> Vec<Vector> {
    let url = Made { purpose: "return-url", ttl: 600, ..Made::new("/basket?page=2") };
    let context = Context { purpose: "return-url".into(), ..setup().context };
    let cookie = || Cookie::named("__Host-return");
    let read = |id, comment, cookie| Case { spec: &["COOK-02", "COOK-08"], setup: Setup { context: context.clone(), ..setup() }, cookie, template: vec!["__Host-return={0}".into()], ..flagged(&["attribute-dropped"], case(id, comment, std::slice::from_ref(&url), &[])) };
    let partitioned = Place { partitioned: true, ..Place::root() };
    let zero = Made { audience: "0", purpose: "0", ttl: 600, ..Made::new("0") };
    let bare = Context { purpose: "0".into(), audience: "0".into(), ..context.clone() };
    vec![
        read("set-up/large", "large, which a token that is no session cannot be", Cookie { large: true, ..cookie() }).read_token(3600, Err("cookie_attributes")),
        read("set-up/previous", "an earlier combination, which no writing would take away", Cookie { previous: vec![partitioned.clone()], ..cookie() }).read_token(3600, Err("cookie_attributes")),
        read("set-up/large-and-previous", "both", Cookie { large: true, previous: vec![partitioned], ..cookie() }).read_token(3600, Err("cookie_attributes")),
        with(zero, Case { spec: &["COOK-08"], flags: &["falsy-value"], setup: Setup { context: bare, ..setup() }, ..read("set-up/zero", "audience, purpose and payload are the digit 0", cookie()) }).read_token(3600, Ok(0)),
    ]
}
