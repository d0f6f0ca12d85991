//! One connection to a relay: whatever carries its messages, with the client's session on top.
//!
//! Invariant: [`Connection::next_event`] may be dropped at any await without losing a message in
//! either direction.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use almanac_protocol::ids::{AccountId, DeviceId};
use almanac_protocol::session::client::{Caller, ClientSession, Event, Output};
use tokio::time::{Sleep, sleep_until, timeout};

use crate::client::Client;
use crate::clock;
use crate::contacts::ContactReason;
use crate::entropy;
use crate::error::{Error, ErrorCode, Result};
use crate::ledger::recorder::Recorder;
use crate::sync::address::RelayAddress;
use crate::sync::socket;

/// How long reaching a relay may take.
const CONNECT_WAIT: std::time::Duration = std::time::Duration::from_secs(10);

/// Nothing more comes or goes here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    not(feature = "simulation"),
    expect(unreachable_pub, reason = "a simulator brings its own")
)]
pub struct Broken;

/// What carries messages to a relay and back, whole and in order.
#[cfg_attr(
    not(feature = "simulation"),
    expect(unreachable_pub, reason = "a simulator brings its own")
)]
pub trait Transport: Send {
    /// Whether it takes another message now.
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<std::result::Result<(), Broken>>;

    /// Takes a message; only after it was ready.
    fn start_send(&mut self, message: Vec<u8>) -> std::result::Result<(), Broken>;

    /// Sends what it has taken.
    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<std::result::Result<(), Broken>>;

    /// The next message of the relay.
    fn poll_receive(&mut self, cx: &mut Context<'_>) -> Poll<std::result::Result<Vec<u8>, Broken>>;
}

/// A connection to a relay.
pub(crate) struct Connection {
    transport: Box<dyn Transport>,
    unsent: VecDeque<Vec<u8>>,
    /// What is said and heard here, for the privacy ledger.
    recorder: Recorder,
    /// Who called, as HELLO said it: part of what is signed.
    pub(crate) caller: Caller,
    /// What the relay has challenged this connection with; zeros before.
    pub(crate) relay_nonce: [u8; 32],
    /// The state of the conversation.
    pub(crate) session: ClientSession,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("session", &self.session)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Reaches the relay as this device.
    pub(crate) async fn connect(
        &self,
        relay: &RelayAddress,
        reason: ContactReason,
    ) -> Result<Connection> {
        let identity = self.identity();
        let recorder = Recorder::begin(self, relay.origin(), reason)?;
        Connection::open(relay, Some((identity.account, identity.device)), recorder).await
    }
}

impl Connection {
    /// Reaches the relay and says HELLO, and records what goes on there.
    pub(crate) async fn open(
        relay: &RelayAddress,
        identity: Option<(AccountId, DeviceId)>,
        recorder: Recorder,
    ) -> Result<Self> {
        let transport = timeout(CONNECT_WAIT, reach(relay))
            .await
            .map_err(|_| socket::unreachable(relay))??;
        let caller = Caller {
            origin: relay.origin(),
            client_nonce: entropy::bytes(),
            identity,
        };
        let session = ClientSession::new(clock::elapsed(), &caller);
        Ok(Self {
            transport,
            unsent: VecDeque::new(),
            recorder,
            caller,
            relay_nonce: [0; 32],
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
            self.recorder.write_if_due();
            let mut alarm = pin!(sleep_until(deadline.into()));
            let step = poll_fn(|cx| self.poll_step(cx, alarm.as_mut())).await;
            match step.map_err(|Broken| interrupted())? {
                Some(message) => {
                    self.recorder.received(&message);
                    self.session.handle_message(clock::elapsed(), &message);
                }
                None => self.session.handle_timeout(clock::elapsed()),
            }
        }
    }

    /// Sends what is queued and closes; gives what was recorded.
    pub(crate) async fn close(mut self) -> Recorder {
        self.session.leave();
        while let Output::Send(bytes) = self.session.poll_output() {
            self.unsent.push_back(bytes);
        }
        let farewell = poll_fn(|cx| self.poll_flush(cx));
        // The relay may be gone already: nothing depends on the farewell.
        let _ = timeout(std::time::Duration::from_secs(1), farewell).await;
        self.recorder
    }

    /// One message, or `None` when the alarm rang.
    fn poll_step(
        &mut self,
        cx: &mut Context<'_>,
        alarm: Pin<&mut Sleep>,
    ) -> Poll<std::result::Result<Option<Vec<u8>>, Broken>> {
        if let Poll::Ready(Err(broken)) = self.poll_flush(cx) {
            return Poll::Ready(Err(broken));
        }
        match self.transport.poll_receive(cx) {
            Poll::Ready(received) => Poll::Ready(received.map(Some)),
            Poll::Pending => std::future::Future::poll(alarm, cx).map(|()| Ok(None)),
        }
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<std::result::Result<(), Broken>> {
        while !self.unsent.is_empty() {
            std::task::ready!(self.transport.poll_ready(cx))?;
            if let Some(bytes) = self.unsent.pop_front() {
                self.recorder.sent(&bytes);
                self.transport.start_send(bytes)?;
            }
        }
        self.transport.poll_flush(cx)
    }
}

async fn reach(relay: &RelayAddress) -> Result<Box<dyn Transport>> {
    #[cfg(feature = "simulation")]
    if let Some(dialling) = crate::simulation::around().map(|around| around.dial(&relay.origin())) {
        return dialling.await.map_err(|Broken| socket::unreachable(relay));
    }
    Ok(Box::new(socket::connect(relay).await?))
}

/// The connection broke, or the relay stopped speaking the protocol.
pub(crate) fn interrupted() -> Error {
    Error::new(
        ErrorCode::RelayUnreachable,
        "The connection to the relay broke off. Everything is saved on this device and will be \
         sent again.",
    )
}
