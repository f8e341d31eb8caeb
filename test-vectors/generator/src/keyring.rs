//! Cases of `keyring.json`: keys, rings, selection, warnings.

mod lax;

use crate::{
    json::{Json, hex, object},
    reference::key_text,
    vector::{Entry, Outcome, Vector, key, members, ring_json},
};

const END: u64 = 1 << 48;

pub(crate) fn vectors() -> Vec<Vector> {
    let mut vectors = keys();
    vectors.extend(lists());
    vectors.extend(documents());
    vectors.extend(selections());
    vectors.extend(warnings());
    vectors.extend(lax::vectors());
    vectors
}

fn vector<const N: usize>(
    id: &str,
    spec: &[&'static str],
    flags: &[&'static str],
    comment: &str,
    op: &str,
    inputs: [(&str, Json); N],
    outcome: Outcome,
) -> Vector {
    let mut all = members([("op", op.into())]);
    all.extend(members(inputs));
    Vector {
        id: format!("keyring/{id}"),
        spec: spec.to_vec(),
        flags: flags.to_vec(),
        comment: comment.to_owned(),
        inputs: all,
        outcome,
    }
}

#[rustfmt::skip] // one case a line
fn keys() -> Vec<Vector> {
    let text = key_text(&key(1));
    let zero = key_text(&[0; 32]);
    let replace = |at: usize, new: &str| {
        let mut changed = text.clone();
        changed.replace_range(at..at + new.len(), new);
        changed
    };
    let digits = &text[13..77];
    let mut vectors = vec![vector(
        "key-text/ok",
        &["KEY-04", "KEY-05", "KEY-06"],
        &[],
        "a test key's text, through the entry point for vectors",
        "key_text",
        [("test_keys", true.into()), ("text", text.clone().into())],
        Outcome::Result(object([("key", hex(&key(1)).into())])),
    )];
    let bad: Vec<(&str, String, &'static str, &str)> = vec![
        ("empty", String::new(), "key_format", "no text"),
        ("leading-space", format!(" {text}"), "key_format", "nothing is trimmed"),
        ("trailing-newline", format!("{text}\n"), "key_format", "nothing is trimmed"),
        ("trailing-space", format!("{text} "), "key_format", "nothing is trimmed"),
        ("quoted", format!("\"{text}\""), "key_format", "quotation marks"),
        ("upper-digits", format!("cretula_key1_{}{}", digits.to_uppercase(), &text[77..]), "key_format", "upper-case digits"),
        ("upper-sum", format!("{}{}", &text[..78], "ABCDEF01"), "key_format", "upper-case digits in the checksum"),
        ("upper-prefix", text.replace("cretula", "CRETULA"), "key_format", "upper-case prefix"),
        ("prefix-key2", text.replace("key1", "key2"), "key_format", "another version of the key text"),
        ("no-prefix", text[13..].to_owned(), "key_format", "no prefix"),
        ("bare-hex", digits.to_owned(), "key_format", "the digits alone"),
        ("no-sum", text[..77].to_owned(), "key_format", "no checksum"),
        ("empty-sum", text[..78].to_owned(), "key_format", "an underscore and no checksum"),
        ("sum-7", text[..85].to_owned(), "key_format", "checksum one digit short"),
        ("sum-9", format!("{text}0"), "key_format", "checksum one digit long"),
        ("digits-63", format!("{}{}", &text[..76], &text[77..]), "key_format", "one digit short"),
        ("digits-65", format!("{}0{}", &text[..77], &text[77..]), "key_format", "one digit long"),
        ("digits-62", format!("{}{}", &text[..75], &text[77..]), "key_format", "31 bytes"),
        ("not-hex", replace(20, "g"), "key_format", "a letter beyond f"),
        ("plus", replace(20, "+"), "key_format", "a sign, which integer parsers take"),
        ("space-inside", replace(20, " "), "key_format", "a space among the digits"),
        ("wide-digit", text.replacen(&text[20..21], "\u{ff11}", 1), "key_format", "a full-width digit"),
        ("hyphen", replace(77, "-"), "key_format", "a hyphen before the checksum"),
        ("base64", "Y3JldHVsYS10ZXN0LWtleS1udW1iZXItMDEuLi4uLi4=".to_owned(), "key_format", "the key in base64"),
        ("typo-digit", replace(40, if &text[40..41] == "0" { "1" } else { "0" }), "key_checksum", "one digit of the key wrong"),
        ("typo-sum-last", replace(85, if &text[85..] == "0" { "1" } else { "0" }), "key_checksum", "the last digit of the checksum wrong"),
        ("typo-sum", replace(80, if &text[80..81] == "0" { "1" } else { "0" }), "key_checksum", "one digit of the checksum wrong"),
        ("swapped-digits", format!("{}{}{}{}", &text[..13], &text[14..15], &text[13..14], &text[15..]), "key_checksum", "two digits exchanged"),
        (
            "sum-of-other",
            format!("{}{}", &text[..78], &key_text(&key(2))[78..]),
            "key_checksum",
            "the checksum of another key",
        ),
        ("zero", zero.clone(), "key_zero", "32 zero bytes with the right checksum"),
        ("zero-typo", format!("{}00000000", &zero[..78]), "key_checksum", "32 zero bytes, and a wrong checksum: the checksum is told"),
    ];
    for (name, text, code, comment) in bad {
        let (rule, flag) = match code {
            "key_checksum" => ("KEY-06", "key-text"),
            "key_zero" => ("KEY-02", "weak-key"),
            _ => ("KEY-05", "key-text"),
        };
        let inputs = [("test_keys", true.into()), ("text", text.into())];
        let rules: &[&str] = if name.ends_with("-typo") { &[rule, "KEY-09"] } else { &[rule] };
        vectors.push(vector(&format!("key-text/{name}"), rules, &[flag], comment, "key_text", inputs, Outcome::Error(code)));
    }
    for (name, text, code, comment) in [
        ("test", text.clone(), "key_test", "a published test key in the ordinary constructor"),
        ("test-typo", format!("{}00000000", &text[..78]), "key_checksum", "a test key, and a wrong checksum: the checksum is told"),
    ] {
        let inputs = [("test_keys", false.into()), ("text", text.into())];
        let spec: &[&str] = if code == "key_test" { &["KEY-07"] } else { &["KEY-06", "KEY-09"] };
        vectors.push(vector(&format!("key-text/{name}"), spec, &["weak-key"], comment, "key_text", inputs, Outcome::Error(code)));
    }
    let result = object([("key", hex(&key(1)).into()), ("text", text.into())]);
    let inputs = [("test_keys", true.into()), ("bytes", hex(&key(1)).into())];
    vectors.push(vector("key-bytes/ok", &["KEY-01", "KEY-04"], &[], "32 bytes, and their text", "key_bytes", inputs, Outcome::Result(result)));
    for (name, test_keys, bytes, code, spec, comment) in [
        ("0", true, vec![], "key_format", "KEY-01", "no bytes"),
        ("16", true, key(1)[..16].to_vec(), "key_format", "KEY-01", "an AES-128 key"),
        ("31", true, key(1)[..31].to_vec(), "key_format", "KEY-01", "one byte short"),
        ("33", true, [key(1), vec![0]].concat(), "key_format", "KEY-01", "one byte long"),
        ("zero", true, vec![0; 32], "key_zero", "KEY-02", "32 zero bytes"),
        ("zero-31", true, vec![0; 31], "key_format", "KEY-01", "31 zero bytes: the length is told"),
        ("test", false, key(1), "key_test", "KEY-07", "a published test key in the ordinary constructor"),
        ("test-bare", false, [b"cretula-test-key".to_vec(), vec![0; 16]].concat(), "key_test", "KEY-07", "the prefix and zeros"),
    ] {
        let inputs = [("test_keys", test_keys.into()), ("bytes", hex(&bytes).into())];
        vectors.push(vector(&format!("key-bytes/{name}"), &[spec], &["weak-key"], comment, "key_bytes", inputs, Outcome::Error(code)));
    }
    vectors
}

fn ring_ok(id: &str, spec: &[&'static str], comment: &str, text: String, entries: &[Entry]) -> Vector {
    // An entry as read leaves out a seal_from of 0.
    let read: Vec<_> =
        entries.iter().cloned().map(|entry| Entry { seal_from: entry.seal_from.filter(|t| *t > 0), ..entry }).collect();
    let inputs = [("test_keys", true.into()), ("text", text.into())];
    vector(
        &format!("ring/{id}"),
        spec,
        &[],
        comment,
        "ring",
        inputs,
        Outcome::Result(object([("entries", ring_json(&read))])),
    )
}

fn ring_bad(
    id: &str,
    spec: &'static str,
    flag: &'static str,
    comment: &str,
    text: &str,
    code: &'static str,
    entry: Option<u64>,
) -> Vector {
    let outcome = entry.map_or(Outcome::Error(code), |entry| Outcome::ErrorAt(code, entry));
    let inputs = [("test_keys", true.into()), ("text", text.into())];
    let spec: &[_] = if spec == "RING-06" { &[spec] } else { &[spec, "RING-06"] };
    vector(&format!("ring/{id}"), spec, &[flag], comment, "ring", inputs, outcome)
}

#[rustfmt::skip] // one case a line
fn lists() -> Vec<Vector> {
    let [a, b, c] = [1, 2, 3].map(|number| key_text(&key(number)));
    let [one, two, three] = [1, 2, 3].map(Entry::new);
    let zero = key_text(&[0; 32]);
    let list = &["RING-11", "RING-15"];
    let mut vectors = vec![
        ring_ok("list/one", list, "one key", a.clone(), std::slice::from_ref(&one)),
        ring_ok("list/comma", list, "two keys and a comma", format!("{a},{b}"), &[one.clone(), two.clone()]),
        ring_ok("list/newline", list, "a key a line, as in a file", format!("{a}\n{b}\n"), &[one.clone(), two.clone()]),
        ring_ok("list/mixed", list, "every separator, empty items", format!("\t ,,{a} , \r\n{b}\u{c},{c},, "), &[one, two, three]),
        ring_bad("list/empty", "RING-01", "weak-key", "no text", "", "keyring_empty", None),
        ring_bad("list/separators", "RING-01", "weak-key", "separators and no key", " ,\t\r\n,", "keyring_empty", None),
        ring_bad("list/semicolon", "RING-11", "key-text", "a semicolon separates nothing", &format!("{a};{b}"), "key_format", Some(0)),
        ring_bad("list/vertical-tab", "RING-11", "key-text", "0x0B is not among the white space", &format!("{a}\u{b}{b}"), "key_format", Some(0)),
        ring_bad("list/no-break-space", "RING-11", "key-text", "white space beyond ASCII", &format!("{a}\u{a0}{b}"), "key_format", Some(0)),
        ring_bad("list/second-typo", "RING-04", "key-text", "the second key is wrong", &format!("{a},{b}0"), "key_format", Some(1)),
        ring_bad("list/second-checksum", "RING-04", "key-text", "the second key has a typo", &format!("{a},{}00000000", &b[..78]), "key_checksum", Some(1)),
        ring_bad("list/zero", "RING-04", "weak-key", "the zero key", &format!("{a} {zero}"), "key_zero", Some(1)),
        ring_bad("list/duplicate", "RING-02", "duplicate-key", "the same key twice", &format!("{a},{b},{a}"), "key_duplicate", Some(2)),
        ring_bad("list/empty-items-not-counted", "RING-06", "key-text", "empty items have no position", &format!(",,{a},,oops"), "key_format", Some(1)),
        ring_bad("list/first-fault", "RING-06", "order", "a duplicate, then a typo: the first entry at fault is told", &format!("{a},{a},oops"), "key_duplicate", Some(1)),
        ring_bad("list/bom", "RING-15", "strict-json", "a byte order mark does not begin a document, so this is a list", "\u{feff}{}", "key_format", Some(0)),
        ring_bad("list/array", "RING-15", "strict-json", "an array is no document, so this is a list", &format!("[\"{a}\"]"), "key_format", Some(0)),
        ring_bad("list/quoted", "RING-15", "key-text", "quotation marks", &format!("\"{a}\""), "key_format", Some(0)),
    ];
    let inputs = [("test_keys", false.into()), ("text", format!("{a},{b}").into())];
    vectors.push(vector("ring/list/test-key", &["RING-04", "KEY-07"], &["weak-key"], "test keys in the ordinary constructor", "ring", inputs, Outcome::ErrorAt("key_test", 0)));
    let inputs = [("test_keys", true.into()), ("text_hex", hex(&[a.as_bytes(), b",\xff\xfe"].concat()).into())];
    vectors.push(vector("ring/list/not-utf-8", &["RING-11", "RING-06"], &["key-text"], "octets that are no text, as the second item", "ring", inputs, Outcome::ErrorAt("key_format", 1)));
    vectors
}

#[rustfmt::skip] // one case a line
fn documents() -> Vec<Vector> {
    let [a, b] = [1, 2].map(|number| key_text(&key(number)));
    let [one, two] = [1, 2].map(Entry::new);
    let zero = key_text(&[0; 32]);
    let document = |entries: &str| format!(r#"{{"cretula":"keyring-v1","keys":[{entries}]}}"#);
    let entry = |text: &str, rest: &str| format!(r#"{{"key":"{text}"{rest}}}"#);
    let only = |rest: &str| document(&entry(&a, rest));
    let good = &["RING-12", "RING-15"];
    let time = &["RING-14", "RING-05"];
    let mut vectors = vec![
        ring_ok("document/one", good, "one key", only(""), std::slice::from_ref(&one)),
        ring_ok(
            "document/two",
            good,
            "two keys with times",
            document(&format!("{},{}", entry(&a, r#","accept_until":1800000000"#), entry(&b, r#","seal_from":1790000000"#))),
            &[one.clone().until(1_800_000_000), two.clone().from(1_790_000_000)],
        ),
        ring_ok(
            "document/white-space",
            good,
            "white space of JSON, and members in another order",
            format!(
                " \t\r\n{{ \"keys\" : [ {{ \"accept_until\" : 2 , \"seal_from\" : 1 , \"key\" : \"{a}\" }} ] , \"cretula\" : \"keyring-v1\" }}\n"
            ),
            &[one.clone().from(1).until(2)],
        ),
        ring_ok("document/escapes", good, "escapes in names and values", only("").replace("\"key\"", "\"\\u006bey\"").replace("cretula_key1_", "cretula\\u005fkey1_"), std::slice::from_ref(&one)),
        ring_ok("document/time-0", time, "seal_from 0 is as if absent", only(r#","seal_from":0,"accept_until":1"#), &[one.clone().from(0).until(1)]),
        ring_ok("document/time-last", time, "the last second that there is", only(r#","seal_from":281474976710654,"accept_until":281474976710655"#), &[one.clone().from(END - 2).until(END - 1)]),
        ring_ok("document/time-point-zero", time, "numbers by value: 1.0", only(r#","accept_until":1790000000.0"#), &[one.clone().until(1_790_000_000)]),
        ring_ok("document/time-exponent", time, "numbers by value: an exponent", only(r#","accept_until":1.79e9"#), &[one.clone().until(1_790_000_000)]),
        ring_ok("document/time-exponent-sign", time, "numbers by value: a positive and a negative exponent", only(r#","seal_from":1e+1,"accept_until":1790000000000E-3"#), &[one.clone().from(10).until(1_790_000_000)]),
        ring_ok("document/time-minus-zero", time, "numbers by value: -0", only(r#","seal_from":-0,"accept_until":1"#), &[one.clone().from(0).until(1)]),
        ring_ok("document/time-underflow", time, "numbers by value as binary64: this is 0", only(r#","seal_from":1e-400,"accept_until":1"#), &[one.clone().from(0).until(1)]),
        ring_ok("document/time-rounds", time, "numbers by value as binary64: this is 1", only(r#","accept_until":1.00000000000000000000001"#), &[one.clone().until(1)]),
        ring_bad("document/empty", "RING-01", "weak-key", "no key", &document(""), "keyring_empty", None),
    ];
    let deep = format!("{{\"cretula\":\"keyring-v1\",\"keys\":[{}", "[".repeat(2000));
    let format: Vec<(&str, String, &str)> = vec![
        ("cut", only("")[..100].to_owned(), "cut off"),
        ("brace", "{".to_owned(), "one brace"),
        ("trailing-text", format!("{}x", only("")), "text after the document"),
        ("two-documents", format!("{0}{0}", only("")), "two documents"),
        ("trailing-comma", only("").replace("]}", ",]}"), "a trailing comma"),
        ("trailing-comma-member", only(",").replace(",}", ", }"), "a trailing comma in an entry"),
        ("comment", format!("{{/* keys */{}", &only("")[1..]), "a comment"),
        ("single-quotes", only("").replace('"', "'"), "single quotation marks"),
        ("form-feed", format!("\u{c}{}", only("")), "a form feed before it: white space of the list form, not of JSON"),
        ("nan", only(r#","accept_until":NaN"#), "NaN, which Python's parser takes"),
        ("infinity", only(r#","accept_until":Infinity"#), "Infinity, which Python's parser takes"),
        ("leading-zero", only(r#","accept_until":0123"#), "a leading zero"),
        ("hex-number", only(r#","accept_until":0x10"#), "a hexadecimal number"),
        ("plus-number", only(r#","accept_until":+1"#), "a plus sign"),
        ("point-number", only(r#","accept_until":1."#), "a number that ends with its point"),
        ("control-character", only("").replace("keyring-v1", "keyring-v1\t"), "a raw control character in a string"),
        ("lone-surrogate-value", document(r#"{"key":"\ud800"}"#), "half of a surrogate pair in a value"),
        ("lone-surrogate-name", only(r#","\udc00":1"#), "half of a surrogate pair in a name"),
        ("lone-surrogate-time", only(r#","seal_from":"\ud800""#), "half of a surrogate pair where a time belongs"),
        ("no-marker", format!(r#"{{"keys":[{}]}}"#, entry(&a, "")), "no member `cretula`"),
        ("other-marker", only("").replace("keyring-v1", "keyring-v2"), "another version"),
        ("marker-case", only("").replace("keyring-v1", "Keyring-v1"), "another case"),
        ("marker-number", only("").replace("\"keyring-v1\"", "1"), "a marker that is no string"),
        ("no-keys", r#"{"cretula":"keyring-v1"}"#.to_owned(), "no member `keys`"),
        ("keys-object", format!(r#"{{"cretula":"keyring-v1","keys":{}}}"#, entry(&a, "")), "keys is an object"),
        ("keys-null", r#"{"cretula":"keyring-v1","keys":null}"#.to_owned(), "keys is null"),
        ("keys-text", format!(r#"{{"cretula":"keyring-v1","keys":"{a}"}}"#), "keys is a string"),
        ("unknown-member", format!("{{\"comment\":\"x\",{}", &only("")[1..]), "an unknown member"),
        ("duplicate-keys", format!("{{\"keys\":[],{}", &only("")[1..]), "`keys` twice"),
        ("duplicate-marker", format!("{{\"cretula\":\"keyring-v1\",{}", &only("")[1..]), "`cretula` twice, equal"),
        ("entry-text", document(&format!("\"{a}\"")), "an entry that is a string"),
        ("entry-array", document(&format!("[\"{a}\"]")), "an entry that is an array"),
        ("entry-null", document("null"), "an entry that is null"),
        ("entry-no-key", document(r#"{"seal_from":1}"#), "an entry without a key"),
        ("entry-empty", document("{}"), "an entry without members"),
        ("entry-unknown", only(r#","note":"old""#), "an unknown member of an entry"),
        ("entry-proto", only(r#","__proto__":1"#), "a member that JavaScript objects treat apart"),
        ("entry-case", only(r#","Seal_from":1"#), "a member in another case"),
        ("entry-duplicate", only(r#","seal_from":1,"seal_from":1"#), "`seal_from` twice, equal"),
        ("entry-duplicate-escaped", only(r#","\u006bey":1"#), "`key` twice, once escaped"),
        ("key-object", document(r#"{"key":{}}"#), "a key that is an object"),
        ("time-array", only(r#","seal_from":[1]"#), "a time that is an array"),
        ("time-object", only(r#","accept_until":{"a":1}"#), "a time that is an object"),
        ("deep", deep, "2 000 brackets deep"),
        (
            "form-before-values",
            document(&format!("{},{}", entry("oops", ""), r#"{"nokey":1}"#)),
            "a wrong key in the first entry, a wrong member in the second: the form of the whole comes first",
        ),
    ];
    for (name, text, comment) in &format {
        vectors.push(ring_bad(&format!("document/format-{name}"), "RING-12", "strict-json", comment, text, "keyring_format", None));
    }
    let inputs = [
        ("test_keys", true.into()),
        ("text_hex", hex(&[b"{\"cretula\":\"keyring-v1\",\"\xff\":1", &only("").as_bytes()[23..]].concat()).into()),
    ];
    vectors.push(vector("ring/document/format-not-utf-8", &["RING-12"], &["strict-json"], "octets that are not UTF-8", "ring", inputs, Outcome::Error("keyring_format")));

    for (name, value) in [("number", "1"), ("null", "null"), ("true", "true"), ("empty", "\"\""), ("space", "\" \"")] {
        let text = document(&format!(r#"{{"key":{value}}}"#));
        vectors.push(ring_bad(&format!("document/key-{name}"), "RING-13", "key-text", "a key that is no key text", &text, "key_format", Some(0)));
    }
    for (name, value) in [
        ("half", "0.5"),
        ("negative", "-1"),
        ("48-bits", "281474976710656"),
        ("48-bits-minus-half", "281474976710655.5"),
        ("64-bits", "18446744073709551616"),
        ("huge", "1e400"),
        ("long", "1000000000000000000000000000000000000000"),
        ("text", "\"1790000000\""),
        ("null", "null"),
        ("true", "true"),
        ("false", "false"),
        ("tiny", "1e-9"),
        ("milliseconds-fraction", "1790000000.123"),
    ] {
        vectors.push(ring_bad(&format!("document/time-{name}"), "RING-14", "wide-time", "a time that is no integer from 0 to 2^48 - 1", &only(&format!(r#","accept_until":{value}"#)), "keyring_time", Some(0)));
    }
    let two_entries = |first: &str, second: &str| document(&format!("{first},{second}"));
    for (name, spec, flag, text, code, position, comment) in [
        ("window-equal", "RING-03", "off-by-one", only(r#","seal_from":5,"accept_until":5"#), "keyring_window", 0, "it ends when it begins"),
        ("window-reversed", "RING-03", "off-by-one", only(r#","seal_from":6,"accept_until":5"#), "keyring_window", 0, "it ends before it begins"),
        ("window-zero", "RING-03", "off-by-one", only(r#","accept_until":0"#), "keyring_window", 0, "an absent seal_from is 0, and so is the end"),
        ("duplicate", "RING-02", "duplicate-key", two_entries(&entry(&a, ""), &entry(&a, r#","seal_from":9"#)), "key_duplicate", 1, "the same key with other times"),
        ("zero", "RING-04", "weak-key", two_entries(&entry(&a, ""), &entry(&zero, "")), "key_zero", 1, "the zero key"),
        (
            "checksum",
            "RING-04",
            "key-text",
            two_entries(&entry(&a, ""), &entry(&format!("{}00000000", &b[..78]), "")),
            "key_checksum",
            1,
            "a typo in the second key",
        ),
        ("order-key-before-time", "RING-06", "order", document(&entry("oops", r#","seal_from":-1"#)), "key_format", 0, "a wrong key and a wrong time: the key is told"),
        ("order-time-before-window", "RING-06", "order", only(r#","seal_from":5,"accept_until":-5"#), "keyring_time", 0, "a wrong time, which would also end before it begins"),
        ("order-window-before-duplicate", "RING-06", "order", two_entries(&entry(&a, ""), &entry(&a, r#","seal_from":5,"accept_until":5"#)), "keyring_window", 1, "an empty window and a duplicate: the window is told"),
        ("order-entries", "RING-06", "order", two_entries(&entry(&a, r#","seal_from":5,"accept_until":5"#), &entry("oops", "")), "keyring_window", 0, "the first entry at fault is told, wholly before the second is looked at"),
        ("order-first-of-two", "RING-06", "order", two_entries(&entry(&a, r#","accept_until":-1"#), &entry(&b, r#","accept_until":0"#)), "keyring_time", 0, "two entries at fault"),
    ] {
        vectors.push(ring_bad(&format!("document/{name}"), spec, flag, comment, &text, code, Some(position)));
    }
    let inputs = [("test_keys", false.into()), ("text", only("").into())];
    vectors.push(vector("ring/document/test-key", &["RING-04", "KEY-07"], &["weak-key"], "a test key in the ordinary constructor", "ring", inputs, Outcome::ErrorAt("key_test", 0)));
    vectors
}

#[rustfmt::skip] // one case a line
fn selections() -> Vec<Vector> {
    let now = 1_790_000_000;
    let list = |positions: &[u64]| Json::from(positions.to_vec());
    type Case<'a> = (&'a str, Vec<Entry>, u64, Option<u64>, &'a [u64], &'a str);
    let cases: Vec<Case<'_>> = vec![
        ("one", vec![Entry::new(1)], now, Some(0), &[0], "one key without times"),
        ("first-of-equals", vec![Entry::new(1), Entry::new(2)], now, Some(0), &[0, 1], "the first of two without times"),
        ("greatest", vec![Entry::new(1), Entry::new(2).from(5), Entry::new(3).from(4)], now, Some(1), &[0, 1, 2], "the greatest seal_from"),
        ("equals-later", vec![Entry::new(1), Entry::new(2).from(5), Entry::new(3).from(5)], now, Some(1), &[0, 1, 2], "the first of two equal and greater than the rest"),
        ("second-before", vec![Entry::new(1), Entry::new(2).from(now + 1)], now, Some(0), &[0, 1], "one second before the take-over"),
        ("at-second", vec![Entry::new(1), Entry::new(2).from(now)], now, Some(1), &[0, 1], "at the second of the take-over"),
        ("zero-is-absent", vec![Entry::new(1).from(0), Entry::new(2)], now, Some(0), &[0, 1], "seal_from 0 is as if absent"),
        ("time-0", vec![Entry::new(1), Entry::new(2).from(1)], 0, Some(0), &[0, 1], "at time 0"),
        ("time-last", vec![Entry::new(1), Entry::new(2).from(END - 1)], END - 1, Some(1), &[0, 1], "in the last second that there is"),
        ("ended-beside", vec![Entry::new(1).until(now), Entry::new(2)], now, None, &[1], "the first of equals has ended: no fall-back to the second"),
        ("last-second", vec![Entry::new(1).until(now + 1)], now, Some(0), &[0], "its last second"),
        ("not-begun", vec![Entry::new(1).from(now + 1)], now, None, &[0], "none seals yet; it is accepted all the same"),
        ("ended", vec![Entry::new(1).until(now)], now, None, &[], "the only key has ended"),
        ("no-fall-back", vec![Entry::new(1), Entry::new(2).from(9).until(now)], now, None, &[0], "the newest has ended: no fall-back to the older one"),
        ("ended-older", vec![Entry::new(1).until(now), Entry::new(2).from(9)], now, Some(1), &[1], "the older one has ended"),
        ("future-window", vec![Entry::new(1), Entry::new(2).from(now + 5).until(now + 9)], now, Some(0), &[0, 1], "a key with a window ahead is accepted already"),
    ];
    let mut vectors = Vec::new();
    for (name, ring, now, seals, accepted, comment) in cases {
        let inputs = || [("keyring", ring_json(&ring)), ("now", Json::from(now))];
        let spec: &[&'static str] = &["RING-07", "RING-08"];
        match seals {
            Some(seals) => {
                let result = object([("seals", seals.into()), ("accepted", list(accepted))]);
                vectors.push(vector(&format!("select/{name}"), spec, &[], comment, "select", inputs(), Outcome::Result(result)));
            }
            None => {
                vectors.push(vector(&format!("select/{name}"), &["RING-07", "RING-09"], &["no-fall-back"], comment, "select", inputs(), Outcome::Error("no_sealing_key")));
                let result = object([("accepted", list(accepted))]);
                vectors.push(vector(&format!("accept/{name}"), &["RING-08", "RING-09"], &[], comment, "accept", inputs(), Outcome::Result(result)));
            }
        }
    }
    for op in ["select", "accept"] {
        let inputs = [("keyring", ring_json(&[Entry::new(1)])), ("now", Json::from(END))];
        vectors.push(vector(&format!("{op}/clock-48-bits"), &["RING-07", "TIME-01"], &["caller-error"], "a clock out of range", op, inputs, Outcome::Error("clock_range")));
    }
    vectors
}

#[rustfmt::skip] // one case a line
fn warnings() -> Vec<Vector> {
    let now = 1_790_000_000;
    let (ends, soon, far) = ("ends_before_its_tokens", "takes_over_too_soon", "far_in_future");
    let century = now + 3_155_760_000;
    let over = now + 10_000;
    // Longest ttl 3600, reload grace 300, leeway 60.
    type Case<'a> = (&'a str, Vec<Entry>, Vec<(u64, &'a str)>, &'a str);
    let cases: Vec<Case<'_>> = vec![
        ("none", vec![Entry::new(1), Entry::new(2).from(over)], vec![], "the old key has no end, the new one comes in good time"),
        ("ends-exact", vec![Entry::new(1).until(over + 3900), Entry::new(2).from(over)], vec![], "it ends exactly when its last token has"),
        ("ends-early", vec![Entry::new(1).until(over + 3899), Entry::new(2).from(over)], vec![(0, ends)], "one second too early"),
        ("no-successor", vec![Entry::new(1).until(now + 1)], vec![], "it has no successor: nothing to compare with"),
        ("successor-is-next", vec![Entry::new(1).until(over + 3900), Entry::new(3).from(over + 500_000), Entry::new(2).from(over)], vec![], "the successor is the next in time, not in the list"),
        ("equal-is-no-successor", vec![Entry::new(1).until(over), Entry::new(2)], vec![], "an equal seal_from is no successor"),
        ("ended", vec![Entry::new(1).until(now), Entry::new(2).from(now - 10)], vec![], "it has ended: nothing is to be saved any more"),
        ("ends-next-second", vec![Entry::new(1).until(now + 1), Entry::new(2).from(now - 10)], vec![(0, ends)], "it ends with the next second"),
        ("soon-exact", vec![Entry::new(1), Entry::new(2).from(now + 360)], vec![], "it takes over after exactly reload grace + leeway"),
        ("soon", vec![Entry::new(1), Entry::new(2).from(now + 359)], vec![(1, soon)], "one second too soon"),
        ("soon-next-second", vec![Entry::new(1), Entry::new(2).from(now + 1)], vec![(1, soon)], "in the next second"),
        ("already", vec![Entry::new(1), Entry::new(2).from(now)], vec![], "it has taken over"),
        ("none-seals", vec![Entry::new(2).from(now + 5)], vec![], "no key seals now, so there are no tokens to mix up"),
        ("both", vec![ Entry::new(1).until(now + 100), Entry::new(2).from(now + 10).until(now + 3000), Entry::new(3).from(now + 20), ], vec![(0, ends), (1, ends), (1, soon), (2, soon)], "both, by entry"),
        ("far-exact", vec![Entry::new(1).until(century), Entry::new(2).from(century)], vec![(0, ends)], "times of exactly 100 years ahead"),
        ("far-from", vec![Entry::new(1), Entry::new(2).from(century + 1)], vec![(1, far)], "it is to seal in more than 100 years"),
        ("far-until", vec![Entry::new(1).until(century + 1)], vec![(0, far)], "it is accepted for more than 100 years"),
        ("far-milliseconds", vec![Entry::new(1), Entry::new(2).from(1_795_719_134_000)], vec![(1, far)], "a time in milliseconds"),
        ("far-both", vec![Entry::new(1).from(century + 1).until(century + 2)], vec![(0, far)], "both times: one warning; and no key seals now"),
        ("all-three", vec![Entry::new(1).until(now + 100), Entry::new(2).from(now + 10).until(century + 1), Entry::new(3).from(century + 5)], vec![(0, ends), (1, ends), (1, soon), (1, far), (2, far)], "all three, by entry"),
    ];
    let mut vectors = Vec::new();
    for (name, ring, warnings, comment) in cases {
        let inputs = [
            ("keyring", ring_json(&ring)),
            ("now", now.into()),
            ("longest_ttl", 3600.into()),
            ("reload_grace", 300.into()),
            ("leeway", 60.into()),
        ];
        let warning = |(entry, code): &(u64, &str)| object([("entry", (*entry).into()), ("code", (*code).into())]);
        let result = object([("warnings", Json::List(warnings.iter().map(warning).collect()))]);
        vectors.push(vector(&format!("warn/{name}"), &["RING-18"], &["rotation-warning"], comment, "warn", inputs, Outcome::Result(result)));
    }
    for (name, now, ttl, grace, leeway, code) in [
        ("clock-48-bits", END, 3600, 300, 60, "clock_range"),
        ("ttl-0", now, 0, 300, 60, "ttl_range"),
        ("ttl-over", now, 34_560_001, 300, 60, "ttl_range"),
        ("leeway-301", now, 3600, 300, 301, "leeway_range"),
        ("grace-over", now, 3600, 34_560_001, 60, "grace_range"),
        ("grace-32-bits", now, 3600, 1 << 32, 60, "grace_range"),
        ("order-leeway-first", END, 0, 34_560_001, 301, "leeway_range"),
        ("order-clock-second", END, 0, 34_560_001, 60, "clock_range"),
        ("order-ttl-third", now, 0, 34_560_001, 60, "ttl_range"),
    ] {
        let inputs = [("keyring", ring_json(&[Entry::new(1)])), ("now", now.into()), ("longest_ttl", ttl.into()), ("reload_grace", Json::from(grace)), ("leeway", leeway.into())];
        vectors.push(vector(&format!("warn/{name}"), if code == "grace_range" { &["RING-18", "TIME-04"] } else { &["RING-18", "TIME-01"] }, &["caller-error"], "a value out of range", "warn", inputs, Outcome::Error(code)));
    }
    let inputs = [("keyring", ring_json(&[Entry::new(1), Entry::new(2).from(now + 34_560_060)])), ("now", now.into()), ("longest_ttl", 3600.into()), ("reload_grace", 34_560_000.into()), ("leeway", 60.into())];
    let result = object([("warnings", Json::List(Vec::new()))]);
    vectors.push(vector("warn/grace-longest", &["RING-18"], &["rotation-warning"], "the longest reload grace", "warn", inputs, Outcome::Result(result)));
    vectors
}
