//! Sessions, check and hooks, and the two calls around a handler.

use std::{
    error::Error,
    fmt,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use cretula::{Answer, CommitError, Committed, Data, Ended, NoSession, Opening, Sessions, SiteEvent, UnixTime};
use serde::{Serialize, de::DeserializeOwned};

use crate::handle::SessionHandle;

type BoxFuture<R> = Pin<Box<dyn Future<Output = R> + Send>>;
/// Whatever the application's own code fails with.
type BoxError = Box<dyn Error + Send + Sync>;
type Checker = dyn Fn(Check) -> BoxFuture<Result<Answer, BoxError>> + Send + Sync;
type OnEnded = dyn Fn(Ended) -> BoxFuture<Result<(), BoxError>> + Send + Sync;
type OnEvent = dyn Fn(&Event) + Send + Sync;

/// Asks the application about a session that a request brought: the input of the function given to
/// [`Middleware::new`].
///
/// ```
/// # use cretula::Answer;
/// # use cretula_middleware::Check;
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
    /// A request to an endpoint of device binding did not get what it asked for. Level info.
    #[cfg(feature = "device")]
    DeviceRefused(cretula::DeviceError),
    /// The check failed; the session is closed (`unchecked`). Level error.
    CheckFailed(&'a (dyn Error + Send + Sync)),
    /// The session could not be written. Level error, but warn for [`CommitError::NotNow`].
    NotWritten(&'a CommitError),
    /// The deny-list was not told of a session that ended. Level error.
    NotDenied(&'a (dyn Error + Send + Sync)),
    /// A cookie of more than 3500 octets, which some proxies refuse
    /// ([`Committed::is_large`](cretula::Committed::is_large)). Level warn.
    Large,
    /// Three sessions were written since the start, and no request came with one. Browsers drop `Secure` cookies where the
    /// site is not on https. Level warn, once.
    NoneReturned,
}

/// Sessions with the application's check and hooks. Clones share everything.
///
/// Around a handler: [`open`](Self::open), give it the [`SessionHandle`], and [`commit`](Self::commit) that before the head
/// is sent. A middleware that finds a handle [of its cookie](Self::is_of) in the request does neither: two commits would
/// undo each other.
///
/// ```
/// # use cretula::{Answer, Data, Key, Site};
/// # use cretula_middleware::Middleware;
/// let sessions = Site::new(Key::generate()?, "shop.example")?.sessions::<Data>().build()?;
/// let middleware = Middleware::new(sessions, async |check| {
///     Ok::<_, std::io::Error>(match check.sub.as_deref() {
///         Some("ada") => Answer::Generation(7),
///         _ => Answer::Denied,
///     })
/// });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Middleware<T = Data> {
    inner: Arc<Inner<T>>,
}

struct Inner<T> {
    sessions: Sessions<T>,
    hooks: Hooks,
    returns: Returns,
}

/// How many sessions were written before the first came back.
#[derive(Default)]
struct Returns(AtomicUsize);

impl Returns {
    const OVER: usize = usize::MAX;

    fn came_back(&self) {
        // Read on every request, written once: processors share what nobody writes.
        if self.0.load(Ordering::Relaxed) != Self::OVER {
            self.0.store(Self::OVER, Ordering::Relaxed);
        }
    }

    /// Counts a session that is written. Returns true for the third of which none came back.
    fn written(&self) -> bool {
        let next = |count: usize| (count != Self::OVER).then(|| if count == 2 { Self::OVER } else { count + 1 });
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next) == Ok(2)
    }
}

/// Why the response of a handler is dropped; a new one takes its place, with none of the handler's headers.
///
/// ```
/// # use cretula_middleware::Failure;
/// # fn page(failure: Failure) -> (u16, String) {
/// (failure.status, failure.error.map_or("Try again.".to_owned(), |error| error.to_string()))
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Failure {
    /// 500, or 503 for [`CommitError::NotNow`].
    pub status: u16,
    /// Why the session could not be written; `None` if the deny-list could not be told.
    pub error: Option<CommitError>,
}

#[derive(Clone, Default)]
struct Hooks {
    check: Option<Arc<Checker>>,
    ended: Option<Arc<OnEnded>>,
    event: Option<Arc<OnEvent>>,
    guests_write: bool,
    same_site_posts: bool,
}

impl<T> Middleware<T> {
    /// Makes a middleware of the sessions and the application's check, which runs for each request whose session opens
    /// (§19.5), unless a [`recheck`](cretula::Builder::recheck) trusts an earlier answer. The check may wait for a database. If it fails, its error is logged, and the session is closed
    /// (`unchecked`).
    ///
    /// ```
    /// # use cretula::{Answer, Data, Key, Site};
    /// # use cretula_middleware::{Check, Middleware};
    /// # #[derive(Clone)] struct Users;
    /// # impl Users { async fn generation(&self, _sub: &str) -> Result<Option<u64>, std::io::Error> { Ok(None) } }
    /// # let (sessions, users) = (Site::new(Key::generate()?, "a")?.sessions::<Data>().build()?, Users);
    /// let middleware = Middleware::new(sessions, move |check: Check| {
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

    /// Makes a middleware of the sessions, without a check.
    ///
    /// # Security
    /// A copied token is valid until it expires, even after a sign-off.
    ///
    /// ```
    /// # use cretula::{Data, Key, Site};
    /// # use cretula_middleware::Middleware;
    /// # let sessions = Site::new(Key::generate()?, "a")?.sessions::<Data>().build()?;
    /// let middleware = Middleware::unchecked(sessions);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn unchecked(sessions: Sessions<T>) -> Self {
        Self::with(sessions, Hooks::default())
    }

    fn with(sessions: Sessions<T>, hooks: Hooks) -> Self {
        Self { inner: Arc::new(Inner { sessions, hooks, returns: Returns::default() }) }
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
    /// # use cretula_middleware::Middleware;
    /// # async fn deny(_sid: String, _until: u64) -> Result<(), std::io::Error> { Ok(()) }
    /// # fn set_up(middleware: Middleware) -> Middleware {
    /// middleware.on_ended(async |ended| deny(ended.sid, ended.end.as_secs()).await)
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
    /// # use cretula_middleware::{Event, Middleware};
    /// # fn count(_code: &str) {}
    /// # fn set_up(middleware: Middleware) -> Middleware {
    /// middleware.on_event(|event| {
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
    /// # use cretula_middleware::Middleware;
    /// # fn set_up(middleware: Middleware) -> Middleware {
    /// middleware.not_now_as_guest()
    /// # }
    /// ```
    #[must_use]
    pub fn not_now_as_guest(self) -> Self {
        self.hook(|hooks| hooks.guests_write = true)
    }

    /// Refuses, with 403, requests that may change something and come from a page of another origin: all methods but GET,
    /// HEAD and OPTIONS. Browsers say where a request comes from in `Sec-Fetch-Site`, older ones in `Origin`. What sends
    /// neither is no browser.
    ///
    /// ```
    /// # use cretula_middleware::Middleware;
    /// # fn set_up(middleware: Middleware) -> Middleware {
    /// middleware.same_site_posts()
    /// # }
    /// ```
    #[must_use]
    pub fn same_site_posts(self) -> Self {
        self.hook(|hooks| hooks.same_site_posts = true)
    }
}

impl<T> Middleware<T> {
    /// Returns true if a middleware with the same cookie, further out, opened that session and will commit it.
    ///
    /// ```
    /// # use cretula_middleware::{Middleware, SessionHandle};
    /// # fn mounted_twice(inner: &Middleware, found_in_the_request: &SessionHandle) -> bool {
    /// inner.is_of(found_in_the_request)
    /// # }
    /// ```
    #[must_use]
    pub fn is_of(&self, handle: &SessionHandle<T>) -> bool {
        handle.cookie() == self.inner.sessions.cookie_name()
    }

    /// Returns true if the request is to be answered with 403, because of [`same_site_posts`](Self::same_site_posts).
    /// `header` gives the value of a header; for HTTP/2 the authority as `host`.
    ///
    /// ```
    /// # use cretula_middleware::Middleware;
    /// # fn look(middleware: &Middleware) {
    /// let from_elsewhere = |name: &str| (name == "sec-fetch-site").then_some(b"cross-site".as_slice());
    /// assert!(middleware.refuses("POST", from_elsewhere));
    /// # }
    /// ```
    #[must_use]
    pub fn refuses<'h>(&self, method: &str, header: impl Fn(&str) -> Option<&'h [u8]>) -> bool {
        if !self.inner.hooks.same_site_posts || ["GET", "HEAD", "OPTIONS"].contains(&method) {
            return false;
        }
        match (header("sec-fetch-site"), header("origin")) {
            (Some(site), _) => site != b"same-origin" && site != b"none",
            (None, Some(origin)) => !host_of(origin).eq_ignore_ascii_case(header("host").unwrap_or_default()),
            (None, None) => false,
        }
    }

    /// Writes to the log, and calls the hook.
    fn tell(&self, event: &Event) {
        event.log();
        if let Some(hook) = &self.inner.hooks.event {
            hook(event);
        }
    }
}

