//! What clients and relays of one world find around them: time, randomness, keychains, network.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use almanac_client::simulation::{self as client, Broken, Dialling, Transport};
use almanac_relay::simulation as relay;
use tokio::time::{Instant, sleep};

use crate::chance::Chance;
use crate::link::Link;
use crate::relays::Serving;
use crate::traffic::Traffic;
use crate::weather::Weather;

/// Where every world begins: 23 November 2026, 08:00 UTC.
const BEGIN_MS: i64 = 1_795_420_800_000;

/// A keychain: secrets by name.
pub(crate) type Keychain = BTreeMap<String, Vec<u8>>;

/// What belongs to one device, whatever becomes of its profile.
struct Place {
    chance: Chance,
    keychain: Keychain,
    clock_off_ms: i64,
    weather: Weather,
    links: Vec<Link>,
}

/// One world's surroundings.
pub(crate) struct Around {
    seed: u64,
    began: Instant,
    at_work: Cell<usize>,
    places: RefCell<Vec<Place>>,
    relays: RefCell<Vec<Option<Rc<Serving>>>>,
    relay_chance: RefCell<Chance>,
    links: Cell<u64>,
    traffic: Arc<Mutex<Traffic>>,
}

impl fmt::Debug for Around {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Around").field("seed", &self.seed).finish()
    }
}

impl Around {
    /// The surroundings of the world of a seed; clients and relays of this thread live in them.
    pub(crate) fn enter(seed: u64) -> Rc<Self> {
        let around = Rc::new(Self {
            seed,
            began: Instant::now(),
            at_work: Cell::new(0),
            places: RefCell::default(),
            relays: RefCell::default(),
            relay_chance: RefCell::new(Chance::new(seed, "relay", 0)),
            links: Cell::new(0),
            traffic: Arc::default(),
        });
        client::surround(Some(around.clone()));
        relay::surround(Some(around.clone()));
        around
    }

    /// Gives the thread back to the system.
    pub(crate) fn leave() {
        client::surround(None);
        relay::surround(None);
    }

    /// A stream of chance for a purpose.
    pub(crate) fn chance(&self, purpose: &str, number: u64) -> Chance {
        Chance::new(self.seed, purpose, number)
    }

    /// A new place for a device.
    pub(crate) fn add_place(&self, keychain: Keychain) -> usize {
        let mut places = self.places.borrow_mut();
        let number = places.len();
        places.push(Place {
            chance: Chance::new(self.seed, "device", u64::try_from(number).unwrap_or(0)),
            keychain,
            clock_off_ms: 0,
            weather: Weather::default(),
            links: Vec::new(),
        });
        number
    }

    /// Does something as a device.
    pub(crate) fn at<T>(&self, device: usize, work: impl FnOnce() -> T) -> T {
        let before = self.at_work.replace(device);
        let value = work();
        self.at_work.set(before);
        value
    }

    /// Does something that takes a while as a device.
    pub(crate) fn during<F: Future>(self: &Rc<Self>, device: usize, work: F) -> During<F> {
        During {
            around: self.clone(),
            device,
            work: Box::pin(work),
        }
    }

    pub(crate) fn keychain(&self, device: usize) -> Keychain {
        self.with(device, |place| place.keychain.clone())
    }

    /// Sets a device's clock off by so much.
    pub(crate) fn set_clock(&self, device: usize, off_ms: i64) {
        self.with(device, |place| place.clock_off_ms = off_ms);
    }

    /// Changes the weather around a device, for what it is connected to now as well.
    pub(crate) fn set_weather(&self, device: usize, change: impl FnOnce(&mut Weather)) {
        self.with(device, |place| {
            change(&mut place.weather);
            place.links.retain(|link| !link.is_over());
            for link in &place.links {
                link.set_weather(&place.weather);
            }
        });
    }

    /// Breaks whatever connects a device.
    pub(crate) fn cut(&self, device: usize) {
        let links = self.with(device, |place| std::mem::take(&mut place.links));
        for link in links {
            link.cut();
        }
    }

    /// Breaks whatever connects anyone.
    pub(crate) fn cut_all(&self) {
        let devices = self.places.borrow().len();
        (0..devices).for_each(|device| self.cut(device));
    }

    /// Notes which relay answers under a number; `None`: it is down.
    pub(crate) fn set_relay(&self, number: usize, serving: Option<Rc<Serving>>) {
        let mut relays = self.relays.borrow_mut();
        if relays.len() <= number {
            relays.resize(number + 1, None);
        }
        if let Some(relay) = relays.get_mut(number) {
            *relay = serving;
        }
    }

    pub(crate) fn traffic(&self) -> MutexGuard<'_, Traffic> {
        self.traffic.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn elapsed_ms(&self) -> i64 {
        i64::try_from(self.began.elapsed().as_millis()).unwrap_or(0)
    }

    fn with<T>(&self, device: usize, work: impl FnOnce(&mut Place) -> T) -> T {
        let mut places = self.places.borrow_mut();
        work(places.get_mut(device).expect("every device has its place"))
    }
}

impl client::Surroundings for Around {
    fn now_ms(&self) -> u64 {
        let off = self.with(self.at_work.get(), |place| place.clock_off_ms);
        u64::try_from(BEGIN_MS + self.elapsed_ms() + off).unwrap_or(0)
    }

    fn fill(&self, buffer: &mut [u8]) {
        self.with(self.at_work.get(), |place| place.chance.fill(buffer));
    }

    fn dial(&self, _origin: &str) -> Dialling {
        let number = self.links.replace(self.links.get() + 1);
        let mut chance = self.chance("link", number);
        let device = self.at_work.get();
        let weather = self.with(device, |place| place.weather.clone());
        let wait = Duration::from_millis(1 + chance.below(4));
        let relays = self.relays.borrow();
        let serving = relays.get(weather.relay).cloned().flatten();
        let reached: Result<Box<dyn Transport>, Broken> = match serving {
            Some(serving) if weather.reachable => {
                let (link, device_end, relay_end) =
                    Link::new(weather, chance, self.traffic.clone());
                serving.accept(Box::new(relay_end));
                self.with(device, |place| place.links.push(link));
                Ok(Box::new(device_end))
            }
            Some(_) | None => Err(Broken),
        };
        Box::pin(async move {
            sleep(wait).await;
            reached
        })
    }

    fn secret(&self, name: &str) -> Option<Vec<u8>> {
        self.with(self.at_work.get(), |place| {
            place.keychain.get(name).cloned()
        })
    }

    fn keep_secret(&self, name: &str, secret: &[u8]) {
        self.with(self.at_work.get(), |place| {
            place.keychain.insert(name.to_owned(), secret.to_vec());
        });
    }
}

impl relay::Surroundings for Around {
    fn now_ms(&self) -> i64 {
        BEGIN_MS + self.elapsed_ms()
    }

    fn fill(&self, buffer: &mut [u8]) {
        self.relay_chance.borrow_mut().fill(buffer);
    }
}

/// A future that runs as a device.
pub(crate) struct During<F> {
    around: Rc<Around>,
    device: usize,
    work: Pin<Box<F>>,
}

impl<F: Future> Future for During<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let (around, device) = (self.around.clone(), self.device);
        around.at(device, || self.work.as_mut().poll(context))
    }
}
