//! The session profile (§19) once, in its own order.

use super::{
    action::Action,
    value::{Value, object, parse},
};
use crate::opener::{Code, Context};

const TIME_END: u64 = 1 << 48;
const INTEGER_END: u64 = 1 << 53;

/// Holds a session: the members of a payload. `None` stands for what the commit will fill in.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) sid: Option<String>,
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) rev: u64,
    pub(crate) user: Option<User>,
    pub(crate) checked: Option<u64>,
    pub(crate) jkt: Option<String>,
    /// An object.
    pub(crate) data: Value,
    pub(crate) flash: Vec<(String, Vec<Value>)>,
}

#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) sub: String,
    pub(crate) generation: u64,
    pub(crate) auth_time: Option<u64>,
}

#[derive(Clone, Copy)]
pub(crate) struct Policy {
    pub(crate) idle: u64,
    pub(crate) absolute: u64,
    pub(crate) leeway: u64,
    /// 0 if it is not given.
    pub(crate) recheck: Option<u64>,
}

/// The application's answer.
#[derive(Clone, Copy)]
pub(crate) struct Check {
    pub(crate) generation: Option<u64>,
    pub(crate) denied: bool,
}

/// Holds what a server is set up with.
#[derive(Clone)]
pub(crate) struct Setup {
    pub(crate) context: Context,
    pub(crate) policy: Policy,
    pub(crate) check: Option<Check>,
}

/// Holds an opened session.
#[derive(Clone)]
pub(crate) struct Opened {
    pub(crate) session: Session,
    pub(crate) issued_at: u64,
    pub(crate) expires_at: u64,
    pub(crate) last: u64,
    /// Whether the check was asked in this request, and `recheck` is above 0.
    pub(crate) answered: bool,
}

impl Policy {
    /// [SESS-07]
    pub(crate) fn validate(&self) -> Result<(), Code> {
        if !(1..=34_560_000).contains(&self.idle) {
            Err("idle_range")
        } else if !(self.idle..=34_560_000).contains(&self.absolute) {
            Err("absolute_range")
        } else if self.leeway > 300 {
            Err("leeway_range")
        } else if self.recheck() > 86_400 {
            Err("recheck_range")
        } else {
            Ok(())
        }
    }

    pub(crate) fn recheck(&self) -> u64 {
        self.recheck.unwrap_or(0)
    }
}

/// Returns whether a text is so many characters of base64url.
pub(crate) fn is_name(text: &str, length: usize) -> bool {
    let digit = |octet: u8| octet.is_ascii_alphanumeric() || octet == b'-' || octet == b'_';
    text.len() == length && text.bytes().all(digit)
}

/// Returns an integer by its value as a binary64 number ([SESS-02]).
fn integer(value: &Value, least: u64, end: u64) -> Option<u64> {
    let Value::Number(text) = value else { return None };
    let value: f64 = text.parse().ok()?;
    if !value.is_finite() || value.fract() != 0.0 {
        return None;
    }
    // Writes the value out exactly.
    let number = if value == 0.0 { 0 } else { format!("{value:.0}").parse().ok()? };
    (least..end).contains(&number).then_some(number)
}

impl Session {
    /// Returns a new guest's.
    pub(crate) fn guest() -> Self {
        let data = Value::Object(Vec::new());
        Self { sid: None, start: 0, end: 0, rev: 0, user: None, checked: None, jkt: None, data, flash: Vec::new() }
    }

    /// Step 9a.
    pub(crate) fn read(payload: &[u8]) -> Option<Self> {
        let members = object(payload)?;
        let known = ["sid", "start", "end", "rev", "sub", "gen", "auth_time", "checked", "jkt", "data", "flash"];
        let unknown = members.iter().any(|(name, _)| !known.contains(&name.as_str()));
        let member = |name: &str| members.iter().find(|(other, _)| other == name).map(|(_, value)| value);
        let Value::Text(sid) = member("sid")? else { return None };
        if unknown || !is_name(sid, 22) {
            return None;
        }
        let start = integer(member("start")?, 0, TIME_END)?;
        let end = integer(member("end")?, start + 1, TIME_END)?;
        let rev = integer(member("rev")?, 1, INTEGER_END)?;
        let user = match (member("sub"), member("gen"), member("auth_time")) {
            (None, None, None) => None,
            (Some(Value::Text(sub)), Some(generation), Some(auth_time)) if (1..=255).contains(&sub.len()) => {
                let generation = integer(generation, 0, INTEGER_END)?;
                let auth_time = Some(integer(auth_time, 0, TIME_END)?);
                Some(User { sub: sub.clone(), generation, auth_time })
            }
            _ => return None,
        };
        let checked = match member("checked") {
            None => None,
            Some(checked) => Some(integer(checked, 0, TIME_END)?),
        };
        let jkt = match member("jkt") {
            None => None,
            Some(Value::Text(jkt)) if is_name(jkt, 43) && user.is_some() => Some(jkt.clone()),
            Some(_) => return None,
        };
        let data = member("data").cloned().unwrap_or(Value::Object(Vec::new()));
        let Value::Object(_) = data else { return None };
        let mut flash = Vec::new();
        match member("flash") {
            None => {}
            Some(Value::Object(arrays)) => {
                for (name, messages) in arrays {
                    let Value::List(messages) = messages else { return None };
                    flash.push((name.clone(), messages.clone()));
                }
            }
            Some(_) => return None,
        }
        Some(Self { sid: Some(sid.clone()), start, end, rev, user, checked, jkt, data, flash })
    }

