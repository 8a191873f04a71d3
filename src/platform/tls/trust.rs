//! Whom a client believes to be its server: whoever has the pinned key, or whoever an authority vouches for. And by which
//! time, on a device whose clock may say 1970.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

use super::certificate::{Certificate, Pin};

/// The time as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownTime {
    /// It is not earlier than this.
    pub now: Timestamp,
    /// The clock says an earlier time, so it may also be much later than `now`.
    pub clock_is_behind: bool,
}

/// Where the time comes from.
pub type Time = Arc<dyn Fn() -> KnownTime + Send + Sync>;

/// With this begins what is told where somebody else answers in the hub's place: errors of TLS reach callers as text alone.
pub const OTHER_PIN: &str = "the hub's key has the pin";

/// Whom a client believes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ServerTrust {
    /// Whoever has the key of this pin, and nobody else.
    pub pin: Option<Pin>,
    /// Whoever a certificate in this file vouches for; without it the system's.
    pub ca_file: Option<PathBuf>,
}

/// Why nobody can be believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrustError {
    /// Nothing to check with.
    #[error(
        "this system has no certificates of authorities to check the hub's certificate with. Install them (on Debian the \
         package ca-certificates), or set `hub.ca_file`, or `hub.certificate_pin` to what `tallyman hub --make-certificate` \
         printed"
    )]
    NoAuthorities,
    /// The file is of no use.
    #[error("`hub.ca_file` {} cannot be used: {cause}", .file.display())]
    CaFile {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        cause: String,
    },
    /// rustls does not take it.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
}

/// How such a client connects.
///
/// # Errors
/// [`TrustError`] says what to do.
pub fn client_config(trust: &ServerTrust, time: Time) -> Result<ClientConfig, TrustError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier: Arc<dyn ServerCertVerifier> = match &trust.pin {
        Some(pin) => Arc::new(Pinned {
            pin: *pin,
            time,
            provider: Arc::clone(&provider),
        }),
        None => {
            let roots = match &trust.ca_file {
                Some(file) => from_file(file)?,
                None => from_system()?,
            };
            let inner = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
            let inner = inner
                .build()
                .map_err(|error| TrustError::Tls(error.to_string()))?;
            Arc::new(InTime { inner, time })
        }
    };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| TrustError::Tls(error.to_string()))?;
    let mut config = builder
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

fn from_file(file: &Path) -> Result<RootCertStore, TrustError> {
    let failed = |cause: String| TrustError::CaFile {
        file: file.to_path_buf(),
        cause,
    };
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

fn from_system() -> Result<RootCertStore, TrustError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return Err(TrustError::NoAuthorities);
    }
    Ok(roots)
}

fn unix_time(moment: Timestamp) -> UnixTime {
    let seconds = u64::try_from(moment.as_second()).unwrap_or(0);
    UnixTime::since_unix_epoch(Duration::from_secs(seconds))
}

/// Believes whoever has one key. Names do not matter, and nobody has to vouch for it; only its end counts.
#[derive(Clone)]
struct Pinned {
    pin: Pin,
    time: Time,
    provider: Arc<CryptoProvider>,
}

/// Believes what an authority vouches for, by a time that is not before what is known.
#[derive(Clone)]
struct InTime {
    inner: Arc<WebPkiServerVerifier>,
    time: Time,
}

impl std::fmt::Debug for Pinned {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Pinned({})", self.pin)
    }
}

