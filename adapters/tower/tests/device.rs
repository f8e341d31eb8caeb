//! The endpoints of device binding behind the layer.
#![cfg(feature = "device")]
#![allow(clippy::unwrap_used, reason = "tests")]

use std::convert::Infallible;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use cretula::{Answer, Data, DeviceBinding, Key, Site};
use cretula_tower::{Check, DeviceService, SessionHandle, SessionLayer};
use http::{HeaderValue, Request, Response};
use p256::ecdsa::{Signature, SigningKey, signature::Signer as _};
use tower::{Layer, Service, ServiceExt, service_fn};

async fn check(_: Check) -> Result<Answer, std::io::Error> {
    Ok(Answer::Generation(7))
}

fn layer() -> SessionLayer {
    let site = Site::new(Key::generate().unwrap(), "shop.example").unwrap();
    let sessions = site.sessions::<Data>().device_binding(DeviceBinding::default()).build().unwrap();
    SessionLayer::new(sessions, check)
}

fn header<'r>(response: &'r Response<String>, name: &str) -> Vec<&'r str> {
    response.headers().get_all(name).iter().map(|value| value.to_str().unwrap()).collect()
}

fn request(method: &str, path: &str, headers: &[(&'static str, &str)]) -> Request<()> {
    let mut request = Request::builder().method(method).uri(path).body(()).unwrap();
    for (name, value) in headers {
        request.headers_mut().append(*name, HeaderValue::from_str(value).unwrap());
    }
    request
}

/// An application with the layer around all of it: a page that signs on, and the device service.
async fn call(layer: &SessionLayer, request: Request<()>) -> Response<String> {
    let device = DeviceService::from(layer.clone());
    let routes = service_fn(move |request: Request<()>| {
        let mut device = device.clone();
        async move {
            if request.uri().path().starts_with("/device-binding/") {
                return device.call(request).await;
            }
            let session = request.extensions().get::<SessionHandle>().unwrap();
            session.with(|session| session.sign_on("ada", 7).unwrap());
            Ok::<_, Infallible>(Response::new("page".to_owned()))
        }
    });
    layer.layer(routes).oneshot(request).await.unwrap()
}

#[tokio::test]
async fn a_session_is_offered_registered_and_bound() {
    let layer = layer();
    let page = call(&layer, request("POST", "/sign-on", &[])).await;
    let [offer] = header(&page, "secure-session-registration")[..] else { panic!("no offer") };
    let challenge = offer.split('"').nth(3).unwrap();
    let cookie = header(&page, "set-cookie")[0].split(';').next().unwrap().to_owned();

    let key = SigningKey::from_slice(&[1; 32]).unwrap();
    let point = key.verifying_key().to_sec1_point(false);
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let (x, y) = (encode(&point.as_bytes()[1..33]), encode(&point.as_bytes()[33..]));
    let head = format!(r#"{{"alg":"ES256","jwk":{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}},"typ":"dbsc+jwt"}}"#);
    let claims = format!(r#"{{"jti":"{challenge}"}}"#);
    let message = format!("{}.{}", encode(head.as_bytes()), encode(claims.as_bytes()));
    let signature: Signature = key.sign(message.as_bytes());
    let jwt = format!("{message}.{}", encode(&signature.to_bytes()));

    let fields = [("cookie", cookie.as_str()), ("secure-session-response", jwt.as_str())];
    let response = call(&layer, request("POST", "/device-binding/start", &fields)).await;
    assert_eq!(response.status(), 200, "{response:?}");
    assert_eq!(header(&response, "content-type"), ["application/json"]);
    assert_eq!(header(&response, "vary"), ["Cookie"]); // once: the layer stepped aside
    assert_eq!(header(&response, "cache-control"), ["no-store"]);
    let lines = header(&response, "set-cookie");
    assert!(lines[0].starts_with("__Host-session.proof=CrE1") && lines.len() == 2);
    assert!(response.body().starts_with("{\"session_identifier\":\"CrE1"));
    // The tokens are kept out of logs that print headers.
    assert!(page.headers()["secure-session-registration"].is_sensitive());
}

#[tokio::test]
async fn what_is_not_for_the_endpoints_goes_its_way() {
    let layer = layer();
    let refused = call(&layer, request("POST", "/device-binding/refresh", &[])).await;
    assert_eq!((refused.status().as_u16(), header(&refused, "cache-control")), (401, vec!["no-store"]));
    for (method, path) in [("GET", "/device-binding/refresh"), ("POST", "/device-binding/other")] {
        let response = call(&layer, request(method, path, &[])).await;
        // The service has no such endpoint; the layer treats the request like any other.
        assert_eq!((response.status().as_u16(), header(&response, "vary")), (404, vec!["Cookie"]), "{method} {path}");
    }
}
