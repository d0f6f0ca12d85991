//! The WebSocket that carries messages to a relay, over TLS or to this computer.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use almanac_protocol::limits::MESSAGE_BYTES_MAX;
use futures_util::{Sink, Stream};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error as SocketError, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::error::{Error, ErrorCode, Result};
use crate::sync::address::RelayAddress;
use crate::sync::head_at_once::HeadAtOnce;
use crate::sync::transport::{Broken, Transport};

/// Bytes that are read from the socket at once.
const READ_BUFFER_BYTES: usize = 8 * 1024;

pub(super) trait Socket: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Socket for T {}

/// A WebSocket to a relay.
pub(super) struct WebSocket(WebSocketStream<HeadAtOnce>);

impl Transport for WebSocket {
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<std::result::Result<(), Broken>> {
        Pin::new(&mut self.0).poll_ready(cx).map_err(|_| Broken)
    }

    fn start_send(&mut self, message: Vec<u8>) -> std::result::Result<(), Broken> {
        let message = Message::Binary(message.into());
        Pin::new(&mut self.0)
            .start_send(message)
            .map_err(|_| Broken)
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<std::result::Result<(), Broken>> {
        Pin::new(&mut self.0).poll_flush(cx).map_err(|_| Broken)
    }

    fn poll_receive(&mut self, cx: &mut Context<'_>) -> Poll<std::result::Result<Vec<u8>, Broken>> {
        loop {
            match std::task::ready!(Pin::new(&mut self.0).poll_next(cx)) {
                Some(Ok(Message::Binary(bytes))) => return Poll::Ready(Ok(bytes.into())),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return Poll::Ready(Err(Broken)),
                Some(Ok(
                    Message::Text(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_),
                )) => {}
            }
        }
    }
}

/// Reaches a relay.
pub(super) async fn connect(relay: &RelayAddress) -> Result<WebSocket> {
    let socket = HeadAtOnce::new(reach(relay).await?);
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER_BYTES)
        .max_message_size(Some(MESSAGE_BYTES_MAX))
        .max_frame_size(Some(MESSAGE_BYTES_MAX));
    match client_async_with_config(relay.socket_url(), socket, Some(config)).await {
        Ok((socket, _)) => Ok(WebSocket(socket)),
        Err(SocketError::Io(_)) => Err(unreachable(relay)),
        Err(_) => Err(not_a_relay(relay)),
    }
}

/// A connection on which HTTP can be spoken.
pub(super) async fn reach(relay: &RelayAddress) -> Result<Box<dyn Socket>> {
    #[cfg(feature = "simulation")]
    if crate::simulation::around().is_some() {
        // A simulator has no HTTP: whoever wants a pack reads the stream instead.
        return Err(unreachable(relay));
    }
    let stream = TcpStream::connect((relay.host(), relay.port()))
        .await
        .map_err(|_| unreachable(relay))?;
    stream.set_nodelay(true).map_err(|_| unreachable(relay))?;
    if !relay.is_encrypted() {
        return Ok(Box::new(stream));
    }
    let name = ServerName::try_from(relay.host().to_owned()).map_err(|_| unreachable(relay))?;
    let tls = TlsConnector::from(Arc::new(tls_config()?))
        .connect(name, stream)
        .await;
    Ok(Box::new(tls.map_err(|_| untrusted(relay))?))
}

fn tls_config() -> Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(Error::internal)?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

/// Nobody answers.
pub(super) fn unreachable(relay: &RelayAddress) -> Error {
    Error::new(
        ErrorCode::RelayUnreachable,
        format!(
            "The relay at {} cannot be reached. Everything is saved on this device and will be \
             sent when the relay answers again.",
            relay.origin()
        ),
    )
}

fn untrusted(relay: &RelayAddress) -> Error {
    Error::new(
        ErrorCode::RelayUnreachable,
        format!(
            "The relay at {} did not show a certificate that this system trusts. Nothing was \
             sent. Check the address, or ask whoever runs the relay.",
            relay.origin()
        ),
    )
}

fn not_a_relay(relay: &RelayAddress) -> Error {
    Error::new(
        ErrorCode::NotARelay,
        format!(
            "Something answers at {}, but it is not an Almanac relay: perhaps a web page, or a \
             network that wants you to sign in first. Nothing was sent, and everything is saved \
             on this device. Check the address and the network.",
            relay.origin()
        ),
    )
}
