//! Runs beyond opening, changing and committing: no clock, no randomness, another commit, an exchange of the ring,
//! changes in place, numbers and their spelling (protocol 2).

use super::{
    END, IDLE, Made, START,
    action::{Action, change, flash, set_data, sign_on, sign_on_since},
    drawn_sid, ended_json, guest, open_json,
    reference::{Check, Decision, Policy, Request, Setup, without_proofs},
    seal, setup, user,
};
use crate::{
    json::{Json, object},
    opener::Code,
    vector::{Entry, Outcome, Vector, members, ring_json},
};

/// One request, how it opens and what it writes.
#[derive(Clone)]
pub(super) struct Step {
    /// No `now`, and a clock that fails.
    pub(super) now: Option<u64>,
    pub(super) open: &'static str,
    pub(super) actions: Vec<Action>,
    pub(super) commit: Option<u64>,
    pub(super) wrote: &'static str,
    /// The ring that is exchanged for the present one before the open, and after the actions.
    pub(super) rings: [Option<Vec<Entry>>; 2],
    /// The application's answer to this request, in the place of the run's.
    pub(super) check: Option<Check>,
    /// The members that differ in the sessions object that commits.
    pub(super) commit_as: Vec<(String, Json)>,
    /// Whether `commit_as` is another context or policy.
    pub(super) elsewhere: bool,
    pub(super) twice: bool,
    pub(super) after: Vec<Action>,
    pub(super) no_randomness: bool,
}

pub(super) struct Run {
    pub(super) id: &'static str,
    pub(super) spec: &'static [&'static str],
    pub(super) flags: &'static [&'static str],
    pub(super) comment: &'static str,
    pub(super) setup: Setup,
    pub(super) made: Option<Made>,
    pub(super) steps: Vec<Step>,
    pub(super) expect: Result<(), Code>,
}

pub(super) const T: u64 = START + 60;

pub(super) fn step(open: &'static str, actions: Vec<Action>, wrote: &'static str) -> Step {
    Step {
        now: Some(T),
        open,
        actions,
        commit: Some(T),
        wrote,
        rings: [None, None],
        check: None,
        commit_as: Vec::new(),
        elsewhere: false,
        twice: false,
        after: Vec::new(),
        no_randomness: false,
    }
}

impl Run {
    pub(super) fn vector(self) -> Vector {
        let id = format!("session/run/{}", self.id);
        let mut setup = self.setup.clone();
        let mut token = self.made.as_ref().map(|made| made.token(&id));
        let mut inputs = setup.json("run");
        inputs.extend(self.made.as_ref().map(|made| ("made_from".to_owned(), made.json(&id))));
        inputs.extend(token.clone().map(|token| ("token".to_owned(), token.into())));
        let (mut requests, mut results, mut outcome) = (Vec::new(), Vec::new(), Ok(()));
        for (number, step) in self.steps.iter().enumerate() {
            assert!(outcome.is_ok(), "{id}: only the last request may fail");
            let mut random = Vec::new();
            let played = step.play(&mut setup, &mut token, &mut random, &format!("{id}/{number}"));
            requests.push(step.json(random));
            match played {
                Ok(result) => results.push(result),
                Err(code) => outcome = Err(code),
            }
        }
        assert_eq!(outcome, self.expect, "{id}");
        inputs.push(("requests".to_owned(), Json::List(requests)));
        let outcome = match outcome {
            Ok(()) => Outcome::Result(object([("requests", Json::List(results))])),
            Err(code) => Outcome::Error(code),
        };
        let (spec, flags) = (self.spec.to_vec(), self.flags.to_vec());
        Vector { id, spec, flags, comment: self.comment.to_owned(), inputs, outcome }
    }
}

