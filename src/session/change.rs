//! What a handler does to a session (§19.4).

use alloc::{borrow::ToOwned as _, vec::Vec};

use serde::Serialize;
use serde_json::Value;

use super::{
    payload,
    state::{Session, User},
};
use crate::{error::UserError, limits::INTEGER_MAX, time::UnixTime};

impl<T: Default> Session<T> {
    /// Signs a user on: a new session, whose `data` and flash messages are empty. Save what you want to keep,
    /// sign on, and restore it. `generation` is the user's present session generation.
    ///
    /// ```
    /// # use cretula::{ErrorCode as _, Key, Site, UnixTime, hazmat::At as _};
    /// # let sealer = Site::new(Key::generate()?, "a")?.sessions::<cretula::Data>().without_cookies().build()?;
    /// # let mut session = sealer.at(UnixTime::new(1000)?).open(None).unchecked()?;
    /// let basket = session.data_mut().remove("basket");
    /// session.sign_on("ada", 7)?;
    /// session.data_mut().extend(basket.map(|basket| ("basket".to_owned(), basket)));
    /// assert_eq!(session.sign_on("", 7).unwrap_err().code(), "user_invalid");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`UserError::OutOfRange`] unless `sub` has 1 to 255 bytes and `generation` is below 2^53; nothing is changed then.
    pub fn sign_on(&mut self, sub: &str, generation: u64) -> Result<(), UserError> {
        self.sign_on_at(sub, generation, self.now)?;
        self.proven = true;
        self.earlier_proof = false;
        Ok(())
    }

    fn sign_on_at(&mut self, sub: &str, generation: u64, auth_time: UnixTime) -> Result<(), UserError> {
        if !payload::is_sub(sub) || generation > INTEGER_MAX {
            return Err(UserError::OutOfRange);
        }
        self.renew();
        self.replaced = true;
        self.user = Some(User { sub: sub.to_owned(), generation, auth_time });
        Ok(())
    }

    /// Signs a user on as [`sign_on`](Self::sign_on) does, but on a proof of an earlier time: that of a "remember me"
    /// cookie, or of a session in an older format. [`reauth_within`](Self::reauth_within) counts from there.
    ///
    /// ```
    /// # use cretula::{Key, Site, UnixTime, hazmat::At as _};
    /// # use std::time::Duration;
    /// # let sealer = Site::new(Key::generate()?, "a")?.sessions::<cretula::Data>().without_cookies().build()?;
    /// # let mut session = sealer.at(UnixTime::new(1000)?).open(None).unchecked()?;
    /// session.sign_on_since("ada", 7, UnixTime::new(400)?)?; // it is 1000 now
    /// assert!(session.reauth_within(Duration::from_secs(601)) && !session.reauth_within(Duration::from_secs(600)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`sign_on`](Self::sign_on), and [`UserError::OutOfRange`] for a proof after the time of the open and the leeway, or if there was no
    /// clock at the open.
    pub fn sign_on_since(&mut self, sub: &str, generation: u64, auth_time: UnixTime) -> Result<(), UserError> {
        if self.latest.is_none_or(|latest| auth_time.as_secs() > latest) {
            return Err(UserError::OutOfRange);
        }
        self.sign_on_at(sub, generation, auth_time)?;
        self.earlier_proof = true;
        Ok(())
    }

    /// Signs off: from here on it is a new guest's. Commit expires the cookie, or writes what was put in since.
    ///
    /// # Security
    /// Copies of the token elsewhere live on unless the application denies the session that commit gives back, or the
    /// user's generation changes (§19.4).
    ///
    /// ```
    /// # use cretula::{Key, Site, UnixTime, hazmat::At as _};
    /// # let sealer = Site::new(Key::generate()?, "a")?.sessions::<cretula::Data>().without_cookies().build()?;
    /// # let mut session = sealer.at(UnixTime::new(1000)?).open(None).unchecked()?;
    /// session.sign_on("ada", 7)?;
    /// session.sign_off();
    /// assert!(session.user().is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn sign_off(&mut self) {
        self.renew();
        self.replaced = true;
        self.signed_off = true;
    }
}

