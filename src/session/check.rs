//! The application's check (§19.5): the only way from a token to its session.

use super::{
    data::Data,
    state::{Session, User},
};
use crate::error::NoSession;

/// An opened session that the application has yet to check (§19.5): there is no other way to the session.
///
/// ```
/// # use cretula::{Context, Key, Keyring, Policy, SessionSealer, UnixTime};
/// # let sealer = SessionSealer::<cretula::Data>::new(&Keyring::from(Key::generate()?), &Context::new("a", "session")?, Policy::default());
/// # let now = UnixTime::new(1000)?;
/// # let mut session = sealer.open_at(None, now).unchecked();
/// # session.sign_on("ada", 7)?;
/// # let cretula::Wrote::Seal { token, .. } = sealer.commit_at(session, now)?.wrote else { unreachable!() };
/// # let look_up = |sub: &str| (sub == "ada").then_some(8);
/// let opening = sealer.open_at(Some(token.as_bytes()), now);
/// let generation = opening.user().and_then(|user| look_up(&user.sub)); // of the row that the server reads anyway
/// let session = opening.checked(generation);
/// assert_eq!(session.reason().map(|reason| reason.code()), Some("revoked")); // it was 7 at sign-on
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "a session is reached by `checked` or `unchecked`"]
#[derive(Debug)]
pub struct Opening<T = Data> {
    session: Session<T>,
    denied: bool,
}

impl<T> Opening<T> {
    pub(crate) const fn new(session: Session<T>) -> Self {
        Self { session, denied: false }
    }

    pub(crate) const fn session_mut(&mut self) -> &mut Session<T> {
        &mut self.session
    }

    /// Returns the session's name, for the deny-list; `None` if the request brought no session.
    #[must_use]
    pub fn sid(&self) -> Option<&str> {
        self.session.sid()
    }

    /// Returns whose session it says it is; `None` for a guest, or if the request brought no session.
    #[must_use]
    pub const fn user(&self) -> Option<&User> {
        self.session.user()
    }

    /// Returns why the request brought no session, for the log.
    #[must_use]
    pub const fn reason(&self) -> Option<NoSession> {
        self.session.reason()
    }

    /// Says that the application's deny-list holds this session: it is closed, a guest's too.
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Policy, SessionSealer, UnixTime};
    /// # let sealer = SessionSealer::<cretula::Data>::new(&Keyring::from(Key::generate()?), &Context::new("a", "session")?, Policy::default());
    /// # let deny_list = std::collections::HashSet::<String>::new();
    /// let mut opening = sealer.open_at(None, UnixTime::new(1000)?);
    /// if opening.sid().is_some_and(|sid| deny_list.contains(sid)) {
    ///     opening = opening.deny();
    /// }
    /// let session = opening.unchecked();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn deny(self) -> Self {
        Self { denied: true, ..self }
    }
}

impl<T: Default> Opening<T> {
    /// Answers the check: the user's present session generation, `None` for no answer, which closes a user's session.
    /// A guest's needs no answer.
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Policy, SessionSealer, UnixTime};
    /// # let sealer = SessionSealer::<cretula::Data>::new(&Keyring::from(Key::generate()?), &Context::new("a", "session")?, Policy::default());
    /// let session = sealer.open_at(None, UnixTime::new(1000)?).checked(None);
    /// assert_eq!(session.reason().map(|reason| reason.code()), Some("absent"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn checked(self, generation: Option<u64>) -> Session<T> {
        let fault = match (self.session.user(), generation) {
            (Some(_), None) => Some(NoSession::Unchecked),
            (Some(user), Some(generation)) if user.generation != generation => Some(NoSession::Revoked),
            _ => None,
        };
        self.closed_by(fault)
    }

    /// Says that the application wants no check of the generation: a copied token lives until its end.
    ///
    /// ```
    /// # use cretula::{Context, Key, Keyring, Policy, SessionSealer, UnixTime};
    /// # let sealer = SessionSealer::<cretula::Data>::new(&Keyring::from(Key::generate()?), &Context::new("a", "session")?, Policy::default());
    /// let session = sealer.open_at(None, UnixTime::new(1000)?).unchecked();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn unchecked(self) -> Session<T> {
        self.closed_by(None)
    }

    /// Takes step 9e of §19.3; `fault` is the answer's.
    ///
    /// ```text
    /// if the application denies s.sid:     fail signed_off
    /// if s has sub:
    ///     if there is no answer:           fail unchecked
    ///     if answer ≠ s.gen:               fail revoked
    /// ```
    fn closed_by(self, fault: Option<NoSession>) -> Session<T> {
        let Self { mut session, denied } = self;
        let denied = denied && session.origin.is_some();
        if let Some(fault) = denied.then_some(NoSession::SignedOff).or(fault) {
            session.renew();
            session.reason = Some(fault);
        }
        session
    }
}
