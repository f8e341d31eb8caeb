//! The service: open, check, call, commit.

use std::{
    fmt, mem,
    pin::Pin,
    task::{self, Poll},
};

use cretula::Data;
use cretula_middleware::{Failure, Middleware, SessionHandle};
use http::{HeaderValue, Request, Response, StatusCode, header};
use serde::{Serialize, de::DeserializeOwned};
use tower_layer::Layer;
use tower_service::Service;

use crate::layer::SessionLayer;

type BoxFuture<R> = Pin<Box<dyn Future<Output = R> + Send>>;

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
    pub(crate) future: BoxFuture<Result<R, E>>,
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
            let middleware = &layer.middleware;
            let held = request.extensions().get::<SessionHandle<T>>();
            let is_of_device = middleware.is_device_request(request.method().as_str(), request.uri().path());
            if is_of_device || held.is_some_and(|held| middleware.is_of(held)) {
                // The device service further in answers it, or a layer further out commits it.
                return service.call(request).await;
            }
            if is_refused(middleware, &request) {
                return Ok(empty(StatusCode::FORBIDDEN));
            }
            let handle = middleware.open(request.headers().get_all(header::COOKIE)).await;
            request.extensions_mut().insert(handle.clone());
            let mut response = service.call(request).await?;
            match middleware.commit(&handle).await {
                Ok(Some(committed)) => committed.apply(response.headers_mut()),
                Ok(None) => {}
                Err(failure) => response = refused(failure),
            }
            Ok(response)
        });
        ResponseFuture { future }
    }
}

fn is_refused<T, B>(middleware: &Middleware<T>, request: &Request<B>) -> bool {
    let host = request.uri().authority().map(|host| host.as_str().as_bytes()); // HTTP/2 has it in the place of Host
    let value = |name: &str| request.headers().get(name).map(HeaderValue::as_bytes);
    middleware.refuses(request.method().as_str(), |name| value(name).or(host.filter(|_| name == "host")))
}

/// A new response: whatever the handler said about the session is not true.
pub(crate) fn refused<R: Default>(failure: Failure) -> Response<R> {
    let mut response = empty(StatusCode::from_u16(failure.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
    for (name, value) in failure.headers() {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    if let Some(error) = failure.error {
        response.extensions_mut().insert(error);
    }
    response
}

pub(crate) fn empty<R: Default>(status: StatusCode) -> Response<R> {
    let mut response = Response::new(R::default());
    *response.status_mut() = status;
    response
}
