//! Runs of requests: when a session is written, and what of it.

use super::{
    END, IDLE, Made, START,
    action::{Action, flash, set_data, take_flash},
    guest,
    reference::Setup,
    turns::{Run, Turn},
    user,
};
use crate::vector::Vector;

pub(super) fn vectors() -> Vec<Vector> {
    [fresh(), changes(), refresh(), data()].into_iter().flatten().map(Run::vector).collect()
}

#[rustfmt::skip] // one case a line
fn fresh() -> Vec<Run> {
    let t = START + 60;
    let new = |id, comment, actions, wrote| Run::new(id, &["SESS-10", "SESS-11"], comment, None, vec![Turn(t, "new", actions, t, wrote)]);
    vec![
        new("new/untouched", "a visitor who does nothing gets no cookie", vec![], "nothing"),
        new("new/data", "a guest with data: sid, start, end and rev are given", vec![set_data("{\"basket\":[17]}")], "seal"),
        new("new/empty-data", "an empty data is no change", vec![set_data("{}")], "nothing"),
        Run { flags: &["nested-change"], ..new("new/undone", "data set and emptied again: nothing", vec![set_data("{\"basket\":[17]}"), set_data("{}")], "nothing") },
        new("new/send", "an empty session, sent because the application asks", vec![Action::Send], "seal"),
        Run::new("new/slow", &["SESS-11"], "start and issued_at are the commit's time, not the open's", None, vec![Turn(t, "new", vec![set_data("{\"a\":1}")], t + 300, "seal")]),
        Run { setup: Setup::ruled(600, 600, 0), ..new("new/equal-windows", "both windows equal: the idle end is the absolute one", vec![set_data("{\"a\":1}")], "seal") },
        Run { setup: Setup::ruled(1, 1, 0), ..new("new/one-second", "windows of one second", vec![set_data("{\"a\":1}")], "seal") },
        Run::new("new/life", &["SESS-11", "SESS-12"], "opened by the next request, refreshed once, expired when left alone", None, vec![
            Turn(t, "new", vec![set_data("{\"a\":1}")], t, "seal"),
            Turn(t + 1, "opened", vec![], t + 1, "nothing"),
            Turn(t + 900, "opened", vec![], t + 900, "seal"),
            Turn(t + 901, "opened", vec![], t + 901, "nothing"),
            Turn(t + 900 + IDLE, "expired", vec![], t + 900 + IDLE, "nothing"),
        ]),
        Run { flags: &["wide-time", "off-by-one"], ..Run::new("new/last-second-but-one", &["SESS-25", "TIME-01"], "a session that begins in the last second but one that there is", None, vec![Turn((1 << 48) - 2, "new", vec![set_data("{\"a\":1}")], (1 << 48) - 2, "seal")]) },
        Run { flags: &["wide-time", "off-by-one"], expect: Err("ttl_range"), ..Run::new("new/last-second", &["SESS-25", "TIME-01"], "one that would begin in the last second has no life", None, vec![Turn((1 << 48) - 1, "new", vec![set_data("{\"a\":1}")], (1 << 48) - 1, "")]) },
        Run::new("new/send-twice", &["SESS-11"], "sent again because the application asks: rev counts", None, vec![Turn(t, "new", vec![Action::Send], t, "seal"), Turn(t + 1, "opened", vec![Action::Send], t + 1, "seal"), Turn(t + 2, "opened", vec![], t + 2, "nothing")]),
    ]
}

