//! Cases of `open`: what a payload may be (§19.1).

use super::{Made, guest, opening::Case, user};
use crate::vector::Vector;

pub(super) fn vectors() -> Vec<Vector> {
    let cases = [texts(), members(), integers(), contents(), portable(), names()].concat();
    cases.into_iter().map(Case::vector).collect()
}

fn bad(id: &'static str, comment: &'static str, payload: &str) -> Case {
    Case {
        expect: Err("payload_invalid"),
        flags: &["strict-json"],
        ..Case::new(id, &["SESS-01", "SESS-08"], comment, payload)
    }
}

fn ok(id: &'static str, comment: &'static str, payload: &str) -> Case {
    Case::new(id, &["SESS-01", "SESS-05"], comment, payload)
}

#[rustfmt::skip] // one case a line
fn texts() -> Vec<Case> {
    let base = user(&[]);
    let inner = &base[1..base.len() - 1];
    let bytes = |id, comment, payload: Vec<u8>| Case { made: Made::new(payload), ..bad(id, comment, "") };
    let (before, after) = base.split_once("ada").expect("the user");
    let utf8 = |insert: &[u8]| [before.as_bytes(), insert, after.as_bytes()].concat();
    vec![
        bad("text/empty", "no payload", ""),
        bad("text/bom", "a byte order mark before the text", &format!("\u{feff}{base}")),
        bytes("text/not-utf-8", "a byte that is not UTF-8 in a string", utf8(&[0xFF])),
        bytes("text/latin-1", "a string in Latin-1", utf8(&[0xE9])),
        bytes("text/surrogate-utf-8", "a surrogate written in three bytes, as UTF-8 has none", utf8(&[0xED, 0xA0, 0x80])),
        bytes("text/overlong", "a letter in two bytes", utf8(&[0xC1, 0xA1])),
        bytes("text/utf-16", "a text in UTF-16", base.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        bytes("text/nul-after", "a zero byte after the text", [base.as_bytes(), &[0]].concat()),
        bytes("text/deflated", "bytes that are no text at all", vec![0x78, 0x9C, 0x03, 0x00, 0x00, 0x00, 0x00, 0x01]),
        bad("text/array", "an array", &format!("[{base}]")),
        bad("text/array-of-values", "an array of the members' values", "[\"AAECAwQFBgcICQoLDA0ODw\",1790000000,1790086400,1]"),
        bad("text/array-of-all-values", "an array of all members' values", "[\"AAECAwQFBgcICQoLDA0ODw\",1790000000,1790086400,1,\"ada\",7,1790000000,{},{}]"),
        bad("text/string", "a string that holds the text", "\"{}\""),
        bad("text/null", "null", "null"),
        bad("text/number", "a number", "1"),
        bad("text/empty-object", "no members", "{}"),
        bad("text/trailing", "text after the object", &format!("{base}x")),
        bad("text/two", "two objects", &format!("{base}{base}")),
        bad("text/cut", "the last brace is missing", &format!("{{{inner}")),
        bad("text/trailing-comma", "a comma after the last member", &format!("{{{inner},}}")),
        bad("text/comment", "a comment", &format!("{{/**/{inner}}}")),
        bad("text/single-quotes", "strings in single quotation marks", &base.replace('"', "'")),
        bad("text/no-break-space", "a no-break space is not JSON's white space", &format!("{base}\u{a0}")),
        bad("text/form-feed", "a form feed is not JSON's white space", &format!("\u{c}{base}")),
        bad("text/raw-control", "a line feed inside a string", &user(&[("sub", "\"a\nb\"")])),
        bad("text/nan", "NaN is not JSON", &user(&[("data", "{\"a\":NaN}")])),
        bad("text/infinity", "Infinity is not JSON", &user(&[("data", "{\"a\":-Infinity}")])),
        bad("text/leading-zero", "a number with a leading zero", &user(&[("gen", "07")])),
        bad("text/plus", "a number with a plus sign", &user(&[("gen", "+7")])),
        bad("text/point-last", "a number that ends with its point", &user(&[("gen", "7.")])),
        bad("text/hex", "a hexadecimal number", &user(&[("gen", "0x7")])),
        bad("text/bad-escape", "an escape that JSON does not have", &user(&[("sub", "\"\\x61da\"")])),
        ok("text/white-space", "JSON's white space around everything; a writer leaves it out", "\r\n\t { \"sid\" : \"AAECAwQFBgcICQoLDA0ODw\" ,\n\"start\":1790000000,\"end\":1790086400,\"rev\" : 1 , \"data\" : { \"a b\" : [ 1 , 2 ] } } \n"),
        ok("text/order", "members in another order; a writer keeps the table's", "{\"rev\":1,\"end\":1790086400,\"start\":1790000000,\"sid\":\"AAECAwQFBgcICQoLDA0ODw\"}"),
        ok("text/escaped-name", "names are compared after unescaping", &guest(&[]).replace("\"sid\"", "\"s\\u0069d\"")),
        ok("text/escapes", "a writer escapes only what it must", &user(&[("sub", "\"\\u00e9\\/\\u0061\\ud83d\\ude00\"")])),
        ok("text/controls", "escapes of control characters, short where there is one", &guest(&[("data", "{\"a\":\"\\u0000\\u0008\\u0009\\u000a\\u000b\\u000C\\u000d\\u001F\\u007f\\\"\\\\\"}")])),
    ]
}

#[rustfmt::skip] // one case a line
fn members() -> Vec<Case> {
    let mut cases = Vec::new();
    let missing = [("member/no-sid", "sid"), ("member/no-start", "start"), ("member/no-end", "end"), ("member/no-rev", "rev"), ("member/no-sub", "sub"), ("member/no-gen", "gen"), ("member/no-auth-time", "auth_time")];
    cases.extend(missing.map(|(id, name)| bad(id, "a member is missing", &user(&[(name, "")]))));
    let null = [("member/null-sid", "sid"), ("member/null-start", "start"), ("member/null-end", "end"), ("member/null-rev", "rev"), ("member/null-sub", "sub"), ("member/null-gen", "gen"), ("member/null-auth-time", "auth_time"), ("member/null-data", "data"), ("member/null-flash", "flash")];
    cases.extend(null.map(|(id, name)| bad(id, "null is a wrong type", &user(&[(name, "null")]))));
    let strings = [("member/text-start", "start", "\"1790000000\""), ("member/text-end", "end", "\"1790086400\""), ("member/text-rev", "rev", "\"1\""), ("member/text-gen", "gen", "\"7\""), ("member/text-auth-time", "auth_time", "\"1790000000\""), ("member/text-data", "data", "\"{}\""), ("member/text-flash", "flash", "\"\"")];
    cases.extend(strings.map(|(id, name, text)| bad(id, "a string in its place", &user(&[(name, text)]))));
    cases.extend([
        bad("member/number-sid", "a number as sid", &user(&[("sid", "1234567890123456789012")])),
        bad("member/number-sub", "a number as sub", &user(&[("sub", "42")])),
        bad("member/true-rev", "true is not 1", &user(&[("rev", "true")])),
        bad("member/false-gen", "false is not 0", &user(&[("gen", "false")])),
        bad("member/array-data", "an array as data", &user(&[("data", "[]")])),
        bad("member/array-flash", "an array as flash", &user(&[("flash", "[]")])),
        bad("member/flash-string", "a message outside an array", &user(&[("flash", "{\"notice\":\"saved\"}")])),
        bad("member/flash-null", "null in the place of an array of messages", &user(&[("flash", "{\"notice\":null}")])),
        bad("member/flash-object", "an object in the place of an array of messages", &user(&[("flash", "{\"notice\":{\"0\":\"saved\"}}")])),
        bad("member/unknown", "a member that the table does not have", &user(&[("locale", "\"en\"")])),
        bad("member/unknown-null", "an unknown member that is null", &user(&[("locale", "null")])),
        bad("member/case", "names are compared byte for byte", &user(&[("data", ""), ("Data", "{}")])),
        bad("member/long-s", "a letter that folds to s is not s", &user(&[("data", ""), ("fla\u{17f}h", "{}")])),
        bad("member/nul-name", "a name that is longer by a zero character", &user(&[("data", ""), ("data\\u0000", "{}")])),
        bad("member/constructor", "a name that every object of JavaScript has", &user(&[("constructor", "{}")])),
        bad("member/only-sub", "a sub without gen and auth_time", &guest(&[("sub", "\"ada\"")])),
        bad("member/only-gen", "a gen without a user", &guest(&[("gen", "7")])),
        bad("member/only-auth-time", "an auth_time without a user", &guest(&[("auth_time", "1790000000")])),
        bad("member/iat", "members of a JWT", "{\"sub\":\"ada\",\"iat\":1790000000,\"exp\":1790086400}"),
    ]);
    let sid = |id, comment, sid: &str, good| {
        let payload = user(&[("sid", &format!("\"{sid}\""))]);
        let case = if good { Case::new(id, &[], comment, &payload) } else { bad(id, comment, &payload) };
        Case { spec: &["SESS-01", "SESS-04"], ..case }
    };
    cases.extend([
        sid("sid/empty", "no characters", "", false),
        sid("sid/21", "one character short", "AAECAwQFBgcICQoLDA0OD", false),
        sid("sid/23", "one character long", "AAECAwQFBgcICQoLDA0ODwA", false),
        sid("sid/padded", "with padding", "AAECAwQFBgcICQoLDA0ODw==", false),
        sid("sid/plus", "a character of the other alphabet", "AAECAwQFBgcICQoLDA0OD+", false),
        sid("sid/slash", "a character of the other alphabet", "AAECAwQFBgcICQoLDA0OD/", false),
        sid("sid/dot", "a full stop", "AAECAwQFBgcICQoLDA0OD.", false),
        sid("sid/line-feed", "22 characters and a line feed", "AAECAwQFBgcICQoLDA0ODw\\n", false),
        sid("sid/multibyte", "21 characters, one of them in two bytes", "AAECAwQFBgcICQoLDA0O\u{e9}", false),
        sid("sid/letter", "22 characters, one of them a letter beyond ASCII", "AAECAwQFBgcICQoLDA0OD\u{e9}", false),
        sid("sid/not-canonical", "a last character that no 16 bytes have", "AAECAwQFBgcICQoLDA0ODx", true),
        sid("sid/marks", "hyphens and underscores", "-_-_-_-_-_-_-_-_-_-_-_", true),
    ]);
    cases
}

#[rustfmt::skip] // one case a line
fn integers() -> Vec<Case> {
    let number = |id, name: &str, text: &str, comment, good| {
        let end = if name == "start" { "281474976710655" } else { "1790086400" };
        let payload = user(&[("end", end), (name, text)]);
        let case = if good { Case::new(id, &[], comment, &payload) } else { bad(id, comment, &payload) };
        Case { spec: &["SESS-01", "SESS-02"], flags: if good { &[] } else { &["unsafe-integer"] }, ..case }
    };
    vec![
        number("integer/start-negative", "start", "-1", "below 0", false),
        number("integer/start-half", "start", "1790000000.5", "not an integer", false),
        number("integer/start-48-bits", "start", "281474976710656", "2^48", false),
        number("integer/start-is-end", "end", "1790000000", "a session that ends when it begins", false),
        number("integer/start-after-end", "end", "1789999999", "a session that ends before it begins", false),
        number("integer/end-48-bits", "end", "281474976710656", "2^48", false),
        number("integer/end-last", "end", "281474976710655", "2^48 - 1, the last second that there is", true),
        number("integer/end-infinite", "end", "1e400", "beyond binary64", false),
        number("integer/end-milliseconds", "end", "1790086400000.5", "milliseconds, and a half", false),
        number("integer/rev-0", "rev", "0", "below 1", false),
        number("integer/rev-minus-0", "rev", "-0", "-0 is 0, below 1", false),
        number("integer/rev-half", "rev", "0.5", "not an integer", false),
        number("integer/rev-tiny", "rev", "1e-400", "0 as a binary64 number, below 1", false),
        number("integer/rev-54-bits", "rev", "9007199254740992", "2^53", false),
        number("integer/rev-rounds-up", "rev", "9007199254740991.5", "2^53 as a binary64 number, rounded to even", false),
        number("integer/rev-rounds-down", "rev", "9007199254740991.4", "2^53 - 1 as a binary64 number", true),
        number("integer/rev-largest", "rev", "9007199254740991", "2^53 - 1", true),
        number("integer/rev-point-0", "rev", "1.0", "1", true),
        number("integer/rev-exponent", "rev", "1e0", "1", true),
        number("integer/rev-exponent-plus", "rev", "120E+1", "1200", true),
        number("integer/rev-exponent-minus", "rev", "20e-1", "2", true),
        number("integer/rev-close-to-1", "rev", "1.00000000000000000001", "1 as a binary64 number", true),
        number("integer/gen-negative", "gen", "-1", "below 0", false),
        number("integer/gen-half", "gen", "7.5", "not an integer", false),
        number("integer/gen-54-bits", "gen", "9007199254740992", "2^53", false),
        number("integer/gen-54-bits-odd", "gen", "9007199254740993", "2^53 as a binary64 number", false),
        number("integer/gen-64-bits", "gen", "18446744073709551623", "cut to 64 bits it would be 7", false),
        number("integer/gen-infinite", "gen", "1e400", "beyond binary64", false),
        number("integer/gen-largest", "gen", "9007199254740991", "2^53 - 1", true),
        number("integer/gen-minus-0", "gen", "-0", "-0 is 0", true),
        number("integer/gen-minus-0-point", "gen", "-0.0", "-0.0 is 0", true),
        number("integer/gen-tiny", "gen", "1e-400", "0 as a binary64 number", true),
        number("integer/auth-time-negative", "auth_time", "-1", "below 0", false),
        number("integer/auth-time-half", "auth_time", "1790000000.25", "not an integer", false),
        number("integer/auth-time-48-bits", "auth_time", "281474976710656", "2^48: out of range is told before the future", false),
        number("integer/auth-time-exponent", "auth_time", "1.79e9", "1790000000", true),
    ]
}

#[rustfmt::skip] // one case a line
fn contents() -> Vec<Case> {
    let sub = |id, comment, text: String, good: bool| {
        let payload = user(&[("sub", &format!("\"{text}\""))]);
        if good { ok(id, comment, &payload) } else { bad(id, comment, &payload) }
    };
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    let data = |levels| user(&[("data", &format!("{{\"a\":{}}}", nested(levels)))]);
    let objects = |levels: usize| user(&[("data", &format!("{}1{}", "{\"a\":".repeat(levels), "}".repeat(levels)))]);
    let flash = |levels| user(&[("flash", &format!("{{\"notice\":[{}]}}", nested(levels)))]);
    let text = |id, comment, data: &str, good| {
        let payload = user(&[("data", data)]);
        let case = if good { ok(id, comment, &payload) } else { bad(id, comment, &payload) };
        Case { spec: &["SESS-01", "SESS-03"], flags: &["deep-nesting"], ..case }
    };
    let deep = |case: Case| Case { spec: &["SESS-03"], flags: if case.expect.is_err() { &["deep-nesting"] } else { &[] }, ..case };
    vec![
        sub("sub/empty", "an empty sub", String::new(), false),
        sub("sub/255", "255 bytes", "s".repeat(255), true),
        sub("sub/256", "256 bytes", "s".repeat(256), false),
        sub("sub/255-multibyte", "255 bytes, 85 characters", "\u{20ac}".repeat(85), true),
        sub("sub/256-multibyte", "128 characters, 256 bytes", "\u{e9}".repeat(128), false),
        sub("sub/256-astral", "64 characters, 256 bytes", "\u{1f600}".repeat(64), false),
        sub("sub/space", "one space: any string", " ".to_owned(), true),
        ok("data/null-inside", "null, true, false and fractions inside data", &user(&[("data", "{\"a\":null,\"b\":[null,true,false,0.5,-7]}")])),
        ok("data/names", "names of the table mean nothing inside data", &user(&[("data", "{\"rev\":null,\"sid\":7,\"unknown\":\"\"}")])),
        ok("data/largest-integers", "the largest integers that every language keeps", &user(&[("data", "{\"a\":9007199254740991,\"b\":-9007199254740991}")])),
        ok("data/empty", "an empty data is left out when written", &user(&[("data", "{}")])),
        ok("data/empty-inside", "empty values inside data stay", &user(&[("data", "{\"\":\"\",\"a\":{},\"b\":[]}")])),
        ok("flash/any-values", "messages of every type", &guest(&[("flash", "{\"error\":[null,1,{\"a\":[]}],\"notice\":[\"saved\",true]}")])),
        ok("flash/empty", "a flash without arrays is left out when written", &guest(&[("flash", "{}")])),
        ok("flash/empty-array", "an empty array of flash is left out when written", &guest(&[("flash", "{\"error\":[],\"notice\":[\"saved\"]}")])),
        ok("flash/empty-arrays", "a flash of empty arrays is left out when written", &guest(&[("flash", "{\"error\":[]}")])),
        deep(ok("nesting/data-16", "arrays in data to level 16", &data(14))),
        deep(bad("nesting/data-17", "arrays in data to level 17", &data(15))),
        deep(ok("nesting/data-objects-16", "objects in data to level 16", &objects(15))),
        deep(bad("nesting/data-objects-17", "objects in data to level 17", &objects(16))),
        deep(ok("nesting/flash-16", "messages to level 16", &flash(13))),
        deep(bad("nesting/flash-17", "messages to level 17", &flash(14))),
        text("nesting/backslash", "a string that ends with a backslash, then brackets in a string: no nesting", "{\"a\":\"\\\\\",\"b\":\"[[[[[[[[[[[[[[[[[\"}", true),
        text("nesting/backslashes", "a string of two backslashes, then brackets in a string", "{\"a\":\"\\\\\\\\\",\"b\":\"[[[[[[[[[[[[[[[[[\"}", true),
        text("nesting/backslash-name", "a name that ends with a backslash, then brackets in a string", "{\"a\\\\\":\"[[[[[[[[[[[[[[[[[\"}", true),
        text("nesting/escaped-quote", "brackets behind an escaped quotation mark are in the string", "{\"a\":\"\\\"[[[[[[[[[[[[[[[[[\",\"b\":\"\\\\\\\"{{{{{{{{{{{{{{{{{\"}", true),
        text("nesting/quote-by-number", "a quotation mark written by its number ends no string", "{\"a\":\"\\u0022[[[[[[[[[[[[[[[[[\"}", true),
        text("nesting/brackets", "a string of many brackets", &format!("{{\"a\":\"{}\"}}", "{[".repeat(200)), true),
        text("nesting/brackets-name", "a name of many brackets", &format!("{{\"{}\":1}}", "{[".repeat(40)), true),
        text("nesting/closing-brackets", "closing brackets in strings close nothing: arrays to level 17", &format!("{{\"a\":{}\"]]]]]]]]\"{}}}", "[".repeat(15), "]".repeat(15)), false),
        text("nesting/behind-backslash", "a string that ends with a backslash, then arrays to level 17", &format!("{{\"a\":\"\\\\\",\"b\":{},\"c\":\"\"}}", nested(15)), false),
        text("nesting/behind-escaped-quote", "an escaped quotation mark in a string, then arrays to level 17", &format!("{{\"a\":\"\\\"\",\"b\":{}}}", nested(15)), false),
        deep(bad("nesting/1000", "arrays to level 1002: no stack is to overflow", &data(1000))),
    ]
}

/// What no sealer may write, in a payload that all but the format's own rules allow.
#[rustfmt::skip] // one case a line
fn portable() -> Vec<Case> {
    let case = |id, flag: &'static [&'static str], comment, payload: &str| Case { spec: &["SESS-06", "SESS-08"], flags: flag, ..bad(id, comment, payload) };
    let data = |id, flag, comment, data: &str| case(id, flag, comment, &guest(&[("data", data)]));
    let flash = |id, flag, comment, flash: &str| case(id, flag, comment, &guest(&[("flash", flash)]));
    let (twice, proto, number) = (&["strict-json"], &["proto-name"], &["unsafe-integer"]);
    vec![
        data("portable/twice", twice, "a name that occurs twice in data", "{\"a\":1,\"a\":2}"),
        data("portable/twice-equal", twice, "a name that occurs twice, with equal values", "{\"a\":1,\"a\":1}"),
        data("portable/twice-null-first", twice, "a name that occurs twice, first with null", "{\"a\":null,\"a\":1}"),
        data("portable/twice-numeric", twice, "a name of digits that occurs twice", "{\"0\":1,\"b\":2,\"0\":3}"),
        data("portable/twice-escaped", twice, "names are compared after unescaping, at any depth", "{\"x\":[{\"a\":1,\"b\":2,\"\\u0061\":1}]}"),
        flash("portable/twice-flash", twice, "a name that occurs twice in flash", "{\"notice\":[1],\"notice\":[2]}"),
        flash("portable/twice-in-message", twice, "a name that occurs twice in a message", "{\"notice\":[{\"a\":1,\"a\":2}]}"),
        data("portable/proto", proto, "the name __proto__ in data", "{\"__proto__\":{\"admin\":true}}"),
        data("portable/proto-depth", proto, "the name __proto__, three levels down", "{\"a\":[{\"b\":{\"__proto__\":null}}]}"),
        data("portable/proto-escaped", proto, "the name __proto__ with an escape", "{\"__pr\\u006fto__\":1}"),
        flash("portable/proto-flash", proto, "a message of the name __proto__", "{\"__proto__\":[1]}"),
        flash("portable/proto-flash-empty", proto, "the name __proto__ beside no messages", "{\"__proto__\":[]}"),
        flash("portable/proto-in-message", proto, "the name __proto__ in a message", "{\"notice\":[{\"__proto__\":1}]}"),
        data("portable/54-bits", number, "2^53", "{\"a\":9007199254740992}"),
        data("portable/54-bits-negative", number, "-(2^53)", "{\"a\":-9007199254740992}"),
        data("portable/64-bits", number, "2^64 - 1, three levels down", "{\"a\":[{\"b\":18446744073709551615}]}"),
        data("portable/30-digits", number, "an integer of 30 digits", "{\"a\":123456789012345678901234567890}"),
        data("portable/1e16-point", number, "10000000000000000.0 is integral", "{\"a\":10000000000000000.0}"),
        data("portable/rounds-up", number, "a fraction that is 2^53 as a binary64 number", "{\"a\":9007199254740991.5}"),
        data("portable/1e300", number, "1e300 is integral", "{\"a\":1e300}"),
        data("portable/1e400", number, "beyond binary64", "{\"a\":1e400}"),
        flash("portable/54-bits-in-message", number, "2^53 in a message", "{\"notice\":[9007199254740992]}"),
    ]
}

