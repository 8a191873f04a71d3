//! The link with TLS on real sockets of loopback: who is believed, who is not, and what is said then. And a reader whose
//! driver gives the connection up is connected to anew.

use std::sync::Arc;

use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tallyman_drivers::config::{DeviceConfig, LinkConfig, TcpClientConfig, TlsClientConfig};
use tallyman_drivers::link::tls_client::TlsClientOpener;
use tallyman_drivers::link::{LinkError, Opener as _, Surroundings, TokioClock, supervise};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

/// What a reader says first, and what it is asked then.
const GREETING: &[u8] = &[
    0x04, 0x3F, 0, 0, 0, 0x20, 0, 0, 0, 0, 0, 0xF6, 0, 0x16, 0, 0x80, 0, 0x0C, 0, 0x06, 0x0A, 0x24, 0x18,
    0x1E, 0x40, 0, 0x01, 0, 0, 0x06, 0, 0,
];
const REFUSAL: &[u8] = &[
    0x04, 0x3F, 0, 0, 0, 0x20, 0, 0, 0, 0, 0, 0xF6, 0, 0x16, 0, 0x81, 0, 0x0C, 0, 0, 0, 0, 0, 0x4C, 0x4B,
    0x40, 1, 0, 0, 0x06, 0, 0x02,
];
const CAPABILITIES: &[u8] = &[0x04, 0x01, 0, 0, 0, 0x0B, 0, 0, 0, 1, 0];

/// A reader with a certificate of its own for `reader.example`.
struct Reader {
    address: String,
    certificate: CertificateDer<'static>,
    pem: String,
}

impl Reader {
    /// Greets each connection and hands back what it is sent first.
    async fn start() -> Self {
        let key = rcgen::KeyPair::generate().unwrap();
        let params = rcgen::CertificateParams::new(vec!["reader.example".to_owned()]).unwrap();
        let made = params.self_signed(&key).unwrap();
        let certificate = made.der().clone();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.clone()], key)
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        tokio::spawn(async move {
            let acceptor = TlsAcceptor::from(Arc::new(config));
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                // Clients that do not believe it go away in the handshake.
                let Ok(mut stream) = acceptor.accept(stream).await else {
                    continue;
                };
                stream.write_all(GREETING).await.unwrap();
                let mut asked = vec![0; CAPABILITIES.len()];
                stream.read_exact(&mut asked).await.unwrap();
                stream.write_all(&asked).await.unwrap();
            }
        });
        Self {
            address,
            certificate,
            pem: made.pem(),
        }
    }

    fn fingerprint(&self) -> String {
        let digest = ring::digest::digest(&ring::digest::SHA256, &self.certificate);
        let bytes: Vec<String> = digest.as_ref().iter().map(|byte| format!("{byte:02X}")).collect();
        bytes.join(":")
    }

    fn config(&self) -> TlsClientConfig {
        TlsClientConfig {
            address: self.address.clone(),
            certificate_sha256: None,
            ca_file: None,
            server_name: None,
        }
    }
}

