//! Cases of `read_token`: a token that is no session (§20.6).

use super::{Case, jar::Cookie, reference::mark};
use crate::{
    opener::Context,
    session::{Made, reference::Setup, setup, user},
    vector::Vector,
};

#[rustfmt::skip] // one case a line
pub(super) fn vectors() -> Vec<Vector> {
    let url = |payload: &str| Made { purpose: "return-url", ttl: 600, ..Made::new(payload) };
    let setup = Setup { context: Context { purpose: "return-url".into(), ..setup().context }, ..setup() };
    let case = |id, comment, tokens: &[Made], field: &str| Case { spec: &["COOK-08"], setup: setup.clone(), cookie: Cookie::named("__Host-return"), ..Case::new(id, comment, tokens.to_vec(), &field.replace('N', "__Host-return")) };
    let one = [url("/basket?page=2")];
    let length = one[0].token("").len();
    let two = [one[0].clone(), url("/help")];
    let twins = [one[0].clone(), one[0].clone()];
    let read = |id, comment, tokens: &[Made], field: &str, expect| case(id, comment, tokens, field).read_token(3600, expect);
    let session = Made { purpose: "return-url", ..Made::new(user(&[])) };
    vec![
        read("ok", "one token", &one, "N={0}", Ok(0)),
        read("ok-not-json", "any payload will do", &[url("\u{0}{not JSON")], "N={0}", Ok(0)),
        read("ok-empty", "an empty payload too", &[url("")], "N={0}", Ok(0)),
        read("ok-session", "a payload that looks like a session is not judged as one", &[Made { payload: user(&[("rev", "0")]).into(), ..session.clone() }], "N={0}", Ok(0)),
        read("ok-mark", "marks are for sessions", &[session], &format!("N={{0}}; N.end={}", mark("AAECAwQFBgcICQoLDA0ODw")), Ok(0)),
        read("equal", "the same value twice counts once", &one, "N={0}; N={0}", Ok(0)),
        read("garbage-beside", "values without the shape beside it", &one, "N=x; N=; N=2.x; N={0}", Ok(0)),
        read("expired-beside", "an expired one beside it", &[Made { ttl: 30, ..one[0].clone() }, two[1].clone()], "N={0}; N={1}", Ok(1)),
        read("tampered-beside", "a tampered one beside it", &one, "N={0:0:116}; N={0}", Ok(0)),
        read("parts", "in two cookies", &one, "N=2.aaaaaaaa.{0:0:100}; N.1=aaaaaaaa.{0:100:}", Ok(0)),
        read("two-forms", "the same token as one value and in two cookies: two candidates", &one, "N={0}; N=2.aaaaaaaa.{0:0:100}; N.1=aaaaaaaa.{0:100:}", Err("ambiguous")),
        case("max-age", "the last second of max_age", &one, "N={0}").read_token(61, Ok(0)),
        read("absent", "no cookie of the name", &one, "__Host-session={0}", Err("absent")),
        read("two", "two that open", &two, "N={0}; N={1}", Err("ambiguous")),
        read("two-of-one-payload", "two that open to the same payload", &twins, "N={0}; N={1}", Err("ambiguous")),
        read("five", "five distinct candidates", &one, "N={0}; N={0}~1; N={0}~2; N={0}~3; N={0}~4", Err("ambiguous")),
        case("max-age-over", "max_age is over", &one, "N={0}").read_token(60, Err("expired")),
        case("max-age-0", "a max_age of nothing", &one, "N={0}").read_token(0, Err("max_age_range")),
        Case { flags: &["caller-error"], setup: Setup { policy: crate::session::reference::Policy { leeway: 301, ..setup.policy }, ..setup.clone() }, spec: &["COOK-08", "TIME-01"], ..case("leeway-301", "a leeway out of range", &one, "N={0}") }.read_token(3600, Err("leeway_range")),
        read("other-purpose", "a session's token", &[Made::new(user(&[]))], "N={0}", Err("unknown_key")),
        read("too-long", "a value of 5 981 octets, alone", &one, &format!("N={{0}}{}", "A".repeat(5981 - length)), Err("too_long")),
        read("too-long-not-ours", "a value of 5 981 octets that is no token", &one, &format!("N={}", "x".repeat(5981)), Err("too_long")),
        read("too-long-beside", "the same beside a good one", &one, &format!("N={{0}}{}; N={{0}}", "A".repeat(5981 - length)), Ok(0)),
        read("chunks", "no second part", &one, "N=2.aaaaaaaa.{0:0:100}", Err("chunks")),
        read("tampered", "a letter changed", &one, "N={0:0:100}AAAA{0:104:}", Err("auth_failed")),
        read("code-of-first", "none opens: the code of the first candidate", &[Made { ttl: 30, ..one[0].clone() }], "N={0}; N={0:0:116}", Err("expired")),
    ]
}
