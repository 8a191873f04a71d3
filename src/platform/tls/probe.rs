//! One handshake with a server, to say what is wrong with the way to it.

use std::io;
use std::net::TcpStream;
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{CertificateError, ClientConfig, ClientConnection, Error};

use super::certificate::Certificate;

/// Why a handshake came to nothing. The messages say what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HandshakeError {
    /// The name cannot be in a certificate.
    #[error("{0:?} is no name of a server")]
    Name(String),
    /// The certificate has ended.
    #[error("its certificate has ended: renew it on the hub, or set this device's clock where that is ahead")]
    Ended,
    /// The certificate is for later.
    #[error("its certificate is not valid yet: set this device's clock, or wait where the hub's is ahead")]
    NotYet,
    /// It is for another name.
    #[error(
        "its certificate is for another name: write `hub.url` with the name that it is for, or make one for this name"
    )]
    OtherName,
    /// Nobody who is believed vouches for it.
    #[error(
        "nobody whom this device believes vouches for its certificate: set `hub.certificate_pin` or `hub.ca_file`, or \
         install ca-certificates"
    )]
    Unknown,
    /// What answers speaks something else.
    #[error("what answers there speaks no TLS: use http:// in `hub.url`, or correct the port")]
    NoTls,
    /// Another reason, as another key than the pinned one.
    #[error("{0}")]
    Other(String),
    /// The connection broke.
    #[error("the connection broke while TLS was agreed on: {0}")]
    Broken(String),
}

/// Shakes hands over a connection whose timeouts are set, and says what certificate the server showed. Blocks.
///
/// # Errors
/// [`HandshakeError`] says what to do.
pub fn shake_hands(
    stream: &mut TcpStream,
    host: &str,
    config: ClientConfig,
) -> Result<Option<Certificate>, HandshakeError> {
    let name = ServerName::try_from(host.to_owned()).map_err(|_| HandshakeError::Name(host.to_owned()))?;
    let mut connection = ClientConnection::new(Arc::new(config), name).map_err(|error| explained(&error))?;
    while connection.is_handshaking() {
        connection.complete_io(stream).map_err(|error| of_io(&error))?;
    }
    let shown = connection.peer_certificates().and_then(|chain| chain.first());
    Ok(shown.and_then(|first| Certificate::read(first)))
}

fn of_io(error: &io::Error) -> HandshakeError {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    inner.map_or_else(|| HandshakeError::Broken(error.to_string()), explained)
}

fn explained(error: &Error) -> HandshakeError {
    match error {
        Error::InvalidCertificate(certificate) => match certificate {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => HandshakeError::Ended,
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                HandshakeError::NotYet
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                HandshakeError::OtherName
            }
            // Another authority of the same name signed it, or nobody who is known.
            CertificateError::UnknownIssuer | CertificateError::BadSignature => HandshakeError::Unknown,
            other => HandshakeError::Other(format!("its certificate cannot be used: {other}")),
        },
        Error::InvalidMessage(_) => HandshakeError::NoTls,
        Error::General(text) => HandshakeError::Other(text.clone()),
        other => HandshakeError::Other(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::net::{SocketAddr, TcpListener};

    use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

    use super::*;
    use crate::tls::{KnownTime, ServerTrust, client_config};

    /// A server for one handshake, with a certificate for a name; its address, and the certificate as PEM.
    fn server(name: &str, until: i32) -> (SocketAddr, String) {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(2026, 1, 1);
        params.not_after = rcgen::date_time_ymd(until, 1, 1);
        let certificate = params.self_signed(&key).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
            )
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut connection = rustls::ServerConnection::new(Arc::new(config)).unwrap();
            while connection.is_handshaking() && connection.complete_io(&mut stream).is_ok() {}
        });
        (address, certificate.pem())
    }

    fn outcome(
        address: SocketAddr,
        ca: Option<&str>,
        host: &str,
        now: &str,
    ) -> Result<Option<Certificate>, HandshakeError> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        // Somebody's, where the server's own is not to be believed.
        let other = || {
            rcgen::generate_simple_self_signed(vec!["other".to_owned()])
                .unwrap()
                .cert
                .pem()
        };
        std::fs::write(&file, ca.map_or_else(other, str::to_owned)).unwrap();
        let trust = ServerTrust {
            pin: None,
            ca_file: Some(file),
        };
        let now = now.parse().unwrap();
        let time = Arc::new(move || KnownTime {
            now,
            clock_is_behind: false,
        });
        let mut stream = TcpStream::connect(address).unwrap();
        shake_hands(&mut stream, host, client_config(&trust, time).unwrap())
    }

    #[test]
    fn each_reason_has_a_word_of_its_own() {
        const NOW: &str = "2027-06-01T00:00:00Z";
        let (address, pem) = server("hub.example", 2028);
        let shown = outcome(address, Some(&pem), "hub.example", NOW).unwrap().unwrap();
        assert_eq!(shown.not_after.to_string(), "2028-01-01T00:00:00Z");
        for (host, now, is_known, wanted) in [
            ("hub.example", "2029-01-01T00:00:00Z", true, HandshakeError::Ended),
            (
                "hub.example",
                "2020-01-01T00:00:00Z",
                true,
                HandshakeError::NotYet,
            ),
            ("other.example", NOW, true, HandshakeError::OtherName),
            ("hub.example", NOW, false, HandshakeError::Unknown),
            ("no name", NOW, true, HandshakeError::Name("no name".to_owned())),
        ] {
            let (address, pem) = server("hub.example", 2028);
            let ca = is_known.then_some(pem.as_str());
            assert_eq!(outcome(address, ca, host, now), Err(wanted));
        }
    }

    #[test]
    fn a_server_without_tls_is_told_from_one_that_hangs_up() {
        let answering = |text: &'static [u8]| {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let address = listener.local_addr().unwrap();
            std::thread::spawn(move || {
                let (mut stream, _) = listener.accept().unwrap();
                stream.write_all(text).unwrap();
                // What was sent stays readable: the other direction is read to its end.
                let _ = stream.shutdown(std::net::Shutdown::Write);
                let _ = io::copy(&mut stream, &mut io::sink());
            });
            outcome(address, None, "hub.example", "2027-06-01T00:00:00Z")
        };
        assert_eq!(
            answering(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
            Err(HandshakeError::NoTls)
        );
        assert!(matches!(answering(b""), Err(HandshakeError::Broken(_))));
    }
}
