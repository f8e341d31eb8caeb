//! What handlers get.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use cretula::{Data, Session};

/// Reaches the request's session, from the request's extensions. Clones are of the same session.
///
/// ```
/// # use cretula::{Context, Cookie, Data, Key, Keyring, Policy, Sessions};
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
/// # let (keyring, context) = (Keyring::from(Key::generate()?), Context::new("a", "session")?);
/// # let sessions = Sessions::<Data>::new(&keyring, &context, Policy::default(), Cookie::default())?;
/// # let hello = SessionLayer::unchecked(sessions).layer(service_fn(hello));
/// assert_eq!(hello.oneshot(Request::default()).await?.body(), "Hello, guest");
/// # Ok(())
/// # }
/// ```
pub struct SessionHandle<T = Data> {
    session: Arc<Mutex<Session<T>>>,
    /// The name of its cookie.
    cookie: Arc<str>,
}

impl<T> SessionHandle<T> {
    pub(crate) fn new(session: Session<T>, cookie: &str) -> Self {
        Self { session: Arc::new(Mutex::new(session)), cookie: cookie.into() }
    }

    pub(crate) fn is_of(&self, cookie: &str) -> bool {
        *self.cookie == *cookie
    }

    /// Calls `f` with the session: for a moment, not while waiting for something else. Not within itself: that waits
    /// forever.
    ///
    /// The commit takes the session when the response's head is made. After that a handle which a task or a body kept
    /// holds a new guest's session. It is never written.
    ///
    /// ```
    /// # use cretula_tower::SessionHandle;
    /// # fn handler(session: &SessionHandle) {
    /// session.with(|session| session.flash("notice", "saved"));
    /// # }
    /// ```
    pub fn with<R>(&self, f: impl FnOnce(&mut Session<T>) -> R) -> R {
        // After a panic in `f` the session is what `f` left. Whoever caught the panic and answered decides about it.
        f(&mut self.session.lock().unwrap_or_else(PoisonError::into_inner))
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
