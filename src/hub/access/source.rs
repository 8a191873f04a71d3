//! Where a request comes from: the address, and whether it came encrypted.

use axum::http::HeaderMap;
use axum::http::request::Parts;

use crate::config::HubConfig;
use crate::source;

/// Where a request comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Source {
    /// The address; empty where it is not known.
    pub(crate) address: String,
    /// What it is counted as: whoever has one address of IPv6 has very many.
    pub(crate) counted: String,
    /// Whether the browser's connection is encrypted.
    pub(crate) is_secure: bool,
}

impl Source {
    pub(crate) fn of(parts: &Parts, config: &HubConfig) -> Self {
        let address = source::address(&config.proxy, &parts.headers, &parts.extensions);
        Self {
            address: address.map(|address| address.to_string()).unwrap_or_default(),
            counted: source::counted_as(address),
            // Whoever says of themselves that they are encrypted only keeps their own cookie from travelling otherwise.
            is_secure: config.tls.is_on() || says_https(&parts.headers),
        }
    }
}

/// Whether the nearest proxy took the request over TLS.
fn says_https(headers: &HeaderMap) -> bool {
    let lines = headers.get_all("x-forwarded-proto").into_iter();
    let last = lines.filter_map(|line| line.to_str().ok()).next_back();
    let scheme = last.and_then(|line| line.rsplit(',').next());
    scheme.is_some_and(|scheme| scheme.trim().eq_ignore_ascii_case("https"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_nearest_proxy_says_counts() {
        for (lines, wanted) in [
            (&[][..], false),
            (&["https"], true),
            (&["HTTPS"], true),
            (&["http"], false),
            (&["https, http"], false),
            (&["http", "https"], true),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append("x-forwarded-proto", line.parse().unwrap());
            }
            assert_eq!(says_https(&headers), wanted, "{lines:?}");
        }
    }
}
