//! Runs of requests (`run`): how one is made into a vector, and cases of users coming and going.

use super::{
    END, IDLE, Made, START,
    action::{
        Action, flash, reauth_within, reauthenticate, set_data, sign_on, sign_on_keep, sign_on_since, take_flash,
    },
    drawn_sid, ended_json, guest, open_json,
    reference::{Decision, Request, Setup, without_proofs},
    seal, setup, user,
};
use crate::{
    json::{Json, hex, object},
    opener::Code,
    vector::{Entry, Outcome, Vector, members, nonce},
};

/// One request, and what the case says of it: how it opens; what it writes, and whether a sid is offered.
#[derive(Clone)]
pub(super) struct Turn(
    pub(super) u64,
    pub(super) &'static str,
    pub(super) Vec<Action>,
    pub(super) u64,
    pub(super) &'static str,
);

/// One vector of `run`.
pub(super) struct Run {
    pub(super) id: &'static str,
    pub(super) spec: &'static [&'static str],
    pub(super) flags: &'static [&'static str],
    pub(super) comment: &'static str,
    pub(super) setup: Setup,
    pub(super) made: Option<Made>,
    pub(super) turns: Vec<Turn>,
    /// What every salt is made of, if not of the request's number.
    pub(super) salt: Option<&'static str>,
    pub(super) expect: Result<(), Code>,
}

impl Run {
    pub(super) fn new(
        id: &'static str,
        spec: &'static [&'static str],
        comment: &'static str,
        payload: Option<String>,
        turns: Vec<Turn>,
    ) -> Self {
        Self {
            id,
            spec,
            flags: &[],
            comment,
            setup: setup(),
            made: payload.map(Made::new),
            turns,
            salt: None,
            expect: Ok(()),
        }
    }

    pub(super) fn vector(self) -> Vector {
        let id = format!("session/run/{}", self.id);
        let mut token = self.made.as_ref().map(|made| made.token(&id));
        let mut inputs = self.setup.json("run");
        inputs.extend(self.made.as_ref().map(|made| ("made_from".to_owned(), made.json(&id))));
        inputs.extend(token.clone().map(|token| ("token".to_owned(), token.into())));
        let (mut requests, mut results, mut outcome) = (Vec::new(), Vec::new(), Ok(()));
        for (number, turn) in self.turns.iter().enumerate() {
            assert!(outcome.is_ok(), "{id}: only the last request may fail");
            let drawn = format!("{id}/{number}");
            let played = turn.play(&self.setup, &mut token, &drawn, self.salt.unwrap_or(&drawn));
            requests.push(object([
                ("now", turn.0.into()),
                ("actions", Json::List(turn.2.iter().map(Action::json).collect())),
                ("commit", turn.3.into()),
                ("random", Json::Object(played.random)),
            ]));
            match played.outcome {
                Ok(result) => results.push(result),
                Err(code) => outcome = Err(code),
            }
        }
        assert_eq!(outcome, self.expect, "{id}");
        inputs.extend(members([("requests", Json::List(requests))]));
        let outcome = match outcome {
            Ok(()) => Outcome::Result(object([("requests", Json::List(results))])),
            Err(code) => Outcome::Error(code),
        };
        let (spec, flags) = (self.spec.to_vec(), self.flags.to_vec());
        Vector { id, spec, flags, comment: self.comment.to_owned(), inputs, outcome }
    }
}

struct Played {
    random: Vec<(String, Json)>,
    outcome: Result<Json, Code>,
}

impl Turn {
    fn play(&self, setup: &Setup, token: &mut Option<String>, id: &str, salt: &str) -> Played {
        let Self(now, open, actions, commit, wrote) = self;
        let opened = token.as_ref().map(|token| setup.open(token.as_bytes(), 16_384, *now, |_| false));
        let (mut request, answer) = Request::begin(setup, opened.unwrap_or(Err("new")), &[], *now, without_proofs);
        let answer = answer.err().unwrap_or("opened");
        assert_eq!(answer, *open, "{id}");
        let mut random = Vec::new();
        for (number, action) in actions.iter().enumerate() {
            if let Err(code) = request.apply(action) {
                assert_eq!(number + 1, actions.len(), "{id}: only the last action may fail");
                return Played { random, outcome: Err(code) };
            }
        }
        if *commit >= 1 << 48 {
            return Played { random, outcome: Err("clock_range") };
        }
        let mut decision = request.decide(&setup.policy, *commit);
        let mut written = Vec::new();
        if decision == Decision::Seal {
            random = draws(&request, id, salt);
            let sealed = request
                .prepare(&setup.policy, *commit, &drawn_sid(id))
                .and_then(|(payload, ttl)| Ok((seal(setup, &payload, ttl, *commit, (salt, id))?, payload, ttl)));
            match sealed.map_err(|code| request.failed(code)) {
                Ok((text, payload, ttl)) => {
                    written =
                        members([("payload", payload.into()), ("ttl", ttl.into()), ("token", text.clone().into())]);
                    *token = Some(text);
                }
                Err(Ok(instead)) => decision = instead,
                Err(Err(code)) => return Played { random, outcome: Err(code) },
            }
        }
        if decision == Decision::Expire {
            *token = None;
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
        assert_eq!(format!("{word}{}", if ended.is_empty() { "" } else { " ended" }), *wrote, "{id}");
        Played { random, outcome: Ok(Json::Object(result)) }
    }
}

/// Returns what a commit draws, the salt from a name of its own.
pub(crate) fn draws(request: &Request, id: &str, salt: &str) -> Vec<(String, Json)> {
    let mut random = Vec::new();
    if request.session().sid.is_none() {
        random.push(("sid".to_owned(), drawn_sid(id).into()));
    }
    random.extend(members([("salt", hex(&nonce("salt", salt)).into()), ("iv", hex(&nonce("iv", id)).into())]));
    random
}

pub(super) fn vectors() -> Vec<Vector> {
    [users(), failures(), messages()].into_iter().flatten().map(Run::vector).collect()
}

fn flagged(flags: &'static [&'static str], runs: Vec<Run>) -> impl Iterator<Item = Run> {
    runs.into_iter().map(move |run| Run { flags, ..run })
}