impl<T: Default + Serialize + DeserializeOwned> Middleware<T> {
    /// Opens the session of a request from the octets of all its Cookie fields, and asks the check. Never fails: where it
    /// cannot be told now whether a session holds, a guest's that can be read, not written.
    ///
    /// ```
    /// # use cretula::{Data, Key, Site};
    /// # use cretula_middleware::Middleware;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sessions = Site::new(Key::generate()?, "a")?.sessions::<Data>().build()?;
    /// let middleware = Middleware::unchecked(sessions);
    /// let handle = middleware.open(["theme=dark"]).await;
    /// handle.with(|session| session.data_mut().insert("theme".to_owned(), "dark".into()));
    /// let committed = middleware.commit(&handle).await?.expect("the first commit");
    /// assert!(committed.headers().any(|(name, _)| name == "set-cookie"));
    /// # Ok(())
    /// # }
    /// ```
    pub async fn open<F: AsRef<[u8]>>(&self, fields: impl IntoIterator<Item = F>) -> SessionHandle<T> {
        let opening = self.inner.sessions.open(fields);
        let asked = if opening.is_check_due() { self.ask(&opening) } else { None };
        let session = match asked {
            Some(answer) => opening.checked(answer.await.unwrap_or_else(|error| {
                self.tell(&Event::CheckFailed(&*error));
                Answer::Unanswered
            })),
            None => opening.unchecked(),
        };
        let guests_write = self.inner.hooks.guests_write;
        let session =
            session.unwrap_or_else(|not_now| if guests_write { not_now.into_guest() } else { not_now.read_only() });
        let reason = session.reason();
        if reason != Some(NoSession::Absent) {
            self.inner.returns.came_back();
        }
        if let Some(reason) = reason.filter(|reason| *reason != NoSession::Absent) {
            self.tell(&Event::Refused(reason));
        }
        SessionHandle::new(self.inner.sessions.cookie_name(), session)
    }

