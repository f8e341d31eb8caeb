//! Cretula's web sessions in Rocket: a fairing that opens and commits, and a request guard for handlers.
//!
//! ```
//! use cretula::{Answer, Data, Key, Site};
//! use cretula_rocket::{Check, Middleware, SessionFairing, SessionHandle};
//! use rocket::{http::Status, local::asynchronous::Client, post, routes};
//!
//! // The user's present session generation, from the row that the server reads anyway.
//! async fn check(check: Check) -> Result<Answer, std::io::Error> {
//!     Ok(match check.sub.as_deref() {
//!         Some("ada") => Answer::Generation(7),
//!         _ => Answer::Denied,
//!     })
//! }
//!
//! #[post("/sign-on")]
//! fn sign_on(session: SessionHandle<'_>) -> Status {
//!     session.with(|session| session.sign_on("ada", 7)).map_or(Status::InternalServerError, |()| Status::NoContent)
//! }
//!
//! # #[rocket::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let sessions = Site::new(Key::generate()?, "shop.example")?.sessions::<Data>().build()?;
//! let sessions = SessionFairing::from(Middleware::new(sessions, check));
//! let server = rocket::build().attach(sessions).mount("/", routes![sign_on]);
//!
//! let client = Client::untracked(server).await?;
//! let response = client.post("/sign-on").dispatch().await;
//! assert_eq!(response.status(), Status::NoContent);
//! assert!(response.headers().contains("set-cookie"));
//! # Ok(())
//! # }
//! ```

mod cookies;

use std::{cell::OnceCell, fmt, marker::PhantomData, ops::Deref};

pub use cookies::{CookieFields, WithCookie};
use cretula::Data;
use cretula_middleware::Failure;
pub use cretula_middleware::{Check, Event, Middleware, log_keyring, signed_on};
use rocket::{
    Build, Ignite, Request, Response, Rocket, Sentinel,
    fairing::{self, Fairing, Info, Kind},
    http::Status,
    request::{FromRequest, Outcome},
};
use serde::{Serialize, de::DeserializeOwned};

/// What the fairing puts into the request: the session, or that the request is refused.
type Slot<T> = Option<Result<cretula_middleware::SessionHandle<T>, Foreign>>;

/// A page of another origin sent the request.
struct Foreign;

/// The fairing: attach one for each type of data. A second of the same type takes the place of the first.
///
/// ```
/// # use cretula_rocket::{Middleware, SessionFairing};
/// # fn set_up(middleware: Middleware) {
/// let server = rocket::build().attach(SessionFairing::from(middleware));
/// # }
/// ```
pub struct SessionFairing<T = Data>(Middleware<T>);

impl<T> From<Middleware<T>> for SessionFairing<T> {
    fn from(middleware: Middleware<T>) -> Self {
        Self(middleware)
    }
}

impl<T> fmt::Debug for SessionFairing<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SessionFairing").field(&self.0).finish()
    }
}

#[rocket::async_trait]
impl<T: Default + Serialize + DeserializeOwned + Send + Sync + 'static> Fairing for SessionFairing<T> {
    fn info(&self) -> Info {
        Info { name: "Cretula session", kind: Kind::Ignite | Kind::Request | Kind::Response | Kind::Singleton }
    }

    async fn on_ignite(&self, rocket: Rocket<Build>) -> fairing::Result {
        Ok(rocket.manage(Attached::<T>(PhantomData)))
    }

    async fn on_request(&self, request: &mut Request<'_>, _: &mut rocket::Data<'_>) {
        let headers = request.headers();
        #[cfg(feature = "device")]
        {
            let values = |name: &str| headers.get(name).map(str::as_bytes).collect();
            let path = request.uri().path();
            if let Some(answered) = self.0.device(request.method().as_str(), path.as_str(), values).await {
                request.local_cache(|| Some(Answered(answered, PhantomData::<fn() -> T>)));
                return;
            }
        }
        let slot =
            if is_refused(&self.0, request) { Err(Foreign) } else { Ok(self.0.open(headers.get("cookie")).await) };
        request.local_cache(|| Some(slot));
    }

    async fn on_response<'r>(&self, request: &'r Request<'_>, response: &mut Response<'r>) {
        #[cfg(feature = "device")]
        if let Some(Answered(answered, _)) = request.local_cache(|| Option::<Answered<T>>::None) {
            *response = answered.as_ref().map_or_else(refused, of_device);
            return;
        }
        let Some(Ok(handle)) = request.local_cache(|| Slot::<T>::None) else { return };
        match self.0.commit(handle).await {
            Ok(Some(committed)) => cookies::apply(&committed, response),
            Ok(None) => {}
            Err(failure) => {
                *response = refused(&failure);
                request.local_cache(|| failure.error);
            }
        }
    }
}

