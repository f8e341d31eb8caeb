//! How long sessions live (§19.2).

use core::time::Duration;

use crate::{
    error::SetupError,
    limits::{ABSOLUTE_DEFAULT, IDLE_DEFAULT, LEEWAY_DEFAULT, RECHECK_MAX},
    options::{Options, leeway, life},
    time::whole_seconds,
};

/// The idle and the absolute life of sessions, the leeway, and how long a check is trusted, in seconds (§19.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Policy {
    idle: u32,
    absolute: u32,
    leeway: u32,
    recheck: u32,
}

impl Policy {
    /// Makes a policy of the idle life, the absolute life, how far ahead of this clock a session may have been written,
    /// and how long an answered check is trusted. Each is checked if it is given, in this order.
    pub(crate) fn new(
        idle: Option<Duration>,
        absolute: Option<Duration>,
        ahead: Option<Duration>,
        recheck: Option<Duration>,
    ) -> Result<Self, SetupError> {
        let idle = idle.map_or(Some(IDLE_DEFAULT), life).ok_or(SetupError::IdleRange)?;
        let absolute = absolute.map_or(Some(ABSOLUTE_DEFAULT), life).filter(|absolute| *absolute >= idle);
        let absolute = absolute.ok_or(SetupError::AbsoluteRange)?;
        let leeway = ahead.map_or(Ok(LEEWAY_DEFAULT), leeway)?;
        let recheck = whole_seconds(recheck.unwrap_or_default()).filter(|seconds| *seconds <= RECHECK_MAX);
        Ok(Self { idle, absolute, leeway, recheck: recheck.ok_or(SetupError::RecheckRange)? })
    }

    pub(super) const fn idle(self) -> u32 {
        self.idle
    }

    pub(super) const fn absolute(self) -> u32 {
        self.absolute
    }

    pub(crate) const fn ahead(self) -> u32 {
        self.leeway
    }

    pub(super) const fn recheck(self) -> u32 {
        self.recheck
    }

    /// Returns the opener's options: max_age is the idle life, so that a shorter policy cuts older tokens too.
    pub(super) const fn options(self, limit: usize) -> Options {
        Options { max_age: self.idle, leeway: self.leeway, limit }
    }
}
