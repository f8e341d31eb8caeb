//! Cases without a clock or without randomness.

use super::{Case, Fails, T, Writing, jar::Cookie};
use crate::{
    json::Json,
    opener::Code,
    session::{
        IDLE, Made, START,
        action::{Action, flash, set_data},
        user,
    },
    vector::{Outcome, Vector},
};

fn case(id: &'static str, comment: &'static str) -> Case {
    Case {
        spec: &["SESS-27", "TIME-02"],
        flags: &["no-clock"],
        ..Case::new(id, comment, vec![Made::new(user(&[]))], "__Host-session={0}")
    }
}

/// Takes the clock of a reading away.
fn clockless(mut vector: Vector) -> Vector {
    vector.inputs.iter_mut().filter(|(name, _)| name == "now").for_each(|(_, now)| *now = Json::Null);
    vector.outcome = Outcome::Error("no_clock");
    vector
}

#[rustfmt::skip] // one case a line
pub(super) fn vectors() -> Vec<Vector> {
    let change = || vec![set_data("{\"a\":1}")];
    let long = || vec![set_data(format!("{{\"a\":\"{}\"}}", "x".repeat(3500)))];
    let bye = || vec![Action::SignOff, flash("notice", "\"bye\"")];
    let writing = |fails, open, actions, expect| Writing { actions, commit: T, cache_control: None, open, expect, fails: Some(fails) };
    let blind = |id, comment, actions, expect| {
        let spec: &[&str] = &["SESS-27", "SESS-18", "TIME-02"];
        Case { spec, flags: &["no-clock", "not-now"], ..case(id, comment) }.write(writing(Fails::ClockAtOpen, "no_clock", actions, Ok(expect)))
    };
    let late = |id, comment, actions| {
        Case { spec: &["TIME-02", "SESS-28"], ..case(id, comment) }.write(writing(Fails::ClockAtCommit, "opened", actions, Err("no_clock")))
    };
    let dry = |id, comment, cookie, now, actions, expect: Result<_, Code>| {
        let spec: &[&str] = &["SEAL-04", "SESS-11", "SESS-28"];
        Case { spec, flags: &["no-randomness"], cookie, now, ..case(id, comment) }.write(Writing { commit: now, ..writing(Fails::Randomness, "opened", actions, expect) })
    };
    let usual = Cookie::usual;
    vec![
        clockless(case("no-clock", "no clock").read(Ok(0))),
        clockless(Case { template: vec!["theme=dark".into()], tokens: vec![], ..case("no-clock-absent", "no clock, and no such cookie") }.read(Err("absent"))),
        clockless(case("no-clock", "no clock").read_token(3600, Ok(0))),
        blind("no-clock/read", "a page that reads: nothing is written", vec![], ""),
        blind("no-clock/sign-off", "a sign-off: the cookie is taken away, nothing is known to mark", vec![Action::SignOff], "-"),
        Case { spec: &["COOK-09", "SESS-27"], flags: &["no-clock"], template: vec!["__Host-session={0}; __Host-session.1=x".into()], ..case("no-clock/sign-off-second", "a sign-off: the second of two cookies is taken away too") }
            .write(writing(Fails::ClockAtOpen, "no_clock", vec![Action::SignOff], Ok("-.1 -"))),
        late("no-clock-commit/read", "a commit without a clock, where nothing is to be written", vec![]),
        late("no-clock-commit/change", "a change", change()),
        late("no-clock-commit/sign-off", "a sign-off", vec![Action::SignOff]),
        dry("no-randomness/change", "a change that cannot be sealed", usual(), T, change(), Err("no_randomness")),
        dry("no-randomness/read", "what only reads draws nothing", usual(), T, vec![], Ok("")),
        dry("no-randomness/refresh", "a refresh: nothing is written", usual(), START + IDLE / 2, vec![], Ok("")),
        dry("no-randomness/sign-off", "a sign-off draws nothing", usual(), T, vec![Action::SignOff], Ok("+.end -")),
        dry("no-randomness/sign-off-flash", "a message after a sign-off: the sign-off is not lost", usual(), T, bye(), Ok("+.end -")),
        dry("no-randomness/two-cookies", "two cookies", Cookie { large: true, ..usual() }, T, long(), Err("no_randomness")),
        dry("no-randomness/too-large", "what does not fit is told first", usual(), T, long(), Err("cookie_too_large")),
    ]
}
