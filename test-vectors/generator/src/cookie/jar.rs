//! A cookie's set-up (§20.1) and its lines (§20.4).

use crate::{
    json::{Json, object},
    opener::Code,
};

/// The name of a cookie that is given none.
pub(crate) const DEFAULT: &str = "__Host-Http-session";

/// Holds what distinguishes a browser's cookies of one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) path: String,
    pub(crate) domain: Option<String>,
    pub(crate) partitioned: bool,
}

/// Holds one cookie as an application sets it up.
#[derive(Clone)]
pub(crate) struct Cookie {
    pub(crate) name: String,
    pub(crate) secure: bool,
    pub(crate) place: Place,
    pub(crate) same_site: &'static str,
    pub(crate) browser_session: bool,
    pub(crate) large: bool,
    pub(crate) previous: Vec<Place>,
}

impl Place {
    pub(crate) fn root() -> Self {
        Self { path: "/".into(), domain: None, partitioned: false }
    }

    /// Returns whether a browser takes both for one.
    fn is(&self, other: &Self) -> bool {
        let domain = |place: &Self| place.domain.as_ref().map(|domain| domain.to_ascii_lowercase());
        self.path == other.path && domain(self) == domain(other) && self.partitioned == other.partitioned
    }

    fn json(&self) -> Vec<(String, Json)> {
        let mut members = Vec::new();
        if self.path != "/" {
            members.push(("path".to_owned(), self.path.clone().into()));
        }
        members.extend(self.domain.clone().map(|domain| ("domain".to_owned(), domain.into())));
        members.extend(self.partitioned.then(|| ("partitioned".to_owned(), true.into())));
        members
    }
}

impl Cookie {
    pub(crate) fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            secure: true,
            place: Place::root(),
            same_site: "Lax",
            browser_session: false,
            large: false,
            previous: Vec::new(),
        }
    }

    pub(crate) fn usual() -> Self {
        Self::named("__Host-session")
    }

    pub(crate) fn json(&self) -> Json {
        let mut members = Vec::new();
        members.extend((self.name != DEFAULT).then(|| ("name".to_owned(), Json::from(self.name.clone()))));
        members.extend((!self.secure).then(|| ("secure".to_owned(), false.into())));
        let place = self.place.json();
        members.extend(place.iter().filter(|(name, _)| name != "partitioned").cloned());
        members.extend((self.same_site != "Lax").then(|| ("same_site".to_owned(), self.same_site.into())));
        members.extend(place.into_iter().filter(|(name, _)| name == "partitioned"));
        members.extend(self.browser_session.then(|| ("browser_session".to_owned(), true.into())));
        members.extend(self.large.then(|| ("large".to_owned(), true.into())));
        if !self.previous.is_empty() {
            let previous = self.previous.iter().map(|place| Json::Object(place.json()));
            members.push(("previous".to_owned(), Json::List(previous.collect())));
        }
        Json::Object(members)
    }

    /// [COOK-01], then [COOK-02].
    pub(crate) fn validate(&self) -> Result<(), Code> {
        let token = |octet: u8| octet.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&octet);
        let variant = |prefix: &str| {
            let head = self.name.get(..prefix.len()).unwrap_or_default();
            head.eq_ignore_ascii_case(prefix) && head != prefix
        };
        let length = (1..=64).contains(&self.name.len());
        let prefixes = ["__Host-Http-", "__Host-", "__Http-", "__Secure-"];
        if !length || !self.name.bytes().all(token) || prefixes.into_iter().any(variant) {
            return Err("cookie_name");
        }
        let host = self.name.starts_with("__Host-");
        let shared = self.name.starts_with("__Secure-") || self.name.starts_with("__Http-");
        let prefix = (host || shared) && !self.secure;
        let none = self.same_site == "None" && !self.secure;
        let large = self.large && !host;
        let places: Vec<_> = [&self.place].into_iter().chain(&self.previous).collect();
        let twice = places.iter().enumerate().any(|(at, place)| places[..at].iter().any(|other| other.is(place)));
        let refused = places.into_iter().any(|place| {
            let path = &place.path;
            let visible = |octet: u8| (0x21..=0x7E).contains(&octet) && octet != b';';
            let bad_path = !path.starts_with('/') || path.len() > 1024 || !path.bytes().all(visible);
            let letter = |octet: u8| octet.is_ascii_alphanumeric() || octet == b'-';
            let label = |label: &str| !label.is_empty() && label.bytes().all(letter);
            let bad_domain =
                place.domain.as_ref().is_some_and(|domain| domain.len() > 253 || !domain.split('.').all(label));
            let bad_host = host && (place.domain.is_some() || path != "/");
            let bare = place.domain.is_some() && !shared;
            bad_path || bad_domain || bad_host || bare || (place.partitioned && !self.secure)
        });
        let same_site = !["Strict", "Lax", "None"].contains(&self.same_site);
        if prefix || none || same_site || large || twice || refused { Err("cookie_attributes") } else { Ok(()) }
    }

    /// Returns `line` of §20.4.
    pub(crate) fn line(&self, place: &Place, suffix: &str, value: &str, max_age: Option<u64>) -> String {
        let name = if suffix == ".proof" { self.proof_name() } else { format!("{}{suffix}", self.name) };
        let mut line = format!("{name}={value}; Path={}", place.path);
        if let Some(domain) = &place.domain {
            line += &format!("; Domain={domain}");
        }
        if let Some(max_age) = max_age {
            line += &format!("; Max-Age={max_age}");
        }
        if self.secure {
            line += "; Secure";
        }
        line += &format!("; HttpOnly; SameSite={}", self.same_site);
        if place.partitioned {
            line += "; Partitioned";
        }
        line
    }

    /// Returns the line that removes the cookie.
    /// The name of the cookie of proofs (§21.2).
    pub(crate) fn proof_name(&self) -> String {
        self.name
            .strip_prefix("__Host-Http-")
            .map_or_else(|| format!("{}.proof", self.name), |rest| format!("__Host-{rest}.proof"))
    }

    pub(crate) fn expire(&self, place: &Place, suffix: &str) -> String {
        self.line(place, suffix, "", Some(0))
    }
}

/// Sets cookies up together ([COOK-03]); gives each one's line `expire`.
pub(crate) fn set_up(cookies: &[(&str, Cookie)]) -> Result<Json, Code> {
    for (_, cookie) in cookies {
        cookie.validate()?;
    }
    for (at, (purpose, cookie)) in cookies.iter().enumerate() {
        for (other_purpose, other) in cookies.iter().enumerate().filter(|(n, _)| *n != at).map(|(_, other)| other) {
            let own = ["", ".1", ".end"].map(|suffix| format!("{}{suffix}", other.name));
            let purposes = ["", ".challenge", ".device", ".proof"].map(|suffix| format!("{other_purpose}{suffix}"));
            if purposes.iter().any(|other| other == purpose)
                || own.contains(&cookie.name)
                || [&cookie.name, &cookie.proof_name()].contains(&&other.proof_name())
            {
                return Err("cookie_clash");
            }
        }
    }
    let lines = cookies.iter().map(|(_, cookie)| Json::from(cookie.expire(&cookie.place, "")));
    Ok(object([("expire", Json::List(lines.collect()))]))
}
