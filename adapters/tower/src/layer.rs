//! The layer: sessions, check and hooks.

use std::{fmt, pin::Pin, sync::Arc};

use cretula::{CommitError, Data, Ended, NoSession, Opening, Sessions};

pub(crate) type BoxFuture<R> = Pin<Box<dyn Future<Output = R> + Send>>;
type Checker = dyn Fn(Check) -> BoxFuture<Answer> + Send + Sync;
type OnRefused = dyn Fn(NoSession) + Send + Sync;
type OnEnded = dyn Fn(Ended) -> BoxFuture<()> + Send + Sync;
type OnLarge = dyn Fn() + Send + Sync;
type OnFailed = dyn Fn(&CommitError) + Send + Sync;

/// Asks the application about a session that a request brought: the input of the function given to
/// [`SessionLayer::new`].
///
/// ```
/// # use cretula_tower::{Answer, Check};
/// # use std::collections::{HashMap, HashSet};
/// fn answer(check: &Check, generations: &HashMap<String, u64>, denied: &HashSet<String>) -> Answer {
///     if denied.contains(&check.sid) {
///         return Answer::Denied;
///     }
///     check.sub.as_ref().and_then(|sub| generations.get(sub)).copied().into()
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
    /// When that user last proved who they are, in seconds since the Unix epoch.
    pub auth_time: Option<u64>,
}

/// Answers a [`Check`].
///
/// ```
/// use cretula_tower::Answer;
///
/// let generation = Some(7); // of the user's row, if there is one
/// assert_eq!(Answer::from(generation), Answer::Generation(7));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The user's present session generation. Another than the session's closes it: `revoked`.
    Generation(u64),
    /// The deny-list holds the session, or the user has gone: closed, a guest's too (`signed_off`).
    Denied,
    /// Nothing is known. A user's session is closed (`unchecked`); a guest's is not.
    Unanswered,
}

impl From<Option<u64>> for Answer {
    fn from(generation: Option<u64>) -> Self {
        generation.map_or(Self::Unanswered, Self::Generation)
    }
}

/// Makes [`SessionService`](crate::SessionService)s: the session layer. Clones share everything.
///
/// ```
/// # use cretula::{Context, Cookie, Data, Key, Keyring, Policy, Sessions};
/// # use cretula_tower::{Answer, SessionLayer};
/// # let (keyring, context) = (Keyring::from(Key::generate()?), Context::new("a", "session")?);
/// let sessions = Sessions::<Data>::new(&keyring, &context, Policy::default(), Cookie::default())?;
/// let layer = SessionLayer::new(sessions, async |check| match check.sub.as_deref() {
///     Some("ada") => Answer::Generation(7),
///     _ => Answer::Unanswered,
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
    refused: Option<Arc<OnRefused>>,
    ended: Option<Arc<OnEnded>>,
    large: Option<Arc<OnLarge>>,
    failed: Option<Arc<OnFailed>>,
}

impl<T> SessionLayer<T> {
    /// Takes the sessions, and the application's check of each session that a request brings (§19.5). The check may
    /// wait for a database. A request without a session that opens is not asked about.
    ///
    /// ```
    /// # use cretula::{Context, Cookie, Data, Key, Keyring, Policy, Sessions};
    /// # use cretula_tower::{Answer, Check, SessionLayer};
    /// # #[derive(Clone)] struct Users;
    /// # impl Users { async fn generation(&self, _sub: &str) -> Option<u64> { None } }
    /// # let (keyring, context, users) = (Keyring::from(Key::generate()?), Context::new("a", "session")?, Users);
    /// # let sessions = Sessions::<Data>::new(&keyring, &context, Policy::default(), Cookie::default())?;
    /// let layer = SessionLayer::new(sessions, move |check: Check| {
    ///     let users = users.clone();
    ///     async move {
    ///         let Some(sub) = check.sub else { return Answer::Unanswered }; // a guest
    ///         users.generation(&sub).await.into()
    ///     }
    /// });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new<F, R>(sessions: Sessions<T>, check: F) -> Self
    where
        F: Fn(Check) -> R + Send + Sync + 'static,
        R: Future<Output = Answer> + Send + 'static,
    {
        let check: Arc<Checker> = Arc::new(move |asked| Box::pin(check(asked)));
        Self::with(sessions, Hooks { check: Some(check), ..Hooks::default() })
    }

