//! The layer: sessions, check and hooks.

use std::{error::Error, fmt, pin::Pin, sync::Arc};

use cretula::{Answer, CommitError, Data, Ended, NoSession, Opening, Sessions, UnixTime};

pub(crate) type BoxFuture<R> = Pin<Box<dyn Future<Output = R> + Send>>;
/// Whatever the application's own code fails with.
pub(crate) type BoxError = Box<dyn Error + Send + Sync>;
type Checker = dyn Fn(Check) -> BoxFuture<Result<Answer, BoxError>> + Send + Sync;
type OnEnded = dyn Fn(Ended) -> BoxFuture<Result<(), BoxError>> + Send + Sync;
type OnEvent = dyn Fn(&Event) + Send + Sync;

/// Asks the application about a session that a request brought: the input of the function given to
/// [`SessionLayer::new`].
///
/// ```
/// # use cretula::Answer;
/// # use cretula_tower::Check;
/// # use std::collections::{HashMap, HashSet};
/// fn answer(check: &Check, generations: &HashMap<String, u64>, denied: &HashSet<String>) -> Answer {
///     if denied.contains(&check.sid) {
///         return Answer::Denied;
///     }
///     let Some(sub) = &check.sub else { return Answer::Unanswered }; // a guest, who needs no answer
///     generations.get(sub).map_or(Answer::Denied, |generation| Answer::Generation(*generation))
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Check {
    /// Whose session it says it is; `None` for a guest's.
    pub sub: Option<String>,
    /// The session's name, for a deny-list.
    pub sid: String,
    /// The session's generation of that user. Where a replica may lag, read the primary before you trust a lower answer.
    pub generation: Option<u64>,
    /// When that user last proved who they are.
    pub auth_time: Option<UnixTime>,
}

/// What happened that is not in a response: for metrics. Each is in the log too, by `tracing`.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A request's session was refused; not for a request without one. Level info, but debug for `expired`.
    Refused(NoSession),
    /// The check failed; the session is closed (`unchecked`). Level error.
    CheckFailed(&'a (dyn Error + Send + Sync)),
    /// The session could not be written. Level error, but warn for [`CommitError::NotNow`].
    NotWritten(&'a CommitError),
    /// The deny-list was not told of a session that ended. Level error.
    NotDenied(&'a (dyn Error + Send + Sync)),
    /// A cookie of more than 3500 octets, which some proxies refuse
    /// ([`Committed::is_large`](cretula::Committed::is_large)). Level warn.
    Large,
}

/// Makes [`SessionService`](crate::SessionService)s: the session layer. Clones share everything.
///
/// ```
/// # use cretula::{Answer, Data, Key, Site};
/// # use cretula_tower::SessionLayer;
/// let sessions = Site::new(Key::generate()?, "shop.example")?.sessions::<Data>().build()?;
/// let layer = SessionLayer::new(sessions, async |check| {
///     Ok::<_, std::io::Error>(match check.sub.as_deref() {
///         Some("ada") => Answer::Generation(7),
///         _ => Answer::Denied,
///     })
/// });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct SessionLayer<T = Data> {
    pub(crate) inner: Arc<Inner<T>>,
}

pub(crate) struct Inner<T> {
    pub(crate) sessions: Sessions<T>,
    hooks: Hooks,
}

#[derive(Clone, Default)]
struct Hooks {
    check: Option<Arc<Checker>>,
    ended: Option<Arc<OnEnded>>,
    event: Option<Arc<OnEvent>>,
    guests_write: bool,
}

impl<T> SessionLayer<T> {
    /// Takes the sessions, and the application's check of each session that a request brings (§19.5). The check may
    /// wait for a database. If it fails, its error is logged, and the session is closed (`unchecked`). A request without a
    /// session that opens is not asked about.
    ///
    /// ```
    /// # use cretula::{Answer, Data, Key, Site};
    /// # use cretula_tower::{Check, SessionLayer};
    /// # #[derive(Clone)] struct Users;
    /// # impl Users { async fn generation(&self, _sub: &str) -> Result<Option<u64>, std::io::Error> { Ok(None) } }
    /// # let (sessions, users) = (Site::new(Key::generate()?, "a")?.sessions::<Data>().build()?, Users);
    /// let layer = SessionLayer::new(sessions, move |check: Check| {
    ///     let users = users.clone();
    ///     async move {
    ///         let Some(sub) = check.sub else { return Ok(Answer::Unanswered) }; // a guest
    ///         let generation = users.generation(&sub).await?;
    ///         Ok::<_, std::io::Error>(generation.map_or(Answer::Denied, Answer::Generation))
    ///     }
    /// });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new<F, R, E>(sessions: Sessions<T>, check: F) -> Self
    where
        F: Fn(Check) -> R + Send + Sync + 'static,
        R: Future<Output = Result<Answer, E>> + Send + 'static,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        let check: Arc<Checker> = Arc::new(move |asked| {
            let answer = check(asked);
            Box::pin(async { answer.await.map_err(Into::into) })
        });
        Self::with(sessions, Hooks { check: Some(check), ..Hooks::default() })
    }

    /// Takes the sessions, and says that the application wants no check.
    ///
    /// # Security
    /// A copied token lives until its end, whatever is signed off.
    ///
    /// ```
    /// # use cretula::{Data, Key, Site};
    /// # use cretula_tower::SessionLayer;
    /// # let sessions = Site::new(Key::generate()?, "a")?.sessions::<Data>().build()?;
    /// let layer = SessionLayer::unchecked(sessions);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn unchecked(sessions: Sessions<T>) -> Self {
        Self::with(sessions, Hooks::default())
    }

    fn with(sessions: Sessions<T>, hooks: Hooks) -> Self {
        Self { inner: Arc::new(Inner { sessions, hooks }) }
    }

    fn hook(self, set: impl FnOnce(&mut Hooks)) -> Self {
        let mut hooks = self.inner.hooks.clone();
        set(&mut hooks);
        Self::with(self.inner.sessions.clone(), hooks)
    }

    /// Is called with each session that a response replaces or ends, for the deny-list, and awaited before the response
    /// is sent. If it fails, the response is a 500 without the session's headers. The function itself is always called;
    /// the future that it returns is dropped if the client goes away. So what must not be lost is begun in the function: a
    /// task of its own, or a channel.
    ///
    /// ```
    /// # use cretula_tower::SessionLayer;
    /// # async fn deny(_sid: String, _until: u64) -> Result<(), std::io::Error> { Ok(()) }
    /// # fn set_up(layer: SessionLayer) -> SessionLayer {
    /// layer.on_ended(async |ended| deny(ended.sid, ended.end.as_secs()).await)
    /// # }
    /// ```
    #[must_use]
    pub fn on_ended<F, R, E>(self, ended: F) -> Self
    where
        F: Fn(Ended) -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        let deny: Arc<OnEnded> = Arc::new(move |gone| {
            let told = ended(gone);
            Box::pin(async { told.await.map_err(Into::into) })
        });
        self.hook(|hooks| hooks.ended = Some(deny))
    }

    /// Is called with what is also in the log, for metrics.
    ///
    /// ```
    /// # use cretula::ErrorCode as _;
    /// # use cretula_tower::{Event, SessionLayer};
    /// # fn count(_code: &str) {}
    /// # fn set_up(layer: SessionLayer) -> SessionLayer {
    /// layer.on_event(|event| {
    ///     if let Event::Refused(reason) = event {
    ///         count(reason.code());
    ///     }
    /// })
    /// # }
    /// ```
    #[must_use]
    pub fn on_event(self, event: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        self.hook(|hooks| hooks.event = Some(Arc::new(event)))
    }

    /// Lets a guest write where it cannot be told now whether the request has a session, instead of the 503.
    ///
    /// # Security
    /// A write then replaces a session that may still be valid. It is for the time after the removal of a leaked key:
    /// guests who hold its cookies could not write until those expire.
    ///
    /// ```
    /// # use cretula_tower::SessionLayer;
    /// # fn set_up(layer: SessionLayer) -> SessionLayer {
    /// layer.not_now_as_guest()
    /// # }
    /// ```
    #[must_use]
    pub fn not_now_as_guest(self) -> Self {
        self.hook(|hooks| hooks.guests_write = true)
    }
}

