//! The WebSocket of a client.

use std::pin::Pin;
use std::task::{Context, Poll};

use almanac_protocol::session::relay::Packet;
use axum::body::Bytes;
use axum::extract::ws::{Message, WebSocket};
use futures_util::{Sink, Stream};

use super::wire::{Broken, Transport};

impl Transport for WebSocket {
    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Broken>> {
        let ready = Sink::<Message>::poll_ready(Pin::new(self), context);
        ready.map_err(|_| Broken)
    }

    fn start_send(&mut self, packet: Packet) -> Result<(), Broken> {
        let bytes = match packet {
            Packet::Own(bytes) => Bytes::from(bytes),
            Packet::Shared(bytes) => Bytes::from_owner(bytes),
        };
        let sent = Sink::start_send(Pin::new(self), Message::Binary(bytes));
        sent.map_err(|_| Broken)
    }

    fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Broken>> {
        let flushed = Sink::<Message>::poll_flush(Pin::new(self), context);
        flushed.map_err(|_| Broken)
    }

    fn poll_receive(&mut self, context: &mut Context<'_>) -> Poll<Result<Bytes, Broken>> {
        loop {
            match std::task::ready!(Pin::new(&mut *self).poll_next(context)) {
                Some(Ok(Message::Binary(bytes))) => return Poll::Ready(Ok(bytes)),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Text(_) | Message::Close(_)) | Err(_)) | None => {
                    return Poll::Ready(Err(Broken));
                }
            }
        }
    }

    fn poll_close(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Broken>> {
        let closed = Sink::<Message>::poll_close(Pin::new(self), context);
        closed.map_err(|_| Broken)
    }
}