impl Step {
    fn json(&self, random: Vec<(String, Json)>) -> Json {
        let time = |time: Option<u64>| time.map_or(Json::Null, Json::from);
        let actions = |actions: &[Action]| Json::List(actions.iter().map(Action::json).collect());
        let [before, exchange] = &self.rings;
        let mut request = Vec::new();
        request.extend(before.as_ref().map(|ring| ("keyring".to_owned(), ring_json(ring))));
        request.extend(self.check.map(|check| ("check".to_owned(), check.json())));
        request.extend(members([("now", time(self.now)), ("actions", actions(&self.actions))]));
        request.extend(exchange.as_ref().map(|ring| ("exchange".to_owned(), ring_json(ring))));
        request.extend(
            (!self.commit_as.is_empty()).then(|| ("commit_as".to_owned(), Json::Object(self.commit_as.clone()))),
        );
        request.push(("commit".to_owned(), time(self.commit)));
        request.extend(self.twice.then(|| ("commits".to_owned(), 2.into())));
        request.extend((!self.after.is_empty()).then(|| ("after".to_owned(), actions(&self.after))));
        request.push(if self.no_randomness {
            ("no_randomness".to_owned(), true.into())
        } else {
            ("random".to_owned(), Json::Object(random))
        });
        Json::Object(request)
    }

    fn play(
        &self,
        setup: &mut Setup,
        token: &mut Option<String>,
        random: &mut Vec<(String, Json)>,
        id: &str,
    ) -> Result<Json, Code> {
        let [before, exchange] = &self.rings;
        setup.context.ring = before.as_ref().unwrap_or(&setup.context.ring).clone();
        let asked = Setup { check: self.check.or(setup.check), ..setup.clone() };
        let opened = match (self.now, &*token) {
            (None, _) => Err("no_clock"),
            (Some(_), None) => Err("new"),
            (Some(now), Some(token)) => setup.open(token.as_bytes(), 16_384, now, |_| false),
        };
        let (mut request, answer) = Request::begin(&asked, opened, &[], self.now.unwrap_or(0), without_proofs);
        let answer = answer.err().unwrap_or("opened");
        assert_eq!(answer, self.open, "{id}");
        for action in &self.actions {
            request.apply(action)?;
        }
        setup.context.ring = exchange.as_ref().unwrap_or(&setup.context.ring).clone();
        if self.elsewhere {
            return Err("context_invalid");
        }
        let commit = self.commit.ok_or("no_clock")?;
        let mut decision = request.decide(&setup.policy, commit);
        let mut written = Vec::new();
        if decision == Decision::Seal {
            if !self.no_randomness {
                *random = super::draws(&request, id, id);
            }
            let sealed = request
                .prepare(&setup.policy, commit, &drawn_sid(id))
                .and_then(|(payload, ttl)| Ok((seal(setup, &payload, ttl, commit, (id, id))?, payload, ttl)))
                .and_then(|sealed| if self.no_randomness { Err("no_randomness") } else { Ok(sealed) });
            match sealed {
                Ok((text, payload, ttl)) => {
                    written =
                        members([("payload", payload.into()), ("ttl", ttl.into()), ("token", text.clone().into())]);
                    *token = Some(text);
                }
                Err(code) => decision = request.failed(code)?,
            }
        }
        if decision == Decision::Expire {
            *token = None;
        }
        if self.twice || !self.after.is_empty() {
            return Err("committed");
        }
        let word = match decision {
            Decision::Nothing => "nothing",
            Decision::Expire => "expire",
            Decision::Seal => "seal",
        };
        let mut result = open_json(answer);
        result.push(("wrote".to_owned(), word.into()));
        result.extend(written);
        let ended = request.ended();
        result.extend(ended_json(ended));
        assert_eq!(format!("{word}{}", if ended.is_empty() { "" } else { " ended" }), self.wrote, "{id}");
        Ok(Json::Object(result))
    }
}

pub(super) fn vectors() -> Vec<Vector> {
    let runs = [clocks(), randomness(), commits(), exchanges(), places(), spellings(), texts(), users()];
    runs.into_iter().flatten().map(Run::vector).collect()
}

pub(super) fn run(
    id: &'static str,
    spec: &'static [&'static str],
    flags: &'static [&'static str],
    comment: &'static str,
    payload: Option<String>,
    steps: Vec<Step>,
) -> Run {
    Run { id, spec, flags, comment, setup: setup(), made: payload.map(Made::new), steps, expect: Ok(()) }
}

