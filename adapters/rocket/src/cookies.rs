//! Cookies that are no session: read from a request, put on a response.

use std::convert::Infallible;

use cretula::Committed;
use rocket::{
    Request, Response,
    request::{FromRequest, Outcome},
    response::{Responder, Result},
};

/// The request guard for the Cookie fields of a request, as [`TokenCookie::open`](cretula::TokenCookie::open) takes them.
///
/// ```
/// # use cretula_rocket::CookieFields;
/// # use rocket::{State, get};
/// #[get("/after")]
/// fn after(fields: CookieFields<'_>, return_url: &State<cretula::TokenCookie>) -> Option<Vec<u8>> {
///     return_url.open(fields.0).ok().map(|opened| opened.payload)
/// }
/// ```
#[derive(Clone, Debug)]
pub struct CookieFields<'r>(pub Vec<&'r str>);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for CookieFields<'r> {
    type Error = Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Infallible> {
        Outcome::Success(Self(request.headers().get("cookie").collect()))
    }
}

/// A response with a cookie that is no session: written or expired.
///
/// ```
/// # use cretula::{CommitError, TokenCookie};
/// # use cretula_rocket::WithCookie;
/// # use rocket::response::Redirect;
/// # fn to_sign_on(return_url: &TokenCookie) -> Result<WithCookie<Redirect>, CommitError> {
/// Ok(WithCookie(Redirect::to("/sign-on"), return_url.seal("/account")?))
/// # }
/// ```
#[derive(Debug)]
pub struct WithCookie<R>(pub R, pub Committed);

impl<'r, 'o: 'r, R: Responder<'r, 'o>> Responder<'r, 'o> for WithCookie<R> {
    fn respond_to(self, request: &'r Request<'_>) -> Result<'o> {
        let mut response = self.0.respond_to(request)?;
        apply(&self.1, &mut response);
        Ok(response)
    }
}

pub(crate) fn apply(committed: &Committed, response: &mut Response<'_>) {
    for (name, value) in committed.headers() {
        response.adjoin_raw_header(name, value.to_owned());
    }
    if let Some(value) = committed.cache_control(response.headers().contains("cache-control")) {
        response.set_raw_header("cache-control", value);
    }
}
