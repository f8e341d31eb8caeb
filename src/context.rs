//! Audience and purpose: bound to a token, never sent (§5).

use alloc::sync::Arc;

use crate::{error::ContextError, limits::CONTEXT_FIELD_MAX};

/// Binds tokens to an audience and a purpose (§5). Cheap to clone.
///
/// # Security
/// Take both from configuration, never from a request. Services that do not trust each other need different keys, not
/// just different audiences.
///
/// ```
/// let context = cretula::Context::new("shop.example", "session")?;
/// assert_eq!((context.audience(), context.purpose()), ("shop.example", "session"));
/// assert!(cretula::Context::new("", "session").is_err());
/// # Ok::<(), cretula::ContextError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Context {
    audience: Arc<str>,
    purpose: Arc<str>,
}

impl Context {
    /// Takes an audience, the service or group of services that share the token, and a purpose, what the token is for.
    ///
    /// ```
    /// assert!(cretula::Context::new("shop.example", "return-url").is_ok());
    /// assert_eq!(cretula::Context::new("shop example", "session").unwrap_err().code(), "context_invalid");
    /// ```
    ///
    /// # Errors
    /// [`ContextError`] unless each is 1 to 255 bytes of visible ASCII (0x21 to 0x7E).
    pub fn new(audience: &str, purpose: &str) -> Result<Self, ContextError> {
        for field in [audience, purpose] {
            let visible = field.bytes().all(|byte| byte.is_ascii_graphic());
            if field.is_empty() || field.len() > CONTEXT_FIELD_MAX || !visible {
                return Err(ContextError);
            }
        }
        Ok(Self { audience: audience.into(), purpose: purpose.into() })
    }

    /// Returns the audience, 1 to 255 bytes.
    #[must_use]
    pub fn audience(&self) -> &str {
        &self.audience
    }

    /// Returns the purpose, 1 to 255 bytes.
    #[must_use]
    pub fn purpose(&self) -> &str {
        &self.purpose
    }
}
