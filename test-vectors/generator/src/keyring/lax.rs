//! Rings that a lax reader accepts and rings that a hasty one refuses. Each fault is placed where no other rule gives
//! the same code: a reader that misses it returns a ring or another code.

use super::{END, vector};
use crate::{
    json::{Json, hex, object},
    reference::key_text,
    vector::{Entry, Outcome, Vector, key, key_of, ring_json},
};

type Words = &'static str;

pub(super) fn vectors() -> Vec<Vector> {
    [utf8(), strings(), numbers(), structure(), members(), markers(), space(), trimmed(), raw(), keys(), many(), wide()]
        .into_iter()
        .flatten()
        .collect()
}

/// Returns a document with this JSON text as its only key.
fn document(key: &str) -> String {
    format!(r#"{{"cretula":"keyring-v1","keys":[{{"key":{key}}}]}}"#)
}

/// Returns a document with the test key and further members of its entry.
fn only(rest: &str) -> String {
    document(&format!(r#""{}"{rest}"#, key_text(&key(1))))
}

/// Returns a document whose key text has these octets inserted before its digits.
fn inside(octets: &[u8]) -> Vec<u8> {
    spliced(&only(""), "cretula_key1_", octets)
}

/// Returns the octets of a text with others inserted after a word.
fn spliced(text: &str, after: &str, octets: &[u8]) -> Vec<u8> {
    let (before, rest) = text.split_once(after).expect("the word");
    [before.as_bytes(), after.as_bytes(), octets, rest.as_bytes()].concat()
}

fn ring(id: &str, spec: &[Words], flag: Words, comment: &str, text: impl Into<Vec<u8>>, outcome: Outcome) -> Vector {
    let text = match String::from_utf8(text.into()) {
        Ok(text) => ("text", text.into()),
        Err(octets) => ("text_hex", hex(octets.as_bytes()).into()),
    };
    vector(&format!("ring/{id}"), spec, &[flag], comment, "ring", [("test_keys", true.into()), text], outcome)
}

/// A text that is no keyring document.
fn format(id: &str, flag: Words, comment: &str, text: impl Into<Vec<u8>>) -> Vector {
    ring(id, &["RING-12"], flag, comment, text, Outcome::Error("keyring_format"))
}

/// A text whose first fault is that of an entry.
fn entry(id: &str, spec: Words, flag: Words, comment: &str, text: impl Into<Vec<u8>>, code: Words, at: u64) -> Vector {
    ring(id, &[spec, "RING-06"], flag, comment, text, Outcome::ErrorAt(code, at))
}

fn read(id: &str, spec: &[Words], flag: Words, comment: &str, text: impl Into<Vec<u8>>, entries: &[Entry]) -> Vector {
    ring(id, spec, flag, comment, text, Outcome::Result(object([("entries", ring_json(entries))])))
}

fn one() -> [Entry; 1] {
    [Entry::new(1)]
}

#[rustfmt::skip] // one case a line
fn utf8() -> Vec<Vector> {
    let bad = |name: &str, comment, text: Vec<u8>| format(&format!("json/utf-8-{name}"), "not-utf-8", comment, text);
    let first = |octets: &[u8]| {
        let text = only("");
        let at = text.find("cretula_key1_").expect("the key");
        [&text.as_bytes()[..at], octets, &text.as_bytes()[at + 1..]].concat()
    };
    vec![
        bad("octet", "an octet that UTF-8 does not have, inside the key: skipped, it would be a key text", inside(&[0xFF])),
        bad("continuation", "a continuation octet alone", inside(&[0x80])),
        bad("continuation-last", "the last continuation octet alone", inside(&[0xBF])),
        bad("lead", "a first octet without its continuation", inside(&[0xC3])),
        bad("lead-of-3", "three octets, of which the last is missing", inside(&[0xE2, 0x82])),
        bad("lead-of-4", "four octets, of which the last is missing", inside(&[0xF0, 0x9F, 0x98])),
        bad("lead-before-quote", "a first octet before the closing quotation mark", spliced(&only(""), "96de00", &[0xC3])),
        bad("overlong-2", "the first letter of the key in two octets", first(&[0xC1, 0xA3])),
        bad("overlong-3", "the same in three octets", first(&[0xE0, 0x81, 0xA3])),
        bad("overlong-4", "the same in four octets", first(&[0xF0, 0x80, 0x81, 0xA3])),
        bad("overlong-zero", "U+0000 in two octets, at the end of the key", spliced(&only(""), "96de00", &[0xC0, 0x80])),
        bad("overlong-name", "the letter e of a name in two octets: decoded, it would be `key`", only("").replacen("\"key\"", "\"k\u{1}y\"", 1).into_bytes().iter().flat_map(|octet| if *octet == 1 { vec![0xC1, 0xA5] } else { vec![*octet] }).collect()),
        bad("name", "an octet that UTF-8 does not have in a name: skipped, it would be `key`", spliced(&only(""), "\"ke", &[0xFF])),
        bad("marker", "an octet that UTF-8 does not have in the marker: skipped, it would be right", spliced(&only(""), "keyring-", &[0xFE])),
        bad("surrogate", "a surrogate in three octets", inside(&[0xED, 0xA0, 0x80])),
        bad("surrogate-low", "a low surrogate in three octets", inside(&[0xED, 0xBF, 0xBF])),
        bad("surrogate-pair", "a pair of surrogates in six octets, as CESU-8 has it", inside(&[0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80])),
        bad("beyond-10ffff", "U+110000", inside(&[0xF4, 0x90, 0x80, 0x80])),
        bad("beyond-f4", "a first octet beyond F4", inside(&[0xF5, 0x80, 0x80, 0x80])),
        bad("five-octets", "a character in five octets", inside(&[0xF8, 0x88, 0x80, 0x80, 0x80])),
        bad("latin-1", "a letter in Latin-1", inside(&[0xE9])),
        bad("after", "an octet that UTF-8 does not have behind the document", [only("").as_bytes(), &[0xFF]].concat()),
        entry("json/utf-8-largest", "RING-12", "valid-json", "the last characters of two, three and four octets are UTF-8: the key is at fault, not the document", inside("\u{7ff}\u{ffff}\u{10ffff}".as_bytes()), "key_format", 0),
        entry("json/utf-8-smallest", "RING-12", "valid-json", "the first characters of two, three and four octets, and those around the surrogates", inside("\u{80}\u{800}\u{10000}\u{d7ff}\u{e000}".as_bytes()), "key_format", 0),
    ]
}

#[rustfmt::skip] // one case a line
fn strings() -> Vec<Vector> {
    let bad = |name: &str, comment, text: &str| format(&format!("json/{name}"), "strict-json", comment, inside(text.as_bytes()));
    let letter = |name: &str, comment, text: &str| format(&format!("json/{name}"), "strict-json", comment, only("").replacen("cretula_key1_", &format!("{text}retula_key1_"), 1));
    let good = |name: &str, comment, text: &str| entry(&format!("json/{name}"), "RING-12", "valid-json", comment, inside(text.as_bytes()), "key_format", 0);
    let escaped: String = key_text(&key(1)).chars().map(|letter| format!("\\u{:04X}", u32::from(letter))).collect();
    let names = only(r#","accept_until":9"#).replace("\"key\"", r#""\u006B\u0065\u0079""#).replace("accept_until", r"\u0061ccept\u005Funti\u006C").replace("\"cretula\"", r#""\u0063retula""#).replace("\"keys\"", r#""key\u0073""#);
    vec![
        bad("surrogate-and-letter", "a high surrogate, then an escape that is no low one: no character U+10041", r"\ud800\u0041"),
        bad("surrogate-and-high", "two high surrogates", r"\ud800\ud800"),
        bad("surrogate-and-character", "a high surrogate, then a letter", r"\ud83dx"),
        bad("surrogate-and-line-feed", "a high surrogate, then an escape without a number", r"\ud83d\n"),
        bad("surrogate-and-e000", "a high surrogate, then the first code that is no surrogate", r"\ud83d\ue000"),
        bad("surrogate-swapped", "a pair in the wrong order", r"\ude00\ud83d"),
        bad("surrogate-low-twice", "a pair, then a low surrogate", r"\ud83d\ude00\ude00"),
        bad("raw-nul", "a raw zero character in the key", "\u{0}"),
        bad("raw-tab", "a raw tab in the key", "\t"),
        bad("raw-line-feed", "a raw line feed in the key", "\n"),
        bad("raw-carriage-return", "a raw carriage return in the key", "\r"),
        bad("raw-1f", "the last control character, raw", "\u{1f}"),
        format("json/raw-line-feed-last", "strict-json", "a raw line feed at the end of the key: trimmed, it would be a key text", spliced(&only(""), "96de00", b"\n")),
        letter("escape-x", "an escape of two digits, as JavaScript has it", r"\x63"),
        letter("escape-octal", "an octal escape", r"\143"),
        letter("escape-letter", "a backslash before a letter that needs none", r"\c"),
        letter("escape-upper-u", "an escape with a capital U", r"\U0063"),
        letter("escape-braces", "a number in braces, as JavaScript has it", r"\u{63}"),
        letter("escape-short", "a number of two digits", r"\u63"),
        letter("escape-plus", "a plus sign among the four digits, which integer parsers take", r"\u+063"),
        letter("escape-space", "a space among the four digits", r"\u 063"),
        letter("escape-prefix", "a prefix among the four digits", r"\u0x63"),
        letter("escape-wide-digit", "a full-width digit among the four", "\\u006\u{ff13}"),
        bad("escape-quote", "an escaped single quotation mark", r"\'"),
        bad("escape-vertical-tab", "the escape of a vertical tab, which JSON does not have", r"\v"),
        bad("escape-zero", "the escape of a zero character, as C has it", r"\0"),
        bad("escape-line-feed", "a backslash before a line feed, as JavaScript continues a line", "\\\n"),
        format("json/escape-last", "strict-json", "a backslash before the closing quotation mark", spliced(&only(""), "96de00", b"\\")),
        good("escape-solidus", "an escaped solidus is JSON: the key is at fault, not the document", r"\/"),
        good("escape-short-ones", "every short escape", r#"\"\\\/\b\f\n\r\t"#),
        good("escape-pair", "a pair of surrogates, with capital digits", r"\uD83D\uDE00"),
        good("escape-control", "control characters by their numbers", r"\u0000\u001F\u007f"),
        good("delete", "the character 7F, raw", "\u{7f}"),
        good("raw-c1", "control characters beyond ASCII, raw", "\u{80}\u{9f}"),
        good("raw-separators", "line and paragraph separators, raw", "\u{2028}\u{2029}"),
        good("raw-noncharacters", "characters that Unicode assigns to nothing, raw", "\u{fdd0}\u{fffe}\u{ffff}\u{10ffff}"),
        good("raw-bom", "a byte order mark inside a string", "\u{feff}"),
        read("json/escape-all", &["RING-12"], "valid-json", "every character of the key by its number, with capital digits", document(&format!("\"{escaped}\"")), &one()),
        read("json/escape-names", &["RING-12"], "valid-json", "every name with escapes", names, &one().map(|entry| entry.until(9))),
    ]
}

#[rustfmt::skip] // one case a line
fn numbers() -> Vec<Vector> {
    let bad = |name: &str, comment, text: &str| format(&format!("json/{name}"), "strict-json", comment, only(&format!(r#","accept_until":{text}"#)));
    let word = |name: &str, comment, text: &str| format(&format!("json/{name}"), "strict-json", comment, document(text));
    let until = |name: &str, comment, text: &str, time| read(&format!("json/number-{name}"), &["RING-14", "RING-05"], "valid-json", comment, only(&format!(r#","accept_until":{text}"#)), &one().map(|entry| entry.until(time)));
    let zero = |name: &str, comment, text: &str| read(&format!("json/number-{name}"), &["RING-14"], "valid-json", comment, only(&format!(r#","seal_from":{text}"#)), &one());
    let wrong = |name: &str, comment, text: &str| entry(&format!("json/number-{name}"), "RING-14", "wide-time", comment, only(&format!(r#","accept_until":{text}"#)), "keyring_time", 0);
    let zeros = |count| "0".repeat(count);
    vec![
        bad("number-no-exponent", "an exponent without digits", "1e"),
        bad("number-no-exponent-sign", "an exponent of a sign alone", "1e+"),
        bad("number-exponent-point", "a fraction as an exponent", "1e1.5"),
        bad("number-two-exponents", "two exponents", "1e1e1"),
        bad("number-point-exponent", "no digit between point and exponent", "1.e3"),
        bad("number-point-first", "no digit before the point", ".5e1"),
        bad("number-two-points", "two points", "1.0.0"),
        bad("number-two-signs", "two signs", "--0"),
        bad("number-minus", "a minus sign alone", "-"),
        bad("number-minus-space", "a space after the sign", "- 0"),
        bad("number-zeros", "two zeros", "00"),
        bad("number-minus-leading-zero", "a leading zero after the sign", "-01"),
        bad("number-leading-zero-point", "a leading zero before a fraction", "01.0"),
        bad("number-separator", "an underscore between digits", "1_000"),
        bad("number-space", "a space between digits", "1 000"),
        bad("number-comma", "a decimal comma", "1,5"),
        bad("number-suffix", "a letter after the digits", "1n"),
        bad("number-suffix-float", "a letter that marks a fraction in C", "1.0f"),
        bad("number-binary", "a binary number", "0b1"),
        bad("number-octal", "an octal number", "0o7"),
        bad("number-wide-digit", "a full-width digit", "\u{ff11}"),
        bad("number-arabic-digit", "a digit of another script behind one of ASCII", "1\u{660}"),
        bad("number-minus-infinity", "minus Infinity", "-Infinity"),
        word("word-nulx", "almost null", "nulx"),
        word("word-null-long", "null, and a letter more", "nulls"),
        word("word-true-upper", "true in capitals", "TRUE"),
        word("word-true-first", "true with a capital", "True"),
        word("word-true-cut", "true without its last letter", "tru"),
        word("word-false-long", "false, and a digit more", "false0"),
        word("word-none", "a word of Python", "None"),
        word("word-undefined", "a word of JavaScript", "undefined"),
        word("word-empty", "no value", ""),
        word("word-bare", "a string without quotation marks", &key_text(&key(1))),
        word("word-backquote", "a string in backquotes", &format!("`{}`", key_text(&key(1)))),
        word("word-two-strings", "two strings, one after the other", &format!("\"{0}\" \"{0}\"", key_text(&key(1)))),
        until("long-fraction", "a thousand zeros behind the point", &format!("1790000000.{}", zeros(1000)), 1_790_000_000),
        until("long-mantissa", "a 1 and four hundred zeros, brought back by the exponent", &format!("1{}e-391", zeros(400)), 1_000_000_000),
        until("long-fraction-exponent", "three hundred zeros behind the point, brought back by the exponent", &format!("0.{}179e310", zeros(300)), 1_790_000_000),
        until("exponent-zeros", "leading zeros of the exponent", &format!("179e{}7", zeros(40)), 1_790_000_000),
        until("tie", "half between two binary64 numbers: rounded to the even one, which is an integer", "1790000000.00000011920928955078125", 1_790_000_000),
        until("capital-exponent", "a capital E", "1.79E+9", 1_790_000_000),
        zero("exponent-huge-zero", "0, whatever the exponent", "0e99999999999999999999"),
        zero("exponent-tiny", "an exponent beyond every integer type: 0 as a binary64 number", "1e-99999999999999999999"),
        zero("minus-zero-point", "-0.0 is 0", "-0.0"),
        wrong("above-tie", "a little more than half between two binary64 numbers: rounded up, to a fraction", "1790000000.000000119209289550781250000000001"),
        wrong("exponent-huge", "an exponent beyond every integer type", "1e99999999999999999999"),
        wrong("exponent-32-bits", "an exponent that is 0 if cut to 32 bits", "5e4294967296"),
        wrong("64-bits-plus-5", "cut to 64 bits it would be 5", "18446744073709551621"),
        wrong("48-bits-plus-5", "cut to 48 bits it would be 5", "281474976710661"),
        wrong("400-digits", "an integer of four hundred digits", &"9".repeat(400)),
    ]
}

#[rustfmt::skip] // one case a line
fn structure() -> Vec<Vector> {
    let whole = only("");
    let bad = |name: &str, comment, text: String| { assert_ne!(text, whole, "{name}"); format(&format!("json/{name}"), "strict-json", comment, text) };
    let swap = |from, to: &str| whole.replacen(from, to, 1);
    vec![
        bad("no-comma", "no comma between two members", swap("\",\"keys", "\" \"keys")),
        bad("two-commas", "two commas between two members", swap("\",\"keys", "\",,\"keys")),
        bad("comma-first", "a comma before the first member", swap("{\"cretula", "{,\"cretula")),
        bad("comma-last", "a comma after the last member", swap("]}", "],}")),
        bad("comma-first-item", "a comma before the first item", swap("[{", "[,{")),
        bad("comma-after", "a comma behind the document", format!("{whole},")),
        bad("semicolon", "a semicolon between two members", swap("\",\"keys", "\";\"keys")),
        bad("no-colon", "no colon after a name", swap("\"keys\":", "\"keys\" ")),
        bad("two-colons", "two colons after a name", swap("\"keys\":", "\"keys\"::")),
        bad("equals-sign", "an equals sign after a name", swap("\"keys\":", "\"keys\"=")),
        bad("name-bare", "a name without quotation marks", swap("\"keys\"", "keys")),
        bad("name-single-quotes", "a name in single quotation marks", swap("\"keys\"", "'keys'")),
        bad("no-brace", "the last brace is missing", whole[..whole.len() - 1].to_owned()),
        bad("no-brackets", "the last bracket and brace are missing", whole[..whole.len() - 2].to_owned()),
        bad("brackets-swapped", "the last bracket and brace exchanged", format!("{}}}]", &whole[..whole.len() - 2])),
        bad("brackets-mixed", "an array that ends with a brace", format!("{}}}}}", &whole[..whole.len() - 2])),
        bad("brace-after", "a brace more", format!("{whole}}}")),
        bad("bracket-after", "a bracket behind the document", format!("{whole}]")),
        bad("comment-after", "a comment behind the document", format!("{whole}// keys")),
        bad("comment-before", "a comment inside, before the first name", swap("{\"cretula", "{// keys\n\"cretula")),
        bad("comment-hash", "a comment of configuration files", swap("{\"cretula", "{#keys\n\"cretula")),
        bad("nul-after", "a zero character behind the document", format!("{whole}\u{0}")),
        bad("nul-and-text-after", "a zero character and more behind the document", format!("{whole}\u{0}x")),
        bad("nul-inside", "a zero character between two members", swap("\",\"keys", "\",\u{0}\"keys")),
        bad("end-of-file", "the character 1A behind the document", format!("{whole}\u{1a}")),
    ]
}

#[rustfmt::skip] // one case a line
fn members() -> Vec<Vector> {
    let text = key_text(&key(1));
    let bad = |name: &str, flag, comment, text: String| format(&format!("member/{name}"), flag, comment, text);
    let marked = |keys: &str| format!(r#"{{"cretula":"keyring-v1","keys":{keys}}}"#);
    let named = |name: &str| format!(r#"{{"cretula":"keyring-v1","keys":[{{"{name}":"{text}"}}]}}"#);
    let time = |name: &str, member: &str, value: &str, comment| entry(&format!("member/{name}"), "RING-14", "falsy-value", comment, only(&format!(r#","{member}":{value}"#)), "keyring_time", 0);
    vec![
        bad("key-null-first", "strict-json", "`key` twice, first null", format!(r#"{{"cretula":"keyring-v1","keys":[{{"key":null,"key":"{text}"}}]}}"#)),
        bad("key-empty-first", "strict-json", "`key` twice, first empty", format!(r#"{{"cretula":"keyring-v1","keys":[{{"key":"","key":"{text}"}}]}}"#)),
        bad("key-null-last", "strict-json", "`key` twice, last null", only(r#","key":null"#)),
        bad("key-equal", "strict-json", "`key` twice, equal", only(&format!(r#","key":"{text}""#))),
        bad("time-null-first", "strict-json", "`accept_until` twice, first null", only(r#","accept_until":null,"accept_until":5"#)),
        bad("time-zero-first", "strict-json", "`seal_from` twice, first 0", only(r#","seal_from":0,"seal_from":5"#)),
        bad("keys-null-first", "strict-json", "`keys` twice, first null", only("").replacen("\"keys\"", "\"keys\":null,\"keys\"", 1)),
        bad("keys-empty-first", "strict-json", "`keys` twice, first empty", only("").replacen("\"keys\"", "\"keys\":[],\"keys\"", 1)),
        bad("marker-null-first", "strict-json", "`cretula` twice, first null", only("").replacen("\"cretula\"", "\"cretula\":null,\"cretula\"", 1)),
        bad("keys-empty-object", "list-or-object", "keys is an empty object, which some languages take for an empty array", marked("{}")),
        bad("keys-object-of-digits", "list-or-object", "keys is an object with names of digits", marked(&format!(r#"{{"0":{{"key":"{text}"}}}}"#))),
        bad("keys-false", "falsy-value", "keys is false", marked("false")),
        bad("keys-zero", "falsy-value", "keys is 0", marked("0")),
        bad("keys-empty-text", "falsy-value", "keys is an empty string", marked("\"\"")),
        bad("keys-list-of-texts", "strict-json", "keys is the list form in a string", marked(&format!("[\"{text}\"]"))),
        bad("key-array", "list-or-object", "a key in an array", document(&format!("[\"{text}\"]"))),
        bad("key-bytes", "list-or-object", "a key as an array of bytes", document(&format!("[{}]", key(1).iter().map(u8::to_string).collect::<Vec<_>>().join(",")))),
        bad("name-nul-last", "trimmed-text", "a name that is longer by a zero character: cut there, it would be `key`", named("key\\u0000")),
        bad("name-nul-and-more", "trimmed-text", "a name that goes on behind a zero character", named("key\\u0000x")),
        bad("name-space-last", "trimmed-text", "a name with a space at its end", named("key ")),
        bad("name-line-feed-last", "trimmed-text", "a name with a line feed at its end", named("key\\n")),
        bad("name-bom-first", "trimmed-text", "a name that begins with a byte order mark", named("\u{feff}key")),
        bad("name-prefix", "loose-comparison", "a name that begins with `key`", named("key1")),
        bad("name-case", "loose-comparison", "a name in another case alone", named("Key")),
        bad("name-kelvin", "loose-comparison", "the Kelvin sign, which folds to k", named("\u{212a}ey")),
        bad("name-long-s", "loose-comparison", "a long s, which folds to s", only(r#","ſeal_from":5"#)),
        bad("name-marker-nul", "trimmed-text", "`cretula` and a zero character", only("").replacen("\"cretula\"", "\"cretula\\u0000\"", 1)),
        bad("name-keys-case", "loose-comparison", "`keys` in another case", only("").replacen("\"keys\"", "\"KEYS\"", 1)),
        bad("name-nul-first", "strict-json", "a name that begins with a zero character, beside a good entry", only(r#","\u0000key":1"#)),
        time("time-empty-text", "accept_until", "\"\"", "an empty string is no absent time"),
        time("time-text-zero", "accept_until", "\"0\"", "the string \"0\" is no time"),
        time("from-null", "seal_from", "null", "null is no absent time"),
        time("from-false", "seal_from", "false", "false is not 0"),
        time("from-empty-text", "seal_from", "\"\"", "an empty string is not 0"),
        time("from-text-zero", "seal_from", "\"0\"", "the string \"0\" is not 0"),
        time("from-true", "seal_from", "true", "true is not 1"),
    ]
}

#[rustfmt::skip] // one case a line
fn markers() -> Vec<Vector> {
    let marker = |name: &str, flag, comment, value: &str| format(&format!("member/marker-{name}"), flag, comment, only("").replacen("\"keyring-v1\"", value, 1));
    vec![
        marker("longer", "loose-comparison", "the marker is compared whole, not by its beginning", "\"keyring-v10\""),
        marker("version", "loose-comparison", "a version of two parts", "\"keyring-v1.0\""),
        marker("shorter", "loose-comparison", "a beginning of the marker", "\"keyring-v\""),
        marker("empty", "falsy-value", "an empty marker", "\"\""),
        marker("upper", "loose-comparison", "the marker in capitals", "\"KEYRING-V1\""),
        marker("wide", "loose-comparison", "a full-width digit", "\"keyring-v\u{ff11}\""),
        marker("space-last", "trimmed-text", "a space at the end", "\"keyring-v1 \""),
        marker("space-first", "trimmed-text", "a space at the beginning", "\" keyring-v1\""),
        marker("line-feed-last", "trimmed-text", "a line feed at the end", "\"keyring-v1\\n\""),
        marker("nul-last", "trimmed-text", "a zero character at the end", "\"keyring-v1\\u0000\""),
        marker("true", "loose-comparison", "true, which some languages hold equal to every string", "true"),
        marker("zero", "loose-comparison", "0, which some languages hold equal to a string without digits", "0"),
        marker("null", "falsy-value", "null", "null"),
        marker("array", "list-or-object", "the marker in an array", "[\"keyring-v1\"]"),
    ]
}

/// White space that JSON, or the list form, does not have.
#[rustfmt::skip] // one case a line
fn space() -> Vec<Vector> {
    let text = key_text(&key(1));
    let spaces = [("vertical-tab", "\u{b}"), ("unit-separator", "\u{1f}"), ("nul", "\u{0}"), ("next-line", "\u{85}"), ("no-break-space", "\u{a0}"), ("line-separator", "\u{2028}"), ("ideographic-space", "\u{3000}"), ("bom", "\u{feff}")];
    let mut vectors = Vec::new();
    for (name, space) in spaces {
        vectors.extend([
            entry(&format!("trim/document-{name}"), "RING-15", "trimmed-text", "in front of a document: it begins no document, so this is a list", format!("{space}{}", only("")), "key_format", 0),
            format(&format!("trim/inside-{name}"), "trimmed-text", "between two members", only("").replacen("\",\"keys", &format!("\",{space}\"keys"), 1)),
            entry(&format!("trim/list-before-{name}"), "RING-11", "trimmed-text", "in front of a key", format!("{space}{text}"), "key_format", 0),
            entry(&format!("trim/list-after-{name}"), "RING-11", "trimmed-text", "behind a key", format!("{text}{space}"), "key_format", 0),
        ]);
        if name != "nul" {
            vectors.push(format(&format!("trim/behind-{name}"), "trimmed-text", "behind a document", format!("{}{space}", only(""))));
        }
    }
    vectors.extend([
        format("trim/inside-form-feed", "trimmed-text", "a form feed is white space of lists, not of JSON", only("").replacen("\",\"keys", "\",\u{c}\"keys", 1)),
        format("trim/behind-form-feed", "trimmed-text", "a form feed behind a document", format!("{}\u{c}", only(""))),
    ]);
    vectors
}

/// Key texts inside documents: nothing is trimmed there.
#[rustfmt::skip] // one case a line
fn trimmed() -> Vec<Vector> {
    let text = key_text(&key(1));
    let cases = [
        ("line-feed", format!("{text}\\n"), "a line feed behind the key text"),
        ("crlf", format!("{text}\\r\\n"), "a line break behind the key text"),
        ("line-feed-first", format!("\\n{text}"), "a line feed before the key text"),
        ("space", format!("{text} "), "a space behind the key text"),
        ("space-first", format!(" {text}"), "a space before the key text"),
        ("comma", format!("{text},"), "a separator of the list form behind the key text"),
        ("two", format!("{text},{}", key_text(&key(2))), "two key texts"),
        ("nul", format!("{text}\\u0000"), "a zero character behind the key text"),
        ("nul-and-more", format!("{text}\\u0000x"), "a key text that goes on behind a zero character"),
        ("vertical-tab", format!("{text}\\u000b"), "a vertical tab behind the key text"),
        ("no-break-space", format!("{text}\u{a0}"), "a no-break space behind the key text"),
        ("bom-first", format!("\u{feff}{text}"), "a byte order mark before the key text"),
    ];
    cases.map(|(name, text, comment)| entry(&format!("trim/key-{name}"), "KEY-05", "trimmed-text", comment, document(&format!("\"{text}\"")), "key_format", 0)).into()
}

/// What is no key text and no document, though it could be taken for one.
#[rustfmt::skip] // one case a line
fn raw() -> Vec<Vector> {
    let [a, b] = [1, 2].map(|number| key_text(&key(number)));
    let bytes = String::from_utf8(key(2)).expect("ASCII");
    let bad = |name: &str, spec, comment, text: String, at| entry(&format!("raw/{name}"), spec, "key-text", comment, text, "key_format", at);
    vec![
        bad("list-32-octets", "RING-11", "an item of 32 octets is no raw key", bytes.clone(), 0),
        bad("list-32-octets-second", "RING-11", "the same as the second item", format!("{a},{bytes}"), 1),
        bad("list-64-digits", "RING-11", "64 digits are no key", format!("{a},{}", hex(&key(2))), 1),
        bad("list-base64", "RING-11", "a key in base64", format!("{a} Y3JldHVsYS10ZXN0LWtleS1udW1iZXItMDIuLi4uLi4="), 1),
        bad("document-32-octets", "RING-12", "32 octets in a document are no raw key", document(&format!("\"{bytes}\"")), 0),
        bad("document-64-digits", "RING-12", "64 digits in a document are no key", document(&format!("\"{}\"", hex(&key(2)))), 0),
        bad("brace-later-line", "RING-15", "a brace that begins a later line begins no document", format!("{a}\n{{"), 1),
        bad("document-later-line", "RING-15", "a document on the second line of a list is an item of it", format!("{a}\n{}", only("").replacen(&a, &b, 1)), 1),
        bad("document-after-comma", "RING-15", "a comma is no white space: this is a list", format!(",{}", only("")), 0),
        bad("comment-line", "RING-11", "a line of comment in a list", format!("# keys\n{a}"), 0),
        bad("equals-sign", "RING-11", "a variable's name before the key", format!("CRETULA_KEYS={a}"), 0),
        read("raw/document-after-lines", &["RING-15"], "valid-json", "a document behind empty lines", format!("\r\n\t \n{}", only("")), &one()),
    ]
}

/// Keys that are almost equal, and checksums that some languages hold equal.
#[rustfmt::skip] // one case a line
fn keys() -> Vec<Vector> {
    let pair = |name: &str, comment, first: &[(usize, u8)], second: &[(usize, u8)]| {
        let entries = [first, second].map(|changes| {
            let mut key = key(1);
            changes.iter().for_each(|(at, byte)| key[*at] = *byte);
            Entry { key, ..Entry::new(1) }
        });
        let texts: Vec<_> = entries.iter().map(|entry| key_text(&entry.key)).collect();
        read(&format!("differ/{name}"), &["RING-02"], "loose-comparison", comment, texts.join(","), &entries)
    };
    // A key whose checksum some languages read as a number, 0 times a power of 10.
    let is_zero = |text: &str| text[78..].strip_prefix("0e").is_some_and(|rest| rest.bytes().all(|octet| octet.is_ascii_digit()));
    let numeric = (0..).map(|number| key_text(&key_of(number))).find(|text| is_zero(text)).expect("one of a few thousand");
    let other = format!("{}0e{}", &numeric[..78], if numeric.ends_with("0e000000") { "000001" } else { "000000" });
    vec![
        pair("last-byte", "two keys that differ in the last byte", &[], &[(31, 0)]),
        pair("byte-16", "two keys that differ in the first byte that test keys may choose", &[], &[(16, 0)]),
        pair("case", "two keys whose bytes are one text in two cases", &[], &[(17, b'N')]),
        pair("space", "two keys whose bytes are one text if white space at the end is taken off", &[(31, b' ')], &[(31, b'\n')]),
        pair("nul", "two keys that are equal up to a zero byte", &[(20, 0)], &[(20, 0), (31, 1)]),
        pair("bit-7", "two keys that differ in the highest bit of a byte", &[(30, 0x61)], &[(30, 0xE1)]),
        pair("not-utf-8", "two keys that are one text if what is not UTF-8 is replaced", &[(30, 0xFE)], &[(30, 0xFF)]),
        vector("key-text/loose-checksum", &["KEY-06"], &["loose-comparison"], "two checksums that are one number, 0e… being 0", "key_text", [("test_keys", true.into()), ("text", other.clone().into())], Outcome::Error("key_checksum")),
        entry("differ/checksum", "RING-04", "loose-comparison", "the same as an item of a list", format!("{},{other}", key_text(&key(1))), "key_checksum", 1),
    ]
}

/// Rings of 1 000 keys, the number that none may refuse.
#[rustfmt::skip] // one case a line
fn many() -> Vec<Vector> {
    let entries: Vec<_> = (0..1000).map(|number| Entry { key: key_of(number), ..Entry::new(1) }).collect();
    let texts: Vec<_> = entries.iter().map(|entry| key_text(&entry.key)).collect();
    let mut last = entries.clone();
    last[999].seal_from = Some(1_790_000_000);
    let select = object([("seals", 999.into()), ("accepted", (0..1000).collect::<Vec<u64>>().into())]);
    vec![
        read("many/list", &["RING-10", "RING-11"], "many-keys", "a list of 1 000 keys", texts.join("\n"), &entries),
        entry("many/duplicate", "RING-02", "many-keys", "the first key again, behind 999 others", format!("{},{}", texts[..1000].join(","), texts[0]), "key_duplicate", 1000),
        vector("select/many", &["RING-07", "RING-10"], &["many-keys"], "the last of 1 000 keys seals", "select", [("keyring", ring_json(&last)), ("now", 1_790_000_000.into())], Outcome::Result(select)),
    ]
}

/// Times beyond 32 bits, in documents, when a key is chosen, and in warnings.
#[rustfmt::skip] // one case a line
fn wide() -> Vec<Vector> {
    let now = 1_790_000_000;
    let times = |name: &str, comment, times: &str, entry: Entry| read(&format!("json/time-{name}"), &["RING-14", "RING-05"], "wide-time", comment, only(times), &[entry]);
    let select = |name: &str, comment, ring: Vec<Entry>, now: u64, seals: u64, accepted: &[u64]| {
        let result = object([("seals", seals.into()), ("accepted", accepted.to_vec().into())]);
        vector(&format!("select/wide-{name}"), &["RING-07", "RING-08"], &["wide-time"], comment, "select", [("keyring", ring_json(&ring)), ("now", Json::from(now))], Outcome::Result(result))
    };
    let quiet = |name: &str, comment, ring: Vec<Entry>| {
        let inputs = [("keyring", ring_json(&ring)), ("now", now.into()), ("longest_ttl", 3600.into()), ("reload_grace", 300.into()), ("leeway", 60.into())];
        vector(&format!("warn/successor/{name}"), &["RING-18"], &["rotation-warning"], comment, "warn", inputs, Outcome::Result(object([("warnings", Json::List(Vec::new()))])))
    };
    let low = (1 << 32) + 5;
    let ended = [Entry::new(1).until(now)];
    vec![
        times("31-bits", "2^31 + 5, negative as a signed 32-bit number", r#","accept_until":2147483653"#, Entry::new(1).until((1 << 31) + 5)),
        times("32-bits", "2^32 + 5, cut to 32 bits 5", r#","seal_from":6,"accept_until":4294967301"#, Entry::new(1).from(6).until(low)),
        times("milliseconds", "milliseconds are in range", r#","accept_until":1790000000000"#, Entry::new(1).until(1_790_000_000_000)),
        select("accept-until-32-bits", "an end beyond 2^31, negative as a signed 32-bit number", vec![Entry::new(1).until((1 << 31) + 5)], now, 0, &[0]),
        select("accept-until-33-bits", "an end beyond 2^32, past if cut to 32 bits", vec![Entry::new(1).until(low)], now, 0, &[0]),
        select("accept-until-47-bits", "an end beyond 2^47", vec![Entry::new(1).until((1 << 47) + 5)], now, 0, &[0]),
        select("seal-from-33-bits", "a start beyond 2^32, past if cut to 32 bits", vec![Entry::new(1), Entry::new(2).from(low)], now, 0, &[0, 1]),
        select("seal-from-order", "two starts that come in the other order if cut to 32 bits", vec![Entry::new(1).from(1 << 31), Entry::new(2).from(low)], low, 1, &[0, 1]),
        select("now-33-bits", "a clock beyond 2^32: a key that ended before does not seal, a later one does", vec![Entry::new(1).until(now), Entry::new(2).from(now)], low, 1, &[1]),
        vector("select/wide-ended", &["RING-07", "RING-09"], &["wide-time"], "a clock beyond 2^32, and a key that ended before", "select", [("keyring", ring_json(&ended)), ("now", low.into())], Outcome::Error("no_sealing_key")),
        vector("accept/wide-ended", &["RING-08"], &["wide-time"], "the same: it is not accepted", "accept", [("keyring", ring_json(&ended)), ("now", low.into())], Outcome::Result(object([("accepted", Vec::<u64>::new().into())]))),
        vector("accept/wide-last", &["RING-08"], &["wide-time"], "a key that ends in the last second that there is", "accept", [("keyring", ring_json(&[Entry::new(1).until(END - 1)])), ("now", (END - 2).into())], Outcome::Result(object([("accepted", vec![0_u64].into())]))),
        quiet("equal-in-force", "a key with an equal seal_from is no successor, though the first ends soon", vec![Entry::new(1).from(now - 10).until(now + 100), Entry::new(2).from(now - 10)]),
        quiet("equal-ahead", "nor is one whose equal seal_from is to come", vec![Entry::new(1), Entry::new(2).from(now + 10_000).until(now + 10_100), Entry::new(3).from(now + 10_000)]),
        quiet("next-in-list", "nor is the next of the list, if it began before", vec![Entry::new(1).from(now - 10).until(now + 100), Entry::new(2).from(now - 20)]),
    ]
}
