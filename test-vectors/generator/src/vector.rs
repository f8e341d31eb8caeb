//! What every vector has, the flags, and the values that cases share.

use crate::{
    SUITE,
    json::{Json, hex, object},
    reference::sha256,
};

/// What a vector expects.
pub(crate) enum Outcome {
    Result(Json),
    Error(&'static str),
    /// A ring's error, at the entry's position.
    ErrorAt(&'static str, u64),
    /// An error, and the members that tell more of it.
    ErrorWith(&'static str, Vec<(String, Json)>),
}

/// Beginnings of the ids of vectors that suite 3.0.0 brought.
const SINCE_3_0: &[&str] = &[
    "session/open/recheck/",
    "session/open/bound/",
    "session/run/recheck/",
    "session/run/bound/",
    "cookie/setup/device/",
    "cookie/read/recheck/",
    "cookie/read/bound/",
    "cookie/write/recheck/",
    "cookie/write/bound/",
    "device/",
];

/// Beginnings of the ids of vectors that suite 2.0.0 brought to files that were there before.
const SINCE_2_0: &[&str] = &[
    "session/open/portable/",
    "session/open/no-clock",
    "session/run/no-clock/",
    "session/run/no-randomness/",
    "session/run/commit/",
    "session/run/exchange/",
    "session/run/in-place/",
    "session/run/spelling/",
    "session/run/texts/",
    "session/run/sign-on/proof-48-bits",
    "session/run/sign-on/bad-at-last-second",
    "seal/no-clock",
    "seal/no-randomness",
    "sign/no-clock",
    "unseal/no-clock",
    "verify/no-clock",
    "keyring/warn/far-",
    "keyring/warn/order-",
    "keyring/warn/grace-",
    "keyring/warn/all-three",
    "cookie/setup/prefix/",
    "cookie/setup/default",
    "cookie/read/no-clock",
    "cookie/read-token/no-clock",
    "cookie/read/ended-marks/",
    "cookie/write/no-clock",
    "cookie/write/no-randomness",
    "cookie/write/several/",
    "cookie/write/excess/",
    "cookie/write/largest/",
    "session/open/names/",
    "session/run/names/",
    "session/run/change/order-of-names",
    "session/run/change/spelling",
    "session/run/change/minus-0",
    "session/run/change/last-digit",
    "session/run/change/true-1",
    "derive/ok/zero",
    "derive/context/trim-",
    "seal/ok/exact-",
    "seal/ok/many",
    "seal/ok/wide-",
    "seal/size/multibyte",
    "seal/size/16-bits",
    "sign/ok/exact-",
    "sign/ok/many",
    "sign/ok/wide-",
    "sign/size/multibyte",
    "sign/size/16-bits",
    "unseal/ok/exact-",
    "unseal/ok/many",
    "unseal/ok/wide-",
    "unseal/ok/ring-differ",
    "unseal/ok/ring-fifth",
    "unseal/ok/16-bits",
    "unseal/masked/",
    "unseal/key-inactive/wide",
    "unseal/too-long/16-bits",
    "unseal/unknown-key/id-case",
    "verify/ok/exact-",
    "verify/ok/many",
    "verify/ok/wide-",
    "verify/ok/ring-differ",
    "verify/ok/ring-fifth",
    "verify/ok/16-bits",
    "verify/masked/",
    "verify/key-inactive/wide",
    "verify/too-long/16-bits",
    "verify/unknown-key/id-case",
    "keyring/key-text/loose-",
    "keyring/ring/json/",
    "keyring/ring/member/",
    "keyring/ring/trim/",
    "keyring/ring/raw/",
    "keyring/ring/differ/",
    "keyring/ring/many/",
    "keyring/select/many",
    "keyring/select/wide-",
    "keyring/accept/wide-",
    "keyring/warn/successor/",
    "session/open/json/",
    "session/open/falsy/",
    "session/run/falsy/",
    "session/run/loose/",
    "session/run/fresh/",
    "session/run/kept/",
    "session/run/octets/",
    "cookie/setup/falsy/",
    "cookie/setup/trim/",
    "cookie/setup/loose/",
    "cookie/read/falsy/",
    "cookie/read/loose/",
    "cookie/read/masked/",
    "cookie/read/kept/",
    "cookie/read-token/set-up/",
    "cookie/write/falsy/",
    "cookie/write/largest/",
];

/// Vectors that suite 1.2.0 brought to files that were there before.
const SINCE_1_2: &[&str] = &[
    "session/run/reauth-within/earlier-proof-after",
    "session/run/reauth-within/earlier-proof-before",
    "cookie/setup/clash/order-one-after-the-other",
    "derive/ok/purpose-case",
    "unseal/unknown-key/purpose-case",
    "verify/unknown-key/purpose-case",
    "keyring/key-text/typo-sum-last",
    "keyring/select/clock-48-bits",
    "keyring/accept/clock-48-bits",
    "keyring/warn/clock-48-bits",
    "keyring/warn/ttl-0",
    "keyring/warn/ttl-over",
    "keyring/warn/leeway-301",
    "session/run/clock/commit",
    "session/run/clock/commit-nothing",
    "session/run/clock/commit-read",
    "session/run/clock/commit-sign-off",
    "session/run/sign-on/keep-prototype",
    "cookie/read/ok/name-marks",
    "cookie/read/foreign/name-pattern",
    "cookie/read/foreign/name-pattern-part",
    "cookie/read/foreign/name-pattern-mark",
    "cookie/read-token/leeway-301",
    "cookie/write/size/3500-previous",
    "cookie/write/size/3502-previous",
    "cookie/write/refused/clock",
    "cookie/write/refused/clock-read",
    "session/run/refresh/keeps-fraction",
    "session/run/new/last-second",
    "session/run/new/last-second-but-one",
    "cookie/read/shape/beyond-ascii",
    "cookie/read/shape/beyond-ascii-magic",
    "cookie/read/shape/clock-absent",
    "cookie/read/shape/clock-garbage",
    "cookie/read/shape/clock-five",
    "cookie/read-token/two-forms",
];

/// Holds one vector; members in file order.
pub(crate) struct Vector {
    pub(crate) id: String,
    pub(crate) spec: Vec<&'static str>,
    pub(crate) flags: Vec<&'static str>,
    pub(crate) comment: String,
    pub(crate) inputs: Vec<(String, Json)>,
    pub(crate) outcome: Outcome,
}

impl Vector {
    /// Returns the flags of the case, and those that its group has.
    fn flags(&self) -> Vec<&'static str> {
        let fits = |pattern: &str| match pattern.strip_suffix('*') {
            Some(start) => self.id.starts_with(start),
            None => self.id == pattern,
        };
        let groups = GROUPS.iter().filter(|(_, ids)| ids.iter().any(|pattern| fits(pattern)));
        let mut flags = self.flags.clone();
        flags.extend(groups.map(|(flag, _)| *flag));
        let mut seen = Vec::new();
        flags.retain(|flag| {
            !seen.contains(flag) && {
                seen.push(*flag);
                true
            }
        });
        flags
    }

    pub(crate) const fn is_negative(&self) -> bool {
        !matches!(self.outcome, Outcome::Result(_))
    }

    /// Suite version that brought the vector.
    fn since(&self) -> &'static str {
        let of = |classes: &[&str]| classes.iter().any(|class| self.id.starts_with(class));
        if of(SINCE_3_0) {
            "3.0.0"
        } else if of(SINCE_2_0) {
            "2.0.0"
        } else if of(&["accumulated/"]) || SINCE_1_2.contains(&self.id.as_str()) {
            "1.2.0"
        } else if of(&["session/", "cookie/"]) {
            "1.1.0"
        } else {
            "1.0.0"
        }
    }

    fn json(&self) -> Json {
        let mut members = vec![
            ("id".to_owned(), Json::from(self.id.clone())),
            ("spec".to_owned(), self.spec.clone().into()),
            ("since".to_owned(), self.since().into()),
            ("level".to_owned(), "must".into()),
            ("flags".to_owned(), self.flags().into()),
            ("comment".to_owned(), self.comment.clone().into()),
        ];
        members.extend(self.inputs.iter().cloned());
        match &self.outcome {
            Outcome::Result(result) => members.push(("result".to_owned(), result.clone())),
            Outcome::Error(code) => members.push(("error".to_owned(), (*code).into())),
            Outcome::ErrorAt(code, entry) => {
                members.push(("error".to_owned(), (*code).into()));
                members.push(("entry".to_owned(), (*entry).into()));
            }
            Outcome::ErrorWith(code, more) => {
                members.push(("error".to_owned(), (*code).into()));
                members.extend(more.iter().cloned());
            }
        }
        Json::Object(members)
    }
}

/// Each flag and the real bug that it stands for.
const FLAGS: &[(&str, &str)] = &[
    (
        "lax-base64",
        "a stock decoder accepts more than one text for the same bytes, or skips what it does not know; a token then has many spellings (malleable encodings; Node, Python, PHP)",
    ),
    (
        "non-canonical-bits",
        "unused low bits of the last character are not checked (stock decoders of Node, Go without Strict, Java, Python)",
    ),
    ("line-break", "a decoder skips CR and LF (Go, MIME decoders)"),
    (
        "octet-length",
        "length is counted in characters instead of octets, or after decoding: unbounded work for a hostile cookie (CVE-2024-28180, CVE-2025-30204)",
    ),
    ("version-check", "the version is skipped, cut off or matched loosely (iron-session's unauthenticated suffix)"),
    ("kind-confusion", "a token of one kind is accepted as the other (CVE-2023-51774, algorithm confusion)"),
    (
        "short-token",
        "fields are read beyond the end of a short token: a crash on bad input (CVE-2017-18589, CVE-2020-35918)",
    ),
    ("id-prefix-compare", "only a part of the key id is compared, which loses the commitment"),
    ("trial-decryption", "keys are tried in turn, or another key is tried after a failure (CVE-2026-39324)"),
    (
        "context-confusion",
        "audience or purpose is not bound, their order is lost, or they are joined without lengths; values are swapped between cookies",
    ),
    ("inactive-key", "the end of a key is not enforced, or with leeway"),
    ("tampered", "a changed byte of a field is accepted"),
    ("truncated-tag", "a shortened tag is accepted (CVE-2025-54887, CVE-2018-1000539)"),
    ("wrong-aad", "additional data are built from other bytes than the specification says, iv included for instance"),
    ("wrong-subkey", "the working key or another value is used where the subkey belongs"),
    ("mac-input", "the tag covers other bytes than all of the token (CVE-2026-40372)"),
    ("time-before-auth", "expiry is judged before authenticity (Iron, Fernet)"),
    ("order", "two faults in one token: only the specified order gives this code"),
    ("off-by-one", "one second or one octet to either side of a limit"),
    ("leeway-on-life", "leeway lengthens the life of a token"),
    ("max-age-ignored", "the opener's own limit on age is not applied"),
    ("ttl-range", "a ttl out of range in an authentic token is accepted, or read as a signed number"),
    ("wide-time", "a time beyond 32 bits is cut, or beyond 53 bits is rounded; bytes in the wrong order"),
    ("empty-payload", "an empty payload seals and does not open"),
    ("size", "a large payload, or one byte more than fits"),
    ("caller-error", "a value out of range is clamped or taken for a fault of the token"),
    ("no-fall-back", "an ended or future key is used to seal because another is missing"),
    ("key-text", "a key text is trimmed, folded or not checked, so that a typo becomes another key"),
    ("key-order", "of several keys that may seal another one does (CVE-2025-47278)"),
    ("duplicate-key", "one key stands in a ring twice, and the times of one entry hide those of the other"),
    (
        "rotation-warning",
        "a rotation that will end tokens before their life, or begin before every server has the key, passes unseen",
    ),
    (
        "repeated-random",
        "salt, iv, sid or the id of two cookies is a constant, a counter or drawn once, so that it comes again",
    ),
    ("deny-list", "a sid that the application denies is let in, a guest's for instance"),
    ("rev-not-counted", "rev is not counted on, so that of two cookies the older may be chosen"),
    ("stale-proof", "an earlier proof of who the user is passes for one of now, or holds too long"),
    ("weak-key", "an empty, zero or published key is accepted (CVE-2026-45363)"),
    ("strict-json", "a JSON parser accepts duplicates, unknown members, NaN or trailing text"),
    ("deep-nesting", "a deeply nested text overflows the stack or raises an error that nobody catches"),
    ("unsafe-integer", "an integer is rounded, cut or wrapped by another language, or a fraction passes for one"),
    (
        "absolute-ignored",
        "a session that is used lives for ever: no absolute end, none of the opener's own, or leeway added to it (CVE-2024-31999)",
    ),
    (
        "generation-order",
        "only an older generation closes the session, so that a restored database or a lagging replica opens it again",
    ),
    ("missing-check", "an answer that is missing, or 0, counts as consent"),
    (
        "late-response",
        "a late response, or one with the old cookie, brings a session back that was signed off (CVE-2025-46336)",
    ),
    ("refresh-storm", "near the absolute end, or of parallel requests, every response writes the cookie"),
    ("refresh-missed", "the idle window is not moved at half of it, or moved by one second too late or too early"),
    ("nested-change", "a change deep inside the data is not seen, or one that was undone is written"),
    ("session-fixation", "sign-on, re-authentication or sign-off keeps the sid or the data of the session before it"),
    ("write-after-failure", "a session that does not open is expired or overwritten, though a key may only be late"),
    ("flash-twice", "a message that was read comes again, or one that was not is lost"),
    ("proto-name", "a name such as __proto__ changes an object's prototype, or vanishes in silence"),
    (
        "library-name",
        "a name by which a library means something else than a name becomes structure, a type or a method, or is lost",
    ),
    ("unserializable", "a value that another language would change in silence is written"),
    ("cookie-tossing", "a neighbour's cookie of the same name is taken, or pushes the good one out"),
    ("foreign-cookie", "another cookie, however broken, changes what is read of ours"),
    (
        "percent-decoding",
        "names or values are percent-decoded, so that another name passes for a prefixed one (CVE-2020-8184, CVE-2020-7070)",
    ),
    ("trim-unicode", "string functions trim more than SP and HTAB, so that another name passes for ours"),
    ("cookie-case", "names are compared without regard to case"),
    ("quoted-value", "quotation marks are taken off a value"),
    ("chunk-mix", "parts of two tokens are joined, or a part is counted before it is checked (CVE-2025-30204)"),
    ("attribute-dropped", "browsers drop or ignore the cookie as set up, or a clearing line does not match it"),
    ("cookie-clash", "two cookies overwrite each other, or one that the binding uses by itself"),
    (
        "size-on-wire",
        "the size is counted on something else than what is sent; browsers then keep the old cookie in silence",
    ),
    (
        "lost-sign-off",
        "a sign-off is lost to a message or to data for the next page that cannot be sealed; the old session stays",
    ),
    ("lost-page", "a page that only reads is lost, for its session cannot be written again"),
    ("no-clock", "a clock that fails becomes time 0, an exception on the page, or a session that is expired"),
    ("no-randomness", "a generator that fails is covered up, or told before what else is wrong"),
    (
        "other-commit",
        "a session is committed under another purpose or policy than it was opened with: signed on where nobody signed on, or a life of another length",
    ),
    (
        "committed-twice",
        "a session is committed again: a new one gets two sids, a change after the response is lost in silence",
    ),
    ("stale-ring", "after the exchange of a ring the old one opens or seals: a removed key lives on"),
    ("number-spelling", "a number is spelled in the language's own way: sizes and tokens differ between languages"),
    ("not-now", "a session that may be valid in a moment looks like one that is over, and is overwritten"),
    ("lost-data", "a refresh writes only those members of data that the application's own types know"),
    ("accumulated", "a fault that no chosen case meets: only many calls show it"),
    (
        "not-utf-8",
        "octets that are no UTF-8 are skipped, replaced or decoded, so that another text is read (Ruby, PHP, Node)",
    ),
    ("valid-json", "a JSON text that RFC 8259 allows is refused, or its value is read inexactly"),
    (
        "falsy-value",
        "a value such as \"0\", 0, false, null or an empty string or list counts as absent (PHP empty, JavaScript ||, Python or)",
    ),
    (
        "loose-comparison",
        "texts are compared as numbers, without regard to case or to the type, by a part of them or by folded letters (PHP ==, Go encoding/json)",
    ),
    (
        "trimmed-text",
        "white space, a line feed, a byte order mark or what follows a zero character is dropped or skipped ($ in patterns, trim, strip, strings of C)",
    ),
    ("list-or-object", "an object becomes a list or a list an object: names of digits, or nothing in it (PHP)"),
    ("many-keys", "only the first keys of a ring are derived or looked at, or fewer than 1 000 are allowed"),
    ("kept-subkey", "a subkey that is kept is found by its salt alone, and serves a token of another key"),
    ("masked-octet", "a character is looked up by its low 7 or 8 bits, so that others pass for those of the alphabet"),
    (
        "recheck-window",
        "an answer of the check is trusted a second too long, from another time, or asked for at each request",
    ),
    (
        "bound-session",
        "a session that is bound to a device opens without a proof, or a failed proof unbinds or expires it",
    ),
    ("proof-life", "a proof is taken after its life is over, or from the future, or its life is lengthened"),
    (
        "token-confusion",
        "a session, challenge, device token or proof passes for another of the four, or for one of elsewhere",
    ),
    ("require-binding", "a session that has to be bound by now is open without, or a guest's is closed"),
    (
        "offer-missed",
        "a browser that could bind the new session is not asked to, or with a challenge of another session",
    ),
    ("offer-too-often", "the browser is asked for a key where nobody signed on, or of a session that is bound"),
    ("proof-left", "the proof stays in the browser after a sign-off, or is taken away from a session that goes on"),
    ("lost-binding", "a slow response unbinds a session for good, or a session of another sid is bound"),
    ("device-status", "what may be good in a moment ends the device session of the browser, or what is over does not"),
    (
        "device-check",
        "a registration or a refresh is answered without the application's check, or by what was answered before",
    ),
    ("challenge-replay", "a challenge is taken after its life, or for another use, session or key"),
    ("lax-jwt", "a JWT of another form is taken: more or fewer parts, padding, another alphabet, JSON that is none"),
    ("jwt-algorithm", "the JWT says by which algorithm it is verified, or that it is not (CVE-2015-9235)"),
    ("header-key", "a key in the header of the JWT is trusted where another one is meant (CVE-2018-0114)"),
    ("invalid-curve", "coordinates of a key are not checked against the curve (CVE-2015-7940, CVE-2018-5383)"),
    (
        "signature-range",
        "r or s of 0, or not below the order, is taken, or a good signature is refused (CVE-2022-21449)",
    ),
    ("missing-vary", "a shared cache hands one user's page to another (CVE-2023-30861, CVE-2026-27205)"),
];

/// Flags of whole groups of vectors, by id; `*` at the end stands for any rest.
const GROUPS: &[(&str, &[&str])] = &[
    ("repeated-random", &["seal/ok/basic", "seal/ok/all-bytes", "session/run/new/data", "session/run/new/send"]),
    (
        "key-order",
        &[
            "seal/ok/ring-first",
            "seal/ok/ring-greatest",
            "seal/ok/ring-equal",
            "sign/ok/ring-first",
            "sign/ok/ring-greatest",
            "sign/ok/ring-equal",
            "keyring/select/first-of-equals",
            "keyring/select/greatest",
            "keyring/select/equals-later",
            "keyring/select/ended-older",
        ],
    ),
    (
        "off-by-one",
        &[
            "seal/ok/ring-second-before",
            "seal/ok/ring-at-second",
            "seal/ok/ring-last-second",
            "sign/ok/ring-second-before",
            "sign/ok/ring-at-second",
            "sign/ok/ring-last-second",
            "keyring/select/second-before",
            "keyring/select/at-second",
            "keyring/select/last-second",
        ],
    ),
    (
        "unsafe-integer",
        &[
            "keyring/ring/document/time-half",
            "keyring/ring/document/time-48-bits-minus-half",
            "keyring/ring/document/time-tiny",
            "keyring/ring/document/time-milliseconds-fraction",
        ],
    ),
    ("deny-list", &["session/open/check/denied-*"]),
    ("proto-name", &["session/run/sign-on/keep-prototype"]),
    ("rev-not-counted", &["session/run/new/life", "session/run/new/send-twice", "session/run/change/rev"]),
    ("lost-data", &["session/run/change/null", "session/run/data/other-names"]),
    (
        "strict-json",
        &[
            "keyring/ring/document/time-text",
            "keyring/ring/document/time-null",
            "keyring/ring/document/time-true",
            "keyring/ring/document/time-false",
        ],
    ),
    (
        "caller-error",
        &[
            "session/run/sign-on/sub-empty",
            "session/run/sign-on/sub-256*",
            "session/run/sign-on/gen-54-bits",
            "session/run/reauthenticate/guest",
            "session/run/reauthenticate/new",
            "session/run/reauthenticate/gen-54-bits",
            "session/run/reauthenticate/after-sign-off",
        ],
    ),
    (
        "cookie-tossing",
        &[
            "cookie/read-token/two*",
            "cookie/read-token/five",
            "cookie/read-token/equal",
            "cookie/read-token/garbage-beside",
            "cookie/read-token/expired-beside",
            "cookie/read-token/tampered-beside",
            "cookie/read-token/too-long-beside",
        ],
    ),
    (
        "stale-proof",
        &["session/run/reauth-within/*", "session/run/sign-on/earlier-proof*", "session/run/sign-on/proof-*"],
    ),
    (
        "attribute-dropped",
        &[
            "cookie/setup/attributes/*",
            "cookie/write/line/*",
            "cookie/write/previous/*",
            "cookie/write/end/browser-session",
        ],
    ),
];

/// Returns a class's file.
pub(crate) fn file(class: &str, vectors: &[Vector]) -> Json {
    let mut ids: Vec<_> = vectors.iter().map(|vector| &vector.id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), vectors.len(), "an id of {class} is used twice");
    let used = |flag: &str| vectors.iter().any(|vector| vector.flags().contains(&flag));
    let flags = FLAGS.iter().filter(|(flag, _)| used(flag));
    let flags = flags.map(|(flag, bug)| ((*flag).to_owned(), Json::from(*bug))).collect();
    for flag in vectors.iter().flat_map(Vector::flags) {
        assert!(FLAGS.iter().any(|(known, _)| *known == flag), "flag {flag} is not explained");
    }
    object([
        ("format", "cretula-vectors-1".into()),
        ("suite", SUITE.into()),
        ("class", class.into()),
        ("flags", Json::Object(flags)),
        ("vectors", Json::List(vectors.iter().map(Vector::json).collect())),
    ])
}

