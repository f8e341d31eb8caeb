//! JWTs of a registration with every fault (§21.5).

use p256::ecdsa::Signature;

use super::{
    post::{BARE, Flags, Post, header, jwk, register},
    public,
    reference::{Sign, private_key},
};
use crate::{
    reference::{base64url, hmac, sha256},
    vector::Vector,
};
use p256::ecdsa::signature::Signer as _;

pub(super) fn vectors() -> Vec<Vector> {
    [values(), parts(), headers(), claims(), algorithms(), keys(), signatures()].into_iter().flatten().collect()
}

const DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const FORMAT: Result<&str, crate::opener::Code> = Ok("401 jwt_format");
const ALGORITHM: Result<&str, crate::opener::Code> = Ok("401 jwt_algorithm");
const KEY: Result<&str, crate::opener::Code> = Ok("401 jwt_key");
const SIGNATURE: Result<&str, crate::opener::Code> = Ok("401 jwt_signature");
const BOUND: Result<&str, crate::opener::Code> = Ok("200 +.proof +");

fn post(id: &'static str, flags: Flags, comment: &'static str) -> Post {
    register(id, flags, comment).with(|case| case.spec = &["DEV-06", "DEV-07"])
}

/// Returns where the second part and the third begin.
fn places(text: &str) -> (usize, usize) {
    let first = text.find('.').expect("a part") + 1;
    (first, first + text[first..].find('.').expect("a part") + 1)
}

/// Returns the digit of the same value with other unused bits.
fn loose(digit: &str) -> &'static str {
    let at = DIGITS.find(digit).expect("a digit") ^ 1;
    &DIGITS[at..=at]
}

/// Values of the field.
#[rustfmt::skip] // one case a line
fn values() -> Vec<Vector> {
    let one = |id, comment, responses: &[&str], expect| post(id, &["lax-jwt"], comment).responses(responses).answers(expect);
    let long = |id, comment, octets: usize, around: &str, expect| {
        let flags: Flags = &["size", "off-by-one"];
        // Letters of a member that nobody reads, in the header and in the claims, until the length is right.
        let made = |header_pad: usize, pad: usize| post(id, flags, comment).header(header(1).replacen('{', &format!("{{\"a\":\"{}\",", "x".repeat(header_pad)), 1)).claims(format!("{{\"a\":\"{}\",\"jti\":\"{{1}}\"}}", "x".repeat(pad)));
        let base = made(0, 0).text().len();
        let near = (octets - base) * 3 / 4 - 6;
        let fits = (0..4).flat_map(|header_pad| (near..near + 12).map(move |pad| (header_pad, pad))).find(|(header_pad, pad)| made(*header_pad, *pad).text().len() == octets);
        let (header_pad, pad) = fits.expect("one of a few");
        made(header_pad, pad).responses(&[&around.replace('J', "{0}")]).answers(expect)
    };
    vec![
        one("value/none", "no value", &[], FORMAT),
        one("value/two", "two values, of which one is right", &["{0}", "x"], FORMAT),
        one("value/two-equal", "the same value twice", &["{0}", "{0}"], FORMAT),
        one("value/empty", "an empty value", &[""], FORMAT),
        one("value/spaces-alone", "spaces alone", &[" \t "], FORMAT),
        one("value/quoted", "in quotation marks", &["\"{0}\""], BOUND),
        one("value/spaces", "spaces and tabs around it", &["\t {0} \t"], BOUND),
        one("value/quoted-spaces", "spaces and tabs around the quotation marks", &[" \"{0}\"\t"], BOUND),
        one("value/spaces-inside", "spaces inside the quotation marks", &["\" {0}\""], FORMAT),
        one("value/quoted-once", "a quotation mark before it alone", &["\"{0}"], FORMAT),
        one("value/quoted-once-last", "a quotation mark behind it alone is a part of the signature", &["{0}\""], SIGNATURE),
        one("value/quoted-twice", "two of them at both ends", &["\"\"{0}\"\""], FORMAT),
        one("value/quotation-mark", "a quotation mark alone", &["\""], FORMAT),
        one("value/quotation-marks", "two of them alone", &["\"\""], FORMAT),
        one("value/single-quotes", "in single quotation marks", &["'{0}'"], FORMAT),
        one("value/list", "two of them in one value", &["{0}, {0}"], FORMAT),
        one("value/parameters", "with a parameter behind it", &["{0};a=1"], SIGNATURE),
        one("value/byte-sequence", "between colons", &[":{0}:"], FORMAT),
        one("value/scheme", "behind a scheme", &["DPoP {0}"], FORMAT),
        one("value/no-break-space", "a no-break space is no space", &["\u{a0}{0}"], FORMAT),
        one("value/vertical-tab", "nor is a vertical tab", &["\u{b}{0}"], FORMAT),
        one("value/line-feed", "nor is a line feed", &["{0}\n"], SIGNATURE),
        long("value/4096", "4 096 octets are read", 4096, "J", BOUND),
        long("value/4097", "one more is too long", 4097, "J", FORMAT),
        long("value/4096-quoted", "quotation marks and spaces do not count", 4096, "  \"J\"\t", BOUND),
        long("value/4097-quoted", "one more is too long in them, too", 4097, "\"J\"", FORMAT),
    ]
}

