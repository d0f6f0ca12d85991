//! A stream whose first answer arrives whole, however small the portions in which it came.
//!
//! The WebSocket library takes a head that comes in many small reads for an attack and gives up. A
//! proxy that passes single bytes is slow, not hostile (fault 42).

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::sync::socket::Socket;

/// What ends the head of an HTTP answer (RFC 9112 §2.1).
const END_OF_HEAD: &[u8] = b"\r\n\r\n";

/// Bytes after which nothing is waited for any more: whoever reads decides what they are.
const HEAD_BYTES_MAX: usize = 16 * 1024;

/// Bytes that are asked for at once while the head is not there.
const PORTION_BYTES: usize = 1024;

/// Holds back what comes until a whole head is there, then passes everything on.
pub(super) struct HeadAtOnce {
    inner: Box<dyn Socket>,
    /// What came and was not passed on.
    held: Vec<u8>,
    is_whole: bool,
}

impl HeadAtOnce {
    pub(super) fn new(inner: Box<dyn Socket>) -> Self {
        Self {
            inner,
            held: Vec::new(),
            is_whole: false,
        }
    }

    /// Reads until the head is whole, too long, or nothing more comes.
    fn poll_head(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.is_whole {
            let mut portion = [0; PORTION_BYTES];
            let mut read = ReadBuf::new(&mut portion);
            ready!(Pin::new(&mut self.inner).poll_read(cx, &mut read))?;
            let is_over = read.filled().is_empty();
            let from = self.held.len().saturating_sub(END_OF_HEAD.len() - 1);
            self.held.extend_from_slice(read.filled());
            let fresh = self.held.get(from..).unwrap_or_default();
            let has_end = fresh
                .windows(END_OF_HEAD.len())
                .any(|four| four == END_OF_HEAD);
            self.is_whole = is_over || has_end || self.held.len() >= HEAD_BYTES_MAX;
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for HeadAtOnce {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        ready!(self.poll_head(cx))?;
        if self.held.is_empty() {
            return Pin::new(&mut self.inner).poll_read(cx, buffer);
        }
        let passed = self.held.len().min(buffer.remaining());
        let rest = self.held.split_off(passed);
        buffer.put_slice(&self.held);
        self.held = rest;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for HeadAtOnce {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
    use tokio_tungstenite::client_async;
    use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

    use super::*;

    /// A line that passes one byte at a time, and what stands at its other end.
    fn line() -> (HeadAtOnce, tokio::io::DuplexStream) {
        let (near, far) = duplex(1);
        (HeadAtOnce::new(Box::new(near)), far)
    }

    #[tokio::test]
    async fn a_web_socket_opens_over_single_bytes() {
        let (near, mut far) = line();
        let relay = async {
            let mut request = Vec::new();
            while !request.ends_with(END_OF_HEAD) {
                request.push(far.read_u8().await.unwrap());
            }
            let request = String::from_utf8(request).unwrap();
            let (_, key) = request.split_once("Sec-WebSocket-Key: ").unwrap();
            let key = derive_accept_key(key.lines().next().unwrap().as_bytes());
            let head = format!(
                "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                 Sec-WebSocket-Accept: {key}\r\n\r\n"
            );
            far.write_all(head.as_bytes()).await.unwrap();
        };
        let (opened, ()) = tokio::join!(client_async("ws://relay.invalid/", near), relay);
        assert!(opened.is_ok(), "{:?}", opened.err());
    }

    #[tokio::test]
    async fn what_comes_after_a_head_or_instead_of_one_is_passed_on_as_it_came() {
        for said in ["head\r\n\r\nbody", "no head at all"] {
            let (mut near, mut far) = line();
            let speaking = async {
                far.write_all(said.as_bytes()).await.unwrap();
                drop(far);
            };
            let mut heard = String::new();
            let (read, ()) = tokio::join!(near.read_to_string(&mut heard), speaking);
            read.unwrap();
            assert_eq!(heard, said);
        }
    }

    #[tokio::test]
    async fn a_head_without_end_is_not_waited_for() {
        let (mut near, mut far) = line();
        let speaking = async { while far.write_u8(b'x').await.is_ok() {} };
        let mut heard = vec![0; HEAD_BYTES_MAX];
        let hearing = async move {
            near.read_exact(&mut heard).await.unwrap();
            drop(near);
        };
        tokio::join!(hearing, speaking);
    }
}
