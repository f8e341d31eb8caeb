//! What a handler does to a session.

use super::value::{Value, parse};
use crate::{
    json::{Json, object},
    vector::members,
};

/// One step of a request.
#[derive(Clone)]
pub(crate) enum Action {
    SetData(String),
    SignOn {
        sub: String,
        generation: u64,
        keep: Vec<&'static str>,
        auth_time: Option<u64>,
    },
    Reauthenticate {
        generation: u64,
    },
    SignOff,
    Flash {
        name: &'static str,
        message: &'static str,
    },
    TakeFlash {
        name: &'static str,
        messages: Vec<&'static str>,
    },
    Send,
    ReauthWithin {
        seconds: u64,
        holds: bool,
    },
    /// In place: a JSON array of names and positions, and a JSON text.
    Change {
        path: &'static str,
        value: &'static str,
    },
    /// The dry run (§20.6).
    Excess {
        now: u64,
        over: u64,
    },
}

pub(crate) fn set_data(text: impl Into<String>) -> Action {
    Action::SetData(text.into())
}

pub(crate) fn sign_on(sub: impl Into<String>, generation: u64) -> Action {
    Action::SignOn { sub: sub.into(), generation, keep: Vec::new(), auth_time: None }
}

/// Rests on a proof of that time.
pub(crate) fn sign_on_since(auth_time: u64) -> Action {
    Action::SignOn { sub: "ada".into(), generation: 7, keep: Vec::new(), auth_time: Some(auth_time) }
}

pub(crate) fn sign_on_keep(keep: &[&'static str]) -> Action {
    Action::SignOn { sub: "ada".into(), generation: 7, keep: keep.to_vec(), auth_time: None }
}

pub(crate) const fn reauthenticate(generation: u64) -> Action {
    Action::Reauthenticate { generation }
}

pub(crate) const fn flash(name: &'static str, message: &'static str) -> Action {
    Action::Flash { name, message }
}

pub(crate) fn take_flash(name: &'static str, messages: &[&'static str]) -> Action {
    Action::TakeFlash { name, messages: messages.to_vec() }
}

pub(crate) const fn reauth_within(seconds: u64, holds: bool) -> Action {
    Action::ReauthWithin { seconds, holds }
}

pub(crate) const fn change(path: &'static str, value: &'static str) -> Action {
    Action::Change { path, value }
}

impl Action {
    pub(crate) fn json(&self) -> Json {
        match self {
            Self::SetData(text) => object([("set_data", text.clone().into())]),
            Self::SignOn { sub, generation, keep, auth_time } => {
                let user = [("sub", sub.clone().into()), ("gen", (*generation).into()), ("keep", keep.clone().into())];
                let mut user = members(user);
                user.extend(auth_time.map(|time| ("auth_time".to_owned(), time.into())));
                object([("sign_on", Json::Object(user))])
            }
            Self::Reauthenticate { generation } => {
                object([("reauthenticate", object([("gen", (*generation).into())]))])
            }
            Self::SignOff => object([("sign_off", true.into())]),
            Self::Flash { name, message } => {
                object([("flash", object([("name", (*name).into()), ("message", (*message).into())]))])
            }
            Self::TakeFlash { name, messages } => {
                object([("take_flash", object([("name", (*name).into()), ("messages", messages.clone().into())]))])
            }
            Self::Send => object([("send", true.into())]),
            Self::Change { path, value } => {
                let Some(Value::List(steps)) = parse(path) else { panic!("{path} is no array") };
                let step = |step| match step {
                    Value::Text(name) => name.into(),
                    Value::Number(at) => Json::Number(at.parse().expect("a position")),
                    other => panic!("{other:?} is no step"),
                };
                let path = Json::List(steps.into_iter().map(step).collect());
                object([("change", object([("path", path), ("value", (*value).into())]))])
            }
            Self::Excess { now, over } => {
                object([("excess", object([("now", (*now).into()), ("over", (*over).into())]))])
            }
            Self::ReauthWithin { seconds, holds } => {
                object([("reauth_within", object([("seconds", (*seconds).into()), ("holds", (*holds).into())]))])
            }
        }
    }
}
