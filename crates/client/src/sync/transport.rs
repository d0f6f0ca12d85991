//! One WebSocket to a relay, with the client's session in it.
//!
//! Invariant: [`Connection::next_event`] may be dropped at any await without losing a message in
//! either direction.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use almanac_protocol::ids::{AccountId, DeviceId};
use almanac_protocol::limits::MESSAGE_BYTES_MAX;
use almanac_protocol::session::client::{Caller, ClientSession, Event, Output};
use futures_util::{Sink, Stream};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep_until, timeout};
use tokio_rustls::TlsConnector;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error as SocketError, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::entropy;
use crate::error::{Error, ErrorCode, Result};
use crate::sync::address::RelayAddress;

/// How long reaching a relay may take.
const CONNECT_WAIT: std::time::Duration = std::time::Duration::from_secs(10);
/// Bytes that are read from the socket at once.
const READ_BUFFER_BYTES: usize = 8 * 1024;

trait Socket: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Socket for T {}

/// A connection to a relay.
pub(crate) struct Connection {
    socket: WebSocketStream<Box<dyn Socket>>,
    unsent: VecDeque<Vec<u8>>,
    /// Who called, as HELLO said it: part of what is signed.
    pub(crate) caller: Caller,
    /// The state of the conversation.
    pub(crate) session: ClientSession,
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection")
            .field("session", &self.session)
            .finish_non_exhaustive()
    }
}

impl Connection {
    /// Reaches the relay and says HELLO.
    pub(crate) async fn open(
        relay: &RelayAddress,
        identity: Option<(AccountId, DeviceId)>,
    ) -> Result<Self> {
        let socket = timeout(CONNECT_WAIT, connect(relay))
            .await
            .map_err(|_| unreachable(relay))??;
        let caller = Caller {
            origin: relay.origin(),
            client_nonce: entropy::bytes(),
            identity,
        };
        let session = ClientSession::new(Instant::now(), &caller);
        Ok(Self {
            socket,
            unsent: VecDeque::new(),
            caller,
            session,
        })
    }

    /// The next thing that happens; sends what the session wants sent meanwhile.
    pub(crate) async fn next_event(&mut self) -> Result<Event> {
        loop {
            let deadline = loop {
                match self.session.poll_output() {
                    Output::Send(bytes) => self.unsent.push_back(bytes),
                    Output::Event(event) => return Ok(event),
                    Output::Wait(deadline) => break deadline,
                }
            };
            let Some(deadline) = deadline else {
                return Err(interrupted());
            };
            let mut alarm = pin!(sleep_until(deadline.into()));
            match poll_fn(|cx| self.poll_step(cx, alarm.as_mut())).await? {
                Some(message) => self.session.handle_message(Instant::now(), &message),
                None => self.session.handle_timeout(Instant::now()),
            }
        }
    }

    /// Sends what is queued and closes.
    pub(crate) async fn close(mut self) {
        self.session.leave();
        while let Output::Send(bytes) = self.session.poll_output() {
            self.unsent.push_back(bytes);
        }
        let farewell = poll_fn(|cx| self.poll_flush(cx));
        // The relay may be gone already: nothing depends on the farewell.
        let _ = timeout(std::time::Duration::from_secs(1), farewell).await;
    }

    /// One message, or `None` when the alarm rang.
    fn poll_step(
        &mut self,
        cx: &mut Context<'_>,
        alarm: Pin<&mut Sleep>,
    ) -> Poll<Result<Option<Vec<u8>>>> {
        if let Poll::Ready(Err(error)) = self.poll_flush(cx) {
            return Poll::Ready(Err(error));
        }
        loop {
            match Pin::new(&mut self.socket).poll_next(cx) {
                Poll::Ready(Some(Ok(Message::Binary(bytes)))) => {
                    return Poll::Ready(Ok(Some(bytes.into())));
                }
                Poll::Ready(Some(Ok(Message::Close(_)) | Err(_)) | None) => {
                    return Poll::Ready(Err(interrupted()));
                }
                Poll::Ready(Some(Ok(
                    Message::Text(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_),
                ))) => {}
                Poll::Pending => break,
            }
        }
        std::future::Future::poll(alarm, cx).map(|()| Ok(None))
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let mut socket = Pin::new(&mut self.socket);
        while !self.unsent.is_empty() {
            match socket.as_mut().poll_ready(cx) {
                Poll::Ready(Ok(())) => {
                    let Some(bytes) = self.unsent.pop_front() else {
                        break;
                    };
                    let sent = socket.as_mut().start_send(Message::Binary(bytes.into()));
                    sent.map_err(|_| interrupted())?;
                }
                Poll::Ready(Err(_)) => return Poll::Ready(Err(interrupted())),
                Poll::Pending => return Poll::Pending,
            }
        }
        socket.poll_flush(cx).map_err(|_| interrupted())
    }
}

async fn connect(relay: &RelayAddress) -> Result<WebSocketStream<Box<dyn Socket>>> {
    let stream = TcpStream::connect((relay.host(), relay.port()))
        .await
        .map_err(|_| unreachable(relay))?;
    stream.set_nodelay(true).map_err(|_| unreachable(relay))?;
    let socket: Box<dyn Socket> = if relay.is_encrypted() {
        let name = ServerName::try_from(relay.host().to_owned()).map_err(|_| unreachable(relay))?;
        let tls = TlsConnector::from(Arc::new(tls_config()?))
            .connect(name, stream)
            .await;
        Box::new(tls.map_err(|_| untrusted(relay))?)
    } else {
        Box::new(stream)
    };
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER_BYTES)
        .max_message_size(Some(MESSAGE_BYTES_MAX))
        .max_frame_size(Some(MESSAGE_BYTES_MAX));
    match client_async_with_config(relay.socket_url(), socket, Some(config)).await {
        Ok((socket, _)) => Ok(socket),
        Err(SocketError::Io(_)) => Err(unreachable(relay)),
        Err(_) => Err(not_a_relay(relay)),
    }
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

fn unreachable(relay: &RelayAddress) -> Error {
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

/// The connection broke, or the relay stopped speaking the protocol.
pub(crate) fn interrupted() -> Error {
    Error::new(
        ErrorCode::RelayUnreachable,
        "The connection to the relay broke off. Everything is saved on this device and will be \
         sent again.",
    )
}
