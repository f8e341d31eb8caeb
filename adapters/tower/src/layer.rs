//! The layer: what makes services.

use std::fmt;

use cretula::{Answer, Data, Ended, Sessions};
use cretula_middleware::{Check, Event, Middleware};

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
    pub(crate) middleware: Middleware<T>,
}

impl<T> SessionLayer<T> {
    /// Makes a layer of the sessions and the application's check, which runs for each request whose session opens
    /// (§19.5). The check may wait for a database. If it fails, its error is logged, and the session is closed
    /// (`unchecked`).
    pub fn new<F, R, E>(sessions: Sessions<T>, check: F) -> Self
    where
        F: Fn(Check) -> R + Send + Sync + 'static,
        R: Future<Output = Result<Answer, E>> + Send + 'static,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        Middleware::new(sessions, check).into()
    }

    /// Makes a layer of the sessions, without a check.
    ///
    /// # Security
    /// A copied token is valid until it expires, even after a sign-off.
    #[must_use]
    pub fn unchecked(sessions: Sessions<T>) -> Self {
        Middleware::unchecked(sessions).into()
    }

    /// Is called with each session that a response replaces or ends, for the deny-list: see [`Middleware::on_ended`].
    #[must_use]
    pub fn on_ended<F, R, E>(self, ended: F) -> Self
    where
        F: Fn(Ended) -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        self.middleware.on_ended(ended).into()
    }

    /// Is called with what is also in the log, for metrics.
    #[must_use]
    pub fn on_event(self, event: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        self.middleware.on_event(event).into()
    }

    /// Lets a guest write where it cannot be told now whether the request has a session, instead of the 503: see
    /// [`Middleware::not_now_as_guest`].
    #[must_use]
    pub fn not_now_as_guest(self) -> Self {
        self.middleware.not_now_as_guest().into()
    }

    /// Refuses, with 403, posts from pages of other origins: see [`Middleware::same_site_posts`].
    #[must_use]
    pub fn same_site_posts(self) -> Self {
        self.middleware.same_site_posts().into()
    }
}

impl<T> From<Middleware<T>> for SessionLayer<T> {
    fn from(middleware: Middleware<T>) -> Self {
        Self { middleware }
    }
}

impl<T> Clone for SessionLayer<T> {
    fn clone(&self) -> Self {
        Self { middleware: self.middleware.clone() }
    }
}

impl<T> fmt::Debug for SessionLayer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionLayer").field("middleware", &self.middleware).finish()
    }
}
