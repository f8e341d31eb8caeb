//! Cretula: sealed tokens for stateless web sessions.
//!
//! A server seals a user's session into a cookie and keeps nothing. Any server that has the key can open it, in any
//! language. This crate is the reference implementation of the Cretula v1 format, `spec/cretula-v1.md` in this package;
//! `§` in this documentation points into it. It has no framework, no unsafe code, and no I/O except reading the keyring's
//! file if you ask for it.
//!
//! # In two minutes
//!
//! ```
//! use cretula::{Answer, Key, Keyring, Site};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Default, Serialize, Deserialize)]
//! struct Shop {
//!     basket: Vec<u32>,
//! }
//!
//! // Once, at start-up. In production: Keyring::from_env("CRETULA_KEYS")?, or Site::watching a mounted file.
//! let site = Site::new(Key::generate()?, "shop.example")?;
//! let sessions = site.sessions::<Shop>().build()?;
//!
//! // With each request: the octets of its Cookie fields. Without a valid session, it begins a guest's.
//! let opening = sessions.open(["theme=dark"]);
//! // From the user's row, which the server reads anyway.
//! let answer = opening.user().map_or(Answer::Unanswered, |_user| Answer::Generation(7));
//! let mut session = opening.checked(answer)?; // on the error `NotNow`: answer 503
//!
//! session.data_mut().basket.push(17);
//! session.sign_on("ada", 7)?; // after the password was right
//!
//! // With its response: no `set-cookie` if nothing changed.
//! # #[cfg(feature = "http")]
//! sessions.commit(session)?.apply(&mut http::HeaderMap::new());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What there is
//!
//! | | |
//! |---|---|
//! | [`Site`] | the owner of keyring, audience and clock; makes everything below |
//! | [`Key`], [`Keyring`], [`KeyEntry`] | 32 secret bytes; who seals, who is accepted, when; both text forms |
//! | [`Sessions`], [`Cookie`] | sessions in cookies: the two calls that a framework needs, `open` and `commit` |
//! | [`Opening`], [`Answer`], [`NotNow`] | what the application checks before there is a session |
//! | [`Session`], [`Committed`] | what a handler reads and changes; what the response carries |
//! | [`TokenCookie`], [`SessionSealer`] | cookies without sessions; sessions without cookies |
//! | [`Sealer`] | `seal` and `unseal`: the holder cannot read the payload |
//! | [`Signer`] | `sign` and `verify`: the holder can read the payload |
//! | [`UntrustedToken`] | what a token shows without a key, for tools |
//! | [`SetupError`], [`CommitError`], [`SealError`], [`UnsealError`], … | each with the specification's code, by [`ErrorCode`] |
//!
//! Sealers and signers have a form `…_into` of their calls that fills the caller's buffer. The module [`guide`] has a page
//! for each task.
//!
//! # Rotating keys
//!
//! Publish the new key with a `seal_from` far enough ahead for every server to read it. It takes over by itself. Let the
//! old one end after the longest life. [`Site::watching`] reads a mounted file again while requests run, and
//! [`Keyring::warnings`] says when a plan would cut sessions off.
//!
//! # Features
//!
//! | feature | default | |
//! |---|---|---|
//! | `std` | yes | the system clock, the exchange of keyrings, their variable or file, and base64url by the processor's own instructions (unsafe code of the crate `base64`); without it the crate is `no_std` with `alloc`: give the [`Site`] a clock, and `getrandom` a custom backend where there is no operating system |
//! | `session` | yes | the session profile and the cookie binding: [`Session`], [`Sessions`], [`SessionSealer`], [`TokenCookie`] |
//! | `device` | no | device binding (§21): `DeviceBinding`, `Sessions::device_request` |
//! | `http` | no | [`Committed::apply`], on the headers of the crate `http` |
//! | `aws-lc` | no | AES-256-GCM of AWS-LC instead of RustCrypto's, on the same tokens: faster (`spec/rationale.md`, R17); the build needs a C compiler, on Windows also NASM |
//! | `hazmat` | no | fixed salt, iv and clock, and test keys: for running the vectors, never in a server |
//!
//! # Security
//!
//! A token is a bearer token: a copy opens until it expires. Read §14 of the specification and `SECURITY.md`.
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
#[cfg(feature = "device")]
mod device;
mod error;
#[cfg(all(any(doc, doctest), feature = "session", feature = "std"))]
pub mod guide;
#[cfg(feature = "hazmat")]
pub mod hazmat;
mod json;
mod key;
mod keyring;
#[doc(hidden)]
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
mod site;
mod time;
mod wire;

#[cfg(feature = "session")]
pub use cookie::{Committed, Cookie, SameSite, Sessions, TokenCookie};
#[cfg(feature = "device")]
pub use cookie::{DeviceRequest, DeviceResponse};
#[cfg(feature = "device")]
pub use device::DeviceBinding;
#[cfg(feature = "device")]
pub use error::DeviceError;
#[cfg(feature = "session")]
pub use error::{CommitError, NoSession, UserError};
pub use error::{ErrorCode, KeyError, KeyringError, SealError, SetupError, TimeError, UnsealError};
pub use key::{Key, KeyId};
pub use keyring::{KeyEntry, Keyring, Rotation, Warning, WarningKind};
pub use opened::{Claims, Opened};
pub use sealed::Sealer;
#[cfg(feature = "session")]
pub use session::{
    Answer, Data, Ended, NotNow, Opening, Session, SessionCommit, SessionInfo, SessionSealer, User, Wrote,
};
pub use signed::Signer;
#[cfg(feature = "session")]
pub use site::BuildCookie;
pub use site::{Build, BuildToken, Builder, Site};
#[cfg(feature = "std")]
pub use site::{SiteEvent, SourceError};
pub use time::UnixTime;
pub use wire::{Kind, UntrustedToken};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
