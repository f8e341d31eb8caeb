//! The service: open, check, call, commit.

use std::{
    fmt, mem,
    pin::Pin,
    task::{self, Poll},
};

use cretula::{Answer, CommitError, Data, NoSession, Opening, Session};
use http::{HeaderValue, Request, Response, StatusCode, header};
use serde::{Serialize, de::DeserializeOwned};
use tower_layer::Layer;
use tower_service::Service;

use crate::{
    handle::SessionHandle,
    layer::{BoxFuture, Event, SessionLayer},
};

/// Serves requests with a session around them; [`SessionLayer`] makes it.
///
/// ```
/// # use cretula_tower::{SessionLayer, SessionService};
/// # use tower::Layer;
/// # fn wrap<S>(layer: &SessionLayer, service: S) {
/// let service: SessionService<S> = layer.layer(service);
/// # }
/// ```
pub struct SessionService<S, T = Data> {
    service: S,
    layer: SessionLayer<T>,
}

impl<S, T> SessionService<S, T> {
    pub(crate) const fn new(service: S, layer: SessionLayer<T>) -> Self {
        Self { service, layer }
    }
}

impl<S, T> Layer<S> for SessionLayer<T> {
    type Service = SessionService<S, T>;

    fn layer(&self, service: S) -> Self::Service {
        SessionService::new(service, self.clone())
    }
}

impl<S: Clone, T> Clone for SessionService<S, T> {
    fn clone(&self) -> Self {
        Self { service: self.service.clone(), layer: self.layer.clone() }
    }
}

impl<S, T> fmt::Debug for SessionService<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionService").field("layer", &self.layer).finish_non_exhaustive()
    }
}

/// Waits for the answer of a [`SessionService`].
///
/// ```
/// # use cretula_tower::{ResponseFuture, SessionService};
/// # use http::{Request, Response};
/// # use tower::Service;
/// # fn call<S>(service: &mut SessionService<S>, request: Request<()>)
/// # where S: Service<Request<()>, Response = Response<()>> + Clone + Send + 'static, S::Future: Send {
/// let response: ResponseFuture<Response<()>, S::Error> = service.call(request);
/// # }
/// ```
#[must_use = "a future does nothing unless it is polled"]
pub struct ResponseFuture<R, E> {
    future: BoxFuture<Result<R, E>>,
}

impl<R, E> Future for ResponseFuture<R, E> {
    type Output = Result<R, E>;

    fn poll(mut self: Pin<&mut Self>, context: &mut task::Context<'_>) -> Poll<Self::Output> {
        self.future.as_mut().poll(context)
    }
}

impl<R, E> fmt::Debug for ResponseFuture<R, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

impl<S, T, B, R> Service<Request<B>> for SessionService<S, T>
where
    S: Service<Request<B>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    T: Default + Serialize + DeserializeOwned + Send + 'static,
    B: Send + 'static,
    R: Default + Send,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = ResponseFuture<Response<R>, S::Error>;

    fn poll_ready(&mut self, context: &mut task::Context<'_>) -> Poll<Result<(), S::Error>> {
        self.service.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        // The one that was polled ready is the one to call.
        let clone = self.service.clone();
        let mut service = mem::replace(&mut self.service, clone);
        let layer = self.layer.clone();
        let future = Box::pin(async move {
            let name = layer.inner.sessions.cookie_name();
            if request.extensions().get::<SessionHandle<T>>().is_some_and(|handle| handle.is_of(name)) {
                // A layer further out has this session, and commits it: two commits would undo each other.
                return service.call(request).await;
            }
            let opening = layer.inner.sessions.open(request.headers().get_all(header::COOKIE));
            let session = check(&layer, opening).await;
            if let Some(reason) = session.reason().filter(|reason| *reason != NoSession::Absent) {
                layer.inner.tell(&Event::Refused(reason));
            }
            let handle = SessionHandle::new(session, name);
            request.extensions_mut().insert(handle.clone());
            let response = service.call(request).await?;
            Ok(commit(&layer, &handle, response).await)
        });
        ResponseFuture { future }
    }
}

async fn check<T: Default>(layer: &SessionLayer<T>, opening: Opening<T>) -> Session<T> {
    let session = match layer.inner.ask(&opening) {
        Some(answer) => opening.checked(answer.await.unwrap_or_else(|error| {
            layer.inner.tell(&Event::CheckFailed(&*error));
            Answer::Unanswered
        })),
        None => opening.unchecked(),
    };
    session
        .unwrap_or_else(|not_now| if layer.inner.guests_write() { not_now.into_guest() } else { not_now.read_only() })
}

async fn commit<T, R>(layer: &SessionLayer<T>, handle: &SessionHandle<T>, mut response: Response<R>) -> Response<R>
where
    T: Default + Serialize + DeserializeOwned,
    R: Default,
{
    let Some(session) = handle.take() else { return response };
    let committed = match layer.inner.sessions.commit(session) {
        Ok(committed) => committed,
        Err(error) => {
            layer.inner.tell(&Event::NotWritten(&error));
            let status = match error {
                CommitError::NotNow(_) => StatusCode::SERVICE_UNAVAILABLE,
                _ => StatusCode::INTERNAL_SERVER_ERROR,
            };
            let mut response = refused(status);
            response.extensions_mut().insert(error);
            return response;
        }
    };
    // Each is called before the first is awaited: a client that goes away costs the deny-list no entry.
    let told: Vec<_> = committed.ended.iter().filter_map(|ended| layer.inner.ended(ended)).collect();
    for told in told {
        if let Err(error) = told.await {
            layer.inner.tell(&Event::NotDenied(&*error));
            return refused(StatusCode::INTERNAL_SERVER_ERROR);
        }
    }
    committed.apply(response.headers_mut());
    if committed.is_large {
        layer.inner.tell(&Event::Large);
    }
    response
}

/// A new response: whatever the handler said about the session is not true.
fn refused<R: Default>(status: StatusCode) -> Response<R> {
    let mut response = Response::new(R::default());
    *response.status_mut() = status;
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("Cookie"));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private"));
    response
}
