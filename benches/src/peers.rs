//! Cretula's tokens, and those that a Rust user would pick instead, each sealed and opened as its users do it.

use std::{
    hint::black_box,
    time::{Duration, SystemTime},
};

use base64::{
    Engine as _,
    engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD},
};
use cookie::{Cookie, CookieJar};
use cretula::{Key, Keyring, Sealer, Site};
use josekit::{
    jwe::{Dir, JweHeader},
    jwt::{JwtPayload, JwtPayloadValidator},
};
use jsonwebtoken::{DecodingKey, EncodingKey, Header, Validation};
use pasetors::{keys::SymmetricKey, token::UntrustedToken, version4};
use rusty_paseto::core as paseto;
use serde::{Deserialize, Serialize};

pub const TTL: Duration = Duration::from_secs(1800);
const KEY: [u8; 32] = [7; 32];

/// What a token carries beside its text.
pub struct Carries {
    pub encrypted: &'static str,
    pub expiry: &'static str,
    pub key_id: &'static str,
}

const fn carries(encrypted: &'static str, expiry: &'static str, key_id: &'static str) -> Carries {
    Carries { encrypted, expiry, key_id }
}

type Seal = Box<dyn FnMut(&str) -> Option<String>>;

/// A kind of token under a key of its own.
pub struct Peer {
    pub name: &'static str,
    pub carries: Carries,
    /// `None` if it takes no such text.
    pub seal: Seal,
    pub open: Box<dyn Fn(&str)>,
}

impl Peer {
    fn new<R>(
        name: &'static str,
        carries: Carries,
        seal: impl FnMut(&str) -> Option<String> + 'static,
        open: impl Fn(&str) -> Option<R> + 'static,
    ) -> Self {
        let open = move |token: &str| drop(black_box(open(token).expect(name)));
        Self { name, carries, seal: Box::new(seal), open: Box::new(open) }
    }
}

pub fn site(keyring: impl Into<Keyring>) -> Site {
    Site::new(keyring, "shop.example").expect("an audience")
}

pub fn key() -> Key {
    Key::from_bytes(&KEY).expect("a key")
}

pub fn sealer() -> Sealer {
    site(key()).sealer("session").build().expect("a sealer")
}

pub fn jar_key() -> cookie::Key {
    cookie::Key::derive_from(&KEY)
}

/// Text as a session has it.
pub fn payload(size: usize) -> String {
    "0123456789abcdef".chars().cycle().take(size).collect()
}

pub fn peers() -> Vec<Peer> {
    vec![
        sealed(),
        signed(),
        private_jar(),
        signed_jar(),
        fernet(),
        orion(),
        josekit(),
        jsonwebtoken(),
        pasetors(),
        rusty_paseto(),
        branca(),
    ]
}

fn sealed() -> Peer {
    let (seals, opens) = (sealer(), sealer());
    let seal = move |text: &str| seals.seal(text, TTL).ok();
    Peer::new("Cretula sealed", carries("yes", "yes", "yes"), seal, move |token| opens.unseal(token).ok())
}

fn signed() -> Peer {
    let signer = site(key()).signer("report").build().expect("a signer");
    let verifies = signer.clone();
    let seal = move |text: &str| signer.sign(text, TTL).ok();
    Peer::new("Cretula signed", carries("—", "yes", "yes"), seal, move |token| verifies.verify(token).ok())
}

fn private_jar() -> Peer {
    jar(
        "cookie PrivateJar",
        carries("yes", "—", "—"),
        |jar, key, cookie| jar.private_mut(key).add(cookie),
        |jar, key, cookie| jar.private(key).decrypt(cookie),
    )
}

fn signed_jar() -> Peer {
    jar(
        "cookie SignedJar",
        carries("—", "—", "—"),
        |jar, key, cookie| jar.signed_mut(key).add(cookie),
        |jar, key, cookie| jar.signed(key).verify(cookie),
    )
}

