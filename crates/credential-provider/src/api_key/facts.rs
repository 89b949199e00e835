//! What a key says about itself, read locally.
//!
//! A short-term key is a presigned request, so it carries its region and the latest moment it can end. A long-term key is a
//! service user's name, which ends with the account, and a secret. Neither form is promised by AWS (the first is that of
//! its token generator, the second what scanners for leaked keys look for): what cannot be read is not known, and no fault.

use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{AccountId, Region};
use time::{Duration, OffsetDateTime, PrimitiveDateTime, macros::format_description};
use zeroize::Zeroizing;

const SHORT_TERM: &str = "bedrock-api-key-";
const LONG_TERM: &str = "ABSK";
/// The most that AWS lets a short-term key last.
const LONGEST: i64 = 43_200;

/// What kind of key it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// 12 hours at most, in one region.
    ShortTerm,
    /// As long as its owner chose; it does not say how long.
    LongTerm,
    /// Of a form that is not known here.
    Unknown,
}

impl Kind {
    /// The kind in a hint.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ShortTerm => "short_term",
            Self::LongTerm => "long_term",
            Self::Unknown => "unknown",
        }
    }
}

/// What a key says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFacts {
    /// What kind it is.
    pub kind: Kind,
    /// The only region it works in.
    pub region: Option<Region>,
    /// When it ends at the latest: the credentials that signed it may end before.
    pub expires_at: Option<OffsetDateTime>,
    /// Whose it is.
    pub account: Option<AccountId>,
}

impl KeyFacts {
    /// Reads what `key` says.
    pub(super) fn read(key: &str) -> Self {
        let unknown = Self {
            kind: Kind::Unknown,
            region: None,
            expires_at: None,
            account: None,
        };
        if let Some(body) = key.strip_prefix(SHORT_TERM) {
            let request = decode(body);
            let query = request
                .as_ref()
                .and_then(|request| str::from_utf8(request).ok()?.split_once('?'));
            let (region, expires_at) = query.map_or((None, None), |(_, query)| presigned(query));
            Self {
                kind: Kind::ShortTerm,
                region,
                expires_at,
                ..unknown
            }
        } else if let Some(body) = key.strip_prefix(LONG_TERM) {
            Self {
                kind: Kind::LongTerm,
                account: decode(body).and_then(|text| account(str::from_utf8(&text).ok()?)),
                ..unknown
            }
        } else {
            unknown
        }
    }
}

fn decode(body: &str) -> Option<Zeroizing<Vec<u8>>> {
    STANDARD.decode(body).ok().map(Zeroizing::new)
}

/// Region and end of a presigned request.
fn presigned(query: &str) -> (Option<Region>, Option<OffsetDateTime>) {
    // Only what is wanted is decoded: beside it there is a session token, which would not be wiped.
    let parameter = |wanted: &str| {
        let pair = query
            .split('&')
            .find(|pair| pair.split_once('=').is_some_and(|(name, _)| name == wanted))?;
        let (_, value) = url::form_urlencoded::parse(pair.as_bytes()).next()?;
        Some(value.into_owned())
    };
    let scope = parameter("X-Amz-Credential");
    let region = scope
        .as_deref()
        .and_then(|scope| scope.split('/').nth(2))
        .and_then(|region| region.parse().ok());
    let format = format_description!("[year][month][day]T[hour][minute][second]Z");
    let from = parameter("X-Amz-Date")
        .and_then(|date| PrimitiveDateTime::parse(&date, format).ok())
        .map(PrimitiveDateTime::assume_utc);
    let lasts = parameter("X-Amz-Expires")
        .and_then(|seconds| seconds.parse().ok())
        .filter(|seconds| (1..=LONGEST).contains(seconds))
        .map(Duration::seconds);
    let expires_at = from
        .zip(lasts)
        .and_then(|(from, lasts)| from.checked_add(lasts));
    (region, expires_at)
}

/// The account at the end of `<user>-at-<account>:<secret>`.
fn account(text: &str) -> Option<AccountId> {
    let (user, _) = text.split_once(':')?;
    let (_, account) = user.rsplit_once("-at-")?;
    account.parse().ok()
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn short_term(query: &str) -> KeyFacts {
        let request =
            format!("bedrock.amazonaws.com/?Action=CallWithBearerToken&{query}&Version=1");
        KeyFacts::read(&format!("{SHORT_TERM}{}", STANDARD.encode(request)))
    }

    #[test]
    fn a_short_term_key_tells_its_region_and_its_end() {
        let facts = short_term(
            "X-Amz-Credential=ASIA1%2F20261125%2Feu-west-1%2Fbedrock%2Faws4_request\
             &X-Amz-Date=20261125T220000Z&X-Amz-Expires=43200",
        );
        assert_eq!(facts.kind, Kind::ShortTerm);
        assert_eq!(facts.region, Some("eu-west-1".parse().unwrap()));
        assert_eq!(facts.expires_at, Some(datetime!(2026-11-26 10:00 UTC)));
    }

    #[test]
    fn a_long_term_key_tells_its_account() {
        let read = |text: &str| KeyFacts::read(&format!("{LONG_TERM}{}", STANDARD.encode(text)));
        let facts = read("BedrockAPIKey-a1b2+1-at-123456789012:secret");
        assert_eq!(facts.kind, Kind::LongTerm);
        assert_eq!(facts.account, Some("123456789012".parse().unwrap()));
        assert_eq!(facts.expires_at, None);
        for other in [
            "user:secret",
            "user-at-1:secret",
            "no colon-at-123456789012",
        ] {
            assert_eq!(read(other).account, None);
        }
    }

    #[test]
    fn what_cannot_be_read_is_not_known() {
        for key in [
            "sk-other",
            "ABSK%%%",
            "bedrock-api-key-%%%",
            "bedrock-api-key-",
        ] {
            let facts = KeyFacts::read(key);
            assert_eq!(
                (facts.region, facts.expires_at, facts.account),
                (None, None, None)
            );
        }
        for query in [
            "X-Amz-Credential=ASIA1%2F20261125%2Fevil.example%2Fbedrock&X-Amz-Date=x&X-Amz-Expires=9",
            "X-Amz-Date=20261125T220000Z&X-Amz-Expires=99999999999999999999",
            "X-Amz-Date=20261125T220000Z&X-Amz-Expires=-1",
        ] {
            let facts = short_term(query);
            assert_eq!((facts.region, facts.expires_at), (None, None), "{query}");
        }
    }
}
