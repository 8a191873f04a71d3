//! TLS: one provider of cryptography for the whole process, and whom a client believes to be its server.

mod certificate;
mod trust;

pub use certificate::{Certificate, Pin, PinError};
pub use trust::{KnownTime, OTHER_PIN, ServerTrust, Time, TrustError, client_config};

/// Makes ring the provider that rustls uses wherever none is given. Called first thing in `main`, and by
/// tests that make an HTTPS client; calling it again does nothing. Without it, making such a client panics.
pub fn install_crypto_provider() {
    // An error means that there is one already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn installing_twice_is_fine() {
        install_crypto_provider();
        install_crypto_provider();
        let provider = rustls::crypto::CryptoProvider::get_default().expect("a provider is installed");
        assert!(provider.cipher_suites.iter().any(|suite| suite.tls13().is_some()));
    }
}
