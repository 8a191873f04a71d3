//! The hub's own TLS: its certificate, read again when it changes, and the listener that shakes hands.

mod own;

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use rustls::ServerConfig;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tallyman_platform::tls::{Certificate, Pin};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

pub use own::{OwnCertificate, make_certificate};

use crate::config::TlsConfig;
use crate::source::Peer;

/// How long shaking hands may take.
const HANDSHAKE_MAX: Duration = Duration::from_secs(10);

/// Hands that are shaken at once: whoever opens connections and says nothing holds no more than this.
const HANDSHAKES_MAX: usize = 256;

/// Connections that wait to be served.
const READY_MAX: usize = 16;

/// How often the files are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// After a failure to accept, as when there are no file descriptors left.
const ACCEPT_AGAIN: Duration = Duration::from_secs(1);

/// Why TLS cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file that cannot be read, or holds something else.
    #[error("[tls] {key} {} cannot be used: {cause}", .file.display())]
    File {
        /// The configuration's key.
        key: &'static str,
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        cause: String,
    },
    /// The two do not belong together.
    #[error(
        "[tls] key_file {} does not belong to the certificate in {}: {cause}", .key_file.display(),
        .certificate_file.display()
    )]
    Pair {
        /// The certificate.
        certificate_file: PathBuf,
        /// The key.
        key_file: PathBuf,
        /// What is wrong.
        cause: String,
    },
}

/// The certificate that the hub shows now.
#[derive(Debug)]
pub(crate) struct Identity {
    files: TlsConfig,
    shown: RwLock<Shown>,
}

#[derive(Debug)]
struct Shown {
    key: Arc<CertifiedKey>,
    seen: Seen,
}

/// What is seen of the files without reading them.
type Seen = [Option<(SystemTime, u64)>; 2];

impl Identity {
    /// Reads the configured files; `None` where the hub speaks no TLS.
    pub(crate) fn open(files: &TlsConfig) -> Result<Option<Arc<Self>>, TlsError> {
        if !files.is_on() {
            return Ok(None);
        }
        let shown = RwLock::new(Shown {
            seen: seen(files),
            key: read(files)?,
        });
        Ok(Some(Arc::new(Self {
            files: files.clone(),
            shown,
        })))
    }

    /// The pin of the certificate that is shown, where it stands alone: one that an authority vouches for has those that
    /// signed it behind it, and may get another key any day.
    pub(crate) fn own_pin(&self) -> Option<Pin> {
        let shown = self.shown.read().unwrap_or_else(PoisonError::into_inner);
        match shown.key.cert.as_slice() {
            [only] => Certificate::read(only).map(|certificate| certificate.pin),
            _ => None,
        }
    }

    /// Reads the files again. A pair that cannot be used leaves the one that is shown: a hub goes on with it.
    pub(crate) fn read_again(&self) {
        let seen = seen(&self.files);
        match read(&self.files) {
            Ok(key) => {
                let certificate = key.cert.first().and_then(|der| Certificate::read(der));
                let mut shown = self.shown.write().unwrap_or_else(PoisonError::into_inner);
                let changed = shown.key.cert != key.cert;
                *shown = Shown { key, seen };
                if let Some(certificate) = certificate.filter(|_| changed) {
                    tracing::info!(pin = %certificate.pin, until = %certificate.not_after, "the hub shows another certificate");
                }
            }
            Err(error) => {
                tracing::error!(%error, "the certificate is not changed");
                // Told once, and not at every look.
                self.shown.write().unwrap_or_else(PoisonError::into_inner).seen = seen;
            }
        }
    }