/// Returns test key number n: 32 ASCII bytes.
pub(crate) fn key(number: usize) -> Vec<u8> {
    format!("cretula-test-key-number-{number:02}......").into_bytes()
}

/// Returns one of many further test keys: 32 ASCII bytes.
pub(crate) fn key_of(number: usize) -> Vec<u8> {
    format!("cretula-test-key-number-{number:04}....").into_bytes()
}

/// Returns 12 bytes that look random and are the same in every run.
pub(crate) fn nonce(role: &str, id: &str) -> Vec<u8> {
    sha256(format!("cretula vectors {role} {id}").as_bytes())[..12].to_vec()
}

/// Holds one entry of a vector's `keyring`.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) key: Vec<u8>,
    pub(crate) seal_from: Option<u64>,
    pub(crate) accept_until: Option<u64>,
}

impl Entry {
    pub(crate) fn new(number: usize) -> Self {
        Self { key: key(number), seal_from: None, accept_until: None }
    }

    pub(crate) fn from(self, time: u64) -> Self {
        Self { seal_from: Some(time), ..self }
    }

    pub(crate) fn until(self, time: u64) -> Self {
        Self { accept_until: Some(time), ..self }
    }
}

/// Returns a `keyring` member's value.
pub(crate) fn ring_json(entries: &[Entry]) -> Json {
    let entry = |entry: &Entry| {
        let mut members = vec![("key".to_owned(), Json::from(hex(&entry.key)))];
        for (name, time) in [("seal_from", entry.seal_from), ("accept_until", entry.accept_until)] {
            members.extend(time.map(|time| (name.to_owned(), time.into())));
        }
        Json::Object(members)
    };
    Json::List(entries.iter().map(entry).collect())
}

/// Names members of an object.
pub(crate) fn members<const N: usize>(members: [(&str, Json); N]) -> Vec<(String, Json)> {
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
