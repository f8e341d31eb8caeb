//! Sessions that a lax reader opens and values that a hasty one takes for nothing, for numbers or for equal.

use super::{
    IDLE, Made, START,
    action::{
        Action, flash, reauth_within, reauthenticate, set_data, sign_on, sign_on_keep, sign_on_since, take_flash,
    },
    guest,
    opening::Case,
    turns::{Run, Turn},
    user,
};
use crate::vector::{Entry, Vector};

pub(super) fn vectors() -> Vec<Vector> {
    let opened = [texts(), strings(), numbers(), values()].concat().into_iter().map(Case::vector);
    let run = [stored(), changed(), kept(), proofs(), seals()].into_iter().flatten().map(Run::vector);
    opened.chain(run).collect()
}

fn bad(id: &'static str, flag: &'static [&'static str], comment: &'static str, payload: impl Into<Vec<u8>>) -> Case {
    let case = Case::new(id, &["SESS-01", "SESS-08"], comment, "");
    Case { made: Made::new(payload), expect: Err("payload_invalid"), flags: flag, ..case }
}

fn good(id: &'static str, flag: &'static [&'static str], comment: &'static str, payload: &str) -> Case {
    Case { flags: flag, ..Case::new(id, &["SESS-01", "SESS-05"], comment, payload) }
}

#[rustfmt::skip] // one case a line
fn texts() -> Vec<Case> {
    let base = user(&[]);
    // Octets inside `sub`, at the place of a mark.
    let utf8 = |id, comment, octets: &[u8]| {
        let (before, after) = base.split_once("ada").expect("the user");
        bad(id, &["not-utf-8"], comment, [before.as_bytes(), octets, after.as_bytes()].concat())
    };
    let elsewhere = |id, comment, name: &str, value: &str, octets: &[u8]| {
        let text = guest(&[(name, value)]);
        let (before, after) = text.split_once('@').expect("the mark");
        bad(id, &["not-utf-8"], comment, [before.as_bytes(), octets, after.as_bytes()].concat())
    };
    let structure = |id, comment, from: &str, to: &str| {
        let text = base.replacen(from, to, 1);
        assert_ne!(text, base, "{id}");
        bad(id, &["strict-json"], comment, text)
    };
    let behind = |id, comment, text: &str| bad(id, &["trimmed-text"], comment, format!("{base}{text}"));
    let before = |id, comment, text: &str| bad(id, &["trimmed-text"], comment, format!("{text}{base}"));
    let inside = |id, comment, text: &str| bad(id, &["trimmed-text"], comment, base.replacen(",\"rev", &format!(",{text}\"rev"), 1));
    vec![
        utf8("json/utf-8-continuation", "a continuation octet alone", &[b'a', 0x80]),
        utf8("json/utf-8-lead", "a first octet without its continuation", &[0xC3, b'a']),
        utf8("json/utf-8-lead-last", "a first octet before the closing quotation mark", &[b'a', 0xC3]),
        utf8("json/utf-8-cut", "three octets, of which the last is missing", &[0xE2, 0x82, b'a']),
        utf8("json/utf-8-overlong-3", "a letter in three octets", &[0xE0, 0x81, 0xA1]),
        utf8("json/utf-8-overlong-4", "a letter in four octets", &[0xF0, 0x80, 0x81, 0xA1]),
        utf8("json/utf-8-overlong-zero", "U+0000 in two octets", &[0xC0, 0x80]),
        utf8("json/utf-8-surrogate-low", "a low surrogate in three octets", &[0xED, 0xBF, 0xBF]),
        utf8("json/utf-8-surrogate-pair", "a pair of surrogates in six octets, as CESU-8 has it", &[0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80]),
        utf8("json/utf-8-beyond-10ffff", "U+110000", &[0xF4, 0x90, 0x80, 0x80]),
        utf8("json/utf-8-five-octets", "a character in five octets", &[0xF8, 0x88, 0x80, 0x80, 0x80]),
        elsewhere("json/utf-8-data", "octets that are no UTF-8 in a value of data", "data", "{\"a\":[{\"b\":\"@\"}]}", &[0xFF]),
        elsewhere("json/utf-8-data-name", "octets that are no UTF-8 in a name of data", "data", "{\"a\":{\"@\":1}}", &[0xC1, 0xA1]),
        elsewhere("json/utf-8-flash", "octets that are no UTF-8 in a message", "flash", "{\"notice\":[\"@\"]}", &[0xED, 0xA0, 0x80]),
        elsewhere("json/utf-8-flash-name", "octets that are no UTF-8 in the name of messages", "flash", "{\"@\":[1]}", &[0xE9]),
        bad("json/utf-8-member-name", &["not-utf-8"], "an octet that UTF-8 does not have in a name: skipped, it would be `rev`", [base.split_once("\"rev").map(|(before, _)| before).expect("rev").as_bytes(), b"\"re\xFFv", base.split_once("\"rev").map(|(_, after)| after).expect("rev").as_bytes()].concat()),
        structure("json/no-comma", "no comma between two members", ",\"rev", " \"rev"),
        structure("json/two-commas", "two commas between two members", ",\"rev", ",,\"rev"),
        structure("json/comma-first", "a comma before the first member", "{\"sid", "{,\"sid"),
        structure("json/comma-first-item", "a comma before the first item", "[17", "[,17"),
        structure("json/comma-last-item", "a comma after the last item", "4]", "4,]"),
        structure("json/no-value", "a name without a value", "\"rev\":1", "\"rev\":"),
        structure("json/no-colon", "no colon after a name", "\"rev\":", "\"rev\" "),
        structure("json/semicolon", "a semicolon between two members", ",\"rev", ";\"rev"),
        structure("json/name-bare", "a name without quotation marks", "\"rev\"", "rev"),
        structure("json/name-number", "a number as a name", "\"basket\"", "1"),
        structure("json/bracket-mixed", "an array that ends with a brace", "4]}}", "4}}}"),
        structure("json/brace-more", "a brace more", "]}}", "]}}}"),
        structure("json/comment", "a comment behind a comma", ",\"rev", ",//x\n\"rev"),
        structure("json/sid-null-first", "`sid` twice, first null", "{\"sid\"", "{\"sid\":null,\"sid\""),
        structure("json/rev-twice", "`rev` twice", "\"rev\"", "\"rev\":1,\"rev\""),
        structure("json/rev-zero-first", "`rev` twice, first 0", "\"rev\"", "\"rev\":0,\"rev\""),
        structure("json/sub-empty-first", "`sub` twice, first empty", "\"sub\"", "\"sub\":\"\",\"sub\""),
        structure("json/data-empty-first", "`data` twice, first empty", "\"data\"", "\"data\":{},\"data\""),
        structure("json/rev-twice-escaped", "`rev` twice, once with an escape", "\"rev\"", "\"r\\u0065v\":1,\"rev\""),
        structure("json/flash-null-first", "`flash` twice, first null", "\"data\"", "\"flash\":null,\"flash\":{},\"data\""),
        behind("json/behind-nul-and-text", "a zero character and more behind the text", "\u{0}x"),
        behind("json/behind-vertical-tab", "a vertical tab behind the text", "\u{b}"),
        behind("json/behind-next-line", "a next line behind the text", "\u{85}"),
        behind("json/behind-bom", "a byte order mark behind the text", "\u{feff}"),
        before("json/before-vertical-tab", "a vertical tab before the text", "\u{b}"),
        before("json/before-nul", "a zero character before the text", "\u{0}"),
        before("json/before-no-break-space", "a no-break space before the text", "\u{a0}"),
        before("json/before-two-boms", "two byte order marks before the text", "\u{feff}\u{feff}"),
        inside("json/inside-vertical-tab", "a vertical tab between two members", "\u{b}"),
        inside("json/inside-form-feed", "a form feed between two members", "\u{c}"),
        inside("json/inside-no-break-space", "a no-break space between two members", "\u{a0}"),
        inside("json/inside-bom", "a byte order mark between two members", "\u{feff}"),
        inside("json/inside-nul", "a zero character between two members", "\u{0}"),
    ]
}

#[rustfmt::skip] // one case a line
fn strings() -> Vec<Case> {
    let sub = |id, comment, text: &str| bad(id, &["strict-json"], comment, user(&[("sub", &format!("\"a{text}\""))]));
    let data = |id, comment, data: &str| bad(id, &["strict-json"], comment, guest(&[("data", data)]));
    let ok = |id, comment, data: &str| good(id, &["valid-json"], comment, &guest(&[("data", data)]));
    vec![
        sub("json/surrogate-and-letter", "a high surrogate, then an escape that is no low one: no character U+10041", "\\ud800\\u0041"),
        sub("json/surrogate-alone", "a high surrogate at the end", "\\ud800"),
        sub("json/surrogate-low", "a low surrogate", "\\udc00"),
        sub("json/surrogate-two-high", "two high surrogates", "\\ud800\\ud800"),
        sub("json/surrogate-and-character", "a high surrogate, then a letter", "\\ud83dx"),
        sub("json/surrogate-swapped", "a pair in the wrong order", "\\ude00\\ud83d"),
        data("json/surrogate-data", "an unpaired surrogate in data", "{\"a\":[\"\\ud800\\u0041\"]}"),
        data("json/surrogate-data-name", "an unpaired surrogate in a name of data", "{\"\\udfff\":1}"),
        sub("json/raw-nul", "a raw zero character", "\u{0}"),
        sub("json/raw-tab", "a raw tab", "\t"),
        sub("json/raw-carriage-return", "a raw carriage return", "\r"),
        sub("json/raw-1f", "the last control character, raw", "\u{1f}"),
        data("json/raw-tab-data", "a raw tab in data", "{\"a\":\"\t\"}"),
        data("json/raw-line-feed-name", "a raw line feed in a name of data", "{\"a\n\":1}"),
        sub("json/escape-octal", "an octal escape", "\\143"),
        sub("json/escape-letter", "a backslash before a letter that needs none", "\\c"),
        sub("json/escape-quote", "an escaped single quotation mark", "\\'"),
        sub("json/escape-zero", "the escape of a zero character, as C has it", "\\0"),
        sub("json/escape-vertical-tab", "the escape of a vertical tab, which JSON does not have", "\\v"),
        sub("json/escape-upper-u", "an escape with a capital U", "\\U0063"),
        sub("json/escape-short", "a number of two digits", "\\u63"),
        sub("json/escape-braces", "a number in braces", "\\u{63}"),
        sub("json/escape-plus", "a plus sign among the four digits, which integer parsers take", "\\u+063"),
        sub("json/escape-space", "a space among the four digits", "\\u 063"),
        sub("json/escape-not-hex", "a letter that is no digit", "\\u006g"),
        sub("json/escape-line-feed", "a backslash before a line feed", "\\\n"),
        data("json/escape-data", "an escape that JSON does not have, in data", "{\"a\":\"\\x61\"}"),
        ok("json/delete", "the character 7F, raw", "{\"a\u{7f}\":\"\u{7f}\"}"),
        ok("json/raw-separators", "line and paragraph separators, and control characters beyond ASCII, raw", "{\"a\":\"\u{2028}\u{2029}\u{80}\u{9f}\"}"),
        ok("json/raw-noncharacters", "characters that Unicode assigns to nothing, raw", "{\"a\":\"\u{fdd0}\u{fffe}\u{ffff}\u{10ffff}\"}"),
        ok("json/raw-bom", "byte order marks inside strings", "{\"\u{feff}\":\"\u{feff}\"}"),
        ok("json/escape-capitals", "capital digits of escapes, names with escapes", "{\"\\u005F\\u00E9\":\"\\u005F\\uD83D\\uDE00\\u00FF\"}"),
        ok("json/escape-every", "every short escape", "{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"}"),
        ok("json/decomposed", "a letter and its accent are not composed", "{\"e\u{301}\":\"e\u{301}\",\"\u{e9}\":1}"),
    ]
}

#[rustfmt::skip] // one case a line
fn numbers() -> Vec<Case> {
    let number = |id, comment, text: &str| bad(id, &["strict-json"], comment, user(&[("gen", text)]));
    let word = |id, comment, text: &str| bad(id, &["strict-json"], comment, guest(&[("data", &format!("{{\"a\":{text}}}"))]));
    let ok = |id, comment, text: &str| Case { spec: &["SESS-02"], ..good(id, &["valid-json"], comment, &user(&[("gen", text)])) };
    let wrong = |id, comment, text: &str| Case { spec: &["SESS-02"], ..bad(id, &["unsafe-integer"], comment, user(&[("gen", text)])) };
    let zeros = |count| "0".repeat(count);
    vec![
        number("json/number-no-exponent", "an exponent without digits", "7e"),
        number("json/number-no-exponent-sign", "an exponent of a sign alone", "7e-"),
        number("json/number-exponent-point", "a fraction as an exponent", "7e0.0"),
        number("json/number-point-exponent", "no digit between point and exponent", "7.e0"),
        number("json/number-point-first", "no digit before the point", ".7e1"),
        number("json/number-two-points", "two points", "7.0.0"),
        number("json/number-two-signs", "two signs", "--7"),
        number("json/number-minus", "a minus sign alone", "-"),
        number("json/number-zeros", "two zeros", "00"),
        number("json/number-minus-leading-zero", "a leading zero after the sign", "-00"),
        number("json/number-separator", "an underscore between digits", "7_0"),
        number("json/number-space", "a space between digits", "7 0"),
        number("json/number-suffix", "a letter after the digits", "7n"),
        number("json/number-octal", "an octal number", "0o7"),
        number("json/number-wide-digit", "a full-width digit", "\u{ff17}"),
        word("json/word-nulx", "almost null", "nulx"),
        word("json/word-null-long", "null, and a letter more", "nulls"),
        word("json/word-true-upper", "true in capitals", "TRUE"),
        word("json/word-true-cut", "true without its last letter", "tru"),
        word("json/word-false-long", "false, and a digit more", "false0"),
        word("json/word-none", "a word of Python", "None"),
        word("json/word-undefined", "a word of JavaScript", "undefined"),
        word("json/word-no-exponent", "an exponent without digits, in data", "1e"),
        word("json/word-leading-zero", "a leading zero, in data", "01"),
        word("json/word-plus", "a plus sign, in data", "+1"),
        word("json/word-point-last", "a number that ends with its point, in data", "1."),
        word("json/word-point-first", "a number that begins with its point, in data", ".5"),
        word("json/word-hex", "a hexadecimal number, in data", "0x1"),
        ok("json/number-long-fraction", "a thousand zeros behind the point", &format!("7.{}", zeros(1000))),
        ok("json/number-long-mantissa", "a 7 and four hundred zeros, brought back by the exponent", &format!("7{}e-400", zeros(400))),
        ok("json/number-long-fraction-exponent", "four hundred zeros behind the point, brought back by the exponent", &format!("0.{}7e401", zeros(400))),
        ok("json/number-exponent-zeros", "leading zeros of the exponent", &format!("70e-{}1", zeros(40))),
        ok("json/number-exponent-huge-zero", "0, whatever the exponent", "0e99999999999999999999"),
        ok("json/number-exponent-tiny", "an exponent beyond every integer type: 0 as a binary64 number", "7e-99999999999999999999"),
        ok("json/number-tie", "half between two binary64 numbers: rounded to the even one", "4503599627370496.5000000000000000000000000000000"),
        wrong("json/number-exponent-huge", "an exponent beyond every integer type", "7e99999999999999999999"),
        wrong("json/number-exponent-32-bits", "an exponent that is 0 if cut to 32 bits", "7e4294967296"),
        wrong("json/number-400-digits", "an integer of four hundred digits", &"7".repeat(400)),
        wrong("json/number-53-bits", "cut to 53 bits it would be 7", "9007199254740999"),
    ]
}

/// Values that some languages hold to be nothing.
#[rustfmt::skip] // one case a line
fn values() -> Vec<Case> {
    let member = |id, comment, changes: &[(&str, &str)]| bad(id, &["falsy-value"], comment, user(changes));
    let listed = |id, comment, changes: &[(&str, &str)]| bad(id, &["list-or-object"], comment, user(changes));
    let ok = |id, comment, changes: &[(&str, &str)]| good(id, &["falsy-value"], comment, &user(changes));
    let data = |id, comment, data: &str| good(id, &["list-or-object"], comment, &guest(&[("data", data)]));
    let zero = guest(&[("start", "0"), ("end", "86400")]);
    let at_zero = |id, comment, payload: String, now| Case { now, made: Made { issued_at: 0, ..Made::new(payload) }, flags: &["falsy-value"], ..Case::new(id, &["SESS-01", "SESS-08"], comment, "") };
    vec![
        member("falsy/user-null", "sub, gen and auth_time all null: no guest", &[("sub", "null"), ("gen", "null"), ("auth_time", "null")]),
        member("falsy/user-false", "sub, gen and auth_time all false", &[("sub", "false"), ("gen", "false"), ("auth_time", "false")]),
        member("falsy/user-empty", "an empty sub, gen and auth_time 0: no guest", &[("sub", "\"\""), ("gen", "0"), ("auth_time", "0")]),
        member("falsy/sub-zero-number", "the number 0 as sub", &[("sub", "0")]),
        member("falsy/sub-alone-empty", "an empty sub alone", &[("sub", "\"\""), ("gen", ""), ("auth_time", "")]),
        member("falsy/gen-alone-zero", "gen 0 alone", &[("sub", ""), ("gen", "0"), ("auth_time", "")]),
        member("falsy/auth-time-alone-zero", "auth_time 0 alone", &[("sub", ""), ("gen", ""), ("auth_time", "0")]),
        member("falsy/gen-empty", "an empty string as gen", &[("gen", "\"\"")]),
        member("falsy/auth-time-empty", "an empty string as auth_time", &[("auth_time", "\"\"")]),
        member("falsy/auth-time-false", "false as auth_time", &[("auth_time", "false")]),
        member("falsy/data-false", "false as data", &[("data", "false")]),
        member("falsy/data-zero", "0 as data", &[("data", "0")]),
        member("falsy/data-empty-text", "an empty string as data", &[("data", "\"\"")]),
        member("falsy/flash-false", "false as flash", &[("flash", "false")]),
        member("falsy/flash-zero", "0 as flash", &[("flash", "0")]),
        member("falsy/flash-messages-false", "false in the place of an array of messages", &[("flash", "{\"notice\":false}")]),
        member("falsy/flash-messages-zero", "0 in the place of an array of messages", &[("flash", "{\"notice\":0}")]),
        member("falsy/flash-messages-empty", "an empty string in the place of an array of messages", &[("flash", "{\"notice\":\"\"}")]),
        member("falsy/flash-messages-object", "an empty object in the place of an array of messages", &[("flash", "{\"notice\":{}}")]),
        member("falsy/start-false", "false as start", &[("start", "false")]),
        member("falsy/start-empty", "an empty string as start", &[("start", "\"\"")]),
        member("falsy/unknown-empty", "an unknown member with an empty name", &[("", "0"), ("data", "")]),
        listed("falsy/data-list", "a list of one item as data", &[("data", "[1]")]),
        listed("falsy/data-list-of-object", "a list of one object as data", &[("data", "[{\"a\":1}]")]),
        listed("falsy/data-list-of-pairs", "a list of pairs as data", &[("data", "[[\"a\",1]]")]),
        ok("falsy/sub-zero", "the digit 0 as sub", &[("sub", "\"0\"")]),
        ok("falsy/sub-false", "the word false as sub", &[("sub", "\"false\"")]),
        ok("falsy/sub-nul", "a zero character as sub", &[("sub", "\"\\u0000\"")]),
        ok("falsy/sub-space", "spaces and a line feed around a sub belong to it", &[("sub", "\" ada\\n\"")]),
        ok("falsy/gen-auth-time-zero", "gen and auth_time 0", &[("gen", "0"), ("auth_time", "0")]),
        ok("falsy/messages", "messages that some languages hold to be nothing", &[("flash", "{\"notice\":[0,false,\"\",null,[],{},\"0\"]}")]),
        ok("falsy/message-null", "one message, which is null", &[("flash", "{\"notice\":[null]}")]),
        ok("falsy/message-name-zero", "messages under the name 0", &[("flash", "{\"0\":[\"x\"]}")]),
        ok("falsy/message-name-empty", "messages under an empty name", &[("flash", "{\"\":[\"x\"]}")]),
        data("falsy/data-name-zero", "a name 0 alone in data: an object, no list", "{\"0\":1}"),
        data("falsy/data-name-zero-inside", "objects with a name 0, at every depth", "{\"a\":{\"0\":{\"0\":[{\"0\":1}]}}}"),
        data("falsy/data-empty-objects", "empty objects and empty arrays stay what they are", "{\"a\":{},\"b\":[],\"c\":[{}],\"d\":{\"e\":[]}}"),
        data("falsy/data-values", "values that some languages hold to be nothing", "{\"a\":0,\"b\":false,\"c\":\"\",\"d\":null,\"e\":\"0\"}"),
        data("falsy/data-numbers-as-text", "strings of digits stay strings", "{\"a\":\"1\",\"b\":\"1e1\",\"c\":\"007\",\"d\":\"9007199254740993\",\"10\":\"10\"}"),
        data("falsy/data-not-trimmed", "white space in names and values stays", "{\" a\":\" \",\"b\\n\":\"\\n\",\"c\\u0000\":\"\\u0000d\"}"),
        at_zero("falsy/start-zero", "a session that began at time 0", zero.clone(), 60),
        at_zero("falsy/start-zero-now-zero", "the same at time 0", zero, 0),
        at_zero("falsy/user-zero", "everything of a user at 0", user(&[("start", "0"), ("end", "86400"), ("sub", "\"0\""), ("gen", "0"), ("auth_time", "0"), ("data", "{\"0\":0}")]), 60),
    ]
}

/// Such values in requests that follow each other.
#[rustfmt::skip] // one case a line
fn stored() -> Vec<Run> {
    let t = START + 60;
    let run = |id, spec, comment, payload, turns| Run { flags: &["falsy-value"], ..Run::new(id, spec, comment, payload, turns) };
    let zero = || Action::SignOn { sub: "0".into(), generation: 0, keep: vec!["0"], auth_time: None };
    let message = |id, comment, message: &'static str| run(id, &["SESS-19"], comment, None, vec![
        Turn(t, "new", vec![flash("notice", message)], t, "seal"),
        Turn(t + 1, "opened", vec![take_flash("notice", &[message])], t + 1, "seal"),
        Turn(t + 2, "opened", vec![take_flash("notice", &[])], t + 2, "nothing"),
    ]);
    vec![
        run("falsy/sub-zero", &["SESS-14"], "a user 0 signs on, with gen 0", None, vec![Turn(t, "new", vec![sign_on("0", 0), reauth_within(1, true)], t, "seal"), Turn(t + 1, "opened", vec![reauth_within(2, true), reauth_within(1, false)], t + 1, "nothing")]),
        run("falsy/sub-zero-reauthenticate", &["SESS-15"], "a user 0 re-authenticates", None, vec![Turn(t, "new", vec![sign_on("0", 0)], t, "seal"), Turn(t + 900, "opened", vec![reauth_within(900, false)], t + 900, "seal")]),
        run("falsy/keep-zero", &["SESS-14"], "the name 0 is kept, and no other", None, vec![Turn(t, "new", vec![set_data("{\"0\":0,\"a\":1,\"\":2,\"00\":3}"), zero()], t, "seal")]),
        run("falsy/auth-time-zero", &["SESS-14", "SESS-20"], "a sign-on that rests on a proof of time 0", None, vec![Turn(t, "new", vec![sign_on_since(0), reauth_within(t, false), reauth_within(t + 1, true), reauth_within(1, false)], t, "seal"), Turn(t + 1, "opened", vec![reauth_within(t + 1, false), reauth_within(t + 2, true)], t + 1, "nothing")]),
        run("falsy/time-zero", &["SESS-11", "SESS-14"], "a sign-on at time 0, in a session that begins at 0", None, vec![Turn(0, "new", vec![sign_on("ada", 7), reauth_within(1, true)], 0, "seal"), Turn(0, "opened", vec![reauth_within(1, true)], 0, "nothing"), Turn(1, "opened", vec![reauth_within(1, false)], 1, "nothing"), Turn(900, "opened", vec![], 900, "seal")]),
        run("falsy/time-zero-guest", &["SESS-11"], "a guest's session that begins at 0", None, vec![Turn(0, "new", vec![set_data("{\"a\":0}")], 0, "seal"), Turn(IDLE - 1, "opened", vec![], IDLE - 1, "seal")]),
        message("falsy/message-zero", "a message that is 0", "0"),
        message("falsy/message-false", "a message that is false", "false"),
        message("falsy/message-empty", "a message that is an empty string", "\"\""),
        message("falsy/message-null", "a message that is null", "null"),
        message("falsy/message-list", "a message that is an empty array", "[]"),
        message("falsy/message-object", "a message that is an empty object", "{}"),
        message("falsy/message-zero-text", "a message that is the digit 0", "\"0\""),
        run("falsy/messages", &["SESS-19"], "all of them, in their order", None, vec![Turn(t, "new", vec![flash("n", "null"), flash("n", "0"), flash("n", "false"), flash("n", "\"\""), flash("n", "null")], t, "seal"), Turn(t + 1, "opened", vec![take_flash("n", &["null", "0", "false", "\"\"", "null"])], t + 1, "seal")]),
        run("falsy/message-name-zero", &["SESS-19"], "messages under the names 0 and 00", None, vec![Turn(t, "new", vec![flash("0", "1"), flash("00", "2")], t, "seal"), Turn(t + 1, "opened", vec![take_flash("0", &["1"])], t + 1, "seal"), Turn(t + 2, "opened", vec![take_flash("0", &[]), take_flash("00", &["2"])], t + 2, "seal")]),
        run("falsy/message-name-empty", &["SESS-19"], "messages under an empty name", None, vec![Turn(t, "new", vec![flash("", "1"), flash("a", "2")], t, "seal"), Turn(t + 1, "opened", vec![take_flash("", &["1"])], t + 1, "seal")]),
        run("falsy/refresh", &["SESS-12"], "a refresh keeps values that some languages hold to be nothing", Some(user(&[("sub", "\"0\""), ("gen", "0"), ("auth_time", "0"), ("data", "{\"0\":null,\"a\":{\"0\":false},\"b\":[0,\"\",\"0\",null,[],{}],\"c\":{}}"), ("flash", "{\"0\":[null,0]}")])), vec![Turn(START + 900, "opened", vec![], START + 900, "seal"), Turn(START + 901, "opened", vec![], START + 901, "nothing")]),
        Run { flags: &["list-or-object"], ..run("falsy/refresh-name-zero", &["SESS-12"], "a refresh keeps an object whose only name is 0", Some(guest(&[("data", "{\"0\":1}")])), vec![Turn(START + 900, "opened", vec![], START + 900, "seal")]) },
        run("falsy/data-all-nothing", &["SESS-11"], "a member that is 0 makes data that is not empty", None, vec![Turn(t, "new", vec![set_data("{\"0\":0}")], t, "seal"), Turn(t + 1, "opened", vec![], t + 1, "nothing")]),
        run("falsy/data-empty-name", &["SESS-11"], "a member with an empty name", None, vec![Turn(t, "new", vec![set_data("{\"\":null}")], t, "seal"), Turn(t + 1, "opened", vec![set_data("{}")], t + 1, "seal")]),
    ]
}

