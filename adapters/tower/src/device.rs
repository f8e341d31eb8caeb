//! The service that answers the endpoints of device binding.

use std::{
    convert::Infallible,
    fmt,
    task::{self, Poll},
};

use cretula::Data;
use http::{HeaderValue, Request, Response, StatusCode};
use serde::{Serialize, de::DeserializeOwned};
use tower_service::Service;

use crate::{
    layer::SessionLayer,
    service::{ResponseFuture, empty, refused},
};

/// Answers the two endpoints of device binding (§21), with the layer's check. Route `POST` of `/device-binding/start` and
/// `/device-binding/refresh` to it, inside of the layer or beside it. Every other request gets 404.
///
/// ```
/// # use cretula_tower::{DeviceService, SessionLayer};
/// # fn set_up(layer: &SessionLayer) {
/// let device = DeviceService::from(layer.clone()); // in axum: .route_service("/device-binding/{end}", device)
/// # }
/// ```
pub struct DeviceService<T = Data>(SessionLayer<T>);

impl<T> From<SessionLayer<T>> for DeviceService<T> {
    fn from(layer: SessionLayer<T>) -> Self {
        Self(layer)
    }
}

impl<T> Clone for DeviceService<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> fmt::Debug for DeviceService<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DeviceService").field(&self.0).finish()
    }
}

impl<B, T> Service<Request<B>> for DeviceService<T>
where
    T: Default + Serialize + DeserializeOwned + Send + 'static,
{
    type Response = Response<String>;
    type Error = Infallible;
    type Future = ResponseFuture<Response<String>, Self::Error>;

    fn poll_ready(&mut self, _: &mut task::Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let layer = self.0.clone();
        let (parts, _) = request.into_parts();
        let future = Box::pin(async move {
            let values = |name| parts.headers.get_all(name).into_iter().map(HeaderValue::as_bytes).collect();
            let answered = layer.middleware.device(parts.method.as_str(), parts.uri.path(), values).await;
            let answer = match answered {
                None => return Ok(empty(StatusCode::NOT_FOUND)),
                Some(Err(failure)) => return Ok(refused(failure)),
                Some(Ok(answer)) => answer,
            };
            let mut response: Response<String> =
                empty(StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
            for (name, value) in answer.headers() {
                // Never refused: visible ASCII and spaces.
                if let Ok(value) = HeaderValue::from_str(value) {
                    response.headers_mut().append(name, value);
                }
            }
            *response.body_mut() = answer.body;
            Ok(response)
        });
        ResponseFuture { future }
    }
}