    /// Returns the value that [SESS-05] writes.
    pub(crate) fn value(&self) -> Value {
        let number = |number: u64| Value::Number(number.to_string());
        let mut members = vec![
            ("sid", Value::Text(self.sid.clone().unwrap_or_default())),
            ("start", number(self.start)),
            ("end", number(self.end)),
            ("rev", number(self.rev)),
        ];
        if let Some(user) = &self.user {
            members.push(("sub", Value::Text(user.sub.clone())));
            members.push(("gen", number(user.generation)));
            members.push(("auth_time", number(user.auth_time.unwrap_or(0))));
        }
        members.extend(self.checked.map(|checked| ("checked", number(checked))));
        members.extend(self.jkt.clone().map(|jkt| ("jkt", Value::Text(jkt))));
        if self.data != Value::Object(Vec::new()) {
            members.push(("data", self.data.clone()));
        }
        let arrays = self.flash.iter().filter(|(_, messages)| !messages.is_empty());
        let arrays: Vec<_> = arrays.map(|(name, messages)| (name.clone(), Value::List(messages.clone()))).collect();
        if !arrays.is_empty() {
            members.push(("flash", Value::Object(arrays)));
        }
        Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// Returns the value by which a change is seen.
    fn image(&self) -> Value {
        Self { rev: 0, checked: None, ..self.clone() }.value()
    }
}

impl Setup {
    /// Opens to step 9d. `ended` tells whether the transport says that the sid has ended.
    pub(crate) fn open(
        &self,
        text: &[u8],
        limit: usize,
        now: u64,
        ended: impl Fn(&str) -> bool,
    ) -> Result<Opened, Code> {
        let Policy { idle, absolute, leeway, .. } = self.policy;
        let unsealed = self.context.open(0x45, text, (idle, leeway), limit, now)?;
        let session = Session::read(&unsealed.payload).ok_or("payload_invalid")?;
        let auth_time = session.user.as_ref().and_then(|user| user.auth_time).unwrap_or(0);
        if [session.start, auth_time, session.checked.unwrap_or(0)].iter().any(|time| *time > now + leeway) {
            return Err("issued_in_future");
        }
        let last = session.end.min(session.start + absolute);
        if now >= last {
            return Err("expired");
        }
        if ended(session.sid.as_deref().unwrap_or_default()) {
            return Err("signed_off");
        }
        let expires_at = unsealed.issued_at + unsealed.ttl.min(idle);
        Ok(Opened { session, issued_at: unsealed.issued_at, expires_at, last, answered: false })
    }

    /// Steps 9e and 9f; `proofs` is what step 9e gave, the times of the proofs.
    pub(crate) fn admit(&self, opened: Opened, proofs: Result<Vec<u64>, Code>, now: u64) -> Result<Opened, Code> {
        let latest = proofs?.into_iter().chain(opened.session.checked).max();
        let trusted = latest.is_some_and(|time| now < time + self.policy.recheck());
        if self.policy.recheck() > 0 && trusted { Ok(opened) } else { self.ask(opened, now) }
    }

    /// Step 9f, also where the check is not due.
    pub(crate) fn ask(&self, mut opened: Opened, now: u64) -> Result<Opened, Code> {
        let Some(check) = self.check else { return Ok(opened) };
        if check.denied {
            return Err("signed_off");
        }
        if let Some(user) = &opened.session.user {
            let answer = check.generation.ok_or("unchecked")?;
            if answer != user.generation {
                return Err("revoked");
            }
        }
        if self.policy.recheck() > 0 {
            opened.session.checked = Some(now);
            opened.answered = true;
        }
        Ok(opened)
    }
}

/// Step 9e where there are no proofs ([SESS-29]).
pub(crate) fn without_proofs(session: &Session) -> Result<Vec<u64>, Code> {
    if session.jkt.is_some() { Err("unproven") } else { Ok(Vec::new()) }
}

/// What a commit decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    Nothing,
    Seal,
    Expire,
}