#[rustfmt::skip] // one case a line
fn users() -> Vec<Run> {
    let t = START + 60;
    let one = |id, spec, comment, payload, actions: Vec<Action>, open, wrote| Run::new(id, spec, comment, payload, vec![Turn(t, open, actions, t, wrote)]);
    let on: &[&str] = &["SESS-14", "SESS-17"];
    let re: &[&str] = &["SESS-15", "SESS-17"];
    let off: &[&str] = &["SESS-16", "SESS-17"];
    let bad = |id, comment, payload, action, open| Run { expect: Err("user_invalid"), ..one(id, if matches!(action, Action::Reauthenticate { .. }) { &["SESS-15"] } else { &["SESS-14"] }, comment, payload, vec![action], open, "") };
    let full = user(&[("flash", "{\"notice\":[\"saved\"]}"), ("rev", "5"), ("data", "{\"basket\":[17,4],\"locale\":\"en\",\"theme\":null}")]);
    let visitor = guest(&[("data", "{\"basket\":[17]}"), ("flash", "{\"notice\":[\"hello\"]}"), ("rev", "3")]);
    let strict = || Setup::ruled(IDLE, 86_400, 0);
    let mut runs = vec![
        one("sign-on/new", on, "a visitor without a session signs on: nothing is offered", None, vec![sign_on("ada", 7)], "new", "seal"),
        one("sign-on/guest", on, "a guest signs on: new sid, start, end and rev; data and flash are dropped; the old sid is offered", Some(visitor.clone()), vec![sign_on("ada", 7)], "opened", "seal ended"),
        one("sign-on/keep", on, "the named members of data stay", Some(full.clone()), vec![sign_on_keep(&["basket", "theme"])], "opened", "seal ended"),
        one("sign-on/keep-prototype", on, "names that every object of JavaScript has are not there", Some(visitor.clone()), vec![sign_on_keep(&["constructor", "toString", "__proto__"])], "opened", "seal ended"),
        one("sign-on/keep-absent", on, "a name that data does not have is no error", Some(visitor.clone()), vec![sign_on_keep(&["basket", "cart"])], "opened", "seal ended"),
        one("sign-on/keep-of-request", on, "data that this request set can be kept", Some(visitor), vec![set_data("{\"basket\":[17,4],\"page\":2}"), sign_on_keep(&["basket"])], "opened", "seal ended"),
        one("sign-on/keep-flash", on, "naming a message's name keeps no flash", Some(full.clone()), vec![sign_on_keep(&["flash", "notice"])], "opened", "seal ended"),
        one("sign-on/other-user", on, "another user signs on over a user's session", Some(full.clone()), vec![sign_on("grace", 0)], "opened", "seal ended"),
        one("sign-on/same-user", on, "the same user signs on again: a new session all the same", Some(user(&[("data", "")])), vec![sign_on("ada", 7)], "opened", "seal ended"),
        one("sign-on/flash-after", on, "a message added after the sign-on stays", Some(full.clone()), vec![sign_on("ada", 7), flash("welcome", "\"hello\"")], "opened", "seal ended"),
        one("sign-on/flash-before", on, "a message added before the sign-on is dropped", Some(full.clone()), vec![flash("welcome", "\"hello\""), sign_on("ada", 7)], "opened", "seal ended"),
        Run::new("sign-on/at-last", &["SESS-13", "SESS-14", "SESS-17"], "a sign-on in a request that takes until the end of the session before it", Some(user(&[("end", "1790000100")])), vec![Turn(t, "opened", vec![sign_on("ada", 7)], START + 100, "seal ended")]),
        Run::new("sign-on/slow", &["SESS-14"], "start, end and auth_time are the commit's time", None, vec![Turn(t, "new", vec![sign_on("ada", 7)], t + 25, "seal")]),
        Run::new("sign-on/next-request", on, "the next request opens the new session and offers nothing", Some(full.clone()), vec![Turn(t, "opened", vec![sign_on("ada", 7)], t, "seal ended"), Turn(t + 1, "opened", vec![reauth_within(2, true), reauth_within(1, false)], t + 1, "nothing")]),
        one("sign-on/sub-255", on, "the longest sub", None, vec![sign_on("s".repeat(255), 0)], "new", "seal"),
        one("sign-on/gen-largest", on, "the largest gen", None, vec![sign_on("\u{20ac}", (1 << 53) - 1)], "new", "seal"),
        one("sign-on/earlier-proof", on, "a sign-on that rests on an earlier proof keeps its auth_time", Some(full.clone()), vec![sign_on_since(t - 300), reauth_within(301, true), reauth_within(300, false)], "opened", "seal ended"),
        one("sign-on/proof-of-now", on, "a proof of the time of the request", None, vec![sign_on_since(t), reauth_within(1, true)], "new", "seal"),
        Run::new("sign-on/proof-leeway", &["SESS-14", "SESS-08"], "the latest proof there can be, by a clock that is ahead within leeway; the next request opens it", None, vec![Turn(t, "new", vec![sign_on_since(t + 60), reauth_within(1, true)], t, "seal"), Turn(t, "opened", vec![], t, "nothing")]),
        bad("sign-on/proof-in-future", "a proof one second beyond leeway", None, sign_on_since(t + 61), "new"),
        Run { setup: strict(), ..one("sign-on/proof-no-leeway", on, "without leeway, a proof of the time of the request", None, vec![sign_on_since(t), reauth_within(1, true)], "new", "seal") },
        Run { setup: strict(), ..bad("sign-on/proof-in-future-no-leeway", "without leeway one second is too much", None, sign_on_since(t + 1), "new") },
        one("sign-on/earlier-proof-renewed", &["SESS-14", "SESS-15"], "an earlier proof, and a new one in the same request", None, vec![sign_on_since(t - 300), reauthenticate(7)], "new", "seal"),
        one("sign-on/send-before", &["SESS-16", "SESS-25"], "a wish to send is forgotten by a sign-off after it", Some(full.clone()), vec![Action::Send, Action::SignOff], "opened", "expire ended"),
        bad("sign-on/sub-empty", "an empty sub", None, sign_on("", 7), "new"),
        bad("sign-on/sub-256", "256 bytes", None, sign_on("s".repeat(256), 7), "new"),
        bad("sign-on/sub-256-multibyte", "128 characters in 256 bytes", Some(full.clone()), sign_on("\u{e9}".repeat(128), 7), "opened"),
        bad("sign-on/gen-54-bits", "a gen of 2^53", None, sign_on("ada", 1 << 53), "new"),
        one("reauthenticate/user", re, "new sid and auth_time; start, end, data and flash stay, rev counts on", Some(full.clone()), vec![reauthenticate(7)], "opened", "seal ended"),
        one("reauthenticate/gen", re, "gen becomes the user's present one", Some(full.clone()), vec![reauthenticate(8)], "opened", "seal ended"),
        Run::new("reauthenticate/slow", re, "auth_time is the commit's time", Some(full.clone()), vec![Turn(t, "opened", vec![reauthenticate(7)], t + 25, "seal ended")]),
        one("reauthenticate/after-sign-on", &["SESS-14", "SESS-15"], "after a sign-on in the same request: one new sid", None, vec![sign_on("ada", 7), reauthenticate(8)], "new", "seal"),
        Run::new("reauthenticate/near-end", re, "ttl is cut by the end that stays", Some(user(&[("end", "1790000100")])), vec![Turn(t, "opened", vec![reauthenticate(7)], t, "seal ended")]),
        Run::new("reauthenticate/at-last", &["SESS-13", "SESS-17"], "re-authentication does not save a session that has reached its end; its sid is offered still", Some(user(&[("end", "1790000100")])), vec![Turn(t, "opened", vec![reauthenticate(7)], START + 100, "expire ended")]),
        bad("reauthenticate/guest", "a guest cannot re-authenticate", Some(guest(&[])), reauthenticate(7), "opened"),
        bad("reauthenticate/new", "nor can a visitor without a session", None, reauthenticate(7), "new"),
        bad("reauthenticate/gen-54-bits", "a gen of 2^53", Some(full.clone()), reauthenticate(1 << 53), "opened"),
        Run { expect: Err("user_invalid"), ..one("reauthenticate/after-sign-off", &["SESS-15", "SESS-16"], "nobody is signed on after a sign-off", Some(full.clone()), vec![Action::SignOff, reauthenticate(7)], "opened", "") },
        one("sign-off/user", off, "a user signs off", Some(full.clone()), vec![Action::SignOff], "opened", "expire ended"),
        one("sign-off/guest", off, "a guest's session is signed off alike", Some(guest(&[])), vec![Action::SignOff], "opened", "expire ended"),
        one("sign-off/new", off, "without a session there is nothing to offer", None, vec![Action::SignOff], "new", "expire"),
        one("sign-off/twice", off, "signed off twice in one request", Some(full.clone()), vec![Action::SignOff, Action::SignOff], "opened", "expire ended"),
        one("sign-off/flash", off, "a message for the next page: a new guest session is sealed", Some(full.clone()), vec![Action::SignOff, flash("notice", "\"bye\"")], "opened", "seal ended"),
        one("sign-off/data", off, "data for the guest", Some(full.clone()), vec![Action::SignOff, set_data("{\"locale\":\"en\"}")], "opened", "seal ended"),
        one("sign-off/send", off, "an empty guest session, sent", Some(full.clone()), vec![Action::SignOff, Action::Send], "opened", "seal ended"),
        one("sign-off/after-reauthenticate", &["SESS-15", "SESS-16", "SESS-17"], "a re-authentication, then a sign-off: expired, no guest session is sealed", Some(full.clone()), vec![reauthenticate(7), Action::SignOff], "opened", "expire ended"),
        one("sign-off/send-before-guest", &["SESS-16", "SESS-25"], "a wish to send a guest's session is forgotten by a sign-off", Some(guest(&[])), vec![Action::Send, Action::SignOff], "opened", "expire ended"),
        one("sign-off/send-before-new", &["SESS-16", "SESS-25"], "a wish to send a new session is forgotten by a sign-off", None, vec![Action::Send, Action::SignOff], "new", "expire"),
        one("sign-off/drops-changes", off, "what the request changed before is dropped", Some(full.clone()), vec![set_data("{\"a\":1}"), flash("notice", "1"), Action::SignOff], "opened", "expire ended"),
        one("sign-off/sign-on", &["SESS-14", "SESS-16", "SESS-17"], "sign-off, then sign-on: one new session", Some(full.clone()), vec![Action::SignOff, sign_on("grace", 3)], "opened", "seal ended"),
        one("sign-on/sign-off", &["SESS-14", "SESS-16", "SESS-17"], "sign-on, then sign-off", Some(full.clone()), vec![sign_on("grace", 3), Action::SignOff], "opened", "expire ended"),
        one("sign-off/keep-nothing", &["SESS-14", "SESS-16"], "after a sign-off there is nothing to keep", Some(full), vec![Action::SignOff, sign_on_keep(&["basket"])], "opened", "seal ended"),
        Run::new("sign-off/at-last", &["SESS-13", "SESS-16", "SESS-17"], "a sign-off in a request that takes until the end: data for the guest is sealed", Some(user(&[("end", "1790000100")])), vec![Turn(t, "opened", vec![Action::SignOff, set_data("{\"a\":1}")], START + 100, "seal ended")]),
        Run::new("sign-off/next-request", off, "the next request brings nothing", Some(user(&[])), vec![Turn(t, "opened", vec![Action::SignOff], t, "expire ended"), Turn(t + 1, "new", vec![], t + 1, "nothing")]),
    ];
    runs = flagged(&["session-fixation"], runs).collect();
    let guard = |id, comment, payload: Option<String>, now, guards: &[(u64, bool)]| {
        let open = if payload.is_some() { "opened" } else { "new" };
        let actions = guards.iter().map(|(seconds, holds)| reauth_within(*seconds, *holds)).collect();
        Run::new(id, &["SESS-20"], comment, payload, vec![Turn(now, open, actions, now, "nothing")])
    };
    runs.extend([
        guard("reauth-within/boundary", "61 seconds after 60 seconds, and not 60", Some(user(&[])), t, &[(61, true), (60, false), (1, false), (0, false), (86_400, true)]),
        guard("reauth-within/guest", "nobody is signed on", Some(guest(&[])), t, &[(86_400, false)]),
        guard("reauth-within/new", "no session", None, t, &[(86_400, false)]),
        Run::new("reauth-within/now-of-open", &["SESS-20"], "the time of the open counts, not that of the commit", Some(user(&[])), vec![Turn(t, "opened", vec![reauth_within(61, true)], t + 10, "nothing")]),
        one("reauth-within/after-sign-on", &["SESS-20"], "a sign-on of this request holds for any number above 0", None, vec![reauth_within(9, false), sign_on("ada", 7), reauth_within(1, true), reauth_within(0, false)], "new", "seal"),
        one("reauth-within/after-reauthenticate", &["SESS-20"], "a re-authentication of this request too", Some(user(&[])), vec![reauth_within(60, false), reauthenticate(7), reauth_within(1, true), reauth_within(0, false)], "opened", "seal ended"),
        one("reauth-within/earlier-proof-after", &["SESS-20", "SESS-14"], "a sign-on from an earlier proof after a re-authentication: the later of the two calls counts", Some(user(&[])), vec![reauthenticate(7), sign_on_since(t - 300), reauth_within(301, true), reauth_within(300, false)], "opened", "seal ended"),
        one("reauth-within/earlier-proof-before", &["SESS-20", "SESS-15"], "a re-authentication after a sign-on from an earlier proof", Some(user(&[])), vec![sign_on_since(t - 300), reauth_within(300, false), reauthenticate(7), reauth_within(1, true)], "opened", "seal ended"),
        one("reauth-within/after-sign-off", &["SESS-20"], "nobody is signed on after a sign-off", Some(user(&[])), vec![Action::SignOff, reauth_within(86_400, false)], "opened", "expire ended"),
    ]);
    runs
}

