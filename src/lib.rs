//! Cretula: sealed tokens for stateless web sessions.
//!
//! A server seals a user's session into a cookie, keeps nothing, and any server that holds the key, written in any
//! language, opens it again. This crate is the reference codec of the Cretula v1 format, `spec/cretula-v1.md` in this
//! package; `§` in this documentation points into it. No I/O, no framework, no unsafe code.
//!
//! # In two minutes
//!
//! ```
//! use cretula::{Context, Key, Keyring, Sealer};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Serialize, Deserialize)]
//! struct Session {
//!     user: String,
//!     basket: Vec<u32>,
//! }
//!
//! // Once, at start-up. In production: Keyring::parse(std::env::var("CRETULA_KEYS")?)?
//! let keyring = Keyring::from(Key::generate()?);
//! let sessions = Sealer::new(&keyring, &Context::new("shop.example", "session")?);
//!
//! // After sign-on: the value of a Set-Cookie header.
//! let session = Session { user: "ada".into(), basket: vec![17, 4] };
//! let token = sessions.seal_json(&session, 30 * 60)?;
//!
//! // With each request: no valid token is no session, whatever the reason. The code is for the log.
//! match sessions.unseal_json::<Session>(&token) {
//!     Ok((session, claims)) => println!("{} until {}", session.user, claims.expires_at),
//!     Err(error) => println!("no session: {}", error.code()),
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
//! | [`Sealer`] | `seal` and `unseal`: the holder cannot read the payload |
//! | [`Signer`] | `sign` and `verify`: the holder can read the payload |
//! | [`Options`] | max_age, leeway, limit |
//! | [`UntrustedToken`] | what a token shows without a key, for tools |
//! | [`SealError`], [`UnsealError`], [`KeyError`], [`KeyringError`] | each with the specification's `code()` |
//!
//! Every call that needs the time has a form `…_at` that takes it, and every call on bytes a form `…_into` that fills
//! the caller's buffer.
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
mod derive;
mod error;
#[cfg(feature = "hazmat")]
pub mod hazmat;
mod key;
mod keyring;
pub mod limits;
mod mac;
mod random;
mod sealed;
mod signed;
mod time;
mod wire;

pub use codec::{Claims, Opened, Options};
pub use context::Context;
pub use error::{ContextError, KeyError, KeyringError, OptionsError, SealError, TimeError, UnsealError};
pub use key::{Key, KeyId};
pub use keyring::{KeyEntry, Keyring, Rotation, Warning, WarningKind};
pub use sealed::Sealer;
pub use signed::Signer;
pub use time::UnixTime;
pub use wire::{Kind, UntrustedToken};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
