//! Cases of `read`: a token in two cookies (§20.5).

use super::{Case, choosing::OTHER, jar::Cookie};
use crate::{
    session::{Made, guest, user},
    vector::Vector,
};

#[rustfmt::skip] // one case a line
pub(super) fn vectors() -> Vec<Vector> {
    let padded = |octets: usize| {
        let payload = guest(&[("data", "{\"pad\":\"\"}")]);
        let letters = octets * 3 / 4 - 85 - payload.len();
        Made::new(guest(&[("data", &format!("{{\"pad\":\"{}\"}}", "x".repeat(letters)))]))
    };
    let one = vec![Made::new(user(&[]))];
    let two = vec![one[0].clone(), Made::new(user(&[("rev", "2")]))];
    let strangers = vec![one[0].clone(), Made::new(user(&[("sid", OTHER)]))];
    // `N=` stands for the name.
    let case = |id, comment, tokens: &[Made], field: &str| Case { spec: &["COOK-13", "COOK-14"], flags: &["chunk-mix"], ..Case::new(id, comment, tokens.to_vec(), &field.replace('N', "__Host-session")) };
    let ok = |id, comment, field: &str| case(id, comment, &one, field).read(Ok(0));
    let bad = |id, comment, field: &str| case(id, comment, &one, field).read(Err("chunks"));
    let long = padded(5980);
    let medium = padded(3400);
    vec![
        ok("parts/joined", "two parts", "N=2.aaaaaaaa.{0:0:100}; N.1=aaaaaaaa.{0:100:}"),
        ok("parts/swapped", "the second part first", "N.1=aaaaaaaa.{0:100:}; N=2.aaaaaaaa.{0:0:100}"),
        ok("parts/id", "an id of other characters", "N=2.-_09AZaz.{0:0:100}; N.1=-_09AZaz.{0:100:}"),
        ok("parts/first-48", "a first part of 48 octets", "N=2.aaaaaaaa.{0:0:48}; N.1=aaaaaaaa.{0:48:}"),
        ok("parts/second-1", "a second part of one octet", "N=2.aaaaaaaa.{0:0:305}; N.1=aaaaaaaa.{0:305:}"),
        ok("parts/second-doubled", "the second part twice, equal", "N=2.aaaaaaaa.{0:0:100}; N.1=aaaaaaaa.{0:100:}; N.1=aaaaaaaa.{0:100:}"),
        ok("parts/first-doubled", "the first part twice, equal", "N=2.aaaaaaaa.{0:0:100}; N=2.aaaaaaaa.{0:0:100}; N.1=aaaaaaaa.{0:100:}"),
        ok("parts/other-id-beside", "a second part of another id beside it", "N=2.aaaaaaaa.{0:0:100}; N.1=bbbbbbbb.{0:100:}; N.1=aaaaaaaa.{0:100:}"),
        ok("parts/garbage-beside", "second parts that are none beside it", "N=2.aaaaaaaa.{0:0:100}; N.1=; N.1=aaaaaaaa; N.1=aaaaaaaa.; N.1=x; N.1=aaaaaaaa.{0:100:}"),
        ok("parts/spaces", "SP and HTAB around them", "N = 2.aaaaaaaa.{0:0:100} ;\tN.1\t=\taaaaaaaa.{0:100:}\t"),
        case("parts/largest", "3 000 octets each: the largest token", std::slice::from_ref(&long), "N=2.aaaaaaaa.{0:0:2989}; N.1=aaaaaaaa.{0:2989:}").read(Ok(0)),
        Case { cookie: Cookie { large: true, ..Cookie::usual() }, ..case("parts/set-up-large", "a reader that writes this form too", &one, "N=2.aaaaaaaa.{0:0:100}; N.1=aaaaaaaa.{0:100:}") }.read(Ok(0)),
        Case { cookie: Cookie::named("sid"), ..case("parts/no-prefix", "a name without a prefix", &one, "sid=2.aaaaaaaa.{0:0:100}; sid.1=aaaaaaaa.{0:100:}") }.read(Ok(0)),
        ok("parts/single-beside", "a whole token beside parts that do not join", "N=2.aaaaaaaa.{0:0:100}; N={0}"),
        ok("parts/same-token", "the same token whole and in parts", "N=2.aaaaaaaa.{0:0:100}; N.1=aaaaaaaa.{0:100:}; N={0}"),
        case("parts/rev", "parts of a greater rev beside a whole token", &two, "N={0}; N=2.aaaaaaaa.{1:0:100}; N.1=aaaaaaaa.{1:100:}").read(Ok(1)),
        case("parts/rev-single", "a whole token of a greater rev beside parts", &two, "N=2.aaaaaaaa.{0:0:100}; N.1=aaaaaaaa.{0:100:}; N={1}").read(Ok(1)),
        case("parts/two-ids", "parts of two tokens of a session", &two, "N=2.aaaaaaaa.{0:0:100}; N=2.bbbbbbbb.{1:0:100}; N.1=aaaaaaaa.{0:100:}; N.1=bbbbbbbb.{1:100:}").read(Ok(1)),
        case("parts/two-sessions", "parts of two sessions", &strangers, "N=2.aaaaaaaa.{0:0:100}; N=2.bbbbbbbb.{1:0:100}; N.1=aaaaaaaa.{0:100:}; N.1=bbbbbbbb.{1:100:}").read(Err("ambiguous")),
        bad("parts/second-missing", "no second part", "N=2.aaaaaaaa.{0:0:100}"),
        bad("parts/whole-in-first", "the whole token in the first part, and no second", "N=2.aaaaaaaa.{0}"),
        bad("parts/second-other-id", "a second part of another id", "N=2.aaaaaaaa.{0:0:100}; N.1=bbbbbbbb.{0:100:}"),
        bad("parts/second-other-case", "ids are compared octet by octet", "N=2.aaaaaaaa.{0:0:100}; N.1=AAAAAAAA.{0:100:}"),
        bad("parts/second-differing", "two second parts of the id", "N=2.aaaaaaaa.{0:0:100}; N.1=aaaaaaaa.{0:100:}; N.1=aaaaaaaa.{0:101:}"),
        bad("parts/second-empty", "a second part of nothing", "N=2.aaaaaaaa.{0}; N.1=aaaaaaaa."),
        bad("parts/second-no-dot", "no full stop after the id", "N=2.aaaaaaaa.{0:0:100}; N.1=aaaaaaaa{0:100:}"),
        bad("parts/second-with-2", "a second part of the form of a first", "N=2.aaaaaaaa.{0:0:100}; N.1=2.aaaaaaaa.{0:100:}"),
        bad("parts/second-quoted", "a second part in quotation marks", "N=2.aaaaaaaa.{0:0:100}; N.1=\"aaaaaaaa.{0:100:}\""),
        bad("parts/second-other-name", "a second part under the names of others", "N=2.aaaaaaaa.{0:0:100}; N.2=aaaaaaaa.{0:100:}; N.01=aaaaaaaa.{0:100:}; N1=aaaaaaaa.{0:100:}"),
        case("parts/second-3001", "a second part of 3 001 octets", std::slice::from_ref(&medium), "N=2.aaaaaaaa.{0:0:408}; N.1=aaaaaaaa.{0:408:}").read(Err("chunks")),
        case("parts/second-3000", "a second part of 3 000 octets", std::slice::from_ref(&medium), "N=2.aaaaaaaa.{0:0:409}; N.1=aaaaaaaa.{0:409:}").read(Ok(0)),
        case("parts/first-3001", "a first part of 3 001 octets has no shape", std::slice::from_ref(&medium), "N=2.aaaaaaaa.{0:0:2990}; N.1=aaaaaaaa.{0:2990:}").read(Err("chunks")),
        case("parts/first-3000", "a first part of 3 000 octets", &[medium], "N=2.aaaaaaaa.{0:0:2989}; N.1=aaaaaaaa.{0:2989:}").read(Ok(0)),
        bad("parts/first-47", "a first part of 47 octets has no shape", "N=2.aaaaaaaa.{0:0:47}; N.1=aaaaaaaa.{0:47:}"),
        bad("parts/first-empty", "a first part of nothing", "N=2.aaaaaaaa.; N.1=aaaaaaaa.{0}"),
        bad("parts/id-short", "an id of seven characters", "N=2.aaaaaaa.{0:0:100}; N.1=aaaaaaa.{0:100:}"),
        bad("parts/id-long", "an id of nine characters", "N=2.aaaaaaaaa.{0:0:100}; N.1=aaaaaaaaa.{0:100:}"),
        bad("parts/id-character", "an id with a character outside the alphabet", "N=2.aaaa+aaa.{0:0:100}; N.1=aaaa+aaa.{0:100:}"),
        bad("parts/no-id", "no id", "N=2.{0:0:100}; N.1={0:100:}"),
        bad("parts/two-dots", "2. and no more", "N=2.; N.1=aaaaaaaa.{0}"),
        bad("parts/first-kind", "the beginning of a signed token", "N=2.aaaaaaaa.CrS1{0:4:100}; N.1=aaaaaaaa.{0:100:}"),
        ok("parts/first-magic-five", "five first parts that do not begin with CrE1 have no shape, and hide nothing", "N=2.aaaaaaaa.XXXX{0:4:100}; N=2.bbbbbbbb.XXXX{0:4:100}; N=2.cccccccc.CrS1{0:4:100}; N=2.dddddddd.cre1{0:4:100}; N=2.eeeeeeee.CrE2{0:4:100}; N={0}"),
        ok("parts/first-magic-beside", "beside parts that join", "N=2.bbbbbbbb.XXXX{0:4:100}; N=2.cccccccc.XXXX{0:4:100}; N=2.dddddddd.XXXX{0:4:100}; N=2.eeeeeeee.XXXX{0:4:100}; N=2.aaaaaaaa.{0:0:100}; N.1=aaaaaaaa.{0:100:}"),
        bad("parts/first-magic", "alone: the first is told, which begins with 2.", "N=2.aaaaaaaa.XXXX{0:4:100}; N.1=aaaaaaaa.{0:100:}"),
        case("parts/first-magic-code", "not the first candidate, whose code is told", &[Made { ttl: 30, ..one[0].clone() }], "N=2.aaaaaaaa.XXXX{0:4:100}; N={0}").read(Err("expired")),
        case("parts/first-unknown-key", "the beginning of a token of another key", &[Made { key: 2, ..one[0].clone() }], "N=2.aaaaaaaa.{0:0:100}; N.1=aaaaaaaa.{0:100:}").read(Err("chunks")),
        case("parts/other-form", "a later form of several cookies", &one, "N=3.aaaaaaaa.{0:0:100}; N.1=aaaaaaaa.{0:100:}").read(Err("not_a_token")),
        case("parts/garbage-first", "garbage first, then a first part without the shape: the first is told", &one, "N=x; N=2.x").read(Err("not_a_token")),
        case("parts/mixed-ids", "parts of two tokens that crossed", &two, "N=2.aaaaaaaa.{0:0:100}; N.1=bbbbbbbb.{1:100:}").read(Err("chunks")),
        case("parts/mixed", "parts of two sessions under one id", &strangers, "N=2.aaaaaaaa.{0:0:100}; N.1=aaaaaaaa.{1:100:}").read(Err("auth_failed")),
        case("parts/gap", "an octet missing between the parts", &one, "N=2.aaaaaaaa.{0:0:100}; N.1=aaaaaaaa.{0:104:}").read(Err("auth_failed")),
        case("parts/second-characters", "characters of no token in the second part", &one, "N=2.aaaaaaaa.{0:0:100}; N.1=aaaaaaaa.{0:100:}=").read(Err("encoding")),
        case("parts/second-dot", "a full stop in the second part", &one, "N=2.aaaaaaaa.{0:0:100}; N.1=aaaaaaaa..{0:100:}").read(Err("encoding")),
        case("parts/too-short", "parts that join to 52 octets", &one, "N=2.aaaaaaaa.{0:0:48}; N.1=aaaaaaaa.{0:48:52}").read(Err("too_short")),
        case("parts/exchanged", "first and second part in each other's place", &one, "N=2.aaaaaaaa.{0:100:}; N.1=aaaaaaaa.{0:0:100}").read(Err("chunks")),
        case("parts/five", "five first parts, one of which joins", &one, "N=2.aaaaaaaa.{0:0:100}; N=2.bbbbbbbb.{0:0:100}; N=2.cccccccc.{0:0:100}; N=2.dddddddd.{0:0:100}; N=2.eeeeeeee.{0:0:100}; N.1=aaaaaaaa.{0:100:}").read(Err("ambiguous")),
        case("parts/chunks-then-expired", "none opens: the first candidate's code is that of its parts", &[Made { ttl: 30, ..one[0].clone() }], "N=2.aaaaaaaa.{0:0:100}; N={0}").read(Err("chunks")),
        case("parts/expired", "joined, and expired", &[Made { ttl: 30, ..one[0].clone() }], "N=2.aaaaaaaa.{0:0:100}; N.1=aaaaaaaa.{0:100:}").read(Err("expired")),
    ]
}