impl<T> Session<T> {
    /// Notes that the user proved again who they are, or more than before: the session gets a new name and
    /// `auth_time`, and follows `generation`, the user's present one. All else stays.
    ///
    /// ```
    /// # use cretula::{Key, Site, UnixTime, hazmat::At as _};
    /// # let sealer = Site::new(Key::generate()?, "a")?.sessions::<cretula::Data>().without_cookies().build()?;
    /// # let mut session = sealer.at(UnixTime::new(1000)?).open(None).unchecked()?;
    /// assert!(session.reauthenticate(8).is_err()); // a guest
    /// session.sign_on("ada", 7)?;
    /// session.reauthenticate(8)?; // the password was changed
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`UserError::Guest`]; [`UserError::OutOfRange`] unless `generation` is below 2^53. Nothing is changed then.
    pub fn reauthenticate(&mut self, generation: u64) -> Result<(), UserError> {
        let now = self.now;
        let user = self.user.as_mut().ok_or(UserError::Guest)?;
        if generation > INTEGER_MAX {
            return Err(UserError::OutOfRange);
        }
        (user.generation, user.auth_time) = (generation, now);
        self.leave_name();
        self.replaced = true;
        self.new_sid = true;
        self.proven = true;
        self.earlier_proof = false;
        Ok(())
    }

    /// Borrows the application's data to change it. Commit compares the values before and after, so a change that was
    /// undone writes nothing, and neither the order of names nor the spelling of a number counts. What changes behind a
    /// shared reference (a `Cell`) is not noticed. Members that `T` does not know stay as they are, at any depth
    /// ([SESS-12]).
    ///
    /// ```
    /// # use cretula::{Key, Site, UnixTime, hazmat::At as _};
    /// # let sealer = Site::new(Key::generate()?, "a")?.sessions::<cretula::Data>().without_cookies().build()?;
    /// # let mut session = sealer.at(UnixTime::new(1000)?).open(None).unchecked()?;
    /// session.data_mut().insert("theme".into(), "dark".into());
    /// assert_eq!(session.data()["theme"], "dark");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn data_mut(&mut self) -> &mut T
    where
        T: Serialize,
    {
        let (data, room) = (&self.data, self.room());
        self.before.get_or_insert_with(|| payload::data_text(data, room).ok());
        &mut self.data
    }

    /// Adds a message for the next page. (`serde_json` makes `null` of a number that is not finite.)
    ///
    /// ```
    /// # use cretula::{Key, Site, UnixTime, hazmat::At as _};
    /// # let sealer = Site::new(Key::generate()?, "a")?.sessions::<cretula::Data>().without_cookies().build()?;
    /// # let mut session = sealer.at(UnixTime::new(1000)?).open(None).unchecked()?;
    /// session.flash("notice", "saved");
    /// assert_eq!(session.take_flash("notice"), ["saved"]);
    /// assert!(session.take_flash("notice").is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn flash(&mut self, name: &str, message: impl Into<Value>) {
        self.flash_before.get_or_insert_with(|| self.flash.clone());
        self.flash.entry(name.to_owned()).or_default().push(message.into());
    }

    /// Removes the messages of a name and returns them; the next sealed session does not have them.
    ///
    /// ```
    /// # use cretula::{Key, Site, UnixTime, hazmat::At as _};
    /// # let sealer = Site::new(Key::generate()?, "a")?.sessions::<cretula::Data>().without_cookies().build()?;
    /// # let mut session = sealer.at(UnixTime::new(1000)?).open(None).unchecked()?;
    /// for message in session.take_flash("notice") {
    ///     println!("{message}");
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn take_flash(&mut self, name: &str) -> Vec<Value> {
        if !self.flash.contains_key(name) {
            return Vec::new();
        }
        self.flash_before.get_or_insert_with(|| self.flash.clone());
        self.flash.remove(name).unwrap_or_default()
    }

    /// Asks for the session to be written, though nothing changed: an empty guest's, or for a full idle life.
    ///
    /// ```
    /// # use cretula::{Key, Site, UnixTime, Wrote, hazmat::At as _};
    /// # let sealer = Site::new(Key::generate()?, "a")?.sessions::<cretula::Data>().without_cookies().build()?;
    /// # let mut session = sealer.at(UnixTime::new(1000)?).open(None).unchecked()?;
    /// session.send();
    /// assert!(matches!(sealer.at(UnixTime::new(1000)?).commit(session)?.wrote, Wrote::Seal { .. }));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn send(&mut self) {
        self.send = true;
    }
}
