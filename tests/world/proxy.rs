//! What stands between a device and the relay: a proxy that records every byte, and on which
//! everything can go wrong that goes wrong on the way.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};

/// A recording TCP proxy on loopback.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    recordings: Arc<Mutex<Vec<Recording>>>,
    line: Arc<Line>,
}

type Recording = Arc<Mutex<Vec<u8>>>;

/// The way a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Towards {
    /// From the device.
    Relay,
    /// From the relay.
    Device,
}

/// What the line does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Weather {
    /// Passes everything on.
    #[default]
    Fair,
    /// Ends each connection after so many bytes one way.
    Cut {
        /// Which way.
        towards: Towards,
        /// Bytes of the connection that are passed on.
        after: usize,
    },
    /// Holds everything back one way after so many bytes, and lets it go when the weather changes.
    Held {
        /// Which way.
        towards: Towards,
        /// Bytes of the connection that are passed on.
        after: usize,
    },
    /// Passes on one byte at a time.
    Trickling,
    /// Passes every message of the relay on twice.
    Doubling,
    /// Takes away that the connection is to become a WebSocket.
    Stripping,
    /// Answers everything with a page to sign in on.
    Portal,
    /// Takes connections and says nothing.
    Dead,
}

#[derive(Debug, Default)]
struct Line {
    sky: Mutex<Sky>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Sky {
    weather: Weather,
    /// Directions of connections that are held back now.
    held: usize,
}

impl Line {
    fn sky(&self) -> MutexGuard<'_, Sky> {
        self.sky.lock().expect("no line panicked")
    }

    /// Waits while the weather stays as it is.
    fn wait_out(&self, weather: Weather) {
        let mut sky = self.sky();
        sky.held += 1;
        self.changed.notify_all();
        let mut sky = self
            .changed
            .wait_while(sky, |sky| sky.weather == weather)
            .expect("no line panicked");
        sky.held -= 1;
    }
}

impl Proxy {
    /// Listens on a free port and passes everything on to `to`.
    #[must_use]
    pub fn start(to: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let recordings = Arc::new(Mutex::new(Vec::new()));
        let line = Arc::new(Line::default());
        let (all, sky) = (Arc::clone(&recordings), Arc::clone(&line));
        std::thread::spawn(move || {
            for near in listener.incoming().map_while(Result::ok) {
                let (all, sky) = (Arc::clone(&all), Arc::clone(&sky));
                std::thread::spawn(move || connect(&near, to, &all, &sky));
            }
        });
        Self {
            port,
            recordings,
            line,
        }
    }

    /// Changes the weather, for connections that are there, too.
    pub fn set(&self, weather: Weather) {
        self.line.sky().weather = weather;
        self.line.changed.notify_all();
    }

    /// Waits until a connection is held back.
    pub fn wait_until_held(&self) {
        let sky = self.line.sky();
        let held = self.line.changed.wait_while(sky, |sky| sky.held == 0);
        drop(held.expect("no line panicked"));
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

fn connect(near: &TcpStream, to: u16, all: &Mutex<Vec<Recording>>, line: &Arc<Line>) {
    let weather = line.sky().weather;
    if weather == Weather::Dead {
        line.wait_out(weather);
        return;
    }
    if weather == Weather::Portal {
        return sign_in(near);
    }
    let Ok(far) = TcpStream::connect(("127.0.0.1", to)) else {
        return;
    };
    for (from, into, towards) in [(near, &far, Towards::Relay), (&far, near, Towards::Device)] {
        let from = from.try_clone().expect("a socket can be shared");
        let into = into.try_clone().expect("a socket can be shared");
        into.set_nodelay(true).expect("a socket takes its options");
        let recording = Recording::default();
        all.lock()
            .expect("no recorder panicked")
            .push(Arc::clone(&recording));
        let way = Way {
            from,
            into,
            towards,
            passed: 0,
            kept: Vec::new(),
            is_past_head: false,
        };
        let line = Arc::clone(line);
        std::thread::spawn(move || way.pass(&recording, &line));
    }
}

/// A page of a network that wants a name first.
fn sign_in(mut near: &TcpStream) {
    let mut request = [0; 4096];
    let page = "<html><body>Please sign in to the hotel network</body></html>";
    let answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\n\r\n{page}",
        page.len()
    );
    // Whoever asked may be gone already.
    let _ = near.read(&mut request);
    let _ = near.write_all(answer.as_bytes());
}

/// One direction of a connection.
struct Way {
    from: TcpStream,
    into: TcpStream,
    towards: Towards,
    passed: usize,
    /// What is not passed on yet, where messages are told apart.
    kept: Vec<u8>,
    is_past_head: bool,
}

impl Way {
    fn pass(mut self, recording: &Mutex<Vec<u8>>, line: &Line) {
        let mut buffer = [0; 16 * 1024];
        while let Ok(read) = self.from.read(&mut buffer) {
            let bytes = &buffer[..read];
            recording
                .lock()
                .expect("no recorder panicked")
                .extend_from_slice(bytes);
            if read == 0 || self.pass_on(bytes, line).is_err() {
                break;
            }
        }
        // The other side may be gone already.
        let _ = self.into.shutdown(Shutdown::Write);
    }

