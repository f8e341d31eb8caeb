//! What is timed: Cretula, and what a Rust user would pick instead.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use cookie::{Cookie, CookieJar};
use cretula::{Answer, Key, KeyEntry, Keyring, Sessions, Site};
use jsonwebtoken::{DecodingKey, EncodingKey, Header, Validation};
use pasetors::{keys::SymmetricKey, version4::V4};
use rusty_paseto::core as paseto;
use serde::{Deserialize, Serialize};

use crate::measure::Case;

const TTL: Duration = Duration::from_secs(1800);
/// Each token of a cold unseal has another salt; so many take turns.
const TOKENS: usize = 64;

fn site(keyring: impl Into<Keyring>) -> Site {
    Site::new(keyring, "shop.example").expect("an audience")
}

/// Text as a session has it.
pub fn payload(size: usize) -> String {
    "0123456789abcdef".chars().cycle().take(size).collect()
}

/// Gives the places of the tokens in turn.
fn turns() -> impl FnMut() -> usize {
    let mut next = 0;
    move || {
        next = (next + 1) % TOKENS;
        next
    }
}

fn jar_key() -> cookie::Key {
    cookie::Key::derive_from(&[7; 32])
}

#[derive(Serialize, Deserialize)]
struct Claims {
    exp: u64,
    data: String,
}

/// Text in, token out.
pub fn seal(size: usize) -> Vec<Case<'static>> {
    let text = payload(size);
    let site = site(Key::from_bytes(&[7; 32]).expect("a key"));
    let (sealer, signer) =
        (site.sealer("session").build().expect("a sealer"), site.signer("report").build().expect("a signer"));
    let mut cases = Vec::new();
    let (own, to) = (sealer.clone(), text.clone());
    cases.push(Case::new("Cretula sealed", move || own.seal(&to, TTL)));
    let (own, to) = (sealer, text.clone());
    let mut token = String::new();
    cases.push(Case::new("Cretula sealed, into", move || own.seal_into(&to, TTL, &mut token)));
    let to = text.clone();
    cases.push(Case::new("Cretula signed", move || signer.sign(&to, TTL)));
    let (key, to) = (jar_key(), text.clone());
    cases.push(Case::new("cookie PrivateJar", move || {
        let mut jar = CookieJar::new();
        jar.private_mut(&key).add(Cookie::new("session", to.clone()));
        jar.get("session").map(|cookie| cookie.value().to_owned())
    }));
    let (key, to) = (jar_key(), text.clone());
    cases.push(Case::new("cookie SignedJar", move || {
        let mut jar = CookieJar::new();
        jar.signed_mut(&key).add(Cookie::new("session", to.clone()));
        jar.get("session").map(|cookie| cookie.value().to_owned())
    }));
    let (key, to) = (orion::aead::SecretKey::generate().expect("a key"), text.clone());
    cases.push(Case::new("orion, base64", move || {
        URL_SAFE_NO_PAD.encode(orion::aead::seal(&key, to.as_bytes()).expect("sealed"))
    }));
    let (key, to) = (EncodingKey::from_secret(&[7; 32]), text.clone());
    cases.push(Case::new("jsonwebtoken HS256", move || {
        jsonwebtoken::encode(&Header::default(), &Claims { exp: 4_000_000_000, data: to.clone() }, &key)
    }));
    let (key, to) = (SymmetricKey::<V4>::from(&[7; 32]).expect("a key"), text.clone());
    cases.push(Case::new("pasetors v4.local", move || {
        pasetors::version4::LocalToken::encrypt(&key, to.as_bytes(), None, None)
    }));
    let to = text.clone();
    cases.push(Case::new("rusty_paseto v4.local", move || rusty(&to)));
    let (key, to) = (branca::Branca::new(&[7; 32]).expect("a key"), text);
    let mut key = key;
    cases.push(Case::new("branca", move || key.encode(to.as_bytes())));
    cases
}

fn paseto_key() -> paseto::PasetoSymmetricKey<paseto::V4, paseto::Local> {
    paseto::PasetoSymmetricKey::from(paseto::Key::<32>::from(&[7; 32]))
}

fn rusty(text: &str) -> String {
    let nonce = paseto::Key::<32>::try_new_random().expect("randomness");
    let nonce = paseto::PasetoNonce::<paseto::V4, paseto::Local>::from(&nonce);
    let mut builder = paseto::Paseto::<paseto::V4, paseto::Local>::builder();
    builder.set_payload(paseto::Payload::from(text)).try_encrypt(&paseto_key(), &nonce).expect("sealed")
}

