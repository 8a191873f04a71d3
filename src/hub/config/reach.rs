//! How the hub is reached: its own TLS, a proxy before it, and what devices prove themselves with.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use serde::Deserialize;

use super::HubConfig;

/// TLS of the hub itself.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsConfig {
    /// The certificate and those that signed it; empty for plain HTTP.
    pub certificate_file: PathBuf,
    /// Its private key.
    pub key_file: PathBuf,
}

impl TlsConfig {
    /// Whether the hub speaks TLS itself.
    pub fn is_on(&self) -> bool {
        !self.certificate_file.as_os_str().is_empty()
    }
}

/// A proxy before the hub.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProxyConfig {
    /// Whether people and devices come through a proxy that ends TLS.
    pub behind_proxy: bool,
    /// Addresses from which it is believed what `X-Forwarded-For` and `X-Forwarded-Proto` say.
    pub trusted_proxies: Vec<IpAddr>,
}

/// What devices prove themselves with.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CredentialConfig {
    /// Minutes for which a token of a device works.
    pub token_minutes: u32,
}

impl Default for CredentialConfig {
    fn default() -> Self {
        Self { token_minutes: 60 }
    }
}

/// Why the hub cannot be reached as it is configured.
#[derive(Debug, thiserror::Error)]
pub enum ReachError {
    /// One file without the other.
    #[error("[tls] certificate_file and key_file belong together: set both or neither.")]
    HalfTls,
    /// Everybody on the network could listen.
    #[error(
        "the hub is to listen on {0}, which others can reach, without TLS: everybody on the way could read along. Set [tls] \
         certificate_file and key_file (`tallyman hub --make-certificate FOLDER` makes both), or, where a proxy ends TLS, \
         [proxy] behind_proxy = true and trusted_proxies, or listen on 127.0.0.1."
    )]
    Plain(SocketAddr),
    /// A proxy that nobody knows.
    #[error(
        "[proxy] behind_proxy is set, and trusted_proxies is empty. Write the proxy's address there, as \
         [\"127.0.0.1\"]: what others say about where a request comes from is not believed."
    )]
    NoTrustedProxy,
}

impl HubConfig {
    pub(super) fn check_reach(&self) -> Result<(), ReachError> {
        let tls = &self.tls;
        if tls.certificate_file.as_os_str().is_empty() != tls.key_file.as_os_str().is_empty() {
            return Err(ReachError::HalfTls);
        }
        if self.proxy.behind_proxy && self.proxy.trusted_proxies.is_empty() {
            return Err(ReachError::NoTrustedProxy);
        }
        if !tls.is_on() && !self.proxy.behind_proxy && !self.listen.ip().is_loopback() {
            return Err(ReachError::Plain(self.listen));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_address_needs_tls_or_a_known_proxy() {
        let open = SocketAddr::from(([0, 0, 0, 0], 7070));
        let proxy = IpAddr::from([10, 0, 0, 1]);
        // Listen, certificate, key, behind a proxy, trusted: what is said.
        for (listen, certificate, key, behind, trusted, wanted) in [
            (None, "", "", false, None, ""),
            (Some(open), "", "", false, None, "without TLS"),
            (Some(open), "hub.pem", "", false, None, "belong together"),
            (Some(open), "", "hub.key", false, None, "belong together"),
            (Some(open), "hub.pem", "hub.key", false, None, ""),
            (Some(open), "", "", true, None, "trusted_proxies is empty"),
            (Some(open), "", "", true, Some(proxy), ""),
            (None, "", "", true, None, "trusted_proxies is empty"),
        ] {
            let mut config = HubConfig::default();
            config.listen = listen.unwrap_or(config.listen);
            config.tls.certificate_file = certificate.into();
            config.tls.key_file = key.into();
            config.proxy.behind_proxy = behind;
            config.proxy.trusted_proxies = trusted.into_iter().collect();
            let told = config.check_reach().err().map(|error| error.to_string());
            assert!(told.as_deref().unwrap_or_default().contains(wanted), "{told:?}");
            assert_eq!(told.is_none(), wanted.is_empty(), "{told:?}");
        }
    }
}