/// Marks that the fairing is attached.
struct Attached<T>(PhantomData<fn() -> T>);

/// The request guard: reaches the session of the request. A server that has a route with it and not the fairing of this
/// type of data does not launch.
///
/// ```
/// # use cretula_rocket::SessionHandle;
/// # use rocket::get;
/// #[get("/")]
/// fn home(session: SessionHandle<'_>) -> String {
///     session.with(|session| session.user().map_or("guest".to_owned(), |user| user.sub.clone()))
/// }
/// ```
pub struct SessionHandle<'r, T = Data>(&'r cretula_middleware::SessionHandle<T>);

impl<T> Deref for SessionHandle<'_, T> {
    type Target = cretula_middleware::SessionHandle<T>;

    fn deref(&self) -> &Self::Target {
        self.0
    }
}

impl<T> fmt::Debug for SessionHandle<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[rocket::async_trait]
impl<'r, T: Send + Sync + 'static> FromRequest<'r> for SessionHandle<'r, T> {
    type Error = &'static str;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Self::Error> {
        match request.local_cache(|| Slot::None) {
            Some(Ok(handle)) => Outcome::Success(Self(handle)),
            Some(Err(Foreign)) => Outcome::Error((Status::Forbidden, "sent by a page of another origin")),
            None => Outcome::Error((Status::InternalServerError, "the fairing of this type of data has not run")),
        }
    }
}

impl<T: 'static> Sentinel for SessionHandle<'_, T> {
    fn abort(rocket: &Rocket<Ignite>) -> bool {
        rocket.state::<Attached<T>>().is_none()
    }
}

fn is_refused<T>(middleware: &Middleware<T>, request: &Request<'_>) -> bool {
    let host = OnceCell::new(); // made where it is asked for
    let value = |name: &str| match name {
        "host" => host.get_or_init(|| request.host().map(ToString::to_string)).as_deref(),
        _ => request.headers().get_one(name),
    };
    middleware.refuses(request.method().as_str(), |name| value(name).map(str::as_bytes))
}

/// What answers a request to an endpoint of device binding (§21), whatever the routes make of it.
#[cfg(feature = "device")]
struct Answered<T>(Result<cretula::DeviceResponse, Failure>, PhantomData<fn() -> T>);

#[cfg(feature = "device")]
fn of_device<'r>(answer: &cretula::DeviceResponse) -> Response<'r> {
    let mut response = Response::build();
    response.status(Status::new(answer.status));
    for (name, value) in answer.headers() {
        response.raw_header_adjoin(name, value.to_owned());
    }
    response.sized_body(answer.body.len(), std::io::Cursor::new(answer.body.clone()));
    response.finalize()
}

/// A new response: whatever the handler said about the session is not true.
fn refused<'r>(failure: &Failure) -> Response<'r> {
    let mut response = Response::build();
    response.status(Status::new(failure.status));
    for (name, value) in failure.headers() {
        response.raw_header(name, value);
    }
    response.finalize()
}

/// Runs the README's code.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
