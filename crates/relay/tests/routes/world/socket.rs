//! A client that says exactly what a test wants said.

use std::net::SocketAddr;
use std::time::Duration;

use almanac_protocol::ids::{LinkHash, LogId, Signature, StreamHash};
use almanac_protocol::message::{
    Ack, Auth, Challenge, Envelopes, Head, Hello, LinkPut, Message, Nack, Position, Push, Reason,
    Recover, Recovery, Register, Stream, Sub, Welcome,
};
use almanac_protocol::relay_chain;
use futures_util::{SinkExt, StreamExt};
use minicbor::bytes::ByteVec;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message as Frame;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use super::Person;

/// A client waits no longer than this for what must come.
const PATIENCE: Duration = Duration::from_secs(20);
const CLIENT_NONCE: [u8; 32] = [0xC1; 32];

pub(crate) struct Socket {
    inner: WebSocketStream<MaybeTlsStream<TcpStream>>,
    requests: u64,
    relay_nonce: [u8; 32],
}

impl Socket {
    pub(crate) async fn connect(addr: SocketAddr) -> Self {
        let url = format!("ws://{addr}/v1/socket");
        let (inner, _) = tokio_tungstenite::connect_async(url)
            .await
            .expect("a socket");
        Self {
            inner,
            requests: 0,
            relay_nonce: [0; 32],
        }
    }

    pub(crate) async fn send(&mut self, message: impl Into<Message>) {
        self.send_bytes(message.into().encode()).await;
    }

    pub(crate) async fn send_bytes(&mut self, bytes: Vec<u8>) {
        self.send_frame(Frame::Binary(bytes.into())).await;
    }

    pub(crate) async fn send_frame(&mut self, frame: Frame) {
        // A relay that has said goodbye hears nothing more; what it said is what a test reads.
        let _ = self.inner.send(frame).await;
    }

