//! A small shop with sign-on, whose sessions live in sealed cookies. Start reading at [`sessions`].
#![forbid(unsafe_code)]

use std::{
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, SystemTime},
};

use axum::{
    Router,
    http::{HeaderName, HeaderValue, header},
    middleware,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use cretula::{Keyring, Sessions, Site, TokenCookie, UnixTime};

pub mod attacks;
pub mod baskets;
pub mod config;
pub mod failure;
pub mod keys;
pub mod origin;
pub mod pages;
pub mod password;
pub mod return_url;
pub mod sessions;
pub mod users;

use config::Config;
use failure::Failure;
use keys::Keys;
use sessions::Shop;
use users::Users;

const AUDIENCE: &str = "sign-on.example";

pub struct App {
    pub config: Config,
    site: Site,
    /// Seconds by which the clock of tokens is ahead. The attacks move it; a server leaves `Site::clock` out.
    pub ahead: Arc<AtomicI64>,
    pub sessions: Sessions<Shop>,
    pub return_url: TokenCookie,
    pub users: Users,
    pub keys: Keys,
    pub baskets: baskets::Baskets,
}

pub type Shared = Arc<App>;

impl App {
    /// Makes the data folder, the keys and the database where they are missing.
    pub fn open(config: Config) -> Result<Self, Failure> {
        let mut folder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
        folder.recursive(true).create(&config.data)?;
        let keys = Keys::open(&config.keys_file)?;
        let users = Users::open(Some(Path::new(&config.data.join("users.sqlite"))))?;
        Self::new(config, keys, users)
    }

    /// Keeps everything in memory.
    pub fn in_memory(config: Config, ring: Keyring) -> Result<Self, Failure> {
        Self::new(config, Keys::in_memory(ring), Users::open(None)?)
    }

    fn new(config: Config, keys: Keys, users: Users) -> Result<Self, Failure> {
        let ahead = Arc::new(AtomicI64::new(0));
        let reading = Arc::clone(&ahead);
        let site = Site::new(keys.ring(), AUDIENCE)?.clock(move || {
            let now = system_time()?.as_secs().checked_add_signed(reading.load(Ordering::Relaxed))?;
            UnixTime::new(now).ok()
        });
        let mut sessions = site.sessions().idle(config.idle).absolute(config.absolute).cookie(config.session_cookie());
        if let Some(binding) = config.device_binding() {
            sessions = sessions.device_binding(binding);
        }
        let return_url = site.cookie("return-url", Duration::from_secs(600)).cookie(config.return_cookie());
        Ok(Self {
            sessions: sessions.build()?,
            return_url: return_url.build()?,
            baskets: baskets::Baskets::default(),
            config,
            site,
            ahead,
            users,
            keys,
        })
    }

    /// Puts a keyring in force while requests run.
    pub fn exchange(&self, ring: &Keyring) {
        self.site.replace_keyring(ring.clone());
    }

    /// Called every second: the keyring file may have changed.
    pub fn reread_keys(&self) {
        match self.keys.reread() {
            Ok(Some(ring)) => {
                self.exchange(&ring);
                eprintln!("note: keyring exchanged, {} keys", ring.entries().len());
            }
            Ok(None) => {}
            Err(error) => eprintln!("ALARM: keyring refused, the old one stays: {error}"),
        }
    }
}

/// Seconds since 1970.
pub fn now() -> u64 {
    system_time().map_or(0, UnixTime::as_secs)
}

fn system_time() -> Option<UnixTime> {
    SystemTime::now().try_into().ok()
}

/// All pages. Device binding, style sheet and health check stand outside the session layer.
pub fn router(app: &Shared) -> Router {
    use pages::{account, attacks, basket, cookie, home, notes, operator, password, refusal, sign_on};
    let with_session = middleware::from_fn_with_state(Arc::clone(app), sessions::layer);
    Router::new()
        .route("/", get(home::show))
        .route("/basket", get(basket::show))
        .route("/basket/add", post(basket::add))
        .route("/basket/remove", post(basket::remove))
        .route("/basket/checkout", get(basket::checkout))
        .route("/basket/order", post(basket::order))
        .route("/register", get(sign_on::register_form).post(sign_on::register))
        .route("/sign-on", get(sign_on::form).post(sign_on::submit))
        .route("/sign-off", post(sign_on::sign_off))
        .route("/sign-off-everywhere", post(sign_on::sign_off_everywhere))
        .route("/signed-off", get(sign_on::signed_off))
        .route("/account", get(account::show))
        .route("/account/name", post(account::rename))
        .route("/account/sessions/end", post(account::end_session))
        .route("/account/password", get(password::form).post(password::submit))
        .route("/confirm", get(password::confirm_form).post(password::confirm))
        .route("/notes", get(notes::show).post(notes::save))
        .route("/cookie", get(cookie::show))
        .route("/operator", get(operator::show))
        .route("/operator/add", post(operator::add))
        .route("/operator/retire", post(operator::retire))
        .route("/attacks", get(attacks::show))
        .fallback(refusal::not_found)
        .layer(with_session)
        .layer(middleware::from_fn(origin::guard))
        // What a browser says there is in fields that no page of another origin can set.
        .route("/device-binding/{end}", post(sessions::device))
        .route("/style.css", get(style))
        .route("/icon.svg", get(icon))
        .route("/healthz", get(|| async { "ok" }))
        .layer(middleware::map_response(protect))
        .with_state(Arc::clone(app))
}

async fn style() -> Response {
    let fields = [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "public, max-age=300")];
    (fields, include_str!("style.css")).into_response()
}

async fn icon() -> Response {
    let fields = [(header::CONTENT_TYPE, "image/svg+xml"), (header::CACHE_CONTROL, "public, max-age=300")];
    (fields, include_str!("icon.svg")).into_response()
}

/// No script, nothing foreign, no framing. `same-origin`, not `no-referrer`, because the latter makes `Origin` `null`.
async fn protect(mut response: Response) -> Response {
    const FIELDS: [(&str, &str); 4] = [
        (
            "content-security-policy",
            "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; \
             base-uri 'none'",
        ),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
    ];
    for (name, value) in FIELDS {
        response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    response
}
