//! What a cookie is set up with, and what is refused (§20.1).

use alloc::{borrow::ToOwned as _, format, string::String, vec::Vec};

use crate::{
    error::SetupError,
    limits::{COOKIE_DOMAIN_MAX, COOKIE_NAME_MAX, COOKIE_PATH_MAX},
};

/// When browsers send a cookie along with requests that another site causes (§20.1).
///
/// ```
/// use cretula::{Cookie, SameSite};
///
/// let cookie = Cookie::default().same_site(SameSite::Strict);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SameSite {
    /// Never.
    Strict,
    /// When the user follows a link. The default.
    Lax,
    /// Always.
    None,
}

/// What browsers hold a name to that begins so.
const PREFIXES: [&str; 4] = ["__Host-Http-", "__Host-", "__Http-", "__Secure-"];

impl SameSite {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Strict => "Strict",
            Self::Lax => "Lax",
            Self::None => "None",
        }
    }
}

/// What makes a cookie of the same name another cookie to the browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) path: String,
    pub(super) domain: Option<String>,
    pub(super) partitioned: bool,
}

impl Place {
    /// Returns true if browsers treat the two as one: the case of a domain does not count.
    fn is(&self, other: &Self) -> bool {
        let lower = |place: &Self| place.domain.as_ref().map(|domain| domain.to_ascii_lowercase());
        self.path == other.path && self.partitioned == other.partitioned && lower(self) == lower(other)
    }
}

/// The name and attributes of a cookie (§20.1). They are checked where something is built with it.
///
/// ```
/// use cretula::{Cookie, SameSite};
///
/// let usual = Cookie::default(); // __Host-Http-session; Path=/; Secure; HttpOnly; SameSite=Lax
/// let shop = Cookie::named("__Secure-shop").domain("shop.example").same_site(SameSite::Strict);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cookie {
    pub(super) name: String,
    pub(super) secure: bool,
    pub(super) place: Place,
    pub(super) same_site: SameSite,
    pub(super) browser_session: bool,
    pub(super) large: bool,
    pub(super) previous: Vec<Place>,
}

impl Default for Cookie {
    /// `__Host-Http-session; Path=/; Secure; HttpOnly; SameSite=Lax`, and a Max-Age.
    fn default() -> Self {
        Self::named("__Host-Http-session")
    }
}