    /// Reads the files again whenever they change.
    pub(crate) async fn follow_files(&self) {
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            self.look();
        }
    }

    fn look(&self) {
        let before = self.shown.read().unwrap_or_else(PoisonError::into_inner).seen;
        if seen(&self.files) != before {
            self.read_again();
        }
    }

    fn server_config(self: &Arc<Self>) -> ServerConfig {
        let provider = Arc::new(default_provider());
        let builder = ServerConfig::builder_with_provider(provider);
        let builder = builder
            .with_safe_default_protocol_versions()
            .unwrap_or_else(|error| unreachable!("ring has the default versions: {error}"));
        let resolver: Arc<dyn ResolvesServerCert> = Arc::<Self>::clone(self);
        let mut config = builder.with_no_client_auth().with_cert_resolver(resolver);
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        config
    }
}

impl ResolvesServerCert for Identity {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let shown = self.shown.read().unwrap_or_else(PoisonError::into_inner);
        Some(Arc::clone(&shown.key))
    }
}

fn seen(files: &TlsConfig) -> Seen {
    [&files.certificate_file, &files.key_file].map(|file| {
        let known = fs::metadata(file).ok()?;
        Some((known.modified().ok()?, known.len()))
    })
}

fn read(files: &TlsConfig) -> Result<Arc<CertifiedKey>, TlsError> {
    let failed = |key: &'static str, file: &Path| {
        let file = file.to_path_buf();
        move |error: rustls::pki_types::pem::Error| TlsError::File {
            key,
            file,
            cause: error.to_string(),
        }
    };
    let (certificate_file, key_file) = (&files.certificate_file, &files.key_file);
    let chain = CertificateDer::pem_file_iter(certificate_file)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(failed("certificate_file", certificate_file))?;
    if chain.is_empty() {
        return Err(TlsError::File {
            key: "certificate_file",
            file: certificate_file.clone(),
            cause: "it holds no certificate (PEM)".to_owned(),
        });
    }
    let key = PrivateKeyDer::from_pem_file(key_file).map_err(failed("key_file", key_file))?;
    CertifiedKey::from_der(chain, key, &default_provider())
        .map(Arc::new)
        .map_err(|error| TlsError::Pair {
            certificate_file: certificate_file.clone(),
            key_file: key_file.clone(),
            cause: error.to_string(),
        })
}

/// A listener whose connections have shaken hands.
pub(crate) struct TlsListener {
    local: SocketAddr,
    ready: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
    accepting: JoinHandle<()>,
}

impl TlsListener {
    pub(crate) fn new(listener: TcpListener, identity: &Arc<Identity>) -> std::io::Result<Self> {
        let local = listener.local_addr()?;
        let acceptor = TlsAcceptor::from(Arc::new(identity.server_config()));
        let (ready_in, ready) = mpsc::channel(READY_MAX);
        let accepting = tokio::spawn(accept_all(listener, acceptor, ready_in));
        Ok(Self {
            local,
            ready,
            accepting,
        })
    }
}

impl Drop for TlsListener {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Shakes hands side by side: one that takes its time keeps nobody else waiting.
async fn accept_all(
    listener: TcpListener,
    acceptor: TlsAcceptor,
    ready: mpsc::Sender<(TlsStream<TcpStream>, SocketAddr)>,
) {
    let room = Arc::new(Semaphore::new(HANDSHAKES_MAX));
    loop {
        let Ok(permit) = Arc::clone(&room).acquire_owned().await else {
            return;
        };
        let (stream, address) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection was not accepted");
                tokio::time::sleep(ACCEPT_AGAIN).await;
                continue;
            }
        };
        let (acceptor, ready) = (acceptor.clone(), ready.clone());
        tokio::spawn(async move {
            match tokio::time::timeout(HANDSHAKE_MAX, acceptor.accept(stream)).await {
                Ok(Ok(stream)) => {
                    drop(permit);
                    // A hub that stops takes no more.
                    let _ = ready.send((stream, address)).await;
                }
                Ok(Err(error)) => tracing::debug!(%address, %error, "no hands were shaken"),
                Err(_) => tracing::debug!(%address, "shaking hands took too long"),
            }
        });
    }
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.ready.recv().await {
            Some(accepted) => accepted,
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        Ok(self.local)
    }
}

