//! Cases of `write`: the offer, and the end of a proof (§21.4).

use super::{bound, proof, reference::Device};
use crate::{
    cookie::{
        Case, Fails, T, Writing,
        jar::{Cookie, Place},
    },
    opener::{Code, Context},
    session::{
        END, IDLE, Made, START,
        action::{Action, flash, reauthenticate, set_data, sign_on, sign_on_since},
        guest,
        recheck::{DENIED, answer},
        reference::Setup,
        setup, user,
    },
    vector::{Entry, Vector},
};

type Pair = (Case, Writing);

pub(super) fn vectors() -> Vec<Vector> {
    [offers(), endings(), failures()].into_iter().flatten().map(|(case, writing)| case.write(writing)).collect()
}

fn request(
    id: &'static str,
    comment: &'static str,
    (tokens, field): (Vec<Made>, &str),
    actions: Vec<Action>,
    open: &'static str,
    expect: Result<&'static str, Code>,
) -> Pair {
    let spec: &[&str] = &["DEV-05", "COOK-09"];
    let field = field.replace('N', "__Host-session");
    let case = Case { spec, device: Some(Device::default()), ..Case::new(id, comment, tokens, &field) };
    (case, Writing { actions, commit: T, cache_control: None, open, expect, fails: None })
}

fn flagged(flags: &'static [&'static str], (case, writing): Pair) -> Pair {
    (Case { flags, ..case }, writing)
}

fn with_spec(spec: &'static [&'static str], (case, writing): Pair) -> Pair {
    (Case { spec, ..case }, writing)
}

fn with_cookie(cookie: Cookie, (case, writing): Pair) -> Pair {
    (Case { cookie, ..case }, writing)
}

fn with_setup(setup: Setup, (case, writing): Pair) -> Pair {
    (Case { setup, ..case }, writing)
}

fn with_device(device: Device, (case, writing): Pair) -> Pair {
    (Case { device: Some(device), ..case }, writing)
}

fn commit(commit: u64, (case, writing): Pair) -> Pair {
    (case, Writing { commit, ..writing })
}

/// No cookie of ours.
fn none() -> (Vec<Made>, &'static str) {
    (vec![], "theme=dark")
}

/// A session that is not bound.
fn plain() -> (Vec<Made>, &'static str) {
    (vec![Made::new(user(&[]))], "N={0}")
}

/// A bound session and its proof.
fn proven() -> (Vec<Made>, &'static str) {
    (vec![Made::new(bound(1, &[])), proof(1)], "N={0}; N.proof={1}")
}

