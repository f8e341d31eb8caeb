//! Session backup: the server keeps baskets in memory, and the cookie carries a copy that outlives a crash.
//!
//! Memory is what counts while it lasts, so an earlier cookie put back does not bring an earlier basket back. After a
//! restart memory is empty, and each browser brings its basket along.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::sessions::{Basket, Session};

/// Where the basket of this request came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Memory,
    Cookie,
}

impl Source {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Cookie => "cookie",
        }
    }
}

/// What memory keeps of a session once its response is made.
pub struct Backup {
    sid: String,
    end: u64,
    basket: Basket,
}

impl Backup {
    /// `None` for a session that has no name yet, or gave it up.
    pub fn of(session: &Session) -> Option<Self> {
        let (sid, end) = (session.sid()?.to_owned(), session.info()?.end.as_secs());
        Some(Self { sid, end, basket: session.data().basket.clone() })
    }
}

/// By `sid`, each with the absolute end of its session.
#[derive(Default)]
pub struct Baskets(Mutex<HashMap<String, (u64, Basket)>>);

impl Baskets {
    const MOST: usize = 10_000;

    /// Puts the basket that memory holds into the session, if it holds one.
    pub fn recall(&self, session: &mut Session) -> Source {
        let found = session.sid().and_then(|sid| self.map().get(sid).map(|(_, basket)| basket.clone()));
        match found {
            Some(basket) => {
                session.data_mut().basket = basket;
                Source::Memory
            }
            None => Source::Cookie,
        }
    }

    /// Keeps a session's basket, once the response with the cookie is made.
    pub fn keep(&self, backup: Backup, now: u64) {
        let Backup { sid, end, basket } = backup;
        let mut map = self.map();
        if map.len() >= Self::MOST {
            map.retain(|_, (end, _)| *end > now);
        }
        if map.len() < Self::MOST || map.contains_key(&sid) {
            map.insert(sid, (end, basket));
        }
    }

    pub fn forget(&self, sid: &str) {
        self.map().remove(sid);
    }

    fn map(&self) -> MutexGuard<'_, HashMap<String, (u64, Basket)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