/// The parts and their base64url.
#[rustfmt::skip] // one case a line
fn parts() -> Vec<Vector> {
    let one = |id, comment, expect, template: fn(usize, usize) -> String| {
        let post = post(id, &["lax-jwt"], comment);
        let (second, third) = places(&post.text());
        post.responses(&[&template(second, third)]).answers(expect)
    };
    let bits = |id, comment, last: fn(usize, usize, usize) -> usize, expect| {
        let post = post(id, &["non-canonical-bits"], comment);
        let text = post.text();
        let (second, third) = places(&text);
        let at = last(second, third, text.len());
        let digit = loose(&text[at..=at]);
        post.responses(&[&format!("{{0:0:{at}}}{digit}{{0:{}:}}", at + 1)]).answers(expect)
    };
    // Of another alphabet: a part whose text has one of its two marks.
    let alphabet = |id, comment, header: String, claims: &str, place: fn((usize, usize)) -> usize, expect| {
        let post = post(id, &["lax-base64"], comment).header(header).claims(claims);
        let text = post.text();
        let from = place(places(&text));
        let at = from + text[from..].find(['-', '_']).expect("one of the two");
        let mark = if &text[at..=at] == "-" { '+' } else { '/' };
        post.responses(&[&format!("{{0:0:{at}}}{mark}{{0:{}:}}", at + 1)]).answers(expect)
    };
    let odd = |text: String| text.replacen('{', "{\"a\":\"\u{7fe}\u{7ff}??>>~~\",", 1);
    let usual = "{\"jti\":\"{1}\"}";
    vec![
        one("parts/none", "no full stop", FORMAT, |second, _| format!("{{0:0:{}}}", second - 1)),
        one("parts/two", "no signature", FORMAT, |_, third| format!("{{0:0:{}}}", third - 1)),
        one("parts/four", "four parts", FORMAT, |_, _| "{0}.{0:0:4}".into()),
        one("parts/four-empty", "a full stop behind it", FORMAT, |_, _| "{0}.".into()),
        one("parts/four-empty-first", "a full stop before it", FORMAT, |_, _| ".{0}".into()),
        one("parts/five", "five parts, as an encrypted one has", FORMAT, |_, _| "{0}.{0:0:4}.{0:0:4}".into()),
        one("parts/stops", "two full stops and nothing else", FORMAT, |_, _| "..".into()),
        one("parts/empty-header", "an empty header", FORMAT, |second, _| format!("{{0:{}:}}", second - 1)),
        one("parts/empty-claims", "empty claims", FORMAT, |second, third| format!("{{0:0:{second}}}{{0:{}:}}", third - 1)),
        one("parts/empty-signature", "an empty signature", SIGNATURE, |_, third| format!("{{0:0:{third}}}")),
        one("parts/padded-header", "padding behind the header", FORMAT, |second, _| format!("{{0:0:{0}}}={{0:{0}:}}", second - 1)),
        one("parts/padded-claims", "padding behind the claims", FORMAT, |_, third| format!("{{0:0:{0}}}=={{0:{0}:}}", third - 1)),
        one("parts/padded-signature", "padding behind the signature", SIGNATURE, |_, _| "{0}==".into()),
        one("parts/space-in-header", "a space inside the header", FORMAT, |_, _| "{0:0:8} {0:8:}".into()),
        one("parts/space-in-signature", "a space inside the signature", SIGNATURE, |_, third| format!("{{0:0:{0}}} {{0:{0}:}}", third + 8)),
        one("parts/line-feed-in-signature", "a line feed inside the signature", SIGNATURE, |_, third| format!("{{0:0:{0}}}\n{{0:{0}:}}", third + 8)),
        one("parts/not-ascii", "a letter beyond ASCII", FORMAT, |_, _| "{0:0:8}\u{e9}{0:8:}".into()),
        one("parts/header-cut", "a header that is cut", FORMAT, |second, _| format!("{{0:0:{}}}{{0:{}:}}", second - 3, second - 1)),
        one("parts/signature-cut", "a signature that is cut by a character", SIGNATURE, |_, third| format!("{{0:0:{}}}", third + 85)),
        one("parts/signature-of-one-character", "a signature of one character", SIGNATURE, |_, third| format!("{{0:0:{third}}}A")),
        one("parts/exchanged", "header and claims have changed places", FORMAT, |second, third| format!("{{0:{second}:{third}}}{{0:0:{second}}}{{0:{third}:}}")),
        one("parts/claims-of-header", "the header twice", FORMAT, |second, third| format!("{{0:0:{second}}}{{0:0:{second}}}{{0:{third}:}}")),
        bits("parts/bits-signature", "other unused bits in the last character of the signature", |_, _, length| length - 1, SIGNATURE),
        alphabet("parts/alphabet-header", "a character of the other alphabet in the header", odd(header(1)), usual, |_| 0, FORMAT),
        alphabet("parts/alphabet-claims", "in the claims", header(1), &odd(usual.to_owned()), |(second, _)| second, FORMAT),
        alphabet("parts/alphabet-signature", "in the signature", header(1), usual, |(_, third)| third, SIGNATURE),
        {
            let header = [0, 1, 2].map(|more| header(1).replacen('{', &format!("{{\"a\":\"{}\",", "x".repeat(more)), 1)).into_iter().find(|header| header.len() % 3 != 0).expect("one of three");
            let post = post("parts/bits-header", &["non-canonical-bits"], "other unused bits in the last character of the header").header(header);
            let text = post.text();
            let at = places(&text).0 - 2;
            let digit = loose(&text[at..=at]);
            post.responses(&[&format!("{{0:0:{at}}}{digit}{{0:{}:}}", at + 1)]).answers(FORMAT)
        },
    ]
}