#[rustfmt::skip] // one case a line
fn offers() -> Vec<Pair> {
    let ada = || sign_on("ada", 7);
    let made = |id, comment, held, actions, open, expect| flagged(&["offer-missed"], request(id, comment, held, actions, open, Ok(expect)));
    let no = |id, comment, held, actions, expect| flagged(&["offer-too-often"], request(id, comment, held, actions, "opened", Ok(expect)));
    let visitor = || (vec![Made::new(guest(&[]))], "N={0}");
    vec![
        made("offer/sign-on", "a sign-on: the browser is asked for a key", none(), vec![ada()], "absent", "+ offer"),
        made("offer/sign-on-guest", "a guest signs on", visitor(), vec![ada()], "opened", "+ offer"),
        made("offer/sign-on-user", "a sign-on over a session that is not bound", plain(), vec![sign_on("grace", 3)], "opened", "+ offer"),
        made("offer/sign-on-bound", "a sign-on over a bound session: the new one is not bound; the proof is left", proven(), vec![sign_on("grace", 3)], "opened", "+ offer"),
        made("offer/sign-on-unproven", "over one that is not proven", (vec![Made::new(bound(1, &[]))], "N={0}"), vec![ada()], "unproven", "+ offer"),
        made("offer/sign-on-garbage", "over a value that is no session", (vec![], "N=x; N.proof=y"), vec![ada()], "not_a_token", "+ offer"),
        made("offer/sign-on-earlier-proof", "a sign-on that rests on an earlier proof", none(), vec![sign_on_since(START)], "absent", "+ offer"),
        made("offer/sign-on-twice", "two sign-ons: one offer", none(), vec![ada(), sign_on("grace", 3)], "absent", "+ offer"),
        made("offer/sign-on-data", "a sign-on, and data", none(), vec![ada(), set_data("{\"a\":1}")], "absent", "+ offer"),
        commit(T + 25, made("offer/slow", "the challenge is of the commit's time", none(), vec![ada()], "absent", "+ offer")),
        made("offer/reauthenticate", "a re-authentication of a session that is not bound", plain(), vec![reauthenticate(7)], "opened", "+ offer"),
        made("offer/sign-on-reauthenticate", "a sign-on and a re-authentication: one offer, of the one sid", none(), vec![ada(), reauthenticate(7)], "absent", "+ offer"),
        made("offer/sign-off-sign-on", "a sign-off, then a sign-on", plain(), vec![Action::SignOff, ada()], "opened", "+.end + offer"),
        commit(END, made("offer/at-end", "a sign-on in a request that takes until the end of the session before it", (vec![Made { issued_at: END - 60, ..Made::new(user(&[])) }], "N={0}"), vec![ada()], "opened", "+ offer")).at(END - 1),
        with_device(Device { path: Some("/auth/dbsc".into()), ..Device::default() }, made("offer/path", "another path", none(), vec![ada()], "absent", "+ offer")),
        with_device(Device { require_after: Some(0), ..Device::default() }, made("offer/required", "where every session has to be bound at once", none(), vec![ada()], "absent", "+ offer")),
        with_device(Device { require_after: Some(60), ..Device::default() }, made("offer/required-late", "a session that was not bound in time: signed on again", plain(), vec![ada()], "unproven", "+ offer")),
        with_setup(Setup { context: Context { purpose: "admin".into(), audience: "admin.example".into(), ..setup().context }, ..setup() }, made("offer/other-context", "another audience and another purpose", none(), vec![ada()], "absent", "+ offer")),
        with_setup(Setup { context: Context { ring: vec![Entry::new(1), Entry::new(2).from(START)], ..setup().context }, ..setup() }, made("offer/rotated", "the challenge under the key that seals now", none(), vec![ada()], "absent", "+ offer")),
        with_setup(Setup::rechecking(600, Some(answer(7))), made("offer/recheck", "a session that counts as checked", none(), vec![ada()], "absent", "+ offer")),
        with_cookie(Cookie { large: true, ..Cookie::usual() }, made("offer/two-cookies", "in two cookies", none(), vec![ada(), set_data(format!("{{\"a\":\"{}\"}}", "x".repeat(3500)))], "absent", "+.1 + offer")),
        with_cookie(Cookie { browser_session: true, same_site: "Strict", ..Cookie::usual() }, made("offer/browser-session", "a browser session of SameSite=Strict", none(), vec![ada()], "absent", "+ offer")),
        { let (case, writing) = made("offer/cache-control", "what the application set of Cache-Control is replaced", none(), vec![ada()], "absent", "+ offer"); (case, Writing { cache_control: Some("max-age=60"), ..writing }) },
        no("no-offer/read", "a page that reads", plain(), vec![], ""),
        no("no-offer/change", "a change", plain(), vec![set_data("{}")], "+"),
        no("no-offer/send", "a session that is sent", plain(), vec![Action::Send], "+"),
        commit(START + IDLE / 2, no("no-offer/refresh", "a refresh", plain(), vec![], "+")),
        no("no-offer/guest", "a guest's session", visitor(), vec![set_data("{\"a\":1}")], "+"),
        no("no-offer/sign-on-sign-off", "a sign-on, then a sign-off and a message: nobody is signed on", plain(), vec![ada(), Action::SignOff, flash("notice", "\"bye\"")], "+.end +"),
        no("no-offer/sign-off", "a sign-off", plain(), vec![Action::SignOff], "+.end -"),
        no("no-offer/reauthenticate-sign-off", "a re-authentication, then a sign-off and a message", plain(), vec![reauthenticate(7), Action::SignOff, flash("notice", "\"bye\"")], "+.end +"),
        no("no-offer/bound-reauthenticate", "a re-authentication of a bound session: it stays bound, under a new sid", proven(), vec![reauthenticate(8)], "+"),
        no("no-offer/bound-change", "a change of a bound session keeps its key", proven(), vec![set_data("{}")], "+"),
        commit(START + IDLE / 2, no("no-offer/bound-refresh", "a refresh of a bound session keeps its key", proven(), vec![], "+")),
        no("no-offer/bound-read", "a bound session that is read", proven(), vec![], ""),
        with_setup(Setup::rechecking(600, Some(answer(8))), no("no-offer/bound-recheck", "a check that is not due, by the proof", proven(), vec![], "")),
        with_setup(Setup::rechecking(60, Some(answer(7))), no("no-offer/bound-recheck-due", "a check that is due and answered", proven(), vec![], "+")),
        commit(START + 100, no("no-offer/at-end", "a re-authentication that comes too late: expired", (vec![Made::new(user(&[("end", "1790000100")]))], "N={0}"), vec![reauthenticate(7)], "-")),
    ]
}

