//! The address whose failed sign-ins are counted.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Once,
};

use http::{HeaderMap, HeaderName, request::Parts};

use crate::{Context, http::serve::Peer};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The peer's, or what the trusted proxies say.
pub(super) fn client_address(parts: &Parts, context: &Context) -> IpAddr {
    let peer = parts
        .extensions
        .get::<Peer>()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip());
    let hops = usize::from(context.settings.trusted_proxies);
    if hops == 0 && parts.headers.contains_key(FORWARDED_FOR) {
        warn_of_a_proxy();
    }
    forwarded(&parts.headers, hops).unwrap_or(peer)
}

/// Each trusted proxy appended the address it saw; what stands before those was made up by anyone.
fn forwarded(headers: &HeaderMap, hops: usize) -> Option<IpAddr> {
    let entries: Vec<&str> = headers
        .get_all(FORWARDED_FOR)
        .iter()
        .flat_map(|value| value.to_str().unwrap_or_default().split(','))
        .collect();
    let seen = entries.len().checked_sub(hops)?;
    address(entries.get(seen)?.trim())
}

/// Proxies write an address with or without its port, and one of IPv6 with or without brackets.
fn address(entry: &str) -> Option<IpAddr> {
    let bare = entry
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(entry);
    let with_port = || entry.parse::<SocketAddr>().map(|address| address.ip());
    bare.parse().or_else(|_| with_port()).ok()
}

/// Behind a proxy that nobody told us of, all callers share its address, and are slowed together.
fn warn_of_a_proxy() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        tracing::warn!(
            "requests come with x-forwarded-for, but BI_TRUSTED_PROXIES is 0: if there are proxies in front, set it to \
             how many, or one caller's failed sign-ins slow them all"
        );
    });
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn seen(header: &str, hops: usize) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.append(FORWARDED_FOR, HeaderValue::from_str(header).unwrap());
        forwarded(&headers, hops).map(|address| address.to_string())
    }

    #[test]
    fn an_address_is_read_as_proxies_write_it() {
        for (entry, expected) in [
            ("203.0.113.7", Some("203.0.113.7")),
            ("203.0.113.7:4711", Some("203.0.113.7")),
            ("2001:db8::1", Some("2001:db8::1")),
            ("[2001:db8::1]", Some("2001:db8::1")),
            ("[2001:db8::1]:443", Some("2001:db8::1")),
            ("", None),
            ("unknown", None),
            ("[203.0.113.7", None),
            ("203.0.113.7:port", None),
        ] {
            assert_eq!(seen(entry, 1).as_deref(), expected, "{entry}");
        }
    }

    #[test]
    fn only_what_trusted_proxies_appended_counts() {
        let header = "10.0.0.1, 10.0.0.2,10.0.0.3";
        for (hops, expected) in [
            (0, None),
            (1, Some("10.0.0.3")),
            (2, Some("10.0.0.2")),
            (3, Some("10.0.0.1")),
            (4, None),
        ] {
            assert_eq!(seen(header, hops).as_deref(), expected, "{hops}");
        }
    }
}