#[rustfmt::skip] // one case a line
fn failures() -> Vec<Run> {
    let t = START + 60;
    let late = START + IDLE;
    let spec: &[&str] = &["SESS-10", "SESS-17", "SESS-18"];
    let run = |id, comment, turn| Run::new(id, spec, comment, Some(user(&[])), vec![turn]);
    let checked = |generation, denied, run| Run { setup: Setup::checked(generation, denied), ..run };
    let keyless = |run: Run| Run { made: run.made.map(|made| Made { key: 2, ..made }), ..run };
    let runs = vec![
        run("failed/expired-untouched", "an expired token, and nothing changed: nothing is written", Turn(late, "expired", vec![], late, "nothing")),
        run("failed/expired-data", "an expired token, and data set: a new guest session", Turn(late, "expired", vec![set_data("{\"a\":1}")], late, "seal")),
        run("failed/expired-sign-on", "an expired session is not offered", Turn(late, "expired", vec![sign_on("ada", 7)], late, "seal")),
        run("failed/expired-sign-off", "a sign-off expires the token; an expired session is not offered", Turn(late, "expired", vec![Action::SignOff], late, "expire")),
        run("failed/expired-send", "an empty guest session, sent", Turn(late, "expired", vec![Action::Send], late, "seal")),
        keyless(run("failed/key-untouched", "a key that has not arrived yet costs no good session", Turn(t, "unknown_key", vec![], t, "nothing"))),
        keyless(run("failed/key-flash", "a message in a new guest session", Turn(t, "unknown_key", vec![flash("notice", "\"hello\"")], t, "seal"))),
        keyless(run("failed/key-sign-off", "a sign-off expires what cannot be opened", Turn(t, "unknown_key", vec![Action::SignOff], t, "expire"))),
        keyless(run("failed/key-take-flash", "reading messages that are not there changes nothing", Turn(t, "unknown_key", vec![take_flash("notice", &[])], t, "nothing"))),
        Run { made: Some(Made::new("{\"sub\":\"ada\"}")), ..run("failed/payload", "a payload of another application: nothing is written", Turn(t, "payload_invalid", vec![], t, "nothing")) },
        checked(Some(8), false, run("failed/revoked-untouched", "a revoked session, and nothing changed: nothing is written", Turn(t, "revoked", vec![], t, "nothing"))),
        checked(Some(8), false, run("failed/revoked-sign-on", "a revoked session was authentic: a sign-on offers it", Turn(t, "revoked", vec![sign_on("ada", 8)], t, "seal ended"))),
        checked(Some(8), false, run("failed/revoked-keep", "a sign-on keeps nothing of a closed session", Turn(t, "revoked", vec![sign_on_keep(&["basket"])], t, "seal ended"))),
        checked(Some(8), false, run("failed/revoked-sign-off", "a sign-off of a revoked session expires and offers it", Turn(t, "revoked", vec![Action::SignOff], t, "expire ended"))),
        checked(Some(8), false, run("failed/revoked-data", "data after a revoked session: a new guest session, nothing offered", Turn(t, "revoked", vec![set_data("{\"a\":1}")], t, "seal"))),
        checked(None, false, run("failed/unchecked-untouched", "a check without an answer: nothing is written", Turn(t, "unchecked", vec![], t, "nothing"))),
        checked(None, false, run("failed/unchecked-sign-off", "a sign-off of an unchecked session offers it", Turn(t, "unchecked", vec![Action::SignOff], t, "expire ended"))),
        checked(Some(7), true, run("failed/denied-sign-off", "a sign-off of a denied session offers it again", Turn(t, "signed_off", vec![Action::SignOff], t, "expire ended"))),
        checked(Some(8), false, Run { expect: Err("user_invalid"), ..run("failed/revoked-reauthenticate", "a closed session cannot re-authenticate", Turn(t, "revoked", vec![reauthenticate(8)], t, "")) }),
        checked(Some(8), false, Run::new("failed/generation-raised", &["SESS-21"], "a sign-on under the former generation is closed by the next request", None, vec![Turn(t, "new", vec![sign_on("ada", 7)], t, "seal"), Turn(t + 1, "revoked", vec![], t + 1, "nothing")])),
        checked(Some(8), false, Run::new("failed/generation-kept", &["SESS-21"], "a sign-on under the present generation stays", None, vec![Turn(t, "new", vec![sign_on("ada", 8)], t, "seal"), Turn(t + 1, "opened", vec![], t + 1, "nothing")])),
    ];
    let mut runs: Vec<_> = flagged(&["write-after-failure"], runs).collect();
    let future = Setup { context: crate::opener::Context { ring: vec![Entry::new(1).from(END)], ..setup().context }, ..setup() };
    runs.extend([
        Run { setup: future.clone(), expect: Err("no_sealing_key"), ..Run::new("failed/no-sealing-key", &["SESS-11", "RING-09"], "the session opens, and no key seals: the commit fails", Some(user(&[])), vec![Turn(t, "opened", vec![set_data("{}")], t, "")]) },
        Run { setup: future.clone(), ..Run::new("failed/no-sealing-key-read", &["SESS-11", "RING-09"], "no key seals, and nothing is to be written", Some(user(&[])), vec![Turn(t, "opened", vec![], t, "nothing")]) },
        Run { setup: future.clone(), ..Run::new("failed/no-sealing-key-sign-off", &["SESS-16", "RING-09"], "no key seals: a sign-off works", Some(user(&[])), vec![Turn(t, "opened", vec![Action::SignOff], t, "expire ended")]) },
    ]);
    let clock = |id, comment, payload: Option<String>, actions| { let open = if payload.is_some() { "opened" } else { "new" }; Run { flags: &["caller-error"], expect: Err("clock_range"), ..Run::new(id, &["SESS-11", "TIME-01"], comment, payload, vec![Turn(t, open, actions, 1 << 48, "")]) } };
    runs.extend([
        clock("clock/commit", "a clock out of range at the commit", Some(user(&[])), vec![set_data("{}")]),
        clock("clock/commit-nothing", "also where nothing would be written", None, vec![]),
        clock("clock/commit-read", "also where a session was read alone: no fault that is a page's", Some(user(&[])), vec![]),
        clock("clock/commit-sign-off", "a sign-off covers a failing seal, not this", Some(user(&[])), vec![Action::SignOff]),
    ]);
    runs.extend(failing_seals(&future));
    runs
}

