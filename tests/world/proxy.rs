//! What stands between a device and the relay: a proxy that records every byte.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A recording TCP proxy on loopback.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    recordings: Arc<Mutex<Vec<Recording>>>,
}

type Recording = Arc<Mutex<Vec<u8>>>;

impl Proxy {
    /// Listens on a free port and passes everything on to `to`.
    #[must_use]
    pub fn start(to: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let recordings = Arc::new(Mutex::new(Vec::new()));
        let all = Arc::clone(&recordings);
        std::thread::spawn(move || {
            for near in listener.incoming().map_while(Result::ok) {
                let Ok(far) = TcpStream::connect(("127.0.0.1", to)) else {
                    continue;
                };
                for (from, into) in [(&near, &far), (&far, &near)] {
                    let from = from.try_clone().expect("a socket can be shared");
                    let into = into.try_clone().expect("a socket can be shared");
                    let recording = Recording::default();
                    all.lock()
                        .expect("no recorder panicked")
                        .push(Arc::clone(&recording));
                    std::thread::spawn(move || pass(from, into, &recording));
                }
            }
        });
        Self { port, recordings }
    }

    /// The address to give to a device.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// How many bytes have passed, both ways.
    #[must_use]
    pub fn bytes_passed(&self) -> u64 {
        let recordings = self.recordings.lock().expect("no recorder panicked");
        recordings
            .iter()
            .map(|one| one.lock().expect("no recorder panicked").len() as u64)
            .sum()
    }

    /// Everything that has passed, one recording for each direction of each connection: as it
    /// was, and with the masks of RFC 6455, section 5.3, taken off.
    #[must_use]
    pub fn recorded(&self) -> Vec<Vec<u8>> {
        let recordings = self.recordings.lock().expect("no recorder panicked");
        let bytes = recordings
            .iter()
            .map(|one| one.lock().expect("no recorder panicked").clone());
        bytes.flat_map(|bytes| [unmasked(&bytes), bytes]).collect()
    }
}

fn pass(mut from: TcpStream, mut into: TcpStream, recording: &Mutex<Vec<u8>>) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(read) = from.read(&mut buffer) {
        let bytes = &buffer[..read];
        recording
            .lock()
            .expect("no recorder panicked")
            .extend_from_slice(bytes);
        if read == 0 || into.write_all(bytes).is_err() {
            break;
        }
    }
    // The other side may be gone already.
    let _ = into.shutdown(Shutdown::Write);
}

/// The payloads of the WebSocket frames after the HTTP head, joined.
fn unmasked(bytes: &[u8]) -> Vec<u8> {
    let head = bytes
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .map_or(0, |at| at + 4);
    let mut rest = &bytes[head..];
    let mut payloads = Vec::new();
    while let [_, length, after @ ..] = rest {
        let is_masked = length & 0x80 != 0;
        let (size, after) = match (length & 0x7F, after) {
            (126, [a, b, after @ ..]) => (usize::from(u16::from_be_bytes([*a, *b])), after),
            (127, [a, b, c, d, e, f, g, h, after @ ..]) => {
                let size = u64::from_be_bytes([*a, *b, *c, *d, *e, *f, *g, *h]);
                (usize::try_from(size).unwrap_or(usize::MAX), after)
            }
            (126 | 127, _) => break,
            (size, after) => (usize::from(size), after),
        };
        let (mask, after) = match (is_masked, after) {
            (true, [a, b, c, d, after @ ..]) => ([*a, *b, *c, *d], after),
            (true, _) => break,
            (false, after) => ([0; 4], after),
        };
        let (payload, after) = after.split_at(size.min(after.len()));
        payloads.extend(
            payload
                .iter()
                .zip(mask.iter().cycle())
                .map(|(byte, mask)| byte ^ mask),
        );
        rest = after;
    }
    payloads
}
