//! Cases of `read`: which value is ours (§20.2).

use super::{Case, jar::Cookie};
use crate::{
    opener::Code,
    session::{Made, user},
    vector::Vector,
};

#[rustfmt::skip] // one case a line
pub(super) fn vectors() -> Vec<Vector> {
    let case = |id, flags, comment, fields: &[&str]| Case {
        spec: &["COOK-04"],
        flags,
        template: fields.iter().map(|field| (*field).to_owned()).collect(),
        ..Case::new(id, comment, vec![Made::new(user(&[]))], "")
    };
    let found = |id, flags, comment, fields: &[&str]| case(id, flags, comment, fields).read(Ok(0));
    let code = |id, flags, comment, code: Code, fields: &[&str]| case(id, flags, comment, fields).read(Err(code));
    let absent = |id, flags, comment, field: &str| Case { spec: &["COOK-04", "COOK-06"], ..case(id, flags, comment, &[field]) }.read(Err("absent"));
    let named = |id, comment, name: &str, field: &str, expect| Case { cookie: Cookie::named(name), ..case(id, &[], comment, &[field]) }.read(expect);
    let (foreign, trim, decode, upper, quote): (&[_], &[_], &[_], &[_], &[_]) = (&["foreign-cookie"], &["trim-unicode"], &["percent-decoding"], &["cookie-case"], &["quoted-value"]);
    vec![
        found("ok/alone", &[], "one cookie", &["__Host-session={0}"]),
        named("ok/secure", "with the other prefix", "__Secure-session", "__Secure-session={0}", Ok(0)),
        named("ok/plain", "without a prefix", "sid", "a=b; sid={0}", Ok(0)),
        found("foreign/around", foreign, "between two others", &["theme=dark; __Host-session={0}; lang=en"]),
        found("foreign/no-space", foreign, "no space after the semicolons", &["theme=dark;__Host-session={0};lang=en"]),
        found("foreign/spaces", foreign, "many spaces and tabs", &["theme=dark ;\t  __Host-session={0}  \t; lang=en"]),
        found("foreign/quote-open", foreign, "a quotation mark that is never closed", &["theme=\"dark; __Host-session={0}"]),
        found("foreign/quoted-semicolon", foreign, "quotation marks hold no semicolon together", &["theme=\"a; __Host-session={0}; b\"; lang=en"]),
        found("foreign/no-equals", foreign, "a pair without an equals sign", &["flag; __Host-session={0}; other"]),
        found("foreign/empty", foreign, "empty pairs", &[";; ; __Host-session={0};;"]),
        found("foreign/no-name", foreign, "a pair without a name", &["=x; __Host-session={0}; ="]),
        found("foreign/bytes", foreign, "control characters and bytes beyond ASCII", &["\u{0}\u{1}a\u{ff}=\u{80}\r\n\u{7f}; __Host-session={0}; \u{e9}=\u{c3}\u{28}"]),
        found("foreign/json", foreign, "a JSON text", &["prefs={\"a\":1,\"b\":[2]}; __Host-session={0}; x={}"]),
        found("foreign/percent", foreign, "a broken percent sign", &["a=%; b=%zz; %=%; __Host-session={0}"]),
        found("foreign/attributes", foreign, "words that RFC 2109 gave a meaning", &["$Version=1; __Host-session={0}; $Path=/; Path=/; Max-Age=0"]),
        found("foreign/prototype", foreign, "names that objects of JavaScript have", &["__proto__=x; constructor=y; __Host-session={0}; toString=z"]),
        found("foreign/long", foreign, "a foreign value longer than a token may be", &[&format!("a={}; __Host-session={{0}}", "x".repeat(6000))]),
        found("foreign/comma", foreign, "commas part nothing", &["a=b,c; __Host-session={0}; d=e,__Host-session=f"]),
        found("foreign/neighbours", foreign, "names that begin or end like ours", &["__Host-session2=a; __Host-sessio=b; x__Host-session=c; __Host-session-=d; __Host-session={0}"]),
        found("fields/second", foreign, "in the second field", &["theme=dark", "__Host-session={0}"]),
        found("fields/many", foreign, "in the last of several fields, some of them empty", &["", "a=b; c=d", "   ", "\u{ff}", "__Host-session={0}"]),
        code("fields/not-joined", foreign, "a value does not go on in the next field", "too_short", &["__Host-session={0:0:100}", "{0:100:}"]),
        absent("absent/no-cookie", &[], "no cookie of the name", "theme=dark"),
        case("absent/no-field", &[], "no field at all", &[]).read(Err("absent")),
        absent("absent/empty-field", &[], "an empty field", ""),
        absent("absent/no-equals", foreign, "our name without an equals sign", "__Host-session"),
        absent("absent/other-name", &[], "the token under a sibling's name", "__Secure-session={0}; session={0}"),
        absent("absent/suffixes", &[], "the token under the names of the second part and of the mark", "__Host-session.1={0}; __Host-session.end={0}"),
        found("trim/value", &[], "SP and HTAB around name and value", &["\t __Host-session \t=\t {0} \t"]),
        found("trim/name", &[], "a name with spaces behind it", &["__Host-session   ={0}"]),
        code("trim/inside", &[], "a space inside the value", "encoding", &["__Host-session={0:0:100} {0:100:}"]),
        absent("trim/name-inside", &[], "a space inside the name", "__Host- session={0}"),
        absent("trim/vertical-tab", trim, "a vertical tab before the name", "\u{b}__Host-session={0}"),
        absent("trim/form-feed", trim, "a form feed after the name", "__Host-session\u{c}={0}"),
        absent("trim/carriage-return", trim, "a carriage return before the name", "a=b;\r__Host-session={0}"),
        absent("trim/line-feed", trim, "a line feed before the name", "a=b;\n__Host-session={0}"),
        absent("trim/zero", trim, "a zero byte before the name", "\u{0}__Host-session={0}"),
        absent("trim/1f", trim, "a unit separator, which Python trims", "\u{1f}__Host-session={0}"),
        absent("trim/a0", trim, "a no-break space in Latin-1", "\u{a0}__Host-session={0}"),
        absent("trim/85", trim, "a next line in Latin-1", "\u{85}__Host-session={0}"),
        absent("trim/c2-a0", trim, "a no-break space in UTF-8", "\u{c2}\u{a0}__Host-session={0}"),
        absent("trim/e2-80-80", trim, "an en quad in UTF-8", "\u{e2}\u{80}\u{80}__Host-session={0}"),
        absent("trim/ef-bb-bf", trim, "a byte order mark in UTF-8", "\u{ef}\u{bb}\u{bf}__Host-session={0}"),
        absent("trim/a0-after", trim, "a no-break space after the name", "__Host-session\u{a0}={0}"),
        code("trim/value-a0-before", trim, "a no-break space before the value", "not_a_token", &["__Host-session=\u{a0}{0}"]),
        code("trim/value-a0-after", trim, "a no-break space after the value", "encoding", &["__Host-session={0}\u{a0}"]),
        code("trim/value-line-feed", trim, "a line feed after the value", "encoding", &["__Host-session={0}\n"]),
        code("trim/value-zero", trim, "a zero byte after the value", "encoding", &["__Host-session={0}\u{0}"]),
        absent("decode/name", decode, "a percent-encoded letter in the name", "__%48ost-session={0}"),
        absent("decode/name-whole", decode, "a percent-encoded underscore", "%5F_Host-session={0}"),
        absent("decode/equals", decode, "a percent-encoded equals sign", "__Host-session%3D{0}"),
        absent("decode/comma", decode, "behind a comma, in the value of another", "x=1,__Host-session={0}"),
        absent("decode/quoted-name", quote, "the name in quotation marks", "\"__Host-session\"={0}"),
        absent("decode/dollar", decode, "a dollar sign before the name", "$__Host-session={0}"),
        absent("decode/array", decode, "the name of an array's item", "__Host-session[]={0}"),
        absent("decode/dots", decode, "underscores that a language puts for full stops", "..Host-session={0}"),
        code("decode/value", decode, "a percent-encoded letter in the value", "not_a_token", &["__Host-session=%43{0:1:}"]),
        code("decode/value-later", decode, "a percent-encoded letter later in the value", "encoding", &["__Host-session={0:0:60}%41{0:61:}"]),
        code("decode/plus", decode, "a plus sign in the value", "encoding", &["__Host-session={0:0:60}+{0:61:}"]),
        code("decode/padding", decode, "an equals sign after the value", "encoding", &["__Host-session={0}="]),
        code("decode/equals-first", decode, "two equals signs: the second belongs to the value", "not_a_token", &["__Host-session=={0}"]),
        code("decode/quoted-value", quote, "the value in quotation marks", "not_a_token", &["__Host-session=\"{0}\""]),
        code("decode/quote-last", quote, "a quotation mark at the end of the value", "encoding", &["__Host-session={0}\""]),
        code("decode/comma-value", decode, "a comma does not end a value", "encoding", &["__Host-session={0},a=b"]),
        absent("case/lower", upper, "the prefix in lower case", "__host-session={0}"),
        absent("case/upper", upper, "the name in upper case", "__HOST-SESSION={0}"),
        absent("case/one", upper, "one letter in upper case", "__Host-Session={0}"),
        named("case/plain", "without a prefix, case counts as well", "sid", "SID={0}; Sid={0}", Err("absent")),
        code("empty/value", &[], "an empty value", "not_a_token", &["__Host-session="]),
        code("empty/spaces", &[], "a value of spaces", "not_a_token", &["__Host-session= \t ; a=b"]),
        found("empty/beside", &["cookie-tossing"], "an empty value beside the good one", &["__Host-session=; __Host-session={0}"]),
    ]
}