/// What a header may be.
#[rustfmt::skip] // one case a line
fn headers() -> Vec<Vector> {
    let usual = header(1);
    let one = |id, flags, comment, header: String, expect| post(id, flags, comment).header(header).answers(expect);
    let strict = |id, comment, header: String| one(id, &["strict-json"], comment, header, FORMAT);
    let taken = |id, comment, header: String| one(id, &["valid-json"], comment, header, BOUND);
    let and = |member: &str| usual.replacen('{', &format!("{{{member},"), 1);
    let nested = |levels: usize| format!("\"a\":{}{}", "[".repeat(levels), "]".repeat(levels));
    let deep = |id, comment, levels, expect| one(id, &["deep-nesting"], comment, and(&nested(levels)), expect);
    let octets = |id, comment, before: &str| {
        let post = post(id, &["not-utf-8"], comment);
        let second = places(&post.text()).0 - 1;
        post.responses(&[&format!("{before}{{0:{second}:}}")]).answers(FORMAT)
    };
    vec![
        taken("header/order", "members in another order", usual.replacen("\"alg\":\"ES256\",", "", 1).trim_end_matches('}').to_owned() + ",\"alg\":\"ES256\"}"),
        taken("header/white-space", "white space of JSON", usual.replace(',', " ,\n\t").replace(':', " : ") + "\r\n"),
        taken("header/escapes", "names and values with escapes", usual.replace("\"typ\"", "\"t\\u0079p\"").replace("dbsc+jwt", "dbsc\\u002bjw\\u0074").replace("ES256", "\\u0045S256")),
        taken("header/more", "further members, of every type", and("\"a\":null,\"b\":[1.5,true],\"c\":{\"d\":\"\"},\"kid\":\"1\"")),
        taken("header/proto-value", "__proto__ as a value", and("\"a\":\"__proto__\"")),
        strict("header/not-json", "no JSON", "alg=ES256".into()),
        strict("header/empty-text", "nothing but a space", " ".into()),
        strict("header/array", "an array of it", format!("[{usual}]")),
        strict("header/string", "a string", "\"ES256\"".into()),
        strict("header/null", "null", "null".into()),
        strict("header/number", "a number", "1".into()),
        strict("header/bom", "a byte order mark before it", format!("\u{feff}{usual}")),
        strict("header/trailing", "text behind it", format!("{usual}x")),
        strict("header/two", "two objects", format!("{usual}{usual}")),
        strict("header/trailing-comma", "a comma behind the last member", usual.replace("\"dbsc+jwt\"}", "\"dbsc+jwt\",}")),
        strict("header/comment", "a comment", usual.replacen('{', "{/**/", 1)),
        strict("header/single-quotes", "single quotation marks", usual.replace('"', "'")),
        strict("header/nan", "NaN", and("\"a\":NaN")),
        strict("header/zero-behind", "a zero character behind it", format!("{usual}\0")),
        strict("header/twice", "alg twice: first none", and("\"alg\":\"none\"")),
        strict("header/twice-equal", "typ twice", and("\"typ\":\"dbsc+jwt\"")),
        strict("header/twice-escaped", "alg twice, once with an escape", and("\"\\u0061lg\":\"ES256\"")),
        strict("header/twice-unread", "a name twice that nobody reads", and("\"a\":1,\"a\":1")),
        strict("header/twice-in-jwk", "a name twice in the key", usual.replace("\"kty\":\"EC\"", "\"kty\":\"EC\",\"kty\":\"EC\"")),
        one("header/proto", &["proto-name"], "the name __proto__", and("\"__proto__\":{}"), FORMAT),
        one("header/proto-in-jwk", &["proto-name"], "the name __proto__ in the key", usual.replace("\"kty\":\"EC\"", "\"kty\":\"EC\",\"__proto__\":{}"), FORMAT),
        one("header/surrogate", &["strict-json"], "an unpaired surrogate", and("\"a\":\"\\ud800\""), FORMAT),
        one("header/54-bits", &["unsafe-integer"], "2^53 in a member that nobody reads", and("\"a\":9007199254740992"), FORMAT),
        one("header/largest", &["unsafe-integer"], "2^53 - 1 in it", and("\"a\":9007199254740991"), BOUND),
        one("header/1e400", &["unsafe-integer"], "a number beyond binary64", and("\"a\":1e400"), FORMAT),
        deep("header/nesting-16", "a nesting to level 16", 15, BOUND),
        deep("header/nesting-17", "to level 17", 16, FORMAT),
        deep("header/nesting-1000", "to level 1 001", 1000, FORMAT),
        octets("header/not-utf-8", "an octet FF in its place", "_w"),
        octets("header/latin-1", "an object with a letter in Latin-1", &base64url(b"{\"a\":\"\xe9\"}")),
        octets("header/utf-16", "in UTF-16", &base64url(&usual.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>())),
    ]
}