/// Adds a time of the open to a case.
trait At {
    fn at(self, now: u64) -> Self;
}

impl At for Pair {
    fn at(self, now: u64) -> Self {
        (Case { now, ..self.0 }, self.1)
    }
}

#[rustfmt::skip] // one case a line
fn endings() -> Vec<Pair> {
    let on = |id, comment, held, actions, open, expect| with_spec(&["DEV-10", "COOK-09"], flagged(&["proof-left"], request(id, comment, held, actions, open, Ok(expect))));
    let off = |id, comment, held, open, expect| on(id, comment, held, vec![Action::SignOff], open, expect);
    let one = || vec![Made::new(bound(1, &[]))];
    // A guest's token after a sign-off, such that all lines but the proof's have this many octets, or one more or two.
    let large = |id, comment, octets: usize| {
        let token = octets - "__Host-session".len() - "__Host-session.end".len() - 22;
        let frame = guest(&[("flash", "{\"notice\":[\"\"]}")]).len();
        let message = format!("\"{}\"", "m".repeat(token * 3 / 4 - 85 - frame + 1));
        on(id, comment, proven(), vec![Action::SignOff, flash("notice", message.leak())], "opened", "-.proof +.end +")
    };
    let partitioned = Place { partitioned: true, ..Place::root() };
    vec![
        off("end/sign-off", "a sign-off takes the proof away, first", proven(), "opened", "-.proof +.end -"),
        off("end/sign-off-no-proof", "without a value of its name there is no such line", plain(), "opened", "+.end -"),
        off("end/sign-off-empty", "an empty value is one", (one(), "N={0}; N.proof="), "unproven", "-.proof +.end -"),
        off("end/sign-off-garbage", "a value that is no token is one", (one(), "N={0}; N.proof=x"), "unproven", "-.proof +.end -"),
        off("end/sign-off-other-key", "a proof of another key", (vec![Made::new(bound(1, &[])), proof(2)], "N={0}; N.proof={1}"), "unproven", "-.proof +.end -"),
        off("end/sign-off-several", "several values: one line", (vec![Made::new(bound(1, &[])), proof(1), proof(2)], "N={0}; N.proof={1}; N.proof={2}; N.proof="), "opened", "-.proof +.end -"),
        off("end/sign-off-unbound", "a session that is not bound, beside a proof of an earlier one", (vec![Made::new(user(&[])), proof(2)], "N={0}; N.proof={1}"), "opened", "-.proof +.end -"),
        off("end/sign-off-unproven", "a session that is not proven", (one(), "N={0}"), "unproven", "+.end -"),
        off("end/sign-off-absent", "no session, and a proof", (vec![proof(1)], "N.proof={0}"), "absent", "-.proof -"),
        off("end/sign-off-not-a-token", "a session that does not open", (vec![proof(1)], "N=x; N.proof={0}"), "not_a_token", "-.proof -"),
        off("end/sign-off-name-case", "a name in other letters is another cookie", (one(), "N={0}; N.Proof=x"), "unproven", "+.end -"),
        off("end/sign-off-parts", "a session in two cookies", (proven().0, "N=2.aaaaaaaa.{0:0:100}; N.1=aaaaaaaa.{0:100:}; N.proof={1}"), "opened", "-.proof -.1 +.end -"),
        with_setup(Setup { check: Some(DENIED), ..setup() }, off("end/sign-off-denied", "a session that the application denies", proven(), "signed_off", "-.proof +.end -")),
        on("end/sign-off-flash", "a message after it: a guest's session is sealed", proven(), vec![Action::SignOff, flash("notice", "\"bye\"")], "opened", "-.proof +.end +"),
        on("end/sign-off-sign-on", "a sign-on after it: the proof is taken away, and a key asked for", proven(), vec![Action::SignOff, sign_on("grace", 3)], "opened", "-.proof +.end + offer"),
        on("end/sign-on-sign-off", "a sign-on before it", proven(), vec![sign_on("grace", 3), Action::SignOff], "opened", "-.proof +.end -"),
        on("end/sign-on", "a sign-on alone leaves it", (vec![proof(1)], "N.proof={0}"), vec![sign_on("ada", 7)], "absent", "+ offer"),
        on("end/change", "what replaces a session that is not proven leaves it", (one(), "N={0}; N.proof=x"), vec![set_data("{\"a\":1}")], "unproven", "+"),
        on("end/read", "a page that reads leaves it", (one(), "N={0}; N.proof=x"), vec![], "unproven", ""),
        commit(START + 100, on("end/at-last", "a request that takes until the absolute end expires both", (vec![Made::new(bound(1, &[("end", "1790000100")])), proof(1)], "N={0}; N.proof={1}"), vec![], "opened", "-.proof -")),
        commit(START + 100, on("end/at-last-reauthenticate", "also after a re-authentication", (vec![Made::new(bound(1, &[("end", "1790000100")])), proof(1)], "N={0}; N.proof={1}"), vec![reauthenticate(7)], "opened", "-.proof -")),
        commit(START + 100, on("end/at-last-no-proof", "one that is not bound alone", (vec![Made::new(user(&[("end", "1790000100")]))], "N={0}"), vec![], "opened", "-")),
        large("end/large", "its line counts: with it the response is large", 3490),
        large("end/not-large", "with it the response is not large yet", 3475),
        with_cookie(Cookie { previous: vec![partitioned], ..Cookie::usual() }, off("end/previous", "before the lines of an earlier combination", (proven().0, "N={0}; N.1=x; N.proof={1}"), "opened", "-.proof - -.1 -.1 +.end -")),
        with_cookie(Cookie { same_site: "Strict", ..Cookie::usual() }, off("end/strict", "SameSite=Strict", proven(), "opened", "-.proof +.end -")),
        with_cookie(Cookie { same_site: "None", ..Cookie::usual() }, off("end/none", "SameSite=None", proven(), "opened", "-.proof +.end -")),
        with_cookie(Cookie { browser_session: true, ..Cookie::usual() }, off("end/browser-session", "a browser session", proven(), "opened", "-.proof +.end -")),
    ]
}