/// Holds one request: what was opened, and what the handler made of it.
pub(crate) struct Request {
    /// When it was opened.
    now: u64,
    /// Latest earlier proof that a sign-on may rest on; none without a clock.
    latest: Option<u64>,
    /// The session as opened; none if it is new.
    opened: Option<Opened>,
    session: Session,
    /// Sids and ends of the authentic sessions in the request.
    held: Vec<(String, u64)>,
    send: bool,
    offer: bool,
    /// Whether somebody signed on or re-authenticated in this request.
    pub(crate) signed_on: bool,
    /// Whether the last of these rested on an earlier proof.
    earlier: bool,
    pub(crate) signed_off: bool,
}

impl Request {
    /// Begins with what steps 0 to 9d gave, or with nothing. `others` are those that opened where none was chosen;
    /// `prove` is step 9e.
    pub(crate) fn begin(
        setup: &Setup,
        opened: Result<Opened, Code>,
        others: &[Opened],
        now: u64,
        prove: impl Fn(&Session) -> Result<Vec<u64>, Code>,
    ) -> (Self, Result<(), Code>) {
        let mut held: Vec<(String, u64)> = Vec::new();
        for Opened { session, .. } in others.iter().chain(opened.as_ref().ok()) {
            let sid = session.sid.clone().expect("a session as read");
            if !held.iter().any(|(other, _)| *other == sid) {
                held.push((sid, session.end));
            }
        }
        let opened = opened.and_then(|opened| {
            let proofs = prove(&opened.session);
            setup.admit(opened, proofs, now)
        });
        let answer = opened.as_ref().map(|_| ()).map_err(|code| *code);
        let opened = opened.ok();
        let session = opened.as_ref().map_or(Session::guest(), |opened| opened.session.clone());
        let latest = (answer != Err("no_clock")).then(|| (now + setup.policy.leeway).min(TIME_END - 1));
        let request = Self {
            now,
            latest,
            opened,
            session,
            held,
            send: false,
            offer: false,
            signed_on: false,
            earlier: false,
            signed_off: false,
        };
        (request, answer)
    }

    /// Goes on with a session that passed its check.
    pub(crate) fn of(opened: Opened, now: u64) -> Self {
        let session = opened.session.clone();
        Self {
            now,
            latest: None,
            opened: Some(opened),
            session,
            held: Vec::new(),
            send: false,
            offer: false,
            signed_on: false,
            earlier: false,
            signed_off: false,
        }
    }

    /// Binds the session to a key.
    pub(crate) fn bind(&mut self, jkt: &str) {
        self.session.jkt = Some(jkt.to_owned());
    }

    /// Returns the sids and ends that are offered to the application.
    pub(crate) fn ended(&self) -> &[(String, u64)] {
        if self.offer { &self.held } else { &[] }
    }

    pub(crate) const fn session(&self) -> &Session {
        &self.session
    }

    fn renew(&mut self, session: Session) {
        self.session = session;
        self.opened = None;
        self.send = false;
        self.offer = true;
    }

