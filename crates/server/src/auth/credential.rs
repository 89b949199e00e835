//! Exactly one credential per request.

use http::{HeaderMap, header};
use url::Url;
use zeroize::Zeroizing;

use super::token::{self, Token};

/// The console's cookie over plain http.
pub const SESSION_COOKIE: &str = "bi_session";
/// The console's cookie over https: the prefix makes browsers refuse one that another host or path has set.
const SECURE_SESSION_COOKIE: &str = "__Host-bi_session";

/// The console's cookie where people reach it at `public_url`. The other name is nobody's: over https any sibling host
/// may set it.
pub fn session_cookie(public_url: &Url) -> &'static str {
    if public_url.scheme() == "https" {
        SECURE_SESSION_COOKIE
    } else {
        SESSION_COOKIE
    }
}

/// What a request presented.
pub enum Credential {
    /// One of our API keys.
    ApiKey(Token),
    /// The console's cookie.
    Session(Token),
    /// A token of an identity provider.
    Jwt(Zeroizing<String>),
    /// A signature by credentials of AWS's.
    Signature,
    /// Something in the right place that is none of these.
    Unreadable,
}

/// More than one credential: which of them counts would be a guess.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ambiguous;

/// The credential of a request, if it has one; its session is in the cookie of that name.
///
/// # Errors
/// [`Ambiguous`] if it has several.
pub fn presented(
    headers: &HeaderMap,
    session_cookie: &str,
) -> Result<Option<Credential>, Ambiguous> {
    let mut found = None;
    for value in headers.get_all(header::AUTHORIZATION) {
        set_once(
            &mut found,
            value.to_str().map_or(Credential::Unreadable, authorization),
        )?;
    }
    for value in headers.get_all(header::COOKIE) {
        for pair in value.to_str().unwrap_or_default().split(';') {
            let (name, value) = pair.split_once('=').unwrap_or_default();
            if name.trim() == session_cookie {
                let session = Token::from_cookie(value.trim());
                set_once(
                    &mut found,
                    session.map_or(Credential::Unreadable, Credential::Session),
                )?;
            }
        }
    }
    Ok(found)
}

fn set_once(found: &mut Option<Credential>, credential: Credential) -> Result<(), Ambiguous> {
    match found.replace(credential) {
        None => Ok(()),
        Some(_) => Err(Ambiguous),
    }
}

fn authorization(value: &str) -> Credential {
    if value.starts_with("AWS4-") {
        return Credential::Signature;
    }
    let Some((scheme, credential)) = value.split_once(' ') else {
        return Credential::Unreadable;
    };
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Credential::Unreadable;
    }
    let credential = credential.trim();
    if credential.starts_with(token::PREFIX) {
        Token::from_api_key(credential).map_or(Credential::Unreadable, Credential::ApiKey)
    } else if credential.split('.').count() == 3 {
        Credential::Jwt(Zeroizing::new(credential.to_owned()))
    } else {
        Credential::Unreadable
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    const KEY: &str = "bi_op_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    const COOKIE: &str =
        "bi_session=0198c0c0c0c07000800000000000000a_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    fn kind(pairs: &[(&'static str, &str)]) -> Result<Option<&'static str>, Ambiguous> {
        kind_at("http://localhost", pairs)
    }

    fn kind_at(
        public_url: &str,
        pairs: &[(&'static str, &str)],
    ) -> Result<Option<&'static str>, Ambiguous> {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_str(value).unwrap());
        }
        let cookie = session_cookie(&Url::parse(public_url).unwrap());
        presented(&headers, cookie).map(|credential| {
            credential.map(|credential| match credential {
                Credential::ApiKey(_) => "key",
                Credential::Session(_) => "session",
                Credential::Jwt(_) => "jwt",
                Credential::Signature => "signature",
                Credential::Unreadable => "unreadable",
            })
        })
    }

    #[test]
    fn each_kind_is_told_by_its_looks() {
        assert_eq!(kind(&[]), Ok(None));
        assert_eq!(
            kind(&[("authorization", &format!("Bearer {KEY}"))]),
            Ok(Some("key"))
        );
        assert_eq!(
            kind(&[("authorization", &format!("bearer  {KEY}"))]),
            Ok(Some("key"))
        );
        assert_eq!(kind(&[("authorization", "Bearer a.b.c")]), Ok(Some("jwt")));
        assert_eq!(
            kind(&[("cookie", &format!("theme=dark; {COOKIE}"))]),
            Ok(Some("session"))
        );
        assert_eq!(kind(&[("cookie", "theme=dark")]), Ok(None));
        let signed = "AWS4-HMAC-SHA256 Credential=AKIA/20260101/eu-west-1/bedrock/aws4_request";
        assert_eq!(kind(&[("authorization", signed)]), Ok(Some("signature")));
        for bad in [
            "Basic YTpi",
            "Bearer",
            "Bearer ",
            "Bearer bi_x",
            KEY,
            "Bearer a.b",
        ] {
            assert_eq!(
                kind(&[("authorization", bad)]),
                Ok(Some("unreadable")),
                "{bad}"
            );
        }
    }

    #[test]
    fn two_credentials_are_never_chosen_between() {
        let bearer = format!("Bearer {KEY}");
        for several in [
            &[
                ("authorization", bearer.as_str()),
                ("authorization", "Bearer a.b.c"),
            ][..],
            &[("authorization", &bearer), ("cookie", COOKIE)],
            &[("authorization", "Basic x"), ("cookie", COOKIE)],
            &[("cookie", COOKIE), ("cookie", COOKIE)],
            &[("cookie", &format!("{COOKIE}; {COOKIE}"))],
        ] {
            assert_eq!(kind(several), Err(Ambiguous), "{several:?}");
        }
    }
    #[test]
    fn only_the_cookie_of_this_scheme_is_a_session() {
        let secure = format!("__Host-{COOKIE}");
        for (url, own, other) in [
            ("http://localhost", COOKIE, &*secure),
            ("https://b.example", &secure, COOKIE),
        ] {
            assert_eq!(kind_at(url, &[("cookie", own)]), Ok(Some("session")));
            assert_eq!(kind_at(url, &[("cookie", other)]), Ok(None));
            let both = format!("{other}; {own}");
            assert_eq!(kind_at(url, &[("cookie", &both)]), Ok(Some("session")));
        }
    }
}
