//! Network readers that listen with TLS: the program connects, and checks who answers.
//!
//! Readers ship with a certificate of their own that no authority vouches for. So one is believed by the SHA-256 of its
//! certificate, or by a file with the authority that made it. There is no way to believe anybody: the first attempt says
//! which certificate the reader shows, and that is what is written down.

use std::fmt::Write as _;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use tokio_rustls::TlsConnector;

use super::tcp_client::connect;
use super::{Link, LinkError, Opener};
use crate::config::TlsClientConfig;

/// How long the two may take to agree. A reader's small processor needs a second or two for it.
const HANDSHAKE_MS_MAX: u64 = 10_000;

/// Connects to one address and believes one reader.
#[derive(Debug)]
pub struct TlsClientOpener {
    config: TlsClientConfig,
}

impl TlsClientOpener {
    /// An opener for this configuration, which was checked.
    pub fn new(config: TlsClientConfig) -> Self {
        Self { config }
    }

    fn fault(&self, cause: impl Into<String>) -> LinkError {
        LinkError::Tls {
            address: self.config.address.clone(),
            cause: cause.into(),
        }
    }

    fn client(&self) -> Result<ClientConfig, String> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?;
        if let Some(text) = &self.config.certificate_sha256 {
            let pinned = Pinned {
                fingerprint: fingerprint_of_text(text)
                    .ok_or("`certificate_sha256` has 64 hexadecimal digits")?,
                provider,
            };
            let builder = builder.dangerous();
            return Ok(builder
                .with_custom_certificate_verifier(Arc::new(pinned))
                .with_no_client_auth());
        }
        let file = self
            .config
            .ca_file
            .as_deref()
            .ok_or("it is not said whom to believe: set `certificate_sha256` or `ca_file`")?;
        Ok(builder
            .with_root_certificates(authorities(file)?)
            .with_no_client_auth())
    }

    fn name(&self) -> Result<ServerName<'static>, String> {
        let address = &self.config.address;
        let host = address
            .rsplit_once(':')
            .map_or(address.as_str(), |(host, _)| host);
        let host = self.config.server_name.as_deref().unwrap_or(host);
        let host = host.trim_start_matches('[').trim_end_matches(']');
        if let Ok(ip) = host.parse::<IpAddr>() {
            return Ok(ServerName::IpAddress(ip.into()));
        }
        ServerName::try_from(host.to_owned()).map_err(|_| format!("{host:?} is no name of a server"))
    }
}

impl Opener for TlsClientOpener {
    fn open(&mut self) -> BoxFuture<'_, Result<Box<dyn Link>, LinkError>> {
        Box::pin(async {
            // The file is read anew each time, so that a renewed authority needs no restart.
            let client = self.client().map_err(|cause| self.fault(cause))?;
            let name = self.name().map_err(|cause| self.fault(cause))?;
            let stream = connect(&self.config.address).await?;
            let shaken = TlsConnector::from(Arc::new(client)).connect(name, stream);
            let stream = tokio::time::timeout(Duration::from_millis(HANDSHAKE_MS_MAX), shaken)
                .await
                .map_err(|_| self.fault("it does not go on with the handshake"))?
                .map_err(|error| self.fault(explained(&error)))?;
            Ok(Box::new(stream) as Box<dyn Link>)
        })
    }

    fn discovered(&self) -> Vec<(&'static str, String)> {
        super::one_line_a_trigger()
    }
}

/// Why a handshake came to nothing, with what to do.
fn explained(error: &std::io::Error) -> String {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    match inner {
        Some(Error::InvalidCertificate(certificate)) => format!(
            "its certificate is not believed ({certificate}): check `ca_file` and `server_name`, or pin it with \
             `certificate_sha256`"
        ),
        Some(Error::InvalidMessage(_)) => {
            "what answers there speaks no TLS: use `tcp_client`, or the reader's port for TLS".to_owned()
        }
        Some(Error::General(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => error.to_string(),
    }
}

fn authorities(file: &str) -> Result<RootCertStore, String> {
    let failed = |cause: String| format!("`ca_file` {file} cannot be used: {cause}");
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).map_err(|error| failed(error.to_string()))? {
        let certificate = certificate.map_err(|error| failed(error.to_string()))?;
        roots
            .add(certificate)
            .map_err(|error| failed(error.to_string()))?;
    }
    if roots.is_empty() {
        return Err(failed("it holds no certificate (PEM)".to_owned()));
    }
    Ok(roots)
}

/// The SHA-256 of a certificate.
type Fingerprint = [u8; 32];

/// A fingerprint as openssl and browsers print it: hexadecimal digits, with or without colons.
fn fingerprint_of_text(text: &str) -> Option<Fingerprint> {
    let digits: Vec<u8> = text
        .chars()
        .filter(|character| !matches!(character, ':' | ' '))
        .map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect::<Option<_>>()?;
    let bytes: Vec<u8> = digits
        .chunks_exact(2)
        .filter_map(|pair| Some(pair.first()? << 4 | pair.last()?))
        .collect();
    Fingerprint::try_from(bytes).ok().filter(|_| digits.len() == 64)
}

fn fingerprint_of(certificate: &[u8]) -> Fingerprint {
    let digest = ring::digest::digest(&ring::digest::SHA256, certificate);
    Fingerprint::try_from(digest.as_ref()).unwrap_or_default()
}

fn text_of(fingerprint: &Fingerprint) -> String {
    fingerprint.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Believes whoever shows one certificate and has its key. Names and dates do not matter: the certificate was looked at.
#[derive(Debug)]
struct Pinned {
    fingerprint: Fingerprint,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let shown = fingerprint_of(end_entity);
        if shown == self.fingerprint {
            return Ok(ServerCertVerified::assertion());
        }
        Err(Error::General(format!(
            "it shows the certificate {}, and `certificate_sha256` is {}: compare with the reader's own page before you \
             write the first one down",
            text_of(&shown),
            text_of(&self.fingerprint)
        )))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