pub(super) fn refused(code: Code, run: Run) -> Run {
    Run { expect: Err(code), ..run }
}

#[rustfmt::skip] // one case a line
fn clocks() -> Vec<Run> {
    let open: &[&str] = &["SESS-27", "TIME-02"];
    let commit: &[&str] = &["TIME-02", "SESS-28"];
    let flags: &[&str] = &["no-clock"];
    let blind = |actions, wrote| Step { now: None, ..step("no_clock", actions, wrote) };
    let late = |actions| Step { commit: None, ..step("opened", actions, "") };
    vec![
        run("no-clock/open", open, flags, "without a clock a session does not open; the next request has one", Some(user(&[])), vec![blind(vec![], "nothing"), step("opened", vec![], "nothing")]),
        run("no-clock/open-new", open, flags, "nor is there a guest's of whom it is known that no token came", None, vec![blind(vec![], "nothing")]),
        run("no-clock/open-garbage", open, flags, "the clock comes before any look at the token", Some("oops".into()), vec![blind(vec![], "nothing")]),
        run("no-clock/open-change", open, flags, "what the application writes all the same replaces the session", Some(user(&[])), vec![blind(vec![set_data("{\"a\":1}")], "seal")]),
        run("no-clock/open-sign-on", open, flags, "a sign-on after it: auth_time is the commit's", Some(user(&[])), vec![blind(vec![sign_on("grace", 3)], "seal")]),
        refused("user_invalid", run("no-clock/open-proof", &["SESS-14", "SESS-27"], flags, "an earlier proof has nothing to be judged by", Some(user(&[])), vec![blind(vec![sign_on_since(0)], "")])),
        run("no-clock/open-sign-off", open, flags, "a sign-off after it: nothing is known that could be offered", Some(user(&[])), vec![blind(vec![Action::SignOff], "expire")]),
        refused("no_clock", run("no-clock/commit", commit, flags, "a commit without a clock", Some(user(&[])), vec![late(vec![set_data("{}")])])),
        refused("no_clock", run("no-clock/commit-nothing", commit, flags, "a commit without a clock, where nothing is to be written", Some(user(&[])), vec![late(vec![])])),
        refused("no_clock", run("no-clock/commit-sign-off", commit, flags, "a sign-off whose commit has no clock", Some(user(&[])), vec![late(vec![Action::SignOff])])),
        refused("no_clock", run("no-clock/commit-unserializable", commit, flags, "the clock comes before the data", Some(user(&[])), vec![late(vec![set_data("{\"a\":9007199254740992}")])])),
    ]
}

#[rustfmt::skip] // one case a line
fn randomness() -> Vec<Run> {
    let spec: &[&str] = &["SEAL-04", "SESS-11", "SESS-28"];
    let flags: &[&str] = &["no-randomness"];
    let dry = |open, actions, wrote| Step { no_randomness: true, ..step(open, actions, wrote) };
    let half = Step { now: Some(START + IDLE / 2), commit: Some(START + IDLE / 2), ..dry("opened", vec![], "nothing") };
    let keyless = Setup { context: crate::opener::Context { ring: vec![Entry::new(1).from(END)], ..setup().context }, ..setup() };
    vec![
        refused("no_randomness", run("no-randomness/new", spec, flags, "no sid can be drawn", None, vec![dry("new", vec![set_data("{\"a\":1}")], "")])),
        refused("no_randomness", run("no-randomness/change", spec, flags, "no salt can be drawn", Some(user(&[])), vec![dry("opened", vec![set_data("{\"a\":1}")], "")])),
        refused("no_randomness", run("no-randomness/sign-on", spec, flags, "a sign-on", Some(user(&[])), vec![dry("opened", vec![sign_on("grace", 3)], "")])),
        run("no-randomness/refresh", spec, flags, "a refresh: nothing is written", Some(user(&[])), vec![half]),
        run("no-randomness/sign-off", spec, flags, "a sign-off draws nothing", Some(user(&[])), vec![dry("opened", vec![Action::SignOff], "expire ended")]),
        run("no-randomness/sign-off-flash", spec, flags, "a message after a sign-off: the sign-off is not lost", Some(user(&[])), vec![dry("opened", vec![Action::SignOff, flash("notice", "\"bye\"")], "expire ended")]),
        run("no-randomness/read", spec, flags, "what only reads draws nothing", Some(user(&[])), vec![dry("opened", vec![], "nothing")]),
        refused("payload_unserializable", run("no-randomness/after-unserializable", spec, flags, "what is wrong with the data is told first", None, vec![dry("new", vec![set_data("{\"a\":9007199254740992}")], "")])),
        Run { setup: keyless.clone(), ..refused("no_sealing_key", run("no-randomness/after-no-sealing-key", spec, flags, "the missing key is told first, before any draw", None, vec![dry("new", vec![set_data("{\"a\":1}")], "")])) },
        refused("result_too_long", run("no-randomness/after-too-long", spec, flags, "a token too long is told first", None, vec![dry("new", vec![set_data(format!("{{\"a\":\"{}\"}}", "x".repeat(12_300)))], "")])),
    ]
}

