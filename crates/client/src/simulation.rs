//! What surrounds a client, where a simulator decides it: time, randomness, keychain, network.
//!
//! Compiled with the feature `simulation` only, and without effect until a thread is surrounded:
//! what happens on that thread then depends on the simulator alone.

use std::cell::RefCell;
use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

pub use crate::sync::transport::{Broken, Transport};

/// An attempt to reach a relay.
pub type Dialling =
    Pin<Box<dyn Future<Output = std::result::Result<Box<dyn Transport>, Broken>> + Send>>;

/// What a client finds around it.
pub trait Surroundings: Debug {
    /// Milliseconds since 1970 on the clock of the device at work.
    fn now_ms(&self) -> u64;

    /// Random bytes.
    fn fill(&self, buffer: &mut [u8]);

    /// Reaches the relay of this origin.
    fn dial(&self, origin: &str) -> Dialling;

    /// What the keychain of the device at work holds under a name.
    fn secret(&self, name: &str) -> Option<Vec<u8>>;

    /// Keeps a secret in the keychain of the device at work.
    fn keep_secret(&self, name: &str, secret: &[u8]);
}

thread_local! {
    static AROUND: RefCell<Option<Rc<dyn Surroundings>>> = const { RefCell::new(None) };
}

/// Surrounds the clients of this thread, or gives them back to the system.
pub fn surround(around: Option<Rc<dyn Surroundings>>) {
    AROUND.with(|cell| *cell.borrow_mut() = around);
}

pub(crate) fn around() -> Option<Rc<dyn Surroundings>> {
    AROUND.with(|cell| cell.borrow().clone())
}
