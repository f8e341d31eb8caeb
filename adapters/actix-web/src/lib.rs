//! Cretula's web sessions as a middleware of actix-web.
//!
//! ```
//! use actix_web::{App, HttpResponse, http::StatusCode, test, web};
//! use cretula::{Answer, Data, Key, Site};
//! use cretula_actix_web::{Check, Middleware, SessionHandle, SessionMiddleware};
//!
//! // The user's present session generation, from the row that the server reads anyway.
//! async fn check(check: Check) -> Result<Answer, std::io::Error> {
//!     Ok(match check.sub.as_deref() {
//!         Some("ada") => Answer::Generation(7),
//!         _ => Answer::Denied,
//!     })
//! }
//!
//! async fn sign_on(session: web::ReqData<SessionHandle>) -> HttpResponse {
//!     match session.with(|session| session.sign_on("ada", 7)) {
//!         Ok(()) => HttpResponse::NoContent().finish(),
//!         Err(error) => HttpResponse::InternalServerError().body(error.to_string()),
//!     }
//! }
//!
//! # #[actix_web::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let sessions = Site::new(Key::generate()?, "shop.example")?.sessions::<Data>().build()?;
//! let sessions = SessionMiddleware::from(Middleware::new(sessions, check));
//! let app = App::new().wrap(sessions.clone()).route("/sign-on", web::post().to(sign_on));
//!
//! let app = test::init_service(app).await;
//! let response = test::call_service(&app, test::TestRequest::post().uri("/sign-on").to_request()).await;
//! assert_eq!(response.status(), StatusCode::NO_CONTENT);
//! assert!(response.headers().get("set-cookie").is_some());
//! # Ok(())
//! # }
//! ```

use std::{
    fmt,
    future::{Ready, ready},
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use actix_web::{
    Error, HttpMessage as _, HttpResponse,
    body::EitherBody,
    dev::{Service, ServiceRequest, ServiceResponse, Transform},
    http::{
        StatusCode,
        header::{self, HeaderName, HeaderValue},
    },
};
use cretula::{Committed, Data};
use cretula_middleware::Failure;
pub use cretula_middleware::{Check, Event, Middleware, SessionHandle, log_keyring, signed_on};
use serde::{Serialize, de::DeserializeOwned};

/// The middleware: put it around the routes with `wrap`. A handler takes `web::ReqData<SessionHandle<T>>`. Clones share
/// everything; make it once, outside the function that makes the `App` of each worker.
///
/// ```
/// # use cretula_actix_web::{Middleware, SessionMiddleware};
/// # fn set_up(middleware: Middleware) {
/// let sessions = SessionMiddleware::from(middleware);
/// # }
/// ```
pub struct SessionMiddleware<T = Data>(Middleware<T>);

impl<T> From<Middleware<T>> for SessionMiddleware<T> {
    fn from(middleware: Middleware<T>) -> Self {
        Self(middleware)
    }
}

impl<T> Clone for SessionMiddleware<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> fmt::Debug for SessionMiddleware<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SessionMiddleware").field(&self.0).finish()
    }
}

impl<S, B, T> Transform<S, ServiceRequest> for SessionMiddleware<T>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: 'static,
    T: Default + Serialize + DeserializeOwned + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Transform = SessionService<S, T>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(SessionService { service: Rc::new(service), middleware: self.0.clone() }))
    }
}

/// Serves requests with a session around them; [`SessionMiddleware`] makes it.
pub struct SessionService<S, T = Data> {
    service: Rc<S>,
    middleware: Middleware<T>,
}

impl<S, T> fmt::Debug for SessionService<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionService").field("middleware", &self.middleware).finish_non_exhaustive()
    }
}

impl<S, B, T> Service<ServiceRequest> for SessionService<S, T>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: 'static,
    T: Default + Serialize + DeserializeOwned + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Error>>>>;

    fn poll_ready(&self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.service.poll_ready(context)
    }

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let (service, middleware) = (Rc::clone(&self.service), self.middleware.clone());
        Box::pin(async move {
            let mounted_twice = request.extensions().get().is_some_and(|held| middleware.is_of(held));
            if mounted_twice {
                return Ok(service.call(request).await?.map_into_left_body()); // The one further out commits.
            }
            let host = request.uri().authority().map(|host| host.as_str().as_bytes()); // HTTP/2 has it in the place of Host
            let value = |name: &str| request.headers().get(name).map(HeaderValue::as_bytes);
            if middleware.refuses(request.method().as_str(), |name| value(name).or(host.filter(|_| name == "host"))) {
                let refused = HttpResponse::new(StatusCode::FORBIDDEN);
                return Ok(request.into_response(refused).map_into_right_body());
            }
            #[cfg(feature = "device")]
            if let Some(answered) = device(&middleware, &request).await {
                return Ok(request.into_response(answered).map_into_right_body());
            }
            let handle = middleware.open(request.headers().get_all(header::COOKIE)).await;
            request.extensions_mut().insert(handle.clone());
            let mut response = service.call(request).await?;
            match middleware.commit(&handle).await {
                Ok(Some(committed)) => apply(&committed, response.headers_mut())?,
                Ok(None) => {}
                Err(failure) => {
                    let (request, _) = response.into_parts();
                    return Ok(ServiceResponse::new(request, refused(failure)).map_into_right_body());
                }
            }
            Ok(response.map_into_left_body())
        })
    }
}

/// Answers a request to an endpoint of device binding (§21).
#[cfg(feature = "device")]
async fn device<T: Default + Serialize + DeserializeOwned>(
    middleware: &Middleware<T>,
    request: &ServiceRequest,
) -> Option<HttpResponse> {
    let values = |name| request.headers().get_all(name).map(HeaderValue::as_bytes).collect();
    let answer = match middleware.device(request.method().as_str(), request.path(), values).await? {
        Ok(answer) => answer,
        Err(failure) => return Some(refused(failure)),
    };
    let mut response = HttpResponse::build(StatusCode::from_u16(answer.status).unwrap_or_default());
    for (name, value) in answer.headers() {
        response.append_header((name, value));
    }
    Some(response.body(answer.body))
}

/// Puts what a commit returned into the headers of a response: `Set-Cookie`, `Vary`, `Cache-Control`. The middleware does
/// so for the session; this is for cookies that are no session.
///
/// ```
/// # use actix_web::HttpResponse;
/// # fn look(return_url: &cretula::TokenCookie) -> Result<HttpResponse, Box<dyn std::error::Error>> {
/// let mut response = HttpResponse::NoContent().finish();
/// cretula_actix_web::apply(&return_url.seal("/account")?, response.headers_mut())?;
/// # Ok(response)
/// # }
/// ```
///
/// # Errors
/// None in practice: the values are visible ASCII and spaces.
pub fn apply(committed: &Committed, headers: &mut header::HeaderMap) -> Result<(), header::InvalidHeaderValue> {
    for (name, value) in committed.headers() {
        headers.append(HeaderName::from_static(name), HeaderValue::from_str(value)?);
    }
    if let Some(value) = committed.cache_control(headers.contains_key(header::CACHE_CONTROL)) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(value));
    }
    Ok(())
}

/// A new response: whatever the handler said about the session is not true.
fn refused(failure: Failure) -> HttpResponse {
    let status = StatusCode::from_u16(failure.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::new(status);
    for (name, value) in failure.headers() {
        response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if let Some(error) = failure.error {
        response.extensions_mut().insert(error);
    }
    response
}

/// Runs the README's code.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
