//! Cretula: sealed tokens for stateless web sessions.
//!
//! A server seals a user's session into a cookie, keeps nothing, and any server that holds the key, written in any
//! language, opens it again. This crate is the reference codec of the Cretula v1 format, `spec/cretula-v1.md` in this
//! package; `§` in this documentation points into it. No I/O, no framework, no unsafe code.
//!
//! # In two minutes
//!
//! ```
//! use cretula::{Context, Cookie, Key, Keyring, Policy, Sessions};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Default, Serialize, Deserialize)]
//! struct Shop {
//!     basket: Vec<u32>,
//! }
//!
//! // Once, at start-up. In production: Keyring::parse(std::env::var("CRETULA_KEYS")?)?
//! let keyring = Keyring::from(Key::generate()?);
//! let context = Context::new("shop.example", "session")?;
//! let sessions = Sessions::<Shop>::new(&keyring, &context, Policy::default(), Cookie::default())?;
//!
//! // With each request: the octets of its Cookie fields. No valid session is a new guest's, whatever the reason.
//! let opening = sessions.open(["theme=dark"]);
//! let generation = opening.user().map(|user| 7); // of the user's row, which the server reads anyway
//! let mut session = opening.checked(generation);
//!
//! session.data_mut().basket.push(17);
//! session.sign_on("ada", 7)?; // after the password was right
//!
//! // With its response: no `set-cookie` where nothing changed.
//! let committed = sessions.commit(session)?;
//! for (name, value) in committed.headers() {
//!     println!("{name}: {value}"); // append
//! }
//! let is_set = false; // whether the response has a Cache-Control of its own
//! if let Some(value) = committed.cache_control(is_set) {
//!     println!("cache-control: {value}"); // in its place
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What there is
//!
//! | | |
//! |---|---|
//! | [`Key`], [`Keyring`], [`KeyEntry`] | 32 secret bytes; who seals, who is accepted, when; both text forms |
//! | [`Context`] | audience and purpose: a token of another context does not open |
//! | [`Sessions`], [`Cookie`], [`Policy`] | sessions in cookies: the two calls of a framework's glue, `open` and `commit` |
//! | [`Session`], [`Opening`] | what a handler reads and changes; what the application checks before |
//! | [`SessionSealer`], [`TokenCookie`] | sessions without cookies; cookies without sessions |
//! | [`Sealer`] | `seal` and `unseal`: the holder cannot read the payload |
//! | [`Signer`] | `sign` and `verify`: the holder can read the payload |
//! | [`Options`] | max_age, leeway, limit |
//! | [`UntrustedToken`] | what a token shows without a key, for tools |
//! | [`NoSession`], [`CommitError`], [`SealError`], [`UnsealError`], [`KeyError`], [`KeyringError`] | each with the specification's `code()` |
//!
//! Every call that needs the time has a form `…_at` that takes it, and every call on bytes a form `…_into` that fills
//! the caller's buffer. The module [`guide`] has a page for each task.
//!
//! # Rotating keys
//!
//! Publish the new key with a `seal_from` far enough ahead for every server to read it; it takes over by itself; let the
//! old one end after the longest life. [`Sealer::replace_keyring`] puts a re-read keyring in force while requests run, and
//! [`Keyring::warnings`] says when a plan would cut sessions off.
//!
//! # Features
//!
//! | feature | default | |
//! |---|---|---|
//! | `std` | yes | the system clock; without it the crate is `no_std` with `alloc`, and has the `_at` forms; where there is no operating system, give `getrandom` a custom backend |
//! | `session` | yes | the session profile and the cookie binding: [`Session`], [`Sessions`], [`SessionSealer`], [`TokenCookie`] |
//! | `reload` | yes | [`Sealer::replace_keyring`], by the crate `arc-swap` |
//! | `hazmat` | no | fixed salt and iv, and test keys: for running the vectors, never in a server |
//!
//! # Security
//!
//! A token is a bearer token: a copy opens until its life ends. Read §14 of the specification and `SECURITY.md`.
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(
    not(test),
    warn(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects
    )
)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod aead;
mod base64url;
mod codec;
mod context;
#[cfg(feature = "session")]
mod cookie;
mod derive;
mod error;
#[cfg(all(any(doc, doctest), feature = "session", feature = "reload"))]
pub mod guide;
#[cfg(feature = "hazmat")]
pub mod hazmat;
mod json;
mod key;
mod keyring;
pub mod limits;
mod mac;
mod opened;
mod options;
mod random;
mod ring;
mod sealed;
#[cfg(feature = "session")]
mod session;
mod signed;
mod time;
mod wire;

pub use context::Context;
#[cfg(feature = "session")]
pub use cookie::{Committed, Cookie, SameSite, Sessions, TokenCookie, check_cookies};
#[cfg(feature = "session")]
pub use error::{CommitError, CookieError, NoSession, PolicyError, UserError};
pub use error::{ContextError, KeyError, KeyringError, OptionsError, RotationError, SealError, TimeError, UnsealError};
pub use key::{Key, KeyId};
pub use keyring::{KeyEntry, Keyring, Rotation, Warning, WarningKind};
pub use opened::{Claims, Opened};
pub use options::Options;
pub use sealed::Sealer;
#[cfg(feature = "session")]
pub use session::{Data, Ended, Opening, Policy, Session, SessionCommit, SessionSealer, User, Wrote};
pub use signed::Signer;
pub use time::UnixTime;
pub use wire::{Kind, UntrustedToken};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