#[rustfmt::skip] // one case a line
fn changes() -> Vec<Run> {
    let t = START + 60;
    let nested = "{\"a\":{\"b\":[{\"c\":1}]}}";
    let one = |id, comment, payload: String, actions, wrote| Run { flags: &["nested-change"], ..Run::new(id, &["SESS-11"], comment, Some(payload), vec![Turn(t, "opened", actions, t, wrote)]) };
    let rev = |id, comment, rev, actions, wrote| Run { flags: &["unsafe-integer"], ..one(id, comment, user(&[("rev", rev)]), actions, wrote) };
    let last = |id, comment, commit, actions, wrote| Run { flags: &["off-by-one"], ..Run::new(id, &["SESS-13"], comment, Some(user(&[("end", "1790000100")])), vec![Turn(t, "opened", actions, commit, wrote)]) };
    vec![
        one("change/none", "a session that is only read", user(&[]), vec![], "nothing"),
        one("change/data", "another data", user(&[]), vec![set_data("{\"basket\":[17,4,9]}")], "seal"),
        one("change/nested", "one number, four levels down", user(&[("data", nested)]), vec![set_data("{\"a\":{\"b\":[{\"c\":2}]}}")], "seal"),
        one("change/same", "the same data set again", user(&[("data", nested)]), vec![set_data(nested)], "nothing"),
        one("change/undone", "a change and its undoing", user(&[("data", nested)]), vec![set_data("{\"a\":0}"), set_data(nested)], "nothing"),
        one("change/white-space", "the same data with white space", user(&[("data", nested)]), vec![set_data("{ \"a\": {\"b\": [ {\"c\":1} ]} }")], "nothing"),
        one("change/order-of-names", "names in another order", user(&[("data", "{\"a\":1,\"b\":{\"c\":1,\"d\":2}}")]), vec![set_data("{\"b\":{\"d\":2,\"c\":1},\"a\":1}")], "nothing"),
        one("change/spelling", "numbers of equal value in another spelling", user(&[("data", "{\"a\":2,\"b\":[1.5,100]}")]), vec![set_data("{\"a\":2.0,\"b\":[1.50,1e2]}")], "nothing"),
        one("change/message-put-back", "a message that is taken and added again", guest(&[("flash", "{\"n\":[{\"a\":1.5,\"b\":[]}]}")]), vec![take_flash("n", &["{\"a\":1.5,\"b\":[]}"]), flash("n", "{\"b\":[],\"a\":1.5}")], "nothing"),
        one("change/message-spelling", "its numbers in another spelling", guest(&[("flash", "{\"n\":[1000,{\"a\":[0,1.5]}]}")]), vec![take_flash("n", &["1000", "{\"a\":[0,1.5]}"]), flash("n", "1E3"), flash("n", "{\"a\":[-0.0,15e-1]}")], "nothing"),
        one("change/message-number", "another number", guest(&[("flash", "{\"n\":[1000]}")]), vec![take_flash("n", &["1000"]), flash("n", "1000.5")], "seal"),
        one("change/minus-0", "-0 is 0", user(&[("data", "{\"a\":0}")]), vec![set_data("{\"a\":-0.0}")], "nothing"),
        one("change/last-digit", "the next binary64 number", user(&[("data", "{\"a\":0.1}")]), vec![set_data("{\"a\":0.10000000000000002}")], "seal"),
        one("change/true-1", "true is not 1", user(&[("data", "{\"a\":1,\"b\":0}")]), vec![set_data("{\"a\":true,\"b\":0}")], "seal"),
        one("change/emptied", "data emptied: the member is left out", user(&[]), vec![set_data("{}")], "seal"),
        one("change/null", "a member that becomes null", user(&[("data", "{\"a\":0}")]), vec![set_data("{\"a\":null}")], "seal"),
        one("change/type", "a number that becomes a string", user(&[("data", "{\"a\":1}")]), vec![set_data("{\"a\":\"1\"}")], "seal"),
        one("change/order-of-items", "items in another order", user(&[]), vec![set_data("{\"basket\":[4,17]}")], "seal"),
        one("change/guest", "a guest's data", guest(&[]), vec![set_data("{\"basket\":[]}")], "seal"),
        one("change/form-of-payload", "a payload with white space and in another order is no change", "{ \"rev\": 1.0, \"end\": 1790086400, \"start\": 1.79e9, \"sid\": \"AAECAwQFBgcICQoLDA0ODw\", \"data\": {}, \"flash\": { \"a\": [] } }".into(), vec![], "nothing"),
        one("change/form-of-payload-written", "when it is written, it takes the writer's form", "{ \"rev\": 1.0, \"end\": 1790086400, \"start\": 1.79e9, \"sid\": \"AAECAwQFBgcICQoLDA0ODw\", \"data\": {}, \"flash\": { \"a\": [] } }".into(), vec![Action::Send], "seal"),
        rev("change/rev", "rev counts on", "41", vec![Action::Send], "seal"),
        rev("change/rev-largest-but-one", "rev reaches 2^53 - 1", "9007199254740990", vec![Action::Send], "seal"),
        rev("change/rev-largest", "rev stays at 2^53 - 1", "9007199254740991", vec![set_data("{}")], "seal"),
        last("last/before", "committed in the last second: written for one second", START + 99, vec![set_data("{}")], "seal"),
        last("last/at", "the request takes until the end: expired, whatever it changed", START + 100, vec![set_data("{}")], "expire"),
        last("last/read", "the request takes until the end, and only reads", START + 100, vec![], "expire"),
        last("last/send", "nor does asking to send it help", START + 100, vec![Action::Send], "expire"),
        last("last/unserializable", "nor is what cannot be written refused: it is not to be written", START + 100, vec![set_data("{\"a\":9007199254740992}")], "expire"),
        last("last/after", "the request takes longer than its session", START + 5000, vec![], "expire"),
        Run { setup: Setup::ruled(100, 100, 60), spec: &["SESS-09", "SESS-13"], ..Run::new("last/of-opener", &[], "the end by this server's own absolute window", Some(user(&[])), vec![Turn(t, "opened", vec![set_data("{}")], START + 100, "expire")]) },
        Run::new("last/idle-over", &["SESS-11", "SESS-12"], "a request that outlives the idle window, not the absolute one, refreshes its session", Some(user(&[])), vec![Turn(t, "opened", vec![], START + IDLE + 10, "seal")]),
    ]
}