/// Changes that a loose comparison does not see.
#[rustfmt::skip] // one case a line
fn changed() -> Vec<Run> {
    let t = START + 60;
    let seen = |id, comment, before: &str, after: &str| Run { flags: &["loose-comparison", "nested-change"], ..Run::new(id, &["SESS-11"], comment, Some(guest(&[("data", before)])), vec![Turn(t, "opened", vec![set_data(after)], t, "seal")]) };
    let unseen = |id, comment, before: &str, after: &str| Run { flags: &["loose-comparison", "nested-change"], ..Run::new(id, &["SESS-11"], comment, Some(guest(&[("data", before)])), vec![Turn(t, "opened", vec![set_data(after)], t, "nothing")]) };
    vec![
        seen("loose/numbers-as-text", "two strings that are one number", "{\"a\":\"10\"}", "{\"a\":\"1e1\"}"),
        seen("loose/leading-zero", "a string with a leading zero", "{\"a\":\"7\"}", "{\"a\":\"07\"}"),
        seen("loose/space", "a string with a space", "{\"a\":\"7\"}", "{\"a\":\" 7\"}"),
        seen("loose/text-to-number", "a string that becomes a number", "{\"a\":\"7\"}", "{\"a\":7}"),
        seen("loose/false-to-zero", "false that becomes 0", "{\"a\":false}", "{\"a\":0}"),
        seen("loose/null-to-false", "null that becomes false", "{\"a\":null}", "{\"a\":false}"),
        seen("loose/empty-to-null", "an empty string that becomes null", "{\"a\":\"\"}", "{\"a\":null}"),
        seen("loose/zero-to-empty", "0 that becomes an empty string", "{\"a\":0}", "{\"a\":\"\"}"),
        seen("loose/null-to-absent", "a member that is null is dropped", "{\"a\":null,\"b\":1}", "{\"b\":1}"),
        seen("loose/absent-to-null", "a member that is null is added", "{\"b\":1}", "{\"a\":null,\"b\":1}"),
        seen("loose/list-to-object", "an empty array that becomes an empty object", "{\"a\":[]}", "{\"a\":{}}"),
        seen("loose/items-to-object", "an array that becomes an object of its positions", "{\"a\":[1]}", "{\"a\":{\"0\":1}}"),
        seen("loose/null-item", "an item that is null is dropped", "{\"a\":[1,null]}", "{\"a\":[1]}"),
        seen("loose/item-first", "the first item alone changes", "{\"a\":[1,2,3]}", "{\"a\":[0,2,3]}"),
        seen("loose/case", "a letter in another case", "{\"a\":\"Ada\"}", "{\"a\":\"ada\"}"),
        seen("loose/name-case", "a name in another case", "{\"Ada\":1}", "{\"ada\":1}"),
        seen("loose/name-of-digits", "a name with a leading zero", "{\"1\":1}", "{\"01\":1}"),
        seen("loose/composed", "a letter that is composed otherwise", "{\"a\":\"\u{e9}\"}", "{\"a\":\"e\u{301}\"}"),
        seen("loose/nul", "a string that goes on behind a zero character", "{\"a\":\"b\\u0000c\"}", "{\"a\":\"b\\u0000d\"}"),
        seen("loose/line-feed", "a line feed at the end of a string", "{\"a\":\"b\"}", "{\"a\":\"b\\n\"}"),
        seen("loose/great-integers", "the two greatest integers", "{\"a\":9007199254740990}", "{\"a\":9007199254740991}"),
        seen("loose/names-and-values", "names and values that are one text when they are joined", "{\"a\":\"b,c\"}", "{\"a\":\"b\",\"c\":\"\"}"),
        seen("loose/names-exchanged", "two names exchange their values", "{\"a\":1,\"b\":2}", "{\"a\":2,\"b\":1}"),
        unseen("loose/order-of-digits", "names of digits in another order are the same object", "{\"b\":1,\"1\":2,\"0\":3}", "{\"0\":3,\"1\":2,\"b\":1}"),
        unseen("loose/escapes", "the same string with other escapes", "{\"a\":\"\\u00e9/\"}", "{\"\\u0061\":\"\u{e9}\\/\"}"),
        Run { flags: &["loose-comparison"], ..Run::new("loose/flash-names", &["SESS-19"], "messages under two names that are one number", Some(guest(&[("flash", "{\"10\":[1],\"1e1\":[2]}")])), vec![Turn(t, "opened", vec![take_flash("1e1", &["2"])], t, "seal"), Turn(t + 1, "opened", vec![take_flash("10", &["1"])], t + 1, "seal")]) },
    ]
}