#[rustfmt::skip] // one case a line
fn claims() -> Vec<Vector> {
    let one = |id, flags, comment, claims: &str, expect| post(id, flags, comment).claims(claims).answers(expect);
    let bad = |id, comment, claims: &str| one(id, &["strict-json"], comment, claims, FORMAT);
    vec![
        one("claims/more", &["valid-json"], "further members are ignored", "{\"aud\":\"https://evil.example\",\"authorization\":\"x\",\"exp\":0,\"iat\":4102444800,\"iss\":null,\"jti\":\"{1}\",\"sub\":\"grace\"}", BOUND),
        one("claims/white-space", &["valid-json"], "white space of JSON", " { \"jti\" :\n\"{1}\" }\t", BOUND),
        one("claims/name-escaped", &["valid-json"], "its name with an escape", "{\"\\u006ati\":\"{1}\"}", BOUND),
        one("claims/nesting-16", &["deep-nesting"], "a nesting to level 16", &format!("{{\"a\":{}{},\"jti\":\"{{1}}\"}}", "[".repeat(15), "]".repeat(15)), BOUND),
        one("claims/nesting-17", &["deep-nesting"], "to level 17", &format!("{{\"a\":{}{},\"jti\":\"{{1}}\"}}", "[".repeat(16), "]".repeat(16)), FORMAT),
        one("claims/proto", &["proto-name"], "the name __proto__", "{\"__proto__\":{\"jti\":\"{1}\"}}", FORMAT),
        one("claims/proto-beside", &["proto-name"], "beside jti", "{\"__proto__\":1,\"jti\":\"{1}\"}", FORMAT),
        one("claims/54-bits", &["unsafe-integer"], "2^53", "{\"iat\":9007199254740992,\"jti\":\"{1}\"}", FORMAT),
        bad("claims/none", "no jti", "{}"),
        bad("claims/null", "a jti that is null", "{\"jti\":null}"),
        bad("claims/number", "a number", "{\"jti\":1}"),
        bad("claims/true", "true", "{\"jti\":true}"),
        bad("claims/array", "an array that holds it", "{\"jti\":[\"{1}\"]}"),
        bad("claims/object", "an object", "{\"jti\":{\"jti\":\"{1}\"}}"),
        bad("claims/nested", "inside another member", "{\"a\":{\"jti\":\"{1}\"}}"),
        bad("claims/name-case", "a name in another case", "{\"JTI\":\"{1}\"}"),
        bad("claims/nonce", "under another name", "{\"nonce\":\"{1}\"}"),
        bad("claims/twice", "jti twice, first another one", "{\"jti\":\"x\",\"jti\":\"{1}\"}"),
        bad("claims/twice-last", "jti twice, another one last", "{\"jti\":\"{1}\",\"jti\":\"x\"}"),
        bad("claims/bom", "a byte order mark before them", "\u{feff}{\"jti\":\"{1}\"}"),
        bad("claims/string", "the challenge itself", "\"{1}\""),
        bad("claims/list", "an array", "[{\"jti\":\"{1}\"}]"),
        bad("claims/not-json", "no JSON", "{1}"),
        bad("claims/trailing", "text behind them", "{\"jti\":\"{1}\"}}"),
    ]
}

