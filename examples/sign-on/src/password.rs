//! Argon2id with the parameters that its crate recommends.

use std::sync::OnceLock;

use argon2::{
    Argon2, PasswordHasher, PasswordVerifier,
    password_hash::{Error, phc::PasswordHash},
};

pub fn hash(password: &str) -> Result<String, Error> {
    Ok(Argon2::default().hash_password(password.as_bytes())?.to_string())
}

/// Without a hash (no such user) it does the same work and says no.
pub fn matches(password: &str, hash: Option<&str>) -> Result<bool, Error> {
    let stored = match hash {
        Some(text) => PasswordHash::new(text)?,
        None => PasswordHash::new(nobody()?)?,
    };
    let right = Argon2::default().verify_password(password.as_bytes(), &stored).is_ok();
    Ok(right && hash.is_some())
}

fn nobody() -> Result<&'static str, Error> {
    static HASH: OnceLock<String> = OnceLock::new();
    if let Some(hash) = HASH.get() {
        return Ok(hash);
    }
    let made = hash("nobody has this password")?;
    Ok(HASH.get_or_init(|| made))
}

/// What a new password is refused for.
pub fn weakness(password: &str) -> Option<&'static str> {
    match password.chars().count() {
        0..8 => Some("A password has at least 8 characters."),
        8..=200 => None,
        _ => Some("A password has at most 200 characters."),
    }
}