fn jar(
    name: &'static str,
    carries: Carries,
    add: impl Fn(&mut CookieJar, &cookie::Key, Cookie<'static>) + 'static,
    take: impl Fn(&CookieJar, &cookie::Key, Cookie<'static>) -> Option<Cookie<'static>> + 'static,
) -> Peer {
    let (seals, opens) = (jar_key(), jar_key());
    let cookie = |value: &str| Cookie::new("session", value.to_owned());
    let seal = move |text: &str| {
        let mut jar = CookieJar::new();
        add(&mut jar, &seals, cookie(text));
        jar.get("session").map(|cookie| cookie.value().to_owned())
    };
    Peer::new(name, carries, seal, move |token| take(&CookieJar::new(), &opens, cookie(token)))
}

fn fernet() -> Peer {
    let seals = fernet::Fernet::new(&URL_SAFE.encode(KEY)).expect("a key");
    let opens = seals.clone();
    let seal = move |text: &str| Some(seals.encrypt(text.as_bytes()));
    let open = move |token: &str| opens.decrypt_with_ttl(token, TTL.as_secs()).ok();
    Peer::new("fernet", carries("yes", "issue time", "—"), seal, open)
}

fn orion() -> Peer {
    let key = || orion::aead::SecretKey::try_from(&KEY).expect("a key");
    let (seals, opens) = (key(), key());
    let seal = move |text: &str| Some(URL_SAFE_NO_PAD.encode(orion::aead::seal(&seals, text.as_bytes()).ok()?));
    let open = move |token: &str| orion::aead::open(&opens, &URL_SAFE_NO_PAD.decode(token).ok()?).ok();
    Peer::new("orion, base64", carries("yes", "—", "—"), seal, open)
}

/// When a token made now ends, in whole seconds.
fn expires() -> u64 {
    jsonwebtoken::get_current_timestamp() + TTL.as_secs()
}

/// A JWT that is encrypted.
fn josekit() -> Peer {
    let encrypter = Dir.encrypter_from_bytes(KEY).expect("a key");
    let decrypter = Dir.decrypter_from_bytes(KEY).expect("a key");
    let mut header = JweHeader::new();
    header.set_token_type("JWT");
    header.set_content_encryption("A256GCM");
    let seal = move |text: &str| {
        let mut claims = JwtPayload::new();
        claims.set_expires_at(&(SystemTime::UNIX_EPOCH + Duration::from_secs(expires())));
        claims.set_claim("data", Some(text.into())).ok()?;
        josekit::jwt::encode_with_encrypter(&claims, &header, &encrypter).ok()
    };
    let open = move |token: &str| {
        let (claims, _) = josekit::jwt::decode_with_decrypter(token, &decrypter).ok()?;
        let mut rules = JwtPayloadValidator::new();
        rules.set_base_time(SystemTime::now());
        rules.validate(&claims).ok()?;
        Some(claims)
    };
    Peer::new("josekit JWE dir A256GCM", carries("yes", "yes", "optional"), seal, open)
}

#[derive(Serialize, Deserialize)]
struct Claims {
    exp: u64,
    data: String,
}

fn jsonwebtoken() -> Peer {
    let (signs, verifies) = (EncodingKey::from_secret(&KEY), DecodingKey::from_secret(&KEY));
    let seal = move |text: &str| {
        jsonwebtoken::encode(&Header::default(), &Claims { exp: expires(), data: text.to_owned() }, &signs).ok()
    };
    let rules = Validation::default();
    let open = move |token: &str| jsonwebtoken::decode::<Claims>(token, &verifies, &rules).ok();
    Peer::new("jsonwebtoken HS256", carries("—", "yes", "optional"), seal, open)
}

fn pasetors() -> Peer {
    let seals = SymmetricKey::<version4::V4>::from(&KEY).expect("a key");
    let opens = seals.clone();
    let seal = move |text: &str| version4::LocalToken::encrypt(&seals, text.as_bytes(), None, None).ok();
    let open = move |token: &str| {
        version4::LocalToken::decrypt(&opens, &UntrustedToken::try_from(token).ok()?, None, None).ok()
    };
    Peer::new("pasetors v4.local", carries("yes", "optional", "optional"), seal, open)
}

fn rusty_paseto() -> Peer {
    type Token<'t> = paseto::Paseto<'t, paseto::V4, paseto::Local>;
    let key = || paseto::PasetoSymmetricKey::<paseto::V4, paseto::Local>::from(paseto::Key::<32>::from(&KEY));
    let (seals, opens) = (key(), key());
    let seal = move |text: &str| {
        let nonce = paseto::Key::<32>::try_new_random().ok()?;
        let nonce = paseto::PasetoNonce::<paseto::V4, paseto::Local>::from(&nonce);
        Token::builder().set_payload(paseto::Payload::from(text)).try_encrypt(&seals, &nonce).ok()
    };
    let open = move |token: &str| Token::try_decrypt(token, &opens, None, None).ok();
    Peer::new("rusty_paseto v4.local", carries("yes", "optional", "optional"), seal, open)
}

fn branca() -> Peer {
    let key = || branca::Branca::new(&KEY).expect("a key");
    let (mut seals, opens) = (key(), key());
    let seal = move |text: &str| seals.encode(text.as_bytes()).ok();
    let open = move |token: &str| opens.decode(token, 1800).ok();
    Peer::new("branca", carries("yes", "issue time", "—"), seal, open)
}
