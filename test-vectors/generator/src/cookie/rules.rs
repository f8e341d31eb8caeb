//! Cases of the four prefixes, of several sessions in one request, of the dry run, and of no clock or randomness.

use super::{Case, T, Writing, jar::Cookie, reference::mark};
use crate::{
    opener::Code,
    session::{
        Made, START,
        action::{Action, flash, set_data, sign_on},
        guest, user,
    },
    vector::Vector,
};

type Pair = (Case, Writing);

pub(super) fn vectors() -> Vec<Vector> {
    let mut vectors = reads();
    vectors.extend([several(), excess(), largest()].concat().into_iter().map(|(case, writing)| case.write(writing)));
    vectors
}

/// The payload of a user's session of another sid.
fn other(number: usize, changes: &[(&str, &str)]) -> Made {
    let sid = format!("\"{number:A>22}\"");
    let mut all = vec![("sid", sid.as_str())];
    all.extend(changes);
    Made::new(user(&all))
}

fn case(
    id: &'static str,
    spec: &'static [&'static str],
    flags: &'static [&'static str],
    comment: &'static str,
    tokens: Vec<Made>,
    field: &str,
) -> Case {
    Case { spec, flags, ..Case::new(id, comment, tokens, field) }
}

#[rustfmt::skip] // one case a line
fn reads() -> Vec<Vector> {
    let own = || vec![Made::new(user(&[]))];
    let marks = |id, comment, marks: String| case(id, &["COOK-07"], &["late-response"], comment, own(), &format!("__Host-session={{0}}; __Host-session.end={marks}"));
    let (this, that) = (mark("AAECAwQFBgcICQoLDA0ODw"), mark("AAAAAAAAAAAAAAAAAAAAA1"));
    vec![
        marks("ended-marks/first", "several marks in one value: the first is the session's", format!("{this}.{that}")).read(Err("signed_off")),
        marks("ended-marks/last", "the last is", format!("{that}.{that}.{this}")).read(Err("signed_off")),
        marks("ended-marks/empty-items", "empty items beside it", format!(".{this}.")).read(Err("signed_off")),
        marks("ended-marks/others", "none is", format!("{that}.{that}")).read(Ok(0)),
        marks("ended-marks/longer", "a longer item is no mark", format!("{that}.{this}A")).read(Ok(0)),
        marks("ended-marks/shorter", "nor is a shorter one", format!("{}.{that}", &this[..21])).read(Ok(0)),
        marks("ended-marks/halves", "nor one with a point inside", format!("{}.{}", &this[..11], &this[11..])).read(Ok(0)),
        marks("ended-marks/comma", "a comma joins nothing", format!("{that},{this}")).read(Ok(0)),
        marks("ended-marks/case", "marks are compared octet by octet", this.to_ascii_lowercase()).read(Ok(0)),
    ]
}

fn writing(actions: Vec<Action>, open: &'static str, expect: Result<&'static str, Code>) -> Writing {
    Writing { actions, commit: T, cache_control: None, open, expect, fails: None }
}

#[rustfmt::skip] // one case a line
fn several() -> Vec<Pair> {
    let spec: &[&str] = &["SESS-17", "COOK-07", "COOK-09"];
    let flags: &[&str] = &["cookie-tossing", "lost-sign-off"];
    let field = |n: usize| (0..n).map(|at| format!("__Host-session={{{at}}}")).collect::<Vec<_>>().join("; ");
    let made = |n: usize| (1..=n).map(|number| other(number, &[])).collect::<Vec<_>>();
    let off = || vec![Action::SignOff];
    let with = |id, comment, tokens: Vec<Made>, actions, expect| (case(id, spec, flags, comment, tokens.clone(), &field(tokens.len())), writing(actions, "ambiguous", Ok(expect)));
    let ends = |end: &str| other(1, &[("end", end)]);
    let soon = Made { payload: ends("1790000100").payload, ..Made::new("") };
    vec![
        with("several/three", "three sessions: each is marked and offered, in the order received", made(3), off(), "+.end -"),
        with("several/four", "four: as many as are opened", made(4), off(), "+.end -"),
        with("several/five", "five candidates: those of the first four", made(5), off(), "+.end -"),
        with("several/one-expired", "one that has expired is not authentic for this", vec![other(1, &[]), Made { issued_at: START - 5000, ..other(2, &[]) }, other(3, &[])], off(), "+.end -"),
        with("several/longest", "the life of the mark is the longest", vec![ends("1790000200"), other(2, &[])], off(), "+.end -"),
        with("several/twice", "two tokens of one session beside another: its mark stands once", vec![other(1, &[]), other(2, &[]), other(1, &[("rev", "2")])], off(), "+.end -"),
        with("several/sign-on", "a sign-on offers both, and marks none", made(2), vec![sign_on("grace", 3)], "+"),
        with("several/sign-off-sign-on", "a sign-off and a sign-on: both", made(2), vec![Action::SignOff, sign_on("grace", 3)], "+.end +"),
        with("several/nothing", "nothing is written by itself", made(2), vec![], ""),
        with("several/data", "data of the application: nothing is offered", made(2), vec![set_data("{\"a\":1}")], "+"),
        with("several/flash", "a sign-off with a message", made(2), vec![Action::SignOff, flash("notice", "\"bye\"")], "+.end +"),
        {
            let (case, writing) = with("several/one-over", "one that is over by the commit has no mark, and is offered", vec![soon, other(2, &[])], off(), "+.end -");
            (case, Writing { commit: START + 100, ..writing })
        },
        {
            let (case, writing) = with("several/all-over", "all are over by the commit: no mark", vec![ends("1790000100"), other(2, &[("end", "1790000100")])], off(), "-");
            (case, Writing { commit: START + 100, ..writing })
        },
        (case("several/one-chosen", spec, flags, "one session in two tokens is chosen: it alone", vec![other(1, &[]), other(1, &[("rev", "2")])], &field(2)), writing(off(), "opened", Ok("+.end -"))),
    ]
}

