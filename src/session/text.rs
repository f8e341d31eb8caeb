//! A text of a session, which is wiped when it is dropped.

use alloc::string::String;
use core::ops::{Deref, DerefMut};

use zeroize::Zeroize as _;

/// As `Zeroizing<String>`, which overwrites octet by octet.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Text(String);

impl Drop for Text {
    fn drop(&mut self) {
        // An empty text's whole capacity is spare, and zeroize overwrites that in one go.
        self.0.clear();
        self.0.zeroize();
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl Deref for Text {
    type Target = String;

    fn deref(&self) -> &String {
        &self.0
    }
}

impl DerefMut for Text {
    fn deref_mut(&mut self) -> &mut String {
        &mut self.0
    }
}