/// Seals that fail ([SESS-11]).
#[rustfmt::skip] // one case a line
fn failing_seals(keyless: &Setup) -> Vec<Run> {
    let (t, half) = (START + 60, START + 900);
    let key: &[&str] = &["SESS-11", "RING-09"];
    let run = |id, comment, payload: Option<String>, turns| Run { setup: keyless.clone(), ..Run::new(id, key, comment, payload, turns) };
    let read = |id, comment, actions| Run { flags: &["lost-page"], ..run(id, comment, Some(user(&[])), vec![Turn(half, "opened", actions, half, "nothing")]) };
    let bad = |id, comment, payload: Option<String>, now, actions| { let open = if payload.is_some() { "opened" } else { "new" }; Run { expect: Err("no_sealing_key"), ..run(id, comment, payload, vec![Turn(now, open, actions, now, "")]) } };
    let off = |id, comment, more: Action| Run { flags: &["lost-sign-off"], ..run(id, comment, Some(user(&[])), vec![Turn(t, "opened", vec![Action::SignOff, more], t, "expire ended")]) };
    let unwritable = |id, comment, actions| Run { flags: &["lost-sign-off"], ..Run::new(id, &["SESS-06", "SESS-11", "SESS-16"], comment, Some(user(&[])), vec![Turn(t, "opened", actions, t, "expire ended")]) };
    let bye = || flash("notice", "\"bye\"");
    let arriving = Setup { context: crate::opener::Context { ring: vec![Entry::new(1).from(START + 1000)], ..setup().context }, ..setup() };
    vec![
        read("failed/refresh-no-sealing-key", "no key seals, and a refresh is due: the page is answered, nothing is written", vec![]),
        read("failed/refresh-undone-no-sealing-key", "a change that was undone is none", vec![set_data("{}"), set_data("{\"basket\":[17,4]}")]),
        read("failed/refresh-guard-no-sealing-key", "a guard is asked, which changes nothing", vec![reauth_within(901, true)]),
        Run { flags: &["lost-page"], ..run("failed/refresh-no-sealing-key-again", "the token stays and lives on to its idle end", Some(user(&[])), vec![Turn(half, "opened", vec![], half, "nothing"), Turn(half + 1, "opened", vec![], half + 1, "nothing"), Turn(START + IDLE - 1, "opened", vec![], START + IDLE - 1, "nothing"), Turn(START + IDLE, "expired", vec![], START + IDLE, "nothing")]) },
        Run { flags: &["lost-page"], setup: arriving, ..run("failed/refresh-key-arrives", "the key seals later: refreshed then", Some(user(&[])), vec![Turn(half, "opened", vec![], half, "nothing"), Turn(half + 99, "opened", vec![], half + 99, "nothing"), Turn(half + 100, "opened", vec![], half + 100, "seal"), Turn(half + 101, "opened", vec![], half + 101, "nothing")]) },
        bad("failed/refresh-change-no-sealing-key", "a refresh is due, and data changed: the commit fails", Some(user(&[])), half, vec![set_data("{}")]),
        bad("failed/refresh-send-no-sealing-key", "a refresh is due, and the application asks to send: the commit fails", Some(user(&[])), half, vec![Action::Send]),
        bad("failed/refresh-take-flash-no-sealing-key", "a refresh is due, and a message was read: the commit fails", Some(guest(&[("flash", "{\"notice\":[1]}")])), half, vec![take_flash("notice", &["1"])]),
        bad("failed/send-no-sealing-key", "the application asks to send, and no key seals", Some(user(&[])), t, vec![Action::Send]),
        bad("failed/new-no-sealing-key", "data of a new session, and no key seals", None, t, vec![set_data("{\"a\":1}")]),
        bad("failed/sign-off-sign-on-no-sealing-key", "a sign-off and a sign-on, and no key seals: the commit fails", Some(user(&[])), t, vec![Action::SignOff, sign_on("grace", 3)]),
        bad("failed/sign-on-no-sealing-key", "a sign-on, and no key seals: the commit fails", None, t, vec![sign_on("ada", 7)]),
        bad("failed/sign-on-over-no-sealing-key", "a sign-on over another session, and no key seals", Some(user(&[])), t, vec![sign_on("grace", 3)]),
        bad("failed/reauthenticate-no-sealing-key", "a re-authentication, and no key seals", Some(user(&[])), t, vec![reauthenticate(7)]),
        off("failed/sign-off-flash-no-sealing-key", "a message for the next page, and no key seals: the sign-off is not lost", bye()),
        off("failed/sign-off-data-no-sealing-key", "data for the guest, and no key seals", set_data("{\"locale\":\"en\"}")),
        off("failed/sign-off-send-no-sealing-key", "an empty guest session, sent, and no key seals", Action::Send),
        Run { flags: &["lost-sign-off"], ..run("failed/sign-off-guest-no-sealing-key", "a guest's session, too", Some(guest(&[])), vec![Turn(t, "opened", vec![Action::SignOff, bye()], t, "expire ended")]) },
        Run { flags: &["lost-sign-off"], ..run("failed/sign-off-new-no-sealing-key", "without a session there is nothing to offer", None, vec![Turn(t, "new", vec![Action::SignOff, bye()], t, "expire")]) },
        Run { flags: &["lost-sign-off"], ..run("failed/sign-off-expired-no-sealing-key", "after an expired token", Some(user(&[])), vec![Turn(START + IDLE, "expired", vec![Action::SignOff, bye()], START + IDLE, "expire")]) },
        Run { flags: &["lost-sign-off"], setup: Setup { check: Setup::checked(Some(8), false).check, ..keyless.clone() }, ..run("failed/sign-off-revoked-no-sealing-key", "a revoked session is offered", Some(user(&[])), vec![Turn(t, "revoked", vec![Action::SignOff, bye()], t, "expire ended")]) },
        Run { flags: &["lost-sign-off"], ..run("failed/sign-off-at-last-no-sealing-key", "in a request that takes until the end", Some(user(&[("end", "1790000100")])), vec![Turn(t, "opened", vec![Action::SignOff, bye()], START + 100, "expire ended")]) },
        Run { flags: &["lost-sign-off"], ..run("failed/sign-off-refresh-no-sealing-key", "when a refresh would be due", Some(user(&[])), vec![Turn(half, "opened", vec![Action::SignOff, bye()], half, "expire ended"), Turn(half + 1, "new", vec![], half + 1, "nothing")]) },
        unwritable("failed/sign-off-unserializable-data", "2^53 in the guest's data: the sign-off is not lost", vec![Action::SignOff, set_data("{\"a\":9007199254740992}")]),
        unwritable("failed/sign-off-unserializable-1e300", "1e300 in the guest's data", vec![Action::SignOff, set_data("{\"a\":[1e300]}")]),
        unwritable("failed/sign-off-unserializable-proto", "the name __proto__ in the guest's data", vec![Action::SignOff, set_data("{\"__proto__\":1}")]),
        unwritable("failed/sign-off-unserializable-nesting", "the guest's data to level 17", vec![Action::SignOff, set_data(format!("{{\"a\":{}{}}}", "[".repeat(15), "]".repeat(15)))]),
        unwritable("failed/sign-off-unserializable-flash", "2^53 in a message", vec![Action::SignOff, flash("notice", "9007199254740992")]),
        unwritable("failed/sign-off-unserializable-flash-proto", "a message of the name __proto__", vec![Action::SignOff, flash("__proto__", "1")]),
        unwritable("failed/sign-off-unserializable-both", "a good message and 2^53 in data", vec![Action::SignOff, bye(), set_data("{\"a\":9007199254740992}")]),
        unwritable("failed/sign-off-after-unserializable", "2^53 in data before the sign-off, which drops it", vec![set_data("{\"a\":9007199254740992}"), Action::SignOff]),
    ]
}