#[rustfmt::skip] // one case a line
fn commits() -> Vec<Run> {
    let spec: &[&str] = &["SESS-26"];
    let flags: &[&str] = &["other-commit"];
    let policy = |idle, absolute, leeway| members([("policy", Policy { idle, absolute, leeway, recheck: None }.json())]);
    let named = |name: &str, text: &str| vec![(name.to_owned(), text.into())];
    let as_other = |commit_as, actions| Step { commit_as, elsewhere: true, ..step("opened", actions, "") };
    let other = |id, comment, step| refused("context_invalid", run(id, spec, flags, comment, Some(user(&[])), vec![step]));
    let change = || vec![set_data("{\"a\":1}")];
    let twice = |id, comment, payload, open, actions| refused("committed", run(id, spec, &["committed-twice"], comment, payload, vec![Step { twice: true, ..step(open, actions, "") }]));
    let after = |id, comment, after| refused("committed", run(id, spec, &["committed-twice"], comment, Some(user(&[])), vec![Step { after: vec![after], ..step("opened", change(), "") }]));
    let Policy { idle, absolute, leeway, .. } = setup().policy;
    vec![
        other("commit/other-purpose", "committed for another purpose", as_other(named("purpose", "admin"), change())),
        other("commit/other-audience", "committed for another audience", as_other(named("audience", "admin.example"), change())),
        other("commit/other-purpose-nothing", "where nothing is to be written, too", as_other(named("purpose", "admin"), vec![])),
        other("commit/other-purpose-sign-off", "a sign-off is no exception", as_other(named("purpose", "admin"), vec![Action::SignOff])),
        other("commit/other-purpose-first", "it is told before a missing clock", Step { commit: None, ..as_other(named("purpose", "admin"), change()) }),
        other("commit/other-purpose-unserializable", "and before what is wrong with the data", as_other(named("purpose", "admin"), vec![set_data("{\"a\":9007199254740992}")])),
        other("commit/other-idle", "committed under a policy of another idle life", as_other(policy(idle + 1, absolute, leeway), change())),
        other("commit/other-absolute", "of another absolute life", as_other(policy(idle, absolute + 1, leeway), change())),
        other("commit/other-leeway", "of another leeway", as_other(policy(idle, absolute, leeway - 1), change())),
        other("commit/other-policy-nothing", "where nothing is to be written, too", as_other(policy(idle, absolute - 1, leeway), vec![])),
        run("commit/same", spec, flags, "another object of the same context and policy is as good", Some(user(&[])), vec![Step { commit_as: policy(idle, absolute, leeway), ..step("opened", change(), "seal") }]),
        twice("commit/twice", "a second commit after one that sealed", Some(user(&[])), "opened", change()),
        twice("commit/twice-new", "of a new session: it would have two sids", None, "new", change()),
        twice("commit/twice-nothing", "after one that wrote nothing", Some(user(&[])), "opened", vec![]),
        twice("commit/twice-sign-off", "after one that expired", Some(user(&[])), "opened", vec![Action::SignOff]),
        after("commit/then-sign-on", "a sign-on after the commit", sign_on("grace", 3)),
        after("commit/then-sign-on-of-nobody", "it comes before the faults of its arguments", sign_on("", 3)),
        after("commit/then-sign-off", "a sign-off after the commit", Action::SignOff),
        after("commit/then-reauthenticate", "a re-authentication after the commit", Action::Reauthenticate { generation: 8 }),
        after("commit/then-set-data", "data after the commit", set_data("{}")),
        after("commit/then-flash", "a message after the commit", flash("notice", "1")),
        after("commit/then-send", "a wish to send after the commit", Action::Send),
    ]
}

