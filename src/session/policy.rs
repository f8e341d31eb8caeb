//! How long sessions live (§19.2).

use core::time::Duration;

use crate::{
    error::SetupError,
    limits::{ABSOLUTE_DEFAULT, IDLE_DEFAULT, LEEWAY_DEFAULT},
    options::{Options, leeway, life},
};

/// The idle and the absolute life of sessions, and the leeway, in seconds (§19.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Policy {
    idle: u32,
    absolute: u32,
    leeway: u32,
}

impl Policy {
    /// Makes a policy of the idle life, the absolute life, and how far ahead of this clock a session may have been
    /// written. Each is checked if it is given, in this order.
    pub(crate) fn new(
        idle: Option<Duration>,
        absolute: Option<Duration>,
        ahead: Option<Duration>,
    ) -> Result<Self, SetupError> {
        let idle = idle.map_or(Some(IDLE_DEFAULT), life).ok_or(SetupError::IdleRange)?;
        let absolute = absolute.map_or(Some(ABSOLUTE_DEFAULT), life).filter(|absolute| *absolute >= idle);
        let absolute = absolute.ok_or(SetupError::AbsoluteRange)?;
        Ok(Self { idle, absolute, leeway: ahead.map_or(Ok(LEEWAY_DEFAULT), leeway)? })
    }

    pub(super) const fn idle(self) -> u32 {
        self.idle
    }

    pub(super) const fn absolute(self) -> u32 {
        self.absolute
    }

    pub(super) const fn ahead(self) -> u32 {
        self.leeway
    }

    /// Returns the opener's options: max_age is the idle life, so that a shorter policy cuts older tokens too.
    pub(super) const fn options(self, limit: usize) -> Options {
        Options { max_age: self.idle, leeway: self.leeway, limit }
    }
}
