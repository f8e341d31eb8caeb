//! The application's check (§19.5): the only way from a token to its session.

use alloc::boxed::Box;
use core::fmt;

use super::{
    data::Data,
    state::{Session, User},
};
use crate::error::{ErrorCode, NoSession};

/// What the application says of a session and its user (§19.5).
///
/// ```
/// # use cretula::Answer;
/// # enum DatabaseError { Down }
/// # let (is_denied, row): (bool, Result<Option<u64>, DatabaseError>) = (false, Ok(Some(7)));
/// let answer = match row {
///     _ if is_denied => Answer::Denied,
///     Ok(Some(generation)) => Answer::Generation(generation),
///     Ok(None) => Answer::Denied, // there is no such user any more
///     Err(_) => Answer::Unanswered,
/// };
/// assert_eq!(answer, Answer::Generation(7));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The user's present session generation, from the row that the server reads anyway. A guest's session needs none.
    Generation(u64),
    /// The deny-list holds the session, or there is no such user: it is closed, a guest's too.
    Denied,
    /// There is no answer now, such as from a database that is down.
    Unanswered,
}

/// An opened session that the application has yet to check (§19.5): there is no other way to the session.
///
/// ```
/// # use cretula::{Answer, ErrorCode as _, Key, Site};
/// # let sessions = Site::new(Key::generate()?, "shop.example")?.sessions::<cretula::Data>().build()?;
/// # let mut session = sessions.open(["a=b"]).unchecked()?;
/// # session.sign_on("ada", 7)?;
/// # let committed = sessions.commit(session)?;
/// # let cookie = committed.headers().find_map(|(_, line)| line.split(';').next()).unwrap_or_default();
/// # let generation_of = |_sub: &str| 8; // it was 7 at sign-on
/// let opening = sessions.open([cookie]);
/// let answer = opening.user().map_or(Answer::Unanswered, |user| Answer::Generation(generation_of(&user.sub)));
/// let session = opening.checked(answer)?;
/// assert_eq!(session.reason().map(|reason| reason.code()), Some("revoked"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "a session is reached by `checked` or `unchecked`"]
#[derive(Debug)]
pub struct Opening<T = Data>(Session<T>);

impl<T> Opening<T> {
    pub(crate) const fn new(session: Session<T>) -> Self {
        Self(session)
    }

    pub(crate) const fn session_mut(&mut self) -> &mut Session<T> {
        &mut self.0
    }

    /// Returns the session's name, for the deny-list; `None` if the request brought no session.
    #[must_use]
    pub fn sid(&self) -> Option<&str> {
        self.0.sid()
    }

    /// Returns whose session it says it is; `None` for a guest, or if the request brought no session.
    #[must_use]
    pub const fn user(&self) -> Option<&User> {
        self.0.user()
    }

    /// Returns true if the check is to be asked: always, unless a [`recheck`](crate::Builder::recheck) trusts an earlier
    /// answer ([SESS-30]).
    #[must_use]
    pub fn is_check_due(&self) -> bool {
        self.0.is_check_due()
    }
}

impl<T: Default> Opening<T> {
    /// Answers the check. Where it [is not due](Self::is_check_due) the session is open, whatever the answer.
    ///
    /// ```text
    /// if the check is not due:             return
    /// if the application denies s.sid:     fail signed_off
    /// if s has sub:
    ///     if there is no answer:           fail unchecked
    ///     if answer ≠ s.gen:               fail revoked
    /// ```
    ///
    /// ```
    /// # use cretula::{Answer, Key, Site};
    /// # let sessions = Site::new(Key::generate()?, "shop.example")?.sessions::<cretula::Data>().build()?;
    /// let session = sessions.open(["theme=dark"]).checked(Answer::Unanswered)?; // a guest: nobody to ask about
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`NotNow`] if it cannot be told now whether the session holds.
    pub fn checked(self, answer: Answer) -> Result<Session<T>, NotNow<T>> {
        if self.is_check_due() { self.answered(answer) } else { self.unchecked() }
    }

    /// Performs step 9f, whether the check is due or not.
    pub(crate) fn answered(mut self, answer: Answer) -> Result<Session<T>, NotNow<T>> {
        let fault = match (answer, self.user()) {
            (Answer::Denied, _) => self.0.origin.is_some().then_some(NoSession::SignedOff),
            (Answer::Unanswered, Some(_)) => Some(NoSession::Unchecked),
            (Answer::Generation(generation), Some(user)) if user.generation != generation => Some(NoSession::Revoked),
            _ => None,
        };
        let session = &mut self.0;
        if let Some(fault) = fault {
            session.close(fault);
        } else if session.origin.is_some() && session.policy.recheck() > 0 {
            (session.checked, session.answered) = (Some(session.now.as_secs()), true);
        }
        self.unchecked()
    }

    /// Says that the application wants no check of the generation: a copied token lives until its end.
    ///
    /// ```
    /// # use cretula::{Key, Site};
    /// # let sessions = Site::new(Key::generate()?, "shop.example")?.sessions::<cretula::Data>().build()?;
    /// let session = sessions.open(["theme=dark"]).unchecked()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`NotNow`] if it cannot be told now whether the session holds.
    pub fn unchecked(self) -> Result<Session<T>, NotNow<T>> {
        let Self(session) = self;
        match session.reason {
            Some(reason) if reason.is_not_now() => Err(NotNow(Box::new(session))),
            _ => Ok(session),
        }
    }
}