    /// Takes the sessions, and says that the application wants no check.
    ///
    /// # Security
    /// A copied token lives until its end, whatever is signed off.
    ///
    /// ```
    /// # use cretula::{Context, Cookie, Data, Key, Keyring, Policy, Sessions};
    /// # use cretula_tower::SessionLayer;
    /// # let (keyring, context) = (Keyring::from(Key::generate()?), Context::new("a", "session")?);
    /// # let sessions = Sessions::<Data>::new(&keyring, &context, Policy::default(), Cookie::default())?;
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

    /// Is called with why a request's session was refused, for the log; not for a request without one.
    ///
    /// ```
    /// # use cretula_tower::SessionLayer;
    /// # fn set_up(layer: SessionLayer) -> SessionLayer {
    /// layer.on_refused(|reason| eprintln!("no session: {}", reason.code()))
    /// # }
    /// ```
    #[must_use]
    pub fn on_refused(self, refused: impl Fn(NoSession) + Send + Sync + 'static) -> Self {
        self.hook(|hooks| hooks.refused = Some(Arc::new(refused)))
    }

    /// Is called with each session that a response replaces or ends, for the deny-list, and awaited before the response
    /// is sent. The function itself is always called; the future that it returns is dropped if the client goes away. So
    /// what must not be lost is begun in the function: a task of its own, or a channel.
    ///
    /// ```
    /// # use cretula_tower::SessionLayer;
    /// # async fn deny(_sid: String, _until: u64) {}
    /// # fn set_up(layer: SessionLayer) -> SessionLayer {
    /// layer.on_ended(async |ended| deny(ended.sid, ended.end).await)
    /// # }
    /// ```
    #[must_use]
    pub fn on_ended<F, R>(self, ended: F) -> Self
    where
        F: Fn(Ended) -> R + Send + Sync + 'static,
        R: Future<Output = ()> + Send + 'static,
    {
        let deny: Arc<OnEnded> = Arc::new(move |gone| Box::pin(ended(gone)));
        self.hook(|hooks| hooks.ended = Some(deny))
    }

    /// Is called when a response carries a cookie of more than 3500 octets, which some proxies refuse
    /// ([`Committed::is_large`](cretula::Committed::is_large)).
    ///
    /// ```
    /// # use cretula_tower::SessionLayer;
    /// # fn set_up(layer: SessionLayer) -> SessionLayer {
    /// layer.on_large(|| eprintln!("a session cookie of more than 3500 octets"))
    /// # }
    /// ```
    #[must_use]
    pub fn on_large(self, large: impl Fn() + Send + Sync + 'static) -> Self {
        self.hook(|hooks| hooks.large = Some(Arc::new(large)))
    }

    /// Is called with why a session could not be written, for the log. The response is an empty one of status 500 then,
    /// and has the error in its extensions, for a layer further out that makes a page of it.
    ///
    /// ```
    /// # use cretula_tower::SessionLayer;
    /// # fn set_up(layer: SessionLayer) -> SessionLayer {
    /// layer.on_failed(|error| eprintln!("{}: {error}", error.code()))
    /// # }
    /// ```
    #[must_use]
    pub fn on_failed(self, failed: impl Fn(&CommitError) + Send + Sync + 'static) -> Self {
        self.hook(|hooks| hooks.failed = Some(Arc::new(failed)))
    }
}

impl<T: Default> Inner<T> {
    /// Lets the application answer. What it is asked is copied, so that nothing of the session is held while it waits.
    pub(crate) fn ask(&self, opening: &Opening<T>) -> Option<BoxFuture<Answer>> {
        let (check, sid) = (self.hooks.check.as_ref()?, opening.sid()?);
        let user = opening.user();
        Some(check(Check {
            sub: user.map(|user| user.sub.clone()),
            sid: sid.to_owned(),
            generation: user.map(|user| user.generation),
            auth_time: user.map(|user| user.auth_time),
        }))
    }

    pub(crate) fn refused(&self, reason: Option<NoSession>) {
        if let (Some(hook), Some(reason)) = (&self.hooks.refused, reason.filter(|reason| *reason != NoSession::Absent))
        {
            hook(reason);
        }
    }

    pub(crate) fn ended(&self, ended: &Ended) -> Option<BoxFuture<()>> {
        Some(self.hooks.ended.as_ref()?(ended.clone()))
    }

    pub(crate) fn large(&self) {
        if let Some(hook) = &self.hooks.large {
            hook();
        }
    }

    pub(crate) fn failed(&self, error: &CommitError) {
        if let Some(hook) = &self.hooks.failed {
            hook(error);
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
