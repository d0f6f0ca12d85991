//! Stories in the real window.

mod checks;
mod first_week;
mod linking;
mod lock;
mod second_device;
mod sharing;