#[rustfmt::skip] // one case a line
fn refresh() -> Vec<Run> {
    let spec: &[&str] = &["SESS-11", "SESS-12"];
    let at = |id, comment, now, wrote| Run { flags: &["refresh-missed", "off-by-one"], ..Run::new(id, spec, comment, Some(user(&[])), vec![Turn(now, "opened", vec![], now, wrote)]) };
    let ruled = |idle, ttl, run: Run| Run { setup: Setup::ruled(idle, 86_400, 60), made: run.made.map(|made| Made { ttl, ..made }), ..run };
    // Sealed so that the idle end comes a given time before the absolute one.
    let near = |id, comment, before, ttl, turns| Run { flags: &["refresh-storm"], made: Some(Made { issued_at: END - before, ttl, ..Made::new(user(&[])) }), ..Run::new(id, spec, comment, None, turns) };
    let read = |now, wrote| Turn(now, "opened", vec![], now, wrote);
    // Opened by a server whose absolute window ends before the token's.
    let own = |id, comment, issued_at, ttl, turns| Run { flags: &["refresh-storm"], setup: Setup::ruled(1800, 3600, 60), made: Some(Made { issued_at, ttl, ..Made::new(user(&[])) }), ..Run::new(id, &["SESS-09", "SESS-12"], comment, None, turns) };
    let keeps = |id, comment, payload: String| Run { flags: &["lost-data"], ..Run::new(id, &["SESS-05", "SESS-12"], comment, Some(payload), vec![read(START + 900, "seal"), read(START + 901, "nothing")]) };
    let names = |id, comment, members: &[(&str, &str)]| Run { flags: &["library-name"], ..keeps(id, comment, guest(members)) };
    vec![
        names("names/refresh-raw", "a page that only reads keeps a name that serde_json takes for a raw text", &[("data", "{\"a\":{\"$serde_json::private::RawValue\":\"{\\\"role\\\":\\\"admin\\\"}\"}}")]),
        names("names/refresh-raw-first", "that name in data itself, with a text that is not JSON", &[("data", "{\"$serde_json::private::RawValue\":\"dark\"}")]),
        names("names/refresh-number", "a page that only reads keeps a name that serde_json takes for a number", &[("data", "{\"$serde_json::private::Number\":\"1\"}")]),
        names("names/refresh-message", "such a name in a message", &[("flash", "{\"notice\":[{\"$serde_json::private::RawValue\":\"[1]\"}]}")]),
        names("names/refresh-type", "names by which readers of JSON make an object of a class", &[("data", "{\"a\":{\"__class__\":\"os.system\"},\"b\":{\"@type\":\"java.lang.Runtime\"},\"toJSON\":\"x\"}")]),
        names("names/refresh-digits", "names of digits, of which an object is no list", &[("data", "{\"0\":\"a\",\"1\":\"b\"}")]),
        at("refresh/half", "exactly half the window: refreshed, start and end stay", START + 900, "seal"),
        at("refresh/before-half", "one second before half the window", START + 899, "nothing"),
        at("refresh/last-second", "in the last second of the window", START + 1799, "seal"),
        ruled(1801, 1801, at("refresh/odd-half", "an odd window: half of 1801 is 900.5, reached at 901", START + 901, "seal")),
        ruled(1801, 1801, at("refresh/odd-before-half", "an odd window, one second before", START + 900, "nothing")),
        ruled(1, 1, at("refresh/one-second", "a window of one second, in it", START, "nothing")),
        ruled(2, 2, at("refresh/two-seconds", "a window of two seconds, in the second", START + 1, "seal")),
        ruled(3600, 1800, at("refresh/longer-policy", "this server's window is twice the token's: refreshed at once", START, "seal")),
        ruled(3600, 1801, at("refresh/longer-policy-odd", "just under half of this server's window to gain", START, "nothing")),
        ruled(600, 1800, at("refresh/shorter-policy", "this server's window is shorter: refreshed at half of its own, with its ttl", START + 300, "seal")),
        ruled(600, 1800, at("refresh/shorter-policy-before", "one second before half of its own", START + 299, "nothing")),
        Run::new("refresh/slow", spec, "the commit's time counts, not the open's", Some(user(&[])), vec![Turn(START + 880, "opened", vec![], START + 900, "seal")]),
        near("refresh/cut", "a refresh whose window is cut by the end", 2000, 1000, vec![read(END - 1100, "seal"), read(END - 1099, "nothing")]),
        near("refresh/near-end", "no more than 900 seconds to gain: written once, then never again", 2000, 1100, vec![read(END - 1200, "seal"), read(END - 900, "nothing"), read(END - 500, "nothing"), read(END - 2, "nothing"), read(END - 1, "nothing"), Turn(END, "expired", vec![], END, "nothing")]),
        near("refresh/too-little-to-gain", "899 seconds to gain at the end: not written at all", 2000, 1101, vec![read(END - 901, "nothing"), read(END - 900, "nothing")]),
        near("refresh/idle-end-at-end", "the idle end is the absolute one: nothing to gain", 1800, 1800, vec![read(END - 1800, "nothing"), read(END - 900, "nothing"), read(END - 1, "nothing")]),
        near("refresh/idle-end-after-end", "a sealer that did not cut ttl: nothing to gain", 300, 34_560_000, vec![read(END - 201, "nothing"), read(END - 1, "nothing"), Turn(END - 1, "opened", vec![], END, "expire")]),
        near("refresh/change-near-end", "a change near the end is written, ttl cut", 1800, 1800, vec![Turn(END - 10, "opened", vec![set_data("{}")], END - 10, "seal"), Turn(END - 1, "opened", vec![], END - 1, "nothing")]),
        Run { flags: &["refresh-storm"], ..Run::new("refresh/every-100-seconds", spec, "a session that is only read is written once in half a window", Some(user(&[])), (1..=20).map(|n| Turn(START + n * 100, "opened", vec![], START + n * 100, if n == 9 || n == 18 { "seal" } else { "nothing" })).collect()) },
        Run { flags: &["absolute-ignored"], setup: Setup::ruled(1800, 3600, 60), ..Run::new("refresh/to-the-end", &["SESS-09", "SESS-12"], "refreshed up to the absolute end, and not over it", None, vec![
            Turn(START, "new", vec![Action::Send], START, "seal"),
            read(START + 900, "seal"),
            read(START + 1800, "seal"),
            read(START + 2700, "nothing"),
            read(START + 3599, "nothing"),
            Turn(START + 3600, "expired", vec![], START + 3600, "nothing"),
        ]) },
        own("refresh/own-end-cut", "another server's token, cut by this server's end: nothing to gain", START + 1800, 1800, vec![read(START + 2700, "nothing"), read(START + 3000, "nothing"), read(START + 3599, "nothing"), Turn(START + 3600, "expired", vec![], START + 3600, "nothing")]),
        own("refresh/own-end-too-little-to-gain", "899 seconds to gain at this server's end: not written at all", START + 901, 1800, vec![read(START + 1801, "nothing"), read(START + 2699, "nothing"), read(START + 2700, "nothing")]),
        own("refresh/own-end-half", "900 seconds to gain at this server's end: written once, then never again", START + 900, 1800, vec![read(START + 1799, "nothing"), read(START + 1800, "seal"), read(START + 2700, "nothing"), read(START + 3000, "nothing"), read(START + 3300, "nothing"), read(START + 3599, "nothing")]),
        own("refresh/own-end-passed", "the idle end comes after this server's end: nothing to gain", START + 2000, 1800, vec![read(START + 2700, "nothing"), read(START + 3599, "nothing"), Turn(START + 3599, "opened", vec![], START + 3600, "expire")]),
        own("refresh/own-end-every-100-seconds", "read up to this server's end: written twice, and not in the last half window", START, 1800, (1..36).map(|n| read(START + n * 100, if n == 9 || n == 18 { "seal" } else { "nothing" })).collect()),
        keeps("refresh/keeps-fraction", "fractions whose nearest binary64 number a quick parser misses", user(&[("data", "{\"a\":[9.744285714285715,0.1,123456.789012345,0.30000000000000004]}")])),
        keeps("refresh/keeps-data", "a refresh keeps data of every type and name", user(&[("data", "{\"\":{\"\":\"\"},\"a\":[null,true,false,1.5,-0.25,0,-7,[],{}],\"basket\":[17,4],\"constructor\":{\"name\":null},\"deep\":{\"a\":[{\"b\":[{\"c\":{\"d\":[[[[1.5]]]]}}]}]},\"large\":[9007199254740991,-9007199254740991],\"not known here\":{\"new_feature\":{\"level\":3}},\"text\":\"\\\"\\\\\\n\\u0000/\u{e9}\u{1f600}\",\"\u{e9}\":\"\"}"), ("flash", "{\"error\":[null,{\"a\":[1.5]}],\"notice\":[\"saved\"]}")])),
        keeps("refresh/keeps-guest-data", "a guest's data too", guest(&[("data", "{\"a\":{\"b\":[1.5,\"\"]},\"locale\":\"en\",\"not-known\":[{}]}")])),
        keeps("refresh/form-of-payload", "white space, escapes and another order of members are written in the writer's form, with all data", "{ \"flash\" : { \"notice\" : [ \"sa\\u0076ed\" ] , \"offer\" : [ ] } ,\n \"d\\u0061ta\" : { \"a\\/b\" : [ 1 , 1.5 , null ] ,\t\"e\" : \"\\u00e9\\u0041\\u0009\\/\\ud83d\\ude00\" , \"f\" : { \"g\" : { } } } ,\r\n \"rev\" : 2e0 , \"sub\" : \"\\u0061da\" , \"auth_time\" : 1.79e9 , \"gen\" : 7.0 , \"end\" : 1790086400 , \"start\" : 1790000000 , \"sid\" : \"AAECAwQFBgcICQoLDA0ODw\" }\n".into()),
        Run { flags: &["absolute-ignored"], setup: Setup::ruled(1800, 3600, 60), ..Run::new("refresh/end-stays", &["SESS-12"], "a server of a shorter absolute window cuts ttl and leaves end", Some(user(&[])), vec![Turn(START + 1799, "opened", vec![set_data("{}")], START + 2000, "seal")]) },
    ]
}