/// Token in, text out; each token in turn.
pub fn unseal(size: usize) -> Vec<Case<'static>> {
    let text = payload(size);
    let site = site(Key::from_bytes(&[7; 32]).expect("a key"));
    let (sealer, signer) =
        (site.sealer("session").build().expect("a sealer"), site.signer("report").build().expect("a signer"));
    let many = |make: &dyn Fn() -> String| (0..TOKENS).map(|_| make()).collect::<Vec<_>>();
    let mut cases = Vec::new();
    let tokens = many(&|| sealer.seal(&text, TTL).expect("sealed"));
    let (own, mut at) = (sealer.clone(), turns());
    let all = tokens.clone();
    cases.push(Case::new("Cretula sealed", move || own.unseal(&all[at()])));
    let (own, mut at, mut bytes) = (sealer, turns(), Vec::new());
    cases.push(Case::new("Cretula sealed, into", move || own.unseal_into(&tokens[at()], &mut bytes)));
    let tokens = many(&|| signer.sign(&text, TTL).expect("signed"));
    let mut at = turns();
    cases.push(Case::new("Cretula signed", move || signer.verify(&tokens[at()])));
    let key = jar_key();
    let jar = |add: &dyn Fn(&mut CookieJar)| {
        let mut jar = CookieJar::new();
        add(&mut jar);
        jar.get("session").expect("a cookie").value().to_owned()
    };
    let tokens = many(&|| jar(&|jar| jar.private_mut(&key).add(Cookie::new("session", text.clone()))));
    let (own, mut at) = (key.clone(), turns());
    cases.push(Case::new("cookie PrivateJar", move || {
        CookieJar::new().private(&own).decrypt(Cookie::new("session", tokens[at()].clone()))
    }));
    let tokens = many(&|| jar(&|jar| jar.signed_mut(&key).add(Cookie::new("session", text.clone()))));
    let mut at = turns();
    cases.push(Case::new("cookie SignedJar", move || {
        CookieJar::new().signed(&key).verify(Cookie::new("session", tokens[at()].clone()))
    }));
    let key = orion::aead::SecretKey::generate().expect("a key");
    let tokens = many(&|| URL_SAFE_NO_PAD.encode(orion::aead::seal(&key, text.as_bytes()).expect("sealed")));
    let mut at = turns();
    cases.push(Case::new("orion, base64", move || {
        orion::aead::open(&key, &URL_SAFE_NO_PAD.decode(&tokens[at()]).expect("base64"))
    }));
    let (key, open) = (EncodingKey::from_secret(&[7; 32]), DecodingKey::from_secret(&[7; 32]));
    let claims = Claims { exp: 4_000_000_000, data: text.clone() };
    let tokens = many(&|| jsonwebtoken::encode(&Header::default(), &claims, &key).expect("signed"));
    let (mut at, rules) = (turns(), Validation::default());
    cases.push(Case::new("jsonwebtoken HS256", move || {
        jsonwebtoken::decode::<Claims>(&tokens[at()], &open, &rules).expect("verified")
    }));
    let key = SymmetricKey::<V4>::from(&[7; 32]).expect("a key");
    let tokens = many(&|| pasetors::version4::LocalToken::encrypt(&key, text.as_bytes(), None, None).expect("sealed"));
    let mut at = turns();
    cases.push(Case::new("pasetors v4.local", move || {
        let token = pasetors::token::UntrustedToken::try_from(tokens[at()].as_str()).expect("a token");
        pasetors::version4::LocalToken::decrypt(&key, &token, None, None).expect("opened")
    }));
    let tokens = many(&|| rusty(&text));
    let mut at = turns();
    cases.push(Case::new("rusty_paseto v4.local", move || {
        paseto::Paseto::<paseto::V4, paseto::Local>::try_decrypt(&tokens[at()], &paseto_key(), None, None)
            .expect("opened")
    }));
    let mut key = branca::Branca::new(&[7; 32]).expect("a key");
    let tokens: Vec<_> = (0..TOKENS).map(|_| key.encode(text.as_bytes()).expect("sealed")).collect();
    let mut at = turns();
    cases.push(Case::new("branca", move || key.decode(&tokens[at()], 0).expect("opened")));
    cases
}

/// What a shop keeps.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Shop {
    basket: Vec<u32>,
    note: String,
}

impl Shop {
    fn new(size: usize) -> Self {
        Self { basket: vec![17, 4], note: payload(size) }
    }
}

fn shop_sessions() -> Sessions<Shop> {
    site(Key::from_bytes(&[7; 32]).expect("a key")).sessions().build().expect("sessions")
}

