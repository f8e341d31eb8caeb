//! What handlers get.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use cretula::{Data, Session};

/// Reaches the request's session, from the request's extensions; in axum, with the feature `axum`, as an argument of the
/// handler. Clones are of the same session.
///
/// ```
/// # use cretula::{Data, Key, Site};
/// # use cretula_tower::{SessionHandle, SessionLayer};
/// # use http::{Request, Response};
/// # use tower::{Layer, ServiceExt, service_fn};
/// async fn hello(request: Request<()>) -> Result<Response<String>, std::convert::Infallible> {
///     let session = request.extensions().get::<SessionHandle>();
///     let user = session.and_then(|session| session.with(|session| session.user().map(|user| user.sub.clone())));
///     Ok(Response::new(format!("Hello, {}", user.as_deref().unwrap_or("guest"))))
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let sessions = Site::new(Key::generate()?, "a")?.sessions::<Data>().build()?;
/// # let hello = SessionLayer::unchecked(sessions).layer(service_fn(hello));
/// assert_eq!(hello.oneshot(Request::default()).await?.body(), "Hello, guest");
/// # Ok(())
/// # }
/// ```
pub struct SessionHandle<T = Data> {
    /// `None` after the commit.
    session: Arc<Mutex<Option<Session<T>>>>,
    /// The name of its cookie.
    cookie: Arc<str>,
}

impl<T> SessionHandle<T> {
    pub(crate) fn new(session: Session<T>, cookie: &str) -> Self {
        Self { session: Arc::new(Mutex::new(Some(session))), cookie: cookie.into() }
    }

    pub(crate) fn is_of(&self, cookie: &str) -> bool {
        *self.cookie == *cookie
    }

    /// Takes the session for the commit.
    pub(crate) fn take(&self) -> Option<Session<T>> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Calls `f` with the session: for a moment, not while waiting for something else. Not within itself: that waits
    /// forever.
    ///
    /// ```
    /// # use cretula_tower::SessionHandle;
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
        let mut session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        f(session.as_mut().expect("the session was committed with the response's head"))
    }
}

impl<T> Clone for SessionHandle<T> {
    fn clone(&self) -> Self {
        Self { session: Arc::clone(&self.session), cookie: Arc::clone(&self.cookie) }
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