    /// Answers a request to an endpoint of device binding (§21), with the application's check; `None` for every other
    /// request, and where device binding is not set up. Ask before [`open`](Self::open): such a request has no other
    /// session. `header` gives the values of all fields of a name.
    ///
    /// # Errors
    /// [`Failure`] where the session could not be written.
    #[cfg(feature = "device")]
    pub async fn device<'h>(
        &self,
        method: &str,
        path: &str,
        header: impl Fn(&'static str) -> Vec<&'h [u8]>,
    ) -> Option<Result<cretula::DeviceResponse, Failure>> {
        let request = self.inner.sessions.device_request(method, path, header)?;
        let response = match request.opening().and_then(|opening| self.ask(opening)) {
            Some(answer) => {
                let answer = answer.await.unwrap_or_else(|error| {
                    self.tell(&Event::CheckFailed(&*error));
                    Answer::Unanswered
                });
                request.checked(answer)
            }
            None => request.unchecked(),
        };
        if let Ok(Some(reason)) = response.as_ref().map(|response| response.reason) {
            self.tell(&Event::DeviceRefused(reason));
        }
        Some(response.map_err(|error| {
            self.tell(&Event::NotWritten(&error));
            Failure { status: 500, error: Some(error) }
        }))
    }

    /// Returns true for a request that [`device`](Self::device) answers: open and commit nothing then.
    #[must_use]
    pub fn is_device_request(&self, method: &str, path: &str) -> bool {
        #[cfg(feature = "device")]
        return self.inner.sessions.is_device_request(method, path);
        #[cfg(not(feature = "device"))]
        {
            let _ = (method, path);
            false
        }
    }

    /// Lets the application answer. What it is asked is copied, so that nothing of the session is held while it waits.
    fn ask(&self, opening: &Opening<T>) -> Option<BoxFuture<Result<Answer, BoxError>>> {
        let (check, sid) = (self.inner.hooks.check.as_ref()?, opening.sid()?);
        let user = opening.user();
        Some(check(Check {
            sub: user.map(|user| user.sub.clone()),
            sid: sid.to_owned(),
            generation: user.map(|user| user.generation),
            auth_time: user.map(|user| user.auth_time),
        }))
    }