/// Returns a `data` of one text of this many letters.
fn pad(letters: usize) -> Action {
    set_data(format!("{{\"pad\":\"{}\"}}", "x".repeat(letters)))
}

#[rustfmt::skip] // one case a line
fn excess() -> Vec<Pair> {
    let spec: &[&str] = &["COOK-17"];
    let flags: &[&str] = &["size-on-wire"];
    // A guest's frame: as long as that of the session that is written.
    let frame = guest(&[("data", "{\"pad\":\"\"}")]).len();
    let letters = |octets: usize| octets * 3 / 4 - 85 - frame;
    let one = 4096 - "__Host-session".len();
    let fits = |over| Action::Excess { now: T, over };
    let visit = |id, comment, cookie: Cookie, actions, expect| (Case { cookie, template: vec!["theme=dark".into()], ..case(id, spec, flags, comment, vec![], "") }, writing(actions, "absent", Ok(expect)));
    let usual = Cookie::usual;
    let large = || Cookie { large: true, ..Cookie::usual() };
    vec![
        visit("excess/empty", "an empty session fits, and is not written", usual(), vec![fits(0)], ""),
        visit("excess/fits", "the largest that fits one cookie", usual(), vec![pad(letters(one)), fits(0)], "+"),
        visit("excess/over", "too large, by so many octets; made smaller before the commit", usual(), vec![pad(letters(one) + 100), fits(133), pad(1), fits(0)], "+"),
        visit("excess/undone", "the dry run changes nothing", usual(), vec![pad(letters(one) + 100), fits(133), set_data("{}")], ""),
        visit("excess/large", "two cookies hold more", large(), vec![pad(letters(one) + 100), fits(0)], "+.1 +"),
        visit("excess/large-over", "over two cookies", large(), vec![pad(letters(5980) + 30), fits(40), pad(1)], "+"),
        (case("excess/read", spec, flags, "a session that is only read", vec![Made::new(user(&[]))], "__Host-session={0}"), writing(vec![fits(0)], "opened", Ok(""))),
    ]
}

#[rustfmt::skip] // one case a line
fn largest() -> Vec<Pair> {
    let spec: &[&str] = &["COOK-11"];
    let too_large = |id, flags, comment, data: String| (Case { template: vec!["theme=dark".into()], ..case(id, spec, flags, comment, vec![], "") }, writing(vec![set_data(data)], "absent", Err("cookie_too_large")));
    let text = |letters: usize| format!("\"{}\"", "x".repeat(letters));
    let equal = text(1500);
    vec![
        too_large("largest/equal", &["size-on-wire"], "two equally long values: the smaller name", format!("{{\"b\":{equal},\"a\":{equal}}}")),
        too_large("largest/equal-utf-8", &["size-on-wire"], "names are compared by their UTF-8 bytes", format!("{{\"\u{1f600}\":{equal},\"\u{ff5e}\":{equal}}}")),
        too_large("largest/equal-numbers", &["size-on-wire"], "numeric names are names", format!("{{\"10\":{equal},\"9\":{equal}}}")),
        too_large("largest/spelling", &["number-spelling"], "a number counts as it is written", format!("{{\"a\":[{}],\"b\":{}}}", ["1.50000000"; 400].join(","), text(1700))),
        too_large("largest/escapes", &["size-on-wire"], "escapes count as they are written", format!("{{\"a\":\"{}\",\"b\":{}}}", "\\u0001".repeat(300), text(1750))),
    ]
}