#[rustfmt::skip] // one case a line
fn algorithms() -> Vec<Vector> {
    let usual = header(1);
    let one = |id, comment, header: String| post(id, &["jwt-algorithm"], comment).header(header).answers(ALGORITHM);
    let alg = |id, comment, alg: &str| one(id, comment, usual.replace("\"ES256\"", alg));
    let typ = |id, comment, typ: &str| one(id, comment, usual.replace("\"dbsc+jwt\"", typ));
    let crit = |id, comment, crit: &str| one(id, comment, usual.replacen('{', &format!("{{\"crit\":{crit},"), 1));
    let signed = |id, comment, alg: &str, sign| post(id, &["jwt-algorithm"], comment).header(usual.replace("ES256", alg)).sign(sign).answers(ALGORITHM);
    vec![
        alg("algorithm/none", "none, with a good signature", "\"none\""),
        signed("algorithm/none-unsigned", "none, without a signature", "none", Sign::Octets(vec![])),
        signed("algorithm/none-case", "nOnE, without a signature", "nOnE", Sign::Octets(vec![])),
        signed("algorithm/hs256", "HS256, by the public key", "HS256", {
            let post = post("algorithm/hs256", &[], "").header(usual.replace("ES256", "HS256"));
            Sign::Octets(hmac(jwk(1).as_bytes(), post.jwts[0].signed(&post.tokens()).as_bytes()))
        }),
        alg("algorithm/rs256", "RS256", "\"RS256\""),
        alg("algorithm/es384", "ES384", "\"ES384\""),
        alg("algorithm/es512", "ES512", "\"ES512\""),
        alg("algorithm/es256k", "ES256K", "\"ES256K\""),
        alg("algorithm/eddsa", "EdDSA", "\"EdDSA\""),
        alg("algorithm/case", "in other letters", "\"es256\""),
        alg("algorithm/space", "a space behind it", "\"ES256 \""),
        alg("algorithm/nul", "a zero character behind it", "\"ES256\\u0000\""),
        alg("algorithm/empty", "an empty one", "\"\""),
        alg("algorithm/null", "null", "null"),
        alg("algorithm/array", "an array that holds it", "[\"ES256\"]"),
        alg("algorithm/number", "a number", "-7"),
        one("algorithm/absent", "none at all", usual.replace("\"alg\":\"ES256\",", "")),
        one("algorithm/name-case", "its name in other letters", usual.replace("\"alg\"", "\"Alg\"")),
        typ("typ/jwt", "JWT", "\"JWT\""),
        typ("typ/case", "in other letters", "\"DBSC+JWT\""),
        typ("typ/dpop", "that of another protocol", "\"dpop+jwt\""),
        typ("typ/application", "as a media type", "\"application/dbsc+jwt\""),
        typ("typ/space", "a space behind it", "\"dbsc+jwt \""),
        typ("typ/null", "null", "null"),
        typ("typ/array", "an array that holds it", "[\"dbsc+jwt\"]"),
        one("typ/absent", "no typ", usual.replace(",\"typ\":\"dbsc+jwt\"", "")),
        crit("crit/list", "an extension that must be understood", "[\"exp\"]"),
        crit("crit/empty", "an empty list", "[]"),
        crit("crit/null", "null", "null"),
        crit("crit/false", "false", "false"),
    ]
}

