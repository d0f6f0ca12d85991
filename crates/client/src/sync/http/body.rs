//! What comes in on a connection of HTTP: lines, then a body in one of three forms.

use tokio::io::AsyncReadExt;
use tokio::time::timeout;

use super::WAIT;
use crate::sync::socket::Socket;

/// Bytes of one line.
const LINE_BYTES_MAX: usize = 8 * 1024;
/// Lines after the last chunk.
const TRAILERS_MAX: usize = 100;
/// Bytes that are read at once.
const PART_BYTES: usize = 64 * 1024;

/// How the end of a body is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Body {
    /// By its length.
    Length(usize),
    /// By an empty chunk (RFC 9112, 7.1).
    Chunked,
    /// By the end of the connection.
    UntilClosed,
}

/// How reading a body ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// All of it came.
    Whole,
    /// The connection broke; what came is there.
    Broken,
    /// There is more than may be.
    TooMuch,
}

/// A connection, and what has come on it and was not looked at yet.
pub(super) struct Incoming {
    pub(super) socket: Box<dyn Socket>,
    waiting: Vec<u8>,
}

impl From<Box<dyn Socket>> for Incoming {
    fn from(socket: Box<dyn Socket>) -> Self {
        Self {
            socket,
            waiting: Vec::new(),
        }
    }
}

impl Incoming {
    /// The next line without its end; `None` where none comes.
    pub(super) async fn line(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.waiting.windows(2).position(|two| two == b"\r\n") {
                let line: Vec<u8> = self.waiting.drain(..end + 2).take(end).collect();
                return String::from_utf8(line).ok();
            }
            if self.waiting.len() > LINE_BYTES_MAX || !self.fill().await {
                return None;
            }
        }
    }

    /// Appends a body to `bytes`, which grow to `bytes_max` at most.
    pub(super) async fn read(
        &mut self,
        body: Body,
        bytes: &mut Vec<u8>,
        bytes_max: usize,
    ) -> Ended {
        let room = |bytes: &Vec<u8>| bytes_max.saturating_sub(bytes.len());
        match body {
            Body::Length(length) if length > room(bytes) => Ended::TooMuch,
            Body::Length(length) => self.take(length, bytes).await,
            Body::Chunked => loop {
                let Some(length) = self.chunk_length().await else {
                    return Ended::Broken;
                };
                if length == 0 {
                    return self.skip_trailers().await;
                }
                if length > room(bytes) {
                    return Ended::TooMuch;
                }
                if self.take(length, bytes).await != Ended::Whole
                    || self.line().await.as_deref() != Some("")
                {
                    return Ended::Broken;
                }
            },
            Body::UntilClosed => loop {
                if self.waiting.len() > room(bytes) {
                    return Ended::TooMuch;
                }
                bytes.append(&mut self.waiting);
                if !self.fill().await {
                    return Ended::Whole;
                }
            },
        }
    }

    async fn take(&mut self, count: usize, bytes: &mut Vec<u8>) -> Ended {
        let mut left = count;
        loop {
            let here = left.min(self.waiting.len());
            bytes.extend(self.waiting.drain(..here));
            left -= here;
            if left == 0 {
                return Ended::Whole;
            }
            if !self.fill().await {
                return Ended::Broken;
            }
        }
    }

    async fn chunk_length(&mut self) -> Option<usize> {
        let line = self.line().await?;
        let digits = line.split(';').next()?.trim();
        usize::from_str_radix(digits, 16).ok()
    }

    async fn skip_trailers(&mut self) -> Ended {
        for _ in 0..TRAILERS_MAX {
            match self.line().await {
                Some(line) if line.is_empty() => return Ended::Whole,
                Some(_) => {}
                None => break,
            }
        }
        Ended::Broken
    }

    /// Waits for more; false when the connection has ended or says nothing.
    async fn fill(&mut self) -> bool {
        let before = self.waiting.len();
        self.waiting.resize(before + PART_BYTES, 0);
        let read = match self.waiting.get_mut(before..) {
            Some(room) => timeout(WAIT, self.socket.read(room)).await,
            None => Ok(Ok(0)),
        };
        let read = read.ok().and_then(Result::ok).unwrap_or_default();
        self.waiting.truncate(before + read);
        read > 0
    }
}