    /// The next message, or `None` when the connection is closed.
    pub(crate) async fn next(&mut self) -> Option<Message> {
        loop {
            let frame = tokio::time::timeout(PATIENCE, self.inner.next()).await;
            match frame.expect("the relay answers in time")? {
                Ok(Frame::Binary(bytes)) => {
                    return Some(Message::decode(&bytes).expect("the relay sends messages"));
                }
                Ok(Frame::Close(_)) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    pub(crate) async fn receive(&mut self) -> Message {
        self.next().await.expect("the connection is open")
    }

    /// The reason of the relay's goodbye, after which nothing follows.
    pub(crate) async fn bye(&mut self) -> Reason {
        let Message::Bye(bye) = self.receive().await else {
            panic!("no goodbye")
        };
        assert_eq!(self.next().await, None);
        bye.reason
    }

    pub(crate) async fn hello(&mut self, person: Option<&Person>, origin: &str) -> Challenge {
        self.send(Hello {
            version: 1,
            origin: origin.to_owned(),
            client_nonce: ByteVec::from(CLIENT_NONCE.to_vec()),
            account: person.map(Person::account),
            device: person.map(|person| person.device),
        })
        .await;
        let Message::Challenge(challenge) = self.receive().await else {
            panic!("no challenge")
        };
        self.relay_nonce = challenge
            .relay_nonce
            .as_slice()
            .try_into()
            .expect("32 bytes");
        challenge
    }

    /// Comes in as a recovery kit.
    pub(crate) async fn recover(&mut self, kit: &Person, origin: &str) -> Result<Recovery, Reason> {
        self.hello(None, origin).await;
        let signature = kit.prove_as_kit(origin, &CLIENT_NONCE, &self.relay_nonce);
        let request = self.request();
        self.send(Recover {
            request,
            device: kit.device,
            signature,
        })
        .await;
        match self.receive().await {
            Message::Recovery(recovery) => Ok(recovery),
            Message::Nack(nack) => Err(nack.reason),
            other => panic!("neither in nor out: {other:?}"),
        }
    }

    pub(crate) fn proof(person: &Person, origin: &str, challenge: &Challenge) -> Signature {
        let relay_nonce = challenge
            .relay_nonce
            .as_slice()
            .try_into()
            .expect("32 bytes");
        person.prove(origin, &CLIENT_NONCE, &relay_nonce)
    }

    /// Enters with the device's key; the refusal is the reason of the goodbye.
    pub(crate) async fn enter(&mut self, person: &Person, origin: &str) -> Result<Welcome, Reason> {
        let challenge = self.hello(Some(person), origin).await;
        let signature = Self::proof(person, origin, &challenge);
        self.send(Auth { signature }).await;
        self.welcome().await
    }

    pub(crate) async fn register(
        &mut self,
        person: &Person,
        origin: &str,
        invite: &str,
    ) -> Result<Welcome, Reason> {
        let challenge = self.hello(Some(person), origin).await;
        let signature = Self::proof(person, origin, &challenge);
        let links = person.links.iter().cloned().map(ByteVec::from).collect();
        self.send(Register {
            invite: invite.to_owned(),
            links,
            signature,
        })
        .await;
        self.welcome().await
    }

    pub(crate) async fn welcome(&mut self) -> Result<Welcome, Reason> {
        match self.receive().await {
            Message::Welcome(welcome) => Ok(welcome),
            Message::Nack(nack) => {
                assert_eq!(nack.request, 0);
                assert_eq!(self.bye().await, nack.reason);
                Err(nack.reason)
            }
            other => panic!("neither welcome nor refusal: {other:?}"),
        }
    }

    /// What this connection signs with, besides what the person is.
    pub(crate) const fn nonces(&self) -> (&[u8; 32], &[u8; 32]) {
        (&CLIENT_NONCE, &self.relay_nonce)
    }

    pub(crate) fn request(&mut self) -> u64 {
        self.requests += 1;
        self.requests
    }

    /// The answer to a request; news of others that come before it are passed over.
    pub(crate) async fn answer(&mut self, request: u64) -> Result<Vec<u64>, Nack> {
        loop {
            match self.receive().await {
                Message::Ack(Ack {
                    request: answered,
                    rseqs,
                }) if answered == request => {
                    return Ok(rseqs);
                }
                Message::Nack(nack) if nack.request == request => return Err(nack),
                Message::Envelopes(_)
                | Message::LogGrew(_)
                | Message::Joins(_)
                | Message::RecoveryBegun(_) => {}
                other => panic!("no answer: {other:?}"),
            }
        }
    }

    pub(crate) async fn push(&mut self, envelopes: &[Vec<u8>]) -> Result<Vec<u64>, Nack> {
        let request = self.request();
        let envelopes = envelopes.iter().cloned().map(ByteVec::from).collect();
        self.send(Push { request, envelopes }).await;
        self.answer(request).await
    }

    pub(crate) async fn put_link(
        &mut self,
        log: LogId,
        head: Option<LinkHash>,
        link: &[u8],
    ) -> Result<(), Nack> {
        let request = self.request();
        let link = ByteVec::from(link.to_vec());
        self.send(LinkPut {
            request,
            log,
            head,
            link,
        })
        .await;
        self.answer(request).await.map(|_| ())
    }

    /// Follows a stream from a position and returns the heads that the relay names.
    pub(crate) async fn subscribe(&mut self, position: Position) -> Vec<Position> {
        self.send(Sub {
            streams: vec![position],
        })
        .await;
        let Message::Head(Head { streams }) = self.receive().await else {
            panic!("no head")
        };
        streams
    }

    pub(crate) async fn page(&mut self) -> Envelopes {
        loop {
            match self.receive().await {
                Message::Envelopes(page) => return page,
                Message::LogGrew(_) => {}
                other => panic!("no envelopes: {other:?}"),
            }
        }
    }

    /// Whether the relay has nothing more to say: it answers what is asked after it.
    pub(crate) async fn hears_nothing(&mut self) -> bool {
        self.send(almanac_protocol::message::Ping { token: 77 })
            .await;
        matches!(self.receive().await, Message::Pong(pong) if pong.token == 77)
    }
}

pub(crate) fn start(stream: Stream) -> Position {
    Position {
        stream,
        rseq: 0,
        hash: StreamHash::from_bytes([0; 32]),
    }
}

/// The position after these envelopes, as a client computes it.
pub(crate) fn position_after(stream: Stream, envelopes: &[Vec<u8>]) -> Position {
    envelopes
        .iter()
        .fold(start(stream), |position, envelope| Position {
            rseq: position.rseq + 1,
            hash: relay_chain::next(&position.hash, envelope),
            ..position
        })
}