async fn refused(config: TlsClientConfig) -> String {
    match TlsClientOpener::new(config).open().await {
        Ok(_) => panic!("it was believed"),
        Err(error @ LinkError::Tls { .. }) => error.to_string(),
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn a_reader_is_believed_by_its_certificate_or_by_who_made_it() {
    let reader = Reader::start().await;
    let folder = tempfile::tempdir().unwrap();
    let ca_file = folder.path().join("ca.pem");
    std::fs::write(&ca_file, &reader.pem).unwrap();
    for config in [
        TlsClientConfig {
            certificate_sha256: Some(reader.fingerprint()),
            ..reader.config()
        },
        TlsClientConfig {
            ca_file: Some(ca_file.display().to_string()),
            server_name: Some("reader.example".to_owned()),
            ..reader.config()
        },
    ] {
        let mut link = TlsClientOpener::new(config).open().await.unwrap();
        let mut greeting = vec![0; GREETING.len()];
        link.read_exact(&mut greeting).await.unwrap();
        assert_eq!(greeting, GREETING);
        link.write_all(CAPABILITIES).await.unwrap();
        let mut back = vec![0; CAPABILITIES.len()];
        link.read_exact(&mut back).await.unwrap();
        assert_eq!(back, CAPABILITIES);
    }
}

#[tokio::test]
async fn who_is_not_believed_is_told_with_what_to_do() {
    let (reader, other) = (Reader::start().await, Reader::start().await);
    let folder = tempfile::tempdir().unwrap();
    let ca_file = folder.path().join("ca.pem");
    std::fs::write(&ca_file, &other.pem).unwrap();
    let authority = |ca_file: &std::path::Path| TlsClientConfig {
        ca_file: Some(ca_file.display().to_string()),
        server_name: Some("reader.example".to_owned()),
        ..reader.config()
    };

    let told = refused(TlsClientConfig {
        certificate_sha256: Some(other.fingerprint()),
        ..reader.config()
    })
    .await;
    let shown = reader.fingerprint().replace(':', "").to_lowercase();
    assert!(
        told.contains(&format!("it shows the certificate {shown}")),
        "{told}"
    );

    let told = refused(authority(&ca_file)).await;
    assert!(told.contains("its certificate is not believed"), "{told}");
    std::fs::write(&ca_file, &reader.pem).unwrap();
    let told = refused(TlsClientConfig {
        server_name: Some("somebody.example".to_owned()),
        ..authority(&ca_file)
    })
    .await;
    assert!(told.contains("`server_name`"), "{told}");
    let told = refused(authority(&folder.path().join("none.pem"))).await;
    assert!(told.contains("none.pem cannot be used"), "{told}");
    let told = refused(reader.config()).await;
    assert!(told.contains("set `certificate_sha256` or `ca_file`"), "{told}");
}

#[tokio::test]
async fn a_port_without_tls_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(GREETING).await.unwrap();
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest).await;
    });
    let told = refused(TlsClientConfig {
        address,
        certificate_sha256: Some("00".repeat(32)),
        ca_file: None,
        server_name: None,
    })
    .await;
    assert!(told.contains("speaks no TLS"), "{told}");
}

#[tokio::test]
async fn a_reader_that_serves_somebody_else_is_asked_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let device = DeviceConfig {
        name: "portal".to_owned(),
        driver: "llrp".to_owned(),
        link: LinkConfig::TcpClient(TcpClientConfig {
            address: listener.local_addr().unwrap().to_string(),
        }),
        settings: [].into(),
        duplicate_ms: None,
    };
    let (reports, mut received) = mpsc::channel(64);
    let cancel = CancellationToken::new();
    let surroundings = Surroundings {
        reports,
        clock: Arc::new(TokioClock::start()),
        entropy: Box::new(|| 0),
        cancel: cancel.clone(),
    };
    let (handle, life) = supervise(&device, surroundings).unwrap();
    tokio::spawn(life);
    tokio::spawn(async move { while received.recv().await.is_some() {} });

    // It refuses, and leaves the connection open as some readers do: the program closes it.
    let (mut first, _) = listener.accept().await.unwrap();
    first.write_all(REFUSAL).await.unwrap();
    let mut nothing = Vec::new();
    first.read_to_end(&mut nothing).await.unwrap();
    assert!(nothing.is_empty(), "a reader that refuses is asked nothing");

    let (mut second, _) = listener.accept().await.unwrap();
    let told = handle.state.borrow().last_error.clone().unwrap();
    assert!(told.contains("serves another program"), "{told}");
    second.write_all(GREETING).await.unwrap();
    let mut asked = vec![0; CAPABILITIES.len()];
    second.read_exact(&mut asked).await.unwrap();
    assert_eq!(asked, CAPABILITIES);
    cancel.cancel();
}
