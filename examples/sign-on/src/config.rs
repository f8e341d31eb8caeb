//! Settings, all from the environment, all with defaults.

use std::{env, path::PathBuf, str::FromStr, time::Duration};

use cretula::{Cookie, DeviceBinding};

/// Which cookies the server writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// Plain http: no prefix, not `Secure`, one cookie.
    Development,
    /// `__Host-` and `Secure`, two cookies where one does not hold the session.
    Production,
}

#[derive(Clone, Debug)]
pub struct Config {
    /// 0 takes any free port.
    pub port: u16,
    pub data: PathBuf,
    pub keys_file: PathBuf,
    pub profile: Profile,
    /// The time without a request until a session ends.
    pub idle: Duration,
    /// The time until it ends in any case.
    pub absolute: Duration,
    /// How long a proof of identity suffices for a change of password.
    pub reauth: Duration,
    /// The life of a proof of the device's key, in production.
    pub proof: Duration,
    /// Certificate chain and key, both PEM files.
    pub tls: Option<(PathBuf, PathBuf)>,
}

impl Config {
    pub fn from_env() -> Result<Self, String> {
        let data = PathBuf::from(env::var_os("DATA").unwrap_or_else(|| "sign-on-data".into()));
        let tls = match (env::var_os("TLS_CERT"), env::var_os("TLS_KEY")) {
            (Some(certificate), Some(key)) => Some((certificate.into(), key.into())),
            (None, None) => None,
            _ => return Err("TLS_CERT and TLS_KEY go together".into()),
        };
        let profile = match env::var("PROFILE").as_deref() {
            Err(_) | Ok("" | "development") => Profile::Development,
            Ok("production") => Profile::Production,
            Ok(_) => return Err("PROFILE is development or production".into()),
        };
        Ok(Self {
            port: number("PORT", 8080)?,
            keys_file: env::var_os("CRETULA_KEYS_FILE").map_or_else(|| data.join("keys.json"), PathBuf::from),
            data,
            profile,
            idle: Duration::from_secs(number("IDLE", 1_800)?),
            absolute: Duration::from_secs(number("ABSOLUTE", 86_400)?),
            reauth: Duration::from_secs(number("REAUTH", 120)?),
            proof: Duration::from_secs(number("PROOF", 600)?),
            tls,
        })
    }

    pub fn session_cookie(&self) -> Cookie {
        match self.profile {
            // Ports share cookies, so the name says whose it is.
            Profile::Development => Cookie::named("sign-on-session").insecure(),
            Profile::Production => Cookie::default().large(),
        }
    }

    /// Browsers bind sessions on https alone, to cookies named `__Host-`.
    pub fn device_binding(&self) -> Option<DeviceBinding> {
        match self.profile {
            Profile::Development => None,
            Profile::Production => Some(DeviceBinding::default().proof(self.proof)),
        }
    }

    pub fn return_cookie(&self) -> Cookie {
        match self.profile {
            Profile::Development => Cookie::named(self.return_name()).insecure(),
            Profile::Production => Cookie::named(self.return_name()),
        }
    }

    pub fn return_name(&self) -> &'static str {
        match self.profile {
            Profile::Development => "sign-on-return",
            Profile::Production => "__Host-Http-return-url",
        }
    }
}

fn number<T: FromStr>(name: &str, default: T) -> Result<T, String> {
    match env::var(name) {
        Err(_) => Ok(default),
        Ok(text) => text.parse().map_err(|_| format!("{name} is not a number in range")),
    }
}
