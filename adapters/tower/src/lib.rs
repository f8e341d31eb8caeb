//! Cretula's web sessions as a tower layer: opens the session of a request, puts a [`SessionHandle`] into the request's
//! extensions, and commits the session to the response.
//!
//! ```
//! use cretula::{Answer, Key, Site};
//! use cretula_tower::{Check, SessionHandle, SessionLayer};
//! use http::{Request, Response};
//! use serde::{Deserialize, Serialize};
//! use tower::{Layer, ServiceExt, service_fn};
//!
//! #[derive(Default, Serialize, Deserialize)]
//! struct Shop {
//!     basket: Vec<String>,
//! }
//!
//! // The user's present session generation, from the row that the server reads anyway.
//! async fn check(check: Check) -> Result<Answer, std::io::Error> {
//!     Ok(match check.sub.as_deref() {
//!         Some("ada") => Answer::Generation(7),
//!         _ => Answer::Denied,
//!     })
//! }
//!
//! async fn buy(request: Request<String>) -> Result<Response<String>, std::convert::Infallible> {
//!     let session = request.extensions().get::<SessionHandle<Shop>>();
//!     let pieces = session.map(|session| {
//!         session.with(|session| {
//!             session.data_mut().basket.push("tea".to_owned());
//!             session.data().basket.len()
//!         })
//!     });
//!     Ok(Response::new(format!("{} in the basket", pieces.unwrap_or_default())))
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let sessions = Site::new(Key::generate()?, "shop.example")?.sessions::<Shop>().build()?;
//!
//! let layer = SessionLayer::new(sessions, check);
//! let response = layer.layer(service_fn(buy)).oneshot(Request::default()).await?;
//! assert!(response.headers()["set-cookie"].as_bytes().starts_with(b"__Host-Http-session=CrE1"));
//! assert_eq!(response.headers()["cache-control"], "no-store");
//! assert_eq!(response.body(), "1 in the basket");
//! # Ok(())
//! # }
//! ```
//!
//! Put the layer around the routes once. In it, a handler that panics without being caught, and a service that answers
//! with its `Error`, commit nothing: there is no response to put a cookie on.

#[cfg(feature = "device")]
mod device;
mod layer;
mod service;

pub use cretula_middleware::{Check, Event, SessionHandle, log_keyring, signed_on};
#[cfg(feature = "device")]
pub use device::DeviceService;
pub use layer::SessionLayer;
pub use service::{ResponseFuture, SessionService};

/// Runs the README's code.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