/// What a sign-on keeps.
#[rustfmt::skip] // one case a line
fn kept() -> Vec<Run> {
    let t = START + 60;
    let keep = |id, comment, data: &str, keep: &[&'static str]| Run { flags: &["loose-comparison", "falsy-value", "session-fixation"], ..Run::new(id, &["SESS-14"], comment, None, vec![Turn(t, "new", vec![set_data(data), sign_on_keep(keep)], t, "seal")]) };
    vec![
        keep("kept/numbers", "a name that is the same number is another name", "{\"10\":1,\"1e1\":2,\"010\":3}", &["1e1"]),
        keep("kept/zero-and-text", "0 is not every name without digits", "{\"0\":1,\"a\":2}", &["a"]),
        keep("kept/case", "a name in another case is another name", "{\"Basket\":1,\"basket\":2}", &["Basket"]),
        keep("kept/space", "a name with a space is another name", "{\"a\":1,\"a \":2,\"a\\u0000\":3}", &["a "]),
        keep("kept/prefix", "a name that begins so is another name", "{\"basket\":1,\"basket2\":2,\"bask\":3}", &["basket"]),
        // No two that stay: an implementation may write them in the order of `keep` or in that of `data`.
        keep("kept/order-absent-first", "a name that is not there, and the last of data", "{\"a\":1,\"b\":2,\"c\":3}", &["x", "c"]),
        keep("kept/order-last", "names before and behind the one of data", "{\"a\":1,\"b\":2,\"c\":3}", &["z", "b", "aa"]),
        keep("kept/twice", "a name that is given twice", "{\"a\":1,\"b\":2}", &["b", "b"]),
        keep("kept/null", "a member that is null is there", "{\"a\":null,\"b\":2}", &["a"]),
        keep("kept/falsy", "members that some languages hold to be nothing are there", "{\"a\":0,\"b\":\"\",\"c\":false,\"d\":[],\"e\":1}", &["a", "b", "c", "d"]),
        keep("kept/nested", "a name inside another member is none of data", "{\"a\":{\"b\":1},\"c\":2}", &["b"]),
        keep("kept/path", "a name is no path", "{\"a\":{\"b\":1},\"a.b\":2}", &["a.b"]),
    ]
}

/// Sign-on, sign-off and re-authentication in one request: whether the proof is one of now.
#[rustfmt::skip] // one case a line
fn proofs() -> Vec<Run> {
    let t = START + 60;
    let run = |id, comment, actions, wrote| Run { flags: &["stale-proof", "session-fixation"], ..Run::new(id, &["SESS-14", "SESS-16", "SESS-20"], comment, None, vec![Turn(t, "new", actions, t, wrote)]) };
    let earlier = || sign_on_since(t - 300);
    let (old, late) = (|| reauth_within(300, false), || reauth_within(301, true));
    vec![
        run("fresh/sign-on-off-earlier", "a sign-on, a sign-off, then a sign-on that rests on an earlier proof", vec![sign_on("ada", 7), Action::SignOff, earlier(), old(), late()], "seal"),
        run("fresh/sign-on-earlier", "a sign-on, then one that rests on an earlier proof", vec![sign_on("ada", 7), earlier(), old(), late()], "seal"),
        run("fresh/earlier-sign-on", "the other way round", vec![earlier(), sign_on("ada", 7), reauth_within(1, true)], "seal"),
        run("fresh/earlier-off-sign-on", "an earlier proof, a sign-off, then a sign-on", vec![earlier(), Action::SignOff, sign_on("ada", 7), reauth_within(1, true)], "seal"),
        run("fresh/earlier-earlier", "two earlier proofs: the last one counts", vec![sign_on_since(t - 10), earlier(), old(), late()], "seal"),
        run("fresh/sign-on-off", "a sign-on, then a sign-off: nobody is signed on", vec![sign_on("ada", 7), reauth_within(1, true), Action::SignOff, reauth_within(86_400, false)], "expire"),
        run("fresh/off-sign-on", "a sign-off, then a sign-on", vec![Action::SignOff, sign_on("ada", 7), reauth_within(1, true)], "seal"),
        run("fresh/off-earlier", "a sign-off, then a sign-on that rests on an earlier proof", vec![Action::SignOff, earlier(), old(), late()], "seal"),
        run("fresh/reauthenticate-off-earlier", "a re-authentication, a sign-off, then an earlier proof", vec![sign_on("ada", 7), reauthenticate(7), Action::SignOff, earlier(), old(), late()], "seal"),
        run("fresh/earlier-reauthenticate-earlier", "an earlier proof, a re-authentication, an earlier proof", vec![earlier(), reauthenticate(7), reauth_within(1, true), earlier(), old(), late()], "seal"),
        run("fresh/data-off-sign-on", "data and messages before a sign-off are not those of the sign-on after it", vec![set_data("{\"a\":1}"), flash("n", "1"), Action::SignOff, sign_on_keep(&["a"])], "seal"),
        run("fresh/sign-on-off-data", "data of a user is not the guest's after a sign-off", vec![sign_on("ada", 7), set_data("{\"a\":1}"), Action::SignOff, flash("n", "1")], "seal"),
    ]
}

/// Sealing in turn: one salt under two keys, and sizes in octets.
#[rustfmt::skip] // one case a line
fn seals() -> Vec<Run> {
    let t = START + 60;
    let two_keys = |mut run: Run| { run.setup.context.ring = vec![Entry::new(1), Entry::new(2).from(t + 1)]; run };
    let letters = |count: usize| format!("{{\"a\":\"{}\"}}", "\u{e9}".repeat(count));
    let octets = |id, comment, count| Run { flags: &["octet-length", "size"], ..Run::new(id, &["SESS-11", "SEAL-05"], comment, Some(user(&[])), vec![Turn(t, "opened", vec![set_data(letters(count))], t, "")]) };
    vec![
        Run { flags: &["kept-subkey"], salt: Some("session/run/octets/one-salt"), ..two_keys(Run::new("octets/one-salt", &["SEAL-07", "OPEN-16"], "the same salt under two keys of a ring, one after the other: two subkeys", None, vec![
            Turn(t, "new", vec![set_data("{\"a\":1}")], t, "seal"),
            Turn(t, "opened", vec![], t, "nothing"),
            Turn(t + 1, "opened", vec![set_data("{\"a\":2}")], t + 1, "seal"),
            Turn(t + 2, "opened", vec![], t + 2, "nothing"),
        ])) },
        Run { expect: Err("result_too_long"), ..octets("octets/result-too-long", "6 100 letters in 12 200 octets: too long, counted in octets", 6100) },
        Run { turns: vec![Turn(t, "opened", vec![set_data(letters(5900))], t, "seal"), Turn(t + 1, "opened", vec![], t + 1, "nothing")], ..octets("octets/fits", "5 900 letters in 11 800 octets fit", 5900) },
    ]
}
