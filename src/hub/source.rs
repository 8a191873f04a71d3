//! Where a request comes from: the address of the connection, or what a trusted proxy says about it.

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::{Extensions, HeaderMap};

use crate::config::{HubConfig, ProxyConfig};

/// The other end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Peer(pub(crate) SocketAddr);

/// The address that a request is counted under. `None` where there is no connection, as in a test.
pub(crate) fn address(proxy: &ProxyConfig, headers: &HeaderMap, extensions: &Extensions) -> Option<IpAddr> {
    let ConnectInfo(Peer(peer)) = extensions.get::<ConnectInfo<Peer>>()?;
    Some(behind(proxy, peer.ip().to_canonical(), headers))
}

/// Whether the request came over TLS: to the hub itself, or by the word of a trusted proxy.
pub(crate) fn is_over_tls(config: &HubConfig, headers: &HeaderMap, extensions: &Extensions) -> bool {
    if config.tls.is_on() {
        return true;
    }
    let peer = extensions
        .get::<ConnectInfo<Peer>>()
        .map(|ConnectInfo(Peer(peer))| peer.ip());
    let proxy = &config.proxy;
    let is_trusted = peer.is_some_and(|peer| proxy.trusted_proxies.contains(&peer.to_canonical()));
    // The nearest proxy wrote the last one.
    let said = headers.get_all("x-forwarded-proto").iter().next_back();
    let said = said.and_then(|said| said.to_str().ok()).unwrap_or_default();
    let nearest = said.rsplit(',').next().unwrap_or_default().trim();
    proxy.behind_proxy && is_trusted && nearest.eq_ignore_ascii_case("https")
}

/// The text that an address is counted under. Whoever has one address of IPv6 has 2⁶⁴ of them.
pub(crate) fn counted_as(address: Option<IpAddr>) -> String {
    match address {
        None => String::new(),
        Some(IpAddr::V4(address)) => address.to_string(),
        Some(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

/// Walks what the proxies wrote from the end, where the nearest one did. What stands before the first address that is no
/// trusted proxy anybody may have written.
fn behind(proxy: &ProxyConfig, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    let trusted = |address: &IpAddr| proxy.behind_proxy && proxy.trusted_proxies.contains(address);
    let mut nearest = peer;
    let written: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    for text in written.into_iter().rev() {
        if !trusted(&nearest) {
            break;
        }
        match text.trim().parse::<IpAddr>() {
            Ok(address) => nearest = address.to_canonical(),
            Err(_) => break,
        }
    }
    nearest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tls_is_what_the_hub_speaks_or_a_trusted_proxy_says() {
        let mut config = HubConfig::default();
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-proto", "http, https".parse().unwrap());
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo(Peer(SocketAddr::from(([10, 0, 0, 1], 40_000)))));
        assert!(!is_over_tls(&config, &headers, &extensions), "nobody is trusted");
        config.proxy.behind_proxy = true;
        config.proxy.trusted_proxies = vec!["10.0.0.2".parse().unwrap()];
        assert!(!is_over_tls(&config, &headers, &extensions), "another one is");
        config.proxy.trusted_proxies = vec!["10.0.0.1".parse().unwrap()];
        assert!(is_over_tls(&config, &headers, &extensions));
        headers.insert("x-forwarded-proto", "https, http".parse().unwrap());
        assert!(!is_over_tls(&config, &headers, &extensions));
        config.tls.certificate_file = "hub.pem".into();
        assert!(is_over_tls(&config, &headers, &extensions));
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        let proxy = |behind_proxy| ProxyConfig {
            behind_proxy,
            trusted_proxies: ["10.0.0.1", "10.0.0.2"]
                .map(|text| text.parse().unwrap())
                .to_vec(),
        };
        // Behind a proxy, the peer, what is written (a header each): who it is.
        for (behind_proxy, peer, written, wanted) in [
            (true, "10.0.0.1", &["203.0.113.9"][..], "203.0.113.9"),
            (true, "10.0.0.1", &["1.1.1.1, 203.0.113.9"], "203.0.113.9"),
            (
                true,
                "10.0.0.1",
                &["1.1.1.1, 203.0.113.9, 10.0.0.2"],
                "203.0.113.9",
            ),
            (true, "10.0.0.1", &["1.1.1.1", "203.0.113.9"], "203.0.113.9"),
            (true, "10.0.0.1", &["10.0.0.2"], "10.0.0.2"),
            (true, "10.0.0.1", &["nonsense"], "10.0.0.1"),
            (true, "10.0.0.1", &[], "10.0.0.1"),
            (true, "::ffff:10.0.0.1", &["203.0.113.9"], "203.0.113.9"),
            (true, "198.51.100.7", &["203.0.113.9"], "198.51.100.7"),
            (false, "10.0.0.1", &["203.0.113.9"], "10.0.0.1"),
        ] {
            let mut headers = HeaderMap::new();
            for value in written {
                headers.append("x-forwarded-for", value.parse().unwrap());
            }
            let mut extensions = Extensions::new();
            let peer: IpAddr = peer.parse().unwrap();
            extensions.insert(ConnectInfo(Peer(SocketAddr::from((peer, 40_000)))));
            let found = address(&proxy(behind_proxy), &headers, &extensions);
            assert_eq!(found, Some(wanted.parse().unwrap()), "{peer} {written:?}");
        }
        let six = counted_as(Some("2001:db8:1:2:3:4:5:6".parse().unwrap()));
        assert_eq!(six, "2001:db8:1:2::/64");
    }
}