/// Keys of the header.
#[rustfmt::skip] // one case a line
fn keys() -> Vec<Vector> {
    let usual = jwk(1);
    let with = |jwk: &str| format!("{{\"alg\":\"ES256\",\"jwk\":{jwk},\"typ\":\"dbsc+jwt\"}}");
    let one = |id, flags, comment, jwk: &str, expect| post(id, flags, comment).header(with(jwk)).answers(expect);
    let bad = |id, comment, jwk: &str| one(id, &["header-key"], comment, jwk, KEY);
    let curve = |id, comment, jwk: &str| one(id, &["invalid-curve"], comment, jwk, KEY);
    let member = |name: &str, text: &str| { let at = usual.find(&format!("\"{name}\":")).expect("a member") + name.len() + 3; let end = at + 1 + usual[at + 1..].find('"').expect("its end") + 1; format!("{}{text}{}", &usual[..at], &usual[end..]) };
    let without = |name: &str| { let absent = member(name, "\"\""); absent.replace(&format!("\"{name}\":\"\","), "").replace(&format!(",\"{name}\":\"\""), "") };
    let and = |more: &str| usual.replacen('{', &format!("{{{more},"), 1);
    let key = public(1);
    let (x, y) = (&key.x[..], &key.y[..]);
    let text = |text: &str| format!("\"{text}\"");
    let last = format!("{}{}", &x[..42], loose(&x[42..]));
    let mark = |text: &str| text.replace('-', "+").replace('_', "/");
    let (beyond, root) = super::curve::beyond_field();
    // The first key of the tests whose x has one of the two marks.
    let marked = (1..).map(public).find(|key| key.x.contains(['-', '_'])).expect("one of a few");
    vec![
        one("jwk/more", &["valid-json"], "further members are ignored", &and("\"alg\":\"ES384\",\"ext\":true,\"key_ops\":[\"verify\"],\"kid\":\"1\",\"use\":\"enc\""), BOUND),
        one("jwk/order", &["valid-json"], "members in another order", &format!("{{\"y\":\"{y}\",\"x\":\"{x}\",\"kty\":\"EC\",\"crv\":\"P-256\"}}"), BOUND),
        post("jwk/absent", &["header-key"], "no key").header(BARE).answers(KEY),
        bad("jwk/null", "null", "null"),
        bad("jwk/string", "a string that holds it", "\"{}\""),
        bad("jwk/array", "an array that holds it", &format!("[{usual}]")),
        bad("jwk/empty", "no members", "{}"),
        post("jwk/name-case", &["header-key"], "its name in other letters").header(header(1).replace("\"jwk\"", "\"JWK\"")).answers(KEY),
        post("jwk/in-claims", &["header-key"], "a key in the claims").header(BARE).claims(format!("{{\"jti\":\"{{1}}\",\"jwk\":{usual}}}")).answers(KEY),
        bad("jwk/private", "with the private key", &and(&format!("\"d\":\"{}\"", base64url(&private_key(1).to_bytes())))),
        bad("jwk/private-null", "with a d that is null", &and("\"d\":null")),
        bad("jwk/kty-absent", "no kty", &without("kty")),
        bad("jwk/kty-case", "kty in other letters", &member("kty", "\"ec\"")),
        bad("jwk/kty-rsa", "an RSA key", "{\"e\":\"AQAB\",\"kty\":\"RSA\",\"n\":\"AQAB\"}"),
        bad("jwk/kty-okp", "kty OKP", &member("kty", "\"OKP\"")),
        bad("jwk/kty-oct", "a symmetric key", "{\"k\":\"AAAA\",\"kty\":\"oct\"}"),
        bad("jwk/kty-null", "kty null", &member("kty", "null")),
        bad("jwk/crv-absent", "no crv", &without("crv")),
        bad("jwk/crv-384", "another curve", &member("crv", "\"P-384\"")),
        bad("jwk/crv-case", "crv in other letters", &member("crv", "\"p-256\"")),
        bad("jwk/crv-name", "another name of the curve", &member("crv", "\"prime256v1\"")),
        bad("jwk/crv-secp256k1", "a curve of the same size", &member("crv", "\"secp256k1\"")),
        bad("jwk/x-absent", "no x", &without("x")),
        bad("jwk/y-absent", "no y: a compressed point is none", &without("y")),
        bad("jwk/x-null", "x null", &member("x", "null")),
        bad("jwk/x-number", "x a number", &member("x", "1")),
        bad("jwk/x-empty", "x empty", &member("x", "\"\"")),
        bad("jwk/x-42", "x of 42 characters", &member("x", &text(&x[..42]))),
        bad("jwk/x-44", "x of 44 characters, one byte longer", &member("x", &text(&base64url(&[&[0], &key_bytes(x)[..]].concat())))),
        bad("jwk/y-44", "y of 44 characters", &member("y", &text(&format!("{y}A")))),
        bad("jwk/x-padded", "x with padding", &member("x", &text(&format!("{x}=")))),
        bad("jwk/x-trailing-bits", "x with other unused bits", &member("x", &text(&last))),
        bad("jwk/x-hex", "x in hexadecimal", &member("x", &text(&crate::json::hex(&key_bytes(x))))),
        bad("jwk/x-alphabet", "x in the other alphabet", &format!("{{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"{}\",\"y\":\"{}\"}}", mark(&marked.x), mark(&marked.y))),
        curve("jwk/off-curve", "a point that is not on the curve", &member("y", &text(&public(2).y))),
        curve("jwk/swapped", "x and y have changed places", &format!("{{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"{y}\",\"y\":\"{x}\"}}")),
        curve("jwk/zeros", "zeros: the point at infinity has no coordinates", &format!("{{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"{0}\",\"y\":\"{0}\"}}", "A".repeat(43))),
        curve("jwk/ones", "the greatest 256 bits", &format!("{{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"{0}\",\"y\":\"{0}\"}}", base64url(&[0xFF; 32]))),
        curve("jwk/x-beyond-field", "an x that is a point's and the field's prime more", &format!("{{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"{beyond}\",\"y\":\"{root}\"}}")),
        post("jwk/y-negated", &["invalid-curve"], "the other point of this x is another key").header(with(&member("y", &text(&super::curve::negated(y))))).answers(SIGNATURE),
        post("jwk/other-key", &["header-key"], "another key than the one that signed").header(header(2)).answers(SIGNATURE),
    ]
}

