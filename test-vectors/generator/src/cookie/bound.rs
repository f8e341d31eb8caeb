//! Cases of recheck and of bound sessions in cookies, without device binding.

use super::{Case, T, Writing, reference::mark};
use crate::{
    opener::Code,
    session::{
        IDLE, Made, START,
        action::{Action, flash, set_data, sign_on, sign_on_since},
        bound::{JKT, bound},
        guest,
        recheck::{DENIED, SILENT, answer},
        reference::{Check, Setup},
        user,
    },
    vector::Vector,
};

type Pair = (Case, Writing);

const SID: &str = "AAECAwQFBgcICQoLDA0ODw";

pub(super) fn vectors() -> Vec<Vector> {
    let mut vectors = reads();
    vectors.extend(writes().into_iter().map(|(case, writing)| case.write(writing)));
    vectors
}

fn writing(actions: Vec<Action>, open: &'static str, expect: Result<&'static str, Code>) -> Writing {
    Writing { actions, commit: T, cache_control: None, open, expect, fails: None }
}

/// Returns a user's token that was checked at this time.
fn at(checked: u64) -> Made {
    Made::new(user(&[("checked", &checked.to_string())]))
}

fn ruled(recheck: u64, check: Option<Check>, case: Case) -> Case {
    Case { setup: Setup::rechecking(recheck, check), ..case }
}

#[rustfmt::skip] // one case a line
fn reads() -> Vec<Vector> {
    let of_device = |id, comment, tokens: &[Made], field: &str| Case { spec: &["COOK-06", "SESS-29"], flags: &["bound-session"], ..Case::new(id, comment, tokens.to_vec(), &field.replace('N', "__Host-session")) };
    let recheck = |id, comment, checked, check| Case { spec: &["COOK-06", "SESS-30", "SESS-31"], flags: &["recheck-window"], ..ruled(60, Some(check), Case::new(id, comment, vec![at(checked)], "__Host-session={0}")) };
    let key = bound(&[]);
    let newer = Made::new(bound(&[("rev", "2")]));
    let proof = Made { purpose: "session.proof", ttl: 600, ..Made::new(format!("{{\"jkt\":\"{JKT}\"}}")) };
    let one = [Made::new(key.clone())];
    vec![
        of_device("bound/one", "a session that is bound to a device", &one, "N={0}").read(Err("unproven")),
        of_device("bound/with-proof", "a proof means nothing where device binding is not set up", &[one[0].clone(), proof], "N={0}; N.proof={1}").read(Err("unproven")),
        of_device("bound/newer", "a bound one of a greater rev is chosen, and is not proven", &[Made::new(user(&[])), newer.clone()], "N={0}; N={1}").read(Err("unproven")),
        of_device("bound/older", "an unbound one of a greater rev is chosen", &[one[0].clone(), Made::new(user(&[("rev", "2")]))], "N={0}; N={1}").read(Ok(1)),
        of_device("bound/parts", "in two cookies", &one, "N=2.aaaaaaaa.{0:0:100}; N.1=aaaaaaaa.{0:100:}").read(Err("unproven")),
        of_device("bound/ended", "ended by its mark: that is told", &one, &format!("N={{0}}; N.end={}", mark(SID))).read(Err("signed_off")),
        Case { now: START + IDLE, ..of_device("bound/expired", "expired: that is told", &one, "N={0}") }.read(Err("expired")),
        Case { setup: Setup::checked(None, true), ..of_device("bound/denied", "denied: nobody is asked", &one, "N={0}") }.read(Err("unproven")),
        of_device("bound/ambiguous", "a bound session and another one: neither", &[one[0].clone(), Made::new(user(&[("sid", "\"AQEBAQEBAQEBAQEBAQEBAQ\"")]))], "N={0}; N={1}").read(Err("ambiguous")),
        Case { checked: true, ..recheck("recheck/due", "due and answered: checked is now", START, answer(7)) }.read(Ok(0)),
        recheck("recheck/not-due", "not due: another generation opens", START + 1, answer(8)).read(Ok(0)),
        recheck("recheck/revoked", "due, and another generation", START, answer(8)).read(Err("revoked")),
        recheck("recheck/denied", "due, and denied", START, DENIED).read(Err("signed_off")),
        recheck("recheck/unanswered", "due, and no answer", START, SILENT).read(Err("unchecked")),
        Case { checked: true, tokens: vec![at(START), Made::new(user(&[("checked", "1790000001"), ("rev", "2"), ("gen", "7")])), Made::new(user(&[("rev", "3")]))], template: vec!["__Host-session={0}; __Host-session={1}; __Host-session={2}".into()], ..recheck("recheck/of-chosen", "the time of the session that is chosen counts, not of another one", START, answer(7)) }.read(Ok(2)),
    ]
}