impl std::fmt::Debug for InTime {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("InTime").finish_non_exhaustive()
    }
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
        let certificate =
            Certificate::read(end_entity).ok_or(Error::InvalidCertificate(CertificateError::BadEncoding))?;
        if certificate.pin != self.pin {
            return Err(Error::General(format!(
                "{OTHER_PIN} {}, and `hub.certificate_pin` is {}. Either somebody is in between, or the hub \
                 has another certificate: compare with what the hub's administrator says",
                certificate.pin, self.pin
            )));
        }
        let now = (self.time)().now;
        if now >= certificate.not_after {
            return Err(Error::General(format!(
                "the hub's certificate ended on {}, and here it is {now}. Give the hub another one (the same key keeps the \
                 pin), or set this device's clock",
                certificate.not_after
            )));
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(
            message,
            certificate,
            signed,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(
            message,
            certificate,
            signed,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

impl ServerCertVerifier for InTime {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let KnownTime {
            mut now,
            clock_is_behind,
        } = (self.time)();
        if clock_is_behind && let Some(certificate) = Certificate::read(end_entity) {
            // It is as late as the certificate says, at least, where the clock says nothing.
            now = now.max(certificate.not_before);
        }
        let now = unix_time(now);
        self.inner
            .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A certificate of its own, valid from one year to another.
    fn certificate(from: i32, to: i32) -> CertificateDer<'static> {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(vec!["hub.example".to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(from, 1, 1);
        params.not_after = rcgen::date_time_ymd(to, 1, 1);
        params.self_signed(&key).unwrap().der().clone()
    }

    fn time(now: &str, clock_is_behind: bool) -> Time {
        let now = now.parse().unwrap();
        Arc::new(move || KnownTime { now, clock_is_behind })
    }

    fn judge(verifier: &dyn ServerCertVerifier, certificate: &CertificateDer<'_>) -> String {
        let name = ServerName::try_from("hub.example").unwrap();
        // What the machine's own clock says does not count.
        let never = UnixTime::since_unix_epoch(Duration::ZERO);
        match verifier.verify_server_cert(certificate, &[], &name, &[], never) {
            Ok(_) => String::new(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn the_pinned_key_is_believed_until_its_certificate_ends() {
        let (ours, other) = (certificate(2027, 2047), certificate(2027, 2047));
        let pin = Certificate::read(&ours).unwrap().pin;
        let at = |now: &str, behind| Pinned {
            pin,
            time: time(now, behind),
            provider: Arc::new(rustls::crypto::ring::default_provider()),
        };
        // A clock that is behind is no reason: only the end of a certificate is.
        for (now, behind, wanted) in [
            ("2026-11-29T00:00:00Z", true, ""),
            ("2026-11-29T00:00:00Z", false, ""),
            ("2046-12-31T23:59:59Z", false, ""),
            ("2047-01-01T00:00:00Z", false, "ended on 2047-01-01"),
        ] {
            let told = judge(&at(now, behind), &ours);
            assert!(
                told.contains(wanted) && told.is_empty() == wanted.is_empty(),
                "{told}"
            );
        }
        let told = judge(&at("2030-01-01T00:00:00Z", false), &other);
        assert!(told.contains("somebody is in between"), "{told}");
        let broken = CertificateDer::from(vec![0x30, 0x03, 0x02, 0x01, 0x01]);
        assert!(!judge(&at("2030-01-01T00:00:00Z", false), &broken).is_empty());
    }

    #[test]
    fn an_authority_is_believed_by_the_time_that_is_known() {
        let ours = certificate(2027, 2047);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        let mut roots = RootCertStore::empty();
        roots.add(ours.clone()).unwrap();
        let inner = WebPkiServerVerifier::builder_with_provider(
            Arc::new(roots),
            Arc::new(rustls::crypto::ring::default_provider()),
        );
        let inner = inner.build().unwrap();
        for (now, behind, is_believed) in [
            ("2026-11-29T00:00:00Z", true, true),
            ("2026-11-29T00:00:00Z", false, false),
            ("2030-01-01T00:00:00Z", false, true),
            ("2048-01-01T00:00:00Z", false, false),
            ("2048-01-01T00:00:00Z", true, false),
        ] {
            let verifier = InTime {
                inner: Arc::clone(&inner),
                time: time(now, behind),
            };
            assert_eq!(judge(&verifier, &ours).is_empty(), is_believed, "{now} {behind}");
            assert!(
                !judge(&verifier, &certificate(2027, 2047)).is_empty(),
                "of nobody known"
            );
        }
        for text in ["", "no certificate"] {
            std::fs::write(&file, text).unwrap();
            let trust = ServerTrust {
                pin: None,
                ca_file: Some(file.clone()),
            };
            let told = client_config(&trust, time("2030-01-01T00:00:00Z", false)).unwrap_err();
            assert!(told.to_string().contains("`hub.ca_file`"), "{told}");
        }
        assert!(from_file(&folder.path().join("missing.pem")).is_err());
    }
}