    pub(crate) fn apply(&mut self, action: &Action) -> Result<(), Code> {
        let valid = |generation: u64| if generation < INTEGER_END { Ok(()) } else { Err("user_invalid") };
        match action {
            Action::SetData(text) => {
                let data = parse(text).filter(|value| matches!(value, Value::Object(_)) && value.is_taken());
                self.session.data = data.ok_or("payload_unserializable")?;
            }
            Action::SignOn { sub, generation, keep, auth_time } => {
                valid(*generation)?;
                if !(1..=255).contains(&sub.len())
                    || auth_time.is_some_and(|time| self.latest.is_none_or(|latest| time > latest))
                {
                    return Err("user_invalid");
                }
                let mut session = Session::guest();
                if let Value::Object(members) = &self.session.data {
                    let kept = members.iter().filter(|(name, _)| keep.contains(&name.as_str()));
                    session.data = Value::Object(kept.cloned().collect());
                }
                session.user = Some(User { sub: sub.clone(), generation: *generation, auth_time: *auth_time });
                self.renew(session);
                (self.signed_on, self.earlier) = (true, auth_time.is_some());
            }
            Action::Reauthenticate { generation } => {
                valid(*generation)?;
                let user = self.session.user.as_mut().ok_or("user_invalid")?;
                user.generation = *generation;
                user.auth_time = None;
                self.session.sid = None;
                self.offer = true;
                (self.signed_on, self.earlier) = (true, false);
            }
            Action::SignOff => {
                self.renew(Session::guest());
                self.signed_off = true;
            }
            Action::Flash { name, message } => {
                let message = parse(message).filter(Value::is_taken).ok_or("payload_unserializable")?;
                match self.session.flash.iter_mut().find(|(other, _)| other == name) {
                    Some((_, messages)) => messages.push(message),
                    None => self.session.flash.push(((*name).to_owned(), vec![message])),
                }
            }
            Action::TakeFlash { name, messages } => {
                let position = self.session.flash.iter().position(|(other, _)| other == name);
                let taken = position.map_or(Vec::new(), |at| self.session.flash.remove(at).1);
                let taken: Vec<_> = taken.iter().map(Value::write).collect();
                assert_eq!(&taken, messages, "messages of {name}");
            }
            Action::Change { path, value } => {
                let Some(Value::List(steps)) = parse(path) else { panic!("{path} is no array") };
                let (last, way) = steps.split_last().expect("a step");
                let mut place = &mut self.session.data;
                for step in way {
                    place = match (place, step) {
                        (Value::Object(members), Value::Text(name)) => {
                            &mut members.iter_mut().find(|(other, _)| other == name).expect("a member").1
                        }
                        (Value::List(items), Value::Number(at)) => &mut items[at.parse::<usize>().expect("a position")],
                        _ => panic!("{path} leads nowhere"),
                    };
                }
                let value = parse(value).expect("a JSON text");
                match (place, last) {
                    (Value::Object(members), Value::Text(name)) => {
                        match members.iter_mut().find(|(other, _)| other == name) {
                            Some(member) => member.1 = value,
                            None => members.push((name.clone(), value)),
                        }
                    }
                    (Value::List(items), Value::Number(at)) => items[at.parse::<usize>().expect("a position")] = value,
                    _ => panic!("{path} leads nowhere"),
                }
            }
            Action::Excess { .. } => panic!("a cookie's"),
            Action::Send => self.send = true,
            Action::ReauthWithin { seconds, holds } => {
                let user = self.session.user.as_ref();
                let fresh = |user: &User| {
                    *seconds > 0 && user.auth_time.is_none_or(|auth_time| self.now < auth_time.saturating_add(*seconds))
                };
                assert_eq!(user.is_some_and(fresh), *holds, "reauth_within {seconds}");
            }
        }
        Ok(())
    }

    /// Decides (§19.4).
    pub(crate) fn decide(&self, policy: &Policy, now: u64) -> Decision {
        let Some(opened) = &self.opened else {
            return match (self.asked(), self.signed_off) {
                (true, _) => Decision::Seal,
                (false, true) => Decision::Expire,
                (false, false) => Decision::Nothing,
            };
        };
        let last = opened.session.end.min(opened.session.start + policy.absolute);
        if now >= last {
            return Decision::Expire;
        }
        let signed = |time: u64| i64::try_from(time).expect("below 2^50");
        let gained = signed((now + policy.idle).min(last)) - signed(opened.expires_at);
        let refresh = 2 * gained >= signed(policy.idle);
        if self.asked() || refresh || opened.answered { Decision::Seal } else { Decision::Nothing }
    }

    /// Returns whether something else than a refresh or a recheck asks for a seal.
    fn asked(&self) -> bool {
        let before = self.opened.as_ref().map_or(Session::guest(), |opened| opened.session.clone());
        self.session.image() != before.image() || self.send
    }

    /// Returns what comes of a seal that fails with this code ([SESS-11]).
    pub(crate) fn failed(&self, code: Code) -> Result<Decision, Code> {
        match (self.signed_off && self.session.user.is_none(), self.asked()) {
            (true, _) => Ok(Decision::Expire),
            (false, false) => Ok(Decision::Nothing),
            (false, true) => Err(code),
        }
    }

    /// Returns payload and ttl of the next sealing; `sid` serves if the session has none.
    pub(crate) fn prepare(&self, policy: &Policy, now: u64, sid: &str) -> Result<(String, u64), Code> {
        let mut session = self.session.clone();
        if self.opened.is_none() {
            (session.start, session.end, session.rev) = (now, (now + policy.absolute).min((1 << 48) - 1), 0);
        }
        if session.sid.is_none() && !self.earlier && policy.recheck() > 0 {
            session.checked = Some(now);
        }
        session.sid.get_or_insert_with(|| sid.to_owned());
        session.rev = (session.rev + 1).min(INTEGER_END - 1);
        if let Some(user) = &mut session.user {
            user.auth_time.get_or_insert(now);
        }
        let value = session.value();
        if value.depth() > 16 || !value.is_portable() {
            return Err("payload_unserializable");
        }
        let last = session.end.min(session.start + policy.absolute);
        Ok((value.write(), policy.idle.min(last - now)))
    }
}