    /// Commits the session, and tells the deny-list. `None` if it was committed before.
    ///
    /// # Errors
    /// [`Failure`] where the session could not be written or the deny-list not be told.
    pub async fn commit(&self, handle: &SessionHandle<T>) -> Result<Option<Committed>, Failure> {
        let Some(session) = handle.take() else { return Ok(None) };
        let committed = self.inner.sessions.commit(session).map_err(|error| {
            self.tell(&Event::NotWritten(&error));
            let status = if matches!(error, CommitError::NotNow(_)) { 503 } else { 500 };
            Failure { status, error: Some(error) }
        })?;
        // Each is called before the first is awaited: a client that goes away costs the deny-list no entry.
        let tell = |ended: &Ended| Some(self.inner.hooks.ended.as_ref()?(ended.clone()));
        let told: Vec<_> = committed.ended.iter().filter_map(tell).collect();
        for told in told {
            if let Err(error) = told.await {
                self.tell(&Event::NotDenied(&*error));
                return Err(Failure { status: 500, error: None });
            }
        }
        if committed.is_large {
            self.tell(&Event::Large);
        }
        if committed.sid.is_some() && self.inner.returns.written() {
            self.tell(&Event::NoneReturned);
        }
        Ok(Some(committed))
    }
}

/// Host and port of an origin: what follows `://`; of `null`, nothing that a host can be.
fn host_of(origin: &[u8]) -> &[u8] {
    let at = origin.windows(3).position(|part| part == b"://");
    at.map_or(b"://", |at| origin.get(at + 3..).unwrap_or_default())
}

impl Failure {
    /// Returns the names and values of the new response's headers ([COOK-10]).
    ///
    /// ```
    /// # fn look(failure: &cretula_middleware::Failure) {
    /// assert_eq!(failure.headers(), [("vary", "Cookie"), ("cache-control", "private")]);
    /// # }
    /// ```
    #[must_use]
    pub const fn headers(&self) -> [(&'static str, &'static str); 2] {
        [("vary", "Cookie"), ("cache-control", "private")]
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.error {
            Some(error) => error.fmt(f),
            None => f.write_str("the deny-list was not told"),
        }
    }
}

impl Error for Failure {}

impl Event<'_> {
    /// No line holds a token, a key or a payload.
    fn log(&self) {
        use cretula::{ErrorCode as _, UnsealError};
        match self {
            Self::Refused(reason @ NoSession::Token(UnsealError::Expired)) => {
                tracing::debug!(code = reason.code(), "session refused: {reason}");
            }
            Self::Refused(reason) => tracing::info!(code = reason.code(), "session refused: {reason}"),
            #[cfg(feature = "device")]
            Self::DeviceRefused(reason) => tracing::info!(code = reason.code(), "device refused: {reason}"),
            Self::CheckFailed(error) => tracing::error!("the check of a session failed: {error}"),
            Self::NotWritten(error @ CommitError::NotNow(_)) => tracing::warn!(code = error.code(), "{error}"),
            Self::NotWritten(error) => tracing::error!(code = error.code(), "session not written: {error}"),
            Self::NotDenied(error) => tracing::error!("the deny-list was not told: {error}"),
            Self::NoneReturned => tracing::warn!(
                "three sessions were written and none came back: browsers drop Secure cookies without https; \
                 serve https, or set the site up with development(true)"
            ),
            Self::Large => tracing::warn!("a session's cookies have more than 3500 octets, which some proxies refuse"),
        }
    }
}

/// Writes what a watch of the keyring's file tells to the log: that another keyring is in force at level info, and that
/// one was refused, an alarm, at level error.
///
/// ```
/// # use cretula::Site;
/// # use cretula_middleware::log_keyring;
/// # fn set_up() -> Result<Site, cretula::SourceError> {
/// Site::watching("/run/secrets/cretula-keys", "shop.example", std::time::Duration::from_secs(60), log_keyring)
/// # }
/// ```
#[allow(clippy::needless_pass_by_value, reason = "the shape that `Site::watching` calls")]
pub fn log_keyring(event: SiteEvent) {
    match event {
        SiteEvent::Refused(error) => tracing::error!("keyring refused: {error}"),
        _ => tracing::info!("keyring exchanged"),
    }
}

impl<T> Clone for Middleware<T> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner) }
    }
}

impl<T> fmt::Debug for Middleware<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Middleware").field("sessions", &self.inner.sessions).finish_non_exhaustive()
    }
}
