//! One connection: two queues of whole messages, and the weather on the way.
//!
//! Messages stay in order, as TCP keeps them, unless the weather says otherwise: then whoever
//! stands between the two ends doubles, swaps, bends or repeats them.

use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use almanac_client::simulation as client;
use almanac_protocol::session::relay::Packet;
use almanac_relay::simulation as relay;
use axum::body::Bytes;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::chance::Chance;
use crate::traffic::Traffic;
use crate::weather::Weather;

/// Messages that one direction holds before its sender has to wait.
const ROOM: usize = 64;
/// Messages that may come back from long ago.
const MEMORY: usize = 32;

/// Which way a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// From the device to the relay.
    Up,
    /// From the relay to the device.
    Down,
}

/// What stands between a device and a relay.
#[derive(Clone)]
pub(crate) struct Link(Arc<Mutex<Middle>>);

struct Middle {
    up: Queue,
    down: Queue,
    weather: Weather,
    chance: Chance,
    is_cut: bool,
    traffic: Arc<Mutex<Traffic>>,
}

#[derive(Default)]
struct Queue {
    messages: VecDeque<(Instant, Vec<u8>)>,
    before: VecDeque<Vec<u8>>,
    is_closed: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link").finish_non_exhaustive()
    }
}

impl Link {
    /// A new connection and its two ends.
    pub(crate) fn new(
        weather: Weather,
        chance: Chance,
        traffic: Arc<Mutex<Traffic>>,
    ) -> (Self, DeviceEnd, RelayEnd) {
        let link = Self(Arc::new(Mutex::new(Middle {
            up: Queue::default(),
            down: Queue::default(),
            weather,
            chance,
            is_cut: false,
            traffic,
        })));
        let device = DeviceEnd(End::new(link.clone(), Way::Down));
        let relay = RelayEnd(End::new(link.clone(), Way::Up));
        (link, device, relay)
    }

    /// Breaks it: what was on the way is lost, and both ends are told.
    pub(crate) fn cut(&self) {
        self.lock().cut();
    }

    /// Whether nobody uses it any more.
    pub(crate) fn is_over(&self) -> bool {
        let middle = self.lock();
        middle.is_cut || (middle.up.is_closed && middle.down.is_closed)
    }

    /// From now on, what is sent goes through this weather.
    pub(crate) fn set_weather(&self, weather: &Weather) {
        let mut middle = self.lock();
        middle.weather = weather.clone();
        middle.up.wake();
        middle.down.wake();
    }

    fn lock(&self) -> MutexGuard<'_, Middle> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Middle {
    fn queue(&mut self, way: Way) -> &mut Queue {
        match way {
            Way::Up => &mut self.up,
            Way::Down => &mut self.down,
        }
    }

    fn cut(&mut self) {
        self.is_cut = true;
        for queue in [&mut self.up, &mut self.down] {
            queue.messages.clear();
            queue.wake();
        }
    }

    fn send(&mut self, way: Way, message: Vec<u8>) {
        self.traffic
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .note(way, &message);
        if message.len() > self.weather.bytes_max {
            return self.cut();
        }
        if let Some(left) = &mut self.weather.fuse {
            if *left == 0 {
                return self.cut();
            }
            *left -= 1;
        }
        if self.weather.is_silent {
            return;
        }
        let weather = self.weather.clone();
        let message = if way == Way::Down && self.chance.happens(weather.bent) {
            self.bend(message)
        } else {
            message
        };
        let twice = self.chance.happens(weather.doubled);
        let at = self.arrival(way, &weather);
        let swaps = self.chance.happens(weather.swapped);
        let late = self.chance.happens(weather.late).then(|| {
            let place = self.chance.number();
            let before = &self.queue(way).before;
            let len = u64::try_from(before.len()).unwrap_or(1).max(1);
            usize::try_from(place % len)
                .ok()
                .and_then(|place| before.get(place).cloned())
        });
        let queue = self.queue(way);
        queue.remember(&message);
        if let Some(late) = late.flatten() {
            queue.messages.push_back((at, late));
        }
        if twice {
            queue.messages.push_back((at, message.clone()));
        }
        match queue.messages.back_mut() {
            Some((_, last)) if swaps => {
                let before = std::mem::replace(last, message);
                queue.messages.push_back((at, before));
            }
            Some(_) | None => queue.messages.push_back((at, message)),
        }
        queue.wake();
    }

    /// When a message sent now arrives: never before the one sent before it.
    fn arrival(&mut self, way: Way, weather: &Weather) -> Instant {
        let chosen = self.chance.number();
        let mut at = Instant::now() + weather.delay(chosen);
        if weather.gathers_ms > 0 {
            at += Duration::from_millis(weather.gathers_ms - chosen % weather.gathers_ms);
        }
        let last = self.queue(way).messages.back().map(|(at, _)| *at);
        last.map_or(at, |last| at.max(last))
    }