/// Returns the bytes of a coordinate.
fn key_bytes(text: &str) -> Vec<u8> {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    URL_SAFE_NO_PAD.decode(text).expect("a coordinate")
}

#[rustfmt::skip] // one case a line
fn signatures() -> Vec<Vector> {
    let range: Flags = &["signature-range"];
    let post = |id, flags, comment| post(id, flags, comment);
    // The good signature of the case of this id, r and s.
    let good = |id| {
        let post = post(id, &[], "");
        let signature: Signature = private_key(1).sign(post.jwts[0].signed(&post.tokens()).as_bytes());
        let bytes = signature.to_bytes().to_vec();
        (bytes[..32].to_vec(), bytes[32..].to_vec(), signature)
    };
    let made = |id, flags, comment, octets: fn(Vec<u8>, Vec<u8>) -> Vec<u8>| {
        let (r, s, _) = good(id);
        post(id, flags, comment).sign(Sign::Octets(octets(r, s))).answers(SIGNATURE)
    };
    let half = |id, comment, high: bool| {
        let (r, s, signature) = good(id);
        let other = super::curve::negated_scalar(&signature);
        let is_high = other < s;
        let s = if is_high == high { s } else { other };
        post(id, range, comment).sign(Sign::Octets([r, s].concat())).answers(BOUND)
    };
    vec![
        half("signature/high", "a high s", true),
        half("signature/low", "a low s", false),
        made("signature/63", &["lax-jwt"], "63 bytes", |r, s| [&r[..], &s[..31]].concat()),
        made("signature/65", &["lax-jwt"], "65 bytes, a zero behind", |r, s| [&r[..], &s, &[0]].concat()),
        made("signature/65-first", &["lax-jwt"], "65 bytes, a zero before", |r, s| [&[0], &r[..], &s].concat()),
        made("signature/66", &["lax-jwt"], "66 bytes, a zero before each half", |r, s| [&[0], &r[..], &[0], &s].concat()),
        made("signature/96", &["lax-jwt"], "96 bytes, as ES384 has", |r, s| [&r[..], &s, &[0; 32]].concat()),
        made("signature/empty", &["jwt-algorithm"], "no bytes", |_, _| vec![]),
        made("signature/der", &["lax-jwt"], "in DER", |r, s| {
            let number = |bytes: Vec<u8>| { let bytes: Vec<u8> = bytes.into_iter().skip_while(|byte| *byte == 0).collect(); let bytes = if bytes[0] >= 0x80 { [vec![0], bytes].concat() } else { bytes }; [vec![2, u8::try_from(bytes.len()).expect("short")], bytes].concat() };
            let inner = [number(r), number(s)].concat();
            [vec![0x30, u8::try_from(inner.len()).expect("short")], inner].concat()
        }),
        made("signature/zeros", range, "r and s of 0", |_, _| vec![0; 64]),
        made("signature/r-zero", range, "r of 0", |_, s| [vec![0; 32], s].concat()),
        made("signature/s-zero", range, "s of 0", |r, _| [r, vec![0; 32]].concat()),
        made("signature/r-order", range, "r is the order of the curve", |_, s| [super::curve::ORDER.to_vec(), s].concat()),
        made("signature/s-order", range, "s is the order of the curve", |r, _| [r, super::curve::ORDER.to_vec()].concat()),
        made("signature/order", range, "r and s are the order of the curve", |_, _| super::curve::ORDER.repeat(2)),
        made("signature/ones", range, "r and s of the greatest 256 bits", |_, _| vec![0xFF; 64]),
        made("signature/r-one", range, "r of 1", |_, s| [super::curve::small(1), s].concat()),
        made("signature/swapped", &["tampered"], "r and s have changed places", |r, s| [s, r].concat()),
        made("signature/reversed", &["tampered"], "r and s with the lowest byte first", |mut r, mut s| { r.reverse(); s.reverse(); [r, s].concat() }),
        made("signature/bit", &["tampered"], "a bit of s", |r, mut s| { s[31] ^= 1; [r, s].concat() }),
        post("signature/other-key", &["header-key"], "the signature of another key").sign(Sign::Key(2)).answers(SIGNATURE),
        {
            let post = post("signature/other-claims", &["tampered"], "a signature of other claims");
            let signature: Signature = private_key(1).sign(b"x");
            post.sign(Sign::Octets(signature.to_bytes().to_vec())).answers(SIGNATURE)
        },
        {
            let post = post("signature/hash-of-hash", &["mac-input"], "a signature of the hash, hashed once more");
            let signed = post.jwts[0].signed(&post.tokens());
            let signature: Signature = private_key(1).sign(&sha256(signed.as_bytes()));
            post.sign(Sign::Octets(signature.to_bytes().to_vec())).answers(SIGNATURE)
        },
        {
            let post = post("signature/hmac", &["jwt-algorithm"], "an HMAC by the public key, of 64 bytes");
            let mac = hmac(jwk(1).as_bytes(), post.jwts[0].signed(&post.tokens()).as_bytes());
            post.sign(Sign::Octets(mac.repeat(2))).answers(SIGNATURE)
        },
    ]
}