#[rustfmt::skip] // one case a line
fn writes() -> Vec<Pair> {
    let of_device = |id, comment, field: &str, actions, expect| (Case { spec: &["SESS-18", "SESS-29"], flags: &["bound-session", "not-now"], ..Case::new(id, comment, vec![Made::new(bound(&[]))], &field.replace('N', "__Host-session")) }, writing(actions, "unproven", Ok(expect)));
    let recheck = |id, comment, check, checked, actions, open, expect| (Case { spec: &["COOK-09", "COOK-10", "SESS-31"], flags: &["recheck-window"], ..ruled(60, Some(check), Case::new(id, comment, vec![at(checked)], "__Host-session={0}")) }, writing(actions, open, expect));
    // With this data a user's token has as many octets as the cookie holds, and `checked` does not fit.
    let frame = user(&[("data", "{\"pad\":\"\"}")]).len();
    let full = Made::new(user(&[("data", &format!("{{\"pad\":\"{}\"}}", "x".repeat((4096 - "__Host-session".len()) * 3 / 4 - 85 - frame)))]));
    let filled = |(case, writing): Pair| (Case { tokens: vec![full.clone()], flags: &["lost-page"], spec: &["COOK-11", "SESS-11", "SESS-31"], ..case }, writing);
    let guests = guest(&[("checked", "1790000060"), ("data", "{\"pad\":\"\"}")]).len();
    let pad = |more: usize| set_data(format!("{{\"pad\":\"{}\"}}", "x".repeat((4096 - "__Host-session".len()) * 3 / 4 - 85 - guests + more)));
    let excess = |(case, writing): Pair| (Case { tokens: vec![], template: vec!["theme=dark".into()], spec: &["COOK-17", "SESS-31"], flags: &["size-on-wire"], ..case }, writing);
    vec![
        of_device("bound/read", "a page that reads: nothing is written", "N={0}", vec![], ""),
        of_device("bound/read-proof", "nor where a value of the proof's name came", "N={0}; N.proof=x", vec![], ""),
        of_device("bound/change", "what the application writes replaces it", "N={0}", vec![set_data("{\"a\":1}")], "+"),
        of_device("bound/sign-on", "a sign-on replaces it, and offers it", "N={0}", vec![sign_on("ada", 7)], "+"),
        of_device("bound/sign-off", "a sign-off marks it, and offers it", "N={0}", vec![Action::SignOff], "+.end -"),
        of_device("bound/sign-off-proof", "without device binding the proof's cookie is not touched", "N={0}; N.proof=x", vec![Action::SignOff], "+.end -"),
        of_device("bound/sign-off-parts", "in two cookies", "N=2.aaaaaaaa.{0:0:100}; N.1=aaaaaaaa.{0:100:}", vec![Action::SignOff], "-.1 +.end -"),
        of_device("bound/sign-off-sign-on", "a sign-off, then a sign-on", "N={0}", vec![Action::SignOff, sign_on("grace", 3)], "+.end +"),
        recheck("recheck/due", "due and answered: a page that only reads writes its session", answer(7), START, vec![], "opened", Ok("+")),
        recheck("recheck/not-due", "not due", answer(8), START + 1, vec![], "opened", Ok("")),
        recheck("recheck/unanswered", "no answer: nothing is written", SILENT, START, vec![], "unchecked", Ok("")),
        recheck("recheck/revoked-sign-off", "revoked, and signed off: marked and offered", answer(8), START, vec![Action::SignOff], "revoked", Ok("+.end -")),
        recheck("recheck/sign-on", "a sign-on", answer(7), START + 1, vec![sign_on("grace", 3)], "opened", Ok("+")),
        recheck("recheck/earlier-proof", "one that rests on an earlier proof: not checked", answer(7), START + 1, vec![sign_on_since(START)], "opened", Ok("+")),
        recheck("recheck/sign-off", "a sign-off, where a recheck alone would seal", answer(7), START, vec![Action::SignOff], "opened", Ok("+.end -")),
        recheck("recheck/sign-off-flash", "a message after it", answer(7), START, vec![Action::SignOff, flash("notice", "\"bye\"")], "opened", Ok("+.end +")),
        filled(recheck("recheck/too-large", "with checked the session does not fit: the page is not lost", answer(7), START, vec![], "opened", Ok(""))),
        filled(recheck("recheck/too-large-send", "where it is to be sent, that is an error", answer(7), START, vec![Action::Send], "opened", Err("cookie_too_large"))),
        excess(recheck("recheck/excess", "the dry run counts checked: the largest that fits", answer(7), START, vec![pad(0), Action::Excess { now: T, over: 0 }], "absent", Ok("+"))),
        excess(recheck("recheck/excess-over", "and three octets more", answer(7), START, vec![pad(3), Action::Excess { now: T, over: 4 }, pad(0)], "absent", Ok("+"))),
    ]
}