/// It cannot be told now whether the request has a session ([SESS-18]): its key has not arrived here, the check gave no
/// answer, or a clock is wrong. In a moment, or on another server, it may be valid.
///
/// Answer 503 and write nothing, because a write would replace a session that may still hold. A page that only reads can
/// be shown as to a guest.
///
/// ```
/// # use cretula::{ErrorCode as _, Key, Site};
/// # let site = |key| Site::new(key, "a");
/// # let other = site(Key::generate()?)?.sessions::<cretula::Data>().build()?;
/// # let sessions = site(Key::generate()?)?.sessions::<cretula::Data>().build()?;
/// # let mut session = other.open(["a=b"]).unchecked()?;
/// # session.send();
/// # let committed = other.commit(session)?;
/// # let cookie = committed.headers().find_map(|(_, line)| line.split(';').next()).unwrap_or_default();
/// match sessions.open([cookie]).unchecked() { // of a server that has a newer key
///     Err(not_now) => assert_eq!(not_now.code(), "unknown_key"),
///     Ok(_) => unreachable!(),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "answer 503, or go on as with a guest"]
pub struct NotNow<T = Data>(Box<Session<T>>);

impl<T> NotNow<T> {
    /// Returns a new guest's session in its place, for a page that only reads. A commit that would write
    /// anything except a sign-on or a sign-off fails: [`CommitError::NotNow`](crate::CommitError::NotNow).
    ///
    /// ```
    /// # use cretula::{Data, NotNow, Opening, Session};
    /// # fn shown(opening: Opening) -> Session {
    /// opening.unchecked().unwrap_or_else(NotNow::read_only)
    /// # }
    /// ```
    #[must_use]
    pub fn read_only(self) -> Session<T> {
        let mut session = self.into_guest();
        session.read_only = true;
        session
    }

    /// Returns a new guest's session in its place.
    ///
    /// ```
    /// # use cretula::{Data, NotNow, Opening, Session};
    /// # fn signed_on(opening: Opening) -> Result<Session, cretula::UserError> {
    /// let mut session = opening.unchecked().unwrap_or_else(NotNow::into_guest);
    /// session.sign_on("ada", 7)?;
    /// # Ok(session)
    /// # }
    /// ```
    ///
    /// # Security
    /// What is written to it replaces a session that may still be valid. Do so where a sign-on or a sign-off asks for it,
    /// and everywhere after the removal of a leaked key: guests who hold its cookies could not write until those expire.
    #[must_use]
    pub fn into_guest(self) -> Session<T> {
        *self.0
    }
}

impl<T> ErrorCode for NotNow<T> {
    fn code(&self) -> &'static str {
        self.0.reason.map_or("unchecked", |reason| reason.code())
    }
}

impl<T> fmt::Display for NotNow<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it cannot be told now whether the request has a session")?;
        self.0.reason.map_or(Ok(()), |reason| write!(f, ": {reason}"))
    }
}

impl<T> fmt::Debug for NotNow<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self} ({})", self.code())
    }
}

impl<T> core::error::Error for NotNow<T> {}