/// Names that libraries take for something else. Each object alone has one, for some look at the first name only.
#[rustfmt::skip] // one case a line
fn names() -> Vec<Case> {
    let case = |id, comment, data: &str| Case { spec: &["SESS-01"], flags: &["library-name"], ..ok(id, comment, &guest(&[("data", data)])) };
    vec![
        case("names/serde-number", "serde_json's name for a number's text", "{\"a\":{\"$serde_json::private::Number\":\"1\"}}"),
        case("names/serde-raw", "serde_json's name for a raw text, which is an object", "{\"$serde_json::private::RawValue\":\"{\\\"role\\\":\\\"admin\\\"}\"}"),
        case("names/serde-raw-depth", "that name at every depth", "{\"a\":[{\"$serde_json::private::RawValue\":\"{\\\"role\\\":\\\"admin\\\"}\"}],\"b\":{\"$serde_json::private::RawValue\":\"1\"}}"),
        case("names/serde-raw-text", "that name, with a text that is not JSON", "{\"a\":{\"$serde_json::private::RawValue\":\"dark\"}}"),
        case("names/serde-beside", "that name beside others", "{\"$serde_json::private::RawValue\":\"{\\\"role\\\":\\\"admin\\\"}\",\"role\":\"guest\"}"),
        Case { spec: &["SESS-01"], flags: &["library-name"], ..ok("names/serde-message", "that name in a message", &guest(&[("flash", "{\"notice\":[{\"$serde_json::private::RawValue\":\"{\\\"role\\\":\\\"admin\\\"}\"}]}")])) },
        case("names/type", "names by which readers of JSON make an object of a class", "{\"a\":{\"__class__\":\"os.system\"},\"b\":{\"$type\":\"System.Object\"},\"c\":{\"@type\":\"java.lang.Runtime\"},\"d\":{\"py/object\":\"os.system\"},\"e\":{\"class\":\"java.lang.Object\"},\"f\":{\"json_class\":\"String\"}}"),
        case("names/methods", "names of methods and properties that every object of JavaScript has", "{\"constructor\":1,\"hasOwnProperty\":false,\"length\":3,\"then\":null,\"toJSON\":\"x\",\"toString\":[],\"valueOf\":{}}"),
        case("names/digits", "names of digits, of which an object is no list", "{\"0\":\"a\",\"1\":\"b\",\"a\":{\"0\":1},\"b\":{\"-1\":0,\"01\":0}}"),
        case("names/reference", "names by which readers of JSON mean another place of the text", "{\"a\":{\"$ref\":\"#\"},\"b\":{\"$id\":\"1\"},\"c\":{\"$date\":0},\"d\":{\"$oid\":\"00\"}}"),
        case("names/nul", "a name that begins with a zero character", "{\"\\u0000a\":1,\"\\u0000*\\u0000b\":2}"),
    ]
}
