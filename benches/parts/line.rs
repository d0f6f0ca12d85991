//! A line between a device and a relay, over loopback: it counts what passes each way and, where
//! asked, is long, so that the round trips of a conversation show in its time.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use anyhow::Result;

/// A line that listens.
#[derive(Debug)]
pub struct Line {
    near: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    passed: [AtomicU64; 2],
    delay_ms: AtomicU64,
}

/// Bytes without the headers of TCP and IP.
#[derive(Debug, Clone, Copy)]
pub struct Passed {
    /// From the device to the relay.
    pub up: u64,
    /// From the relay to the device.
    pub down: u64,
}

impl Line {
    /// A short line to `far`.
    pub fn to(far: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let near = listener.local_addr()?;
        let shared = Arc::new(Shared::default());
        let all = Arc::clone(&shared);
        std::thread::spawn(move || {
            for near in listener.incoming().map_while(Result::ok) {
                // A device whose relay is gone finds its own connection closed.
                let _ = join(&near, far, &all);
            }
        });
        Ok(Self { near, shared })
    }

    /// Makes it so long that a byte takes this many milliseconds each way.
    pub fn set_delay_ms(&self, delay_ms: u64) {
        self.shared.delay_ms.store(delay_ms, Ordering::Release);
    }

    /// The address to give to a device.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.near)
    }

    /// What has passed so far.
    #[must_use]
    pub fn passed(&self) -> Passed {
        let [up, down] = &self.shared.passed;
        Passed {
            up: up.load(Ordering::Acquire),
            down: down.load(Ordering::Acquire),
        }
    }

    /// What has passed since an earlier count.
    #[must_use]
    pub fn passed_since(&self, before: Passed) -> Passed {
        let now = self.passed();
        Passed {
            up: now.up - before.up,
            down: now.down - before.down,
        }
    }
}

impl Passed {
    /// Both ways together.
    #[must_use]
    pub const fn total(self) -> u64 {
        self.up + self.down
    }
}

fn join(near: &TcpStream, far: SocketAddr, shared: &Arc<Shared>) -> Result<()> {
    let far = TcpStream::connect(far)?;
    near.set_nodelay(true)?;
    far.set_nodelay(true)?;
    for (way, (from, into)) in [(near, &far), (&far, near)].into_iter().enumerate() {
        let (from, into) = (from.try_clone()?, into.try_clone()?);
        let shared = Arc::clone(shared);
        let (put, take) = channel();
        std::thread::spawn(move || carry(&take, into));
        std::thread::spawn(move || {
            let mut from = from;
            let mut buffer = [0; 64 * 1024];
            while let Ok(read) = from.read(&mut buffer) {
                let bytes = buffer.get(..read).unwrap_or_default();
                if let Some(count) = shared.passed.get(way) {
                    count.fetch_add(bytes.len() as u64, Ordering::AcqRel);
                }
                let delay = Duration::from_millis(shared.delay_ms.load(Ordering::Acquire));
                if read == 0 || put.send((Instant::now() + delay, bytes.to_vec())).is_err() {
                    break;
                }
            }
        });
    }
    Ok(())
}

fn carry(take: &Receiver<(Instant, Vec<u8>)>, mut into: TcpStream) {
    for (due, bytes) in take {
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        if into.write_all(&bytes).is_err() {
            break;
        }
    }
    // The other side may be gone already.
    let _ = into.shutdown(Shutdown::Write);
}
