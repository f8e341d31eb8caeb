//! Where a visitor wanted to go before the sign-on form came up: a sealed token of ten minutes in a cookie of its own.

use axum::http::{HeaderMap, header};
use cretula::Committed;

use crate::App;

const LONGEST: usize = 1_500;

/// Accepts paths of this site only, in visible ASCII, because browsers read `//host`, `/\host` and `/<tab>/host` as
/// another site.
pub fn is_safe(path: &str) -> bool {
    let visible = path.bytes().all(|octet| octet.is_ascii_graphic() && octet != b'\\');
    path.starts_with('/') && !path.starts_with("//") && visible && path.len() <= LONGEST
}

/// What the response carries, unless the path is none to go back to.
pub fn remember(app: &App, path: &str) -> Option<Committed> {
    is_safe(path).then(|| app.return_url.seal(path).ok())?
}

/// The remembered path. It was judged before it was sealed, and is judged again.
pub fn recall(app: &App, headers: &HeaderMap) -> Option<String> {
    let opened = app.return_url.open(headers.get_all(header::COOKIE)).ok()?;
    let path = str::from_utf8(&opened.payload).ok()?;
    is_safe(path).then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::is_safe;

    #[test]
    fn only_paths_of_this_site_are_safe() {
        for path in ["/", "/account", "/basket/checkout?voucher=a%2Fb&x=//y", "/a//b"] {
            assert!(is_safe(path), "{path}");
        }
        let long = format!("/{}", "a".repeat(1_500));
        let evil = ["", "account", "//evil.example", "/\\evil.example", "\\/evil.example", "https://evil.example"];
        let odd = ["/\tevil", "/\r\nSet-Cookie: a=b", "/\0", "/ /evil", "/\u{7f}", "/ä", "javascript:alert(1)", &long];
        for path in evil.into_iter().chain(odd) {
            assert!(!is_safe(path), "{path:?}");
        }
    }
}
