//! A browser without a network: a jar of cookies and a router.

use std::collections::BTreeMap;

use axum::{
    Form, Router,
    body::Body,
    extract::Request,
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use tower::ServiceExt;

use crate::{failure::Failure, sessions::Refused};

const HOST: &str = "attacked.example";

pub struct Browser {
    router: Router,
    pub jar: BTreeMap<String, String>,
}

impl Browser {
    pub const fn new(router: Router) -> Self {
        Self { router, jar: BTreeMap::new() }
    }

    pub async fn get(&mut self, path: &str) -> Result<(), Failure> {
        let request = Request::get(path).header(header::COOKIE, self.field()).body(Body::empty())?;
        let response = send(&self.router, request).await;
        self.keep(response.headers());
        Ok(())
    }

    /// Fails unless the form was accepted.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Result<(), Failure> {
        let request = post(path, fields, &self.field(), "same-origin")?;
        let response = send(&self.router, request).await;
        if response.status() != StatusCode::SEE_OTHER {
            return Err(format!("{path}: {}", response.status()).into());
        }
        self.keep(response.headers());
        Ok(())
    }

    pub fn cookie(&self, name: &str) -> Result<String, Failure> {
        Ok(self.jar.get(name).ok_or("a cookie is missing")?.clone())
    }

    /// All cookies, as a Cookie field.
    pub fn field(&self) -> String {
        let pairs: Vec<_> = self.jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }

    fn keep(&mut self, headers: &HeaderMap) {
        for line in headers.get_all(header::SET_COOKIE).iter().filter_map(|line| line.to_str().ok()) {
            let Some((name, value)) = line.split(';').next().and_then(|pair| pair.split_once('=')) else { continue };
            if line.contains("; Max-Age=0;") {
                self.jar.remove(name);
            } else {
                self.jar.insert(name.into(), value.into());
            }
        }
    }
}

/// Sends a Cookie field and tells the code that the log got, or `opened`.
pub async fn ask(router: &Router, field: &str) -> Result<String, Failure> {
    let request = Request::get("/cookie").header(header::COOKIE, field).body(Body::empty())?;
    let response = send(router, request).await;
    Ok(response.extensions().get::<Refused>().map_or("opened", |refused| refused.0).into())
}

/// Posts with this `Sec-Fetch-Site`, and tells the status.
pub async fn forge(router: &Router, path: &str, field: &str, site: &str) -> Result<String, Failure> {
    let response = send(router, post(path, &[], field, site)?).await;
    Ok(response.status().as_u16().to_string())
}

fn post(path: &str, fields: &[(&str, &str)], cookies: &str, site: &str) -> Result<Request, Failure> {
    let (parts, body) = Form(fields).into_response().into_parts();
    let mut request = Request::new(body);
    *request.method_mut() = Method::POST;
    *request.uri_mut() = path.parse()?;
    request.headers_mut().extend(parts.headers);
    request.headers_mut().insert(header::HOST, HOST.parse()?);
    request.headers_mut().insert(header::COOKIE, cookies.parse()?);
    request.headers_mut().insert("sec-fetch-site", site.parse()?);
    Ok(request)
}

async fn send(router: &Router, request: Request) -> Response {
    match router.clone().oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}
