//! Guides: one page for each question that comes up when a site uses this crate. Their Rust examples run as tests.
//!
//! Begin with [`sessions`]; before going into production read [`rotation`], [`revocation`] and [`limits`]. The pages
//! are the files of `guides/` in this package.
//!
//! # Specification
//!
//! The sections that a guide names are those of `spec/cretula-v1.md` in this package; the reasons are in
//! `spec/rationale.md`, the command in `cli/README.md` of the repository.

/// Leads the links of a guide to pages of this documentation; those of the files lead to files.
macro_rules! links {
    () => {
        "[sessions]: self::sessions
[rotation]: self::rotation
[revocation]: self::revocation
[large-sessions]: self::large_sessions
[policies]: self::policies
[migration]: self::migration
[from-other-libraries]: self::from_other_libraries
[limits]: self::limits
[cli]: self#specification
[R10]: self#specification
[R12]: self#specification
[§4.2]: self#specification
[§5]: self#specification
[§10]: self#specification
[§11]: self#specification
[§11.5]: self#specification
[§11.6]: self#specification
[§12]: self#specification
[§14.1]: self#specification
[§14.2]: self#specification
[§19]: self#specification
[§19.1]: self#specification
[§19.2]: self#specification
[§19.4]: self#specification
[§19.5]: self#specification
[§19.6]: self#specification
[§20]: self#specification
[§20.1]: self#specification
[§20.3]: self#specification
[§20.4]: self#specification
[§20.5]: self#specification
[§20.6]: self#specification
[§20.8]: self#specification
[§20.9]: self#specification
[§21]: self#specification
"
    };
}

/// Documents each guide as a module.
macro_rules! guides {
    ($($name:ident $file:literal)*) => {
        // Not for tests: a failing one is then named by the line of its file.
        $(#[cfg_attr(not(doctest), doc = links!())] #[doc = include_str!($file)] pub mod $name {})*
    };
}

guides! {
    sessions "../guides/sessions.md"
    rotation "../guides/rotation.md"
    revocation "../guides/revocation.md"
    device_binding "../guides/device-binding.md"
    large_sessions "../guides/large-sessions.md"
    single_sign_on "../guides/single-sign-on.md"
    backup "../guides/backup.md"
    policies "../guides/policies.md"
    migration "../guides/migration.md"
    from_other_libraries "../guides/from-other-libraries.md"
    token_cookies "../guides/token-cookies.md"
    limits "../guides/limits.md"
    testing "../guides/testing.md"
    around_sessions "../guides/around-sessions.md"
}