#[rustfmt::skip] // one case a line
fn data() -> Vec<Run> {
    let t = START + 60;
    let bad = |id, flag: &'static [&'static str], comment, text: &str| Run { flags: flag, expect: Err("payload_unserializable"), ..Run::new(id, &["SESS-06"], comment, Some(user(&[])), vec![Turn(t, "opened", vec![set_data(text)], t, "")]) };
    let good = |id, comment, text: &str| Run::new(id, &["SESS-05", "SESS-06"], comment, Some(user(&[])), vec![Turn(t, "opened", vec![set_data(text)], t, "seal")]);
    let nested = |levels: usize| format!("{{\"a\":{}{}}}", "[".repeat(levels), "]".repeat(levels));
    let (number, proto, other, deep) = (&["unsafe-integer"], &["proto-name"], &["unserializable"], &["deep-nesting"]);
    vec![
        good("data/largest", "2^53 - 1 and its negative", "{\"a\":9007199254740991,\"b\":-9007199254740991}"),
        bad("data/54-bits", number, "2^53", "{\"a\":9007199254740992}"),
        bad("data/54-bits-negative", number, "-(2^53)", "{\"a\":-9007199254740992}"),
        bad("data/54-bits-odd", number, "2^53 + 1, which binary64 does not have", "{\"a\":9007199254740993}"),
        bad("data/63-bits", number, "2^63 - 1", "{\"a\":[{\"b\":9223372036854775807}]}"),
        bad("data/64-bits", number, "2^64 - 1", "{\"a\":18446744073709551615}"),
        bad("data/30-digits", number, "an integer of 30 digits", "{\"a\":123456789012345678901234567890}"),
        bad("data/1e300", number, "1e300 is integral", "{\"a\":1e300}"),
        bad("data/minus-1e16", number, "-1e16 is integral", "{\"a\":-1e16}"),
        bad("data/1e16-point", number, "10000000000000000.0 is integral", "{\"a\":10000000000000000.0}"),
        bad("data/1e400", number, "beyond binary64", "{\"a\":1e400}"),
        bad("data/minus-1e400", number, "beyond binary64", "{\"a\":[-1e400]}"),
        bad("data/nan", other, "NaN", "{\"a\":NaN}"),
        good("data/fractions", "fractions", "{\"a\":0.5,\"b\":[-0.25,1234.75]}"),
        bad("data/proto", proto, "the name __proto__", "{\"__proto__\":{\"admin\":true}}"),
        bad("data/proto-depth", proto, "the name __proto__, three levels down", "{\"a\":[{\"b\":{\"__proto__\":null}}]}"),
        bad("data/proto-escaped", proto, "the name __proto__ with an escape", "{\"__pr\\u006fto__\":1}"),
        good("data/other-names", "names that objects of JavaScript have, and an empty one", "{\"\":1,\"__proto\":2,\"constructor\":{\"prototype\":{}},\"toString\":null}"),
        good("data/proto-value", "__proto__ as a value is a string", "{\"a\":\"__proto__\"}"),
        good("data/nesting-16", "arrays to level 16", &nested(14)),
        bad("data/nesting-17", deep, "arrays to level 17", &nested(15)),
        bad("data/nesting-200", deep, "arrays to level 202", &nested(200)),
        bad("data/surrogate", other, "an unpaired high surrogate", "{\"a\":\"x\\ud800\"}"),
        bad("data/surrogate-low", other, "an unpaired low surrogate", "{\"a\":[\"\\udc00x\"]}"),
        bad("data/surrogate-swapped", other, "a pair in the wrong order", "{\"a\":\"\\ude00\\ud83d\"}"),
        bad("data/surrogate-name", other, "an unpaired surrogate in a name", "{\"a\":{\"\\udfff\":1}}"),
        good("data/pair", "a pair of surrogates is a character", "{\"\\ud83d\\ude00\":\"\\ud83d\\ude00\"}"),
        bad("data/array", other, "an array is no object", "[]"),
        bad("data/null", other, "null is no object", "null"),
        bad("data/string", other, "a string is no object", "\"{}\""),
        bad("data/not-json", other, "no JSON text", "{\"a\":undefined}"),
        good("data/escapes", "only what must be is escaped", "{\"a\":\"\\u0000\\u0008\\u0009\\u000a\\u000b\\u000c\\u000d\\u001f\\u007f\\u0080\\u2028\\u00e9\\/\\\"\\\\\"}"),
        good("data/html", "letters that HTML escapes are written as they are", "{\"a\":\"\\u003cb\\u003e\\u0026\\u0027\"}"),
    ]
}
