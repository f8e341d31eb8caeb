//! What handlers get.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use cretula::{Data, Session};

/// Reaches the session of a request; the middleware of each framework says how a handler gets it. Clones are of the same
/// session.
///
/// ```
/// # use cretula_middleware::SessionHandle;
/// # fn handler(session: &SessionHandle) {
/// let user = session.with(|session| session.user().map(|user| user.sub.clone()));
/// # }
/// ```
pub struct SessionHandle<T = Data>(Arc<Held<T>>);

struct Held<T> {
    cookie: String,
    session: Mutex<Option<Session<T>>>, // `None` after the commit
}

impl<T> SessionHandle<T> {
    pub(crate) fn new(cookie: &str, session: Session<T>) -> Self {
        Self(Arc::new(Held { cookie: cookie.to_owned(), session: Mutex::new(Some(session)) }))
    }

    pub(crate) fn cookie(&self) -> &str {
        &self.0.cookie
    }

    /// Takes the session out for the commit; `None` if it was taken before.
    pub(crate) fn take(&self) -> Option<Session<T>> {
        self.0.session.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Calls `f` with the session: for a moment, not while waiting for something else. Not within itself: that waits
    /// forever.
    ///
    /// ```
    /// # use cretula_middleware::SessionHandle;
    /// # fn handler(session: &SessionHandle) {
    /// session.with(|session| session.flash("notice", "saved"));
    /// # }
    /// ```
    ///
    /// # Panics
    /// After the response's head was made, in a body that streams or in a task: the session was committed with the head,
    /// and a change would be lost. Take what you need before.
    pub fn with<R>(&self, f: impl FnOnce(&mut Session<T>) -> R) -> R {
        // After a panic in `f` the session is what `f` left. Whoever caught the panic and answered decides about it.
        let mut session = self.0.session.lock().unwrap_or_else(PoisonError::into_inner);
        f(session.as_mut().expect("the session was committed with the response's head"))
    }
}

impl<T> Clone for SessionHandle<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> fmt::Debug for SessionHandle<T> {
    /// Shows nothing of the session, and waits for nobody.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionHandle").finish_non_exhaustive()
    }
}

#[cfg(feature = "axum")]
impl<S: Sync, T: Send + 'static> axum_core::extract::FromRequestParts<S> for SessionHandle<T> {
    /// A route without the layer, or with one of another type of data, is a fault of the program.
    type Rejection = (http::StatusCode, &'static str);

    async fn from_request_parts(parts: &mut http::request::Parts, _: &S) -> Result<Self, Self::Rejection> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| {
            tracing::error!("no SessionLayer of this type of data around the route");
            (http::StatusCode::INTERNAL_SERVER_ERROR, "no session layer around this route\n")
        })
    }
}