#[rustfmt::skip] // one case a line
fn exchanges() -> Vec<Run> {
    let spec: &[&str] = &["RING-17"];
    let flags: &[&str] = &["stale-ring"];
    let [one, two] = [Entry::new(1), Entry::new(2)];
    let before = |ring: Vec<Entry>, step| Step { rings: [Some(ring), None], ..step };
    let between = |ring: Vec<Entry>, step| Step { rings: [None, Some(ring)], ..step };
    let change = || vec![set_data("{\"a\":1}")];
    let runs = |id, comment, steps| run(id, spec, flags, comment, Some(user(&[])), steps);
    vec![
        runs("exchange/removed", "after the exchange, tokens of a key that the new ring lacks do not open", vec![step("opened", vec![], "nothing"), before(vec![two.clone()], step("unknown_key", vec![], "nothing"))]),
        runs("exchange/removed-and-back", "with the key they open again: they were not expired", vec![before(vec![two.clone()], step("unknown_key", vec![], "nothing")), before(vec![one.clone(), two.clone()], step("opened", vec![], "nothing"))]),
        runs("exchange/successor", "the new ring's first key seals; both open", vec![before(vec![two.clone(), one.clone()], step("opened", change(), "seal")), before(vec![two.clone()], step("opened", vec![], "nothing"))]),
        runs("exchange/during-request", "exchanged during the request: the commit seals under the new ring", vec![between(vec![two.clone(), one.clone()], step("opened", change(), "seal")), before(vec![two.clone()], step("opened", vec![], "nothing"))]),
        runs("exchange/during-request-removed", "the key of the session that was opened is gone by the commit: it is sealed under the new one", vec![between(vec![two.clone()], step("opened", change(), "seal")), step("opened", vec![], "nothing")]),
        runs("exchange/ended", "the key has ended in the new ring", vec![before(vec![one.clone().until(T), two.clone()], step("key_inactive", vec![], "nothing"))]),
        runs("exchange/arrives", "a key that arrives: tokens of it open", vec![before(vec![two.clone()], step("unknown_key", change(), "seal")), before(vec![one.clone()], step("unknown_key", vec![], "nothing")), before(vec![one.clone(), two], step("opened", vec![], "nothing"))]),
        refused("no_sealing_key", runs("exchange/during-request-keyless", "no key of the new ring seals yet", vec![between(vec![one.from(END)], step("opened", change(), ""))])),
    ]
}