impl Cookie {
    /// Names the cookie, 1 to 64 characters; begin with `__Host-Http-` where you can: then neither a neighbouring site
    /// nor a script can plant one in a browser that knows the prefix.
    ///
    /// ```
    /// let cookie = cretula::Cookie::named("__Host-Http-shop");
    /// ```
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            secure: true,
            place: Place { path: "/".to_owned(), domain: None, partitioned: false },
            same_site: SameSite::Lax,
            browser_session: false,
            large: false,
            previous: Vec::new(),
        }
    }

    /// The same for plain http: without prefix and `Secure`, the site's name in its own. Browsers share cookies between
    /// the ports of a host.
    pub(crate) fn development(self, audience: &str) -> Self {
        let bare = PREFIXES.iter().find_map(|prefix| self.name.strip_prefix(prefix)).unwrap_or(&self.name);
        let site = audience.chars().map(|letter| if u8::try_from(letter).is_ok_and(is_token) { letter } else { '-' });
        let name = format!("{}-{bare}", site.collect::<String>().trim_start_matches('_'));
        let start = name.len().saturating_sub(COOKIE_NAME_MAX);
        Self { name: name.get(start..).unwrap_or_default().to_owned(), secure: false, ..self }
    }

    /// Leaves `Secure` out, for plain http; the name has no prefix then. See
    /// [`Site::development`](crate::Site::development) for all cookies of a site.
    ///
    /// # Security
    /// Anyone on the way reads it, and a neighbouring site can plant one.
    #[must_use]
    pub const fn insecure(mut self) -> Self {
        self.secure = false;
        self
    }

    /// Sets `Path`: `/` and then visible ASCII without `;`, up to 1024 characters.
    ///
    /// ```
    /// let cookie = cretula::Cookie::named("__Secure-shop").path("/shop");
    /// ```
    #[must_use]
    pub fn path(mut self, path: &str) -> Self {
        path.clone_into(&mut self.place.path);
        self
    }

    /// Sets `Domain`: the cookie goes to all hosts below it. Its name begins with `__Secure-` or `__Http-` then.
    ///
    /// ```
    /// let cookie = cretula::Cookie::named("__Secure-session").domain("shop.example");
    /// ```
    #[must_use]
    pub fn domain(mut self, domain: &str) -> Self {
        self.place.domain = Some(domain.to_owned());
        self
    }

    /// Sets `SameSite`.
    ///
    /// ```
    /// let cookie = cretula::Cookie::default().same_site(cretula::SameSite::Strict);
    /// ```
    #[must_use]
    pub const fn same_site(mut self, same_site: SameSite) -> Self {
        self.same_site = same_site;
        self
    }

    /// Sets `Partitioned`: inside another site's frame, a cookie for each such site.
    ///
    /// ```
    /// use cretula::{Cookie, SameSite};
    /// let embedded = Cookie::default().same_site(SameSite::None).partitioned();
    /// ```
    #[must_use]
    pub const fn partitioned(mut self) -> Self {
        self.place.partitioned = true;
        self
    }

    /// Leaves `Max-Age` out: the browser forgets the cookie when it closes. The token ends as ever.
    ///
    /// ```
    /// let cookie = cretula::Cookie::default().browser_session();
    /// ```
    #[must_use]
    pub const fn browser_session(mut self) -> Self {
        self.browser_session = true;
        self
    }

    /// Writes two cookies where one does not hold the session (§20.5), up to 5980 octets of token. For sessions only.
    ///
    /// ```
    /// let cookie = cretula::Cookie::default().large();
    /// ```
    #[must_use]
    pub const fn large(mut self) -> Self {
        self.large = true;
        self
    }

    /// Names a `Path`, `Domain` and `Partitioned` that the cookie had before; each write expires that one. For sessions
    /// only.
    ///
    /// ```
    /// use cretula::Cookie;
    /// let moved = Cookie::named("__Secure-shop").path("/shop").previous("/", None, false);
    /// ```
    #[must_use]
    pub fn previous(mut self, path: &str, domain: Option<&str>, partitioned: bool) -> Self {
        self.previous.push(Place { path: path.to_owned(), domain: domain.map(str::to_owned), partitioned });
        self
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn second_name(&self) -> String {
        format!("{}.1", self.name)
    }

    pub(crate) fn end_name(&self) -> String {
        format!("{}.end", self.name)
    }

    /// [COOK-01], then [COOK-02].
    pub(crate) fn check(&self) -> Result<(), SetupError> {
        let name = self.name.as_str();
        if !(1..=COOKIE_NAME_MAX).contains(&name.len()) || !name.bytes().all(is_token) {
            return Err(SetupError::CookieName);
        }
        for prefix in PREFIXES {
            let start = name.get(..prefix.len()).unwrap_or_default();
            if start.eq_ignore_ascii_case(prefix) && start != prefix {
                return Err(SetupError::CookieName);
            }
        }
        self.check_place(&self.place)?;
        let attributes = |bad: bool, why| if bad { Err(SetupError::CookieAttributes(why)) } else { Ok(()) };
        let prefixed = PREFIXES.iter().any(|prefix| name.starts_with(prefix));
        attributes(prefixed && !self.secure, "a name with a prefix needs Secure")?;
        attributes(self.same_site == SameSite::None && !self.secure, "SameSite=None needs Secure")?;
        attributes(self.large && !name.starts_with("__Host-"), "two cookies need a name that begins with `__Host-`")?;
        for (at, place) in self.previous.iter().enumerate() {
            self.check_place(place)?;
            let mut others = self.previous.iter().take(at).chain([&self.place]);
            attributes(
                others.any(|other| other.is(place)),
                "a previous combination is the present one, or is there twice",
            )?;
        }
        Ok(())
    }

    /// Refuses what device binding does not go with ([DEV-01]); the cookie itself is checked by then.
    #[cfg(feature = "device")]
    pub(crate) fn check_device(&self) -> Result<(), SetupError> {
        if self.name.starts_with("__Host-") && !self.place.partitioned {
            return Ok(());
        }
        Err(SetupError::CookieAttributes("device binding needs a name in `__Host-`, and no Partitioned"))
    }

    fn check_place(&self, place: &Place) -> Result<(), SetupError> {
        let attributes = |bad: bool, why| if bad { Err(SetupError::CookieAttributes(why)) } else { Ok(()) };
        let path = place.path.as_str();
        let path_is_good = path.starts_with('/')
            && path.len() <= COOKIE_PATH_MAX
            && path.bytes().all(|octet| octet.is_ascii_graphic() && octet != b';');
        attributes(!path_is_good, "Path is `/` and then visible ASCII without `;`, up to 1024 characters")?;
        if let Some(domain) = &place.domain {
            let label =
                |label: &str| !label.is_empty() && label.bytes().all(|o| o.is_ascii_alphanumeric() || o == b'-');
            let domain_is_good = domain.len() <= COOKIE_DOMAIN_MAX && domain.split('.').all(label);
            attributes(!domain_is_good, "Domain is labels of letters, digits and `-`, up to 253 characters")?;
            let shared = self.name.starts_with("__Secure-") || self.name.starts_with("__Http-");
            attributes(!shared, "Domain needs a name that begins with `__Secure-` or `__Http-`")?;
        }
        attributes(self.name.starts_with("__Host-") && path != "/", "`__Host-` needs Path=/")?;
        attributes(place.partitioned && !self.secure, "Partitioned needs Secure")
    }
}

/// What RFC 9110 §5.6.2 allows in a token.
const fn is_token(octet: u8) -> bool {
    octet.is_ascii_alphanumeric()
        || matches!(octet, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'`' | b'|' | b'~')
}

impl Cookie {
    /// `proof_name` of §21.2.
    pub(crate) fn proof_name(&self) -> String {
        match self.name.strip_prefix("__Host-Http-") {
            Some(rest) => format!("__Host-{rest}.proof"),
            None => format!("{}.proof", self.name),
        }
    }

    /// Returns true if both write one name, of `name`, `name.1`, `name.end` and `proof_name(name)` ([COOK-03]).
    pub(crate) fn clashes(&self, other: &Self) -> bool {
        let writes = |one: &Self, other: &Self| {
            [other.name.clone(), other.second_name(), other.end_name(), other.proof_name()].contains(&one.name)
        };
        writes(self, other) || writes(other, self) || self.proof_name() == other.proof_name()
    }
}
