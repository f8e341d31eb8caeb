//! The two endpoints of device binding (§21.6, §21.7).

use alloc::{borrow::ToOwned as _, boxed::Box, format, string::String, vec::Vec};
use core::fmt;

use serde::{Serialize, de::DeserializeOwned};

use super::{
    read::{self, Found},
    sessions::Sessions,
};
use crate::{
    device::{self, Challenge, Device, DeviceKey},
    error::{CommitError, DeviceError, NoSession, TimeError, UnsealError},
    ring::Ring,
    session::{Answer, Draws, NotNow, Opening, Session},
    time::UnixTime,
};

/// A request to an endpoint of device binding: registration or refresh. It does not reach the application; answer it with
/// the [`DeviceResponse`].
///
/// ```
/// use cretula::{Answer, Data, DeviceBinding, Key, Site};
///
/// let site = Site::new(Key::generate()?, "shop.example")?;
/// let sessions = site.sessions::<Data>().device_binding(DeviceBinding::default()).build()?;
///
/// let header = |name: &str| if name == "cookie" { vec![b"theme=dark".as_slice()] } else { vec![] };
/// let request = sessions.device_request("POST", "/device-binding/refresh", header).unwrap();
/// let answer = request.opening().map_or(Answer::Unanswered, |_opening| Answer::Generation(7)); // as for any session
/// let response = request.checked(answer)?;
/// assert_eq!(response.status, 401);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "its answer is the response"]
pub struct DeviceRequest<T> {
    sessions: Sessions<T>,
    step: Step<T>,
}

enum Step<T> {
    Refused(DeviceError),
    /// The session that the device token names is over, or another.
    Over {
        token: String,
        reason: DeviceError,
    },
    /// The browser is to answer a new challenge.
    Again {
        token: String,
        jkt: String,
        reason: Option<DeviceError>,
        now: UnixTime,
    },
    /// All is right but for the check. `token` is the device token, of a refresh.
    Check {
        opening: Box<Opening<T>>,
        key: DeviceKey,
        token: Option<String>,
        now: UnixTime,
    },
}

/// What answers a request to an endpoint of device binding.
#[must_use = "the browser waits for it"]
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeviceResponse {
    /// 200, 401, 403 or 503.
    pub status: u16,
    /// Why the device did not get what it asked for; for the log.
    pub reason: Option<DeviceError>,
    /// JSON, or empty.
    pub body: String,
    lines: Vec<String>,
    challenge: Option<String>,
}

impl fmt::Debug for DeviceResponse {
    /// Shows no token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { status, reason, .. } = self;
        f.debug_struct("DeviceResponse").field("status", status).field("reason", reason).finish_non_exhaustive()
    }
}

impl DeviceResponse {
    const fn empty(status: u16, reason: Option<DeviceError>) -> Self {
        Self { status, reason, body: String::new(), lines: Vec::new(), challenge: None }
    }

    /// Returns the names, in lower case, and the values of all header fields, in the order of [DEV-07].
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let lines = self.lines.iter().map(|line| ("set-cookie", line.as_str()));
        let json = (!self.body.is_empty()).then_some(("content-type", "application/json"));
        let challenge = self.challenge.as_deref().map(|challenge| ("secure-session-challenge", challenge));
        lines.chain([("vary", "Cookie"), ("cache-control", "no-store")]).chain(json).chain(challenge)
    }
}

impl<T: Default + Serialize + DeserializeOwned> Sessions<T> {
    /// Returns true for a request to one of the endpoints of device binding, which [`device_request`](Self::device_request)
    /// takes; false where device binding is not set up. No middleware opens the session of such a request.
    #[must_use]
    pub fn is_device_request(&self, method: &str, path: &str) -> bool {
        let end = self.device.as_ref().and_then(|device| path.strip_prefix(device.path()));
        method == "POST" && matches!(end, Some("/start" | "/refresh"))
    }

    /// Takes a request to one of the endpoints of device binding (§21.6, §21.7); `None` for every other request, and
    /// where device binding is not set up. `path` is that of the request's target, without a query. `header` gives the
    /// values of all fields of a name: `cookie`, `secure-session-response` and `sec-secure-session-id`.
    pub fn device_request<'h>(
        &self,
        method: &str,
        path: &str,
        header: impl Fn(&'static str) -> Vec<&'h [u8]>,
    ) -> Option<DeviceRequest<T>> {
        let device = self.device.as_ref().filter(|_| self.is_device_request(method, path))?;
        let ring = self.sealer.ring().load();
        let now = self.sealer.clock().now();
        let (cookies, responses) = (header("cookie"), header("secure-session-response"));
        let found = read::find(&cookies, self.cookie.name());
        let step = if path.ends_with("/start") {
            self.register(device, &ring, &found, &responses, now)
        } else {
            self.refresh(device, &ring, &found, &responses, &header("sec-secure-session-id"), now)
        };
        Some(DeviceRequest { sessions: self.clone(), step: step.unwrap_or_else(Step::Refused) })
    }