impl Connected<IncomingStream<'_, TlsListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, TlsListener>) -> Self {
        Self(*stream.remote_addr())
    }
}

impl Connected<IncomingStream<'_, TcpListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, TcpListener>) -> Self {
        Self(*stream.remote_addr())
    }
}

#[cfg(test)]
mod tests {
    use tallyman_platform::tls::Pin;

    use super::*;

    fn own(name: &str) -> OwnCertificate {
        make_certificate(&[name.to_owned()], "2026-02-28T12:00:00Z".parse().unwrap()).unwrap()
    }

    fn files(folder: &Path) -> TlsConfig {
        TlsConfig {
            certificate_file: folder.join("hub.pem"),
            key_file: folder.join("hub.key"),
        }
    }

    fn put(folder: &Path, own: &OwnCertificate) {
        fs::write(folder.join("hub.pem"), &own.certificate).unwrap();
        fs::write(folder.join("hub.key"), &own.key).unwrap();
    }

    fn shown(identity: &Identity) -> Pin {
        let shown = identity.shown.read().unwrap();
        Certificate::read(&shown.key.cert[0]).unwrap().pin
    }

    #[test]
    fn a_wrong_file_is_told_with_its_key() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = (own("hub.example"), own("hub.example"));
        let nothing = String::new();
        for (certificate, key, wanted) in [
            (Some(&nothing), Some(&one.key), "certificate_file"),
            (Some(&one.key), Some(&one.key), "certificate_file"),
            (None, Some(&one.key), "certificate_file"),
            (Some(&one.certificate), Some(&nothing), "key_file"),
            (Some(&one.certificate), Some(&one.certificate), "key_file"),
            (Some(&one.certificate), None, "key_file"),
            (
                Some(&one.certificate),
                Some(&other.key),
                "does not belong to the certificate",
            ),
            (Some(&one.certificate), Some(&one.key), ""),
        ] {
            for (name, text) in [("hub.pem", certificate), ("hub.key", key)] {
                let _ = fs::remove_file(folder.path().join(name));
                if let Some(text) = text {
                    fs::write(folder.path().join(name), text).unwrap();
                }
            }
            let told = Identity::open(&files(folder.path())).err();
            let told = told.map(|error| error.to_string()).unwrap_or_default();
            assert!(
                told.contains(wanted) && told.is_empty() == wanted.is_empty(),
                "{wanted}: {told}"
            );
        }
        assert!(Identity::open(&TlsConfig::default()).unwrap().is_none());
    }

    #[test]
    fn a_changed_certificate_is_shown_and_a_broken_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let (first, second) = (own("a.example"), own("longer.example"));
        put(folder.path(), &first);
        let identity = Identity::open(&files(folder.path())).unwrap().unwrap();
        assert_eq!(shown(&identity), first.pin);
        put(folder.path(), &second);
        identity.look();
        assert_eq!(shown(&identity), second.pin);
        fs::write(folder.path().join("hub.pem"), "half a certif").unwrap();
        identity.look();
        identity.read_again();
        assert_eq!(shown(&identity), second.pin, "the hub goes on");
    }

    #[test]
    fn a_certificate_of_its_own_is_for_the_names_given() {
        let made = own("hub.example");
        let der = CertificateDer::from_pem_slice(made.certificate.as_bytes()).unwrap();
        let read = Certificate::read(&der).unwrap();
        assert_eq!(read.pin, made.pin);
        assert_eq!(read.not_before.to_string(), "2026-02-27T00:00:00Z");
        assert_eq!(read.not_after.to_string(), "2046-02-01T00:00:00Z");
        let addresses = ["192.168.1.10".to_owned(), "hub".to_owned()];
        assert!(make_certificate(&addresses, jiff::Timestamp::UNIX_EPOCH).is_ok());
        assert!(make_certificate(&["ö".to_owned()], jiff::Timestamp::UNIX_EPOCH).is_err());
    }
}
