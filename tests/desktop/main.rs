//! The real window, driven as a person would: a display without a screen, a session bus, a real
//! keychain, the built program, and WebKit's own driver.
//!
//! Everything is started by the test itself and ended with it, so plain `cargo test` and any other
//! runner work alike. Pictures of every screen are left in `target/screenshots`.
#![expect(
    clippy::indexing_slicing,
    reason = "everything here is a test; JSON answers Null, not a panic"
)]

mod base64;
mod hand;
mod http;
mod look;
mod month;
mod programs;
mod real_window;
mod session;
mod wait;
mod webdriver;
mod week;
