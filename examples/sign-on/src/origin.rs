//! Against forged requests: a post must come from a page of this server.
//!
//! `Sec-Fetch-Site` says it where the browser sends it (https, localhost); else `Origin` does, which every browser sends
//! with a post. A post with neither is refused. Why this and not a token in each form: it needs no session, so it covers
//! the forms of guests (sign-on, register) without a cookie for everybody who only looks, and no form can forget it.
//! `SameSite=Lax` stands behind it.

use axum::{
    body::to_bytes,
    extract::Request,
    http::{HeaderMap, Method, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::pages::bare;

const LONGEST_FORM: usize = 256 * 1024;

pub async fn guard(request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return next.run(request).await;
    }
    // Read first: an answer to a form that is still on its way may be lost with the connection.
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LONGEST_FORM).await else {
        let page = bare("Too long", "This form is too long.");
        return (StatusCode::PAYLOAD_TOO_LARGE, page).into_response();
    };
    let request = Request::from_parts(parts, body.into());
    if is_ours(request.headers(), request.uri()) {
        return next.run(request).await;
    }
    eprintln!("post refused: cross_site: {}", request.uri().path());
    let page = bare("Refused", "This request did not come from a page of this site.");
    (StatusCode::FORBIDDEN, page).into_response()
}

fn is_ours(headers: &HeaderMap, uri: &Uri) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin" || site == "none";
    }
    // HTTP/2 has no Host field, HTTP/1.1 no authority in the request line.
    let host = uri.authority().map(|authority| authority.as_str()).or_else(|| text(header::HOST));
    let origin = text(header::ORIGIN).and_then(|origin| origin.split_once("://")).map(|(_, host)| host);
    host.is_some() && host == origin
}
