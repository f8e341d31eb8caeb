//! A browser without a network: a jar of cookies and a router.

use std::collections::BTreeMap;

use axum::{
    Form, Router,
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderMap, HeaderName, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use tower::ServiceExt;

use crate::{failure::Failure, sessions::Refused};

const HOST: &str = "attacked.example";

#[derive(Clone)]
pub struct Browser {
    router: Router,
    pub jar: BTreeMap<String, String>,
}

/// What an endpoint of device binding said.
pub struct Said {
    /// The status, and the code that the log got.
    pub text: String,
    pub headers: HeaderMap,
    pub body: String,
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

    /// Posts a form that signs on, and tells the header field that offers to bind the session.
    pub async fn offered(&mut self, path: &str, fields: &[(&str, &str)]) -> Result<String, Failure> {
        let request = post(path, fields, &self.field(), "same-origin")?;
        let response = send(&self.router, request).await;
        self.keep(response.headers());
        let offer = response.headers().get("secure-session-registration").ok_or("no offer to bind the session")?;
        Ok(offer.to_str()?.to_owned())
    }

    /// Posts to an endpoint of device binding, as a browser does.
    pub async fn prove(&mut self, path: &str, fields: &[(&str, &str)]) -> Result<Said, Failure> {
        let mut request = post(path, &[], &self.field(), "same-origin")?;
        for (name, value) in fields {
            request.headers_mut().append(HeaderName::from_bytes(name.as_bytes())?, value.parse()?);
        }
        let response = send(&self.router, request).await;
        self.keep(response.headers());
        let code = response.extensions().get::<Refused>().map(|refused| format!(" {}", refused.0));
        let text = format!("{}{}", response.status().as_u16(), code.unwrap_or_default());
        let headers = response.headers().clone();
        let body = String::from_utf8(to_bytes(response.into_body(), 65_536).await?.into())?;
        Ok(Said { text, headers, body })
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