#[rustfmt::skip] // one case a line
fn places() -> Vec<Run> {
    let data = user(&[("data", "{\"basket\":[{\"item\":17,\"note\":\"a\"},{\"item\":4}],\"prefs\":{\"theme\":\"dark\"}}")]);
    let spec: &[&str] = &["SESS-11", "SESS-12"];
    let one = |id, comment, actions, wrote| run(id, spec, &["nested-change"], comment, Some(data.clone()), vec![step("opened", actions, wrote)]);
    vec![
        one("in-place/nested", "a member two levels down is changed in place", vec![change("[\"prefs\",\"theme\"]", "\"light\"")], "seal"),
        one("in-place/item", "a member inside an item of an array", vec![change("[\"basket\",1,\"item\"]", "5")], "seal"),
        one("in-place/new-member", "a member is added inside an item", vec![change("[\"basket\",1,\"note\"]", "null")], "seal"),
        one("in-place/whole-item", "an item of an array is replaced", vec![change("[\"basket\",0]", "{\"item\":17}")], "seal"),
        one("in-place/top", "a member of data itself", vec![change("[\"prefs\"]", "{}")], "seal"),
        one("in-place/same", "the value that was there already: no change", vec![change("[\"prefs\",\"theme\"]", "\"dark\"")], "nothing"),
        one("in-place/same-number", "the same number in another spelling: no change", vec![change("[\"basket\",0,\"item\"]", "17.0")], "nothing"),
        one("in-place/undone", "changed in place and back: no change", vec![change("[\"basket\",1,\"item\"]", "5"), change("[\"basket\",1,\"item\"]", "4")], "nothing"),
        one("in-place/after-sign-off", "in place, then a sign-off: dropped", vec![change("[\"basket\",1,\"item\"]", "5"), Action::SignOff], "expire ended"),
        one("in-place/keep", "what was changed in place can be kept at a sign-on", vec![change("[\"prefs\",\"theme\"]", "\"light\""), Action::SignOn { sub: "grace".into(), generation: 3, keep: vec!["prefs"], auth_time: None }], "seal ended"),
        refused("payload_unserializable", one("in-place/unserializable", "2^53 in place", vec![change("[\"basket\",1,\"item\"]", "9007199254740992")], "")),
    ]
}

#[rustfmt::skip] // one case a line
fn spellings() -> Vec<Run> {
    let spec: &[&str] = &["SESS-05", "SESS-12"];
    let flags: &[&str] = &["number-spelling"];
    let written = |id, comment, text: &str| run(id, spec, flags, comment, None, vec![step("new", vec![set_data(text)], "seal")]);
    let sent = |id, comment, text: &str| run(id, spec, flags, comment, Some(guest(&[("data", text)])), vec![step("opened", vec![Action::Send], "seal")]);
    vec![
        written("spelling/decimal", "fractions, with the shortest digits", "{\"a\":[0.1,0.30000000000000004,1.50,-2.5,4.35,123456.789,0.1e1,15e-1]}"),
        written("spelling/small", "decimal notation down to 0.000001", "{\"a\":[0.001,0.0001,0.00001,0.000001,1e-6,0.0000123,-1.5e-6]}"),
        written("spelling/exponent", "an exponent below that, without a sign of plus or zeros", "{\"a\":[1e-7,0.0000001,1.5e-10,-2.5E-07,9.999999999999999e-7,1e-10,1e-100]}"),
        written("spelling/least", "the smallest numbers that there are", "{\"a\":[5e-324,-5e-324,2.2250738585072014e-308,1.7976931348623157e-292]}"),
        written("spelling/shortest", "digits that some printers do not shorten", "{\"a\":[2e-3,2.0e-44,1.1e-44,9007199254740991.0,4503599627370495.5,2.98023223876953125e-8,2114938299150369.75,5.0e-1]}"),
        written("spelling/integral", "an integral value as digits, however it was written", "{\"a\":[1.0,1e2,-0.0,-0,0e0,9.007199254740991e15,1E15,-10.0]}"),
        written("spelling/flash", "in a message, too", "{}").with(flash("notice", "[1.50,1e-7,1.0]")),
        written("spelling/seventeen", "17 digits, rounded to those that read back", "{\"a\":[0.1000000000000000055511151231257827,1.00000000000000011102230246251565,3.141592653589793238462643]}"),
        sent("spelling/refresh", "a token of another spelling is written in this one", "{\"a\":1.50,\"b\":[1e0,1E-7,0.000001],\"c\":-0.0}"),
        run("spelling/refresh-alone", spec, flags, "by a refresh that changes nothing else", Some(guest(&[("data", "{\"a\":1.50,\"b\":[1e0,1E-7],\"c\":100e-2}")])), vec![Step { now: Some(START + IDLE / 2), commit: Some(START + IDLE / 2), ..step("opened", vec![], "seal") }]),
    ]
}

impl Run {
    /// Adds an action to the last request.
    fn with(mut self, action: Action) -> Self {
        self.steps.last_mut().expect("a request").actions.push(action);
        self
    }
}