    /// ```text
    /// the values of Secure-Session-Response are not exactly one:           401 jwt_format
    /// s = choose(fields, name)                    (§20.3, steps 1 to 9d)   or 503 (not now), 401, with its code
    /// jti, key = jwt(value(Secure-Session-Response), none)                 or 401, with its code
    /// jkt = thumbprint(key)
    /// s has sub; open the challenge jti: it opens, its use is "register", its sid is s.sid
    ///                                                                      or 401 challenge_invalid
    /// if s has jkt, and it is not this one:                                401 device_mismatch
    /// ```
    fn register(
        &self,
        device: &Device,
        ring: &Ring,
        found: &Found<'_>,
        responses: &[&[u8]],
        now: Result<UnixTime, TimeError>,
    ) -> Result<Step<T>, DeviceError> {
        let &[response] = responses else { return Err(DeviceError::JwtFormat) };
        let now = now.map_err(|error| NoSession::from(UnsealError::from(error)))?;
        let session = self.choose(found, ring, now).map_err(|(reason, _)| reason)?;
        let (challenge, key) = device::read(device::value(response), None)?;
        let sid = session.sid().unwrap_or_default().to_owned();
        let is_own = device.open_challenge(ring, &challenge, now) == Some(Challenge::Register(sid));
        if session.user().is_none() || !is_own {
            return Err(DeviceError::Challenge);
        }
        if session.jkt().is_some_and(|jkt| *jkt != key.jkt()) {
            return Err(DeviceError::Mismatch);
        }
        Ok(Step::Check { opening: self.to_check(session, found, now), key, token: None, now })
    }

    /// ```text
    /// the values of Sec-Secure-Session-Id are not exactly one:             401 absent
    /// device = open the device token value(Sec-Secure-Session-Id)          or 503 (not now), 401, with its code
    /// jkt = thumbprint(device.x, device.y)
    /// s = choose(fields, name)                    (§20.3, steps 1 to 9d)   or 503 (not now), over, with its code
    /// if s has jkt: if it is not this one:                                 over device_mismatch
    /// else:         if s has no sub, or s.sid ≠ device.sid:                over device_mismatch
    /// there is no value of Secure-Session-Response:                        403
    /// there are several:                                                   401 jwt_format
    /// jti, key = jwt(value(Secure-Session-Response), device.x and device.y)    or 401, with its code
    /// open the challenge jti: it opens, its use is "refresh", its jkt is this one    or 403 challenge_invalid
    /// ```
    fn refresh(
        &self,
        device: &Device,
        ring: &Ring,
        found: &Found<'_>,
        responses: &[&[u8]],
        ids: &[&[u8]],
        now: Result<UnixTime, TimeError>,
    ) -> Result<Step<T>, DeviceError> {
        let &[id] = ids else { return Err(NoSession::Absent.into()) };
        let now = now.map_err(|error| NoSession::from(UnsealError::from(error)))?;
        let id = device::value(id);
        let (sid, key) = device.open_device(ring, id, now).map_err(NoSession::from)?;
        // A token that opened is ASCII.
        let (token, jkt) = (String::from_utf8_lossy(id).into_owned(), key.jkt());
        let session = match self.choose(found, ring, now) {
            Ok(session) => session,
            Err((reason, _)) if reason.is_not_now() => return Err(reason.into()),
            Err((reason, _)) => return Ok(Step::Over { token, reason: reason.into() }),
        };
        let is_own = match session.jkt() {
            Some(bound) => *bound == jkt,
            None => session.user().is_some() && session.sid() == Some(sid.as_str()),
        };
        if !is_own {
            return Ok(Step::Over { token, reason: DeviceError::Mismatch });
        }
        let response = match *responses {
            [] => return Ok(Step::Again { token, jkt, reason: None, now }),
            [response] => response,
            _ => return Err(DeviceError::JwtFormat),
        };
        let (challenge, key) = device::read(device::value(response), Some(key))?;
        if device.open_challenge(ring, &challenge, now) != Some(Challenge::Refresh(jkt.clone())) {
            return Ok(Step::Again { token, jkt, reason: Some(DeviceError::Challenge), now });
        }
        Ok(Step::Check { opening: self.to_check(session, found, now), key, token: Some(token), now })
    }

    fn to_check(&self, session: Session<T>, found: &Found<'_>, now: UnixTime) -> Box<Opening<T>> {
        let mut opening = self.sealer.opening(Ok(session), now);
        self.note(opening.session_mut(), found);
        Box::new(opening)
    }
}