#[rustfmt::skip] // one case a line
fn messages() -> Vec<Run> {
    let t = START + 60;
    let turns = |id, comment, payload, turns| Run { flags: &["flash-twice"], ..Run::new(id, &["SESS-19"], comment, payload, turns) };
    let one = |id, comment, flash: &str, actions, wrote| turns(id, comment, Some(guest(&[("flash", flash)])), vec![Turn(t, "opened", actions, t, wrote)]);
    vec![
        turns("flash/life", "added by one request, read by the next, gone after", None, vec![
            Turn(t, "new", vec![flash("notice", "\"saved\"")], t, "seal"),
            Turn(t + 1, "opened", vec![take_flash("notice", &["\"saved\""])], t + 1, "seal"),
            Turn(t + 2, "opened", vec![take_flash("notice", &[])], t + 2, "nothing"),
        ]),
        turns("flash/waits", "a message that is not read waits", None, vec![
            Turn(t, "new", vec![flash("notice", "\"saved\"")], t, "seal"),
            Turn(t + 1, "opened", vec![], t + 1, "nothing"),
            Turn(t + 2, "opened", vec![take_flash("notice", &["\"saved\""])], t + 2, "seal"),
        ]),
        turns("flash/waits-beside-change", "an unread message outlives another change", None, vec![
            Turn(t, "new", vec![flash("notice", "\"saved\"")], t, "seal"),
            Turn(t + 1, "opened", vec![set_data("{\"a\":1}")], t + 1, "seal"),
            Turn(t + 2, "opened", vec![take_flash("notice", &["\"saved\""])], t + 2, "seal"),
        ]),
        one("flash/several", "messages come in the order in which they were added", "{\"notice\":[1]}", vec![flash("notice", "2"), flash("notice", "{\"a\":[null]}"), take_flash("notice", &["1", "2", "{\"a\":[null]}"])], "seal"),
        one("flash/one-name", "reading one name leaves the others", "{\"error\":[\"no\"],\"notice\":[\"yes\"]}", vec![take_flash("notice", &["\"yes\""])], "seal"),
        one("flash/absent", "reading a name that is not there changes nothing", "{\"notice\":[\"yes\"]}", vec![take_flash("error", &[])], "nothing"),
        one("flash/prototype", "a name that every object of JavaScript has is not there", "{\"notice\":[\"yes\"]}", vec![take_flash("constructor", &[])], "nothing"),
        one("flash/twice", "the second reading of a request finds nothing", "{\"notice\":[\"yes\"]}", vec![take_flash("notice", &["\"yes\""]), take_flash("notice", &[])], "seal"),
        one("flash/read-and-add", "what is added after the reading is for the next page", "{\"notice\":[1]}", vec![take_flash("notice", &["1"]), flash("notice", "2")], "seal"),
        one("flash/put-back", "a message that is read and added again was undone", "{\"notice\":[1]}", vec![take_flash("notice", &["1"]), flash("notice", "1")], "nothing"),
        one("flash/added-and-read", "a message that is added and read in one request was undone", "{\"notice\":[1]}", vec![flash("offer", "2"), take_flash("offer", &["2"])], "nothing"),
        one("flash/taken-beyond-integers", "nor does it matter that it could not be written", "{\"notice\":[1]}", vec![flash("offer", "9007199254740992"), take_flash("offer", &["9007199254740992"])], "nothing"),
        Run { flags: &["proto-name"], expect: Err("payload_unserializable"), spec: &["SESS-06"], ..one("flash/proto", "a message of the name __proto__", "{\"notice\":[1]}", vec![flash("__proto__", "2")], "") },
        Run { flags: &["proto-name"], expect: Err("payload_unserializable"), spec: &["SESS-06"], ..one("flash/proto-inside", "__proto__ inside a message", "{\"notice\":[1]}", vec![flash("notice", "{\"__proto__\":2}")], "") },
        Run { flags: &["unsafe-integer"], expect: Err("payload_unserializable"), spec: &["SESS-06"], ..one("flash/integer", "2^53 inside a message", "{\"notice\":[1]}", vec![flash("notice", "[9007199254740992]")], "") },
        Run { flags: &["deep-nesting"], expect: Err("payload_unserializable"), spec: &["SESS-06"], ..one("flash/nesting-17", "a message to level 17", "{\"notice\":[1]}", vec![flash("notice", "[[[[[[[[[[[[[[]]]]]]]]]]]]]]")], "") },
        Run { spec: &["SESS-06"], flags: &[], ..one("flash/nesting-16", "a message to level 16", "{\"notice\":[1]}", vec![flash("notice", "[[[[[[[[[[[[[]]]]]]]]]]]]]")], "seal") },
    ]
}