#[rustfmt::skip] // one case a line
fn texts() -> Vec<Run> {
    let spec: &[&str] = &["SESS-06"];
    // The session has reached its end: a commit would seal nothing, and the action fails all the same.
    let last = |actions| Step { now: Some(END - 1), commit: Some(END), ..step("opened", actions, "") };
    let over = || Some(Made { issued_at: END - 1000, ..Made::new(user(&[])) });
    let taken = |id, flags, comment, action| Run { made: over(), ..refused("payload_unserializable", run(id, spec, flags, comment, None, vec![last(vec![action])])) };
    let late = |id, flags, comment, action| Run { made: over(), ..run(id, spec, flags, comment, None, vec![Step { wrote: "expire", ..last(vec![action]) }]) };
    let twice: &[&str] = &["strict-json"];
    vec![
        taken("texts/duplicate", twice, "a name twice in data: refused by the action", set_data("{\"a\":1,\"a\":2}")),
        taken("texts/duplicate-equal", twice, "twice with one value", set_data("{\"a\":1,\"a\":1}")),
        taken("texts/duplicate-nested", twice, "a name twice, inside an array", set_data("{\"a\":[{\"b\":1,\"b\":1}]}")),
        taken("texts/duplicate-null", twice, "a name twice, first with null", set_data("{\"a\":null,\"a\":1}")),
        taken("texts/duplicate-number", twice, "a numeric name twice", set_data("{\"1\":0,\"1\":0}")),
        taken("texts/duplicate-escaped", twice, "a name twice, once with an escape", set_data("{\"a\":1,\"\\u0061\":2}")),
        taken("texts/duplicate-flash", twice, "a name twice in a message", flash("notice", "{\"a\":1,\"a\":2}")),
        taken("texts/duplicate-flash-nested", twice, "a name twice, deep in a message", flash("notice", "[[{\"a\":1,\"a\":1}]]")),
        taken("texts/surrogate", &["unserializable"], "a lone surrogate in data: refused by the action", set_data("{\"a\":\"\\ud800\"}")),
        taken("texts/surrogate-flash", &["unserializable"], "a lone surrogate in a message", flash("notice", "\"\\udc00\"")),
        taken("texts/1e400", &["unserializable"], "a number beyond binary64: refused by the action", set_data("{\"a\":1e400}")),
        taken("texts/1e400-flash", &["unserializable"], "a number beyond binary64 in a message", flash("notice", "-1e400")),
        taken("texts/array", &["unserializable"], "data that is no object: refused by the action", set_data("[1]")),
        taken("texts/not-json", &["unserializable"], "no JSON text", set_data("{\"a\":1,}")),
        late("texts/integer", &["unserializable"], "2^53 is refused by a commit that seals, and this one does not", set_data("{\"a\":9007199254740992}")),
        late("texts/proto", &["unserializable"], "the name __proto__ alike", set_data("{\"a\":{\"__proto__\":1}}")),
        late("texts/nesting", &["unserializable"], "a nesting of 17 alike", set_data(format!("{{\"a\":{}{}}}", "[".repeat(15), "]".repeat(15)))),
    ]
}

#[rustfmt::skip] // one case a line
fn users() -> Vec<Run> {
    let spec: &[&str] = &["SESS-14"];
    let late = (1 << 48) - 31;
    let at = |now, actions, wrote| Step { now: Some(now), commit: Some(now), ..step("new", actions, wrote) };
    let bad = |id, comment, now, action| refused("user_invalid", run(id, spec, &["stale-proof"], comment, None, vec![at(now, vec![action], "")]));
    vec![
        bad("sign-on/proof-48-bits", "a proof of 2^48, within leeway of a clock near its end", late, sign_on_since(1 << 48)),
        bad("sign-on/proof-48-bits-last", "in the last second that there is", (1 << 48) - 1, sign_on_since(1 << 48)),
        run("sign-on/proof-48-bits-less", spec, &["stale-proof"], "2^48 - 1 is a time", None, vec![at(late, vec![sign_on_since((1 << 48) - 1)], "seal")]),
        bad("sign-on/bad-at-last-second", "a bad user in the last second that there is: the user is told, at the call", (1 << 48) - 1, sign_on("", 7)),
    ]
}
