//! Network scanners that connect to the program.
//!
//! A scanner that lost its power never closed its connection. It comes back with a new one, so the newest
//! connection is the device: while one is read, the listener is watched, and a newcomer ends the old.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use futures_util::future::BoxFuture;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

use super::tcp_client::prepare;
use super::{Link, LinkError, Opener};

/// Listens at one address and takes one device at a time.
#[derive(Debug)]
pub struct TcpServerOpener {
    address: String,
    listener: Option<Arc<TcpListener>>,
    /// A connection that came while another was read.
    newcomer: Arc<Mutex<Option<TcpStream>>>,
}

impl TcpServerOpener {
    /// An opener that listens here from its first use on.
    pub fn new(address: String) -> Self {
        Self {
            address,
            listener: None,
            newcomer: Arc::default(),
        }
    }

    /// An opener for a listener that is bound already.
    pub fn bound(listener: TcpListener) -> Self {
        Self {
            address: String::new(),
            listener: Some(Arc::new(listener)),
            newcomer: Arc::default(),
        }
    }

    async fn listener(&mut self) -> io::Result<Arc<TcpListener>> {
        if let Some(listener) = &self.listener {
            return Ok(Arc::clone(listener));
        }
        let listener = Arc::new(TcpListener::bind(&self.address).await?);
        self.listener = Some(Arc::clone(&listener));
        Ok(listener)
    }
}

impl Opener for TcpServerOpener {
    fn open(&mut self) -> BoxFuture<'_, Result<Box<dyn Link>, LinkError>> {
        Box::pin(async {
            let listener = match self.listener().await {
                Ok(listener) => listener,
                Err(cause) => {
                    return Err(LinkError::Listen {
                        address: self.address.clone(),
                        cause,
                    });
                }
            };
            let came = self
                .newcomer
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take();
            let accepted = match came {
                Some(stream) => Ok(stream),
                None => listener.accept().await.map(|(stream, _)| stream),
            };
            let stream = accepted
                .and_then(|stream| prepare(&stream).map(|()| stream))
                .map_err(|cause| LinkError::System {
                    what: format!("a connection to {}", self.address),
                    cause,
                })?;
            Ok(Box::new(Connection {
                stream,
                listener,
                newcomer: Arc::clone(&self.newcomer),
            }) as Box<dyn Link>)
        })
    }

    fn discovered(&self) -> Vec<(&'static str, String)> {
        super::one_line_a_trigger()
    }
}

struct Connection {
    stream: TcpStream,
    listener: Arc<TcpListener>,
    newcomer: Arc<Mutex<Option<TcpStream>>>,
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        // What the old connection still holds is read first: it was sent before the new one came.
        if let Poll::Ready(result) = Pin::new(&mut self.stream).poll_read(context, buffer) {
            return Poll::Ready(result);
        }
        let (stream, _) = ready!(self.listener.poll_accept(context))?;
        *self.newcomer.lock().unwrap_or_else(PoisonError::into_inner) = Some(stream);
        Poll::Ready(Ok(()))
    }
}

impl super::Link for Connection {}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
