//! What device binding is set up with (§21.1).

use alloc::{borrow::ToOwned as _, string::String};
use core::time::Duration;

use crate::{
    error::SetupError,
    limits::{LIFE_MAX, PROOF_DEFAULT, PROOF_MAX},
    time::whole_seconds,
};

/// The settings of device binding (§21.1). They are checked where something is built with it.
///
/// ```
/// use cretula::{DeviceBinding, Key, Site};
///
/// let site = Site::new(Key::generate()?, "shop.example")?;
/// let sessions = site.sessions::<cretula::Data>().device_binding(DeviceBinding::default()).build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceBinding {
    pub(crate) path: String,
    proof: Duration,
    require_after: Option<Duration>,
}

impl Default for DeviceBinding {
    /// Endpoints below `/device-binding`, proofs of 600 seconds, and no session has to be bound.
    fn default() -> Self {
        Self {
            path: "/device-binding".to_owned(),
            proof: Duration::from_secs(PROOF_DEFAULT.into()),
            require_after: None,
        }
    }
}

impl DeviceBinding {
    /// Sets where the two endpoints are: `/`, then 1 to 100 letters, digits, `/`, `-`, `.`, `_` and `~`, the last not `/`.
    ///
    /// ```
    /// let binding = cretula::DeviceBinding::default().path("/account/device");
    /// ```
    #[must_use]
    pub fn path(self, path: &str) -> Self {
        Self { path: path.to_owned(), ..self }
    }

    /// Sets the life of a proof: 1 to 3600 whole seconds. A copy of all cookies works for so long. Browsers refresh when
    /// less than 120 seconds remain.
    ///
    /// ```
    /// let binding = cretula::DeviceBinding::default().proof(std::time::Duration::from_secs(300));
    /// ```
    #[must_use]
    pub fn proof(self, proof: Duration) -> Self {
        Self { proof, ..self }
    }

    /// Sets how long after its start a user's session may go unbound: up to 34 560 000 whole seconds. Users of browsers
    /// without device binding have to sign on again then.
    ///
    /// ```
    /// let binding = cretula::DeviceBinding::default().require_after(std::time::Duration::from_secs(60));
    /// ```
    #[must_use]
    pub fn require_after(self, time: Duration) -> Self {
        Self { require_after: Some(time), ..self }
    }
}

/// Settings in range.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) path: String,
    /// In seconds.
    pub(super) proof: u32,
    /// In seconds.
    pub(super) require_after: Option<u32>,
}

impl TryFrom<DeviceBinding> for Settings {
    type Error = SetupError;

    /// Refuses what is out of range ([DEV-01]).
    fn try_from(binding: DeviceBinding) -> Result<Self, SetupError> {
        let DeviceBinding { path, proof, require_after } = binding;
        let is_good = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'/' | b'-' | b'.' | b'_' | b'~');
        let rest = path.strip_prefix('/').filter(|rest| (1..=100).contains(&rest.len()) && !rest.ends_with('/'));
        if !rest.is_some_and(|rest| rest.bytes().all(is_good)) {
            return Err(SetupError::DeviceSettings("path is `/`, then 1 to 100 letters, digits and `/-._~`"));
        }
        let proof = whole_seconds(proof).filter(|seconds| (1..=PROOF_MAX).contains(seconds));
        let proof = proof.ok_or(SetupError::DeviceSettings("a proof lives 1 to 3600 seconds"))?;
        let require_after = match require_after.map(|time| whole_seconds(time).filter(|seconds| *seconds <= LIFE_MAX)) {
            Some(None) => return Err(SetupError::DeviceSettings("require_after is 0 to 34560000 seconds")),
            Some(seconds) => seconds,
            None => None,
        };
        Ok(Self { path, proof, require_after })
    }
}