impl<T: Default> Inner<T> {
    /// Lets the application answer. What it is asked is copied, so that nothing of the session is held while it waits.
    pub(crate) fn ask(&self, opening: &Opening<T>) -> Option<BoxFuture<Result<Answer, BoxError>>> {
        let (check, sid) = (self.hooks.check.as_ref()?, opening.sid()?);
        let user = opening.user();
        Some(check(Check {
            sub: user.map(|user| user.sub.clone()),
            sid: sid.to_owned(),
            generation: user.map(|user| user.generation),
            auth_time: user.map(|user| user.auth_time),
        }))
    }

    pub(crate) fn guests_write(&self) -> bool {
        self.hooks.guests_write
    }

    pub(crate) fn ended(&self, ended: &Ended) -> Option<BoxFuture<Result<(), BoxError>>> {
        Some(self.hooks.ended.as_ref()?(ended.clone()))
    }

    /// Writes to the log, and calls the hook.
    pub(crate) fn tell(&self, event: &Event) {
        event.log();
        if let Some(hook) = &self.hooks.event {
            hook(event);
        }
    }
}

impl Event<'_> {
    /// No line holds a token, a key or a payload.
    fn log(&self) {
        use cretula::{ErrorCode as _, UnsealError};
        match self {
            Self::Refused(reason @ NoSession::Token(UnsealError::Expired)) => {
                tracing::debug!(code = reason.code(), "session refused: {reason}");
            }
            Self::Refused(reason) => tracing::info!(code = reason.code(), "session refused: {reason}"),
            Self::CheckFailed(error) => tracing::error!("the check of a session failed: {error}"),
            Self::NotWritten(error @ CommitError::NotNow(_)) => tracing::warn!(code = error.code(), "{error}"),
            Self::NotWritten(error) => tracing::error!(code = error.code(), "session not written: {error}"),
            Self::NotDenied(error) => tracing::error!("the deny-list was not told: {error}"),
            Self::Large => tracing::warn!("a session's cookies have more than 3500 octets, which some proxies refuse"),
        }
    }
}

impl<T> Clone for SessionLayer<T> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner) }
    }
}

impl<T> fmt::Debug for SessionLayer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionLayer").field("sessions", &self.inner.sessions).finish_non_exhaustive()
    }
}