impl<T: Default + Serialize + DeserializeOwned> DeviceRequest<T> {
    /// Returns the session of which the application's check is to be asked; `None` if the answer does not depend on it.
    /// It is asked here whether it [is due](Opening::is_check_due) or not.
    #[must_use]
    pub const fn opening(&self) -> Option<&Opening<T>> {
        match &self.step {
            Step::Check { opening, .. } => Some(opening),
            _ => None,
        }
    }

    /// Answers the request, with the answer of the application's check.
    ///
    /// # Errors
    /// As [`Sessions::commit`]: a session that cannot be written, or a token that cannot be sealed.
    pub fn checked(self, answer: Answer) -> Result<DeviceResponse, CommitError> {
        self.finish(Some(answer), &Draws::System)
    }

    /// Answers the request for an application that wants no check.
    ///
    /// # Errors
    /// As [`checked`](Self::checked).
    pub fn unchecked(self) -> Result<DeviceResponse, CommitError> {
        self.finish(None, &Draws::System)
    }

    pub(crate) fn finish(self, answer: Option<Answer>, draws: &Draws) -> Result<DeviceResponse, CommitError> {
        let Self { sessions, step } = self;
        match step {
            Step::Refused(reason) => Ok(DeviceResponse::empty(status(reason), Some(reason))),
            Step::Over { token, reason } => Ok(over(&token, reason)),
            Step::Again { token, jkt, reason, now } => {
                let challenge = Challenge::Refresh(jkt);
                let challenge = Device::challenge(&sessions.sealer.ring().load(), &challenge, now, draws)?;
                let field = format!(r#""{challenge}";id="{token}""#);
                Ok(DeviceResponse { challenge: Some(field), ..DeviceResponse::empty(403, reason) })
            }
            Step::Check { opening, key, token, now } => {
                let session = match answer {
                    Some(answer) => opening.answered(answer),
                    None => opening.unchecked(),
                };
                // A session that the check closed is a new guest's, with the reason.
                let session = session.unwrap_or_else(NotNow::into_guest);
                match (session.reason(), token) {
                    (None, token) => sessions.bound(session, &key, token.is_some(), now, draws),
                    (Some(reason), Some(token)) if !reason.is_not_now() => Ok(over(&token, reason.into())),
                    (Some(reason), _) => Ok(DeviceResponse::empty(status(reason.into()), Some(reason.into()))),
                }
            }
        }
    }
}

impl<T: Default + Serialize + DeserializeOwned> Sessions<T> {
    /// The device proved its key: binds the session where it is not bound, and makes the proof.
    fn bound(
        &self,
        mut session: Session<T>,
        key: &DeviceKey,
        refresh: bool,
        now: UnixTime,
        draws: &Draws,
    ) -> Result<DeviceResponse, CommitError> {
        let (Some(device), Some(named), Some(info)) = (&self.device, session.named(), session.info()) else {
            return Ok(DeviceResponse::empty(401, Some(NoSession::Absent.into())));
        };
        let (ring, jkt) = (self.sealer.ring().load(), key.jkt());
        let mut lines = Vec::new();
        if !refresh || !session.is_bound() {
            session.bind(&jkt);
            lines = self.commit_drawing(&ring, &session, now, draws)?.lines;
        }
        let (proof, ttl) = device.proof(&ring, (&named.sid, &jkt), !refresh, info.end, now, draws)?;
        let name = self.cookie.proof_name();
        lines.insert(0, self.cookie.line(&name, &proof, Some(ttl.into()), &self.cookie.place));
        let mut response = DeviceResponse { lines, ..DeviceResponse::empty(200, None) };
        if !refresh {
            let token = Device::device_token(&ring, (&named.sid, named.end), key, now, draws)?;
            let (path, same_site) = (device.path(), self.cookie.same_site.as_str());
            // Nothing in it needs an escape: a cookie's name is token characters.
            response.body = format!(
                r#"{{"session_identifier":"{token}","refresh_url":"{path}/refresh","scope":{{"include_site":false,"scope_specification":[]}},"credentials":[{{"type":"cookie","name":"{name}","attributes":"Path=/; Secure; HttpOnly; SameSite={same_site}"}}]}}"#
            );
        }
        Ok(response)
    }
}

fn status(reason: DeviceError) -> u16 {
    match reason {
        DeviceError::Session(reason) if reason.is_not_now() => 503,
        _ => 401,
    }
}

/// Ends the browser's device session.
fn over(token: &str, reason: DeviceError) -> DeviceResponse {
    let body = format!(r#"{{"session_identifier":"{token}","continue":false}}"#);
    DeviceResponse { body, ..DeviceResponse::empty(200, Some(reason)) }
}

impl<T> fmt::Debug for DeviceRequest<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceRequest").field("sessions", &self.sessions).finish_non_exhaustive()
    }
}