    fn bend(&mut self, mut message: Vec<u8>) -> Vec<u8> {
        let (place, bit) = (self.chance.index(message.len()), self.chance.below(8));
        if let Some(byte) = message.get_mut(place) {
            *byte ^= 1 << bit;
        }
        message
    }
}

impl Queue {
    fn wake(&mut self) {
        for waker in [self.reader.take(), self.writer.take()]
            .into_iter()
            .flatten()
        {
            waker.wake();
        }
    }

    fn remember(&mut self, message: &[u8]) {
        if self.before.len() == MEMORY {
            self.before.pop_front();
        }
        self.before.push_back(message.to_vec());
    }
}

/// One end: reads one queue, writes the other.
struct End {
    link: Link,
    reads: Way,
    alarm: Option<Pin<Box<Sleep>>>,
}

struct Cut;

impl End {
    fn new(link: Link, reads: Way) -> Self {
        Self {
            link,
            reads,
            alarm: None,
        }
    }

    fn writes(&self) -> Way {
        match self.reads {
            Way::Up => Way::Down,
            Way::Down => Way::Up,
        }
    }

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Cut>> {
        let way = self.writes();
        let mut middle = self.link.lock();
        if middle.is_cut || middle.queue(self.reads).is_closed {
            return Poll::Ready(Err(Cut));
        }
        let queue = middle.queue(way);
        if queue.messages.len() >= ROOM {
            queue.writer = Some(context.waker().clone());
            return Poll::Pending;
        }
        Poll::Ready(Ok(()))
    }

    fn send(&mut self, message: Vec<u8>) -> Result<(), Cut> {
        let way = self.writes();
        let mut middle = self.link.lock();
        if middle.is_cut {
            return Err(Cut);
        }
        middle.send(way, message);
        Ok(())
    }

    fn poll_receive(&mut self, context: &mut Context<'_>) -> Poll<Result<Vec<u8>, Cut>> {
        loop {
            let mut middle = self.link.lock();
            if middle.is_cut {
                return Poll::Ready(Err(Cut));
            }
            let is_wedged = self.reads == Way::Down && middle.weather.is_wedged;
            let queue = middle.queue(self.reads);
            queue.reader = Some(context.waker().clone());
            if is_wedged {
                return Poll::Pending;
            }
            let Some((at, _)) = queue.messages.front() else {
                return if queue.is_closed {
                    Poll::Ready(Err(Cut))
                } else {
                    Poll::Pending
                };
            };
            let at = *at;
            if at <= Instant::now()
                && let Some((_, message)) = queue.messages.pop_front()
            {
                if let Some(writer) = queue.writer.take() {
                    writer.wake();
                }
                return Poll::Ready(Ok(message));
            }
            drop(middle);
            let alarm = self.alarm.get_or_insert_with(|| Box::pin(sleep_until(at)));
            alarm.as_mut().reset(at);
            std::task::ready!(alarm.as_mut().poll(context));
        }
    }
}

impl Drop for End {
    fn drop(&mut self) {
        let (reads, writes) = (self.reads, self.writes());
        let mut middle = self.link.lock();
        middle.queue(writes).is_closed = true;
        let read = middle.queue(reads);
        read.messages.clear();
        read.is_closed = true;
        middle.up.wake();
        middle.down.wake();
    }
}

/// The end that a device holds.
pub(crate) struct DeviceEnd(End);

impl client::Transport for DeviceEnd {
    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), client::Broken>> {
        self.0.poll_ready(context).map_err(|Cut| client::Broken)
    }

    fn start_send(&mut self, message: Vec<u8>) -> Result<(), client::Broken> {
        self.0.send(message).map_err(|Cut| client::Broken)
    }

    fn poll_flush(&mut self, _: &mut Context<'_>) -> Poll<Result<(), client::Broken>> {
        Poll::Ready(Ok(()))
    }

    fn poll_receive(&mut self, context: &mut Context<'_>) -> Poll<Result<Vec<u8>, client::Broken>> {
        self.0.poll_receive(context).map_err(|Cut| client::Broken)
    }
}

/// The end that a relay holds.
pub(crate) struct RelayEnd(End);

impl relay::Transport for RelayEnd {
    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), relay::Broken>> {
        self.0.poll_ready(context).map_err(|Cut| relay::Broken)
    }

    fn start_send(&mut self, packet: Packet) -> Result<(), relay::Broken> {
        let message = packet.as_ref().to_vec();
        self.0.send(message).map_err(|Cut| relay::Broken)
    }

    fn poll_flush(&mut self, _: &mut Context<'_>) -> Poll<Result<(), relay::Broken>> {
        Poll::Ready(Ok(()))
    }

    fn poll_receive(&mut self, context: &mut Context<'_>) -> Poll<Result<Bytes, relay::Broken>> {
        let received = self.0.poll_receive(context);
        received.map(|received| received.map(Bytes::from).map_err(|Cut| relay::Broken))
    }

    fn poll_close(&mut self, _: &mut Context<'_>) -> Poll<Result<(), relay::Broken>> {
        Poll::Ready(Ok(()))
    }
}