#[rustfmt::skip] // one case a line
fn failures() -> Vec<Pair> {
    let keyless = || Setup { context: Context { ring: vec![Entry::new(1).from(END)], ..setup().context }, ..setup() };
    let fails = |fails, (case, writing): Pair| (case, Writing { fails: Some(fails), ..writing });
    let ada = || vec![sign_on("ada", 7)];
    let on = |id, comment, held, actions, open, expect| with_spec(&["DEV-05", "DEV-10", "SESS-11", "SESS-28"], request(id, comment, held, actions, open, expect));
    vec![
        with_setup(keyless(), on("fails/no-key", "no key seals: neither a session nor a challenge", none(), ada(), "absent", Err("no_sealing_key"))),
        fails(Fails::Randomness, flagged(&["no-randomness"], on("fails/no-randomness", "no randomness", none(), ada(), "absent", Err("no_randomness")))),
        fails(Fails::ClockAtCommit, flagged(&["no-clock"], on("fails/no-clock", "a commit without a clock", none(), ada(), "absent", Err("no_clock")))),
        fails(Fails::ClockAtOpen, flagged(&["no-clock", "not-now"], on("fails/no-clock-open", "an open without a clock, then a sign-on: the commit has one", proven(), ada(), "no_clock", Ok("+ offer")))),
        fails(Fails::ClockAtOpen, flagged(&["no-clock", "not-now"], on("fails/no-clock-open-sign-off", "an open without a clock, then a sign-off", proven(), vec![Action::SignOff], "no_clock", Ok("-.proof -")))),
        on("fails/too-large", "a session that does not fit", none(), vec![sign_on("ada", 7), set_data(format!("{{\"a\":\"{}\"}}", "x".repeat(4000)))], "absent", Err("cookie_too_large")),
        on("fails/unserializable", "data that no JSON carries", none(), vec![sign_on("ada", 7), set_data("{\"a\":9007199254740992}")], "absent", Err("payload_unserializable")),
        with_setup(keyless(), flagged(&["lost-sign-off"], on("fails/sign-off-no-key", "a message after a sign-off that cannot be sealed: the sign-off is not lost, nor the proof left", proven(), vec![Action::SignOff, flash("notice", "\"bye\"")], "opened", Ok("-.proof +.end -")))),
        fails(Fails::Randomness, flagged(&["lost-sign-off", "no-randomness"], on("fails/sign-off-no-randomness", "nor without randomness", proven(), vec![Action::SignOff, flash("notice", "\"bye\"")], "opened", Ok("-.proof +.end -")))),
        commit(START + IDLE / 2, with_setup(keyless(), flagged(&["lost-page"], on("fails/refresh-no-key", "a page that only reads is not lost", proven(), vec![], "opened", Ok(""))))),
    ]
}