    fn pass_on(&mut self, bytes: &[u8], line: &Line) -> std::io::Result<()> {
        let weather = line.sky().weather;
        match weather {
            Weather::Cut { towards, after } if towards == self.towards => {
                let rest = after.saturating_sub(self.passed);
                if bytes.len() <= rest {
                    return self.write(bytes);
                }
                self.write(&bytes[..rest])?;
                self.from.shutdown(Shutdown::Both)?;
                self.into.shutdown(Shutdown::Both)
            }
            Weather::Held { towards, after } if towards == self.towards => {
                let rest = after.saturating_sub(self.passed).min(bytes.len());
                self.write(&bytes[..rest])?;
                if rest < bytes.len() {
                    line.wait_out(weather);
                }
                self.write(&bytes[rest..])
            }
            Weather::Trickling => bytes.iter().try_for_each(|byte| self.write(&[*byte])),
            Weather::Doubling if self.towards == Towards::Device => self.double(bytes),
            Weather::Stripping if self.towards == Towards::Relay => {
                let text = String::from_utf8_lossy(bytes).into_owned();
                let is_kept = |line: &&str| !line.to_lowercase().starts_with("upgrade:");
                let kept: Vec<&str> = text.split("\r\n").filter(is_kept).collect();
                self.write(kept.join("\r\n").as_bytes())
            }
            Weather::Fair
            | Weather::Cut { .. }
            | Weather::Held { .. }
            | Weather::Doubling
            | Weather::Stripping
            | Weather::Portal
            | Weather::Dead => self.write(bytes),
        }
    }

    /// Passes the head on once and every whole frame after it twice (RFC 6455, section 5.2).
    fn double(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.kept.extend_from_slice(bytes);
        if !self.is_past_head {
            let Some(at) = self.kept.windows(4).position(|four| four == b"\r\n\r\n") else {
                return Ok(());
            };
            let head: Vec<u8> = self.kept.drain(..at + 4).collect();
            self.is_past_head = true;
            self.write(&head)?;
        }
        while let Some(len) = frame_len(&self.kept).filter(|len| *len <= self.kept.len()) {
            let frame: Vec<u8> = self.kept.drain(..len).collect();
            self.write(&frame)?;
            self.write(&frame)?;
        }
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.passed += bytes.len();
        self.into.write_all(bytes)
    }
}

/// Length of the unmasked frame that begins here, head included.
fn frame_len(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [_, 127, length @ ..] => {
            let length: [u8; 8] = length.get(..8)?.try_into().ok()?;
            Some(10 + usize::try_from(u64::from_be_bytes(length)).ok()?)
        }
        [_, 126, a, b, ..] => Some(4 + usize::from(u16::from_be_bytes([*a, *b]))),
        [_, 126, ..] | [_] | [] => None,
        [_, length, ..] => Some(2 + usize::from(*length)),
    }
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
