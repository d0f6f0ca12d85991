//! Ports that stay one's own, also while nothing listens on them.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU16, Ordering};

/// The ports to choose from: below those that systems give to whoever asks for any port (32,768 and up
/// on Linux, 49,152 and up elsewhere), above those that well-known services have.
const FIRST: u16 = 12_000;
const COUNT: u16 = 20_000;

/// A free port of loopback for a server that is stopped and started again at the same address.
///
/// The system never hands it to another program that asks for any port or calls somebody, so it is
/// still free when the server comes back, however busy the machine is. Tests that run at the same
/// time are processes of their own and begin to look at different ports.
///
/// # Panics
///
/// When each of the ports is taken.
#[must_use]
pub fn steady_port() -> u16 {
    static ASKED: AtomicU16 = AtomicU16::new(0);
    let own = u16::try_from(std::process::id() % u32::from(COUNT)).expect("less than the count");
    let mut offsets = (0..COUNT).map(|_| {
        // Far from the next processes, whose numbers are mostly one higher each.
        let asked = ASKED.fetch_add(1, Ordering::Relaxed);
        (u32::from(own) + u32::from(asked) * 617) % u32::from(COUNT)
    });
    offsets
        .find_map(|offset| {
            let port = FIRST + u16::try_from(offset).expect("less than the count");
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port));
            listener.is_ok().then_some(port)
        })
        .expect("a free port of loopback")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_port_is_free_and_not_one_that_systems_give_away() {
        let held = TcpListener::bind((Ipv4Addr::LOCALHOST, steady_port())).expect("it is free");
        let taken = held.local_addr().expect("its number").port();
        let next = steady_port();
        assert_ne!(next, taken);
        assert!((1024..32_768).contains(&next), "{next}");
    }
}