/// From the raw Cookie field, with three cookies, to the typed session and what the response carries.
pub fn request(size: usize, changes: bool) -> Vec<Case<'static>> {
    let sessions = shop_sessions();
    let mut session = sessions.open([""]).unchecked().expect("a guest");
    session.sign_on("ada", 7).expect("signed on");
    *session.data_mut() = Shop::new(size);
    let committed = sessions.commit(session).expect("committed");
    let line = committed.headers().next().expect("a cookie").1.to_owned();
    let ours = field(line.split(';').next().unwrap_or_default());
    let own = Case::new("Cretula", move || {
        let mut session = sessions.open([&ours]).checked(Answer::Generation(7)).expect("a session");
        assert!(session.user().is_some());
        if changes {
            session.data_mut().basket.push(1);
        }
        let committed = sessions.commit(session).expect("committed");
        committed.headers().map(|(_, value)| value.len()).sum::<usize>()
    });

    let key = jar_key();
    let mut jar = CookieJar::new();
    jar.private_mut(&key).add(Cookie::new("session", serde_json::to_string(&Shop::new(size)).expect("JSON")));
    let theirs = field(&format!("session={}", jar.get("session").expect("a cookie").value()));
    let peer = Case::new("cookie PrivateJar, serde_json", move || {
        let mut jar = CookieJar::new();
        for cookie in Cookie::split_parse(theirs.clone()) {
            jar.add_original(cookie.expect("a cookie"));
        }
        let held = jar.private(&key).get("session").expect("a session");
        let mut shop: Shop = serde_json::from_str(held.value()).expect("JSON");
        if changes {
            shop.basket.push(1);
            let value = serde_json::to_string(&shop).expect("JSON");
            let cookie = Cookie::build(("session", value)).path("/").secure(true).http_only(true);
            jar.private_mut(&key).add(cookie.max_age(cookie::time::Duration::seconds(1800)));
        }
        jar.delta().map(|cookie| cookie.to_string().len()).sum::<usize>() + shop.basket.len()
    });
    vec![own, peer]
}

fn field(pair: &str) -> String {
    format!("theme=dark; _ga=GA1.2.1234567890.1234567890; {pair}")
}

/// Tokens that are refused, beside a good one.
pub fn rejects() -> Vec<Case<'static>> {
    let key = |byte| Key::from_bytes(&[byte; 32]).expect("a key");
    let sealer = site(key(7)).sealer("session").build().expect("a sealer");
    let good = sealer.seal(payload(256), TTL).expect("sealed");
    let foreign = site(key(8)).sealer("session").build().expect("a sealer").seal(payload(256), TTL).expect("sealed");
    let mut changed = good.clone();
    changed.replace_range(150..151, if &good[150..151] == "A" { "B" } else { "A" });
    let tokens = [
        ("good", good),
        ("of another key", foreign),
        ("changed", changed),
        ("not base64url", format!("CrE1{}", "*".repeat(400))),
        ("garbage", "x".repeat(400)),
        ("empty", String::new()),
    ];
    tokens
        .into_iter()
        .map(|(name, token)| (name, token, sealer.clone()))
        .map(|(name, token, sealer)| Case::new(name, move || sealer.unseal(&token).is_ok()))
        .collect()
}

/// One key, and more that are accepted.
pub fn keys() -> Vec<Case<'static>> {
    let cases = [1_u32, 10, 1000].into_iter().map(|count| {
        let entries = (0..count).map(|number| {
            let mut bytes = [7; 32];
            bytes[..4].copy_from_slice(&number.to_be_bytes());
            KeyEntry::from(Key::from_bytes(&bytes).expect("a key"))
        });
        let sealer = site(Keyring::new(entries).expect("a keyring")).sealer("session").build().expect("a sealer");
        let token = sealer.seal(payload(256), TTL).expect("sealed");
        Case::new(count.to_string(), move || sealer.unseal(&token))
    });
    cases.collect()
}

/// Foreign cookies beside the session's.
pub fn foreign() -> Vec<Case<'static>> {
    let cases = [0_usize, 10, 50].into_iter().map(|count| {
        let sessions = shop_sessions();
        let mut session = sessions.open([""]).unchecked().expect("a guest");
        *session.data_mut() = Shop::new(256);
        let committed = sessions.commit(session).expect("committed");
        let line = committed.headers().next().expect("a cookie").1.to_owned();
        let mut field: String = (0..count).map(|number| format!("c{number}={}; ", payload(20))).collect();
        field += line.split(';').next().unwrap_or_default();
        Case::new(count.to_string(), move || sessions.open([&field]).checked(Answer::Unanswered).is_ok())
    });
    cases.collect()
}
