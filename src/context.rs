//! Audience and purpose: bound to a token, never sent (§5).

use alloc::{boxed::Box, sync::Arc};

use crate::{error::SetupError, limits::CONTEXT_FIELD_MAX};

/// Binds tokens to an audience and a purpose (§5). Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Context(Arc<Fields>);

#[derive(Debug, PartialEq, Eq, Hash)]
struct Fields {
    audience: Box<str>,
    purpose: Box<str>,
}

impl Context {
    /// Makes a context of an audience, the service or group of services that share the token, and a purpose, what the
    /// token is for: each 1 to 255 bytes of visible ASCII (0x21 to 0x7E), or [`SetupError::Context`].
    pub(crate) fn new(audience: &str, purpose: &str) -> Result<Self, SetupError> {
        for field in [audience, purpose] {
            let visible = field.bytes().all(|byte| byte.is_ascii_graphic());
            if field.is_empty() || field.len() > CONTEXT_FIELD_MAX || !visible {
                return Err(SetupError::Context);
            }
        }
        Ok(Self(Arc::new(Fields { audience: audience.into(), purpose: purpose.into() })))
    }

    pub(crate) fn audience(&self) -> &str {
        &self.0.audience
    }

    pub(crate) fn purpose(&self) -> &str {
        &self.0.purpose
    }
}
