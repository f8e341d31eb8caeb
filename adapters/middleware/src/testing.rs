//! For the tests of an application.

use std::error::Error;

use cretula::{NotNow, Sessions};
use serde::{Serialize, de::DeserializeOwned};

/// Returns the value of a Cookie field with a session of a user who is signed on: what a browser sends after the sign-on.
///
/// A test client on plain http does not send a `Secure` cookie back: give it this, or an https address.
///
/// ```
/// use cretula::{Data, Key, Site};
/// use cretula_middleware::signed_on;
///
/// let sessions = Site::new(Key::generate()?, "shop.example")?.sessions::<Data>().build()?;
/// let data: Data = r#"{"basket":["tea"]}"#.parse()?;
/// let cookie = signed_on(&sessions, "ada", 7, data)?; // for the header Cookie
///
/// let session = sessions.open([cookie]).unchecked()?;
/// assert_eq!(session.user().map(|user| (user.sub.as_str(), user.generation)), Some(("ada", 7)));
/// assert_eq!(session.data()["basket"][0], "tea");
/// # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
/// ```
///
/// # Errors
/// As [`Session::sign_on`](cretula::Session::sign_on) and [`Sessions::commit`].
pub fn signed_on<T: Default + Serialize + DeserializeOwned>(
    sessions: &Sessions<T>,
    sub: &str,
    generation: u64,
    data: T,
) -> Result<String, Box<dyn Error + Send + Sync>> {
    let mut session = sessions.open([""]).unchecked().unwrap_or_else(NotNow::into_guest);
    session.sign_on(sub, generation)?;
    *session.data_mut() = data;
    let committed = sessions.commit(session)?;
    let lines = committed.headers().filter(|(name, _)| *name == "set-cookie");
    let pairs: Vec<_> = lines.filter_map(|(_, line)| line.split(';').next()).collect();
    Ok(pairs.join("; "))
}
